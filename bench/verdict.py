"""From an action to its verdict, against a bare Temporal update with the same write."""

import asyncio
from dataclasses import dataclass, field
from time import perf_counter
from uuid import uuid4

from temporalio.client import WorkflowHandle

from bench.figures import Figure, median, percentile
from bench.rival import TABLES, TASK_QUEUE, TEMPLATE, MinimalUpdates
from bench.site import Person, Site

APART, BACK_TO_BACK = 1.0, 1.7
PAUSE = 0.05
"""Seconds between two actions of the unhurried series."""


@dataclass(kw_only=True)
class _Taken:
    """Seconds each action took."""

    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)


async def measure(site: Site) -> list[Figure]:
    """Cases and updates in turn: four actions of one, four of the other."""
    cases = 8 if site.quick else 30
    pool = await site.pool()
    for statement in TABLES:
        await pool.execute(statement.replace("create table ", "create table if not exists "))
    await site.house.start_worker()
    await site.house.start_worker("bench/rival_worker.py")
    person = Person(site=site)
    signed = await person.report()
    login, step = (await person.plan(signed))[0]
    await person.act(signed, login, step)
    for statement in TEMPLATE:
        await pool.execute(statement, signed)
    await pool.close()
    await _series(site, 2, 0.0)
    figures = []
    for pause, budget, name in (
        (PAUSE, APART, "50 ms between actions"),
        (0.0, BACK_TO_BACK, "back to back"),
    ):
        taken = await _series(site, cases, pause)
        ours, theirs = median(taken.ours), median(taken.theirs)
        figures.append(
            Figure(
                name=f"verdict: action → verdict p50, {name}",
                measured=ours / theirs,
                unit="×",
                budget=budget,
                note=f"{ours * 1000:.1f} ms against {theirs * 1000:.1f} ms; p95 "
                f"{percentile(taken.ours, 95) * 1000:.0f} against "
                f"{percentile(taken.theirs, 95) * 1000:.0f} ms; {len(taken.ours)} actions each",
            )
        )
    await site.house.kill_workers()
    return figures


async def _series(site: Site, cases: int, pause: float) -> _Taken:
    person, taken = Person(site=site), _Taken()
    for _ in range(cases):
        case_no = await person.report()
        handle = await site.client.start_workflow(
            MinimalUpdates.run, id=f"update-{uuid4().hex}", task_queue=TASK_QUEUE
        )
        await asyncio.sleep(0.2)  # the first tasks of both are over
        taken.ours += await _act(person, case_no, pause)
        taken.theirs += await _update(handle, pause)
    return taken


async def _act(person: Person, case_no: str, pause: float) -> list[float]:
    """The four steps to closed, as the API does them."""
    found = []
    for login, step in await person.plan(case_no):
        row = await person.holder(case_no)
        ask = person.ask(row, login or row.asked, step)
        await asyncio.sleep(pause)
        started = perf_counter()
        outcome = await person.site.acting.act(ask)
        found.append(perf_counter() - started)
        if outcome.status != "done":
            raise RuntimeError(f"{step.action} was answered {outcome}")
    return found


async def _update(handle: WorkflowHandle[MinimalUpdates, None], pause: float) -> list[float]:
    found = []
    for step in range(1, 5):
        await asyncio.sleep(pause)
        started = perf_counter()
        await handle.execute_update(MinimalUpdates.act, str(step))
        found.append(perf_counter() - started)
    return found
