"""Moves of consultation (会商) and substitution (代处置): where the ordinary way is stuck."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from domain import clock as clocks_
from domain.case import Case
from domain.clock import ClockKind, Outcome
from domain.deciding import another_than, not_in_emergency, not_who_handled
from domain.joint import is_running, lead_of, shares
from domain.move import REASONED, Move
from domain.moves_binding import again, bind
from domain.moves_department import handle_of
from domain.moves_dispatch import hand_to, named_unit, start_sign
from domain.moves_hold import need_until, put_on_hold
from domain.moves_result import close, leave_closed, new_round
from domain.moves_return import (
    ARBITRATION,
    grant_return,
    let_unit_go,
    open_return,
    settle_return,
    stop_deciding,
)
from domain.pausing import CONSULTATION
from domain.promise import start_promise
from domain.terms import Action, Decision, Role, Solved, State, TaskState
from domain.turn import Turn
from domain.why import Because, Why

LATE = "substitute_late"
"""责任单位超期未处置: the ground of a substitution that the limit must bear out (T48)."""


def can_consult(turn: Turn) -> None:
    """T56: two reworks, more than two units, arbitration; or not solved a second time."""
    case = turn.case
    if case.explained:
        turn.not_now(Because.EXPLAINED)
    flow, ended = turn.flow, {TaskState.WITHDRAWN, TaskState.WAIVED, TaskState.PLANNED}
    tasks = [one for one in case.tasks if not (one.joint and one.state in ended)]
    stuck = (
        case.fails + case.upstream_rejections >= flow.consult_reworks
        or len({task.unit for task in tasks}) > flow.consult_units
        or case.state is State.ARBITRATING
        or case.binding
        or any(task.ruling for task in tasks)
    )
    if not (_unsolved_twice(case) or (stuck and turn.role is not Role.SYSTEM)):
        turn.not_now(Because.NOT_STUCK)


def _unsolved_twice(case: Case) -> bool:
    """Reopened before, and the reporter says of the new closing that it is not solved."""
    said = case.ratings[-1].solved if case.ratings else None
    return case.reopened and said in {Solved.NO, Solved.PARTLY}


def consult(turn: Turn) -> None:
    """T56: those concerned meet; a closed case is open again with a new promise."""
    case = turn.case
    if case.state is State.CLOSED:
        leave_closed(turn)
        start_promise(turn)
    if _unsolved_twice(case):
        turn.patch = replace(turn.patch, disputed=True)
    begin_consultation(turn)


def begin_consultation(turn: Turn) -> None:
    """T56, T60: the limit waits, and only that; the command chief's clock runs."""
    case, ruling = turn.case, turn.case.waiting(ARBITRATION)
    stop_deciding(turn)
    turn.settle_request(ARBITRATION)
    turn.hold_up((ClockKind.HANDLE,), CONSULTATION)
    turn.request("consultation", owner=Role.COMMAND_CHIEF, limit=turn.flow.consultation)
    if ruling is not None:
        *others, asked = turn.pending
        asked = replace(asked, ruling_for=ruling.by)
        turn.patch = replace(turn.patch, pending=(*others, asked))
    turn.patch = replace(turn.patch, consultations=case.consultations + 1)
    if case.joint:
        told = tuple(f"unit:{one.unit}" for one in shares(case.tasks) if is_running(one))
        turn.notify = (*turn.notify, *told)
    elif case.unit:
        turn.notify = (*turn.notify, f"unit:{case.unit}")


def can_decide(turn: Turn) -> None:
    """T57: as of a ruling, neither who asked for one nor who returned the case, nor the unit.

    Calling the meeting (T56) is no request: who called it may decide.
    """
    asked, returned = turn.case.waiting("consultation"), open_return(turn.case)
    another_than(turn, asked.ruling_for if asked else "", returned.by if returned else "")
    not_who_handled(turn)
    if turn.step.decision is Decision.EXPLAIN:
        not_in_emergency(turn)


