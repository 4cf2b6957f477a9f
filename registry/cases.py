"""Cases: lock one, write what was decided, read its log. Only `advance` writes here."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from domain import clock as clocks_
from domain.advance import Advanced
from domain.book import Book
from domain.case import Case, Event, Task, fold
from domain.clock import Clock, ClockKind
from domain.terms import FINAL, GROUP_OF, SETTLED, Action, State
from registry.codec import dump_case, dump_event, load_case, load_event
from registry.tables_case import (
    AttachmentRow,
    CaseRow,
    ClockRow,
    CommandRow,
    EventRow,
    NoticeRow,
    PauseRow,
    RequestRow,
    RungRow,
    TaskRow,
)

GENERATION = 1
"""Raised when `evolve` folds old events differently: snapshots of older ones are folded anew."""


class CaseNotFoundError(Exception):
    """There is no such case."""

    def __init__(self, case_no: str) -> None:
        super().__init__(f"there is no case {case_no}")
        self.case_no = case_no


async def now(session: AsyncSession) -> datetime:
    """The registry's clock, the one that sets `received_at`."""
    found: datetime = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    return found


async def lock(session: AsyncSession, case_no: str) -> Case:
    """Lock the case row and give the case as its log has it.

    Raises:
        CaseNotFoundError: There is no such case.
    """
    row = (
        await session.execute(
            select(CaseRow.snapshot, CaseRow.generation, CaseRow.seq)
            .where(CaseRow.case_no == case_no)
            .with_for_update()
        )
    ).one_or_none()
    if row is None:
        raise CaseNotFoundError(case_no)
    if row.generation != GENERATION:
        return await folded(session, case_no)
    return load_case(row.snapshot | {"case_no": case_no})


async def folded(session: AsyncSession, case_no: str) -> Case:
    """The case folded from its log, whatever the snapshot says."""
    return fold(case_no, await events_after(session, case_no, 0))


async def events_after(session: AsyncSession, case_no: str, seq: int) -> list[Event]:
    """Events of a case after `seq`, in order."""
    rows = await session.scalars(
        select(EventRow.body)
        .where(EventRow.case_no == case_no, EventRow.seq > seq)
        .order_by(EventRow.seq)
    )
    return [load_event(body) for body in rows]


async def has_cause(session: AsyncSession, case_no: str, cause_id: str) -> bool:
    """Whether a cause is on record."""
    found = await session.scalar(
        select(EventRow.seq)
        .where(EventRow.case_no == case_no, EventRow.cause_id == cause_id)
        .limit(1)
    )
    return found is not None


async def save(
    session: AsyncSession,
    done: Advanced,
    notes: dict[tuple[str, int], str],
    book: Book,
) -> None:
    """Write new events, and bring every row that pages read in step with them.

    Args:
        session: A transaction that holds the case's lock.
        done: The case brought up to now.
        notes: Free text of commands by (cause id, step), kept beside the events.
        book: Calendars for the due times shown.
    """
    case, events = done.case, done.events
    if not events:
        return
    await _append(session, case.case_no, events, notes)
    await _project(session, case, done.next_due, events[-1].at, book)
    changed = {one.clock_id: one for event in events for one in event.clocks}
    await _save_clocks(session, case.case_no, changed.values(), events, book)
    tasks = {one.task_no: one for event in events for one in event.tasks}
    await _save_tasks(session, case.case_no, tasks.values())
    await _save_requests(session, case.case_no, events)
    await _save_notices(session, case.case_no, events)


async def _append(
    session: AsyncSession,
    case_no: str,
    events: Iterable[Event],
    notes: dict[tuple[str, int], str],
) -> None:
    parts: dict[str, int] = {}
    rows = []
    for event in events:
        part = parts.get(event.cause_id, 0)
        parts[event.cause_id] = part + 1
        rows.append(
            {
                "case_no": case_no,
                "seq": event.seq,
                "cause_id": event.cause_id,
                "part": part,
                "at": event.at,
                "action": event.action.value,
                "state": event.state.value,
                "actor": event.actor,
                "role": event.role.value,
                "note": notes.get((event.cause_id, event.step), ""),
                "body": dump_event(event),
            }
        )
    await session.execute(insert(EventRow), rows)


