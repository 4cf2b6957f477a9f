"""Runs of joint cases cut off, continued, reset by hand: parent and children go on."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowExecutionStatus

from activities import cases as activities
from activities.cases import Advance
from activities.reconcile import Reconciler
from domain.calendar import Limit, Unit
from domain.case import Case
from domain.command import Step
from domain.joint import task_id
from domain.terms import Action, State, TaskState
from embedded.centre import Centre
from embedded.telling import reconciling
from tests.workflows.joint_centre import (
    THREE,
    all_do,
    described,
    dispatched,
    does,
    filed,
    handle_of,
    one_outcome,
    planned,
)
from workflows.client import workflow_id

pytestmark = pytest.mark.server
URGE = Step(action=Action.URGE)


async def until_next_run(centre: Centre, number: str, run_id: str) -> None:
    """Wait until a run has made room for the next one."""
    async with asyncio.timeout(30):
        while (await described(centre, number)).run_id == run_id:  # noqa: ASYNC110  another process
            await asyncio.sleep(0.05)


async def test_a_parent_continues_as_new_while_its_children_run(
    telling: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_no = await planned(telling)
    await dispatched(telling, case_no, 1, 2)
    parent = await described(telling, case_no)
    children = [await described(telling, task_id(case_no, one)) for one in (1, 2)]
    monkeypatch.setattr(activities, "GENERATION", activities.GENERATION + 1)
    await telling.must(case_no, "supervisor1", URGE)
    await until_next_run(telling, case_no, parent.run_id)
    for number, before in zip((1, 2), children, strict=True):
        await telling.must(task_id(case_no, number), "supervisor1", URGE)
        await until_next_run(telling, task_id(case_no, number), before.run_id)
    await all_do(telling, case_no)
    await one_outcome(telling, case_no)

    for before in children:
        handle = telling.door.client.get_workflow_handle(before.id, run_id=before.run_id)
        assert (await handle.describe()).status is WorkflowExecutionStatus.CONTINUED_AS_NEW
    third = await described(telling, task_id(case_no, 3))
    assert third.parent_id == workflow_id(case_no)


async def until_left(centre: Centre, number: str) -> None:
    """Wait until a task knows that no run of its case waits for its end."""
    kind = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
    async with asyncio.timeout(30):
        while kind not in {one.event_type for one in (await centre.history(number)).events}:  # noqa: ASYNC110  another process
            await asyncio.sleep(0.05)


async def heard_by_workflows_alone(centre: Centre, case_no: str) -> None:
    """Tasks that were left end, and one more; nobody tells their case but they themselves."""
    for number in (1, 2):
        await until_left(centre, task_id(case_no, number))
    for number in (2, 1, 3):
        await does(centre, case_no, number)
        await centre.until(case_no, partial(knows_done, number))


def knows_done(number: int, case: Case) -> bool:
    """Whether a case knows that a task of it is done."""
    return any(one.task_no == number and one.state is TaskState.DONE for one in case.tasks)


async def test_the_next_run_of_a_case_hears_at_once_of_the_end_of_what_it_did_not_start(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with centre.working():
        case_no = await planned(centre)
        await dispatched(centre, case_no, 1, 2)
        parent = await described(centre, case_no)
        monkeypatch.setattr(activities, "GENERATION", activities.GENERATION + 1)
        await centre.must(case_no, "supervisor1", URGE)
        await until_next_run(centre, case_no, parent.run_id)
        await heard_by_workflows_alone(centre, case_no)


async def test_a_case_that_starts_again_hears_at_once_of_the_end_of_what_runs_already(
    centre: Centre,
) -> None:
    async with centre.working():
        case_no = await planned(centre)
        await dispatched(centre, case_no, 1, 2)
        await handle_of(centre, case_no).terminate("by hand")
        assert await centre.door.restart(case_no, source="grid_patrol") == "told"
        await centre.until_in_step(case_no)
        await heard_by_workflows_alone(centre, case_no)


async def test_no_run_ends_while_a_task_is_being_started(
    telling: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_no = await filed(telling)
    parent = await described(telling, case_no)
    monkeypatch.setattr(activities, "GENERATION", activities.GENERATION + 1)
    await telling.must(case_no, "dispatcher1", Step(action=Action.PLAN, plan=THREE))
    await dispatched(telling, case_no, 1, 2)
    for number in (1, 2):
        child = await described(telling, task_id(case_no, number))
        assert child.parent_id == workflow_id(case_no)
    await telling.must(case_no, "supervisor1", URGE)
    await until_next_run(telling, case_no, parent.run_id)
    await all_do(telling, case_no)
    await one_outcome(telling, case_no)


async def test_a_terminated_parent_starts_again_beside_its_children(telling: Centre) -> None:
    case_no = await planned(telling)
    await dispatched(telling, case_no, 1, 2)
    await does(telling, case_no, 2)
    children = [await described(telling, task_id(case_no, one)) for one in (1, 2)]
    await handle_of(telling, case_no).terminate("by hand")
    await does(telling, case_no, 1, for_citizen=True)
    await does(telling, case_no, 3)
    await telling.until(case_no, lambda one: one.state is State.FED_BACK)
    await one_outcome(telling, case_no)

    again = [await described(telling, task_id(case_no, one)) for one in (1, 2)]
    assert [one.run_id for one in again] == [one.run_id for one in children]


async def test_a_reset_parent_finds_its_children(telling: Centre) -> None:
    case_no = await planned(telling)
    await dispatched(telling, case_no, 1, 2)
    await does(telling, case_no, 2)
    await telling.until(case_no, lambda one: any(it.state == "done" for it in one.tasks))
    await telling.reset(case_no)
    await does(telling, case_no, 1, for_citizen=True)
    await does(telling, case_no, 3)
    await telling.until(case_no, lambda one: one.state is State.FED_BACK)
    await one_outcome(telling, case_no)


async def test_a_reset_child_reads_its_log_again(telling: Centre) -> None:
    case_no = await planned(telling)
    await dispatched(telling, case_no, 1, 2)
    number = task_id(case_no, 1)
    before = await telling.events(number)
    await telling.reset(number)
    await telling.until_in_step(number)
    assert await telling.events(number) == before
    await all_do(telling, case_no)
    await one_outcome(telling, case_no)


async def test_an_admins_cancel_of_the_parent_asks_to_void_and_stops_no_child(
    telling: Centre,
) -> None:
    case_no = await planned(telling)
    await dispatched(telling, case_no, 1, 2)
    await handle_of(telling, case_no).cancel()
    case = await telling.until(case_no, lambda one: bool(one.pending))
    assert [one.kind for one in case.pending] == ["void"]
    refuse = Step(action=Action.REFUSE_VOID, reason=telling.reason("refuse_void"), text="照办")
    await telling.must(case_no, "duty1", refuse)
    await all_do(telling, case_no)
    await one_outcome(telling, case_no)

    for number in (1, 2):
        log = await telling.events(task_id(case_no, number))
        assert Action.CANCEL_ASKED not in {one.action for one in log}


async def test_an_admins_cancel_of_a_child_is_told_and_stops_nothing(telling: Centre) -> None:
    case_no = await planned(telling)
    await dispatched(telling, case_no, 1, 2)
    number = task_id(case_no, 1)
    await handle_of(telling, number).cancel()
    task = await telling.until(number, lambda one: one.seq >= 2)
    [_, asked] = await telling.events(number)

    assert (asked.action, asked.notify) == (Action.CANCEL_ASKED, ("role:dispatcher",))
    assert (task.state, task.pending) == (State.DISPATCHED, ())
    await all_do(telling, case_no)
    await one_outcome(telling, case_no)


async def test_a_terminated_child_starts_again_at_the_next_word(telling: Centre) -> None:
    case_no = await planned(telling)
    await dispatched(telling, case_no, 1, 2)
    number = task_id(case_no, 1)
    before = await described(telling, number)
    await handle_of(telling, number).terminate("by hand")
    await all_do(telling, case_no)
    await one_outcome(telling, case_no)

    assert (await described(telling, number)).run_id != before.run_id


async def test_a_task_told_before_its_case_starts_it_is_no_child_and_does_no_harm(
    centre: Centre,
) -> None:
    async with centre.working():
        case_no = await filed(centre)
        await centre.until_in_step(case_no)
    await centre.ask(case_no, "dispatcher1", Step(action=Action.PLAN, plan=THREE))
    await centre.activities.advance(Advance(case_no=case_no, known_seq=0))
    for number in (1, 2):
        await centre.make_due_to_tell(task_id(case_no, number))
    reconciler = Reconciler(activities=centre.activities, tell=centre.door.tell)
    assert await reconciler.sweep() == 2
    async with centre.working(), reconciling(centre.activities, centre.door.tell):
        await dispatched(centre, case_no, 1, 2)
        for number in (1, 2):
            task = await described(centre, task_id(case_no, number))
            assert task.parent_id is None
        await centre.until_in_step(task_id(case_no, 2))
        found = (await described(centre, task_id(case_no, 2))).search_attributes
        assert found["CaseDepartments"] == ["traffic_police"]
        await all_do(centre, case_no)
        await one_outcome(centre, case_no)


async def test_the_door_starts_and_restarts_a_task_by_its_own_type(telling: Centre) -> None:
    case_no = await planned(telling)
    await dispatched(telling, case_no, 1, 2)
    number = task_id(case_no, 2)
    await handle_of(telling, number).terminate("by hand")
    assert await telling.door.restart(number, source="grid_patrol") == "told"
    task = await described(telling, number)
    assert (task.workflow_type, task.status) == (
        "DepartmentTask",
        WorkflowExecutionStatus.RUNNING,
    )
    await does(telling, case_no, 2)
    await handle_of(telling, number).result()
    told = await telling.door.tell(
        number, source="grid_patrol", command_id="late", label="late", first=False
    )

    assert told == "told"
    await handle_of(telling, number).result()
    assert (await telling.case(number)).state is State.TASK_DONE


async def test_a_case_hears_of_a_hold_of_its_tasks_that_moves_its_limit(
    telling: Centre,
) -> None:
    promise = Limit(value=40, unit=Unit.WORK_HOUR)
    await telling.change_flow(whole=promise, whole_from_acceptance=True)
    case_no = await planned(telling)
    await dispatched(telling, case_no, 1, 2)
    await does(telling, case_no, 2)
    number = task_id(case_no, 1)
    await telling.must(number, "water.desk", Step(action=Action.SIGN))
    held = Step(
        action=Action.REQUEST_HOLD,
        reason="hold_budget",
        text="款项未到",
        until=datetime.now(UTC) + timedelta(days=20),
    )
    await telling.must(number, "water.head", held)
    await telling.must(number, "dispatcher1", Step(action=Action.APPROVE_HOLD))
    await telling.until(case_no, lambda one: one.state is State.ON_HOLD)
    await telling.until_in_step(case_no)
    await telling.must(number, "water.desk", Step(action=Action.RESUME, text="款项已到"))
    await telling.until(case_no, lambda one: one.state is State.HANDLING)
    await telling.until_in_step(case_no)
    names = [EventType.Name(one.event_type) for one in (await telling.history(case_no)).events]

    assert names.count("EVENT_TYPE_TIMER_STARTED") == 1 + names.count(
        "EVENT_TYPE_TIMER_CANCELED"
    )
