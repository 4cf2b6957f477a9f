"""A joint case held against its tasks: each has a log of its own, and they must agree."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.advance import Advanced, advanced
from domain.book import Book
from domain.case import Case, Event, evolve
from domain.command import Command
from domain.facts import Task
from domain.joint import case_of_task, is_open, is_running, shares, task_id
from domain.sequel import Sequel, sequels
from domain.sequel import shares as shares_in
from domain.sequel_joint import Share, follow
from domain.terms import FINAL, SETTLED, TASK_ENDS
from registry import cases, commands
from registry import sequels as sequel_rows
from registry import shares as share_rows
from registry.cases import GENERATION, Heard
from registry.codec import load_case
from registry.derived import Kept
from registry.findings import Finding, Kind
from registry.tables_case import CaseRow, CommandRow

Rows = Mapping[str, Any]


async def look(
    session: AsyncSession, kept: Sequence[Kept], book: Book
) -> Mapping[str, Sequence[Finding]]:
    """What is wrong between joint cases and their tasks, by number.

    What still waits for its verdict, on the case or on the task, may yet put it right: it is
    not looked at.

    Args:
        session: The transaction in which the cases were read.
        kept: Cases and tasks, as `verify` has them.
        book: Calendars for the due times.
    """
    joint = [str(one.row["case_no"]) for one in kept if one.row["joint"]]
    of = sorted({str(one.row["parent"]) for one in kept if one.row["parent"]})
    if not (joint or of):
        return {}
    columns = (
        CaseRow.case_no,
        CaseRow.parent,
        CaseRow.seq,
        CaseRow.state,
        CaseRow.snapshot,
        CaseRow.generation,
    )
    tasks = await session.execute(
        select(*columns).where(CaseRow.parent.in_(joint), CaseRow.parent != "")
    )
    rows = {one.case_no: one for one in tasks}
    there = set(await session.scalars(select(CaseRow.case_no).where(CaseRow.case_no.in_(of))))
    waits = set(
        await session.scalars(
            select(CommandRow.case_no).where(
                CommandRow.verdict.is_(None),
                or_(CommandRow.case_no.in_(joint), CommandRow.case_no.in_(rows)),
            )
        )
    )
    found: dict[str, list[Finding]] = {}
    for one in kept:
        number, parent = one.case_no, str(one.row["parent"])
        if parent and parent not in there:
            lost = Finding(case_no=number, kind=Kind.TASK_LOST, detail=f"no case {parent}")
            found[number] = [lost]
        elif one.row["joint"] and number not in waits and _readable(one.row):
            case = load_case(one.row["snapshot"] | {"case_no": number})
            quiet = {no: row for no, row in rows.items() if row.parent == number}
            found[number] = _findings(case, quiet, waits, book)
    return found


def _readable(row: Rows) -> bool:
    return bool(row["generation"] == GENERATION)


def _findings(
    case: Case, rows: Mapping[str, Any], waits: set[str], book: Book
) -> list[Finding]:
    """One finding of a kind, which names the tasks."""
    wrong: dict[Kind, list[str]] = {}
    for task in shares(case.tasks):
        number = task_id(case.case_no, task.task_no)
        if number in waits:
            continue
        for kind, detail in _of_task(case, task, rows.get(number), book):
            wrong.setdefault(kind, []).append(f"task {task.task_no} {detail}")
    known = {task_id(case.case_no, one.task_no) for one in case.tasks if one.joint}
    for number in sorted(rows.keys() - known):
        wrong.setdefault(Kind.TASK_LOST, []).append(f"{number} is in no plan of the case")
    return [
        Finding(case_no=case.case_no, kind=kind, detail="; ".join(details))
        for kind, details in wrong.items()
    ]


def _of_task(
    case: Case,
    task: Task,
    row: Any,  # noqa: ANN401  a result row
    book: Book,
) -> Iterator[tuple[Kind, str]]:
    if row is None:
        yield Kind.TASK_MISSING, "has no row"
        return
    if row.seq == 0:
        if is_running(task):
            yield Kind.TASK_UNBEGUN, f"is {task.state} by the case, its log is empty"
        return
    if row.generation != GENERATION:
        return
    own = load_case(row.snapshot | {"case_no": row.case_no})
    ended = own.state in TASK_ENDS
    if case.state in SETTLED | FINAL:
        if not ended:
            yield Kind.TASK_OPEN, f"is {own.state}, the case is {case.state}"
    elif ended is is_open(task) or follow(case, own, book) is not None:
        yield Kind.TASK_DIFFERS, f"is {task.state} by the case, {own.state} by its own log"


async def mend(session: AsyncSession, case_no: str, book: Book, now: datetime) -> None:
    """Write again what a joint case and its tasks have to tell each other, from their logs.

    What is on record already stays as it is; the reconciler tells what was missing. The case is
    locked before its tasks, as when they are judged.

    Raises:
        CaseNotFoundError: There is no such case.
    """
    case = await cases.lock(session, case_no)
    events = await cases.events_after(session, case_no, 0)
    asked = await _asked(session, events)
    done = _done(case, events)
    tasks = select(CaseRow.case_no).where(CaseRow.parent == case_no, CaseRow.parent != "")
    numbers = set(await session.scalars(tasks))
    lost = _scoped(
        one
        for one in shares_in(Case(case_no=case_no), done, asked, book)
        if one.case_no not in numbers
    )
    await share_rows.write(session, case_no, lost)
    own = sequels(Case(case_no=case_no), done, asked)
    await sequel_rows.write(session, _between(own, case_no))
    for number in sorted(numbers):
        task = await cases.lock(session, number)
        log = await cases.events_after(session, number, 0)
        told = sequels(Case(case_no=number), _done(task, log), await _asked(session, log))
        await sequel_rows.write(session, _between(told, case_no))
        event = follow(case, task, book)
        if event is None:
            continue
        moved = advanced(case, evolve(case, event), (event,), (), book)
        await cases.save(session, moved, Heard(at=now, commands=[], notes={}, files=[]), book)
        await sequel_rows.write(session, sequels(case, moved, ()))
        case = moved.case


def _done(case: Case, events: Sequence[Event]) -> Advanced:
    return Advanced(case=case, events=tuple(events), rulings=(), next_due=None, next_label="")


def _between(found: Iterable[Sequel], case_no: str) -> list[Sequel]:
    """What goes from the case to its tasks, or from them to it."""
    return [one for one in found if case_no in {one.case_no, case_of_task(one.case_no)}]


def _scoped(found: Iterable[Share]) -> list[Share]:
    """The last word on each share, with the last scope that was given."""
    last: dict[str, Share] = {}
    for one in found:
        before = last.get(one.case_no)
        scope = one.scope if one.scope is not None or before is None else before.scope
        last[one.case_no] = Share(case_no=one.case_no, task=one.task, scope=scope, at=one.at)
    return list(last.values())


async def _asked(session: AsyncSession, events: Iterable[Event]) -> list[Command]:
    """The commands behind some events."""
    causes = set(filter(None, (_command_id(one) for one in events)))
    rows = await session.scalars(select(CommandRow).where(CommandRow.command_id.in_(causes)))
    return [commands.to_command(one) for one in rows]


def _command_id(event: Event) -> UUID | None:
    try:
        return UUID(event.cause_id)
    except ValueError:
        return None