async def _project(
    session: AsyncSession,
    case: Case,
    next_rung: datetime | None,
    at: datetime,
    book: Book,
) -> None:
    shown = shown_clock(case)
    settled = case.state in SETTLED or case.state in FINAL
    await session.execute(
        update(CaseRow)
        .where(CaseRow.case_no == case.case_no)
        .values(
            seq=case.seq,
            version=case.version,
            state=case.state.value,
            stage=GROUP_OF[case.state].value,
            grid=case.grid,
            subclass=case.subclass,
            condition=case.condition,
            urgent=case.urgent,
            unit=case.unit,
            person=case.person,
            asked=case.asked,
            round=case.round,
            escalation=case.escalation,
            pending=",".join(one.kind for one in case.pending),
            changed_at=at,
            settled_at=func.coalesce(CaseRow.settled_at, at) if settled else None,
            settled_as=case.settled_as,
            ended_at=at if case.ended else None,
            due_at=clocks_.due_at(shown, book.calendars) if shown else None,
            due_label=shown.clock_id if shown else "",
            next_rung_at=next_rung,
            snapshot=dump_case(case),
            generation=GENERATION,
        )
    )


SHOWN = {
    State.REPORTED: ClockKind.ACCEPT,
    State.VERIFYING: ClockKind.VERIFY,
    State.ACCEPTED: ClockKind.FILE,
    State.FILED: ClockKind.DISPATCH,
    State.DISPATCHED: ClockKind.SIGN,
    State.SIGNED: ClockKind.HANDLE,
    State.HANDLING: ClockKind.HANDLE,
    State.RETURNED: ClockKind.DECIDE,
    State.FED_BACK: ClockKind.REVIEW,
    State.CHECKING: ClockKind.CHECK,
    State.TO_CLOSE: ClockKind.CLOSE,
    State.CLOSED: ClockKind.CALL_BACK,
}


def shown_clock(case: Case) -> Clock | None:
    """The clock of the person who holds the case now: what boards sort by."""
    kind = SHOWN.get(case.state)
    return next(
        (one for one in case.clocks if one.kind is kind and one.stopped_at is None), None
    )


async def _save_clocks(
    session: AsyncSession,
    case_no: str,
    clocks: Iterable[Clock],
    events: Sequence[Event],
    book: Book,
) -> None:
    rows, rungs, pauses = [], [], []
    fired_at = {
        (one.clock_id, fired.budget_version, fired.percent): event.fired_at
        for event in events
        if event.action is Action.RUNG
        for one in event.clocks
        for fired in one.fired[-1:]
    }
    for one in clocks:
        due = clocks_.due_at(one, book.calendars)
        calendar = book.calendars.get(one.calendar)
        rows.append(
            {
                "case_no": case_no,
                "clock_id": one.clock_id,
                "kind": one.kind.value,
                "owner": one.owner,
                "calendar": one.calendar,
                "budget": one.budget,
                "extended": one.extended,
                "started_at": one.started_at,
                "due_at": due,
                "provisional": bool(
                    calendar and due and calendar.is_provisional(one.started_at, due)
                ),
                "stopped_at": one.stopped_at,
                "outcome": one.outcome.value if one.outcome else None,
                "on_time": clocks_.on_time(one, book.calendars),
            }
        )
        rungs += [
            {
                "case_no": case_no,
                "clock_id": one.clock_id,
                "budget_version": fired.budget_version,
                "percent": fired.percent,
                "due": fired.due,
                "fired_at": fired_at.get(
                    (one.clock_id, fired.budget_version, fired.percent), fired.due
                ),
                "superseded": fired.superseded,
            }
            for fired in one.fired
        ]
        pauses += [
            {
                "case_no": case_no,
                "clock_id": one.clock_id,
                "started_at": pause.start,
                "ended_at": pause.end,
                "reason": pause.reason,
            }
            for pause in one.pauses
        ]
    await _upsert(session, ClockRow, rows, ("case_no", "clock_id"))
    await _upsert(
        session,
        RungRow,
        rungs,
        ("case_no", "clock_id", "budget_version", "percent"),
        only=("superseded",),
    )
    await _upsert(session, PauseRow, pauses, ("case_no", "clock_id", "started_at"))


