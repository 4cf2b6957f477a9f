"""What the page of a joint case, or of a task of one, needs beside its own file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.book import Book
from domain.visibility import Reach, may_read_words, may_see
from registry import casefile, joint
from registry.casefile import CaseFile
from registry.facts import facts_of
from web.joint_view import JointView, TaskHead, joint_view, task_head
from web.words import Words


@dataclass(frozen=True, kw_only=True)
class JointContext:
    """The joint case and its tasks; nothing for a case of one department.

    Attributes:
        whole: Of a task: the file of its case.
        view: The tasks.
        head: Of a task: its part, and the others'.
        scopes: What each task is to do, by number.
        apart: Photos of tasks, which stand with them; not those of the task that is shown.
    """

    whole: CaseFile | None = None
    view: JointView | None = None
    head: TaskHead | None = None
    scopes: Mapping[int, str] = field(default_factory=dict)
    apart: frozenset[UUID] = frozenset()


async def joint_context(
    session: AsyncSession, file: CaseFile, book: Book, words: Words, reach: Reach
) -> JointContext:
    """What belongs to a joint case or to a task of one."""
    row = file.row
    if not (row.joint or row.parent):
        return JointContext()
    whole = await casefile.read(session, row.parent) if row.parent else None
    of = whole or file
    tasks = await joint.shares_of(session, of.case)
    known = await facts_of(session, [of.row, *(one.row for one in tasks)])
    confidential = words.confidential(of.row.subclass)
    readable = may_read_words(reach, known[row.case_no], confidential=confidential)
    opened = {number for number, facts in known.items() if may_see(reach, facts)}
    view = joint_view(
        of.case,
        tasks,
        book,
        words,
        opened=opened,
        readable=readable,
    )
    mine = next((one for one in tasks if one.row.case_no == row.case_no), None)
    return JointContext(
        whole=whole,
        view=view,
        head=task_head(view, mine, words, opened=opened, readable=readable) if mine else None,
        scopes={one.row.task_no: one.row.words for one in tasks} if readable else {},
        apart=frozenset(photo for one in tasks if one is not mine for photo in one.photos),
    )
