"""T49: followers make a hot spot, unless the dispatcher said what it is."""

import pytest

from domain.terms import Action, State
from domain.why import Because
from tests.domain.small_world import at_state


def numbers(count: int) -> list[str]:
    return [f"99010620260907{n:05}" for n in range(2, 2 + count)]


def test_so_many_followers_make_a_hot_spot_and_fewer_unmake_it() -> None:
    life = at_state(State.HANDLING)
    for number in numbers(3):
        life.do(Action.TAKE_IN, other=number)
    assert not life.case.hot_spot
    made = life.do(Action.TAKE_IN, other=numbers(4)[-1])

    assert life.case.hot_spot
    assert made[-1].notify == ("role:dispatcher", "unit:roads")
    life.do(Action.LET_GO, other=numbers(1)[0])
    assert not life.case.hot_spot


def test_the_dispatcher_s_word_stands_whatever_the_number() -> None:
    life = at_state(State.HANDLING)
    life.do(Action.MARK_HOT_SPOT)
    life.do(Action.TAKE_IN, other=numbers(1)[0])
    life.do(Action.LET_GO, other=numbers(1)[0])
    assert life.case.hot_spot
    life.do(Action.UNMARK_HOT_SPOT)
    for number in numbers(5):
        life.do(Action.TAKE_IN, other=number)

    assert not life.case.hot_spot
    assert life.refused(Action.UNMARK_HOT_SPOT).values["because"] == Because.NOT_HOT


@pytest.mark.parametrize(
    ("suffix", "because"), [(".t1", Because.OWN_TASK), ("", Because.OWN_MAIN)]
)
def test_a_case_follows_neither_itself_nor_its_task(suffix: str, because: Because) -> None:
    life = at_state(State.SIGNED)
    refusal = life.refused(Action.MERGE, other=life.case.case_no + suffix)

    assert refusal.values["because"] == because


def test_another_case_s_task_is_no_main_case() -> None:
    refusal = at_state(State.SIGNED).refused(Action.MERGE, other=f"{numbers(9)[-1]}.t2")

    assert refusal.values["because"] == Because.MAIN_IS_TASK
