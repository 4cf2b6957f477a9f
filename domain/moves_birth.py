"""How a case begins that was not reported here: split off another, or taken over."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from domain.clock import ClockKind
from domain.move import Move
from domain.terms import Action, State
from domain.turn import Turn
from domain.why import Why


def take_over(turn: Turn) -> None:
    """An open case of another system, at its state, with what its clocks have used.

    It keeps the versions that its clocks were worked out by, should newer ones have come into
    force since.
    """
    begin(turn)
    patch, birth, book = turn.patch, turn.step.birth, turn.book
    given = birth.patch if birth else patch
    turn.reason = turn.step.reason
    turn.patch = replace(
        patch,
        policy=given.policy if given.policy in book.policies else patch.policy,
        catalogue=given.catalogue if given.catalogue in book.catalogues else patch.catalogue,
        calendar=given.calendar if given.calendar in book.calendars else patch.calendar,
    )


def split_off(turn: Turn) -> None:
    """T47: a part of another case; it waits to be filed, and keeps the promise given there.

    A class that the catalogue in force lost, or a condition of another catalogue, is left out.
    """
    begin(turn)
    patch, birth, book = turn.patch, turn.step.birth, turn.book
    known = book.subclass(0, patch.subclass or "")
    pinned = birth.patch.catalogue if birth else None
    same = known is not None and pinned == book.catalogue
    turn.patch = replace(
        patch,
        subclass=known.code if known else "",
        condition=patch.condition if same else 0,
    )
    turn.to = State.ACCEPTED
    turn.start_stage(ClockKind.FILE)


def begin(turn: Turn) -> None:
    """Set state, facts, clocks and turns as the birth says; versions in force are pinned."""
    birth, book = turn.step.birth, turn.book
    if birth is None:
        turn.refuse(Why.NEEDS_FIELD, field="birth")
    turn.to = birth.state
    turn.patch = replace(
        birth.patch, policy=book.policy, catalogue=book.catalogue, calendar=book.calendar
    )
    for clock in birth.clocks:
        turn.put(clock)
    for task in birth.tasks:
        turn.put_task(task)


MOVES: Mapping[Action, Move] = MappingProxyType(
    {
        Action.TAKE_OVER: Move(do=take_over),
        Action.SPLIT_OFF: Move(do=split_off),
    }
)
