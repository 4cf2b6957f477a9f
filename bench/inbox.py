"""How long boards take over a registry of a million cases: the queries, and the pages."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import asyncpg  # type: ignore[import-untyped]  # ships no types
import httpx

from api.acting import Acting
from api.dependencies import Options, Services
from bench.figures import Figure, median, percentile
from bench.site import Site, dsn, new_registry, registry, say
from domain.terms import State
from registry import boards
from registry.attachments import DiskStore
from registry.boards import Wanted
from registry.engine import Sessions
from registry.seed import DEMO_PASSWORD
from server import build_app

BUDGET = 50.0
MANY, FEWER = 1_000_000, 100_000
OPEN_SHARE = 0.03
"""Of all cases; a district's open ones are those of the last days."""
TABS = 4
"""Tabs of a page, whose counts are asked for with it."""
BUSIEST = 24
"""Units that hold the open cases."""
INDEXES = """
select indexdef, format('drop index %I', indexname) as off from pg_indexes
where tablename = 'case_record' and indexname <> 'case_record_pkey'
"""
CASES = """
insert into case_record (
  case_no, seq, version, state, stage, source, words, address, grid, subclass, condition,
  urgent, unit, asked, escalation, reported_at, changed_at, settled_at, settled_as, ended_at,
  due_at, due_label, next_rung_at, snapshot)
select '990106' || lpad(n::text, 13, '0'), 9, 9, state, 'department',
  (array['grid_patrol', 'grid_patrol', 'hotline', 'citizen_web'])[1 + n % 4],
  '第' || n || '件：暴露垃圾、乱堆物料，请尽快清理。', '柳汀街道' || n % 900 || '号',
  grids.codes[1 + (random() * (cardinality(grids.codes) - 1))::int], 'E01-13', 1,
  random() < 0.03,
  case when state in ('reported', 'verifying', 'accepted', 'filed') then '' else unit end,
  case when state in ('verifying', 'checking')
    then members.logins[1 + (random() * (cardinality(members.logins) - 1))::int] else '' end,
  case when open and random() < 0.1 then 2 else 0 end,
  at, at + interval '1 hour', case when not open then at + interval '2 days' end, '',
  case when state in ('archived', 'voided') then at + interval '17 days' end,
  case when open then clock_timestamp() + (random() * 96 - 24) * interval '1 hour' end,
  case when open then 'handle' else '' end, case when open then clock_timestamp() end, '{}'
from (
  select n, n <= $1::int * $2::float8 as open,
    units.codes[1 + n % cardinality(units.codes)] as unit,
    case when n <= $1::int * $2::float8 then
      (array['reported', 'verifying', 'accepted', 'filed', 'dispatched', 'dispatched', 'signed',
        'handling', 'handling', 'handling', 'returned', 'fed_back', 'checking', 'to_close'])
        [1 + (random() * 13)::int]
      when n % 20 = 0 then 'closed' when n % 50 = 1 then 'voided' else 'archived' end as state,
    case when n <= $1::int * $2::float8 then clock_timestamp() - random() * interval '5 days'
      else clock_timestamp() - interval '5 days' - random() * interval '3 years' end as at
  from generate_series(1, $1::int) as n,
    (select array_agg(code order by code) as codes from
      (select code from department where code = any($3::text[])) as one) as units
) as made,
  (select array_agg(code) as codes from area where level = 'grid') as grids,
  (select array_agg(distinct login) as logins from person_grant where role = 'grid_member')
    as members
"""
REQUESTS = """
insert into request (case_no, seq, kind, asked_by, asked_at, amount)
select case_no, 8, 'extension', unit || '.crew', reported_at, interval '2 hours'
from case_record where state = 'handling' and due_at is not null and random() < 0.1
"""
PENDING = """
update case_record set pending = 'extension' where case_no in (select case_no from request)
"""
Ask = Callable[[], Awaitable[None]]
Times = tuple[list[float], list[float]]
"""Milliseconds by the clock, and of this process's processor time."""


async def measure(site: Site) -> list[Figure]:
    """Make the registry, then ask for pages as officers, dispatchers and members do."""
    count, asks = (FEWER, 100) if site.quick else (MANY, 300)
    url = await new_registry(site.house, "bench_inbox")
    started = perf_counter()
    units = await _fill(url, count)
    say(f"inbox: {count} cases made in {perf_counter() - started:.0f} s")
    random = Random(site.seed)  # noqa: S311  a spread, no secret
    figures = []
    async with registry(url, site.house.centre.door) as (sessions, acting, _):
        for name, wanted in _boards(units).items():
            tabs = wanted[:TABS]
            took = await _timed(
                [_query(sessions, random.choice(wanted), tabs) for _ in range(asks)]
            )
            figures.append(_figure(f"inbox: query, {name}, {count:,} cases", took))
        figures += await _pages(acting, units, asks, count)
    return figures


