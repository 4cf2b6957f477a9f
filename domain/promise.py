"""The promise to the citizen: how long the whole case may take, and from when it counts."""

from dataclasses import replace
from datetime import datetime, timedelta

from domain.calendar import Limit, Unit
from domain.clock import ClockKind
from domain.turn import Turn

_ANY = Limit(value=1, unit=Unit.NATURAL_DAY)
_AT_ONCE = timedelta(microseconds=1)


def start_promise(turn: Turn) -> None:
    """Start `whole`: until an upstream order's own due time (◆), else the policy's limit."""
    due = turn.patch.upstream_due or turn.case.upstream_due
    if turn.flow.own_due and due is not None:
        promise_until(turn, due)
    elif turn.flow.whole is not None:
        turn.start(ClockKind.WHOLE, turn.flow.whole)


def promise_until(turn: Turn, due: datetime) -> None:
    """Start `whole` so that it ends exactly then, by day and night; what is past is due now."""
    clock = turn.start(ClockKind.WHOLE, _ANY)
    turn.put(replace(clock, budget=max(due - clock.started_at, _AT_ONCE)))
