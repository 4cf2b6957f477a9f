"""The sum behind a clock: a row for each day, so that a person can redo it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.calendar import NamedDay, Span, to_utc
from domain.clock import Calendars, Clock, Pause, calendar_of, due_at, running_spans

_ZERO = timedelta(0)


@dataclass(frozen=True, kw_only=True)
class ExplainRow:
    """One line of the sum behind a clock: a local day, or one stretch of a continuous clock."""

    day: date  # of a continuous clock, the UTC day on which the stretch starts
    kind: NamedDay | None  # None for a continuous clock, and for what was carried over
    counted: tuple[Span, ...]  # the intervals that count, UTC
    amount: timedelta  # running time of this row: the length of `counted`, or the carried time
    total: timedelta  # running time up to and with this row
    past_budget: (
        timedelta  # how much of `total` is past the original budget: extension, then late
    )
    pauses: tuple[Pause, ...]  # those that touch this row


def explain(
    clock: Clock, calendars: Calendars, *, until: datetime | None = None
) -> tuple[ExplainRow, ...]:
    """The sum behind a clock, so that a person can redo it.

    It ends at `until` but not past the stop; if None at the stop, else the due time, else the
    open pause. A row for each local day, those that count nothing included; of a continuous
    clock, for each stretch between pauses.
    """
    end = until or clock.stopped_at or due_at(clock, calendars) or clock.pauses[-1].start
    end = min(to_utc(end), clock.stopped_at or to_utc(end))
    total, rows = _ZERO, []
    if clock.carried:
        rows.append(_carried(clock, calendars))
        total = clock.carried
    days = _by_stretch(clock, end) if clock.continuous else _by_day(clock, end, calendars)
    for day, kind, counted, pauses in days:
        amount = sum((closes - opens for opens, closes in counted), _ZERO)
        total += amount
        past = max(_ZERO, total - clock.budget)
        rows.append(
            ExplainRow(
                day=day,
                kind=kind,
                counted=counted,
                amount=amount,
                total=total,
                past_budget=past,
                pauses=pauses,
            )
        )
    return tuple(rows)


def _carried(clock: Clock, calendars: Calendars) -> ExplainRow:
    since = clock.counts_from or clock.started_at
    calendar = None if clock.continuous else calendar_of(clock, calendars)
    return ExplainRow(
        day=calendar.local_day(since) if calendar else since.date(),
        kind=None,
        counted=(),
        amount=clock.carried,
        total=clock.carried,
        past_budget=max(_ZERO, clock.carried - clock.budget),
        pauses=(),
    )


_Days = Iterator[tuple[date, NamedDay | None, tuple[Span, ...], tuple[Pause, ...]]]


def _by_stretch(clock: Clock, end: datetime) -> _Days:
    for opens, closes in running_spans(clock, end):
        counted = ((opens, closes),) if opens < closes else ()
        pauses = tuple(one for one in clock.pauses if one.start == closes)
        yield opens.date(), None, counted, pauses


def _by_day(clock: Clock, end: datetime, calendars: Calendars) -> _Days:
    calendar = calendar_of(clock, calendars)
    running = tuple(running_spans(clock, end))
    pauses = [
        (calendar.local_day(one.start), calendar.local_day(one.end or end), one)
        for one in clock.pauses
        if one.start <= end
    ]
    first = calendar.local_day(clock.counts_from or clock.started_at)
    last = calendar.local_day(end)
    for day in map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1)):
        both = (
            (max(s, opens), min(e, closes))
            for s, e in calendar.slots_on(day)
            for opens, closes in running
        )
        counted = tuple(span for span in both if span[0] < span[1])
        noted = tuple(one for start, stop, one in pauses if start <= day <= stop)
        yield day, calendar.kind_of(day), counted, noted
