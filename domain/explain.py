"""Why a clock is due when it is: every part of the sum, so that a person can redo it.

Here are the numbers; `domain.explain_texts` says them in Chinese and English.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from domain import clock as clocks_
from domain.book import Book
from domain.calendar import DayLabel, Span
from domain.case import Case, Event
from domain.clock import FLOORED, RED, Clock, ClockKind, Fired
from domain.clock_sum import ExplainRow, explain
from domain.pausing import AND, LATE_DECIDER
from domain.terms import Action
from domain.work_ends import ends_on

_ZERO = timedelta(0)
_SECOND = timedelta(seconds=1)
CARRIED, STRETCH = "carried", "stretch"
"""Lines that are no local day: time carried over, and a stretch of a continuous clock."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the sum: a day that counts, or days in a row that do not.

    Attributes:
        first: First local day.
        last: Last local day.
        kind: What kind of day: a `DayLabel`, `CARRIED` or `STRETCH`.
        name: Name of a holiday or make-up day.
        counted: The intervals that count, UTC.
        amount: What they add, to the second: the shown totals' difference.
        total: The sum so far, to the second.
        grounds: Why the clock was paused on that day.
    """

    first: date
    last: date
    kind: str
    name: str = ""
    counted: tuple[Span, ...] = ()
    amount: timedelta
    total: timedelta
    grounds: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Change:
    """An extension, or another budget or calendar, given while the clock ran.

    Attributes:
        at: When.
        action: What brought it.
        amount: Running time added; zero when only the calendar changed, negative for less.
        before: When it was due; None while paused.
        after: When it is due since; None while paused.
    """

    at: datetime
    action: Action
    amount: timedelta
    before: datetime | None
    after: datetime | None


@dataclass(frozen=True, kw_only=True)
class Waited:
    """A pause, and the running time that it kept out of the sum."""

    grounds: tuple[str, ...]
    start: datetime
    end: datetime | None
    kept_out: timedelta


@dataclass(frozen=True, kw_only=True)
class Rung:
    """A percentage of the limit: how much that is, when it falls due, and whether it fired."""

    percent: int
    amount: timedelta
    due: datetime | None
    fired: Fired | None


@dataclass(frozen=True, kw_only=True)
class Explained:
    """Everything behind one clock.

    Attributes:
        clock: The clock.
        zone: Zone of the local times.
        due: When the limit is, or would have been, used up; None while a pause leaves it open.
        used: Running time so far.
        lines: The sum, to the due time, or to the stop of a clock that has stopped.
        extensions: Approved extensions, in order.
        changes: Other changes of budget or calendar, in order.
        pauses: Pauses, in order.
        credit: What a late decider's time kept out.
        rungs: Its percentages, fired or not.
        unpublished: Years up to the due time without announced holidays: it is provisional.
        on_time: How it was judged; None while it runs, and when it left no facts.
        work_ends: A limit in whole working days: the day with whose work it ends.
    """

    clock: Clock
    zone: ZoneInfo
    due: datetime | None
    used: timedelta
    lines: tuple[Line, ...]
    extensions: tuple[Change, ...]
    changes: tuple[Change, ...]
    pauses: tuple[Waited, ...]
    credit: timedelta
    rungs: tuple[Rung, ...]
    unpublished: tuple[int, ...]
    on_time: bool | None
    work_ends: date | None = None


def explained(  # noqa: PLR0913  a sum has these parts
    clock: Clock,
    case: Case,
    events: Iterable[Event],
    book: Book,
    at: datetime,
    *,
    until: datetime | None = None,
) -> Explained:
    """The sum behind a clock of a case.

    Args:
        clock: One of the case's clocks.
        case: The case.
        events: Its timeline, in order.
        book: Calendars.
        at: Now, for what is used so far.
        until: Sum up to this moment; None: to the due time, or the stop.
    """
    calendars = book.calendars
    calendar = calendars.get(clock.calendar)
    zone = ZoneInfo((calendar or calendars[case.calendar or book.calendar]).zone)
    due = clocks_.due_at(clock, calendars)
    rows = explain(clock, calendars, until=until)
    history = tuple(_history(clock.clock_id, events, book))
    pauses = tuple(_pauses(clock, at, book))
    first, last = (one.astimezone(zone).year for one in (clock.started_at, due or at))
    published = calendar.published_years if calendar else frozenset(range(first, last + 1))
    return Explained(
        clock=clock,
        zone=zone,
        due=due,
        used=clocks_.used(clock, at, calendars),
        lines=tuple(_folded(_lines(rows, zone))),
        extensions=tuple(one for one in history if one.action is Action.APPROVE_EXTENSION),
        changes=tuple(one for one in history if one.action is not Action.APPROVE_EXTENSION),
        pauses=pauses,
        credit=sum((one.kept_out for one in pauses if LATE_DECIDER in one.grounds), _ZERO),
        rungs=tuple(_rungs(clock, book)),
        unpublished=tuple(sorted(set(range(first, last + 1)) - published)),
        on_time=clocks_.on_time(clock, calendars),
        work_ends=ends_on(calendar, due) if calendar and due and _of_days(clock) else None,
    )


def _of_days(clock: Clock) -> bool:
    """Whether it is a limit to come in whole working days."""
    return clock.kind is ClockKind.ARRIVE and clock.judged_budget is not None


def to_second(amount: timedelta) -> timedelta:
    """An amount to the nearest second, as it is shown."""
    return round(amount / _SECOND) * _SECOND


def _lines(rows: Iterable[ExplainRow], zone: ZoneInfo) -> Iterator[Line]:
    before = _ZERO
    for row in rows:
        total = to_second(row.total)
        first = last = row.day
        if row.kind is None and row.counted:
            first, last = (one.astimezone(zone).date() for one in row.counted[0])
        stretch = STRETCH if row.counted or row.amount == _ZERO else CARRIED
        grounds = (part for one in row.pauses for part in one.reason.split(AND))
        yield Line(
            first=first,
            last=last,
            kind=row.kind.label.value if row.kind else stretch,
            name=row.kind.name if row.kind else "",
            counted=row.counted,
            amount=total - before,
            total=total,
            grounds=tuple(dict.fromkeys(grounds)),
        )
        before = total


def _folded(lines: Iterable[Line]) -> Iterator[Line]:
    """Days in a row that count nothing, for the same reason, become one line."""
    held: Line | None = None
    for line in lines:
        if held is not None and _alike(held, line):
            held = replace(held, last=line.last)
            continue
        if held is not None:
            yield held
        held = line
    if held is not None:
        yield held


def _alike(one: Line, two: Line) -> bool:
    nothing = not (one.counted or two.counted or one.amount or two.amount)
    return nothing and (one.kind, one.name, one.grounds) == (two.kind, two.name, two.grounds)


def _pauses(clock: Clock, at: datetime, book: Book) -> Iterator[Waited]:
    since = clock.counts_from or clock.started_at
    for one in clock.pauses:
        end = max(one.end or at, one.start)
        counted = max(one.start, since), max(end, since)
        yield Waited(
            grounds=tuple(one.reason.split(AND)),
            start=one.start,
            end=one.end,
            kept_out=clocks_.ran(clock, counted, book.calendars),
        )


def _rungs(clock: Clock, book: Book) -> Iterator[Rung]:
    fired = {one.percent: one for one in clock.fired}
    for percent in sorted({*clock.rungs, *fired}):
        amount = clock.limit * percent / RED
        if percent >= FLOORED:
            amount = max(amount, clock.limit + clock.floor)
        due = clocks_.rung_at(clock, percent, book.calendars)
        yield Rung(percent=percent, amount=amount, due=due, fired=fired.get(percent))


def _history(clock_id: str, events: Iterable[Event], book: Book) -> Iterator[Change]:
    """What was changed while it ran: its values from event to event."""
    values = (
        (event, one) for event in events for one in event.clocks if one.clock_id == clock_id
    )
    for (_, old), (event, new) in pairwise(values):
        terms = (old.budget, old.extended, old.calendar, old.continuous)
        if terms == (new.budget, new.extended, new.calendar, new.continuous):
            continue
        yield Change(
            at=event.at,
            action=event.action,
            amount=new.limit - old.limit,
            before=clocks_.due_at(old, book.calendars),
            after=clocks_.due_at(new, book.calendars),
        )


def uncounted(lines: Iterable[Line], kind: DayLabel) -> tuple[Line, ...]:
    """The lines of a kind of day that count nothing and were not paused."""
    return tuple(
        one for one in lines if one.kind == kind and not one.amount and not one.grounds
    )
