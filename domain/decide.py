"""Judge a command: which row, who, whether it may, what it changes; then the steps of ◆."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.automatic import automatic
from domain.book import Book
from domain.case import Case, Event
from domain.command import Command, Step
from domain.moves import MOVES, OF_TASKS
from domain.people import Actor
from domain.refusal import Refusal, RefusedError
from domain.table import BIRTHS, rows_for
from domain.take import row_for, take
from domain.terms import Action, State
from domain.turn import Turn
from domain.why import Why

NEVER_STALE = frozenset(
    {
        *BIRTHS,
        Action.URGE,
        Action.RATE,
        Action.WITHDRAW,
        Action.REQUEST_WITHDRAW,
        Action.REQUEST_VOID,
        Action.SUPPLEMENT,
        Action.COMMENT,
        Action.REPLY,
        Action.SUPERVISE,
        Action.REPORT_UP,
        Action.ACKNOWLEDGE,
        Action.URGE_TASK,
        Action.WHISTLE,
        Action.ARRIVE,
        Action.SCORE_ARRIVAL,
        Action.CALL_OFF,
    }
)


def decide(
    case: Case, command: Command, book: Book, joint: Case | None = None
) -> tuple[Event, ...] | Refusal:
    """Judge a command on the caught-up case: its events, or why it is refused.

    A chain is judged in order, all or nothing; automatic steps follow it in the same breath.

    Args:
        case: The case, or a department's task.
        command: What is asked.
        book: Master data.
        joint: Of a task: its joint case as it is now, which says who else has a task of it.
    """
    if case.ended and not _goes_on(case, command):
        return Refusal(why=Why.FINAL, values={"state": case.state})
    if not command.steps:
        values = {"action": "-", "state": str(case.state), "field": "action"}
        return Refusal(why=Why.NEEDS_FIELD, values=values)
    begins = command.steps[0].action in BIRTHS
    if (case.seq > 0) is begins:
        values = {"action": str(command.steps[0].action), "state": str(case.state)}
        return Refusal(why=Why.ILLEGAL, values=values)
    stale_matters = any(step.action not in NEVER_STALE for step in command.steps)
    if stale_matters and command.seen is not None and command.seen != case.version:
        values = {"seen": str(command.seen), "now": str(case.version)}
        return Refusal(why=Why.STALE, values=values)
    events: list[Event] = []
    for index, step in enumerate(command.steps):
        try:
            turn = take(case, step, command.actor, command.at, book, joint)
        except RefusedError as error:
            why = error.refusal
            return Refusal(why=why.why, values=why.values, step=index)
        case, event = turn.apply(cause_id=command.command_id, index=index)
        events.append(event)
    return (*events, *automatic(case, command.command_id, command.at, book))


def _goes_on(case: Case, command: Command) -> bool:
    """Whether a task that is done is taken up again."""
    return bool(command.steps and rows_for(case, command.steps[0].action))


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """An action that the actor may ask for now."""

    action: Action
    row: str
    to: State | None
    needs: tuple[str, ...]


def allowed(case: Case, actor: Actor, at: datetime, book: Book) -> Sequence[Allowed]:
    """What `actor` may do now, in the table's order; the same rules that judge his command."""
    found: list[Allowed] = []
    moves = OF_TASKS if case.parent else MOVES
    for action in Action:
        if action in BIRTHS or action not in moves or case.seq == 0:
            continue
        try:
            row, role = row_for(case, Step(action=action), actor, book)
            turn = Turn(
                case=case,
                step=Step(action=action),
                row=row,
                actor=actor,
                role=role,
                fact_at=at,
                at=at,
                book=book,
            )
            move = moves[action]
            if move.when is not None:
                move.when(turn)
        except RefusedError:
            continue
        found.append(Allowed(action=action, row=row.row, to=row.to, needs=move.needs))
    return found
