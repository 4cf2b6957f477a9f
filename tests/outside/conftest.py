"""The house with a worker that also delivers, and departments' own systems beside it."""

import asyncio
import json
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from activities.cases import CaseActivities
from activities.deliver import DeliverActivities
from activities.outgoing import Outgoing
from activities.outward import outward_client
from domain.addresses import Network
from embedded.office import Office, office_on
from embedded.process import free_port
from embedded.telling import DEADLINE
from registry import destinations
from registry.book import BookKeeper
from workflows.client import Door
from workflows.worker import case_worker

HERE: tuple[Network, ...] = (ip_network("127.0.0.1/32"),)
"""The systems of these tests are on this machine."""
PROGRAM = Path(__file__).parent / "system.py"


@dataclass
class System:
    """A department's own system: a process of its own."""

    code: str
    port: int
    secret: str
    log: Path
    mode: Path

    def answers(self, how: str) -> None:
        """From now on it answers like this."""
        self.mode.write_text(how, encoding="utf-8")

    def heard(self, work: str = "") -> list[dict[str, Any]]:
        """What it was sent, about some work."""
        if not self.log.exists():
            return []
        lines = map(json.loads, self.log.read_text(encoding="utf-8").splitlines())
        return [one for one in lines if not work or one["work"] == work]

    async def until(self, work: str, number: int) -> list[dict[str, Any]]:
        """Wait until it has taken so many deliveries about some work."""
        async with asyncio.timeout(DEADLINE * 2):
            while True:
                taken = [one for one in self.heard(work) if one["status"] == 200]
                if len(taken) >= number:
                    return taken
                await asyncio.sleep(0.05)


@dataclass
class House:
    """The application, and what judges behind it."""

    office: Office
    activities: CaseActivities

    def hear_at_once(self) -> None:
        """What every process hears after a moment is known now."""
        self.activities.keeper = BookKeeper()


Install = Callable[[str, str], Awaitable[System]]


@pytest.fixture(scope="session")
async def house(
    open_seeded: Callable[[], AbstractAsyncContextManager[str]],
    client: Client,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[House]:
    """The application, a worker, and the loop that begins deliveries."""
    queue = f"outside-{uuid.uuid4().hex[:8]}"
    door = Door(client=client, task_queue=queue)
    stop = asyncio.Event()
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(open_seeded())
        folder = tmp_path_factory.mktemp("files")
        office = await stack.enter_async_context(office_on(url, door.tell, folder))
        sessions = office.services.sessions
        http = await stack.enter_async_context(outward_client(HERE))
        deliver = DeliverActivities(
            sessions=sessions, sealer=office.services.acting.sealer, http=http
        )
        activities = CaseActivities(sessions)
        await stack.enter_async_context(
            case_worker(client, activities, task_queue=queue, deliver=deliver)
        )
        looking = asyncio.create_task(
            Outgoing(sessions=sessions, begin=door.begin_delivery).run(stop)
        )
        yield House(office=office, activities=activities)
        stop.set()
        await looking


@pytest.fixture
async def install(house: House, tmp_path: Path) -> AsyncIterator[Install]:
    """Starts a unit's own system and makes it known; disabled and stopped at the end."""
    processes: list[asyncio.subprocess.Process] = []
    made: list[System] = []

    async def start(unit: str, how: str = "ok") -> System:
        code, port = f"{unit}-{uuid.uuid4().hex[:6]}", free_port()
        async with house.office.services.sessions.begin() as session:
            secret = await destinations.add(
                session,
                house.office.services.acting.sealer,
                code,
                unit,
                f"http://127.0.0.1:{port}/in",
                inside=HERE,
            )
        house.hear_at_once()
        system = System(
            code=code,
            port=port,
            secret=secret,
            log=tmp_path / f"{code}.log",
            mode=tmp_path / code,
        )
        system.answers(how)
        processes.append(
            await asyncio.create_subprocess_exec(
                sys.executable,
                str(PROGRAM),
                *(str(port), secret, str(system.log), str(system.mode)),
            )
        )
        made.append(system)
        return system

    yield start
    async with house.office.services.sessions.begin() as session:
        for one in made:
            await destinations.disable(
                session, one.code, (await destinations.need(session, one.code)).created_at
            )
    for process in processes:
        process.terminate()
        await process.wait()
