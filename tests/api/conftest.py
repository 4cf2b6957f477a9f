"""The house behind its HTTP door: real Postgres, real Temporal, a worker, and a client."""

import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack

import pytest
from temporalio.client import Client

from activities.cases import CaseActivities
from embedded.office import Office, office_on
from embedded.telling import reconciling
from workflows.client import Door
from workflows.worker import case_worker


@pytest.fixture(scope="session")
async def office(
    open_seeded: Callable[[], AbstractAsyncContextManager[str]],
    client: Client,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Office]:
    """The house with a worker, shared by the tests of this folder: each makes its own cases."""
    queue = f"api-{uuid.uuid4().hex[:8]}"
    door = Door(client=client, task_queue=queue)
    async with AsyncExitStack() as stack:
        folder = tmp_path_factory.mktemp("files")
        url = await stack.enter_async_context(open_seeded())
        made = await stack.enter_async_context(office_on(url, door.tell, folder))
        activities = CaseActivities(made.services.sessions)
        await stack.enter_async_context(case_worker(client, activities, task_queue=queue))
        await stack.enter_async_context(reconciling(activities, door.tell))
        yield made


@pytest.fixture
async def dispatched(office: Office) -> str:
    """A case that waits for its department to sign."""
    case_no = str((await office.report())["case_no"])
    assert (await office.get(f"/cases/{case_no}", "duty1"))["state"] == "dispatched"
    return case_no
