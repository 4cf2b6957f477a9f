"""One case as its page shows it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from domain import clock as clocks_
from domain.book import Book
from domain.case import Case, Event
from domain.clock import Clock, ClockKind
from domain.explain_texts import moved_words
from domain.facts import Pending, Task
from domain.terms import Action, Role, Source
from registry.casefile import CaseFile, Entry
from registry.links import Link
from registry.projection import shown_clock, shown_due
from web.board_view import marks_of
from web.clock_view import ClockView, clock_views
from web.facts_view import (
    Fact,
    LinkView,
    StageView,
    facts,
    link_views,
    stage_names,
    stage_views,
)
from web.former_view import FormerView, former_view
from web.joint_view import JointView, TaskHead, handed, happened
from web.language import ZONE, running
from web.map_view import GridMap, draw
from web.site_view import CallView, call_views, called, hop_lines, level_words
from web.task_words import task_state
from web.words import Due, Moment, Stand, Words

REQUESTED_BY = {
    "extension": Action.REQUEST_EXTENSION,
    "hold": Action.REQUEST_HOLD,
    "void": Action.REQUEST_VOID,
    "refusal": Action.REQUEST_REFUSAL,
    "withdraw": Action.REQUEST_WITHDRAW,
    "force_close": Action.REQUEST_FORCE_CLOSE,
}
"""Whose list of reasons a request's reason is of."""
LATE_RECORD = timedelta(minutes=2)
"""An event written this much after its time says so."""


@dataclass(frozen=True, kw_only=True)
class EntryView:
    """A line of the timeline."""

    label: str
    kind: str
    at: Moment
    recorded: Moment | None
    who: str
    behalf: str
    reason: str
    note: str
    more: str
    tasks: Sequence[str]
    late: bool
    moved: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class TaskView:
    """A department's turn."""

    unit: str
    sub_unit: str
    person: str
    state: str
    rounds: int
    stages: str
    times: str


@dataclass(frozen=True, kw_only=True)
class RequestView:
    """A request and its answer."""

    what: str
    who: str
    at: Moment
    answer: str
    more: str
    due: Due | None


@dataclass(frozen=True, kw_only=True)
class PhotoView:
    """A photo of the case."""

    href: str


@dataclass(frozen=True, kw_only=True)
class CaseView:
    """Everything on a case's page, in words."""

    no: str
    parent: str
    task: TaskHead | None
    joint: JointView | None
    seq: int
    version: int
    state: Stand
    urgent: bool
    marks: Sequence[str]
    notes: Sequence[str]
    class_name: str
    condition: str
    closes: str
    words: str
    place: str
    address: str
    holder: str
    source: str
    reporter: str
    reported: Moment
    promise: Moment | None
    due: Due | None
    due_clock: str
    due_id: str
    working: bool
    timeline: Sequence[EntryView]
    former: FormerView | None
    clocks: Sequence[ClockView]
    facts: Sequence[Fact]
    links: Sequence[LinkView]
    stages: Sequence[StageView]
    tasks: Sequence[TaskView]
    requests: Sequence[RequestView]
    photos: Sequence[PhotoView]
    calls: Sequence[CallView]
    hops: Sequence[str]
    level: str
    map: GridMap | None
    temporal: str


