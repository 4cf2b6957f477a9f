"""Calls to the site and levels, as pages show them and as forms offer them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from domain import clock as clocks_
from domain.book import Book
from domain.calls import to_score
from domain.case import Case, Event
from domain.facts import Call
from domain.levels import level_of, lower_units
from domain.people import Actor
from domain.permission import called_by, is_called
from domain.terms import Action, Haste, State
from registry.site_calls import CallLine
from web.board_view import marks_of
from web.words import Due, Stand, Words

Named = Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class SiteChoices:
    """What the forms of the whistle and of levels offer.

    Attributes:
        near: Departments that have or own the case: called first.
        more: All the others.
        calls: Calls that an action may mean, by action.
        lower: Units of a lower level that answer for the place.
    """

    near: Named
    more: Named
    calls: Mapping[str, Named]
    lower: Named


def site_choices(case: Case, book: Book, words: Words, reader: Actor) -> SiteChoices:
    """What one reader may choose from."""
    waiting = {one.unit for one in case.calls if one.expected}
    own = {grant.unit for grant in reader.grants}
    owners = (one.unit for one in book.owners_of(case.subclass, case.grid))
    near = dict.fromkeys((*(one.unit for one in case.tasks), *owners))
    shown = [one for one in near if one not in waiting | own]
    rest = (one for one in words.directory.units if one not in waiting | own | set(shown))

    def named(units: Iterable[str]) -> Named:
        return [(one, words.unit(one)) for one in units]

    def calls(wanted: Iterable[Call]) -> Named:
        return [(str(one.number), _call(one, words)) for one in wanted]

    clocks = {one.clock_id: one for one in case.clocks}
    mine = [one for one in case.calls if called_by(reader, one, case, book)]
    return SiteChoices(
        near=named(shown),
        more=named(rest),
        calls={
            Action.ARRIVE: calls(
                one for one in case.calls if one.expected and is_called(reader, one, book)
            ),
            Action.SCORE_ARRIVAL: calls(
                one
                for one in mine
                if to_score(one, clocks[one.clock], words.now, book.calendars)
            ),
            Action.CALL_OFF: calls(one for one in mine if one.expected),
        },
        lower=named(lower_units(case, book)),
    )


def _call(one: Call, words: Words) -> str:
    return f"{words.unit(one.unit)} · {words.at(one.at).words}"


@dataclass(frozen=True, kw_only=True)
class CallView:
    """A call on a case's page or on the board: who, by whom, how it stands."""

    unit: str
    by: str
    haste: str
    called: str
    stands: str
    tone: str
    due: Due | None


def call_views(case: Case, book: Book, words: Words) -> list[CallView]:
    """Calls of a case; those that are waited for first."""
    found = [_view(one, case, book, words) for one in case.calls]
    return sorted(found, key=lambda one: one.tone != "wait")


def _view(one: Call, case: Case, book: Book, words: Words) -> CallView:
    clock = next(it for it in case.clocks if it.clock_id == one.clock)
    due = clocks_.due_at(clock, book.calendars)
    return CallView(
        unit=words.unit(one.unit),
        by=caller_words(one.caller, words),
        haste=words.label(one.haste),
        called=words.at(one.at).words,
        stands=words.joined(_stands(one, words)),
        tone=_tone(one, late=clocks_.on_time(clock, book.calendars) is False),
        due=words.due(due) if one.expected and due else None,
    )


def called(event: Event, book: Book, words: Words) -> str:
    """Whom an event called to the site, and until when they have to be there."""
    clocks = {one.clock_id: one for one in event.clocks}
    new = [one for one in event.patch.calls or () if one.clock in clocks]
    if event.action is not Action.WHISTLE or not new:
        return ""
    due = clocks_.due_at(clocks[new[0].clock], book.calendars)
    return words.t(
        "timeline_called",
        units=words.joined(words.unit(one.unit) for one in new),
        haste=words.label(new[0].haste),
        due=words.at(due).words if due else "–",
    )


def _tone(one: Call, *, late: bool) -> str:
    if one.expected:
        return "wait"
    return "late" if one.missed or late else "calm"


def caller_words(caller: str, words: Words) -> str:
    """Who called: the street, or the centre."""
    return words.unit(caller) if caller else words.t("call_centre")


def _stands(one: Call, words: Words) -> Iterable[str]:
    if one.called_off:
        yield words.t("call_off")
    elif one.missed:
        yield words.t("call_missed")
    elif one.arrived_at is not None:
        at = words.at(one.arrived_at).words
        yield words.t("call_arrived", at=at)
        if one.distance is not None:
            yield words.t("call_distance", metres=f"{one.distance:.0f}")
    else:
        yield words.t("call_waits" if one.expected else "call_over")
    if one.score:
        yield words.t("call_score", score=one.score)


def level_words(case: Case, book: Book, words: Words) -> str:
    """The level that has the case; empty before any has it."""
    level = level_of(case, book)
    return words.label(level) if level else ""


def hop_lines(case: Case, book: Book, words: Words) -> list[str]:
    """Steps between levels, one line each."""
    lines = []
    for one in case.hops:
        up = one.level.above(book.tier(one.unit).level)
        key = "hop_up" if up else "hop_down"
        said = words.t(
            key,
            unit=words.unit(one.unit),
            to=words.unit(one.to) if one.to else words.label(one.level),
            at=words.at(one.at).words,
        )
        reason = words.reason(Action.HAND_UP, one.reason) if one.reason else ""
        lines.append(f"{said} · {reason}" if reason else said)
    return lines


@dataclass(frozen=True, kw_only=True)
class CallLineView:
    """A line of the whistle board; `waits`: its time to come is not over."""

    waits: bool
    case_no: str
    unit: str
    by: str
    haste: str
    called: str
    stands: str
    tone: str
    due: Due | None
    state: Stand
    urgent: bool
    marks: Sequence[str]
    words: str
    class_name: str
    place: str


def line_views(lines: Iterable[CallLine], words: Words) -> list[CallLineView]:
    """The lines of the board."""
    return [_line(one, words) for one in lines]


def _line(one: CallLine, words: Words) -> CallLineView:
    expected = one.arrived_at is None and one.ended_at is None
    late = one.due_at is not None and words.now > one.due_at
    waits = expected and not late
    if one.arrived_at is not None:
        stands = words.t("call_arrived", at=words.at(one.arrived_at).words)
    else:
        stands = words.t("call_waits" if expected else "call_over")
    return CallLineView(
        waits=waits,
        case_no=one.case_no,
        unit=words.unit(one.unit),
        by=caller_words(one.caller, words),
        haste=words.label(Haste(one.haste)),
        called=words.at(one.called_at).words,
        stands=stands,
        tone="wait" if waits else "late" if expected else "calm",
        due=words.due(one.due_at) if expected and one.due_at else None,
        state=words.state(State(one.state)),
        urgent=one.urgent,
        marks=marks_of(one.emergency, words, drill=one.drill),
        words="…" if words.confidential(one.subclass) else one.words,
        class_name=words.subclass(one.subclass) or words.t("class_none"),
        place=words.grid(one.grid) or one.address or words.t("place_none"),
    )
