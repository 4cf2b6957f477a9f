"""What each action checks and does: the table's rows, bound to the functions of `moves_*`."""

from collections.abc import Mapping
from types import MappingProxyType

from domain import (
    moves_arbitration,
    moves_aside,
    moves_birth,
    moves_classify,
    moves_consult,
    moves_department,
    moves_direct,
    moves_dispatch,
    moves_emergency,
    moves_extension,
    moves_follow_up,
    moves_force_close,
    moves_hold,
    moves_intake,
    moves_joint,
    moves_levels,
    moves_merge,
    moves_question,
    moves_result,
    moves_return,
    moves_review,
    moves_running,
    moves_split,
    moves_supervision,
    moves_task,
    moves_transfer,
    moves_unit,
    moves_verify,
    moves_whistle,
)
from domain.case import Case
from domain.move import Move
from domain.terms import Action

MOVES: Mapping[Action, Move] = MappingProxyType(
    {
        **moves_birth.MOVES,
        **moves_intake.MOVES,
        **moves_verify.MOVES,
        **moves_direct.MOVES,
        **moves_classify.MOVES,
        **moves_dispatch.MOVES,
        **moves_department.MOVES,
        **moves_unit.MOVES,
        **moves_return.MOVES,
        **moves_arbitration.MOVES,
        **moves_consult.MOVES,
        **moves_transfer.MOVES,
        **moves_extension.MOVES,
        **moves_result.MOVES,
        **moves_aside.MOVES,
        **moves_follow_up.MOVES,
        **moves_review.MOVES,
        **moves_hold.MOVES,
        **moves_question.MOVES,
        **moves_supervision.MOVES,
        **moves_force_close.MOVES,
        **moves_running.MOVES,
        **moves_split.MOVES,
        **moves_merge.MOVES,
        **moves_joint.MOVES,
        **moves_whistle.MOVES,
        **moves_levels.MOVES,
        **moves_emergency.MOVES,
        **moves_task.BIRTH,
    }
)
OF_TASKS: Mapping[Action, Move] = MappingProxyType({**MOVES, **moves_task.MOVES})
"""The same for a department's task inside a joint case."""


def needs_of(action: Action) -> tuple[str, ...]:
    """The fields that an action takes, in a case or in a task of one; `?`: may be left out."""
    moves = (table[action] for table in (MOVES, OF_TASKS) if action in table)
    return tuple(dict.fromkeys(need for move in moves for need in move.needs))


def move_of(case: Case, action: Action) -> Move:
    """What an action checks and does in this case, or in this task of one.

    Raises:
        KeyError: It is no move.
    """
    return (OF_TASKS if case.parent else MOVES)[action]
