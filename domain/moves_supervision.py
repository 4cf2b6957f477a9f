"""Moves of supervision (督办): a letter that takes a written answer within a limit."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from domain.clock import ClockKind
from domain.facts import Supervision
from domain.move import Move
from domain.row import Who
from domain.terms import Action, Role
from domain.turn import Turn
from domain.why import Because, Why


def supervise(turn: Turn) -> None:
    """T45: a supervisor's letter, or the one that a rung of `handle` brings."""
    rung = turn.step.rung if turn.role is Role.SYSTEM else 0
    if not rung:
        turn.need_text()
    write_letter(turn, rung=rung, of=turn.step.of if rung else "")


def write_letter(turn: Turn, *, rung: int = 0, of: str = "", by: str = "") -> None:
    """Write a letter to the unit that holds the case, or to the duty chief while none does.

    `by` is who wrote it, where that is not who acts.
    """
    case = turn.case
    unit = case.unit if turn.patch.unit is None else turn.patch.unit
    address = f"unit_head:{unit}" if unit else f"role:{Role.DUTY_CHIEF}"
    limit = turn.start_stage(ClockKind.REPLY, owner=address if unit else Role.DUTY_CHIEF)
    letter = Supervision(
        by=by or turn.actor.person,
        at=turn.at,
        to=unit or Role.DUTY_CHIEF,
        clock=limit.clock_id,
        rung=rung,
        of=of,
    )
    letters = (*case.supervisions, letter)
    turn.patch = replace(turn.patch, supervised=True, supervisions=letters)
    turn.notify = tuple(dict.fromkeys((*turn.notify, address)))


def can_answer_letter(turn: Turn) -> None:
    """T45: a letter waits; the unit that holds the case answers, the duty chief without one."""
    if turn.case.supervision is None:
        turn.not_now(Because.NO_LETTER)
    if turn.role is Role.DUTY_CHIEF and turn.case.unit:
        turn.refuse(Why.FORBIDDEN, who=str(Who.UNIT_APPROVER))


def supervise_reply(turn: Turn) -> None:
    """T45: the answer to the oldest letter that waits."""
    turn.need_text()
    letters = turn.case.supervisions
    asked = next(one for one in letters if one is turn.case.supervision)
    answered = replace(asked, replied_at=turn.at)
    turn.stop_clock(asked.clock)
    turn.patch = replace(
        turn.patch,
        supervisions=tuple(answered if one is asked else one for one in letters),
    )
    turn.notify = (f"role:{Role.SUPERVISOR}",)


MOVES: Mapping[Action, Move] = MappingProxyType(
    {
        Action.SUPERVISE: Move(do=supervise, needs=("text",)),
        Action.SUPERVISE_REPLY: Move(
            do=supervise_reply, when=can_answer_letter, needs=("text",)
        ),
    }
)