def decide(turn: Turn) -> None:
    """T57: the minutes say which unit, until when it waits, or why it is closed."""
    decision = turn.step.decision
    if decision is None:
        turn.refuse(Why.NEEDS_FIELD, field="decision")
    turn.need_text()
    if not any(one.strip() for one in turn.step.participants):
        turn.refuse(Why.NEEDS_FIELD, field="participants")
    turn.settle_request("consultation")
    turn.let_run((ClockKind.HANDLE,), CONSULTATION)
    match decision:
        case Decision.DISPATCH:
            _dispatch(turn)
        case Decision.HOLD:
            _hold(turn)
        case Decision.EXPLAIN:
            _explain(turn)


def _dispatch(turn: Turn) -> None:
    """The unit named has it, or those of the plan; a limit goes on, another's begins."""
    case = turn.case
    if turn.step.plan is not None or case.joint:
        bind(turn, ruled=_ruled(case))
        return
    unit = named_unit(turn)
    turn.patch = replace(turn.patch, binding=True)
    if unit == case.unit:
        _again(turn)
        turn.set_task(TaskState.DISPATCHED)
        start_sign(turn, handle_of(turn))
        turn.notify = (f"unit:{unit}",)
        return
    if open_return(case) is not None or (case.unit and _ruled(case)):
        grant_return(turn)
        let_unit_go(turn)
    elif turn.running(ClockKind.HANDLE):
        turn.stop_unless_late(ClockKind.HANDLE)
        turn.set_task(TaskState.WITHDRAWN)
        turn.notify = (f"unit:{case.unit}",)
    hand_to(turn, unit)


def _ruled(case: Case) -> bool:
    """Whether the meeting is in place of a ruling that was asked for."""
    asked = case.waiting("consultation")
    return bool(asked and asked.ruling_for)


def _again(turn: Turn) -> None:
    """The unit keeps it: its return is rejected, and one that had ended begins a new round."""
    settle_return(turn, accepted=False)
    if turn.running(ClockKind.HANDLE) is None:
        new_round(turn)


def _hold(turn: Turn) -> None:
    """Who has it keeps it, and goes on when the date has come; a plan may say who that is."""
    until = need_until(turn)
    if turn.step.plan is not None:
        bind(turn, ruled=_ruled(turn.case))
    elif turn.case.joint:
        if lead_of(turn.case.tasks) is None:
            turn.not_now(Because.NO_LEAD)
        turn.patch = replace(turn.patch, binding=True)
        again(turn)
    else:
        if not turn.case.unit:
            turn.not_now(Because.NO_UNIT)
        turn.patch = replace(turn.patch, binding=True)
        _again(turn)
        turn.set_task(TaskState.HANDLING)
    put_on_hold(turn, until)


def _explain(turn: Turn) -> None:
    """Closed, and not opened again: nothing more can be done, and the reporter is told why."""
    if turn.running(ClockKind.HANDLE):
        turn.set_task(TaskState.WITHDRAWN)
    turn.stop(ClockKind.WHOLE)
    turn.stop_all(Outcome.VOID)
    turn.patch = replace(turn.patch, explained=True)
    close(turn)


def substitute(turn: Turn) -> None:
    """T48: another unit does it, at the cost of the one that was late or refused."""
    turn.need_reason()
    case, unit = turn.case, named_unit(turn)
    if turn.book.within(unit, case.unit) or turn.book.within(case.unit, unit):
        turn.not_now(Because.SAME_UNIT)
    if turn.step.cost < 0:
        turn.refuse(Why.NEEDS_FIELD, field="cost")
    due = clocks_.due_at(handle_of(turn), turn.book.calendars)
    if turn.reason == LATE and (due is None or turn.fact_at < due):
        turn.not_now(Because.NOT_LATE)
    turn.stop_handle(Outcome.SUBSTITUTED)
    turn.set_task(TaskState.SUBSTITUTED)
    turn.patch = replace(turn.patch, substitutions=case.substitutions + 1)
    turn.notify = (f"unit:{case.unit}",)
    hand_to(turn, unit)


MOVES: Mapping[Action, Move] = MappingProxyType(
    {
        Action.CONSULT: Move(do=consult, when=can_consult, needs=("text?",)),
        Action.DECIDE: Move(
            do=decide,
            when=can_decide,
            needs=("decision", "participants", "text", "unit?", "plan?", "tasks?", "until?"),
        ),
        Action.SUBSTITUTE: Move(do=substitute, needs=("unit", "cost?", *REASONED)),
    }
)
