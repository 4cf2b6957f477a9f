"""The calendar against a minute-by-minute model, China's published year, its own algebra."""

import math
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar  # type: ignore[import-untyped]  # it ships no types
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import (
    Calendar,
    CalendarError,
    DayException,
    DayKind,
    DayLabel,
    Limit,
    NamedDay,
    NoPatternError,
    NoWorkingTimeError,
    Slot,
    Slots,
    Unit,
    WeekPattern,
)

MICRO = timedelta(microseconds=1)
ZERO = timedelta(0)
DAY_SLOTS = (Slot(start=480, end=720), Slot(start=840, end=1080))
WEEK = (DAY_SLOTS,) * 5 + ((), ())
ZONES = (
    "Asia/Shanghai",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",  # shifts by half an hour
    "Africa/Cairo",  # springs forward at midnight
    "Atlantic/Azores",  # falls back to midnight
)
ANCHORS = (
    date(2026, 3, 8),
    date(2026, 3, 29),
    date(2026, 4, 5),
    date(2026, 4, 24),
    date(2026, 10, 4),
    date(2026, 10, 25),
    date(2026, 10, 30),
    date(2026, 11, 1),
)


def calendar_of(
    zone: str = "Asia/Shanghai",
    week: tuple[Slots, ...] = WEEK,
    exceptions: tuple[DayException, ...] = (),
    *,
    valid_from: date = date(2020, 1, 1),
    valid_to: date | None = None,
) -> Calendar:
    return Calendar(
        calendar_id="district",
        version=3,
        zone=zone,
        patterns=(WeekPattern(valid_from=valid_from, valid_to=valid_to, slots=week),),
        exceptions=exceptions,
        published_years=frozenset({2026}),
    )


def off(day: date, name: str = "holiday") -> DayException:
    return DayException(day=day, kind=DayKind.OFF, name=name)


def made_up(day: date, slots: Slots | None = None) -> DayException:
    return DayException(day=day, kind=DayKind.WORK, slots=slots, name="make-up")


def china(year: int) -> Calendar:
    holidays = chinese_calendar.constants.holidays
    workdays = chinese_calendar.constants.workdays
    named = [(day, DayKind.OFF, name) for day, name in holidays.items()]
    named += [(day, DayKind.WORK, name) for day, name in workdays.items()]
    exceptions = tuple(
        DayException(day=day, kind=kind, name=name)
        for day, kind, name in named
        if day.year == year
    )
    return replace(calendar_of(exceptions=exceptions), published_years=frozenset({year}))


def at(text: str, zone: str = "Asia/Shanghai") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@st.composite
def day_slots(draw: st.DrawFn, at_least: int = 0) -> Slots:
    points = sorted(draw(st.sets(st.integers(0, 1440), min_size=2 * at_least, max_size=6)))
    if draw(st.booleans()) and len(points) > 1:
        points[-1] = 1440
    step = 1 if draw(st.booleans()) else 2  # touching, or apart
    pairs = zip(points[::step], points[1::step], strict=False)
    return tuple(Slot(start=start, end=end) for start, end in pairs)


@st.composite
def weeks(draw: st.DrawFn) -> tuple[Slots, ...]:
    working = draw(day_slots(at_least=1))
    other = draw(st.lists(day_slots(), min_size=6, max_size=6))
    week = [working, *other]
    turn = draw(st.integers(0, 6))  # the pattern's usual day need not be Monday
    return tuple(week[turn:] + week[:turn])


@st.composite
def calendars(draw: st.DrawFn, anchor: date) -> Calendar:
    around = st.integers(-8, 8).map(lambda days: anchor + timedelta(days=days))
    first_off, run = draw(around), draw(st.integers(0, 8))
    exceptions = {
        day: off(day) for day in (first_off + timedelta(days=step) for step in range(run))
    }
    for day in draw(st.lists(around, max_size=3)):
        exceptions[day] = made_up(day, draw(st.none() | day_slots(at_least=1)))
    switch = draw(around)
    return Calendar(
        calendar_id="random",
        version=1,
        zone=draw(st.sampled_from(ZONES)),
        patterns=(
            WeekPattern(valid_from=switch, valid_to=None, slots=draw(weeks())),
            WeekPattern(valid_from=date(2020, 1, 1), valid_to=switch, slots=draw(weeks())),
        ),
        exceptions=tuple(exceptions.values()),
        published_years=frozenset({2026}),
    )


