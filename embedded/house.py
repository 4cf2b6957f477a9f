"""A deployment whose parts tests and benchmarks may kill: Postgres, Temporal, workers as processes."""

import asyncio
import base64
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.cases import CaseActivities
from domain.terms import State
from embedded.centre import Centre
from embedded.postgres import Postgres
from embedded.process import free_port
from embedded.temporal import Ports, Setup, Temporal, find_cli
from registry import book as books
from registry.engine import connect, sessions_of
from registry.migrate import upgrade_async
from registry.seed import load
from registry.tables_case import CaseRow, CommandRow, EventRow, RungRow
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
        """A worker process with its own metrics port; it polls when this returns or soon after."""
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
        """kill -9 every worker that lives."""
        for process in self.workers:
            if process.returncode is None:
                process.send_signal(signal.SIGKILL)
            await process.wait()
        self.workers.clear()

    async def eventually(self, holds: Callable[[], Awaitable[bool]], within: float = 60) -> None:
        """Wait until a condition holds; a server that is away does not count as an answer."""
        async with asyncio.timeout(within):
            while True:
                try:
                    if await holds():
                        return
                except Exception:  # noqa: BLE001, S110  a killed server is the point here
                    pass
                await asyncio.sleep(0.1)

    async def check(self, cases: list[str]) -> None:
        """Log, rows and workflow agree; every command has one verdict, every rung fired once."""
        centre = self.centre
        for case_no in cases:
            await self.eventually(lambda one=case_no: self._quiet(one))
            log = await centre.case(case_no)
            assert await centre.snapshot(case_no) == log
            if log.state is not State.ARCHIVED and not log.ended:
                await centre.until_in_step(case_no)
            async with centre.sessions() as session:
                causes = (
                    await session.execute(
                        select(EventRow.cause_id, EventRow.part).where(
                            EventRow.case_no == case_no
                        )
                    )
                ).all()
                assert len(causes) == len(set(causes))
                done = set(
                    await session.scalars(
                        select(CommandRow.command_id).where(
                            CommandRow.case_no == case_no, CommandRow.verdict == "done"
                        )
                    )
                )
                assert {str(one) for one in done} == {
                    cause for cause, _ in causes if cause.count("-") == 4
                }
                rungs = (
                    await session.scalars(select(RungRow).where(RungRow.case_no == case_no))
                ).all()
                fired = [cause for cause, part in causes if cause.startswith("clock/")]
                assert len(rungs) == len(set(fired))

    async def _quiet(self, case_no: str) -> bool:
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
    """Start a deployment with the demonstration district in `folder`, and stop it after the block."""
    postgres = Postgres(folder / "postgres", port=free_port(), durable=durable)
    await postgres.start()
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
    engine: AsyncEngine = connect(url, pool_size=10)
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
    try:
        yield made
    finally:
        await made.kill_workers()
        await engine.dispose()
        await temporal.stop()
        await postgres.stop()
