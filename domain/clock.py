"""Clocks: a budget of running time plus a ledger of pauses; every due time is worked out.

A clock keeps facts only: when it started, paused, stopped, and which rungs fired. When it is
due follows from those and from the pinned calendar. Running time is working time by the
calendar, or, for a continuous clock, all time. Instants are aware UTC (a naive one raises
`ValueError`); amounts are exact to the microsecond. A clock answers with a new clock; a change
that its state does not allow raises a `ClockError`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.calendar import Calendar, Span, to_utc

RED = 100  # per cent of the limit: the clock is due
FLOORED = 150  # rungs from here on keep the floor's distance from red

_ZERO = timedelta(0)


class ClockKind(StrEnum):
    """What a clock measures; see the table of clocks in the rules."""

    WHOLE = "whole"
    ACCEPT = "accept"
    FILE = "file"
    DISPATCH = "dispatch"
    CLOSE = "close"
    VERIFY = "verify"
    SIGN = "sign"
    HANDLE = "handle"
    DECIDE = "decide"
    REVIEW = "review"
    CHECK = "check"
    REPLY = "reply"
    CALL_BACK = "call_back"
    FOLLOW_UP = "follow_up"
    STAGE = "stage"
    INNER = "inner"
    QUESTION = "question"
    HOLD = "hold"
    HOLD_REVIEW = "hold_review"
    BACKLOG = "backlog"
    SUM_UP = "sum_up"
    ARRIVE = "arrive"
    FIRST_REPORT = "first_report"
    WRITTEN_REPORT = "written_report"
    NEXT_REPORT = "next_report"
    FINAL_REPORT = "final_report"
    ALARM = "alarm"


class Outcome(StrEnum):
    """How a clock stopped; DONE is judged as on time or late, SUBSTITUTED is always late."""

    DONE = "done"  # ran to its end
    VOID = "void"  # leaves no facts
    RETURNED = "returned"
    FORCED = "forced"
    SUBSTITUTED = "substituted"  # another unit had to step in


@dataclass(frozen=True, kw_only=True)
class Pause:
    """A stretch in which a clock did not run; open while `end` is None."""

    reason: str
    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Fired:
    """A rung that has fired: when it was due, not noticed, and under which budget version.

    It is superseded when an earlier command arrived after it and took the fact away. It is
    quiet when it was passed in the system that the case was taken over from: nobody is told.
    """

    percent: int
    due: datetime
    budget_version: int
    superseded: bool = False
    quiet: bool = False


@dataclass(frozen=True, kw_only=True)
class Clock:
    """One running, paused or stopped time limit of a case; `budget` must be positive."""

    clock_id: str  # unique within the case: "handle", "handle:2", "decide:3"
    kind: ClockKind
    owner: str  # unit code or role that answers for it
    calendar: str  # key of the calendar pinned at the start; "" when continuous
    continuous: bool  # runs through nights and holidays
    budget: timedelta  # original running time
    extended: timedelta = _ZERO  # running time added by approved extensions
    budget_version: int = 1  # one more with each extension
    urgent: bool = False
    rungs: tuple[int, ...] = (RED,)  # percentages of `limit` at which someone is told
    floor: timedelta = _ZERO  # rungs >= 150 % fire at least this much running time after red
    judged_budget: timedelta | None = None  # what on time is judged by; None means `budget`
    used_before: timedelta = _ZERO  # running time of earlier rounds, judged with this one
    carried: timedelta = _ZERO  # used on another timeline, before `counts_from`
    counts_from: datetime | None = None  # since when this timeline counts; None: the start
    started_at: datetime
    pauses: tuple[Pause, ...] = ()  # in order and apart; only the last may be open
    stopped_at: datetime | None = None
    outcome: Outcome | None = None
    fired: tuple[Fired, ...] = ()  # in order of firing

    def __post_init__(self) -> None:
        if self.budget <= _ZERO:
            raise ValueError(f"clock {self.clock_id} has no budget: {self.budget}")
        to_utc(self.started_at)

    @property
    def limit(self) -> timedelta:
        """Running time until it is due: the budget and its extensions."""
        return self.budget + self.extended

    @property
    def paused(self) -> bool:
        """Whether its last pause is still open."""
        return bool(self.pauses) and self.pauses[-1].end is None


Calendars = Mapping[str, Calendar]


class ClockError(Exception):
    """A clock, named by `clock_id`, cannot do what is asked."""

    def __init__(self, clock_id: str, problem: str) -> None:
        super().__init__(f"clock {clock_id} {problem}")
        self.clock_id = clock_id


class ClockStoppedError(ClockError):
    """It has stopped, and can neither pause, resume, stop nor fire."""


class ClockPausedError(ClockError):
    """It is paused already."""


class ClockRunningError(ClockError):
    """It runs, and cannot be resumed."""


class RungFiredError(ClockError):
    """The rung has fired already under this budget."""


class UnknownCalendarError(ClockError):
    """The calendar it was pinned to was not given."""


def used(clock: Clock, at: datetime, calendars: Calendars) -> timedelta:
    """Running time from the start to `at`, or to the stop if that was earlier; no pauses."""
    end = to_utc(at) if clock.stopped_at is None else min(to_utc(at), clock.stopped_at)
    counted = (ran(clock, span, calendars) for span in running_spans(clock, end))
    return sum(counted, clock.carried)


def remaining(clock: Clock, at: datetime, calendars: Calendars) -> timedelta:
    """Running time left of the limit at `at`; negative when it is overdue."""
    return clock.limit - used(clock, at, calendars)


def due_at(clock: Clock, calendars: Calendars) -> datetime | None:
    """When the limit is used up (100 %); of a stopped clock, when it would have been.

    None while an open pause leaves it unknown; a due time before that pause remains a fact.
    """
    return rung_at(clock, RED, calendars)


def rung_at(clock: Clock, percent: int, calendars: Calendars) -> datetime | None:
    """When `percent` (> 0) of the limit is used; from 150 on not before red plus the floor.

    None while an open pause leaves it unknown.
    """
    amount = clock.limit * percent / RED
    if percent >= FLOORED:
        amount = max(amount, clock.limit + clock.floor)
    amount = max(amount - clock.carried, _ZERO)
    for opens, closes in _stretches(clock):
        if closes is not None:
            counted = ran(clock, (opens, closes), calendars)
            if counted < amount:
                amount -= counted
                continue
        if clock.continuous:
            return opens + amount
        return calendar_of(clock, calendars).after_working(opens, amount)
    return None


def next_rung(clock: Clock, calendars: Calendars) -> tuple[int, datetime] | None:
    """The lowest rung that has not fired, and when it is due, be that in the past.

    A rung fires once, whatever extensions follow. Only one that was superseded, and so was
    never really passed, may fire again, and only under a later budget version. None when
    stopped, paused, or no rung is left.
    """
    if clock.stopped_at is not None or clock.paused:
        return None
    now = clock.budget_version
    passed = {f.percent for f in clock.fired if not f.superseded or f.budget_version == now}
    percent = min(set(clock.rungs) - passed, default=None)
    due = None if percent is None else rung_at(clock, percent, calendars)
    return None if percent is None or due is None else (percent, due)


def earliest(
    clocks: Iterable[Clock], calendars: Calendars
) -> tuple[Clock, int, datetime] | None:
    """The nearest rung over all clocks; ties go by clock id, then percentage."""
    rungs = [(clock, *rung) for clock in clocks if (rung := next_rung(clock, calendars))]
    return min(rungs, key=lambda found: (found[2], found[0].clock_id, found[1]), default=None)


def on_time(clock: Clock, calendars: Calendars) -> bool | None:
    """Whether all rounds together kept to the judged budget and its extensions.

    False when another unit stood in; None while it runs, and when it left no facts.
    """
    if clock.outcome is Outcome.SUBSTITUTED:
        return False
    if clock.stopped_at is None or clock.outcome is not Outcome.DONE:
        return None
    judged = clock.budget if clock.judged_budget is None else clock.judged_budget
    spent = clock.used_before + used(clock, clock.stopped_at, calendars)
    return spent <= judged + clock.extended


def pause(clock: Clock, at: datetime, reason: str) -> Clock:
    """Stop counting at `at`, or at its last change if that is later; what is left waits."""
    _check_going(clock)
    if clock.paused:
        raise ClockPausedError(clock.clock_id, f"is paused already ({clock.pauses[-1].reason})")
    changed = clock.pauses[-1].end if clock.pauses else None
    start = max(to_utc(at), changed or clock.started_at)
    return replace(clock, pauses=(*clock.pauses, Pause(reason=reason, start=start)))


def resume(clock: Clock, at: datetime) -> Clock:
    """Count on from `at`, or from the start of the pause if that is later."""
    _check_going(clock)
    if not clock.paused:
        raise ClockRunningError(clock.clock_id, "is running and cannot be resumed")
    last = clock.pauses[-1]
    ended = replace(last, end=max(to_utc(at), last.start))
    return replace(clock, pauses=(*clock.pauses[:-1], ended))


def stop(clock: Clock, at: datetime, outcome: Outcome) -> Clock:
    """End it at `at`, or at its start if that is later, and its pauses with it.

    `at` may lie before the last pause: an earlier command arrived late, the fact follows it.
    """
    _check_going(clock)
    end = max(to_utc(at), clock.started_at)
    pauses = tuple(
        one if one.end is not None and one.end <= end else replace(one, end=end)
        for one in clock.pauses
        if one.start <= end
    )
    return replace(clock, stopped_at=end, outcome=outcome, pauses=pauses)


def extend(clock: Clock, amount: timedelta) -> Clock:
    """Add running time from the old due time on; `ValueError` if it is not positive.

    A clock that has stopped is judged by it as well.
    """
    if amount <= _ZERO:
        raise ValueError(f"clock {clock.clock_id} cannot be extended by {amount}")
    version = clock.budget_version + 1
    return replace(clock, extended=clock.extended + amount, budget_version=version)


def fire(clock: Clock, percent: int, due: datetime) -> Clock:
    """Record that a rung due at `due` has fired; once under each budget version."""
    _check_going(clock)
    version = clock.budget_version
    if any((rung.percent, rung.budget_version) == (percent, version) for rung in clock.fired):
        raise RungFiredError(clock.clock_id, f"fired {percent} % already, budget {version}")
    rung = Fired(percent=percent, due=to_utc(due), budget_version=version)
    return replace(clock, fired=(*clock.fired, rung))


def change_budget(clock: Clock, budget: timedelta) -> Clock:
    """Give it another budget; what is used stays used, extensions come on top as before."""
    _check_going(clock)
    return replace(clock, budget=budget, budget_version=clock.budget_version + 1)


def change_timeline(clock: Clock, calendar: str, at: datetime, calendars: Calendars) -> Clock:
    """Count in working time of a calendar from `at` on, or day and night when it is empty.

    What was used by then is carried over.
    """
    _check_going(clock)
    since = max(to_utc(at), clock.counts_from or clock.started_at)
    return replace(
        clock,
        continuous=not calendar,
        calendar=calendar,
        carried=used(clock, since, calendars),
        counts_from=since,
    )


def supersede(clock: Clock, after: datetime) -> Clock:
    """Mark the fired rungs due later than `after`: an earlier command arrived after them."""
    after = to_utc(after)
    fired = (replace(one, superseded=one.superseded or one.due > after) for one in clock.fired)
    return replace(clock, fired=tuple(fired))


def _stretches(clock: Clock) -> Iterator[tuple[datetime, datetime | None]]:
    """When it ran or will run, its stop aside; the last one has no end, unless it is paused."""
    opens = to_utc(clock.counts_from or clock.started_at)
    for one in clock.pauses:
        if one.end is not None and one.end <= opens and clock.counts_from:
            continue
        yield opens, max(opens, to_utc(one.start))
        if one.end is None:
            return
        opens = to_utc(one.end)
    yield opens, None


def running_spans(clock: Clock, end: datetime) -> Iterator[Span]:
    """The stretches up to `end` in which it was not paused."""
    for opens, closes in _stretches(clock):
        if opens <= end:
            yield opens, end if closes is None else min(closes, end)


def ran(clock: Clock, span: Span, calendars: Calendars) -> timedelta:
    """How much a stretch counts on the clock's timeline; pauses aside."""
    if clock.continuous:
        return span[1] - span[0]
    return calendar_of(clock, calendars).working_between(*span)


def calendar_of(clock: Clock, calendars: Calendars) -> Calendar:
    """The calendar that a clock of working time runs on.

    Raises:
        UnknownCalendarError: It was not given.
    """
    try:
        return calendars[clock.calendar]
    except KeyError:
        problem = f"needs calendar {clock.calendar!r}, which was not given"
        raise UnknownCalendarError(clock.clock_id, problem) from None


def _check_going(clock: Clock) -> None:
    if clock.stopped_at is not None:
        raise ClockStoppedError(clock.clock_id, f"stopped at {clock.stopped_at}")
