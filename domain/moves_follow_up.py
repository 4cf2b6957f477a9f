"""Moves after closing: call-back, rating, reopen, archive."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from domain import clock as clocks_
from domain.clock import RED, Clock, ClockKind, Outcome
from domain.facts import Rating
from domain.move import REASONED, Move
from domain.moves_consult import begin_consultation
from domain.moves_result import leave_closed, never_handled, new_round
from domain.promise import start_promise
from domain.terms import Action, Role, Solved, State
from domain.turn import Turn
from domain.why import Because, Why

SPOT_CHECK = "reopen_spot_check"
"""抽查不合格: the duty chief's only ground to reopen (T59)."""
STARS = range(1, 6)
UNSOLVED = frozenset({Solved.NO, Solved.PARTLY})


def can_call_back(turn: Turn) -> None:
    """T58: the reporter can be reached, has not said it himself, and tries are left."""
    case = turn.case
    if not case.has_contact:
        turn.not_now(Because.NO_CONTACT)
    if case.ratings or case.answered_call:
        turn.not_now(Because.RATED)
    if len(case.call_days) >= turn.flow.call_back_tries:
        turn.refuse(Why.TOO_MANY, most=str(turn.flow.call_back_tries), per="case")
    flow, hour = turn.flow, turn.local(turn.fact_at).hour
    if not flow.call_back_from <= hour < flow.call_back_until:
        turn.not_now(
            Because.NOT_CALLING_HOURS,
            from_hour=str(flow.call_back_from),
            until_hour=str(flow.call_back_until),
        )
    if turn.today in case.call_days:
        turn.not_now(Because.CALLED_TODAY)


def call_back(turn: Turn) -> None:
    """T58: one try; what the reporter says counts like his own rating."""
    case, step = turn.case, turn.step
    if step.reached is None:
        turn.refuse(Why.NEEDS_FIELD, field="reached")
    turn.patch = replace(turn.patch, call_days=(*case.call_days, turn.today))
    if step.reached:
        _take_rating(turn)
        turn.patch = replace(turn.patch, answered_call=True)
    turn.stop(ClockKind.CALL_BACK)


def rate(turn: Turn) -> None:
    """T58: the reporter's own word; the last one of a closing counts."""
    _take_rating(turn)
    turn.stop(ClockKind.CALL_BACK)


def _take_rating(turn: Turn) -> None:
    step = turn.step
    if step.solved is None:
        turn.refuse(Why.NEEDS_FIELD, field="solved")
    if step.score not in STARS:
        turn.refuse(Why.NEEDS_FIELD, field="score")
    mine = Rating(by=turn.actor.person, at=turn.at, solved=step.solved, score=step.score)
    turn.patch = replace(turn.patch, ratings=(mine,))
    _give_time(turn, mine)


def _give_time(turn: Turn, said: Rating) -> None:
    """Who is heard only after the window, and is not content, has once more a window's time.

    At most until the last moment to which an open call-back can hold the window open (T61).
    """
    window = turn.running(ClockKind.FOLLOW_UP)
    if window is None or _extra(window) or not _said_late(turn, window, said):
        return
    gone = clocks_.used(window, turn.at, turn.book.calendars) / window.budget
    extra = int(gone * RED) + RED
    if extra < max(window.rungs):
        turn.put(replace(window, rungs=tuple(sorted({*window.rungs, extra}))))


def _extra(window: Clock) -> int:
    """The rung that ends the time given on top; 0 where none was."""
    return next((one for one in window.rungs if RED < one < max(window.rungs)), 0)


def _said_late(turn: Turn, window: Clock, said: Rating | None) -> bool:
    """Whether it was said after the window that it is not solved, and may be reopened."""
    due = clocks_.due_at(window, turn.book.calendars)
    if said is None or due is None or turn.case.explained:
        return False
    return said.solved in UNSOLVED and said.at > due


def _last_word(turn: Turn) -> Rating | None:
    return turn.case.ratings[-1] if turn.case.ratings else None


