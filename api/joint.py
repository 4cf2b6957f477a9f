"""A joint case's tasks as the API shows them: who has what, until when, and how it went."""
# ruff: noqa: FAST003  the dependency that opens a case takes case_no

from collections.abc import Sequence
from datetime import datetime

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncSession

from api.answers import Answer
from api.case_answers import OwesAnswer, TaskAnswer
from api.casefile import Open, Opened
from api.dependencies import Reading
from api.headers import problems
from domain import clock as rules
from domain.case import Case
from domain.clock import ClockKind
from domain.joint import finish_met, lead_of
from domain.joint_facts import last_of, lead_owes, on_time, shown_due
from domain.terms import Finish, State
from registry import cases, joint
from registry.joint import Share

router = APIRouter(tags=["cases"], responses=problems(404))


class TasksAnswer(Answer):
    """The tasks of a joint case; of one department the turns that departments had.

    `lead` is the number of the task that leads, None while none does; `done` says that the
    departments are done, so that the lead can sum up; `due_at` is the latest due time of what
    the case waits for, never after its promise to the citizen. `on_time` says whether the case
    was fed back in time, None while it was not fed back; `lead_owes` what its leads answer for
    beside their own tasks. Both are the whole case's, and stay empty for a task's number.
    """

    case_no: str
    version: int
    state: State
    joint: bool
    finish: Finish
    quorum: int
    lead: int | None
    done: bool
    due_at: datetime | None
    on_time: bool | None
    lead_owes: list[OwesAnswer]
    tasks: list[TaskAnswer]


@router.get("/cases/{case_no}/tasks", operation_id="listTasks")
async def tasks(found: Open, session: Reading) -> TasksAnswer:
    """The departments' tasks of a joint case; of a task's own number that one alone."""
    row, case = found.row, found.case
    only = 0
    if row.parent:
        case, only = await cases.at(session, row.parent), row.task_no
    shares = await joint.shares_of(session, case, only=only)
    lead = lead_of(case.tasks) if case.joint else None
    whole, calendars = case.joint and not only, found.book.calendars
    due = shown_due(case, found.book) if whole else None
    own = {one.row.task_no: one.case for one in shares}
    owes = lead_owes(case, own, calendars) if whole else ()
    return TasksAnswer(
        case_no=case.case_no,
        version=case.version,
        state=case.state,
        joint=case.joint,
        finish=case.finish,
        quorum=case.quorum,
        lead=lead.task_no if lead else None,
        done=case.joint and finish_met(case),
        due_at=due.at if due else None,
        on_time=on_time(case, own, calendars) if whole else None,
        lead_owes=[OwesAnswer.model_validate(one) for one in owes],
        tasks=answers_of(case, shares, found),
    )


async def tasks_of(session: AsyncSession, found: Opened) -> list[TaskAnswer]:
    """The tasks of a case for its page; of a task its one turn."""
    case = found.case
    shares = await joint.shares_of(session, case) if case.joint else ()
    return answers_of(case, shares, found)


def answers_of(case: Case, shares: Sequence[Share], found: Opened) -> list[TaskAnswer]:
    """Turns of one department, then the tasks of a joint case."""
    turns = [TaskAnswer.model_validate(one) for one in case.tasks if not one.joint]
    if found.row.parent and shares:
        turns = []
    return [*turns, *(_task(one, found) for one in shares)]


def _task(one: Share, found: Opened) -> TaskAnswer:
    task, book, words = one.task, found.book, found.words
    handle = last_of(one.case.clocks, ClockKind.HANDLE)
    seen = TaskAnswer.model_validate(task)
    used = handle.used_before + rules.used(handle, found.at, book.calendars) if handle else None
    return TaskAnswer.model_validate(
        seen.model_dump()
        | {
            "case_no": one.row.case_no,
            "version": one.case.version,
            "scope": one.row.words if words else None,
            "offered_to": one.case.offered_to,
            "due_at": rules.due_at(handle, book.calendars) if handle else None,
            "used_seconds": used.total_seconds() if used is not None else None,
            "on_time": rules.on_time(handle, book.calendars) if handle else None,
            "held": one.held,
            "offers": one.offers,
            "result": one.result,
            "reply": one.reply if words else None,
            "photos": list(one.photos) if words else [],
        }
    )
