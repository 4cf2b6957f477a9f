"""Consultation of joint cases (T56, T57, T60): the meeting's plan is the case's, and binds."""

from datetime import timedelta
from typing import Any

import pytest

from domain.clock import ClockKind
from domain.command import Step
from domain.pausing import CASE_HOLD, CONSULTATION
from domain.plan import PlannedTask
from domain.terms import Action, Decision, Result, Solved, State, TaskState
from domain.why import Because, Why
from tests.domain.joint_world import Joint, joint, joint_book, plan
from tests.domain.small_world import Life, local, with_policy

MEETING: dict[str, Any] = {"participants": ("roads", "water"), "text": "会议纪要"}


def stands(found: Joint) -> State:
    return found.case.state


def decide(found: Joint, decision: Decision, **fields: object) -> None:
    step = Step(action=Action.DECIDE, decision=decision, **MEETING, **fields)  # type: ignore[arg-type]
    assert found.ask("command", step) is None


def grounds(found: Joint, task: int) -> str:
    clock = found.tasks[task].clock("handle")
    return clock.pauses[-1].reason if clock.paused else ""


def test_a_case_of_more_than_two_departments_may_be_consulted_on_and_all_limits_wait() -> None:
    found = joint("water", "police", "roads")
    found.sign(1)
    left = found.tasks[2].clock("handle")
    found.do("supervisor", Action.CONSULT)

    assert stands(found) is State.CONSULTING
    assert {grounds(found, task) for task in (1, 2, 3)} == {CONSULTATION}
    assert found.tasks[2].clock("sign").paused
    assert (found.state(1), found.state(2)) == (State.SIGNED, State.DISPATCHED)
    found.life.at += timedelta(days=2)
    decide(found, Decision.DISPATCH, plan=plan("water", "police", "roads"))

    assert stands(found) is State.SIGNED
    assert {grounds(found, task) for task in (1, 2, 3)} == {""}
    after = found.tasks[2].clock("handle")
    assert (after.started_at, after.budget) == (left.started_at, left.budget)
    assert after.pauses[-1].end is not None


def test_two_departments_are_no_ground_unless_policy_says_so() -> None:
    refused = joint("water", "police")
    refused.sign(1)
    answer = refused.ask("supervisor", Step(action=Action.CONSULT))
    assert answer is not None
    assert answer.values["because"] == Because.NOT_STUCK

    life = Life(book=joint_book(with_policy(consult_units=1))).report().to(State.FILED)
    found = Joint(life)
    found.do("dispatcher", Action.PLAN, plan=plan("water", "police"))
    found.sign(1)
    found.do("supervisor", Action.CONSULT)
    assert stands(found) is State.CONSULTING


def test_a_return_before_the_command_chief_is_a_ground() -> None:
    found = joint("water", "police")
    found.sign(1)
    found.sign(2)
    found.do("police.head", Action.RETURN, 2, reason="return_wrong_duty", text="不是")
    found.do("dispatcher", Action.REJECT_RETURN, 2, reason="reject_duty_clear", text="是")
    found.do("police.head", Action.OBJECT, 2, reason="object_duty", text="不服")
    assert found.state(2) is State.ARBITRATING

    found.do("supervisor", Action.CONSULT)
    assert stands(found) is State.CONSULTING


def test_the_decision_s_plan_is_the_case_s_by_itself_and_binds() -> None:
    found = joint("water", "police", "roads")
    found.sign(1)
    found.do("supervisor", Action.CONSULT)
    new = plan(
        PlannedTask(task_no=1, unit="water"),
        PlannedTask(task_no=2, unit="police"),
        PlannedTask(task_no=4, unit="parks", lead=True),
    )
    decide(found, Decision.DISPATCH, plan=new)

    assert found.case.unit == "parks"
    assert found.state(3) is State.TASK_WITHDRAWN
    assert (found.state(4), found.tasks[4].case.lead) == (State.DISPATCHED, True)
    assert not found.tasks[1].case.lead
    assert all(found.tasks[one].case.binding for one in (1, 2, 4))
    back = found.ask(
        "police.head",
        Step(action=Action.RETURN, reason="return_wrong_duty", text="不是"),
        task=2,
    )
    assert back is not None
    assert back.values["because"] == Because.BINDING


