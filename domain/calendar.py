"""Working time: which instants count, how much lies between two, when an amount is used up.

An instant is working time when the wall clock of the calendar's zone stands inside a slot of
that local day. So a slot shrinks in the gap of a daylight-saving change and lasts longer in its
fold. All instants go in aware and come out in UTC. A value out of its range raises `ValueError`
when it is made.

Source: the standard's units 紧急工作时, 工作时, 工作日, 自然日, and the State Council's yearly
notice of holidays and make-up working days (调休).
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MINUTES_A_DAY = 1440
DAYS_A_WEEK = 7
SEARCH_DAYS = 731  # without a slot, in a row: then a search gives up

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_INSTANT = timedelta(microseconds=1)
_ZERO = timedelta(0)

Span = tuple[datetime, datetime]  # from (inclusive), to (exclusive); both UTC


class Unit(StrEnum):
    """The standard's units of a time limit."""

    URGENT_HOUR = "urgent_hour"
    WORK_HOUR = "work_hour"
    WORK_DAY = "work_day"
    NATURAL_DAY = "natural_day"


class DayKind(StrEnum):
    """What an exception makes of a day."""

    OFF = "off"
    WORK = "work"


class DayLabel(StrEnum):
    """What a local day is called when a sum is explained."""

    WORKING = "working"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKE_UP = "make-up"


_HOURS = {Unit.URGENT_HOUR: 1, Unit.WORK_HOUR: 1, Unit.WORK_DAY: 8, Unit.NATURAL_DAY: 24}


class CalendarError(Exception):
    """A calendar, named by its key in `calendar`, cannot answer about the local day `day`."""

    def __init__(self, calendar: str, day: date, problem: str) -> None:
        super().__init__(f"calendar {calendar} {problem} {day}")
        self.calendar = calendar
        self.day = day


class NoPatternError(CalendarError):
    """No week pattern of the calendar covers a local day."""


class NoWorkingTimeError(CalendarError):
    """The calendar has not one slot in the two years from a local day."""


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A time limit in its own unit, such as 2 urgent hours or 5 work days.

    Attributes:
        value: How many units; finite, > 0, and not less than a microsecond.
        unit: The unit.
    """

    value: float
    unit: Unit

    def __post_init__(self) -> None:
        try:
            valid = self.running > _ZERO
        except (OverflowError, ValueError):
            valid = False
        if not valid:
            raise ValueError(
                f"a limit must be positive and finite, not {self.value} {self.unit}"
            )

    @property
    def running(self) -> timedelta:
        """The amount of running time, to the microsecond; 1 work day is 8 h of working time."""
        return timedelta(hours=_HOURS[self.unit]) * self.value

    @property
    def continuous(self) -> bool:
        """Whether it runs through nights and holidays, and so needs no calendar."""
        return self.unit in {Unit.URGENT_HOUR, Unit.NATURAL_DAY}


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A stretch of working time within one local day.

    Attributes:
        start: Wall-clock minutes since midnight, 0..1439, inclusive.
        end: Wall-clock minutes since midnight, `start` + 1..1440 (24:00), exclusive.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= MINUTES_A_DAY:
            raise ValueError(f"not a slot within 0..{MINUTES_A_DAY}: {self.start}..{self.end}")


Slots = tuple[Slot, ...]  # of one day, in order and apart; two may touch


@dataclass(frozen=True, kw_only=True)
class WeekPattern:
    """The slots of an ordinary week, for as long as it is valid (summer and winter differ).

    Attributes:
        valid_from: First local day.
        valid_to: The local day after the last, or None for no end.
        slots: Seven entries, Monday to Sunday; an empty one is a day off.
    """

    valid_from: date
    valid_to: date | None
    slots: tuple[Slots, ...]

    def __post_init__(self) -> None:
        if len(self.slots) != DAYS_A_WEEK:
            raise ValueError(f"a week pattern needs {DAYS_A_WEEK} days, not {len(self.slots)}")
        if self.valid_to is not None and self.valid_to <= self.valid_from:
            raise ValueError(
                f"a week pattern is never valid: {self.valid_from}..{self.valid_to}"
            )
        for slots in self.slots:
            _check_order(slots)

    def covers(self, day: date) -> bool:
        """Whether the pattern is valid on a local day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True, kw_only=True)
