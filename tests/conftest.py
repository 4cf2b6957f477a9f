"""Servers for the tests: a real Postgres, a real Temporal, and one that skips time."""

import asyncio
import itertools
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.cases import CaseActivities
from embedded.centre import Centre
from embedded.postgres import Postgres
from embedded.process import free_port
from embedded.temporal import Ports, Setup, Temporal, find_cli, indexed_type
from embedded.testserver import ensure_test_server
from registry import book as books
from registry.engine import connect, sessions_of
from registry.tables_case import CaseDay
from workflows.client import Door
from workflows.client import connect as connect_temporal
from workflows.converter import data_converter

TEMPLATE = "template_gridcase"
NAMESPACE = "gridcase"
OpenSeeded = Callable[[], AbstractAsyncContextManager[str]]
CASE_BLOCKS = itertools.count(1000, 1000)


def _search_attributes() -> dict[str, str]:
    from workflows.attributes import SEARCH_ATTRIBUTES  # noqa: PLC0415  only server tests

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
    from registry.migrate import upgrade  # noqa: PLC0415  only server tests

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
    from registry.seed import load  # noqa: PLC0415  only server tests

    name = f"{migrated_template}_seeded"
    await load(await postgres.create_database(name, template=migrated_template))
    return name


@pytest.fixture(scope="session")
def open_seeded(postgres: Postgres, seeded_template: str) -> OpenSeeded:
    """Makes a fresh database with the demonstration district; its address, and it is dropped.

    Its case numbers are its own: the tests share a Temporal server, where they are ids.
    """

    @asynccontextmanager
    async def opened() -> AsyncIterator[str]:
        name = f"t_{uuid.uuid4().hex}"
        url = await postgres.create_database(name, template=seeded_template)
        engine = connect(url)
        start, today = next(CASE_BLOCKS), datetime.now(UTC).date()
        async with engine.begin() as connection:
            for ahead in range(-1, 3):
                day = (today + timedelta(days=ahead)).isoformat()
                await connection.execute(insert(CaseDay).values(day=day, base=-start))
        await engine.dispose()
        yield url
        await postgres.drop_database(name)

    return opened


@pytest.fixture
async def seeded_url(open_seeded: OpenSeeded) -> AsyncIterator[str]:
    """A fresh database with the demonstration district: `postgresql+asyncpg://…`."""
    async with open_seeded() as url:
        yield url


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
        data_converter=data_converter(),
        test_server_existing_path=str(program),
        test_server_startup_timeout=timedelta(seconds=30),
    ) as env:
        kinds = {name: indexed_type(kind) for name, kind in _search_attributes().items()}
        await env.client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=env.client.namespace, search_attributes=kinds),
            timeout=timedelta(seconds=10),
        )
        yield env


@pytest.fixture
async def engine(seeded_url: str) -> AsyncIterator[AsyncEngine]:
    """Connections to a seeded registry of this test's own."""
    made = connect(seeded_url, pool_size=10)
    yield made
    await made.dispose()


@pytest.fixture(scope="session")
async def client(temporal_server: Temporal) -> Client:
    """A client of the real Temporal server."""
    return await connect_temporal(
        temporal_server.address, temporal_server.setup.namespace, converter=data_converter()
    )


@pytest.fixture
async def centre(engine: AsyncEngine, client: Client, task_queue: str) -> Centre:
    """The centre, with no worker running."""
    sessions = sessions_of(engine)
    async with sessions() as session:
        book = await books.load(session, at=datetime.now(UTC))
    return Centre(
        sessions=sessions,
        door=Door(client=client, task_queue=task_queue),
        activities=CaseActivities(sessions),
        book=book,
    )


@pytest.fixture
async def desk(centre: Centre) -> Centre:
    """The centre without Temporal: only the registry is at work."""
    centre.tells = False
    return centre


@pytest.fixture
async def worker(centre: Centre) -> AsyncIterator[Worker]:
    """A worker on the real server."""
    async with centre.working() as made:
        yield made
