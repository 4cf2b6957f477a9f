"""The departments' tasks of a joint case as pages show them: each by its own timeline."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.case import Case, Event
from domain.facts import Task
from domain.terms import TASK_ENDS, Action, Result
from registry.cases import kept
from registry.codec import STEPS, load_event
from registry.tables_case import AttachmentRow, CaseRow, CommandRow, EventRow

ANSWERS = {
    Action.TAKE_HANDOVER: True,
    Action.DECLINE_HANDOVER: False,
    Action.STOP_HANDOVER: False,
}
"""How the offer of a task ends by a move of its own: taken, or not."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """A stretch in which one unit, or one person of it, held a task; `until` None: still."""

    unit: str
    sub_unit: str
    person: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A task offered to another unit; `taken` None: it waits, or something else ended it."""

    unit: str
    by: str
    at: datetime
    answered_at: datetime | None = None
    taken: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Share:
    """One department's task.

    Attributes:
        row: Its row; its words are the scope.
        task: As the joint case has it.
        case: Its own timeline, folded; before its first event only its state.
        held: Who held it, in order.
        offers: Hand-overs that were offered, in order.
        result: What its last feedback says.
        reply: Text of that feedback.
        photos: Its photos, oldest first.
    """

    row: CaseRow
    task: Task
    case: Case
    held: Sequence[Held]
    offers: Sequence[Offer]
    result: Result | None
    reply: str
    photos: Sequence[UUID]


async def shares_of(session: AsyncSession, case: Case, *, only: int = 0) -> Sequence[Share]:
    """The tasks of a joint case by number, also those that a plan goes without now.

    Args:
        session: The registry.
        case: The joint case.
        only: Number of the one task that is wanted; 0: all.
    """
    tasks = {one.task_no: one for one in case.tasks if one.joint}
    query = select(CaseRow).where(CaseRow.parent == case.case_no, CaseRow.parent != "")
    if only:
        query = query.where(CaseRow.task_no == only)
    rows = (await session.scalars(query.order_by(CaseRow.task_no))).all()
    numbers = [row.case_no for row in rows]
    events, notes = await _events(session, numbers)
    results = await _results(session, [one for found in events.values() for one in found])
    photos = await _photos(session, numbers)
    shares = []
    for row in rows:
        task = tasks.get(row.task_no)
        if task is None:
            continue
        own = events.get(row.case_no, ())
        fed_back = next((one for one in reversed(own) if one.action is Action.FEED_BACK), None)
        shares.append(
            Share(
                row=row,
                task=task,
                case=await kept(session, row.case_no, row.snapshot, row.generation),
                held=held_of(own),
                offers=offers_of(own),
                result=results.get((fed_back.cause_id, fed_back.step)) if fed_back else None,
                reply=notes.get((row.case_no, fed_back.seq), "") if fed_back else "",
                photos=photos.get(row.case_no, ()),
            )
        )
    return shares


def held_of(events: Iterable[Event]) -> Sequence[Held]:
    """Who held a task, and how long; a new round begins a new stretch."""
    found: list[Held] = []
    holder: tuple[str, str, str] | None = None
    for event in events:
        task = event.tasks[-1] if event.tasks else None
        now = (task.unit, task.sub_unit, task.person) if task else holder
        if event.state in TASK_ENDS:
            now = None
        if now == holder:
            continue
        if holder is not None:
            last = found[-1]
            found[-1] = Held(
                unit=last.unit,
                sub_unit=last.sub_unit,
                person=last.person,
                since=last.since,
                until=event.at,
            )
        if now is not None and task is not None:
            since = event.at if found else task.dispatched_at
            found.append(Held(unit=now[0], sub_unit=now[1], person=now[2], since=since))
        holder = now
    return found


def offers_of(events: Iterable[Event]) -> Sequence[Offer]:
    """Hand-overs that were offered, and how each ended."""
    found: list[Offer] = []
    for event in events:
        if event.action is Action.OFFER_HANDOVER and event.patch.offered_to:
            unit = event.patch.offered_to
            found.append(Offer(unit=unit, by=event.actor, at=event.at))
        elif event.action in ANSWERS and found:
            last = found[-1]
            found[-1] = Offer(
                unit=last.unit,
                by=last.by,
                at=last.at,
                answered_at=event.at,
                taken=ANSWERS[event.action],
            )
    return found


async def reply_of(session: AsyncSession, task_case_no: str) -> str:
    """Text of a task's last feedback; empty before it has any."""
    found = await session.scalar(
        select(EventRow.note)
        .where(EventRow.case_no == task_case_no, EventRow.action == Action.FEED_BACK.value)
        .order_by(EventRow.seq.desc())
        .limit(1)
    )
    return found or ""


async def _events(
    session: AsyncSession, numbers: Collection[str]
) -> tuple[Mapping[str, Sequence[Event]], Mapping[tuple[str, int], str]]:
    """The events of some tasks by number, and their notes."""
    events: dict[str, list[Event]] = {}
    notes: dict[tuple[str, int], str] = {}
    if numbers:
        rows = await session.execute(
            select(EventRow.case_no, EventRow.seq, EventRow.body, EventRow.note)
            .where(EventRow.case_no.in_(numbers))
            .order_by(EventRow.case_no, EventRow.seq)
        )
        for case_no, seq, body, note in rows:
            events.setdefault(case_no, []).append(load_event(body))
            notes[case_no, seq] = note
    return events, notes


async def _results(
    session: AsyncSession, events: Iterable[Event]
) -> Mapping[tuple[str, int], Result]:
    """What feedbacks say, by command and step."""
    causes = {one.cause_id for one in events if one.action is Action.FEED_BACK}
    if not causes:
        return {}
    rows = await session.execute(
        select(CommandRow.command_id, CommandRow.steps).where(
            CommandRow.command_id.in_([UUID(one) for one in causes])
        )
    )
    return {
        (str(command_id), index): step.result
        for command_id, body in rows
        for index, step in enumerate(STEPS.validate_python(body))
        if step.result is not None
    }


async def _photos(
    session: AsyncSession, numbers: Collection[str]
) -> Mapping[str, Sequence[UUID]]:
    found: dict[str, list[UUID]] = {}
    if numbers:
        rows = await session.execute(
            select(AttachmentRow.case_no, AttachmentRow.attachment_id)
            .where(AttachmentRow.case_no.in_(numbers))
            .order_by(AttachmentRow.uploaded_at, AttachmentRow.attachment_id)
        )
        for case_no, photo in rows:
            found.setdefault(str(case_no), []).append(photo)
    return found
