"""A case as its reporter may see it: plain words, no persons, no remarks between offices."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.case_facts import due_of
from domain import clock as clocks_
from domain.book import Book
from domain.case import Case
from domain.clock import ClockKind, Outcome
from domain.terms import FINAL, Action, Group, State
from domain.terms import GROUP_OF as GROUPS
from domain.visibility import may_reporter_read
from registry.asked import Asked
from registry.casefile import CaseFile, Entry
from registry.replies import Reply
from web.joint_view import progress
from web.language import Language
from web.texts_tracking import PUBLIC_MOVES, PUBLIC_STATES
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
        Action.SPLIT_OFF,
        Action.TAKE_OVER,
        Action.SELF_HANDLE,
        Action.ANSWER,
        Action.SEND_VERIFY,
        Action.VERIFY_FOUND,
        Action.ACCEPT,
        Action.REFUSE,
        Action.TRANSFER_OUT,
        Action.BOUNCED,
        Action.FILE,
        Action.DISPATCH,
        Action.PLAN,
        Action.SUM_UP,
        Action.SIGN,
        Action.START,
        Action.FEED_BACK,
        Action.CHECK_PASS,
        Action.CHECK_FAIL,
        Action.SAMPLE_FAIL,
        Action.CLOSE,
        Action.FORCE_CLOSE,
        Action.APPROVE_EXTENSION,
        Action.APPROVE_HOLD,
        Action.RESUME,
        Action.CONSULT,
        Action.DECIDE,
        Action.SUBSTITUTE,
        Action.ASK_REPORTER,
        Action.REPLY,
        Action.NO_REPLY,
        Action.SUPPLEMENT,
        Action.URGE,
        Action.WITHDRAW,
        Action.REQUEST_WITHDRAW,
        Action.AGREE_WITHDRAW,
        Action.REFUSE_WITHDRAW,
        Action.MERGE,
        Action.RELEASE,
        Action.MAIN_SETTLED,
        Action.CALL_BACK,
        Action.RATE,
        Action.REOPEN,
        Action.REJECT_REPLY,
        Action.ASK_REVIEW,
        Action.ARCHIVE,
        Action.VOID,
    }
)
TOLD_WHY = frozenset(
    {
        Action.REFUSE,
        Action.TRANSFER_OUT,
        Action.REFUSE_WITHDRAW,
        Action.FORCE_CLOSE,
        Action.VOID,
    }
)
"""Moves whose reason the reporter is told."""
OUTCOMES = frozenset(
    {
        Action.FEED_BACK,
        Action.SUM_UP,
        Action.ANSWER,
        Action.REFUSE,
        Action.TRANSFER_OUT,
        Action.DECIDE,
        Action.FORCE_CLOSE,
    }
)
"""Moves whose text is the answer to him."""


@dataclass(frozen=True, kw_only=True)
class PublicEntry:
    """A line of the public timeline."""

    label: str
    at: Moment
    unit: str
    reason: str
    note: str


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question that waits for the reporter's reply; `unit` has a task of a joint case."""

    unit: str
    words: str
    until: Due | None


@dataclass(frozen=True, kw_only=True)
class TrackView:
    """What the reporter sees."""

    stands: str
    next: str
    stage: int
    skips: bool
    reported: Moment
    promised: Moment | None
    promised_due: Due | None
    unit: str
    departments: str
    outcome: str
    receiver: str
    held: Moment | None
    answer: str
    meanwhile: PublicEntry | None
    questions: Sequence[Question]
    rated: bool
    timeline: Sequence[PublicEntry]


