"""Who may: by role, unit and area; and the centre on behalf of a unit."""

from dataclasses import replace

import pytest

from domain.case import Case
from domain.people import SYSTEM, Actor, Grant
from domain.permission import has_handled, holds, role_for
from domain.table import MOVES, REPORT
from domain.terms import Action, Role, Source, State
from domain.why import Why
from tests.domain.small_world import BOOK, GRID, PEOPLE, Life, at_state, person, with_policy

CASE = Case(case_no="1", seq=5, state=State.DISPATCHED, grid=GRID, unit="roads")
SIGN = MOVES[State.DISPATCHED, Action.SIGN][0]
VOID = MOVES[State.DISPATCHED, Action.VOID][0]


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("roads.head", Role.UNIT_APPROVER),
        ("roads.desk", Role.UNIT_DISPATCHER),
        ("roads.crew", Role.UNIT_HANDLER),
        ("water.head", None),
        ("dispatcher", None),
    ],
)
def test_a_unit_signs_for_itself_and_its_sub_units(name: str, role: Role | None) -> None:
    assert role_for(SIGN, PEOPLE[name], CASE, BOOK) is role


def test_a_role_of_the_centre_reaches_as_far_as_its_area() -> None:
    assert role_for(VOID, PEOPLE["chief"], CASE, BOOK) is Role.DUTY_CHIEF
    assert role_for(VOID, PEOPLE["far.chief"], CASE, BOOK) is None
    assert role_for(VOID, PEOPLE["far.chief"], replace(CASE, grid=""), BOOK) is Role.DUTY_CHIEF
    assert holds(PEOPLE["chief"], Role.DUTY_CHIEF, CASE)
    assert not holds(PEOPLE["far.chief"], Role.DUTY_CHIEF, CASE)
    assert not holds(PEOPLE["chief"], Role.DISPATCHER, CASE)


def test_a_report_comes_through_any_channel() -> None:
    assert role_for(REPORT, PEOPLE["acceptor"], CASE, BOOK) is Role.ACCEPTOR
    assert role_for(REPORT, Actor(person="nobody"), CASE, BOOK) is Role.REPORTER


def test_the_system_may_only_automatic_rows() -> None:
    assert role_for(SIGN, SYSTEM, CASE, BOOK) is None
    archive = MOVES[State.CLOSED, Action.ARCHIVE][0]
    assert role_for(archive, SYSTEM, CASE, BOOK) is Role.SYSTEM


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("dispatcher", Role.DISPATCHER),
        ("acceptor", Role.ACCEPTOR),
        ("chief", Role.DUTY_CHIEF),
        ("far.chief", None),
        ("supervisor", None),
        ("water.head", None),
    ],
)
def test_the_centre_signs_for_a_unit_that_telephoned(name: str, role: Role | None) -> None:
    caller = replace(PEOPLE[name], on_behalf_of="roads")

    assert role_for(SIGN, caller, CASE, BOOK) is role


def test_on_behalf_is_for_the_unit_that_holds_the_case() -> None:
    sub_unit = replace(PEOPLE["dispatcher"], on_behalf_of="roads.west")
    other = replace(PEOPLE["dispatcher"], on_behalf_of="water")

    assert role_for(SIGN, sub_unit, CASE, BOOK) is Role.DISPATCHER
    assert role_for(SIGN, other, CASE, BOOK) is None


@pytest.mark.parametrize(
    "action", [Action.RETURN, Action.REQUEST_EXTENSION, Action.REQUEST_VOID]
)
def test_returns_and_requests_are_never_entered_on_behalf(action: Action) -> None:
    life = at_state(State.SIGNED)
    for name in ("dispatcher", "acceptor", "chief"):
        caller = replace(PEOPLE[name], on_behalf_of="roads")

        assert life.refused(action, caller).why is Why.FORBIDDEN


def test_an_entry_on_behalf_needs_a_text_and_is_marked() -> None:
    life = at_state(State.DISPATCHED)
    caller = replace(PEOPLE["dispatcher"], on_behalf_of="roads")
    assert life.refused(Action.SIGN, caller).why is Why.NEEDS_TEXT
    (event,) = life.do(Action.SIGN, caller, text="道路处电话签收")

    assert (event.actor, event.role, event.on_behalf_of) == (
        "dispatcher",
        Role.DISPATCHER,
        "roads",
    )


def test_on_behalf_the_handler_is_who_was_named_not_the_clerk() -> None:
    life = at_state(State.SIGNED)
    caller = replace(PEOPLE["dispatcher"], on_behalf_of="roads")
    stranger = life.refused(Action.START, caller, text="电话", person="water.crew")
    assert stranger.why is Why.UNKNOWN_CODE
    life.do(Action.START, caller, text="电话", person="roads.crew")
    assert life.case.person == "roads.crew"
    life.do(Action.FEED_BACK, caller)

    assert (life.case.handled_by, life.case.entered_by) == ("roads.crew", "dispatcher")
    assert life.refused(Action.PASS_REVIEW).why is Why.SEPARATION


def test_who_handled_is_the_handler_or_anyone_of_the_unit() -> None:
    case = replace(CASE, handled_by="someone")
    helper = person("member1", Role.GRID_MEMBER)

    assert has_handled(Actor(person="someone"), case, BOOK)
    assert has_handled(PEOPLE["roads.crew"], case, BOOK)
    assert not has_handled(PEOPLE["water.head"], case, BOOK)
    assert not has_handled(helper, case, BOOK)
    assert not has_handled(PEOPLE["water.head"], replace(case, unit=""), BOOK)
    both = Actor(
        person="m", grants=(*helper.grants, Grant(role=Role.UNIT_HANDLER, unit="roads"))
    )
    assert has_handled(both, case, BOOK)


def test_t28_policy_says_who_of_the_unit_feeds_back() -> None:
    life = at_state(State.HANDLING)
    assert life.refused(Action.FEED_BACK, "roads.desk").why is Why.FORBIDDEN
    life.book = with_policy(life.book, feed_back_by=(Role.UNIT_DISPATCHER,))
    found = life.refused(Action.FEED_BACK)
    assert (found.why, found.values["who"]) == (Why.FORBIDDEN, "unit_dispatcher")
    (event,) = life.do(Action.FEED_BACK, "roads.desk")

    assert event.role is Role.UNIT_DISPATCHER


def test_the_member_who_reported_it_may_check_unless_policy_says_no() -> None:
    for may in (True, False):
        book = with_policy(auto_close=False, reporting_member_may_check=may)
        life = Life(book=book).report(Source.GRID_PATROL, condition=1)
        assert life.case.reported_by == "member1"
        for action in (Action.SIGN, Action.FEED_BACK):
            life.do(action)
        if not may:
            found = life.refused(Action.PASS_REVIEW, person="member1")
            assert (found.why, found.values["first"]) == (Why.SEPARATION, "reported")
        life.do(Action.PASS_REVIEW)
        assert life.case.asked == ("member1" if may else "member2")


def test_a_citizen_is_not_kept_as_who_reported() -> None:
    assert at_state(State.REPORTED).case.reported_by == ""
