"""What sends a case away: transfer and bounce (T10, T64), one stage back (T11, T13, T24)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain import clock as clocks_
from domain.clock import ClockKind, Outcome
from domain.moves_transfer import UPSTREAM
from domain.terms import Action, State, TaskState
from domain.why import Why
from tests.domain.small_world import Life, at_state, local, with_policy

K = ClockKind
MINUTE = timedelta(minutes=1)
FROM = [State.REPORTED, State.ACCEPTED, State.FILED, State.RETURNED]


def outcome(life: Life, clock_id: str) -> Outcome | None:
    return life.clock(clock_id).outcome


# T10 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", FROM)
def test_t10_stops_everything_and_starts_the_follow_up(state: State) -> None:
    life = at_state(state)
    life.do(Action.REQUEST_VOID)
    events = life.do(Action.TRANSFER_OUT)

    assert (life.state(), life.case.settled_as) == (State.TRANSFERRED, "transferred")
    assert life.case.transferred_to == "邻区指挥中心"
    assert life.running() == {K.FOLLOW_UP: "follow_up"}
    assert life.clock("follow_up").budget == timedelta(days=15)
    assert (life.case.pending, life.case.unit) == ((), "")
    assert "reporter" in events[0].notify
    assert outcome(life, "whole") is Outcome.VOID


def test_t10_the_officer_s_work_is_done_the_unit_leaves_no_facts() -> None:
    for state, clock_id in (
        (State.REPORTED, "accept"),
        (State.ACCEPTED, "file"),
        (State.FILED, "dispatch"),
    ):
        early = at_state(state)
        early.do(Action.TRANSFER_OUT)
        assert outcome(early, clock_id) is Outcome.DONE
    life = at_state(State.RETURNED)
    life.do(Action.TRANSFER_OUT)
    assert outcome(life, "decide") is Outcome.DONE
    assert (outcome(life, "handle"), outcome(life, "sign")) == (Outcome.RETURNED,) * 2
    assert life.case.tasks[0].state is TaskState.RETURNED


def test_t10_names_the_receiver_and_the_reason() -> None:
    life = at_state(State.FILED)

    assert life.refused(Action.TRANSFER_OUT, receiver=" ").values["field"] == "receiver"
    assert life.refused(Action.TRANSFER_OUT, reason="").why is Why.NEEDS_REASON
    assert life.refused(Action.TRANSFER_OUT, text="").why is Why.NEEDS_TEXT


def test_t10_the_acceptor_only_to_the_emergency_lines() -> None:
    life = at_state(State.REPORTED)
    refused = life.refused(Action.TRANSFER_OUT, "acceptor")
    assert (refused.why, refused.values["who"]) == (Why.FORBIDDEN, "duty_chief")
    assert life.refused(Action.TRANSFER_OUT, "dispatcher").why is Why.FORBIDDEN

    life.do(Action.TRANSFER_OUT, "acceptor", reason="transfer_emergency", receiver="119")


@pytest.mark.parametrize(
    ("at", "until", "why"),
    [
        ("09-07 10:00", "09-07 10:00", None),
        ("09-07 10:01", "09-07 10:00", Why.TOO_LATE),
        ("09-07 10:01", None, None),
    ],
)
def test_t10_upstream_orders_go_back_while_their_window_is_open(
    at: str, until: str | None, why: Why | None
) -> None:
    life = at_state(State.ACCEPTED)
    refused = life.refused(Action.TRANSFER_OUT, reason=UPSTREAM)
    assert refused.values["because"] == "not_from_upstream"
    life = at_state(State.ACCEPTED)
    life.case = replace(
        life.case, upstream_no="SH-1", return_until=local(until) if until else None
    )
    answer = life.try_(Action.TRANSFER_OUT, at=local(at), reason=UPSTREAM)

    assert getattr(answer, "why", None) is why


# T64 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", FROM)
def test_t64_what_bounces_begins_anew_at_the_acceptor_s(state: State) -> None:
    life = at_state(state)
    due = clocks_.due_at(life.clock("whole"), life.book.calendars)
    life.do(Action.TRANSFER_OUT)
    life.wait(local("09-09 09:00"))
    life.do(Action.BOUNCED)

    assert (life.state(), life.case.transferred_to) == (State.REPORTED, "")
    assert life.running() == {K.WHOLE: "whole", K.ACCEPT: "accept:2"}
    assert clocks_.due_at(life.clock("whole"), life.book.calendars) == due
    assert (life.case.settled_as, outcome(life, "follow_up")) == ("", Outcome.VOID)


def test_t64_with_a_text_from_the_acceptor_in_the_window() -> None:
    life = at_state(State.TRANSFERRED)
    assert life.refused(Action.BOUNCED, text="").why is Why.NEEDS_TEXT
    assert life.refused(Action.BOUNCED, "chief").why is Why.FORBIDDEN
    end = life.clock("follow_up").started_at + timedelta(days=15)
    life.do(Action.BOUNCED, at=end)
    assert life.state() is State.REPORTED

    life = at_state(State.TRANSFERRED)
    life.wait(end + MINUTE)
    assert life.state() is State.ARCHIVED


def test_t64_a_promise_that_fell_due_over_there_is_late() -> None:
    life = at_state(State.TRANSFERRED)
    due = clocks_.due_at(life.clock("whole"), life.book.calendars)
    life.wait(local("09-16 09:00"))
    life.do(Action.BOUNCED)
    (rung,) = [one for one in life.events if one.reason == "whole 100%"]

    assert due
    assert rung.at == life.at
    assert life.clock("whole").fired[0].due == due
    assert rung.notify == ("role:duty_chief",)


def test_t64_a_promise_from_acceptance_waits_for_that() -> None:
    book = with_policy(auto_close=False, whole_from_acceptance=True)
    life = Life(book=book).report().to(State.TRANSFERRED)
    life.do(Action.BOUNCED)

    assert life.running() == {K.ACCEPT: "accept:2"}


def test_t64_not_without_a_window() -> None:
    life = at_state(State.TRANSFERRED)
    life.case = replace(life.case, clocks=())

    assert life.refused(Action.BOUNCED).why is Why.TOO_LATE


# T11, T13, T24 -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "who", "to", "stopped", "started"),
    [
        (State.ACCEPTED, "chief", State.REPORTED, "file", (K.ACCEPT, "accept:2")),
        (State.FILED, "dispatcher", State.ACCEPTED, "dispatch", (K.FILE, "file:2")),
        (State.RETURNED, "dispatcher", State.ACCEPTED, "decide", (K.FILE, "file:2")),
    ],
)
def test_one_stage_back_with_a_reason_and_a_new_clock(
    state: State, who: str, to: State, stopped: str, started: tuple[ClockKind, str]
) -> None:
    life = at_state(state)
    assert life.refused(Action.SEND_BACK, who, reason="").why is Why.NEEDS_REASON
    assert life.refused(Action.SEND_BACK, who, text="").why is Why.NEEDS_TEXT
    other = "chief" if who == "dispatcher" else "dispatcher"
    assert life.refused(Action.SEND_BACK, other).why is Why.FORBIDDEN
    life.do(Action.SEND_BACK, who)

    assert life.state() is to
    assert life.running() == {K.WHOLE: "whole", started[0]: started[1]}
    assert outcome(life, stopped) is Outcome.DONE


def test_t24_the_unit_is_out_without_facts_and_may_get_it_again() -> None:
    life = at_state(State.RETURNED)
    events = life.do(Action.SEND_BACK)

    assert (outcome(life, "handle"), outcome(life, "sign")) == (Outcome.RETURNED,) * 2
    assert (life.case.unit, life.case.tasks[0].state) == ("", TaskState.RETURNED)
    assert "unit:roads" in events[0].notify
    mark = life.case.returns[0]
    assert (mark.accepted, mark.decided_at) == (False, None)
    life.do(Action.FILE)
    life.do(Action.DISPATCH)
    life.do(Action.SIGN)
    assert life.refused(Action.OBJECT).values["because"] == "no_return_rejected"


def test_t24_is_no_decision_of_who_returned_it() -> None:
    life = at_state(State.SIGNED)
    life.do(Action.RETURN, "both")

    assert life.refused(Action.SEND_BACK, "both").why is Why.SEPARATION