@st.composite
def scenes(draw: st.DrawFn) -> tuple[Calendar, datetime]:
    """A calendar and an instant, both near a day on which some zone changes its offset."""
    anchor = draw(st.sampled_from(ANCHORS))
    micros = draw(st.integers(-7 * 86_400_000_000, 7 * 86_400_000_000))
    start = datetime(anchor.year, anchor.month, anchor.day, tzinfo=UTC)
    return draw(calendars(anchor)), start + timedelta(microseconds=micros)


SHORT = st.integers(0, 6 * 86_400_000_000).map(lambda micros: timedelta(microseconds=micros))
AMOUNTS = st.integers(0, 300 * 3_600_000_000).map(lambda micros: timedelta(microseconds=micros))


def model_slots(calendar: Calendar, day: date) -> Slots:
    """The slots of a day, found without the calendar's own code."""
    [pattern] = [
        one
        for one in calendar.patterns
        if one.valid_from <= day < (one.valid_to or date(9999, 1, 1))
    ]
    for exception in calendar.exceptions:
        if exception.day == day and exception.kind is DayKind.OFF:
            return ()
        if exception.day == day:
            usual = [slots for slots in pattern.slots if slots][0]  # noqa: RUF015
            return usual if exception.slots is None else exception.slots
    return pattern.slots[day.weekday()]


def model_between(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """Look at the wall clock of every minute from `start` to `end`."""
    zone, total = ZoneInfo(calendar.zone), ZERO
    minute = start.replace(second=0, microsecond=0)
    slots: dict[date, Slots] = {}
    while minute < end:
        wall, following = minute.astimezone(zone), minute + timedelta(minutes=1)
        if wall.date() not in slots:
            slots[wall.date()] = model_slots(calendar, wall.date())
        reads = wall.hour * 60 + wall.minute
        if any(slot.start <= reads < slot.end for slot in slots[wall.date()]):
            total += min(following, end) - max(minute, start)
        minute = following
    return total


# Against the model ---------------------------------------------------------------------


@settings(deadline=None, max_examples=150)
@given(scenes(), SHORT)
def test_working_time_is_what_the_wall_clock_says_minute_by_minute(
    scene: tuple[Calendar, datetime], length: timedelta
) -> None:
    calendar, start = scene
    end = start + length

    assert calendar.working_between(start, end) == model_between(calendar, start, end)


@settings(deadline=None)
@given(scenes())
def test_slots_of_a_day_are_in_order_apart_and_on_that_day(
    scene: tuple[Calendar, datetime],
) -> None:
    calendar, start = scene
    day = calendar.local_day(start)
    edges = [edge for span in calendar.slots_on(day) for edge in span]

    assert edges == sorted(edges)
    for opens, closes in calendar.slots_on(day):
        assert opens < closes
        assert opens.tzinfo is closes.tzinfo is UTC
        assert calendar.local_day(opens) == calendar.local_day(closes - MICRO) == day


# Its own algebra -----------------------------------------------------------------------


@settings(deadline=None)
@given(scenes(), AMOUNTS)
def test_adding_and_measuring_gives_the_amount_back_and_no_instant_earlier(
    scene: tuple[Calendar, datetime], amount: timedelta
) -> None:
    calendar, start = scene
    end = calendar.after_working(start, amount)

    assert calendar.working_between(start, end) == amount
    if amount:
        assert calendar.working_between(start, end - MICRO) == amount - MICRO
    else:
        assert end == start


@settings(deadline=None)
@given(scenes(), AMOUNTS, AMOUNTS, SHORT)
def test_more_amount_or_a_later_start_never_ends_earlier(
    scene: tuple[Calendar, datetime], one: timedelta, two: timedelta, later: timedelta
) -> None:
    calendar, start = scene
    less, more = sorted((one, two))

    assert calendar.after_working(start, less) <= calendar.after_working(start, more)
    assert calendar.after_working(start, less) <= calendar.after_working(start + later, less)


@settings(deadline=None)
@given(scenes(), AMOUNTS, AMOUNTS)
def test_one_amount_after_another_is_their_sum(
    scene: tuple[Calendar, datetime], one: timedelta, two: timedelta
) -> None:
    calendar, start = scene
    middle = calendar.after_working(start, one)

    assert calendar.after_working(middle, two) == calendar.after_working(start, one + two)


@settings(deadline=None)
@given(scenes(), SHORT, SHORT)
def test_working_time_of_two_neighbouring_stretches_adds_up(
    scene: tuple[Calendar, datetime], one: timedelta, two: timedelta
) -> None:
    calendar, start = scene
    middle, end = start + one, start + one + two
    parts = calendar.working_between(start, middle) + calendar.working_between(middle, end)

    assert parts == calendar.working_between(start, end)


@settings(deadline=None)
@given(scenes())
def test_the_next_working_instant_works_and_nothing_before_it_does(
    scene: tuple[Calendar, datetime],
) -> None:
    calendar, start = scene
    found = calendar.next_working(start)

    assert calendar.working_between(start, found) == ZERO
    assert calendar.working_between(found, found + MICRO) == MICRO
    assert calendar.after_working(start, MICRO) == found + MICRO


@settings(deadline=None)
@given(scenes(), st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York"]))
def test_an_instant_means_the_same_in_any_zone(
    scene: tuple[Calendar, datetime], zone: str
) -> None:
    calendar, start = scene
    elsewhere = start.astimezone(ZoneInfo(zone))
    due = calendar.after_working(elsewhere, timedelta(hours=3))

    assert due == calendar.after_working(start, timedelta(hours=3))
    assert due.tzinfo is UTC


# Examples ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-11-20 17:00", 2, "2026-11-23 09:00"),  # over the weekend
        ("2026-11-20 11:00", 1, "2026-11-20 12:00"),  # the slot's end, not the next start
        ("2026-11-20 12:30", 4, "2026-11-20 18:00"),  # from the next slot
        ("2026-11-21 10:00", 8, "2026-11-23 18:00"),  # from the next day
        ("2026-11-21 10:00", 0, "2026-11-21 10:00"),  # nothing is used up at once
    ],
)
def test_an_amount_runs_in_slots_only(start: str, hours: int, due: str) -> None:
    assert calendar_of().after_working(at(start), timedelta(hours=hours)) == at(due)


