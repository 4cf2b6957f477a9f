"""Moves of a joint case (联办): the plan, its tasks' ends, the lead's summary (§5).

What one of these moves means for a department's task is a command to the task's own timeline
(`domain.sequel`): it begins, changes or ends there. What follows from where the tasks stand
after a move is in `domain.settling`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from domain import clock as clocks_
from domain.clock import ClockKind, Outcome
from domain.deciding import not_in_emergency
from domain.facts import Task, Urge
from domain.joint import (
    finish_met,
    heard,
    held,
    is_open,
    is_running,
    lead_of,
    of_unit,
    shares,
)
from domain.move import REASONED, Move
from domain.people import UNIT_ROLES
from domain.plan import Plan, PlannedTask
from domain.plan_check import check_plan
from domain.promise import along, lengthen
from domain.ruled import by_chief, need_not_ruled, ruled_units
from domain.terms import Action, Finish, Role, State, TaskState
from domain.turn import Turn
from domain.turn_clocks import INSIDE_HANDLE
from domain.why import Because, Why


def can_plan(turn: Turn) -> None:
    """J1: a hold of one department, or a request of it, is decided first."""
    case = turn.case
    if case.joint:
        need_free(turn)
        return
    if case.state is State.ON_HOLD:
        turn.not_now(Because.ONE_ON_HOLD)
    if any(one.kind in {"extension", "hold"} for one in case.pending):
        turn.not_now(Because.ONE_ASKED)


def need_free(turn: Turn) -> None:
    """A plan that the command chief fixed is his to change, and nobody else's."""
    if turn.case.binding and not by_chief(turn):
        turn.not_now(Because.PLAN_RULED)


def plan_anew(turn: Turn) -> None:
    """J1: by the dispatcher; who was fixed before has no other way out, the others have."""
    wanted, task = turn.step.plan, turn.case.task
    kept = {one.task_no for one in wanted.tasks} if wanted else set()
    if wanted and task is not None and task.task_no not in kept:
        need_free(turn)
    plan(turn)


def plan(turn: Turn) -> None:
    """J1: the whole plan as it is to be; what is open and not in it is withdrawn."""
    wanted = turn.step.plan
    if wanted is None or not wanted.tasks:
        turn.refuse(Why.NEEDS_FIELD, field="plan")
    check_plan(turn, wanted)
    case = turn.case
    if not case.joint:
        _one_becomes_joint(turn, wanted)
    known = {one.task_no: one for one in turn.tasks.values() if one.joint}
    for entry in wanted.tasks:
        turn.put_task(_task(turn, entry, known.get(entry.task_no)))
    kept = {one.task_no for one in wanted.tasks}
    for number, task in known.items():
        if number not in kept:
            _leave_out(turn, task)
    turn.patch = replace(
        turn.patch,
        version=case.version + 1,
        joint=True,
        finish=wanted.finish,
        quorum=wanted.quorum,
        person="",
        asked="",
    )
    turn.notify = (
        *turn.notify,
        *(f"unit:{one.unit}" for one in wanted.tasks if one.task_no not in known),
    )


def _leave_out(turn: Turn, task: Task) -> None:
    """A plan goes without a task: it does not count any more, done or not."""
    if is_open(task):
        end_task(turn, task, TaskState.WITHDRAWN)
    left = turn.tasks[task.task_no]
    turn.put_task(replace(left, lead=False, gone_without=True))


def _task(turn: Turn, entry: PlannedTask, known: Task | None) -> Task:
    """An entry of the plan as a task; one that is there keeps where it stands."""
    limit = entry.limit or (known.limit if known else None) or turn.condition.limit
    to_do = known is None or is_open(known)
    ruled = to_do and entry.unit in ruled_units(turn.case.tasks)
    if known is None:
        return Task(
            task_no=entry.task_no,
            unit=entry.unit,
            state=TaskState.PLANNED,
            dispatched_at=turn.at,
            joint=True,
            lead=entry.lead,
            after=entry.after,
            limit=limit,
            ruling=ruled,
        )
    return replace(
        known,
        joint=True,
        lead=entry.lead,
        after=entry.after,
        limit=limit,
        gone_without=False,
        ruling=known.ruling or ruled,
    )


