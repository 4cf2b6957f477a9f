"""A unit has one open task of a joint case (§5): offers and plans, in either order."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.command import Command, Step
from domain.facts import Task
from domain.joint import is_open, shares
from domain.people import SYSTEM
from domain.plan import PlannedTask
from domain.refusal import Refusal
from domain.terms import TASK_ENDS, Action, Decision, State, TaskState
from domain.why import Because, Why
from tests.domain.joint_world import Joint, joint, joint_book, plan
from tests.domain.small_world import Life, with_policy

LEAD = PlannedTask(task_no=1, unit="water", lead=True)
POLICE = PlannedTask(task_no=2, unit="police")
WITH_PARKS = Step(
    action=Action.PLAN, plan=plan(LEAD, POLICE, PlannedTask(task_no=3, unit="parks"))
)


def offer(unit: str) -> Step:
    """The police offers its task to another unit."""
    return Step(
        action=Action.OFFER_HANDOVER, unit=unit, reason="handover_duty", text="属其职责"
    )


def because(refusal: Refusal | None) -> str:
    """Why it is refused."""
    assert refusal is not None
    return refusal.values["because"]


def units(found: Joint) -> list[str]:
    """Units that have an open task, once for each."""
    return [one.unit for one in shares(found.case.tasks) if is_open(one)]


def actions(found: Joint, task_no: int) -> list[Action]:
    """What a task's own timeline says."""
    return [one.action for one in found.tasks[task_no].events]


@pytest.mark.parametrize("after", [(), (1,)])
def test_a_unit_of_the_plan_is_offered_no_second_task(after: tuple[int, ...]) -> None:
    found = joint(LEAD, POLICE, PlannedTask(task_no=3, unit="parks", after=after))
    refusal = found.ask("police.head", offer("parks"), task=2)

    assert because(refusal) == Because.UNIT_HAS_TASK
    assert refusal is not None
    text = refusal.text("zh", {"parks": "园林绿化"})
    assert "园林绿化在本案联办中已有未结任务" in text
    assert found.state(2) is State.DISPATCHED
    assert found.tasks[2].case.handovers == 0


def test_two_tasks_are_not_offered_to_one_unit() -> None:
    found = joint("water", "police", "roads")
    assert found.ask("police.head", offer("parks"), task=2) is None
    assert because(found.ask("roads.head", offer("parks"), task=3)) == Because.UNIT_IS_OFFERED
    found.do("parks.desk", Action.DECLINE_HANDOVER, 2, text="非我职责")

    assert found.ask("roads.head", offer("parks"), task=3) is None
    found.do("parks.desk", Action.TAKE_HANDOVER, 3)
    assert units(found) == ["water", "police", "parks"]


def test_a_unit_that_has_done_its_share_can_take_over_another_and_is_planned_with_both() -> (
    None
):
    found = joint("water", "police", "parks")
    found.done(3)
    assert found.ask("police.head", offer("parks"), task=2) is None
    found.do("parks.desk", Action.TAKE_HANDOVER, 2)
    both = (PlannedTask(task_no=2, unit="parks"), PlannedTask(task_no=3, unit="parks"))
    found.do("dispatcher", Action.PLAN, plan=plan(LEAD, *both))

    assert [one.state for one in found.case.tasks] == [
        TaskState.DISPATCHED,
        TaskState.SIGNED,
        TaskState.DONE,
    ]
    assert units(found) == ["water", "parks"]


def test_a_plan_that_brings_the_unit_in_stops_the_offer_on_record() -> None:
    found = joint("water", "police")
    found.sign(2)
    assert found.ask("police.head", offer("parks"), task=2) is None
    assert found.case.tasks[1].offered_to == "parks"
    assert found.ask("dispatcher", WITH_PARKS) is None
    stopped = found.tasks[2].events[-1]

    assert (stopped.action, stopped.row, stopped.actor) == (
        Action.STOP_HANDOVER,
        "K14",
        SYSTEM.person,
    )
    assert stopped.notify == ("unit:police", "unit:parks")
    assert found.state(2) is State.SIGNED
    assert found.case.tasks[1].offered_to == ""
    assert units(found) == ["water", "police", "parks"]


