"""Joint cases on real servers: a workflow for the case, a child workflow for each task."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowExecutionStatus

from activities.reconcile import Reconciler
from domain.command import Step
from domain.joint import task_id
from domain.plan import Plan, PlannedTask
from domain.terms import Action, Result, State
from embedded.centre import PHOTO, Centre
from workflows.client import workflow_id

pytestmark = pytest.mark.server
THREE = Plan(
    tasks=(
        PlannedTask(task_no=1, unit="water", lead=True, scope="止水抢修"),
        PlannedTask(task_no=2, unit="traffic_police", scope="交通疏导"),
        PlannedTask(task_no=3, unit="roads", scope="恢复路面", after=(1,)),
    )
)


@pytest.fixture
async def telling(centre: Centre) -> AsyncIterator[Centre]:
    """The centre with a worker and its reconciler: what follows is told."""
    stop = asyncio.Event()
    reconciler = Reconciler(activities=centre.activities, tell=centre.door.tell)
    async with centre.working():
        running = asyncio.create_task(reconciler.run(stop))
        yield centre
        stop.set()
        await running


async def planned(centre: Centre, plan: Plan = THREE) -> str:
    """A filed case that the dispatcher gives to several departments."""
    await centre.change_flow(auto_dispatch=False)
    case_no = await centre.report()
    await centre.until(case_no, lambda one: one.state is State.FILED)
    await centre.must(case_no, "dispatcher1", Step(action=Action.PLAN, plan=plan))
    return case_no


async def does(
    centre: Centre, case_no: str, task_no: int, *, for_citizen: bool = False
) -> None:
    """A unit signs its task and feeds back."""
    number = task_id(case_no, task_no)
    case = await centre.until(number, lambda one: one.state is State.DISPATCHED)
    desk = case.unit.replace("_", "-")
    await centre.must(number, f"{desk}.desk", Step(action=Action.SIGN))
    fed = Step(
        action=Action.FEED_BACK,
        result=Result.SOLVED,
        text="已处置",
        photos=(PHOTO,),
        for_citizen=for_citizen,
    )
    await centre.must(number, f"{desk}.crew", fed)


async def test_three_departments_one_outcome(telling: Centre) -> None:
    case_no = await planned(telling)
    await does(telling, case_no, 2)
    await does(telling, case_no, 1, for_citizen=True)
    await does(telling, case_no, 3)
    case = await telling.until(case_no, lambda one: one.state is State.FED_BACK)
    await telling.until_in_step(case_no)

    assert [one.unit for one in case.tasks] == ["water", "traffic_police", "roads"]
    assert await telling.snapshot(case_no) == case
    kinds = [one.event_type for one in (await telling.history(case_no)).events]
    children = EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED
    assert kinds.count(children) == 3
    for number in (1, 2, 3):
        handle = telling.door.client.get_workflow_handle(workflow_id(task_id(case_no, number)))
        described = await handle.describe()
        assert described.status is WorkflowExecutionStatus.COMPLETED
        assert described.parent_id == workflow_id(case_no)


async def test_three_departments_stay_within_the_budget_of_events(telling: Centre) -> None:
    case_no = await planned(telling)
    await does(telling, case_no, 2)
    await does(telling, case_no, 1, for_citizen=True)
    await does(telling, case_no, 3)
    await telling.until(case_no, lambda one: one.state is State.FED_BACK)
    await telling.must(case_no, "dispatcher1", Step(action=Action.PASS_REVIEW))
    asked = (await telling.case(case_no)).asked
    check = Step(action=Action.CHECK_PASS, photos=(PHOTO,), distance=5.0)
    await telling.must(case_no, asked, check)
    await telling.until(case_no, lambda one: one.state is State.CLOSED)
    await telling.until_in_step(case_no)
    numbers = (case_no, *(task_id(case_no, one) for one in (1, 2, 3)))
    histories = [await telling.history(one) for one in numbers]
    assert sum(len(one.events) for one in histories) <= 120
