"""What a reporter was answered: in his own case, and in the main case that his follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.terms import Action, State
from domain.visibility import may_reporter_read
from registry.links import LONGEST_CHAIN
from registry.tables_case import CaseRow, EventRow

REPLIES = (
    Action.FEED_BACK,
    Action.SUM_UP,
    Action.ANSWER,
    Action.REFUSE,
    Action.TRANSFER_OUT,
    Action.DECIDE,
    Action.FORCE_CLOSE,
    Action.APPROVE_HOLD,
)
"""Moves whose text answers whoever reported it; what asks one reporter something is his."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer: what was done, when, and the words."""

    at: datetime
    action: Action
    text: str


async def replies(session: AsyncSession, row: CaseRow) -> Sequence[Reply]:
    """Answers to the reporter of a case, the newest first; of its main cases too.

    What a main case's unit says may yet be sent back: it is his answer once his own case was
    settled with the main one, and what is said there after that is not. A hold he is told of.
    """
    numbers = await _chain(session, row)
    with_main = select(func.max(EventRow.at)).where(
        EventRow.case_no == row.case_no, EventRow.action == Action.MAIN_SETTLED
    )
    his = or_(EventRow.case_no == row.case_no, EventRow.action == Action.APPROVE_HOLD)
    if row.state != State.MERGED:  # let go and merged anew, it waits for another answer
        his |= EventRow.at <= with_main.scalar_subquery()
    found = await session.execute(
        select(EventRow.at, EventRow.action, EventRow.actor, EventRow.note, EventRow.body)
        .where(
            EventRow.case_no.in_(numbers),
            EventRow.action.in_(REPLIES),
            EventRow.note != "",
            his,
        )
        .order_by(EventRow.at.desc(), EventRow.case_no, EventRow.seq.desc())
    )
    return [
        Reply(at=at, action=Action(action), text=note)
        for at, action, actor, note, body in found
        if may_reporter_read(Action(action), actor, body.get("notify", ()))
    ]


async def _chain(session: AsyncSession, row: CaseRow) -> list[str]:
    """A case and the cases that it follows, or was closed with."""
    numbers, main = [row.case_no], row.main
    while main and main not in numbers and len(numbers) <= LONGEST_CHAIN:
        numbers.append(main)
        main = await session.scalar(select(CaseRow.main).where(CaseRow.case_no == main)) or ""
    return numbers
