"""Verify on the real Temporal server: cases cut off by hand start again and go on."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import delete, func, update
from temporalio import workflow
from temporalio.client import (
    Client,
    RPCError,
    ScheduleActionExecutionStartWorkflow,
    ScheduleOverlapPolicy,
    ScheduleState,
    ScheduleUpdate,
    ScheduleUpdateInput,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
)
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker
from uuid_utils.compat import uuid7

from activities.cases import Advance
from activities.nightly import Nightly, Verified
from activities.verify import Standing
from domain.command import Step
from domain.terms import Action, State
from embedded.centre import Centre
from registry import findings
from registry.findings import Kind, Repair, Run
from registry.tables_case import CaseRow, EventRow
from registry.verify import Scope
from settings import Settings
from worker import keep_schedule
from workflows import schedule
from workflows.case import CaseWorkflow
from workflows.client import workflow_id
from workflows.schedule import Nights
from workflows.survey import CaseSurvey
from workflows.verify import VerifyWorkflow

pytestmark = pytest.mark.server


async def dispatched(centre: Centre) -> tuple[str, WorkflowHandle[Any, Any]]:
    case_no = await centre.report()
    await centre.until(case_no, lambda one: one.state is State.DISPATCHED)
    return case_no, centre.door.client.get_workflow_handle(workflow_id(case_no))


async def verify(centre: Centre, repair: Repair = Repair.NOTHING) -> Run:
    return await centre.verifier.run(uuid7(), Scope(), repair)


async def status(handle: WorkflowHandle[CaseWorkflow, None]) -> WorkflowExecutionStatus | None:
    return (await handle.describe()).status


async def until_clean(centre: Centre) -> None:
    """The list of running workflows lags behind what it lists."""
    async with asyncio.timeout(30):
        while (await verify(centre)).found:  # noqa: ASYNC110  another process lists
            await asyncio.sleep(0.1)


@pytest.mark.usefixtures("worker")
async def test_a_case_terminated_by_hand_starts_again_and_goes_on(centre: Centre) -> None:
    case_no, handle = await dispatched(centre)
    await dispatched(centre)
    await handle.terminate("by hand")
    assert (await verify(centre)).found == {Kind.WORKFLOW_TERMINATED: 1}
    before = await centre.events(case_no)

    run = await verify(centre, Repair.WORKFLOWS)

    assert run.repaired == {Kind.WORKFLOW_TERMINATED: 1}
    assert await status(handle) is WorkflowExecutionStatus.RUNNING
    await centre.until_in_step(case_no)
    assert await centre.events(case_no) == before
    assert (await verify(centre)).found == {}
    await centre.to_closed(case_no)
    await centre.until_in_step(case_no)


@pytest.mark.usefixtures("worker")
async def test_a_workflow_that_completed_while_its_case_is_open_starts_again(
    centre: Centre,
) -> None:
    case_no, handle = await dispatched(centre)
    await handle.terminate("to make room")
    stranger = await centre.door.client.start_workflow(
        VerifyWorkflow.run,
        Nightly(repair=Repair.NOTHING),
        id=workflow_id(case_no),
        task_queue=centre.door.task_queue,
    )
    await stranger.result()
    assert (await verify(centre)).found == {Kind.WORKFLOW_COMPLETED: 1}
    told = await centre.door.tell(
        case_no, source="grid_patrol", command_id="x", label="x", first=False
    )
    assert told == "ended"

    assert (await verify(centre, Repair.WORKFLOWS)).left == 0
    await centre.to_closed(case_no)
    await centre.until_in_step(case_no)


@pytest.mark.usefixtures("worker")
async def test_a_workflow_that_never_was_is_started(centre: Centre) -> None:
    centre.tells = False
    case_no = await centre.report()
    centre.tells = True
    async with centre.sessions.begin() as session:
        long_ago = func.clock_timestamp() - timedelta(hours=2)
        await session.execute(update(CaseRow).values(changed_at=long_ago))
    assert (await verify(centre)).found == {Kind.WORKFLOW_MISSING: 1}

    assert (await verify(centre, Repair.WORKFLOWS)).left == 0
    await centre.until(case_no, lambda one: one.state is State.DISPATCHED)
    await centre.until_in_step(case_no)


@pytest.mark.usefixtures("worker")
async def test_a_reset_case_needs_nothing(centre: Centre) -> None:
    case_no, _ = await dispatched(centre)
    await centre.reset(case_no)

    assert (await verify(centre)).found == {}
    await centre.until_in_step(case_no)


async def test_the_workflow_of_an_ended_case_ends_by_itself(centre: Centre) -> None:
    async with centre.working():
        case_no, handle = await dispatched(centre)
    centre.tells = False
    asked = Step(
        action=Action.REQUEST_VOID, reason=centre.reason("request_void"), text="测试件"
    )
    void = Step(action=Action.VOID, reason=centre.reason("void"), text="确属测试")
    await centre.ask(case_no, "supervisor1", asked)
    await centre.ask(case_no, "duty1", void)
    await centre.activities.advance(Advance(case_no=case_no, known_seq=0))
    assert (await centre.case(case_no)).state is State.VOIDED
    async with centre.sessions.begin() as session:
        long_ago = func.clock_timestamp() - timedelta(hours=2)
        await session.execute(update(EventRow).values(recorded_at=long_ago))

    run = await verify(centre, Repair.WORKFLOWS)

    assert run.repaired == {Kind.STILL_RUNNING: 1}
    async with centre.working():
        await handle.result()
    assert await status(handle) is WorkflowExecutionStatus.COMPLETED
    await until_clean(centre)


@pytest.mark.usefixtures("worker")
async def test_a_workflow_without_a_case_is_told_of_and_left(centre: Centre) -> None:
    case_no, handle = await dispatched(centre)
    async with centre.sessions.begin() as session:
        for table in reversed(CaseRow.metadata.sorted_tables):
            if "case_no" in table.c and table.name != "finding":
                await session.execute(delete(table).where(table.c.case_no == case_no))
    async with asyncio.timeout(30):
        run = await verify(centre, Repair.EVERYTHING)
        while run.found != {Kind.UNKNOWN_CASE: 1}:  # the list lags
            run = await verify(centre, Repair.EVERYTHING)

    assert run.left == 1
    assert await status(handle) is WorkflowExecutionStatus.RUNNING
    await handle.terminate("the test is over")


@workflow.defn(name="CaseWorkflow")
class Ends:
    """A workflow that ends as it is told to."""

    @workflow.run
    async def run(self, how: str) -> None:
        """Fail, or wait."""
        if how == Standing.FAILED:
            raise ApplicationError("as told")
        if how != Standing.COMPLETED:
            await workflow.sleep(timedelta(days=1))


@pytest.mark.parametrize("standing", sorted(set(Standing) - {Standing.MISSING}))
async def test_standings_are_what_became_of_a_workflow(
    client: Client, task_queue: str, unique: str, standing: Standing
) -> None:
    survey = CaseSurvey(client=client, task_queue=task_queue)
    assert await survey.standing(unique) is Standing.MISSING
    async with Worker(
        client,
        task_queue=task_queue,
        workflows=[Ends],
        workflow_runner=UnsandboxedWorkflowRunner(),
    ):
        short = timedelta(milliseconds=500) if standing is Standing.TIMED_OUT else None
        handle = await client.start_workflow(
            "CaseWorkflow",
            standing.value,
            id=workflow_id(unique),
            task_queue=task_queue,
            run_timeout=short,
        )
        if standing is Standing.TERMINATED:
            await handle.terminate("by hand")
        if standing is Standing.CANCELLED:
            await handle.cancel()
        if standing is not Standing.RUNNING:
            with suppress(WorkflowFailureError):
                await handle.result()

        assert await survey.standing(unique) is standing
        if standing is Standing.RUNNING:
            async with asyncio.timeout(30):
                while await survey.among([unique, "1"]) != {unique}:  # noqa: ASYNC110  the list lags
                    await asyncio.sleep(0.05)
            assert [one async for one in survey.running()] == [[unique]]
            await handle.terminate("the test is over")


@pytest.fixture
async def nights(client: Client, unique: str) -> AsyncIterator[Nights]:
    """A schedule of this test's own, that never comes by itself."""
    made = Nights(
        cron="0 0 1 1 *",
        zone="Asia/Shanghai",
        order=Nightly(repair=Repair.WORKFLOWS),
        schedule_id=f"verify-{unique}",
    )
    yield made
    await schedule.drop(client, made.schedule_id)


