"""What does not stand: checks that fail or cannot be made, closing, replies, refusals."""

from dataclasses import replace
from datetime import timedelta

from domain.clock import ClockKind, Outcome
from domain.refusal import Refusal
from domain.terms import Action, Role, Source, State
from domain.why import Because, Why
from tests.domain.small_world import (
    ADVICE,
    BOOK,
    GRID,
    OTHER_GRID,
    Life,
    at_state,
    local,
    person,
    reported,
    with_policy,
)

K = ClockKind
THIRD = person("member3", Role.GRID_MEMBER, area=OTHER_GRID)
THREE = replace(
    BOOK,
    people={**BOOK.people, "member3": THIRD, "acceptor2": person("acceptor2", Role.ACCEPTOR)},
    members={GRID: ("member1", "member2", "member3")},
)


def life_in(state: State, **changes: object) -> Life:
    """A hotline case in a state, in a grid of three members with two acceptors."""
    book = with_policy(THREE, auto_close=False, **changes)  # type: ignore[arg-type]
    return Life(book=book).report().to(state)


def because(found: Refusal) -> str:
    assert found.why is Why.NOT_NOW
    return found.values["because"]


def fail_again(life: Life, times: int) -> None:
    """Feed back, and fail the check."""
    for _ in range(times):
        life.do(Action.FEED_BACK)
        life.do(Action.PASS_REVIEW)
        life.do(Action.CHECK_FAIL)


# T34 check_fail ------------------------------------------------------------------------------


def test_t34_the_third_fail_is_supervised() -> None:
    life = life_in(State.HANDLING)
    fail_again(life, 2)
    assert not life.case.supervised
    fail_again(life, 1)
    case = life.case

    assert (case.round, case.supervised) == (4, True)
    assert [(one.by, one.to, one.rung) for one in case.supervisions] == [("system", "roads", 0)]
    assert K.REPLY in life.running()
    assert set(life.events[-1].notify) == {
        "unit:roads",
        "role:supervisor",
        "unit_head:roads",
    }


def test_t34_a_letter_that_waits_is_not_written_twice() -> None:
    life = life_in(State.HANDLING)
    fail_again(life, 4)
    assert len(life.case.supervisions) == 1
    life.do(Action.SUPERVISE_REPLY, "roads.head", text="已换队伍")
    fail_again(life, 1)

    assert len(life.case.supervisions) == 2


def test_t34_policy_says_which_fail() -> None:
    life = life_in(State.HANDLING, fails_to_supervise=1)
    fail_again(life, 1)

    assert life.case.supervised


def test_t34_neither_a_reopened_case_nor_a_rejected_reply_is_a_failed_check() -> None:
    life = life_in(State.CLOSED)
    life.case = replace(
        life.case, round=3, reopened=False, upstream_rejections=1, source=Source.UPSTREAM_12345
    )
    life.do(Action.REOPEN)
    fail_again(life, 1)

    assert life.case.round == 5
    assert not life.case.supervised


def test_t34_only_fails_count_not_the_rounds_of_a_meeting() -> None:
    life = life_in(State.CLOSED)
    for _ in range(2):
        life.do(Action.REOPEN)
        if life.state() is State.HANDLING:
            for action in (
                Action.FEED_BACK,
                Action.PASS_REVIEW,
                Action.CHECK_PASS,
                Action.CLOSE,
            ):
                life.do(action)
    life.do(Action.DECIDE, unit="roads")
    life.do(Action.SIGN)
    assert (life.case.round, life.case.fails) == (3, 0)
    fail_again(life, 2)
    assert not life.case.supervised
    fail_again(life, 1)

    assert (life.case.fails, life.case.supervised) == (3, True)


# T35 check_unable, reassign ------------------------------------------------------------------


def test_t35_first_another_member_is_asked() -> None:
    life = life_in(State.CHECKING)
    first = life.case.asked
    life.do(Action.CHECK_UNABLE)

    assert life.case.unables == 1
    assert life.case.asked not in {first, ""}
    assert life.state() is State.CHECKING
    assert life.clock("check").outcome is Outcome.DONE
    assert life.clock("check:2").owner == f"person:{life.case.asked}"
    assert life.events[-1].notify == (f"person:{life.case.asked}",)


