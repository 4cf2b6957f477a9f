"""Staged limits: milestones inside `handle`, each with a clock `stage:<key>` of its own.

They pause and stop with `handle`. A stage that the handler marked is done for good and stands
in the task; one that only stopped because the unit fed back comes back with `handle`.
"""

from dataclasses import replace
from datetime import timedelta

from domain import clock as clocks_
from domain.book import Condition
from domain.clock import Clock, ClockKind, Outcome
from domain.resuming import stopped_with
from domain.turn import Turn
from domain.turn_clocks import stage_of


def start_stages(turn: Turn, handle: Clock, condition: Condition | None = None) -> None:
    """A unit's turn begins: every stage of the case's condition runs from dispatch.

    A task of a joint case, which has no facts before it begins, names the condition.
    """
    for stage in (condition or turn.condition).stages:
        turn.start(ClockKind.STAGE, stage.limit, owner=handle.owner, stage=stage.key)


def stop_stage(turn: Turn, key: str) -> None:
    """A stage is done."""
    for clock in turn.of_kind(ClockKind.STAGE):
        if stage_of(clock) == key:
            turn.stop_clock(clock.clock_id)


def stages_again(turn: Turn, handle: Clock) -> None:
    """A rework begins: stages that nobody marked run again; `handle` is the round before's."""
    limits = {one.key: one.limit for one in turn.condition.stages}
    for last in stopped_with(turn, handle):
        key = stage_of(last)
        if last.kind is ClockKind.STAGE and key in limits:
            new = turn.start(ClockKind.STAGE, limits[key], owner=handle.owner, stage=key)
            turn.put(next_round(turn, last, new, limits[key].running))


def next_round(turn: Turn, last: Clock, new: Clock, original: timedelta) -> Clock:
    """A clock's next round: judged with the rounds before it, on a ladder of its own.

    The ladder runs on what is left, at least on min(original, the policy's least).
    """
    flow = turn.flow
    spent = clocks_.used(last, turn.at, turn.book.calendars) + last.used_before
    judged = (last.judged_budget or last.budget) + last.extended
    least = flow.rework_least_urgent if last.continuous else flow.rework_least
    budget = max(judged - spent, min(original, least.running))
    return replace(new, budget=budget, judged_budget=judged, used_before=spent)


def change_stages(turn: Turn, handle: Clock, condition: Condition) -> None:
    """Another condition: its stages count as if they had run since `handle` began."""
    task = turn.case.task
    done = task.stages if task is not None else ()
    wanted = {one.key: one.limit for one in condition.stages if one.key not in done}
    for clock in turn.of_kind(ClockKind.STAGE):
        if clock.stopped_at is not None:
            continue
        limit = wanted.get(stage_of(clock))
        if limit and (limit.running, limit.continuous) == (clock.budget, clock.continuous):
            del wanted[stage_of(clock)]
        else:
            turn.put(clocks_.stop(clock, max(turn.fact_at, clock.started_at), Outcome.VOID))
    for key, limit in wanted.items():
        clock = turn.start(ClockKind.STAGE, limit, owner=handle.owner, stage=key)
        turn.put(replace(clock, started_at=handle.started_at, pauses=handle.pauses))
