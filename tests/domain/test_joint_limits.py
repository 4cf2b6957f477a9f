"""Limits of a joint case: what a task's extension, hold or question means for the promise."""

from datetime import timedelta

import pytest

from domain.calendar import Limit, Unit
from domain.clock import ClockKind, due_at
from domain.command import Step
from domain.plan import PlannedTask
from domain.terms import Action, State, TaskState
from domain.why import Because
from tests.domain.emergency_world import declare, emergency_book
from tests.domain.joint_world import Joint, joint, joint_book, plan
from tests.domain.small_world import GAS, LITTER, Life, local


def stands(found: Joint) -> State:
    return found.case.state


def extend(found: Joint, task: int, hours: float) -> None:
    ask_more(found, task, hours)
    found.do("dispatcher", Action.APPROVE_EXTENSION, task)


def ask_more(found: Joint, task: int, hours: float) -> None:
    unit = found.tasks[task].case.unit
    found.do(
        f"{unit}.crew",
        Action.REQUEST_EXTENSION,
        task,
        reason="extension_weather",
        text="下雨",
        amount=hours,
    )


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


def test_an_extension_of_a_task_moves_the_promise_and_the_citizen_is_told() -> None:
    found = joint("water", "police")
    found.sign(2)
    whole = found.life.clock("whole")
    extend(found, 2, 4)
    longer = found.life.clock("whole")

    assert longer.extended == timedelta(hours=4)
    assert longer.budget == whole.budget
    assert "reporter" in found.life.events[-1].notify
    told = {one for event in found.tasks[2].events for one in event.notify}
    assert "reporter" not in told
    assert {one.task_no: one.extended for one in found.case.tasks} == {
        1: timedelta(0),
        2: timedelta(hours=4),
    }


def test_an_extension_by_day_and_night_moves_a_promise_in_working_time_as_far() -> None:
    found = Joint(Life(book=joint_book()).report().to(State.FILED))
    urgent = Limit(value=6, unit=Unit.URGENT_HOUR)
    tasks = (
        PlannedTask(task_no=1, unit="water", lead=True),
        PlannedTask(task_no=2, unit="police", limit=urgent),
    )
    found.do("dispatcher", Action.PLAN, plan=plan(*tasks))
    found.sign(2)
    extend(found, 2, 6)

    # from 15:0x to 21:0x of one day: working time ends at 18:00
    assert timedelta(hours=2) < found.life.clock("whole").extended < timedelta(hours=3)


def test_the_promise_moves_as_far_as_the_task_that_was_extended_most() -> None:
    found = joint("water", "police", "roads")
    for task, hours, moved in ((2, 6, 6), (3, 4, 6), (1, 8, 8)):
        found.sign(task)
        extend(found, task, hours)

        assert found.life.clock("whole").extended == timedelta(hours=moved)


def test_a_second_extension_of_a_task_comes_on_top_of_its_first() -> None:
    found = joint("water", "police")
    found.sign(2)
    for hours, decider in ((3, "dispatcher"), (4, "chief")):
        ask_more(found, 2, hours)
        found.do(decider, Action.APPROVE_EXTENSION, 2)
    assert found.life.clock("whole").extended == timedelta(hours=7)


@pytest.mark.parametrize("waits", [False, True])
def test_a_promise_in_working_time_moves_by_days_of_a_limit_that_runs_on_or_waits(
    *, waits: bool
) -> None:
    found = Joint(Life(book=joint_book()).report().to(State.FILED))
    tasks = (
        PlannedTask(task_no=1, unit="water", lead=True),
        PlannedTask(task_no=2, unit="police", limit=Limit(value=2, unit=Unit.NATURAL_DAY)),
    )
    found.do("dispatcher", Action.PLAN, plan=plan(*tasks))
    found.sign(2)
    ask_more(found, 2, 24)
    if waits:
        ask(found, 2)
    found.do("dispatcher", Action.APPROVE_EXTENSION, 2)

    assert found.life.clock("whole").paused is waits
    assert found.life.clock("whole").extended == timedelta(hours=8)


