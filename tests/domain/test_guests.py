"""Outside hands: who acts by a link does the work, and nothing else."""

from domain.guests import GUEST_ACTIONS, guest, is_guest, is_over, turn_of
from domain.terms import SETTLED, TASK_ENDS, Action, State
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


def test_work_is_over_once_it_cannot_come_back_to_its_unit() -> None:
    mine = {State.FED_BACK, State.CHECKING, State.TO_CLOSE, State.HANDLING, State.ON_HOLD}

    assert not any(is_over(one) for one in mine)
    assert all(is_over(one) for one in SETTLED | TASK_ENDS | {State.FILED, State.VOIDED})
    assert not is_over(State.TASK_DONE, State.CHECKING)
    assert is_over(State.TASK_DONE, State.CLOSED)
    assert is_over(State.TASK_RETURNED, State.HANDLING)


def test_a_rework_is_the_same_turn_and_a_new_dispatch_another() -> None:
    life = at_state(State.CHECKING)
    life.do(Action.CHECK_FAIL)
    assert turn_of(life.case) == 1

    life = at_state(State.DISPATCHED)
    life.do(Action.RECALL)
    life.do(Action.DISPATCH)
    assert turn_of(life.case) == 2
    assert turn_of(reported().case) == 0
