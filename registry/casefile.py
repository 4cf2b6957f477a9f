"""Everything that one case's page shows, read in one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.case import Case, Event
from domain.command import Step
from domain.terms import Action
from registry.attachments import bound_to
from registry.cases import CaseNotFoundError, kept
from registry.codec import STEPS, load_event
from registry.cutover import former
from registry.tables_case import (
    AttachmentRow,
    CaseRow,
    CommandRow,
    EventRow,
    ReporterRow,
    RequestRow,
)
from registry.tables_cutover import ForeignEntry

TELLING = frozenset({Action.DECIDE, Action.SUBSTITUTE})
"""Moves whose step says who took part, or what it cost; the event does not."""
MOST_EVENTS = 500
MOST_PHOTOS = 60


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the timeline.

    Attributes:
        event: The event.
        note: Its free text.
        recorded_at: When it was written.
        step: The step that brought it, of moves that say more than the event keeps.
    """

    event: Event
    note: str
    recorded_at: datetime
    step: Step | None = None


@dataclass(frozen=True, kw_only=True)
class Photo:
    """A file of the case."""

    attachment_id: UUID
    media_type: str
    uploaded_at: datetime


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A command that has no verdict yet."""

    command_id: UUID
    label: str
    received_at: datetime


@dataclass(frozen=True, kw_only=True)
class CaseFile:
    """A case with all that belongs to it."""

    row: CaseRow
    case: Case
    entries: Sequence[Entry]
    photos: Sequence[Photo]
    requests: Sequence[RequestRow]
    waiting: Sequence[Waiting]
    reporter: ReporterRow | None
    former: Sequence[ForeignEntry]


async def read(session: AsyncSession, case_no: str) -> CaseFile:
    """A case's file.

    Raises:
        CaseNotFoundError: There is no such case.
    """
    row = await session.get(CaseRow, case_no)
    if row is None:
        raise CaseNotFoundError(case_no)
    return CaseFile(
        row=row,
        case=await kept(session, case_no, row.snapshot, row.generation),
        entries=await _entries(session, case_no),
        photos=await _photos(session, case_no),
        requests=(
            await session.scalars(
                select(RequestRow)
                .where(RequestRow.case_no == case_no)
                .order_by(RequestRow.seq.desc())
                .limit(20)
            )
        ).all(),
        waiting=await _waiting(session, case_no),
        reporter=await session.get(ReporterRow, row.reporter_id) if row.reporter_id else None,
        former=await former(session, case_no),
    )


async def _entries(session: AsyncSession, case_no: str) -> list[Entry]:
    rows = await session.execute(
        select(EventRow.body, EventRow.note, EventRow.recorded_at)
        .where(EventRow.case_no == case_no)
        .order_by(EventRow.seq.desc())
        .limit(MOST_EVENTS)
    )
    found = [
        Entry(event=load_event(body), note=note, recorded_at=recorded_at)
        for body, note, recorded_at in rows
    ]
    causes = {one.event.cause_id for one in found if one.event.action in TELLING}
    if not causes:
        return found
    steps = await _steps(session, causes)
    return [
        replace(one, step=steps.get((one.event.cause_id, one.event.step)))
        if one.event.action in TELLING
        else one
        for one in found
    ]


async def _steps(session: AsyncSession, causes: Iterable[str]) -> dict[tuple[str, int], Step]:
    """The steps of some commands, by command and index."""
    rows = await session.execute(
        select(CommandRow.command_id, CommandRow.steps).where(
            CommandRow.command_id.in_([UUID(one) for one in causes])
        )
    )
    return {
        (str(command_id), index): step
        for command_id, body in rows
        for index, step in enumerate(STEPS.validate_python(body))
    }


async def _photos(session: AsyncSession, case_no: str) -> list[Photo]:
    rows = await session.execute(
        select(AttachmentRow.attachment_id, AttachmentRow.media_type, AttachmentRow.uploaded_at)
        .where(bound_to(case_no))
        .order_by(AttachmentRow.uploaded_at, AttachmentRow.attachment_id)
        .limit(MOST_PHOTOS)
    )
    return [Photo(attachment_id=one, media_type=kind, uploaded_at=at) for one, kind, at in rows]


async def _waiting(session: AsyncSession, case_no: str) -> list[Waiting]:
    rows = await session.execute(
        select(CommandRow.command_id, CommandRow.label, CommandRow.received_at)
        .where(CommandRow.case_no == case_no, CommandRow.verdict.is_(None))
        .order_by(CommandRow.received_at, CommandRow.command_id)
        .limit(20)
    )
    return [Waiting(command_id=one, label=label, received_at=at) for one, label, at in rows]


async def photos_of_command(
    session: AsyncSession, principal: str, key: str
) -> tuple[str, ...] | None:
    """The photos of the command that a key already stands for; None when it stands for none."""
    steps = await session.scalar(
        select(CommandRow.steps).where(
            CommandRow.principal == principal, CommandRow.idempotency_key == key
        )
    )
    if steps is None:
        return None
    return tuple(dict.fromkeys(photo for step in steps for photo in step.get("photos", ())))