def test_what_was_extended_before_it_became_joint_moves_nothing_again() -> None:
    life = Life(book=joint_book()).report().to(State.HANDLING)
    life.do(Action.REQUEST_EXTENSION)
    life.do(Action.APPROVE_EXTENSION)
    found = Joint(life)
    before = found.life.clock("whole").extended
    unit = found.case.unit
    tasks = (
        PlannedTask(task_no=1, unit=unit, lead=True),
        PlannedTask(task_no=2, unit="water"),
    )
    found.do("dispatcher", Action.PLAN, plan=plan(*tasks))
    found.sign(2)

    assert found.tasks[1].case.extended == timedelta(hours=4)
    assert found.life.clock("whole").extended == before


def moved_in(found: Joint, limit: Limit) -> None:
    tasks = (
        PlannedTask(task_no=1, unit=found.case.unit, lead=True, limit=limit),
        PlannedTask(task_no=2, unit="water"),
    )
    found.do("dispatcher", Action.PLAN, plan=plan(*tasks))


def test_a_rework_that_moves_in_is_judged_by_the_plan_s_limit_and_keeps_its_extension() -> None:
    life = Life(book=joint_book()).report().to(State.HANDLING)
    for action in (Action.REQUEST_EXTENSION, Action.APPROVE_EXTENSION, Action.FEED_BACK):
        life.do(action)
    for action in (Action.PASS_REVIEW, Action.CHECK_FAIL):
        life.do(action)
    before = life.clock("handle:2").judged_budget
    found = Joint(life)
    moved_in(found, Limit(value=4, unit=Unit.WORK_DAY))
    handle = found.tasks[1].clock("handle")

    assert before == timedelta(hours=8 + 4)
    assert handle.judged_budget == timedelta(hours=32 + 4)
    assert handle.budget == handle.judged_budget - handle.used_before


@pytest.mark.parametrize("state", [State.DISPATCHED, State.FILED])
def test_a_plan_s_short_limit_shortens_the_time_to_sign_as_well(state: State) -> None:
    found = Joint(Life(book=joint_book()).report().to(state))
    short = Limit(value=2, unit=Unit.WORK_HOUR)
    if state is State.FILED:
        found.do("dispatcher", Action.PLAN, plan=plan("roads", "water"))
    moved_in(found, short)

    assert found.tasks[1].clock("handle").budget == short.running
    assert found.tasks[1].clock("sign").budget == timedelta(minutes=30)


def test_the_promise_waits_only_while_every_open_task_is_on_hold() -> None:
    found = joint("water", "police", "roads")
    found.done(3)
    for task in (1, 2):
        found.sign(task)
    hold(found, 1)
    assert stands(found) is State.HANDLING
    assert not found.life.clock("whole").paused
    hold(found, 2)

    assert stands(found) is State.ON_HOLD
    assert found.life.clock("whole").paused
    assert "reporter" in found.life.events[-1].notify
    found.do("dispatcher", Action.RESUME, 2, text="可继续")
    assert stands(found) is State.HANDLING
    assert not found.life.clock("whole").paused


def test_what_waits_for_a_task_on_hold_waits_on() -> None:
    found = joint("water", PlannedTask(task_no=2, unit="police", after=(1,)))
    found.sign(1)
    hold(found, 1)
    assert stands(found) is State.ON_HOLD
    assert found.case.tasks[1].state is TaskState.PLANNED
    found.do("dispatcher", Action.RESUME, 1, text="可继续")
    found.done(1)

    assert found.state(2) is State.DISPATCHED


def ask(found: Joint, task: int) -> None:
    unit = found.tasks[task].case.unit
    found.do(f"{unit}.desk", Action.ASK_REPORTER, task, text="请问具体门牌号？")


def test_a_department_asks_the_reporter_and_its_limit_and_the_promise_wait() -> None:
    found = joint("water", "police")
    found.sign(2)
    ask(found, 2)

    assert found.tasks[2].clock("handle").paused
    assert not found.tasks[1].clock("handle").paused
    assert found.life.clock("whole").paused
    assert found.case.tasks[1].asks is not None
    assert set(found.life.events[-1].notify) == {"reporter", "role:acceptor"}


