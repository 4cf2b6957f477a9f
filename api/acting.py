"""What API and pages do to cases: write a report or a wish down, tell, wait for the verdict.

Nothing here knows HTTP. Temporal is told through `Tell`; whether that works or not, what was
written down stays, and the worker's reconciler tells again until there is a verdict.
"""

import asyncio
import logging
from collections.abc import Awaitable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

from prometheus_client import Counter, Histogram
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from api import entering, linking, wishes
from api.asks import (
    Ask,
    NewReport,
    Outcome,
    Reported,
    Status,
    VersionNeededError,
)
from api.wishes import Place
from domain.book import Book
from domain.command import Command, Step
from domain.decide import NEVER_STALE, decide
from domain.people import Actor
from domain.refusal import Refusal
from domain.terms import Role, Source, State
from domain.visibility import CaseFacts, may_see, reach_of
from registry import cases, commands, facts, intake
from registry.book import BookKeeper
from registry.cases import CaseNotFoundError
from registry.codec import load_case
from registry.engine import Sessions
from registry.grids import GridKeeper
from registry.listen import VerdictHub, Waiter
from registry.sealing import Sealer
from registry.tables_case import CaseRow, CommandRow

log = logging.getLogger(__name__)

VERDICT_WAIT = 2.0
"""Seconds an action waits for its verdict before the answer is `waiting`."""
MOST_TELLS = 200
"""Tells under way in the background; a storm's others are left to the reconciler."""

REPORTS = Counter("gridcase_reports_accepted", "Reports written down", ["source"])
OUTCOMES = Counter("gridcase_verdicts", "How actions were answered", ["outcome"])
WAITS = Histogram(
    "gridcase_verdict_wait_seconds",
    "From write-down to the answer of an action",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3),
)


class Tell(Protocol):
    """How a case's workflow is told; answers `told`, `ended` or `unavailable`."""

    def __call__(
        self, case_no: str, *, source: str, command_id: str, label: str, first: bool
    ) -> Awaitable[str]:
        """Tell one case."""
        ...


@dataclass(frozen=True, kw_only=True)
class TakenIn:
    """A report in a transaction that may still be rolled back; not `fresh`: a repeated one."""

    reported: Reported
    source: Source
    fresh: bool


@dataclass(frozen=True, kw_only=True)
class _Written:
    """A wish on record whose verdict is awaited."""

    command_id: UUID
    source: str
    label: str


