"""What units' own systems are to be told: written with the events, worked off one by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.joint import case_of_task
from domain.outside import Message, Tells
from registry.catalogues import is_confidential
from registry.destinations import rest_until
from registry.tables_case import CaseRow, EventRow
from registry.tables_outside import DeliveryRow, DestinationRow

IDS = UUID("0b7a0a9e-6d0d-5e4f-8f0e-3a4a5b0c7d11")
"""Namespace of the ids of deliveries."""
LOST = timedelta(minutes=15)
"""A delivery that began so long ago and is not made is begun again."""


async def write(session: AsyncSession, case_no: str, found: Sequence[Message]) -> None:
    """Write down what is to be told, in the transaction of the events; each exists once.

    The case is locked, and the joint case of a task before it: so what is told of one piece of
    work is in order by `created_at`, whichever of the two logs has the event.
    """
    if not found:
        return
    rows = [
        {
            "delivery_id": uuid5(
                IDS, f"{one.destination} {one.work} {case_no} {one.seq} {one.tells}"
            ),
            "destination": one.destination,
            "work": one.work,
            "case_no": case_no,
            "seq": one.seq,
            "tells": one.tells.value,
            "created_at": func.clock_timestamp(),
        }
        for one in found
    ]
    await session.execute(upsert(DeliveryRow).values(rows).on_conflict_do_nothing())


async def to_begin(session: AsyncSession, at: datetime, *, limit: int) -> Sequence[UUID]:
    """Claim deliveries that nobody has begun, or that began long ago and are not made."""
    found = (
        select(DeliveryRow.delivery_id)
        .where(
            DeliveryRow.delivered_at.is_(None),
            DeliveryRow.dropped_at.is_(None),
            or_(DeliveryRow.begun_at.is_(None), DeliveryRow.begun_at < at - LOST),
        )
        .order_by(DeliveryRow.created_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = await session.scalars(
        update(DeliveryRow)
        .where(DeliveryRow.delivery_id.in_(found))
        .values(begun_at=at)
        .returning(DeliveryRow.delivery_id)
    )
    return claimed.all()


async def not_begun(session: AsyncSession, delivery_ids: Sequence[UUID]) -> None:
    """Give claimed deliveries back: Temporal was away."""
    await session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.delivery_id.in_(delivery_ids))
        .values(begun_at=None)
    )


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """A delivery with all that is sent.

    Attributes:
        delivery: The row.
        destination: Where to.
        body: What is said, as JSON.
        blocked: An earlier delivery about the same work is not made yet.
    """

    delivery: DeliveryRow
    destination: DestinationRow
    body: dict[str, Any]
    blocked: bool


async def parcel(session: AsyncSession, delivery_id: UUID) -> Parcel | None:
    """A delivery as it is to be sent now; None when it is made, dropped or unknown."""
    row = await session.get(DeliveryRow, delivery_id)
    if row is None or row.delivered_at or row.dropped_at:
        return None
    destination = await session.get_one(DestinationRow, row.destination)
    earlier = await session.scalar(
        select(func.count()).where(
            DeliveryRow.destination == row.destination,
            DeliveryRow.work == row.work,
            tuple_(DeliveryRow.created_at, DeliveryRow.seq) < tuple_(row.created_at, row.seq),
            DeliveryRow.delivered_at.is_(None),
            DeliveryRow.dropped_at.is_(None),
        )
    )
    return Parcel(
        delivery=row,
        destination=destination,
        body=await _body(session, row, destination),
        blocked=bool(earlier),
    )


async def _body(
    session: AsyncSession, row: DeliveryRow, destination: DestinationRow
) -> dict[str, Any]:
    """The work as it is now, and the event that is told; never who reported it.

    Of work that its unit has lost there is its state only; what a report of a confidential
    class says, and what is said of it, stays in the house.
    """
    work = await session.get_one(CaseRow, row.work)
    parent = case_of_task(row.work)
    case = await session.get_one(CaseRow, parent) if parent else work
    event = await session.get_one(EventRow, (row.case_no, row.seq))
    stands = {
        "delivery_id": str(row.delivery_id),
        "tells": row.tells,
        "at": event.at.isoformat(),
        "work": row.work,
        "case_no": case.case_no,
        "unit": destination.unit,
        "state": work.state,
        "version": work.version,
    }
    if row.tells == Tells.WITHDRAWN:
        return stands
    hidden = await is_confidential(session, case.subclass)
    return stands | {
        "lead": work.lead,
        "round": work.round,
        "urgent": work.urgent,
        "due_at": work.due_at.isoformat() if work.due_at else None,
        "grid": case.grid,
        "subclass": case.subclass,
        "confidential": hidden,
        "note": "" if hidden else event.note,
        "scope": work.words if parent and not hidden else "",
        "words": "" if hidden else case.words,
        "address": "" if hidden else case.address,
        "lon": None if hidden else case.lon,
        "lat": None if hidden else case.lat,
    }


async def delivered(
    session: AsyncSession, delivery_id: UUID, *, reference: str, at: datetime
) -> None:
    """It was taken: the system answers again, whatever was before.

    The system's row is written first, as where it is disabled: neither waits for the other.
    """
    row = await session.get_one(DeliveryRow, delivery_id)
    await session.execute(
        update(DestinationRow)
        .where(DestinationRow.code == row.destination)
        .values(failures=0, closed_until=None, answered_at=at, last_error="")
    )
    row.delivered_at, row.reference, row.last_error = at, reference[:200], ""
    row.attempts += 1


async def failed(
    session: AsyncSession, delivery_id: UUID, *, error: str, at: datetime
) -> datetime | None:
    """It was not taken; until when its system is left alone, if that is due now."""
    row = await session.get_one(DeliveryRow, delivery_id)
    failures = await session.scalar(
        update(DestinationRow)
        .where(DestinationRow.code == row.destination)
        .values(failures=DestinationRow.failures + 1, last_error=error[:500])
        .returning(DestinationRow.failures)
    )
    until = rest_until(failures or 0, at)
    await session.execute(
        update(DestinationRow)
        .where(DestinationRow.code == row.destination)
        .values(closed_until=until)
    )
    row.attempts += 1
    row.last_error = error[:500]
    return until
