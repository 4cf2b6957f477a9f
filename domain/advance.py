"""Bring a case up to now: waiting commands and due rungs, judged in order of their times."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from domain import clock as clocks_
from domain.automatic import automatic
from domain.book import Book
from domain.case import Case, Event, evolve
from domain.clock import RED, Clock, ClockKind, Outcome
from domain.command import Command, Step
from domain.decide import decide
from domain.ladder import ESCALATION, tells
from domain.moves_aside import ask_void
from domain.patch import Patch
from domain.pausing import LATE_DECIDER, credits_unit, pause_for
from domain.people import SYSTEM, Actor
from domain.refusal import Refusal
from domain.row import Row, Who
from domain.terms import FINAL, Action, Role
from domain.turn import Turn
from domain.turn_clocks import INSIDE_HANDLE

Rung = tuple[Clock, int, datetime]
"""A clock, the percentage, and when that falls due."""


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """The verdict on one command: its events' numbers, or a refusal."""

    command_id: str
    at: datetime
    first_seq: int = 0
    last_seq: int = 0
    refusal: Refusal | None = None


@dataclass(frozen=True, kw_only=True)
class Advanced:
    """A case brought up to now.

    Attributes:
        case: The case as it is.
        events: Events made, in order.
        rulings: One for every command given.
        next_due: Nearest rung, or None when nothing runs.
        next_label: What falls due then, for people: `handle 75%`.
        before: The case as it was; None: from its first event on.
    """

    case: Case
    events: tuple[Event, ...]
    rulings: tuple[Ruling, ...]
    next_due: datetime | None
    next_label: str
    before: Case | None = None


def catch_up(
    case: Case,
    commands: Iterable[Command],
    now: datetime,
    book: Book,
    joint: Case | None = None,
) -> Advanced:
    """Judge every waiting command and every rung due by `now`, in the order of their times.

    A command received at the very moment a rung falls due comes first (transitions §2.1). One
    received after `now` is judged too, after every rung that was due before it. `joint` is the
    joint case of a department's task, as it is now.
    """
    waiting = deque(sorted(commands, key=lambda one: one.order))
    now = max([now, *(one.at for one in waiting)])
    before = case
    events: list[Event] = []
    rulings: list[Ruling] = []
    while True:
        rung = nearest(case, book)
        if waiting and (rung is None or waiting[0].at <= rung[2]):
            command = waiting.popleft()
            answer = decide(case, command, book, joint)
            if isinstance(answer, Refusal):
                rulings.append(
                    Ruling(command_id=command.command_id, at=command.at, refusal=answer)
                )
                continue
            made = answer
            rulings.append(
                Ruling(
                    command_id=command.command_id,
                    at=command.at,
                    first_seq=made[0].seq,
                    last_seq=made[-1].seq,
                )
            )
        elif rung is not None and rung[2] <= now:
            made = fire(case, rung, now, book)
        else:
            break
        for event in made:
            case = evolve(case, event)
        events.extend(made)
    return advanced(before, case, events, rulings, book)


def advanced(
    before: Case | None,
    case: Case,
    events: Iterable[Event],
    rulings: Iterable[Ruling],
    book: Book,
) -> Advanced:
    """The outcome, with the rung that comes next."""
    rung = nearest(case, book)
    return Advanced(
        case=case,
        events=tuple(events),
        rulings=tuple(rulings),
        next_due=rung[2] if rung else None,
        next_label=f"{rung[0].clock_id} {rung[1]}%" if rung else "",
        before=before,
    )


def nearest(case: Case, book: Book) -> Rung | None:
    """The nearest rung over all running clocks of the case."""
    if case.state in FINAL:
        return None
    running = (one for one in case.clocks if one.stopped_at is None)
    return clocks_.earliest(running, book.calendars)


def rung_cause(clock_id: str, budget_version: int, percent: int) -> str:
    """Cause id of a rung's event."""
    return f"clock/{clock_id}/{budget_version}/{percent}"


def fire(case: Case, rung: Rung, now: datetime, book: Book) -> tuple[Event, ...]:
    """A rung falls due: it goes on record, escalates, and at the end of the window archives."""
    clock, percent, due = rung
    level = case.escalation
    if clock.kind is ClockKind.HANDLE:
        level = max(level, ESCALATION.get(percent, level))
    cause_id = rung_cause(clock.clock_id, clock.budget_version, percent)
    at = max(due, case.last_at) if case.last_at else due
    event = Event(
        seq=case.seq + 1,
        at=at,
        cause_id=cause_id,
        action=Action.RUNG,
        state=case.state,
        reason=f"{clock.clock_id} {percent}%",
        fired_at=now,
        patch=Patch(
            escalation=level if level != case.escalation else None,
            backlog=True if clock.kind is ClockKind.BACKLOG else None,
        ),
        clocks=(*_fired(case, rung), *_held_up(case, rung)),
        notify=tells(case, clock, percent),
    )
    after = evolve(case, event)
    return (event, *automatic(after, cause_id, at, book))


def _fired(case: Case, rung: Rung) -> tuple[Clock, ...]:
    """The clock with its rung on record; after a look at a hold the next one follows (T41)."""
    clock, percent, due = rung
    fired = clocks_.fire(clock, percent, due)
    if clock.kind is not ClockKind.HOLD_REVIEW:
        return (fired,)
    number = 1 + sum(one.kind is clock.kind for one in case.clocks)
    name = f"{clock.kind.value}:{number}"
    following = replace(clock, clock_id=name, started_at=due, fired=())
    return clocks_.stop(fired, due, Outcome.VOID), following


def _held_up(case: Case, rung: Rung) -> tuple[Clock, ...]:
    """From a decider's limit on, his time is not the handling unit's (transitions §3)."""
    decides = rung[0].kind is ClockKind.DECIDE and credits_unit(rung[0], case.pending)
    if not decides or rung[1] != RED:
        return ()
    return tuple(
        pause_for(one, rung[2], LATE_DECIDER)
        for one in case.clocks
        if one.kind in INSIDE_HANDLE and one.stopped_at is None
    )


_CANCEL_ASKED = Row(
    row="",
    sources=frozenset(),
    action=Action.CANCEL_ASKED,
    to=None,
    who=(Who.SYSTEM,),
    only_if="-",
    clocks="start decide",
)


def ask_cancel(case: Case, cause_id: str, at: datetime, book: Book) -> Event:
    """An admin pressed Cancel in the Temporal UI: a wish to void, for who decides on that.

    A department's task is not voided; the dispatcher can plan without it.
    """
    turn = Turn(
        case=case,
        step=Step(action=Action.CANCEL_ASKED),
        row=_CANCEL_ASKED,
        actor=Actor(person="temporal-admin"),
        role=Role.SYSTEM,
        fact_at=at,
        at=max(at, case.last_at) if case.last_at else at,
        book=book,
    )
    if case.parent:
        turn.notify = (f"role:{Role.DISPATCHER}",)
    elif case.ended or case.waiting("void") or case.seq == 0:
        turn.notify = (f"role:{Role.DUTY_CHIEF}",)
    else:
        ask_void(turn)
    return replace(turn.event(cause_id=cause_id, index=-1), actor=SYSTEM.person)


def note_unreadable(case: Case, cause_id: str, at: datetime) -> Event:
    """A message to the workflow that nobody can read goes on record and changes nothing."""
    return Event(
        seq=case.seq + 1,
        at=max(at, case.last_at) if case.last_at else at,
        cause_id=cause_id,
        action=Action.UNREADABLE,
        state=case.state,
    )
