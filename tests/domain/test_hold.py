"""The hold: who may ask and decide, what waits, what watches it, and how it ends."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain import clock as clocks_
from domain.advance import catch_up
from domain.calendar import DayException, DayKind, Limit, Unit
from domain.case import Event
from domain.clock import ClockKind, Outcome
from domain.pausing import HOLD, LATE_DECIDER, QUESTION, grounds
from domain.refusal import Refusal
from domain.terms import Action, Role, Source, State, TaskState
from domain.why import Why
from tests.domain.small_world import (
    CALENDAR,
    GOOD,
    HAWKER,
    PEOPLE,
    ZONE,
    Life,
    at_state,
    local,
    reported,
    with_calendar,
    with_policy,
)

K = ClockKind
A = Action
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
SOON = local("09-25 09:00")


def asked(until: datetime = SOON, reason: str = "hold_season") -> Life:
    """A case being handled whose hold is asked for."""
    life = at_state(State.HANDLING)
    life.do(A.REQUEST_HOLD, until=until, reason=reason)
    return life


def held(until: datetime = SOON) -> Life:
    """A case on hold; the hold is the dispatcher's to decide."""
    life = asked(until=until)
    life.do(A.APPROVE_HOLD)
    return life


def due(life: Life, clock_id: str) -> datetime | None:
    return clocks_.due_at(life.clock(clock_id), life.book.calendars)


def left(life: Life, clock_id: str) -> timedelta:
    return clocks_.remaining(life.clock(clock_id), life.at, life.book.calendars)


def labels(events: tuple[Event, ...]) -> list[str]:
    return [one.reason or str(one.action) for one in events]


# T40 request, refuse -------------------------------------------------------------------


def test_t40_the_limit_runs_on_until_the_hold_is_decided() -> None:
    life = asked()
    request = life.case.waiting("hold")

    assert request
    assert (request.by, request.until, request.reason) == ("roads.head", SOON, "hold_season")
    assert life.clock(request.clock).owner == Role.DISPATCHER
    assert life.running().keys() == {K.WHOLE, K.HANDLE, K.DECIDE}
    assert not life.clock("handle").paused
    assert life.events[-1].notify == ("role:dispatcher",)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, None),
        ({"reason": ""}, Why.NEEDS_REASON),
        ({"reason": "hold_never"}, Why.UNKNOWN_CODE),
        ({"text": " "}, Why.NEEDS_TEXT),
        ({"until": None}, Why.NEEDS_FIELD),
        ({"until": datetime(2026, 9, 25, 9)}, Why.NEEDS_FIELD),  # noqa: DTZ001  no zone
        ({"until": local("09-07 08:00")}, Why.NEEDS_FIELD),
        ({"until": local("09-07 09:00") + 365 * DAY}, None),
        ({"until": local("09-07 09:00") + 366 * DAY}, Why.NOT_NOW),
    ],
)
def test_t40_a_reason_of_the_list_and_a_date_within_a_year(
    changes: dict[str, Any], why: Why | None
) -> None:
    found = at_state(State.SIGNED).try_(A.REQUEST_HOLD, **changes)

    assert (found.why if isinstance(found, Refusal) else None) is why


def test_t40_the_longest_hold_may_be_counted_in_working_time() -> None:
    life = at_state(State.HANDLING)
    life.book = with_policy(hold_most=Limit(value=5, unit=Unit.WORK_DAY))
    latest = CALENDAR.after_working(life.at + MINUTE, 40 * HOUR)
    refusal = life.refused(A.REQUEST_HOLD, until=latest + MINUTE * 2)
    assert "2026-09-14" in refusal.text("zh")
    life.do(A.REQUEST_HOLD, until=latest)

    assert life.case.waiting("hold")