async def _upsert(
    session: AsyncSession,
    table: type[ClockRow | RungRow | PauseRow | TaskRow],
    rows: Sequence[Mapping[str, object]],
    key: tuple[str, ...],
    only: tuple[str, ...] = (),
) -> None:
    if not rows:
        return
    statement = upsert(table).values(rows)
    names = only or tuple(name for name in rows[0] if name not in key)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=key, set_={name: statement.excluded[name] for name in names}
        )
    )


async def _save_tasks(session: AsyncSession, case_no: str, tasks: Iterable[Task]) -> None:
    rows = [
        {
            "case_no": case_no,
            "task_no": one.task_no,
            "unit": one.unit,
            "person": one.person,
            "state": one.state.value,
            "dispatched_at": one.dispatched_at,
            "signed_at": one.signed_at,
            "ended_at": one.ended_at,
            "rounds": one.rounds,
        }
        for one in tasks
    ]
    await _upsert(session, TaskRow, rows, ("case_no", "task_no"))


ASKED = {Action.REQUEST_EXTENSION: "extension", Action.REQUEST_VOID: "void"}
DECIDED = {
    Action.APPROVE_EXTENSION: ("extension", "approved"),
    Action.REFUSE_EXTENSION: ("extension", "refused"),
    Action.FEED_BACK: ("extension", "lapsed"),
    Action.VOID: ("void", "approved"),
    Action.REFUSE_VOID: ("void", "refused"),
}


async def _save_requests(
    session: AsyncSession, case_no: str, events: Sequence[Event]
) -> None:
    for event in events:
        if event.action in ASKED and event.patch.pending:
            asked = event.patch.pending[-1]
            await session.execute(
                insert(RequestRow).values(
                    case_no=case_no,
                    seq=event.seq,
                    kind=asked.kind,
                    asked_by=asked.by,
                    asked_at=asked.at,
                    amount=asked.amount,
                )
            )
        elif event.action in DECIDED:
            kind, answer = DECIDED[event.action]
            await session.execute(
                update(RequestRow)
                .where(
                    RequestRow.case_no == case_no,
                    RequestRow.kind == kind,
                    RequestRow.decided_seq.is_(None),
                )
                .values(decided_seq=event.seq, decided_by=event.actor, answer=answer)
            )


async def _save_notices(
    session: AsyncSession, case_no: str, events: Sequence[Event]
) -> None:
    rows = [
        {
            "case_no": case_no,
            "seq": event.seq,
            "address": address,
            "action": event.action.value,
            "at": event.at,
        }
        for event in events
        for address in dict.fromkeys(event.notify)
    ]
    if rows:
        await session.execute(insert(NoticeRow), rows)


async def bind_attachments(
    session: AsyncSession, case_no: str, attachment_ids: Iterable[UUID]
) -> None:
    """Files named by a command that was judged now belong to the case."""
    ids = list(attachment_ids)
    if ids:
        await session.execute(
            update(AttachmentRow)
            .where(AttachmentRow.attachment_id.in_(ids), AttachmentRow.case_no.is_(None))
            .values(case_no=case_no)
        )


async def announce(session: AsyncSession, case_no: str, commands: Iterable[CommandRow]) -> None:
    """One NOTIFY for the transaction: ids only; a hint, never the data."""
    ids = ",".join(str(one.command_id) for one in commands)[:7000]
    await session.execute(
        text("select pg_notify('gridcase', :payload)"), {"payload": f"{case_no} {ids}"}
    )


async def overdue_unheard(
    session: AsyncSession, *, behind: datetime, limit: int
) -> Sequence[tuple[str, str]]:
    """Open cases whose nearest rung fell due before `behind` and has not fired: (number, source)."""
    rows = await session.execute(
        select(CaseRow.case_no, CaseRow.source)
        .where(CaseRow.next_rung_at < behind)
        .order_by(CaseRow.next_rung_at, CaseRow.case_no)
        .limit(limit)
    )
    return [(row.case_no, row.source) for row in rows]
