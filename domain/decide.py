"""Judge a command: which row, who, whether it may, what it changes; then the steps of ◆."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.book import Book
from domain.case import Case, Command, Event, Step
from domain.clock import ClockKind
from domain.moves import MOVES
from domain.people import SYSTEM, Actor
from domain.permission import role_for
from domain.refusal import Refusal, RefusedError, Why
from domain.table import MOVES as TABLE
from domain.table import REPORT, Row
from domain.terms import Action, CheckMode, Role, State
from domain.turn import Turn

NEVER_STALE = frozenset(
    {Action.REPORT, Action.URGE, Action.RATE, Action.WITHDRAW, Action.REQUEST_VOID}
)


def decide(case: Case, command: Command, book: Book) -> tuple[Event, ...] | Refusal:
    """Judge a command on the caught-up case: its events, or why it is refused.

    A chain is judged in order, all or nothing; automatic steps follow it in the same breath.
    """
    if case.ended:
        return Refusal(why=Why.FINAL, values={"state": case.state})
    if not command.steps:
        values = {"action": "-", "state": str(case.state), "field": "action"}
        return Refusal(why=Why.NEEDS_FIELD, values=values)
    reports = command.steps[0].action is Action.REPORT
    if (case.seq > 0) is reports:
        values = {"action": str(command.steps[0].action), "state": str(case.state)}
        return Refusal(why=Why.ILLEGAL, values=values)
    stale_matters = any(step.action not in NEVER_STALE for step in command.steps)
    if stale_matters and command.seen is not None and command.seen != case.version:
        values = {"seen": str(command.seen), "now": str(case.version)}
        return Refusal(why=Why.STALE, values=values)
    events: list[Event] = []
    for index, step in enumerate(command.steps):
        try:
            turn = take(case, step, command.actor, command.at, book)
        except RefusedError as error:
            why = error.refusal
            return Refusal(why=why.why, values=why.values, step=index)
        case, event = turn.apply(cause_id=command.command_id, index=index)
        events.append(event)
    return (*events, *automatic(case, command.command_id, command.at, book))


def take(case: Case, step: Step, actor: Actor, at: datetime, book: Book) -> Turn:
    """Judge one step.

    Raises:
        RefusedError: The table has no such move, the actor may not, or a condition fails.
    """
    row, role = _row_for(case, step, actor, book)
    turn = Turn(
        case=case,
        step=step,
        row=row,
        actor=actor,
        role=role,
        fact_at=at,
        at=max(at, case.last_at) if case.last_at else at,
        book=book,
    )
    if actor.on_behalf_of:
        turn.need_text()
    move = MOVES[step.action]
    if move.when is not None:
        move.when(turn)
    move.do(turn)
    return turn


def _row_for(case: Case, step: Step, actor: Actor, book: Book) -> tuple[Row, Role]:
    """The row that fits, and the role in which the actor may."""
    rows = rows_of(case, step.action)
    for row in rows:
        role = role_for(row, actor, case, book)
        if role is not None:
            return row, role
    values = {"action": str(step.action), "state": str(case.state)}
    if not rows:
        raise RefusedError(Why.ILLEGAL, **values)
    who = ", ".join(dict.fromkeys(str(one) for row in rows for one in row.who))
    raise RefusedError(Why.FORBIDDEN, who=who, **values)


def rows_of(case: Case, action: Action) -> tuple[Row, ...]:
    """The rows of an action in the case's state; check mode chooses between T31 and T32."""
    if action is Action.REPORT:
        return (REPORT,) if case.seq == 0 else ()
    if case.seq == 0:
        return ()
    rows = TABLE.get((case.state, action), ())
    if action is Action.PASS_REVIEW:
        wanted = State.CHECKING if case.check_mode is CheckMode.ON_SITE else State.TO_CLOSE
        rows = tuple(row for row in rows if row.to is wanted)
    return rows


def automatic(case: Case, cause_id: str, at: datetime, book: Book) -> tuple[Event, ...]:
    """The steps that policy lets the system take now, one after the other."""
    events: list[Event] = []
    while True:
        step = _next_automatic(case, book)
        if step is None:
            return tuple(events)
        try:
            turn = take(case, step, SYSTEM, at, book)
        except RefusedError:
            return tuple(events)
        case, event = turn.apply(cause_id=cause_id, index=-1)
        events.append(event)


def _first(case: Case, kind: ClockKind) -> bool:
    """A stage is passed by the system at most once: what a person sent back is a person's."""
    return sum(one.kind is kind for one in case.clocks) == 1


def _next_automatic(case: Case, book: Book) -> Step | None:
    policy, source = book.policy_of(case.policy), case.source
    clear: dict[State, tuple[tuple[bool, Action], ...]] = {
        State.REPORTED: (
            (source in policy.auto_accept and _first(case, ClockKind.ACCEPT), Action.ACCEPT),
            (
                source in policy.auto_verify and _first(case, ClockKind.ACCEPT),
                Action.SEND_VERIFY,
            ),
        ),
        State.ACCEPTED: (
            (source in policy.auto_file and _first(case, ClockKind.FILE), Action.FILE),
        ),
        State.FILED: (
            (
                source in policy.auto_dispatch
                and _first(case, ClockKind.DISPATCH)
                and not case.tasks,
                Action.DISPATCH,
            ),
        ),
        State.FED_BACK: (
            (
                source in policy.auto_review and _first(case, ClockKind.REVIEW),
                Action.PASS_REVIEW,
            ),
        ),
        State.TO_CLOSE: ((policy.auto_close, Action.CLOSE),),
        State.CLOSED: ((_window_over(case), Action.ARCHIVE),),
        State.REFUSED: ((_window_over(case), Action.ARCHIVE),),
    }
    wanted = (action for policy_says, action in clear.get(case.state, ()) if policy_says)
    action = next(wanted, None)
    return Step(action=action) if action else None


def _window_over(case: Case) -> bool:
    return any(
        one.kind is ClockKind.FOLLOW_UP and one.stopped_at is None and one.fired
        for one in case.clocks
    )


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
    for action in Action:
        if action is Action.REPORT or action not in MOVES or case.seq == 0:
            continue
        try:
            row, role = _row_for(case, Step(action=action), actor, book)
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
            when = MOVES[action].when
            if when is not None:
                when(turn)
        except RefusedError:
            continue
        found.append(Allowed(action=action, row=row.row, to=row.to, needs=MOVES[action].needs))
    return found
