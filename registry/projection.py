"""The rows that pages read, brought in step with new events in the same transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import case as when
from sqlalchemy import insert, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from domain import clock as clocks_
from domain import joint_facts
from domain.advance import Advanced, rung_cause
from domain.book import Book
from domain.case import Case, Event
from domain.clock import Clock, ClockKind
from domain.facts import Task
from domain.joint import DERIVED, case_of_task
from domain.terms import FINAL, GROUP_OF, SETTLED, Action, State
from registry.codec import dump_case
from registry.tables_case import RequestRow
from registry.tables_joint import PartyRow
from registry.written import Document, Row


def rows_of(done: Advanced, generation: int, book: Book) -> Document:
    """The case's row, and what its events changed beside it; empty without events."""
    case, events = done.case, done.events
    if not events:
        return {}
    changed = {one.clock_id: one for event in events for one in event.clocks}
    tasks = {one.task_no: one for event in events for one in event.tasks if not one.joint}
    return {
        "case_record": [_case(case, done.next_due, events, book, generation)],
        **_clocks(case.case_no, changed.values(), events, book),
        "task": task_rows(case.case_no, tasks.values()),
        "notice": _notices(done, book),
    }


def _case(
    case: Case,
    next_rung: datetime | None,
    events: Sequence[Event],
    book: Book,
    generation: int,
) -> Row:
    due_at, due_label = shown_due(case, book)
    at = events[-1].at
    return {
        **columns_of(case),
        "changed_at": at,
        **_settled(events),
        "ended_at": at if case.ended else None,
        "due_at": due_at,
        "due_label": due_label,
        "next_rung_at": next_rung,
        "snapshot": dump_case(case),
        "generation": generation,
    }


def columns_of(case: Case) -> Row:
    """Columns of `case_record` that are the folded case's own values."""
    return {
        "case_no": case.case_no,
        "seq": case.seq,
        "version": case.version,
        "state": case.state.value,
        "stage": GROUP_OF[case.state].value,
        "grid": case.grid,
        "subclass": case.subclass,
        "condition": case.condition,
        "urgent": case.urgent,
        "unit": case.unit,
        "person": case.person,
        "asked": case.asked,
        "round": case.round,
        "escalation": case.escalation,
        "pending": ",".join(one.kind for one in case.pending),
        "settled_as": case.settled_as,
        "main": case.main,
        "followers": len(case.merged),
        "hot_spot": case.hot_spot,
        "origin": case.origin,
        "joint": case.joint,
        "parent": case.parent,
        "task_no": case.task_no,
        "lead": case.lead,
        "drill": case.drill,
        "emergency": case.emergency.severity.value if case.emergency else "",
        "offered_to": case.offered_to,
    }


def _settled(events: Sequence[Event]) -> Row:
    """Since when it is settled, as far as these events show it.

    `settled_anew` is no column: it says that what the row had before does not count any more.
    """
    since, anew = None, events[0].seq == 1
    for event in events:
        if event.state in SETTLED or event.state in FINAL:
            since = since or event.at
        else:
            since, anew = None, True
    return {"settled_at": since, "settled_anew": anew}


SHOWN = {
    State.REPORTED: ClockKind.ACCEPT,
    State.VERIFYING: ClockKind.VERIFY,
    State.ACCEPTED: ClockKind.FILE,
    State.FILED: ClockKind.DISPATCH,
    State.DISPATCHED: ClockKind.SIGN,
    State.SIGNED: ClockKind.HANDLE,
    State.HANDLING: ClockKind.HANDLE,
    State.RETURNED: ClockKind.DECIDE,
    State.ON_HOLD: ClockKind.HOLD,
    State.ARBITRATING: ClockKind.DECIDE,
    State.CONSULTING: ClockKind.DECIDE,
    State.FED_BACK: ClockKind.REVIEW,
    State.CHECKING: ClockKind.CHECK,
    State.TO_CLOSE: ClockKind.CLOSE,
    State.CLOSED: ClockKind.CALL_BACK,
    State.HANDOVER_OFFERED: ClockKind.SIGN,
}


OF_JOINT = (ClockKind.SUM_UP, ClockKind.DISPATCH)
"""Of a joint case while its departments work: what its lead or its dispatcher is to do."""


OF_TASKS = frozenset({State.DISPATCHED, State.SIGNED, State.HANDLING})
"""States of a joint case in which its tasks say when it is due."""


