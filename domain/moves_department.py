"""Moves of the department: sign, start, return, feed back, extension."""

from dataclasses import replace
from datetime import datetime, timedelta

from domain import clock as clocks_
from domain.case import ReturnMark
from domain.clock import Clock, ClockKind, Outcome
from domain.refusal import Why
from domain.terms import Role, TaskState
from domain.turn import Turn


def sign(turn: Turn) -> None:
    """T16: the unit takes the task."""
    turn.stop(ClockKind.SIGN)
    turn.set_task(TaskState.SIGNED)


def start(turn: Turn) -> None:
    """T18: work begins; the right to return ends."""
    turn.set_task(TaskState.HANDLING, person=turn.actor.person)
    turn.patch = replace(turn.patch, person=turn.actor.person)


def can_return(turn: Turn) -> None:
    """T19: round 1, within the window, not too often."""
    case, policy = turn.case, turn.policy
    if case.round > 1:
        turn.refuse(Why.NOT_NOW, because="a rework cannot be returned")
    if len(case.returns) >= policy.max_returns_case:
        turn.refuse(Why.TOO_MANY, most=f"{policy.max_returns_case} (whole case)")
    by_unit = sum(mark.unit == case.unit for mark in case.returns)
    if by_unit >= policy.max_returns_unit:
        turn.refuse(Why.TOO_MANY, most=f"{policy.max_returns_unit} (this unit)")
    until = return_until(turn)
    if turn.fact_at > until:
        turn.refuse(Why.TOO_LATE, until=until.isoformat(timespec="minutes"))


def return_until(turn: Turn) -> datetime:
    """End of the return window: min(the policy's window, half of handle) from dispatch."""
    calendars, window = turn.book.calendars, turn.policy.return_window
    handle = _handle(turn)
    full = replace(
        handle,
        budget=window.running,
        extended=timedelta(0),
        continuous=window.continuous,
        calendar=turn.case.calendar,
        pauses=(),
    )
    half = clocks_.rung_at(handle, 50, calendars)
    whole = clocks_.due_at(full, calendars)
    return min(one for one in (half, whole) if one is not None)


def _handle(turn: Turn) -> Clock:
    handle = turn.running(ClockKind.HANDLE)
    if handle is None:
        turn.refuse(Why.NOT_NOW, because="no handling limit runs")
    return handle


def return_(turn: Turn) -> None:
    """T19: not ours. The limit runs on until the dispatcher decides."""
    turn.need_reason()
    case = turn.case
    turn.stop(ClockKind.SIGN)
    mark = ReturnMark(unit=case.unit, at=turn.at)
    turn.patch = replace(turn.patch, returns=(*case.returns, mark))
    turn.set_task(TaskState.RETURN_REQUESTED)
    turn.start_stage(ClockKind.DECIDE)
    turn.notify = (f"role:{Role.DISPATCHER}",)


def accept_return(turn: Turn) -> None:
    """T22: agreed; the unit is out without facts, the dispatcher has a new piece of work."""
    case = turn.case
    turn.stop(ClockKind.DECIDE)
    turn.stop(ClockKind.HANDLE, Outcome.RETURNED)
    *earlier, last = case.returns
    agreed = (*earlier, replace(last, accepted=True))
    turn.patch = replace(turn.patch, returns=agreed, unit="", person="")
    turn.set_task(TaskState.RETURNED)
    turn.start_stage(ClockKind.DISPATCH)
    turn.notify = (f"unit:{case.unit}",)


def reject_return(turn: Turn) -> None:
    """T23: it is yours; the limit has been running all along."""
    turn.need_reason()
    turn.stop(ClockKind.DECIDE)
    turn.set_task(TaskState.SIGNED)
    turn.notify = (f"unit:{turn.case.unit}",)


def feed_back(turn: Turn) -> None:
    """T28: say what was done, with the reply to the citizen."""
    if turn.step.result is None:
        turn.refuse(Why.NEEDS_FIELD, field="result")
    turn.need_text()
    if turn.case.photo_required and not turn.step.photos:
        turn.refuse(Why.NEEDS_PHOTO)
    turn.stop(ClockKind.HANDLE)
    turn.stop(ClockKind.DECIDE, Outcome.VOID)
    turn.settle_request("extension")
    turn.set_task(TaskState.DONE)
    turn.patch = replace(turn.patch, handled_by=turn.actor.person)
    turn.start_stage(ClockKind.REVIEW)


def can_request_extension(turn: Turn) -> None:
    """T39: before the limit, in round 1, not too often, one at a time."""
    case, policy = turn.case, turn.policy
    if case.round > 1:
        turn.refuse(Why.NOT_NOW, because="a rework is not extended")
    if case.extensions >= policy.max_extensions:
        turn.refuse(Why.TOO_MANY, most=str(policy.max_extensions))
    if case.waiting("extension"):
        turn.refuse(Why.ALREADY, what="extension request")
    due = clocks_.due_at(_handle(turn), turn.book.calendars)
    if due is not None and turn.fact_at > due:
        turn.refuse(Why.TOO_LATE, until=due.isoformat(timespec="minutes"))


def request_extension(turn: Turn) -> None:
    """T39: ask for more time, at most the original limit again."""
    turn.need_reason()
    case, policy, handle = turn.case, turn.policy, _handle(turn)
    if not turn.step.amount > 0:
        turn.refuse(Why.NEEDS_FIELD, field="amount (hours, more than 0)")
    amount = timedelta(hours=min(turn.step.amount, 1e5))
    if amount > handle.budget:
        most = handle.budget / timedelta(hours=1)
        turn.refuse(Why.NOT_NOW, because=f"at most {most:g} hours each")
    capped = case.source in policy.hotline_sources and not handle.continuous
    if capped and case.extended + amount > policy.extension_total.running:
        most = policy.extension_total.running / timedelta(hours=1)
        turn.refuse(Why.NOT_NOW, because=f"at most {most:g} hours in all")
    turn.request("extension", amount)
    turn.start_stage(ClockKind.DECIDE, owner=str(_decider(turn)))
    turn.notify = (f"role:{_decider(turn)}",)


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
    if not turn.actor.has(_decider(turn)):
        turn.refuse(Why.FORBIDDEN, who=str(_decider(turn)))


def approve_extension(turn: Turn) -> None:
    """T39: the budget grows from the old due time; the promise to the citizen moves along."""
    case, handle, calendars = turn.case, _handle(turn), turn.book.calendars
    asked = case.waiting("extension")
    if asked is None:
        turn.refuse(Why.NO_REQUEST, kind="extension")
    before = clocks_.due_at(handle, calendars)
    longer = clocks_.extend(handle, asked.amount)
    turn.put(longer)
    whole = turn.running(ClockKind.WHOLE)
    after = clocks_.due_at(longer, calendars)
    if whole is not None and before is not None and after is not None:
        if whole.continuous is handle.continuous:
            moved = asked.amount
        elif whole.continuous:
            moved = after - before
        else:
            moved = calendars[whole.calendar].working_between(before, after)
        turn.put(clocks_.extend(whole, moved))
    turn.stop(ClockKind.DECIDE)
    turn.settle_request("extension")
    turn.patch = replace(
        turn.patch, extensions=case.extensions + 1, extended=case.extended + asked.amount
    )
    turn.notify = (f"unit:{case.unit}", "reporter")


def refuse_extension(turn: Turn) -> None:
    """T39: no; the limit stays."""
    turn.need_reason()
    turn.stop(ClockKind.DECIDE)
    turn.settle_request("extension")
    turn.notify = (f"unit:{turn.case.unit}",)
