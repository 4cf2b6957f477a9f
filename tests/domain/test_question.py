"""The question to the reporter: who asks, how often, what waits, and how it ends."""

from datetime import timedelta
from typing import Any

import pytest

from domain import clock as clocks_
from domain.clock import ClockKind, Outcome
from domain.pausing import QUESTION, grounds
from domain.refusal import Refusal
from domain.terms import Action, State
from domain.why import Why
from tests.domain.small_world import (
    CALENDAR,
    GAS,
    MONDAY,
    Life,
    at_state,
    reported,
    with_policy,
)

K = ClockKind
A = Action
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ASKED_IN = {
    State.REPORTED: ("acceptor", "accept"),
    State.ACCEPTED: ("acceptor", "file"),
    State.SIGNED: ("roads.crew", "handle"),
    State.HANDLING: ("roads.head", "handle"),
}


def asked(state: State = State.HANDLING) -> Life:
    life = at_state(state)
    life.do(A.ASK_REPORTER, ASKED_IN[state][0])
    return life


def urgent() -> Life:
    """An urgent case being handled."""
    life = reported(subclass=GAS, condition=1)
    for action in (A.ACCEPT, A.FILE, A.DISPATCH, A.SIGN, A.START):
        changes: dict[str, Any] = {A.ACCEPT: {"subclass": GAS}}.get(action, {})
        life.do(action, **changes)
    assert life.case.urgent
    return life


@pytest.mark.parametrize("state", ASKED_IN)
def test_t43_the_limit_of_the_stage_and_the_promise_wait(state: State) -> None:
    life = asked(state)
    _, limit = ASKED_IN[state]
    paused = {one.clock_id for one in life.case.clocks if one.paused}

    assert paused == {limit, "whole"}
    assert grounds(life.clock(limit)) == (QUESTION,)
    assert life.running()[K.QUESTION] == "question"
    assert clocks_.due_at(
        life.clock("question"), life.book.calendars
    ) == CALENDAR.after_working(life.at, 16 * HOUR)
    question = life.case.question
    assert question
    assert (question.stage, question.clock, question.answered) == (state, "question", False)


def test_t43_the_reporter_is_told_and_the_acceptor_when_a_unit_asks() -> None:
    assert asked(State.REPORTED).events[-1].notify == ("reporter",)
    assert asked(State.SIGNED).events[-1].notify == ("reporter", "role:acceptor")


def test_t43_needs_a_text_and_a_contact_and_who_may() -> None:
    life = at_state(State.HANDLING)
    assert life.refused(A.ASK_REPORTER, text="").why is Why.NEEDS_TEXT
    assert life.refused(A.ASK_REPORTER, "water.head").why is Why.FORBIDDEN
    assert life.refused(A.ASK_REPORTER, "acceptor").why is Why.FORBIDDEN

    assert reported(contact=False).refused(A.ASK_REPORTER, "acceptor").why is Why.NOT_NOW
    assert reported().refused(A.ASK_REPORTER, "roads.head").why is Why.FORBIDDEN


def test_t43_once_a_stage_and_twice_a_case() -> None:
    life = asked(State.REPORTED)
    assert life.refused(A.ASK_REPORTER, "acceptor").why is Why.ALREADY
    life.do(A.REPLY)
    refusal = life.refused(A.ASK_REPORTER, "acceptor")
    assert refusal.why is Why.TOO_MANY
    assert "每个环节" in refusal.text("zh")
    life.do(A.SEND_VERIFY)
    life.do(A.VERIFY_FOUND)
    life.do(A.ASK_REPORTER, "acceptor")
    for action in (A.FILE, A.DISPATCH, A.SIGN):
        life.do(action)

    assert [one.answered for one in life.case.questions] == [True, False]
    assert life.refused(A.ASK_REPORTER).values["per"] == "case"


def test_t43_what_policy_allows_counts() -> None:
    life = asked(State.SIGNED)
    life.book = with_policy(max_questions_stage=2)
    life.do(A.REPLY)
    life.do(A.ASK_REPORTER)

    assert life.running()[K.QUESTION] == "question:2"


@pytest.mark.parametrize(
    ("who", "changes", "why"),
    [
        ("reporter", {}, None),
        ("acceptor", {}, None),
        ("dispatcher", {}, None),
        ("chief", {}, None),
        ("reporter", {"text": "", "photos": ("p9",)}, None),
        ("reporter", {"text": " "}, Why.NEEDS_TEXT),
        ("roads.head", {}, Why.FORBIDDEN),
        ("far.chief", {}, Why.FORBIDDEN),
    ],
)
def test_t43_the_reporter_replies_or_the_centre_for_him(
    who: str, changes: dict[str, Any], why: Why | None
) -> None:
    found = asked().try_(A.REPLY, who, **changes)

    assert (found.why if isinstance(found, Refusal) else None) is why


def test_t43_a_reply_lets_the_limits_run_with_what_was_left() -> None:
    life = asked()
    rest = clocks_.remaining(life.clock("handle"), life.at, life.book.calendars)
    life.do(A.REPLY, at=life.at + 2 * HOUR)

    assert life.case.question is None
    assert life.case.questions[-1].ended_at == life.at
    assert life.clock("question").outcome is Outcome.DONE
    assert clocks_.remaining(life.clock("handle"), life.at, life.book.calendars) == rest
    assert not life.clock("whole").paused
    assert life.events[-1].notify == ("unit:roads",)
    refusal = life.refused(A.REPLY)
    assert refusal.why is Why.NOT_NOW
    assert (
        refusal.text()
        == '"reply to a question" is not possible: no question to the reporter is open'
    )


