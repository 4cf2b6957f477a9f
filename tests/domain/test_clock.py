"""Clocks against a minute-by-minute model; the promises about pauses, rungs and judgement."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import clock as clocks_
from domain.calendar import (
    Calendar,
    DayException,
    DayKind,
    DayLabel,
    Limit,
    NamedDay,
    Slot,
    Slots,
    Unit,
    WeekPattern,
)
from domain.clock import (
    Clock,
    ClockError,
    ClockKind,
    ClockPausedError,
    ClockRunningError,
    ClockStoppedError,
    Fired,
    Outcome,
    Pause,
    RungFiredError,
    UnknownCalendarError,
)
from domain.clock_sum import ExplainRow, explain

MICRO = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
ZERO = timedelta(0)
LADDER = (50, 75, 100, 150, 200)
DAY_SLOTS = (Slot(start=480, end=720), Slot(start=840, end=1080))

# Random scenes -------------------------------------------------------------------------


@st.composite
def day_slots(draw: st.DrawFn, at_least: int = 0) -> Slots:
    points = sorted(draw(st.sets(st.integers(0, 1440), min_size=2 * at_least, max_size=6)))
    if draw(st.booleans()) and len(points) > 1:
        points[-1] = 1440
    pairs = zip(points[::2], points[1::2], strict=False)
    return tuple(Slot(start=start, end=end) for start, end in pairs)


@st.composite
def calendars(draw: st.DrawFn, anchor: date) -> Calendar:
    around = st.integers(-4, 12).map(lambda days: anchor + timedelta(days=days))
    first_off, run = draw(around), draw(st.integers(0, 8))
    marked: dict[date, tuple[DayKind, Slots | None]] = {
        first_off + timedelta(days=step): (DayKind.OFF, None) for step in range(run)
    }
    for day in draw(st.lists(around, max_size=3)):
        marked[day] = DayKind.WORK, draw(st.none() | day_slots(at_least=1))
    switch = draw(around)
    winter = (draw(day_slots(at_least=1)), *draw(st.tuples(*[day_slots()] * 4)), (), ())
    summer = (draw(day_slots(at_least=1)), *draw(st.tuples(*[day_slots()] * 6)))
    return Calendar(
        calendar_id="random",
        version=1,
        zone=draw(st.sampled_from(["Asia/Shanghai", "America/New_York"])),
        patterns=(
            WeekPattern(valid_from=date(2020, 1, 1), valid_to=switch, slots=winter),
            WeekPattern(valid_from=switch, valid_to=None, slots=summer),
        ),
        exceptions=tuple(
            DayException(day=day, kind=kind, slots=slots, name="named")
            for day, (kind, slots) in marked.items()
        ),
        published_years=frozenset({2026}),
    )


def micros(low: timedelta, high: timedelta) -> st.SearchStrategy[timedelta]:
    return st.integers(low // MICRO, high // MICRO).map(lambda count: count * MICRO)


LENGTHS = micros(ZERO, timedelta(days=4))
AMOUNTS = micros(MICRO, timedelta(hours=80))
LIMITS = st.builds(
    Limit,
    value=st.floats(0.01, 40, allow_nan=False) | st.integers(1, 40).map(float),
    unit=st.sampled_from(Unit),
)


@st.composite
def scenes(draw: st.DrawFn) -> tuple[Clock, Mapping[str, Calendar]]:
    """A running clock that has paused up to three times, and its calendar."""
    anchor = draw(st.sampled_from([date(2026, 3, 8), date(2026, 9, 30), date(2026, 11, 1)]))
    calendar = draw(calendars(anchor))
    limit = draw(LIMITS)
    started = datetime(anchor.year, anchor.month, anchor.day, tzinfo=UTC)
    started += draw(micros(timedelta(days=-2), timedelta(days=2)))
    clock = Clock(
        clock_id="handle",
        kind=ClockKind.HANDLE,
        owner="water",
        calendar="" if limit.continuous else calendar.key,
        continuous=limit.continuous,
        budget=limit.running,
        rungs=LADDER,
        floor=draw(st.sampled_from([ZERO, timedelta(hours=8)])),
        started_at=started,
    )
    moment = started
    for _ in range(draw(st.integers(0, 3))):
        moment += draw(LENGTHS)
        clock = clocks_.pause(clock, moment, "on_hold")
        moment += draw(LENGTHS)
        clock = clocks_.resume(clock, moment)
    return clock, {calendar.key: calendar}


Scene = tuple[Clock, Mapping[str, Calendar]]


def known(instant: datetime | None) -> datetime:
    assert instant is not None
    return instant


def model_used(clock: Clock, at: datetime, calendar: Calendar) -> timedelta:
    """Ask of every minute whether it counts: not paused, and inside a slot of its local day."""
    zone, total = ZoneInfo(calendar.zone), ZERO
    exceptions = {one.day: one for one in calendar.exceptions}
    opens = clock.started_at.replace(second=0, microsecond=0)
    for step in range(-((opens - at) // MINUTE)):
        start = opens + step * MINUTE
        begin, end = max(start, clock.started_at), min(start + MINUTE, at)
        wall = start.astimezone(zone)
        day, reads = wall.date(), wall.hour * 60 + wall.minute
        [pattern] = [
            one
            for one in calendar.patterns
            if one.valid_from <= day and (one.valid_to is None or day < one.valid_to)
        ]
        exception = exceptions.get(day)
        slots = pattern.slots[day.weekday()] if exception is None else exception.slots
        if exception is not None and exception.kind is DayKind.WORK and slots is None:
            slots = pattern.slots[0]
        if clock.continuous or any(one.start <= reads < one.end for one in slots or ()):
            lost = (
                max(ZERO, min(end, one.end or at) - max(begin, one.start))
                for one in clock.pauses
            )
            total += end - begin - sum(lost, ZERO)
    return total


# Properties ----------------------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(scenes(), micros(ZERO, timedelta(days=8)))
def test_used_is_what_a_count_of_the_minutes_says(scene: Scene, length: timedelta) -> None:
    clock, given_calendars = scene
    at = clock.started_at + length
    [calendar] = given_calendars.values()

    assert clocks_.used(clock, at, given_calendars) == model_used(clock, at, calendar)


@settings(deadline=None)
@given(scenes())
def test_the_limit_is_used_up_at_the_due_time_and_not_before(scene: Scene) -> None:
    clock, given_calendars = scene
    due = known(clocks_.due_at(clock, given_calendars))

    assert clocks_.used(clock, due, given_calendars) == clock.budget
    assert clocks_.used(clock, due - MICRO, given_calendars) == clock.budget - MICRO
    assert clocks_.remaining(clock, due, given_calendars) == ZERO


@settings(deadline=None)
@given(scenes(), LENGTHS, LENGTHS)
def test_a_pause_of_any_length_leaves_the_remainder_as_it_was(
    scene: Scene, gap: timedelta, length: timedelta
) -> None:
    clock, given_calendars = scene
    start = max([clock.started_at, *(known(one.end) for one in clock.pauses)]) + gap
    before = clocks_.remaining(clock, start, given_calendars)
    held = clocks_.pause(clock, start, "question")
    back = clocks_.resume(held, start + length)

    assert clocks_.remaining(held, start + length, given_calendars) == before
    assert clocks_.remaining(back, start + length, given_calendars) == before
    if before > ZERO:
        assert clocks_.due_at(held, given_calendars) is None
        due = known(clocks_.due_at(back, given_calendars))
        again = replace(back, budget=before, started_at=start + length, pauses=())
        assert due == clocks_.due_at(again, given_calendars)
    else:
        assert clocks_.due_at(held, given_calendars) == clocks_.due_at(clock, given_calendars)


@settings(deadline=None)
@given(scenes(), AMOUNTS)
def test_an_extension_runs_from_the_old_due_time(scene: Scene, amount: timedelta) -> None:
    clock, given_calendars = scene
    clock = replace(clock, pauses=())
    old = known(clocks_.due_at(clock, given_calendars))
    longer = clocks_.extend(clock, amount)
    from_old = replace(clock, started_at=old, budget=amount)

    assert clocks_.due_at(longer, given_calendars) == clocks_.due_at(from_old, given_calendars)
    assert (longer.limit, longer.budget_version) == (clock.budget + amount, 2)


@settings(deadline=None)
@given(scenes(), st.none() | AMOUNTS)
def test_rungs_come_in_order_and_high_ones_keep_the_floor(
    scene: Scene, amount: timedelta | None
) -> None:
    clock, given_calendars = scene
    clock = clock if amount is None else clocks_.extend(clock, amount)
    climbed = []
    while rung := clocks_.next_rung(clock, given_calendars):
        climbed.append(rung)
        clock = clocks_.fire(clock, *rung)
    instants = [due for _, due in climbed]

    assert [percent for percent, _ in climbed] == list(LADDER)
    assert instants == sorted(instants)
    for percent, due in climbed:
        share = clocks_.used(clock, due, given_calendars)
        target = clock.limit * percent / 100
        floor = clock.limit + clock.floor if percent >= 150 else target
        assert share == max(target, floor)


@settings(deadline=None)
@given(scenes(), micros(ZERO, timedelta(days=10)), st.booleans())
def test_the_explanation_adds_up_to_what_was_used(
    scene: Scene,
    length: timedelta,
    stopped: bool,  # noqa: FBT001
) -> None:
    clock, given_calendars = scene
    until = clock.started_at + length
    if stopped:
        clock = clocks_.stop(clock, until, Outcome.DONE)
    rows = explain(clock, given_calendars, until=until)
    spans = [span for row in rows for span in row.counted]
    edges = [edge for span in spans for edge in span]
    total = ZERO

    assert edges == sorted(edges)
    assert [row.day for row in rows] == sorted(row.day for row in rows)
    for row in rows:
        assert row.amount == sum((end - start for start, end in row.counted), ZERO)
        total += row.amount
        assert row.total == total
        assert row.past_budget == max(ZERO, total - clock.budget)
    assert total == clocks_.used(clock, until, given_calendars)
    noted = {one for row in rows for one in row.pauses}
    assert noted == {one for one in clock.pauses if one.start <= until}


@settings(deadline=None)
@given(scenes(), micros(ZERO, timedelta(days=20)))
def test_on_time_means_stopped_at_or_before_the_due_time(
    scene: Scene, length: timedelta
) -> None:
    clock, given_calendars = scene
    stopped = clocks_.stop(clock, clock.started_at + length, Outcome.DONE)
    spent = clocks_.used(clock, clock.started_at + length, given_calendars)

    assert clocks_.on_time(stopped, given_calendars) is (spent <= clock.budget)


# Examples ------------------------------------------------------------------------------

CALENDAR = Calendar(
    calendar_id="district",
    version=1,
    zone="Asia/Shanghai",
    patterns=(
        WeekPattern(
            valid_from=date(2020, 1, 1), valid_to=None, slots=(DAY_SLOTS,) * 5 + ((), ())
        ),
    ),
    exceptions=(
        *(
            DayException(day=date(2026, 10, day), kind=DayKind.OFF, name="国庆节")
            for day in range(1, 8)
        ),
        DayException(day=date(2026, 10, 10), kind=DayKind.WORK, name="国庆节"),
    ),
    published_years=frozenset({2026}),
)
CALENDARS = {CALENDAR.key: CALENDAR}


def at(text: str) -> datetime:
    """An instant by Shanghai's wall clock, in November 2026 if only a day is given."""
    full = text if "-" in text else f"2026-11-{text}"
    return (
        datetime.fromisoformat(full).replace(tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)
    )