def view(  # noqa: PLR0913  a page is made of these
    file: CaseFile,
    book: Book,
    words: Words,
    *,
    links: Iterable[Link],
    readable: bool,
    temporal: str,
    whole: CaseFile | None = None,
    joint: JointView | None = None,
    task: TaskHead | None = None,
    apart: Collection[UUID] = (),
) -> CaseView:
    """The page's view of a case.

    Args:
        file: The case's file.
        links: Other cases that belong to it and that he may open.
        book: Calendars for its clocks.
        words: The reader's language and moment.
        readable: He may read its words and address.
        temporal: Address of its history in the Temporal UI; empty when it is not his business.
        whole: Of a department's task: the file of its joint case.
        joint: Of a joint case: its tasks.
        task: Of a department's task: its part, and the others'.
        apart: Photos that stand elsewhere on the page.
    """
    case, row = file.case, file.row
    due, limit = shown_due(case, book)
    of = (whole or file).case
    promised = _running(of, ClockKind.WHOLE)
    promise = clocks_.due_at(promised, book.calendars) if promised else None
    said = whole.row.words if whole else row.words
    handle = _running(case, ClockKind.HANDLE)
    point = (row.lon, row.lat) if row.lon is not None and row.lat is not None else None
    condition, closes = _condition(of, words)
    stages = stage_names(case, book, words)
    return CaseView(
        no=case.case_no,
        parent=row.parent,
        task=task,
        joint=joint,
        seq=case.seq,
        version=case.version,
        state=words.state(case.state),
        urgent=case.urgent,
        marks=_marks(case, words),
        notes=[words.t("reopened")] if case.reopened else [],
        class_name=words.subclass(of.subclass),
        condition=condition,
        closes=closes,
        words=said if readable else "…",
        place=words.grid(of.grid),
        address=row.address if readable else "",
        holder=_holder(case, shown_clock(case), words),
        source=words.label(Source(row.source)),
        reporter=words.t("reporter_known") if file.reporter else "",
        reported=words.at(row.reported_at),
        promise=words.at(promise) if promise else None,
        due=words.due(due) if due else None,
        due_clock=words.label(ClockKind(limit.partition(":")[0])) if limit else "",
        due_id=_own_clock(case, limit),
        working=not handle.continuous if handle else True,
        timeline=[_entry(one, stages, book, words) for one in file.entries],
        former=former_view(file, words, readable=readable),
        clocks=clock_views(case, [one.event for one in reversed(file.entries)], book, words),
        facts=facts(file, book, words, readable=readable),
        links=link_views(links, words),
        stages=stage_views(case, book, words),
        tasks=[_task(one, stages, words) for one in case.tasks if not one.joint],
        requests=_requests(file, handle, book, words),
        photos=[
            PhotoView(href=f"/cases/{row.case_no}/photos/{one.attachment_id}")
            for one in (whole or file).photos
            if one.attachment_id not in apart
        ]
        if readable
        else [],
        calls=call_views(case, book, words),
        hops=hop_lines(case, book, words),
        level=level_words(case, book, words),
        map=draw(of.grid, words.directory.polygons, point, words.short_grid),
        temporal=temporal,
    )


def _own_clock(case: Case, limit: str) -> str:
    """Where the page explains the limit; empty where it is that of a department's task."""
    own = (one for one in case.clocks if one.clock_id == limit and one.stopped_at is None)
    return next((one.clock_id.replace(":", "-") for one in own), "")


def _running(case: Case, kind: ClockKind) -> Clock | None:
    return next(
        (one for one in case.clocks if one.kind is kind and one.stopped_at is None), None
    )


def _marks(case: Case, words: Words) -> list[str]:
    severity = case.emergency.severity.value if case.emergency else ""
    marks = marks_of(severity, words, drill=case.drill)
    if case.escalation:
        marks.append(words.t("escalated", level=case.escalation))
    if case.round > 1:
        marks.append(words.t("round", n=case.round))
    return marks + [words.t(f"pending_{one.kind}") for one in case.pending]


def _condition(case: Case, words: Words) -> tuple[str, str]:
    found = words.directory.classes.get(case.subclass)
    if found is None or not case.condition:
        return "", ""
    for one in found.conditions:
        if one.number == case.condition:
            return one.accept.of(words.language), one.close.of(words.language)
    return "", ""


def _holder(case: Case, shown: Clock | None, words: Words) -> str:
    if case.asked:
        return words.person(case.asked)
    if shown and shown.owner and not shown.owner.startswith("unit:"):
        return words.owner(shown.owner)
    if case.unit:
        name = words.unit(case.unit)
        return f"{name} · {words.person(case.person)}" if case.person else name
    return words.owner(shown.owner) if shown and shown.owner else "–"


