"""What the moves of a joint case mean for its departments' tasks, and theirs for the case."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from domain import clock as clocks_
from domain.book import Book
from domain.case import Case, Event
from domain.clock import Clock, ClockKind
from domain.command import Birth, Command, Step
from domain.facts import Task
from domain.joint import (
    STATE_OF_TASK,
    as_seen,
    asking,
    heard,
    is_open,
    of_unit,
    offered,
    task_id,
    waits_for,
)
from domain.joint_response import scopes_of
from domain.patch import Patch
from domain.people import SYSTEM
from domain.repin import versions_in
from domain.take import take
from domain.terms import TASK_ENDS, Action, Role, State, TaskState
from domain.turn_clocks import INSIDE_HANDLE, stage_of

ENDED_BY: dict[TaskState, Action] = {
    TaskState.WITHDRAWN: Action.CANCEL_TASK,
    TaskState.WAIVED: Action.WAIVE,
}
"""How the case ends a task that is open."""
PLANNED_BY = frozenset({Action.PLAN, Action.RULE, Action.DECIDE})
"""Moves that may make a plan the case's; without a command it is the policy's (◆)."""
BY_THE_CASE = frozenset({Action.CANCEL_TASK, Action.WAIVE})
"""Ends that the case has brought about itself, and knows of."""


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
    if event.action in PLANNED_BY:
        asked = command.steps[event.step].plan if command and event.step >= 0 else None
        plan = asked or book.flow_of(after).joint_plan
        scopes = {one.task_no: one.scope for one in plan.tasks} if plan else {}
    if event.action in {Action.DECLARE, Action.REGRADE}:
        there = {one.task_no for one in before.tasks} if before.joint else set()
        new = (one for one in event.tasks if one.task_no not in there)
        scopes = scopes_of(after, new, book)
    for task in event.tasks:
        if task.joint and not _own_word(event, command, task):
            yield Share(
                case_no=task_id(after.case_no, task.task_no),
                task=task,
                scope=scopes.get(task.task_no),
                at=event.at,
            )


def steps_of(
    before: Case, after: Case, event: Event, command: Command | None
) -> Iterator[tuple[str, Step]]:
    """What an event of a joint case asks of its tasks' own timelines."""
    known = {one.task_no: one for one in before.tasks}
    for task in after.tasks:
        if not task.joint:
            continue
        step = _step(before, after, known.get(task.task_no), task)
        begins = step is not None and step.action is Action.BEGIN_TASK
        if step is not None and (begins or not _own_word(event, command, task)):
            yield task_id(after.case_no, task.task_no), step
    asked = command.steps[event.step] if command and event.step >= 0 else None
    text = asked.text if asked else ""
    for task, action in _passed_on(before, after, event):
        step = Step(action=action, other=after.case_no, text=text)
        yield task_id(after.case_no, task.task_no), step
    was = _overtaken(before)
    for number, unit in _overtaken(after).items():
        if was.get(number) != unit:
            stop = Step(action=Action.STOP_HANDOVER, other=after.case_no, unit=unit)
            yield task_id(after.case_no, number), stop


def _overtaken(case: Case) -> dict[int, str]:
    """Tasks offered to a unit that has one of its own: it cannot take them any more (K14)."""
    tasks = case.tasks
    found = (one for one in offered(tasks) if of_unit(tasks, one.offered_to))
    return {one.task_no: one.offered_to for one in found}


def _own_word(event: Event, command: Command | None, task: Task) -> bool:
    """Whether the event is what the task itself said, and so need not be told."""
    if event.action is Action.TASK_MOVED:
        return any(one.task_no == task.task_no for one in event.tasks)
    if event.action is not Action.TASK_ENDED:
        return False
    moved = command.steps[event.step].moved if command and event.step >= 0 else None
    return moved is None or moved.task_no == task.task_no


def _passed_on(before: Case, after: Case, event: Event) -> Iterator[tuple[Task, Action]]:
    """What is said on the case and meant for a task: the reporter's answer, an urge (J6)."""
    by_reporter = event.role is Role.REPORTER
    if event.action is Action.REPLY or (event.action is Action.SUPPLEMENT and by_reporter):
        yield from ((one, Action.REPLY) for one in asking(before.tasks))
    if event.action is Action.URGE_TASK:
        urges = {one.task_no: one.urges for one in before.tasks}
        for one in after.tasks:
            if one.urges != urges.get(one.task_no, ()):
                yield one, Action.URGE


def _begins(old: Task | None, task: Task) -> bool:
    waited = old is None or old.state is TaskState.PLANNED
    return waited and task.state is TaskState.DISPATCHED


def _step(before: Case, after: Case, old: Task | None, task: Task) -> Step | None:
    """What the change of one task asks of its own timeline."""
    birth = _birth(before, after, old, task)
    waits = waits_for(after) or None
    if birth is not None:
        return Step(action=Action.BEGIN_TASK, other=after.case_no, birth=birth, waits=waits)
    if old is None or not old.joint or old.state is TaskState.PLANNED:
        return None
    asked = None
    if not is_open(old):
        again = old.state is TaskState.DONE and is_open(task)
        asked = _taken_up(after, old, task) if again else None
    elif task.state in ENDED_BY:
        asked = Step(action=ENDED_BY[task.state])
    else:
        asked = _changed(before, after, old, task)
    return replace(asked, other=after.case_no) if asked else None


