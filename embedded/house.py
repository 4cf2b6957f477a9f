"""A deployment whose parts tests and benchmarks may kill: Postgres, Temporal, workers."""

import asyncio
import base64
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.cases import CaseActivities
from embedded.centre import Centre
from embedded.postgres import Postgres
from embedded.process import free_port
from embedded.temporal import Ports, Setup, Temporal, find_cli
from registry import book as books
from registry.engine import connect, sessions_of
from registry.migrate import upgrade_async
from registry.seed import load
from registry.tables_case import CaseRow, CommandRow
from workflows.attributes import SEARCH_ATTRIBUTES
from workflows.client import Door
from workflows.client import connect as connect_temporal
from workflows.converter import SealedCodec, data_converter

ROOT = Path(__file__).parents[1]
KEY = bytes(range(32))
NAMESPACE = "house"


@dataclass
class House:
    """Everything of a deployment, each part killable."""

    postgres: Postgres
    temporal: Temporal
    centre: Centre
    url: str
    log: Path
    workers: list[asyncio.subprocess.Process] = field(default_factory=list)

    async def start_worker(self, program: str = "worker.py") -> asyncio.subprocess.Process:
        """A worker process with a metrics port of its own; it polls soon after."""
        key = base64.b64encode(KEY).decode()
        environment = os.environ | {
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": self.url,
            "TEMPORAL_ADDRESS": self.temporal.address,
            "GRIDCASE_TEMPORAL_NAMESPACE": NAMESPACE,
            "GRIDCASE_WORKER_METRICS_PORT": str(free_port()),
            "GRIDCASE_REPORTER_KEY": key,
            "GRIDCASE_PAYLOAD_KEY": key,
            "GRIDCASE_BLIND_INDEX_KEY": key,
        }
        with self.log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, str(ROOT / program), env=environment, stdout=log, stderr=log
            )
        self.workers.append(process)
        return process

    async def kill_workers(self) -> None:
        """End every worker that lives with kill -9."""
        for process in self.workers:
            if process.returncode is None:
                process.send_signal(signal.SIGKILL)
            await process.wait()
        self.workers.clear()

    async def eventually(
        self, holds: Callable[[], Awaitable[bool]], within: float = 60
    ) -> None:
        """Wait until a condition holds; a server that is away is no answer."""
        async with asyncio.timeout(within):
            while True:
                try:
                    if await holds():
                        return
                except Exception:  # noqa: BLE001, S110  a killed server is the point
                    pass
                await asyncio.sleep(0.1)

    async def quiet(self, case_no: str) -> bool:
        """Whether every command of a case has its verdict."""
        async with self.centre.sessions() as session:
            waiting = await session.scalar(
                select(CommandRow.command_id)
                .where(CommandRow.case_no == case_no, CommandRow.verdict.is_(None))
                .limit(1)
            )
            row = await session.get_one(CaseRow, case_no)
            return waiting is None and row.seq > 0


@asynccontextmanager
async def open_house(folder: Path, *, durable: bool = True) -> AsyncIterator[House]:
    """A deployment with the demonstration district in `folder`, stopped after the block."""
    async with AsyncExitStack() as stack:
        yield await _open(folder, stack, durable=durable)


async def _open(folder: Path, stack: AsyncExitStack, *, durable: bool) -> House:
    """Start what a deployment is made of; what was started is stopped with the stack."""
    postgres = Postgres(folder / "postgres", port=free_port(), durable=durable)
    await postgres.start()
    stack.push_async_callback(postgres.stop)
    url = await postgres.create_database("gridcase")
    await upgrade_async(url)
    await load(url)
    setup = Setup(
        ports=Ports(grpc=free_port()),
        namespace=NAMESPACE,
        search_attributes=dict(SEARCH_ATTRIBUTES),
        database=folder / "temporal.db",
    )
    temporal = Temporal(find_cli(build=False), setup, log=folder / "temporal.log")
    await temporal.start()
    stack.push_async_callback(temporal.stop)
    engine: AsyncEngine = connect(url, pool_size=10)
    stack.push_async_callback(engine.dispose)
    sessions = sessions_of(engine)
    async with sessions() as session:
        book = await books.load(session, at=datetime.now(UTC))
    client = await connect_temporal(
        temporal.address,
        NAMESPACE,
        converter=data_converter(SealedCodec({"k1": KEY}, "k1")),
        lazy=True,
    )
    made = House(
        postgres=postgres,
        temporal=temporal,
        centre=Centre(
            sessions=sessions,
            door=Door(client=client, task_queue="cases"),
            activities=CaseActivities(sessions),
            book=book,
        ),
        url=url,
        log=folder / "worker.log",
    )
    stack.push_async_callback(made.kill_workers)
    return made
