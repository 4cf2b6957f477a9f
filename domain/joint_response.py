"""What an emergency plan makes of a case's tasks: the plan of a joint case, nobody left out."""

from collections.abc import Iterable

from domain.book import Book
from domain.case import Case
from domain.emergency_plan import OWNER, Duty, EmergencyPlan
from domain.facts import Task
from domain.joint import is_open, lead_of
from domain.out_of_case import is_out
from domain.plan import Plan, PlannedTask
from domain.ruled import ruled_units
from domain.terms import Finish, TaskState


def unit_of(duty: Duty, case: Case, book: Book) -> str:
    """The department that a duty falls to; empty where routing names no one."""
    if duty.unit != OWNER:
        return duty.unit
    if case.unit and not case.joint:
        return case.unit
    owners = book.owners_of(case.subclass, case.grid)
    return owners[0].unit if len(owners) == 1 else ""


def duties_of(found: EmergencyPlan, case: Case, book: Book) -> dict[str, tuple[Duty, ...]]:
    """What falls to each department, in the plan's order; the owner may be named too."""
    given: dict[str, tuple[Duty, ...]] = {}
    for duty in found.duties:
        unit = unit_of(duty, case, book)
        given[unit] = (*given.get(unit, ()), duty)
    return given


def _scope(duties: Iterable[Duty]) -> str:
    return "；".join(one.scope for one in duties if one.scope)


def plan_of(case: Case, found: EmergencyPlan, book: Book) -> Plan:
    """The whole plan of the joint case: tasks that are there stay, missing ones are added.

    Who leads already goes on leading. A department that was done before gets a task anew. What
    is there waits for nothing new; a department that the plan names gets the plan's limit.
    Departments that are out of the case are passed over; one that a ruling named is added. All
    are needed where enough helpers ended it before.
    """
    there, duties = tuple(_there(case)), duties_of(found, case, book)
    known = {one.unit: one.task_no for one in there if is_open(one) or _answered(case, one)}
    number = case.next_task_no - 1
    given: dict[int, tuple[str, int, Duty]] = {}
    for place, duty in enumerate(found.duties, 1):
        unit = unit_of(duty, case, book)
        if not unit or unit not in book.units:
            continue
        if unit not in known and is_out(case, unit, book):
            continue
        if unit not in known:
            number += 1
            known[unit] = number
        given[place] = (unit, known[unit], duty)
    new = {unit for unit, one, _ in given.values() if one >= case.next_task_no}
    to_do = new | {one.unit for one in there if is_open(one)}
    ruled = sorted(ruled_units(case.tasks) - to_do)
    owed = (PlannedTask(task_no=one, unit=unit) for one, unit in enumerate(ruled, number + 1))
    lead = _leads(case, there, given)
    kept = [
        PlannedTask(
            task_no=one.task_no,
            unit=one.unit,
            lead=one.task_no == lead,
            after=one.after if case.joint else (),
            limit=next((two.limit for unit, _, two in given.values() if unit == one.unit), None)
            if is_open(one)
            else None,
        )
        for one in there
    ]
    old = {one.task_no for one in there}
    added: dict[int, PlannedTask] = {}
    for unit, task_no, duty in given.values():
        if task_no not in old and task_no not in added:
            after = {given[one][1] for one in duty.after if one in given} - {task_no}
            added[task_no] = PlannedTask(
                task_no=task_no,
                unit=unit,
                lead=task_no == lead,
                scope=_scope(duties[unit]),
                limit=duty.limit,
                after=tuple(sorted(after)),
            )
    tasks = (*kept, *added.values(), *owed)
    finish = case.finish if case.joint else found.finish
    return Plan(tasks=tasks, finish=Finish.ALL if finish is Finish.SOME else finish)


def passing(case: Case, found: EmergencyPlan, plan: Plan, book: Book) -> tuple[int, ...]:
    """Numbers of the added tasks that end with the stand-down: all that they are for does."""
    old = {one.task_no for one in case.tasks}
    duties = duties_of(found, case, book)
    ends = {unit for unit, its in duties.items() if all(one.passing for one in its)}
    return tuple(
        one.task_no
        for one in plan.tasks
        if one.task_no not in old and one.unit in ends and not one.lead
    )


def scopes_of(case: Case, tasks: Iterable[Task], book: Book) -> dict[int, str]:
    """What the plan that answers the emergency has each of its tasks do; by task number."""
    found = book.emergency_plan(case)
    if found is None:
        return {}
    duties = duties_of(found, case, book)
    return {one.task_no: _scope(duties[one.unit]) for one in tasks if one.unit in duties}


def _there(case: Case) -> Iterable[Task]:
    """The tasks that the case has: of one department, its turn."""
    if not case.joint:
        task = case.task
        return (task,) if task and is_open(task) else ()
    stays = {TaskState.DONE}
    return (
        one
        for one in case.tasks
        if one.joint and not one.gone_without and (is_open(one) or one.state in stays)
    )


def _answered(case: Case, task: Task) -> bool:
    """Whether a task was done for the emergency that runs; what was done before it was not."""
    since, done = case.emergency and case.emergency.declared_at, task.state is TaskState.DONE
    return bool(done and since and task.ended_at and task.ended_at >= since)


def _leads(case: Case, there: tuple[Task, ...], given: dict[int, tuple[str, int, Duty]]) -> int:
    """Number of the task that leads."""
    leads = lead_of(there) if case.joint else None
    if leads is not None:
        return leads.task_no
    named = [number for _, number, duty in given.values() if duty.lead]
    rest = (*(number for _, number, _ in given.values()), *(one.task_no for one in there))
    return (*named, *rest, 0)[0]
