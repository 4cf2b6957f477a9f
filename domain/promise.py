"""The promise to the citizen: how long the whole case may take, and from when it counts."""

from dataclasses import replace
from datetime import datetime, timedelta

from domain import clock as clocks_
from domain.calendar import Limit, Unit
from domain.clock import Clock, ClockKind
from domain.facts import Extension
from domain.resuming import undo_stop
from domain.turn import Turn

_ANY = Limit(value=1, unit=Unit.NATURAL_DAY)
_AT_ONCE = timedelta(microseconds=1)


def start_promise(turn: Turn) -> None:
    """Start `whole`: until an upstream order's own due time (◆), else the policy's limit.

    A case that is open again after its own due time gets the policy's: that time is over.
    """
    due = turn.patch.upstream_due or turn.case.upstream_due
    again = bool(turn.of_kind(ClockKind.WHOLE))
    if turn.flow.own_due and due is not None and (due > turn.at or not again):
        promise_until(turn, due)
    elif turn.flow.whole is not None:
        turn.start(ClockKind.WHOLE, turn.flow.whole)


def resume_promise(turn: Turn) -> None:
    """The last promise runs on as if it had never stopped: the same reporter waits."""
    if turn.of_kind(ClockKind.WHOLE):
        undo_stop(turn, ClockKind.WHOLE)


def promise_until(turn: Turn, due: datetime) -> None:
    """Start `whole` so that it ends exactly then, by day and night; what is past is due now."""
    clock = turn.start(ClockKind.WHOLE, _ANY)
    turn.put(replace(clock, budget=max(due - clock.started_at, _AT_ONCE)))


def along(turn: Turn, clock: Clock, by: Extension) -> timedelta:
    """How far a clock moves along with an extension, in running time of its own."""
    if clock.continuous is by.continuous:
        return by.amount
    if clock.continuous:
        return by.after - by.before
    return turn.book.calendars[clock.calendar].working_between(by.before, by.after)


def lengthen(turn: Turn, clock: Clock, amount: timedelta) -> None:
    """Give a running clock more time; a rung since the step was asked is superseded."""
    if amount > timedelta(0):
        turn.put(clocks_.extend(clocks_.supersede(clock, turn.fact_at), amount))
