"""A case's clocks as its page shows them: how each stands, and the sum, day by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain import clock as clocks_
from domain.book import Book
from domain.calendar import DayLabel
from domain.clock import Clock
from domain.clock_sum import ExplainRow, explain
from web.language import local, running
from web.words import Words

ZERO = timedelta(0)
FULL = 100
NEAR = 75
DAYS = {
    DayLabel.WORKING: "day_working",
    DayLabel.WEEKEND: "day_weekend",
    DayLabel.HOLIDAY: "day_holiday",
    DayLabel.MAKE_UP: "day_make_up",
}


@dataclass(frozen=True, kw_only=True)
class DayView:
    """One line of the sum."""

    day: str
    kind: str
    counted: str
    amount: str
    total: str


@dataclass(frozen=True, kw_only=True)
class ClockView:
    """One clock; `tone` colours it, `percent` of its limit is used (100 at most)."""

    id: str
    label: str
    used: str
    stands: str
    tone: str
    percent: int
    owner: str
    due: str
    rows: Sequence[DayView]


def clock_views(clocks: Sequence[Clock], book: Book, words: Words) -> list[ClockView]:
    """All clocks of a case: running ones first, then the latest."""
    ordered = sorted(clocks, key=lambda one: one.started_at, reverse=True)
    ordered.sort(key=lambda one: one.stopped_at is not None)
    return [_view(one, book, words) for one in ordered]


def _view(clock: Clock, book: Book, words: Words) -> ClockView:
    used = clocks_.used(clock, words.now, book.calendars)
    due = clocks_.due_at(clock, book.calendars)
    percent = round(used / clock.limit * FULL)
    stands, tone = _stands(clock, book, words)
    say = words.language
    number = clock.clock_id.partition(":")[2]
    limit = running(clock.limit, say, working=not clock.continuous)
    return ClockView(
        id=clock.clock_id.replace(":", "-"),
        label=words.label(clock.kind) + (f" {number}" if number else ""),
        used=words.t("clock_used", used=running(used, say, working=False), limit=limit),
        stands=stands,
        tone=tone,
        percent=max(0, min(FULL, percent)),
        owner=f"{words.t('clock_owner')}: {words.owner(clock.owner) or '–'}",
        due=f"{words.t('due')}: {words.at(due).words if due else words.t('clock_paused')}",
        rows=[_day(row, clock, words) for row in explain(clock, book.calendars)],
    )


def _stands(clock: Clock, book: Book, words: Words) -> tuple[str, str]:
    if clock.stopped_at is not None:
        on_time = clocks_.on_time(clock, book.calendars)
        if on_time is None:
            return words.t("clock_void"), "calm"
        return (
            (words.t("clock_on_time"), "calm") if on_time else (words.t("clock_late"), "late")
        )
    due = clocks_.due_at(clock, book.calendars)
    if due is None:
        return words.t("clock_paused"), "calm"
    shown = words.due(due)
    used = clocks_.used(clock, words.now, book.calendars)
    near = used / clock.limit * FULL >= NEAR
    return shown.words, "soon" if shown.tone == "calm" and near else shown.tone


def _day(row: ExplainRow, clock: Clock, words: Words) -> DayView:
    day = row.counted[0][0] if clock.continuous and row.counted else None
    shown = local(day).date() if day else row.day
    kind = words.t("clock_continuous") if row.kind is None else _kind(row, words)
    return DayView(
        day=f"{shown.month}-{shown.day:02}",
        kind=kind,
        counted=" · ".join(
            f"{local(opens):%H:%M}–{_end(opens, closes)}" for opens, closes in row.counted
        )
        or "–",
        amount=running(row.amount, words.language, working=False),
        total=running(row.total, words.language, working=False),
    )


def _end(opens: datetime, closes: datetime) -> str:
    first, last = local(opens), local(closes)
    return f"{last:%H:%M}" if first.date() == last.date() else f"{last:%m-%d %H:%M}"


def _kind(row: ExplainRow, words: Words) -> str:
    if row.kind is None:
        return ""
    base = words.t(DAYS[row.kind.label])
    return f"{base} · {row.kind.name}" if row.kind.name else base
