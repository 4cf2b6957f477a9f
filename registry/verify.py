"""What `verify` reads: cases by pages, each held against its log, and commands that wait."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.book import Book
from domain.terms import FINAL, State
from registry.derived import (
    BrokenLogError,
    Derived,
    Kept,
    derive,
    differences,
    kept_of,
    snapshot_differs,
)
from registry.findings import Finding, Kind
from registry.tables_case import CaseRow, CommandRow, EventRow

PATIENCE = "60s"
"""Time-out of a statement here: a page may look through many cases that are not wanted."""
OLD = timedelta(hours=1)
"""A command that waits for its verdict longer than this was lost on the way."""
SHOWN = 6
"""Differences told of one case."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Which cases are looked at; without limits, all.

    Attributes:
        case_no: Only this one.
        since: Those that are open, and those that changed since.
    """

    case_no: str = ""
    since: datetime | None = None

    def __str__(self) -> str:
        """In words."""
        if self.case_no:
            return f"case {self.case_no}"
        if self.since:
            return f"open cases, and those changed since {self.since:%Y-%m-%d %H:%M} UTC"
        return "all cases"


@dataclass(frozen=True, kw_only=True)
class Looked:
    """A case that was looked at.

    Attributes:
        case_no: The case.
        source: Where it came from.
        runs: A workflow drives it: it has not ended, and is no task that is only planned; by
            its log, or by its row when the log is broken or empty.
        changed_at: Time of its last event, or of its report.
        findings: What is wrong in the registry.
    """

    case_no: str
    source: str
    runs: bool
    changed_at: datetime
    findings: tuple[Finding, ...]


async def page(
    session: AsyncSession, scope: Scope, *, after: str, limit: int
) -> tuple[list[Kept], Mapping[str, Sequence[CommandRow]]]:
    """The next cases by number, as they stood at one moment, and their commands that wait."""
    _ = await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    await session.execute(text(f"set local statement_timeout = '{PATIENCE}'"))
    query = select(CaseRow.__table__).where(CaseRow.case_no > after)
    if scope.case_no:
        query = query.where(CaseRow.case_no == scope.case_no)
    elif scope.since:
        query = query.where(CaseRow.state.not_in(FINAL) | (CaseRow.changed_at >= scope.since))
    found = await session.execute(query.order_by(CaseRow.case_no).limit(limit))
    kept = await kept_of(session, [row._asdict() for row in found])
    waiting: dict[str, list[CommandRow]] = {}
    commands = await session.scalars(
        select(CommandRow)
        .where(
            CommandRow.case_no.in_([one.case_no for one in kept]), CommandRow.verdict.is_(None)
        )
        .order_by(CommandRow.received_at, CommandRow.command_id)
    )
    for one in commands:
        waiting.setdefault(one.case_no, []).append(one)
    return kept, waiting


def look(
    kept: Kept,
    waiting: Iterable[CommandRow],
    book: Book,
    *,
    at: datetime,
    overdue: timedelta,
) -> Looked:
    """Hold a case against its log.

    Args:
        kept: What the registry has of it.
        waiting: Its commands without a verdict.
        book: Calendars for the due times.
        at: Now.
        overdue: How long a rung may be past due before the case counts as silent.
    """
    found: list[Finding] = []

    def note(kind: Kind, detail: str) -> None:
        found.append(Finding(case_no=kept.case_no, kind=kind, detail=detail))

    derived: Derived | None = None
    try:
        derived = derive(kept, book)
    except BrokenLogError as error:
        note(Kind.EVENT_GAP if error.gap else Kind.EVENT_UNREADABLE, str(error))
    if derived is not None:
        wrong = list(differences(kept, derived))
        if wrong:
            more = f"; and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
            note(Kind.ROW, "; ".join(wrong[:SHOWN]) + more)
        if snapshot_differs(kept, derived):
            note(Kind.SNAPSHOT, f"at {kept.row['seq']}, the log is at {derived.case.seq}")
    for kind, detail in _stuck(waiting, at):
        note(kind, detail)
    row = kept.row
    due = derived.next_due if derived else row["next_rung_at"]
    ended = derived.case.ended if derived else row["state"] in FINAL
    if due is not None and not ended and due < at - overdue:
        note(Kind.SILENT, f"a limit fell due at {due:%Y-%m-%d %H:%M:%S} UTC, unheard")
    return Looked(
        case_no=kept.case_no,
        source=row["source"],
        runs=not ended and row["state"] != State.PLANNED,
        changed_at=row["changed_at"],
        findings=tuple(found),
    )


def _stuck(waiting: Iterable[CommandRow], at: datetime) -> Iterable[tuple[Kind, str]]:
    """The oldest dead command of a case and the oldest lost one, with how many there are."""
    commands = list(waiting)
    dead = [one for one in commands if one.dead_at is not None]
    old = [one for one in commands if one.dead_at is None and one.received_at < at - OLD]
    for kind, those in ((Kind.COMMAND_DEAD, dead), (Kind.COMMAND_OLD, old)):
        if not those:
            continue
        first = those[0]
        more = f" (and {len(those) - 1} more)" if len(those) > 1 else ""
        why = f": {first.last_error[:200]}" if first.last_error else ""
        since = first.received_at.strftime("%Y-%m-%d %H:%M:%S")
        yield kind, f"{first.label} of {since} UTC, {first.command_id}{more}{why}"


@dataclass(frozen=True, kw_only=True)
class Known:
    """How the registry has a case whose workflow runs, and when its last entry was written."""

    source: str
    seq: int
    ended: bool
    recorded_at: datetime


async def known(session: AsyncSession, numbers: Sequence[str]) -> dict[str, Known]:
    """Those of these cases that are on record."""
    written = (
        select(func.max(EventRow.recorded_at))
        .where(EventRow.case_no == CaseRow.case_no)
        .scalar_subquery()
    )
    rows = await session.execute(
        select(
            CaseRow.case_no,
            CaseRow.source,
            CaseRow.seq,
            CaseRow.state,
            func.coalesce(written, CaseRow.changed_at),
        ).where(CaseRow.case_no.in_(numbers))
    )
    return {
        case_no: Known(source=source, seq=seq, ended=state in FINAL, recorded_at=last)
        for case_no, source, seq, state, last in rows
    }


async def revive(session: AsyncSession, case_no: str) -> None:
    """Have a case's commands told anew, the dead ones too."""
    await session.execute(
        update(CommandRow)
        .where(CommandRow.case_no == case_no, CommandRow.verdict.is_(None))
        .values(dead_at=None, tell_attempts=0, next_tell_at=func.clock_timestamp())
    )