def test_t35_then_it_is_the_duty_chief_s_to_decide() -> None:
    life = life_in(State.CHECKING)
    life.do(Action.CHECK_UNABLE)
    life.do(Action.CHECK_UNABLE)

    assert (life.case.unables, life.case.asked) == (2, "")
    assert life.clock("check:3").owner == Role.DUTY_CHIEF
    assert life.events[-1].notify == ("role:duty_chief", "role:acceptor")


def test_t35_where_nobody_else_can_be_asked_the_duty_chief_waits_till_it_is_late() -> None:
    life = life_in(State.CHECKING)
    life.book = replace(life.book, members={GRID: (life.case.asked,)})
    life.do(Action.CHECK_UNABLE)

    assert (life.case.unables, life.case.asked) == (1, "")
    assert because(life.refused(Action.DECIDE_ON_FILE)) == Because.CHECK_POSSIBLE


def test_t35_it_takes_a_reason_and_a_text_and_the_member_asked() -> None:
    life = life_in(State.CHECKING)
    assert life.refused(Action.CHECK_UNABLE, reason="").why is Why.NEEDS_REASON
    assert life.refused(Action.CHECK_UNABLE, text="").why is Why.NEEDS_TEXT
    assert life.refused(Action.CHECK_UNABLE, THIRD).why is Why.FORBIDDEN
    life.case = replace(life.case, handled_by=life.case.asked)
    assert life.refused(Action.CHECK_UNABLE).why is Why.SEPARATION


def test_t35_the_acceptor_asks_another_member() -> None:
    life = life_in(State.CHECKING)
    life.do(Action.REASSIGN, person="member3")

    assert life.case.asked == "member3"
    assert life.clock("check").outcome is Outcome.VOID
    assert life.running()[K.CHECK] == "check:2"
    assert because(life.refused(Action.REASSIGN, person="member3")) == Because.ASKED_ALREADY
    assert life.refused(Action.REASSIGN, "chief").why is Why.FORBIDDEN


def test_t35_a_new_round_counts_its_own() -> None:
    life = life_in(State.CHECKING)
    life.do(Action.CHECK_UNABLE)
    life.do(Action.CHECK_FAIL)

    assert life.case.unables == 0


# T36 decide_on_file --------------------------------------------------------------------------


def test_t36_after_two_who_could_not() -> None:
    life = life_in(State.CHECKING)
    assert because(life.refused(Action.DECIDE_ON_FILE)) == Because.CHECK_POSSIBLE
    life.do(Action.CHECK_UNABLE)
    assert because(life.refused(Action.DECIDE_ON_FILE)) == Because.CHECK_POSSIBLE
    life.do(Action.CHECK_UNABLE)
    assert life.refused(Action.DECIDE_ON_FILE, text="").why is Why.NEEDS_TEXT
    life.do(Action.DECIDE_ON_FILE)

    assert life.state() is State.TO_CLOSE
    assert life.running()[K.CLOSE] == "close"
    assert life.clock("check:3").outcome is Outcome.DONE


def test_t36_or_when_the_check_is_late() -> None:
    life = life_in(State.CHECKING)
    life.wait(local("09-07 17:00"))
    life.do(Action.DECIDE_ON_FILE)

    assert life.state() is State.TO_CLOSE
    assert life.case.asked == ""


def test_t36_by_a_duty_chief_who_had_no_hand_in_it() -> None:
    life = life_in(State.CHECKING)
    life.case = replace(life.case, unables=2)
    assert life.refused(Action.DECIDE_ON_FILE, "both").why is Why.SEPARATION
    assert life.refused(Action.DECIDE_ON_FILE, "acceptor").why is Why.FORBIDDEN
    life.do(Action.DECIDE_ON_FILE)


# T38 reject_close ----------------------------------------------------------------------------


def test_t38_not_closed_like_this_is_a_rework() -> None:
    life = life_in(State.TO_CLOSE)
    assert life.refused(Action.REJECT_CLOSE, reason="").why is Why.NEEDS_REASON
    assert life.refused(Action.REJECT_CLOSE, "dispatcher").why is Why.FORBIDDEN
    life.do(Action.REJECT_CLOSE)

    assert (life.state(), life.case.round) == (State.HANDLING, 2)
    assert life.running()[K.HANDLE] == "handle:2"
    assert life.clock("close").outcome is Outcome.DONE
    assert "unit:roads" in life.events[-1].notify


