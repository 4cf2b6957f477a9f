"""What measures run on: servers, the acting core in this process, policies as data."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg  # type: ignore[import-untyped]  # ships no types
import psutil
from sqlalchemy import func, insert, select, update
from sqlalchemy.engine import make_url
from temporalio.client import Client
from uuid_utils.compat import uuid7

from api.acting import Acting
from api.asks import Ask, NewReport, Outcome, Reported, Status
from domain.book import Book
from domain.calendar import Limit, Unit
from domain.clock import ClockKind
from domain.command import Step
from domain.people import REPORTER, Actor
from domain.policy import Policy, StageLimit
from domain.terms import Action, Result, Source
from embedded.centre import LITTER, MEMBER, SEALER
from embedded.house import House
from registry import book as books
from registry.cases import now
from registry.engine import Sessions, connect, sessions_of
from registry.intake import Contact
from registry.listen import VerdictHub
from registry.migrate import upgrade_async
from registry.policies import dump_policy
from registry.seed import load
from registry.tables_case import AttachmentRow, CaseDay, CaseRow
from registry.tables_master import MasterChange, PolicyVersion
from workflows.client import Door

POINT = (120.105, 30.3685)
"""Inside the grid that reports of the measures come from."""
PATIENT = 30.0
"""Seconds a measure waits for a verdict: a slow one is a number, not a failure."""
BOOK_SECONDS = 3.0
"""After this a worker has seen a new policy."""


class StepRefusedError(Exception):
    """A step that a measure needs was refused or had no verdict."""

    def __init__(self, action: Action, outcome: Outcome) -> None:
        super().__init__(f"{action} was answered {outcome.status}: {outcome.refusal}")


@dataclass(frozen=True, kw_only=True)
class Site:
    """A deployment with an API core in this process.

    Attributes:
        house: Its servers.
        sessions: The registry.
        acting: Writes down, tells, waits.
        book: Master data when it was opened.
        quick: Fewer rounds.
        seed: Of the measures' random choices.
    """

    house: House
    sessions: Sessions
    acting: Acting
    book: Book
    quick: bool
    seed: int

    @property
    def policy(self) -> Policy:
        """The district's own policy."""
        return self.book.policies[self.book.policy]

    @property
    def client(self) -> Client:
        """A client of the Temporal server."""
        return self.house.centre.door.client

    async def pool(self, url: str | None = None, *, size: int = 10) -> asyncpg.Pool:
        """Bare connections, for what is compared with; the caller closes them."""
        return await asyncpg.create_pool(
            dsn(url or self.house.url), min_size=size, max_size=size
        )

    async def publish(self, policy: Policy) -> None:
        """Put a policy in force as data; a worker sees it within `BOOK_SECONDS`."""
        async with self.sessions.begin() as session:
            await session.execute(update(MasterChange).values(number=MasterChange.number + 1))
            newest = await session.scalar(select(func.max(PolicyVersion.version))) or 0
            body = dump_policy(policy)
            await session.execute(
                insert(PolicyVersion).values(
                    version=newest + 1, valid_from=await now(session), body=body
                )
            )


def dsn(url: str) -> str:
    """A database's address as asyncpg reads it."""
    plain = make_url(url).set(drivername="postgresql")
    return plain.render_as_string(hide_password=False)


def seconds(amount: float) -> Limit:
    """A limit of so many seconds, day and night."""
    return Limit(value=amount / 3600, unit=Unit.URGENT_HOUR)


def short(kind: ClockKind, amount: float, policy: Policy) -> Policy:
    """The policy with one stage's limit in seconds."""
    limit = StageLimit(normal=seconds(amount), urgent=seconds(amount))
    base = replace(policy.base, limits={**policy.base.limits, kind: limit})
    return replace(policy, base=base)


def cpu(pid: int) -> float:
    """Seconds of processor time that a process has used, user and system."""
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


@asynccontextmanager
async def open_site(house: House, *, quick: bool, seed: int) -> AsyncIterator[Site]:
    """The house's own registry with an acting core."""
    async with registry(house.url, house.centre.door) as (sessions, acting, book):
        yield Site(
            house=house, sessions=sessions, acting=acting, book=book, quick=quick, seed=seed
        )


@asynccontextmanager
async def registry(
    url: str, door: Door, *, pool_size: int = 20
) -> AsyncIterator[tuple[Sessions, Acting, Book]]:
    """Sessions, acting core and master data over one database, as a server process has them."""
    engine = connect(url, pool_size=pool_size)
    sessions = sessions_of(engine)
    async with sessions() as session:
        book = await books.load(session, at=datetime.now(UTC))
    async with VerdictHub(url) as hub:
        acting = Acting(
            sessions=sessions, sealer=SEALER, tell=door.tell, hub=hub, verdict_wait=PATIENT
        )
        yield sessions, acting, book
        await acting.drain()
    await engine.dispose()


