"""Moves that settle a report at once: self-handled on the spot, or answered; the sample."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from domain.book import Subclass
from domain.clock import ClockKind, Outcome
from domain.deciding import not_who_handled
from domain.move import REASONED, Move
from domain.moves_intake import another_decides, classify
from domain.moves_verify import nearest_member
from domain.promise import resume_promise
from domain.terms import Action, Role, State
from domain.turn import Turn
from domain.why import Because, Why
from domain.window import hold_open

BEFORE_AND_AFTER = 2


def can_self_handle(turn: Turn) -> None:
    """T2: policy lets members settle it, and the class is on the list."""
    known = _class_of(turn)
    if not turn.flow.self_handle or (known is not None and not known.self_handle):
        turn.not_now(Because.NOT_SELF_HANDLED)


def _class_of(turn: Turn) -> Subclass | None:
    """The subclass of the case, or the one that the step names for it."""
    code = turn.step.subclass or turn.patch.subclass or turn.case.subclass
    return turn.book.subclass(turn.case.catalogue, code)


def self_handle(turn: Turn) -> None:
    """T2: put right on the spot; what was reported stays what it is, so nothing is reclassed.

    Of a share of the cases (◆) another member is asked for a look.
    """
    case, step = turn.case, turn.step
    if step.subclass and case.subclass and step.subclass != case.subclass:
        turn.not_now(Because.CLASS_IS_SET)
    turn.step = replace(step, grid="", condition=0)
    classify(turn)
    if not (turn.patch.subclass or case.subclass):
        turn.refuse(Why.NEEDS_FIELD, field="subclass")
    can_self_handle(turn)
    if len(set(step.photos)) < BEFORE_AND_AFTER:
        turn.not_now(Because.BEFORE_AND_AFTER)
    turn.need_photo_in_fence(or_text=False)
    for kind in (ClockKind.ACCEPT, ClockKind.VERIFY, ClockKind.WHOLE):
        turn.stop(kind)
    turn.stop_all(Outcome.VOID)
    sampled = drawn(case.case_no, turn.flow.sample_share)
    member = nearest_member(turn) if sampled else ""
    turn.patch = replace(
        turn.patch,
        settled_as=State.SELF_CLOSED.value,
        handled_by=turn.actor.person,
        sampled=bool(member),
        asked=member,
    )
    start_window(turn, wait=bool(member))
    turn.notify = ("reporter", *((f"person:{member}",) if member else ()))


def drawn(case_no: str, share: float) -> bool:
    """Whether a case is in the sample: the same answer whenever and wherever it is asked."""
    digest = hashlib.sha256(case_no.encode()).digest()
    return int.from_bytes(digest[:8]) < share * 2**64


def start_window(turn: Turn, *, wait: bool) -> None:
    """Start the follow-up window; an open sample holds it open as long as a call-back may."""
    turn.start(ClockKind.FOLLOW_UP, turn.flow.follow_up_self_closed)
    if wait:
        hold_open(turn)


def can_answer(turn: Turn) -> None:
    """T3: what policy lets the acceptor answer himself; after a review another person."""
    another_decides(turn)
    known = _class_of(turn)
    if known is not None and known.kind not in turn.flow.direct_answer:
        turn.not_now(Because.NO_DIRECT_ANSWER)


def answer(turn: Turn) -> None:
    """T3: the answer is the step's text."""
    classify(turn)
    if not (turn.patch.subclass or turn.case.subclass):
        turn.refuse(Why.NEEDS_FIELD, field="subclass")
    can_answer(turn)
    turn.need_text()
    turn.stop(ClockKind.ACCEPT)
    turn.stop(ClockKind.WHOLE)
    turn.stop_all(Outcome.VOID)
    turn.patch = replace(
        turn.patch,
        settled_as=State.ANSWERED.value,
        handled_by=turn.actor.person,
        asked="",
    )
    turn.start(ClockKind.FOLLOW_UP, turn.flow.follow_up)
    turn.notify = ("reporter",)


can_look = partial(not_who_handled, second="check")


def sample_pass(turn: Turn) -> None:
    """T63: it was put right."""
    turn.need_photo_in_fence(or_text=False)
    turn.patch = replace(turn.patch, asked="")


def sample_fail(turn: Turn) -> None:
    """T63: it was not; the promise to the citizen runs as if it had never been kept."""
    turn.need_reason()
    if not turn.step.photos:
        turn.refuse(Why.NEEDS_PHOTO)
    turn.stop(ClockKind.FOLLOW_UP, Outcome.VOID)
    resume_promise(turn)
    turn.patch = replace(turn.patch, asked="", settled_as="", verified=True)
    turn.start_stage(ClockKind.FILE)
    turn.notify = (f"role:{Role.DUTY_CHIEF}", f"person:{turn.case.handled_by}")


MOVES: Mapping[Action, Move] = MappingProxyType(
    {
        Action.SELF_HANDLE: Move(
            do=self_handle, when=can_self_handle, needs=("subclass?", "photos", "text?")
        ),
        Action.ANSWER: Move(do=answer, when=can_answer, needs=("subclass", "text")),
        Action.SAMPLE_PASS: Move(do=sample_pass, when=can_look, needs=("photos", "text?")),
        Action.SAMPLE_FAIL: Move(do=sample_fail, when=can_look, needs=("photos", *REASONED)),
    }
)
