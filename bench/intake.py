"""Reports accepted, against the same rows inserted by bare asyncpg, as many at once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any
from uuid import uuid4

import asyncpg  # type: ignore[import-untyped]  # ships no types

from api.acting import Acting
from bench.figures import Figure
from bench.site import Site, new_registry, new_report, registry
from domain.book import Book

BUDGET = 0.4
AT_ONCE = 20
NUMBERS_FROM = 200_000
"""Of this registry's cases: their workflow ids are not those of the other measures."""
TABLES = ("case_record", "command")


@dataclass(kw_only=True)
class _Speed:
    """Reports taken and seconds used."""

    reports: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Reports a second."""
        return self.reports / self.seconds


@dataclass(kw_only=True)
class _Rows:
    """The rows of reports that were accepted, to be inserted again under other keys."""

    statements: dict[str, str] = field(default_factory=dict)
    columns: dict[str, list[str]] = field(default_factory=dict)
    rows: list[dict[str, list[Any]]] = field(default_factory=list)


async def measure(site: Site) -> list[Figure]:
    """Blocks in turn; Temporal is told in the background, nobody works the cases."""
    rounds, block = (2, 100) if site.quick else (4, 250)
    url = await new_registry(site.house, "bench_intake", numbers_from=NUMBERS_FROM)
    door = replace(site.house.centre.door, task_queue="nobody")
    pool = await site.pool(url, size=AT_ONCE)
    async with registry(url, door, pool_size=AT_ONCE) as (_, acting, book):
        quiet = replace(acting, tell=_away, _tells=set())
        for one in (acting, quiet):
            await _block(_Speed(), AT_ONCE, _reporter(one, book))
        rows = await _read(pool, AT_ONCE)
        await _block(_Speed(), AT_ONCE, _inserter(pool, rows))
        told, untold, bare = _Speed(), _Speed(), _Speed()
        for _ in range(rounds):
            await _block(told, block, _reporter(acting, book))
            await acting.drain()
            await _block(bare, block, _inserter(pool, rows))
            await _block(untold, block, _reporter(quiet, book))
    await pool.close()
    return [
        Figure(
            name="intake: Acting.report, Temporal told, against bare inserts",
            measured=told.rate / bare.rate,
            unit="×",
            budget=BUDGET,
            at_least=True,
            note=f"{told.rate:.0f} against {bare.rate:.0f} reports/s, {AT_ONCE} at once, "
            f"{told.reports} each, no HTTP",
        ),
        Figure(
            name="intake: Acting.report, Temporal away",
            measured=untold.rate / bare.rate,
            unit="×",
            note=f"{untold.rate:.0f} reports/s",
        ),
    ]


async def _away(case_no: str, *, source: str, command_id: str, label: str, first: bool) -> str:
    """Temporal is not there."""
    del case_no, source, command_id, label, first
    return "unavailable"


Doer = Callable[[int], Awaitable[None]]


def _reporter(acting: Acting, book: Book) -> Doer:
    async def report(number: int) -> None:
        await acting.report(new_report(book, words=f"暴露垃圾 {number}"))

    return report


async def _block(speed: _Speed, reports: int, one: Doer) -> None:
    """So many, `AT_ONCE` at a time."""
    numbers = iter(range(reports))

    async def work() -> None:
        for number in numbers:
            await one(number)

    started = perf_counter()
    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    speed.seconds += perf_counter() - started
    speed.reports += reports


async def _read(pool: asyncpg.Pool, limit: int) -> _Rows:
    """What the API wrote for some reports."""
    found = _Rows()
    records: dict[str, Sequence[asyncpg.Record]] = {}
    for name in TABLES:
        records[name] = await pool.fetch(
            f"select * from {name} order by case_no desc limit $1",  # noqa: S608
            limit,
        )
        columns = list(records[name][0].keys())
        marks = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
        found.columns[name] = columns
        found.statements[name] = f"insert into {name} ({', '.join(columns)}) values ({marks})"  # noqa: S608
    for index in range(limit):
        found.rows.append({name: list(records[name][index].values()) for name in TABLES})
    return found


def _inserter(pool: asyncpg.Pool, rows: _Rows) -> Doer:
    """Inserts a report's rows in one transaction, under keys of their own."""

    async def insert(number: int) -> None:
        new = {
            "case_no": uuid4().hex[:19],
            "command_id": uuid4(),
            "idempotency_key": uuid4().hex,
        }
        async with pool.acquire() as connection, connection.transaction():
            for name in TABLES:
                values = rows.rows[number % len(rows.rows)][name]
                pairs = zip(rows.columns[name], values, strict=True)
                await connection.execute(
                    rows.statements[name], *(new.get(key, value) for key, value in pairs)
                )

    return insert
