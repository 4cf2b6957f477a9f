"""`advance`: judge what waits, once, in one transaction; answer what is new to the workflow."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID
from zlib import crc32

from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from domain import sequel
from domain.advance import Advanced, advanced, ask_cancel, catch_up, note_unreadable
from domain.book import Book
from domain.case import Case, Event, evolve
from domain.joint import case_of_task, lead_of, task_id
from domain.outside import messages
from domain.sequel_joint import follow
from domain.terms import Action
from registry import cases, commands, outbox, sequels, shares
from registry.book import BookKeeper
from registry.cases import Heard, by_itself
from registry.engine import Sessions
from registry.joint import reply_of
from registry.tables_case import CommandRow

Clock = Callable[[AsyncSession], Awaitable[datetime]]
tracer = trace.get_tracer("gridcase")
GENERATION = 1
"""Raised with the workflow's code: an idle case continues as new on the newer one.

A workflow learns of it by an answer, so that a replay hears what was said then.
"""


@dataclass(frozen=True, kw_only=True)
class Advance:
    """Bring a case up to now.

    Attributes:
        case_no: The case.
        known_seq: Last event that the workflow has folded.
        cancel_of: Run id, when an admin pressed Cancel on that run.
        unreadable: Ids of messages that could not be read.
    """

    case_no: str
    known_seq: int
    cancel_of: str = ""
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the workflow has not seen, and when to ask again.

    Attributes:
        events: Every event after `known_seq`, whoever caused it.
        judged: Ids of commands that got their verdict now.
        next_due: Nearest rung.
        next_in: Seconds from now until then, with the case's spread; None when nothing runs.
        next_label: What falls due then.
        generation: Of the code that answers.
        moved: Joint case whose nearest rung this task has moved; empty for none.
    """

    events: tuple[Event, ...] = ()
    judged: tuple[str, ...] = ()
    next_due: datetime | None = None
    next_in: float | None = None
    next_label: str = ""
    generation: int = 0
    moved: str = ""


class RegistryBehindError(Exception):
    """The registry has fewer events than the workflow: a restore or a replica that lags."""

    def __init__(self, case_no: str, seq: int, known: int) -> None:
        super().__init__(f"case {case_no}: the registry is behind, at {seq} of {known}")


def spread_of(case_no: str, most: timedelta) -> timedelta:
    """A few moments of each case's own: limits at 17:00 sharp do not all wake at once."""
    return most * (crc32(case_no.encode()) % 1000) / 1000


@dataclass
class CaseActivities:
    """Effects on cases.

    Attributes:
        sessions: The registry.
        clock: Now; the registry's own clock unless a test brings another.
        spread: Widest spread of timers.
    """

    sessions: Sessions
    clock: Clock = cases.now
    spread: timedelta = timedelta(seconds=2)
    keeper: BookKeeper = field(default_factory=BookKeeper)

    @activity.defn
    async def advance(self, order: Advance) -> Answer:
        """Judge each waiting command and due rung once; run twice, it adds nothing.

        Raises:
            RegistryBehindError: The log is shorter than what the workflow knows; retried.
        """
        moved = ""
        async with self.sessions.begin() as session:
            joint = await self._joint(session, order.case_no)
            case = await cases.lock(session, order.case_no)
            if case.seq < order.known_seq:
                raise RegistryBehindError(order.case_no, case.seq, order.known_seq)
            missed: list[Event] = []
            if case.seq > order.known_seq:
                missed = await cases.events_after(session, order.case_no, order.known_seq)
            now = await self.clock(session)
            book = await self.keeper.book(session, now)
            waiting = await commands.unjudged(session, order.case_no)
            with _span(order.case_no, waiting):
                asked = [commands.to_command(one) for one in waiting]
                done = catch_up(case, asked, now, book, joint)
                done = await _with_messages(session, done, order, now, book)
                heard = Heard(
                    at=now,
                    commands=[one.command_id for one in waiting],
                    notes=_notes(waiting),
                    files=_files(waiting, done),
                    summary=await _summary(session, done),
                )
                await cases.save(session, done, heard, book)
                await shares.write(
                    session, order.case_no, sequel.shares(case, done, asked, book)
                )
                await sequels.write(session, sequel.sequels(case, done, asked))
                told = messages(case, done.events, book.destinations)
                await outbox.write(session, order.case_no, told)
                if joint is not None and await _follow(session, joint, done, now, book):
                    moved = joint.case_no
        return Answer(
            events=(*missed, *done.events),
            judged=tuple(one.command_id for one in done.rulings),
            next_due=done.next_due,
            next_in=self._seconds_left(order.case_no, done.next_due, now),
            next_label=done.next_label,
            generation=GENERATION,
            moved=moved,
        )

    async def _joint(self, session: AsyncSession, case_no: str) -> Case | None:
        """The joint case of a task, locked before the task: so both wait in one order."""
        parent = case_of_task(case_no)
        return await cases.lock(session, parent) if parent else None

    def _seconds_left(self, case_no: str, due: datetime | None, now: datetime) -> float | None:
        if due is None:
            return None
        return max(0.0, (due - now + spread_of(case_no, self.spread)).total_seconds())