def handle(
    hours: float = 8,
    start: str = "20 14:00",
    clock_id: str = "handle",
    *,
    continuous: bool = False,
) -> Clock:
    return Clock(
        clock_id=clock_id,
        kind=ClockKind.HANDLE,
        owner="water",
        calendar="" if continuous else CALENDAR.key,
        continuous=continuous,
        budget=timedelta(hours=hours),
        rungs=LADDER,
        started_at=at(start),
    )


def test_a_work_day_from_friday_afternoon_is_due_on_monday_noon() -> None:
    clock = handle()

    assert clocks_.due_at(clock, CALENDARS) == at("23 12:00")
    assert clocks_.rung_at(clock, 50, CALENDARS) == at("20 18:00")
    assert clocks_.used(clock, at("22 09:00"), CALENDARS) == 4 * HOUR
    assert clocks_.remaining(clock, at("23 15:00"), CALENDARS) == -HOUR


def test_nothing_is_used_before_the_start() -> None:
    assert clocks_.used(handle(), at("20 13:00"), CALENDARS) == ZERO


def test_an_urgent_clock_runs_through_the_night() -> None:
    clock = handle(2, "20 23:30", continuous=True)

    assert clocks_.due_at(clock, {}) == at("21 01:30")
    assert clocks_.used(clock, at("21 00:30"), {}) == HOUR


