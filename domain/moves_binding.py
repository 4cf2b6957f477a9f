"""A plan that binds (transitions T27, T57): a ruling or a consultation fixes who does what."""

from dataclasses import replace

from domain.joint import is_open, lead_of, shares
from domain.moves_department import handle_of
from domain.moves_dispatch import start_sign
from domain.moves_joint import plan, take_up
from domain.moves_result import new_round
from domain.moves_return import grant_return, let_unit_go, open_return, settle_return
from domain.terms import TaskState
from domain.turn import Turn


def bind(turn: Turn, *, ruled: bool) -> None:
    """The decision's plan is the case's from now on, and no department returns its task.

    Args:
        turn: The decision; its plan is the whole plan.
        ruled: A ruling was asked for: a unit that the plan goes without was not the right one.
    """
    if turn.step.plan is not None and not turn.case.joint:
        _one_department(turn, {one.task_no for one in turn.step.plan.tasks}, ruled=ruled)
    turn.patch = replace(turn.patch, binding=True)
    plan(turn)
    if turn.case.joint:
        again(turn)


def _one_department(turn: Turn, named: set[int], *, ruled: bool) -> None:
    """What the decision means for the department that has, or had, the case alone."""
    case, task = turn.case, turn.case.task
    if task is None:
        return
    if task.task_no not in named:
        if is_open(task) and (ruled or open_return(case) is not None):
            grant_return(turn)
            let_unit_go(turn)
        return
    if task.state is TaskState.DONE:
        new_round(turn)
    elif task.state is TaskState.RETURN_REQUESTED:
        settle_return(turn, accepted=False)
        turn.set_task(TaskState.SIGNED if task.signed_at else TaskState.DISPATCHED)
        if task.signed_at is None:
            start_sign(turn, handle_of(turn))


def again(turn: Turn) -> None:
    """Tasks that the decision names begin a new round; the lead's, where nothing is left."""
    named, tasks = turn.step.tasks, shares(turn.tasks.values())
    lead = lead_of(tasks)
    if not named and lead is not None and not any(map(is_open, tasks)):
        named = (lead.task_no,)
    if named:
        take_up(turn, named, rounds=1)
        turn.patch = replace(turn.patch, round=turn.case.round + 1)
