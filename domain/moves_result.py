"""Moves of the result: review, check, close, call-back, rating, reopen, and the ways out."""

from dataclasses import replace
from datetime import timedelta

from domain import clock as clocks_
from domain.case import Rating
from domain.clock import ClockKind, Outcome
from domain.moves_intake import HOURS_OF_A_DAY, pick_member
from domain.refusal import Why
from domain.terms import SETTLED, CheckMode, Role, Solved, State, TaskState
from domain.turn import Turn


def reject_feedback(turn: Turn) -> None:
    """T30: incomplete; the unit goes on, the review's time is not counted against it."""
    turn.need_reason()
    turn.stop(ClockKind.REVIEW)
    turn.go_on(ClockKind.HANDLE, "review")
    turn.set_task(TaskState.HANDLING)
    turn.notify = (f"unit:{turn.case.unit}",)


def pass_review(turn: Turn) -> None:
    """T31, T32: to the spot, or straight to closing, as the check mode says."""
    turn.stop(ClockKind.REVIEW)
    if turn.case.check_mode is CheckMode.ON_SITE:
        member = pick_member(turn, but_not=turn.case.handled_by)
        turn.patch = replace(turn.patch, asked=member)
        turn.start_stage(ClockKind.CHECK, owner=f"person:{member}")
        turn.notify = (f"person:{member}",)
    else:
        turn.start_stage(ClockKind.CLOSE)


def can_check(turn: Turn) -> None:
    """Rule §2.4: neither the handler nor anyone of the handling unit."""
    person, case = turn.actor, turn.case
    if person.person == case.handled_by or any(
        grant.unit and turn.book.within(grant.unit, case.unit) for grant in person.grants
    ):
        turn.refuse(Why.SEPARATION, first="handled it", second="check it")


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


def new_round(turn: Turn) -> None:
    """Round + 1: a ladder of its own, but on time is still judged on the first budget."""
    case, policy = turn.case, turn.policy
    last = turn.of_kind(ClockKind.HANDLE)[-1]
    spent = clocks_.used(last, turn.at, turn.book.calendars) + last.used_before
    judged = (last.judged_budget or last.budget) + last.extended
    least = policy.rework_least_urgent if last.continuous else policy.rework_least
    budget = max(judged - spent, min(turn.condition.limit.running, least.running))
    if turn.is_urgent:
        floor = timedelta(0)
    else:
        floor = HOURS_OF_A_DAY if last.continuous else policy.late_rung_floor.running
    clock = turn.start_running(
        ClockKind.HANDLE,
        budget,
        continuous=last.continuous,
        owner=last.owner,
        rungs=policy.rungs,
        floor=floor,
        calendar=last.calendar,
    )
    turn.put(replace(clock, judged_budget=judged, used_before=spent))
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
    if turn.case.has_contact:
        turn.start_stage(ClockKind.CALL_BACK)
    most = turn.policy.follow_up_most * 100
    turn.start(ClockKind.FOLLOW_UP, turn.policy.follow_up, rungs=(100, most))
    turn.patch = replace(turn.patch, settled_as=State.CLOSED.value)
    turn.notify = ("reporter",)


def urge(turn: Turn) -> None:
    """T44: ask whoever holds it to hurry."""
    case, day = turn.case, turn.local_day().isoformat()
    if turn.role is Role.REPORTER:
        if case.urges.count(day) >= turn.policy.urges_per_day:
            turn.refuse(Why.TOO_MANY, most=f"{turn.policy.urges_per_day} a day")
        turn.patch = replace(turn.patch, urges=(*case.urges, day))
    if case.unit:
        turn.notify = (f"unit:{case.unit}",)
    elif case.asked:
        turn.notify = (f"person:{case.asked}",)
    else:
        turn.notify = (f"role:{Role.DUTY_CHIEF}",)


def withdraw(turn: Turn) -> None:
    """T52: the reporter takes it back before it is filed."""
    turn.stop_all(Outcome.VOID)
    turn.patch = replace(turn.patch, settled_as=State.WITHDRAWN.value, asked="")


def request_void(turn: Turn) -> None:
    """T54: ask that the case be voided."""
    turn.need_reason()
    turn.request("void")
    turn.notify = (f"role:{Role.DUTY_CHIEF}",)


