"""What decides who may see a case or a task of one; the filters are in `registry.reads`."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select, union
from sqlalchemy.ext.asyncio import AsyncSession

from domain.visibility import CaseFacts
from registry.tables_case import CaseRow, TaskRow
from registry.tables_joint import PartyRow


async def facts_of(session: AsyncSession, rows: Sequence[CaseRow]) -> Mapping[str, CaseFacts]:
    """The facts of some rows by number; those of a task are its case's, and who it is offered.

    Args:
        session: The registry.
        rows: Cases, or tasks of joint cases.
    """
    places = {row.case_no: (row.grid, row.asked) for row in rows if not row.parent}
    missing = {row.parent for row in rows if row.parent} - places.keys()
    if missing:
        found = await session.execute(
            select(CaseRow.case_no, CaseRow.grid, CaseRow.asked).where(
                CaseRow.case_no.in_(missing)
            )
        )
        places |= {case_no: (grid, asked) for case_no, grid, asked in found}
    units: dict[str, list[str]] = {}
    turns = select(TaskRow.case_no, TaskRow.unit).where(TaskRow.case_no.in_(places))
    parties = select(PartyRow.case_no, PartyRow.unit).where(PartyRow.case_no.in_(places))
    for case_no, unit in await session.execute(union(turns, parties).order_by("unit")):
        units.setdefault(case_no, []).append(unit)
    return {row.case_no: _facts(row, places, units) for row in rows}


def _facts(
    row: CaseRow, places: Mapping[str, tuple[str, str]], units: Mapping[str, Sequence[str]]
) -> CaseFacts:
    owner = row.parent or row.case_no
    grid, asked = places.get(owner, (row.grid, ""))
    offered = (row.offered_to,) if row.offered_to else ()
    return CaseFacts(grid=grid, asked=asked, units=(*units.get(owner, ()), *offered))
