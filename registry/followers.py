"""The cases that follow a main case, each with a reporter of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.case import Case
from domain.terms import State
from domain.visibility import Reach
from registry.cases import kept
from registry.reads import within
from registry.tables_case import CaseRow

MOST = 200


@dataclass(frozen=True, kw_only=True)
class Follower:
    """A case that follows another, or was closed with it.

    Attributes:
        case: As its log has it: its own call-back and ratings.
        reported_at: When it was reported.
        words: Its report.
        due_at: Until when its reporter is to be called back.
    """

    case: Case
    reported_at: datetime
    words: str
    due_at: datetime | None

    @property
    def follows(self) -> bool:
        """It still waits for its main case."""
        return self.case.state is State.MERGED


async def followers(
    session: AsyncSession, case_no: str, reach: Reach, *, after: str = "", limit: int = MOST
) -> Sequence[Follower]:
    """Who follows a main case, or was closed with it, in order of their numbers."""
    rows = await session.scalars(
        select(CaseRow)
        .where(
            CaseRow.main == case_no,
            CaseRow.main != "",
            CaseRow.case_no > after,
            within(reach),
        )
        .order_by(CaseRow.case_no)
        .limit(min(limit, MOST))
    )
    return [
        Follower(
            case=await kept(session, row.case_no, row.snapshot, row.generation),
            reported_at=row.reported_at,
            words=row.words,
            due_at=row.due_at,
        )
        for row in rows.all()
    ]