@pytest.mark.usefixtures("worker")
async def test_the_schedule_mends_by_itself(centre: Centre, nights: Nights) -> None:
    _, handle = await dispatched(centre)
    await handle.terminate("by hand")
    client, queue = centre.door.client, centre.door.task_queue
    assert await schedule.keep(client, queue, nights)
    night = client.get_schedule_handle(nights.schedule_id)
    await night.trigger()
    async with asyncio.timeout(30):
        while not (recent := (await night.describe()).info.recent_actions):  # noqa: ASYNC110  another process
            await asyncio.sleep(0.05)
    started = recent[-1].action
    assert isinstance(started, ScheduleActionExecutionStartWorkflow)
    run = client.get_workflow_handle(started.workflow_id, result_type=Verified)

    assert await run.result() == Verified(
        cases=1, workflows=1, found={"workflow_terminated": 1}, left=0
    )
    assert await status(handle) is WorkflowExecutionStatus.RUNNING
    async with centre.sessions() as session:
        latest = await findings.latest(session)
    assert latest is not None
    assert str(latest.run_id) == started.first_execution_run_id
    assert latest.repaired == {Kind.WORKFLOW_TERMINATED: 1}


async def test_the_schedule_follows_the_settings_and_keeps_an_admins_pause(
    client: Client, nights: Nights, task_queue: str
) -> None:
    async def pause(there: ScheduleUpdateInput) -> ScheduleUpdate:
        there.description.schedule.state = ScheduleState(paused=True, note="holidays")
        return ScheduleUpdate(schedule=there.description.schedule)

    assert await schedule.keep(client, task_queue, nights)
    night = client.get_schedule_handle(nights.schedule_id)
    await night.update(pause)
    other = Nights(
        cron="15 4 * * *",
        zone="Asia/Urumqi",
        order=Nightly(repair=Repair.NOTHING),
        schedule_id=nights.schedule_id,
    )
    assert await schedule.keep(client, task_queue, other)
    there = (await night.describe()).schedule

    (at,) = there.spec.calendars
    assert (at.hour[0].start, at.minute[0].start) == (4, 15)
    assert there.spec.time_zone_name == "Asia/Urumqi"
    assert (there.state.paused, there.state.note) == (True, "holidays")
    await schedule.drop(client, nights.schedule_id)
    await schedule.drop(client, nights.schedule_id)