def test_a_plan_that_leaves_the_unit_out_lets_the_offer_wait() -> None:
    found = joint("water", "police")
    assert found.ask("police.head", offer("parks"), task=2) is None
    roads = PlannedTask(task_no=3, unit="roads")
    found.do("dispatcher", Action.PLAN, plan=plan(LEAD, POLICE, roads))

    assert found.state(2) is State.HANDOVER_OFFERED
    found.do("parks.desk", Action.TAKE_HANDOVER, 2)
    assert units(found) == ["water", "parks", "roads"]


def test_a_plan_without_the_task_withdraws_it_and_stops_nothing() -> None:
    found = joint("water", "police")
    assert found.ask("police.head", offer("parks"), task=2) is None
    parks = PlannedTask(task_no=3, unit="parks")
    found.do("dispatcher", Action.PLAN, plan=plan(LEAD, parks))

    assert found.state(2) is State.TASK_WITHDRAWN
    assert Action.STOP_HANDOVER not in actions(found, 2)
    assert units(found) == ["water", "parks"]


def test_who_takes_it_before_he_hears_of_the_plan_has_one_task() -> None:
    """The plan is judged; the unit's word on the offer was written down before that."""
    found = joint("water", "police")
    assert found.ask("police.head", offer("parks"), task=2) is None
    task = found.tasks[2]
    taken = task.command("parks.desk", Step(action=Action.TAKE_HANDOVER))
    found.judge(found.life, found.life.command("dispatcher", WITH_PARKS))

    assert because(found.judge(task, taken)) == Because.UNIT_HAS_TASK
    found.tell()
    assert found.state(2) is State.DISPATCHED
    assert units(found) == ["water", "police", "parks"]


def test_a_plan_made_before_it_was_taken_is_refused_after_it() -> None:
    found = joint("water", "police")
    assert found.ask("police.head", offer("parks"), task=2) is None
    made = found.life.command("dispatcher", WITH_PARKS)
    found.do("parks.desk", Action.TAKE_HANDOVER, 2)

    assert because(found.judge(found.life, made)) == Because.PLAN_OTHER_UNIT
    assert units(found) == ["water", "parks"]


def test_an_offer_made_before_the_plan_and_judged_after_it_is_refused() -> None:
    found = joint("water", "police")
    task = found.tasks[2]
    made = task.command("police.head", offer("parks"))
    found.judge(found.life, found.life.command("dispatcher", WITH_PARKS))

    assert because(found.judge(task, made)) == Because.UNIT_HAS_TASK
    found.tell()
    assert found.state(2) is State.DISPATCHED


def test_a_late_stop_ends_no_other_offer() -> None:
    found = Joint(
        Life(book=with_policy(joint_book(), max_handovers=3)).report().to(State.FILED)
    )
    found.do("dispatcher", Action.PLAN, plan=plan("water", "police"))
    assert found.ask("police.head", offer("parks"), task=2) is None
    found.judge(found.life, found.life.command("dispatcher", WITH_PARKS))
    task = found.tasks[2]
    found.judge(
        task, task.command("parks.desk", Step(action=Action.DECLINE_HANDOVER, text="不"))
    )
    found.judge(task, task.command("police.head", offer("roads")))
    found.tell()

    assert (found.state(2), task.case.offered_to) == (State.HANDOVER_OFFERED, "roads")
    assert found.case.tasks[1].offered_to == "roads"


