"""The window after closing: a call-back that comes late, and how long it stays open."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain import clock as clocks_
from domain.refusal import Refusal
from domain.terms import Action, Solved, Source, State
from domain.why import Because, Why
from tests.domain.small_world import GOOD, Life, at_state, local, with_policy

LATE = local("09-28 10:00")
DAY = timedelta(days=1)


def closed() -> Life:
    """A closed case whose reporter was never called, a week after its window."""
    life = at_state(State.CLOSED)
    life.wait(LATE)
    assert life.state() is State.CLOSED
    return life


@pytest.mark.parametrize("said", [Solved.NO, Solved.PARTLY])
def test_t61_a_late_call_that_hears_unsolved_does_not_archive(said: Solved) -> None:
    life = closed()
    life.do(Action.CALL_BACK, solved=said, score=1)
    assert life.state() is State.CLOSED
    life.do(Action.REOPEN, at=LATE + 10 * DAY)

    assert (life.state(), life.case.reopened) == (State.HANDLING, True)


def test_t61_a_late_call_that_hears_solved_archives() -> None:
    life = closed()
    life.do(Action.CALL_BACK)

    assert life.state() is State.ARCHIVED


def test_t59_the_clerk_reopens_on_his_word_in_one_chain() -> None:
    life = closed()
    call, again = GOOD[Action.CALL_BACK][1], GOOD[Action.REOPEN][1]
    found = life.ask("clerk", replace(call, solved=Solved.NO, score=1), again)

    assert not isinstance(found, Refusal)
    assert life.state() is State.HANDLING


def test_t59_the_reporter_reopens_while_a_call_is_still_to_be_made() -> None:
    life = closed()
    life.do(Action.REOPEN)

    assert life.state() is State.HANDLING


def test_t61_the_time_given_is_one_window_and_is_given_once() -> None:
    life = closed()
    life.do(Action.CALL_BACK, solved=Solved.NO, score=1)
    rungs = life.clock("follow_up").rungs
    life.do(Action.RATE, solved=Solved.PARTLY, score=2, at=LATE + 5 * DAY)
    assert life.clock("follow_up").rungs == rungs
    end = clocks_.rung_at(life.clock("follow_up"), rungs[1], life.book.calendars)
    assert end is not None
    assert timedelta(days=14) < end - LATE <= timedelta(days=15)
    life.wait(end)

    assert life.state() is State.ARCHIVED


def test_t61_a_last_word_that_it_is_solved_archives_at_once() -> None:
    life = closed()
    life.do(Action.RATE, solved=Solved.NO, score=1)
    life.do(Action.RATE, at=LATE + DAY)

    assert life.state() is State.ARCHIVED


def test_t61_nobody_keeps_it_open_beyond_90_days() -> None:
    life = at_state(State.CLOSED)
    life.wait(local("12-04 10:00"))
    assert life.state() is State.CLOSED
    life.do(Action.CALL_BACK, solved=Solved.NO, score=1)
    assert life.clock("follow_up").rungs == (100, 600)
    life.wait(local("12-07 10:00"))

    assert life.state() is State.ARCHIVED


def test_t61_what_was_said_in_the_window_ends_with_it() -> None:
    life = at_state(State.CLOSED)
    life.do(Action.RATE, solved=Solved.NO, score=1)
    life.wait(LATE)

    assert life.state() is State.ARCHIVED


def test_t61_nothing_is_left_to_wait_for_once_it_was_explained() -> None:
    life = at_state(State.CONSULTING)
    life.do(Action.DECIDE, decision="explain")
    life.wait(LATE)
    assert life.refused(Action.REOPEN).values["because"] == Because.EXPLAINED
    life.do(Action.CALL_BACK, solved=Solved.NO, score=1)

    assert life.state() is State.ARCHIVED


def test_t59_an_upstream_order_reopened_after_its_due_time_has_the_policy_s_promise() -> None:
    book = with_policy(auto_close=False, own_due=True)
    life = Life(book=book).report(Source.UPSTREAM_12345, upstream_due=local("09-10 18:00"))
    life.to(State.CLOSED)
    life.wait(local("09-14 09:00"))
    life.do(Action.REOPEN)

    assert life.clock("whole:2").budget == timedelta(hours=40)
    assert not life.clock("whole:2").continuous


def test_t59_and_before_it_keeps_that() -> None:
    due = local("09-21 18:00")
    book = with_policy(auto_close=False, own_due=True)
    life = Life(book=book).report(Source.UPSTREAM_12345, upstream_due=due).to(State.CLOSED)
    life.do(Action.REOPEN)

    assert clocks_.due_at(life.clock("whole:2"), life.book.calendars) == due


def test_t62_so_has_a_review_and_none_where_the_policy_makes_none() -> None:
    book = with_policy(auto_close=False, own_due=True, whole=None)
    life = Life(book=book).report(Source.UPSTREAM_12345, upstream_due=local("09-08 18:00"))
    life.to(State.ANSWERED)
    life.wait(local("09-09 09:00"))
    life.do(Action.ASK_REVIEW)

    assert all(one.stopped_at for one in life.case.clocks if one.clock_id.startswith("whole"))


def test_t59_after_the_window_with_nothing_open_it_is_too_late() -> None:
    life = at_state(State.CLOSED)
    life.do(Action.RATE, solved=Solved.NO, score=1)
    found = life.refused(Action.REOPEN, at=LATE)

    assert found.why is Why.FINAL


def test_t59_a_failed_spot_check_is_the_duty_chief_s_ground() -> None:
    life = at_state(State.CLOSED)
    found = life.refused(Action.REOPEN, reason="reopen_spot_check")
    assert found.values["because"] == Because.CHIEF_S_SPOT_CHECK

    life.do(Action.REOPEN, "chief", reason="reopen_spot_check")
