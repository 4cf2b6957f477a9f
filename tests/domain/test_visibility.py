"""What the reporter reads of his case's events, and what he is told."""

from dataclasses import replace

from domain.terms import Action, Decision, State
from domain.visibility import may_reporter_read
from domain.why import Why
from tests.domain.small_world import Life, at_state, reported, with_policy


def reads(life: Life) -> bool:
    event = next(one for one in reversed(life.events) if one.actor != "system")
    return may_reporter_read(event.action, event.actor, event.notify)


def test_t8_the_text_of_an_acceptance_only_where_it_is_in_writing() -> None:
    for in_writing in (True, False):
        life = Life(book=with_policy(in_writing=in_writing)).report()
        life.do(Action.SEND_VERIFY)
        life.do(Action.VERIFY_NOT_FOUND)
        life.do(Action.ACCEPT, text="决定受理", urgent=True)
        assert reads(life) is in_writing


def test_t57_why_it_was_closed_but_not_who_gets_it() -> None:
    life = at_state(State.CONSULTING)
    life.do(Action.DECIDE, decision=Decision.EXPLAIN)
    assert reads(life)
    life = at_state(State.CONSULTING)
    life.do(Action.DECIDE)

    assert not reads(life)


def test_t55_why_it_was_closed_by_force() -> None:
    life = at_state(State.HANDLING)
    life.do(Action.REQUEST_FORCE_CLOSE)
    assert not reads(life)
    life.do(Action.FORCE_CLOSE)

    assert reads(life)


def test_t54_the_reporter_is_told_that_it_was_voided_not_the_remark() -> None:
    life = at_state(State.HANDLING)
    life.do(Action.REQUEST_VOID)
    (event,) = life.do(Action.VOID)

    assert set(event.notify) == {"unit:roads", "reporter"}
    assert not reads(life)


def test_t52_a_withdrawal_keeps_its_reason() -> None:
    life = reported()
    codes = {**life.book.reasons, Action.WITHDRAW.value: frozenset({"withdraw_solved"})}
    life.book = replace(life.book, reasons=codes)
    assert life.refused(Action.WITHDRAW, reason="none_such").why is Why.UNKNOWN_CODE
    (event,) = life.do(Action.WITHDRAW, reason="withdraw_solved")

    assert event.reason == "withdraw_solved"
