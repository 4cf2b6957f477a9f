"""Moves of the return (退单): the unit says it is not its own, the dispatcher decides."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

from domain import clock as clocks_
from domain.case import Case
from domain.clock import ClockKind, Outcome
from domain.deciding import another_than, not_who_handled
from domain.facts import ReturnMark
from domain.move import REASONED, Move
from domain.moves_department import handle_of
from domain.terms import Action, Role, State, TaskState
from domain.turn import Turn
from domain.why import Because, Why

ARBITRATION = "arbitration"
"""Kind of the request that waits for the command chief's ruling."""


def can_return(turn: Turn) -> None:
    """T19, T20: not once it handled, not after a ruling, within the window, not too often.

    Round 1 is the unit's own: what another unit did before is nothing to it.
    """
    case, flow = turn.case, turn.flow
    if case.task is not None and case.task.rounds > 1:
        turn.not_now(Because.REWORK_NO_RETURN)
    if case.binding:
        turn.not_now(Because.BINDING)
    by_unit = sum(mark.unit == case.unit for mark in case.counted_returns)
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


def return_(turn: Turn) -> None:
    """T19, T20: not ours. The limit runs on; the case's third goes to the command chief."""
    turn.need_reason()
    case = turn.case
    if turn.flow.first_receiver and turn.reason in turn.flow.barred_returns:
        turn.not_now(Because.FIRST_RECEIVER)
    turn.stop(ClockKind.SIGN)
    if turn.row.to is State.ARBITRATING:
        clock = ask_ruling(turn)
    else:
        clock = turn.start_stage(ClockKind.DECIDE).clock_id
        turn.notify = (f"role:{Role.DISPATCHER}",)
    mark = ReturnMark(
        unit=case.unit, at=turn.at, by=turn.actor.person, clock=clock, task_no=case.task_no
    )
    turn.patch = replace(turn.patch, returns=(*case.returns, mark))
    turn.set_task(TaskState.RETURN_REQUESTED)


def ask_ruling(turn: Turn) -> str:
    """Lay the case before the command chief; the id of his clock."""
    turn.request(ARBITRATION, owner=Role.COMMAND_CHIEF, limit=turn.flow.arbitration)
    return turn.pending[-1].clock


def open_return(case: Case) -> ReturnMark | None:
    """The return that waits for a decision: the dispatcher's, a ruling or a consultation's."""
    task = case.task
    waits = task is not None and task.state is TaskState.RETURN_REQUESTED
    return case.returns[-1] if waits and case.returns else None


def stop_deciding(turn: Turn, outcome: Outcome = Outcome.DONE) -> None:
    """Stop the clock of who decides on the return that waits, if one does."""
    returned = open_return(turn.case)
    if returned is not None:
        turn.stop_decide(returned.clock, outcome)


def with_others(case: Case, given: Iterable[ReturnMark]) -> tuple[ReturnMark, ...] | None:
    """A task's returns with those of its case; its unit's stay last. None: it knew them all."""
    known = set(case.returns)
    found = known.union(given)
    by_unit = sorted(found, key=lambda one: (one.unit == case.unit, one.at, one.task_no))
    return tuple(by_unit) if found > known else None


def settle_return(turn: Turn, *, accepted: bool) -> None:
    """Write down what became of the return that waits, if one does."""
    if open_return(turn.case) is not None:
        *earlier, last = turn.patch.returns or turn.case.returns
        decided = replace(last, accepted=accepted, decided_at=turn.at)
        turn.patch = replace(turn.patch, returns=(*earlier, decided))


def grant_return(turn: Turn) -> None:
    """Another unit gets the case: the last return of the one that has it was right (T27)."""
    marks = turn.case.returns
    if marks and marks[-1].unit == turn.case.unit:
        granted = replace(marks[-1], accepted=True, decided_at=turn.at)
        turn.patch = replace(turn.patch, returns=(*marks[:-1], granted))


def let_unit_go(turn: Turn) -> None:
    """The unit is out, and leaves no facts: the case was not its own."""
    leave_no_facts(turn)
    turn.patch = replace(turn.patch, unit="", person="")
    turn.notify = (*turn.notify, f"unit:{turn.case.unit}")


def leave_no_facts(turn: Turn) -> None:
    """The unit's turn ends as returned: neither its limit nor its signing is judged."""
    turn.stop_handle(Outcome.RETURNED)
    for signed in turn.of_kind(ClockKind.SIGN)[-1:]:
        turn.put(replace(signed, outcome=Outcome.RETURNED))
    turn.set_task(TaskState.RETURNED)


def withdraw_return(turn: Turn) -> None:
    """T21: the unit takes it after all; the return never was."""
    stop_deciding(turn, Outcome.VOID)
    turn.patch = replace(turn.patch, returns=turn.case.returns[:-1])
    turn.set_task(TaskState.SIGNED)
    turn.notify = (f"role:{Role.DISPATCHER}",)


def can_decide_return(turn: Turn) -> None:
    """T22-T24, and all that takes it out of `returned`: never who returned it, nor his unit."""
    returned = open_return(turn.case)
    if returned is None:
        return
    another_than(turn, returned.by)
    not_who_handled(turn)


def accept_return(turn: Turn) -> None:
    """T22: agreed; the unit is out, the dispatcher has a new piece of work."""
    stop_deciding(turn)
    settle_return(turn, accepted=True)
    let_unit_go(turn)
    turn.start_stage(ClockKind.DISPATCH)


def reject_return(turn: Turn) -> None:
    """T23: it is yours; the limit has been running all along."""
    turn.need_reason()
    stop_deciding(turn)
    settle_return(turn, accepted=False)
    turn.set_task(TaskState.SIGNED)
    turn.notify = (f"unit:{turn.case.unit}",)


MOVES: Mapping[Action, Move] = MappingProxyType(
    {
        Action.RETURN: Move(do=return_, when=can_return, needs=REASONED),
        Action.WITHDRAW_RETURN: Move(do=withdraw_return),
        Action.ACCEPT_RETURN: Move(do=accept_return, when=can_decide_return),
        Action.REJECT_RETURN: Move(do=reject_return, when=can_decide_return, needs=REASONED),
    }
)