def test_a_stop_of_an_offer_that_is_no_more_changes_nothing() -> None:
    found = joint("water", "police")
    assert found.ask("police.head", offer("roads"), task=2) is None
    task = found.tasks[2]
    stop = Step(action=Action.STOP_HANDOVER, other=found.no, unit="parks")
    refusal = found.judge(
        task, Command(command_id="late", at=task.at, actor=SYSTEM, steps=(stop,))
    )

    assert refusal is not None
    assert (refusal.why, refusal.values["value"]) == (Why.UNKNOWN_CODE, "parks")


def test_a_consultation_that_has_a_share_redone_stops_the_offer_of_another_to_its_unit() -> (
    None
):
    found = joint("water", "police", "parks", "roads")
    found.done(3)
    assert found.ask("police.head", offer("parks"), task=2) is None
    found.do("command", Action.CONSULT, text="会商")
    four = (
        LEAD,
        POLICE,
        *(PlannedTask(task_no=n, unit=u) for n, u in ((3, "parks"), (4, "roads"))),
    )
    found.do(
        "command",
        Action.DECIDE,
        decision=Decision.DISPATCH,
        participants=("水务",),
        text="纪要",
        plan=plan(*four),
        tasks=(3,),
    )

    assert units(found) == ["water", "police", "parks", "roads"]
    assert (found.state(2), found.tasks[2].case.offered_to) == (State.DISPATCHED, "")


def test_two_shares_of_one_unit_are_not_redone_at_once() -> None:
    found = joint("water", "police", "parks")
    found.done(3)
    assert found.ask("police.head", offer("parks"), task=2) is None
    found.do("parks.desk", Action.TAKE_HANDOVER, 2)
    found.done(2)
    found.done(1, for_citizen=True)
    found.do("dispatcher", Action.PASS_REVIEW)

    def fails(*tasks: int) -> Refusal | None:
        step = Step(
            action=Action.CHECK_FAIL,
            reason="fail_partly",
            text="未修",
            photos=("p",),
            tasks=tasks,
        )
        return found.ask(found.case.asked, step)

    assert because(fails(2, 3)) == Because.UNIT_HAS_TASK
    assert fails(3, 1) is None
    assert units(found) == ["water", "parks"]


def test_a_task_says_to_whom_it_is_offered_only_while_it_is() -> None:
    found = joint("water", "police")

    def seen() -> Task:
        return found.case.tasks[1]

    assert found.ask("police.head", offer("parks"), task=2) is None
    assert (seen().state, seen().offered_to) == (TaskState.HANDOVER_OFFERED, "parks")
    found.do("dispatcher", Action.STOP_HANDOVER, 2)
    assert (seen().state, seen().offered_to) == (TaskState.DISPATCHED, "")


def without_the_task(found: Joint) -> None:
    """A plan goes without the task that is offered."""
    roads = PlannedTask(task_no=3, unit="roads")
    found.do("dispatcher", Action.PLAN, plan=plan(LEAD, roads))


def waived(found: Joint) -> None:
    """The task that is offered is not needed any more."""
    waive = Step(action=Action.WAIVE, task=2, reason="waive_not_needed", text="不再需要")
    assert found.ask("dispatcher", waive) is None


def closed_by_force(found: Joint) -> None:
    """The whole case ends."""
    why: dict[str, Any] = {"reason": "force_no_contact", "text": "无法联系"}
    found.do("chief", Action.REQUEST_FORCE_CLOSE, **why)
    found.do("chief2", Action.FORCE_CLOSE, **why)


@pytest.mark.parametrize("ends", [without_the_task, waived, closed_by_force])
def test_an_offered_task_that_the_case_ends_is_offered_to_nobody_and_both_are_told(
    ends: Callable[[Joint], None],
) -> None:
    found = joint("water", "police", "roads")
    assert found.ask("police.head", offer("parks"), task=2) is None
    ends(found)

    task = found.tasks[2]
    assert task.case.state in TASK_ENDS
    assert (task.case.offered_to, found.case.tasks[1].offered_to) == ("", "")
    assert task.events[-1].notify == ("unit:police", "unit:parks")
