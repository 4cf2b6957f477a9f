"""A slow second way to count: days and slots one by one, from a ledger that the tests keep.

It shares no code with `domain.clock`, `domain.pausing` and `domain.calendar`.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from domain.calendar import Calendar, DayKind, Limit

ZERO, DAY, HOUR = timedelta(0), timedelta(days=1), timedelta(hours=1)
OFFSET = 8 * HOUR  # Asia/Shanghai has kept one offset since 1992
FIRST, LAST = date(2026, 8, 1), date(2032, 12, 31)
HOURS = ((8, 12), (14, 18))


class Slots:
    """08–12 and 14–18 of every working day, and how much work lay before each."""

    def __init__(self, marked: Mapping[date, DayKind]) -> None:
        self.opens: list[datetime] = []
        self.closes: list[datetime] = []
        self.before: list[timedelta] = []
        self.after: list[timedelta] = []
        day, total = FIRST, ZERO
        while day <= LAST:
            kind = marked.get(day)
            if kind is DayKind.WORK or (kind is None and day.weekday() < 5):
                midnight = datetime.combine(day, time(), UTC) - OFFSET
                for opens, closes in HOURS:
                    self.opens.append(midnight + opens * HOUR)
                    self.closes.append(midnight + closes * HOUR)
                    self.before.append(total)
                    total += (closes - opens) * HOUR
                    self.after.append(total)
            day += DAY

    def until(self, at: datetime) -> timedelta:
        """Work since the first day."""
        slot = bisect_right(self.opens, at) - 1
        if slot < 0:
            return ZERO
        return self.before[slot] + min(at, self.closes[slot]) - self.opens[slot]

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Work between two moments."""
        return self.until(end) - self.until(start)

    def after_work(self, start: datetime, amount: timedelta) -> datetime:
        """When an amount of work is done."""
        wanted = self.until(start) + amount
        slot = bisect_left(self.after, wanted)
        return self.opens[slot] + (wanted - self.before[slot])


@lru_cache(maxsize=64)
def slots_of(calendar: Calendar) -> Slots:
    return Slots({one.day: one.kind for one in calendar.exceptions})


@dataclass
class Gap:
    """A stretch in which a clock does not run, with the one ground for it."""

    ground: str
    start: datetime
    end: datetime | None = None


@dataclass
class Mark:
    """A rung that fired."""

    percent: int
    version: int
    due: datetime
    taken: bool = False  # an earlier command took it back