# T59 reject_reply ----------------------------------------------------------------------------


def upstream(state: State, **changes: object) -> Life:
    """An upstream order in a state."""
    book = with_policy(auto_close=False, **changes)  # type: ignore[arg-type]
    step = {"upstream_no": "SJ2026-1", "upstream_due": local("09-21 17:00")}
    life = Life(book=book).report(Source.UPSTREAM_12345, **step)
    return life.to(state)


def test_t59_the_upstream_rejects_our_reply() -> None:
    life = upstream(State.CLOSED)
    life.do(Action.REJECT_REPLY)
    case = life.case

    assert (case.state, case.round, case.reopened) == (State.HANDLING, 2, False)
    assert case.upstream_rejections == 1
    assert case.settled_as == ""
    assert life.running() == {K.WHOLE: "whole:2", K.HANDLE: "handle:2"}
    assert life.clock("follow_up").outcome is Outcome.VOID


def test_t59_with_the_due_time_it_gives() -> None:
    life = upstream(State.CLOSED)
    due = local("09-10 03:00")
    life.do(Action.REJECT_REPLY, "chief", upstream_due=due)
    rungs = life.wait(due)

    assert life.case.upstream_due == due
    assert [one.at for one in rungs if one.reason == "whole:2 100%"] == [due]


def test_t59_no_promise_where_none_is_made() -> None:
    life = upstream(State.CLOSED, whole=None)
    life.do(Action.REJECT_REPLY)

    assert K.WHOLE not in life.running()


def test_t59_it_may_do_so_more_than_once_and_the_reporter_may_still_reopen() -> None:
    life = upstream(State.CLOSED)
    for _ in range(2):
        life.do(Action.REJECT_REPLY)
        for action in (
            Action.FEED_BACK,
            Action.PASS_REVIEW,
            Action.CHECK_PASS,
            Action.CLOSE,
        ):
            life.do(action)
    life.do(Action.REOPEN)

    assert (life.case.upstream_rejections, life.case.reopened) == (2, True)


def test_t59_only_of_an_upstream_order_that_a_unit_handled_in_time() -> None:
    found = at_state(State.CLOSED).refused(Action.REJECT_REPLY)
    assert because(found) == Because.NOT_FROM_UPSTREAM
    life = upstream(State.CLOSED)
    assert life.refused(Action.REJECT_REPLY, reason="").why is Why.NEEDS_REASON
    assert life.refused(Action.REJECT_REPLY, text="").why is Why.NEEDS_TEXT
    assert life.refused(Action.REJECT_REPLY, "dispatcher").why is Why.FORBIDDEN
    life.case = replace(life.case, unit="")
    assert because(life.refused(Action.REJECT_REPLY)) == Because.NO_ROUND_BEFORE
    life = upstream(State.CLOSED)
    life.wait(life.at + timedelta(days=15, minutes=1))
    assert life.refused(Action.REJECT_REPLY).why is Why.TOO_LATE


# T62 ask_review ------------------------------------------------------------------------------


def test_t62_a_refusal_is_decided_by_another_person() -> None:
    life = life_in(State.REFUSED)
    events = life.do(Action.ASK_REVIEW)
    case = life.case

    assert (case.state, case.reviews, case.refused_by) == (State.REPORTED, 1, "acceptor")
    assert case.settled_as == ""
    assert life.running() == {K.WHOLE: "whole", K.ACCEPT: "accept:2"}  # as if never stopped
    assert life.clock("whole").pauses == ()
    assert events[0].notify == ("role:acceptor",)
    life.case = replace(case, verified=True)
    for action in (Action.ACCEPT, Action.REFUSE, Action.ANSWER):
        found = life.refused(action)
        assert (found.why, found.values["first"]) == (Why.SEPARATION, "decided_before")
    life.do(Action.ACCEPT, "acceptor2")

    assert life.state() is State.ACCEPTED


