"""Write a report down: number, reporter, case row and command in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.case_number import case_number
from domain.questions import Answer
from domain.terms import Source, State
from registry import written
from registry.commands import Wish, columns_of
from registry.sealing import Sealer, phone_digits
from registry.tables_case import CASE_SEQUENCE, CaseDay, CaseRow
from registry.written import Document, Row


@dataclass(frozen=True, kw_only=True)
class Contact:
    """Who reported; either may be empty."""

    name: str = ""
    phone: str = ""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What was reported, apart from what the rules need (that is in the command).

    Attributes:
        words: The report in the reporter's words.
        address: Where, in words.
        point: (longitude, latitude), WGS84.
        contact: Who reported.
        tracking_code: One-time code for the tracking page; kept as a keyed hash.
        upstream: Identifiers of another system.
        answers: To the extra questions of its class, by key.
    """

    words: str
    address: str = ""
    point: tuple[float, float] | None = None
    contact: Contact = Contact()
    tracking_code: str = ""
    upstream: Mapping[str, Any] | None = None
    answers: Mapping[str, Answer] = field(default_factory=dict)


async def next_case_number(session: AsyncSession, county: str, day: date) -> str:
    """Draw the day's next number; a rolled-back report leaves a gap, never a double.

    Raises:
        CaseNumbersExhaustedError: More than 499,999 that day.
    """
    return (await next_case_numbers(session, county, day, 1))[0]


async def next_case_numbers(
    session: AsyncSession, county: str, day: date, count: int
) -> list[str]:
    """Draw several of the day's next numbers at once, ascending; `count` is at least 1.

    Raises:
        CaseNumbersExhaustedError: More than 499,999 that day.
    """
    key = day.isoformat()
    known = select(CaseDay.base).where(CaseDay.day == key).scalar_subquery()
    many = func.generate_series(1, count).table_valued("number")
    draw = select(CASE_SEQUENCE.next_value(), known).select_from(many)
    rows = (await session.execute(draw)).all()
    base = rows[0][1]
    if base is None:
        await session.execute(
            upsert(CaseDay).values(day=key, base=rows[0][0]).on_conflict_do_nothing()
        )
        base = (await session.scalars(select(CaseDay.base).where(CaseDay.day == key))).one()
        rows = (await session.execute(draw)).all()
    return [case_number(county, day, drawn - base) for drawn, _ in rows]


async def open_case_of(session: AsyncSession, source: Source, upstream_no: str) -> str | None:
    """The case, not archived yet, that an upstream's order already is; a drill is none.

    Whoever asks for the same order waits until the caller's transaction is over.
    """
    key = f"{source} {upstream_no}"
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
    found: str | None = await session.scalar(
        select(CaseRow.case_no)
        .where(
            CaseRow.upstream_no == upstream_no,
            CaseRow.upstream_no != "",
            CaseRow.source == source,
            CaseRow.ended_at.is_(None),
            CaseRow.drill.is_(False),
        )
        .order_by(CaseRow.case_no)
        .limit(1)
    )
    return found


def reporter_row(
    reporter_id: UUID, contact: Contact, sealer: Sealer, at: datetime
) -> Row | None:
    """Who reported as the table has it: sealed; None when nobody said who he is."""
    if not (contact.name or contact.phone):
        return None
    phone = phone_digits(contact.phone)
    return {
        "reporter_id": reporter_id,
        "key_id": sealer.key_id,
        "name": sealer.seal(contact.name) if contact.name else None,
        "phone": sealer.seal(contact.phone) if contact.phone else None,
        "phone_index": sealer.index(phone) if phone else None,
        "created_at": at,
    }


async def write_report(
    session: AsyncSession, wish: Wish, report: Report, sealer: Sealer, *, at: datetime
) -> None:
    """Write a report and its command down; nothing else has happened yet."""
    reporter = reporter_row(wish.command_id, report.contact, sealer, at)
    step = wish.command.steps[0]
    lon, lat = report.point or (None, None)
    code = "" if step.drill else report.tracking_code
    case: Row = {
        "case_no": wish.case_no,
        "state": State.REPORTED,
        "source": step.source,
        "words": report.words,
        "address": report.address,
        "lon": lon,
        "lat": lat,
        "grid": step.grid,
        "subclass": step.subclass,
        "urgent": bool(step.urgent),
        "reported_at": at,
        "changed_at": at,
        "reporter_id": wish.command_id if reporter else None,
        "tracking_hash": sealer.index(f"{wish.case_no} {code}") if code else None,
        "upstream_no": step.upstream_no,
        "upstream": dict(report.upstream) if report.upstream is not None else None,
        "answers": dict(report.answers),
        "drill": step.drill,
    }
    document: Document = {
        "reporter": [reporter] if reporter else [],
        "case_record": [case],
        "command": [columns_of(wish)],
    }
    await written.write_report(session, document)
