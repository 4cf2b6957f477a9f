"""What an open case of another system must have, by its state, before it is taken over."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from types import MappingProxyType
from zoneinfo import ZoneInfo

from domain.book import Book, Condition, Subclass
from domain.labels import STATES, Label
from domain.open_case import OpenCase, Problem, Wrong
from domain.table import MOVES as TABLE
from domain.terms import FINAL, Action, Role, State

WITH_UNIT = frozenset(
    {
        State.DISPATCHED,
        State.SIGNED,
        State.HANDLING,
        State.RETURNED,
        State.ON_HOLD,
        State.CONSULTING,
        State.FED_BACK,
        State.CHECKING,
        State.TO_CLOSE,
    }
)
"""States in which a unit has the case, or has fed it back."""
FED_BACK = frozenset({State.FED_BACK, State.CHECKING, State.TO_CLOSE})
SETTLED = frozenset(
    {State.CLOSED, State.ANSWERED, State.REFUSED, State.SELF_CLOSED, State.TRANSFERRED}
)
_ASKING = frozenset({State.VERIFYING, State.CHECKING})
_MAY_HAVE_UNIT = WITH_UNIT | {State.ARBITRATING, State.CLOSED}
_CLASSED = WITH_UNIT | {State.ACCEPTED, State.FILED, State.ARBITRATING}
_PLACED = _CLASSED | {State.VERIFYING}
FILED = _CLASSED - {State.ACCEPTED}
"""States after filing: an accept condition was chosen."""
PENDING: Mapping[str, Action] = MappingProxyType(
    {
        "refusal": Action.DECLINE_REFUSAL,
        "extension": Action.APPROVE_EXTENSION,
        "hold": Action.APPROVE_HOLD,
        "withdraw": Action.AGREE_WITHDRAW,
        "force_close": Action.FORCE_CLOSE,
        "void": Action.VOID,
    }
)
"""Requests that may be taken over, each with the action that decides it."""
_HOUR = timedelta(hours=1)
_IN_ORDER = ("reported_at", "dispatched_at", "signed_at", "fed_back_at", "settled_at")
_SINCE_REPORT = ("stage_started_at", "hold_since", "pending_at")
_AMOUNTS = ("used_before", "stage_used", "handle_used", "whole_used", "extended")
_AHEAD = ("hold_until", "pending_until", "follow_up_until")


def problems_of(spec: OpenCase, book: Book, at: datetime) -> tuple[Problem, ...]:
    """Everything that is wrong with a case; nothing else is looked at when its state is."""
    found = tuple(_state(spec))
    if found:
        return found
    times = _Times(spec, book, at)
    return (
        *_needs(spec, book),
        *_misplaced(spec),
        *_codes(spec, book),
        *_people(spec, book),
        *times.problems(),
        *_rounds(spec),
        *_promise(spec, book),
        *_pending(spec),
    )


def condition_of(spec: OpenCase, book: Book) -> Condition | None:
    """The accept condition named, or the only one of the class."""
    subclass = _subclass(spec, book)
    if subclass is None:
        return None
    if not spec.condition and len(subclass.conditions) == 1:
        return subclass.conditions[0]
    return subclass.condition(spec.condition)


def _subclass(spec: OpenCase, book: Book) -> Subclass | None:
    return book.subclass(0, spec.subclass) if spec.subclass else None


def plain(value: object) -> Label:
    """A value that reads the same in both languages."""
    return Label(str(value), str(value))


def _problem(column: str, wrong: Wrong, spec: OpenCase, **values: Label) -> Problem:
    return Problem(column=column, wrong=wrong, values={"state": STATES[spec.state], **values})


def _state(spec: OpenCase) -> Iterator[Problem]:
    if spec.state in FINAL:
        yield _problem("state", Wrong.FINAL, spec)
    elif spec.state is State.MERGED:
        yield _problem("state", Wrong.MERGED, spec)


def _needs(spec: OpenCase, book: Book) -> Iterator[Problem]:
    state = spec.state
    wanted = {
        "grid": state in _PLACED,
        "subclass": state in _CLASSED,
        "condition": state in FILED and _subclass(spec, book) is not None,
        "unit": state in WITH_UNIT,
        "asked": state in _ASKING,
        "hold_until": state is State.ON_HOLD,
        "settled_at": state in SETTLED,
        "receiver": state is State.TRANSFERRED,
    }
    given = {
        "condition": spec.condition or condition_of(spec, book) is not None,
    }
    for column, needed in wanted.items():
        if needed and not given.get(column, getattr(spec, column)):
            yield _problem(column, Wrong.MISSING, spec)
    if state in _MAY_HAVE_UNIT and spec.unit and spec.handle_used is None:
        if spec.dispatched_at is None:
            yield _problem("dispatched_at", Wrong.MISSING, spec)
        elif state in FED_BACK and spec.fed_back_at is None:
            yield _problem("fed_back_at", Wrong.MISSING, spec)


def _misplaced(spec: OpenCase) -> Iterator[Problem]:
    state = spec.state
    room = {
        "unit": state in _MAY_HAVE_UNIT,
        "asked": state in _ASKING | {State.SELF_CLOSED},
        "hold_until": state is State.ON_HOLD,
        "hold_reason": state is State.ON_HOLD,
        "receiver": state is State.TRANSFERRED,
        "settled_at": state in SETTLED,
        "stages_done": bool(spec.unit),
    }
    for column, has_room in room.items():
        value = getattr(spec, column)
        if value and not has_room:
            yield _problem(column, Wrong.MISPLACED, spec, value=plain(value))


def _codes(spec: OpenCase, book: Book) -> Iterator[Problem]:
    joint = any(mark in spec.unit for mark in ";；,，、|")
    if joint:
        yield _problem("unit", Wrong.JOINT, spec, value=plain(spec.unit))
    condition = condition_of(spec, book)
    stages = {one.key for one in condition.stages} if condition else set()
    reasons = book.reasons.get(Action.REQUEST_HOLD, frozenset())
    named = (
        ("grid", spec.grid, spec.grid in book.grids),
        ("subclass", spec.subclass, _subclass(spec, book) is not None),
        (
            "condition",
            f"{spec.subclass}/{spec.condition}" if spec.condition else "",
            condition is not None,
        ),
        ("unit", spec.unit, joint or spec.unit in book.units),
        *(("returns", one.unit, one.unit in book.units) for one in spec.returns),
        ("hold_reason", spec.hold_reason, spec.hold_reason in reasons),
        *(("stages_done", key, key in stages) for key in spec.stages_done),
    )
    for column, value, known in named:
        if value and not known:
            yield _problem(column, Wrong.UNKNOWN, spec, value=plain(value))


def _people(spec: OpenCase, book: Book) -> Iterator[Problem]:
    person = book.people.get(spec.person)
    if spec.person:
        of_unit = person and any(book.within(one.unit, spec.unit) for one in person.grants)
        if person is None or (spec.unit in book.units and not of_unit):
            yield _problem("person", Wrong.NOT_OF_UNIT, spec, value=plain(spec.person))
    asked = book.people.get(spec.asked)
    if spec.asked and (asked is None or not asked.has(Role.GRID_MEMBER)):
        yield _problem("asked", Wrong.NO_MEMBER, spec, value=plain(spec.asked))
    if spec.pending_by and spec.pending_by not in book.people:
        yield _problem("pending_by", Wrong.UNKNOWN, spec, value=plain(spec.pending_by))


class _Times:
    """Times in order, amounts that can be."""

    def __init__(self, spec: OpenCase, book: Book, at: datetime) -> None:
        self._spec = spec
        self._at = at
        self._zone = ZoneInfo(book.calendars[book.calendar].zone)

    def problems(self) -> Iterator[Problem]:
        """All of them."""
        yield from self._past()
        yield from self._ordered()
        yield from self._ahead()
        yield from self._amounts()

    def _said(self, moment: datetime) -> Label:
        return plain(moment.astimezone(self._zone).strftime("%Y-%m-%d %H:%M"))

    def _of(self, column: str) -> datetime | None:
        found: datetime | None = getattr(self._spec, column)
        return found

    def _past(self) -> Iterator[Problem]:
        returned = [("returns", one.at) for one in self._spec.returns]
        named = [(name, self._of(name)) for name in (*_IN_ORDER, *_SINCE_REPORT)]
        for column, moment in (*named, *returned):
            if moment is not None and moment > self._at:
                yield _problem(column, Wrong.FUTURE, self._spec, value=self._said(moment))

    def _ordered(self) -> Iterator[Problem]:
        known = [(name, moment) for name in _IN_ORDER if (moment := self._of(name)) is not None]
        for earlier, later in pairwise(known):
            if later[1] < earlier[1]:
                yield self._disordered(*later, *earlier)
        reported = self._spec.reported_at
        after = [(name, self._of(name)) for name in (*_SINCE_REPORT, "whole_due")]
        after += [("returns", one.at) for one in self._spec.returns]
        after += [("upstream_due", self._spec.upstream_due)]
        for name, moment in after:
            if moment is not None and moment < reported:
                yield self._disordered(name, moment, "reported_at", reported)

    def _disordered(
        self, column: str, moment: datetime, earlier: str, before: datetime
    ) -> Problem:
        return _problem(
            column,
            Wrong.ORDER,
            self._spec,
            value=self._said(moment),
            before=plain(earlier),
            earlier=self._said(before),
        )

    def _ahead(self) -> Iterator[Problem]:
        for column in _AHEAD:
            moment = self._of(column)
            if moment is not None and moment <= self._at:
                yield _problem(column, Wrong.PAST, self._spec, value=self._said(moment))

    def _amounts(self) -> Iterator[Problem]:
        spec, most = self._spec, max(self._at - self._spec.reported_at, timedelta(0))
        for column in (*_AMOUNTS, "pending_hours"):
            amount: timedelta | None = getattr(spec, column)
            if amount is not None and amount < timedelta(0):
                yield _problem(column, Wrong.NEGATIVE, spec, value=_hours(amount))
        handle = (spec.handle_used or timedelta(0)) + (spec.used_before or timedelta(0))
        whole = spec.whole_used or timedelta(0)
        stage = spec.stage_used or timedelta(0)
        for column, amount in (
            ("handle_used", handle),
            ("whole_used", whole),
            ("stage_used", stage),
        ):
            if amount > most:
                values = {"value": _hours(amount), "most": _hours(most)}
                yield _problem(column, Wrong.TOO_MUCH, spec, **values)


def _hours(amount: timedelta) -> Label:
    return plain(f"{amount / _HOUR:.2f}".rstrip("0").rstrip("."))


def _rounds(spec: OpenCase) -> Iterator[Problem]:
    if spec.round < 1:
        yield _problem("round", Wrong.ROUND, spec, value=plain(spec.round))
    if spec.round > 1 and spec.unit:
        for column in ("used_before", "handle_used"):
            if getattr(spec, column) is None:
                yield _problem(column, Wrong.MISSING, spec)
    if spec.extensions < 0:
        yield _problem("extensions", Wrong.NEGATIVE, spec, value=plain(spec.extensions))
    elif bool(spec.extensions) is not bool(spec.extended):
        column = "extended" if spec.extensions else "extensions"
        yield _problem(column, Wrong.COUNT, spec)


def _promise(spec: OpenCase, book: Book) -> Iterator[Problem]:
    if spec.whole_used is None:
        return
    if spec.whole_due is not None:
        yield _problem("whole_used", Wrong.BOTH, spec)
    elif book.flow_in_force(spec.source, spec.subclass).whole is None:
        yield _problem("whole_used", Wrong.NO_PROMISE, spec)


def _pending(spec: OpenCase) -> Iterator[Problem]:
    kind = spec.pending
    if not kind:
        return
    decided_by = PENDING.get(kind)
    if decided_by is None:
        yield _problem("pending", Wrong.UNKNOWN, spec, value=plain(kind))
    elif (spec.state, decided_by) not in TABLE:
        yield _problem("pending", Wrong.PENDING, spec, value=plain(kind))
    if kind == "extension" and not spec.pending_hours:
        yield _problem("pending_hours", Wrong.MISSING, spec)
    if kind == "hold" and spec.pending_until is None:
        yield _problem("pending_until", Wrong.MISSING, spec)