class DayException:
    """A local day that differs from its week pattern.

    Attributes:
        day: The local day.
        kind: OFF is a holiday, WORK a make-up working day (调休).
        slots: Of a WORK day; None takes the pattern's usual ones (Monday's, or those of its
            first day that has any). None for OFF.
        name: What people call it, such as 国庆节.
    """

    day: date
    kind: DayKind
    slots: Slots | None = None
    name: str

    def __post_init__(self) -> None:
        if self.slots is None:
            return
        if bool(self.slots) is (self.kind is DayKind.OFF):
            raise ValueError(
                f"{self.day} {self.name} is {self.kind} with {len(self.slots)} slots"
            )
        _check_order(self.slots)


@dataclass(frozen=True, kw_only=True)
class NamedDay:
    """What kind of day a local day is, and its name ("" for an ordinary one)."""

    label: DayLabel
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """One version of a work calendar; never changed, only followed by the next version.

    Days are worked out once per instance; equality and hash see the fields only. Every method
    raises `ValueError` for a naive instant and `NoPatternError` for a day no pattern covers.
    Outside the model: a zone that changes twice a day, or falls back from past midnight to the
    day before (Newfoundland until 2011).

    Attributes:
        calendar_id: Stable id, such as "district".
        version: 1, 2, …
        zone: IANA name; the zone of every local day and slot.
        patterns: Ordinary weeks; their validities must not overlap.
        exceptions: Holidays and make-up days; one per day at most.
        published_years: Local years whose holidays have been announced.
    """

    calendar_id: str
    version: int
    zone: str
    patterns: tuple[WeekPattern, ...]
    exceptions: tuple[DayException, ...]
    published_years: frozenset[int]

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"calendar {self.key}: unknown zone {self.zone!r}") from None
        for one, two in pairwise(sorted(self.patterns, key=lambda pattern: pattern.valid_from)):
            if one.covers(two.valid_from):
                raise ValueError(f"calendar {self.key}: two week patterns for {two.valid_from}")
        if len(self._exception_on) != len(self.exceptions):
            raise ValueError(f"calendar {self.key}: a day has two exceptions")

    @property
    def key(self) -> str:
        """The id and version that a clock is pinned to: "id@version"."""
        return f"{self.calendar_id}@{self.version}"

    def kind_of(self, day: date) -> NamedDay:
        """What a local day is called."""
        exception = self._exception_on.get(day)
        if exception is None:
            works = self._pattern_on(day).slots[day.weekday()]
            return NamedDay(label=DayLabel.WORKING if works else DayLabel.WEEKEND)
        off = exception.kind is DayKind.OFF
        return NamedDay(
            label=DayLabel.HOLIDAY if off else DayLabel.MAKE_UP, name=exception.name
        )

    def local_day(self, at: datetime) -> date:
        """The local day an instant falls on."""
        return to_utc(at).astimezone(self._tz).date()

    def slots_on(self, day: date) -> tuple[Span, ...]:
        """The working time of one local day, as UTC intervals in order.

        A slot around a change of the zone's offset comes in two pieces.
        """
        return self._worked_on(day)[0]

    def working_between(self, start: datetime, end: datetime) -> timedelta:
        """How much working time lies between two instants.

        Raises:
            ValueError: `end` is before `start`, or one is naive.
        """
        start, end = to_utc(start), to_utc(end)
        if end < start:
            raise ValueError(f"no working time from {start} back to {end}")
        first, last = self.local_day(start), self.local_day(end - _INSTANT)
        total = _ZERO
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            spans, worked = self._worked_on(date.fromordinal(ordinal))
            if spans and (spans[0][0] < start or end < spans[-1][1]):
                worked = _sum((max(start, s), min(end, e)) for s, e in spans)
            total += worked
        return total

    def after_working(self, start: datetime, amount: timedelta) -> datetime:
        """The earliest instant, from `start` on, before which `amount` of working time has run.

        A zero amount is used up at `start` itself, inside a slot or not; an amount that a slot
        just holds is used up at that slot's end, not at the next one's start. So amounts add
        up: first one and then another is the same as their sum.

        Args:
            start: From when working time is counted; outside slots, from the next one.
            amount: Working time, >= 0.

        Raises:
            ValueError: `amount` is negative, or `start` is naive.
            NoWorkingTimeError: Two years in a row have no slot.
        """
        at = start = to_utc(start)
        if amount < _ZERO:
            raise ValueError(f"a negative amount of working time: {amount}")
        left, spans = amount, self._spans_from(start)
        while left:
            opens, closes = next(spans)
            at = min(closes, opens + left)
            left -= at - opens
        return at

    def after(self, start: datetime, limit: Limit) -> datetime:
        """The instant at which a limit that begins at `start` is used up without a pause."""
        if limit.continuous:
            return start + limit.running
        return self.after_working(start, limit.running)

    def next_working(self, at: datetime) -> datetime:
        """`at` itself inside a slot (its end is outside), else the start of the next slot.

        Raises:
            NoWorkingTimeError: Two years in a row have no slot.
        """
        return next(self._spans_from(to_utc(at)))[0]

    def is_provisional(self, start: datetime, end: datetime) -> bool:
        """Whether a local year from `start` to just before `end` has no announced holidays."""
        first, last = self.local_day(start), self.local_day(to_utc(end) - _INSTANT)
        years = range(first.year, max(first, last).year + 1)
        return not self.published_years.issuperset(years)

    @cached_property
    def _tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @cached_property
    def _exception_on(self) -> Mapping[date, DayException]:
        return {exception.day: exception for exception in self.exceptions}

    @cached_property
    def _days(self) -> dict[date, tuple[tuple[Span, ...], timedelta]]:
        return {}

    def _pattern_on(self, day: date) -> WeekPattern:
        for pattern in self.patterns:
            if pattern.covers(day):
                return pattern
        raise NoPatternError(self.key, day, "has no week pattern for")

    def _local_slots(self, day: date) -> Slots:
        exception = self._exception_on.get(day)
        if exception is None:
            return self._pattern_on(day).slots[day.weekday()]
        if exception.kind is DayKind.OFF or exception.slots is not None:
            return exception.slots or ()
        return next((slots for slots in self._pattern_on(day).slots if slots), ())

    def _worked_on(self, day: date) -> tuple[tuple[Span, ...], timedelta]:
        if day not in self._days:
            spans = self._map(day, self._local_slots(day))
            self._days[day] = spans, _sum(spans)
        return self._days[day]

    def _spans_from(self, start: datetime) -> Iterator[Span]:
        day = since = self.local_day(start)
        while (day - since).days < SEARCH_DAYS:
            for opens, closes in self.slots_on(day):
                if closes > start:
                    yield max(opens, start), closes
                    since = day
            day += _DAY
        raise NoWorkingTimeError(self.key, since, f"has no slot in {SEARCH_DAYS} days from")

    def _map(self, day: date, slots: Slots) -> tuple[Span, ...]:
        if not slots:
            return ()
        wall = datetime.combine(day, time(), UTC)
        opens, closes = self._midnight(day), self._midnight(day + _DAY)
        before, after = wall - opens, wall + _DAY - closes
        if before == after:
            return tuple(_shift(opens, slot) for slot in slots)

        def changed(second: int) -> bool:
            return (opens + second * _SECOND).astimezone(self._tz).utcoffset() == after

        passed = bisect_left(range((closes - opens) // _SECOND), x=True, key=changed)
        change = opens + passed * _SECOND
        early = (_shift(wall - before, slot) for slot in slots)
        late = (_shift(wall - after, slot) for slot in slots)
        spans = [(s, min(e, change)) for s, e in early] + [(max(s, change), e) for s, e in late]
        return tuple(span for span in spans if span[0] < span[1])

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self._tz).astimezone(UTC)


def to_utc(at: datetime) -> datetime:
    """The same instant in UTC; `ValueError` for a naive one."""
    if at.utcoffset() is None:
        raise ValueError(f"an instant needs a zone: {at}")
    return at.astimezone(UTC)


def _sum(spans: Iterable[Span]) -> timedelta:
    return sum((max(end - start, _ZERO) for start, end in spans), _ZERO)


def _check_order(slots: Slots) -> None:
    for one, two in pairwise(slots):
        if two.start < one.end:
            raise ValueError(f"slots overlap or are out of order: {one}, {two}")


def _shift(midnight: datetime, slot: Slot) -> Span:
    return midnight + timedelta(minutes=slot.start), midnight + timedelta(minutes=slot.end)