@dataclass
class Ledger:
    """What is known of one clock."""

    name: str
    kind: str
    start: datetime
    budget: timedelta
    calendar: str  # empty: day and night
    rungs: tuple[int, ...]
    urgent: bool
    owner: str = ""
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    centre: str = ""  # the case's calendar
    extended: timedelta = ZERO
    version: int = 1
    judged: timedelta | None = None
    before: timedelta = ZERO
    carried: timedelta = ZERO
    since: datetime | None = None
    gaps: list[Gap] = field(default_factory=list)
    stopped: datetime | None = None
    outcome: str | None = None
    marks: list[Mark] = field(default_factory=list)

    @property
    def limit(self) -> timedelta:
        """Budget and extensions."""
        return self.budget + self.extended

    @property
    def runs(self) -> bool:
        """It was not stopped."""
        return self.stopped is None

    @property
    def open(self) -> set[str]:
        """Grounds for which it waits now."""
        return {one.ground for one in self.gaps if one.end is None}

    def is_of(self, limit: Limit) -> bool:
        """Whether a limit gave its budget."""
        day_and_night = by_day_and_night(limit)
        return (self.budget, not self.calendar) == (running(limit), day_and_night)

    def stretches(self) -> Iterator[tuple[datetime, datetime | None]]:
        """When it counts, its stop aside; without end the last, if it does not wait."""
        at = self.since or self.start
        for gap in sorted(self.gaps, key=lambda one: one.start):
            if gap.start > at:
                yield at, gap.start
            if gap.end is None:
                return
            at = max(at, gap.end)
        yield at, None

    def counted(self, start: datetime, end: datetime) -> timedelta:
        """How much of a stretch counts."""
        if not self.calendar:
            return end - start
        return slots_of(self.calendars[self.calendar]).between(start, end)

    def used(self, at: datetime) -> timedelta:
        """What counts of its time up to then."""
        last = at if self.stopped is None else min(at, self.stopped)
        total = self.carried
        for start, end in self.stretches():
            if start >= last:
                break
            total += self.counted(start, last if end is None else min(end, last))
        return total

    def due(self, percent: int = 100) -> datetime | None:
        """When a share is used up; None while it waits."""
        amount = self.limit * percent / 100
        if percent >= 150 and self.kind == "handle" and not self.urgent:
            floor = self.floor()
            if floor is None:
                return None
            amount = max(amount, self.limit + floor)
        left = max(amount - self.carried, ZERO)
        if not left:
            return self.since
        for start, end in self.stretches():
            if end is not None and self.counted(start, end) < left:
                left -= self.counted(start, end)
                continue
            if not self.calendar:
                return start + left
            return slots_of(self.calendars[self.calendar]).after_work(start, left)
        return None

    def floor(self) -> timedelta | None:
        """High rungs come a work day after red."""
        if self.calendar:
            return 8 * HOUR
        red = self.due()
        if red is None:
            return None
        return slots_of(self.calendars[self.centre]).after_work(red, 8 * HOUR) - red

    def next_rung(self) -> tuple[datetime, int] | None:
        """The lowest rung that was not passed, and when it comes."""
        if self.stopped is not None or self.open:
            return None
        passed = {
            one.percent for one in self.marks if not one.taken or one.version == self.version
        }
        ahead = [one for one in self.rungs if one not in passed]
        due = self.due(min(ahead)) if ahead else None
        return None if due is None else (due, min(ahead))

    # What happens to it --------------------------------------------------------------------

    def wait(self, at: datetime, ground: str) -> None:
        """It waits for a ground; a late word changes nothing before its last change."""
        if ground in self.open:
            return
        last = max((one.end for one in self.gaps if one.end is not None), default=self.start)
        self.gaps.append(Gap(ground, max(at, last)))

    def go(self, at: datetime, ground: str) -> None:
        """A ground is gone."""
        last = max((one.start for one in self.gaps if one.end is None), default=at)
        for gap in self.gaps:
            if gap.end is None and gap.ground == ground:
                gap.end = max(at, last)
        self.gaps = [one for one in self.gaps if one.start != one.end]

    def take_back(self, after: datetime) -> bool:
        """An earlier command came late: the rungs since then were not passed."""
        found = [one for one in self.marks if one.due > after and not one.taken]
        for one in found:
            one.taken = True
        return bool(found)

    def stop(self, at: datetime, outcome: str) -> None:
        """It ends, and whatever it waited for."""
        end = max(at, self.start)
        self.take_back(end)
        self.gaps = [one for one in self.gaps if one.start <= end]
        for gap in self.gaps:
            gap.end = end if gap.end is None else min(gap.end, end)
        self.stopped, self.outcome = end, outcome

    def on_time(self) -> bool | None:
        """All rounds together against what they are judged by."""
        if self.outcome == "substituted":
            return False
        if self.outcome != "done" or self.stopped is None:
            return None
        judged = self.budget if self.judged is None else self.judged
        return self.before + self.used(self.stopped) <= judged + self.extended


def running(limit: Limit) -> timedelta:
    """A limit's amount of running time."""
    hours = {"urgent_hour": 1, "work_hour": 1, "work_day": 8, "natural_day": 24}
    return hours[limit.unit] * HOUR * limit.value


def by_day_and_night(limit: Limit) -> bool:
    return limit.unit in {"urgent_hour", "natural_day"}
