"""Supervision letters: by a person or a rung, answered by whoever holds the case, in time."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain import clock as clocks_
from domain.clock import ClockKind, Outcome
from domain.refusal import Refusal
from domain.terms import Action, Role, State
from domain.why import Why
from tests.domain.small_world import CALENDAR, Life, at_state, local, with_policy

K = ClockKind
A = Action
HOUR = timedelta(hours=1)


def supervised(state: State = State.HANDLING) -> Life:
    life = at_state(state)
    life.do(A.SUPERVISE)
    return life


def test_t45_a_letter_to_the_unit_s_head_takes_an_answer_within_a_work_day() -> None:
    life = supervised()
    letter = life.case.supervision

    assert life.case.supervised
    assert letter
    assert (letter.by, letter.to, letter.rung) == ("supervisor", "roads", 0)
    assert life.clock(letter.clock).owner == "unit_head:roads"
    due = clocks_.due_at(life.clock("reply"), life.book.calendars)
    assert due == CALENDAR.after_working(life.at, 8 * HOUR)
    assert life.events[-1].notify == ("unit_head:roads",)


def test_t45_while_no_unit_holds_it_the_duty_chief_answers() -> None:
    life = supervised(State.FILED)
    letter = life.case.supervision
    assert letter
    assert (letter.to, life.clock("reply").owner) == (Role.DUTY_CHIEF, Role.DUTY_CHIEF)
    assert life.events[-1].notify == ("role:duty_chief",)
    assert life.refused(A.SUPERVISE_REPLY, "roads.head").why is Why.FORBIDDEN
    life.do(A.SUPERVISE_REPLY, "chief")

    assert life.case.supervision is None


@pytest.mark.parametrize(
    ("who", "changes", "why"),
    [
        ("supervisor", {}, None),
        ("supervisor", {"text": ""}, Why.NEEDS_TEXT),
        ("supervisor", {"text": "", "rung": 100}, Why.NEEDS_TEXT),
        ("chief", {}, Why.FORBIDDEN),
        ("system", {"text": ""}, Why.NEEDS_TEXT),
    ],
)
def test_t45_the_supervisor_writes_what_it_is_about(
    who: str, changes: dict[str, Any], why: Why | None
) -> None:
    found = at_state(State.HANDLING).try_(A.SUPERVISE, who, **changes)

    assert (found.why if isinstance(found, Refusal) else None) is why


def test_t45_only_the_rung_of_the_system_counts_as_one() -> None:
    life = at_state(State.HANDLING)
    life.do(A.SUPERVISE, rung=100)

    assert life.case.supervisions[0].rung == 0


def test_t45_the_unit_that_holds_it_answers() -> None:
    life = supervised()
    assert life.refused(A.SUPERVISE_REPLY, text="").why is Why.NEEDS_TEXT
    assert life.refused(A.SUPERVISE_REPLY, "roads.crew").why is Why.FORBIDDEN
    refusal = life.refused(A.SUPERVISE_REPLY, "chief")
    assert refusal.why is Why.FORBIDDEN
    assert "承办单位负责人" in refusal.text("zh")
    life.do(A.SUPERVISE_REPLY)

    assert life.clock("reply").outcome is Outcome.DONE
    assert clocks_.on_time(life.clock("reply"), life.book.calendars)
    assert life.case.supervisions[0].replied_at == life.at
    assert life.events[-1].notify == ("role:supervisor",)
    refusal = life.refused(A.SUPERVISE_REPLY)
    assert refusal.why is Why.NOT_NOW
    assert life.case.supervised


def test_t45_each_letter_has_its_clock_and_the_oldest_is_answered_first() -> None:
    life = supervised()
    life.do(A.SUPERVISE)
    life.do(A.SUPERVISE_REPLY)

    assert life.clock("reply").outcome is Outcome.DONE
    assert life.running()[K.REPLY] == "reply:2"
    assert [one.replied_at is None for one in life.case.supervisions] == [False, True]
    life.do(A.SUPERVISE_REPLY)
    assert K.REPLY not in life.running()


def test_t45_no_answer_goes_to_the_command_chief() -> None:
    life = supervised()
    due = clocks_.due_at(life.clock("reply"), life.book.calendars)
    assert due
    (rung,) = [one for one in life.wait(due) if one.reason == "reply 100%"]

    assert rung.notify == ("role:command_chief",)


def test_t45_a_rung_of_the_policy_brings_a_letter_once() -> None:
    life = Life(book=with_policy(auto_close=False, supervise_at=(100, 150)))
    life.report().to(State.HANDLING)
    events = life.wait(local("09-08 17:00"))
    letters = [one for one in events if one.action is A.SUPERVISE]

    assert [(one.actor, one.row, one.notify) for one in letters] == [
        ("system", "T45", ("unit_head:roads",))
    ]
    assert [(one.by, one.rung) for one in life.case.supervisions] == [("system", 100)]
    life.wait(local("09-16 17:00"))
    assert [one.rung for one in life.case.supervisions] == [100, 150]


@pytest.mark.parametrize("state", [State.HANDLING, State.FED_BACK, State.ON_HOLD])
def test_t45_the_clock_of_an_open_letter_ends_with_the_case(state: State) -> None:
    life = supervised(state)
    life.do(A.REQUEST_FORCE_CLOSE)
    life.do(A.FORCE_CLOSE)

    assert life.case.supervision is None
    assert K.REPLY not in life.running()
    assert clocks_.on_time(life.clock("reply"), life.book.calendars) is None


def test_t45_closing_ends_it_too_and_a_reopened_case_answers_its_own_letter() -> None:
    life = supervised(State.TO_CLOSE)
    life.do(A.CLOSE)
    assert life.clock("reply").outcome is Outcome.VOID
    life.do(A.REOPEN)
    assert life.refused(A.SUPERVISE_REPLY).why is Why.NOT_NOW
    life.do(A.SUPERVISE)
    life.do(A.SUPERVISE_REPLY)

    assert life.clock("reply:2").outcome is Outcome.DONE
    assert life.case.supervisions[0].replied_at is None


def test_t45_a_letter_ends_where_the_table_lets_nobody_answer_it() -> None:
    life = supervised(State.FILED)
    life.do(A.SEND_BACK)

    assert life.state() is State.ACCEPTED
    assert K.REPLY not in life.running()
    assert life.case.supervised


# Letters by rungs, unit by unit -------------------------------------------------------------


def late_life() -> Life:
    """At the red light, with the letter that it brought."""
    life = Life(book=with_policy(auto_close=False, supervise_at=(100,)))
    life.report().to(State.HANDLING)
    life.wait(local("09-10 10:00"))
    assert [(one.to, one.of) for one in life.case.supervisions] == [("roads", "handle")]
    return life


def test_t45_another_unit_gets_the_letter_of_its_own_red_light() -> None:
    life = late_life()
    life.do(A.SUBSTITUTE)
    assert life.clock("reply").outcome is Outcome.VOID
    assert life.case.supervision is None
    life.wait(local("09-25 10:00"))
    letters = [(one.to, one.rung, one.of) for one in life.case.supervisions]

    assert letters == [("roads", 100, "handle"), ("water", 100, "handle:2")]
    assert life.running()[K.REPLY] == "reply:2"


def test_t45_a_round_has_letters_of_its_own_and_the_unit_s_open_one_stays() -> None:
    life = late_life()
    for action in (A.FEED_BACK, A.PASS_REVIEW, A.CHECK_FAIL):
        life.do(action)
    assert life.clock("reply").stopped_at is None
    life.wait(local("09-25 10:00"))

    assert [one.of for one in life.case.supervisions] == ["handle", "handle:2"]


def test_t45_a_letter_written_before_letters_named_their_clock_is_not_written_again() -> None:
    life = late_life()
    nameless = tuple(replace(one, of="") for one in life.case.supervisions)
    life.case = replace(life.case, supervisions=nameless)
    life.do(A.COMMENT)

    assert len(life.case.supervisions) == 1


@pytest.mark.parametrize(
    ("state", "first", "loses"),
    [
        (State.SIGNED, A.RETURN, A.ACCEPT_RETURN),
        (State.SIGNED, A.RETURN, A.SEND_BACK),
        (State.ARBITRATING, A.COMMENT, A.RULE),
        (State.CONSULTING, A.COMMENT, A.DECIDE),
        (State.HANDLING, A.COMMENT, A.SUBSTITUTE),
        (State.DISPATCHED, A.COMMENT, A.RECALL),
    ],
)
def test_t45_an_open_letter_ends_when_its_unit_loses_the_case(
    state: State, first: Action, loses: Action
) -> None:
    life = supervised(state)
    if first is not A.COMMENT:
        life.do(first)
    assert life.clock("reply").stopped_at is None
    life.do(loses)

    assert life.clock("reply").outcome is Outcome.VOID
    assert life.case.supervisions[0].replied_at is None
