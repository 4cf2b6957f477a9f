"""Judge one step: which row, in which role, whether it may, what it changes."""

from datetime import datetime

from domain.book import Book
from domain.case import Case
from domain.command import Step
from domain.joint import goes_on
from domain.lapse import leave
from domain.moves import move_of
from domain.moves_emergency import settle as settle_response
from domain.moves_whistle import end_calls
from domain.people import Actor
from domain.permission import role_for
from domain.refusal import RefusedError
from domain.row import Row, Who
from domain.settling import settle
from domain.table import BIRTHS, rows_for
from domain.terms import Action, CheckMode, Decision, Role, State
from domain.turn import Turn
from domain.why import Why

DECIDED = {
    Decision.DISPATCH: State.DISPATCHED,
    Decision.HOLD: State.ON_HOLD,
    Decision.EXPLAIN: State.CLOSED,
}
"""Where a consultation's decision leads (T57)."""


def take(  # noqa: PLR0913, PLR0917  the case, what is asked of it, and what to judge by
    case: Case,
    step: Step,
    actor: Actor,
    at: datetime,
    book: Book,
    joint: Case | None = None,
) -> Turn:
    """Judge one step; `joint` is the joint case of a department's task, as it is now.

    Raises:
        RefusedError: The table has no such move, the actor may not, or a condition fails.
    """
    row, role = row_for(case, step, actor, book)
    turn = Turn(
        case=case,
        step=step,
        row=row,
        actor=actor,
        role=role,
        fact_at=at,
        at=max(at, case.last_at) if case.last_at else at,
        book=book,
        joint=joint,
    )
    if actor.on_behalf_of:
        turn.need_text()
    move = move_of(case, step.action)
    if move.when is not None:
        move.when(turn)
    move.do(turn)
    settle(turn)
    settle_response(turn)
    end_calls(turn)
    leave(turn)
    return turn


def row_for(case: Case, step: Step, actor: Actor, book: Book) -> tuple[Row, Role]:
    """The row that fits, and the role in which the actor may."""
    rows = rows_of(case, step, book)
    for row in rows:
        role = role_for(row, actor, case, book)
        if role is not None:
            return row, role
    values = {"action": str(step.action), "state": str(case.state)}
    if not rows:
        raise RefusedError(Why.ILLEGAL, **values)
    people = dict.fromkeys(one for row in rows for one in row.who if one is not Who.SYSTEM)
    raise RefusedError(Why.FORBIDDEN, who=", ".join(people) or str(Who.SYSTEM), **values)


def rows_of(case: Case, step: Step, book: Book) -> tuple[Row, ...]:
    """The rows of an action in the case's state; where it forks, those this case takes."""
    action = step.action
    if case.seq == 0:
        return (BIRTHS[action],) if action in BIRTHS else ()
    rows = rows_for(case, action)
    wanted = _fork(case, step, book)
    return rows if wanted is None else tuple(row for row in rows if row.to in {wanted, None})


def _fork(  # noqa: PLR0911  an arm for each fork
    case: Case, step: Step, book: Book
) -> State | None:
    """Where an action that can lead to several states leads this case; None: nothing forks."""
    match step.action:
        case Action.PASS_REVIEW:
            on_site = case.check_mode is CheckMode.ON_SITE
            return State.CHECKING if on_site else State.TO_CLOSE
        case Action.RETURN:
            flow = book.flow_of(case)
            many = len(case.counted_returns) >= flow.max_returns_case
            return State.ARBITRATING if many else State.RETURNED
        case Action.RULE:
            return _ruled(case, step)
        case Action.DECLINE_HANDOVER | Action.STOP_HANDOVER:
            return case.offered_from
        case Action.REOPEN if case.reopened:
            return State.CONSULTING
        case Action.REOPEN | Action.REJECT_REPLY:
            over = case.joint and not goes_on(case, step.tasks)
            return State.FILED if over else State.HANDLING
        case Action.DECIDE if step.decision is not None:
            return DECIDED[step.decision]
        case _:
            return None


def _ruled(case: Case, step: Step) -> State:
    """Where a ruling leads: the unit that had signed keeps it, or another one gets it.

    A unit keeps its task of a joint case, or is out of it. What a plan leads to follows from
    where its tasks stand.
    """
    if case.parent:
        return State.SIGNED if step.unit in {"", case.unit} else State.TASK_RETURNED
    task = case.task if step.plan is None else None
    kept = task and task.signed_at and step.unit == case.unit
    return State.SIGNED if kept else State.DISPATCHED
