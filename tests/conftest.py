"""Servers for the tests: a real Postgres, a real Temporal, and one that skips time."""

import asyncio
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from embedded.postgres import Postgres
from embedded.process import free_port
from embedded.temporal import Ports, Setup, Temporal, find_cli, indexed_type
from embedded.testserver import ensure_test_server

TEMPLATE = "template_gridcase"
NAMESPACE = "gridcase"


def _search_attributes() -> dict[str, str]:
    from workflows.attributes import SEARCH_ATTRIBUTES  # noqa: PLC0415  # only server tests

    return dict(SEARCH_ATTRIBUTES)


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """A short-named folder for servers that may run as another user, who must pass through it.

    pytest's own temporary folders are private to us.
    """
    folder = Path(tempfile.mkdtemp(prefix="gridcase-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
async def postgres(server_folder: Path) -> AsyncIterator[Postgres]:
    """A Postgres for the whole run, fsync off: crash tests start their own."""
    server = Postgres(server_folder / "postgres", port=free_port(), durable=False)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture(scope="session")
async def migrated_template(postgres: Postgres) -> str:
    """The name of a database that the migrations made once; to be copied, never used."""
    from registry.migrate import upgrade  # noqa: PLC0415  # only database tests

    url = await postgres.create_database(TEMPLATE)
    await asyncio.to_thread(upgrade, url)
    return TEMPLATE


@pytest.fixture
async def database_url(postgres: Postgres, migrated_template: str) -> AsyncIterator[str]:
    """A fresh, migrated database of this test's own: `postgresql+asyncpg://…`."""
    name = f"t_{uuid.uuid4().hex}"
    url = await postgres.create_database(name, template=migrated_template)
    yield url
    await postgres.drop_database(name)


@pytest.fixture(scope="session")
async def seeded_template(postgres: Postgres, migrated_template: str) -> str:
    """A database with the demonstration district, made once; to be copied, never used."""
    from registry.seed import load  # noqa: PLC0415  # only database tests

    name = f"{migrated_template}_seeded"
    await load(await postgres.create_database(name, template=migrated_template))
    return name


@pytest.fixture
async def seeded_url(postgres: Postgres, seeded_template: str) -> AsyncIterator[str]:
    """A fresh database with the demonstration district: `postgresql+asyncpg://…`."""
    name = f"t_{uuid.uuid4().hex}"
    url = await postgres.create_database(name, template=seeded_template)
    yield url
    await postgres.drop_database(name)


@pytest.fixture(scope="session")
async def temporal_server(server_folder: Path) -> AsyncIterator[Temporal]:
    """A Temporal server for the whole run, in memory, with our search attributes."""
    setup = Setup(
        ports=Ports(grpc=free_port()),
        namespace=NAMESPACE,
        search_attributes=_search_attributes(),
    )
    server = Temporal(find_cli(build=False), setup, log=server_folder / "temporal.log")
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def task_queue(request: pytest.FixtureRequest) -> str:
    """A task queue of this test's own: tests share one server and one namespace."""
    return f"{request.node.name[:60]}-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def unique() -> str:
    """A short string for workflow ids that no other test uses."""
    return uuid.uuid4().hex[:12]


@pytest.fixture
async def skipping_env() -> AsyncIterator[WorkflowEnvironment]:
    """A time-skipping server of this test's own: its clock is one for all its workflows.

    It has no list, count or schedules.
    """
    program = await asyncio.to_thread(ensure_test_server)
    async with await WorkflowEnvironment.start_time_skipping(
        data_converter=pydantic_data_converter,
        test_server_existing_path=str(program),
        test_server_startup_timeout=timedelta(seconds=30),
    ) as env:
        kinds = {name: indexed_type(kind) for name, kind in _search_attributes().items()}
        await env.client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=env.client.namespace, search_attributes=kinds),
            timeout=timedelta(seconds=10),
        )
        yield env
