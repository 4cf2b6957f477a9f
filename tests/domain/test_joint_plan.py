"""The plan of a joint case while it runs, a lead that is lost, and plans that policy has."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain import sequel
from domain.advance import catch_up
from domain.calendar import Limit, Unit
from domain.clock import ClockKind
from domain.command import Step
from domain.plan import Plan, PlannedTask
from domain.policy import Flow, Policy
from domain.policy_check import Known, faults
from domain.terms import Action, Finish, State, TaskState
from domain.why import Because
from tests.domain.joint_world import Joint, joint, joint_book, plan
from tests.domain.small_world import LITTER, Life, with_policy

LONGER = Limit(value=3, unit=Unit.WORK_DAY)


def stands(found: Joint) -> State:
    return found.case.state


def test_another_department_leads_and_both_hear_of_it() -> None:
    found = joint("water", "police", "roads")
    new = plan("water", "police", "roads", lead="police")
    found.do("dispatcher", Action.PLAN, plan=new)

    assert found.case.unit == "police"
    assert [found.tasks[one].case.lead for one in (1, 2, 3)] == [False, True, False]
    changed = [found.tasks[one].events[-1].action for one in (1, 2)]
    assert changed == [Action.CHANGE_TASK, Action.CHANGE_TASK]
    assert found.tasks[3].events[-1].action is Action.BEGIN_TASK
    for task in (1, 2, 3):
        found.done(task)
    old = found.ask("water.crew", Step(action=Action.SUM_UP, text="完成"))
    assert old is not None
    found.do("police.crew", Action.SUM_UP, text="完成")
    assert stands(found) is State.FED_BACK


def test_a_task_that_is_done_may_lead() -> None:
    found = joint("water", "police")
    found.done(2)
    found.do("dispatcher", Action.PLAN, plan=plan("water", "police", lead="police"))
    found.done(1)
    found.do("police.crew", Action.SUM_UP, text="完成")
    found.do("dispatcher", Action.PASS_REVIEW)
    found.do(
        found.case.asked,
        Action.CHECK_FAIL,
        reason="fail_partly",
        text="未修",
        photos=("p",),
        tasks=(2,),
    )

    assert found.tasks[2].case.lead


def test_another_limit_keeps_what_is_used_and_both_due_times_are_on_record() -> None:
    found = joint("water", "police")
    found.sign(2)
    before = found.tasks[2].clock("handle")
    found.life.at += timedelta(hours=2)
    new = plan(
        PlannedTask(task_no=1, unit="water", lead=True),
        PlannedTask(task_no=2, unit="police", limit=LONGER),
    )
    found.do("dispatcher", Action.PLAN, plan=new)
    after = found.tasks[2].clock("handle")
    moved = found.tasks[2].events[-1].moved

    assert after.budget == LONGER.running
    assert (after.started_at, after.pauses) == (before.started_at, before.pauses)
    assert [one.clock_id for one in moved] == ["handle"]
    assert moved[0].before is not None
    assert moved[0].after is not None
    assert moved[0].before < moved[0].after
    assert found.case.tasks[1].due == moved[0].after


def test_another_scope_is_on_the_task_s_row_and_changes_no_limit() -> None:
    found = joint("water", "police")
    tasks = (
        PlannedTask(task_no=1, unit="water", lead=True, scope="关阀、开挖、抢修"),
        PlannedTask(task_no=2, unit="police", scope="封闭车道"),
    )
    step = Step(action=Action.PLAN, plan=plan(*tasks))
    command = found.life.command("dispatcher", step)
    done = catch_up(found.case, [command], found.life.at, found.life.book)
    written = sequel.shares(found.case, done, [command], found.life.book)

    assert [one.scope for one in written] == ["关阀、开挖、抢修", "封闭车道"]
    assert sequel.sequels(found.case, done, [command]) == ()
    assert "封闭车道" not in repr(done.events)


def test_without_a_lead_helpers_go_on_the_dispatcher_plans_and_nobody_sums_up() -> None:
    found = joint("water", "police", "roads")
    found.sign(2)
    found.do("dispatcher", Action.RECALL, 1, reason="recall_wrong_unit", text="派错")

    assert found.case.unit == ""
    assert stands(found) is State.SIGNED
    assert ClockKind.DISPATCH in found.life.running()
    for task in (2, 3):
        found.done(task)
    assert stands(found) is State.FILED
    answer = found.ask("police.crew", Step(action=Action.SUM_UP, text="完成"))
    assert answer is not None
    new = plan(
        PlannedTask(task_no=2, unit="police", lead=True), PlannedTask(task_no=3, unit="roads")
    )
    found.do("dispatcher", Action.PLAN, plan=new)

    assert stands(found) is State.HANDLING
    assert ClockKind.DISPATCH not in found.life.running()
    found.do("police.crew", Action.SUM_UP, text="完成")
    assert stands(found) is State.FED_BACK


def waiting_for(who: str) -> Joint:
    """A planned task waits for one that was taken back; the others go on."""
    lead = PlannedTask(task_no=1, unit="roads", lead=True)
    after = PlannedTask(task_no=3, unit="police", after=(2,))
    found = joint(lead, PlannedTask(task_no=2, unit="water"), after)
    found.done(1)
    assert ClockKind.DISPATCH not in found.life.running()
    found.do(who, Action.RECALL, 2, reason="recall_wrong_unit", text="派错")
    return found


@pytest.mark.parametrize("who", ["chief", "dispatcher"])
def test_a_task_that_can_never_begin_is_the_dispatcher_s_to_plan(who: str) -> None:
    found = waiting_for(who)

    assert stands(found) is State.HANDLING
    assert ClockKind.DISPATCH in found.life.running()
    assert "role:dispatcher" in found.life.events[-1].notify
    new = plan(
        PlannedTask(task_no=1, unit="roads", lead=True),
        PlannedTask(task_no=3, unit="police", after=(4,)),
        PlannedTask(task_no=4, unit="parks"),
    )
    found.do("dispatcher", Action.PLAN, plan=new)
    assert ClockKind.DISPATCH not in found.life.running()


def test_a_lead_whose_return_is_accepted_is_replaced() -> None:
    life = Life(book=joint_book(with_policy(first_receiver=False))).report().to(State.FILED)
    found = Joint(life)
    found.do("dispatcher", Action.PLAN, plan=plan("water", "police"))
    found.do("water.head", Action.RETURN, 1, reason="return_wrong_duty", text="不是")
    found.do("dispatcher", Action.ACCEPT_RETURN, 1)

    assert found.case.tasks[0].state is TaskState.RETURNED
    assert found.case.unit == ""
    assert ClockKind.DISPATCH in found.life.running()
    new = plan(
        PlannedTask(task_no=2, unit="police"), PlannedTask(task_no=3, unit="parks", lead=True)
    )
    found.do("dispatcher", Action.PLAN, plan=new)
    assert found.case.unit == "parks"
    assert ClockKind.DISPATCH not in found.life.running()


def test_what_was_ruled_may_get_helpers_but_is_not_left_out() -> None:
    life = Life(book=joint_book()).report().to(State.ARBITRATING)
    unit = life.case.unit
    found = Joint(life)
    found.do("command", Action.RULE, unit=unit)
    without = plan("water", "police")
    others = tuple(replace(one, task_no=one.task_no + 1) for one in without.tasks)
    answer = found.ask("dispatcher", Step(action=Action.PLAN, plan=plan(*others)))
    assert answer is not None
    assert answer.values["because"] == Because.PLAN_RULED

    helped = plan(
        PlannedTask(task_no=1, unit=unit, lead=True), PlannedTask(task_no=2, unit="water")
    )
    found.do("dispatcher", Action.PLAN, plan=helped)
    assert found.tasks[1].case.binding
    assert not found.tasks[2].case.binding
    again = plan(*helped.tasks, PlannedTask(task_no=3, unit="police"))
    found.do("dispatcher", Action.PLAN, plan=again)
    assert 3 in found.tasks


TEMPLATE = plan(
    PlannedTask(task_no=1, unit="water", lead=True, scope="抢修"),
    PlannedTask(task_no=2, unit="police", scope="封路"),
    PlannedTask(task_no=3, unit="roads", scope="恢复路面", after=(1,)),
)


def by_policy(template: Plan) -> Joint:
    book = joint_book(with_policy(auto_dispatch=True, joint_plan=template))
    found = Joint(Life(book=book).report())
    found.life.to(State.ACCEPTED)
    command = found.life.command("chief", Step(action=Action.FILE, condition=1))
    found.judge(found.life, command)
    found.tell()
    return found


def test_the_system_plans_by_itself_where_policy_names_the_departments() -> None:
    found = by_policy(TEMPLATE)

    assert (found.case.state, found.case.unit) == (State.DISPATCHED, "water")
    assert {one: life.case.unit for one, life in found.tasks.items()} == {
        1: "water",
        2: "police",
    }
    event = next(one for one in found.life.events if one.action is Action.PLAN)
    assert (event.actor, event.row, event.step) == ("system", "J1", -1)
    found.done(1)
    assert found.state(3) is State.DISPATCHED


def test_the_scopes_of_policy_s_plan_reach_the_tasks() -> None:
    book = joint_book(with_policy(auto_dispatch=True, joint_plan=TEMPLATE))
    life = Life(book=book).report()
    life.to(State.ACCEPTED)
    command = life.command("chief", Step(action=Action.FILE, condition=1))
    done = catch_up(life.case, [command], life.at, book)
    written = sequel.shares(life.case, done, [command], book)

    assert [one.scope for one in written] == ["抢修", "封路", "恢复路面"]


def test_a_plan_that_cannot_be_leaves_the_case_to_the_dispatcher() -> None:
    found = by_policy(plan("water", "nobody"))

    assert stands(found) is State.FILED
    assert not found.case.joint
    assert ClockKind.DISPATCH in found.life.running()


def test_what_the_dispatcher_took_over_the_system_does_not_plan_again() -> None:
    found = by_policy(TEMPLATE)
    for task in (1, 2):
        found.do("dispatcher", Action.RECALL, task, reason="recall_wrong_unit", text="派错")

    assert len([one for one in found.life.events if one.action is Action.PLAN]) == 1


@pytest.mark.parametrize(
    ("bad", "word"),
    [
        (plan("water"), "two departments"),
        (plan("water", PlannedTask(task_no=2, unit="water")), "once"),
        (plan(PlannedTask(task_no=1, unit="water"), "roads"), "leads"),
        (plan("water", PlannedTask(task_no=1, unit="roads")), "numbered"),
        (plan("water", PlannedTask(task_no=2, unit="roads", after=(7,))), "not in the plan"),
        (
            plan(
                PlannedTask(task_no=1, unit="water", lead=True, after=(2,)),
                PlannedTask(task_no=2, unit="roads", after=(1,)),
            ),
            "one another",
        ),
        (plan("water", "roads", finish=Finish.SOME, quorum=2), "quorum"),
    ],
)
def test_a_policy_with_a_plan_that_is_none_is_faulty(bad: Plan, word: str) -> None:
    policy = Policy(base=Flow(joint_plan=bad))
    found = faults(policy, Known(subclasses=(LITTER,), reasons={}))

    assert [one for one in found if "joint_plan" in one and word in one]


def test_a_good_plan_is_no_fault() -> None:
    policy = Policy(base=Flow(joint_plan=TEMPLATE))

    assert not faults(policy, Known(subclasses=(LITTER,), reasons={}))