def can_decide_void(turn: Turn) -> None:
    """T54: asked by another person; a settled case takes the command chief."""
    asked = turn.case.waiting("void")
    if asked is None:
        turn.refuse(Why.NO_REQUEST, kind="void")
    if asked.by == turn.actor.person:
        turn.refuse(Why.SEPARATION, first="asked", second="decide")
    settled = turn.case.state in SETTLED
    wanted = Role.COMMAND_CHIEF if settled else Role.DUTY_CHIEF
    if not turn.actor.has(wanted):
        turn.refuse(Why.FORBIDDEN, who=str(wanted))


def void(turn: Turn) -> None:
    """T54: out of all rates."""
    turn.need_reason()
    turn.stop_all(Outcome.VOID)
    turn.settle_request("void")
    if turn.case.unit:
        turn.set_task(TaskState.WITHDRAWN)
        turn.notify = (f"unit:{turn.case.unit}",)
    turn.patch = replace(turn.patch, settled_as=State.VOIDED.value, asked="")


def refuse_void(turn: Turn) -> None:
    """T54: the case goes on."""
    turn.need_reason()
    turn.settle_request("void")


def can_call_back(turn: Turn) -> None:
    """T58: the reporter can be reached, has not said it himself, and tries are left."""
    case = turn.case
    if not case.has_contact:
        turn.refuse(Why.NOT_NOW, because="the reporter left no contact")
    if case.ratings or case.answered_call:
        turn.refuse(Why.ALREADY, what="the reporter's own rating or an answered call")
    if len(case.call_days) >= turn.policy.call_back_tries:
        turn.refuse(Why.TOO_MANY, most=str(turn.policy.call_back_tries))


def call_back(turn: Turn) -> None:
    """T58: one try; what the reporter says counts like his own rating."""
    case, step, day = turn.case, turn.step, turn.local_day().isoformat()
    if step.reached is None:
        turn.refuse(Why.NEEDS_FIELD, field="reached")
    if day in case.call_days:
        turn.refuse(Why.NOT_NOW, because="tries are on different days")
    turn.patch = replace(turn.patch, call_days=(*case.call_days, day))
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
    if not 1 <= step.score <= 5:  # noqa: PLR2004  five stars
        turn.refuse(Why.NEEDS_FIELD, field="score (1 to 5)")
    mine = Rating(by=turn.actor.person, at=turn.at, solved=step.solved, score=step.score)
    turn.patch = replace(turn.patch, ratings=(mine,))


def can_reopen(turn: Turn) -> None:
    """T59: once, within the window, and only what is not solved."""
    case = turn.case
    if case.reopened:
        turn.refuse(Why.TOO_MANY, most="1")
    window = turn.running(ClockKind.FOLLOW_UP)
    due = clocks_.due_at(window, turn.book.calendars) if window else None
    if due is None or turn.fact_at > due:
        until = due.isoformat(timespec="minutes") if due else "-"
        turn.refuse(Why.TOO_LATE, until=until)
    said = case.ratings[-1].solved if case.ratings else None
    if turn.role is Role.CALL_BACK_CLERK and said not in {Solved.NO, Solved.PARTLY}:
        turn.refuse(Why.NOT_NOW, because="the reporter did not say it is unsolved")


def reopen(turn: Turn) -> None:
    """T59: the same unit again, with a new promise to the citizen."""
    turn.need_reason()
    turn.stop(ClockKind.CALL_BACK, Outcome.VOID)
    turn.stop(ClockKind.FOLLOW_UP, Outcome.VOID)
    new_round(turn)
    limit = turn.policy.whole.get(turn.case.source)
    if limit:
        turn.start(ClockKind.WHOLE, limit)
    turn.patch = replace(
        turn.patch,
        reopened=True,
        ratings=(),
        call_days=(),
        answered_call=False,
        settled_as="",
    )


def can_archive(turn: Turn) -> None:
    """T61: the window is over, and no call-back is open (six windows at most)."""
    window = turn.running(ClockKind.FOLLOW_UP)
    passed = {one.percent for one in window.fired} if window else set[int]()
    if not passed:
        turn.refuse(Why.NOT_NOW, because="the follow-up window is open")
    longest = turn.policy.follow_up_most * 100
    if turn.running(ClockKind.CALL_BACK) and longest not in passed:
        turn.refuse(Why.NOT_NOW, because="a call-back is open")


def archive(turn: Turn) -> None:
    """T61: the end; how it was settled stays on record."""
    turn.stop_all(Outcome.DONE)
