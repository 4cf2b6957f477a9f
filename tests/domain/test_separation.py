"""Separation of duties (§2.4): who asked, handled, entered or refused decides nothing on it."""

from dataclasses import replace

import pytest

from domain.people import Actor, Grant
from domain.terms import Action, Decision, Role, Source, State
from domain.why import Why
from tests.domain.small_world import Life, at_state, person, reported, with_policy

CENTRE = (Role.ACCEPTOR, Role.DISPATCHER, Role.DUTY_CHIEF, Role.COMMAND_CHIEF)
ALL_DESKS = tuple(Grant(role=one) for one in CENTRE)
INSIDER = Actor(
    person="insider", grants=(*ALL_DESKS, Grant(role=Role.UNIT_APPROVER, unit="roads"))
)
"""Of the unit, and of every desk of the centre too."""
CLERK = replace(Actor(person="clerk.entry", grants=ALL_DESKS), on_behalf_of="roads")
"""Of every desk; enters what a unit says on the telephone."""


def separated(life: Life, action: Action, who: str | Actor, *, reason: str = "") -> bool:
    changes = {"reason": reason} if reason else {}
    return life.refused(action, who, **changes).why is Why.SEPARATION  # type: ignore[arg-type]


# Returns, rulings, consultations --------------------------------------------------------------


@pytest.mark.parametrize(
    "action",
    [
        Action.ACCEPT_RETURN,
        Action.REJECT_RETURN,
        Action.SEND_BACK,
        Action.TRANSFER_OUT,
        Action.MERGE,
    ],
)
def test_a_return_is_decided_neither_by_who_made_it_nor_by_his_unit(action: Action) -> None:
    life = at_state(State.SIGNED)
    life.do(Action.RETURN, INSIDER)
    assert separated(life, action, INSIDER)
    life = at_state(State.RETURNED)
    assert separated(life, action, INSIDER)

    life.do(action)


def test_t27_nor_a_ruling() -> None:
    life = at_state(State.ARBITRATING)
    assert separated(life, Action.RULE, INSIDER)

    life.do(Action.RULE)


def test_t57_nor_a_consultation_that_took_the_ruling_s_place() -> None:
    life = at_state(State.SIGNED)
    life.do(Action.RETURN)
    desks = Actor(person="desks", grants=ALL_DESKS)
    life.do(Action.SUBMIT, desks)
    life.do(Action.CONSULT)
    assert life.case.pending[0].ruling_for == "desks"
    assert separated(life, Action.DECIDE, desks)
    assert separated(life, Action.DECIDE, INSIDER)

    life.do(Action.DECIDE)
    assert life.case.returns[-1].accepted


def test_t57_who_called_the_meeting_may_decide() -> None:
    life = at_state(State.ARBITRATING)
    life.do(Action.CONSULT, "command")
    life.do(Action.DECIDE)

    assert life.state() is State.DISPATCHED


def test_t57_a_consultation_after_an_objection_grants_the_return() -> None:
    life = at_state(State.CONSULTING)
    life.do(Action.DECIDE)

    assert [(one.unit, one.accepted) for one in life.case.returns] == [("roads", True)]
    assert life.clock("handle").outcome == "returned"


# Reviews of a refusal -------------------------------------------------------------------------


def reviewed(*, two: bool = False) -> Life:
    """A refusal under review; of two persons, `acceptor` asked and `acceptor2` agreed."""
    life = reported()
    if two:
        life.do(Action.REQUEST_REFUSAL)
    second = person("acceptor2", Role.ACCEPTOR)
    reason = "refuse_unreasonable" if two else "refuse_outside_area"
    life.do(Action.REFUSE, second if two else "acceptor", reason=reason)
    life.do(Action.ASK_REVIEW)
    return life


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        (Action.ACCEPT, ""),
        (Action.REFUSE, ""),
        (Action.REQUEST_REFUSAL, ""),
        (Action.ANSWER, ""),
        (Action.MERGE, ""),
        (Action.TRANSFER_OUT, "transfer_emergency"),
    ],
)
def test_t62_who_refused_decides_a_review_in_no_way(action: Action, reason: str) -> None:
    for two in (False, True):
        assert separated(reviewed(two=two), action, "acceptor", reason=reason)
    second = person("acceptor2", Role.ACCEPTOR)
    assert separated(reviewed(two=True), action, second, reason=reason)


def test_t62_nor_as_the_second_of_two() -> None:
    life = reviewed()
    life.do(Action.REQUEST_REFUSAL, person("acceptor3", Role.ACCEPTOR))
    assert separated(life, Action.DECLINE_REFUSAL, "acceptor")

    life.do(Action.REFUSE, person("acceptor4", Role.ACCEPTOR), reason="refuse_unreasonable")
    assert life.case.refusers == ("acceptor", "acceptor3", "acceptor4")


def test_t62_he_may_have_it_looked_at_and_others_decide() -> None:
    life = reviewed(two=True)
    life.do(Action.SEND_VERIFY)
    life.do(Action.VERIFY_FOUND)
    life.do(Action.FILE)
    life.do(Action.TRANSFER_OUT)

    assert life.state() is State.TRANSFERRED


# The result -----------------------------------------------------------------------------------