@pytest.mark.parametrize("action", [Action.REPLY, Action.SUPPLEMENT])
def test_the_reporter_s_answer_on_his_case_reaches_the_department(action: Action) -> None:
    found = joint("water", "police", "roads")
    for task in (2, 3):
        found.sign(task)
        ask(found, task)
    found.do("reporter", action, text="12 号楼东侧")

    for task in (2, 3):
        life = found.tasks[task]
        assert not life.clock("handle").paused
        question = life.case.questions[-1]
        assert question.answered
        assert question.ended_at is not None
    assert not found.life.clock("whole").paused
    assert not [one for one in found.case.tasks if one.asks]
    assert found.case.supplements == ()


def test_without_an_answer_the_limits_run_on_after_two_working_days() -> None:
    found = joint("water", "police")
    found.sign(2)
    ask(found, 2)
    found.life.at = found.tasks[2].at = local("09-09 12:00")
    found.judge(found.tasks[2])
    found.tell()

    assert found.tasks[2].case.questions[-1].ended_at is not None
    assert not found.tasks[2].clock("handle").paused
    whole = found.life.clock("whole")
    assert not whole.paused
    assert whole.pauses[-1].end == found.tasks[2].case.questions[-1].ended_at


def test_nobody_asked_so_there_is_nothing_to_answer() -> None:
    found = joint("water", "police")
    found.sign(2)
    answer = found.ask("reporter", Step(action=Action.REPLY, text="好"))

    assert answer is not None
    assert answer.values["because"] == Because.NO_QUESTION


def test_an_urgent_case_does_not_wait_for_the_answer() -> None:
    life = Life(book=joint_book()).report(subclass=GAS).to(State.FILED)
    found = Joint(life)
    found.do("dispatcher", Action.PLAN, plan=plan("water", "police"))
    found.sign(2)
    ask(found, 2)

    assert not found.tasks[2].clock("handle").paused
    assert not found.life.clock("whole").paused


def reclassified(found: Joint, subclass: str) -> None:
    found.do("chief", Action.RECLASSIFY, subclass=subclass, condition=1, text="改类")


def test_a_case_that_becomes_urgent_waits_for_no_answer_and_one_that_was_does_again() -> None:
    found = joint("water", "police")
    found.sign(2)
    ask(found, 2)
    reclassified(found, GAS)
    assert not found.tasks[2].clock("handle").paused
    assert not found.life.clock("whole").paused
    assert found.tasks[2].case.question is not None

    reclassified(found, LITTER)
    assert found.tasks[2].clock("handle").paused
    assert found.life.clock("whole").paused


def test_a_declared_emergency_waits_for_no_answer() -> None:
    found = Joint(Life(book=emergency_book()).report().to(State.FILED))
    found.do("dispatcher", Action.PLAN, plan=plan("roads", "parks"))
    found.sign(2)
    ask(found, 2)
    declare(found)

    assert not found.tasks[2].clock("handle").paused


def test_a_question_of_the_one_department_ends_as_the_case_becomes_joint() -> None:
    life = Life(book=joint_book()).report().to(State.HANDLING)
    life.do(Action.ASK_REPORTER)
    found = Joint(life)
    tasks = (
        PlannedTask(task_no=1, unit=found.case.unit, lead=True),
        PlannedTask(task_no=2, unit="water"),
    )
    found.do("dispatcher", Action.PLAN, plan=plan(*tasks))
    handle = found.tasks[1].clock("handle")

    assert not handle.paused
    assert handle.pauses[-1].end is not None
    assert not found.life.clock("whole").paused
    assert ClockKind.QUESTION not in found.life.running()


def test_the_case_knows_when_its_tasks_are_due() -> None:
    found = joint("water", "police")
    found.sign(1)
    handle = found.tasks[1].clock("handle")
    assert found.case.tasks[0].due == due_at(handle, found.life.book.calendars)
    ask(found, 1)
    assert found.case.tasks[0].due is None
