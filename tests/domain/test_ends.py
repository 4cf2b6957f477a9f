"""Ends beside the path: withdrawal on request, closing by force, refusal by two persons."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain import clock as clocks_
from domain.clock import ClockKind, Outcome
from domain.terms import Action, Role, State, TaskState
from domain.why import Why
from tests.domain.small_world import Life, at_state, reported, with_policy

K = ClockKind
A = Action


def outcomes(life: Life, *kinds: ClockKind) -> set[Outcome | None]:
    return {one.outcome for one in life.case.clocks if one.kind in kinds}


# T53 withdrawal ------------------------------------------------------------------------


def test_t53_the_duty_chief_decides_on_the_reporter_s_wish() -> None:
    life = at_state(State.HANDLING)
    assert life.refused(A.AGREE_WITHDRAW).why is Why.NO_REQUEST
    assert life.refused(A.REQUEST_WITHDRAW, reason="withdraw_never").why is Why.UNKNOWN_CODE
    life.do(A.REQUEST_WITHDRAW, reason="", text="")
    assert life.case.pending[0].by == "reporter"
    assert life.clock("decide").owner == Role.DUTY_CHIEF
    assert life.refused(A.REQUEST_WITHDRAW).why is Why.ALREADY
    assert life.refused(A.AGREE_WITHDRAW, "dispatcher").why is Why.FORBIDDEN
    life.do(A.AGREE_WITHDRAW)

    assert (life.state(), life.case.settled_as) == (State.WITHDRAWN, "withdrawn")
    assert not life.running()
    assert not life.case.pending
    assert outcomes(life, K.SIGN, K.HANDLE) == {Outcome.VOID}
    assert life.case.task
    assert life.case.task.state is TaskState.WITHDRAWN
    assert life.events[-1].notify == ("unit:roads", "reporter")


def test_t53_earlier_rounds_of_the_unit_leave_no_facts_either() -> None:
    life = at_state(State.CHECKING)
    life.do(A.CHECK_FAIL)
    assert outcomes(life, K.HANDLE) == {Outcome.DONE, None}
    life.do(A.REQUEST_WITHDRAW)
    life.do(A.AGREE_WITHDRAW)

    assert outcomes(life, K.SIGN, K.HANDLE) == {Outcome.VOID}


def test_t53_what_a_unit_returned_stays_returned_and_nobody_s_turn_ends() -> None:
    life = at_state(State.RETURNED)
    life.do(A.ACCEPT_RETURN)
    life.do(A.REQUEST_WITHDRAW)
    life.do(A.AGREE_WITHDRAW)

    assert outcomes(life, K.SIGN, K.HANDLE) == {Outcome.RETURNED}
    assert life.case.task
    assert life.case.task.state is TaskState.RETURNED
    assert life.events[-1].notify == ("reporter",)


def test_t53_goes_on_without_the_reporter_for_a_reason() -> None:
    life = at_state(State.DISPATCHED)
    assert life.refused(A.REFUSE_WITHDRAW).why is Why.NO_REQUEST
    life.do(A.REQUEST_WITHDRAW)
    assert life.refused(A.REFUSE_WITHDRAW, reason="").why is Why.NEEDS_REASON
    life.do(A.REFUSE_WITHDRAW)

    assert life.state() is State.DISPATCHED
    assert not life.case.pending
    assert K.DECIDE not in life.running()
    assert life.events[-1].notify == ("reporter",)


def test_t53_the_wish_lapses_once_the_unit_has_fed_back() -> None:
    life = at_state(State.HANDLING)
    life.do(A.REQUEST_WITHDRAW)
    life.do(A.FEED_BACK)

    assert not life.case.pending
    assert life.clock("decide").outcome is Outcome.VOID


# T55 force-closing ---------------------------------------------------------------------


def test_t55_takes_two_persons() -> None:
    life = at_state(State.HANDLING)
    assert life.refused(A.FORCE_CLOSE).why is Why.NO_REQUEST
    assert life.refused(A.DECLINE_FORCE_CLOSE).why is Why.NO_REQUEST
    assert life.refused(A.REQUEST_FORCE_CLOSE, reason="").why is Why.NEEDS_REASON
    life.do(A.REQUEST_FORCE_CLOSE)
    assert life.events[-1].notify == ("role:duty_chief", "role:command_chief")
    assert life.refused(A.FORCE_CLOSE, "chief2").why is Why.SEPARATION
    assert life.refused(A.DECLINE_FORCE_CLOSE, "chief2").why is Why.SEPARATION
    assert life.refused(A.FORCE_CLOSE, text="").why is Why.NEEDS_TEXT
    life.do(A.FORCE_CLOSE, "command")

    assert (life.state(), life.case.forced) == (State.CLOSED, True)


def test_t55_unless_policy_takes_one() -> None:
    life = at_state(State.FILED)
    life.book = with_policy(force_close_second=False)
    life.do(A.FORCE_CLOSE)
    assert life.state() is State.CLOSED
    assert life.events[-1].notify == ("reporter",)

    life = at_state(State.FILED)
    life.book = with_policy(force_close_second=False)
    life.do(A.REQUEST_FORCE_CLOSE)
    assert life.refused(A.FORCE_CLOSE, "chief2").why is Why.SEPARATION


def test_t55_stops_everything_and_nothing_is_on_time() -> None:
    life = at_state(State.ON_HOLD)
    life.do(A.REQUEST_FORCE_CLOSE)
    life.do(A.REQUEST_VOID)
    life.do(A.FORCE_CLOSE)

    assert life.running() == {K.CALL_BACK: "call_back", K.FOLLOW_UP: "follow_up"}
    assert not life.case.pending
    assert outcomes(life, K.HANDLE, K.WHOLE) == {Outcome.FORCED}
    facts = [
        clocks_.on_time(one, life.book.calendars)
        for one in life.case.clocks
        if one.kind in {K.HANDLE, K.WHOLE}
    ]
    assert facts == [None, None]
    assert life.case.settled_as == "closed"
    assert life.case.task
    assert life.case.task.state is TaskState.WITHDRAWN
    assert life.events[-1].notify == ("reporter", "unit:roads", "person:supervisor")
    life.do(A.RATE)


@pytest.mark.parametrize("state", [State.FED_BACK, State.CHECKING, State.TO_CLOSE])
def test_t55_what_was_fed_back_in_time_does_not_count_as_kept(state: State) -> None:
    life = at_state(state)
    life.do(A.REQUEST_FORCE_CLOSE)
    life.do(A.FORCE_CLOSE)

    assert outcomes(life, K.HANDLE) == {Outcome.FORCED}
    assert life.case.task
    assert life.case.task.state is TaskState.DONE
    assert life.case.asked == ""


def test_t55_what_no_unit_had_is_not_reopened() -> None:
    life = at_state(State.FILED)
    life.do(A.REQUEST_FORCE_CLOSE)
    life.do(A.FORCE_CLOSE)
    refusal = life.refused(A.REOPEN)

    assert refusal.why is Why.NOT_NOW
    assert "没有经过处置" in refusal.text("zh")


def test_t55_declined_the_case_goes_on() -> None:
    life = at_state(State.HANDLING)
    life.do(A.REQUEST_FORCE_CLOSE)
    assert life.refused(A.DECLINE_FORCE_CLOSE, text="").why is Why.NEEDS_TEXT
    life.do(A.DECLINE_FORCE_CLOSE)

    assert life.state() is State.HANDLING
    assert not life.case.pending
    assert not life.case.forced


def test_t55_lapses_when_the_case_is_filed_anew() -> None:
    life = at_state(State.RETURNED)
    life.do(A.REQUEST_FORCE_CLOSE)
    life.do(A.SEND_BACK)

    assert life.state() is State.ACCEPTED
    assert not life.case.pending


# T9 refusal by two persons -------------------------------------------------------------


def test_t9_one_asks_and_another_refuses() -> None:
    life = reported()
    unreasonable: dict[str, Any] = {"reason": "refuse_unreasonable", "text": "见书面解释"}
    assert life.refused(A.REFUSE, **unreasonable).values["because"] == "two_persons_refuse"
    one_person = life.refused(A.REQUEST_REFUSAL, reason="refuse_outside_area")
    assert one_person.why is Why.NOT_NOW
    life.do(A.REQUEST_REFUSAL)
    assert life.clock("decide").owner == Role.ACCEPTOR
    assert life.refused(A.REQUEST_REFUSAL).why is Why.ALREADY
    assert life.refused(A.REFUSE, **unreasonable).why is Why.SEPARATION
    life.case = replace(life.case, pending=(replace(life.case.pending[0], by="acceptor2"),))
    life.do(A.REFUSE, **unreasonable)

    assert life.state() is State.REFUSED
    assert life.clock("decide").outcome is Outcome.DONE


def test_t9_the_second_person_declines_with_a_word_and_the_case_goes_on() -> None:
    life = at_state(State.ACCEPTED)
    assert life.refused(A.DECLINE_REFUSAL, "chief").why is Why.NO_REQUEST
    life.do(A.REQUEST_REFUSAL, "chief2")
    assert life.clock("decide").owner == Role.DUTY_CHIEF
    assert life.refused(A.DECLINE_REFUSAL, "chief2").why is Why.SEPARATION
    assert life.refused(A.DECLINE_REFUSAL, "chief", text="").why is Why.NEEDS_TEXT
    life.do(A.DECLINE_REFUSAL, "chief")

    assert life.state() is State.ACCEPTED
    assert not life.case.pending


def test_t9_any_move_overtakes_the_request() -> None:
    life = reported()
    life.do(A.REQUEST_REFUSAL)
    life.do(A.SEND_VERIFY)

    assert not life.case.pending
    assert life.clock("decide").outcome is Outcome.VOID


# T54 across a settle --------------------------------------------------------------------


def test_t54_a_wish_that_waits_is_the_command_chief_s_once_the_case_is_settled() -> None:
    life = at_state(State.TO_CLOSE)
    life.do(A.REQUEST_VOID)
    (closed,) = life.do(A.CLOSE)
    assert life.clock("decide").owner == Role.COMMAND_CHIEF
    assert "role:command_chief" in closed.notify
    assert life.refused(A.VOID).why is Why.FORBIDDEN
    (reopened,) = life.do(A.REOPEN)
    assert life.clock("decide").owner == Role.DUTY_CHIEF
    assert "role:duty_chief" in reopened.notify
    life.do(A.VOID)

    assert life.state() is State.VOIDED


@pytest.mark.parametrize(
    ("state", "days"),
    [(State.CLOSED, 15), (State.ANSWERED, 15), (State.TRANSFERRED, 15), (State.REFUSED, 7)],
)
def test_t61_a_wish_to_void_holds_the_archive_back_for_ninety_days(
    state: State, days: int
) -> None:
    life = reported(contact=False).to(state)
    settled = life.at
    life.do(A.REQUEST_VOID)
    life.wait(settled + timedelta(days=days, hours=1))
    assert life.state() is state
    waiting = replace(life, events=[*life.events])
    life.do(A.REFUSE_VOID, "command")
    assert life.state() is State.ARCHIVED  # nothing else is open

    waiting.wait(settled + timedelta(days=87))
    assert waiting.state() is state
    waiting.wait(settled + timedelta(days=93))
    assert waiting.state() is State.ARCHIVED


# What lapses ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "move", "told"),
    [
        (A.REQUEST_EXTENSION, A.RECLASSIFY, "person:roads.crew"),
        (A.REQUEST_HOLD, A.FEED_BACK, "person:roads.head"),
        (A.REQUEST_WITHDRAW, A.FEED_BACK, "reporter"),
        (A.REQUEST_EXTENSION, A.SUBSTITUTE, "person:roads.crew"),
    ],
)
def test_who_asked_is_told_that_his_request_lapsed(
    ask: Action, move: Action, told: str
) -> None:
    life = at_state(State.HANDLING)
    life.do(ask)
    (event,) = life.do(move)

    assert not life.case.pending
    assert told in event.notify


def test_nobody_is_told_of_what_he_ended_himself_or_of_what_was_decided() -> None:
    life = at_state(State.HANDLING)
    life.do(A.REQUEST_EXTENSION)
    (event,) = life.do(A.FEED_BACK)
    assert not any("roads.crew" in one for one in event.notify)
    life = at_state(State.HANDLING)
    life.do(A.REQUEST_HOLD)
    (event,) = life.do(A.APPROVE_HOLD)

    assert event.notify == ("unit:roads", "reporter")
