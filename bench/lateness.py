"""How late limits fire: cases started at a steady pace, in a burst, and after kill -9."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from uuid_utils.compat import uuid7

from activities.cases import CaseActivities, spread_of
from api.asks import NewReport, Reported
from bench.figures import Figure, percentile
from bench.site import BOOK_SECONDS, POINT, Site, say, short
from domain.clock import ClockKind
from domain.terms import Source
from embedded.centre import LITTER
from registry.cases import now
from registry.tables_case import CommandRow, RungRow

STEADY, BURST, KILLED = 0.5, 2.0, 20.0
WITHIN = 60.0
"""Seconds within which all limits fall due; fewer limits, as much shorter."""
LIMITS = 1000
LIMIT = 10.0
"""The limit of cases at a steady pace, seconds."""
LEAD = 30.0
"""From the burst of starts to its first limit, seconds."""
GRACE = 90.0
"""How long a limit that has not fired is waited for; it counts as this late."""
TELLERS = 50


@dataclass(frozen=True, kw_only=True)
class _Late:
    """Seconds a limit fired after it was due: with the case's own spread, and without."""

    raw: list[float]
    own: list[float]
    missing: int


async def measure(site: Site) -> list[Figure]:
    """Three runs of limits that fall due within a minute."""
    limits = 300 if site.quick else LIMITS
    within = WITHIN * limits / LIMITS
    figures = []
    await site.publish(short(ClockKind.ACCEPT, LIMIT, site.policy))
    await site.house.start_worker()
    await asyncio.sleep(BOOK_SECONDS)
    found = await _steady(site, limits, kill=False)
    figures += _figures("steady pace", STEADY, found)
    say("lateness: steady done")
    found = await _steady(site, limits, kill=True)
    figures += _figures("after kill -9 of the worker", KILLED, found)
    say("lateness: kill done")
    await site.house.kill_workers()
    await site.publish(short(ClockKind.ACCEPT, within + LEAD, site.policy))
    found = await _burst(site, limits)
    figures += _figures("starts in a burst", BURST, found)
    await site.house.kill_workers()
    await site.publish(site.policy)
    return figures


def _figures(how: str, budget: float, late: _Late) -> list[Figure]:
    count = len(late.own)
    tail = f"{late.missing} had not fired after {GRACE:.0f} s" if late.missing else "all fired"
    return [
        Figure(
            name=f"lateness: p99 of {count} limits, {how}",
            measured=percentile(late.own, 99),
            unit="s",
            budget=budget,
            note=f"p50 {percentile(late.own, 50):.2f} s, most {max(late.own):.2f} s; {tail}; "
            f"with the case's spread of up to 2 s: p99 {percentile(late.raw, 99):.2f} s",
        )
    ]


def _report(site: Site) -> NewReport:
    """A call to the hotline, which a person must accept: the accept limit runs."""
    return NewReport(
        actor=site.book.people["acceptor1"],
        principal="acceptor1",
        idempotency_key=str(uuid7()),
        words="暴露垃圾",
        point=POINT,
        source=Source.HOTLINE,
        subclass=LITTER,
        condition=1,
    )


async def _steady(site: Site, limits: int, *, kill: bool) -> _Late:
    """Cases at an even pace over a minute; with `kill`, the worker dies in the middle."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    made: list[asyncio.Task[Reported]] = []
    killer: asyncio.Task[None] | None = None
    for number in range(limits):
        await asyncio.sleep(started + number * WITHIN / LIMITS - loop.time())
        made.append(asyncio.create_task(site.acting.report(_report(site))))
        if kill and number == limits // 2:
            killer = asyncio.create_task(_replace_worker(site))
    reported = await asyncio.gather(*made)
    if killer is not None:
        await killer
    return await _late([one.case_no for one in reported], site, LIMIT)


async def _replace_worker(site: Site) -> None:
    """Kill -9, and a new process at once, as a supervisor would."""
    await site.house.kill_workers()
    await site.house.start_worker()


async def _burst(site: Site, limits: int) -> _Late:
    """Reports of a minute without Temporal, all told at once when it is back."""
    quiet = replace(site.acting, tell=_away, _tells=set())
    gate = asyncio.Semaphore(20)
    within = WITHIN * limits / LIMITS

    async def write() -> Reported:
        async with gate:
            return await quiet.report(_report(site))

    made = await asyncio.gather(*(write() for _ in range(limits)))
    await site.house.start_worker()
    await asyncio.sleep(BOOK_SECONDS)
    await _date(site, [one.command_id for one in made], within)
    waiting = iter(made)

    async def tell() -> None:
        for one in waiting:
            await site.house.centre.door.tell(
                one.case_no,
                source=Source.HOTLINE,
                command_id=str(one.command_id),
                label="report",
                first=True,
            )

    await asyncio.gather(*(tell() for _ in range(TELLERS)))
    return await _late([one.case_no for one in made], site, within + LEAD)


async def _away(case_no: str, *, source: str, command_id: str, label: str, first: bool) -> str:
    """Temporal is not there."""
    del case_no, source, command_id, label, first
    return "unavailable"


async def _date(site: Site, commands: list[UUID], within: float) -> None:
    """Reports came in evenly over the last minute."""
    async with site.sessions.begin() as session:
        end = await now(session)
        for number, command_id in enumerate(commands):
            back = within * (1 - number / len(commands))
            await session.execute(
                update(CommandRow)
                .where(CommandRow.command_id == command_id)
                .values(received_at=end - timedelta(seconds=back))
            )


async def _late(cases: list[str], site: Site, limit: float) -> _Late:
    """Wait until all have fired, or long enough."""
    fired = select(RungRow.case_no, RungRow.due, RungRow.fired_at).where(
        RungRow.case_no.in_(cases), RungRow.clock_id == "accept"
    )
    until = datetime.now(UTC) + timedelta(seconds=limit + WITHIN + GRACE)
    while True:
        async with site.sessions() as session:
            count = await session.scalar(select(func.count()).select_from(fired.subquery()))
        if count == len(cases) or datetime.now(UTC) > until:
            break
        await asyncio.sleep(1)
    async with site.sessions() as session:
        rows = (await session.execute(fired)).all()
    most = CaseActivities.spread
    raw = {row.case_no: (row.fired_at - row.due).total_seconds() for row in rows}
    own = [max(0.0, late - spread_of(one, most).total_seconds()) for one, late in raw.items()]
    missing = [GRACE] * (len(cases) - len(rows))
    return _Late(raw=[*raw.values(), *missing], own=[*own, *missing], missing=len(missing))
