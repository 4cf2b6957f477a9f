"""Stopped clocks that run again: `handle` after a feedback that did not stand, and others."""

from dataclasses import replace

from domain.clock import Clock, ClockKind
from domain.pausing import go_on
from domain.turn import Turn
from domain.turn_clocks import INSIDE_HANDLE, stage_of


def stopped_with(turn: Turn, clock: Clock) -> list[Clock]:
    """A stopped clock, and what ran inside it till then; a stage that was marked stays done."""
    if clock.stopped_at is None:
        return []
    marked = turn.case.task.stages if turn.case.task else ()
    inside = INSIDE_HANDLE[1:] if clock.kind is ClockKind.HANDLE else ()
    return [
        clock,
        *(
            one
            for kind in inside
            for one in turn.of_kind(kind)
            if (one.stopped_at, one.outcome) == (clock.stopped_at, clock.outcome)
            and stage_of(one) not in marked
        ),
    ]


def resume_handle(turn: Turn, gap: str) -> None:
    """`handle` runs on with all that is in it; the time since it stopped does not count."""
    for clock in stopped_with(turn, turn.of_kind(ClockKind.HANDLE)[-1]):
        turn.put(go_on(clock, turn.at, gap))


def undo_stop(turn: Turn, kind: ClockKind) -> None:
    """The last clock of a kind runs as if it had never stopped; a rung since then counts."""
    for clock in stopped_with(turn, turn.of_kind(kind)[-1]):
        since = clock.stopped_at or turn.at
        fired = tuple(
            replace(one, superseded=one.superseded and one.due <= since) for one in clock.fired
        )
        turn.put(replace(clock, stopped_at=None, outcome=None, fired=fired))
