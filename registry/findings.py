"""What `verify` finds, what each finding means, and the runs on record."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import nan
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from registry.tables_master import NOW
from registry.tables_verify import FindingRow, VerifyRunRow

KEPT = timedelta(days=90)
"""Runs older than this, and their findings, go when a new run begins."""


class Kind(StrEnum):
    """What can be wrong with a case."""

    EVENT_GAP = "event_gap"
    EVENT_UNREADABLE = "event_unreadable"
    ROW = "row"
    SNAPSHOT = "snapshot"
    COMMAND_DEAD = "command_dead"
    COMMAND_OLD = "command_old"
    WORKFLOW_MISSING = "workflow_missing"
    WORKFLOW_COMPLETED = "workflow_completed"
    WORKFLOW_FAILED = "workflow_failed"
    WORKFLOW_TERMINATED = "workflow_terminated"
    WORKFLOW_CANCELLED = "workflow_cancelled"
    WORKFLOW_TIMED_OUT = "workflow_timed_out"
    SILENT = "silent"
    STILL_RUNNING = "still_running"
    UNKNOWN_CASE = "unknown_case"
    TASK_LOST = "task_lost"
    TASK_MISSING = "task_missing"
    TASK_UNBEGUN = "task_unbegun"
    TASK_OPEN = "task_open"
    TASK_DIFFERS = "task_differs"


class Repair(StrEnum):
    """How much a run mends."""

    NOTHING = "nothing"
    WORKFLOWS = "workflows"
    EVERYTHING = "everything"


BY_ROWS = frozenset({Kind.ROW, Kind.SNAPSHOT})
"""Mended by making the case's rows anew from its log."""
BY_LINKS = frozenset({Kind.TASK_MISSING, Kind.TASK_UNBEGUN, Kind.TASK_OPEN, Kind.TASK_DIFFERS})
"""Mended by writing again what a joint case and its tasks have to tell each other."""
BY_TELLING = frozenset(
    {
        Kind.COMMAND_OLD,
        Kind.WORKFLOW_MISSING,
        Kind.WORKFLOW_COMPLETED,
        Kind.WORKFLOW_FAILED,
        Kind.WORKFLOW_TERMINATED,
        Kind.WORKFLOW_CANCELLED,
        Kind.WORKFLOW_TIMED_OUT,
        Kind.SILENT,
        Kind.STILL_RUNNING,
    }
)
"""Mended by telling the workflow, which starts it when it is not there."""
MENDS: Mapping[Repair, frozenset[Kind]] = MappingProxyType(
    {
        Repair.NOTHING: frozenset(),
        Repair.WORKFLOWS: BY_TELLING,
        Repair.EVERYTHING: BY_TELLING | BY_ROWS | BY_LINKS | {Kind.COMMAND_DEAD},
    }
)

_RESTART = "--repair starts it again from the log"
_RELINK = "--repair writes again what the joint case and its tasks have to tell each other"
ADVICE: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.EVENT_GAP: "entries of the log are lost: restore them from a backup",
        Kind.EVENT_UNREADABLE: "an entry cannot be folded: deploy code that reads it, "
        "or restore it from a backup",
        Kind.ROW: "--repair makes the rows anew from the log",
        Kind.SNAPSHOT: "--repair folds it anew from the log",
        Kind.COMMAND_DEAD: "mend what its last error names; --repair has it told again",
        Kind.COMMAND_OLD: "is a worker up? --repair tells the workflow again",
        Kind.WORKFLOW_MISSING: _RESTART,
        Kind.WORKFLOW_COMPLETED: _RESTART,
        Kind.WORKFLOW_FAILED: f"look at its failure first; {_RESTART}",
        Kind.WORKFLOW_TERMINATED: _RESTART,
        Kind.WORKFLOW_CANCELLED: _RESTART,
        Kind.WORKFLOW_TIMED_OUT: _RESTART,
        Kind.SILENT: "is a worker up, does its task fail? --repair tells the workflow again",
        Kind.STILL_RUNNING: "--repair tells it, and it ends by itself",
        Kind.TASK_LOST: "the case of a task is gone, or its plan: restore it from a backup",
        Kind.TASK_MISSING: _RELINK,
        Kind.TASK_UNBEGUN: _RELINK,
        Kind.TASK_OPEN: _RELINK,
        Kind.TASK_DIFFERS: _RELINK,
        Kind.UNKNOWN_CASE: "is this the right registry? If so, terminate it in the Temporal UI",
    }
)
"""What to do about each."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is not as it should be; `detail` holds codes and times, no free text."""

    case_no: str
    kind: Kind
    detail: str


