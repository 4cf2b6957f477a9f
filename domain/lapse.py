"""What does not outlive a move: requests nobody can decide, a hold, open letters, a ruling."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from domain.clock import ClockKind, Outcome
from domain.moves_aside import void_decider
from domain.pausing import HOLD
from domain.people import REPORTER, SYSTEM
from domain.table import MOVES as TABLE
from domain.terms import Action, State
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
_ANSWERED_IN = _sources(Action.SUPERVISE_REPLY) | {State.HANDOVER_OFFERED}
"""States in which a supervision letter can be answered; no limit runs in the others (T45)."""


def leave(turn: Turn) -> None:
    """End what the state that the step leads to has no room for; who asked for it is told."""
    to = turn.to or turn.row.to
    if to is not None and to is not turn.case.state:
        _end(turn, to)
    _tell_who_asked(turn)


def _end(turn: Turn, to: State) -> None:
    """Requests, a hold, and letters, which go with their unit."""
    case = turn.case
    for asked in turn.pending:
        if to not in _DECIDED_IN.get(asked.kind, {to}):
            turn.settle_request(asked.kind, Outcome.VOID)
    if case.state is State.ON_HOLD:
        end_hold(turn)
    _pass_void_on(turn, to)
    moved = turn.patch.unit not in {None, case.unit}
    if case.binding and moved and turn.patch.binding is None and not case.joint:
        turn.patch = replace(turn.patch, binding=False)
    lost = case.unit if moved else ""
    for letter in case.supervisions:
        if to not in _ANSWERED_IN or (lost and letter.to == lost):
            turn.stop_clock(letter.clock, Outcome.VOID)


def _tell_who_asked(turn: Turn) -> None:
    """Nobody decided what he asked for: it lapsed, and he need not wait."""
    still = {one.kind for one in turn.pending}
    decided = {
        one.clock_id for one in turn.of_kind(ClockKind.DECIDE) if one.outcome is Outcome.DONE
    }
    if turn.row.to is State.ARCHIVED:
        decided = set()
    for asked in turn.case.pending:
        if asked.kind in still or asked.clock in decided:
            continue
        if asked.by not in {turn.actor.person, SYSTEM.person}:
            told = asked.by if asked.by == REPORTER.person else f"person:{asked.by}"
            turn.notify = (*turn.notify, told)


def _pass_void_on(turn: Turn, to: State) -> None:
    """A wish to void is another's to decide once the case is settled, or open again (T54)."""
    asked = next((one for one in turn.pending if one.kind == "void"), None)
    owner = void_decider(to)
    for decide in turn.of_kind(ClockKind.DECIDE) if asked else ():
        if asked and decide.clock_id == asked.clock and decide.owner != owner:
            turn.put(replace(decide, owner=str(owner)))
            turn.notify = (*turn.notify, f"role:{owner}")


def end_hold(turn: Turn) -> None:
    """The limits run on with what is left of them; the hold's own clocks stop (T42)."""
    turn.let_run(HELD, HOLD)
    for kind in (ClockKind.HOLD, ClockKind.HOLD_REVIEW, ClockKind.BACKLOG):
        turn.stop(kind, Outcome.VOID)
    turn.patch = replace(turn.patch, backlog=False)