def _one_becomes_joint(turn: Turn, wanted: Plan) -> None:
    """The department that has the case moves into a task of its own, with all it has used.

    Where the plan goes without it, it is out, and leaves no facts. What was ruled fixes its
    task from now on, and not the plan.
    """
    turn.end_question()
    if turn.case.binding and turn.patch.binding is None:
        turn.patch = replace(turn.patch, binding=False)
    task = turn.case.task and turn.tasks[turn.case.task.task_no]
    if task is None or not is_open(task):
        return
    handle = turn.running(ClockKind.HANDLE)
    due = clocks_.due_at(handle, turn.book.calendars) if handle else None
    kept = any(one.task_no == task.task_no for one in wanted.tasks)
    if not kept:
        turn.stop_unless_late(ClockKind.HANDLE)
    for kind in (ClockKind.SIGN, *INSIDE_HANDLE):
        while turn.running(kind) is not None:
            turn.stop(kind, Outcome.VOID)
    if kept:
        case = turn.case
        turn.put_task(
            replace(
                task,
                joint=True,
                limit=turn.condition.limit,
                due=due,
                extended=case.extended,
                extended_by=case.extended_by,
                ruling=task.ruling or case.binding,
            )
        )
    else:
        turn.set_task(TaskState.WITHDRAWN)
        turn.notify = (f"unit:{task.unit}",)


def end_task(turn: Turn, task: Task, state: TaskState) -> None:
    """The case ends a task that is open; its own timeline hears of it."""
    turn.put_task(replace(task, state=state, ended_at=turn.at, offered_to=""))
    turn.notify = (*turn.notify, f"unit:{task.unit}")


def need_joint(turn: Turn) -> None:
    """Of one department there is nothing to link."""
    if not turn.case.joint:
        turn.not_now(Because.NOT_JOINT)


def can_waive(turn: Turn) -> None:
    """J2: of a plan that may be changed."""
    need_joint(turn)
    need_free(turn)


def open_task(turn: Turn) -> Task:
    """The task that the step names; it must not have ended."""
    task = turn.tasks.get(turn.step.task)
    if task is None or not task.joint:
        turn.refuse(Why.UNKNOWN_CODE, field="task", value=str(turn.step.task))
    if not is_open(task):
        turn.not_now(Because.TASK_HAS_ENDED)
    return task


def urge_task(turn: Turn) -> None:
    """J6: the lead or the centre asks a department to hurry; it is on record."""
    task = open_task(turn)
    if not is_running(task):
        turn.not_now(Because.TASK_WAITS)
    by = turn.case.unit if turn.role in UNIT_ROLES else ""
    turn.put_task(replace(task, urges=(*task.urges, Urge(at=turn.fact_at, unit=by))))


def waive(turn: Turn) -> None:
    """J2: what a department was to do is not needed any more."""
    turn.need_reason()
    task = open_task(turn)
    if task.lead:
        turn.not_now(Because.LEAD_STAYS)
    need_not_ruled(turn, task)
    end_task(turn, task, TaskState.WAIVED)


def task_ended(turn: Turn) -> None:
    """J4: what a task's own timeline says of its end; a later word of one changes nothing."""
    _hear(turn)
    moved = turn.step.moved
    if moved is not None and moved.state in {TaskState.RETURNED, TaskState.WITHDRAWN}:
        turn.notify = (f"role:{Role.DISPATCHER}",)


def task_moved(turn: Turn) -> None:
    """J5: where a task stands by its own timeline."""
    _hear(turn)


def _hear(turn: Turn) -> None:
    """Take over what a task's own timeline says, while the case holds the task open."""
    moved = turn.step.moved
    if moved is None:
        turn.refuse(Why.NEEDS_FIELD, field="task")
    known = turn.tasks.get(moved.task_no)
    if known is None or not is_open(known):
        return
    turn.put_task(heard(known, moved))
    if moved.asks and not known.asks:
        turn.notify = ("reporter", f"role:{Role.ACCEPTOR}")
    if moved.extended > known.extended:
        promise_more(turn, moved)
        turn.notify = (*turn.notify, "reporter")


def promise_more(turn: Turn, task: Task) -> None:
    """T39: the promise to the citizen moves as far as the task that was extended most."""
    whole = turn.running(ClockKind.WHOLE)
    if whole is None:
        return
    known = task.extended_by
    unknown = sum((-one.amount for one in known), task.extended)
    far = sum((along(turn, whole, one) for one in known), unknown)
    lengthen(turn, whole, far - whole.extended)


