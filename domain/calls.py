"""A call to the site and its limit: whether the time to come is over, whether to score it."""

from datetime import datetime

from domain import clock as clocks_
from domain.clock import RED, Calendars, Clock
from domain.facts import Call


def limit_over(clock: Clock, at: datetime, calendars: Calendars) -> bool:
    """Whether the time to come was over: at `at`, or when the limit stopped if it has."""
    if any(one.percent == RED and not one.superseded for one in clock.fired):
        return True
    due = clocks_.due_at(clock, calendars)
    return due is not None and (clock.stopped_at or at) > due


def to_score(call: Call, clock: Clock, at: datetime, calendars: Calendars) -> bool:
    """Whether it waits for its score: it came, or its limit is over; said once."""
    if call.scored_at or call.called_off:
        return False
    return bool(call.arrived_at) or limit_over(clock, at, calendars)
