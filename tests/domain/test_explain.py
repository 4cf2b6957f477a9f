"""The sum behind a due time: it adds up to the second, and says so in both languages."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import clock as clocks_
from domain.calendar import Calendar, DayException, DayKind, Limit, Slot, Unit, WeekPattern
from domain.case import Case
from domain.clock import Clock, ClockKind, Pause
from domain.explain import CARRIED, Explained, explained
from domain.explain_texts import (
    GROUNDS,
    amount_figures,
    amount_words,
    clock_name,
    date_words,
    day_name,
    day_words,
    instant_words,
    moved_words,
    rung_words,
    sentences,
    span_words,
)
from domain.facts import Moved
from domain.labels import CLOCKS
from domain.pausing import CONSULTATION, HOLD, LATE_DECIDER, QUESTION
from domain.terms import Action, State
from tests.domain.small_world import BOOK, ZONE, Life, at_state, local, reported, with_policy

HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
ZERO = timedelta(0)
CASE = Case(case_no="1", calendar="district@1")


def why_of(life: Life, clock_id: str = "handle", at: datetime | None = None) -> Explained:
    return explained(life.clock(clock_id), life.case, life.events, life.book, at or life.at)


def said(why: Explained, language: str) -> str:
    return "\n".join(one.text(language) for one in sentences(why))


# The sum adds up -----------------------------------------------------------------------


@st.composite
def clocks(draw: st.DrawFn) -> tuple[Clock, Calendar]:
    """A running clock with closed pauses, over holidays and a change of the zone's offset."""
    zone = draw(st.sampled_from(["Asia/Shanghai", "America/New_York"]))
    first_off = date(2026, 10, 25) + timedelta(days=draw(st.integers(0, 10)))
    calendar = Calendar(
        calendar_id="district",
        version=1,
        zone=zone,
        patterns=(
            WeekPattern(
                valid_from=date(2020, 1, 1),
                valid_to=None,
                slots=(*[(Slot(start=480, end=720), Slot(start=840, end=1440))] * 5, (), ()),
            ),
        ),
        exceptions=tuple(
            DayException(day=first_off + timedelta(days=n), kind=DayKind.OFF, name="假 Holiday")
            for n in range(draw(st.integers(0, 8)))
        ),
        published_years=frozenset({2026}),
    )
    micros = st.integers(0, 9 * 86_400_000_000).map(lambda n: timedelta(microseconds=n))
    start = datetime(2026, 10, 26, tzinfo=UTC) + draw(micros)
    edges = sorted(start + draw(micros) for _ in range(2 * draw(st.integers(0, 3))))
    continuous = draw(st.booleans())
    clock = Clock(
        clock_id="handle",
        kind=ClockKind.HANDLE,
        owner="unit:roads",
        calendar="" if continuous else calendar.key,
        continuous=continuous,
        budget=draw(st.integers(1, 400_000)) * SECOND,
        extended=draw(st.sampled_from([ZERO, 4 * HOUR, 7 * SECOND])),
        started_at=start,
        rungs=(50, 100, 150),
        pauses=tuple(
            Pause(reason=draw(st.sampled_from([HOLD, f"{HOLD}+{QUESTION}"])), start=a, end=b)
            for a, b in zip(edges[::2], edges[1::2], strict=True)
            if a < b
        ),
    )
    if draw(st.booleans()) and not any(one.start < start + HOUR for one in clock.pauses):
        key = calendar.key if continuous else ""
        clock = clocks_.change_timeline(clock, key, start + HOUR, {calendar.key: calendar})
    return clock, calendar


@settings(deadline=None)
@given(clocks())
def test_the_lines_add_up_to_the_limit_and_end_at_the_due_time(
    drawn: tuple[Clock, Calendar],
) -> None:
    clock, calendar = drawn
    book = replace(BOOK, calendars={calendar.key: calendar}, calendar=calendar.key)
    why = explained(clock, replace(CASE, calendar=calendar.key), (), book, clock.started_at)
    lines = why.lines

    if clock.limit < clock.carried:  # used up before the change: due at once
        assert why.due == clock.counts_from
        return
    assert sum((one.amount for one in lines), ZERO) == clock.limit
    assert lines[-1].total == clock.limit
    for one, two in pairwise(lines):
        assert two.total - one.total == two.amount >= ZERO
        assert one.last < two.first or two.kind != "working" or one.kind == CARRIED
    counted = [span for one in lines for span in one.counted]
    assert (counted[-1][1] if counted else clock.counts_from) == why.due
    exact = sum((b - a for a, b in counted), clock.carried)
    assert exact == clock.limit
    shown = [one for one in lines if one.counted]
    for line in shown:  # what is printed of a day differs from its intervals by rounding only
        spans = sum((b - a for a, b in line.counted), ZERO)
        assert abs(spans - line.amount) <= SECOND
    for language in ("zh", "en"):
        assert all(one.text(language) for one in sentences(why))