def can_sum_up(turn: Turn) -> None:
    """J3: the departments are done, as the finish rule has it, and the case is not on hold.

    A ruling binds the next plan, and so the summary waits for that plan.
    """
    need_joint(turn)
    case = turn.case
    not_in_emergency(turn)
    if lead_of(case.tasks) is None:
        turn.not_now(Because.NO_LEAD)
    if not finish_met(case):
        turn.not_now(Because.NOT_ALL_DONE)
    for unit in sorted(ruled_units(case.tasks)):
        turn.not_now(Because.PLAN_WITHOUT_RULED, unit=unit)
    if held(case):
        turn.not_now(Because.CASE_ON_HOLD)


def sum_up(turn: Turn) -> None:
    """J3: the lead answers for all; who is still open is let off (`lead`)."""
    if turn.role is not Role.SYSTEM:
        turn.need_text()
    for task in shares(turn.case.tasks):
        if is_open(task):
            end_task(turn, task, TaskState.WAIVED)
    turn.stop(ClockKind.SUM_UP)
    lead = lead_of(turn.case.tasks)
    person = lead.person if lead and turn.role is Role.SYSTEM else turn.actor.person
    turn.patch = replace(turn.patch, handled_by=person)
    turn.start_stage(ClockKind.REVIEW)


def rework(turn: Turn) -> None:
    """A joint case failed: the tasks named go on in a new round, the others stay done.

    Who opens a closed case again need not know whose share it was: then it is the lead's.
    """
    case, step = turn.case, turn.step
    lead = lead_of(case.tasks)
    named = step.tasks
    if not named and lead is not None and case.state is State.CLOSED:
        named = (lead.task_no,)
    if not named:
        turn.refuse(Why.NEEDS_FIELD, field="tasks")
    take_up(turn, named, rounds=1)
    turn.patch = replace(
        turn.patch, round=case.round + 1, asked="", unables=0 if case.unables else None
    )


def plan_again(turn: Turn) -> None:
    """T59: nothing of it can be taken up; the dispatcher plans it from the start."""
    case = turn.case
    turn.patch = replace(turn.patch, round=case.round + 1, unables=0 if case.unables else None)
    turn.notify = (f"role:{Role.DISPATCHER}",)


def take_up(turn: Turn, named: Iterable[int], *, rounds: int = 0) -> None:
    """Tasks that are done go on: in a new round, or where they stopped.

    No reply that was given before sums the case up any more. Where enough helpers end it, so
    many are needed as were done, so that those named are not let go at once.
    """
    left = turn.left
    if left.finish is Finish.SOME:
        done = [one for one in shares(left.tasks) if one.state is TaskState.DONE]
        helpers = sum(not one.lead for one in done)
        if helpers > left.quorum:
            turn.patch = replace(turn.patch, quorum=helpers)
    for one in turn.tasks.values():
        if one.for_citizen:
            turn.put_task(replace(one, for_citizen=False))
    for number in dict.fromkeys(named):
        task = turn.tasks.get(number)
        if task is None or not task.joint or task.gone_without:
            turn.refuse(Why.UNKNOWN_CODE, field="task", value=str(number))
        if task.state is not TaskState.DONE:
            turn.not_now(Because.TASK_NOT_DONE, task=str(number))
        if of_unit(turn.tasks.values(), task.unit):
            turn.not_now(Because.UNIT_HAS_TASK, unit=task.unit)
        turn.put_task(
            replace(
                task,
                state=TaskState.HANDLING,
                ended_at=None,
                rounds=task.rounds + rounds,
            )
        )
        turn.notify = (*turn.notify, f"unit:{task.unit}")


MOVES: Mapping[Action, Move] = MappingProxyType(
    {
        Action.PLAN: Move(do=plan_anew, when=can_plan, needs=("plan", "text?")),
        Action.WAIVE: Move(do=waive, when=can_waive, needs=("task", *REASONED)),
        Action.URGE_TASK: Move(do=urge_task, when=need_joint, needs=("task", "text?")),
        Action.SUM_UP: Move(do=sum_up, when=can_sum_up, needs=("text",)),
        Action.TASK_MOVED: Move(do=task_moved, when=need_joint),
        Action.TASK_ENDED: Move(do=task_ended, when=need_joint),
    }
)
