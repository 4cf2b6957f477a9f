"""One case, one workflow, on the real Temporal server and the real Postgres."""

import asyncio
from datetime import timedelta

import pytest
from temporalio.client import WorkflowExecutionStatus

from activities.reconcile import Reconciler
from domain.command import Step
from domain.terms import Action, State
from embedded.centre import Centre
from workflows.case import CaseWorkflow
from workflows.client import workflow_id
from workflows.messages import CaseStart

pytestmark = pytest.mark.server


async def closed_case(centre: Centre) -> str:
    case_no = await centre.report()
    await centre.until(case_no, lambda one: one.state is State.DISPATCHED)
    await centre.to_closed(case_no)
    return case_no


async def assert_in_step(centre: Centre, case_no: str) -> None:
    """The workflow's case is the folded log, and every command has one verdict."""
    await centre.until_in_step(case_no)
    for command_id in centre.written:
        assert (await centre.verdict(command_id)).verdict in {"done", "refused"}
    assert await centre.snapshot(case_no) == await centre.case(case_no)


@pytest.mark.usefixtures("worker")
async def test_a_patrol_report_lives_to_closed_in_36_events(centre: Centre) -> None:
    case_no = await closed_case(centre)

    assert (await centre.case(case_no)).state is State.CLOSED
    await assert_in_step(centre, case_no)
    assert len((await centre.history(case_no)).events) <= 36


@pytest.mark.usefixtures("worker")
async def test_signals_nobody_can_read_go_on_record_and_change_nothing(centre: Centre) -> None:
    case_no = await centre.report()
    before = await centre.until(case_no, lambda one: one.state is State.DISPATCHED)
    handle = centre.door.client.get_workflow_handle(workflow_id(case_no))
    await handle.signal("act", args=[1, 2, 3])
    await handle.signal("act", {"command_id": 7, "label": []})
    await handle.signal("act")
    await handle.signal("nonsense", "x" * 1000)

    after = await centre.until(case_no, lambda one: one.seq == before.seq + 4)
    assert (after.state, after.version) == (before.state, before.version)
    await centre.to_closed(case_no)
    await assert_in_step(centre, case_no)


@pytest.mark.usefixtures("worker")
async def test_many_signals_race_a_close_and_each_gets_one_verdict(centre: Centre) -> None:
    case_no = await centre.report()
    await centre.until(case_no, lambda one: one.state is State.DISPATCHED)
    await centre.to_fed_back(case_no)
    asked = [
        centre.ask(case_no, "dispatcher1", Step(action=Action.PASS_REVIEW)),
        *(
            centre.ask(case_no, "supervisor1", Step(action=Action.URGE, text=str(number)))
            for number in range(20)
        ),
        centre.ask(case_no, "dispatcher2", Step(action=Action.PASS_REVIEW)),
    ]
    ids = await asyncio.gather(*asked)
    verdicts = [(await centre.verdict(one)).verdict for one in ids]

    assert {verdicts[0], verdicts[-1]} == {"done", "refused"}
    await assert_in_step(centre, case_no)


@pytest.mark.usefixtures("worker")
async def test_commands_race_the_end_and_none_is_lost(centre: Centre) -> None:
    case_no = await centre.report()
    await centre.until(case_no, lambda one: one.state is State.DISPATCHED)
    asked = Step(
        action=Action.REQUEST_VOID, reason=centre.reason("request_void"), text="测试件"
    )
    assert (await centre.do(case_no, "supervisor1", asked)).verdict == "done"
    void = Step(action=Action.VOID, reason=centre.reason("void"), text="确属测试")
    ids = await asyncio.gather(
        *(centre.ask(case_no, "supervisor1", Step(action=Action.URGE)) for _ in range(10)),
        centre.ask(case_no, "duty1", void),
        *(centre.ask(case_no, "supervisor1", Step(action=Action.URGE)) for _ in range(10)),
    )
    reconciler = Reconciler(activities=centre.activities, tell=centre.door.tell)
    async with asyncio.timeout(30):
        while await centre.unjudged(case_no):
            await centre.make_due_to_tell(case_no)
            await reconciler.sweep()
    verdicts = {(await centre.verdict(one)).verdict for one in ids}

    assert verdicts <= {"done", "refused"}
    assert (await centre.case(case_no)).state is State.VOIDED
    ends = [one for one in await centre.events(case_no) if one.state is State.VOIDED]
    assert len(ends) == 1


