"""What the command chief ruled in a joint case binds its plans: whose a task is (T27, §5)."""

from collections.abc import Iterable

from domain.facts import Task
from domain.joint import is_open, shares
from domain.permission import holds
from domain.plan import Plan
from domain.terms import Role
from domain.turn import Turn
from domain.why import Because


def ruled_units(tasks: Iterable[Task]) -> frozenset[str]:
    """Units that are to have a task of another by a ruling that no plan has followed yet."""
    return frozenset(one.ruled_to for one in shares(tasks) if one.ruled_to)


def need_ruled(turn: Turn, wanted: Plan) -> None:
    """A plan has what was ruled: the tasks that are fixed, and the units named for others.

    What a unit has done before is no answer to a ruling that names it. The command chief may
    go back on it.
    """
    if by_chief(turn):
        return
    numbers = {one.task_no for one in wanted.tasks}
    for task in shares(turn.tasks.values()):
        if task.task_no not in numbers:
            need_not_ruled(turn, task)
    known = turn.tasks
    to_do = {
        one.unit
        for one in wanted.tasks
        if one.task_no not in known or is_open(known[one.task_no])
    }
    for unit in sorted(ruled_units(known.values()) - to_do):
        turn.not_now(Because.PLAN_WITHOUT_RULED, unit=unit)


def need_not_ruled(turn: Turn, task: Task) -> None:
    """A task that was ruled on, and is open, is nobody's to end but the command chief's."""
    if is_open(task) and task.ruling and not by_chief(turn):
        turn.not_now(Because.TASK_RULED, task=str(task.task_no))


def by_chief(turn: Turn) -> bool:
    """Whether the command chief asks for it."""
    return holds(turn.actor, Role.COMMAND_CHIEF, turn.case)
