"""Pauses with more than one ground: a clock runs again when the last of them is gone."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from domain import clock as clocks_
from domain.clock import Clock
from domain.facts import Pending

AND = "+"
HOLD = "hold"
QUESTION = "question"
CONSULTATION = "consultation"
CASE_HOLD = "case on hold"
"""Ground of the pause of a task's limit while its whole joint case is on hold (T57)."""
OFFERED = "offered"
"""Ground of the gap in a unit's limit to sign while it offered its task to another (K12)."""
LATE_DECIDER = "decider late"
"""Ground of the pause of `handle` while a decider is over his own limit (transitions §3)."""
FORMER = "former"
"""Ground of a pause that stands for what another system did not count, before the take-over."""

CREDITING = frozenset({"extension", "hold", "arbitration"})
"""Requests on which the unit's own work depends; with its return, these hold its limit up."""


def credits_unit(decide: Clock, pending: Iterable[Pending]) -> bool:
    """Whether the unit's limit waits while this decider is over his own (transitions §3).

    Not for a wish to void, withdraw, refuse or close by force: the unit works on meanwhile.
    """
    asked = next((one.kind for one in pending if one.clock == decide.clock_id), None)
    return asked is None or asked in CREDITING


def grounds(clock: Clock) -> tuple[str, ...]:
    """Why the clock is paused now; empty while it runs."""
    return tuple(clock.pauses[-1].reason.split(AND)) if clock.paused else ()


def pause_for(clock: Clock, at: datetime, ground: str) -> Clock:
    """Pause it, or add a ground to the pause that is open."""
    held = grounds(clock)
    if ground in held:
        return clock
    return clocks_.pause(_on(clock, at), at, AND.join((*held, ground)))


def taken_back(clock: Clock, after: datetime) -> Clock:
    """Take back the rungs due after `after`: the pause began before them, and came in late.

    They were never passed, so they fall due again when the clock runs on.
    """
    going = clocks_.supersede(clock, after)
    if going == clock:
        return clock
    return replace(going, budget_version=clock.budget_version + 1)


def resume_from(clock: Clock, at: datetime, ground: str) -> Clock:
    """Take a ground away; it runs on if that was the last one, and does nothing without it."""
    held = grounds(clock)
    if ground not in held:
        return clock
    left = AND.join(one for one in held if one != ground)
    going = _on(clock, at)
    return clocks_.pause(going, at, left) if left else going


def go_on(clock: Clock, at: datetime, ground: str) -> Clock:
    """A stopped clock that runs on; the time since it stopped does not count.

    A rung that the stop superseded lies ahead again.
    """
    gap = clocks_.Pause(reason=ground, start=clock.stopped_at or at, end=at)
    ahead = any(rung.superseded for rung in clock.fired)
    return replace(
        clock,
        stopped_at=None,
        outcome=None,
        pauses=(*clock.pauses, gap),
        budget_version=clock.budget_version + int(ahead),
    )


def _on(clock: Clock, at: datetime) -> Clock:
    """Running on from `at`; a pause that lasted no time leaves no mark."""
    if not clock.paused:
        return clock
    going = clocks_.resume(clock, at)
    last = going.pauses[-1]
    return replace(going, pauses=going.pauses[:-1]) if last.start == last.end else going