def test_t40_before_the_limit_once_and_one_at_a_time() -> None:
    life = at_state(State.HANDLING)
    red = due(life, "handle")
    assert red
    late = at_state(State.HANDLING)
    assert late.refused(A.REQUEST_HOLD, at=red + MINUTE).why is Why.TOO_LATE
    life.do(A.REQUEST_HOLD, at=red)
    assert life.refused(A.REQUEST_HOLD).why is Why.ALREADY
    life.do(A.REFUSE_HOLD, "command")
    life.case = replace(life.case, holds=1)

    assert life.refused(A.REQUEST_HOLD).why is Why.TOO_MANY


def test_t40_without_a_limit_nothing_is_held() -> None:
    life = at_state(State.HANDLING)
    life.case = replace(life.case, clocks=())

    assert life.refused(A.REQUEST_HOLD).why is Why.NOT_NOW


def test_t40_a_refusal_leaves_the_limit_and_needs_a_reason() -> None:
    life = asked()
    assert life.refused(A.REFUSE_HOLD, reason="").why is Why.NEEDS_REASON
    life.do(A.REFUSE_HOLD)

    assert life.state() is State.HANDLING
    assert not life.case.pending
    assert life.clock("decide").outcome is Outcome.DONE
    assert life.events[-1].notify == ("unit:roads",)
    assert life.refused(A.APPROVE_HOLD).why is Why.NO_REQUEST


def test_t40_a_request_lapses_when_the_unit_lets_go() -> None:
    for action in (A.RETURN, A.FEED_BACK):
        life = at_state(State.SIGNED)
        life.do(A.REQUEST_HOLD)
        life.do(A.REQUEST_EXTENSION)
        life.do(A.REQUEST_VOID)
        life.do(action)

        assert [one.kind for one in life.case.pending] == ["void"]
        assert life.clock("decide").outcome is Outcome.VOID
        assert life.clock("decide:2").outcome is Outcome.VOID


def test_t40_it_stays_open_when_handling_starts() -> None:
    life = at_state(State.SIGNED)
    life.do(A.REQUEST_HOLD)
    life.do(A.START)

    assert life.case.waiting("hold")


# T41 approve ---------------------------------------------------------------------------


def test_t41_the_limit_and_the_promise_wait() -> None:
    life = asked()
    spent = left(life, "handle")
    life.do(A.APPROVE_HOLD)

    assert life.state() is State.ON_HOLD
    assert life.running().keys() == {K.WHOLE, K.HANDLE, K.HOLD, K.HOLD_REVIEW, K.BACKLOG}
    for name in ("handle", "whole"):
        assert grounds(life.clock(name)) == (HOLD,)
        assert due(life, name) is None
    assert left(life, "handle") == spent - MINUTE
    assert due(life, "hold") == SOON
    assert life.clock("hold").owner == "unit:roads"
    assert (life.case.holds, life.case.hold_until) == (1, SOON)
    assert life.clock("decide").outcome is Outcome.DONE
    assert life.events[-1].notify == ("unit:roads", "reporter")


def test_t41_what_runs_inside_handle_waits_with_it() -> None:
    life = asked()
    inner = replace(life.clock("handle"), clock_id="inner", kind=K.INNER, rungs=(100,))
    life.case = replace(life.case, clocks=(*life.case.clocks, inner))
    life.do(A.APPROVE_HOLD)
    assert life.clock("inner").paused
    life.do(A.RESUME)

    assert not life.clock("inner").paused


@pytest.mark.parametrize(
    ("changes", "decider"),
    [
        ({}, "dispatcher"),
        ({"until": local("09-07 09:00") + 30 * DAY}, "dispatcher"),
        ({"until": local("09-07 09:00") + 31 * DAY}, "command"),
        ({"reason": "hold_hard"}, "command"),
    ],
)
def test_t41_long_and_hard_holds_are_the_command_chief_s(
    changes: dict[str, Any], decider: str
) -> None:
    life = asked(**changes)
    other = "command" if decider == "dispatcher" else "dispatcher"
    refused = life.refused(A.APPROVE_HOLD, other)
    assert refused.why is Why.FORBIDDEN
    assert (
        refused.values["who"]
        == {"dispatcher": "dispatcher", "command": "command_chief"}[decider]
    )
    assert life.refused(A.REFUSE_HOLD, other).why is Why.FORBIDDEN
    life.do(A.APPROVE_HOLD, decider)

    assert life.state() is State.ON_HOLD
    assert life.clock("hold_review").owner == life.events[-1].role