def track_view(
    file: CaseFile,
    book: Book,
    words: Words,
    *,
    replies: Sequence[Reply] = (),
    asked: Sequence[Asked] = (),
) -> TrackView:
    """The reporter's view of a case.

    Args:
        file: The case.
        book: Master data.
        words: The reader's language.
        replies: Answers to him, those of its main case too, the newest first.
        asked: Questions that wait for him, also of departments of a joint case.
    """
    case = file.case
    stands, comes = PUBLIC_STATES[case.state.value]
    index = 0 if words.language is Language.ZH else 1
    promises = [
        one
        for one in case.clocks
        if one.kind is ClockKind.WHOLE and one.outcome is not Outcome.VOID
    ]
    promised = clocks_.due_at(promises[-1], book.calendars) if promises else None
    stopped = bool(promises) and promises[-1].stopped_at is not None
    rated = bool(case.ratings)
    return TrackView(
        stands=_together(case, words) or stands[index],
        next=comes[index],
        stage=5 if rated else STAGES[GROUPS[case.state]],
        skips=not case.tasks,
        reported=words.at(file.row.reported_at),
        promised=words.at(promised) if promised else None,
        promised_due=words.due(promised)
        if promised and not stopped and case.state not in FINAL
        else None,
        unit=words.unit(case.unit) if case.unit and not case.joint else "",
        departments=_departments(case, words),
        outcome=_outcome(case, words),
        receiver=case.transferred_to,
        held=words.at(case.hold_until)
        if case.state is State.ON_HOLD and case.hold_until
        else None,
        answer=_answer(file, replies),
        meanwhile=_meanwhile(file, replies, words),
        questions=[_question(one, book, words) for one in asked],
        rated=rated,
        timeline=[
            _entry(one, case, words) for one in file.entries if one.event.action in SHOWN
        ],
    )


def _together(case: Case, words: Words) -> str:
    """Where a joint case stands while departments are at it: one case, however many tasks."""
    if not case.joint or GROUPS[case.state] is not Group.DEPARTMENT:
        return ""
    _, of = progress(case)
    return words.t("track_joint_units", n=of) if of > 1 else ""


def _departments(case: Case, words: Words) -> str:
    """How many departments have a joint case, and how many of them are done."""
    done, of = progress(case)
    if not case.joint or not of:
        return ""
    said = (
        words.t("track_joint_units", n=of),
        words.t("track_joint_done", done=done, all=of),
    )
    return " · ".join(said[1:] if _together(case, words) else said)


def _outcome(case: Case, words: Words) -> str:
    """How it was settled, for a case whose state does not say it."""
    if case.explained:
        return words.t("outcome_explained")
    if case.forced:
        return words.t("outcome_forced")
    if case.state is State.ARCHIVED and case.settled_as:
        return words.t(f"outcome_{case.settled_as}")
    return ""


def _answer(file: CaseFile, replies: Sequence[Reply]) -> str:
    """The last answer once the case is settled; closed with a main case, that one's."""
    if file.case.main:
        return next((one.text for one in replies if one.action in OUTCOMES), "")
    if GROUPS[file.case.state] not in {Group.SETTLED, Group.FINAL}:
        return ""
    answers = (_note(one) for one in file.entries if one.event.action in OUTCOMES)
    return next((one for one in answers if one), "")


def _meanwhile(file: CaseFile, replies: Sequence[Reply], words: Words) -> PublicEntry | None:
    """That the main case was put on hold, and why, until there is an answer."""
    if not file.case.main or _answer(file, replies):
        return None
    held = next((one for one in replies if one.action is Action.APPROVE_HOLD), None)
    if held is None:
        return None
    label = words.t("track_main_held")
    return PublicEntry(label=label, at=words.at(held.at), unit="", reason="", note=held.text)


def _question(asked: Asked, book: Book, words: Words) -> Question:
    due = due_of(asked.timeline, book, asked.question.clock)
    return Question(
        unit=words.unit(asked.unit) if asked.unit else "",
        words=asked.text,
        until=words.due(due) if due else None,
    )


def _note(entry: Entry) -> str:
    """The text of an event, if it is for the reporter."""
    event = entry.event
    return entry.note if may_reporter_read(event.action, event.actor, event.notify) else ""


def _entry(entry: Entry, case: Case, words: Words) -> PublicEntry:
    event = entry.event
    unit = ""
    if event.action is Action.DISPATCH and event.patch.unit:
        unit = words.unit(event.patch.unit)
    elif event.action is Action.FEED_BACK and event.state is State.FED_BACK:
        task = case.task
        unit = words.unit(task.unit) if task else ""
    reason = ""
    if event.action in TOLD_WHY and event.reason:
        channel = words.directory.channels.get((event.action, event.reason))
        parts = [words.reason(event.action, event.reason)]
        parts += [channel.of(words.language)] if channel else []
        reason = " — ".join(parts)
    plain = PUBLIC_MOVES.get(event.action.value)
    return PublicEntry(
        label=plain[0 if words.language is Language.ZH else 1]
        if plain
        else words.label(event.action),
        at=words.at(event.at),
        unit=unit,
        reason=reason,
        note=_note(entry),
    )
