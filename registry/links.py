"""Which cases belong together: a main case and those that follow it, a case and its parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.terms import State
from domain.visibility import Reach
from registry.reads import within
from registry.tables_case import CaseRow

MOST = 200
"""Links shown of one case."""
LONGEST_CHAIN = 5
"""A main case may follow another."""


class LinkKind(StrEnum):
    """What another case is to this one."""

    MAIN = "main"
    MERGED = "merged"
    ORIGIN = "origin"
    PART = "part"


@dataclass(frozen=True, kw_only=True)
class Link:
    """Another case that belongs to a case."""

    kind: LinkKind
    case_no: str
    state: State


async def links(session: AsyncSession, row: CaseRow, reach: Reach) -> Sequence[Link]:
    """The cases within reach that a case is linked with."""
    other = CaseRow
    found = await session.execute(
        select(other.case_no, other.state, other.main, other.origin)
        .where(
            within(reach),
            or_(
                other.case_no.in_([row.main, row.origin]),
                and_(other.main == row.case_no, other.main != ""),
                and_(other.origin == row.case_no, other.origin != ""),
            ),
        )
        .order_by(other.case_no)
        .limit(MOST)
    )
    made = []
    for case_no, state, main, origin in found:
        kinds = (
            (LinkKind.MAIN, case_no == row.main),
            (LinkKind.MERGED, main == row.case_no),
            (LinkKind.ORIGIN, case_no == row.origin),
            (LinkKind.PART, origin == row.case_no),
        )
        made += [
            Link(kind=kind, case_no=case_no, state=State(state))
            for kind, is_it in kinds
            if is_it
        ]
    order = list(LinkKind)
    return sorted(made, key=lambda one: (order.index(one.kind), one.case_no))


async def tracked_as(session: AsyncSession, case_no: str) -> str:
    """The number that a case's tracking code was given out with.

    A part has the code of the case it was split from; the code's hash holds that number.
    """
    seen = {case_no}
    while True:
        row, parent = CaseRow.__table__.alias(), CaseRow.__table__.alias()
        found = await session.scalar(
            select(parent.c.case_no)
            .join(row, row.c.origin == parent.c.case_no)
            .where(row.c.case_no == case_no, row.c.tracking_hash == parent.c.tracking_hash)
        )
        if found is None or found in seen:
            return case_no
        seen.add(found)
        case_no = found


async def came_of(session: AsyncSession, row: CaseRow, case_no: str) -> bool:
    """Whether a case came of another by splits: a part of it, or a part's part."""
    seen, origin = set[str](), row.origin
    while origin and origin not in seen:
        if origin == case_no:
            return True
        seen.add(origin)
        before = select(CaseRow.origin).where(CaseRow.case_no == origin)
        origin = await session.scalar(before) or ""
    return False
