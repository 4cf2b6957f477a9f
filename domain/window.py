"""The follow-up window of a settled case, and how long it can be held open (T61)."""

from dataclasses import replace

from domain import clock as clocks_
from domain.clock import RED, ClockKind
from domain.turn import Turn


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