def test_only_the_command_chief_changes_a_plan_that_was_decided() -> None:
    found = joint("water", "police", "roads")
    found.sign(1)
    found.do("supervisor", Action.CONSULT)
    decide(found, Decision.DISPATCH, plan=plan("water", "police", "roads"))
    changed = Step(action=Action.PLAN, plan=plan("water", "police"))
    for who, step in (
        ("dispatcher", changed),
        (
            "dispatcher",
            Step(action=Action.WAIVE, task=3, reason="waive_not_needed", text="不需要"),
        ),
    ):
        answer = found.ask(who, step)
        assert answer is not None
        assert answer.values["because"] == Because.PLAN_RULED
        assert answer.text("zh") != answer.text("en")
    found.do("command", Action.PLAN, plan=plan("water", "police"))

    assert found.state(3) is State.TASK_WITHDRAWN


def test_a_joint_case_needs_the_plan_and_a_bad_one_changes_nothing() -> None:
    found = joint("water", "police", "roads")
    found.sign(1)
    found.do("supervisor", Action.CONSULT)
    before = found.case
    without = found.ask(
        "command",
        Step(action=Action.DECIDE, decision=Decision.DISPATCH, unit="water", **MEETING),
    )
    leaderless = plan(
        PlannedTask(task_no=1, unit="water"), PlannedTask(task_no=2, unit="police")
    )
    bad = found.ask(
        "command",
        Step(action=Action.DECIDE, decision=Decision.DISPATCH, plan=leaderless, **MEETING),
    )

    assert without is not None
    assert without.values["field"] == "plan"
    assert bad is not None
    assert bad.values["because"] == Because.PLAN_LEAD
    assert found.case == before


def one_department(state: State) -> Joint:
    return Joint(Life(book=joint_book()).report().to(state))


def test_a_plan_makes_a_case_of_one_department_joint_with_all_it_has_used() -> None:
    found = one_department(State.CONSULTING)
    before = found.life.clock("handle")
    found.life.at += timedelta(hours=3)
    unit = found.case.unit
    new = plan(
        PlannedTask(task_no=1, unit=unit, lead=True), PlannedTask(task_no=2, unit="water")
    )
    decide(found, Decision.DISPATCH, plan=new)
    moved = found.tasks[1].clock("handle")

    assert found.case.joint
    assert stands(found) is State.SIGNED
    assert (moved.started_at, moved.budget) == (before.started_at, before.budget)
    assert not moved.paused
    assert moved.pauses[-1].reason == CONSULTATION
    assert ClockKind.HANDLE not in found.life.running()
    assert found.tasks[1].case.binding
    assert found.tasks[2].case.binding


def test_who_is_not_in_the_plan_instead_of_a_ruling_is_out_without_facts() -> None:
    found = one_department(State.CONSULTING)
    new = plan(
        PlannedTask(task_no=2, unit="water", lead=True), PlannedTask(task_no=3, unit="police")
    )
    decide(found, Decision.DISPATCH, plan=new)

    assert found.case.tasks[0].state is TaskState.RETURNED
    assert found.case.returns[-1].accepted
    assert stands(found) is State.DISPATCHED
    assert set(found.tasks) == {2, 3}


@pytest.mark.parametrize("keeps", [True, False])
def test_a_ruling_may_name_several_departments(*, keeps: bool) -> None:
    found = one_department(State.ARBITRATING)
    unit = found.case.unit
    first = PlannedTask(task_no=1, unit=unit, lead=True)
    other = PlannedTask(task_no=2, unit="water", lead=not keeps)
    tasks = (first, other) if keeps else (other, PlannedTask(task_no=3, unit="police"))
    found.do("command", Action.RULE, plan=plan(*tasks))

    assert found.case.joint
    assert stands(found) is (State.SIGNED if keeps else State.DISPATCHED)
    assert found.case.tasks[0].state is (TaskState.SIGNED if keeps else TaskState.RETURNED)
    assert all(one.case.binding for one in found.tasks.values())


