"""Cases: lock one, write what was decided, read its log. Only `advance` writes here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.advance import Advanced
from domain.book import Book
from domain.case import Case, Event, fold
from domain.terms import Action
from registry import projection
from registry.codec import dump_event, load_case, load_event
from registry.commands import ruled
from registry.site_calls import save_calls
from registry.tables_case import CaseRow, EventRow
from registry.terms import changed_terms
from registry.written import Document, Row, write

GENERATION = 1
"""Raised when `evolve` folds old events differently: older snapshots are folded anew."""
NEWS_LENGTH = 7000
"""Ids of commands in one NOTIFY end here; it may have 8,000 bytes, and is only a hint."""


class CaseNotFoundError(Exception):
    """There is no such case."""

    def __init__(self, case_no: str) -> None:
        super().__init__(f"there is no case {case_no}")
        self.case_no = case_no


async def now(session: AsyncSession) -> datetime:
    """The registry's clock, the one that sets `received_at`."""
    found: datetime = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    return found


async def lock(session: AsyncSession, case_no: str) -> Case:
    """Lock the case row and give the case as its log has it.

    The lock lets others refer to the case: a command to it is written down meanwhile, and two
    cases that write sequels to each other do not wait for one another.

    Raises:
        CaseNotFoundError: There is no such case.
    """
    row = (
        await session.execute(
            select(CaseRow.snapshot, CaseRow.generation, CaseRow.seq)
            .where(CaseRow.case_no == case_no)
            .with_for_update(key_share=True)
        )
    ).one_or_none()
    if row is None:
        raise CaseNotFoundError(case_no)
    return await kept(session, case_no, row.snapshot, row.generation)


async def kept(
    session: AsyncSession, case_no: str, snapshot: Mapping[str, Any], generation: int
) -> Case:
    """The case of a snapshot; folded anew when older code wrote it."""
    if generation != GENERATION:
        return await folded(session, case_no)
    return load_case({**snapshot, "case_no": case_no})


async def at(session: AsyncSession, case_no: str) -> Case:
    """The case as its log has it, without a lock.

    Raises:
        CaseNotFoundError: There is no such case.
    """
    row = await session.get(CaseRow, case_no)
    if row is None:
        raise CaseNotFoundError(case_no)
    return await kept(session, case_no, row.snapshot, row.generation)


async def report_of(session: AsyncSession, row: CaseRow) -> str:
    """The words of the report: of a task of a joint case, its case's."""
    if not row.parent:
        return row.words
    return (await session.get_one(CaseRow, row.parent)).words


async def folded(session: AsyncSession, case_no: str) -> Case:
    """The case folded from its log, whatever the snapshot says."""
    return fold(case_no, await events_after(session, case_no, 0))


async def events_after(session: AsyncSession, case_no: str, seq: int) -> list[Event]:
    """Events of a case after `seq`, in order."""
    rows = await session.scalars(
        select(EventRow.body)
        .where(EventRow.case_no == case_no, EventRow.seq > seq)
        .order_by(EventRow.seq)
    )
    return [load_event(body) for body in rows]


async def has_cause(session: AsyncSession, case_no: str, cause_id: str) -> bool:
    """Whether a cause is on record."""
    found = await session.scalar(
        select(EventRow.seq)
        .where(EventRow.case_no == case_no, EventRow.cause_id == cause_id)
        .limit(1)
    )
    return found is not None


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What an `advance` was told, beside what the rules made of it.

    Attributes:
        at: Now.
        commands: Those that waited.
        notes: Their free text by (cause id, step), kept beside the events.
        files: Attachments named by those that were not refused; they belong to the case now.
        summary: The lead's reply, where the system sums a joint case up by it.
    """

    at: datetime
    commands: Sequence[UUID]
    notes: Mapping[tuple[str, int], str]
    files: Sequence[UUID]
    summary: str = ""


async def save(session: AsyncSession, done: Advanced, heard: Heard, book: Book) -> None:
    """Write events and verdicts, bring every row that pages read in step, and tell who listens.

    Args:
        session: A transaction that holds the case's lock.
        done: The case brought up to now.
        heard: The commands behind it.
        book: Calendars for the due times shown.
    """
    if not (done.events or done.rulings):
        return
    case_no = done.case.case_no
    files = [{"attachment_id": one, "case_no": case_no} for one in heard.files]
    document: Document = {
        "event": log_rows(case_no, done.events, heard.notes, heard.summary),
        "command": ruled(done.rulings, heard.at),
        "attachment": files,
        "terms": await changed_terms(session, done.case, done.events, heard.notes),
        **projection.rows_of(done, GENERATION, book),
    }
    ids = ",".join(map(str, heard.commands))[:NEWS_LENGTH]
    await write(session, document, f"{case_no} {ids}")
    await projection.save_requests(session, case_no, done.events)
    await projection.save_parties(session, case_no, done.events)
    await save_calls(session, done, book)


def log_rows(
    case_no: str,
    events: Iterable[Event],
    notes: Mapping[tuple[str, int], str],
    summary: str = "",
) -> list[Row]:
    """Events as their table has them, with the steps' free text by (cause id, step)."""
    parts: dict[str, int] = {}
    rows: list[Row] = []
    for event in events:
        part = parts.get(event.cause_id, 0)
        parts[event.cause_id] = part + 1
        rows.append(
            {
                "case_no": case_no,
                "seq": event.seq,
                "cause_id": event.cause_id,
                "part": part,
                "at": event.at,
                "action": event.action,
                "state": event.state,
                "actor": event.actor,
                "role": event.role,
                "note": summary
                if by_itself(event, Action.SUM_UP)
                else notes.get((event.cause_id, event.step), ""),
                "body": dump_event(event),
            }
        )
    return rows


def by_itself(event: Event, action: Action) -> bool:
    """Whether the system did that, not somebody's step."""
    return event.action is action and event.step < 0


async def overdue_unheard(
    session: AsyncSession, *, behind: datetime, limit: int
) -> Sequence[tuple[str, str]]:
    """Open cases whose nearest rung fell due before `behind` unfired: (number, source)."""
    rows = await session.execute(
        select(CaseRow.case_no, CaseRow.source)
        .where(CaseRow.next_rung_at < behind)
        .order_by(CaseRow.next_rung_at, CaseRow.case_no)
        .limit(limit)
    )
    return [(row.case_no, row.source) for row in rows]
