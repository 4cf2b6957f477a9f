"""What each action checks and does: the table's rows, bound to the functions of `moves_*`."""

from collections.abc import Mapping
from types import MappingProxyType

from domain import (
    moves_aside,
    moves_birth,
    moves_department,
    moves_dispatch,
    moves_extension,
    moves_follow_up,
    moves_intake,
    moves_result,
    moves_verify,
)
from domain.move import Move
from domain.terms import Action

MOVES: Mapping[Action, Move] = MappingProxyType(
    {
        **moves_birth.MOVES,
        **moves_intake.MOVES,
        **moves_verify.MOVES,
        **moves_dispatch.MOVES,
        **moves_department.MOVES,
        **moves_extension.MOVES,
        **moves_result.MOVES,
        **moves_aside.MOVES,
        **moves_follow_up.MOVES,
    }
)
