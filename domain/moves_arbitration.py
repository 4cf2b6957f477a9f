"""Moves of arbitration (审定): who answers for the case is ruled once, and binds."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from domain.book import Book
from domain.case import Case
from domain.clock import ClockKind
from domain.deciding import another_than, not_who_handled
from domain.move import REASONED, Move
from domain.moves_binding import bind
from domain.moves_department import handle_of
from domain.moves_dispatch import hand_to, named_unit, start_sign
from domain.moves_return import (
    ARBITRATION,
    ask_ruling,
    grant_return,
    let_unit_go,
    open_return,
    settle_return,
    stop_deciding,
)
from domain.terms import Action, State, TaskState
from domain.turn import Turn
from domain.why import Because, Why


def can_object(turn: Turn) -> None:
    """T25: after its return was rejected; once, within the window."""
    case = turn.case
    if case.objected:
        turn.refuse(Why.TOO_MANY, most="1", per="case")
    if case.binding:
        turn.not_now(Because.BINDING)
    until = object_until(case, turn.book)
    if until is None:
        turn.not_now(Because.NO_RETURN_REJECTED)
    if turn.fact_at > until:
        turn.refuse(Why.TOO_LATE, until=turn.until(until))


def object_until(case: Case, book: Book) -> datetime | None:
    """Until when the unit may object, after its return was rejected; None: it was not.

    Of a joint case's task, its own return: what became of another share is nothing to it.
    """
    last = case.returns[-1] if case.returns else None
    if last is None or last.unit != case.unit or last.accepted or last.decided_at is None:
        return None
    if last.task_no not in {0, case.task_no}:
        return None
    calendar = book.calendars[case.calendar or book.calendar]
    return calendar.after(last.decided_at, book.flow_of(case).object_window)


def object_(turn: Turn) -> None:
    """T25: the unit asks for a ruling; its limit runs on."""
    turn.need_reason()
    ask_ruling(turn)
    turn.patch = replace(turn.patch, objected=True)


def can_submit(turn: Turn) -> None:
    """T26: no clear owner, or units disagree."""
    case = turn.case
    owners = turn.book.owners_of(case.subclass, case.grid)
    if len(owners) == 1 and not (case.returns or case.counted_returns):
        turn.not_now(Because.CLEAR_OWNER)


def submit(turn: Turn) -> None:
    """T26: the centre asks for a ruling."""
    stop_deciding(turn)
    turn.stop(ClockKind.DISPATCH)
    ask_ruling(turn)


def can_rule(turn: Turn) -> None:
    """T27: neither who asked for the ruling nor who returned the case, nor the unit itself."""
    asked, returned = turn.case.waiting(ARBITRATION), open_return(turn.case)
    another_than(turn, *(one.by for one in (asked, returned) if one is not None))
    not_who_handled(turn)


def rule(turn: Turn) -> None:
    """T27: one unit answers for it from now on, or those of a plan; none can return it.

    A joint case stays one: its ruling is a plan.
    """
    case = turn.case
    if turn.step.plan is not None or case.joint:
        turn.settle_request(ARBITRATION)
        bind(turn, ruled=True)
        return
    unit = named_unit(turn)
    turn.settle_request(ARBITRATION)
    turn.patch = replace(turn.patch, binding=True)
    if unit == case.unit:
        settle_return(turn, accepted=False)
    else:
        grant_return(turn)
        if case.unit:
            let_unit_go(turn)
        hand_to(turn, unit)
        return
    turn.notify = (f"unit:{unit}",)
    if turn.row.to is State.SIGNED:
        turn.set_task(TaskState.SIGNED)
    else:
        turn.set_task(TaskState.DISPATCHED)
        start_sign(turn, handle_of(turn))


MOVES: Mapping[Action, Move] = MappingProxyType(
    {
        Action.OBJECT: Move(do=object_, when=can_object, needs=REASONED),
        Action.SUBMIT: Move(do=submit, when=can_submit, needs=("text?",)),
        Action.RULE: Move(do=rule, when=can_rule, needs=("unit?", "plan?", "text?")),
    }
)