@dataclass(frozen=True, kw_only=True)
class Found:
    """A finding on record.

    Attributes:
        case_no: The case.
        kind: What is wrong.
        detail: In which way.
        found_at: When it was seen.
        repaired_at: When it was mended.
    """

    case_no: str
    kind: Kind
    detail: str
    found_at: datetime
    repaired_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run as it stands.

    Attributes:
        run_id: Its id.
        scope: Which cases it looked at, in words.
        repair: How much it was to mend.
        started_at: When it began.
        ended_at: When it was through; None while it runs, or when it was cut short.
        cases: Cases looked at.
        workflows: Running workflows looked at.
        found: Findings by kind.
        repaired: Those that were mended, by kind.
    """

    run_id: UUID
    scope: str
    repair: Repair
    started_at: datetime
    ended_at: datetime | None
    cases: int
    workflows: int
    found: Mapping[Kind, int]
    repaired: Mapping[Kind, int]

    @property
    def left(self) -> int:
        """Findings that were not mended."""
        return sum(self.found.values()) - sum(self.repaired.values())


async def begin(session: AsyncSession, run_id: UUID, *, scope: str, repair: Repair) -> None:
    """Open a run, or go on with one that was cut short; old ones go."""
    await session.execute(
        delete(VerifyRunRow).where(VerifyRunRow.started_at < func.clock_timestamp() - KEPT)
    )
    await session.execute(
        insert(VerifyRunRow)
        .values(run_id=run_id, scope=scope, repair=repair.value)
        .on_conflict_do_nothing()
    )


async def note(session: AsyncSession, run_id: UUID, found: Iterable[Finding]) -> None:
    """Put findings on record; one that a try before this one noted stays as it is."""
    rows = [
        {
            "run_id": run_id,
            "case_no": one.case_no,
            "kind": one.kind.value,
            "detail": one.detail,
        }
        for one in found
    ]
    if rows:
        await session.execute(insert(FindingRow).on_conflict_do_nothing(), rows)


async def note_repaired(
    session: AsyncSession, run_id: UUID, case_no: str, kinds: Iterable[Kind]
) -> None:
    """Findings of a case are mended."""
    await session.execute(
        update(FindingRow)
        .where(
            FindingRow.run_id == run_id,
            FindingRow.case_no == case_no,
            FindingRow.kind.in_([one.value for one in kinds]),
        )
        .values(repaired_at=NOW)
    )


async def end(session: AsyncSession, run_id: UUID, *, cases: int, workflows: int) -> None:
    """Close a run."""
    await session.execute(
        update(VerifyRunRow)
        .where(VerifyRunRow.run_id == run_id)
        .values(ended_at=NOW, cases=cases, workflows=workflows)
    )


async def latest(session: AsyncSession) -> Run | None:
    """The run that began last."""
    row = await session.scalar(
        select(VerifyRunRow).order_by(VerifyRunRow.started_at.desc()).limit(1)
    )
    return None if row is None else await _run(session, row)


async def run_of(session: AsyncSession, run_id: UUID) -> Run:
    """A run by its id."""
    return await _run(session, await session.get_one(VerifyRunRow, run_id))


async def health(session: AsyncSession) -> tuple[float, float]:
    """Findings left by the last run that came to its end, and its age in seconds; NaN: none.

    Runs over one case do not count.
    """
    ended = (
        select(VerifyRunRow.run_id, VerifyRunRow.ended_at)
        .where(VerifyRunRow.ended_at.is_not(None), VerifyRunRow.scope.not_like("case %"))
        .order_by(VerifyRunRow.ended_at.desc())
        .limit(1)
        .subquery()
    )
    left = (
        select(func.count())
        .where(FindingRow.run_id == ended.c.run_id, FindingRow.repaired_at.is_(None))
        .scalar_subquery()
    )
    age = func.extract("epoch", func.clock_timestamp() - ended.c.ended_at)
    row = (await session.execute(select(left, age))).one_or_none()
    return (nan, nan) if row is None else (float(row[0]), float(row[1]))


async def _run(session: AsyncSession, row: VerifyRunRow) -> Run:
    counted = await session.execute(
        select(
            FindingRow.kind, func.count(FindingRow.case_no), func.count(FindingRow.repaired_at)
        )
        .where(FindingRow.run_id == row.run_id)
        .group_by(FindingRow.kind)
        .order_by(FindingRow.kind)
    )
    numbers = [(Kind(kind), found, repaired) for kind, found, repaired in counted.all()]
    return Run(
        run_id=row.run_id,
        scope=row.scope,
        repair=Repair(row.repair),
        started_at=row.started_at,
        ended_at=row.ended_at,
        cases=row.cases,
        workflows=row.workflows,
        found={kind: found for kind, found, _ in numbers},
        repaired={kind: repaired for kind, _, repaired in numbers if repaired},
    )


async def listed(session: AsyncSession, run_id: UUID, *, limit: int) -> Sequence[Found]:
    """The first findings of a run, those that are left before those that were mended."""
    rows = await session.scalars(
        select(FindingRow)
        .where(FindingRow.run_id == run_id)
        .order_by(FindingRow.repaired_at.is_not(None), FindingRow.case_no, FindingRow.kind)
        .limit(limit)
    )
    return [
        Found(
            case_no=row.case_no,
            kind=Kind(row.kind),
            detail=row.detail,
            found_at=row.found_at,
            repaired_at=row.repaired_at,
        )
        for row in rows
    ]
