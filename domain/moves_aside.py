"""Moves beside the path: urge, withdraw, void."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from domain.clock import Outcome
from domain.move import REASONED, Move
from domain.permission import holds
from domain.refusal import Why
from domain.terms import SETTLED, Action, Role, State, TaskState
from domain.turn import Turn


def urge(turn: Turn) -> None:
    """T44: ask whoever holds it to hurry."""
    case, day = turn.case, turn.local(turn.fact_at).date().isoformat()
    if turn.role is Role.REPORTER:
        if case.urges.count(day) >= turn.flow.urges_per_day:
            turn.refuse(Why.TOO_MANY, most=str(turn.flow.urges_per_day), per="day")
        turn.patch = replace(turn.patch, urges=(*case.urges, day))
    if case.unit:
        turn.notify = (f"unit:{case.unit}",)
    elif case.asked:
        turn.notify = (f"person:{case.asked}",)
    else:
        turn.notify = (f"role:{Role.DUTY_CHIEF}",)


def withdraw(turn: Turn) -> None:
    """T52: the reporter takes it back before it is filed."""
    turn.stop_all(Outcome.VOID)
    turn.patch = replace(turn.patch, settled_as=State.WITHDRAWN.value, asked="")


def request_void(turn: Turn) -> None:
    """T54: ask that the case be voided."""
    turn.need_reason()
    turn.request("void", owner=_decider(turn))


def _decider(turn: Turn) -> Role:
    return Role.COMMAND_CHIEF if turn.case.state in SETTLED else Role.DUTY_CHIEF


def can_decide_void(turn: Turn) -> None:
    """T54: asked by another person; a settled case takes the command chief."""
    asked = turn.case.waiting("void")
    if asked is None:
        turn.refuse(Why.NO_REQUEST, kind="void")
    if asked.by == turn.actor.person:
        turn.refuse(Why.SEPARATION, first="asked", second="decide")
    decider = _decider(turn)
    if not holds(turn.actor, decider, turn.case):
        turn.refuse(Why.FORBIDDEN, who=str(decider))
    turn.role = decider


def void(turn: Turn) -> None:
    """T54: out of all rates."""
    turn.need_reason()
    turn.settle_request("void")
    turn.stop_all(Outcome.VOID)
    if turn.case.unit:
        turn.set_task(TaskState.WITHDRAWN)
        turn.notify = (f"unit:{turn.case.unit}",)
    turn.patch = replace(turn.patch, settled_as=State.VOIDED.value, asked="")


def refuse_void(turn: Turn) -> None:
    """T54: the case goes on."""
    turn.need_reason()
    turn.settle_request("void")


MOVES: Mapping[Action, Move] = MappingProxyType(
    {
        Action.URGE: Move(do=urge, needs=("text?",)),
        Action.WITHDRAW: Move(do=withdraw, needs=("text?",)),
        Action.REQUEST_VOID: Move(do=request_void, needs=REASONED),
        Action.VOID: Move(do=void, when=can_decide_void, needs=REASONED),
        Action.REFUSE_VOID: Move(do=refuse_void, when=can_decide_void, needs=REASONED),
    }
)
