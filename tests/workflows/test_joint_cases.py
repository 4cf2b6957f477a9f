"""Joint cases on real servers: a workflow for the case, a child workflow for each task."""

from dataclasses import replace

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowExecutionStatus

from domain.command import Step
from domain.joint import task_id
from domain.plan import Plan, PlannedTask
from domain.terms import Action, State
from embedded.centre import PHOTO, Centre
from embedded.telling import reconciling
from tests.workflows.joint_centre import (
    THREE,
    all_do,
    closed,
    described,
    dispatched,
    does,
    handle_of,
    one_outcome,
    planned,
)
from workflows.client import workflow_id

pytestmark = pytest.mark.server
METADATA = "__temporal_workflow_metadata"


async def test_three_departments_one_outcome(telling: Centre) -> None:
    case_no = await planned(telling)
    await all_do(telling, case_no)
    await one_outcome(telling, case_no)

    case = await telling.case(case_no)
    assert [one.unit for one in case.tasks] == ["water", "traffic_police", "roads"]
    kinds = [one.event_type for one in (await telling.history(case_no)).events]
    children = EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED
    assert kinds.count(children) == 3
    for number in (1, 2, 3):
        child = await described(telling, task_id(case_no, number))
        assert child.status is WorkflowExecutionStatus.COMPLETED
        assert child.parent_id == workflow_id(case_no)


async def test_three_departments_stay_within_the_budget_of_events(telling: Centre) -> None:
    case_no = await planned(telling)
    await all_do(telling, case_no)
    await closed(telling, case_no)
    await telling.until_in_step(case_no)
    numbers = (case_no, *(task_id(case_no, one) for one in (1, 2, 3)))
    histories = [await telling.history(one) for one in numbers]
    assert sum(len(one.events) for one in histories) <= 120


async def test_admins_read_parent_and_children(telling: Centre) -> None:
    case_no = await planned(telling)
    await dispatched(telling, case_no, 1, 2)
    number = task_id(case_no, 2)
    await telling.until_in_step(number)
    shown = await handle_of(telling, case_no).query(METADATA)
    own = await handle_of(telling, number).query(METADATA)
    child = await described(telling, number)

    assert await child.static_summary() == f"task {number} · traffic_police"
    assert child.workflow_type == "DepartmentTask"
    assert child.search_attributes["CaseDepartments"] == ["traffic_police"]
    parent = (await described(telling, case_no)).search_attributes["CaseDepartments"]
    assert list(parent) == ["water", "traffic_police", "roads"]
    details = shown.current_details.splitlines()
    assert any(one.startswith("| 1 | water | leads | **dispatched** |") for one in details)
    assert any(
        one.startswith("| 3 | roads | helps, waits for 1 | **planned** |") for one in details
    )
    assert f"| task | {number} |" in own.current_details
    assert f"| of case | {case_no}, helps |" in own.current_details
    assert "| holder | traffic_police |" in own.current_details


async def test_without_a_cache_every_task_of_parent_and_children_replays(
    centre: Centre,
) -> None:
    async with centre.working(cached=0), reconciling(centre.activities, centre.door.tell):
        case_no = await planned(centre)
        await all_do(centre, case_no)
        await one_outcome(centre, case_no)


async def test_a_worker_that_goes_and_comes_back_goes_on_with_all_of_them(
    centre: Centre,
) -> None:
    async with reconciling(centre.activities, centre.door.tell):
        async with centre.working():
            case_no = await planned(centre)
            await dispatched(centre, case_no, 1, 2)
        async with centre.working():
            await does(centre, case_no, 2)
        async with centre.working():
            await does(centre, case_no, 1, for_citizen=True)
            await does(centre, case_no, 3)
            await centre.until(case_no, lambda one: one.state is State.FED_BACK)
            await one_outcome(centre, case_no)


async def test_a_voided_case_leaves_no_orphan(telling: Centre) -> None:
    case_no = await planned(telling)
    await dispatched(telling, case_no, 1, 2)
    asked = Step(
        action=Action.REQUEST_VOID, reason=telling.reason("request_void"), text="测试件"
    )
    await telling.must(case_no, "supervisor1", asked)
    void = Step(action=Action.VOID, reason=telling.reason("void"), text="确属测试")
    await telling.must(case_no, "duty1", void)
    for number in (1, 2):
        own = task_id(case_no, number)
        await telling.until(own, lambda one: one.state is State.TASK_WITHDRAWN)
        await handle_of(telling, own).result()
    await handle_of(telling, case_no).result()

    assert await telling.events(task_id(case_no, 3)) == []
    assert {one.state for one in (await telling.case(case_no)).tasks} == {"withdrawn"}


