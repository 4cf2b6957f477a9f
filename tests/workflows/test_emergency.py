"""An emergency on real servers: planned by itself, the alarm climbs, stood down and closed."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from temporalio.testing import WorkflowEnvironment

from domain.command import Step
from domain.joint import task_id
from domain.terms import Action, Emergency, Severity, Source, State, TaskState, Upward
from embedded.centre import PHOTO, Centre
from tests.histories.living import Scene, fed
from workflows.client import workflow_id

pytestmark = pytest.mark.server
DECLARE = Step(
    action=Action.DECLARE,
    emergency=Emergency.ACCIDENT,
    severity=Severity.III,
    text="主管爆裂，路面塌陷，一人受伤",
)
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def scene(skipping: Centre, skipping_env: WorkflowEnvironment) -> AsyncIterator[Scene]:
    """The centre with a worker, on a server that skips time."""
    async with skipping.working():
        yield Scene(skipping, skipping_env)


async def filed(centre: Centre) -> str:
    """A patrol report that waits for the dispatcher."""
    await centre.change_flow(auto_dispatch=False)
    case_no = await centre.report()
    await centre.until(case_no, lambda one: one.state is State.FILED)
    return case_no


def up(which: Upward) -> Step:
    return Step(action=Action.REPORT_UP, upward=which, text="已报区政府值班室")


async def does(centre: Centre, number: str) -> None:
    """A unit signs its task and feeds back."""
    case = await centre.until(number, lambda one: one.state is State.DISPATCHED)
    desk = case.unit.replace("_", "-")
    await centre.must(number, f"{desk}.desk", Step(action=Action.SIGN))
    await centre.must(number, f"{desk}.crew", fed())


async def test_an_emergency_from_the_declaration_to_the_closing(telling: Centre) -> None:
    case_no = await filed(telling)
    await telling.must(case_no, "duty1", DECLARE)
    case = await telling.until(case_no, lambda one: one.joint)
    units = {one.unit: one.task_no for one in case.tasks}
    assert set(units) == {"emergency", "traffic_police", "fire", "health", "roads"}
    await telling.must(case_no, "command1", Step(action=Action.ACKNOWLEDGE))
    for which in (Upward.FIRST, Upward.WRITTEN, Upward.NEXT):
        await telling.must(case_no, "duty1", up(which))
    await does(telling, task_id(case_no, units["emergency"]))
    await does(telling, task_id(case_no, units["roads"]))
    await telling.must(case_no, "command1", Step(action=Action.STAND_DOWN, text="险情排除"))

    case = await telling.until(case_no, lambda one: one.emergency is None)
    states = {one.unit: one.state for one in case.tasks}
    assert {one for unit, one in states.items() if unit not in {"emergency", "roads"}} == {
        TaskState.WAIVED
    }
    for unit in ("traffic_police", "fire", "health"):
        number = task_id(case_no, units[unit])
        await telling.until(number, lambda one: one.state is State.TASK_WAIVED)
    await telling.must(
        case_no, "emergency.desk", Step(action=Action.SUM_UP, text="抢修完成，恢复通行")
    )
    await telling.must(case_no, "duty1", up(Upward.FINAL))
    await telling.must(case_no, "dispatcher1", Step(action=Action.PASS_REVIEW))
    asked = (await telling.case(case_no)).asked
    check = Step(action=Action.CHECK_PASS, photos=(PHOTO,), distance=5.0)
    await telling.must(case_no, asked, check)
    case = await telling.until(case_no, lambda one: one.state is State.CLOSED)
    await telling.until_in_step(case_no)
    assert await telling.snapshot(case_no) == case
    assert case.response is not None
    assert [one.which for one in case.response.reports] == list(Upward)


async def test_an_alarm_climbs_the_roster_by_the_clock(scene: Scene) -> None:
    centre = scene.centre
    case_no = await filed(centre)
    await centre.must(case_no, "duty1", DECLARE)
    case = await centre.case(case_no)
    start = case.alarms[0].at
    await scene.wait(12 * MINUTE)
    case = await centre.until(case_no, lambda one: len(one.alarms) == 3)

    assert [one.to for one in case.alarms] == [
        "person:command1",
        "person:command2",
        "role:command_chief",
    ]
    assert [one.at - start for one in case.alarms] == [0 * MINUTE, 5 * MINUTE, 10 * MINUTE]
    await scene.wait(60 * MINUTE)
    late = {one.reason for one in await centre.events(case_no) if one.action is Action.RUNG}
    assert {"first_report 100%", "written_report 100%", "alarm 100%", "alarm:2 100%"} <= late
    await centre.must(case_no, "command2", Step(action=Action.ACKNOWLEDGE))
    case = await centre.case(case_no)
    assert len(case.alarms) == 3
    assert [one.acknowledged_by for one in case.alarms].count("command2") == 1


async def test_a_drill_is_marked_in_temporal_and_archived_at_stand_down(
    telling: Centre,
) -> None:
    await telling.change_flow(auto_dispatch=False)
    case_no = await telling.report(source=Source.HOTLINE, login="duty1", drill=True)
    await telling.until(case_no, lambda one: one.seq > 0)
    case = await telling.case(case_no)
    assert case.drill
    grid = Step(action=Action.ACCEPT, urgent=True)
    await telling.must(case_no, "acceptor1", grid)
    await telling.must(case_no, "duty1", Step(action=Action.FILE, condition=1))
    await telling.must(case_no, "duty1", DECLARE)
    case = await telling.until(case_no, lambda one: one.joint)
    numbers = [task_id(case_no, one.task_no) for one in case.tasks if one.lead]
    for number in numbers:
        await telling.until(number, lambda one: one.state is State.DISPATCHED)
    handle = telling.door.client.get_workflow_handle(workflow_id(numbers[0]))
    shown = (await handle.describe()).search_attributes
    assert shown["CasePriority"] == ["drill"]
    await telling.must(case_no, "command1", Step(action=Action.STAND_DOWN, text="演练结束"))

    case = await telling.until(case_no, lambda one: one.state is State.ARCHIVED)
    for number in numbers:
        await telling.until(number, lambda one: one.ended)
    told = {address for one in await telling.events(case_no) for address in one.notify}
    assert "reporter" not in told
