"""A small centre for tests and benchmarks: writes wishes down and tells, as the API does."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import WorkflowHistory
from temporalio.worker import Worker
from uuid_utils.compat import uuid7

from activities.cases import CaseActivities
from activities.nightly import VerifyActivities
from activities.verify import Verifier
from domain.book import Book
from domain.calendar import DayException
from domain.case import Case, Event
from domain.command import Command, Step
from domain.people import REPORTER, Actor
from domain.policy import FlowRule
from domain.terms import Action, Result, Source
from registry import book as books
from registry import calendars, cases, commands, intake, versions
from registry.book import BookKeeper
from registry.commands import Wish
from registry.engine import Sessions
from registry.intake import Report
from registry.sealing import Sealer
from registry.tables_case import CaseRow, CommandRow
from workflows.case import CaseWorkflow
from workflows.client import Door, workflow_id
from workflows.survey import CaseSurvey
from workflows.worker import case_worker

SEALER = Sealer(key=bytes(32), index_key=bytes(range(32)))
COUNTY = "990106"
GRID = "990106001001001"
MEMBER = "grid-liuting1"
LITTER = "E01-13"
PHOTO = "00000000-0000-7000-8000-000000000001"
DEADLINE = 30.0


@dataclass
class Centre:
    """Writes wishes down and tells, without HTTP.

    Attributes:
        sessions: The registry.
        door: Tells workflows.
        activities: The worker's `advance`.
        book: Master data.
        tells: Whether to tell at all; without, the reconciler does.
        clock: Receipt times, where Postgres's own clock is not the test's.
    """

    sessions: Sessions
    door: Door
    activities: CaseActivities
    book: Book
    tells: bool = True
    clock: Callable[[], Awaitable[datetime]] | None = None
    written: list[UUID] = field(default_factory=list)

    def actor(self, login: str) -> Actor:
        """A person of the demonstration district; `reporter` is the citizen."""
        return REPORTER if login == "reporter" else self.book.people[login]

    async def report(
        self,
        source: Source = Source.GRID_PATROL,
        subclass: str = LITTER,
        condition: int = 1,
        login: str = MEMBER,
        **more: Any,  # noqa: ANN401  further fields of `Step`
    ) -> str:
        """A report; the case's number."""
        step = Step(
            action=Action.REPORT,
            source=source,
            subclass=subclass,
            condition=condition,
            grid=GRID,
            contact=source is not Source.GRID_PATROL,
            **more,
        )
        command_id = uuid7()
        now = datetime.now(UTC)
        async with self.sessions.begin() as session:
            case_no = await intake.next_case_number(session, COUNTY, now.date())
            wish = self._wish(command_id, case_no, login, (step,), None)
            await intake.write_report(session, wish, Report(words="暴露垃圾"), SEALER, at=now)
            await self._date(session, command_id)
        await self._tell(case_no, command_id, source, first=True)
        return case_no

    async def draw_number(self) -> str:
        """The day's next case number, for a case that is split off."""
        async with self.sessions.begin() as session:
            return await intake.next_case_number(session, COUNTY, datetime.now(UTC).date())

    def _wish(
        self,
        command_id: UUID,
        case_no: str,
        login: str,
        steps: tuple[Step, ...],
        seen: int | None,
    ) -> Wish:
        actor = self.actor(login)
        label = " + ".join(step.action for step in steps)
        command = Command(
            command_id=str(command_id),
            at=datetime.now(UTC),
            actor=actor,
            steps=steps,
            seen=seen,
        )
        return Wish(
            command_id=command_id,
            case_no=case_no,
            principal=login,
            idempotency_key=str(command_id),
            body_hash=b"",
            label=label,
            command=command,
        )

    async def ask(
        self, case_no: str, login: str, *steps: Step, seen: int | None = None
    ) -> UUID:
        """Write an action down and tell; its command's id."""
        command_id = uuid7()
        wish = self._wish(command_id, case_no, login, steps, seen)
        async with self.sessions.begin() as session:
            await commands.write_down(session, wish)
            await self._date(session, command_id)
        self.written.append(command_id)
        await self._tell(case_no, command_id, Source.GRID_PATROL, first=False, label=wish.label)
        return command_id

    async def _date(self, session: AsyncSession, command_id: UUID) -> None:
        """Set the receipt by the test's clock."""
        if self.clock is not None:
            await session.execute(
                update(CommandRow)
                .where(CommandRow.command_id == command_id)
                .values(received_at=await self.clock())
            )

    async def _tell(
        self, case_no: str, command_id: UUID, source: Source, *, first: bool, label: str = ""
    ) -> None:
        if self.tells:
            await self.door.tell(
                case_no,
                source=source,
                command_id=str(command_id),
                label=label or "report",
                first=first,
            )

    async def verdict(self, command_id: UUID) -> CommandRow:
        """Wait for a command's verdict."""
        async with asyncio.timeout(DEADLINE):
            while True:
                async with self.sessions() as session:
                    row = await commands.find(session, command_id)
                if row is not None and row.verdict is not None:
                    return row
                await asyncio.sleep(0.02)

    async def do(self, case_no: str, login: str, *steps: Step) -> CommandRow:
        """Ask and wait for the verdict."""
        return await self.verdict(await self.ask(case_no, login, *steps))

    async def case(self, case_no: str) -> Case:
        """The case as the registry's log has it, folded anew."""
        async with self.sessions() as session:
            return await cases.folded(session, case_no)

    async def until(self, case_no: str, holds: Callable[[Case], bool]) -> Case:
        """Wait until the registry's case is as wanted."""
        async with asyncio.timeout(DEADLINE):
            while not holds(case := await self.case(case_no)):  # noqa: ASYNC110  another process does it
                await asyncio.sleep(0.02)
        return case

    async def in_workflow(self, case_no: str) -> Case:
        """The case as its workflow has folded it."""
        handle = self.door.client.get_workflow_handle(workflow_id(case_no))
        return await handle.query(CaseWorkflow.case)

    async def must(self, case_no: str, login: str, *steps: Step) -> None:
        """Act, and insist.

        Raises:
            RuntimeError: It was refused.
        """
        row = await self.do(case_no, login, *steps)
        if row.verdict != "done":
            raise RuntimeError(f"{login} {steps[0].action}: {row.refusal}")

    async def to_fed_back(self, case_no: str) -> None:
        """Sign and feed back, as the unit that holds it."""
        unit = (await self.case(case_no)).unit
        await self.must(case_no, f"{unit}.desk", Step(action=Action.SIGN))
        fed = Step(
            action=Action.FEED_BACK, result=Result.SOLVED, text="已清理", photos=(PHOTO,)
        )
        await self.must(case_no, f"{unit}.crew", fed)

    async def to_closed(self, case_no: str) -> None:
        """The plain life from dispatch to closed: four more signals."""
        await self.to_fed_back(case_no)
        await self.must(case_no, "dispatcher1", Step(action=Action.PASS_REVIEW))
        asked = (await self.case(case_no)).asked
        check = Step(action=Action.CHECK_PASS, photos=(PHOTO,), distance=5.0)
        await self.must(case_no, asked, check)

    @asynccontextmanager
    async def working(self, *, cached: int = 1000, build_id: str = "") -> AsyncIterator[Worker]:
        """A worker while the block runs."""
        worker = case_worker(
            self.door.client,
            self.activities,
            task_queue=self.door.task_queue,
            verify=VerifyActivities(verifier=self.verifier),
            cached=cached,
            build_id=build_id,
        )
        async with worker:
            yield worker

    @property
    def verifier(self) -> Verifier:
        """What looks at all cases of this centre."""
        return Verifier(
            activities=self.activities,
            survey=CaseSurvey(client=self.door.client, task_queue=self.door.task_queue),
            tell=self.door.tell,
            restart=self.door.restart,
        )

    async def past(self, moment: datetime) -> bool:
        """Whether the registry's clock is past a moment."""
        async with self.sessions() as session:
            return await cases.now(session) > moment

    def owner(self, case: Case) -> str:
        """The unit that routing names for a case."""
        return self.book.owners_of(case.subclass, case.grid)[0].unit

    def reason(self, action: str) -> str:
        """Some reason code of an action's list."""
        return min(self.book.reasons[action])

    async def change_flow(self, **changes: object) -> None:
        """Put the next policy in force, with these values of `Flow` for every case."""
        last = self.book.policies[self.book.policy]
        rule = FlowRule(name="test", changes=changes)
        async with self.sessions.begin() as session:
            await versions.use_policy(
                session, replace(last, rules=(*last.rules, rule)), since=None
            )
        await self._hear_at_once()

    async def change_calendar(self, *exceptions: DayException) -> str:
        """Put the next calendar in force, with these days out of the ordinary; its key."""
        last = self.book.calendars[self.book.calendar]
        async with self.sessions.begin() as session:
            key = await calendars.use(session, replace(last, exceptions=exceptions), since=None)
        await self._hear_at_once()
        return key

    async def _hear_at_once(self) -> None:
        """What every process hears after a moment is known here and to the worker now."""
        async with self.sessions() as session:
            self.book = await books.load(session, at=await cases.now(session))
        self.activities.keeper = BookKeeper()

    async def events(self, case_no: str) -> list[Event]:
        """The log."""
        async with self.sessions() as session:
            return await cases.events_after(session, case_no, 0)

    async def snapshot(self, case_no: str) -> Case:
        """The case as its row has it."""
        async with self.sessions.begin() as session:
            return await cases.lock(session, case_no)

    async def unjudged(self, case_no: str) -> int:
        """Commands without a verdict."""
        async with self.sessions() as session:
            return len(await commands.unjudged(session, case_no))

    async def make_due_to_tell(self, case_no: str) -> None:
        """Bring the next tell of a case's commands forward to now."""
        async with self.sessions.begin() as session:
            await session.execute(
                update(CommandRow)
                .where(CommandRow.case_no == case_no, CommandRow.verdict.is_(None))
                .values(next_tell_at=func.clock_timestamp())
            )

    async def let_rung_pass(self, case_no: str) -> None:
        """Say that the case's nearest rung fell due a minute ago, as if nobody had heard it."""
        async with self.sessions.begin() as session:
            await session.execute(
                update(CaseRow)
                .where(CaseRow.case_no == case_no)
                .values(next_rung_at=func.clock_timestamp() - timedelta(minutes=1))
            )

    async def history(self, case_no: str) -> WorkflowHistory:
        """The workflow's history."""
        handle = self.door.client.get_workflow_handle(workflow_id(case_no))
        return await handle.fetch_history()

    async def until_in_step(self, case_no: str) -> None:
        """Wait until the workflow's case is the folded log."""
        async with asyncio.timeout(DEADLINE):
            while await self.in_workflow(case_no) != await self.case(case_no):  # noqa: ASYNC110  another process
                await asyncio.sleep(0.05)

    async def reset(self, case_no: str) -> None:
        """Reset the workflow to its first task, once that is over, as an admin would."""
        await self.until_in_step(case_no)
        client, case_id = self.door.client, workflow_id(case_no)
        first = next(
            event.event_id
            for event in (await self.history(case_no)).events
            if event.HasField("workflow_task_completed_event_attributes")
        )
        await client.workflow_service.reset_workflow_execution(
            ResetWorkflowExecutionRequest(
                namespace=client.namespace,
                workflow_execution=WorkflowExecution(workflow_id=case_id),
                reason="test",
                workflow_task_finish_event_id=first,
                request_id=str(uuid7()),
            )
        )
