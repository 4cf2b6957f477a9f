"""Moves between levels (§5, last line): handed up 上交, handed down 下交."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from domain.clock import ClockKind
from domain.facts import Hop
from domain.levels import NEXT_UP, PLACED, lower_units, responsible
from domain.move import REASONED, Move
from domain.terms import Action, Level, Role, TaskState
from domain.turn import Turn
from domain.why import Because, Why


def _can_hand_on(turn: Turn) -> Level:
    """What both ways need; the level that has the case."""
    case, most = turn.case, turn.flow.max_hops
    if case.binding:
        turn.not_now(Because.BINDING)
    if len(case.hops) >= most:
        turn.refuse(Why.TOO_MANY, most=str(most), per="case")
    return turn.book.tier(case.unit).level


def can_hand_up(turn: Turn) -> None:
    """L1: there is a level above that answers for the place."""
    level = _can_hand_on(turn)
    if level not in NEXT_UP:
        turn.not_now(Because.HIGHEST_LEVEL)
    above = NEXT_UP[level]
    if above in PLACED and not responsible(turn.case, above, turn.book):
        turn.not_now(Because.NO_NEXT_LEVEL)


def hand_up(turn: Turn) -> None:
    """L1: this level cannot solve it; the next one gets it.

    The city's is another body: the duty chief transfers it there (T10).
    """
    turn.need_reason()
    above = NEXT_UP[turn.book.tier(turn.case.unit).level]
    to = responsible(turn.case, above, turn.book)
    _pass_on(turn, above, to)
    if above is Level.CITY and not to:
        turn.notify = (*turn.notify, f"role:{Role.DUTY_CHIEF}")


def can_hand_down(turn: Turn) -> None:
    """L2: there is a level below that answers for the place."""
    _can_hand_on(turn)
    if not lower_units(turn.case, turn.book):
        turn.not_now(Because.LOWEST_LEVEL)


def hand_down(turn: Turn) -> None:
    """L2: a lower level is to solve it; the text says what it is empowered to do."""
    turn.need_text()
    case, book, unit = turn.case, turn.book, turn.step.unit
    if not unit:
        turn.refuse(Why.NEEDS_FIELD, field="unit")
    if unit not in book.units:
        turn.refuse(Why.UNKNOWN_CODE, field="unit", value=unit)
    level = book.tier(unit).level
    if not book.tier(case.unit).level.above(level):
        turn.not_now(Because.NOT_LOWER, unit=unit)
    if unit not in lower_units(case, book):
        turn.not_now(Because.LOWER_ELSEWHERE, unit=unit)
    _pass_on(turn, level, unit)


def _pass_on(turn: Turn, level: Level, to: str) -> None:
    """The unit is out, and leaves no facts unless it is late; the dispatcher gives it on."""
    case, handle = turn.case, turn.running(ClockKind.HANDLE)
    turn.stop_unless_late(ClockKind.SIGN)
    turn.stop_unless_late(ClockKind.HANDLE)
    turn.set_task(TaskState.RETURNED)
    hop = Hop(
        unit=case.unit,
        by=turn.actor.person,
        at=turn.at,
        level=level,
        to=to,
        task_no=case.tasks[-1].task_no,
        clock=handle.clock_id if handle else "",
        reason=turn.reason,
    )
    turn.patch = replace(turn.patch, hops=(*case.hops, hop), unit="", person="")
    turn.start_stage(ClockKind.DISPATCH)
    told = (f"unit:{to}",) if to else ()
    turn.notify = (f"role:{Role.DISPATCHER}", *told)


MOVES: Mapping[Action, Move] = MappingProxyType(
    {
        Action.HAND_UP: Move(do=hand_up, when=can_hand_up, needs=REASONED),
        Action.HAND_DOWN: Move(do=hand_down, when=can_hand_down, needs=("unit", "text")),
    }
)