@pytest.mark.parametrize(
    ("amount", "zh", "en"),
    [
        (ZERO, "0小时", "0 h"),
        (8 * HOUR, "8小时", "8 h"),
        (7 * HOUR + 56 * MINUTE, "7小时56分", "7 h 56 min"),
        (3 * SECOND, "3秒", "3 s"),
        (-90 * MINUTE, "-1小时30分", "-1 h 30 min"),
        (HOUR + timedelta(milliseconds=600), "1小时1秒", "1 h 1 s"),
    ],
)
def test_amounts_are_said_to_the_second(amount: timedelta, zh: str, en: str) -> None:
    assert (amount_words(amount, "zh"), amount_words(amount, "en")) == (zh, en)


def test_a_column_has_figures() -> None:
    shown = [amount_figures(one) for one in (ZERO, 7.5 * HOUR, 40 * HOUR + 5 * SECOND)]

    assert shown == ["0:00", "7:30", "40:00:05"]


# The sentences -------------------------------------------------------------------------


def test_the_first_sentence_is_the_sum() -> None:
    why = why_of(at_state(State.HANDLING))

    assert sentences(why)[0].en == (
        "Due 2026-09-08 09:04 = start 2026-09-07 09:04 + 8 h of working time, "
        "not counting hours off."
    )
    assert sentences(why)[0].zh == (
        "到期 2026-09-08 09:04 = 起算 2026-09-07 09:04 + 时限 8小时（工作时间），"
        "不计非工作时段。"
    )
    assert [(date_words(one), one.amount) for one in why.lines] == [
        ("09-07", 6 * HOUR + 56 * MINUTE),
        ("09-08", HOUR + 4 * MINUTE),
    ]
    assert span_words(why.lines[0], ZONE) == "09:04–12:00, 14:00–18:00"


def test_weekends_holidays_and_make_up_days_are_named() -> None:
    life = Life(at=local("09-30 16:00")).report()
    why = why_of(life, "whole")  # 5 WD: 30 Sept, 8, 9, 10 (made up), 12, 13 October

    assert [(date_words(one), day_words(one).zh) for one in why.lines] == [
        ("09-30", "工作日"),
        ("10-01–10-07", "节假日 · 国庆节"),
        ("10-08", "工作日"),
        ("10-09", "工作日"),
        ("10-10", "调休上班 · 国庆节调休"),
        ("10-11", "周末"),
        ("10-12", "工作日"),
        ("10-13", "工作日"),
    ]
    assert "不计非工作时段、周末、国庆节（10-01–10-07）" in said(why, "zh")
    assert why.lines[1].amount == ZERO


def test_names_of_days_are_read_in_each_language() -> None:
    assert day_name("国庆节 National Day") == ("国庆节", "National Day")
    assert day_name("春节调休上班 Spring Festival, make-up working day").en.endswith("day")
    assert day_name("国庆节") == ("国庆节", "国庆节")
    assert day_name("Boxing Day") == ("Boxing Day", "Boxing Day")


def test_an_extension_counts_from_the_old_due_time() -> None:
    life = at_state(State.HANDLING)
    life.do(Action.REQUEST_EXTENSION)
    life.do(Action.APPROVE_EXTENSION)
    why = why_of(life)

    assert [one.amount for one in why.extensions] == [4 * HOUR]
    assert (
        "Extension of 4 h approved at 2026-09-07 09:08: "
        "from the old due time 2026-09-08 09:04 to 2026-09-08 15:04." in said(why, "en")
    )
    assert "同意延期 4小时，从原到期时间 2026-09-08 09:04 延至 2026-09-08 15:04" in said(
        why, "zh"
    )
    assert "+ 4 h of extension" in said(why, "en")
    assert sum((one.amount for one in why.lines), ZERO) == 12 * HOUR
    assert why_of(life, "whole").extensions[0].amount == 4 * HOUR


def test_a_late_decider_is_credited_by_name() -> None:
    life = at_state(State.RETURNED)  # decide: 2 WH from 09:07
    life.wait(local("09-07 16:30"))
    life.do(Action.REJECT_RETURN, at=local("09-07 16:30"))
    why = why_of(life)

    assert why.credit == why.pauses[0].kept_out == 3 * HOUR + 24 * MINUTE
    assert "decider over his own limit" in said(why, "en")
    assert "审批人超出自身时限的 3小时24分 不计入承办单位" in said(why, "zh")
    assert sum((one.amount for one in why.lines), ZERO) == 8 * HOUR


def test_a_pause_with_several_grounds_names_each_and_an_open_one_says_what_is_left() -> None:
    life = at_state(State.HANDLING)
    pause = Pause(reason=f"{HOLD}+{QUESTION}", start=local("09-07 10:04"))
    held = replace(life.clock("handle"), pauses=(pause,))
    why = explained(held, life.case, (), life.book, local("09-08 10:04"))

    assert why.due is None
    assert "Paused, due when it has run on" in said(why, "en")
    assert "7 h left" in said(why, "en")
    assert "挂账、等待诉求人补充信息：2026-09-07 10:04 至 现在 暂停，扣除 8小时" in said(
        why, "zh"
    )
    assert "hold and question to the reporter" in said(why, "en")