async def _follow(
    session: AsyncSession, joint: Case, done: Advanced, now: datetime, book: Book
) -> bool:
    """A joint case follows its task in the task's own transaction: pages never disagree.

    Whether that moved its nearest rung, which its workflow has armed.
    """
    event = follow(joint, done.case, book)
    if event is None:
        return False
    moved = advanced(joint, evolve(joint, event), (event,), (), book)
    heard = Heard(at=now, commands=[], notes={}, files=[])
    await cases.save(session, moved, heard, book)
    await sequels.write(session, sequel.sequels(joint, moved, ()))
    return moved.next_due != advanced(joint, joint, (), (), book).next_due


async def _summary(session: AsyncSession, done: Advanced) -> str:
    """The lead's reply, where the system sums a joint case up by it (J3)."""
    lead = lead_of(done.case.tasks)
    if lead is None or not any(by_itself(one, Action.SUM_UP) for one in done.events):
        return ""
    return await reply_of(session, task_id(done.case.case_no, lead.task_no))


def _span(case_no: str, waiting: Sequence[CommandRow]) -> AbstractContextManager[trace.Span]:
    """A span under the request that wrote the (first) command down: the trace runs through."""
    first = next((one.traceparent for one in waiting if one.traceparent), "")
    context = TraceContextTextMapPropagator().extract({"traceparent": first}) if first else None
    return tracer.start_as_current_span(
        "judge", context=context, attributes={"case_id": case_no, "commands": len(waiting)}
    )


def _notes(waiting: Sequence[CommandRow]) -> dict[tuple[str, int], str]:
    """Free text of the commands by (cause id, step)."""
    return {
        (str(row.command_id), index): step["text"]
        for row in waiting
        for index, step in enumerate(row.steps)
        if step.get("text")
    }


def _files(waiting: Sequence[CommandRow], done: Advanced) -> list[UUID]:
    """Files named by the commands that were not refused."""
    taken = {one.command_id for one in done.rulings if one.refusal is None}
    return [
        UUID(photo)
        for row in waiting
        if str(row.command_id) in taken
        for step in row.steps
        for photo in step.get("photos", ())
    ]


async def _with_messages(
    session: AsyncSession, done: Advanced, order: Advance, now: datetime, book: Book
) -> Advanced:
    """An admin's cancel and unreadable messages go on record, each once."""
    if not (order.cancel_of or order.unreadable):
        return done
    case, made = done.case, list(done.events)
    cancel = f"cancel/{order.cancel_of}" if order.cancel_of else ""
    for cause in filter(None, (cancel, *order.unreadable)):
        if await cases.has_cause(session, case.case_no, cause):
            continue
        if cause == cancel:
            event = ask_cancel(case, cause, now, book)
        else:
            event = note_unreadable(case, cause, now)
        case = evolve(case, event)
        made.append(event)
    return advanced(done.before, case, made, done.rulings, book)