def test_a_case_not_solved_twice_goes_to_those_whom_the_meeting_names() -> None:
    found = closed("water", "police")
    found.do("reporter", Action.REOPEN, reason="reopen_not_solved", text="又有了")
    assert stands(found) is State.HANDLING
    again(found, 1)
    found.do("reporter", Action.REOPEN, reason="reopen_not_solved", text="还有")
    assert stands(found) is State.CONSULTING
    decide(found, Decision.DISPATCH, plan=plan("water", "police"), tasks=(2,))

    assert stands(found) is State.HANDLING
    assert (found.state(1), found.state(2)) == (State.TASK_DONE, State.HANDLING)
    assert found.case.disputed
    again(found, 2)
    assert stands(found) is State.CLOSED


def test_without_a_name_the_lead_goes_on() -> None:
    found = closed("water", "police")
    found.do("reporter", Action.REOPEN, reason="reopen_not_solved", text="又有了")
    again(found, 1)
    found.do("reporter", Action.REOPEN, reason="reopen_not_solved", text="还有")
    decide(found, Decision.DISPATCH, plan=plan("water", "police"))

    assert (found.state(1), found.state(2)) == (State.HANDLING, State.TASK_DONE)


def test_one_department_s_second_reopening_becomes_joint_in_a_new_round() -> None:
    found = one_department(State.CLOSED)
    life = found.life
    found.do("reporter", Action.REOPEN, reason="reopen_not_solved", text="又有了")
    for action in (Action.FEED_BACK, Action.PASS_REVIEW, Action.CHECK_PASS, Action.CLOSE):
        life.do(action)
    found.do("reporter", Action.REOPEN, reason="reopen_not_solved", text="还有")
    unit = found.case.unit
    new = plan(
        PlannedTask(task_no=1, unit=unit, lead=True), PlannedTask(task_no=2, unit="water")
    )
    decide(found, Decision.DISPATCH, plan=new)

    moved = found.tasks[1].clock("handle")
    assert (found.state(1), found.tasks[1].case.round) == (State.HANDLING, 3)
    assert moved.stopped_at is None
    assert moved.used_before > timedelta(0)
    assert stands(found) is State.HANDLING


def closed(*units: str) -> Joint:
    found = joint(*units)
    for task in range(1, len(units) + 1):
        found.done(task)
    finish(found)
    return found


def again(found: Joint, task: int) -> None:
    found.done(task)
    finish(found)


def finish(found: Joint) -> None:
    found.do("water.crew", Action.SUM_UP, text="完成")
    found.do("dispatcher", Action.PASS_REVIEW)
    found.do(found.case.asked, Action.CHECK_PASS, photos=("p",), distance=5.0)
    found.do("chief", Action.CLOSE)


def held() -> Joint:
    found = joint(
        PlannedTask(task_no=1, unit="water", lead=True),
        PlannedTask(task_no=2, unit="police"),
        PlannedTask(task_no=3, unit="roads"),
        PlannedTask(task_no=4, unit="parks", after=(1,)),
    )
    found.sign(1)
    found.do("supervisor", Action.CONSULT)
    decide(found, Decision.HOLD, until=local("09-25 09:00"))
    return found


def test_the_whole_case_is_put_on_hold_and_all_limits_wait() -> None:
    found = held()

    assert stands(found) is State.ON_HOLD
    assert {grounds(found, task) for task in (1, 2, 3)} == {CASE_HOLD}
    assert found.life.clock("whole").paused
    assert found.case.hold_until == local("09-25 09:00")
    assert (found.state(1), found.state(2)) == (State.SIGNED, State.DISPATCHED)


def test_what_a_department_does_meanwhile_counts_and_nothing_begins() -> None:
    found = held()
    found.done(1)

    assert stands(found) is State.ON_HOLD
    assert found.state(1) is State.TASK_DONE
    assert 4 not in found.tasks


