"""Moves of the hold (挂账): what cannot be solved now waits, once, until a date."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from domain.calendar import to_utc
from domain.clock import ClockKind
from domain.deciding import another_than, need_decider, not_who_handled
from domain.facts import Pending
from domain.joint import is_running, shares
from domain.lapse import HELD, end_hold
from domain.move import REASONED, Move
from domain.moves_department import in_time, is_late
from domain.pausing import HOLD
from domain.terms import Action, Role, TaskState
from domain.turn import Turn
from domain.why import Because, Why


def can_request_hold(turn: Turn) -> None:
    """T40: before the limit, not too often, one at a time."""
    case, most = turn.case, turn.flow.max_holds
    if case.holds >= most:
        turn.refuse(Why.TOO_MANY, most=str(most), per="case")
    if case.waiting("hold"):
        turn.refuse(Why.ALREADY, what="hold")
    in_time(turn)


def request_hold(turn: Turn) -> None:
    """T40: ask that the case wait until a date; the limit runs on until it is decided."""
    turn.need_reason()
    until = need_until(turn)
    turn.request("hold", owner=who_decides(turn, turn.at, until, turn.reason), until=until)


def need_until(turn: Turn) -> datetime:
    """The step needs the last moment of the hold, and that not too far off."""
    until = turn.step.until
    if until is None or until.tzinfo is None or until <= turn.at:
        turn.refuse(Why.NEEDS_FIELD, field="until")
    latest = turn.own_calendar.after(turn.at, turn.flow.hold_most)
    if until > latest:
        turn.not_now(Because.HOLD_TOO_LONG, until=turn.until(latest))
    return to_utc(until)


def who_decides(turn: Turn, asked_at: datetime, until: datetime, reason: str) -> Role:
    """T41: a short hold is the dispatcher's; a long, hard or late one the command chief's."""
    flow = turn.flow
    short = until <= turn.own_calendar.after(asked_at, flow.hold_dispatcher_most)
    hard = reason in flow.hold_hard
    return Role.DISPATCHER if short and not hard and not is_late(turn) else Role.COMMAND_CHIEF


def can_decide_hold(turn: Turn) -> None:
    """T40, T41: the right role, and never who asked, nor the unit."""
    asked, until = _asked(turn)
    another_than(turn, asked.by)
    not_who_handled(turn)
    need_decider(turn, who_decides(turn, asked.at, until, asked.reason))


def _asked(turn: Turn) -> tuple[Pending, datetime]:
    asked = turn.case.waiting("hold")
    if asked is None or asked.until is None:
        turn.refuse(Why.NO_REQUEST, kind="hold")
    return asked, asked.until


def refuse_hold(turn: Turn) -> None:
    """T40: no; the limit has been running all along."""
    turn.need_reason()
    turn.settle_request("hold")
    turn.notify = (f"unit:{turn.case.unit}",)


def approve_hold(turn: Turn) -> None:
    """T41: it waits, and the promise to the citizen with it."""
    _, until = _asked(turn)
    if until <= turn.at:
        turn.not_now(Because.HOLD_OVER, until=turn.until(until))
    turn.settle_request("hold")
    put_on_hold(turn, until)
    turn.notify = (f"unit:{turn.case.unit}", "reporter")


def put_on_hold(turn: Turn, until: datetime) -> None:
    """Pause the limits until a date, and see to it that nobody forgets the case meanwhile.

    The role in which the step is taken looks at it again and again (`hold_review`).
    """
    case, flow = turn.case, turn.flow
    turn.hold_up(HELD, HOLD)
    hold = turn.start(ClockKind.HOLD, flow.hold_most, owner=f"unit:{case.unit}")
    turn.put(replace(hold, budget=until - hold.started_at, continuous=True, calendar=""))
    turn.start(ClockKind.HOLD_REVIEW, flow.hold_review, owner=str(turn.role))
    turn.start(ClockKind.BACKLOG, flow.hold_backlog, owner=Role.DUTY_CHIEF)
    turn.patch = replace(turn.patch, holds=case.holds + 1, hold_until=until)


def can_resume(turn: Turn) -> None:
    """T42: the system goes on with it on the date, not before."""
    hold = turn.running(ClockKind.HOLD)
    if turn.role is Role.SYSTEM and hold is not None and not hold.fired:
        turn.not_now(Because.HOLD_RUNS)


def resume(turn: Turn) -> None:
    """T42: handling goes on; before the date somebody says why the cause is gone."""
    if turn.role is not Role.SYSTEM:
        turn.need_text()
    if turn.case.joint:
        end_hold(turn)
        tasks = (one for one in shares(turn.case.tasks) if is_running(one))
        turn.notify = (*(f"unit:{one.unit}" for one in tasks), "reporter")
        return
    turn.set_task(TaskState.HANDLING)
    turn.notify = (f"unit:{turn.case.unit}",)


MOVES: Mapping[Action, Move] = MappingProxyType(
    {
        Action.REQUEST_HOLD: Move(
            do=request_hold, when=can_request_hold, needs=("until", *REASONED)
        ),
        Action.REFUSE_HOLD: Move(do=refuse_hold, when=can_decide_hold, needs=REASONED),
        Action.APPROVE_HOLD: Move(do=approve_hold, when=can_decide_hold, needs=("text?",)),
        Action.RESUME: Move(do=resume, when=can_resume, needs=("text",)),
    }
)
