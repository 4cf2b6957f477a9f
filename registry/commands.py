"""The write-down: a person's wish is a row before anyone is told, and keeps its verdict."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.advance import Ruling
from domain.command import Command
from registry.codec import ACTOR, STEPS
from registry.tables_batch import BatchRow
from registry.tables_case import CaseRow, CommandRow
from registry.tables_master import NOW
from registry.tables_sensor import SensorBatch

TELL_PAUSES = (
    timedelta(seconds=5),
    timedelta(seconds=15),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
)
"""Pauses between tells of a command that was told and has no verdict yet."""
Keyed = TypeVar("Keyed", CommandRow, BatchRow, SensorBatch)
MOST_ATTEMPTS = 50
"""Tells that failed for another reason than an outage before a command is called dead."""


class KeyReusedError(Exception):
    """An Idempotency-Key came back with another body."""

    def __init__(self, key: str) -> None:
        super().__init__(f"Idempotency-Key {key!r} was used for another request")
        self.key = key


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A command as it arrives, before it is written down."""

    command_id: UUID
    case_no: str
    principal: str
    idempotency_key: str | None
    body_hash: bytes
    label: str
    command: Command
    device_at: datetime | None = None
    traceparent: str = ""


async def find(session: AsyncSession, command_id: UUID) -> CommandRow | None:
    """A command with its present verdict."""
    return await session.get(CommandRow, command_id, populate_existing=True)


async def repeated(
    session: AsyncSession, principal: str, key: str | None, body_hash: bytes
) -> CommandRow | None:
    """The command that this key already stands for.

    Raises:
        KeyReusedError: It stands for another body.
    """
    if key is None:
        return None
    return await under_key(session, CommandRow, principal, key, body_hash)


async def under_key(  # noqa: PLR0913  what a key is
    session: AsyncSession,
    table: type[Keyed],
    principal: str,
    key: str,
    body_hash: bytes,
    *,
    reused: type[KeyReusedError] = KeyReusedError,
) -> Keyed | None:
    """The row of a table that a key already stands for.

    Raises:
        KeyReusedError: It stands for another body; as the kind `reused`.
    """
    found: Keyed | None = await session.scalar(
        select(table).where(table.principal == principal, table.idempotency_key == key)
    )
    if found is not None and found.body_hash != body_hash:
        raise reused(key)
    return found


async def write_down(session: AsyncSession, wish: Wish) -> None:
    """Write a command down; `received_at` is set by Postgres."""
    await session.execute(insert(CommandRow).values(**columns_of(wish)))


def columns_of(wish: Wish) -> dict[str, object]:
    """A wish as columns of `command`."""
    return {
        "command_id": wish.command_id,
        "case_no": wish.case_no,
        "principal": wish.principal,
        "idempotency_key": wish.idempotency_key,
        "body_hash": wish.body_hash,
        "label": wish.label,
        "actor": ACTOR.dump_python(wish.command.actor, mode="json", exclude_defaults=True),
        "steps": STEPS.dump_python(wish.command.steps, mode="json", exclude_defaults=True),
        "seen": wish.command.seen,
        "device_at": wish.device_at,
        "traceparent": wish.traceparent,
    }


def to_command(row: CommandRow) -> Command:
    """The command of a row, as the rules judge it."""
    return Command(
        command_id=str(row.command_id),
        at=row.received_at,
        actor=ACTOR.validate_python(row.actor),
        steps=STEPS.validate_python(row.steps),
        seen=row.seen,
    )


async def unjudged(session: AsyncSession, case_no: str) -> Sequence[CommandRow]:
    """Commands of a case that have no verdict, oldest first."""
    query = (
        select(CommandRow)
        .where(CommandRow.case_no == case_no, CommandRow.verdict.is_(None))
        .order_by(CommandRow.received_at, CommandRow.command_id)
    )
    return (await session.scalars(query)).all()


def ruled(rulings: Iterable[Ruling], at: datetime) -> list[dict[str, object]]:
    """Verdicts as columns of `command`."""
    return [
        {
            "command_id": one.command_id,
            "verdict": "refused" if one.refusal else "done",
            "verdict_at": at,
            "first_seq": one.first_seq or None,
            "last_seq": one.last_seq or None,
            "refusal": None
            if one.refusal is None
            else {
                "why": str(one.refusal.why),
                "values": dict(one.refusal.values),
                "step": one.refusal.step,
            },
        }
        for one in rulings
    ]


@dataclass(frozen=True, kw_only=True)
class Telling:
    """A case whose workflow must hear of a command."""

    case_no: str
    command_id: UUID
    label: str
    source: str
    first: bool
    attempts: int


async def claim(session: AsyncSession, *, limit: int) -> Sequence[Telling]:
    """Claim commands that are due to be told, by moving their next tell into the future.

    The claim is a lease, so no lock is held while Temporal is spoken to; of each case only the
    oldest is told, for `advance` judges all that wait, in the order they were received.
    """
    query = (
        select(CommandRow, CaseRow.source, CaseRow.seq)
        .join(CaseRow, CaseRow.case_no == CommandRow.case_no)
        .where(
            CommandRow.verdict.is_(None),
            CommandRow.dead_at.is_(None),
            CommandRow.next_tell_at <= func.clock_timestamp(),
        )
        .order_by(CommandRow.next_tell_at, CommandRow.command_id)
        .limit(limit)
        .with_for_update(of=CommandRow, skip_locked=True)
    )
    found: dict[str, Telling] = {}
    for row, source, seq in (await session.execute(query)).all():
        before = row.tell_attempts  # the update brings the row in step
        pause = TELL_PAUSES[min(before, len(TELL_PAUSES) - 1)]
        await session.execute(
            update(CommandRow)
            .where(CommandRow.command_id == row.command_id)
            .values(
                told_at=func.coalesce(CommandRow.told_at, NOW),
                tell_attempts=CommandRow.tell_attempts + 1,
                next_tell_at=func.clock_timestamp() + pause,
            )
        )
        found.setdefault(
            row.case_no,
            Telling(
                case_no=row.case_no,
                command_id=row.command_id,
                label=row.label,
                source=source,
                first=seq == 0 and before == 0,
                attempts=before + 1,
            ),
        )
    return list(found.values())


async def give_back(session: AsyncSession, case_numbers: Iterable[str]) -> None:
    """Temporal was away: nothing is wrong with these commands, no attempt is burnt."""
    await session.execute(
        update(CommandRow)
        .where(CommandRow.case_no.in_(list(case_numbers)), CommandRow.verdict.is_(None))
        .values(
            told_at=None,
            tell_attempts=func.greatest(CommandRow.tell_attempts - 1, 0),
            next_tell_at=func.clock_timestamp() + timedelta(seconds=2),
        )
    )


async def not_told(session: AsyncSession, one: Telling, error: str) -> bool:
    """A tell failed for another reason than an outage; True when the command is now dead."""
    dead = one.attempts >= MOST_ATTEMPTS
    await session.execute(
        update(CommandRow)
        .where(CommandRow.command_id == one.command_id)
        .values(
            told_at=None,
            dead_at=func.clock_timestamp() if dead else None,
            last_error=error[:500],
        )
    )
    return dead