def test_the_unused_remainder_runs_after_a_hold() -> None:
    held = clocks_.pause(handle(), at("20 15:00"), "on_hold")
    back = clocks_.resume(held, at("24 09:00"))

    assert held.paused
    assert not back.paused
    assert clocks_.due_at(held, CALENDARS) is None
    assert clocks_.rung_at(held, 10, CALENDARS) == at("20 14:48")  # passed before the hold
    assert clocks_.next_rung(held, CALENDARS) is None
    assert clocks_.due_at(back, CALENDARS) == at("24 18:00")


def test_a_clock_overdue_before_its_hold_stays_due_when_it_was() -> None:
    held = clocks_.pause(handle(1), at("20 17:00"), "on_hold")

    assert clocks_.due_at(held, CALENDARS) == at("20 15:00")


def test_a_clock_held_at_its_very_due_time_was_due_then() -> None:
    held = clocks_.pause(handle(1), at("20 15:00"), "on_hold")
    back = clocks_.resume(held, at("24 09:00"))

    assert clocks_.due_at(held, CALENDARS) == clocks_.due_at(back, CALENDARS) == at("20 15:00")


def test_a_stopped_clock_keeps_the_due_time_it_had() -> None:
    stopped = clocks_.stop(handle(), at("20 16:00"), Outcome.DONE)

    assert clocks_.due_at(stopped, CALENDARS) == at("23 12:00")
    assert clocks_.used(stopped, at("27 18:00"), CALENDARS) == 2 * HOUR
    assert clocks_.next_rung(stopped, CALENDARS) is None