def _entry(entry: Entry, stages: Mapping[str, str], book: Book, words: Words) -> EntryView:
    event = entry.event
    label = words.label(event.action)
    reason = words.reason(event.action, event.reason) if event.reason else ""
    kind = "system" if event.role is Role.SYSTEM else ""
    if event.action is Action.RUNG:
        kind = "rung"
        clock_id, _, percent = event.reason.partition(" ")
        label = f"{words.clock(clock_id, stages)} {percent}"
        reason = ""
    head, tasks = happened(event, words)
    late = entry.recorded_at - event.at > LATE_RECORD
    who = words.person(event.actor)
    role = words.label(event.role)
    return EntryView(
        label=head or label,
        kind=kind,
        at=words.at(event.at),
        recorded=words.at(entry.recorded_at) if late else None,
        who=who if who == role else f"{who} · {role}",
        behalf=words.unit(event.on_behalf_of) if event.on_behalf_of else "",
        reason=reason,
        note=entry.note,
        more=handed(event, words) or called(event, book, words) or _more(entry, words),
        tasks=tasks,
        late=_stopped_late(event, book),
        moved=[moved_words(one, ZONE).text(words.language) for one in event.moved],
    )


def _more(entry: Entry, words: Words) -> str:
    """Who took part in a consultation; what a substitution cost."""
    step = entry.step
    if step is None:
        return ""
    parts = []
    if step.participants:
        names = (words.person(words.unit(one)) for one in step.participants)
        parts.append(words.t("timeline_participants", who=words.joined(names)))
    if step.cost:
        parts.append(words.t("timeline_cost", cost=f"{step.cost:,.2f}"))
    return " · ".join(parts)


def _stopped_late(event: Event, book: Book) -> bool:
    """Whether the event stopped a clock after its limit."""
    return any(
        one.stopped_at is not None and clocks_.on_time(one, book.calendars) is False
        for one in event.clocks
        if one.kind is not ClockKind.WHOLE
    )


def _task(task: Task, stages: Mapping[str, str], words: Words) -> TaskView:
    times = [task.dispatched_at, task.signed_at, task.ended_at]
    return TaskView(
        unit=words.unit(task.unit),
        sub_unit=words.unit(task.sub_unit) if task.sub_unit else "",
        person=words.person(task.person) if task.person else "",
        state=task_state(task.state, words),
        rounds=task.rounds,
        stages=words.joined(stages.get(one, one) for one in task.stages),
        times=" → ".join(words.at(one).words if one else "–" for one in times),
    )


def _requests(
    file: CaseFile, handle: Clock | None, book: Book, words: Words
) -> list[RequestView]:
    """Requests and their answers; of one that waits, why it was asked and until when."""
    working = not handle.continuous if handle else True
    waiting = {one.kind: one for one in file.case.pending}
    found = []
    for one in file.requests:
        asked = waiting.get(one.kind) if not one.answer else None
        clock = next((c for c in file.case.clocks if asked and c.clock_id == asked.clock), None)
        due = clocks_.due_at(clock, book.calendars) if clock else None
        found.append(
            RequestView(
                what=words.t(
                    f"request_{one.kind}",
                    amount=running(one.amount, words.language, working=working),
                    until=words.at(one.until).words if one.until else "–",
                ),
                who=words.person(one.asked_by),
                at=words.at(one.asked_at),
                answer=words.t(f"request_{one.answer or 'open'}"),
                more=_why_asked(asked, clock, words) if asked else "",
                due=words.due(due) if due else None,
            )
        )
    return found


def _why_asked(asked: Pending, clock: Clock | None, words: Words) -> str:
    action = REQUESTED_BY.get(asked.kind, "")
    parts = [words.reason(action, asked.reason)] if asked.reason else []
    if asked.endorsed_by:
        parts.append(words.t("request_endorsed", who=words.person(asked.endorsed_by)))
    elif clock is None and asked.kind == "extension":
        parts.append(words.t("request_to_endorse"))
    if clock is not None and clock.owner:
        parts.append(words.t("request_decider", who=words.owner(clock.owner)))
    return " · ".join(parts)
