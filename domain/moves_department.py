"""Moves of the department: sign, start, feed back."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from domain import clock as clocks_
from domain.clock import Clock, ClockKind, Outcome
from domain.guests import is_guest
from domain.move import Move
from domain.terms import Action, Role, TaskState
from domain.turn import Turn
from domain.why import Because, Why


def sign(turn: Turn) -> None:
    """T16: the unit takes the task."""
    turn.stop(ClockKind.SIGN)
    turn.set_task(TaskState.SIGNED)


def start(turn: Turn) -> None:
    """T18: work begins, the right to return ends; the system starts for whoever was named."""
    person = turn.case.person if turn.role is Role.SYSTEM else handler_of(turn)
    turn.set_task(TaskState.HANDLING, person=person)
    turn.patch = replace(turn.patch, person=person)


def handler_of(turn: Turn) -> str:
    """Who handles: the actor, or whom the centre names for a unit that telephoned."""
    if not turn.actor.on_behalf_of:
        return turn.actor.person
    named = turn.step.person
    return person_of(turn, named, turn.case.unit) if named else turn.case.person


def person_of(turn: Turn, named: str, unit: str) -> str:
    """A person named for a unit, who must belong to it or to one of its sub-units."""
    person, book = turn.book.people.get(named), turn.book
    if person is None or not any(book.within(one.unit, unit) for one in person.grants):
        turn.refuse(Why.UNKNOWN_CODE, field="person", value=named)
    return named


def handle_of(turn: Turn) -> Clock:
    """The running `handle`.

    Raises:
        RefusedError: None runs.
    """
    handle = turn.running(ClockKind.HANDLE)
    if handle is None:
        turn.not_now(Because.NO_LIMIT_RUNS)
    return handle


def is_late(turn: Turn) -> datetime | None:
    """When the unit's limit was over, if the step was asked after that."""
    due = clocks_.due_at(handle_of(turn), turn.book.calendars)
    return due if due is not None and turn.fact_at > due else None


def in_time(turn: Turn) -> None:
    """The unit's limit must not be over."""
    due = is_late(turn)
    if due is not None:
        turn.refuse(Why.TOO_LATE, until=turn.until(due))


def can_feed_back(turn: Turn) -> None:
    """T28: in a role that policy lets feed back (◆), and not while the reporter is asked."""
    case, roles = turn.case, turn.flow.feed_back_by
    mine = (
        one.role
        for one in turn.actor.grants
        if one.role in roles and turn.book.within(one.unit, case.unit)
    )
    if not turn.actor.on_behalf_of:
        role = next(mine, None)
        if role is None:
            turn.refuse(Why.FORBIDDEN, who=", ".join(roles))
        turn.role = role
    if is_guest(turn.actor.person) and not turn.flow.guest_feeds_back:
        turn.not_now(Because.GUEST_SAYS_DONE)
    if turn.case.question is not None:
        turn.not_now(Because.QUESTION_OPEN)


def say_done(turn: Turn) -> None:
    """T18: who does the work says that it is done; the unit looks, and feeds back."""
    turn.need_text()
    turn.notify = (f"unit:{turn.case.unit}",)


def feed_back(turn: Turn) -> None:
    """T28: say what was done, with the reply to the citizen."""
    has_done(turn)
    turn.set_task(TaskState.DONE)
    turn.start_stage(ClockKind.REVIEW)


def has_done(turn: Turn) -> None:
    """T28, K15: the unit's work is done and its limit stops, if all is said that must be."""
    if turn.step.result is None:
        turn.refuse(Why.NEEDS_FIELD, field="result")
    turn.need_text()
    if turn.case.photo_required and not turn.step.photos:
        turn.refuse(Why.NEEDS_PHOTO)
    turn.stop_handle(Outcome.DONE)
    entered = turn.actor.person if turn.actor.on_behalf_of else ""
    turn.patch = replace(turn.patch, handled_by=handler_of(turn), entered_by=entered)


MOVES: Mapping[Action, Move] = MappingProxyType(
    {
        Action.SIGN: Move(do=sign),
        Action.START: Move(do=start),
        Action.SAY_DONE: Move(do=say_done, needs=("text", "photos?")),
        Action.FEED_BACK: Move(
            do=feed_back, when=can_feed_back, needs=("result", "text", "photos?")
        ),
    }
)
