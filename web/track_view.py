"""A case as its reporter may see it: plain words, no persons, no remarks between offices."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain import clock as clocks_
from domain.book import Book
from domain.case import Case
from domain.clock import ClockKind
from domain.terms import FINAL, Action, Group, State
from domain.terms import GROUP_OF as GROUPS
from registry.casefile import CaseFile, Entry
from web.language import Language
from web.texts_public import PUBLIC_STATES
from web.words import Due, Moment, Words

STAGES = {
    Group.INTAKE: 1,
    Group.DEPARTMENT: 2,
    Group.DECISION: 2,
    Group.RESULT: 3,
    Group.SETTLED: 4,
    Group.FINAL: 5,
}
SHOWN = frozenset(
    {
        Action.REPORT,
        Action.SEND_VERIFY,
        Action.VERIFY_FOUND,
        Action.ACCEPT,
        Action.REFUSE,
        Action.FILE,
        Action.DISPATCH,
        Action.SIGN,
        Action.START,
        Action.FEED_BACK,
        Action.CHECK_PASS,
        Action.CHECK_FAIL,
        Action.CLOSE,
        Action.APPROVE_EXTENSION,
        Action.URGE,
        Action.WITHDRAW,
        Action.CALL_BACK,
        Action.RATE,
        Action.REOPEN,
        Action.ARCHIVE,
        Action.VOID,
    }
)
ADDRESSED = frozenset({Action.FEED_BACK, Action.REFUSE})
"""Moves whose text is written for the reporter."""
HIS_OWN = frozenset({Action.URGE, Action.WITHDRAW, Action.RATE, Action.REOPEN})


@dataclass(frozen=True, kw_only=True)
class PublicEntry:
    """A line of the public timeline."""

    label: str
    at: Moment
    unit: str
    note: str


@dataclass(frozen=True, kw_only=True)
class TrackView:
    """What the reporter sees."""

    stands: str
    next: str
    stage: int
    reported: Moment
    promised: Moment | None
    promised_due: Due | None
    unit: str
    rated: bool
    timeline: Sequence[PublicEntry]


def track_view(file: CaseFile, book: Book, words: Words) -> TrackView:
    """The reporter's view of a case."""
    case = file.case
    stands, comes = PUBLIC_STATES[case.state.value]
    index = 0 if words.language is Language.ZH else 1
    promises = [one for one in case.clocks if one.kind is ClockKind.WHOLE]
    promised = clocks_.due_at(promises[-1], book.calendars) if promises else None
    stopped = bool(promises) and promises[-1].stopped_at is not None
    rated = bool(case.ratings)
    return TrackView(
        stands=stands[index],
        next=comes[index],
        stage=5 if rated else STAGES[GROUPS[case.state]],
        reported=words.at(file.row.reported_at),
        promised=words.at(promised) if promised else None,
        promised_due=words.due(promised)
        if promised and not stopped and case.state not in FINAL
        else None,
        unit=words.unit(case.unit) if case.unit else "",
        rated=rated,
        timeline=[
            _entry(one, case, words) for one in file.entries if one.event.action in SHOWN
        ],
    )


def _entry(entry: Entry, case: Case, words: Words) -> PublicEntry:
    event = entry.event
    unit = ""
    if event.action is Action.DISPATCH and event.patch.unit:
        unit = words.unit(event.patch.unit)
    elif event.action is Action.FEED_BACK and event.state is State.FED_BACK:
        task = case.task
        unit = words.unit(task.unit) if task else ""
    mine = event.action in HIS_OWN and event.actor == "reporter"
    return PublicEntry(
        label=words.label(event.action),
        at=words.at(event.at),
        unit=unit,
        note=entry.note if event.action in ADDRESSED or mine else "",
    )
