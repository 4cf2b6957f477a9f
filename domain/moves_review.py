"""Moves of review: a refusal, an answer or a petition's outcome is looked at again."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from domain.clock import ClockKind, Outcome
from domain.move import REASONED, Move
from domain.moves_result import leave_closed, never_handled, new_round
from domain.promise import promise_until, resume_promise, start_promise
from domain.terms import Action, Role, Source, State, TaskState
from domain.turn import Turn
from domain.why import Because, Why
from domain.window import in_follow_up

DID = frozenset({TaskState.DONE, TaskState.SUBSTITUTED})
"""Turns in which a unit handled the case, or failed to."""


def can_ask_review(turn: Turn) -> None:
    """T62: not too often, and while the follow-up window runs."""
    case, flow = turn.case, turn.flow
    if case.state is State.CLOSED:
        if not flow.reexaminations:
            turn.not_now(Because.NO_REEXAMINATION)
        done, most = case.reexaminations, flow.reexaminations
    else:
        done, most = case.reviews, flow.reviews
    if done >= most:
        turn.refuse(Why.TOO_MANY, most=str(most), per="case")
    in_follow_up(turn)


def ask_review(turn: Turn) -> None:
    """T62: a refusal or an answer is decided anew by another person, a petition by a unit."""
    if turn.case.state is State.CLOSED:
        _reexamine(turn)
    else:
        _review(turn)


def _review(turn: Turn) -> None:
    """Back to the acceptor; an answer kept the promise, a refusal did not."""
    case = turn.case
    turn.stop(ClockKind.FOLLOW_UP, Outcome.VOID)
    first = case.handled_by if case.state is State.ANSWERED else case.refused_by
    turn.patch = replace(turn.patch, reviews=case.reviews + 1, refused_by=first, settled_as="")
    turn.start_stage(ClockKind.ACCEPT)
    if case.state is State.REFUSED:
        resume_promise(turn)
    elif not turn.flow.whole_from_acceptance:
        start_promise(turn)
    turn.notify = (f"role:{Role.ACCEPTOR}",)


def _reexamine(turn: Turn) -> None:
    """复查, then 复核: a unit that did not handle it examines it, within a limit of its own."""
    case = turn.case
    leave_closed(turn)
    barred = dict.fromkeys(
        (*case.barred, *(one.unit for one in case.tasks if one.state in DID))
    )
    turn.patch = replace(
        turn.patch,
        reexaminations=case.reexaminations + 1,
        barred=tuple(barred),
        unit="",
        person="",
        round=1,
        fails=0,
        binding=False,
        objected=False,
    )
    turn.start_stage(ClockKind.DISPATCH)
    turn.start(ClockKind.WHOLE, turn.flow.reexamination)
    turn.notify = (f"role:{Role.DISPATCHER}",)


def can_reject_reply(turn: Turn) -> None:
    """T59: an upstream order that a unit handled, while the follow-up window runs."""
    if turn.case.source is not Source.UPSTREAM_12345:
        turn.not_now(Because.NOT_FROM_UPSTREAM)
    handled = turn.case.joint or turn.of_kind(ClockKind.HANDLE)
    if never_handled(turn.case) or not handled:
        turn.not_now(Because.NO_ROUND_BEFORE)
    in_follow_up(turn)


def reject_reply(turn: Turn) -> None:
    """T59: the upstream does not take our reply; a rework, with the due time it gives now."""
    turn.need_reason()
    case, due = turn.case, turn.step.upstream_due
    leave_closed(turn)
    new_round(turn)
    turn.patch = replace(
        turn.patch, upstream_rejections=case.upstream_rejections + 1, upstream_due=due
    )
    if due is not None:
        promise_until(turn, due)
    elif turn.flow.whole is not None:
        turn.start(ClockKind.WHOLE, turn.flow.whole)


MOVES: Mapping[Action, Move] = MappingProxyType(
    {
        Action.ASK_REVIEW: Move(do=ask_review, when=can_ask_review, needs=("text?",)),
        Action.REJECT_REPLY: Move(
            do=reject_reply, when=can_reject_reply, needs=(*REASONED, "upstream_due?")
        ),
    }
)
