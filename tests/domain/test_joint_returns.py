"""Returns inside a joint case: counted in the case, whichever task; who is out stays out."""

from typing import Any

from domain.plan import PlannedTask
from domain.refusal import Refusal
from domain.terms import Action, State
from tests.domain.joint_world import Joint, joint, joint_book, plan
from tests.domain.small_world import Life

RETURN: dict[str, Any] = {"reason": "return_wrong_duty", "text": "不是我单位职责"}
REJECT: dict[str, Any] = {"reason": "reject_duty_clear", "text": "职责清楚"}


def handed_back(found: Joint, task: int, *, accepted: bool) -> None:
    """The unit returns its task, and the dispatcher decides."""
    found.do(f"{found.tasks[task].case.unit}.head", Action.RETURN, task, **RETURN)
    if accepted:
        found.do("dispatcher", Action.ACCEPT_RETURN, task)
    else:
        found.do("dispatcher", Action.REJECT_RETURN, task, **REJECT)


def refused(answer: Refusal | None) -> Refusal:
    assert answer is not None
    return answer


# The case's third --------------------------------------------------------------------------


def test_the_case_s_third_return_is_ruled_on_whichever_task_it_is_of() -> None:
    found = joint("roads", "water", "police", "parks")
    handed_back(found, 2, accepted=False)
    handed_back(found, 3, accepted=True)
    assert [one.unit for one in found.tasks[4].case.returns] == ["water", "police"]
    found.do("parks.head", Action.RETURN, 4, **RETURN)

    assert found.state(4) is State.ARBITRATING
    assert [one.task_no for one in found.case.counted_returns] == [2, 3]


def test_a_task_that_begins_later_knows_the_returns_before_it() -> None:
    waits = PlannedTask(task_no=3, unit="police", after=(1,))
    lead = PlannedTask(task_no=1, unit="roads", lead=True)
    found = joint(lead, PlannedTask(task_no=2, unit="water"), waits)
    handed_back(found, 2, accepted=False)
    handed_back(found, 2, accepted=False)
    found.done(1)
    found.do("police.head", Action.RETURN, 3, **RETURN)

    assert found.state(3) is State.ARBITRATING


def test_a_task_is_not_told_of_its_own_return() -> None:
    found = joint("roads", "water")
    handed_back(found, 2, accepted=False)

    actions = [one.action for one in found.tasks[2].events]
    assert actions == [Action.BEGIN_TASK, Action.RETURN, Action.REJECT_RETURN]
    assert found.tasks[1].events[-1].action is Action.CHANGE_TASK


def test_what_a_task_knows_of_others_is_not_its_own_to_withdraw_or_object_to() -> None:
    found = joint("roads", "water", "police", "parks")
    handed_back(found, 3, accepted=False)
    found.do("water.head", Action.RETURN, 2, **RETURN)
    handed_back(found, 4, accepted=True)
    found.do("water.desk", Action.WITHDRAW_RETURN, 2)
    assert [one.unit for one in found.tasks[2].case.returns] == ["police", "parks"]

    found.do("police.head", Action.OBJECT, 3, reason="object_duty", text="仍不是")
    assert found.state(3) is State.ARBITRATING


def test_returns_before_the_case_became_joint_count_in_it() -> None:
    found = Joint(Life(book=joint_book()).report().to(State.FILED))
    for unit in ("roads", "water"):
        found.do("dispatcher", Action.DISPATCH, unit=unit, text="派遣")
        found.do(f"{unit}.head", Action.RETURN, **RETURN)
        found.do("dispatcher", Action.ACCEPT_RETURN)
    found.do("dispatcher", Action.DISPATCH, unit="police", text="派遣")
    found.do("police.desk", Action.SIGN)
    helped = plan(
        PlannedTask(task_no=3, unit="police"), PlannedTask(task_no=4, unit="parks", lead=True)
    )
    found.do("dispatcher", Action.PLAN, plan=helped)
    found.do("police.head", Action.RETURN, 3, **RETURN)

    assert found.state(3) is State.ARBITRATING
    assert len(found.tasks[4].case.counted_returns) == 2