def test_t41_what_is_late_by_then_is_the_command_chief_s_and_he_hears_of_it() -> None:
    life = at_state(State.HANDLING)
    red = due(life, "handle")
    assert red
    life.do(A.REQUEST_HOLD, at=red)
    (rung,) = [one for one in life.events if one.reason == "handle 100%"]
    assert "role:command_chief" in rung.notify
    assert life.refused(A.APPROVE_HOLD).why is Why.FORBIDDEN
    life.do(A.APPROVE_HOLD, "command")

    assert life.state() is State.ON_HOLD


def test_t41_the_decider_does_not_change_because_he_took_his_time() -> None:
    life = asked(until=local("09-07 09:00") + 31 * DAY)
    life.case = replace(
        life.case,
        clocks=tuple(replace(one, budget=one.budget * 99) for one in life.case.clocks),
    )
    life.at += 2 * DAY

    assert life.refused(A.APPROVE_HOLD).why is Why.FORBIDDEN


def test_t41_never_who_asked() -> None:
    life = asked()
    life.case = replace(life.case, pending=(replace(life.case.pending[0], by="dispatcher"),))

    assert life.refused(A.APPROVE_HOLD).why is Why.SEPARATION
    assert life.refused(A.REFUSE_HOLD).why is Why.SEPARATION
    assert life.refused(A.APPROVE_HOLD, PEOPLE["roads.head"]).why is Why.FORBIDDEN


def test_t41_a_date_that_has_passed_is_not_approved() -> None:
    life = asked(until=local("09-07 12:00"))
    refusal = life.refused(A.APPROVE_HOLD, at=local("09-07 12:00"))

    assert refusal.why is Why.NOT_NOW
    assert "2026-09-07 12:00" in refusal.text()


def test_t41_a_request_for_more_time_lapses_one_to_void_does_not() -> None:
    life = asked()
    life.do(A.REQUEST_EXTENSION)
    life.do(A.REQUEST_VOID)
    life.do(A.APPROVE_HOLD)

    assert [one.kind for one in life.case.pending] == ["void"]
    assert life.clock("decide:2").outcome is Outcome.VOID


def test_t41_somebody_looks_at_it_every_thirty_days_and_at_sixty_it_is_backlog() -> None:
    life = asked(until=local("09-07 09:00") + 100 * DAY)
    life.do(A.APPROVE_HOLD, "command")
    start = life.at
    seen = life.wait(start + 95 * DAY)

    assert labels(seen) == [
        "hold_review 100%",
        "backlog 100%",
        "hold_review:2 100%",
        "hold_review:3 100%",
    ]
    assert [one.at for one in seen] == [start + n * DAY for n in (30, 60, 60, 90)]
    assert seen[0].notify == seen[2].notify == ("role:command_chief",)
    assert seen[1].notify == ("role:duty_chief",)
    assert life.case.backlog
    assert life.case.escalation == 0
    assert life.running()[K.HOLD_REVIEW] == "hold_review:4"


# T42 resume ----------------------------------------------------------------------------


def test_t42_on_the_date_the_system_goes_on_with_what_was_left() -> None:
    life = held()
    rest, promise = left(life, "handle"), left(life, "whole")
    events = life.wait(SOON)

    assert labels(events) == ["hold 100%", "resume"]
    assert (events[1].at, events[1].actor, events[1].row) == (SOON, "system", "T42")
    assert events[1].notify == ("unit:roads",)
    assert life.state() is State.HANDLING
    assert life.running().keys() == {K.WHOLE, K.HANDLE}
    assert life.case.task
    assert life.case.task.state is TaskState.HANDLING
    assert (left(life, "handle"), left(life, "whole")) == (rest, promise)
    assert due(life, "handle") == CALENDAR.after_working(SOON, rest)