@pytest.mark.parametrize("for_citizen", [True, False])
def test_a_hold_of_the_whole_case_outlasts_the_departments_work(*, for_citizen: bool) -> None:
    found = joint("water", "police", "roads")
    found.sign(1)
    found.do("supervisor", Action.CONSULT)
    decide(found, Decision.HOLD, until=local("09-25 09:00"))
    for task in (2, 3, 1):
        found.done(task, for_citizen=for_citizen)

    assert stands(found) is State.ON_HOLD
    assert ClockKind.SUM_UP not in found.life.running()
    early = found.ask("water.crew", Step(action=Action.SUM_UP, text="完成"))
    assert early is not None
    assert early.values["because"] == Because.CASE_ON_HOLD
    found.do("dispatcher", Action.RESUME, text="可继续")
    assert stands(found) is (State.FED_BACK if for_citizen else State.HANDLING)
    assert (ClockKind.SUM_UP in found.life.running()) is not for_citizen


@pytest.mark.parametrize("early", [True, False])
def test_it_goes_on_at_the_date_or_when_the_cause_is_gone(*, early: bool) -> None:
    found = held()
    found.done(1)
    if early:
        found.do("dispatcher", Action.RESUME, text="苗木已到")
    else:
        found.life.at = local("09-25 09:01")
        found.judge(found.life)
        found.tell()

    assert stands(found) is State.HANDLING
    assert {grounds(found, task) for task in (2, 3)} == {""}
    assert not found.life.clock("whole").paused
    assert found.state(4) is State.DISPATCHED
    assert not {ClockKind.HOLD, ClockKind.BACKLOG} & set(found.life.running())


def test_a_task_on_hold_of_its_own_stays_so_when_the_case_goes_on() -> None:
    found = joint("water", "police", "roads")
    for task in (1, 2):
        found.sign(task)
    hold(found, 2)
    found.do("supervisor", Action.CONSULT)
    decide(found, Decision.HOLD, until=local("09-20 09:00"))
    found.do("dispatcher", Action.RESUME, text="可继续")

    assert found.state(2) is State.ON_HOLD
    assert grounds(found, 2) == "hold"
    assert stands(found) is State.SIGNED


def hold(found: Joint, task: int) -> None:
    unit = found.tasks[task].case.unit
    found.do(
        f"{unit}.head",
        Action.REQUEST_HOLD,
        task,
        reason="hold_season",
        text="春季补种",
        until=local("09-25 09:00"),
    )
    found.do("dispatcher", Action.APPROVE_HOLD, task)


def test_a_joint_case_that_is_not_held_as_a_whole_is_not_resumed_as_one() -> None:
    found = joint("water", "police")
    for task in (1, 2):
        found.sign(task)
        hold(found, task)
    assert stands(found) is State.ON_HOLD
    answer = found.ask("dispatcher", Step(action=Action.RESUME, text="可继续"))

    assert answer is not None
    assert answer.why is Why.ILLEGAL


def test_explained_ends_the_tasks_and_what_comes_later_changes_nothing() -> None:
    found = joint("water", "police", "roads")
    found.done(2)
    found.sign(1)
    found.do("supervisor", Action.CONSULT)
    decide(found, Decision.EXPLAIN)

    assert (found.case.state, found.case.explained) == (State.CLOSED, True)
    assert found.state(1) is State.TASK_WITHDRAWN
    assert found.state(2) is State.TASK_DONE
    late = found.ask(
        "water.crew",
        Step(action=Action.FEED_BACK, result=Result.SOLVED, text="好", photos=("p",)),
        task=1,
    )
    assert late is not None
    assert stands(found) is State.CLOSED


def test_a_task_done_while_they_meet_is_heard() -> None:
    found = joint("water", "police", "roads")
    found.sign(1)
    found.do("supervisor", Action.CONSULT)
    found.done(2)
    assert stands(found) is State.CONSULTING
    decide(found, Decision.DISPATCH, plan=plan("water", "police", "roads"))

    assert stands(found) is State.HANDLING
    assert found.state(2) is State.TASK_DONE


def test_the_reporter_s_second_no_calls_the_meeting_by_itself() -> None:
    found = closed("water", "police")
    found.do("reporter", Action.REOPEN, reason="reopen_not_solved", text="又有了")
    again(found, 1)
    found.do("reporter", Action.RATE, solved=Solved.NO, score=1)

    assert stands(found) is State.CONSULTING
