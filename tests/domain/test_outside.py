"""What a unit's own system is told of, and what not."""

from domain.case import fold
from domain.outside import Tells, external, messages
from domain.terms import Action, State
from tests.domain.joint_world import joint
from tests.domain.small_world import Life, at_state

MINE = {"roads": "roads-oa"}


def told(life: Life, since: int = 0) -> list[Tells]:
    """What the roads office's system hears of a life's events after `since`."""
    before = fold(life.case.case_no, life.events[:since])
    return [one.tells for one in messages(before, life.events[since:], MINE)]


def test_it_is_told_once_when_its_unit_gets_the_case_and_when_it_loses_it() -> None:
    life = at_state(State.DISPATCHED)
    life.do(Action.RECALL)

    assert told(life) == [Tells.ASSIGNED, Tells.WITHDRAWN]


def test_what_it_did_itself_is_no_news_to_it() -> None:
    system = external("roads-oa", "roads")
    life = at_state(State.DISPATCHED)
    since = len(life.events)
    life.do(Action.SIGN, system)
    life.do(Action.START, system)
    life.do(Action.COMMENT, system)
    life.do(Action.FEED_BACK, system)

    assert told(life, since) == []


def test_a_rework_an_urge_and_a_note_are_told() -> None:
    life = at_state(State.CHECKING)
    since = len(life.events)
    life.do(Action.CHECK_FAIL)
    life.do(Action.URGE, "supervisor")
    life.do(Action.COMMENT, "dispatcher")

    assert told(life, since) == [Tells.REWORK, Tells.URGED, Tells.NOTE]


def test_a_unit_without_a_system_is_told_nothing() -> None:
    assert messages(Life().case, at_state(State.HANDLING).events, {"water": "w"}) == ()


def test_a_joint_case_s_work_is_its_task_s() -> None:
    found = joint("water", "roads")

    assert messages(Life().case, found.life.events, MINE) == ()
    assert told(found.tasks[2]) == [Tells.ASSIGNED]