@pytest.mark.parametrize(
    ("given_at", "found"),
    [
        ("2026-11-20 08:00", "2026-11-20 08:00"),
        ("2026-11-20 11:59", "2026-11-20 11:59"),
        ("2026-11-20 12:00", "2026-11-20 14:00"),
        ("2026-11-20 18:00", "2026-11-23 08:00"),
    ],
)
def test_a_slot_includes_its_start_and_excludes_its_end(given_at: str, found: str) -> None:
    assert calendar_of().next_working(at(given_at)) == at(found)


def test_a_night_shift_runs_through_midnight() -> None:
    night = (Slot(start=0, end=240), Slot(start=1320, end=1440))
    calendar = calendar_of(week=(night,) * 7)

    assert calendar.after_working(at("2026-11-20 23:00"), timedelta(hours=5)) == at(
        "2026-11-21 04:00"
    )
    assert calendar.next_working(at("2026-11-21 00:00")) == at("2026-11-21 00:00")


def test_several_intervals_a_day_up_to_midnight_over_holidays_in_a_row() -> None:
    shifts = (
        Slot(start=360, end=600),  # 06:00–10:00
        Slot(start=690, end=840),  # 11:30–14:00
        Slot(start=1080, end=1440),  # 18:00–24:00
    )
    days_off = tuple(off(date(2026, 10, day)) for day in range(1, 8))
    calendar = calendar_of(week=(shifts,) * 7, exceptions=days_off)
    start = at("2026-09-30 13:00")

    assert calendar.after_working(start, timedelta(hours=1)) == at("2026-09-30 14:00")
    assert calendar.after_working(start, timedelta(hours=7)) == at("2026-10-01 00:00")
    assert calendar.after_working(start, timedelta(hours=8)) == at("2026-10-08 07:00")
    assert calendar.after_working(start, timedelta(hours=13)) == at("2026-10-08 13:30")
    assert calendar.working_between(start, at("2026-10-09 00:00")) == timedelta(hours=19.5)


