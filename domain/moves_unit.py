"""Moves inside the unit: who of it handles the case, its own inner limit, stages done."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

from domain import clock as clocks_
from domain.calendar import Limit, Unit
from domain.clock import ClockKind, Outcome
from domain.facts import Task
from domain.move import Move
from domain.moves_department import person_of
from domain.moves_extension import HOUR, MOST_HOURS, too_long
from domain.stages import stop_stage
from domain.terms import Action, TaskState
from domain.turn import Turn
from domain.why import Because, Why

LEAST_INNER = timedelta(minutes=1)


def _task(turn: Turn) -> Task:
    """The unit's turn.

    Raises:
        RefusedError: No unit holds the case.
    """
    task = turn.case.task
    if task is None:
        turn.not_now(Because.NO_ROUND_BEFORE)
    return task


def assign(turn: Turn) -> None:
    """T17: a sub-unit or a person of the unit takes it on; the last assignment counts."""
    case, step, book = turn.case, turn.step, turn.book
    if not (step.person or step.sub_unit):
        turn.refuse(Why.NEEDS_FIELD, field="assignee")
    if step.sub_unit and book.units.get(step.sub_unit) != case.unit:
        turn.refuse(Why.UNKNOWN_CODE, field="sub_unit", value=step.sub_unit)
    if step.person:
        person_of(turn, step.person, step.sub_unit or case.unit)
    owner = f"person:{step.person}" if step.person else f"unit:{step.sub_unit}"
    _inner_limit(turn, owner)
    turn.put_task(replace(_task(turn), person=step.person, sub_unit=step.sub_unit))
    turn.patch = replace(turn.patch, person=step.person)
    turn.notify = (owner,)


def _inner_limit(turn: Turn, owner: str) -> None:
    """The unit's own limit inside `handle`: named in hours, or a share of what is left (◆).

    It warns and does nothing else. Where nothing is left, there is none.
    """
    handle, hours = turn.running(ClockKind.HANDLE), turn.step.amount
    turn.stop(ClockKind.INNER, Outcome.VOID)
    if handle is None:
        return
    left = clocks_.remaining(handle, turn.at, turn.book.calendars)
    amount = left * turn.flow.inner_share
    if hours:
        if not hours > 0:
            turn.refuse(Why.NEEDS_FIELD, field="amount")
        amount = timedelta(hours=min(hours, MOST_HOURS))
        if amount > left:
            most = max(left, timedelta(0))
            too_long(turn, "left", most, continuous=handle.continuous)
    if amount < LEAST_INNER:
        return
    unit = Unit.URGENT_HOUR if handle.continuous else Unit.WORK_HOUR
    limit = Limit(value=amount / HOUR, unit=unit)
    clock = replace(turn.start(ClockKind.INNER, limit, owner=owner), calendar=handle.calendar)
    if handle.paused:
        clock = clocks_.pause(clock, turn.at, handle.pauses[-1].reason)
    turn.put(clock)


def can_mark_stage(turn: Turn) -> None:
    """T17, T18: a stage of the condition is not done yet."""
    done = _task(turn).stages
    if all(one.key in done for one in turn.condition.stages):
        turn.not_now(Because.NO_STAGE_LEFT)


def mark_stage(turn: Turn) -> None:
    """T17: a stage is done; T18: the first one says that handling has begun."""
    task, key = _task(turn), turn.step.stage
    if not key:
        turn.refuse(Why.NEEDS_FIELD, field="stage")
    if all(one.key != key for one in turn.condition.stages):
        turn.refuse(Why.UNKNOWN_CODE, field="stage", value=key)
    if key in task.stages:
        turn.refuse(Why.ALREADY, what="stage")
    stop_stage(turn, key)
    task = replace(task, stages=(*task.stages, key))
    if task.state is not TaskState.HANDLING:
        person = turn.actor.person
        task = replace(task, state=TaskState.HANDLING, person=person)
        turn.patch = replace(turn.patch, person=person)
    turn.put_task(task)


MOVES: Mapping[Action, Move] = MappingProxyType(
    {
        Action.ASSIGN: Move(do=assign, needs=("sub_unit?", "person?", "amount?")),
        Action.MARK_STAGE: Move(do=mark_stage, when=can_mark_stage, needs=("stage", "text?")),
    }
)
