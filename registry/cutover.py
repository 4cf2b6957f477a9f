"""Another system's open cases, written down as any report is: number, reporter, case, command.

The command takes the case over. It is told by the reconciler, each at its own time, so that ten
thousand of them do not reach Temporal at once. The pair of system and number there is its
idempotency key; their number is kept in `upstream`, where a search finds it.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from uuid_utils.compat import uuid7

from domain.command import Birth, Command, Step
from domain.people import Actor, Grant
from domain.terms import Action, Role
from registry import written
from registry.commands import Wish, columns_of
from registry.engine import holding
from registry.intake import Contact, reporter_row
from registry.sealing import Sealer
from registry.tables_case import CommandRow
from registry.tables_cutover import ForeignEntry
from registry.written import Row

LOCK = 990_109
"""Advisory lock: one cut-over at a time."""
PREFIX = "import:"
MOST_ENTRIES = 200
"""Entries of the other system's timeline that are shown."""

Key = tuple[str, str]
"""System, and the case's number there."""


class CutOverBusyError(Exception):
    """Another cut-over runs."""

    def __init__(self) -> None:
        super().__init__(
            "another cut-over is running; wait for it 另一接入任务正在进行：请稍候"
        )


@dataclass(frozen=True, kw_only=True)
class Known:
    """A case that was brought in before.

    Attributes:
        case_no: Its number here.
        digest: Of the row that it was brought in with.
    """

    case_no: str
    digest: bytes


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A case to be taken over.

    Attributes:
        key: Its system and number there.
        digest: Of its row.
        birth: How it begins here.
        reason: Reason code of its hold.
        words: The report in the reporter's words.
        address: Where, in words.
        point: (longitude, latitude), WGS84.
        contact: Who reported.
        tell_at: When its workflow is told.
    """

    key: Key
    digest: bytes
    birth: Birth
    reason: str
    words: str
    address: str
    point: tuple[float, float] | None
    contact: Contact
    tell_at: datetime


@dataclass(frozen=True, kw_only=True)
class PastEntry:
    """An entry of the other system's timeline, of a case that is here."""

    case_no: str
    digest: bytes
    at: datetime
    who: str
    action: str
    note: str


def alone(engine: AsyncEngine) -> AbstractAsyncContextManager[None]:
    """Keep other cut-overs out while the block runs.

    Raises:
        CutOverBusyError: One is running.
    """
    return holding(engine, LOCK, CutOverBusyError)


async def known(session: AsyncSession, keys: Collection[Key]) -> Mapping[Key, Known]:
    """Those of some cases that were brought in before."""
    if not keys:
        return {}
    wanted = [(PREFIX + system, number) for system, number in keys]
    row = CommandRow
    rows = await session.execute(
        select(row.principal, row.idempotency_key, row.case_no, row.body_hash).where(
            tuple_(row.principal, row.idempotency_key).in_(wanted)
        )
    )
    return {
        (principal.removeprefix(PREFIX), str(number)): Known(case_no=case_no, digest=digest)
        for principal, number, case_no, digest in rows
    }


async def write(
    session: AsyncSession,
    arrivals: Sequence[Arrival],
    numbers: Sequence[str],
    sealer: Sealer,
    at: datetime,
) -> None:
    """Write cases down that are not here yet.

    Args:
        session: A transaction.
        arrivals: At least one.
        numbers: Their numbers here, drawn in the same transaction.
        sealer: Seals who reported.
        at: Now.
    """
    reporters: list[Row] = []
    cases: list[Row] = []
    commands: list[Row] = []
    tells: list[dict[str, object]] = []
    for case_no, one in zip(numbers, arrivals, strict=True):
        command_id = uuid7()
        reporter = reporter_row(command_id, one.contact, sealer, at)
        if reporter is not None:
            reporters.append(reporter)
        cases.append(_case(case_no, one, at, command_id if reporter else None))
        commands.append(columns_of(_wish(command_id, case_no, one, at)))
        tells.append({"told": command_id, "tell_at": one.tell_at})
    document = {"reporter": reporters, "case_record": cases, "command": commands}
    await written.write_report(session, document)
    connection = await session.connection()
    await connection.execute(
        update(CommandRow)
        .where(CommandRow.command_id == bindparam("told"))
        .values(next_tell_at=bindparam("tell_at")),
        tells,
    )


def _wish(command_id: UUID, case_no: str, one: Arrival, at: datetime) -> Wish:
    system, number = one.key
    principal = PREFIX + system
    step = Step(
        action=Action.TAKE_OVER,
        birth=one.birth,
        reason=one.reason,
        text=f"{system} · {number}",
    )
    actor = Actor(person=principal, grants=(Grant(role=Role.SYSTEM),))
    return Wish(
        command_id=command_id,
        case_no=case_no,
        principal=principal,
        idempotency_key=number,
        body_hash=one.digest,
        label=f"{Action.TAKE_OVER} · {one.birth.state}",
        command=Command(command_id=str(command_id), at=at, actor=actor, steps=(step,)),
    )


def _case(case_no: str, one: Arrival, at: datetime, reporter_id: UUID | None) -> Row:
    system, number = one.key
    patch = one.birth.patch
    lon, lat = one.point or (None, None)
    return {
        "case_no": case_no,
        "state": one.birth.state,
        "source": patch.source,
        "words": one.words,
        "address": one.address,
        "lon": lon,
        "lat": lat,
        "grid": patch.grid or "",
        "subclass": patch.subclass or "",
        "urgent": bool(patch.urgent),
        "reported_at": patch.reported_at,
        "changed_at": at,
        "reporter_id": reporter_id,
        "upstream_no": patch.upstream_no or "",
        "upstream": {"system": system, "id": number},
    }


async def write_history(session: AsyncSession, entries: Sequence[PastEntry]) -> int:
    """Write entries that are not on record yet; how many that were."""
    if not entries:
        return 0
    rows = [
        {
            "case_no": one.case_no,
            "digest": one.digest,
            "at": one.at,
            "who": one.who,
            "action": one.action,
            "note": one.note,
        }
        for one in entries
    ]
    statement = upsert(ForeignEntry).values(rows).on_conflict_do_nothing()
    return len((await session.scalars(statement.returning(ForeignEntry.digest))).all())


async def former(session: AsyncSession, case_no: str) -> Sequence[ForeignEntry]:
    """What the other system's timeline says of a case, oldest first."""
    query = (
        select(ForeignEntry)
        .where(ForeignEntry.case_no == case_no)
        .order_by(ForeignEntry.at, ForeignEntry.digest)
        .limit(MOST_ENTRIES)
    )
    return (await session.scalars(query)).all()