def test_stopping_ends_the_open_pause() -> None:
    held = clocks_.pause(handle(), at("20 15:00"), "on_hold")
    stopped = clocks_.stop(held, at("23 09:00"), Outcome.FORCED)

    assert not stopped.paused
    assert stopped.pauses == (
        Pause(reason="on_hold", start=at("20 15:00"), end=at("23 09:00")),
    )
    assert clocks_.used(stopped, at("23 18:00"), CALENDARS) == HOUR


def test_a_late_command_stops_a_clock_before_its_pauses() -> None:
    clock = handle()
    for start, end in (
        ("20 15:00", "20 15:30"),
        ("20 16:00", "20 17:00"),
        ("23 08:00", "23 09:00"),
    ):
        clock = clocks_.resume(clocks_.pause(clock, at(start), "question"), at(end))
    stopped = clocks_.stop(clock, at("20 16:30"), Outcome.DONE)

    assert [one.end for one in stopped.pauses] == [at("20 15:30"), at("20 16:30")]
    assert clocks_.used(stopped, at("23 18:00"), CALENDARS) == 1.5 * HOUR
    assert clocks_.stop(clock, at("19 09:00"), Outcome.VOID).stopped_at == clock.started_at
    at_once = clocks_.stop(clock, at("20 15:00"), Outcome.DONE)
    assert at_once.pauses == (
        Pause(reason="question", start=at("20 15:00"), end=at("20 15:00")),
    )


def test_the_ledger_never_runs_backwards() -> None:
    early = clocks_.pause(handle(), at("20 13:00"), "on_hold")
    shut = clocks_.resume(early, at("20 12:00"))
    again = clocks_.pause(clocks_.resume(early, at("20 16:00")), at("20 15:00"), "question")

    assert shut.pauses == (Pause(reason="on_hold", start=at("20 14:00"), end=at("20 14:00")),)
    assert again.pauses[-1] == Pause(reason="question", start=at("20 16:00"))


def test_what_does_not_fit_the_state_is_refused_with_the_id() -> None:
    running = handle(clock_id="handle:2")
    held = clocks_.pause(running, at("20 15:00"), "on_hold")
    stopped = clocks_.stop(running, at("20 15:00"), Outcome.DONE)

    with pytest.raises(ClockPausedError, match=r"handle:2 is paused already \(on_hold\)"):
        clocks_.pause(held, at("20 16:00"), "question")
    with pytest.raises(ClockRunningError, match="handle:2 is running"):
        clocks_.resume(running, at("20 16:00"))
    with pytest.raises(ClockStoppedError, match="handle:2 stopped at 2026-11-20 07:00:00"):
        clocks_.stop(stopped, at("20 16:00"), Outcome.DONE)
    with pytest.raises(ClockStoppedError):
        clocks_.pause(stopped, at("20 16:00"), "on_hold")
    with pytest.raises(ClockStoppedError):
        clocks_.resume(stopped, at("20 16:00"))
    with pytest.raises(ClockStoppedError) as caught:
        clocks_.fire(stopped, 50, at("20 18:00"))
    assert caught.value.clock_id == "handle:2"


