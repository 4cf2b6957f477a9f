"""What a case's events mean for other cases: commands to them, written down with the events.

`decide` changes its own case only. What follows elsewhere is a *sequel*: a step that the
system asks of the other case. It is written down in the transaction of the events behind it and
told like any other command, so neither case waits for the other, and neither can be half done.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from domain import clock as clocks_
from domain.advance import Advanced
from domain.book import Book
from domain.case import Case, Event, evolve
from domain.clock import Clock, ClockKind
from domain.command import Birth, Command, Part, Step
from domain.patch import Patch
from domain.sequel_joint import Share, end_of, shares_of, steps_of
from domain.table import MOVES as TABLE
from domain.terms import SETTLED, Action, Role, State

ANSWERED = SETTLED - {State.MERGED}
"""States in which a main case has an answer for the cases that follow it (T51)."""
MOST = 1_000
"""Of one event no more follows than this."""
GIVEN_UP = frozenset({State.VOIDED, State.WITHDRAWN})
"""Ends of a main case that leave the cases that follow it without an answer (T50)."""


@dataclass(frozen=True, kw_only=True)
class Sequel:
    """A step asked of another case; of one case, cause, action and turn there is one.

    Attributes:
        case_no: The case it is asked of.
        step: What is asked; `step.other` is the case it comes from.
        cause: What brought it: the cause of the event, or the refused command.
        at: When that counts; also when the sequel counts as received, so that nobody is late
            by the time it takes to get from one case to the other.
        words: Split: what the new case is about.
        follows: A workflow hears of it by itself; it is told only where that did not happen.
    """

    case_no: str
    step: Step
    cause: str
    at: datetime
    words: str = ""
    follows: bool = False


def sequels(before: Case, done: Advanced, commands: Iterable[Command]) -> tuple[Sequel, ...]:
    """What follows for other cases from bringing a case up to now.

    A refusal is answered only if the system asked: what a person must not ask moves nobody.

    Args:
        before: The case as it was.
        done: What was made of it.
        commands: The commands that were judged; a split's words are in no event.
    """
    asked = {one.command_id: one for one in commands}
    found: list[Sequel] = []
    case = before
    for event in done.events:
        after, command = evolve(case, event), asked.get(event.cause_id)
        following = (
            *_of_split(after, event, command),
            *_of_merge(case, after, event),
            *_of_joint(case, after, event, command),
            *_of_task(case, after, event, command),
        )
        found += (_placed(one, event.seq * MOST + n) for n, one in enumerate(following))
        case = after
    for ruling in done.rulings:
        command = asked[ruling.command_id]
        if ruling.refusal is not None and command.actor.has(Role.SYSTEM):
            cause, at = ruling.command_id, ruling.at
            for step in command.steps:
                found += _of_refusal(case.case_no, step, cause, at)
    return tuple(found)


def _placed(sequel: Sequel, place: int) -> Sequel:
    """Events of the same moment are told to another case in their order."""
    return replace(sequel, step=replace(sequel.step, place=place))


def shares(
    before: Case, done: Advanced, commands: Iterable[Command], book: Book
) -> tuple[Share, ...]:
    """The departments' shares that change for a joint case, in order."""
    if not done.case.joint:
        return ()
    asked = {one.command_id: one for one in commands}
    found: list[Share] = []
    case = before
    for event in done.events:
        after = evolve(case, event)
        found += shares_of(case, after, event, asked.get(event.cause_id), book)
        case = after
    return tuple(found)


def unheard(sequel: Sequel) -> Sequel | None:
    """What follows when there is no such case: whoever wanted to follow it is released."""
    return next(_of_refusal(sequel.case_no, sequel.step, sequel.cause, sequel.at), None)


def takes_in(state: State, *, drill: bool) -> bool:
    """Whether a case in this state can be the main case of a real one (T49); a drill never."""
    return not drill and (state, Action.TAKE_IN) in TABLE


def _of_split(case: Case, event: Event, command: Command | None) -> Iterator[Sequel]:
    if event.action is not Action.SPLIT or command is None:
        return
    for part in command.steps[event.step].parts:
        step = Step(
            action=Action.SPLIT_OFF, other=case.case_no, birth=birth(case, part, event.at)
        )
        yield Sequel(
            case_no=part.case_no, step=step, cause=event.cause_id, at=event.at, words=part.words
        )


def birth(case: Case, part: Part, at: datetime) -> Birth:
    """How a part of a case begins: its reporter, its place, and the promise given to him.

    A part of another class takes neither the accept condition nor what followed from it.
    """
    same = part.subclass in {"", case.subclass}
    return Birth(
        state=State.ACCEPTED,
        patch=Patch(
            source=case.source,
            reported_at=case.reported_at,
            grid=case.grid,
            subclass=part.subclass or case.subclass,
            condition=case.condition if same else 0,
            urgent=case.urgent if same else case.flagged_urgent,
            flagged_urgent=case.flagged_urgent,
            verified=case.verified,
            has_contact=case.has_contact,
            catalogue=case.catalogue,
            origin=case.case_no,
        ),
        clocks=tuple(_promise(one, at) for one in case.clocks if _promised(one)),
    )


def _promised(clock: Clock) -> bool:
    return clock.kind is ClockKind.WHOLE and clock.stopped_at is None


def _promise(clock: Clock, at: datetime) -> Clock:
    """The running promise, as the first of its kind; no question holds it up there."""
    going = clocks_.resume(clock, at) if clock.paused else clock
    return replace(going, clock_id=ClockKind.WHOLE.value)


def _of_merge(before: Case, after: Case, event: Event) -> Iterator[Sequel]:
    def to(case_no: str, action: Action) -> Sequel:
        step = Step(action=action, other=after.case_no)
        return Sequel(case_no=case_no, step=step, cause=event.cause_id, at=event.at)

    if after.state is before.state:
        return
    if after.state is State.MERGED:
        yield to(after.main, Action.TAKE_IN)
    if before.state is State.MERGED and after.state is not State.CLOSED:
        yield to(before.main, Action.LET_GO)
    if after.state in ANSWERED:
        yield from (to(one, Action.MAIN_SETTLED) for one in after.merged)
    if after.state in GIVEN_UP:
        yield from (to(one, Action.RELEASE) for one in after.merged)


def _of_joint(
    before: Case, after: Case, event: Event, command: Command | None
) -> Iterator[Sequel]:
    """What a joint case asks of its tasks; the workflow starts those that begin."""
    for case_no, step in steps_of(before, after, event, command):
        begins = step.action in {Action.BEGIN_TASK, Action.REWORK}
        yield Sequel(
            case_no=case_no, step=step, cause=event.cause_id, at=event.at, follows=begins
        )


def _of_task(
    before: Case, after: Case, event: Event, command: Command | None
) -> Iterator[Sequel]:
    """A task has ended: its case goes on; its workflow hears of it as the child completes."""
    step = end_of(before, after, event, command)
    if step is not None:
        yield Sequel(
            case_no=after.parent, step=step, cause=event.cause_id, at=event.at, follows=True
        )


def _of_refusal(main: str, step: Step, cause: str, at: datetime) -> Iterator[Sequel]:
    """A main case that takes nobody in lets go of who asked, so that nothing hangs."""
    if step.action is Action.TAKE_IN:
        back = Step(action=Action.RELEASE, other=main)
        yield Sequel(case_no=step.other, step=back, cause=cause, at=at)