def test_t43_a_reply_at_intake_goes_to_the_acceptor() -> None:
    life = asked(State.REPORTED)
    life.do(A.REPLY)

    assert life.events[-1].notify == ("role:acceptor",)


def test_t43_after_two_work_days_the_limits_run_on_without_an_answer() -> None:
    life = asked()
    end = CALENDAR.after_working(life.at, 16 * HOUR)
    assert life.refused(A.NO_REPLY, "system").why is Why.NOT_NOW
    events = life.wait(end)

    assert [one.reason or str(one.action) for one in events] == ["question 100%", "no_reply"]
    assert (events[1].row, events[1].at, events[1].actor) == ("T43", end, "system")
    assert events[0].notify == ()
    assert events[1].notify == ("unit:roads",)
    assert life.clock("question").outcome is Outcome.VOID
    assert life.clock("handle").pauses[-1].end == end
    assert not life.case.questions[-1].answered
    assert life.refused(A.NO_REPLY, "system").why is Why.NOT_NOW


def test_t43_an_urgent_case_does_not_wait_but_the_question_ends_all_the_same() -> None:
    life = urgent()
    life.do(A.ASK_REPORTER)
    assert not any(one.paused for one in life.case.clocks)
    life.wait(CALENDAR.after_working(life.at, 16 * HOUR))

    assert life.case.question is None
    assert [one.action for one in life.events if one.action is A.NO_REPLY]


@pytest.mark.parametrize(
    ("state", "action"),
    [(State.REPORTED, A.SEND_VERIFY), (State.SIGNED, A.START), (State.SIGNED, A.RETURN)],
)
def test_t43_any_move_ends_it(state: State, action: Action) -> None:
    life = asked(state)
    life.do(action)

    assert life.case.question is None
    assert life.clock("question").outcome is Outcome.VOID
    assert not any(one.paused for one in life.case.clocks if one.stopped_at is None)


def test_t43_a_stopped_case_has_no_question_left() -> None:
    life = asked(State.REPORTED)
    life.do(A.WITHDRAW)

    assert life.case.question is None
    assert not life.running()


def test_t28_the_unit_does_not_feed_back_while_the_reporter_is_asked() -> None:
    life = asked()
    refusal = life.refused(A.FEED_BACK)
    assert refusal.why is Why.NOT_NOW
    assert "等待答复" in refusal.text("zh")
    life.do(A.REPLY)
    life.do(A.FEED_BACK)

    assert life.state() is State.FED_BACK


def test_a_question_received_before_a_rung_takes_it_back() -> None:
    life = at_state(State.HANDLING)
    red = clocks_.due_at(life.clock("handle"), life.book.calendars)
    assert red
    life.wait(red + MINUTE)
    assert life.case.escalation == 2
    life.do(A.ASK_REPORTER, at=red - HOUR)

    assert life.case.escalation == 1
    assert life.clock("handle").budget_version == 2
    assert clocks_.remaining(life.clock("handle"), red, life.book.calendars) == HOUR


# T44 supplement, comment ---------------------------------------------------------------


def test_t44_the_reporter_adds_once_a_day_the_centre_as_often_as_needed() -> None:
    life = at_state(State.HANDLING)
    life.do(A.SUPPLEMENT)
    assert life.refused(A.SUPPLEMENT).why is Why.TOO_MANY
    for who in ("acceptor", "dispatcher", "chief", "supervisor"):
        life.do(A.SUPPLEMENT, who)
    life.wait(MONDAY + timedelta(days=1))
    life.do(A.SUPPLEMENT, text="", photos=("p7",))

    assert life.case.supplements == ("2026-09-07", "2026-09-08")
    assert life.events[-1].notify == ("unit:roads",)
    assert life.refused(A.SUPPLEMENT, "acceptor", text=" ").why is Why.NEEDS_TEXT


def test_t44_what_the_reporter_adds_while_he_is_asked_is_his_reply() -> None:
    life = asked()
    life.do(A.SUPPLEMENT, "acceptor")
    assert life.case.question
    life.do(A.SUPPLEMENT)

    assert life.case.question is None
    assert life.case.questions[-1].answered
    assert not life.case.supplements
    assert not life.clock("handle").paused
    life.do(A.SUPPLEMENT)


def test_t44_a_comment_needs_a_text_and_goes_to_the_holder() -> None:
    life = at_state(State.VERIFYING)
    assert life.refused(A.COMMENT, text="").why is Why.NEEDS_TEXT
    assert life.refused(A.COMMENT, "reporter").why is Why.FORBIDDEN
    life.do(A.COMMENT)
    assert life.events[-1].notify == ("person:member1",)

    life = at_state(State.HANDLING)
    before = life.case
    life.do(A.COMMENT, "command")
    assert life.events[-1].notify == ("unit:roads",)
    life.do(A.COMMENT, "roads.crew")
    assert not life.events[-1].notify
    assert (life.case.clocks, life.case.version) == (before.clocks, before.version)


def test_t44_on_hold_too() -> None:
    life = at_state(State.ON_HOLD)
    life.do(A.SUPPLEMENT)
    life.do(A.COMMENT)
    life.do(A.URGE)

    assert life.state() is State.ON_HOLD
