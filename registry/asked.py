"""What waits for the reporter's answer: his case's question, and those of its departments."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.case import Case
from domain.facts import Question
from domain.joint import asking, task_id
from domain.terms import Action
from registry.cases import kept
from registry.tables_case import CaseRow, EventRow


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question that is open.

    Attributes:
        unit: The department whose task of a joint case asks; empty: the case itself.
        timeline: The case, or that task.
        question: When it was asked, and the clock that ends the wait.
        text: What is asked.
    """

    unit: str
    timeline: Case
    question: Question
    text: str


async def open_questions(session: AsyncSession, case: Case) -> Sequence[Asked]:
    """The questions that the reporter of a case can answer now, the oldest first.

    One answer on the case is for all of them (T43).
    """
    numbers = [task_id(case.case_no, one.task_no) for one in asking(case.tasks)]
    timelines = [case] if case.question else []
    if numbers:
        rows = await session.scalars(select(CaseRow).where(CaseRow.case_no.in_(numbers)))
        timelines += [
            await kept(session, row.case_no, row.snapshot, row.generation) for row in rows
        ]
    found = [
        Asked(
            unit=one.unit if one.parent else "",
            timeline=one,
            question=one.question,
            text=await _text(session, one.case_no, one.question),
        )
        for one in timelines
        if one.question is not None
    ]
    return sorted(found, key=lambda one: (one.question.at, one.timeline.case_no))


async def _text(session: AsyncSession, case_no: str, question: Question) -> str:
    found = await session.scalar(
        select(EventRow.note).where(
            EventRow.case_no == case_no,
            EventRow.action == Action.ASK_REPORTER.value,
            EventRow.at == question.at,
        )
    )
    return found or ""
