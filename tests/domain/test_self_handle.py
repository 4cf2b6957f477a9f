"""Self-handled on the spot, the sample of it, and what is answered at once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.book import Book
from domain.clock import ClockKind, Outcome
from domain.command import Step
from domain.moves_direct import drawn
from domain.people import Actor
from domain.refusal import Refusal
from domain.terms import Action, Kind, Role, Source, State
from domain.why import Because, Why
from tests.domain.small_world import (
    ADVICE,
    BOOK,
    GRID,
    HAWKER,
    LITTER,
    OTHER_GRID,
    Life,
    local,
    person,
    reported,
    with_policy,
)

K = ClockKind
REPORT = Step(action=Action.REPORT, source=Source.GRID_PATROL, subclass=LITTER, grid=GRID)
SELF_HANDLE = Step(action=Action.SELF_HANDLE, photos=("before", "after"), distance=5.0)


def life_with(book: Book = BOOK, *, share: float = 0.0, **changes: object) -> Life:
    """A life under other policy values."""
    changed = with_policy(book, auto_close=False, sample_share=share, **changes)  # type: ignore[arg-type]
    return Life(book=changed)


def sampled() -> Life:
    """A hotline report that member 1 settled, and member 2 is asked to look at."""
    life = life_with(share=1.0).report()
    life.do(Action.SELF_HANDLE)
    return life


def because(found: Refusal) -> str:
    assert found.why is Why.NOT_NOW
    return found.values["because"]


# T2 self_handle ------------------------------------------------------------------------------


def test_t2_a_member_reports_and_settles_in_one_breath() -> None:
    life = life_with()
    events = life.ask("member1", REPORT, SELF_HANDLE)

    assert not isinstance(events, Refusal)
    assert [one.action for one in events] == [Action.REPORT, Action.SELF_HANDLE]
    case = life.case
    assert case.state is State.SELF_CLOSED
    assert case.settled_as == "self_closed"
    assert case.handled_by == "member1"
    assert (case.sampled, case.asked) == (False, "")
    assert life.running() == {K.FOLLOW_UP: "follow_up"}
    assert life.clock("accept").outcome is Outcome.DONE


def test_t2_a_chain_that_may_not_end_in_self_handling_reports_nothing() -> None:
    life = life_with()
    step = replace(SELF_HANDLE, photos=("before",))
    found = life.ask("member1", REPORT, step)

    assert isinstance(found, Refusal)
    assert (because(found), found.step) == (Because.BEFORE_AND_AFTER, 1)
    assert life.case.seq == 0


def test_t2_a_report_of_others_is_settled_and_the_promise_is_kept() -> None:
    life = life_with().report()
    life.do(Action.SELF_HANDLE)

    assert life.clock("whole").outcome is Outcome.DONE
    assert life.events[-1].notify == ("reporter",)


def test_t2_the_member_asked_to_verify_may_settle_it() -> None:
    life = life_with().report()
    life.do(Action.SEND_VERIFY)
    assert life.refused(Action.SELF_HANDLE, "member2").why is Why.FORBIDDEN
    life.do(Action.SELF_HANDLE, "asked")

    assert life.state() is State.SELF_CLOSED
    assert life.clock("verify").outcome is Outcome.DONE


def test_t2_a_request_that_waited_lapses() -> None:
    life = life_with().report()
    life.do(Action.REQUEST_VOID)
    life.do(Action.SELF_HANDLE)

    assert not life.case.pending
    assert life.clock("decide").outcome is Outcome.VOID


@pytest.mark.parametrize("who", ["member2", "acceptor", "roads.crew"])
def test_t2_only_a_member_of_the_grid(who: str) -> None:
    assert life_with().report().refused(Action.SELF_HANDLE, who).why is Why.FORBIDDEN


def test_t2_a_member_without_a_grid_is_no_member_of_this_one() -> None:
    found = (
        life_with().report().refused(Action.SELF_HANDLE, person("x", Role.GRID_MEMBER, area=""))
    )

    assert found.why is Why.FORBIDDEN


@pytest.mark.parametrize("where", ["list", "policy", "named"])
def test_t2_only_what_is_on_the_list(where: str) -> None:
    life = life_with(self_handle=where != "policy")
    life.report(subclass={"list": HAWKER, "policy": LITTER, "named": ""}[where])
    found = life.refused(Action.SELF_HANDLE, subclass=HAWKER if where == "named" else "")

    assert because(found) == Because.NOT_SELF_HANDLED


def test_t2_the_class_may_be_added_but_not_changed() -> None:
    life = life_with().report(subclass="")
    assert life.refused(Action.SELF_HANDLE).values["field"] == "subclass"
    assert life.refused(Action.SELF_HANDLE, subclass="X9").why is Why.UNKNOWN_CODE
    life.do(Action.SELF_HANDLE, subclass=LITTER, grid=OTHER_GRID)
    assert (life.case.subclass, life.case.grid) == (LITTER, GRID)

    life = life_with().report(subclass=HAWKER)
    assert because(life.refused(Action.SELF_HANDLE, subclass=LITTER)) == Because.CLASS_IS_SET


@pytest.mark.parametrize("photos", [(), ("one",), ("one", "one")])
def test_t2_it_takes_two_photos(photos: tuple[str, ...]) -> None:
    found = life_with().report().refused(Action.SELF_HANDLE, photos=photos)

    assert because(found) == Because.BEFORE_AND_AFTER


def test_t2_both_taken_at_the_place() -> None:
    life = life_with().report()
    assert life.refused(Action.SELF_HANDLE, distance=101.0).why is Why.OUT_OF_FENCE
    found = life.refused(Action.SELF_HANDLE, distance=None, text="信号差")
    assert because(found) == Because.NO_PHOTO_PLACE


def test_t2_t61_without_a_sample_it_is_archived_when_the_window_is_over() -> None:
    life = life_with().report()
    life.do(Action.SELF_HANDLE, at=local("09-07 10:00"))
    life.wait(local("09-10 09:59"))
    assert life.state() is State.SELF_CLOSED
    life.wait(local("09-10 10:00"))

    assert life.state() is State.ARCHIVED
    assert life.case.settled_as == "self_closed"


# The sample ----------------------------------------------------------------------------------


def test_the_sample_is_a_share_and_the_same_whenever_asked() -> None:
    numbers = [f"99010620260907{one:05d}" for one in range(5000)]
    drawn_now = [one for one in numbers if drawn(one, 0.1)]

    assert 400 < len(drawn_now) < 600
    assert drawn_now == [one for one in numbers if drawn(one, 0.1)]
    assert set(drawn_now) < {one for one in numbers if drawn(one, 0.2)}
    assert not any(drawn(one, 0.0) for one in numbers)
    assert all(drawn(one, 1.0) for one in numbers)


def test_t2_another_member_is_asked_for_a_look() -> None:
    life = sampled()

    assert (life.case.sampled, life.case.asked) == (True, "member2")
    assert "person:member2" in life.events[-1].notify


def test_t2_where_the_grid_has_no_other_the_nearest_grid_s_member_is_asked() -> None:
    people = {**BOOK.people, "near": person("near", Role.GRID_MEMBER, area=OTHER_GRID)}
    members = {GRID: ("member1",), "110106001001001": ("member2",), OTHER_GRID: ("near",)}
    book = replace(BOOK, people=people, members=members)
    life = life_with(book, share=1.0).report()
    life.do(Action.SELF_HANDLE)

    assert life.case.asked == "near"


def test_t2_where_there_is_nobody_else_nobody_is_asked() -> None:
    book = replace(BOOK, members={GRID: ("member1", "gone")})
    life = life_with(book, share=1.0).report()
    life.do(Action.SELF_HANDLE)

    assert (life.case.sampled, life.case.asked) == (False, "")


def test_t61_an_open_sample_holds_the_archive_back_till_it_is_done() -> None:
    life = sampled()
    life.wait(local("09-20 09:00"))
    assert life.state() is State.SELF_CLOSED
    events = life.do(Action.SAMPLE_PASS)

    assert [one.action for one in events] == [Action.SAMPLE_PASS, Action.ARCHIVE]
    assert life.state() is State.ARCHIVED


def test_t61_but_90_days_at_most() -> None:
    life = sampled()
    begun = life.at
    life.wait(begun + timedelta(days=88))
    assert life.state() is State.SELF_CLOSED
    life.wait(begun + timedelta(days=90))

    assert life.state() is State.ARCHIVED
    assert life.case.asked == ""


@pytest.mark.parametrize("action", [Action.SAMPLE_PASS, Action.SAMPLE_FAIL])
def test_t63_only_the_member_asked_and_never_who_settled_it(action: Action) -> None:
    life = sampled()
    assert life.refused(action, "member1").why is Why.FORBIDDEN
    life.case = replace(life.case, asked="member1")
    found = life.refused(action, "member1")

    assert found.why is Why.SEPARATION
    assert found.values["first"] == "handled"


def test_t63_a_pass_takes_a_photo_at_the_place_and_changes_nothing_else() -> None:
    life = sampled()
    assert life.refused(Action.SAMPLE_PASS, photos=()).why is Why.NEEDS_PHOTO
    assert life.refused(Action.SAMPLE_PASS, distance=500.0).why is Why.OUT_OF_FENCE
    life.do(Action.SAMPLE_PASS)

    assert life.state() is State.SELF_CLOSED
    assert life.case.asked == ""
    assert life.refused(Action.SAMPLE_FAIL, "member2").why is Why.FORBIDDEN


def test_t63_a_fail_takes_reason_text_and_photo() -> None:
    life = sampled()
    assert life.refused(Action.SAMPLE_FAIL, reason="").why is Why.NEEDS_REASON
    assert life.refused(Action.SAMPLE_FAIL, text="").why is Why.NEEDS_TEXT
    assert life.refused(Action.SAMPLE_FAIL, photos=()).why is Why.NEEDS_PHOTO


def test_t63_a_fail_files_it_and_the_promise_was_never_kept() -> None:
    life = sampled()
    life.wait(local("09-08 09:00"))
    life.do(Action.SAMPLE_FAIL)
    case = life.case

    assert case.state is State.ACCEPTED
    assert (case.asked, case.settled_as, case.verified) == ("", "", True)
    assert case.sampled
    assert life.running() == {K.WHOLE: "whole", K.FILE: "file"}
    assert life.clock("whole").pauses == ()
    assert life.clock("follow_up").outcome is Outcome.VOID
    assert set(life.events[-1].notify) == {"role:duty_chief", "person:member1"}


def test_t63_a_promise_that_was_past_due_escalates_at_once() -> None:
    life = sampled()
    life.wait(local("09-18 09:00"))
    life.do(Action.SAMPLE_FAIL)

    assert [one.reason for one in life.events[-2:]] == ["sample_not_fixed", "whole 100%"]
    assert life.events[-1].at == life.at


def test_t63_a_patrol_s_case_had_no_promise_and_has_none() -> None:
    life = life_with(share=1.0)
    assert not isinstance(life.ask("member1", REPORT, SELF_HANDLE), Refusal)
    life.do(Action.SAMPLE_FAIL)

    assert not [one for one in life.case.clocks if one.kind is K.WHOLE]


# T3 answer -----------------------------------------------------------------------------------


def test_t3_an_enquiry_is_answered_at_once() -> None:
    life = reported(subclass=ADVICE)
    life.do(Action.ANSWER)
    case = life.case

    assert case.state is State.ANSWERED
    assert (case.settled_as, case.handled_by) == ("answered", "acceptor")
    assert life.clock("accept").outcome is life.clock("whole").outcome is Outcome.DONE
    assert life.running() == {K.FOLLOW_UP: "follow_up"}
    assert life.events[-1].notify == ("reporter",)
    life.wait(life.at + timedelta(days=15))
    assert life.state() is State.ARCHIVED


def test_t3_it_takes_a_class_and_a_text() -> None:
    life = reported(subclass="")
    assert life.refused(Action.ANSWER, subclass="").values["field"] == "subclass"
    assert life.refused(Action.ANSWER, text=" ").why is Why.NEEDS_TEXT
    life.do(Action.REQUEST_VOID)
    life.do(Action.ANSWER)

    assert life.case.subclass == ADVICE
    assert life.clock("decide").outcome is Outcome.VOID


def test_t3_only_the_kinds_that_policy_names() -> None:
    found = reported().refused(Action.ANSWER, subclass=LITTER)
    assert because(found) == Because.NO_DIRECT_ANSWER
    life = life_with(direct_answer=(Kind.CASE,)).report()
    life.do(Action.ANSWER, subclass="")

    assert life.state() is State.ANSWERED


@pytest.mark.parametrize("who", ["chief", "dispatcher", "member1"])
def test_t3_only_the_acceptor(who: str) -> None:
    assert reported().refused(Action.ANSWER, who).why is Why.FORBIDDEN


def test_an_actor_of_no_role_settles_nothing() -> None:
    assert reported().refused(Action.SELF_HANDLE, Actor(person="x")).why is Why.FORBIDDEN
