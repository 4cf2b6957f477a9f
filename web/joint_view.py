"""A joint case's tasks as its page shows them, and a task's page beside the others."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from domain.book import Book
from domain.case import Case, Event
from domain.clock import Clock, ClockKind, Outcome
from domain.facts import Task
from domain.joint import is_open, lead_of, shares
from domain.joint_facts import LeadOwes, lead_owes, on_time
from domain.terms import TASK_ENDS, Action, Finish, State, TaskState
from registry.joint import Held, Share
from web.clock_view import Bar, bar_of
from web.entered import REDOES
from web.language import span
from web.task_words import task_state
from web.words import Stand, Words


@dataclass(frozen=True, kw_only=True)
class TaskLine:
    """One department's task.

    Attributes:
        href: Its page; empty when it is not the reader's to open.
        part: Whether it leads or helps, in words.
        bars: Its running clocks; of one that has ended, its limit as it ended.
        held: Who held it and how long, where more than one did.
        reply: What the department said when it was done.
        photos: Addresses of its photos.
        gone: The plan goes without it now.
    """

    number: int
    href: str
    unit: str
    lead: bool
    part: str
    state: Stand
    scope: str
    holder: str
    bars: Sequence[Bar]
    waits: str
    offered: str
    held: Sequence[str]
    rounds: int
    reply: str
    photos: Sequence[str]
    gone: bool


@dataclass(frozen=True, kw_only=True)
class JointView:
    """The tasks of a joint case, when it is done, and how it went.

    Attributes:
        lines: The tasks.
        done: How many of them are done.
        finish: When the departments are done.
        no_lead: Nobody leads.
        kept: Whether the case was on time; empty before it was fed back.
        late: It was not.
        owes: What its leads answer for beside their own tasks.
    """

    lines: Sequence[TaskLine]
    done: str
    finish: str
    no_lead: bool
    kept: str
    late: bool
    owes: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class TaskHead:
    """What a task's page says of it: its part and its own share.

    `case_no` is its case's number, empty for who may not open that.
    """

    case_no: str
    number: int
    part: str
    scope: str
    siblings: Sequence[TaskLine]


def part_of(words: Words, *, lead: bool) -> str:
    """What a department's part is called."""
    return words.t("joint_lead" if lead else "joint_help")


def progress(case: Case) -> tuple[int, int]:
    """How many departments are done, of those that the case takes."""
    found = [one for one in shares(case.tasks) if is_open(one) or one.state is TaskState.DONE]
    return sum(one.state is TaskState.DONE for one in found), len(found)


def joint_view(  # noqa: PLR0913  a tree is made of these
    case: Case,
    files: Iterable[Share],
    book: Book,
    words: Words,
    *,
    opened: Collection[str],
    readable: bool,
) -> JointView:
    """The tree of a joint case.

    Args:
        case: The joint case.
        files: Its tasks.
        book: Calendars for their clocks.
        words: The reader's language and moment.
        opened: Numbers of the tasks that he may open.
        readable: He may read what people wrote.
    """
    known, files = {one.task_no: one for one in case.tasks}, list(files)
    own, calendars = {one.row.task_no: one.case for one in files}, book.calendars
    done, of = progress(case)
    kept = on_time(case, own, calendars)
    return JointView(
        lines=[
            _line(one, known, book, words, opened=opened, readable=readable) for one in files
        ],
        done=words.t("joint_done", done=done, all=of),
        finish=words.t(f"joint_finish_{case.finish.value}", n=case.quorum)
        if case.finish is Finish.SOME
        else words.t(f"joint_finish_{case.finish.value}"),
        no_lead=lead_of(case.tasks) is None and not case.ended,
        kept="" if kept is None else words.t("joint_in_time" if kept else "joint_late"),
        late=kept is False,
        owes=[_owed(one, words) for one in lead_owes(case, own, calendars)],
    )


def _owed(one: LeadOwes, words: Words) -> str:
    unit, due = words.unit(one.unit), words.at(one.due).words
    return words.t(f"joint_owes_{one.owed.value}", unit=unit, n=one.task_no, due=due)


def task_head(
    view: JointView, file: Share, words: Words, *, opened: Collection[str], readable: bool
) -> TaskHead:
    """The head of a task's page, and the other departments' tasks."""
    row = file.row
    return TaskHead(
        case_no=row.parent if row.parent in opened else "",
        number=row.task_no,
        part=part_of(words, lead=row.lead),
        scope=row.words if readable else "…",
        siblings=[one for one in view.lines if one.number != row.task_no and not one.gone],
    )


