"""Moves of merged cases: T49-T51 on the case that follows, and on the main case it follows.

A main case under which many reports of one cause come together is a hot spot (热点).

A case changes only itself; what one of these moves means for the other case is a command to
that case (`domain.sequel`). Every such command names the case it comes from in `step.other`.
Reopening a main case leaves the cases that were closed with it as they are: their reporters
had the same answer and are called back on their own. No unit handled such a case, so what is
still unsolved is reopened on the main case.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from domain import moves_result
from domain.case_number import is_case_number
from domain.clock import ClockKind, Outcome
from domain.deciding import not_a_drill, not_in_emergency
from domain.joint import case_of_task, shares
from domain.move import Move
from domain.moves_intake import another_decides
from domain.moves_return import can_decide_return
from domain.terms import Action, Role, TaskState
from domain.turn import Turn
from domain.why import Because, Why


def can_merge(turn: Turn) -> None:
    """T49: not while it or a task is on hold, or is to be, nor by whom §2.4 bars."""
    if turn.case.waiting("hold"):
        turn.not_now(Because.HOLD_ASKED)
    for task in shares(turn.case.tasks):
        if task.state is TaskState.ON_HOLD:
            turn.not_now(Because.TASK_ON_HOLD, task=str(task.task_no))
    another_decides(turn)
    can_decide_return(turn)
    not_a_drill(turn)
    not_in_emergency(turn)


def merge(turn: Turn) -> None:
    """T49: follow the main case; the unit is out without facts, the promise runs on."""
    case, main = turn.case, turn.step.other
    if not main:
        turn.refuse(Why.NEEDS_FIELD, field="main")
    _check_main(turn, main)
    told = case.unit and f"unit:{case.unit}", case.asked and f"person:{case.asked}"
    turn.notify = tuple(one for one in told if one)
    if case.unit:
        turn.set_task(TaskState.WITHDRAWN)
    _stop_all_but_promise(turn)
    turn.patch = replace(turn.patch, main=main, unit="", person="", asked="")


def _check_main(turn: Turn, main: str) -> None:
    """The main case is a case of its own, and neither this one nor what came of this one."""
    case, whole = turn.case, case_of_task(main)
    if not is_case_number(whole or main):
        turn.refuse(Why.UNKNOWN_CODE, field="main", value=main)
    if whole == case.case_no:
        turn.not_now(Because.OWN_TASK, main=main)
    if whole:
        turn.not_now(Because.MAIN_IS_TASK, main=main)
    if main == case.case_no:
        turn.not_now(Because.OWN_MAIN)
    if main in case.merged:
        turn.not_now(Because.MAIN_FOLLOWS)
    if main in case.parts:
        turn.not_now(Because.OWN_PART, main=main)


def _stop_all_but_promise(turn: Turn) -> None:
    """Every stage ends without facts and requests lapse; a wish to void still stands."""
    void = turn.case.waiting("void")
    if turn.case.pending:
        turn.patch = replace(turn.patch, pending=(void,) if void else ())
    for kind in ClockKind:
        if kind not in {ClockKind.WHOLE, ClockKind.DECIDE}:
            while turn.running(kind) is not None:
                turn.stop(kind, Outcome.VOID)
    for clock in turn.of_kind(ClockKind.DECIDE):
        if void is None or clock.clock_id != void.clock:
            turn.stop_decide(clock.clock_id, Outcome.VOID)


def take_in(turn: Turn) -> None:
    """T49, on the main case: another case follows this one."""
    not_a_drill(turn)
    child = turn.step.other
    if not child or child in turn.case.merged:
        turn.not_now(Because.NOT_FOLLOWING)
    _follow(turn, (*turn.case.merged, child))


def let_go(turn: Turn) -> None:
    """T50, on the main case: a case that followed it goes its own way."""
    merged = turn.case.merged
    if turn.step.other not in merged:
        turn.not_now(Because.NOT_FOLLOWING)
    _follow(turn, tuple(one for one in merged if one != turn.step.other))


def _follow(turn: Turn, merged: tuple[str, ...]) -> None:
    """Who follows now; their number makes a hot spot, unless the dispatcher said what it is."""
    turn.patch = replace(turn.patch, merged=merged)
    case, hot = turn.case, len(merged) >= turn.flow.hot_spot_from
    if not case.hot_by_hand and hot is not case.hot_spot:
        turn.patch = replace(turn.patch, hot_spot=hot)
        if hot:
            turn.notify = (f"role:{Role.DISPATCHER}", *_unit_of(turn))


def release(turn: Turn) -> None:
    """T50: no longer merged; it waits to be filed."""
    _need_same_main(turn)
    turn.patch = replace(turn.patch, main="")
    turn.start_stage(ClockKind.FILE)
    turn.notify = (f"role:{Role.DUTY_CHIEF}",)


def main_settled(turn: Turn) -> None:
    """T51: the same answer as the main case, and a call-back of its own."""
    _need_same_main(turn)
    moves_result.close(turn)


def can_mark(turn: Turn) -> None:
    """T49: it is none yet."""
    if turn.case.hot_spot:
        turn.not_now(Because.HOT_ALREADY)


def mark_hot_spot(turn: Turn) -> None:
    """T49, on a main case: the dispatcher expects more reports of this cause."""
    turn.patch = replace(turn.patch, hot_spot=True, hot_by_hand=True)
    turn.notify = _unit_of(turn)


def can_unmark(turn: Turn) -> None:
    """T49: it is one."""
    if not turn.case.hot_spot:
        turn.not_now(Because.NOT_HOT)


def unmark_hot_spot(turn: Turn) -> None:
    """T49, on a main case: no more reports of this cause are expected."""
    turn.patch = replace(turn.patch, hot_spot=False, hot_by_hand=True)


def _unit_of(turn: Turn) -> tuple[str, ...]:
    return (f"unit:{turn.case.unit}",) if turn.case.unit else ()


def _need_same_main(turn: Turn) -> None:
    """What comes from a main case counts only while this case follows that one."""
    if turn.role is Role.SYSTEM and turn.step.other != turn.case.main:
        turn.not_now(Because.NOT_FOLLOWING)


MOVES: Mapping[Action, Move] = MappingProxyType(
    {
        Action.MERGE: Move(do=merge, when=can_merge, needs=("other", "text?")),
        Action.TAKE_IN: Move(do=take_in),
        Action.LET_GO: Move(do=let_go),
        Action.RELEASE: Move(do=release, needs=("text?",)),
        Action.MAIN_SETTLED: Move(do=main_settled),
        Action.MARK_HOT_SPOT: Move(do=mark_hot_spot, when=can_mark, needs=("text?",)),
        Action.UNMARK_HOT_SPOT: Move(do=unmark_hot_spot, when=can_unmark, needs=("text?",)),
    }
)