async def test_a_task_that_failed_its_check_runs_again_as_the_same_workflow(
    telling: Centre,
) -> None:
    case_no = await planned(telling)
    await all_do(telling, case_no)
    await telling.must(case_no, "dispatcher1", Step(action=Action.PASS_REVIEW))
    asked = (await telling.case(case_no)).asked
    failed = Step(
        action=Action.CHECK_FAIL,
        reason=telling.reason("check_fail"),
        text="路面未恢复",
        photos=(PHOTO,),
        distance=5.0,
        tasks=(3,),
    )
    await telling.must(case_no, asked, failed)
    number = task_id(case_no, 3)
    await telling.until(number, lambda one: one.state is State.HANDLING)
    await does(telling, case_no, 3)
    await telling.until(case_no, lambda one: all(it.state == "done" for it in one.tasks))
    await telling.must(case_no, "water.crew", Step(action=Action.SUM_UP, text="路面已恢复"))
    case = await telling.until(case_no, lambda one: one.state is State.FED_BACK)
    await telling.until_in_step(case_no)
    await handle_of(telling, number).result()

    own = await telling.case(number)
    assert (own.round, own.state) == (2, State.TASK_DONE)
    assert case.round == 2
    for other in (1, 2):
        assert (await telling.case(task_id(case_no, other))).round == 1


async def test_an_offer_and_a_plan_with_the_same_unit_leave_it_one_task(
    telling: Centre,
) -> None:
    case_no = await planned(telling)
    await dispatched(telling, case_no, 1, 2)
    number, sanitation = task_id(case_no, 2), PlannedTask(task_no=4, unit="sanitation")
    offer = Step(
        action=Action.OFFER_HANDOVER,
        unit="sanitation",
        reason=telling.reason("offer_handover"),
        text="属环卫",
    )
    wider = replace(THREE, tasks=(*THREE.tasks, sanitation))
    await telling.must(number, "traffic-police.head", offer)
    asked = (
        await telling.ask(case_no, "dispatcher1", Step(action=Action.PLAN, plan=wider)),
        await telling.ask(number, "sanitation.desk", Step(action=Action.TAKE_HANDOVER)),
    )
    verdicts = [(await telling.verdict(one)).verdict for one in asked]
    await telling.until(number, lambda one: not one.offered_to)
    case = await telling.until(case_no, lambda one: not any(t.offered_to for t in one.tasks))

    assert verdicts.count("done") == 1
    assert [one.unit for one in case.tasks].count("sanitation") == 1
    await telling.until_in_step(number)


async def test_the_case_s_third_return_is_ruled_on_and_the_ruling_binds(
    telling: Centre,
) -> None:
    case_no = await planned(telling)
    await dispatched(telling, case_no, 1, 2)
    first, second = task_id(case_no, 1), task_id(case_no, 2)
    returned = Step(action=Action.RETURN, reason=telling.reason("return"), text="职责不符")
    reason = telling.reason("reject_return")
    rejected = Step(action=Action.REJECT_RETURN, reason=reason, text="职责明确")
    for _ in range(2):
        await telling.must(second, "traffic-police.head", returned)
        await telling.must(second, "dispatcher1", rejected)
    known = await telling.until(first, lambda one: len(one.returns) == 2)
    assert {one.task_no for one in known.returns} == {2}

    await telling.must(first, "water.head", returned)
    assert (await telling.case(first)).state is State.ARBITRATING
    ruling = Step(action=Action.RULE, unit="sanitation")
    await telling.must(first, "command1", ruling)
    await telling.until(case_no, lambda one: one.tasks[0].ruled_to == "sanitation")
    tasks = (
        PlannedTask(task_no=2, unit="traffic_police"),
        PlannedTask(task_no=4, unit="sanitation", lead=True),
    )
    await telling.must(case_no, "dispatcher1", Step(action=Action.PLAN, plan=Plan(tasks=tasks)))
    new = await telling.until(task_id(case_no, 4), lambda one: one.state is State.DISPATCHED)

    assert (new.binding, len(new.counted_returns)) == (True, 3)
