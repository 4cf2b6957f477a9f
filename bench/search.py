"""How long the search takes over a registry of 100,000 cases, and that its index answers."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from json import dumps
from random import Random
from time import perf_counter, process_time

from sqlalchemy import select, text

from bench.figures import Figure, median, percentile
from bench.site import Site, new_registry, registry, say
from domain.case_number import case_number
from domain.finding import read_query
from domain.visibility import Reach
from registry import search
from registry.cases import now
from registry.engine import Sessions
from registry.search import Rights
from registry.tables_master import Area, CatalogueRow
from registry.terms import fill_terms

MANY, FEWER = 100_000, 20_000
BATCH = 2000
DAILY = 150
"""Reports of one day."""
TODAY = date(2026, 11, 22)
REACH = Reach(areas=frozenset({"990106"}))
_THINGS = (
    "小区门口垃圾满溢气味清运路灯不亮行人危险井盖丢失道路破损坑洞违停通道占用噪音施工夜间水管爆裂"
    "漏水停水物业投诉拖欠工资学校接送拥堵故障树木倒伏堵塞污水油烟餐饮店铺占道老人邻里纠纷楼道堆物"
    "飞线充电高空抛物违建绿化毁坏公厕快递监控电梯困人燃气泄漏广告单车乱放河道漂浮扬尘渣土积水结冰"
)
THINGS = [_THINGS[at : at + 2] for at in range(0, len(_THINGS), 2)]
ROADS = [a + b for a in ("文一", "文二", "中山", "人民", "解放", "新华") for b in "路街巷"]
CASES = text(
    """
insert into case_record (case_no, state, stage, source, words, address, grid, subclass,
  reported_at, changed_at, snapshot)
select case_no, 'archived', 'final', 'hotline', words, address, grid, subclass, reported_at,
  reported_at, '{}'
from jsonb_to_recordset(cast(:rows as jsonb)) as made(case_no text, words text, address text,
  grid text, subclass text, reported_at timestamptz)
"""
)


async def measure(site: Site) -> list[Figure]:
    """Make the registry, then search it as the centre does, by two terms and by numbers."""
    count = FEWER if site.quick else MANY
    random = Random(site.seed)  # noqa: S311  a spread, no secret
    url = await new_registry(site.house, "bench_search")
    started = perf_counter()
    async with registry(url, site.house.centre.door) as (sessions, _, _):
        numbers = await _fill(sessions, count, random)
        say(f"search: {count} cases made in {perf_counter() - started:.0f} s")
        asked = {
            "two terms": [
                f"{random.choice(THINGS)} {random.choice((*THINGS, *ROADS, *ROADS))}"
                for _ in range(120)
            ],
            "last five digits": [random.choice(numbers)[-5:] for _ in range(60)],
            "a term in every tenth case or more": ["小区", "垃圾", "路灯"] * 5,
        }
        return [
            await _timed(sessions, f"search: {name}, {count:,} cases", queries)
            for name, queries in asked.items()
        ]


async def _fill(sessions: Sessions, count: int, random: Random) -> list[str]:
    numbers: list[str] = []
    async with sessions() as session:
        grids = list(await session.scalars(select(Area.code).where(Area.level == "grid")))
        classes = list(await session.scalars(select(CatalogueRow.subclass).distinct()))
        at = await now(session)
    made = _rows(count, random, (sorted(grids), sorted(classes)), at)
    while rows := [row for row, _ in zip(made, range(BATCH), strict=False)]:
        async with sessions.begin() as session:
            await session.execute(CASES, {"rows": dumps(rows, default=str)})
            await fill_terms(session, rows)
        numbers += [str(row["case_no"]) for row in rows]
    async with sessions.begin() as session:
        await session.execute(text("select gin_clean_pending_list('case_by_terms')"))
        await session.execute(text("analyze case_record, case_search"))
    return numbers


def _rows(
    count: int, random: Random, codes: tuple[Sequence[str], Sequence[str]], at: datetime
) -> Iterator[dict[str, object]]:
    grids, classes = codes
    for index in range(count):
        ago = index // DAILY
        words = "，".join(
            "".join(random.choices(THINGS, k=random.randint(2, 5)))
            for _ in range(random.randint(2, 7))
        )
        yield {
            "case_no": case_number("990106", TODAY - timedelta(days=ago), index % DAILY + 1),
            "words": f"{words}。",
            "address": f"{random.choice(ROADS)}{random.randint(1, 400)}号",
            "grid": random.choice(grids),
            "subclass": random.choice(classes),
            "upstream": None,
            "reported_at": at - timedelta(days=ago, minutes=index % DAILY),
        }


async def _timed(sessions: Sessions, name: str, queries: Sequence[str]) -> Figure:
    took, used, found = [], [], 0
    for typed in queries:
        query = read_query(typed, county="990106", today=TODAY)
        started, before = perf_counter(), process_time()
        async with sessions() as session:
            rights = Rights(reach=REACH, confidential=())
            page = await search.search(session, query, rights)
        took.append((perf_counter() - started) * 1000)
        used.append((process_time() - before) * 1000)
        found += page.total
    return Figure(
        name=f"{name}, p95",
        measured=percentile(took, 95),
        unit="ms",
        note=f"p50 {median(took):.1f} ms, most {max(took):.1f} ms; {len(took)} times, "
        f"{found / len(queries):.0f} found each (counted to {search.COUNTED:,}); processor "
        f"time of this process p50 {median(used):.1f} ms",
    )