def _figure(name: str, times: Times) -> Figure:
    took, used = times
    return Figure(
        name=f"{name}, p99",
        measured=percentile(took, 99),
        unit="ms",
        budget=BUDGET,
        note=f"p50 {median(took):.1f} ms, most {max(took):.1f} ms; {len(took)} times; "
        f"processor time of the server process p50 {median(used):.1f} ms, p99 "
        f"{percentile(used, 99):.1f} ms",
    )


async def _fill(url: str, count: int) -> list[str]:
    """Cases by set-based SQL; the indexes are made again afterwards."""
    connection = await asyncpg.connect(dsn(url), command_timeout=240)
    units = [
        str(row["unit"])
        for row in await connection.fetch(
            "select distinct unit from person_grant where role = 'unit_handler' and unit <> ''"
            " order by unit limit $1",
            BUSIEST,
        )
    ]
    indexes = await connection.fetch(INDEXES)
    await connection.execute("set maintenance_work_mem = '512MB'; set synchronous_commit = off")
    async with connection.transaction():
        for row in indexes:
            await connection.execute(row["off"])
        await connection.execute("select setseed(0.990106)")
        await connection.execute(CASES, count, OPEN_SHARE, units)
        for row in indexes:
            await connection.execute(row["indexdef"])
        await connection.execute(REQUESTS)
        await connection.execute(PENDING)
    await connection.execute("vacuum analyze")
    await connection.close()
    return units


def _boards(units: Sequence[str]) -> dict[str, list[Wanted]]:
    """What is asked: an officer's three tabs, the dispatcher's stages, everything open."""
    return {
        "officer inbox": [
            Wanted(states=(state,), units=(unit,))
            for unit in units
            for state in (State.DISPATCHED, State.SIGNED, State.HANDLING)
        ],
        "dispatch board": [
            Wanted(states=(state,))
            for state in (State.FILED, State.RETURNED, State.FED_BACK, State.TO_CLOSE)
        ],
        "all open, escalated, requests": [
            Wanted(states=boards.OPEN),
            Wanted(states=boards.OPEN, escalated=True),
            Wanted(request="extension"),
        ],
    }


def _query(sessions: Sessions, wanted: Wanted, tabs: Sequence[Wanted]) -> Ask:
    async def ask() -> None:
        async with sessions() as session:
            await boards.page(session, wanted)
            await boards.counts(session, tabs)

    return ask


async def _timed(asks: Sequence[Ask]) -> Times:
    """Milliseconds each took and used here; the first tenth warms up."""
    took, used = [], []
    for ask in asks:
        started, before = perf_counter(), process_time()
        await ask()
        took.append((perf_counter() - started) * 1000)
        used.append((process_time() - before) * 1000)
    first = len(took) // 10
    return took[first:], used[first:]


async def _pages(acting: Acting, units: Sequence[str], asks: int, count: int) -> list[Figure]:
    """The pages themselves, through the application, without a network."""
    figures = []
    with TemporaryDirectory() as folder:
        services = Services(
            acting=replace(acting, _tells=set()),
            files=DiskStore(Path(folder)),
            options=Options(secure_cookies=False),
        )
        app = build_app(services)
        for name, login in (
            ("officer inbox", f"{units[0]}.desk"),
            ("dispatch board", "dispatcher1"),
        ):
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://bench") as http:
                body = {"login": login, "password": DEMO_PASSWORD}
                answer = await http.post("/api/v1/sessions", json=body)
                answer.raise_for_status()
                http.headers["Authorization"] = f"Bearer {answer.json()['token']}"
                took = await _timed([_page(http)] * asks)
            figures.append(_figure(f"inbox: page, {name}, {count:,} cases", took))
    return figures


def _page(http: httpx.AsyncClient) -> Ask:
    async def ask() -> None:
        answer = await http.get("/work", headers={"Accept": "text/html"})
        answer.raise_for_status()
        if answer.is_redirect:
            raise RuntimeError(f"no page for this log-in: {answer.headers['location']}")

    return ask