def test_t62_the_chief_who_refused_to_file_does_not_refuse_again() -> None:
    life = life_in(State.ACCEPTED)
    life.do(Action.REFUSE, "chief")
    life.do(Action.ASK_REVIEW)
    life.do(Action.ACCEPT)
    assert life.refused(Action.REFUSE, "chief").why is Why.SEPARATION
    life.do(Action.FILE, "chief")


def test_t62_an_answer_is_looked_at_again_too() -> None:
    life = life_in(State.REPORTED)
    life.do(Action.ANSWER)
    life.do(Action.ASK_REVIEW)
    assert life.case.refused_by == "acceptor"
    assert life.refused(Action.ANSWER).why is Why.SEPARATION
    life.do(Action.ANSWER, "acceptor2")

    assert life.case.handled_by == "acceptor2"
    assert life.case.subclass == ADVICE


def test_t62_once_and_by_the_reporter_in_the_window() -> None:
    life = life_in(State.REFUSED)
    assert life.refused(Action.ASK_REVIEW, "acceptor").why is Why.FORBIDDEN
    life.do(Action.ASK_REVIEW)
    life.do(Action.REFUSE, "acceptor2")
    found = life.refused(Action.ASK_REVIEW)
    assert (found.why, found.values["most"]) == (Why.TOO_MANY, "1")


def test_t62_not_when_the_window_is_over() -> None:
    life = life_in(State.REFUSED)
    clocks = tuple(one for one in life.case.clocks if one.kind is not K.FOLLOW_UP)
    life.case = replace(life.case, clocks=clocks)

    assert life.refused(Action.ASK_REVIEW).why is Why.TOO_LATE


def test_t62_a_closed_case_of_most_sources_is_not_examined_again() -> None:
    found = at_state(State.CLOSED).refused(Action.ASK_REVIEW)

    assert because(found) == Because.NO_REEXAMINATION


# The promise ---------------------------------------------------------------------------------


def test_t1_an_upstream_order_brings_its_number_its_due_time_and_its_window() -> None:
    due, back = local("09-09 03:30"), local("09-08 09:00")
    life = Life(book=with_policy(own_due=True)).report(
        Source.UPSTREAM_12345, upstream_no="SJ1", upstream_due=due, return_until=back
    )
    case = life.case

    assert (case.upstream_no, case.upstream_due, case.return_until) == ("SJ1", due, back)
    assert life.clock("whole").continuous
    assert [one.at for one in life.wait(due) if one.reason == "whole 100%"] == [due]


def test_t1_one_that_comes_too_late_is_taken_and_due_at_once() -> None:
    life = Life(book=with_policy(own_due=True))
    life.report(Source.UPSTREAM_12345, upstream_due=local("09-01 09:00"))
    rungs = life.wait(life.at + timedelta(seconds=1))

    assert life.state() is State.REPORTED
    assert [one.reason for one in rungs] == ["whole 100%"]


def test_t1_without_a_due_time_of_its_own_the_policy_s_promise_holds() -> None:
    life = Life(book=with_policy(own_due=True)).report(Source.UPSTREAM_12345)

    assert life.clock("whole").budget == timedelta(hours=40)


def test_t1_an_own_due_time_counts_only_where_policy_says_so() -> None:
    life = reported(Source.UPSTREAM_12345, upstream_due=local("09-09 03:30"))

    assert not life.clock("whole").continuous


def test_t8_the_promise_may_count_from_acceptance_and_only_once() -> None:
    book = with_policy(auto_close=False, whole_from_acceptance=True)
    life = Life(book=book).report()
    assert life.running() == {K.ACCEPT: "accept"}
    life.case = replace(life.case, verified=True)
    life.do(Action.ACCEPT)
    assert life.clock("whole").started_at == life.at
    life.do(Action.SEND_BACK, "chief")
    life.do(Action.ACCEPT)

    assert life.running()[K.WHOLE] == "whole"


def test_t8_in_writing() -> None:
    life = Life(book=with_policy(auto_accept=True, in_writing=True)).report()
    life.case = replace(life.case, verified=True)
    assert life.state() is State.REPORTED
    assert life.refused(Action.ACCEPT).why is Why.NEEDS_TEXT
    life.do(Action.ACCEPT, text="决定受理")

    assert life.events[-1].notify == ("reporter",)