@pytest.mark.parametrize("who", ["dispatcher", "roads.desk", "roads.head", "roads.crew"])
def test_t42_early_with_a_word_why(who: str) -> None:
    life = held()
    assert life.refused(A.RESUME, who, text="").why is Why.NEEDS_TEXT
    life.do(A.RESUME, who)

    assert life.state() is State.HANDLING
    assert life.running().keys() == {K.WHOLE, K.HANDLE}
    assert life.refused(A.RESUME, who).why is Why.ILLEGAL


def test_t42_the_system_does_not_resume_before_the_date() -> None:
    refusal = held().refused(A.RESUME, "system")

    assert refusal.why is Why.NOT_NOW
    assert "挂账未到期" in refusal.text("zh")


def test_t42_the_backlog_flag_goes_and_no_clock_of_the_hold_outlives_it() -> None:
    life = asked(until=local("09-07 09:00") + 100 * DAY)
    life.do(A.APPROVE_HOLD, "command")
    life.wait(life.at + 70 * DAY)
    assert life.case.backlog
    life.do(A.RESUME)

    assert not life.case.backlog
    outcomes = {
        one.outcome
        for one in life.case.clocks
        if one.kind in {K.HOLD, K.HOLD_REVIEW, K.BACKLOG}
    }
    assert outcomes == {Outcome.VOID}


@pytest.mark.parametrize(
    ("asks", "decides", "to"),
    [
        (A.REQUEST_VOID, A.VOID, State.VOIDED),
        (A.REQUEST_WITHDRAW, A.AGREE_WITHDRAW, State.WITHDRAWN),
        (A.REQUEST_FORCE_CLOSE, A.FORCE_CLOSE, State.CLOSED),
    ],
)
def test_a_hold_that_ends_otherwise_leaves_no_clock_and_no_backlog(
    asks: Action, decides: Action, to: State
) -> None:
    life = asked(until=local("09-07 09:00") + 100 * DAY)
    life.do(A.APPROVE_HOLD, "command")
    life.wait(life.at + 70 * DAY)
    life.do(asks)
    life.do(decides)

    assert life.state() is to
    assert not life.case.backlog
    assert life.running().keys() <= {K.CALL_BACK, K.FOLLOW_UP}


def test_a_case_is_held_once() -> None:
    life = held()
    life.do(A.RESUME)

    assert life.refused(A.REQUEST_HOLD).why is Why.TOO_MANY


# Calendars, grounds, outages -----------------------------------------------------------


