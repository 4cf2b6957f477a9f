"""`verify`: every case held against its log and its workflow, and mended as far as told."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from prometheus_client import Counter
from sqlalchemy.exc import DBAPIError

from activities.cases import Advance, CaseActivities
from activities.reconcile import OVERDUE, Tell
from registry import derived, findings, linked, verify
from registry.derived import BrokenLogError
from registry.findings import BY_LINKS, BY_ROWS, BY_TELLING, MENDS, Finding, Kind, Repair, Run
from registry.verify import Looked, Scope

log = logging.getLogger(__name__)

PAGE = 100
"""Cases held in memory at once."""
GRACE = timedelta(minutes=2)
"""A report that is told of, or a workflow that is about to end, has this long."""
AT_ONCE = 10
"""Workflows asked after at once."""

FOUND = Counter("gridcase_verify_findings", "Findings by verify", ["kind", "outcome"])


class Standing(StrEnum):
    """How a case's workflow stands."""

    RUNNING = "running"
    MISSING = "missing"
    COMPLETED = "completed"
    FAILED = "failed"
    TERMINATED = "terminated"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"


GONE = {
    Standing.MISSING: Kind.WORKFLOW_MISSING,
    Standing.COMPLETED: Kind.WORKFLOW_COMPLETED,
    Standing.FAILED: Kind.WORKFLOW_FAILED,
    Standing.TERMINATED: Kind.WORKFLOW_TERMINATED,
    Standing.CANCELLED: Kind.WORKFLOW_CANCELLED,
    Standing.TIMED_OUT: Kind.WORKFLOW_TIMED_OUT,
}


class Survey(Protocol):
    """Looks at the workflows that there are."""

    def among(self, numbers: Sequence[str]) -> Awaitable[frozenset[str]]:
        """Those of these cases that the list of running workflows has; it may lag."""
        ...

    def running(self) -> AsyncIterator[list[str]]:
        """Cases whose workflow the list says is running, by pages."""
        ...

    def standing(self, case_no: str) -> Awaitable[Standing]:
        """How one workflow stands; never lags."""
        ...


class Restart(Protocol):
    """How a workflow that completed is started again; answers as `Tell` does."""

    def __call__(self, case_no: str, *, source: str) -> Awaitable[str]:
        """Start it from the registry's log."""
        ...


