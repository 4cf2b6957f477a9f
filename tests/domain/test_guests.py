"""Outside hands: who acts by a link does the work, and nothing else."""

from domain.guests import GUEST_ACTIONS, guest, is_guest
from domain.terms import Action, State
from domain.why import Because, Why
from tests.domain.small_world import Life, at_state, reported, with_policy

HANDS = guest("5f0c", "roads")


def test_a_guest_signs_starts_and_says_done_and_the_unit_feeds_back() -> None:
    life = at_state(State.DISPATCHED)
    life.do(Action.SIGN, HANDS)
    life.do(Action.START, HANDS)
    event = life.do(Action.SAY_DONE, HANDS)[-1]
    early = life.refused(Action.FEED_BACK, HANDS)
    life.do(Action.FEED_BACK, "roads.crew")

    assert event.notify == ("unit:roads",)
    assert is_guest(event.actor)
    assert early.values["because"] == Because.GUEST_SAYS_DONE
    assert life.state() is State.FED_BACK


def test_a_guest_feeds_back_where_policy_lets_him_and_no_colleague_checks_that() -> None:
    book = with_policy(guest_feeds_back=True, auto_close=False)
    life = Life(book=book).report().to(State.SIGNED)
    life.do(Action.FEED_BACK, HANDS)

    assert life.case.handled_by == HANDS.person
    assert life.refused(Action.PASS_REVIEW, "both").values["first"] == "handled"


def test_a_guest_of_another_unit_is_nobody() -> None:
    life = at_state(State.DISPATCHED)
    for action in GUEST_ACTIONS[:2]:
        life.refused(action, guest("5f0c", "water"))
    assert reported().refused(Action.SIGN, HANDS).why is Why.ILLEGAL