def test_summer_and_winter_slots_follow_their_validity() -> None:
    summer = (Slot(start=480, end=720), Slot(start=870, end=1110))
    calendar = replace(
        calendar_of(),
        patterns=(
            WeekPattern(
                valid_from=date(2026, 10, 1),
                valid_to=date(2027, 5, 1),
                slots=WEEK,
            ),
            WeekPattern(
                valid_from=date(2026, 5, 1),
                valid_to=date(2026, 10, 1),
                slots=(summer,) * 5 + ((), ()),
            ),
        ),
    )

    assert calendar.next_working(at("2026-09-30 12:00")) == at("2026-09-30 14:30")
    assert calendar.next_working(at("2026-10-01 12:00")) == at("2026-10-01 14:00")


@pytest.mark.parametrize(
    ("day", "hours"),
    [("2026-03-07", 24), ("2026-03-08", 23), ("2026-10-31", 24), ("2026-11-01", 25)],
)
def test_a_whole_day_is_as_long_as_new_york_makes_it(day: str, hours: int) -> None:
    calendar = calendar_of("America/New_York", ((Slot(start=0, end=1440),),) * 7)
    spans = calendar.slots_on(date.fromisoformat(day))

    assert sum((closes - opens for opens, closes in spans), ZERO) == timedelta(hours=hours)
    assert calendar.working_between(
        at(f"{day} 00:00", "America/New_York"),
        at(f"{day} 00:00", "America/New_York") + timedelta(hours=hours),
    ) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("day", "slot", "minutes"),
    [
        ("2026-03-08", (60, 300), 180),  # around the gap 02:00–03:00
        ("2026-03-08", (60, 120), 60),  # up to it
        ("2026-03-08", (150, 240), 60),  # from inside it
        ("2026-03-08", (125, 175), 0),  # wholly inside
        ("2026-11-01", (0, 240), 300),  # around the fold 01:00–02:00
        ("2026-11-01", (0, 60), 60),  # up to it
        ("2026-11-01", (75, 90), 30),  # inside: these minutes come twice
        ("2026-11-01", (120, 180), 60),  # after it
    ],
)
def test_a_slot_shrinks_in_a_gap_and_lasts_longer_in_a_fold(
    day: str, slot: tuple[int, int], minutes: int
) -> None:
    start, end = slot
    calendar = calendar_of("America/New_York", ((Slot(start=start, end=end),),) * 7)
    spans = calendar.slots_on(date.fromisoformat(day))

    assert sum((closes - opens for opens, closes in spans), ZERO) == timedelta(minutes=minutes)


def test_a_day_that_the_date_line_skipped_has_no_slots() -> None:
    calendar = calendar_of("Pacific/Apia", (DAY_SLOTS,) * 7, valid_from=date(2011, 1, 1))

    assert calendar.slots_on(date(2011, 12, 30)) == ()
    assert len(calendar.slots_on(date(2011, 12, 31))) == 2


# China ---------------------------------------------------------------------------------


def test_2026_agrees_with_the_published_year_day_by_day() -> None:
    calendar = china(2026)
    for number in range(365):
        day = date(2026, 1, 1) + timedelta(days=number)
        assert bool(calendar.slots_on(day)) is chinese_calendar.is_workday(day), day


@pytest.mark.parametrize("day", ["2026-02-14", "2026-02-28", "2026-05-09", "2026-10-10"])
def test_a_make_up_saturday_has_the_usual_slots(day: str) -> None:
    calendar = china(2026)
    saturday = date.fromisoformat(day)

    assert saturday.isoweekday() == 6
    assert calendar.kind_of(saturday).label is DayLabel.MAKE_UP
    assert calendar.slots_on(saturday) == (
        (at(f"{day} 08:00"), at(f"{day} 12:00")),
        (at(f"{day} 14:00"), at(f"{day} 18:00")),
    )


