"""What follows for a joint case after any of its moves: who begins, where it stands (§5)."""

from dataclasses import replace

from domain.clock import ClockKind, Outcome
from domain.joint import (
    DERIVED,
    asking,
    finish_met,
    is_open,
    lead_of,
    ready,
    shares,
    state_of,
)
from domain.moves_joint import end_task
from domain.pausing import HOLD, QUESTION
from domain.terms import FINAL, SETTLED, State, TaskState
from domain.turn import Turn


def settle(turn: Turn) -> None:
    """After any move of a joint case: what begins now, whose limit runs, where it stands."""
    case = turn.case
    if not (case.joint or turn.patch.joint):
        return
    to = turn.to or turn.row.to or case.state
    if to in SETTLED | FINAL:
        for task in shares(turn.tasks.values()):
            if is_open(task):
                end_task(turn, task, TaskState.WITHDRAWN)
    _wait_for_reporter(turn)
    if to not in DERIVED:
        for kind in (ClockKind.DISPATCH, ClockKind.SUM_UP):
            turn.stop(kind, Outcome.VOID)
        return
    if case.joint and turn.row.to is State.FILED:
        _over(turn)
    for task in () if _held(turn) else ready(turn.tasks.values()):
        turn.put_task(replace(task, state=TaskState.DISPATCHED, dispatched_at=turn.at))
    lead = lead_of(turn.tasks.values())
    turn.patch = replace(turn.patch, unit=lead.unit if lead else "")
    _stand(turn, to)
    _limits(turn)


def _held(turn: Turn) -> bool:
    """Whether the whole case is on hold as this step leaves it."""
    return turn.running(ClockKind.HOLD) is not None


def _over(turn: Turn) -> None:
    """The case is filed anew, or examined again by others: the old plan is over."""
    for task in shares(turn.tasks.values()):
        turn.put_task(replace(task, gone_without=True))


def _wait_for_reporter(turn: Turn) -> None:
    """T43: the promise waits while a department waits for the reporter; urgent: never."""
    if asking(turn.tasks.values()) and not turn.is_urgent:
        turn.hold_up((ClockKind.WHOLE,), QUESTION)
    else:
        turn.let_run((ClockKind.WHOLE,), QUESTION)


def _stand(turn: Turn, to: State) -> None:
    """The state that follows from the tasks; a case-wide hold pauses the promise."""
    before = turn.case
    patched = replace(
        before,
        state=to,
        finish=turn.patch.finish or before.finish,
        quorum=before.quorum if turn.patch.quorum is None else turn.patch.quorum,
        clocks=tuple(turn.clocks.values()),
    )
    turn.to = state_of(patched, turn.tasks.values())
    if turn.to is State.ON_HOLD:
        turn.hold_up((ClockKind.WHOLE,), HOLD)
        if before.state is not State.ON_HOLD:
            turn.notify = (*turn.notify, "reporter")
    elif before.state is State.ON_HOLD:
        turn.let_run((ClockKind.WHOLE,), HOLD)


def _limits(turn: Turn) -> None:
    """The dispatcher's limit while it is his to plan anew, the lead's while it is to sum up."""
    tasks, case = turn.tasks.values(), turn.case
    finish = turn.patch.finish or case.finish
    quorum = case.quorum if turn.patch.quorum is None else turn.patch.quorum
    lead = lead_of(tasks)
    met = finish_met(tasks, finish, quorum) and not any(map(is_open, shares(tasks)))
    planless = (lead is None or turn.to is State.FILED) and not _held(turn)
    _run(turn, ClockKind.DISPATCH, wanted=planless)
    owner = f"unit:{lead.unit}" if lead else ""
    response = turn.patch.response or case.response
    answered = response is None or response.ended_at is not None
    summable = met and lead is not None and answered
    _run(turn, ClockKind.SUM_UP, wanted=summable, owner=owner)


def _run(turn: Turn, kind: ClockKind, *, wanted: bool, owner: str = "") -> None:
    """Have a stage clock running, or not."""
    running = turn.running(kind)
    if wanted and running is None:
        turn.start_stage(kind, owner=owner)
    elif running is not None and not wanted:
        turn.stop(kind)
