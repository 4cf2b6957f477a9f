"""The house behind its HTTP door: real Postgres, real Temporal, a worker, and a client."""

import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path

import pytest
from temporalio.client import Client

from activities.cases import CaseActivities
from api.acting import Tell
from embedded.office import Office, office_on
from embedded.temporal import Temporal
from workflows.client import Door
from workflows.client import connect as connect_temporal
from workflows.converter import data_converter
from workflows.worker import case_worker

Offices = Callable[[str, Tell, Path], AbstractAsyncContextManager[Office]]


@pytest.fixture(scope="session")
async def temporal_client(temporal_server: Temporal) -> Client:
    """A client of the real Temporal server."""
    return await connect_temporal(
        temporal_server.address, temporal_server.setup.namespace, converter=data_converter()
    )


@pytest.fixture(scope="session")
async def office(
    open_seeded: Callable[[], AbstractAsyncContextManager[str]],
    temporal_client: Client,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Office]:
    """The house with a worker, shared by the tests of this folder: each makes its own cases."""
    queue = f"api-{uuid.uuid4().hex[:8]}"
    tell = Door(client=temporal_client, task_queue=queue).tell
    async with AsyncExitStack() as stack:
        folder = tmp_path_factory.mktemp("files")
        url = await stack.enter_async_context(open_seeded())
        made = await stack.enter_async_context(office_on(url, tell, folder))
        activities = CaseActivities(made.services.sessions)
        await stack.enter_async_context(
            case_worker(temporal_client, activities, task_queue=queue)
        )
        yield made


@pytest.fixture
async def dispatched(office: Office) -> str:
    """A case that waits for its department to sign."""
    case_no = str((await office.report())["case_no"])
    assert (await office.get(f"/cases/{case_no}", "duty1"))["state"] == "dispatched"
    return case_no


@pytest.fixture
def offices() -> Offices:
    """Opens houses of a test's own."""
    return office_on