async def test_a_server_without_schedules_is_put_up_with(
    skipping_env: WorkflowEnvironment,
    nights: Nights,
    task_queue: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        assert not await schedule.keep(skipping_env.client, task_queue, nights)
    assert "no nightly verify" in caplog.text


def settings_of(centre: Centre, **more: object) -> Settings:
    keys = {name: bytes(32) for name in ("reporter_key", "payload_key", "blind_index_key")}
    queue = centre.door.task_queue
    return Settings(database_url="postgresql://x", task_queue=queue, **keys | more)  # type: ignore[arg-type]


async def test_the_worker_keeps_the_schedule_as_its_settings_say(centre: Centre) -> None:
    client = centre.door.client
    night = client.get_schedule_handle(schedule.SCHEDULE_ID)
    await keep_schedule(client, centre.activities, settings_of(centre))
    there = (await night.describe()).schedule
    (at,) = there.spec.calendars
    await keep_schedule(client, centre.activities, settings_of(centre, verify_cron="off"))

    assert (at.hour[0].start, at.minute[0].start) == (2, 30)
    assert there.spec.time_zone_name == "Asia/Shanghai"
    assert there.policy.overlap is ScheduleOverlapPolicy.SKIP
    with pytest.raises(RPCError):
        await night.describe()


@pytest.mark.parametrize("cron", ["", "2:30", "30 2 * *", "30 2 * * * *", "daily"])
def test_a_time_that_is_no_cron_is_refused(centre: Centre, cron: str) -> None:
    with pytest.raises(ValidationError, match="verify_cron"):
        settings_of(centre, verify_cron=cron)
