"""Judgements of a joint case (§5): when it is due, whether it was on time, the lead's part."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain import clock as clocks_
from domain.book import Book
from domain.case import Case
from domain.clock import RED, Calendars, Clock, ClockKind
from domain.facts import Lead, Task
from domain.joint import DERIVED, is_open, required, shares, waits_for
from domain.terms import State, TaskState

URGED_FROM = 75
"""From this rung of a helper's limit on its lead is to urge it, until the limit is over."""


@dataclass(frozen=True, kw_only=True)
class ShownDue:
    """When a joint case is due, and which kind of limit says so.

    `clock_id` is that of the case's own clock; empty where a task's limit says so.
    """

    at: datetime
    kind: ClockKind
    clock_id: str = ""


class Owed(StrEnum):
    """What the lead of a joint case answers for beside its own task."""

    LATE_SUMMARY = "late_summary"
    NOT_URGED = "not_urged"


@dataclass(frozen=True, kw_only=True)
class LeadOwes:
    """One thing that the lead answers for.

    Attributes:
        owed: What.
        unit: Who led.
        task_no: The helper's task that is late; 0 for the summary.
        due: The limit that was not kept.
    """

    owed: Owed
    unit: str
    task_no: int = 0
    due: datetime


def shown_due(case: Case, book: Book) -> ShownDue | None:
    """Latest due time of the tasks that the case waits for, capped by the promise.

    A task that has not begun counts from when what it waits for is due, within its own limit.
    Where a limit waits that counts, only the promise says when; None: nothing does. Once the
    departments are done, it is the lead's limit to sum up.
    """
    calendars = book.calendars
    whole, summary = _running(case, ClockKind.WHOLE), _running(case, ClockKind.SUM_UP)
    cap = clocks_.due_at(whole, calendars) if whole else None
    at = clocks_.due_at(summary, calendars) if summary else _latest(case, book)
    if whole and cap and (at is None or cap < at):
        return ShownDue(at=cap, kind=whole.kind, clock_id=whole.clock_id)
    if at is None:
        return None
    if summary is not None:
        return ShownDue(at=at, kind=summary.kind, clock_id=summary.clock_id)
    return ShownDue(at=at, kind=ClockKind.HANDLE)


def _running(case: Case, kind: ClockKind) -> Clock | None:
    last = last_of(case.clocks, kind)
    return last if last is not None and last.stopped_at is None else None


def _latest(case: Case, book: Book) -> datetime | None:
    """When the last of the open tasks is due that the case waits for."""
    ends = _ends(case, book)
    wanted = required(case.tasks, case.finish, case.quorum, ends)
    of = [ends[one.task_no] for one in wanted if one.task_no in ends]
    known = [one for one in of if one is not None]
    return max(known) if known and len(known) == len(of) else None


def _ends(case: Case, book: Book) -> dict[int, datetime | None]:
    """When each open task is due; None: its limit waits."""
    tasks = {one.task_no: one for one in shares(case.tasks) if is_open(one)}
    calendar = book.calendars[case.calendar or book.calendar]
    found: dict[int, datetime | None] = {}
    while len(found) < len(tasks):
        left = tasks.keys() - found
        number = next(one for one in tasks if one in left and left.isdisjoint(tasks[one].after))
        task = tasks[number]
        begins = _begins(case, task, found)
        if task.due is not None or begins is None or task.limit is None:
            found[number] = task.due
        else:
            found[number] = calendar.after(begins, task.limit)
    return found


def _begins(case: Case, task: Task, ends: Mapping[int, datetime | None]) -> datetime | None:
    """Since when a task counts whose own timeline says nothing yet; None: it does, or waits.

    One that is dispatched tells a moment later when it is due.
    """
    if task.state is TaskState.DISPATCHED:
        return None if waits_for(case) else task.dispatched_at
    if task.state is not TaskState.PLANNED:
        return None
    awaited = [ends[on] for on in task.after if on in ends]
    since = [one for one in awaited if one is not None]
    return max(since, default=case.last_at) if len(since) == len(awaited) else None


