"""A joint case (联办): what follows for it from where its departments' tasks stand (§5)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from domain import clock as clocks_
from domain.case import Case
from domain.clock import Calendars, ClockKind
from domain.facts import Task
from domain.pausing import CASE_HOLD, CONSULTATION
from domain.terms import ENDED_TASKS, Finish, State, TaskState

TASK_STATE: dict[State, TaskState] = {
    State.PLANNED: TaskState.PLANNED,
    State.DISPATCHED: TaskState.DISPATCHED,
    State.SIGNED: TaskState.SIGNED,
    State.HANDLING: TaskState.HANDLING,
    State.RETURNED: TaskState.RETURN_REQUESTED,
    State.ARBITRATING: TaskState.RETURN_REQUESTED,
    State.HANDOVER_OFFERED: TaskState.HANDOVER_OFFERED,
    State.ON_HOLD: TaskState.ON_HOLD,
    State.TASK_DONE: TaskState.DONE,
    State.TASK_RETURNED: TaskState.RETURNED,
    State.TASK_WITHDRAWN: TaskState.WITHDRAWN,
    State.TASK_WAIVED: TaskState.WAIVED,
}
"""How the joint case sees a task, by the state that the task itself is in."""
STATE_OF_TASK: dict[TaskState, State] = {
    seen: own for own, seen in TASK_STATE.items() if own is not State.ARBITRATING
}
"""The other way: the task's own state."""
DERIVED = frozenset(
    {State.FILED, State.DISPATCHED, State.SIGNED, State.HANDLING, State.ON_HOLD}
)
"""States that a joint case has from its tasks; in all others it stands by a move of its own."""
WAIVED_FOR = frozenset({TaskState.DONE, TaskState.WAIVED})
"""Ends of a task that let those begin that wait for it."""
OUT = ENDED_TASKS - {TaskState.DONE}
"""Ends of a task that did nothing for the case."""
NUMBER = r"[0-9]{19}(?:\.t[1-9][0-9]{0,2})?"
"""Form of a number that has a timeline of its own: a case's, or a task's of a joint case."""


def task_id(case_no: str, task_no: int) -> str:
    """Number of a task's own timeline: `9901062026112300001.t2`."""
    return f"{case_no}.t{task_no}"


def case_of_task(number: str) -> str:
    """Number of the joint case that a task belongs to; empty for a case's own number."""
    case_no, dot, _ = number.partition(".t")
    return case_no if dot else ""


def as_seen(task: Case, calendars: Calendars, *, for_citizen: bool = False) -> Task | None:
    """What a joint case is told of a task, by the task's own timeline; None before it began."""
    if not task.tasks:
        return None
    own = task.tasks[-1]
    runs = (one for one in task.clocks if one.kind is ClockKind.HANDLE and not one.stopped_at)
    handle = next(runs, None)
    return Task(
        task_no=task.task_no,
        unit=task.unit,
        person=own.person or task.handled_by,
        state=TASK_STATE[task.state],
        dispatched_at=own.dispatched_at,
        signed_at=own.signed_at,
        ended_at=own.ended_at,
        sub_unit=own.sub_unit,
        stages=own.stages,
        for_citizen=for_citizen,
        ruling=task.binding or task.state is State.ARBITRATING,
        ruled_to=own.ruled_to,
        asks=task.question.at if task.question else None,
        offered_to=task.offered_to,
        extended=task.extended,
        due=clocks_.due_at(handle, calendars) if handle else None,
        extended_by=task.extended_by,
        returns=tuple(one for one in task.counted_returns if one.task_no == task.task_no),
    )


def heard(known: Task, seen: Task) -> Task:
    """A task of the plan as its own timeline has it; the plan's part stays."""
    return replace(
        seen,
        joint=True,
        lead=known.lead,
        after=known.after,
        limit=known.limit,
        rounds=known.rounds,
        gone_without=known.gone_without,
        ruling=known.ruling or seen.ruling,
        urged=known.urged,
        urges=known.urges,
    )


def shares(tasks: Iterable[Task]) -> tuple[Task, ...]:
    """The tasks of the plan that counts: no longer those that it goes without."""
    return tuple(one for one in tasks if one.joint and not one.gone_without)


def lead_of(tasks: Iterable[Task]) -> Task | None:
    """The task that leads; None while there is none: returned, or withdrawn."""
    return next((one for one in shares(tasks) if one.lead and one.state not in OUT), None)


def needs_plan(tasks: Iterable[Task]) -> bool:
    """Whether a joint case goes on by a new plan only.

    Nobody leads it, a planned task waits for one that is out, or a ruling names another unit.
    """
    found = shares(tasks)
    out = {
        one.task_no for one in found if one.state in {TaskState.RETURNED, TaskState.WITHDRAWN}
    }
    never = any(one.state is TaskState.PLANNED and out.intersection(one.after) for one in found)
    return never or lead_of(found) is None or any(one.ruled_to for one in found)


def goes_on(case: Case, named: Iterable[int]) -> bool:
    """Whether a closed joint case has a share to take up again: those named, or its lead's."""
    return any(named) or lead_of(case.tasks) is not None


def held(case: Case) -> bool:
    """Whether the whole joint case is on hold, by a consultation's decision (T57)."""
    return any(one.kind is ClockKind.HOLD and one.stopped_at is None for one in case.clocks)


