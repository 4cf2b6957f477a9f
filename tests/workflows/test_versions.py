"""Worker versions: running cases move to a new build once it is made current."""

import asyncio

import pytest
from temporalio.service import RPCError

from domain.command import Step
from domain.terms import Action, State
from embedded.centre import Centre
from workflows.client import make_current, workflow_id

pytestmark = pytest.mark.server


async def promoted(centre: Centre, build_id: str) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                await make_current(centre.door.client, build_id)
            except RPCError:  # the server has not seen the new worker poll yet
                await asyncio.sleep(0.1)
            else:
                return


async def build_of(centre: Centre, case_no: str) -> str:
    handle = centre.door.client.get_workflow_handle(workflow_id(case_no))
    info = (await handle.describe()).raw_description.workflow_execution_info
    return info.versioning_info.deployment_version.build_id


async def test_a_running_case_moves_to_the_promoted_build(centre: Centre, unique: str) -> None:
    first, second = f"a-{unique}", f"b-{unique}"
    async with centre.working(build_id=first):
        await promoted(centre, first)
        case_no = await centre.report()
        await centre.until(case_no, lambda one: one.state is State.DISPATCHED)
    async with centre.working(build_id=second):
        await promoted(centre, second)
        await centre.must(case_no, "supervisor1", Step(action=Action.URGE))

        async with asyncio.timeout(30):
            while await build_of(centre, case_no) != second:  # noqa: ASYNC110  server-side
                await asyncio.sleep(0.05)  # the verdict is on record before the task ends
        await centre.until_in_step(case_no)
