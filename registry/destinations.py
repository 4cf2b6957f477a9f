"""Units' own systems: kept by an admin, with how each has been answering."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.addresses import Network, may_be_called
from registry.sealing import Sealer
from registry.tables_master import Department, MasterChange
from registry.tables_outside import DeliveryRow, DestinationRow

FAILURES = 5
"""Failures in a row after which a system is given a rest."""
REST = timedelta(minutes=1)
MOST_DOUBLINGS = 4
"""The rest doubles with each further failure, up to 2^4 minutes."""
SECRET_BYTES = 32
OVERLAP = timedelta(days=1)
"""How long a former secret holds beside the new one."""
NOT_OVER = (DeliveryRow.delivered_at.is_(None), DeliveryRow.dropped_at.is_(None))
"""Of deliveries that wait or are under way."""
LOOPBACK = {"127.0.0.1": "127.0.0.1", "::1": "::1", "localhost": "127.0.0.1"}
"""Hosts that are called by plain HTTP, with their addresses."""
_CODE = re.compile(r"[a-z][a-z0-9-]{1,39}")


class DestinationError(ValueError):
    """What was asked of a destination is not possible; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A destination as a list shows it; `waiting` deliveries are neither made nor dropped."""

    row: DestinationRow
    waiting: int


async def listed(session: AsyncSession) -> Sequence[Listed]:
    """All destinations by code."""
    waiting = (
        select(DeliveryRow.destination, func.count().label("n"))
        .where(*NOT_OVER)
        .group_by(DeliveryRow.destination)
        .subquery()
    )
    rows = await session.execute(
        select(DestinationRow, func.coalesce(waiting.c.n, 0))
        .outerjoin(waiting, waiting.c.destination == DestinationRow.code)
        .order_by(DestinationRow.code)
    )
    return [Listed(row=row, waiting=number) for row, number in rows]


async def add(  # noqa: PLR0913  a system is made of these
    session: AsyncSession,
    sealer: Sealer,
    code: str,
    unit: str,
    url: str,
    *,
    inside: Sequence[Network] = (),
) -> str:
    """Make a unit's own system known; its secret, which is shown this once.

    Args:
        session: A transaction.
        sealer: Seals the secret.
        code: What it is called.
        unit: Whose it is.
        url: Where it listens.
        inside: Networks of this installation that may be called.

    Raises:
        DestinationError: The code is malformed or taken, there is no such unit, the unit has a
            system already, or the address is none that may be called.
    """
    if not _CODE.fullmatch(code):
        raise DestinationError(f"code {code!r}: 2 to 40 of a-z, 0-9, dash; a letter first")
    if await session.get(DestinationRow, code) is not None:
        raise DestinationError(f"there is a destination {code} already")
    if await session.get(Department, unit) is None:
        raise DestinationError(f"no unit {unit}")
    if (await of_units(session)).get(unit):
        raise DestinationError(f"{unit} has a system already: disable that first")
    check_address(url, inside)
    secret = token_urlsafe(SECRET_BYTES)
    await session.execute(
        insert(DestinationRow).values(
            code=code, unit=unit, url=url, secret=sealer.seal(secret), key_id=sealer.key_id
        )
    )
    await _changed(session)
    return secret


async def rotate(
    session: AsyncSession, sealer: Sealer, code: str, at: datetime, *, at_once: bool = False
) -> str:
    """Give a destination another secret; both hold for a while, so that nothing is refused.

    Args:
        session: A transaction.
        sealer: Seals the secret.
        code: Whose.
        at: Now.
        at_once: The old one is over now: it has become known.

    Raises:
        DestinationError: There is none.
    """
    row = await need(session, code)
    secret = token_urlsafe(SECRET_BYTES)
    former = (None, None) if at_once else (row.secret, at + OVERLAP)
    row.former_secret, row.former_until = former
    row.secret, row.key_id = sealer.seal(secret), sealer.key_id
    return secret


def secrets_of(row: DestinationRow, at: datetime) -> Sequence[bytes]:
    """The sealed secrets that hold now, the newest first."""
    former = row.former_secret if row.former_until and row.former_until > at else None
    return [row.secret] if former is None else [row.secret, former]


async def disable(session: AsyncSession, code: str, at: datetime) -> int:
    """Tell a system nothing more; how many deliveries are dropped.

    Raises:
        DestinationError: There is none.
    """
    row = await need(session, code)
    row.active = False
    dropped = await _drop(session, at, DeliveryRow.destination == code, why="disabled")
    await _changed(session)
    return dropped


async def enable(session: AsyncSession, code: str, at: datetime) -> None:
    """Tell a system again, from now on: what was written meanwhile is dropped.

    Raises:
        DestinationError: There is none, or its unit has another one by now.
    """
    row = await need(session, code)
    other = (await of_units(session)).get(row.unit)
    if other not in {None, code}:
        raise DestinationError(f"{row.unit} has a system already: {other}; disable that first")
    await _drop(session, at, DeliveryRow.destination == code, why="disabled")
    row.active, row.failures, row.closed_until = True, 0, None
    await _changed(session)


async def drop(session: AsyncSession, delivery_id: UUID, at: datetime) -> None:
    """Give up one delivery, so that what comes after it about the same work is told.

    Raises:
        DestinationError: None such waits.
    """
    if not await _drop(session, at, DeliveryRow.delivery_id == delivery_id, why="dropped"):
        raise DestinationError(f"no delivery {delivery_id} waits")


async def waiting(
    session: AsyncSession, code: str, *, limit: int = 50
) -> Sequence[DeliveryRow]:
    """Deliveries of a system that are neither made nor dropped, the oldest first.

    Raises:
        DestinationError: There is no such system.
    """
    await need(session, code)
    query = (
        select(DeliveryRow)
        .where(DeliveryRow.destination == code, *NOT_OVER)
        .order_by(DeliveryRow.created_at, DeliveryRow.seq)
        .limit(limit)
    )
    return (await session.scalars(query)).all()


async def _drop(
    session: AsyncSession, at: datetime, which: ColumnElement[bool], *, why: str
) -> int:
    dropped = await session.scalars(
        update(DeliveryRow)
        .where(which, *NOT_OVER)
        .values(dropped_at=at, last_error=f"{why} by an admin")
        .returning(DeliveryRow.delivery_id)
    )
    return len(dropped.all())


async def need(session: AsyncSession, code: str) -> DestinationRow:
    """A destination.

    Raises:
        DestinationError: There is none.
    """
    row = await session.get(DestinationRow, code)
    if row is None:
        raise DestinationError(f"there is no destination {code}")
    return row


async def of_units(session: AsyncSession) -> dict[str, str]:
    """Unit code → code of its system, of those that are active."""
    rows = await session.execute(
        select(DestinationRow.unit, DestinationRow.code).where(DestinationRow.active)
    )
    return {row.unit: row.code for row in rows}


def check_address(url: str, inside: Sequence[Network] = ()) -> None:
    """Refuse what is never called as it is written: no plain HTTP leaves this machine.

    What a name stands for is checked at each call, by `activities.outward`.

    Raises:
        DestinationError: It is none of `https://…` and, where that is named, `http://127.0.0.1…`.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    address = LOOPBACK.get(host, host)
    if parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK):
        try:
            good = may_be_called(address, inside)
        except ValueError:  # a name
            good = bool(host) and ("." in host or bool(inside))
        if good:
            return
    raise DestinationError(
        f"{url!r}: give https:// and a public host; inside addresses, and http://127.0.0.1 for"
        " a trial, only within GRIDCASE_CALL_INSIDE"
    )


def rest_until(failures: int, at: datetime) -> datetime | None:
    """Until when a system is left alone after so many failures in a row."""
    if failures < FAILURES:
        return None
    doubled: int = 2 ** min(failures - FAILURES, MOST_DOUBLINGS)
    return at + REST * doubled


async def _changed(session: AsyncSession) -> None:
    """Readers of master data reload."""
    await session.execute(update(MasterChange).values(number=MasterChange.number + 1))
