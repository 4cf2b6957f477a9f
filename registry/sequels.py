"""What a case's events mean for other cases, written down in the same transaction.

A sequel is a command like any other: the reconciler tells it until it has its verdict. Its id
follows from what brought it, so it exists once however often it is written; what one cause asks
of one case twice (a plan, and the emergency's after it) is two.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from uuid import UUID, uuid5

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.command import Birth, Command
from domain.people import SYSTEM
from domain.sequel import Sequel, unheard
from domain.terms import Action
from registry import written
from registry.commands import Wish, columns_of
from registry.tables_case import CaseRow, CommandRow
from registry.written import Row

NOW = timedelta(0)
PATIENCE = timedelta(seconds=3)
"""A workflow that hears of it by itself is told only after this time."""
IDS = UUID("6f1d3a52-8d0e-5c77-9a31-2b7e40c9f1a6")
"""Namespace of the ids of sequels."""


async def write(session: AsyncSession, found: Sequence[Sequel]) -> None:
    """Write sequels down, with the new cases that some of them begin.

    A sequel to a case that there is not is answered at once: `domain.sequel.unheard`.

    Args:
        session: The transaction that writes the events behind them.
        found: What follows, in order.
    """
    if not found:
        return
    numbers = sorted({one.case_no for one in found})
    known = set(
        await session.scalars(select(CaseRow.case_no).where(CaseRow.case_no.in_(numbers)))
    )
    split = [one for one in found if one.step.action is Action.SPLIT_OFF]
    born = [one for one in split if one.case_no not in known]
    await _give_birth(session, born)
    known.update(one.case_no for one in born)
    heard = [one if one.case_no in known else unheard(one) for one in found]
    commands = [_columns(one, number) for one, number in _numbered(heard)]
    if commands:
        await session.execute(upsert(CommandRow).values(commands).on_conflict_do_nothing())


def _numbered(found: Iterable[Sequel | None]) -> Iterator[tuple[Sequel, UUID]]:
    """Each with its command's id: of its case, its cause, its action, and which such it is."""
    had: Counter[str] = Counter()
    for one in found:
        if one is None:
            continue
        name = f"{one.step.other} {one.cause} {one.case_no} {one.step.action}"
        yield one, uuid5(IDS, f"{name} {had[name]}" if had[name] else name)
        had[name] += 1


async def _give_birth(session: AsyncSession, born: Sequence[Sequel]) -> None:
    """The rows of new cases, at the place and of the reporter of the case they come from."""
    rows = [await _row(session, one, one.step.birth) for one in born if one.step.birth]
    if rows:
        await written.write_report(
            session, {"reporter": [], "case_record": rows, "command": []}
        )


async def _row(session: AsyncSession, sequel: Sequel, birth: Birth) -> Row:
    parent = await session.get_one(CaseRow, sequel.step.other)
    patch = birth.patch
    return {
        "case_no": sequel.case_no,
        "state": birth.state,
        "source": parent.source,
        "words": sequel.words,
        "address": parent.address,
        "lon": parent.lon,
        "lat": parent.lat,
        "grid": patch.grid or "",
        "subclass": patch.subclass or "",
        "urgent": bool(patch.urgent),
        "reported_at": parent.reported_at,
        "changed_at": sequel.at,
        "reporter_id": parent.reporter_id,
        "tracking_hash": parent.tracking_hash,
        "origin": sequel.step.other,
    }


def _columns(sequel: Sequel, command_id: UUID) -> dict[str, object]:
    step = sequel.step
    wish = Wish(
        command_id=command_id,
        case_no=sequel.case_no,
        principal=SYSTEM.person,
        idempotency_key=None,
        body_hash=b"",
        label=f"{step.action} · {step.other}",
        command=Command(command_id=str(command_id), at=sequel.at, actor=SYSTEM, steps=(step,)),
    )
    return {
        **columns_of(wish),
        "received_at": sequel.at,
        "next_tell_at": func.clock_timestamp() + (PATIENCE if sequel.follows else NOW),
    }