def on_time(case: Case, tasks: Mapping[int, Case], calendars: Calendars) -> bool | None:
    """Whether a joint case was fed back within its promise, or else no required task is late.

    Args:
        case: The joint case.
        tasks: Its tasks by number, each by its own timeline.
        calendars: Calendars by key.

    Returns:
        None while it was not fed back since it was last opened.
    """
    if case.forced:
        return False
    if case.state in DERIVED | {State.CONSULTING}:
        return None
    at, whole = _fed_back_at(case), last_of(case.clocks, ClockKind.WHOLE)
    since = whole.started_at if whole else case.reported_at
    if at is None or (since and at < since):
        return None
    due = clocks_.due_at(whole, calendars) if whole else None
    if due is not None:
        return at <= due
    wanted = {one.task_no for one in required(case.tasks, case.finish, case.quorum, {})}
    return not any(
        _late_at(one, calendars) for number, one in tasks.items() if number in wanted
    )


def _fed_back_at(case: Case) -> datetime | None:
    """When it was last summed up: as received, though it was judged after a later event (§2.1).

    The lead's limit stopped then; the review began with the event.
    """
    review = last_of(case.clocks, ClockKind.REVIEW)
    if review is None:
        return None
    summed_up = [
        one.stopped_at
        for one in case.clocks
        if one.kind is ClockKind.SUM_UP
        and one.stopped_at is not None
        and one.stopped_at <= review.started_at
    ]
    return summed_up[-1] if summed_up else review.started_at


def lead_owes(
    case: Case, tasks: Mapping[int, Case], calendars: Calendars
) -> tuple[LeadOwes, ...]:
    """What the lead answers for: late summaries, and late helpers that it did not urge."""
    return (*_late_summaries(case, calendars), *_not_urged(case, tasks, calendars))


def _late_summaries(case: Case, calendars: Calendars) -> Iterator[LeadOwes]:
    for clock in case.clocks:
        due = clocks_.due_at(clock, calendars)
        if clock.kind is ClockKind.SUM_UP and due and _is_late(clock, calendars):
            unit = clock.owner.removeprefix("unit:")
            yield LeadOwes(owed=Owed.LATE_SUMMARY, unit=unit, due=due)


def _not_urged(
    case: Case, tasks: Mapping[int, Case], calendars: Calendars
) -> Iterator[LeadOwes]:
    """Of each late helper: whoever led when its limit was over, and had not urged it."""
    for helper in (one for one in case.tasks if one.joint):
        task = tasks.get(helper.task_no)
        late = _late_at(task, calendars) if task else None
        opens = clocks_.rung_at(late, URGED_FROM, calendars) if late else None
        due = clocks_.due_at(late, calendars) if late else None
        if opens is None or due is None:
            continue
        lead = _lead_at(case, due)
        if lead is None or lead.task_no == helper.task_no:
            continue
        if not any(opens <= at <= due for at in _urged(helper, lead)):
            yield LeadOwes(owed=Owed.NOT_URGED, unit=lead.unit, task_no=helper.task_no, due=due)


def _lead_at(case: Case, at: datetime) -> Lead | None:
    """Who led then; None: nobody did."""
    last = next((one for one in reversed(case.leads) if one.since <= at), None)
    return last if last is not None and last.unit else None


def _urged(helper: Task, lead: Lead) -> Iterator[datetime]:
    """When a lead urged a helper; what says nothing of who urged it counts."""
    yield from helper.urged
    yield from (one.at for one in helper.urges if one.unit == lead.unit)


def _late_at(task: Case, calendars: Calendars) -> Clock | None:
    """The last `handle` of a task that is late; None: it is not."""
    handle = last_of(task.clocks, ClockKind.HANDLE)
    return handle if handle and _is_late(handle, calendars) else None


def _is_late(clock: Clock, calendars: Calendars) -> bool:
    """Whether it ended late, or runs and is over."""
    if clock.stopped_at is not None:
        return clocks_.on_time(clock, calendars) is False
    return any(one.percent >= RED and not one.superseded for one in clock.fired)


def last_of(clocks: Iterable[Clock], kind: ClockKind) -> Clock | None:
    """The last clock of a kind: the one that was last worked under."""
    return next((one for one in reversed(tuple(clocks)) if one.kind is kind), None)
