"""Verify knows joint cases: workflows of tasks by their own type, tasks that have not begun."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, update
from temporalio.client import WorkflowExecutionStatus
from uuid_utils.compat import uuid7

from domain.command import Step
from domain.joint import task_id
from domain.terms import Action, State
from embedded.centre import Centre
from registry.findings import Kind, Repair, Run
from registry.tables_case import CaseRow, EventRow
from registry.verify import Scope
from tests.workflows.joint_centre import (
    all_do,
    described,
    dispatched,
    handle_of,
    one_outcome,
    planned,
)

pytestmark = pytest.mark.server


async def verify(centre: Centre, repair: Repair = Repair.NOTHING) -> Run:
    return await centre.verifier.run(uuid7(), Scope(), repair)


async def made_old(centre: Centre) -> None:
    """As if all of it had been written long ago."""
    long_ago = func.clock_timestamp() - timedelta(hours=2)
    async with centre.sessions.begin() as session:
        await session.execute(update(EventRow).values(recorded_at=long_ago))
        waits = update(CaseRow).where(CaseRow.seq == 0)
        await session.execute(waits.values(changed_at=long_ago))


async def until_clean(centre: Centre) -> Run:
    """The list of running workflows lags behind what it lists."""
    async with asyncio.timeout(30):
        while (run := await verify(centre)).found:  # noqa: ASYNC110  another process lists
            await asyncio.sleep(0.1)
    return run


async def test_a_joint_case_is_as_it_should_be_from_plan_to_outcome(telling: Centre) -> None:
    case_no = await planned(telling)
    await dispatched(telling, case_no, 1, 2)
    await made_old(telling)
    async with asyncio.timeout(30):
        while (run := await verify(telling)).workflows != 3:  # noqa: ASYNC110  the list lags
            await asyncio.sleep(0.1)
    assert (run.cases, run.found) == (4, {})
    await all_do(telling, case_no)
    await one_outcome(telling, case_no)
    await made_old(telling)

    assert (await until_clean(telling)).cases == 4


async def test_a_task_given_up_before_it_began_needs_no_workflow(telling: Centre) -> None:
    case_no = await planned(telling)
    await dispatched(telling, case_no, 1, 2)
    ask = Step(action=Action.REQUEST_VOID, reason=telling.reason("request_void"), text="测试")
    await telling.must(case_no, "supervisor1", ask)
    void = Step(action=Action.VOID, reason=telling.reason("void"), text="确属测试")
    await telling.must(case_no, "duty1", void)
    for number in (1, 2):
        await telling.until(task_id(case_no, number), lambda one: one.ended)
    await made_old(telling)

    assert (await until_clean(telling)).cases == 4


async def test_a_task_terminated_by_hand_is_found_and_starts_again(telling: Centre) -> None:
    case_no = await planned(telling)
    await dispatched(telling, case_no, 1, 2)
    number = task_id(case_no, 2)
    await handle_of(telling, number).terminate("by hand")
    assert (await verify(telling)).found == {Kind.WORKFLOW_TERMINATED: 1}

    assert (await verify(telling, Repair.WORKFLOWS)).repaired == {Kind.WORKFLOW_TERMINATED: 1}
    task = await described(telling, number)
    assert task.workflow_type == "DepartmentTask"
    assert task.status is WorkflowExecutionStatus.RUNNING
    await all_do(telling, case_no)
    await one_outcome(telling, case_no)
    assert (await telling.case(case_no)).state is State.FED_BACK
