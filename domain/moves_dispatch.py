"""Moves of dispatch: give a case to the department that owns it, and take it back."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from domain import clock as clocks_
from domain.clock import Clock, ClockKind, Outcome
from domain.levels import check_level, owners_of
from domain.move import REASONED, Move
from domain.out_of_case import not_returned_here, not_under_review
from domain.permission import holds
from domain.stages import start_stages
from domain.terms import Action, Role, TaskState
from domain.turn import Turn
from domain.why import Because, Why


def dispatch(turn: Turn) -> None:
    """T14: give the case to the department that owns it; its limit starts now."""
    case, step, book = turn.case, turn.step, turn.book
    owners = owners_of(case, book)
    unit = named_unit(turn, owners[0] if len(owners) == 1 else "")
    not_returned_here(turn, unit)
    if step.reason:
        turn.need_reason_code()
    if unit not in owners and not (step.reason or step.text.strip()):
        turn.refuse(Why.NOT_OWNER, unit=unit, owners=", ".join(owners) or "-")
    check_level(turn, unit)
    turn.stop(ClockKind.DISPATCH)
    hand_to(turn, unit)


def named_unit(turn: Turn, clear: str = "") -> str:
    """The department that the step names, or else the one that is clear."""
    unit = turn.step.unit or clear
    if not unit:
        turn.refuse(Why.NEEDS_FIELD, field="unit")
    if unit not in turn.book.units:
        turn.refuse(Why.UNKNOWN_CODE, field="unit", value=unit)
    return unit


def hand_to(turn: Turn, unit: str) -> None:
    """A department's turn begins: it is told, and its limits start.

    What a unit did is never reviewed by itself (T62).
    """
    not_under_review(turn, unit)
    turn.patch = replace(turn.patch, unit=unit, person="", asked="")
    turn.add_task(unit)
    owner = f"unit:{unit}"
    handle = turn.start(
        ClockKind.HANDLE, turn.condition.limit, owner=owner, rungs=turn.flow.rungs
    )
    handle = _with_what_it_used(turn, unit, handle)
    start_stages(turn, handle)
    start_sign(turn, handle)
    turn.notify = (*turn.notify, owner)


def _with_what_it_used(turn: Turn, unit: str, handle: Clock) -> Clock:
    """A unit that gets back what it handed up or down goes on where it stood (§5)."""
    hop = next((one for one in reversed(turn.case.hops) if one.unit == unit), None)
    before = turn.clocks.get(hop.clock) if hop else None
    if before is None:
        return handle
    handle = replace(
        handle,
        carried=clocks_.used(before, turn.at, turn.book.calendars),
        fired=tuple(replace(one, quiet=True) for one in before.fired),
        extended=before.extended,
        budget_version=before.budget_version,
    )
    turn.put(handle)
    return turn.clocks[handle.clock_id]


def start_sign(turn: Turn, handle: Clock, *, owner: str = "") -> None:
    """`sign`: the policy's limit, or a quarter of `handle` on its own timeline if sooner.

    `owner` is who is to sign; empty: who has `handle`.
    """
    calendars = turn.book.calendars
    limit = turn.flow.limits[ClockKind.SIGN].of(urgent=turn.is_urgent)
    normal = turn.start(ClockKind.SIGN, limit, owner=owner or handle.owner)
    quarter = replace(
        normal,
        budget=handle.budget / 4,
        continuous=handle.continuous,
        calendar=handle.calendar,
    )
    sooner = clocks_.due_at(quarter, calendars), clocks_.due_at(normal, calendars)
    if sooner[0] is not None and sooner[1] is not None and sooner[0] < sooner[1]:
        turn.put(quarter)


def can_recall(turn: Turn) -> None:
    """T15: unsigned; a unit that a consultation confirmed had signed before.

    What the command chief ruled is his to take back, and nothing else is.
    """
    case, task = turn.case, turn.case.task
    if task is not None and task.signed_at is not None:
        turn.not_now(Because.SIGNED_BEFORE)
    if case.binding:
        if not holds(turn.actor, Role.COMMAND_CHIEF, case):
            turn.not_now(Because.RULED)
        turn.role = Role.COMMAND_CHIEF
    elif turn.role is Role.COMMAND_CHIEF:
        turn.refuse(Why.FORBIDDEN, who=f"{Role.DISPATCHER}, {Role.DUTY_CHIEF}")


def recall(turn: Turn) -> None:
    """T15: take an unsigned dispatch back; the dispatcher's own clock goes on."""
    turn.need_reason()
    case = turn.case
    task = case.task
    if task is not None:
        free_until = task.dispatched_at + turn.flow.recall_free.running
        if turn.fact_at > free_until:
            turn.patch = replace(turn.patch, recalls=case.recalls + 1)
    turn.stop(ClockKind.SIGN, Outcome.VOID)
    turn.stop_handle(Outcome.VOID)
    turn.go_on(ClockKind.DISPATCH, "dispatched")
    turn.set_task(TaskState.WITHDRAWN)
    turn.patch = replace(turn.patch, unit="", person="")
    turn.notify = (f"unit:{case.unit}",)


MOVES: Mapping[Action, Move] = MappingProxyType(
    {
        Action.DISPATCH: Move(do=dispatch, needs=("unit", "reason?", "text?")),
        Action.RECALL: Move(do=recall, when=can_recall, needs=REASONED),
    }
)