def test_national_day_is_off_for_a_week() -> None:
    calendar = china(2026)

    assert {calendar.kind_of(date(2026, 10, day)).label for day in range(1, 8)} == {
        DayLabel.HOLIDAY
    }
    assert calendar.after_working(at("2026-09-30 17:00"), timedelta(hours=2)) == at(
        "2026-10-08 09:00"
    )
    # Thursday 8, Friday 9, Saturday 10 made up, Monday 12
    assert calendar.after_working(at("2026-10-07 09:00"), timedelta(hours=32)) == at(
        "2026-10-12 18:00"
    )


def test_a_year_without_published_holidays_is_provisional() -> None:
    calendar = china(2026)
    with pytest.raises(NotImplementedError):
        chinese_calendar.is_workday(date(2027, 1, 4))

    assert not calendar.is_provisional(at("2026-12-01 08:00"), at("2026-12-31 18:00"))
    assert not calendar.is_provisional(at("2026-12-01 08:00"), at("2027-01-01 00:00"))
    assert calendar.is_provisional(at("2026-12-01 08:00"), at("2027-01-01 00:01"))
    assert calendar.is_provisional(at("2025-12-31 23:59"), at("2026-01-05 08:00"))
    assert calendar.is_provisional(at("2027-01-01 00:00"), at("2027-01-01 00:00"))


# What it refuses -----------------------------------------------------------------------


def test_each_day_has_a_kind_and_a_name() -> None:
    calendar = calendar_of(
        exceptions=(off(date(2026, 10, 1), "国庆节"), made_up(date(2026, 10, 10)))
    )

    assert calendar.kind_of(date(2026, 10, 1)) == NamedDay(
        label=DayLabel.HOLIDAY, name="国庆节"
    )
    assert calendar.kind_of(date(2026, 10, 10)).label is DayLabel.MAKE_UP
    assert calendar.kind_of(date(2026, 10, 11)) == NamedDay(label=DayLabel.WEEKEND)
    assert calendar.kind_of(date(2026, 10, 12)) == NamedDay(label=DayLabel.WORKING)


def test_a_day_no_pattern_covers_is_refused_by_name() -> None:
    calendar = calendar_of(valid_from=date(2026, 1, 1), valid_to=date(2027, 1, 1))

    with pytest.raises(NoPatternError, match="district@3 has no week pattern for 2027-01-01"):
        calendar.after_working(at("2026-12-31 17:00"), timedelta(hours=2))
    with pytest.raises(NoPatternError) as caught:
        calendar.kind_of(date(2025, 12, 31))
    assert (caught.value.calendar, caught.value.day) == ("district@3", date(2025, 12, 31))
    assert calendar.working_between(
        at("2026-12-31 17:00"), at("2027-01-01 00:00")
    ) == timedelta(hours=1)


def test_two_years_without_a_slot_are_refused_by_name() -> None:
    calendar = calendar_of(week=((),) * 7, exceptions=(made_up(date(2026, 1, 5)),))

    with pytest.raises(NoWorkingTimeError, match="no slot in 731 days from 2026-11-20"):
        calendar.next_working(at("2026-11-20 08:00"))
    with pytest.raises(CalendarError):
        calendar.after_working(at("2026-01-01 08:00"), timedelta(hours=1))


def test_a_make_up_day_without_slots_of_its_own_needs_a_usual_day() -> None:
    weekend_shift = calendar_of(
        week=((),) * 5 + (DAY_SLOTS, ()), exceptions=(made_up(date(2026, 1, 5)),)
    )

    assert len(weekend_shift.slots_on(date(2026, 1, 5))) == 2


NAIVE = datetime(2026, 1, 5, 8)  # noqa: DTZ001  # the point of the test
AWARE = NAIVE.replace(tzinfo=UTC)


def test_a_naive_instant_is_refused() -> None:
    calendar = calendar_of()
    with pytest.raises(ValueError, match="needs a zone"):
        calendar.next_working(NAIVE)
    with pytest.raises(ValueError, match="needs a zone"):
        calendar.after_working(NAIVE, ZERO)
    with pytest.raises(ValueError, match="needs a zone"):
        calendar.working_between(AWARE, NAIVE)
    with pytest.raises(ValueError, match="needs a zone"):
        calendar.is_provisional(AWARE, NAIVE)


