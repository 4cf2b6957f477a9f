"""Moves of the department: sign, start, return, feed back."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

from domain import clock as clocks_
from domain.clock import Clock, ClockKind, Outcome
from domain.facts import ReturnMark
from domain.move import REASONED, Move
from domain.refusal import Because, Why
from domain.terms import Action, Role, TaskState
from domain.turn import Turn


def sign(turn: Turn) -> None:
    """T16: the unit takes the task."""
    turn.stop(ClockKind.SIGN)
    turn.set_task(TaskState.SIGNED)


def start(turn: Turn) -> None:
    """T18: work begins; the right to return ends."""
    person = _handler(turn)
    turn.set_task(TaskState.HANDLING, person=person)
    turn.patch = replace(turn.patch, person=person)


def _handler(turn: Turn) -> str:
    """Who handles: the actor, or whom the centre names for a unit that telephoned."""
    if not turn.actor.on_behalf_of:
        return turn.actor.person
    named = turn.step.person
    if named:
        person, book = turn.book.people.get(named), turn.book
        of_unit = person and any(book.within(one.unit, turn.case.unit) for one in person.grants)
        if not of_unit:
            turn.refuse(Why.UNKNOWN_CODE, field="person", value=named)
    return named or turn.case.person


def can_return(turn: Turn) -> None:
    """T19: round 1, within the window, not too often."""
    case, flow = turn.case, turn.flow
    if case.round > 1:
        turn.not_now(Because.REWORK_NO_RETURN)
    if len(case.returns) >= flow.max_returns_case:
        turn.refuse(Why.TOO_MANY, most=str(flow.max_returns_case), per="case")
    by_unit = sum(mark.unit == case.unit for mark in case.returns)
    if by_unit >= flow.max_returns_unit:
        turn.refuse(Why.TOO_MANY, most=str(flow.max_returns_unit), per="unit")
    until = return_until(turn)
    if turn.fact_at > until:
        turn.refuse(Why.TOO_LATE, until=turn.until(until))


def return_until(turn: Turn) -> datetime:
    """End of the return window: min(the policy's window, half of handle) from dispatch."""
    calendars, window = turn.book.calendars, turn.flow.return_window
    original = replace(handle_of(turn), extended=timedelta(0), pauses=())
    full = replace(
        original,
        budget=window.running,
        continuous=window.continuous,
        calendar=turn.calendar,
    )
    half = clocks_.rung_at(original, 50, calendars)
    whole = clocks_.due_at(full, calendars)
    return min(one for one in (half, whole) if one is not None)


def handle_of(turn: Turn) -> Clock:
    """The running `handle`.

    Raises:
        RefusedError: None runs.
    """
    handle = turn.running(ClockKind.HANDLE)
    if handle is None:
        turn.not_now(Because.NO_LIMIT_RUNS)
    return handle


def return_(turn: Turn) -> None:
    """T19: not ours. The limit runs on until the dispatcher decides; a request lapses."""
    turn.need_reason()
    case = turn.case
    if turn.flow.first_receiver and turn.reason in turn.flow.barred_returns:
        turn.not_now(Because.FIRST_RECEIVER)
    turn.stop(ClockKind.SIGN)
    turn.settle_request("extension", Outcome.VOID)
    decide = turn.start_stage(ClockKind.DECIDE)
    mark = ReturnMark(unit=case.unit, at=turn.at, by=turn.actor.person, clock=decide.clock_id)
    turn.patch = replace(turn.patch, returns=(*case.returns, mark))
    turn.set_task(TaskState.RETURN_REQUESTED)
    turn.notify = (f"role:{Role.DISPATCHER}",)


def can_decide_return(turn: Turn) -> None:
    """T22, T23: never who returned it."""
    if turn.case.returns[-1].by == turn.actor.person:
        turn.refuse(Why.SEPARATION, first="asked", second="decide")


def accept_return(turn: Turn) -> None:
    """T22: agreed; the unit is out without facts, the dispatcher has a new piece of work."""
    case = turn.case
    *earlier, last = case.returns
    turn.stop_decide(last.clock)
    turn.stop(ClockKind.HANDLE, Outcome.RETURNED)
    turn.put(replace(turn.of_kind(ClockKind.SIGN)[-1], outcome=Outcome.RETURNED))
    agreed = (*earlier, replace(last, accepted=True))
    turn.patch = replace(turn.patch, returns=agreed, unit="", person="")
    turn.set_task(TaskState.RETURNED)
    turn.start_stage(ClockKind.DISPATCH)
    turn.notify = (f"unit:{case.unit}",)


def reject_return(turn: Turn) -> None:
    """T23: it is yours; the limit has been running all along."""
    turn.need_reason()
    turn.stop_decide(turn.case.returns[-1].clock)
    turn.set_task(TaskState.SIGNED)
    turn.notify = (f"unit:{turn.case.unit}",)


def feed_back(turn: Turn) -> None:
    """T28: say what was done, with the reply to the citizen."""
    if turn.step.result is None:
        turn.refuse(Why.NEEDS_FIELD, field="result")
    turn.need_text()
    if turn.case.photo_required and not turn.step.photos:
        turn.refuse(Why.NEEDS_PHOTO)
    turn.settle_request("extension", Outcome.VOID)
    turn.stop(ClockKind.HANDLE)
    turn.set_task(TaskState.DONE)
    turn.patch = replace(turn.patch, handled_by=_handler(turn))
    turn.start_stage(ClockKind.REVIEW)


MOVES: Mapping[Action, Move] = MappingProxyType(
    {
        Action.SIGN: Move(do=sign),
        Action.START: Move(do=start),
        Action.RETURN: Move(do=return_, when=can_return, needs=REASONED),
        Action.ACCEPT_RETURN: Move(do=accept_return, when=can_decide_return),
        Action.REJECT_RETURN: Move(do=reject_return, when=can_decide_return, needs=REASONED),
        Action.FEED_BACK: Move(do=feed_back, needs=("result", "text", "photos?")),
    }
)
