"""What units' own systems are to be told: written with the events, worked off one by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Select, func, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.joint import case_of_task
from domain.outside import Message, Tells
from registry.catalogues import is_confidential
from registry.destinations import NOT_OVER, rest_until
from registry.tables_case import CaseRow, EventRow
from registry.tables_outside import DeliveryRow, DestinationRow

IDS = UUID("0b7a0a9e-6d0d-5e4f-8f0e-3a4a5b0c7d11")
"""Namespace of the ids of deliveries."""
LOST = timedelta(minutes=15)
"""A delivery that began so long ago and is not made is begun again."""
AT_ONCE = 8
"""Deliveries to one system that may be under way at once."""
LOOKED_AT = 200
"""Open deliveries of a system that are looked at, the oldest first."""


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
    """Claim what may be delivered now and is not under way, or was lost on the way.

    Of each piece of work the oldest, so that its order is kept; of each system so many at once,
    so that one that is slow or away is nobody else's trouble; of one that rests none.
    """
    found = (
        select(DeliveryRow.delivery_id)
        .where(
            DeliveryRow.delivery_id.in_(_next(at)),
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


def _next(at: datetime) -> Select[UUID]:
    """Deliveries that may be under way at once, those that are among them."""
    oldest = (
        select(DeliveryRow)
        .where(DeliveryRow.destination == DestinationRow.code, *NOT_OVER)
        .order_by(DeliveryRow.created_at, DeliveryRow.seq)
        .limit(LOOKED_AT)
        .lateral("oldest")
    )
    age = (oldest.c.created_at, oldest.c.seq)
    awake = or_(DestinationRow.closed_until.is_(None), DestinationRow.closed_until <= at)
    of_work = (
        select(
            oldest.c.delivery_id,
            oldest.c.destination,
            *age,
            func.row_number()
            .over(partition_by=(oldest.c.destination, oldest.c.work), order_by=age)
            .label("turn"),
        )
        .select_from(DestinationRow)
        .join(oldest, true())
        .where(DestinationRow.active, awake)
        .subquery()
    )
    place = func.row_number().over(
        partition_by=of_work.c.destination, order_by=(of_work.c.created_at, of_work.c.seq)
    )
    placed = (
        select(of_work.c.delivery_id, place.label("place"))
        .where(of_work.c.turn == 1)
        .subquery()
    )
    return select(placed.c.delivery_id).where(placed.c.place <= AT_ONCE)


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
    """

    delivery: DeliveryRow
    destination: DestinationRow
    body: dict[str, Any]


async def parcel(session: AsyncSession, delivery_id: UUID) -> Parcel | None:
    """A delivery as it is sent now; None: made, dropped, unknown, or its system is off."""
    row = await session.get(DeliveryRow, delivery_id)
    if row is None or row.delivered_at or row.dropped_at:
        return None
    destination = await session.get_one(DestinationRow, row.destination)
    if not destination.active:
        return None
    body = await _body(session, row, destination)
    return Parcel(delivery=row, destination=destination, body=body)


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
    session: AsyncSession, delivery_id: UUID, *, error: str, at: datetime, counts: bool = True
) -> datetime | None:
    """It was not taken; until when its system is left alone, if that is due now.

    Args:
        session: A transaction.
        delivery_id: Which.
        error: What went wrong.
        at: When.
        counts: It is the system's failure, not of this delivery alone. Of many that fail at
            once those after the one that brings the rest do not count.
    """
    row = await session.get_one(DeliveryRow, delivery_id)
    query = select(DestinationRow).where(DestinationRow.code == row.destination)
    system = (await session.scalars(query.with_for_update())).one()
    rests = system.closed_until is not None and system.closed_until > at
    if counts and not rests:
        system.failures += 1
        system.closed_until = rest_until(system.failures, at)
    row.attempts += 1
    row.last_error = system.last_error = error[:500]
    return system.closed_until
