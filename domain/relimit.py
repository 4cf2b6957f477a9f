"""A running clock under another limit: what it used stays used; and the limits of a plan."""

from dataclasses import replace
from datetime import timedelta

from domain import clock as clocks_
from domain.calendar import Limit
from domain.clock import Clock
from domain.joint import is_open, shares
from domain.terms import TaskState
from domain.turn import Turn

_QUARTER = 4


def relimit(turn: Turn, clock: Clock, old: Limit, new: Limit) -> Clock:
    """A clock that got its budget from `old`, with the one that `new` gives, from its start on.

    On the same timeline used hours stay hours: 6 of 8 work hours are 6 of 16. A rework is
    judged on the new limit, and its ladder is worked out anew.
    """
    budget, judged = new.running, clock.judged_budget
    if new.continuous is not clock.continuous:
        clock = on_timeline(turn, clock, new.running / old.running, continuous=new.continuous)
        judged = clock.judged_budget
    elif judged is not None:
        judged += new.running - old.running
    if judged is not None:
        flow = turn.flow
        least = flow.rework_least_urgent if new.continuous else flow.rework_least
        budget = max(judged - clock.used_before, min(new.running, least.running))
    return replace(clocks_.change_budget(clock, budget), judged_budget=judged)


def sign_within(turn: Turn, clock: Clock, handle: Clock | None, limit: Limit) -> Clock:
    """A running `sign` with another limit, or a quarter of `handle` if that is sooner."""
    normal = _given(turn, clock, limit.running, continuous=limit.continuous)
    if handle is None:
        return normal
    quarter = _given(turn, clock, handle.budget / _QUARTER, continuous=handle.continuous)
    due = [clocks_.due_at(one, turn.book.calendars) for one in (normal, quarter)]
    return quarter if due[0] and due[1] and due[1] < due[0] else normal


def _given(turn: Turn, clock: Clock, budget: timedelta, *, continuous: bool) -> Clock:
    if continuous is not clock.continuous:
        ratio = budget / clock.budget
        clock = on_timeline(turn, clock, ratio, continuous=continuous)
    return clock if budget == clock.budget else clocks_.change_budget(clock, budget)


def on_timeline(turn: Turn, clock: Clock, ratio: float, *, continuous: bool) -> Clock:
    """From working time to day and night, or back: hours do not compare, so shares are kept.

    6 of 8 work hours are three quarters, so 1.5 of 2 urgent hours. Extensions and what earlier
    rounds used are converted alike; `ratio` is the new limit over the old one.
    """
    calendar = "" if continuous else turn.calendar
    moved = clocks_.change_timeline(clock, calendar, turn.at, turn.book.calendars)
    judged = moved.judged_budget
    return replace(
        moved,
        carried=moved.carried * ratio,
        extended=moved.extended * ratio,
        used_before=moved.used_before * ratio,
        judged_budget=None if judged is None else judged * ratio,
    )


def tasks_limits(turn: Turn, old: Limit, new: Limit) -> None:
    """Joint: departments that had the condition's limit `old` have `new`.

    A limit that the plan gave to a department stays. Each hears of it on its own timeline;
    one that is done, when it goes on. The plan is another one for who saw it before.
    """
    for task in shares(turn.tasks.values()):
        goes_on = is_open(task) or task.state is TaskState.DONE
        if goes_on and task.limit == old != new:
            turn.put_task(replace(task, limit=new))
            turn.patch = replace(turn.patch, version=turn.case.version + 1)
