"""What follows for a joint case after any of its moves: who begins, where it stands (§5)."""

from dataclasses import replace

from domain.clock import ClockKind, Outcome
from domain.facts import Lead, Task
from domain.joint import (
    DERIVED,
    asking,
    finish_met,
    held,
    is_open,
    lead_of,
    needs_plan,
    ready,
    shares,
    state_of,
)
from domain.moves_joint import end_task
from domain.pausing import HOLD, QUESTION
from domain.ruled import ruled_units
from domain.terms import FINAL, SETTLED, Action, Finish, State, TaskState
from domain.turn import Turn


def settle(turn: Turn) -> None:
    """After any move of a joint case: what begins now, whose limit runs, where it stands."""
    case, left = turn.case, turn.left
    if not left.joint:
        return
    if left.state in SETTLED | FINAL:
        for task in shares(left.tasks):
            if is_open(task):
                end_task(turn, task, TaskState.WITHDRAWN)
    _wait_for_reporter(turn)
    if left.state not in DERIVED:
        for kind in (ClockKind.DISPATCH, ClockKind.SUM_UP):
            turn.stop(kind, Outcome.VOID)
        return
    if case.joint and turn.row.to is State.FILED:
        _end_old_plan(turn)
    _let_the_rest_go(turn)
    for task in () if held(left) else ready(turn.tasks.values()):
        turn.put_task(replace(task, state=TaskState.DISPATCHED, dispatched_at=turn.at))
    lead = lead_of(turn.tasks.values())
    turn.patch = replace(turn.patch, unit=lead.unit if lead else "")
    _note_lead(turn, lead)
    _stand(turn)
    _limits(turn)


def _end_old_plan(turn: Turn) -> None:
    """The case is filed anew, or examined again by others: the old plan is over."""
    for task in shares(turn.tasks.values()):
        turn.put_task(replace(task, gone_without=True))
    if turn.case.binding:
        turn.patch = replace(turn.patch, binding=False)


def _note_lead(turn: Turn, lead: Task | None) -> None:
    """Who leads from now on is on record: he answers for what is late then."""
    task_no, unit = (lead.task_no, lead.unit) if lead else (0, "")
    leads = turn.case.leads
    last = (leads[-1].task_no, leads[-1].unit) if leads else (0, "")
    if last != (task_no, unit):
        now = Lead(task_no=task_no, unit=unit, since=turn.fact_at)
        turn.patch = replace(turn.patch, leads=(*leads, now))


def _let_the_rest_go(turn: Turn) -> None:
    """`some`: the lead and enough helpers are done, so the others are not needed any more.

    Not while the whole case is on hold; nor at a task's own word of where it stands: by that
    none is done, so what is let go was let go at an end, a plan or a resumption before.
    """
    left = turn.left
    waits = held(left) or turn.step.action is Action.TASK_MOVED
    if left.finish is Finish.SOME and not waits and finish_met(left):
        for task in shares(left.tasks):
            if is_open(task):
                end_task(turn, task, TaskState.WITHDRAWN)


def _wait_for_reporter(turn: Turn) -> None:
    """T43: the promise waits while a department waits for the reporter; urgent: never."""
    if asking(turn.tasks.values()) and not turn.is_urgent:
        turn.hold_up((ClockKind.WHOLE,), QUESTION)
    else:
        turn.let_run((ClockKind.WHOLE,), QUESTION)


def _stand(turn: Turn) -> None:
    """The state that follows from the tasks; a case-wide hold pauses the promise."""
    before = turn.case
    turn.to = state_of(turn.left)
    if turn.to is State.ON_HOLD:
        turn.hold_up((ClockKind.WHOLE,), HOLD)
        if before.state is not State.ON_HOLD:
            turn.notify = (*turn.notify, "reporter")
    elif before.state is State.ON_HOLD:
        turn.let_run((ClockKind.WHOLE,), HOLD)


def _limits(turn: Turn) -> None:
    """The dispatcher's limit while it is his to plan anew, the lead's while it is to sum up.

    Never both: what can be summed up needs no plan, and what was ruled needs one first.
    """
    left = turn.left
    lead = lead_of(left.tasks)
    waits = held(left)
    summable = finish_met(left) and lead is not None and left.emergency is None
    summable = summable and not (waits or ruled_units(left.tasks))
    planless = needs_plan(left.tasks) or left.state is State.FILED
    _run(turn, ClockKind.DISPATCH, wanted=planless and not (waits or summable))
    _run(turn, ClockKind.SUM_UP, wanted=summable, owner=f"unit:{lead.unit}" if lead else "")


def _run(turn: Turn, kind: ClockKind, *, wanted: bool, owner: str = "") -> None:
    """Have a stage clock running, or not; another's is his no longer, unless he was late."""
    running = turn.running(kind)
    if running is not None and owner not in {"", running.owner}:
        turn.stop_unless_late(kind)
    elif running is not None and not wanted:
        turn.stop(kind)
    if wanted and turn.running(kind) is None:
        turn.start_stage(kind, owner=owner)
