"""A case's clocks as its page shows them: how each stands, and the sum, day by day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from domain import clock as clocks_
from domain.book import Book
from domain.case import Case, Event
from domain.clock import Clock
from domain.explain import Explained, Line, explained
from domain.explain_texts import (
    amount_figures,
    date_words,
    day_words,
    rung_words,
    sentences,
    span_words,
)
from web.facts_view import stage_names
from web.language import running
from web.words import Words

FULL = 100
NEAR = 75


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
    says: Sequence[str]
    rows: Sequence[DayView]
    rungs: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A clock in one line: what it is, how it stands, how much is used (per cent)."""

    label: str
    used: str
    stands: str
    tone: str
    percent: int


def bar_of(clock: Clock, book: Book, words: Words) -> Bar:
    """A clock in one line."""
    used = clocks_.used(clock, words.now, book.calendars)
    stands, tone = _stands(clock, book, words)
    return Bar(
        label=words.label(clock.kind),
        used=_used(clock, used, words),
        stands=stands,
        tone=tone,
        percent=_percent(clock, used),
    )


def _used(clock: Clock, used: timedelta, words: Words) -> str:
    limit = running(clock.limit, words.language, working=not clock.continuous)
    spent = running(used, words.language, working=False)
    return words.t("clock_used", used=spent, limit=limit)


def _percent(clock: Clock, used: timedelta) -> int:
    return max(0, min(FULL, round(used / clock.limit * FULL)))


def clock_views(
    case: Case, events: Sequence[Event], book: Book, words: Words
) -> list[ClockView]:
    """All clocks of a case: running ones first, then the latest."""
    ordered = sorted(case.clocks, key=lambda one: one.started_at, reverse=True)
    ordered.sort(key=lambda one: one.stopped_at is not None)
    found = (explained(one, case, events, book, words.now) for one in ordered)
    stages = stage_names(case, book, words)
    return [_view(one, stages, book, words) for one in found]


def _view(why: Explained, stages: Mapping[str, str], book: Book, words: Words) -> ClockView:
    clock, used, due = why.clock, why.used, why.due
    stands, tone = _stands(clock, book, words)
    say = words.language
    return ClockView(
        id=clock.clock_id.replace(":", "-"),
        label=words.clock(clock.clock_id, stages),
        used=_used(clock, used, words),
        stands=stands,
        tone=tone,
        percent=_percent(clock, used),
        owner=f"{words.t('clock_owner')}: {words.owner(clock.owner) or '–'}",
        due=f"{words.t('due')}: {words.at(due).words if due else words.t('clock_paused')}",
        says=[one.text(say) for one in sentences(why)],
        rows=[_day(line, why, words) for line in why.lines],
        rungs=[rung_words(one, why).text(say) for one in why.rungs],
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


def _day(line: Line, why: Explained, words: Words) -> DayView:
    return DayView(
        day=date_words(line),
        kind=day_words(line).text(words.language),
        counted=span_words(line, why.zone) or "–",
        amount=amount_figures(line.amount),
        total=amount_figures(line.total),
    )
