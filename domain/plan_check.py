"""What a plan of a joint case must hold to (J1): every reason why one is none, before it is."""

from domain.facts import Task
from domain.joint import is_open
from domain.out_of_case import not_returned_here, not_under_review
from domain.plan import Plan, PlannedTask, circle
from domain.ruled import by_chief, need_ruled, ruled_units
from domain.terms import Finish, TaskState
from domain.turn import Turn
from domain.why import Because, Why

LEAST = 2
"""Departments that make a case a joint one."""


def check_plan(turn: Turn, wanted: Plan) -> None:
    """Every reason why a plan is not one, before anything changes."""
    case, tasks = turn.case, wanted.tasks
    if len(tasks) < LEAST and not case.joint:
        turn.not_now(Because.PLAN_OF_ONE)
    _check_units(turn, tasks)
    if sum(one.lead for one in tasks) != 1:
        turn.not_now(Because.PLAN_LEAD)
    _check_order(turn, tasks)
    need_ruled(turn, wanted)
    if wanted.finish is Finish.SOME and not 1 <= wanted.quorum < len(tasks):
        turn.not_now(Because.PLAN_QUORUM, helpers=str(len(tasks) - 1))
    _check_enough(turn, wanted)
    used = turn.tasks
    for entry in tasks:
        _check_entry(turn, entry, used.get(entry.task_no))


def _check_enough(turn: Turn, wanted: Plan) -> None:
    """`some`: no task is added where those that are done end it; it would be let go at once."""
    if wanted.finish is not Finish.SOME or turn.step.tasks:
        return
    known = turn.tasks
    done = [
        one
        for one in wanted.tasks
        if one.task_no in known and known[one.task_no].state is TaskState.DONE
    ]
    enough = any(one.lead for one in done) and len(done) > wanted.quorum
    if enough and any(one.task_no not in known for one in wanted.tasks):
        turn.not_now(Because.PLAN_ENOUGH_DONE)


def _check_units(turn: Turn, tasks: tuple[PlannedTask, ...]) -> None:
    """Each is a department, and has one task that is to be done; what is done stays done."""
    known = turn.tasks
    done = {number for number, one in known.items() if one.state is TaskState.DONE}
    units = [one.unit for one in tasks if one.task_no not in done]
    for one in tasks:
        if one.unit not in turn.book.units:
            turn.refuse(Why.UNKNOWN_CODE, field="unit", value=one.unit or "-")
        if units.count(one.unit) > 1:
            turn.not_now(Because.PLAN_UNIT_TWICE, unit=one.unit)


def _check_order(turn: Turn, tasks: tuple[PlannedTask, ...]) -> None:
    """New tasks have the next numbers; none waits for one that is not there, or for itself."""
    numbers = [one.task_no for one in tasks]
    first, new = turn.case.next_task_no, sorted(set(numbers) - turn.tasks.keys())
    if len(set(numbers)) < len(numbers) or new != [*range(first, first + len(new))]:
        turn.not_now(Because.PLAN_NUMBER)
    lost = next((on for one in tasks for on in one.after if on not in numbers), None)
    if lost is not None:
        turn.not_now(Because.PLAN_AFTER_UNKNOWN, task=str(lost))
    round_about = circle({one.task_no: one.after for one in tasks})
    if round_about:
        turn.not_now(Because.PLAN_CIRCLE, tasks=", ".join(map(str, round_about)))


def _check_entry(turn: Turn, entry: PlannedTask, known: Task | None) -> None:
    """A task keeps its unit; one that has ended stays as it is.

    A unit that is out stays out; the command chief may have one that returned the case do it.
    """
    if known is None or known.gone_without:
        not_under_review(turn, entry.unit)
        if not (by_chief(turn) or entry.unit in ruled_units(turn.tasks.values())):
            not_returned_here(turn, entry.unit)
    if known is None:
        return
    if known.unit != entry.unit:
        turn.not_now(Because.PLAN_OTHER_UNIT, task=str(known.task_no), unit=known.unit)
    if not is_open(known) and not (known.joint and known.state is TaskState.DONE):
        turn.not_now(Because.PLAN_ENDED, task=str(known.task_no))
