"""The alarm of an emergency: to the leader at once, and up the duty roster till one answers."""

from collections.abc import Iterable
from dataclasses import replace

from domain.calendar import Limit, Unit
from domain.clock import ClockKind, Outcome
from domain.emergency_plan import EmergencyPlan, Post
from domain.facts import Alarm
from domain.permission import holds
from domain.terms import Role
from domain.turn import Turn
from domain.why import Because

_MINUTES = 60
LAST = Post(to=f"role:{Role.COMMAND_CHIEF}")
"""Who keeps an alarm that nobody answers; he is told once."""


def alarms_of(turn: Turn) -> tuple[Alarm, ...]:
    """All alarms, as this step leaves them."""
    return turn.case.alarms if turn.patch.alarms is None else turn.patch.alarms


def ringing(found: Iterable[Alarm]) -> Alarm | None:
    """The alarm that waits for its answer."""
    return next((one for one in found if one.rings), None)


def raise_alarm(turn: Turn, plan: EmergencyPlan | None) -> None:
    """Alarm the first of the roster at once; an alarm that still waits gives way to it."""
    end_alarms(turn)
    found = alarms_of(turn)
    _call(turn, plan, step=1, number=1 + max((one.round for one in found), default=0))


def can_climb(turn: Turn) -> None:
    """E5: an alarm waits, and its time is over."""
    clock = turn.running(ClockKind.ALARM)
    if ringing(alarms_of(turn)) is None or clock is None or not clock.fired:
        turn.not_now(Because.NO_ALARM)


def climb(turn: Turn) -> None:
    """E5: nobody answered; the next of the roster is alarmed."""
    waits = ringing(alarms_of(turn))
    if waits is None:
        turn.not_now(Because.NO_ALARM)
    turn.stop(ClockKind.ALARM, Outcome.DONE)
    _put(turn, replace(waits, passed_on_at=turn.at))
    plan = turn.book.emergency_plan(turn.case)
    _call(turn, plan, step=waits.step + 1, number=waits.round)


def can_acknowledge(turn: Turn) -> None:
    """E4: an alarm waits for him, or was passed on from him."""
    if ringing(alarms_of(turn)) is None:
        turn.not_now(Because.NO_ALARM)


def acknowledge(turn: Turn) -> None:
    """E4: he has it; nobody further up is alarmed."""
    turn.stop(ClockKind.ALARM)
    mine = _his(turn)
    if mine is None:
        turn.not_now(Because.NO_ALARM)
    person = turn.actor.person
    _put(turn, replace(mine, acknowledged_at=turn.at, acknowledged_by=person))
    _close(turn)
    turn.notify = (f"role:{Role.DUTY_CHIEF}",)


def _his(turn: Turn) -> Alarm | None:
    """The step that he answers for: by his own name first, then by a role that he has here."""
    person, case = turn.actor.person, turn.case
    here = {
        f"role:{one.role}" for one in turn.actor.grants if holds(turn.actor, one.role, case)
    }
    waits = [one for one in alarms_of(turn) if not (one.acknowledged_at or one.ended_at)]
    named = [one for one in waits if one.to == f"person:{person}"]
    return next(reversed(named or [one for one in waits if one.to in here]), None)


def end_alarms(turn: Turn) -> None:
    """What still waits for an answer needs none any more."""
    turn.stop(ClockKind.ALARM, Outcome.VOID)
    _close(turn)


def _close(turn: Turn) -> None:
    """End all alarms that nobody acknowledged himself."""
    for one in alarms_of(turn):
        if not (one.acknowledged_at or one.ended_at):
            _put(turn, replace(one, ended_at=turn.at))


def _call(turn: Turn, plan: EmergencyPlan | None, *, step: int, number: int) -> None:
    """Alarm a step of the roster; accounts that are gone are passed over."""
    roster = plan.roster if plan else ()
    while step < len(roster) and not _there(turn, roster[step - 1]):
        step += 1
    post = roster[step - 1] if step <= len(roster) else LAST
    clock = ""
    if step < len(roster):
        limit = Limit(value=post.minutes / _MINUTES, unit=Unit.URGENT_HOUR)
        clock = turn.start(ClockKind.ALARM, limit, owner=post.to).clock_id
    known = alarms_of(turn)
    alarm = Alarm(
        number=len(known) + 1, round=number, step=step, to=post.to, at=turn.at, clock=clock
    )
    turn.patch = replace(turn.patch, alarms=(*known, alarm))
    turn.notify = tuple(dict.fromkeys((*turn.notify, post.to)))


def _there(turn: Turn, post: Post) -> bool:
    what, _, name = post.to.partition(":")
    return what != "person" or name in turn.book.people


def _put(turn: Turn, alarm: Alarm) -> None:
    found = (alarm if one.number == alarm.number else one for one in alarms_of(turn))
    turn.patch = replace(turn.patch, alarms=tuple(found))
