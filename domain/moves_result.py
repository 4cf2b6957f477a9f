"""Moves of the result: review, check, rework, close."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from domain import clock as clocks_
from domain.case import Case
from domain.clock import RED, ClockKind, Outcome
from domain.deciding import not_who_handled
from domain.move import REASONED, Move
from domain.moves_joint import plan_again, rework, take_up
from domain.moves_supervision import write_letter
from domain.moves_verify import ask_member, free_member, pick_member
from domain.people import SYSTEM
from domain.resuming import resume_handle, undo_stop
from domain.stages import next_round, stages_again
from domain.terms import Action, CheckMode, Role, State, TaskState
from domain.turn import Turn
from domain.why import Because, Why


def take_back(turn: Turn) -> None:
    """T29: whoever fed it back is not done yet; `handle` runs as if it had never stopped."""
    turn.stop(ClockKind.REVIEW, Outcome.VOID)
    undo_stop(turn, ClockKind.HANDLE)
    turn.set_task(TaskState.HANDLING)
    turn.patch = replace(turn.patch, handled_by="", entered_by="")


def reject_feedback(turn: Turn) -> None:
    """T30: incomplete; the unit goes on, the review's time is not counted against it.

    Of a joint case the tasks that the step names go on; the lead sums up again in any case.
    """
    turn.need_reason()
    turn.stop(ClockKind.REVIEW)
    rejected = turn.case.feedback_rejections + 1
    turn.patch = replace(turn.patch, feedback_rejections=rejected)
    turn.notify = (f"unit:{turn.case.unit}",)
    if turn.case.joint:
        take_up(turn, turn.step.tasks)
        return
    resume_handle(turn, "review")
    turn.set_task(TaskState.HANDLING)


can_review = partial(not_who_handled, second="review")
can_check = partial(not_who_handled, second="check")
can_close = partial(not_who_handled, second="close")


def pass_review(turn: Turn) -> None:
    """T31, T32: to the spot, or straight to closing, as the check mode says."""
    turn.stop(ClockKind.REVIEW)
    if turn.case.check_mode is CheckMode.ON_SITE:
        ask_member(turn, ClockKind.CHECK, pick_member(turn))
    else:
        turn.start_stage(ClockKind.CLOSE)


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
    _failed(turn)


def _failed(turn: Turn) -> None:
    """A rework; from the third in a case on it is supervised (T34)."""
    case, fails = turn.case, turn.case.fails + 1
    new_round(turn)
    turn.patch = replace(turn.patch, fails=fails)
    if fails >= turn.flow.fails_to_supervise:
        turn.notify = (*turn.notify, f"role:{Role.SUPERVISOR}")
        if case.supervision is None:
            write_letter(turn, by=SYSTEM.person)


def check_unable(turn: Turn) -> None:
    """T35: it cannot be seen; another member is asked, or else the duty chief decides."""
    turn.need_reason()
    unables = turn.case.unables + 1
    turn.stop(ClockKind.CHECK)
    turn.patch = replace(turn.patch, unables=unables)
    again = unables < turn.flow.max_unable
    member = free_member(turn, turn.case.grid) if again else ""
    if member:
        ask_member(turn, ClockKind.CHECK, member)
    else:
        turn.patch = replace(turn.patch, asked="")
        turn.start_stage(ClockKind.CHECK, owner=Role.DUTY_CHIEF)
        turn.notify = (f"role:{Role.DUTY_CHIEF}", f"role:{Role.ACCEPTOR}")


def can_decide_on_file(turn: Turn) -> None:
    """T36: nobody could see it, or the check is late."""
    can_check(turn)
    check = turn.running(ClockKind.CHECK)
    due = clocks_.due_at(check, turn.book.calendars) if check else None
    late = due is not None and turn.fact_at >= due
    if turn.case.unables < turn.flow.max_unable and not late:
        turn.not_now(Because.CHECK_POSSIBLE)


def decide_on_file(turn: Turn) -> None:
    """T36: the documents show that it is fixed."""
    turn.need_text()
    turn.stop(ClockKind.CHECK)
    turn.patch = replace(turn.patch, asked="")
    turn.start_stage(ClockKind.CLOSE)


def reject_close(turn: Turn) -> None:
    """T38: not to be closed like this; a rework, as after a failed check."""
    turn.need_reason()
    turn.stop(ClockKind.CLOSE)
    _failed(turn)


def new_round(turn: Turn) -> None:
    """Round + 1: a ladder of its own, but on time is still judged on the first budget."""
    if turn.case.joint:
        plan_again(turn) if turn.row.to is State.FILED else rework(turn)
        return
    case, limit = turn.case, turn.condition.limit
    last = turn.of_kind(ClockKind.HANDLE)[-1]
    owner = f"unit:{case.unit}"
    clock = turn.start(ClockKind.HANDLE, limit, owner=owner, rungs=turn.flow.rungs)
    turn.put(next_round(turn, last, clock, limit.running))
    stages_again(turn, last)
    task = case.task
    if task is not None:
        turn.put_task(
            replace(task, state=TaskState.HANDLING, ended_at=None, rounds=task.rounds + 1)
        )
    turn.patch = replace(
        turn.patch, round=case.round + 1, asked="", unables=0 if case.unables else None
    )
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


def never_handled(case: Case) -> bool:
    """Whether no unit had it before it was closed; one closed with its main case had none."""
    return not case.unit and (not case.joint or bool(case.main))


def leave_closed(turn: Turn) -> None:
    """A closed case is open again: nobody is called back, how it was closed is history."""
    turn.stop(ClockKind.CALL_BACK, Outcome.VOID)
    turn.stop(ClockKind.FOLLOW_UP, Outcome.VOID)
    turn.patch = replace(
        turn.patch,
        ratings=(),
        call_days=(),
        answered_call=False,
        settled_as="",
        explained=False,
        forced=False,
    )


MOVES: Mapping[Action, Move] = MappingProxyType(
    {
        Action.TAKE_BACK: Move(do=take_back, needs=("text?",)),
        Action.REJECT_FEEDBACK: Move(do=reject_feedback, when=can_review, needs=REASONED),
        Action.PASS_REVIEW: Move(do=pass_review, when=can_review, needs=("person?",)),
        Action.CHECK_PASS: Move(do=check_pass, when=can_check, needs=("photos", "text?")),
        Action.CHECK_FAIL: Move(do=check_fail, when=can_check, needs=("photos", *REASONED)),
        Action.CHECK_UNABLE: Move(do=check_unable, when=can_check, needs=REASONED),
        Action.DECIDE_ON_FILE: Move(
            do=decide_on_file, when=can_decide_on_file, needs=("text",)
        ),
        Action.CLOSE: Move(do=close, when=can_close),
        Action.REJECT_CLOSE: Move(do=reject_close, when=can_close, needs=REASONED),
    }
)
