"""The follow-up window of a settled case: whether it is open, and for how long (T61)."""

from dataclasses import replace

from domain import clock as clocks_
from domain.clock import RED, ClockKind
from domain.turn import Turn
from domain.why import Why


def in_follow_up(turn: Turn) -> None:
    """The follow-up window must be open."""
    window = turn.running(ClockKind.FOLLOW_UP)
    due = clocks_.due_at(window, turn.book.calendars) if window else None
    if due is None or turn.fact_at > due:
        turn.refuse(Why.TOO_LATE, until=turn.until(due) if due else "-")


def hold_open(turn: Turn) -> None:
    """Give the window that runs a last rung, as late as an open call-back may keep one open."""
    window, flow = turn.running(ClockKind.FOLLOW_UP), turn.flow
    if window is None or window.rungs != (RED,):
        return
    longest = replace(
        window,
        budget=flow.follow_up.running * flow.follow_up_most,
        continuous=flow.follow_up.continuous,
        calendar=turn.calendar,
    )
    end = clocks_.due_at(longest, turn.book.calendars) or turn.at  # it runs: there is an end
    last = int(clocks_.used(window, end, turn.book.calendars) / window.budget * RED)
    turn.put(replace(window, rungs=(RED, max(last, RED + 1))))
