"""Two persons: what one asks for, another decides (transitions §2.4)."""

from domain.facts import Pending
from domain.permission import has_handled, holds
from domain.terms import Role
from domain.turn import Turn
from domain.why import Because, Why


def request_of(turn: Turn, kind: str) -> Pending:
    """The request of a kind that waits.

    Raises:
        RefusedError: None does.
    """
    asked = turn.case.waiting(kind)
    if asked is None:
        turn.refuse(Why.NO_REQUEST, kind=kind)
    return asked


def another_than(turn: Turn, *persons: str, second: str = "decide") -> None:
    """Nobody decides on what he asked for himself."""
    if turn.actor.person in persons:
        turn.refuse(Why.SEPARATION, first="asked", second=second)


def need_decider(turn: Turn, decider: Role) -> None:
    """The step is this role's, whatever other role the actor came in with."""
    if not holds(turn.actor, decider, turn.case):
        turn.refuse(Why.FORBIDDEN, who=str(decider))
    turn.role = decider


def not_who_handled(turn: Turn, second: str = "decide") -> None:
    """Neither who handled the case, nor who entered that, nor anyone of the handling unit."""
    if has_handled(turn.actor, turn.case, turn.book):
        turn.refuse(Why.SEPARATION, first="handled", second=second)


def not_in_emergency(turn: Turn) -> None:
    """An emergency ends by its stand-down, and by nothing that leads past it (E6)."""
    if turn.case.emergency is not None:
        turn.not_now(Because.NOT_STOOD_DOWN)


def not_a_drill(turn: Turn) -> None:
    """A drill stays apart from real cases, and in the house."""
    if turn.case.drill:
        turn.not_now(Because.DRILL_APART)