def feb(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2027, 2, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


def spring_festival() -> Life:
    """A district whose calendar has the Spring Festival of 2027: 5 to 11 February."""
    days = [
        DayException(day=date(2027, 2, day), kind=DayKind.OFF, name="春节")
        for day in range(5, 12)
    ]
    swap = DayException(day=date(2027, 2, 14), kind=DayKind.WORK, name="春节调休")
    return Life(
        book=with_calendar(with_policy(auto_close=False), *days, swap),
        at=feb(3, 9),
    )


def test_a_hold_over_the_spring_festival_costs_no_working_time() -> None:
    life = spring_festival()
    life.report().to(State.HANDLING)
    life.do(A.REQUEST_HOLD, until=feb(10, 9), at=feb(3, 15))
    life.do(A.APPROVE_HOLD, at=feb(3, 16))
    rest, promise = left(life, "handle"), left(life, "whole")
    life.wait(feb(12, 8))

    assert life.state() is State.HANDLING
    assert (left(life, "handle"), left(life, "whole")) == (rest, promise)
    assert (rest, promise) == (3 * HOUR + 4 * MINUTE, 35 * HOUR)
    assert due(life, "handle") == feb(12, 11, 4)
    assert due(life, "whole") == feb(17, 11)  # Friday 12, Sunday 14 (make-up), 15, 16, 3 hours


def test_a_continuous_limit_waits_through_nights_too() -> None:
    life = reported(Source.DEPARTMENT, subclass=HAWKER)
    life.do(A.ACCEPT, subclass=HAWKER)
    for action in (A.FILE, A.DISPATCH, A.SIGN, A.START):
        life.do(action)
    life.do(A.REQUEST_HOLD)
    life.do(A.APPROVE_HOLD)
    rest = left(life, "handle")
    life.wait(SOON)

    assert due(life, "handle") == SOON + rest


def test_a_late_decider_and_a_question_overlap_with_the_hold() -> None:
    life = reported(subclass="E01-01")
    life.do(A.SEND_VERIFY)
    life.do(A.VERIFY_FOUND)
    life.do(A.FILE, condition=2)
    for action in (A.DISPATCH, A.SIGN, A.START):
        life.do(action)
    life.do(A.REQUEST_EXTENSION)
    life.do(A.REQUEST_HOLD)
    life.do(A.ASK_REPORTER)
    rest = left(life, "handle")
    assert grounds(life.clock("handle")) == (QUESTION,)
    life.wait(life.at + HOUR)
    assert grounds(life.clock("handle")) == (QUESTION,)
    life.wait(local("09-07 15:00"))
    assert grounds(life.clock("handle")) == (QUESTION, LATE_DECIDER)
    life.do(A.APPROVE_HOLD)
    assert grounds(life.clock("handle")) == (HOLD,)
    assert grounds(life.clock("whole")) == (HOLD,)
    assert (life.case.question, life.case.pending) == (None, ())
    life.do(A.RESUME)

    assert not life.clock("handle").paused
    assert left(life, "handle") == rest


def outage() -> tuple[Life, datetime]:
    """A hold approved an hour before red, and judged only after the 100 % rung had fired."""
    life = at_state(State.HANDLING)
    red = due(life, "handle")
    assert red
    life.do(A.REQUEST_HOLD, at=red - 90 * MINUTE)
    command = life.command("dispatcher", GOOD[A.APPROVE_HOLD][1], at=red - HOUR)
    life.wait(red + 30 * MINUTE)
    assert (life.case.escalation, life.clock("handle").paused) == (2, False)
    assert not isinstance(life.judge(command, now=red + HOUR), Refusal)
    return life, red


def test_a_hold_received_before_red_supersedes_the_rung_and_it_is_due_again_later() -> None:
    life, red = outage()
    handle = life.clock("handle")

    assert life.state() is State.ON_HOLD
    assert handle.pauses[-1].start == red - HOUR
    assert [(one.percent, one.superseded) for one in handle.fired][-1] == (100, True)
    assert life.case.escalation == 1
    assert clocks_.remaining(handle, life.at, life.book.calendars) == HOUR
    events = life.wait(SOON + 2 * HOUR)

    assert labels(events)[:3] == ["hold 100%", "resume", "handle 100%"]
    assert events[2].at == SOON + HOUR
    assert life.case.escalation == 2
    keys = [(one.budget_version, one.percent) for one in life.clock("handle").fired]
    assert len(keys) == len(set(keys))


def test_the_reviews_of_a_hold_are_on_record_when_the_worker_was_away() -> None:
    life = asked(until=local("09-07 09:00") + 80 * DAY)
    life.do(A.APPROVE_HOLD, "command")
    done = catch_up(life.case, (), life.at + 90 * DAY, life.book)

    assert labels(done.events)[:5] == [
        "hold_review 100%",
        "backlog 100%",
        "hold_review:2 100%",
        "hold 100%",
        "resume",
    ]
    assert not done.case.backlog