def _taken_up(after: Case, old: Task, task: Task) -> Step:
    """A task that was done goes on: in a new round, or where it stopped (T30)."""
    return Step(
        action=Action.GO_ON if task.rounds == old.rounds else Action.REWORK,
        lead=task.lead,
        limit=task.limit,
        binding=_bound(after, task) or None,
        waits=waits_for(after) or None,
        birth=Birth(state=after.state, patch=_pinned(after)),
    )


def _changed(before: Case, after: Case, old: Task, task: Task) -> Step | None:
    """What is otherwise for a task: its case's versions or class, the plan, a wait of all."""
    if versions_in(after) != versions_in(before):
        birth = Birth(state=after.state, patch=_pinned(after))
        return Step(action=Action.REPIN, limit=task.limit, birth=birth)
    waits, facts = waits_for(after), _shared(after)
    fixed = after.binding > before.binding or task.ruling > old.ruling
    step = Step(
        action=Action.CHANGE_TASK,
        waits=waits if waits != waits_for(before) else None,
        binding=True if fixed else None,
        birth=Birth(state=after.state, patch=facts) if facts != _shared(before) else None,
    )
    if step == Step(action=Action.CHANGE_TASK) and (old.lead, old.limit) == (
        task.lead,
        task.limit,
    ):
        return None
    return replace(step, lead=task.lead, limit=task.limit)


def _bound(case: Case, task: Task) -> bool:
    """Whether the unit cannot return its task: the plan was fixed, or that one task was."""
    return case.binding or task.ruling


def _shared(case: Case) -> Patch:
    """What a case and its tasks have in common, and may change while they run."""
    return Patch(
        grid=case.grid,
        subclass=case.subclass,
        condition=case.condition,
        urgent=case.urgent,
        flagged_urgent=case.flagged_urgent,
        photo_required=case.photo_required,
        returns=case.counted_returns or None,
        barred=case.barred or None,
    )


def _pinned(case: Case) -> Patch:
    """The same, with the versions that both are judged by."""
    return replace(
        _shared(case), policy=case.policy, catalogue=case.catalogue, calendar=case.calendar
    )


def _birth(before: Case, after: Case, old: Task | None, task: Task) -> Birth | None:
    """How a task begins: anew, or as the turn of the one department that had the case."""
    if _begins(old, task):
        return Birth(state=State.DISPATCHED, patch=_facts(after, task))
    if old is not None and not old.joint and is_open(task):
        return _moved_in(before, after, task)
    return None


def _facts(case: Case, task: Task) -> Patch:
    """What a task has from its case, and from the plan."""
    return replace(
        _pinned(case),
        parent=case.case_no,
        task_no=task.task_no,
        lead=task.lead,
        own_limit=task.limit,
        unit=task.unit,
        source=case.source,
        reported_at=case.reported_at,
        drill=True if case.drill else None,
        binding=_bound(case, task) or None,
        has_contact=case.has_contact,
        reexaminations=case.reexaminations or None,
    )


def _moved_in(before: Case, after: Case, task: Task) -> Birth:
    """The one department's turn as a task: used time, pauses, rungs and returns go with it."""
    own = replace(task, task_no=1, joint=False, after=())
    return Birth(
        state=STATE_OF_TASK[task.state],
        patch=replace(
            _facts(after, task),
            person=task.person,
            returns=after.returns,
            extensions=before.extensions,
            extended=before.extended,
            extended_by=before.extended_by,
            holds=before.holds,
            objected=before.objected,
            binding=before.binding or after.binding,
            escalation=before.escalation,
            round=task.rounds,
        ),
        clocks=tuple(_first(one) for one in _running(before, after)),
        tasks=(own,),
    )


def _running(before: Case, after: Case) -> Iterator[Clock]:
    """The limits that move into the task: as they ran till now, or as they begin now.

    What held them up was the case's affair, and is over.
    """
    was = {one.clock_id: one for one in before.clocks}
    for one in after.clocks:
        if one.kind not in {ClockKind.SIGN, *INSIDE_HANDLE}:
            continue
        known = was.get(one.clock_id)
        if known is None:
            yield replace(one, stopped_at=None, outcome=None)
        elif known.stopped_at is None:
            waits = known.paused and after.last_at
            yield clocks_.resume(known, waits) if waits else known


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
    seen = as_seen(after, {}, for_citizen=bool(asked and asked.for_citizen))
    return Step(action=Action.TASK_ENDED, other=after.case_no, moved=seen)


def follow(case: Case, task: Case, book: Book) -> Event | None:
    """The event by which a joint case follows a task that moved on and has not ended."""
    known = {one.task_no: one for one in case.tasks}.get(task.task_no)
    seen = as_seen(task, book.calendars)
    if known is None or seen is None or task.last_at is None:
        return None
    if case.ended or task.state in TASK_ENDS or not is_open(known):
        return None
    if heard(known, seen) == known:
        return None
    step = Step(action=Action.TASK_MOVED, moved=seen)
    turn = take(case, step, SYSTEM, task.last_at, book)
    return turn.apply(cause_id=f"{task.case_no}/{task.seq}", index=-1)[1]