def test_time_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="back to"):
        calendar_of().working_between(AWARE, AWARE - MICRO)
    with pytest.raises(ValueError, match="negative amount"):
        calendar_of().after_working(AWARE, -MICRO)


@pytest.mark.parametrize(
    ("start", "end"), [(-1, 60), (60, 60), (120, 60), (0, 1441), (1440, 1440)]
)
def test_a_slot_outside_its_day_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="not a slot"):
        Slot(start=start, end=end)


def test_a_pattern_that_makes_no_sense_is_refused() -> None:
    new_year = date(2026, 1, 1)
    with pytest.raises(ValueError, match="needs 7 days, not 5"):
        WeekPattern(valid_from=new_year, valid_to=None, slots=(DAY_SLOTS,) * 5)
    with pytest.raises(ValueError, match="never valid"):
        WeekPattern(valid_from=new_year, valid_to=new_year, slots=WEEK)
    with pytest.raises(ValueError, match="out of order"):
        WeekPattern(valid_from=new_year, valid_to=None, slots=(DAY_SLOTS[::-1],) * 7)


def test_an_exception_that_makes_no_sense_is_refused() -> None:
    day = date(2026, 1, 5)
    with pytest.raises(ValueError, match="is off with 2 slots"):
        DayException(day=day, kind=DayKind.OFF, slots=DAY_SLOTS, name="holiday")
    with pytest.raises(ValueError, match="is work with 0 slots"):
        made_up(day, ())
    with pytest.raises(ValueError, match="overlap"):
        made_up(day, (Slot(start=0, end=60), Slot(start=59, end=61)))


def test_a_calendar_that_contradicts_itself_is_refused() -> None:
    day = date(2026, 1, 5)
    with pytest.raises(ValueError, match="district@3: unknown zone 'Mars/Base'"):
        calendar_of("Mars/Base")
    with pytest.raises(ValueError, match="unknown zone"):
        calendar_of("../etc")
    with pytest.raises(ValueError, match="a day has two exceptions"):
        calendar_of(exceptions=(off(day), made_up(day)))
    with pytest.raises(ValueError, match="two week patterns for 2020-01-01"):
        replace(calendar_of(), patterns=calendar_of().patterns * 2)


# Limits --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "running", "continuous"),
    [
        (Unit.URGENT_HOUR, timedelta(hours=1), True),
        (Unit.WORK_HOUR, timedelta(hours=1), False),
        (Unit.WORK_DAY, timedelta(hours=8), False),
        (Unit.NATURAL_DAY, timedelta(hours=24), True),
    ],
)
def test_a_unit_is_worth_its_hours(
    unit: Unit,
    running: timedelta,
    continuous: bool,  # noqa: FBT001
) -> None:
    assert Limit(value=1, unit=unit).running == running
    assert Limit(value=0.5, unit=unit).running == running / 2
    assert Limit(value=1, unit=unit).continuous is continuous


def test_a_tenth_of_a_work_day_is_exact() -> None:
    assert Limit(value=0.1, unit=Unit.WORK_DAY).running == timedelta(minutes=48)
    assert Limit(value=1 / 3, unit=Unit.WORK_HOUR).running == timedelta(minutes=20)


@pytest.mark.parametrize("value", [0, -1, math.inf, -math.inf, math.nan, 1e-12, 1e300])
def test_a_limit_must_be_a_positive_amount(value: float) -> None:
    with pytest.raises(ValueError, match="positive and finite"):
        Limit(value=value, unit=Unit.WORK_HOUR)


# Speed and sameness --------------------------------------------------------------------


def test_a_year_is_measured_in_two_milliseconds() -> None:
    calendar, start = china(2026), at("2026-01-01 00:00")
    seconds = []
    for _ in range(5):
        begun = time.perf_counter()
        calendar.working_between(start, start + timedelta(days=365))
        seconds.append(time.perf_counter() - begun)

    assert min(seconds) < 0.002


def test_use_does_not_change_equality_or_hash() -> None:
    fresh, worn = china(2026), china(2026)
    worn.working_between(at("2026-01-01 00:00"), at("2026-12-31 00:00"))

    assert worn == fresh
    assert hash(worn) == hash(fresh)
    assert replace(worn, version=4).key == "district@4"
    assert replace(worn, version=4) != fresh