def test_a_clock_needs_a_budget_its_calendar_and_an_aware_start() -> None:
    with pytest.raises(ValueError, match="clock handle has no budget"):
        handle(0)
    with pytest.raises(ValueError, match="needs a zone"):
        replace(handle(), started_at=datetime(2026, 11, 20))  # noqa: DTZ001  # the point
    with pytest.raises(ValueError, match="cannot be extended by 0:00:00"):
        clocks_.extend(handle(), ZERO)
    with pytest.raises(UnknownCalendarError, match="handle needs calendar 'district@1'"):
        clocks_.due_at(handle(), {})
    assert issubclass(UnknownCalendarError, ClockError)


# Rungs ---------------------------------------------------------------------------------


def test_high_rungs_fire_a_work_day_after_red_at_the_earliest() -> None:
    clock = replace(handle(2), floor=8 * HOUR)

    assert clocks_.due_at(clock, CALENDARS) == at("20 16:00")
    assert clocks_.rung_at(clock, 150, CALENDARS) == at("23 16:00")
    assert clocks_.rung_at(clock, 200, CALENDARS) == at("23 16:00")
    assert clocks_.rung_at(replace(clock, budget=24 * HOUR), 150, CALENDARS) == at("26 18:00")


def test_passed_rungs_do_not_fire_again_after_an_extension() -> None:
    clock = handle()
    for percent in (50, 75, 100):
        clock = clocks_.fire(clock, percent, known(clocks_.rung_at(clock, percent, CALENDARS)))
    longer = clocks_.extend(clock, 8 * HOUR)

    assert clocks_.due_at(longer, CALENDARS) == at("24 12:00")
    assert clocks_.next_rung(longer, CALENDARS) == (150, at("25 12:00"))


def test_a_rung_fires_once_under_a_budget() -> None:
    clock = clocks_.fire(handle(), 50, at("20 18:00"))

    assert clock.fired == (Fired(percent=50, due=at("20 18:00"), budget_version=1),)
    with pytest.raises(RungFiredError, match="handle fired 50 % already, budget 1"):
        clocks_.fire(clock, 50, at("20 18:00"))


def test_a_superseded_rung_waits_for_another_budget() -> None:
    clock = clocks_.fire(clocks_.fire(handle(), 50, at("20 18:00")), 75, at("23 10:00"))
    marked = clocks_.supersede(clock, at("20 18:00"))

    assert [one.superseded for one in marked.fired] == [False, True]
    assert clocks_.supersede(marked, at("25 18:00")) == marked
    assert clocks_.next_rung(marked, CALENDARS) == (100, at("23 12:00"))
    longer = clocks_.extend(marked, 8 * HOUR)
    assert clocks_.next_rung(longer, CALENDARS) == (75, at("23 18:00"))
    again = clocks_.fire(longer, 75, at("23 18:00"))
    assert clocks_.next_rung(again, CALENDARS) == (100, at("24 12:00"))


def test_the_nearest_rung_over_all_clocks_is_found() -> None:
    late = handle(8, clock_id="a")
    near, twin = handle(2, clock_id="c"), handle(2, clock_id="b")
    held = clocks_.pause(handle(1, clock_id="held"), at("20 14:00"), "on_hold")
    done = clocks_.stop(handle(1, clock_id="done"), at("20 14:10"), Outcome.DONE)

    assert clocks_.earliest([late, near, held, twin, done], CALENDARS) == (
        twin,
        50,
        at("20 15:00"),
    )
    sooner_by_id = replace(handle(1, clock_id="a"), rungs=(100,))
    assert clocks_.earliest([near, sooner_by_id], CALENDARS) == (
        sooner_by_id,
        100,
        at("20 15:00"),
    )
    assert clocks_.earliest([held, done], CALENDARS) is None
    assert clocks_.earliest([replace(late, rungs=())], CALENDARS) is None


