"""Moves of the result: review, check, rework, close."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from domain import clock as clocks_
from domain.clock import RED, ClockKind, Outcome
from domain.move import REASONED, Move
from domain.moves_verify import pick_member
from domain.permission import has_handled
from domain.refusal import Why
from domain.terms import Action, CheckMode, Role, State, TaskState
from domain.turn import Turn

SUPERVISED_FAIL = 3
"""The failed check that the supervisor is told of (T34)."""


def reject_feedback(turn: Turn) -> None:
    """T30: incomplete; the unit goes on, the review's time is not counted against it."""
    turn.need_reason()
    turn.stop(ClockKind.REVIEW)
    turn.go_on(ClockKind.HANDLE, "review")
    turn.set_task(TaskState.HANDLING)
    rejected = turn.case.feedback_rejections + 1
    turn.patch = replace(turn.patch, feedback_rejections=rejected)
    turn.notify = (f"unit:{turn.case.unit}",)


def can_pass_review(turn: Turn) -> None:
    """Rule §2.4: never who fed it back."""
    if turn.actor.person == turn.case.handled_by:
        turn.refuse(Why.SEPARATION, first="handled", second="review")


def pass_review(turn: Turn) -> None:
    """T31, T32: to the spot, or straight to closing, as the check mode says."""
    turn.stop(ClockKind.REVIEW)
    if turn.case.check_mode is CheckMode.ON_SITE:
        member = pick_member(turn)
        turn.patch = replace(turn.patch, asked=member)
        turn.start_stage(ClockKind.CHECK, owner=f"person:{member}")
        turn.notify = (f"person:{member}",)
    else:
        turn.start_stage(ClockKind.CLOSE)


def can_check(turn: Turn) -> None:
    """Rule §2.4: neither the handler nor anyone of the handling unit."""
    if has_handled(turn.actor, turn.case, turn.book):
        turn.refuse(Why.SEPARATION, first="handled", second="check")


def check_pass(turn: Turn) -> None:
    """T33: it is fixed."""
    turn.need_photo_in_fence(or_text=False)
    turn.stop(ClockKind.CHECK)
    turn.patch = replace(turn.patch, asked="")
    turn.start_stage(ClockKind.CLOSE)


def check_fail(turn: Turn) -> None:
    """T34: it is not; the same unit goes on in a new round."""
    turn.need_reason()
    if not turn.step.photos:
        turn.refuse(Why.NEEDS_PHOTO)
    turn.stop(ClockKind.CHECK)
    new_round(turn)
    fails = turn.case.round - int(turn.case.reopened)
    if fails >= SUPERVISED_FAIL:
        turn.notify = (*turn.notify, f"role:{Role.SUPERVISOR}")


def new_round(turn: Turn) -> None:
    """Round + 1: a ladder of its own, but on time is still judged on the first budget."""
    case, flow = turn.case, turn.flow
    last = turn.of_kind(ClockKind.HANDLE)[-1]
    spent = clocks_.used(last, turn.at, turn.book.calendars) + last.used_before
    judged = (last.judged_budget or last.budget) + last.extended
    least = flow.rework_least_urgent if last.continuous else flow.rework_least
    budget = max(judged - spent, min(turn.condition.limit.running, least.running))
    clock = turn.start(
        ClockKind.HANDLE, turn.condition.limit, owner=last.owner, rungs=flow.rungs
    )
    turn.put(replace(clock, budget=budget, judged_budget=judged, used_before=spent))
    task = case.task
    if task is not None:
        turn.put_task(
            replace(task, state=TaskState.HANDLING, ended_at=None, rounds=task.rounds + 1)
        )
    turn.patch = replace(turn.patch, round=case.round + 1, asked="")
    turn.notify = (f"unit:{case.unit}",)


def close(turn: Turn) -> None:
    """T37: done; the follow-up window runs."""
    turn.stop(ClockKind.CLOSE)
    turn.stop(ClockKind.WHOLE)
    start_follow_up(turn)


def start_follow_up(turn: Turn) -> None:
    """A case is closed: the reporter is told and called, and his window opens."""
    if turn.case.has_contact:
        turn.start_stage(ClockKind.CALL_BACK)
    most = turn.flow.follow_up_most * RED
    turn.start(ClockKind.FOLLOW_UP, turn.flow.follow_up, rungs=(RED, most))
    turn.patch = replace(turn.patch, settled_as=State.CLOSED.value)
    turn.notify = ("reporter",)


def leave_closed(turn: Turn) -> None:
    """A closed case is open again: nobody is called back, and the old ratings are history."""
    turn.stop(ClockKind.CALL_BACK, Outcome.VOID)
    turn.stop(ClockKind.FOLLOW_UP, Outcome.VOID)
    turn.patch = replace(
        turn.patch, ratings=(), call_days=(), answered_call=False, settled_as=""
    )


MOVES: Mapping[Action, Move] = MappingProxyType(
    {
        Action.REJECT_FEEDBACK: Move(do=reject_feedback, needs=REASONED),
        Action.PASS_REVIEW: Move(do=pass_review, when=can_pass_review, needs=("person?",)),
        Action.CHECK_PASS: Move(do=check_pass, when=can_check, needs=("photos", "text?")),
        Action.CHECK_FAIL: Move(do=check_fail, when=can_check, needs=("photos", *REASONED)),
        Action.CLOSE: Move(do=close),
    }
)