def shown_due(case: Case, book: Book) -> tuple[datetime | None, str]:
    """When a case is due for boards, and which limit says so; a joint one by its tasks.

    While the dispatcher is to plan it anew, it is his limit that counts.
    """
    shown = shown_clock(case)
    planless = shown is not None and shown.kind is ClockKind.DISPATCH
    if case.joint and case.state in OF_TASKS and not planless:
        found = joint_facts.shown_due(case, book)
        return (found.at, found.clock_id or found.kind.value) if found else (None, "")
    if shown is None:
        return None, ""
    return clocks_.due_at(shown, book.calendars), shown.clock_id


def shown_clock(case: Case) -> Clock | None:
    """The clock of the person who holds the case now: what boards sort by."""
    derived = case.joint and case.state in DERIVED
    kinds = OF_JOINT if derived else (SHOWN.get(case.state),)
    return next(
        (one for one in case.clocks if one.kind in kinds and one.stopped_at is None), None
    )


def clock_row(case_no: str, clock: Clock, calendars: clocks_.Calendars) -> Row:
    """A clock as its table has it, with the due time and the fact that follow from it."""
    due = clocks_.due_at(clock, calendars)
    calendar = calendars.get(clock.calendar)
    return {
        "case_no": case_no,
        "clock_id": clock.clock_id,
        "kind": clock.kind.value,
        "owner": clock.owner,
        "calendar": clock.calendar,
        "budget": clock.budget,
        "extended": clock.extended,
        "started_at": clock.started_at,
        "due_at": due,
        "provisional": bool(
            calendar and due and calendar.is_provisional(clock.started_at, due)
        ),
        "stopped_at": clock.stopped_at,
        "outcome": clock.outcome.value if clock.outcome else None,
        "on_time": clocks_.on_time(clock, calendars),
    }


def _clocks(
    case_no: str, clocks: Iterable[Clock], events: Sequence[Event], book: Book
) -> Document:
    rows: list[Row] = []
    rungs: list[Row] = []
    pauses: list[Row] = []
    fired_at = {event.cause_id: event.fired_at for event in events if event.fired_at}
    for one in clocks:
        rows.append(clock_row(case_no, one, book.calendars))
        rungs += [
            {
                "case_no": case_no,
                "clock_id": one.clock_id,
                "budget_version": fired.budget_version,
                "percent": fired.percent,
                "due": fired.due,
                "fired_at": fired_at.get(
                    rung_cause(one.clock_id, fired.budget_version, fired.percent), fired.due
                ),
                "superseded": fired.superseded,
            }
            for fired in one.fired
        ]
        started = {pause.start: pause for pause in one.pauses}
        pauses += [
            {
                "case_no": case_no,
                "clock_id": one.clock_id,
                "started_at": pause.start,
                "ended_at": pause.end,
                "reason": pause.reason,
            }
            for pause in started.values()
        ]
    return {"clock": rows, "rung": rungs, "pause": pauses}


def task_rows(case_no: str, tasks: Iterable[Task]) -> list[Row]:
    """Turns of one department as their table has them; tasks of a joint case are rows of cases.

    One that moved into a task keeps the row that it had until then.
    """
    return [
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
        if not one.joint and not case_of_task(case_no)
    ]


async def save_parties(session: AsyncSession, case_no: str, events: Sequence[Event]) -> None:
    """Departments that take part in a joint case from these events on."""
    rows = party_rows(case_no, events)
    if rows:
        await session.execute(upsert(PartyRow).on_conflict_do_nothing(), list(rows))


def party_rows(case_no: str, events: Iterable[Event]) -> list[dict[str, object]]:
    """Departments with a share in a joint case, now or before, or called to the site."""
    units = [
        *(one.unit for event in events for one in event.tasks if one.joint),
        *(one.unit for event in events for one in event.patch.calls or ()),
    ]
    return [{"case_no": case_no, "unit": one} for one in dict.fromkeys(units)]