@pytest.mark.usefixtures("worker")
async def test_an_admins_cancel_is_a_wish_to_void(centre: Centre) -> None:
    case_no = await centre.report()
    await centre.until(case_no, lambda one: one.state is State.DISPATCHED)
    handle = centre.door.client.get_workflow_handle(workflow_id(case_no))
    await handle.cancel()

    case = await centre.until(case_no, lambda one: bool(one.pending))
    assert case.pending[0].by == "temporal-admin"
    assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
    await centre.to_closed(case_no)
    await assert_in_step(centre, case_no)


@pytest.mark.usefixtures("worker")
async def test_a_terminated_case_starts_again_from_its_log(centre: Centre) -> None:
    case_no = await centre.report()
    await centre.until(case_no, lambda one: one.state is State.DISPATCHED)
    handle = centre.door.client.get_workflow_handle(workflow_id(case_no))
    await handle.terminate("by hand")
    await centre.to_closed(case_no)

    await assert_in_step(centre, case_no)
    assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING


@pytest.mark.usefixtures("worker")
async def test_a_terminated_case_whose_limit_passes_is_woken(centre: Centre) -> None:
    case_no = await centre.report()
    await centre.until(case_no, lambda one: one.state is State.DISPATCHED)
    handle = centre.door.client.get_workflow_handle(workflow_id(case_no))
    await handle.terminate("by hand")
    await centre.let_rung_pass(case_no)
    reconciler = Reconciler(
        activities=centre.activities, tell=centre.door.tell, overdue=timedelta(seconds=0)
    )

    assert await reconciler.wake_overdue() == 1
    assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
    await assert_in_step(centre, case_no)


@pytest.mark.usefixtures("worker")
async def test_a_reset_to_the_first_task_reads_the_log_again(centre: Centre) -> None:
    case_no = await closed_case(centre)
    before = await centre.events(case_no)
    await centre.reset(case_no)

    await centre.until_in_step(case_no)
    assert await centre.events(case_no) == before


async def test_what_was_told_while_no_worker_ran_is_judged_once(
    centre: Centre,
) -> None:
    case_no = await centre.report()
    urge = Step(action=Action.URGE)
    ids = [await centre.ask(case_no, "supervisor1", urge) for _ in range(3)]
    reconciler = Reconciler(activities=centre.activities, tell=centre.door.tell)
    for _ in range(3):
        await centre.make_due_to_tell(case_no)
        assert await reconciler.sweep() == 1
    async with centre.working():
        verdicts = [(await centre.verdict(one)).verdict for one in ids]

        assert verdicts == ["done"] * 3
        urges = [one for one in await centre.events(case_no) if one.action is Action.URGE]
        assert len(urges) == 3
        await assert_in_step(centre, case_no)


async def test_without_a_cache_every_task_replays(centre: Centre) -> None:
    async with centre.working(cached=0):
        case_no = await closed_case(centre)
        await assert_in_step(centre, case_no)


@pytest.mark.usefixtures("worker")
async def test_a_case_of_older_code_continues_as_new_when_idle(centre: Centre) -> None:
    centre.tells = False
    case_no = await centre.report()
    client = centre.door.client
    old = await client.start_workflow(
        CaseWorkflow.run,
        CaseStart(case_no=case_no, generation=0),
        id=workflow_id(case_no),
        task_queue=centre.door.task_queue,
    )
    centre.tells = True
    await centre.until(case_no, lambda one: one.state is State.DISPATCHED)
    await centre.to_closed(case_no)

    await assert_in_step(centre, case_no)
    now = await client.get_workflow_handle(workflow_id(case_no)).describe()
    assert now.run_id != old.result_run_id
    assert now.status is WorkflowExecutionStatus.RUNNING
