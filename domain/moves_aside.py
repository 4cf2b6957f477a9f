"""Moves beside the path: urge, supplement, comment, withdraw, void."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from domain.clock import ClockKind, Outcome
from domain.deciding import another_than, need_decider, not_in_emergency, request_of
from domain.joint import asking, is_running, shares
from domain.move import REASONED, Move
from domain.people import UNIT_ROLES
from domain.terms import SETTLED, Action, Role, State, TaskState
from domain.turn import Turn
from domain.turn_clocks import INSIDE_HANDLE
from domain.why import Why
from domain.window import hold_open


def urge(turn: Turn) -> None:
    """T44: ask whoever holds it to hurry."""
    case, day = turn.case, turn.today
    if turn.role is Role.REPORTER:
        if case.urges.count(day) >= turn.flow.urges_per_day:
            turn.refuse(Why.TOO_MANY, most=str(turn.flow.urges_per_day), per="day")
        turn.patch = replace(turn.patch, urges=(*case.urges, day))
    tasks = [one for one in shares(case.tasks) if is_running(one)]
    turn.notify = tuple(f"unit:{one.unit}" for one in tasks) or (_holder(turn),)


def _holder(turn: Turn) -> str:
    """Address of whoever holds the case."""
    case = turn.case
    if case.unit:
        return f"unit:{case.unit}"
    return f"person:{case.asked}" if case.asked else f"role:{Role.DUTY_CHIEF}"


def supplement(turn: Turn) -> None:
    """T44: add something to the report.

    While a question is open, what the reporter adds is his reply to it (T43): he need not know
    which box to write in, and the limits must not wait for a second one. It is not counted
    among the supplements of the day.
    """
    case, step = turn.case, turn.step
    if not step.photos:
        turn.need_text()
    if turn.role is Role.REPORTER and (case.question or asking(case.tasks)):
        turn.end_question(answered=True)
    elif turn.role is Role.REPORTER:
        day, most = turn.today, turn.flow.supplements_per_day
        if case.supplements.count(day) >= most:
            turn.refuse(Why.TOO_MANY, most=str(most), per="day")
        turn.patch = replace(turn.patch, supplements=(*case.supplements, day))
    turn.notify = (_holder(turn),)


def comment(turn: Turn) -> None:
    """T44: a remark within the house; whoever holds the case hears of it."""
    turn.need_text()
    turn.notify = () if turn.role in UNIT_ROLES else (_holder(turn),)


def withdraw(turn: Turn) -> None:
    """T52: the reporter takes it back before it is filed; he need not say why."""
    if turn.step.reason:
        turn.need_reason_code()
    turn.stop_all(Outcome.VOID)
    turn.patch = replace(turn.patch, settled_as=State.WITHDRAWN.value, asked="")


def request_withdraw(turn: Turn) -> None:
    """T53: once it is filed, the reporter's wish is the duty chief's to decide."""
    if turn.step.reason:
        turn.need_reason_code()
    turn.request("withdraw", owner=Role.DUTY_CHIEF)


def can_decide_withdraw(turn: Turn) -> None:
    """T53: the reporter asked."""
    request_of(turn, "withdraw")


def can_agree_withdraw(turn: Turn) -> None:
    """T53: the reporter asked; an emergency is stood down first."""
    can_decide_withdraw(turn)
    not_in_emergency(turn)


def agree_withdraw(turn: Turn) -> None:
    """T53: it ends, and leaves no facts for the unit."""
    case = turn.case
    turn.settle_request("withdraw")
    turn.stop_all(Outcome.VOID)
    for kind in (ClockKind.SIGN, *INSIDE_HANDLE):
        for clock in turn.of_kind(kind):
            if clock.owner == f"unit:{case.unit}":
                turn.put(replace(clock, outcome=Outcome.VOID))
    if case.unit:
        turn.set_task(TaskState.WITHDRAWN)
        turn.notify = (f"unit:{case.unit}",)
    turn.notify = (*turn.notify, "reporter")
    turn.patch = replace(turn.patch, settled_as=State.WITHDRAWN.value, asked="")


def refuse_withdraw(turn: Turn) -> None:
    """T53: there is danger, or others are concerned; it goes on without the reporter."""
    turn.need_reason()
    turn.settle_request("withdraw")
    turn.notify = ("reporter",)


def request_void(turn: Turn) -> None:
    """T54: ask that the case be voided."""
    turn.need_reason()
    ask_void(turn)


def ask_void(turn: Turn) -> None:
    """T54: the wish waits for its decider, and a settled case is not archived meanwhile."""
    turn.request("void", owner=void_decider(turn.case.state))
    hold_open(turn)


def void_decider(state: State) -> Role:
    """T54: who decides on voiding a case in this state."""
    return Role.COMMAND_CHIEF if state in SETTLED else Role.DUTY_CHIEF


def can_decide_void(turn: Turn) -> None:
    """T54: asked by another person; a settled case takes the command chief."""
    another_than(turn, request_of(turn, "void").by)
    need_decider(turn, void_decider(turn.case.state))


def void(turn: Turn) -> None:
    """T54: out of all rates; the reporter is told why."""
    turn.need_reason()
    turn.settle_request("void")
    turn.stop_all(Outcome.VOID)
    turn.notify = ("reporter",)
    if turn.case.unit:
        turn.set_task(TaskState.WITHDRAWN)
        turn.notify = (f"unit:{turn.case.unit}", "reporter")
    turn.patch = replace(turn.patch, settled_as=State.VOIDED.value, asked="")


def refuse_void(turn: Turn) -> None:
    """T54: the case goes on."""
    turn.need_reason()
    turn.settle_request("void")


MOVES: Mapping[Action, Move] = MappingProxyType(
    {
        Action.URGE: Move(do=urge, needs=("text?",)),
        Action.WITHDRAW: Move(do=withdraw, needs=("reason?", "text?")),
        Action.SUPPLEMENT: Move(do=supplement, needs=("text?", "photos?")),
        Action.COMMENT: Move(do=comment, needs=("text",)),
        Action.REQUEST_WITHDRAW: Move(do=request_withdraw, needs=("reason?", "text?")),
        Action.AGREE_WITHDRAW: Move(do=agree_withdraw, when=can_agree_withdraw),
        Action.REFUSE_WITHDRAW: Move(
            do=refuse_withdraw, when=can_decide_withdraw, needs=REASONED
        ),
        Action.REQUEST_VOID: Move(do=request_void, needs=REASONED),
        Action.VOID: Move(do=void, when=can_decide_void, needs=REASONED),
        Action.REFUSE_VOID: Move(do=refuse_void, when=can_decide_void, needs=REASONED),
    }
)