class TemporalAwayError(Exception):
    """Temporal does not answer; nothing can be said of workflows."""

    def __init__(self) -> None:
        super().__init__("Temporal does not answer: start it, and verify again")


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a run is; a run that was cut short goes on from here.

    Attributes:
        after: Number of the last case looked at.
        cases: How many were.
        through: All cases were looked at; running workflows are next.
    """

    after: str = ""
    cases: int = 0
    through: bool = False


def _silently(_progress: Progress) -> None:
    """Nobody watches."""


@dataclass(frozen=True, kw_only=True)
class Verifier:
    """Finds what is not as it should be, and mends it as far as it is told to.

    Attributes:
        activities: The same `advance` that workflows use.
        survey: The workflows that there are.
        tell: The door to the workflows.
        restart: The door for those that completed.
        overdue: How long a rung may be past due before its case counts as silent.
        grace: How long what is under way may take.
        rest: Seconds between pages, left to those who work.
    """

    activities: CaseActivities
    survey: Survey
    tell: Tell
    restart: Restart
    overdue: timedelta = OVERDUE
    grace: timedelta = GRACE
    rest: float = 0.0

    async def run(
        self,
        run_id: UUID,
        scope: Scope,
        repair: Repair,
        *,
        done: Progress | None = None,
        beat: Callable[[Progress], None] = _silently,
    ) -> Run:
        """Look at the cases in scope by number, then at the workflows that run.

        Args:
            run_id: Under which findings are kept; the same one goes on with a run.
            scope: Which cases.
            repair: How much to mend.
            done: Where an earlier try stopped.
            beat: Hears how far it is, after each page and each mended case.

        Raises:
            TemporalAwayError: A workflow could not be told.
        """
        sessions = self.activities.sessions
        async with sessions.begin() as session:
            await findings.begin(session, run_id, scope=str(scope), repair=repair)
        at = done or Progress()
        job = _Job(self, run_id, MENDS[repair])
        while not at.through:
            looked = await self._page(scope, after=at.after)
            if looked:
                for one in await self._with_workflows(looked):
                    if one.findings:
                        await job.take(one.case_no, one.source, one.findings)
                        beat(at)
                at = Progress(after=looked[-1].case_no, cases=at.cases + len(looked))
                await asyncio.sleep(self.rest)
            at = replace(at, through=len(looked) < PAGE)
            beat(at)
        workflows = 0
        if not scope.case_no:
            async for numbers in self.survey.running():
                workflows += len(numbers)
                await self._running(numbers, job)
                beat(at)
        async with sessions.begin() as session:
            await findings.end(session, run_id, cases=at.cases, workflows=workflows)
            run = await findings.run_of(session, run_id)
        for kind, found in run.found.items():
            repaired = run.repaired.get(kind, 0)
            FOUND.labels(kind=kind, outcome="repaired").inc(repaired)
            FOUND.labels(kind=kind, outcome="left").inc(found - repaired)
        return run

    async def _page(self, scope: Scope, *, after: str) -> list[Looked]:
        async with self.activities.sessions.begin() as session:
            kept, waiting = await verify.page(session, scope, after=after, limit=PAGE)
            if not kept:
                return []
            at = await self.activities.clock(session)
            book = await self.activities.keeper.book(session, at)
            between = await linked.look(session, kept, book)
        looked = []
        for one in kept:
            asked = waiting.get(one.case_no, ())
            found = verify.look(one, asked, book, at=at, overdue=self.overdue)
            more = between.get(one.case_no, ())
            looked.append(replace(found, findings=(*found.findings, *more)))
            await asyncio.sleep(0)  # cases are judged meanwhile
        return looked

    async def _with_workflows(self, looked: Sequence[Looked]) -> list[Looked]:
        """Add what is wrong with the workflows of those that are open."""
        wanted = {one.case_no for one in looked if one.runs}
        listed = await self.survey.among(sorted(wanted)) if wanted else frozenset()
        gone = await self._gone([one for one in looked if one.case_no in wanted - listed])
        return [
            replace(one, findings=(*one.findings, gone[one.case_no]))
            if one.case_no in gone
            else one
            for one in looked
        ]

    async def _gone(self, suspects: Sequence[Looked]) -> dict[str, Finding]:
        """Ask after each workflow that the list lacks; it may only not be listed yet."""
        gone = {
            case_no: standing
            for case_no, standing in await self._standings([one.case_no for one in suspects])
            if standing is not Standing.RUNNING
        }
        if not gone:
            return {}
        async with self.activities.sessions.begin() as session:
            known = await verify.known(session, sorted(gone))
            now = await self.activities.clock(session)
        return {
            case_no: Finding(
                case_no=case_no,
                kind=GONE[standing],
                detail=f"open in the registry, its workflow is {standing}",
            )
            for case_no, standing in gone.items()
            if not known[case_no].ended  # it ended while we looked
            and (known[case_no].seq or known[case_no].recorded_at < now - self.grace)
        }

    async def _standings(self, numbers: Sequence[str]) -> list[tuple[str, Standing]]:
        gate = asyncio.Semaphore(AT_ONCE)

        async def ask(case_no: str) -> tuple[str, Standing]:
            async with gate:
                return case_no, await self.survey.standing(case_no)

        return list(await asyncio.gather(*map(ask, numbers)))

    async def _running(self, numbers: Sequence[str], job: "_Job") -> None:
        """Workflows that should not run: their case has ended, or there is none."""
        async with self.activities.sessions.begin() as session:
            known = await verify.known(session, numbers)
            now = await self.activities.clock(session)
        suspects: dict[str, Finding] = {}
        for case_no in numbers:
            case = known.get(case_no)
            if case is None:
                kind, detail = (
                    Kind.UNKNOWN_CASE,
                    "its workflow runs, the registry has no such case",
                )
            elif case.ended and case.recorded_at < now - self.grace:
                kind, detail = Kind.STILL_RUNNING, "ended in the registry, its workflow runs"
            else:
                continue
            suspects[case_no] = Finding(case_no=case_no, kind=kind, detail=detail)
        for case_no, standing in await self._standings(list(suspects)):
            if standing is Standing.RUNNING:
                source = known[case_no].source if case_no in known else ""
                await job.take(case_no, source, [suspects[case_no]])


@dataclass(frozen=True)
class _Job:
    """A run's notes and repairs."""

    verifier: Verifier
    run_id: UUID
    mends: frozenset[Kind]

    async def take(self, case_no: str, source: str, found: Iterable[Finding]) -> None:
        """Note the findings of a case, and mend what is to be mended."""
        kinds = frozenset(one.kind for one in found)
        async with self.verifier.activities.sessions.begin() as session:
            await findings.note(session, self.run_id, found)
        wanted = kinds & self.mends
        mended: set[Kind] = set()
        if wanted & BY_ROWS and await self._rebuilt(case_no):
            mended |= wanted & BY_ROWS
        if wanted & BY_LINKS and await self._linked(case_no):
            mended |= wanted & BY_LINKS
        by_telling = wanted & (BY_TELLING | {Kind.COMMAND_DEAD})
        if by_telling and await self._told(case_no, source, wanted):
            mended |= by_telling
        if mended:
            async with self.verifier.activities.sessions.begin() as session:
                await findings.note_repaired(session, self.run_id, case_no, mended)
        for kind in sorted(kinds):
            outcome = "repaired" if kind in mended else "left"
            log.warning("verify: %s, %s", kind, outcome, extra={"case_id": case_no})

    async def _rebuilt(self, case_no: str) -> bool:
        """Make its rows anew; a broken log or a case that is busy is left."""
        activities = self.verifier.activities
        try:
            async with activities.sessions.begin() as session:
                book = await activities.keeper.book(session, await activities.clock(session))
                await derived.rebuild(session, case_no, book)
        except (BrokenLogError, DBAPIError) as error:
            log.warning("rows not made anew: %s", error, extra={"case_id": case_no})
            return False
        return True

    async def _linked(self, case_no: str) -> bool:
        """Write again what is missing between a joint case and its tasks."""
        activities = self.verifier.activities
        try:
            async with activities.sessions.begin() as session:
                now = await activities.clock(session)
                book = await activities.keeper.book(session, now)
                await linked.mend(session, case_no, book, now)
        except (ValueError, DBAPIError) as error:
            log.warning("tasks not linked anew: %s", error, extra={"case_id": case_no})
            return False
        return True

    async def _told(self, case_no: str, source: str, wanted: frozenset[Kind]) -> bool:
        """Tell its workflow, or start it; what has ended is judged here, as by a sweep."""
        activities = self.verifier.activities
        if Kind.COMMAND_DEAD in wanted:
            async with activities.sessions.begin() as session:
                await verify.revive(session, case_no)
        try:
            if Kind.WORKFLOW_COMPLETED in wanted:
                outcome = await self.verifier.restart(case_no, source=source)
            else:
                outcome = await self.verifier.tell(
                    case_no, source=source, command_id="verify", label="verify", first=False
                )
        except Exception as error:  # noqa: BLE001  one case stops no other
            log.warning("tell failed: %s", error, extra={"case_id": case_no})
            return False
        if outcome == "unavailable":
            raise TemporalAwayError
        if outcome == "ended":
            await activities.advance(Advance(case_no=case_no, known_seq=0))
        return True