def _open_until(turn: Turn) -> datetime | None:
    """The end of the window: later while the call-back is open, or once it came late (T61)."""
    window = turn.running(ClockKind.FOLLOW_UP)
    if window is None:
        return None
    percent = RED
    if _call_back_open(turn):
        percent = max(window.rungs)
    elif _said_late(turn, window, _last_word(turn)):
        percent = _extra(window) or max(window.rungs)
    return clocks_.rung_at(window, percent, turn.book.calendars)


def can_reopen(turn: Turn) -> None:
    """T59, T60: within the window, and only what is neither solved nor explained."""
    case = turn.case
    if turn.row.to is not State.CONSULTING and never_handled(case):
        turn.not_now(Because.NO_ROUND_BEFORE)
    if case.explained:
        turn.not_now(Because.EXPLAINED)
    due = _open_until(turn)
    if due is None or turn.fact_at > due:
        turn.refuse(Why.TOO_LATE, until=turn.until(due) if due else "-")
    said = case.ratings[-1].solved if case.ratings else None
    if turn.role is Role.CALL_BACK_CLERK and said not in UNSOLVED:
        turn.not_now(Because.NOT_SAID_UNSOLVED)
    if turn.role is Role.REPORTER and said is Solved.YES:
        turn.not_now(Because.SAID_SOLVED)


def reopen(turn: Turn) -> None:
    """T59, T60: a new promise to the citizen; first the same unit again, then a meeting."""
    turn.need_reason()
    if turn.role is Role.DUTY_CHIEF and turn.reason != SPOT_CHECK:
        turn.not_now(Because.NO_SPOT_CHECK)
    if turn.role is not Role.DUTY_CHIEF and turn.reason == SPOT_CHECK:
        turn.not_now(Because.CHIEF_S_SPOT_CHECK)
    leave_closed(turn)
    if turn.row.to is State.CONSULTING:
        begin_consultation(turn)
        turn.patch = replace(turn.patch, disputed=True)
    else:
        new_round(turn)
        turn.patch = replace(turn.patch, reopened=True)
    start_promise(turn)


def can_archive(turn: Turn) -> None:
    """T61: the window is over, and no call-back or sample is open (90 days at most).

    Nor the time of a reporter who was heard late and may have it reopened.
    """
    window = turn.running(ClockKind.FOLLOW_UP)
    passed = {one.percent for one in window.fired} if window else set[int]()
    if not passed:
        turn.not_now(Because.WINDOW_OPEN)
    last = window is not None and max(window.rungs) in passed
    if _call_back_open(turn) and not last:
        turn.not_now(Because.CALL_BACK_OPEN)
    late = window is not None and _said_late(turn, window, _last_word(turn))
    if window is not None and late and not (last or _extra(window) in passed):
        turn.not_now(Because.WINDOW_OPEN)
    if _sample_open(turn) and not last:
        turn.not_now(Because.SAMPLE_OPEN)
    if turn.case.waiting("void") and not last:
        turn.not_now(Because.VOID_OPEN)


def _call_back_open(turn: Turn) -> bool:
    """Whether the reporter is still to be called: no word of his, and tries are left (T58)."""
    case = turn.case
    if case.state is not State.CLOSED or not case.has_contact:
        return False
    tried = len(case.call_days) >= turn.flow.call_back_tries
    return not (case.ratings or case.answered_call or tried)


def _sample_open(turn: Turn) -> bool:
    """Whether a member was asked to look at what another one handled, and has not yet (T63)."""
    return turn.case.state is State.SELF_CLOSED and bool(turn.case.asked)


def archive(turn: Turn) -> None:
    """T61: the end; how it was settled stays on record."""
    turn.stop_all(Outcome.DONE)
    if turn.case.asked:
        turn.patch = replace(turn.patch, asked="")


MOVES: Mapping[Action, Move] = MappingProxyType(
    {
        Action.CALL_BACK: Move(
            do=call_back,
            when=can_call_back,
            needs=("reached", "solved?", "score?", "text?"),
        ),
        Action.RATE: Move(do=rate, needs=("solved", "score", "text?")),
        Action.REOPEN: Move(do=reopen, when=can_reopen, needs=REASONED),
        Action.ARCHIVE: Move(do=archive, when=can_archive),
    }
)