def test_of_rungs_at_one_instant_the_lower_comes_first() -> None:
    clock = replace(handle(2), floor=8 * HOUR, rungs=(200, 150))

    assert clocks_.next_rung(clock, CALENDARS) == (150, at("23 16:00"))


# Judgement -----------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", [Outcome.VOID, Outcome.RETURNED, Outcome.FORCED])
def test_only_a_clock_that_ran_to_its_end_is_judged(outcome: Outcome) -> None:
    assert clocks_.on_time(handle(), CALENDARS) is None
    assert clocks_.on_time(clocks_.stop(handle(), at("20 15:00"), outcome), CALENDARS) is None


@pytest.mark.parametrize(
    ("stopped_at", "verdict"), [("23 12:00", True), ("23 13:00", True), ("23 14:01", False)]
)
def test_on_time_counts_working_time(stopped_at: str, verdict: bool) -> None:  # noqa: FBT001
    stopped = clocks_.stop(handle(), at(stopped_at), Outcome.DONE)

    assert clocks_.on_time(stopped, CALENDARS) is verdict


def test_a_rework_round_is_judged_on_the_original_budget() -> None:
    second = replace(
        handle(8, clock_id="handle:2"), judged_budget=16 * HOUR, used_before=15 * HOUR
    )
    quick = clocks_.stop(second, at("20 15:00"), Outcome.DONE)
    slow = clocks_.stop(second, at("20 15:01"), Outcome.DONE)

    assert clocks_.on_time(quick, CALENDARS) is True
    assert clocks_.on_time(slow, CALENDARS) is False
    assert clocks_.on_time(clocks_.extend(slow, MINUTE), CALENDARS) is True


# Explanation ---------------------------------------------------------------------------


def test_the_explanation_names_the_days_it_skips() -> None:
    clock = handle(20, "2026-09-30 16:00")
    held = clocks_.pause(clock, at("2026-10-08 10:00"), "question")
    clock = clocks_.extend(clocks_.resume(held, at("2026-10-09 10:00")), 2 * HOUR)
    rows = explain(clock, CALENDARS)
    by_day = {row.day: row for row in rows}
    holiday = NamedDay(label=DayLabel.HOLIDAY, name="国庆节")

    assert [row.day for row in rows] == [
        date(2026, 9, 30) + timedelta(days=number) for number in range(13)
    ]
    assert [row.amount // HOUR for row in rows] == [2, *[0] * 7, 2, 6, 8, 0, 4]
    assert by_day[date(2026, 10, 1)].kind == holiday
    assert by_day[date(2026, 10, 10)].kind == NamedDay(label=DayLabel.MAKE_UP, name="国庆节")
    assert by_day[date(2026, 10, 8)].pauses == by_day[date(2026, 10, 9)].pauses == clock.pauses
    assert by_day[date(2026, 10, 10)].pauses == ()
    assert by_day[date(2026, 10, 9)].counted == (
        (at("2026-10-09 10:00"), at("2026-10-09 12:00")),
        (at("2026-10-09 14:00"), at("2026-10-09 18:00")),
    )
    assert (rows[-1].total, rows[-1].past_budget) == (22 * HOUR, 2 * HOUR)


def test_a_continuous_clock_is_explained_by_stretches() -> None:
    held = clocks_.pause(handle(48, continuous=True), at("21 14:00"), "on_hold")
    clock = clocks_.resume(held, at("24 14:00"))
    first = ExplainRow(
        day=date(2026, 11, 20),
        kind=None,
        counted=((at("20 14:00"), at("21 14:00")),),
        amount=24 * HOUR,
        total=24 * HOUR,
        past_budget=ZERO,
        pauses=clock.pauses,
    )

    assert explain(clock, {})[0] == first
    assert explain(clock, {})[1].counted == ((at("24 14:00"), at("25 14:00")),)
    assert explain(held, {}) == (replace(first, pauses=held.pauses),)
    done = clocks_.stop(held, at("23 14:00"), Outcome.DONE)
    assert explain(done, {}, until=at("27 14:00"))[0].total == 24 * HOUR


def test_a_clock_paused_at_once_still_shows_its_pause() -> None:
    for continuous in (True, False):
        held = clocks_.pause(handle(continuous=continuous), at("20 14:00"), "on_hold")
        [row] = explain(held, CALENDARS)
        assert (row.counted, row.amount, row.pauses) == ((), ZERO, held.pauses)