ASKED = {
    Action.REQUEST_EXTENSION: "extension",
    Action.REQUEST_VOID: "void",
    Action.CANCEL_ASKED: "void",
    Action.REQUEST_REFUSAL: "refusal",
    Action.REQUEST_HOLD: "hold",
    Action.REQUEST_WITHDRAW: "withdraw",
    Action.REQUEST_FORCE_CLOSE: "force_close",
    Action.RETURN: "arbitration",
    Action.OBJECT: "arbitration",
    Action.SUBMIT: "arbitration",
    Action.CONSULT: "consultation",
    Action.REOPEN: "consultation",
}
"""What an action may ask for: a third return a ruling, a second reopening a consultation."""
DECIDED = {
    Action.REFUSE: ("refusal", "approved"),
    Action.DECLINE_REFUSAL: ("refusal", "refused"),
    Action.APPROVE_EXTENSION: ("extension", "approved"),
    Action.REFUSE_EXTENSION: ("extension", "refused"),
    Action.APPROVE_HOLD: ("hold", "approved"),
    Action.REFUSE_HOLD: ("hold", "refused"),
    Action.AGREE_WITHDRAW: ("withdraw", "approved"),
    Action.REFUSE_WITHDRAW: ("withdraw", "refused"),
    Action.FORCE_CLOSE: ("force_close", "approved"),
    Action.DECLINE_FORCE_CLOSE: ("force_close", "refused"),
    Action.VOID: ("void", "approved"),
    Action.REFUSE_VOID: ("void", "refused"),
    Action.RULE: ("arbitration", "decided"),
    Action.DECIDE: ("consultation", "decided"),
}


async def save_requests(session: AsyncSession, case_no: str, events: Sequence[Event]) -> None:
    """Requests for a decision, and what became of them; in order, one may answer another.

    A request that an event ends without deciding it (feedback, a return, the end) lapsed.
    """
    for event in events:
        asked = _asked(case_no, event)
        if asked is not None:
            await session.execute(insert(RequestRow).values(**asked))
        if event.patch.pending is not None:
            kind, answer = DECIDED.get(event.action, ("", "lapsed"))
            open_still = [one.kind for one in event.patch.pending]
            await session.execute(
                update(RequestRow)
                .where(
                    RequestRow.case_no == case_no,
                    RequestRow.kind.not_in(open_still),
                    RequestRow.decided_seq.is_(None),
                )
                .values(
                    decided_seq=event.seq,
                    decided_by=event.actor,
                    answer=when((RequestRow.kind == kind, answer), else_="lapsed"),
                )
            )


def request_rows(case_no: str, events: Iterable[Event]) -> list[Row]:
    """What `save_requests` makes of a whole log."""
    rows: list[dict[str, object]] = []
    for event in events:
        asked = _asked(case_no, event)
        if asked is not None:
            rows.append({**asked, "decided_seq": None, "decided_by": "", "answer": ""})
        if event.patch.pending is not None:
            kind, answer = DECIDED.get(event.action, ("", "lapsed"))
            open_still = {one.kind for one in event.patch.pending}
            for row in rows:
                if row["decided_seq"] is None and row["kind"] not in open_still:
                    row["answer"] = answer if row["kind"] == kind else "lapsed"
                    row.update(decided_seq=event.seq, decided_by=event.actor)
    return list(rows)


def _asked(case_no: str, event: Event) -> Row | None:
    """The request that an event makes; what is taken over brings its own, of any kind."""
    kind, taken = ASKED.get(event.action), event.action is Action.TAKE_OVER
    made = (one for one in event.patch.pending or () if taken or one.kind == kind)
    asked = next(made, None)
    if asked is None:
        return None
    return {
        "case_no": case_no,
        "seq": event.seq,
        "kind": asked.kind,
        "asked_by": asked.by,
        "asked_at": asked.at,
        "amount": asked.amount,
        "until": asked.until,
    }


def _notices(done: Advanced, book: Book) -> list[Row]:
    """Who is told of each event, and from when on: an urgent case waits for no working time."""
    before = done.before or Case(case_no=done.case.case_no)
    urgent, calendar = before.urgent, before.calendar
    rows: list[Row] = []
    for event in done.events:
        urgent = urgent if event.patch.urgent is None else event.patch.urgent
        calendar = event.patch.calendar or calendar
        waits = event.notify and calendar and not (urgent or _at_once(event))
        at = book.calendars[calendar].next_working(event.at) if waits else event.at
        rows += [
            {
                "case_no": done.case.case_no,
                "seq": event.seq,
                "address": address,
                "action": event.action.value,
                "at": at,
            }
            for address in dict.fromkeys(event.notify)
        ]
    return rows


def _at_once(event: Event) -> bool:
    """Whether it concerns a call to the site that runs day and night."""
    return any(one.kind is ClockKind.ARRIVE and one.continuous for one in event.clocks)
