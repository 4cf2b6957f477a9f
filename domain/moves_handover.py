"""A department's task handed over to another unit (移交): offered, taken, or kept (K12-K14)."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from domain import clock as clocks_
from domain.clock import Clock, ClockKind, Outcome
from domain.joint import TASK_STATE, of_unit, offered
from domain.move import REASONED, Move
from domain.moves_department import handle_of
from domain.moves_dispatch import start_sign
from domain.out_of_case import not_returned_here, not_under_review
from domain.pausing import CASE_HOLD, CONSULTATION, OFFERED, grounds
from domain.relimit import sign_within
from domain.terms import Action, Role, State, TaskState
from domain.turn import Turn
from domain.turn_clocks import INSIDE_HANDLE
from domain.why import Because, Why


def can_offer(turn: Turn) -> None:
    """K12: once, and only what is the unit's to give away."""
    case = turn.case
    if case.binding:
        turn.not_now(Because.BINDING)
    if case.lead and not turn.flow.lead_hands_over:
        turn.not_now(Because.LEAD_STAYS)
    if case.handovers >= turn.flow.max_handovers:
        turn.refuse(Why.TOO_MANY, most=str(turn.flow.max_handovers), per="case")
    if case.waiting("extension") or case.waiting("hold"):
        turn.not_now(Because.OFFER_ASKED)


def offer_handover(turn: Turn) -> None:
    """K12: another unit is asked to take it over, within the same limit."""
    turn.need_reason()
    case, unit = turn.case, turn.step.unit
    if unit not in turn.book.units:
        turn.refuse(Why.UNKNOWN_CODE, field="unit", value=unit or "-")
    if turn.book.within(unit, case.unit) or turn.book.within(case.unit, unit):
        turn.not_now(Because.OFFERED_TO_ITSELF)
    _need_free(turn, unit)
    if turn.joint and any(one.offered_to == unit for one in offered(turn.joint.tasks)):
        turn.not_now(Because.UNIT_IS_OFFERED, unit=unit)
    not_under_review(turn, unit)
    not_returned_here(turn, unit)
    turn.stop(ClockKind.SIGN, Outcome.VOID)
    start_sign(turn, handle_of(turn), owner=f"unit:{unit}")
    _sign_waits(turn)
    turn.set_task(TaskState.HANDOVER_OFFERED)
    turn.patch = replace(
        turn.patch, offered_from=case.state, offered_to=unit, handovers=case.handovers + 1
    )
    turn.notify = (f"unit:{unit}", f"role:{Role.DISPATCHER}")


def _need_free(turn: Turn, unit: str) -> None:
    """A unit has one open task of a joint case; the plan may have given it one meanwhile."""
    if turn.joint and of_unit(turn.joint.tasks, unit):
        turn.not_now(Because.UNIT_HAS_TASK, unit=unit)


def _sign_waits(turn: Turn) -> None:
    """A limit to sign that begins, or goes on, waits as well while the whole case does."""
    for ground in grounds(handle_of(turn)):
        if ground in {CONSULTATION, CASE_HOLD}:
            turn.hold_up((ClockKind.SIGN,), ground)


def take_handover(turn: Turn) -> None:
    """K13: the other unit has it from now on; who holds it when it is due is late."""
    case, unit = turn.case, turn.case.offered_to
    _need_free(turn, unit)
    turn.stop(ClockKind.SIGN)
    turn.stop(ClockKind.INNER, Outcome.VOID)
    for clock in turn.clocks.values():
        if clock.kind in INSIDE_HANDLE and not _is_over(turn, clock):
            turn.put(replace(clock, owner=f"unit:{unit}"))
    turn.set_task(TaskState.SIGNED, person="")
    for task in turn.tasks.values():
        turn.put_task(replace(task, unit=unit, sub_unit=""))
    turn.patch = replace(turn.patch, unit=unit, person="", offered_to="")
    turn.notify = (f"unit:{case.unit}",)


def _is_over(turn: Turn, clock: Clock) -> bool:
    """Whether it has ended, or is late already: then it is whose it was."""
    due = clocks_.due_at(clock, turn.book.calendars)
    return clock.stopped_at is not None or (due is not None and due < turn.fact_at)


def decline_handover(turn: Turn) -> None:
    """K14: it stays where it is; silence declines too."""
    if turn.role is Role.SYSTEM:
        sign = turn.running(ClockKind.SIGN)
        if sign is not None and not sign.fired:
            turn.not_now(Because.STILL_TIME)
    else:
        turn.need_text()
    stays_with_sender(turn, turn.row.to or State.SIGNED)


def stop_handover(turn: Turn) -> None:
    """K14: who offered it keeps it, or the dispatcher says so.

    The system does, once the unit that it is offered to has a task of its own.
    """
    unit = turn.step.unit
    if turn.role is Role.SYSTEM and unit != turn.case.offered_to:
        turn.refuse(Why.UNKNOWN_CODE, field="unit", value=unit or "-")
    stays_with_sender(turn, turn.row.to or State.SIGNED)


def stays_with_sender(turn: Turn, to: State) -> None:
    """Who offered it goes on with it; unsigned, with what was left of its limit to sign."""
    case, turn.to = turn.case, to
    turn.stop(ClockKind.SIGN, Outcome.VOID)
    turn.set_task(TASK_STATE[to])
    if to is State.DISPATCHED:
        turn.go_on(ClockKind.SIGN, OFFERED, owner=f"unit:{case.unit}")
        _sign_goes_by_the_rules(turn)
        _sign_waits(turn)
    turn.patch = replace(turn.patch, offered_to="")
    turn.notify = (f"unit:{case.unit}", f"unit:{case.offered_to}")


def _sign_goes_by_the_rules(turn: Turn) -> None:
    """A limit to sign that goes on, by the calendar and limits that hold of the task now."""
    sign, handle = turn.running(ClockKind.SIGN), turn.running(ClockKind.HANDLE)
    if sign is None:
        return
    if not sign.continuous:
        sign = replace(sign, calendar=turn.calendar)
    limit = turn.flow.limits[ClockKind.SIGN].of(urgent=turn.is_urgent)
    turn.put(replace(sign_within(turn, sign, handle, limit), urgent=turn.is_urgent))


MOVES: Mapping[Action, Move] = MappingProxyType(
    {
        Action.OFFER_HANDOVER: Move(
            do=offer_handover, when=can_offer, needs=("unit", *REASONED)
        ),
        Action.TAKE_HANDOVER: Move(do=take_handover, needs=("text?",)),
        Action.DECLINE_HANDOVER: Move(do=decline_handover, needs=("text",)),
        Action.STOP_HANDOVER: Move(do=stop_handover, needs=("text?",)),
    }
)
