"""What clocks have used and passed in another system, before a case is taken over from it."""

from dataclasses import replace
from datetime import datetime, timedelta

from domain.calendar import Calendar
from domain.clock import (
    RED,
    Calendars,
    Clock,
    ClockKind,
    Fired,
    Pause,
    calendar_of,
    ran,
    rung_at,
)
from domain.command import Birth
from domain.pausing import FORMER

_DAY = timedelta(days=1)


def start_of(amount: timedelta, end: datetime, calendar: Calendar | None) -> datetime:
    """The latest instant from which `amount` runs until `end`; day and night without calendar.

    Raises:
        CalendarError: The calendar does not reach back that far.
    """
    if calendar is None or not amount:
        return end - amount
    day, left = calendar.local_day(end), amount
    while True:
        for opens, closes in reversed(calendar.slots_on(day)):
            until = min(closes, end)
            if until <= opens:
                continue
            if until - opens >= left:
                return until - left
            left -= until - opens
        day -= _DAY


def with_used(
    clock: Clock, amount: timedelta, end: datetime, calendars: Calendars, *, known: bool
) -> Clock:
    """The clock, having used exactly `amount` by `end`.

    Its start stays when it is known: what was not counted since then is a pause, and what was
    counted beyond is carried over. Otherwise it starts when that much time before `end` began.
    """
    if known:
        counted = ran(clock, (clock.started_at, max(end, clock.started_at)), calendars)
        if counted == amount:
            return clock
        if counted < amount:
            return replace(clock, carried=amount - counted, counts_from=clock.started_at)
    calendar = None if clock.continuous else calendar_of(clock, calendars)
    since = start_of(amount, end, calendar)
    if not known:
        return replace(clock, started_at=since)
    return replace(clock, pauses=(Pause(reason=FORMER, start=clock.started_at, end=since),))


def passed_by(clock: Clock, at: datetime, calendars: Calendars) -> tuple[Fired, ...]:
    """The rungs that a clock had passed by then, as fired without anyone being told here."""
    dues = {percent: rung_at(clock, percent, calendars) for percent in sorted(clock.rungs)}
    return tuple(
        Fired(percent=percent, due=due, budget_version=clock.budget_version, quiet=True)
        for percent, due in dues.items()
        if due is not None and due <= at
    )


def passed(birth: Birth) -> int:
    """Rungs that were passed in the other system."""
    return sum(one.quiet for clock in birth.clocks for one in clock.fired)


def late(birth: Birth) -> bool:
    """Whether a limit is over as it is taken over."""
    return any(
        one.quiet and one.percent >= RED
        for clock in birth.clocks
        if clock.kind is not ClockKind.BACKLOG
        for one in clock.fired
    )
