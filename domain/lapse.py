"""What does not outlive a move: requests nobody can decide any more, a hold, open letters."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from domain.clock import ClockKind, Outcome
from domain.pausing import HOLD
from domain.table import MOVES as TABLE
from domain.terms import FINAL, SETTLED, Action, State
from domain.turn import Turn

HELD = (ClockKind.HANDLE, ClockKind.WHOLE)
"""Clocks that a hold pauses."""


def _sources(action: Action) -> frozenset[State]:
    return frozenset(state for state, one in TABLE if one is action)


_DECIDED_IN: Mapping[str, frozenset[State]] = MappingProxyType(
    {
        "extension": _sources(Action.APPROVE_EXTENSION),
        "hold": _sources(Action.APPROVE_HOLD),
        "withdraw": _sources(Action.AGREE_WITHDRAW),
        "force_close": _sources(Action.FORCE_CLOSE),
        "refusal": frozenset(),
    }
)
"""States in which a request can still be decided; a refusal is overtaken by any move (T9)."""


def leave(turn: Turn) -> None:
    """End what the state that the step leads to has no room for."""
    case, to = turn.case, turn.to or turn.row.to
    if to is None or to is case.state:
        return
    for asked in turn.pending:
        if to not in _DECIDED_IN.get(asked.kind, {to}):
            turn.settle_request(asked.kind, Outcome.VOID)
    if case.state is State.ON_HOLD:
        _end_hold(turn)
    if to in SETTLED or to in FINAL:
        for letter in turn.of_kind(ClockKind.REPLY):
            turn.stop_clock(letter.clock_id, Outcome.VOID)


def _end_hold(turn: Turn) -> None:
    """The limits run on with what is left of them; the hold's own clocks stop (T42)."""
    turn.let_run(HELD, HOLD)
    for kind in (ClockKind.HOLD, ClockKind.HOLD_REVIEW, ClockKind.BACKLOG):
        turn.stop(kind, Outcome.VOID)
    turn.patch = replace(turn.patch, backlog=False)
