"""What the moves of a joint case mean for its departments' tasks, and theirs for the case."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from domain.book import Book
from domain.case import Case, Event, Patch
from domain.clock import Clock, ClockKind
from domain.command import Birth, Command, Step
from domain.facts import Task
from domain.joint import as_seen, is_open, merged, task_id
from domain.joint_response import scopes_of
from domain.people import SYSTEM
from domain.take import take
from domain.terms import TASK_ENDS, Action, State, TaskState
from domain.turn_clocks import INSIDE_HANDLE, stage_of

ENDED_BY: dict[TaskState, Action] = {
    TaskState.WITHDRAWN: Action.CANCEL_TASK,
    TaskState.WAIVED: Action.WAIVE,
}
"""How the case ends a task that is open."""
BY_THE_CASE = frozenset({Action.CANCEL_TASK, Action.WAIVE})
"""Ends that the case has brought about itself, and knows of."""
BY_THE_TASK = frozenset({Action.TASK_MOVED, Action.TASK_ENDED})
"""What a task's own timeline said; it need not be told that."""


@dataclass(frozen=True, kw_only=True)
class Share:
    """A department's share of a joint case as the plan has it, before and while it runs.

    Attributes:
        case_no: Number of its own timeline.
        task: As the plan has it.
        scope: What it is to do; None: unchanged.
        at: Since when.
    """

    case_no: str
    task: Task
    scope: str | None
    at: datetime


def shares_of(
    before: Case, after: Case, event: Event, command: Command | None, book: Book
) -> Iterator[Share]:
    """The shares that an event plans or ends."""
    scopes: dict[int, str] = {}
    if event.action is Action.PLAN and command is not None and event.step >= 0:
        plan = command.steps[event.step].plan
        scopes = {one.task_no: one.scope for one in plan.tasks} if plan else {}
    if event.action in {Action.DECLARE, Action.REGRADE}:
        there = {one.task_no for one in before.tasks} if before.joint else set()
        new = (one for one in event.tasks if one.task_no not in there)
        scopes = scopes_of(after, new, book)
    if event.action in BY_THE_TASK:
        return
    for task in event.tasks:
        if task.joint:
            yield Share(
                case_no=task_id(after.case_no, task.task_no),
                task=task,
                scope=scopes.get(task.task_no),
                at=event.at,
            )


def steps_of(before: Case, after: Case, event: Event) -> Iterator[tuple[str, Step]]:
    """What an event of a joint case asks of its tasks' own timelines."""
    known = {one.task_no: one for one in before.tasks}
    for task in event.tasks:
        if not task.joint:
            continue
        step = _step(before, after, known.get(task.task_no), task)
        heard = event.action in BY_THE_TASK and (step and step.action) is not Action.BEGIN_TASK
        if step is not None and not heard:
            yield task_id(after.case_no, task.task_no), step


def _begins(old: Task | None, task: Task) -> bool:
    waited = old is None or old.state is TaskState.PLANNED
    return waited and task.state is TaskState.DISPATCHED


def _step(before: Case, after: Case, old: Task | None, task: Task) -> Step | None:
    """What the change of one task asks of its own timeline."""
    birth = _birth(before, after, old, task)
    if birth is not None:
        return Step(action=Action.BEGIN_TASK, other=after.case_no, birth=birth)
    if old is None or not old.joint or old.state is TaskState.PLANNED:
        return None
    asked = None
    if not is_open(old):
        again = old.state is TaskState.DONE and is_open(task)
        asked = Step(action=Action.REWORK) if again else None
    elif task.state in ENDED_BY:
        asked = Step(action=ENDED_BY[task.state])
    elif (old.lead, old.limit, before.urgent) != (task.lead, task.limit, after.urgent):
        urgent = after.urgent if after.urgent is not before.urgent else None
        asked = Step(action=Action.CHANGE_TASK, lead=task.lead, limit=task.limit, urgent=urgent)
    return replace(asked, other=after.case_no) if asked else None


def _birth(before: Case, after: Case, old: Task | None, task: Task) -> Birth | None:
    """How a task begins: anew, or as the turn of the one department that had the case."""
    if _begins(old, task):
        return Birth(state=State.DISPATCHED, patch=_facts(after, task))
    if old is not None and not old.joint and is_open(old) and is_open(task):
        return _moved_in(before, after, old, task)
    return None


def _facts(case: Case, task: Task) -> Patch:
    """What a task has from its case, and from the plan."""
    return Patch(
        parent=case.case_no,
        task_no=task.task_no,
        lead=task.lead,
        own_limit=task.limit,
        unit=task.unit,
        source=case.source,
        reported_at=case.reported_at,
        grid=case.grid,
        subclass=case.subclass,
        condition=case.condition,
        drill=True if case.drill else None,
        urgent=case.urgent,
        flagged_urgent=case.flagged_urgent,
        photo_required=case.photo_required,
        has_contact=case.has_contact,
        policy=case.policy,
        catalogue=case.catalogue,
        calendar=case.calendar,
    )


def _moved_in(before: Case, after: Case, old: Task, task: Task) -> Birth:
    """The one department's turn as a task: used time, pauses, rungs and returns go with it."""
    own = replace(task, task_no=1, joint=False, after=(), state=old.state)
    return Birth(
        state=before.state,
        patch=replace(
            _facts(after, task),
            person=old.person,
            returns=tuple(one for one in before.returns if one.unit == task.unit),
            extensions=before.extensions,
            extended=before.extended,
            holds=before.holds,
            objected=before.objected,
            binding=before.binding,
            escalation=before.escalation,
            round=old.rounds,
        ),
        clocks=tuple(
            _first(one)
            for one in before.clocks
            if one.kind in {ClockKind.SIGN, *INSIDE_HANDLE} and one.stopped_at is None
        ),
        tasks=(own,),
    )


def _first(clock: Clock) -> Clock:
    """The clock as the first of its kind on a timeline of its own."""
    kind = clock.kind.value
    stage = f":{stage_of(clock)}" if clock.kind is ClockKind.STAGE else ""
    return replace(clock, clock_id=f"{kind}{stage}")


def end_of(before: Case, after: Case, event: Event, command: Command | None) -> Step | None:
    """What the end of a task asks of its case, where the case did not bring it about."""
    ended = after.state in TASK_ENDS and before.state not in TASK_ENDS
    if not after.parent or not ended or event.action in BY_THE_CASE:
        return None
    asked = command.steps[event.step] if command and event.step >= 0 else None
    seen = as_seen(after, for_citizen=bool(asked and asked.for_citizen))
    return Step(action=Action.TASK_ENDED, other=after.case_no, moved=seen)


def follow(case: Case, task: Case, book: Book) -> Event | None:
    """The event by which a joint case follows a task that moved on and has not ended."""
    known = {one.task_no: one for one in case.tasks}.get(task.task_no)
    seen = as_seen(task)
    if known is None or seen is None or task.last_at is None:
        return None
    if case.ended or task.state in TASK_ENDS or not is_open(known):
        return None
    if merged(known, seen) == known:
        return None
    step = Step(action=Action.TASK_MOVED, moved=seen)
    turn = take(case, step, SYSTEM, task.last_at, book)
    return turn.apply(cause_id=f"{task.case_no}/{task.seq}", index=-1)[1]