def test_t28_who_entered_a_feedback_for_the_unit_neither_reviews_nor_closes_it() -> None:
    desks = replace(CLERK, on_behalf_of="")
    life = at_state(State.HANDLING)
    life.do(Action.FEED_BACK, CLERK)
    assert life.case.entered_by == "clerk.entry"
    assert separated(life, Action.PASS_REVIEW, desks)
    assert separated(life, Action.REJECT_FEEDBACK, desks)
    life.do(Action.PASS_REVIEW)
    assert separated(life, Action.DECIDE_ON_FILE, desks)
    life.do(Action.CHECK_PASS)
    assert separated(life, Action.CLOSE, desks)
    assert separated(life, Action.REJECT_CLOSE, desks)

    life.do(Action.CLOSE)


def test_t28_a_later_feedback_is_its_own() -> None:
    life = at_state(State.HANDLING)
    life.do(Action.FEED_BACK, CLERK)
    life.do(Action.REJECT_FEEDBACK)
    life.do(Action.FEED_BACK)
    assert life.case.entered_by == ""

    life.do(Action.PASS_REVIEW, replace(CLERK, on_behalf_of=""))


@pytest.mark.parametrize("action", [Action.PASS_REVIEW, Action.REJECT_FEEDBACK])
def test_t31_nobody_of_the_unit_reviews(action: Action) -> None:
    assert separated(at_state(State.FED_BACK), action, "both")


@pytest.mark.parametrize("action", [Action.CLOSE, Action.REJECT_CLOSE])
def test_t37_nor_closes(action: Action) -> None:
    assert separated(at_state(State.TO_CLOSE), action, "both")


@pytest.mark.parametrize("action", [Action.APPROVE_EXTENSION, Action.REFUSE_EXTENSION])
def test_t39_nor_decides_what_the_unit_asked_for(action: Action) -> None:
    life = at_state(State.HANDLING)
    life.do(Action.REQUEST_EXTENSION)
    assert separated(life, action, "both")

    life.do(action)


@pytest.mark.parametrize("action", [Action.APPROVE_HOLD, Action.REFUSE_HOLD])
def test_t41_nor_a_hold(action: Action) -> None:
    life = at_state(State.HANDLING)
    life.do(Action.REQUEST_HOLD)

    assert separated(life, action, "both")


# What a ruling binds --------------------------------------------------------------------------


def ruled() -> Life:
    life = at_state(State.ARBITRATING)
    life.do(Action.RULE)
    return life


def test_t15_what_was_ruled_only_the_command_chief_takes_back() -> None:
    life = ruled()
    for who in ("dispatcher", "chief"):
        found = life.refused(Action.RECALL, who)
        assert found.values["because"] == "ruled"
        assert "command chief" in found.text("en")
        assert "指挥长" in found.text("zh")
    (event,) = life.do(Action.RECALL, "command")

    assert event.role is Role.COMMAND_CHIEF
    assert (life.case.unit, life.case.binding) == ("", False)


def test_t15_an_ordinary_dispatch_is_not_his() -> None:
    assert at_state(State.DISPATCHED).refused(Action.RECALL, "command").why is Why.FORBIDDEN


def test_t14_nor_does_it_go_back_to_the_unit_that_was_right() -> None:
    life = ruled()
    life.do(Action.RECALL, "command")

    assert life.refused(Action.DISPATCH).why is Why.RETURNED_BEFORE
    assert life.refused(Action.DISPATCH, unit="roads.west").why is Why.RETURNED_BEFORE


def test_t27_a_ruling_does_not_outlive_the_unit_s_turn() -> None:
    life = ruled()
    life.do(Action.SIGN, "water.crew")
    life.do(Action.SUBSTITUTE, unit="parks")
    assert not life.case.binding
    life = ruled()
    life.do(Action.MERGE)

    assert not life.case.binding


def test_t27_it_binds_through_a_rework_and_a_reopening() -> None:
    life = ruled()
    life.do(Action.SIGN, "water.crew")
    life.do(Action.FEED_BACK, "water.crew")
    for action in (Action.PASS_REVIEW, Action.CHECK_PASS, Action.CLOSE, Action.REOPEN):
        life.do(action)

    assert (life.state(), life.case.binding) == (State.HANDLING, True)


# What belongs to a closing, what to a unit's turn ---------------------------------------------


def test_t19_a_unit_that_stands_in_after_a_rework_may_return_it() -> None:
    life = at_state(State.CHECKING)
    life.do(Action.CHECK_FAIL)
    life.do(Action.SUBSTITUTE)
    life.do(Action.RETURN, "water.head")

    assert life.state() is State.RETURNED


def test_t59_explained_and_forced_are_of_one_closing() -> None:
    life = at_state(State.HANDLING)
    life.do(Action.REQUEST_FORCE_CLOSE)
    life.do(Action.FORCE_CLOSE)
    assert life.case.forced
    life.do(Action.REOPEN)
    assert not life.case.forced
    life = Life(book=with_policy(auto_close=False)).report(Source.UPSTREAM_12345)
    life.to(State.CONSULTING)
    life.do(Action.DECIDE, decision=Decision.EXPLAIN)
    assert life.case.explained
    life.do(Action.REJECT_REPLY)

    assert not life.case.explained
