"""Open emergencies (突发事件), the gravest first."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.case import Case
from domain.terms import Severity
from domain.visibility import Reach
from registry import cases
from registry.reads import within
from registry.tables_case import CaseRow

MOST = 200


@dataclass(frozen=True, kw_only=True)
class Running:
    """An emergency whose response has not ended: its row and the case."""

    row: CaseRow
    case: Case


async def running(
    session: AsyncSession, reach: Reach, *, limit: int = MOST
) -> Sequence[Running]:
    """Emergencies within reach whose response has not ended; the gravest, then the oldest."""
    rows = await session.scalars(
        select(CaseRow).where(CaseRow.emergency != "", within(reach)).limit(limit)
    )
    found = [
        Running(
            row=row, case=await cases.kept(session, row.case_no, row.snapshot, row.generation)
        )
        for row in rows
    ]
    return sorted(found, key=_gravest_first)


def _gravest_first(one: Running) -> tuple[bool, int, str]:
    """Drills come last."""
    return one.row.drill, list(Severity).index(Severity(one.row.emergency)), one.row.case_no
