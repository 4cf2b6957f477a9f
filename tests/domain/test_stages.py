"""Inside the unit and inside `handle`: assignment, inner limits, stages; what runs on again."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain import clock as clocks_
from domain.clock import Clock, ClockKind, Outcome
from domain.command import Step
from domain.people import Actor, Grant
from domain.refusal import Refusal
from domain.terms import Action, Result, Role, State, TaskState
from domain.why import Because, Why
from tests.domain.small_world import (
    BOOK,
    GAS,
    HAWKER,
    SHED,
    Life,
    at_state,
    local,
    reported,
    with_policy,
)

K = ClockKind
HOUR = timedelta(hours=1)
STAGES = ("stage:stop", "stage:penalty", "stage:demolish")


def shed(state: State) -> Life:
    """An illegal building: 20 WD, stop within 4 WH, penalty within 7 WD."""
    return reported(subclass=SHED).to(state)


def because(found: Refusal) -> str:
    assert found.why is Why.NOT_NOW
    return found.values["because"]


def used(life: Life, clock_id: str) -> timedelta:
    return clocks_.used(life.clock(clock_id), life.at, life.book.calendars)


def due(life: Life, clock_id: str) -> object:
    return clocks_.due_at(life.clock(clock_id), life.book.calendars)


def going(life: Life) -> list[str]:
    """Ids of the running clocks inside `handle`."""
    return [
        one.clock_id
        for one in life.case.clocks
        if one.stopped_at is None and one.kind in {K.STAGE, K.INNER}
    ]


# T17 assign ----------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["roads.desk", "roads.head"])
def test_t17_the_unit_names_who_handles_it(who: str) -> None:
    life = at_state(State.SIGNED)
    version = life.case.version
    life.do(Action.ASSIGN, who, sub_unit="roads.west")
    task = life.case.task

    assert task is not None
    assert (task.person, task.sub_unit, life.case.person) == (
        "roads.crew",
        "roads.west",
        "roads.crew",
    )
    assert life.state() is State.SIGNED
    assert life.case.version == version + 1
    assert life.events[-1].notify == ("person:roads.crew",)


def test_t17_a_sub_unit_alone_takes_the_person_off() -> None:
    life = at_state(State.HANDLING)
    life.do(Action.ASSIGN, person="", sub_unit="roads.west")
    task = life.case.task

    assert task is not None
    assert (task.person, task.sub_unit, task.state) == ("", "roads.west", TaskState.HANDLING)
    assert life.case.person == ""
    assert life.clock("inner").owner == "unit:roads.west"


@pytest.mark.parametrize(
    ("changes", "why", "value"),
    [
        ({"person": ""}, Why.NEEDS_FIELD, "assignee"),
        ({"person": "water.crew"}, Why.UNKNOWN_CODE, "water.crew"),
        ({"person": "nobody"}, Why.UNKNOWN_CODE, "nobody"),
        ({"sub_unit": "water"}, Why.UNKNOWN_CODE, "water"),
        ({"sub_unit": "roads"}, Why.UNKNOWN_CODE, "roads"),
        ({"person": "roads.head", "sub_unit": "roads.west"}, Why.UNKNOWN_CODE, "roads.head"),
        ({"amount": -1.0}, Why.NEEDS_FIELD, "amount"),
        ({"amount": 9.0}, Why.TOO_LONG, ""),
    ],
)
def test_t17_only_to_what_belongs_to_the_unit(
    changes: dict[str, Any], why: Why, value: str
) -> None:
    found = at_state(State.SIGNED).refused(Action.ASSIGN, **changes)

    assert found.why is why
    assert value in {"", found.values.get("value"), found.values.get("field")}


@pytest.mark.parametrize("who", ["roads.crew", "water.head", "dispatcher", "chief"])
def test_t17_others_do_not_assign(who: str) -> None:
    assert at_state(State.SIGNED).refused(Action.ASSIGN, who).why is Why.FORBIDDEN


def test_t17_the_centre_enters_it_for_a_unit_that_telephoned() -> None:
    life = at_state(State.SIGNED)
    desk = replace(BOOK.people["dispatcher"], on_behalf_of="roads")
    assert life.refused(Action.ASSIGN, desk).why is Why.NEEDS_TEXT
    life.do(Action.ASSIGN, desk, text="来电：由西队办理")

    assert life.events[-1].on_behalf_of == "roads"
    assert life.case.person == "roads.crew"


def test_t17_the_inner_limit_is_a_share_of_what_is_left() -> None:
    life = at_state(State.SIGNED)
    life.do(Action.ASSIGN, at=local("09-07 11:00"))
    left = clocks_.remaining(life.clock("handle"), life.at, life.book.calendars)

    assert life.clock("inner").budget == left * 0.8
    assert life.clock("inner").calendar == life.clock("handle").calendar


def test_t17_or_what_the_unit_names_and_a_new_one_replaces_it() -> None:
    life = at_state(State.SIGNED)
    life.do(Action.ASSIGN, amount=2.0)
    life.do(Action.ASSIGN, amount=3.0)

    assert life.clock("inner").outcome is Outcome.VOID
    assert life.clock("inner:2").budget == 3 * HOUR
    assert going(life) == ["inner:2"]


def test_t17_it_warns_and_does_nothing_else() -> None:
    life = at_state(State.SIGNED)
    life.do(Action.ASSIGN, amount=1.0)
    rungs = life.wait(life.at + 2 * HOUR)

    assert [(one.reason, one.notify) for one in rungs] == [
        ("inner 100%", ("person:roads.crew", "unit_desk:roads"))
    ]
    assert life.state() is State.SIGNED
    assert life.case.escalation == 0


def test_t17_of_a_continuous_limit_it_is_continuous() -> None:
    life = reported(subclass=HAWKER).to(State.SIGNED)
    life.do(Action.ASSIGN, amount=1.0)

    assert life.clock("inner").continuous
    assert life.clock("inner").calendar == ""


def test_t17_where_nothing_is_left_there_is_no_inner_limit() -> None:
    life = at_state(State.HANDLING)
    life.wait(local("09-10 09:00"))
    life.do(Action.ASSIGN)
    assert going(life) == []
    assert life.refused(Action.ASSIGN, amount=1.0).why is Why.TOO_LONG


def test_t17_without_a_limit_there_is_no_inner_one_either() -> None:
    life = at_state(State.HANDLING)
    others = tuple(one for one in life.case.clocks if one.kind is not K.HANDLE)
    life.case = replace(life.case, clocks=others)
    life.do(Action.ASSIGN)

    assert going(life) == []


def test_t17_a_limit_that_waits_makes_the_inner_one_wait() -> None:
    life = at_state(State.HANDLING)
    life.do(Action.ASK_REPORTER, "roads.crew", text="几点方便？")
    life.do(Action.ASSIGN)
    assert life.clock("inner").paused
    life.do(Action.REPLY, "reporter", text="下午")

    assert not life.clock("inner").paused
    assert not life.clock("handle").paused


def test_t17_it_ends_with_handle() -> None:
    life = at_state(State.HANDLING)
    life.do(Action.ASSIGN)
    life.do(Action.FEED_BACK)

    assert life.clock("inner").outcome is Outcome.DONE


def test_a_case_whose_unit_s_turn_is_not_on_record_is_not_assigned() -> None:
    life = at_state(State.SIGNED)
    life.case = replace(life.case, tasks=())

    assert because(life.refused(Action.ASSIGN)) == Because.NO_ROUND_BEFORE


# Stages --------------------------------------------------------------------------------------


def test_every_stage_runs_from_dispatch() -> None:
    life = shed(State.DISPATCHED)
    handle = life.clock("handle")
    clocks = [life.clock(one) for one in STAGES]

    assert {one.started_at for one in clocks} == {handle.started_at}
    assert [one.budget / HOUR for one in clocks] == [4, 56, 160]
    assert {one.owner for one in clocks} == {"unit:roads"}


def test_a_stage_that_is_late_tells_the_unit_and_its_head() -> None:
    life = shed(State.HANDLING)
    rungs = life.wait(local("09-07 16:00"))

    told = next(one.notify for one in rungs if one.reason == "stage:stop 100%")
    assert told == ("unit:roads", "unit_head:roads", "role:supervisor")
    assert life.case.escalation == 0


def test_t18_the_first_mark_starts_handling() -> None:
    life = shed(State.SIGNED)
    events = life.do(Action.MARK_STAGE)
    task = life.case.task

    assert (events[0].row, life.state()) == ("T18", State.HANDLING)
    assert task is not None
    assert (task.stages, task.state, task.person) == (
        ("stop",),
        TaskState.HANDLING,
        "roads.crew",
    )
    assert life.case.person == "roads.crew"
    assert life.clock("stage:stop").outcome is Outcome.DONE
    assert going(life) == ["stage:penalty", "stage:demolish"]


def test_t17_the_next_mark_moves_nothing() -> None:
    life = shed(State.HANDLING)
    life.do(Action.MARK_STAGE)
    events = life.do(Action.MARK_STAGE, stage="penalty")

    assert (events[0].row, life.state()) == ("T17", State.HANDLING)


def test_t17_a_mark_names_a_stage_of_the_condition_once() -> None:
    life = shed(State.HANDLING)
    assert life.refused(Action.MARK_STAGE, stage="").values["field"] == "stage"
    assert life.refused(Action.MARK_STAGE, stage="paint").why is Why.UNKNOWN_CODE
    life.do(Action.MARK_STAGE)
    found = life.refused(Action.MARK_STAGE)
    assert (found.why, found.values["what"]) == (Why.ALREADY, "stage")
    life.do(Action.MARK_STAGE, stage="penalty")
    life.do(Action.MARK_STAGE, stage="demolish")

    assert because(life.refused(Action.MARK_STAGE)) == Because.NO_STAGE_LEFT


def test_t17_a_case_without_stages_has_none_to_mark() -> None:
    found = at_state(State.HANDLING).refused(Action.MARK_STAGE)

    assert because(found) == Because.NO_STAGE_LEFT


@pytest.mark.parametrize("who", ["roads.desk", "roads.head", "water.crew", "chief"])
def test_t17_only_a_handler_marks(who: str) -> None:
    assert shed(State.HANDLING).refused(Action.MARK_STAGE, who).why is Why.FORBIDDEN


def test_a_stage_marked_before_its_rung_was_noticed_is_on_time() -> None:
    life = shed(State.HANDLING)
    command = life.command(
        "roads.crew",
        Step(action=Action.MARK_STAGE, stage="stop"),
        at=local("09-07 14:30"),
    )
    life.wait(local("09-07 17:00"))
    assert life.clock("stage:stop").fired
    life.judge(command, now=life.at)
    clock = life.clock("stage:stop")

    assert clock.fired[0].superseded
    assert clocks_.on_time(clock, life.book.calendars)


def test_stages_pause_with_handle() -> None:
    life = shed(State.HANDLING)
    life.do(Action.ASK_REPORTER, "roads.crew", text="谁在施工？")
    assert all(life.clock(one).paused for one in STAGES)
    life.do(Action.REPLY, "reporter", text="不清楚")

    assert not any(life.clock(one).paused for one in STAGES)


def test_t28_a_feedback_ends_every_stage() -> None:
    life = shed(State.HANDLING)
    life.do(Action.FEED_BACK)

    assert {life.clock(one).outcome for one in STAGES} == {Outcome.DONE}
    assert {life.clock(one).stopped_at for one in STAGES} == {life.clock("handle").stopped_at}


def test_t15_a_recall_leaves_no_facts_and_the_next_unit_has_its_own_stages() -> None:
    life = shed(State.DISPATCHED)
    life.do(Action.RECALL)
    assert {life.clock(one).outcome for one in STAGES} == {Outcome.VOID}
    life.do(Action.DISPATCH)

    assert going(life) == [f"{one}:2" for one in STAGES]


# What runs on again --------------------------------------------------------------------------


def test_t28_only_the_roles_that_policy_names() -> None:
    life = Life(book=with_policy(auto_close=False, feed_back_by=(Role.UNIT_APPROVER,)))
    life.report().to(State.SIGNED)
    found = life.refused(Action.FEED_BACK)
    assert (found.why, found.values["who"]) == (Why.FORBIDDEN, "unit_approver")
    two = Actor(
        person="roads.both",
        grants=(
            Grant(role=Role.UNIT_HANDLER, unit="roads"),
            Grant(role=Role.UNIT_APPROVER, unit="roads"),
        ),
    )
    life.do(Action.FEED_BACK, two)

    assert life.events[-1].role is Role.UNIT_APPROVER


def test_t28_the_centre_enters_it_whatever_policy_says_of_the_unit() -> None:
    life = Life(book=with_policy(auto_close=False, feed_back_by=(Role.UNIT_APPROVER,)))
    life.report().to(State.SIGNED)
    life.do(Action.FEED_BACK, replace(BOOK.people["dispatcher"], on_behalf_of="roads"))

    assert life.state() is State.FED_BACK


def test_t29_who_fed_back_takes_it_back_and_handle_never_stopped() -> None:
    life = shed(State.HANDLING)
    life.do(Action.ASSIGN, "roads.desk")
    life.do(Action.MARK_STAGE)
    life.do(Action.FEED_BACK, at=local("09-08 09:00"))
    life.do(Action.TAKE_BACK, at=local("09-08 11:00"))
    case, task = life.case, life.case.task

    assert case.state is State.HANDLING
    assert case.handled_by == ""
    assert task is not None
    assert (task.state, task.ended_at, task.stages) == (TaskState.HANDLING, None, ("stop",))
    assert life.clock("review").outcome is Outcome.VOID
    assert life.clock("handle").pauses == ()
    assert life.clock("handle").stopped_at is None
    assert going(life) == ["stage:penalty", "stage:demolish", "inner"]
    assert life.clock("stage:stop").outcome is Outcome.DONE
    before = clocks_.used(life.clock("handle"), local("09-08 09:00"), life.book.calendars)
    assert used(life, "handle") == before + 2 * HOUR


def test_t29_only_who_fed_back_and_only_before_the_review() -> None:
    life = at_state(State.FED_BACK)
    assert life.refused(Action.TAKE_BACK, "roads.head").why is Why.FORBIDDEN
    assert life.refused(Action.TAKE_BACK, "dispatcher").why is Why.FORBIDDEN
    life.do(Action.PASS_REVIEW)

    assert life.refused(Action.TAKE_BACK).why is Why.ILLEGAL


def test_t29_a_rung_that_the_feedback_had_superseded_counts_again() -> None:
    life = at_state(State.HANDLING)
    late = life.command(
        "roads.crew",
        Step(action=Action.FEED_BACK, result=Result.SOLVED, text="已清理", photos=("p2",)),
        at=local("09-07 11:00"),
    )
    life.wait(local("09-07 17:30"))
    assert [one.percent for one in life.clock("handle").fired] == [50, 75]
    life.judge(late, now=life.at)
    assert all(one.superseded for one in life.clock("handle").fired)
    assert life.case.escalation == 0
    life.do(Action.TAKE_BACK, at=local("09-07 17:40"))

    assert not any(one.superseded for one in life.clock("handle").fired)
    rungs = life.wait(local("09-08 10:00"))
    assert [one.reason for one in rungs if "handle" in one.reason] == ["handle 100%"]


def test_t30_a_rejected_feedback_s_review_counts_for_no_stage() -> None:
    life = shed(State.HANDLING)
    life.do(Action.MARK_STAGE)
    life.do(Action.FEED_BACK, at=local("09-07 10:00"))
    life.do(Action.REJECT_FEEDBACK, at=local("09-07 11:00"))

    assert going(life) == ["stage:penalty", "stage:demolish"]
    for one in ("handle", "stage:penalty"):
        assert [pause.reason for pause in life.clock(one).pauses] == ["review"]
    assert used(life, "stage:penalty") == used(life, "handle")


def test_t30_a_rung_that_the_feedback_had_superseded_lies_ahead_again() -> None:
    life = at_state(State.HANDLING)
    late = life.command(
        "roads.crew",
        Step(action=Action.FEED_BACK, result=Result.SOLVED, text="已清理", photos=("p2",)),
        at=local("09-07 11:00"),
    )
    life.wait(local("09-07 17:30"))
    life.judge(late, now=life.at)
    life.do(Action.REJECT_FEEDBACK, at=local("09-07 17:40"))
    rungs = life.wait(local("09-08 17:00"))

    assert [one.reason for one in rungs if "handle" in one.reason] == [
        "handle 50%",
        "handle 75%",
        "handle 100%",
    ]


def test_t34_a_rework_runs_the_stages_that_nobody_marked_again() -> None:
    life = shed(State.HANDLING)
    life.do(Action.MARK_STAGE)
    life.do(Action.FEED_BACK, at=local("09-08 09:00"))
    life.do(Action.PASS_REVIEW)
    life.do(Action.CHECK_FAIL)
    clock: Clock = life.clock("stage:penalty:2")
    spent = used(life, "stage:penalty")

    assert going(life) == ["stage:penalty:2", "stage:demolish:2"]
    assert (clock.used_before, clock.judged_budget) == (spent, 56 * HOUR)
    assert clock.budget == 56 * HOUR - spent
    life.do(Action.MARK_STAGE, stage="penalty")
    assert life.clock("stage:penalty:2").outcome is Outcome.DONE


def test_an_urgent_case_has_urgent_stages() -> None:
    life = reported(subclass=GAS).to(State.HANDLING)
    assert going(life) == []
    life = shed(State.ACCEPTED)
    life.case = replace(life.case, flagged_urgent=True)
    life.do(Action.FILE)
    life.do(Action.DISPATCH)

    assert all(life.clock(one).urgent for one in STAGES)


def test_t39_an_extension_moves_the_stages_that_are_open() -> None:
    life = shed(State.HANDLING)
    life.do(Action.MARK_STAGE)
    before = {one: due(life, one) for one in (*STAGES, "handle")}
    life.do(Action.REQUEST_EXTENSION, amount=40.0)
    life.do(Action.APPROVE_EXTENSION)

    assert life.clock("stage:stop").extended == timedelta(0)
    assert life.clock("stage:penalty").extended == 40 * HOUR
    assert life.clock("stage:demolish").extended == 40 * HOUR
    assert before["stage:demolish"] == before["handle"]
    assert due(life, "stage:demolish") == due(life, "handle")