def _line(  # noqa: PLR0913  a line is made of these
    file: Share,
    known: Mapping[int, Task],
    book: Book,
    words: Words,
    *,
    opened: Collection[str],
    readable: bool,
) -> TaskLine:
    row, case = file.row, file.case
    done = file.task.state is TaskState.DONE
    return TaskLine(
        number=row.task_no,
        href=f"/cases/{row.case_no}" if row.case_no in opened else "",
        unit=words.unit(row.unit),
        lead=row.lead,
        part=words.t("joint_lead_name" if row.lead else "joint_help_name"),
        state=words.state(State(row.state)),
        scope=row.words if readable else "…",
        holder=_person(case, words),
        bars=[bar_of(one, book, words) for one in _shown(case)],
        waits=_waits(file.task, known, words),
        offered=words.t("joint_offered", unit=words.unit(case.offered_to))
        if case.offered_to
        else "",
        held=[_held_line(one, words) for one in file.held] if len(file.held) > 1 else [],
        rounds=case.round,
        reply=file.reply if readable and done else "",
        photos=[f"/cases/{row.parent}/photos/{one}" for one in file.photos] if readable else [],
        gone=file.task.gone_without,
    )


def _person(case: Case, words: Words) -> str:
    own = case.tasks[-1] if case.tasks else None
    if own is None:
        return ""
    named = [words.unit(own.sub_unit)] if own.sub_unit else []
    person = case.person or own.person
    return " · ".join([*named, *([words.person(person)] if person else [])])


def _shown(case: Case) -> list[Clock]:
    """Running clocks; of a task that has ended, its limit, unless it does not count."""
    running = [one for one in case.clocks if one.stopped_at is None]
    if running or case.state not in TASK_ENDS:
        return running
    limits = [one for one in case.clocks if one.kind is ClockKind.HANDLE]
    return [one for one in limits[-1:] if one.outcome is not Outcome.VOID]


def _waits(task: Task, known: Mapping[int, Task], words: Words) -> str:
    if not task.after or task.state is not TaskState.PLANNED:
        return ""
    named = (named_task(known[one], words) for one in task.after if one in known)
    return words.t("joint_waits", tasks=words.joined(named))


def named_task(task: Task, words: Words) -> str:
    """A task by its number and department."""
    return words.t("joint_task_name", n=task.task_no, unit=words.unit(task.unit))


def _held_line(one: Held, words: Words) -> str:
    named = [words.unit(unit) for unit in (one.unit, one.sub_unit) if unit]
    who = " · ".join([*named, *([words.person(one.person)] if one.person else [])])
    length = span((one.until or words.now) - one.since, words.language)
    return words.t("joint_held_line" if one.until else "joint_held_now", who=who, span=length)


def happened(event: Event, words: Words) -> tuple[str, Sequence[str]]:
    """What an event of a joint case did to its tasks: its heading, and lines below it.

    The heading is empty where the action's own name says enough.
    """
    tasks = [one for one in event.tasks if one.joint]
    if event.action in {Action.TASK_MOVED, Action.TASK_ENDED} and tasks:
        first = tasks[0]
        state = task_state(first.state, words)
        head = words.t("joint_moved", n=first.task_no, unit=words.unit(first.unit), state=state)
        return head, _lines(event, tasks[1:], words)
    if event.action is Action.PLAN:
        planned = (
            words.t(
                "joint_planned_one",
                n=one.task_no,
                unit=words.unit(one.unit),
                part=words.t("joint_lead_name" if one.lead else "joint_help_name"),
            )
            for one in tasks
            if not one.gone_without
        )
        gone = [one for one in tasks if one.gone_without]
        line = words.t("joint_planned", tasks=words.joined(planned))
        return "", [line, *_lines(event, gone, words)]
    if event.action is Action.URGE_TASK:
        named = words.joined(named_task(one, words) for one in tasks)
        return "", [words.t("joint_urged", tasks=named)]
    return "", _lines(event, tasks, words)


GROUPS = {
    TaskState.DISPATCHED: "joint_begins",
    TaskState.HANDLING: "joint_again",
    TaskState.WITHDRAWN: "joint_out",
    TaskState.WAIVED: "joint_out",
}
"""What is said of tasks that an event of the case has brought into a state."""


def _lines(event: Event, tasks: Iterable[Task], words: Words) -> list[str]:
    named: dict[str, list[str]] = {}
    for one in tasks:
        begins = one.state is not TaskState.DISPATCHED or one.dispatched_at == event.at
        again = one.state is not TaskState.HANDLING or event.action in REDOES
        if one.state in GROUPS and begins and again:
            named.setdefault(GROUPS[one.state], []).append(named_task(one, words))
    return [words.t(key, tasks=words.joined(which)) for key, which in named.items()]


def handed(event: Event, words: Words) -> str:
    """To whom a case is dispatched or a task offered, or who took it over."""
    if event.action is Action.DISPATCH and event.patch.unit:
        return words.t("timeline_dispatched", unit=words.unit(event.patch.unit))
    if event.action is Action.OFFER_HANDOVER and event.patch.offered_to:
        return words.t("joint_offered_to", unit=words.unit(event.patch.offered_to))
    if event.action is Action.TAKE_HANDOVER and event.patch.unit:
        return words.t("joint_taken_by", unit=words.unit(event.patch.unit))
    return ""
