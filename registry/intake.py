"""Write a report down: number, reporter, case row and command in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.case import Case
from domain.case_number import case_number
from domain.terms import GROUP_OF, State
from registry.codec import dump_case
from registry.commands import Wish, write_down
from registry.sealing import Sealer, phone_digits
from registry.tables_case import CASE_SEQUENCE, CaseDay, CaseRow, ReporterRow


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
    """

    words: str
    address: str = ""
    point: tuple[float, float] | None = None
    contact: Contact = Contact()
    tracking_code: str = ""
    upstream: Mapping[str, Any] | None = None


async def next_case_number(session: AsyncSession, county: str, day: date) -> str:
    """Draw the day's next number; a rolled-back report leaves a gap, never a double.

    Raises:
        CaseNumbersExhaustedError: More than 499,999 that day.
    """
    drawn = await session.scalar(select(CASE_SEQUENCE.next_value()))
    if drawn is None:
        raise RuntimeError("the case number sequence gave nothing")
    key = day.isoformat()
    base = await session.scalar(select(CaseDay.base).where(CaseDay.day == key))
    if base is None:
        await session.execute(
            upsert(CaseDay).values(day=key, base=drawn).on_conflict_do_nothing()
        )
        base = (await session.scalars(select(CaseDay.base).where(CaseDay.day == key))).one()
        drawn = (await session.execute(select(CASE_SEQUENCE.next_value()))).scalar_one()
    return case_number(county, day, drawn - base)


async def write_report(
    session: AsyncSession, wish: Wish, report: Report, sealer: Sealer, *, at: datetime
) -> None:
    """Write a report and its command down; nothing else has happened yet."""
    reporter_id: UUID | None = None
    contact = report.contact
    if contact.name or contact.phone:
        reporter_id = wish.command_id
        phone = phone_digits(contact.phone)
        await session.execute(
            insert(ReporterRow).values(
                reporter_id=reporter_id,
                key_id=sealer.key_id,
                name=sealer.seal(contact.name) if contact.name else None,
                phone=sealer.seal(contact.phone) if contact.phone else None,
                phone_index=sealer.index(phone) if phone else None,
            )
        )
    step = wish.command.steps[0]
    await session.execute(
        insert(CaseRow).values(
            case_no=wish.case_no,
            state=State.REPORTED.value,
            stage=GROUP_OF[State.REPORTED].value,
            source=step.source,
            words=report.words,
            address=report.address,
            lon=report.point[0] if report.point else None,
            lat=report.point[1] if report.point else None,
            grid=step.grid,
            subclass=step.subclass,
            urgent=bool(step.urgent),
            reported_at=at,
            changed_at=func.clock_timestamp(),
            reporter_id=reporter_id,
            tracking_hash=sealer.index(f"{wish.case_no} {report.tracking_code}")
            if report.tracking_code
            else None,
            upstream=report.upstream,
            snapshot=dump_case(Case(case_no=wish.case_no)),
        )
    )
    await write_down(session, wish)