def waits_for(case: Case) -> str:
    """Why a joint case waits as a whole, and its tasks' limits with it; empty: it does not."""
    if not case.joint:
        return ""
    if case.state is State.CONSULTING:
        return CONSULTATION
    return CASE_HOLD if case.state is State.ON_HOLD and held(case) else ""


def asking(tasks: Iterable[Task]) -> tuple[Task, ...]:
    """The tasks whose units wait for the reporter's answer (T43)."""
    return tuple(one for one in shares(tasks) if is_open(one) and one.asks is not None)


def of_unit(tasks: Iterable[Task], unit: str) -> tuple[Task, ...]:
    """The open tasks of the plan that a unit has: one at most."""
    return tuple(one for one in shares(tasks) if is_open(one) and one.unit == unit)


def offered(tasks: Iterable[Task]) -> tuple[Task, ...]:
    """The tasks that wait for another unit to take them over."""
    return tuple(one for one in shares(tasks) if is_open(one) and one.offered_to)


def is_open(task: Task) -> bool:
    """Whether it has not ended."""
    return task.state not in ENDED_TASKS


def is_running(task: Task) -> bool:
    """Whether it has begun and not ended."""
    return is_open(task) and task.state is not TaskState.PLANNED


def ready(tasks: Iterable[Task]) -> tuple[Task, ...]:
    """Planned tasks that wait for nothing any more."""
    found = shares(tasks)
    settled = {one.task_no for one in found if one.state in WAIVED_FOR}
    return tuple(
        one for one in found if one.state is TaskState.PLANNED and settled.issuperset(one.after)
    )


def finish_met(case: Case) -> bool:
    """Whether the departments are done, so that the lead can sum up.

    `all`: each is done or was let off, and one at least is done. `lead`: the lead is done, and
    so is what was taken up again: a check, or who sent the summary back, asked for just that.
    `some`: the lead and so many helpers are done.
    """
    found = shares(case.tasks)
    lead = lead_of(found)
    if lead is None:
        return False
    done = [one for one in found if one.state is TaskState.DONE]
    match case.finish:
        case Finish.ALL:
            settled = WAIVED_FOR | {TaskState.WITHDRAWN}
            return bool(done) and all(one.state in settled for one in found)
        case Finish.LEAD:
            return lead.state is TaskState.DONE and not _taken_up(case)
        case Finish.SOME:
            helpers = sum(not one.lead for one in done)
            return lead.state is TaskState.DONE and helpers >= case.quorum


def _taken_up(case: Case) -> tuple[Task, ...]:
    """Open tasks that were done before: in a new round, or since the lead summed up."""
    reviews = [one.started_at for one in case.clocks if one.kind is ClockKind.REVIEW]

    def again(task: Task) -> bool:
        return task.rounds > 1 or any(task.dispatched_at < at for at in reviews)

    return tuple(one for one in shares(case.tasks) if is_open(one) and again(one))


def required(
    tasks: Iterable[Task], finish: Finish, quorum: int, ends: Mapping[int, datetime | None]
) -> tuple[Task, ...]:
    """The tasks that a joint case waits for: all, or its lead's, and enough helpers'.

    Those that they wait for are among them. Of the helpers those count that are done first.

    Args:
        tasks: The case's tasks.
        finish: When the departments are done.
        quorum: How many helpers must be, by the rule `some`.
        ends: When those are due that have not ended; None: its limit waits.
    """
    found = {one.task_no: one for one in shares(tasks)}
    lead = lead_of(found.values())
    if finish is Finish.ALL or lead is None:
        return tuple(found.values())

    def order(helper: Task) -> tuple[int, datetime]:
        if helper.state is TaskState.DONE:
            return 0, helper.ended_at or helper.dispatched_at
        at = ends.get(helper.task_no)
        return (2, helper.dispatched_at) if at is None else (1, at)

    may = [one for one in found.values() if one is not lead and one.state not in OUT]
    helpers = sorted(may, key=order)[:quorum] if finish is Finish.SOME else []
    wanted: set[int] = set()
    more = {one.task_no for one in (lead, *helpers)}
    while more:
        wanted |= more
        more = {on for one in more for on in found[one].after if on in found} - wanted
    return tuple(one for number, one in found.items() if number in wanted)


def state_of(case: Case) -> State:
    """Where a joint case stands as its tasks stand; its own moves decide in other states.

    Where it is on hold as a whole, it stays so. Where no task is open and the departments are
    not done, it is to be planned anew; while it waits for the lead to sum up, it is still being
    handled.
    """
    if case.state not in DERIVED:
        return case.state
    if held(case):
        return State.ON_HOLD
    found = shares(case.tasks)
    states = {one.state for one in found if is_open(one)}
    begun = states - {TaskState.PLANNED}
    if not states:
        return State.HANDLING if finish_met(case) else State.FILED
    if begun == {TaskState.ON_HOLD}:
        return State.ON_HOLD
    any_done = any(one.state is TaskState.DONE for one in found)
    if TaskState.HANDLING in states or any_done:
        return State.HANDLING
    return State.SIGNED if TaskState.SIGNED in states else State.DISPATCHED
