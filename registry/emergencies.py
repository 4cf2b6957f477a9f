"""Open emergencies (突发事件), the gravest first."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case as sql_case
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.case import Case
from domain.terms import Severity
from domain.visibility import Reach
from registry import cases
from registry.reads import within
from registry.tables_case import CaseRow

MOST = 200
"""Emergencies on one board at most."""


@dataclass(frozen=True, kw_only=True)
class Running:
    """An emergency whose response has not ended: its row and the case."""

    row: CaseRow
    case: Case


async def running(
    session: AsyncSession, reach: Reach, *, limit: int = MOST
) -> Sequence[Running]:
    """Emergencies within reach whose response has not ended.

    The gravest first, then the oldest; drills come last. Each case comes with its row.
    """
    gravest = sql_case(
        {one.value: rank for rank, one in enumerate(Severity)}, value=CaseRow.emergency
    )
    rows = await session.scalars(
        select(CaseRow)
        .where(CaseRow.emergency != "", within(reach))
        .order_by(CaseRow.drill, gravest, CaseRow.case_no)
        .limit(limit)
    )
    return [
        Running(
            row=row, case=await cases.kept(session, row.case_no, row.snapshot, row.generation)
        )
        for row in rows
    ]