def test_a_rework_is_judged_over_all_rounds() -> None:
    life = at_state(State.CHECKING)
    life.do(Action.CHECK_FAIL)
    life.at += HOUR
    why = why_of(life, "handle:2")

    assert "All rounds are judged together: 2 min before + 1 h in this one = 1 h 2 min" in (
        said(why, "en")
    )
    assert "各轮合并考核：前几轮已用 2分 + 本轮 1小时 = 1小时2分，允许 8小时" in said(why, "zh")


def test_an_unpublished_year_makes_it_provisional() -> None:
    life = Life(at=local("12-30 16:00")).report()
    why = why_of(life, "whole")

    assert why.unpublished == (2027,)
    assert "2027 年放假安排尚未公布" in said(why, "zh")
    assert "provisional" in said(why, "en")
    assert why_of(reported(), "whole").unpublished == ()


def test_rungs_say_how_much_when_and_whether_they_fired() -> None:
    life = at_state(State.HANDLING)
    life.wait(local("09-07 15:30"))
    why = why_of(life)
    half, three_quarters = (rung_words(one, why) for one in why.rungs[:2])

    assert half.en == "50% (4 h): 2026-09-07 15:04, fell due 2026-09-07 15:04"
    assert three_quarters.zh == "75%（6小时）：2026-09-07 17:04"
    late = next(one for one in why.rungs if one.percent == 150)
    assert late.amount == 16 * HOUR  # one working day after red


def test_a_superseded_rung_says_so() -> None:
    life = at_state(State.HANDLING)
    life.wait(local("09-07 15:30"))
    superseded = clocks_.supersede(life.clock("handle"), local("09-07 15:00"))
    why = explained(superseded, life.case, (), life.book, life.at)

    assert rung_words(why.rungs[0], why).en.endswith("superseded by an earlier command")
    assert "由更早的操作取代" in rung_words(why.rungs[0], why).zh


def test_a_stopped_clock_says_how_it_was_judged_and_sums_up_to_its_stop() -> None:
    life = at_state(State.FED_BACK)
    why = why_of(life)

    assert why.lines[-1].total == why.used == 3 * MINUTE
    assert "Stopped 2026-09-07 09:07, 3 min used: on time." in said(why, "en")
    assert "停止，已用 3分：按时" in said(why, "zh")
    life = at_state(State.RETURNED)
    life.do(Action.ACCEPT_RETURN)
    assert "not judged" in said(why_of(life), "en")


def test_a_continuous_clock_is_summed_by_stretches() -> None:
    limit = Limit(value=1, unit=Unit.NATURAL_DAY)
    life = Life(book=with_policy(handle=limit, auto_close=False)).report()
    life.to(State.HANDLING)
    why = why_of(life)

    assert said(why, "en").startswith("Due 2026-09-08 09:04 = start 2026-09-07 09:04 + 24 h.")
    assert [day_words(one).zh for one in why.lines] == ["昼夜连续"]
    assert span_words(why.lines[0], ZONE) == "09:04–09-08 09:04"


def test_another_way_of_counting_is_said_with_what_was_used() -> None:
    life = at_state(State.HANDLING)
    clock = clocks_.change_timeline(
        life.clock("handle"), "", local("09-07 11:04"), life.book.calendars
    )
    why = explained(clock, life.case, (), life.book, local("09-07 12:04"))

    assert (why.lines[0].kind, why.lines[0].amount) == (CARRIED, 2 * HOUR)
    assert why.due == local("09-07 17:04")
    assert "Counted in day and night since 2026-09-07 11:04" in said(why, "en")
    assert "the share used by then counts as 2 h." in said(why, "en")
    assert "此前已用的按比例折算为 2小时" in said(why, "zh")


def test_moved_clocks_are_said_before_and_after() -> None:
    moved = Moved(clock_id="handle:2", before=local("09-08 09:04"), after=local("09-09 09:04"))
    held = Moved(clock_id="handle", left_before=2 * HOUR, left_after=3 * HOUR)

    assert moved_words(moved, ZONE).zh == "处置时限 2: 2026-09-08 09:04 → 2026-09-09 09:04"
    assert moved_words(held, ZONE).en == "handle: paused, 2 h left → paused, 3 h left"


def test_a_sum_up_to_any_moment() -> None:
    life = at_state(State.HANDLING)
    why = explained(
        life.clock("handle"),
        life.case,
        life.events,
        life.book,
        life.at,
        until=local("09-07 10:04"),
    )

    assert why.lines[-1].total == HOUR


def test_every_ground_and_clock_has_words() -> None:
    assert {HOLD, QUESTION, CONSULTATION, LATE_DECIDER} <= set(GROUNDS)
    assert all(clock_name(kind).zh == CLOCKS[kind].zh for kind in ClockKind)
    seconds = local("09-07 09:00") + 12.6 * SECOND
    assert instant_words(seconds, ZONE) == "2026-09-07 09:00:13"
