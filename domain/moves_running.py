"""The move of a running case to other versions of policy, catalogue and calendar."""

from collections.abc import Mapping
from types import MappingProxyType

from domain import repin as versions_
from domain.move import Move
from domain.terms import Action
from domain.turn import Turn
from domain.why import Because


def can_repin(turn: Turn) -> None:
    """There is a version in force that the case is not judged by, or the step names one."""
    if not versions_.wanted(turn).changes:
        turn.not_now(Because.NOTHING_CHANGES)


def repin(turn: Turn) -> None:
    """Running clocks go by the new versions from now on; used time is kept."""
    versions_.repin(turn, versions_.wanted(turn))


MOVES: Mapping[Action, Move] = MappingProxyType(
    {Action.REPIN: Move(do=repin, when=can_repin)},
)
