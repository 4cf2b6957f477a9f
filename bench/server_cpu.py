"""Processor time of the Temporal server: a plain case against a minimal workflow, a joint case.

The joint case of three departments is held against three plain cases.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import uuid4

import asyncpg  # type: ignore[import-untyped]  # ships no types

from bench.figures import Figure
from bench.joint import ORDER, JointPerson, planned_by_hand
from bench.rival import TABLES, TASK_QUEUE, MinimalSignals
from bench.site import Person, Site, cpu, dsn

BUDGET = 1.25
AT_ONCE = 8
Life = Callable[[], Awaitable[None]]
STEPS = ("report", "sign", "feed_back", "pass_review", "check_pass")


@dataclass(kw_only=True)
class _Used:
    """Processor seconds of blocks of one kind."""

    cases: int = 0
    server: float = 0.0
    worker: float = 0.0
    wall: float = 0.0


@dataclass(kw_only=True)
class _News:
    """Hears of the rival's writes."""

    waiting: dict[str, asyncio.Event] = field(default_factory=dict)

    def hear(self, _connection: object, _pid: int, _channel: str, step: object) -> None:
        """A step was written."""
        if str(step) in self.waiting:
            self.waiting.pop(str(step)).set()

    def expect(self, step: str) -> asyncio.Event:
        """Register before it is told."""
        return self.waiting.setdefault(step, asyncio.Event())


async def measure(site: Site) -> list[Figure]:
    """Alternating blocks of plain cases, minimal workflows and joint cases, eight at once."""
    rounds, block = (2, 12) if site.quick else (5, 24)
    house = site.house
    connection = await asyncpg.connect(dsn(house.url))
    for statement in TABLES:
        await connection.execute(statement)
    news = _News()
    await connection.add_listener("bench", news.hear)
    ours = await house.start_worker()
    theirs = await house.start_worker("bench/rival_worker.py")
    person = Person(site=site)

    async def case() -> None:
        await person.close(await person.report())

    async def minimal() -> None:
        await _minimal(site, news)

    together = JointPerson(site=site)

    async def joint() -> None:
        await together.joint()

    used = {"ours": _Used(), "theirs": _Used(), "joint": _Used()}
    async with planned_by_hand(site):
        await asyncio.gather(case(), minimal(), joint())
        idle = await _idle(house.temporal.pid)
        pids = (house.temporal.pid, ours.pid)
        for _ in range(rounds):
            await _block(used["ours"], case, block, pids)
            await _block(used["theirs"], minimal, block, (house.temporal.pid, theirs.pid))
            await _block(used["joint"], joint, block // len(ORDER), pids)
    await connection.close()
    await house.kill_workers()
    return [*_figures(used["ours"], used["theirs"], idle), _together(used, idle)]


def _together(used: dict[str, _Used], idle: float) -> Figure:
    """A joint case against as many plain cases as it has departments."""
    joint, plain = used["joint"], used["ours"]
    three = len(ORDER)
    mine = joint.server / joint.cases * 1000
    other = plain.server / plain.cases * 1000 * three
    net = (joint.server - idle * joint.wall) / joint.cases
    net /= (plain.server - idle * plain.wall) / plain.cases * three
    return Figure(
        name="server_cpu: case of three departments, against three plain cases",
        measured=mine / other,
        unit="×",
        note=f"{mine:.1f} ms against {other:.1f} ms of the server, {joint.cases} joint cases; "
        f"without the server's idle share {net:.2f} ×",
    )


def _figures(ours: _Used, theirs: _Used, idle: float) -> list[Figure]:
    mine, other = (one.server / one.cases * 1000 for one in (ours, theirs))
    net = (ours.server - idle * ours.wall) / (theirs.server - idle * theirs.wall)
    return [
        Figure(
            name="server_cpu: plain case, against a minimal workflow",
            measured=mine / other,
            unit="×",
            budget=BUDGET,
            note=f"{mine:.1f} ms against {other:.1f} ms of the server a case, {ours.cases} "
            f"cases each, neither ends; without the server's idle share {net:.2f} ×",
        ),
        Figure(
            name="server_cpu: worker process, a case",
            measured=ours.worker / ours.cases * 1000,
            unit="ms",
            note=f"the minimal worker {theirs.worker / theirs.cases * 1000:.1f} ms; "
            f"{AT_ONCE} at once: {ours.cases / ours.wall:.1f} against "
            f"{theirs.cases / theirs.wall:.1f} cases/s",
        ),
    ]


async def _idle(pid: int, wait: float = 3.0) -> float:
    """Processor seconds a second that the server uses for nothing."""
    await asyncio.sleep(1)
    before = cpu(pid)
    await asyncio.sleep(wait)
    return (cpu(pid) - before) / wait


async def _block(used: _Used, one: Life, cases: int, pids: tuple[int, int]) -> None:
    server, worker = pids
    before, started = (cpu(server), cpu(worker)), asyncio.get_running_loop().time()
    gate = asyncio.Semaphore(AT_ONCE)

    async def gated() -> None:
        async with gate:
            await one()

    await asyncio.gather(*(gated() for _ in range(cases)))
    await asyncio.sleep(0.5)  # the last tasks' ends belong to the block
    used.cases += cases
    used.wall += asyncio.get_running_loop().time() - started
    used.server += cpu(server) - before[0]
    used.worker += cpu(worker) - before[1]


async def _minimal(site: Site, news: _News) -> None:
    """The same number of messages, each awaited."""
    name = f"minimal-{uuid4().hex}"
    steps = [f"{name} {step}" for step in STEPS]
    heard = news.expect(steps[0])
    handle = await site.client.start_workflow(
        MinimalSignals.run, steps[0], id=name, task_queue=TASK_QUEUE
    )
    await heard.wait()
    for step in steps[1:]:
        heard = news.expect(step)
        await handle.signal(MinimalSignals.act, step)
        await heard.wait()
