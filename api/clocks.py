"""The sum behind a case's limits, so that a person can redo it."""

from datetime import datetime

from api.answers import ClockAnswer, FiredAnswer, PauseAnswer, SpanAnswer, SumRow
from domain import clock as rules
from domain.book import Book
from domain.clock import Clock
from domain.clock_sum import ExplainRow, explain


def clock_answer(clock: Clock, at: datetime, book: Book) -> ClockAnswer:
    """A clock at a moment, with its explanation."""
    due = rules.due_at(clock, book.calendars)
    calendar = book.calendars.get(clock.calendar)
    running = clock.stopped_at is None
    left = rules.remaining(clock, at, book.calendars) if running else None
    return ClockAnswer(
        clock_id=clock.clock_id,
        kind=clock.kind,
        owner=clock.owner,
        calendar=clock.calendar,
        continuous=clock.continuous,
        urgent=clock.urgent,
        budget_seconds=clock.budget.total_seconds(),
        extended_seconds=clock.extended.total_seconds(),
        used_seconds=rules.used(clock, at, book.calendars).total_seconds(),
        remaining_seconds=left.total_seconds() if left is not None else None,
        started_at=clock.started_at,
        due_at=due,
        provisional=bool(calendar and due and calendar.is_provisional(clock.started_at, due)),
        paused=clock.paused,
        stopped_at=clock.stopped_at,
        outcome=clock.outcome,
        on_time=rules.on_time(clock, book.calendars),
        rungs=sorted(clock.rungs),
        fired=[FiredAnswer.model_validate(one) for one in clock.fired],
        pauses=[PauseAnswer.model_validate(one) for one in clock.pauses],
        explain=[_row(one) for one in explain(clock, book.calendars)],
    )


def _row(row: ExplainRow) -> SumRow:
    kind = row.kind
    return SumRow(
        day=row.day.isoformat(),
        kind=str(kind.label) if kind else "continuous",
        name=kind.name if kind else "",
        counted=[SpanAnswer(start=start, end=end) for start, end in row.counted],
        seconds=row.amount.total_seconds(),
        total_seconds=row.total.total_seconds(),
        past_budget_seconds=row.past_budget.total_seconds(),
        pauses=[PauseAnswer.model_validate(one) for one in row.pauses],
    )
