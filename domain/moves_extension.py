"""Moves of the extension: more time, asked before the limit, decided by another person."""

from dataclasses import replace
from datetime import timedelta

from domain import clock as clocks_
from domain.clock import Clock, ClockKind
from domain.moves_department import handle_of
from domain.permission import holds
from domain.refusal import Because, Why
from domain.terms import Role
from domain.turn import Turn

MOST_HOURS = 1e5
HOUR = timedelta(hours=1)


def can_request_extension(turn: Turn) -> None:
    """T39: before the limit, in round 1, not too often, one at a time."""
    case, policy = turn.case, turn.policy
    if case.round > 1:
        turn.not_now(Because.REWORK_NO_EXTENSION)
    if case.extensions >= policy.max_extensions:
        turn.refuse(Why.TOO_MANY, most=str(policy.max_extensions), per="case")
    if case.waiting("extension"):
        turn.refuse(Why.ALREADY, what="extension")
    due = clocks_.due_at(handle_of(turn), turn.book.calendars)
    if due is not None and turn.fact_at > due:
        turn.refuse(Why.TOO_LATE, until=turn.until(due))


def request_extension(turn: Turn) -> None:
    """T39: ask for more time, at most the original limit again."""
    turn.need_reason()
    handle = handle_of(turn)
    if not turn.step.amount > 0:
        turn.refuse(Why.NEEDS_FIELD, field="amount")
    amount = timedelta(hours=min(turn.step.amount, MOST_HOURS))
    if amount > handle.budget:
        turn.refuse(Why.TOO_LONG, scope="each", hours=f"{handle.budget / HOUR:g}")
    total = turn.policy.extension_total.running
    capped = turn.case.source in turn.policy.hotline_sources
    if capped and _working_time(turn, handle, amount) > total:
        turn.refuse(Why.TOO_LONG, scope="total", hours=f"{total / HOUR:g}")
    turn.request("extension", owner=_decider(turn), amount=amount)


def _working_time(turn: Turn, handle: Clock, amount: timedelta) -> timedelta:
    """Working time between the original due time and the one that `amount` more would make."""
    if not handle.continuous:
        return handle.extended + amount
    going = clocks_.resume(handle, turn.fact_at) if handle.paused else handle
    original = replace(going, extended=timedelta(0))
    asked = replace(going, extended=handle.extended + amount)
    calendars = turn.book.calendars
    before, after = clocks_.due_at(original, calendars), clocks_.due_at(asked, calendars)
    if before is None or after is None:
        raise ValueError(f"clock {handle.clock_id} runs and has no due time")
    return calendars[turn.calendar].working_between(before, after)


def _decider(turn: Turn) -> Role:
    first = turn.case.extensions == 0 and not turn.case.urgent
    return Role.DISPATCHER if first else Role.DUTY_CHIEF


def can_decide_extension(turn: Turn) -> None:
    """T39: the right role, and never who asked."""
    asked = turn.case.waiting("extension")
    if asked is None:
        turn.refuse(Why.NO_REQUEST, kind="extension")
    if asked.by == turn.actor.person:
        turn.refuse(Why.SEPARATION, first="asked", second="decide")
    decider = _decider(turn)
    if not holds(turn.actor, decider, turn.case):
        turn.refuse(Why.FORBIDDEN, who=str(decider))
    turn.role = decider


def approve_extension(turn: Turn) -> None:
    """T39: the budget grows from the old due time; the promise to the citizen moves along."""
    case, calendars = turn.case, turn.book.calendars
    asked = case.waiting("extension")
    if asked is None:
        turn.refuse(Why.NO_REQUEST, kind="extension")
    turn.settle_request("extension")
    handle = clocks_.supersede(handle_of(turn), turn.fact_at)
    longer = clocks_.extend(handle, asked.amount)
    turn.put(longer)
    whole = turn.running(ClockKind.WHOLE)
    before, after = clocks_.due_at(handle, calendars), clocks_.due_at(longer, calendars)
    if whole is not None and before is not None and after is not None:
        moved = after - before
        if whole.continuous is handle.continuous:
            moved = asked.amount
        elif not whole.continuous:
            moved = calendars[whole.calendar].working_between(before, after)
        if moved:
            turn.put(clocks_.extend(clocks_.supersede(whole, turn.fact_at), moved))
    turn.patch = replace(
        turn.patch, extensions=case.extensions + 1, extended=case.extended + asked.amount
    )
    turn.notify = (f"unit:{case.unit}", "reporter")


def refuse_extension(turn: Turn) -> None:
    """T39: no; the limit stays."""
    turn.need_reason()
    turn.settle_request("extension")
    turn.notify = (f"unit:{turn.case.unit}",)
