"""What an action checks and does, and what a form must offer for it."""

from collections.abc import Callable
from dataclasses import dataclass

from domain.turn import Turn

REASONED = ("reason", "text")


@dataclass(frozen=True, kw_only=True)
class Move:
    """An action's behaviour.

    Attributes:
        do: Check the step and note its effects on the turn.
        when: What must hold before anything is filled in; decides if a button is shown.
        needs: Fields a form must offer, for pages and API clients; `?` marks an optional one.
    """

    do: Callable[[Turn], None]
    when: Callable[[Turn], None] | None = None
    needs: tuple[str, ...] = ()