@dataclass(kw_only=True)
class Acting:
    """The one way in which people change cases.

    Attributes:
        sessions: The registry.
        sealer: Seals reporters' data and makes tracking codes.
        tell: The door to the workflows.
        hub: Where verdicts are heard of.
        keeper: Master data.
        grids: Which grid a point lies in.
        verdict_wait: Seconds to wait for a verdict.
    """

    sessions: Sessions
    sealer: Sealer
    tell: Tell
    hub: VerdictHub
    keeper: BookKeeper = field(default_factory=BookKeeper)
    grids: GridKeeper = field(default_factory=GridKeeper)
    verdict_wait: float = VERDICT_WAIT
    _tells: set[asyncio.Task[None]] = field(default_factory=set)

    # Reports --------------------------------------------------------------------------

    async def report(self, new: NewReport) -> Reported:
        """Write a report down and answer at once; its workflow is told in the background.

        Raises:
            SourceNotAllowedError: His role may not name that source.
            AlreadyReportedError: The upstream's order is an open case.
            OutsideDistrictError: In no grid, and no address.
            InvalidFieldError: A subclass, grid or photo that there is not; a wrong identifier.
            ReportRefusedError: A step in the same breath is refused.
            registry.commands.KeyReusedError: The key stands for another body.
        """
        try:
            async with self.sessions.begin() as session:
                taken = await self.take_in(session, new)
        except IntegrityError:  # the same key at the same moment: the other one won
            async with self.sessions.begin() as session:
                taken = await self.take_in(session, new)
        self.tell_of(taken)
        return taken.reported

    async def take_in(self, session: AsyncSession, new: NewReport) -> TakenIn:
        """Write a report down in the caller's transaction; `tell_of` it once that is over."""
        at = await cases.now(session)
        book = await self.keeper.book(session, at)
        source = entering.source_of(new, book)
        hashed = wishes.body_hash(
            report=replace(new, actor=Actor(person=new.actor.person)), source=source
        )
        old = await commands.repeated(session, new.principal, new.idempotency_key, hashed)
        if old is not None:
            reported = self._reported(old.case_no, old.command_id, old.steps[0])
            return TakenIn(reported=reported, source=source, fresh=False)
        entering.check(new, source, book, at)
        grids = await self.grids.map(session)
        step = wishes.report_step(new, source, book, grids)
        await entering.not_twice(session, new, source)
        day = wishes.day_of(at, book)
        case_no = await intake.next_case_number(session, grids.district, day)
        command_id = uuid7()
        lon, lat = new.point or (None, None)
        steps = await wishes.with_photos(
            session,
            (step, *new.then),
            principal=new.principal,
            case_no=case_no,
            place=Place(lon=lon, lat=lat),
        )
        ask = Ask(
            case_no=case_no,
            actor=new.actor,
            principal=new.principal,
            idempotency_key=new.idempotency_key,
            steps=steps,
            device_at=new.device_at,
        )
        wish = wishes.wish_of(command_id, ask, new.actor, hashed, at)
        entering.judge(wish, new, book)
        await intake.write_report(
            session,
            wish,
            wishes.report_of(new, wishes.tracking_code(self.sealer, command_id)),
            self.sealer,
            at=at,
        )
        reported = self._reported(case_no, command_id, {"grid": step.grid})
        return TakenIn(reported=reported, source=source, fresh=True)

    def tell_of(self, taken: TakenIn) -> None:
        """Tell the workflow of a report that is safe, in the background."""
        if taken.fresh:
            REPORTS.labels(source=taken.source).inc()
            reported = taken.reported
            one = _Written(command_id=reported.command_id, source=taken.source, label="report")
            self._spawn(self._tell(reported.case_no, one, first=True))

    def _reported(self, case_no: str, command_id: UUID, step: dict[str, object]) -> Reported:
        return Reported(
            case_no=case_no,
            tracking_code=wishes.tracking_code(self.sealer, command_id),
            command_id=command_id,
            unlocated=not step.get("grid"),
        )

    def tell_wish(self, case_no: str, command_id: UUID, *, source: str, label: str) -> None:
        """Tell the workflow of a wish that is safe, in the background."""
        one = _Written(command_id=command_id, source=source, label=label)
        self._spawn(self._tell(case_no, one))

    # Actions --------------------------------------------------------------------------

    async def act(self, ask: Ask, *, wait: float | None = None) -> Outcome:
        """Ask for one action or a chain, and wait a moment for its verdict.

        Args:
            ask: What is asked.
            wait: Seconds to wait; None for `verdict_wait`.

        Raises:
            CaseNotFoundError: No such case, or none that he may see.
            VersionNeededError: `seen` is missing where it matters.
            InvalidFieldError: A photo that there is not.
            registry.commands.KeyReusedError: The key stands for another body.
        """
        started = asyncio.get_running_loop().time()
        command_id = uuid7()
        with self.hub.expect(command_id) as waiter:
            try:
                written = await self._write(ask, command_id)
            except IntegrityError:  # the same key at the same moment: the other one won
                written = await self._write(ask, command_id)
            if isinstance(written, _Written):
                self._spawn(self._tell(ask.case_no, written, waiter=waiter))
                seconds = self.verdict_wait if wait is None else wait
                outcome = await self._await_verdict(command_id, waiter, started + seconds)
                WAITS.observe(asyncio.get_running_loop().time() - started)
            else:
                outcome = written
        OUTCOMES.labels(outcome=outcome.status).inc()
        return outcome

    async def look(self, command_id: UUID) -> Outcome | None:
        """How a command stands now; None when there is none. Whose it is, the caller checks."""
        async with self.sessions() as session:
            return await _outcome(session, command_id)

    async def _write(self, ask: Ask, command_id: UUID) -> _Written | Outcome:
        hashed = wishes.body_hash(
            case_no=ask.case_no,
            steps=wishes.steps_text(
                replace(step, distance=None, off_map=False) for step in ask.steps
            ),
            seen=ask.seen,
            on_behalf_of=ask.on_behalf_of,
            device_at=ask.device_at,
        )
        async with self.sessions.begin() as session:
            old = await commands.repeated(session, ask.principal, ask.idempotency_key, hashed)
            if old is not None:
                found = await _outcome(session, old.command_id)
                if found is not None:
                    return found
            at = await cases.now(session)
            book = await self.keeper.book(session, at)
            row = await self.visible(session, ask.case_no, ask.actor, book)
            self._need_version(ask)
            steps = await wishes.with_photos(
                session,
                ask.steps,
                principal=ask.principal,
                case_no=ask.case_no,
                place=Place(lon=row.lon, lat=row.lat),
            )
            steps = await self._linked(session, steps, ask.actor, book, at)
            actor = replace(ask.actor, on_behalf_of=ask.on_behalf_of)
            wish = wishes.wish_of(command_id, replace(ask, steps=steps), actor, hashed, at)
            refusal = await _refused_early(
                session, row, wish.command, book
            ) or await linking.refused_main(
                session,
                steps,
                row,
                lambda number: self.visible(session, number, ask.actor, book),
            )
            if refusal is not None:
                return Outcome(
                    status=Status.REFUSED,
                    case_no=ask.case_no,
                    state=State(row.state),
                    version=row.version,
                    unit=row.unit,
                    refusal=refusal,
                )
            await commands.write_down(session, wish)
        return _Written(command_id=command_id, source=row.source, label=wish.label)

    async def _linked(
        self,
        session: AsyncSession,
        steps: tuple[Step, ...],
        actor: Actor,
        book: Book,
        at: datetime,
    ) -> tuple[Step, ...]:
        """Steps with numbers for the cases that they begin; a reporter begins none this way."""
        if actor.has(Role.REPORTER) or not any(step.parts for step in steps):
            return steps
        grids = await self.grids.map(session)
        day = wishes.day_of(at, book)
        return await linking.numbered(session, steps, district=grids.district, day=day)

    @staticmethod
    def _need_version(ask: Ask) -> None:
        if ask.seen is None:
            for step in ask.steps:
                if step.action not in NEVER_STALE:
                    raise VersionNeededError(step.action)

    async def visible(
        self, session: AsyncSession, case_no: str, actor: Actor, book: Book
    ) -> CaseRow:
        """A case that the actor may see.

        Raises:
            CaseNotFoundError: There is none.
        """
        row = await session.get(CaseRow, case_no)
        if row is None:
            raise CaseNotFoundError(case_no)
        if actor.has(Role.REPORTER):
            return row
        if not may_see(reach_of(actor, book.units), await facts_of(session, row)):
            raise CaseNotFoundError(case_no)
        return row

    # Telling and waiting --------------------------------------------------------------

    async def _await_verdict(self, command_id: UUID, waiter: Waiter, until: float) -> Outcome:
        loop = asyncio.get_running_loop()
        while await waiter.wait(until - loop.time()):
            outcome = await self._seen(command_id)
            if outcome.status is not Status.WAITING or waiter.hopeless:
                return outcome
        return await self._seen(command_id)

    async def _seen(self, command_id: UUID) -> Outcome:
        outcome = await self.look(command_id)
        if outcome is None:
            raise RuntimeError(f"command {command_id} was written down and is gone")
        return outcome

    async def _tell(
        self,
        case_no: str,
        one: _Written,
        *,
        first: bool = False,
        waiter: Waiter | None = None,
    ) -> None:
        """Tell once; what fails is told again by the reconciler."""
        try:
            async with asyncio.timeout(self.verdict_wait):
                heard = await self.tell(
                    case_no,
                    source=one.source,
                    command_id=str(one.command_id),
                    label=one.label,
                    first=first,
                )
        except Exception as error:  # noqa: BLE001  the wish is on record; nobody waits for this
            heard = "failed"
            log.warning("tell failed: %s", type(error).__name__, extra={"case_id": case_no})
        if waiter is not None and heard != "told":
            waiter.give_up()

    def _spawn(self, tell: Coroutine[None, None, None]) -> None:
        if len(self._tells) >= MOST_TELLS:
            tell.close()
            return
        task = asyncio.create_task(tell)
        self._tells.add(task)
        task.add_done_callback(self._tells.discard)

    async def drain(self) -> None:
        """Wait for the tells that are under way; at the end of the process."""
        if self._tells:
            await asyncio.wait(self._tells, timeout=self.verdict_wait)


