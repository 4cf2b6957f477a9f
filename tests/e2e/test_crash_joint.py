"""Worker and Temporal killed while joint cases run: one outcome, no orphan, each rung once."""

import asyncio
import random
from collections.abc import Iterator
from functools import partial

import pytest
from temporalio.client import WorkflowExecutionStatus

from domain.case import Case
from domain.command import Step
from domain.joint import is_running, task_id
from domain.plan import Plan, PlannedTask
from domain.terms import Action, Result, State, TaskState
from embedded.centre import PHOTO
from embedded.house import House
from tests.e2e.agreement import check, in_state
from workflows.client import workflow_id

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]
SEED = 20261123
WATER = PlannedTask(task_no=1, unit="water", lead=True)
TRAFFIC = PlannedTask(task_no=2, unit="traffic_police")
ROADS = PlannedTask(task_no=3, unit="roads", after=(1,))
PARKS = PlannedTask(task_no=4, unit="parks")
THREE = Plan(tasks=(WATER, TRAFFIC, ROADS))
OTHERS = Plan(tasks=(WATER, ROADS, PARKS))
ALL_RUNNING = 'WorkflowType="DepartmentTask" AND ExecutionStatus="Running"'


@pytest.fixture
async def joint_house(house: House) -> House:
    """The house, where the dispatcher plans by hand; no worker yet."""
    await house.centre.change_flow(auto_dispatch=False)
    return house


def moves(case: Case, *, changes: bool) -> Iterator[tuple[str, str, Step]]:
    """What officers would do next with a joint case: number, login, step.

    Args:
        case: The case as it stands.
        changes: The dispatcher changes the plan once the lead has signed.
    """
    number = case.case_no
    used = {one.task_no for one in case.tasks if one.joint}
    match case.state:
        case State.FILED if not case.joint:
            yield number, "dispatcher1", Step(action=Action.PLAN, plan=THREE)
        case State.FED_BACK:
            yield number, "dispatcher1", Step(action=Action.PASS_REVIEW)
        case State.CHECKING:
            check_ = Step(action=Action.CHECK_PASS, photos=(PHOTO,), distance=1.0)
            yield number, case.asked, check_
        case _:
            pass
    if changes and case.joint and PARKS.task_no not in used and _lead_works(case):
        yield number, "dispatcher1", Step(action=Action.PLAN, plan=OTHERS)
    for task in case.tasks:
        if not (task.joint and is_running(task)):
            continue
        desk, own = task.unit.replace("_", "-"), task_id(number, task.task_no)
        if task.state is TaskState.DISPATCHED:
            yield own, f"{desk}.desk", Step(action=Action.SIGN)
        else:
            yield own, f"{desk}.crew", fed(for_citizen=task.lead)


def _lead_works(case: Case) -> bool:
    return any(one.lead and one.state is not TaskState.DISPATCHED for one in case.tasks)


def fed(*, for_citizen: bool) -> Step:
    """A unit's feedback."""
    return Step(
        action=Action.FEED_BACK,
        result=Result.SOLVED,
        text="done",
        photos=(PHOTO,),
        for_citizen=for_citizen,
    )


async def live_on(house: House, case_no: str, *, changes: bool = False) -> None:
    """Officers press on through every outage until the case is closed."""
    centre = house.centre
    async with asyncio.timeout(200):
        while True:
            try:
                case = await centre.case(case_no)
                if case.state is State.CLOSED:
                    return
                for number, login, step in moves(case, changes=changes):
                    await centre.verdict(await centre.ask(number, login, step))
            except Exception:  # noqa: BLE001, S110  the officer tries again
                pass
            await asyncio.sleep(0.1)


async def agree(house: House, case_no: str) -> None:
    """The case and each of its tasks agree everywhere; one outcome, no workflow left over."""
    case = await house.centre.case(case_no)
    log = await house.centre.events(case_no)
    assert [one.action for one in log].count(Action.SUM_UP) == 1
    assert [one.state for one in log].count(State.CLOSED) == 1
    begun = [
        number
        for one in case.tasks
        if await house.centre.events(number := task_id(case_no, one.task_no))
    ]
    assert len(begun) >= 3
    await check(house, [case_no, *begun])
    for number in begun:
        assert (await house.centre.case(number)).ended
        await house.eventually(partial(completed, house, number))


async def completed(house: House, number: str) -> bool:
    """Whether a task's workflow came to its own end."""
    client = house.centre.door.client
    found = await client.get_workflow_handle(workflow_id(number)).describe()
    return found.status is WorkflowExecutionStatus.COMPLETED


async def none_runs(house: House) -> bool:
    """Whether no workflow of a task runs; the list may lag."""
    client = house.centre.door.client
    return (await client.count_workflows(ALL_RUNNING)).count == 0


async def test_random_kills_of_the_worker_leave_one_outcome_and_no_orphan(
    joint_house: House,
) -> None:
    house = joint_house
    dice = random.Random(SEED)  # noqa: S311  when to kill is no secret
    await house.start_worker()
    cases = [await house.centre.report() for _ in range(6)]
    officers = asyncio.gather(
        *(live_on(house, one, changes=index % 2 == 1) for index, one in enumerate(cases))
    )
    kills = 0
    while not officers.done() and kills < 5:
        await asyncio.wait([officers], timeout=dice.uniform(2.0, 5.0))
        await house.kill_workers()
        kills += 1
        await house.start_worker()
    await officers

    for case_no in cases:
        await agree(house, case_no)
    await house.eventually(partial(none_runs, house))


@pytest.mark.parametrize("parent", ["lives", "terminated"])
async def test_a_child_start_that_is_lost_is_made_up_for(
    joint_house: House, parent: str
) -> None:
    house = joint_house
    centre = house.centre
    await house.start_worker()
    case_no = await centre.report()
    await house.eventually(partial(in_state, house, case_no, State.FILED))
    await house.eventually(partial(house.quiet, case_no))
    await house.kill_workers()
    await centre.ask(case_no, "dispatcher1", Step(action=Action.PLAN, plan=THREE))
    dying = await house.start_worker("tests/e2e/dying_worker.py")
    await asyncio.wait_for(dying.wait(), 60)
    assert (await centre.case(case_no)).joint
    if parent == "terminated":
        await centre.door.client.get_workflow_handle(workflow_id(case_no)).terminate("lost")
    await house.start_worker()
    for number in (1, 2):
        started = partial(in_state, house, task_id(case_no, number), State.DISPATCHED)
        await house.eventually(started)
    await live_on(house, case_no)

    await agree(house, case_no)


async def test_a_task_that_ends_while_temporal_is_away_is_heard_of_afterwards(
    joint_house: House,
) -> None:
    house = joint_house
    centre = house.centre
    await house.start_worker()
    case_no = await centre.report()
    await house.eventually(partial(in_state, house, case_no, State.FILED))
    plan = Step(action=Action.PLAN, plan=THREE)
    await centre.verdict(await centre.ask(case_no, "dispatcher1", plan))
    number = task_id(case_no, 1)
    await house.eventually(partial(in_state, house, number, State.DISPATCHED))
    await centre.verdict(await centre.ask(number, "water.desk", Step(action=Action.SIGN)))
    await house.temporal.kill()
    away = await centre.ask(number, "water.crew", fed(for_citizen=True))
    await house.temporal.restart()
    assert (await centre.verdict(away)).verdict == "done"
    await live_on(house, case_no)

    await agree(house, case_no)
    ends = [one for one in await centre.events(case_no) if one.action is Action.TASK_ENDED]
    assert len(ends) == 3
