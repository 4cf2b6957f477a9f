"""Cases: lock one, write what was decided, read its log. Only `advance` writes here."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.advance import Advanced
from domain.book import Book
from domain.case import Case, Event, fold
from registry import projection
from registry.codec import dump_event, load_case, load_event
from registry.tables_case import (
    AttachmentRow,
    CaseRow,
    CommandRow,
    EventRow,
)

GENERATION = 1
"""Raised when `evolve` folds old events differently: older snapshots are folded anew."""


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

    Raises:
        CaseNotFoundError: There is no such case.
    """
    row = (
        await session.execute(
            select(CaseRow.snapshot, CaseRow.generation, CaseRow.seq)
            .where(CaseRow.case_no == case_no)
            .with_for_update()
        )
    ).one_or_none()
    if row is None:
        raise CaseNotFoundError(case_no)
    if row.generation != GENERATION:
        return await folded(session, case_no)
    return load_case(row.snapshot | {"case_no": case_no})


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


async def save(
    session: AsyncSession,
    done: Advanced,
    notes: dict[tuple[str, int], str],
    book: Book,
) -> None:
    """Write new events, and bring every row that pages read in step with them.

    Args:
        session: A transaction that holds the case's lock.
        done: The case brought up to now.
        notes: Free text of commands by (cause id, step), kept beside the events.
        book: Calendars for the due times shown.
    """
    case, events = done.case, done.events
    if not events:
        return
    await _append(session, case.case_no, events, notes)
    await projection.bring_in_step(session, done, GENERATION, book)


async def _append(
    session: AsyncSession,
    case_no: str,
    events: Iterable[Event],
    notes: dict[tuple[str, int], str],
) -> None:
    parts: dict[str, int] = {}
    rows = []
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
                "action": event.action.value,
                "state": event.state.value,
                "actor": event.actor,
                "role": event.role.value,
                "note": notes.get((event.cause_id, event.step), ""),
                "body": dump_event(event),
            }
        )
    await session.execute(insert(EventRow), rows)


async def bind_attachments(
    session: AsyncSession, case_no: str, attachment_ids: Iterable[UUID]
) -> None:
    """Files named by a command that was judged now belong to the case."""
    ids = list(attachment_ids)
    if ids:
        await session.execute(
            update(AttachmentRow)
            .where(AttachmentRow.attachment_id.in_(ids), AttachmentRow.case_no.is_(None))
            .values(case_no=case_no)
        )


async def announce(session: AsyncSession, case_no: str, commands: Iterable[CommandRow]) -> None:
    """One NOTIFY for the transaction: ids only; a hint, never the data."""
    ids = ",".join(str(one.command_id) for one in commands)[:7000]
    await session.execute(
        text("select pg_notify('gridcase', :payload)"), {"payload": f"{case_no} {ids}"}
    )


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