async def facts_of(session: AsyncSession, row: CaseRow) -> CaseFacts:
    """What of a case decides who may see it."""
    return (await facts.facts_of(session, [row]))[row.case_no]


async def _outcome(session: AsyncSession, command_id: UUID) -> Outcome | None:
    found = (
        await session.execute(
            select(CommandRow, CaseRow.state, CaseRow.version, CaseRow.unit)
            .join(CaseRow, CaseRow.case_no == CommandRow.case_no)
            .where(CommandRow.command_id == command_id)
            .execution_options(populate_existing=True)
        )
    ).one_or_none()
    if found is None:
        return None
    row, state, version, unit = found
    return Outcome(
        status=Status(row.verdict or Status.WAITING),
        case_no=row.case_no,
        state=State(state),
        version=version,
        unit=unit,
        refusal=wishes.refusal_of(row),
        command_id=row.command_id,
    )


async def _refused_early(
    session: AsyncSession, row: CaseRow, command: Command, book: Book
) -> Refusal | None:
    """A refusal that is certain now; None also when others wait to be judged before it."""
    if row.generation != cases.GENERATION or await commands.unjudged(session, row.case_no):
        return None
    answer = decide(load_case(row.snapshot | {"case_no": row.case_no}), command, book)
    return answer if isinstance(answer, Refusal) else None
