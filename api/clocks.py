"""A clock with the sum behind it, so that a person can redo it."""

from collections.abc import Sequence
from datetime import datetime

from api.answers import (
    ClockAnswer,
    FiredAnswer,
    MovedAnswer,
    PauseAnswer,
    RungAnswer,
    Sentence,
    SpanAnswer,
    SumRow,
)
from domain import clock as rules
from domain.book import Book
from domain.case import Case, Event
from domain.clock import Clock
from domain.explain import Explained, Line, Rung, explained
from domain.explain_texts import clock_name, day_words, rung_words, sentences, span_words
from domain.facts import Moved


def clock_answer(
    clock: Clock, case: Case, events: Sequence[Event], at: datetime, book: Book
) -> ClockAnswer:
    """A clock at a moment, with its explanation."""
    why = explained(clock, case, events, book, at)
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
        used_seconds=why.used.total_seconds(),
        remaining_seconds=left.total_seconds() if left is not None else None,
        started_at=clock.started_at,
        due_at=why.due,
        provisional=bool(why.unpublished),
        paused=clock.paused,
        stopped_at=clock.stopped_at,
        outcome=clock.outcome,
        on_time=why.on_time,
        rungs=sorted(clock.rungs),
        fired=[FiredAnswer.model_validate(one) for one in clock.fired],
        pauses=[PauseAnswer.model_validate(one) for one in clock.pauses],
        sentences=[Sentence.of(one) for one in sentences(why)],
        explain=[_row(one, why) for one in why.lines],
        ladder=[_rung(one, why) for one in why.rungs],
    )


def moved_answer(moved: Moved) -> MovedAnswer:
    """A clock's due time before and after a change of versions."""
    was, left = moved.left_before, moved.left_after
    return MovedAnswer(
        clock_id=moved.clock_id,
        name=Sentence.of(clock_name(moved.clock_id)),
        before=moved.before,
        after=moved.after,
        left_before_seconds=was.total_seconds() if was is not None else None,
        left_after_seconds=left.total_seconds() if left is not None else None,
    )


def _row(line: Line, why: Explained) -> SumRow:
    return SumRow(
        first=line.first,
        last=line.last,
        kind=line.kind,
        words=Sentence.of(day_words(line)),
        counted=[SpanAnswer(start=start, end=end) for start, end in line.counted],
        shown=span_words(line, why.zone),
        seconds=int(line.amount.total_seconds()),
        total_seconds=int(line.total.total_seconds()),
        grounds=list(line.grounds),
    )


def _rung(rung: Rung, why: Explained) -> RungAnswer:
    return RungAnswer(
        percent=rung.percent,
        seconds=rung.amount.total_seconds(),
        due=rung.due,
        fired=FiredAnswer.model_validate(rung.fired) if rung.fired else None,
        words=Sentence.of(rung_words(rung, why)),
    )
