"""Each row's conditions (one accepted, one refused) and what it does to clocks and facts."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain import clock as clocks_
from domain.case import Event
from domain.clock import ClockKind, Outcome
from domain.command import Command, Step
from domain.people import REPORTER, Actor, Grant
from domain.policy import Flow, Policy
from domain.refusal import Refusal
from domain.terms import Action, CheckMode, Result, Role, Solved, Source, State, TaskState
from domain.why import Why
from tests.domain.small_world import (
    ADVICE,
    BOOK,
    CALENDAR,
    FAR_GRID,
    GAS,
    GRID,
    HAWKER,
    LITTER,
    MONDAY,
    PEOPLE,
    SIGN_BOARD,
    Life,
    at_state,
    local,
    reported,
    with_policy,
)

K = ClockKind
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
BOTH = PEOPLE["both"]
TWO_DESKS = Actor(
    person="desks", grants=(Grant(role=Role.DISPATCHER), Grant(role=Role.DUTY_CHIEF))
)


def outcome(life: Life, clock_id: str) -> Outcome | None:
    return life.clock(clock_id).outcome


def filed(subclass: str, condition: int = 1, source: Source = Source.DEPARTMENT) -> Life:
    """A case of another subclass, filed without a visit."""
    life = reported(source, subclass=subclass)
    if source is not Source.GRID_PATROL:
        life.do(Action.ACCEPT, subclass=subclass, urgent=True)
    life.do(Action.FILE, condition=condition)
    return life


def handling(subclass: str, source: Source = Source.DEPARTMENT) -> Life:
    """A case of another subclass, handled by roads; not urgent unless its condition says so."""
    life = reported(source, subclass=subclass)
    if subclass == GAS:
        life.do(Action.ACCEPT, subclass=subclass, condition=1)
    else:
        life.do(Action.ACCEPT, subclass=subclass)
    life.do(Action.FILE)
    for action in (Action.DISPATCH, Action.SIGN, Action.START):
        life.do(action, text="道路处承办" if action is Action.DISPATCH else "")
    return life


# T1 report -----------------------------------------------------------------------------


def test_t1_starts_the_promise_and_the_acceptor_s_clock() -> None:
    life = reported()

    assert life.running() == {K.WHOLE: "whole", K.ACCEPT: "accept"}
    assert life.clock("whole").budget == 40 * HOUR
    assert (life.case.reported_at, life.case.version) == (MONDAY, 0)


def test_t1_an_inspector_s_report_makes_no_promise() -> None:
    life = Life(book=with_policy(auto_accept=False))
    life.report(Source.GRID_PATROL)

    assert life.running() == {K.ACCEPT: "accept"}


def test_t1_a_place_outside_every_grid_is_unlocated() -> None:
    assert not reported(grid="000").case.grid
    assert not reported(subclass="E99-99").case.subclass


def test_t1_only_the_centre_flags_a_report_urgent_itself() -> None:
    assert not reported(urgent=True).case.urgent
    assert reported(subclass=GAS, condition=1).case.urgent
    life = Life().report(Source.GRID_PATROL, urgent=True)

    assert life.case.flagged_urgent
    assert life.clock("accept").budget == 10 * MINUTE


# T4–T7 verify --------------------------------------------------------------------------


def test_t4_asks_a_member_and_stops_accept() -> None:
    life = at_state(State.VERIFYING)

    assert life.running() == {K.WHOLE: "whole", K.VERIFY: "verify"}
    assert outcome(life, "accept") is Outcome.DONE
    assert (life.case.asked, life.clock("verify").owner) == ("member1", "person:member1")


def test_t4_not_from_an_inspector_and_at_most_twice() -> None:
    life = Life(book=with_policy(auto_accept=False)).report(Source.GRID_PATROL)
    assert life.refused(Action.SEND_VERIFY).why is Why.NOT_NOW

    life = reported()
    for _ in range(2):
        life.do(Action.SEND_VERIFY)
        life.do(Action.VERIFY_NOT_FOUND)
    assert life.refused(Action.SEND_VERIFY).why is Why.TOO_MANY


def test_t4_the_system_sends_what_policy_names_once() -> None:
    life = Life(book=with_policy(sources=(Source.HOTLINE,), auto_verify=True)).report()
    assert life.state() is State.VERIFYING
    life.do(Action.VERIFY_NOT_FOUND)

    assert life.state() is State.REPORTED


def test_t4_a_member_is_named_or_the_grid_s_first() -> None:
    life = reported()
    assert life.refused(Action.SEND_VERIFY, person="roads.crew").why is Why.UNKNOWN_CODE
    assert life.refused(Action.SEND_VERIFY, person="nobody").why is Why.UNKNOWN_CODE
    assert life.refused(Action.SEND_VERIFY, grid=FAR_GRID).why is Why.NEEDS_FIELD
    assert life.refused(Action.SEND_VERIFY, grid="nowhere").why is Why.UNKNOWN_CODE
    assert life.refused(Action.SEND_VERIFY, subclass="E99-99").why is Why.UNKNOWN_CODE
    assert life.refused(Action.SEND_VERIFY, condition=9).why is Why.UNKNOWN_CODE
    life.do(Action.SEND_VERIFY, person="member2")

    assert life.case.asked == "member2"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"distance": 100.0}, None),
        ({"distance": 101.0}, Why.OUT_OF_FENCE),
        ({"distance": 101.0, "text": "河对岸拍"}, None),
        ({"distance": None}, Why.NO_PLACE),
        ({"photos": ()}, Why.NEEDS_PHOTO),
        ({"photos": (), "text": "夜间无法拍照"}, None),
    ],
)
def test_t5_found_needs_a_photo_in_the_fence_or_a_reason(
    changes: dict[str, Any], why: Why | None
) -> None:
    life = at_state(State.VERIFYING)
    if why:
        assert life.refused(Action.VERIFY_FOUND, **changes).why is why
        return
    life.do(Action.VERIFY_FOUND, **changes)

    assert life.case.verified
    assert life.running() == {K.WHOLE: "whole", K.FILE: "file"}
    assert outcome(life, "verify") is Outcome.DONE


def test_t6_not_found_needs_a_photo_or_a_reason() -> None:
    life = at_state(State.VERIFYING)
    assert life.refused(Action.VERIFY_NOT_FOUND, reason="").why is Why.NEEDS_REASON
    assert life.refused(Action.VERIFY_NOT_FOUND, reason="nonsense").why is Why.UNKNOWN_CODE
    life.do(Action.VERIFY_NOT_FOUND, reason="", text="", photos=("p",))

    assert life.running() == {K.WHOLE: "whole", K.ACCEPT: "accept:2"}
    assert life.case.asked == ""


def test_t6_unable_needs_reason_and_text_photo_or_not() -> None:
    life = at_state(State.VERIFYING)
    assert life.refused(Action.VERIFY_UNABLE, reason="", photos=("p",)).why is Why.NEEDS_REASON
    assert life.refused(Action.VERIFY_UNABLE, text=" ").why is Why.NEEDS_TEXT
    (event,) = life.do(Action.VERIFY_UNABLE)

    assert event.reason == "unable_no_access"


def test_t7_another_member_with_a_clock_of_his_own() -> None:
    life = at_state(State.VERIFYING)
    found = life.refused(Action.REASSIGN, person="member1")
    assert found.values["because"] == "asked_already"
    life.do(Action.REASSIGN)

    assert life.case.asked == "member2"
    assert life.running() == {K.WHOLE: "whole", K.VERIFY: "verify:2"}
    assert outcome(life, "verify") is Outcome.VOID


@pytest.mark.parametrize("state", [State.VERIFYING, State.CHECKING])
def test_t7_t35_a_member_who_is_late_when_another_is_asked_stays_late(state: State) -> None:
    for late, outcome in ((False, Outcome.VOID), (True, Outcome.DONE)):
        life = at_state(state)
        kind = ClockKind.VERIFY if state is State.VERIFYING else ClockKind.CHECK
        clock = life.clock(life.running()[kind])
        due = clocks_.due_at(clock, life.book.calendars)
        assert due
        life.do(Action.REASSIGN, at=due + timedelta(minutes=int(late)))
        stopped = life.clock(clock.clock_id)

        assert stopped.outcome is outcome
        assert clocks_.on_time(stopped, life.book.calendars) is (False if late else None)


# T8, T9 accept, refuse -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "changes", "why"),
    [
        (Source.HOTLINE, {"subclass": LITTER}, Why.NOT_VERIFIED),
        (Source.HOTLINE, {"subclass": LITTER, "condition": 2}, None),
        (Source.HOTLINE, {"subclass": LITTER, "urgent": True}, None),
        (Source.HOTLINE, {"subclass": GAS, "condition": 1}, None),
        (Source.HOTLINE, {"subclass": ADVICE}, None),
        (Source.GRID_PATROL, {"subclass": LITTER}, None),
        (Source.HOTLINE, {"subclass": ""}, Why.NEEDS_FIELD),
        (Source.HOTLINE, {"grid": ""}, Why.NEEDS_FIELD),
    ],
)
def test_t8_class_and_grid_and_verified_unless_it_need_not_be(
    source: Source, changes: dict[str, Any], why: Why | None
) -> None:
    life = Life(book=with_policy(auto_accept=False)).report(source, subclass="", grid="")
    found = life.try_(Action.ACCEPT, **changes)

    assert (found.why if isinstance(found, Refusal) else None) is why
    if not why:
        assert K.ACCEPT not in life.running()
        assert K.FILE in life.running()


def test_t8_another_class_takes_the_condition_away() -> None:
    life = reported(subclass=GAS, condition=1)
    assert life.case.urgent
    life.do(Action.ACCEPT, subclass=ADVICE)

    assert (life.case.subclass, life.case.condition, life.case.urgent) == (ADVICE, 0, False)


def test_t9_refuses_with_a_reason_and_stops_everything() -> None:
    life = reported()
    assert life.refused(Action.REFUSE, text="").why is Why.NEEDS_TEXT
    assert life.refused(Action.REFUSE, reason="").why is Why.NEEDS_REASON
    assert life.refused(Action.REFUSE, reason="void_test").why is Why.UNKNOWN_CODE
    life.do(Action.REFUSE)

    assert life.running() == {K.FOLLOW_UP: "follow_up"}
    assert life.clock("follow_up").budget == 40 * HOUR
    assert (outcome(life, "accept"), outcome(life, "whole")) == (Outcome.DONE, Outcome.VOID)
    assert (life.case.refused_by, life.case.settled_as) == ("acceptor", "refused")


def test_t9_ends_a_request_to_void_with_its_clock() -> None:
    life = reported()
    life.do(Action.REQUEST_VOID)
    life.do(Action.REFUSE)

    assert not life.case.pending
    assert life.running() == {K.FOLLOW_UP: "follow_up"}


@pytest.mark.parametrize(
    ("state", "asks", "refuses", "why"),
    [
        (State.REPORTED, "chief", "acceptor", None),
        (State.REPORTED, "acceptor", "acceptor", Why.SEPARATION),
        (State.REPORTED, "", "acceptor", Why.NOT_NOW),
        (State.ACCEPTED, "chief", "chief2", None),
        (State.ACCEPTED, "chief", "chief", Why.SEPARATION),
    ],
)
def test_t9_unreasonable_takes_two_persons(
    state: State, asks: str, refuses: str, why: Why | None
) -> None:
    life = at_state(state)
    if asks:
        life.do(Action.REQUEST_REFUSAL, asks)
        assert life.refused(Action.REQUEST_REFUSAL, asks).why is Why.ALREADY
    found = life.try_(Action.REFUSE, refuses, reason="refuse_unreasonable")

    assert (found.why if isinstance(found, Refusal) else None) is why
    assert (life.state() is State.REFUSED) is (why is None)


def test_t9_the_second_person_may_decline_and_other_reasons_need_none() -> None:
    life = reported()
    assert life.refused(Action.DECLINE_REFUSAL).why is Why.NO_REQUEST
    found = life.refused(Action.REQUEST_REFUSAL, reason="refuse_outside_area")
    assert found.values["because"] == "one_person_refuses"
    life.do(Action.REQUEST_REFUSAL)
    assert life.clock("decide").owner == Role.ACCEPTOR
    assert life.refused(Action.DECLINE_REFUSAL).why is Why.SEPARATION
    assert life.refused(Action.DECLINE_REFUSAL, "chief", text=" ").why is Why.NEEDS_TEXT
    life.do(Action.DECLINE_REFUSAL, "chief")

    assert life.state() is State.REPORTED
    assert not life.case.pending
    assert life.clock("decide").outcome is Outcome.DONE


# T12–T15 file, dispatch ------------------------------------------------------------------


def test_t12_one_condition_fixes_limit_mode_and_versions() -> None:
    life = at_state(State.ACCEPTED)
    assert life.refused(Action.FILE, condition=0).why is Why.NEEDS_FIELD
    assert life.refused(Action.FILE, condition=7).why is Why.UNKNOWN_CODE
    life.do(Action.FILE, condition=2)
    case = life.case

    assert (case.condition, case.check_mode, case.photo_required) == (
        2,
        CheckMode.DOCUMENT,
        False,
    )
    assert (case.policy, case.catalogue, case.calendar) == (1, 1, CALENDAR.key)
    assert life.running() == {K.WHOLE: "whole", K.DISPATCH: "dispatch"}


def test_t12_pins_what_is_in_force_at_filing() -> None:
    life = at_state(State.ACCEPTED)
    policy = Policy(version=2, base=Flow(max_extensions=0))
    newer = {LITTER: replace(life.book.catalogues[1][LITTER], conditions=())}
    life.book = replace(
        life.book,
        policies={**life.book.policies, 2: policy},
        policy=2,
        catalogues={**life.book.catalogues, 2: {**life.book.catalogues[1], **newer}},
        catalogue=2,
    )
    assert life.refused(Action.FILE, condition=1).why is Why.UNKNOWN_CODE
    life.do(Action.FILE, condition=1, subclass=GAS)

    assert (life.case.policy, life.case.catalogue) == (2, 2)


def test_t12_filing_anew_forgets_the_urgency_of_the_old_condition() -> None:
    life = at_state(State.ACCEPTED)
    life.do(Action.FILE, subclass=GAS, condition=1)
    assert life.case.urgent
    life.do(Action.SEND_BACK)
    life.do(Action.FILE, subclass=LITTER, condition=1)

    assert not life.case.urgent


def test_t13_sends_back_with_a_reason_and_a_new_filing_clock() -> None:
    life = at_state(State.FILED)
    assert life.refused(Action.SEND_BACK, reason="").why is Why.NEEDS_REASON
    life.do(Action.SEND_BACK)

    assert life.running() == {K.WHOLE: "whole", K.FILE: "file:2"}
    assert outcome(life, "dispatch") is Outcome.DONE


def test_t14_starts_sign_and_handle() -> None:
    life = at_state(State.DISPATCHED)
    handle = life.clock("handle")

    assert life.running() == {K.WHOLE: "whole", K.SIGN: "sign", K.HANDLE: "handle"}
    assert (handle.budget, handle.rungs) == (8 * HOUR, (50, 75, 100, 150, 200))
    assert (handle.owner, handle.floor) == ("unit:roads", 8 * HOUR)
    assert life.case.tasks[0].unit == life.case.unit == "roads"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"unit": ""}, None),
        ({"unit": "atlantis"}, Why.UNKNOWN_CODE),
        ({"unit": "water"}, Why.NOT_OWNER),
        ({"unit": "water", "text": "水务局同意"}, None),
        ({"unit": "water", "reason": "dispatch_unit_agreed"}, None),
        ({"unit": "water", "reason": "nonsense"}, Why.UNKNOWN_CODE),
    ],
)
def test_t14_the_owner_or_a_reason(changes: dict[str, Any], why: Why | None) -> None:
    found = at_state(State.FILED).try_(Action.DISPATCH, **changes)

    assert (found.why if isinstance(found, Refusal) else None) is why


def test_t14_several_owners_are_no_clear_owner() -> None:
    life = filed(ADVICE)

    assert life.refused(Action.DISPATCH, unit="").why is Why.NEEDS_FIELD


def test_t14_never_again_to_a_unit_whose_return_was_accepted() -> None:
    life = at_state(State.RETURNED)
    life.do(Action.ACCEPT_RETURN)
    assert life.refused(Action.DISPATCH).why is Why.RETURNED_BEFORE
    life.do(Action.DISPATCH, unit="water", text="改派")

    assert [one.unit for one in life.case.tasks] == ["roads", "water"]
    assert life.running()[K.HANDLE] == "handle:2"


@pytest.mark.parametrize(
    ("subclass", "urgent", "sign"),
    [
        (LITTER, False, local("09-07 11:00")),  # 2 WH is a quarter of 1 WD
        (HAWKER, False, local("09-07 09:30")),  # a quarter of 2 UH is sooner
        (GAS, True, local("09-07 09:15")),
    ],
)
def test_t14_sign_is_never_more_than_a_quarter_of_handle(
    subclass: str, urgent: object, sign: object
) -> None:
    source = Source.GRID_PATROL
    life = Life(book=with_policy(sources=(source,), auto_dispatch=True)).report(
        source, subclass=subclass, condition=1
    )

    assert life.state() is State.DISPATCHED
    assert life.case.urgent is urgent
    assert clocks_.due_at(life.clock("sign"), life.book.calendars) == sign


def test_t15_voids_the_unit_s_clocks_and_lets_dispatch_go_on() -> None:
    life = at_state(State.FILED)
    life.do(Action.DISPATCH)
    ran = clocks_.used(life.clock("dispatch"), life.at, life.book.calendars)
    life.do(Action.RECALL, at=life.at + 10 * MINUTE)

    assert life.running() == {K.WHOLE: "whole", K.DISPATCH: "dispatch"}
    assert (outcome(life, "sign"), outcome(life, "handle")) == (Outcome.VOID, Outcome.VOID)
    assert clocks_.used(life.clock("dispatch"), life.at, life.book.calendars) == ran
    assert (life.case.unit, life.case.recalls) == ("", 0)
    assert life.case.tasks[0].state is TaskState.WITHDRAWN


def test_t15_counts_as_inaccurate_after_ten_minutes_and_not_once_signed() -> None:
    life = at_state(State.DISPATCHED)
    life.do(Action.RECALL, at=life.at + 10 * MINUTE + timedelta(seconds=1))
    assert life.case.recalls == 1


def test_t15_a_rung_that_the_dispatch_superseded_falls_due_again() -> None:
    life = at_state(State.FILED)
    due = clocks_.due_at(life.clock("dispatch"), life.book.calendars)
    assert due
    life.wait(due + timedelta(minutes=5))
    life.do(Action.DISPATCH, at=due - timedelta(minutes=5))  # written down before, told late
    life.do(Action.RECALL, at=due + timedelta(minutes=10))
    dispatch = life.clock("dispatch")
    assert [(one.percent, one.superseded) for one in dispatch.fired] == [(100, True)]
    events = life.wait(due + timedelta(days=1))

    assert [one.cause_id for one in events if "dispatch" in one.reason] == [
        "clock/dispatch/2/100"
    ]

    assert at_state(State.SIGNED).refused(Action.RECALL).why is Why.ILLEGAL


# T16–T23 sign, start, return -------------------------------------------------------------


def test_t16_and_t18_stop_sign_only() -> None:
    life = at_state(State.DISPATCHED)
    life.do(Action.SIGN)
    assert outcome(life, "sign") is Outcome.DONE
    before = life.case.clocks
    life.do(Action.START)

    assert life.case.clocks == before
    assert (life.case.person, life.case.tasks[0].person) == ("roads.crew", "roads.crew")
    assert life.refused(Action.RETURN).why is Why.ILLEGAL


def test_t18_the_system_starts_for_whoever_was_named_and_is_nobody_itself() -> None:
    for named in ("", "roads.crew"):
        life = at_state(State.SIGNED)
        if named:
            life.do(Action.ASSIGN, person=named)
        life.wait(local("09-07 16:00"))

        assert life.state() is State.HANDLING
        assert (life.case.person, life.case.tasks[0].person) == (named, named)


def test_t19_handle_runs_on_while_the_dispatcher_decides() -> None:
    life = at_state(State.DISPATCHED)
    life.do(Action.RETURN)

    assert life.running() == {K.WHOLE: "whole", K.HANDLE: "handle", K.DECIDE: "decide"}
    assert not life.clock("handle").pauses


def test_t19_within_half_of_handle_counted_from_dispatch() -> None:
    life = at_state(State.DISPATCHED)  # handle: 8 WH from 09:04
    half = local("09-07 15:04")
    assert life.refused(Action.RETURN, at=half + timedelta(seconds=1)).why is Why.TOO_LATE
    life = at_state(State.DISPATCHED)
    life.do(Action.RETURN, at=half)

    assert life.state() is State.RETURNED


def test_t19_within_two_work_days_when_handle_is_long() -> None:
    life = handling(SIGN_BOARD)
    life.case = replace(life.case, state=State.SIGNED)
    dispatched = life.case.tasks[0].dispatched_at
    limit = CALENDAR.after_working(dispatched, 16 * HOUR)
    assert life.refused(Action.RETURN, at=limit + MINUTE).why is Why.TOO_LATE


def test_t19_not_a_rework_and_not_too_often() -> None:
    life = at_state(State.SIGNED)
    life.do(Action.RETURN)
    life.do(Action.REJECT_RETURN)
    assert life.state() is State.SIGNED
    life.do(Action.RETURN)
    life.do(Action.REJECT_RETURN)
    assert life.refused(Action.RETURN).values["per"] == "unit"
    again = replace(life.case.tasks[-1], rounds=2)
    life.case = replace(life.case, round=2, tasks=(again,))
    assert life.refused(Action.RETURN).values["because"] == "rework_no_return"


def test_t19_a_first_receiver_keeps_what_is_of_unclear_ownership() -> None:
    life = at_state(State.SIGNED)
    refused = life.refused(Action.RETURN, reason="return_unclear_right")
    assert refused.values["because"] == "first_receiver"
    life.book = with_policy(life.book, first_receiver=False)

    life.do(Action.RETURN, reason="return_unclear_right")


def test_t22_the_unit_is_out_without_facts() -> None:
    life = at_state(State.DISPATCHED)
    life.do(Action.RETURN)
    life.do(Action.ACCEPT_RETURN)

    assert life.running() == {K.WHOLE: "whole", K.DISPATCH: "dispatch:2"}
    for clock_id in ("handle", "sign"):
        clock = life.clock(clock_id)
        assert clock.outcome is Outcome.RETURNED
        assert clocks_.on_time(clock, life.book.calendars) is None
    assert outcome(life, "decide") is Outcome.DONE
    assert (life.case.unit, life.case.returns[0].accepted) == ("", True)


def test_t23_rejects_with_a_reason_and_handle_goes_on() -> None:
    life = at_state(State.RETURNED)
    assert life.refused(Action.REJECT_RETURN, reason="").why is Why.NEEDS_REASON
    life.do(Action.REJECT_RETURN)

    assert life.running() == {K.WHOLE: "whole", K.HANDLE: "handle"}
    assert life.case.tasks[0].state is TaskState.SIGNED


@pytest.mark.parametrize("action", [Action.ACCEPT_RETURN, Action.REJECT_RETURN])
def test_who_returned_does_not_decide_on_it(action: Action) -> None:
    life = at_state(State.SIGNED)
    life.do(Action.RETURN, BOTH)

    assert life.refused(action, BOTH).why is Why.SEPARATION
    life.do(action)


# T28–T32 feedback and review -------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, None),
        ({"result": Result.CANNOT}, None),
        ({"result": None}, Why.NEEDS_FIELD),
        ({"text": ""}, Why.NEEDS_TEXT),
        ({"photos": ()}, Why.NEEDS_PHOTO),
    ],
)
def test_t28_result_reply_and_photo(changes: dict[str, Any], why: Why | None) -> None:
    life = at_state(State.HANDLING)
    found = life.try_(Action.FEED_BACK, **changes)

    assert (found.why if isinstance(found, Refusal) else None) is why
    if not why:
        assert life.running() == {K.WHOLE: "whole", K.REVIEW: "review"}
        assert outcome(life, "handle") is Outcome.DONE
        assert life.case.handled_by == "roads.crew"


def test_t28_no_photo_where_the_condition_asks_none() -> None:
    life = handling(HAWKER)
    life.do(Action.FEED_BACK, photos=())


def test_t28_sign_and_feed_back_in_one_chain() -> None:
    life = at_state(State.DISPATCHED)
    steps = (
        Step(action=Action.SIGN),
        Step(action=Action.FEED_BACK, result=Result.SOLVED, text="好", photos=("p",)),
    )
    found = life.ask("roads.crew", *steps)

    assert isinstance(found, tuple)
    assert [one.action for one in found] == [Action.SIGN, Action.FEED_BACK]
    assert [one.step for one in found] == [0, 1]


def test_t30_handle_goes_on_without_the_time_of_the_review() -> None:
    life = at_state(State.FED_BACK)
    used = clocks_.used(life.clock("handle"), life.at, life.book.calendars)
    life.do(Action.REJECT_FEEDBACK, at=life.at + HOUR)

    assert life.running() == {K.WHOLE: "whole", K.HANDLE: "handle"}
    assert clocks_.used(life.clock("handle"), life.at, life.book.calendars) == used
    assert (life.case.round, life.case.feedback_rejections) == (1, 1)
    assert life.case.tasks[0].ended_at is None


def test_t31_a_member_who_did_not_handle_it_checks() -> None:
    life = at_state(State.FED_BACK)
    life.case = replace(life.case, handled_by="member1")
    life.do(Action.PASS_REVIEW)

    assert life.case.asked == "member2"
    assert life.running() == {K.WHOLE: "whole", K.CHECK: "check"}


def test_t31_the_handling_unit_s_people_are_never_asked_to_check() -> None:
    life = at_state(State.FED_BACK)
    double = Actor(
        person="member1",
        grants=(Grant(role=Role.GRID_MEMBER), Grant(role=Role.UNIT_HANDLER, unit="roads.west")),
    )
    life.book = replace(life.book, people={**life.book.people, "member1": double})
    assert life.refused(Action.PASS_REVIEW, person="member1").why is Why.SEPARATION
    life.do(Action.PASS_REVIEW)
    assert life.case.asked == "member2"

    life.case = replace(life.case, asked="member1")
    assert life.refused(Action.CHECK_PASS).why is Why.SEPARATION
    assert life.refused(Action.CHECK_FAIL).why is Why.SEPARATION


def test_t31_who_fed_back_does_not_pass_the_review() -> None:
    life = at_state(State.HANDLING)
    life.do(Action.FEED_BACK, BOTH)

    assert life.refused(Action.PASS_REVIEW, BOTH).why is Why.SEPARATION
    life.do(Action.PASS_REVIEW)


def test_t32_other_check_modes_go_straight_to_closing() -> None:
    life = handling(HAWKER)
    life.do(Action.FEED_BACK)
    (event,) = life.do(Action.PASS_REVIEW)

    assert (event.row, life.case.state) == ("T32", State.TO_CLOSE)
    assert set(life.running()) - {K.WHOLE} == {K.CLOSE}


# T33–T37 check, rework, close ------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, None),
        ({"distance": 101.0, "text": "太远"}, Why.OUT_OF_FENCE),
        ({"distance": None}, Why.NOT_NOW),
        ({"distance": None, "text": "信号差"}, Why.NOT_NOW),
        ({"distance": None, "off_map": True}, Why.NO_PLACE),
        ({"distance": None, "off_map": True, "text": "案件无坐标"}, None),
        ({"photos": (), "text": "没拍"}, Why.NEEDS_PHOTO),
    ],
)
def test_t33_a_photo_in_the_fence(changes: dict[str, Any], why: Why | None) -> None:
    life = at_state(State.CHECKING)
    found = life.try_(Action.CHECK_PASS, **changes)

    assert (found.why if isinstance(found, Refusal) else None) is why
    if not why:
        assert life.running() == {K.WHOLE: "whole", K.CLOSE: "close"}


def test_t34_a_rework_adds_no_budget_to_the_judgement() -> None:
    life = at_state(State.CHECKING)
    assert life.refused(Action.CHECK_FAIL, photos=()).why is Why.NEEDS_PHOTO
    assert life.refused(Action.CHECK_FAIL, text="").why is Why.NEEDS_TEXT
    spent = clocks_.used(life.clock("handle"), life.at, life.book.calendars)
    life.do(Action.CHECK_FAIL)
    second = life.clock("handle:2")

    assert life.running() == {K.WHOLE: "whole", K.HANDLE: "handle:2"}
    assert outcome(life, "check") is Outcome.DONE
    assert (second.judged_budget, second.used_before) == (8 * HOUR, spent)
    assert second.budget == 8 * HOUR  # max(left, min(original, 1 WD))
    assert (life.case.round, life.case.unit, life.case.tasks[0].rounds) == (2, "roads", 2)


def test_t34_the_ladder_runs_on_what_is_left_when_that_is_more() -> None:
    life = at_state(State.ACCEPTED)
    life.do(Action.FILE, condition=2)  # 16 WH
    life.do(Action.DISPATCH)
    life.do(Action.SIGN)
    life.do(Action.FEED_BACK)
    life.case = replace(life.case, check_mode=CheckMode.ON_SITE)
    life.do(Action.PASS_REVIEW)
    life.do(Action.CHECK_FAIL)
    spent = life.clock("handle:2").used_before

    assert life.clock("handle:2").budget == 16 * HOUR - spent > 8 * HOUR


def test_t34_rounds_are_bundled_and_late_together() -> None:
    life = at_state(State.HANDLING)
    life.do(Action.FEED_BACK, at=local("09-07 17:00"))  # 5.9 of 8 WH
    life.do(Action.PASS_REVIEW)
    life.do(Action.CHECK_FAIL, at=local("09-07 17:10"))
    life.do(Action.FEED_BACK, at=local("09-08 09:00"))
    calendars = life.book.calendars

    assert clocks_.on_time(life.clock("handle"), calendars) is True
    assert clocks_.used(life.clock("handle:2"), life.at, calendars) < 8 * HOUR
    assert clocks_.on_time(life.clock("handle:2"), calendars) is True
    life.do(Action.PASS_REVIEW)
    life.do(Action.CHECK_FAIL)
    life.do(Action.FEED_BACK, at=local("09-08 11:00"))
    assert clocks_.on_time(life.clock("handle:3"), calendars) is False


def test_t34_the_supervisor_hears_of_the_third_fail() -> None:
    life = at_state(State.CHECKING)
    told = []
    for _ in range(3):
        event = life.do(Action.CHECK_FAIL)[0]
        told.append("role:supervisor" in event.notify)
        life.do(Action.FEED_BACK)
        life.do(Action.PASS_REVIEW)

    assert told == [False, False, True]


def test_t37_ends_the_promise_and_starts_the_follow_up() -> None:
    life = at_state(State.CLOSED)

    assert life.running() == {K.CALL_BACK: "call_back", K.FOLLOW_UP: "follow_up"}
    assert clocks_.on_time(life.clock("whole"), life.book.calendars) is True
    assert life.clock("follow_up").budget == timedelta(days=15)
    assert life.case.settled_as == "closed"


def test_t37_nobody_is_called_who_left_no_contact() -> None:
    life = reported(contact=False).to(State.CLOSED)

    assert life.running() == {K.FOLLOW_UP: "follow_up"}
    assert life.refused(Action.CALL_BACK).values["because"] == "no_contact"


# T39 extension ---------------------------------------------------------------------------


def test_t39_approved_moves_budget_and_promise_from_the_old_due_time() -> None:
    life = at_state(State.HANDLING)
    calendars = life.book.calendars
    before = [clocks_.due_at(life.clock(one), calendars) for one in ("handle", "whole")]
    life.do(Action.REQUEST_EXTENSION, amount=6.0)
    assert life.running()[K.DECIDE] == "decide"
    (event,) = life.do(Action.APPROVE_EXTENSION)
    after = [clocks_.due_at(life.clock(one), calendars) for one in ("handle", "whole")]

    for old, new in zip(before, after, strict=True):
        assert old
        assert new == CALENDAR.after_working(old, 6 * HOUR)
    assert "reporter" in event.notify
    assert (life.case.extensions, life.case.extended) == (1, 6 * HOUR)
    assert K.DECIDE not in life.running()
    assert not life.case.pending


def test_t39_a_refusal_leaves_the_limit() -> None:
    life = at_state(State.HANDLING)
    handle = life.clock("handle")
    life.do(Action.REQUEST_EXTENSION)
    assert life.refused(Action.REFUSE_EXTENSION, reason="").why is Why.NEEDS_REASON
    life.do(Action.REFUSE_EXTENSION)

    assert life.clock("handle") == handle
    assert outcome(life, "decide") is Outcome.DONE
    assert life.refused(Action.APPROVE_EXTENSION).why is Why.NO_REQUEST


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"amount": 8.0}, None),
        ({"amount": 8.1}, Why.TOO_LONG),
        ({"amount": 0.0}, Why.NEEDS_FIELD),
        ({"amount": float("nan")}, Why.NEEDS_FIELD),
        ({"amount": float("inf")}, Why.TOO_LONG),
        ({"reason": ""}, Why.NEEDS_REASON),
    ],
)
def test_t39_at_most_the_original_each(changes: dict[str, Any], why: Why | None) -> None:
    found = at_state(State.HANDLING).try_(Action.REQUEST_EXTENSION, **changes)

    assert (found.why if isinstance(found, Refusal) else None) is why


def test_t39_before_due_in_round_one_and_one_at_a_time() -> None:
    due = local("09-08 09:04")
    life = at_state(State.HANDLING)
    assert life.refused(Action.REQUEST_EXTENSION, at=due + MINUTE).why is Why.TOO_LATE
    life = at_state(State.HANDLING)
    life.do(Action.REQUEST_EXTENSION, at=due)
    assert life.refused(Action.REQUEST_EXTENSION).why is Why.ALREADY

    life = at_state(State.CHECKING)
    life.do(Action.CHECK_FAIL)
    assert life.refused(Action.REQUEST_EXTENSION).values["because"] == "rework_no_extension"


def test_t39_first_by_the_dispatcher_second_by_the_duty_chief_no_third() -> None:
    life = at_state(State.HANDLING)
    life.do(Action.REQUEST_EXTENSION)
    assert life.refused(Action.APPROVE_EXTENSION, "chief").why is Why.FORBIDDEN
    life.do(Action.APPROVE_EXTENSION)
    life.do(Action.REQUEST_EXTENSION)
    assert life.refused(Action.APPROVE_EXTENSION).why is Why.FORBIDDEN
    (event,) = life.do(Action.APPROVE_EXTENSION, TWO_DESKS)
    assert event.role is Role.DUTY_CHIEF

    assert life.refused(Action.REQUEST_EXTENSION).why is Why.TOO_MANY


def test_t39_urgent_goes_to_the_duty_chief() -> None:
    life = handling(GAS)
    life.do(Action.REQUEST_EXTENSION, amount=1.0)
    assert life.refused(Action.APPROVE_EXTENSION).why is Why.FORBIDDEN

    life.do(Action.APPROVE_EXTENSION, "chief")


def test_t39_who_asked_does_not_decide() -> None:
    life = at_state(State.HANDLING)
    life.do(Action.REQUEST_EXTENSION, BOTH)

    assert life.refused(Action.APPROVE_EXTENSION, BOTH).why is Why.SEPARATION
    assert life.refused(Action.REFUSE_EXTENSION, BOTH).why is Why.SEPARATION


def test_t39_the_hotline_is_extended_by_ten_work_days_in_all() -> None:
    life = at_state(State.HANDLING)
    life.case = replace(
        life.case,
        clocks=tuple(
            replace(one, budget=90 * HOUR) if one.clock_id == "handle" else one
            for one in life.case.clocks
        ),
    )
    assert life.try_(Action.REQUEST_EXTENSION, amount=81.0) == Refusal(
        why=Why.TOO_LONG,
        values={
            "action": "request_extension",
            "state": "handling",
            "scope": "total",
            "hours": "80",
            "counted": "work",
        },
    )


def test_t39_a_continuous_limit_is_capped_in_working_time_too() -> None:
    life = handling(SIGN_BOARD, Source.CITIZEN_WEB)
    life.do(Action.REQUEST_EXTENSION, amount=15 * 24.0)  # the holidays count nothing
    life.do(Action.APPROVE_EXTENSION)
    assert life.refused(Action.REQUEST_EXTENSION, amount=15 * 24.0).values["scope"] == "total"

    moved = life.clock("whole").extended
    life.do(Action.REQUEST_HOLD)
    life.wait(life.at + timedelta(days=3))
    assert life.clock("handle").paused
    life.do(Action.REQUEST_EXTENSION, amount=3 * 24.0)
    life.do(Action.REFUSE_HOLD)
    life.do(Action.APPROVE_EXTENSION, "chief")

    assert life.clock("handle").extended == timedelta(days=18)
    assert life.clock("whole").extended > moved


def test_t39_the_promise_moves_though_another_decider_is_late() -> None:
    life = handling(SIGN_BOARD, Source.CITIZEN_WEB)
    life.do(Action.REQUEST_HOLD)
    life.do(Action.REQUEST_EXTENSION, amount=24.0)
    life.wait(local("09-07 14:00"))
    life.do(Action.APPROVE_EXTENSION)

    assert life.clock("handle").paused
    assert life.clock("handle").extended == 24 * HOUR
    assert life.clock("whole").extended == 8 * HOUR


def test_t39_an_extension_over_a_night_may_move_no_working_time() -> None:
    life = Life(at=local("09-07 16:40")).report(Source.CITIZEN_WEB, subclass=HAWKER)
    life.do(Action.ACCEPT, subclass=HAWKER)
    life.do(Action.FILE)
    for action in (Action.DISPATCH, Action.SIGN):
        life.do(action)
    life.do(Action.REQUEST_EXTENSION, amount=2.0)  # due 18:4x, so wholly in the night
    life.do(Action.APPROVE_EXTENSION)

    assert life.clock("handle").extended == 2 * HOUR
    assert life.clock("whole").extended == timedelta(0)


def test_t39_a_promise_in_natural_days_moves_as_far_as_the_limit() -> None:
    whole = BOOK.policies[1].base.follow_up
    life = Life(book=with_policy(auto_close=False, whole=whole)).report(Source.PETITION)
    life.to(State.HANDLING)
    calendars = life.book.calendars
    before = clocks_.due_at(life.clock("handle"), calendars)
    life.do(Action.REQUEST_EXTENSION)
    life.do(Action.APPROVE_EXTENSION)
    after = clocks_.due_at(life.clock("handle"), calendars)

    assert before
    assert after
    assert life.clock("whole").extended == after - before


@pytest.mark.parametrize("action", [Action.RETURN, Action.FEED_BACK])
def test_a_request_lapses_when_the_unit_lets_go(action: Action) -> None:
    life = at_state(State.SIGNED)
    life.do(Action.REQUEST_EXTENSION)
    life.do(action)

    assert not life.case.pending
    assert outcome(life, "decide") is Outcome.VOID


# T44, T52, T54 ---------------------------------------------------------------------------


def test_t44_the_reporter_once_a_day_the_centre_as_often_as_needed() -> None:
    life = at_state(State.HANDLING)
    before = life.case.clocks
    (event,) = life.do(Action.URGE)
    assert event.notify == ("unit:roads",)
    assert life.refused(Action.URGE).values["per"] == "day"
    life.do(Action.URGE, "supervisor")
    life.do(Action.URGE, "supervisor")
    assert life.case.clocks == before

    life.do(Action.URGE, at=local("09-08 00:00"))


def test_t44_whoever_holds_it_is_urged() -> None:
    assert reported().do(Action.URGE)[0].notify == ("role:duty_chief",)
    assert at_state(State.VERIFYING).do(Action.URGE)[0].notify == ("person:member1",)


def test_t52_stops_everything() -> None:
    life = at_state(State.VERIFYING)
    life.do(Action.WITHDRAW)

    assert not life.running()
    assert life.case.settled_as == "withdrawn"
    assert life.refused(Action.URGE).why is Why.FINAL


def test_t54_asked_by_one_decided_by_another() -> None:
    life = at_state(State.HANDLING)
    assert life.refused(Action.VOID).why is Why.NO_REQUEST
    life.do(Action.REQUEST_VOID, BOTH)
    assert life.running()[K.DECIDE] == "decide"
    assert life.refused(Action.VOID, BOTH).why is Why.SEPARATION
    assert life.refused(Action.REQUEST_VOID).why is Why.ALREADY
    assert life.refused(Action.VOID, reason="").why is Why.NEEDS_REASON
    assert life.refused(Action.VOID, "command").why is Why.FORBIDDEN
    life.do(Action.VOID)

    assert not life.running()
    assert life.case.tasks[0].state is TaskState.WITHDRAWN
    assert outcome(life, "handle") is Outcome.VOID


def test_t54_refused_the_case_goes_on() -> None:
    life = at_state(State.HANDLING)
    running = life.running()
    life.do(Action.REQUEST_VOID)
    life.do(Action.REFUSE_VOID)

    assert life.running() == running
    assert not life.case.pending


def test_two_requests_have_a_decider_s_clock_each() -> None:
    life = at_state(State.SIGNED)
    life.do(Action.REQUEST_VOID)
    life.do(Action.RETURN)
    life.do(Action.REJECT_RETURN)

    assert life.running()[K.DECIDE] == "decide"
    assert outcome(life, "decide:2") is Outcome.DONE
    life.do(Action.VOID)
    assert not life.running()


# T58–T61 follow-up -----------------------------------------------------------------------


def test_t58_a_call_stops_the_clock_at_the_first_try() -> None:
    life = at_state(State.CLOSED)
    assert life.refused(Action.CALL_BACK, reached=None).why is Why.NEEDS_FIELD
    assert life.refused(Action.CALL_BACK, solved=None).why is Why.NEEDS_FIELD
    assert life.refused(Action.CALL_BACK, score=6).why is Why.NEEDS_FIELD
    life.do(Action.CALL_BACK, reached=False)
    assert outcome(life, "call_back") is Outcome.DONE
    assert life.refused(Action.CALL_BACK).values["because"] == "called_today"
    life.do(Action.CALL_BACK, at=local("09-08 09:00"))

    assert life.case.ratings[-1].by == "clerk"
    assert life.refused(Action.CALL_BACK, at=local("09-09 09:00")).values["because"] == "rated"


@pytest.mark.parametrize(
    ("at", "allowed"),
    [
        ("09-08 07:59", False),
        ("09-08 08:00", True),
        ("09-08 19:59", True),
        ("09-08 20:00", False),
    ],
)
def test_t58_calls_are_made_by_day(at: str, allowed: object) -> None:
    found = at_state(State.CLOSED).try_(Action.CALL_BACK, at=local(at))

    assert isinstance(found, tuple) is allowed


def test_t58_three_tries_on_three_days() -> None:
    life = at_state(State.CLOSED)
    for day in (8, 9, 10):
        life.do(Action.CALL_BACK, reached=False, at=local(f"09-{day:02} 09:00"))

    assert life.refused(Action.CALL_BACK, at=local("09-11 09:00")).why is Why.TOO_MANY


def test_t58_the_reporter_s_own_last_word_counts() -> None:
    life = at_state(State.CLOSED)
    life.do(Action.RATE, score=1, solved=Solved.NO)
    life.do(Action.RATE, score=4)

    assert [one.score for one in life.case.ratings] == [4]
    assert life.refused(Action.CALL_BACK).values["because"] == "rated"
    assert outcome(life, "call_back") is Outcome.DONE


def test_t59_the_same_unit_with_a_new_promise() -> None:
    life = at_state(State.CLOSED)
    assert life.refused(Action.REOPEN, reason="").why is Why.NEEDS_REASON
    life.do(Action.RATE, solved=Solved.PARTLY, score=2)
    life.do(Action.REOPEN)

    assert life.running() == {K.WHOLE: "whole:2", K.HANDLE: "handle:2"}
    assert (life.case.unit, life.case.round, life.case.reopened) == ("roads", 2, True)
    assert not life.case.ratings
    assert outcome(life, "follow_up") is Outcome.VOID
    life.do(Action.FEED_BACK)
    life.do(Action.PASS_REVIEW)
    life.do(Action.CHECK_PASS)
    life.do(Action.CLOSE)
    life.do(Action.REOPEN)
    assert life.state() is State.CONSULTING


def test_t59_in_the_window_only() -> None:
    end = local("09-22 09:09")
    life = at_state(State.CLOSED)
    assert life.at == end - timedelta(days=15)
    life.do(Action.RATE, solved=Solved.NO)
    assert life.refused(Action.REOPEN, at=end + MINUTE).why is Why.FINAL
    life = at_state(State.CLOSED)
    life.do(Action.RATE, solved=Solved.NO)

    life.do(Action.REOPEN, at=end)


@pytest.mark.parametrize(
    ("who", "said", "reason", "because"),
    [
        ("reporter", Solved.YES, "reopen_not_solved", "said_solved"),
        ("reporter", Solved.NO, "reopen_not_solved", None),
        ("clerk", None, "reopen_not_solved", "not_said_unsolved"),
        ("clerk", Solved.YES, "reopen_not_solved", "not_said_unsolved"),
        ("clerk", Solved.PARTLY, "reopen_not_solved", None),
        ("chief", None, "reopen_not_solved", "no_spot_check"),
        ("chief", Solved.YES, "reopen_spot_check", None),
    ],
)
def test_t59_only_what_is_not_solved(
    who: str, said: Solved | None, reason: str, because: str | None
) -> None:
    life = at_state(State.CLOSED)
    if said:
        life.do(Action.CALL_BACK, solved=said)
    found = life.try_(Action.REOPEN, who, reason=reason)

    assert (found.values["because"] if isinstance(found, Refusal) else None) == because


# A case that lacks what its state should have ---------------------------------------------


def test_without_a_running_limit_nothing_is_returned_or_extended() -> None:
    life = at_state(State.SIGNED)
    life.case = replace(life.case, clocks=())

    for action in (Action.RETURN, Action.REQUEST_EXTENSION):
        assert life.refused(action).values["because"] == "no_limit_runs"


def test_a_condition_that_the_pinned_catalogue_lost_is_named() -> None:
    life = at_state(State.FILED)
    life.case = replace(life.case, condition=9)

    assert life.refused(Action.DISPATCH).values["value"] == f"{LITTER}/9"


def test_a_limit_that_never_stopped_goes_on_as_it_was() -> None:
    life = at_state(State.FED_BACK)
    running = replace(life.clock("handle"), stopped_at=None, outcome=None)
    clocks = tuple(running if one.clock_id == "handle" else one for one in life.case.clocks)
    life.case = replace(life.case, clocks=clocks)
    life.do(Action.REJECT_FEEDBACK)

    assert life.clock("handle") == running


def test_a_held_case_without_a_task_is_an_error_of_ours() -> None:
    life = at_state(State.DISPATCHED)
    life.case = replace(life.case, tasks=())
    with pytest.raises(ValueError, match="has no task"):
        life.do(Action.SIGN)


# Rules over all moves --------------------------------------------------------------------


def test_a_chain_is_all_or_nothing() -> None:
    life = at_state(State.DISPATCHED)
    before = life.case
    found = life.ask("roads.crew", Step(action=Action.SIGN), Step(action=Action.FEED_BACK))

    assert isinstance(found, Refusal)
    assert (found.why, found.step) == (Why.NEEDS_FIELD, 1)
    assert life.case == before


def test_a_command_without_a_step_is_refused() -> None:
    found = reported().ask("acceptor")

    assert isinstance(found, Refusal)
    assert found.why is Why.NEEDS_FIELD


def test_a_stale_command_is_refused_once_state_or_holder_changed() -> None:
    life = at_state(State.SIGNED)
    seen = life.case.version
    life.do(Action.URGE)
    life.do(Action.REQUEST_EXTENSION)
    assert life.case.version == seen
    life.do(Action.START)
    found = life.ask("roads.crew", Step(action=Action.FEED_BACK), seen=seen)

    assert isinstance(found, Refusal)
    assert found.why is Why.STALE
    urged = life.ask(REPORTER, Step(action=Action.URGE), seen=seen, at=local("09-08 09:00"))
    assert isinstance(urged, tuple)


def test_a_patrol_s_clear_report_is_dispatched_by_the_system_at_once() -> None:
    life = Life(book=BOOK).report(Source.GRID_PATROL, condition=1)

    assert [one.action for one in life.events] == [
        Action.REPORT,
        Action.ACCEPT,
        Action.FILE,
        Action.DISPATCH,
    ]
    assert [one.role for one in life.events[1:]] == [Role.SYSTEM] * 3
    assert {one.cause_id for one in life.events} == {"c000001"}


def test_the_system_does_not_undo_what_a_person_did() -> None:
    life = Life(book=BOOK).report(Source.GRID_PATROL, condition=1)
    life.do(Action.RECALL)
    assert life.state() is State.FILED
    life.do(Action.URGE, "supervisor")
    assert life.state() is State.FILED
    life.do(Action.SEND_BACK)

    assert life.state() is State.ACCEPTED


def test_the_system_reviews_once_and_closes() -> None:
    book = with_policy(sources=(Source.DEPARTMENT,), auto_review=True)
    life = handling(HAWKER)
    life.book = book
    events = life.do(Action.FEED_BACK)

    assert [one.action for one in events] == [
        Action.FEED_BACK,
        Action.PASS_REVIEW,
        Action.CLOSE,
    ]


def test_the_system_waits_where_several_conditions_or_owners_are_possible() -> None:
    assert Life(book=BOOK).report(Source.GRID_PATROL).case.state is State.ACCEPTED
    life = Life(book=BOOK).report(Source.GRID_PATROL, subclass=ADVICE)

    assert life.state() is State.FILED


def test_an_event_names_who_did_what_for_which_row() -> None:
    life = at_state(State.FILED)
    command = Command(
        command_id="c",
        at=life.at,
        actor=PEOPLE["dispatcher"],
        steps=(Step(action=Action.DISPATCH),),
    )
    found = life.judge(command, now=life.at)
    assert isinstance(found, tuple)
    event: Event = found[0]

    assert (event.row, event.actor, event.role, event.step) == (
        "T14",
        "dispatcher",
        Role.DISPATCHER,
        0,
    )
    assert (event.cause_id, life.case.grid) == ("c", GRID)