async def new_registry(house: House, name: str, *, numbers_from: int = 0) -> str:
    """Another database with the demonstration district.

    Args:
        house: Whose Postgres.
        name: Of the database.
        numbers_from: Where its case numbers begin, so that their workflow ids are its own.
    """
    url = await house.postgres.create_database(name)
    await upgrade_async(url)
    await load(url)
    engine = connect(url, pool_size=1)
    async with engine.begin() as connection:
        for ahead in range(-1, 3):
            day = (datetime.now(UTC).date() + timedelta(days=ahead)).isoformat()
            await connection.execute(insert(CaseDay).values(day=day, base=-numbers_from))
    await engine.dispose()
    return url


@dataclass(frozen=True, kw_only=True)
class Person:
    """Lives cases through the acting core, as the console's users do."""

    site: Site

    async def report(self, *, contact: bool = False) -> str:
        """A patrol report that the system dispatches; its number."""
        made = await self.site.acting.report(new_report(self.site.book, contact=contact))
        await self.judged(made)
        return made.case_no

    async def judged(self, made: Reported) -> None:
        """Wait for a report's verdict.

        Raises:
            RuntimeError: It was not taken.
        """
        acting = self.site.acting
        with acting.hub.expect(made.command_id) as waiter:
            while True:
                outcome = await acting.look(made.command_id)
                if outcome is None or outcome.status is Status.REFUSED:
                    raise RuntimeError(f"report {made.case_no} was not taken: {outcome}")
                if outcome.status is Status.DONE:
                    return
                await waiter.wait(1.0)

    async def holder(self, case_no: str) -> CaseRow:
        """The case as boards show it."""
        async with self.site.sessions() as session:
            return await session.get_one(CaseRow, case_no)

    async def act(self, case_no: str, login: str, step: Step) -> Outcome:
        """One action with its verdict.

        Raises:
            StepRefusedError: It was not done.
        """
        row = await self.holder(case_no)
        outcome = await self.site.acting.act(self.ask(row, login, step))
        if outcome.status is not Status.DONE:
            raise StepRefusedError(step.action, outcome)
        return outcome

    def ask(self, row: CaseRow, login: str, step: Step) -> Ask:
        """The ask of somebody who has just seen the case."""
        actor = self.actor(login)
        return Ask(
            case_no=row.case_no,
            actor=actor,
            principal=login,
            idempotency_key=str(uuid7()),
            steps=(step,),
            seen=row.version,
        )

    def actor(self, login: str) -> Actor:
        """A person of the demonstration district; `reporter` holds the tracking code."""
        return REPORTER if login == "reporter" else self.site.book.people[login]

    async def photo(self, case_no: str) -> str:
        """A photo of the place, already the case's."""
        photo = uuid7()
        async with self.site.sessions.begin() as session:
            await session.execute(insert(AttachmentRow).values(**photo_values(photo, case_no)))
        return str(photo)

    async def plan(self, case_no: str) -> list[tuple[str, Step]]:
        """The four steps of people from dispatch to closed; who checks is known only later."""
        unit = (await self.holder(case_no)).unit
        photo = await self.photo(case_no)
        fed = Step(
            action=Action.FEED_BACK, result=Result.SOLVED, text="已清理", photos=(photo,)
        )
        return [
            (f"{unit}.desk", Step(action=Action.SIGN)),
            (f"{unit}.crew", fed),
            ("dispatcher1", Step(action=Action.PASS_REVIEW)),
            ("", checked(photo)),
        ]

    async def close(self, case_no: str) -> None:
        """Sign, feed back, pass, check."""
        for login, step in await self.plan(case_no):
            await self.act(case_no, login or (await self.holder(case_no)).asked, step)


def checked(photo: str) -> Step:
    """The check of somebody who stands at `POINT`."""
    return Step(action=Action.CHECK_PASS, photos=(photo,), lon=POINT[0], lat=POINT[1])


def photo_values(photo: UUID, case_no: str) -> dict[str, Any]:
    """A row of a photo taken at `POINT`."""
    return {
        "attachment_id": photo,
        "case_no": case_no,
        "principal": MEMBER,
        "media_type": "image/jpeg",
        "size": 1,
        "sha256": b"",
        "lon": POINT[0],
        "lat": POINT[1],
    }


def new_report(
    book: Book, *, contact: bool = False, words: str = "暴露垃圾", subclass: str = LITTER
) -> NewReport:
    """A patrol's litter report at `POINT`; with `contact`, of somebody who left his number."""
    return NewReport(
        actor=book.people[MEMBER],
        principal=MEMBER,
        idempotency_key=str(uuid7()),
        words=words,
        point=POINT,
        contact=Contact(name="柳青", phone="000-0106-9999") if contact else Contact(),
        source=Source.GRID_PATROL,
        subclass=subclass,
        condition=1,
    )


def say(text: str) -> None:
    """A line of progress, beside the report."""
    print(text, file=sys.stderr, flush=True)
