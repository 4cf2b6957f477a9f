"""A joint case and its tasks: the plan, the order, the ends, one outcome."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.calendar import Limit, Unit
from domain.clock import ClockKind
from domain.command import Command, Step
from domain.people import SYSTEM
from domain.permission import has_handled
from domain.plan import PlannedTask
from domain.terms import Action, Finish, Role, State, TaskState
from domain.why import Because, Why
from tests.domain.joint_world import CREW, Joint, joint, joint_book, plan
from tests.domain.small_world import Life, local, person


def states(found: Joint) -> dict[int, TaskState]:
    return {one.task_no: one.state for one in found.case.tasks}


def test_three_departments_are_given_the_case_at_once() -> None:
    found = joint("water", "police", "roads")

    assert found.case.joint
    assert (found.case.state, found.case.unit) == (State.DISPATCHED, "water")
    assert set(states(found).values()) == {TaskState.DISPATCHED}
    assert {one.case.unit for one in found.tasks.values()} == {"water", "police", "roads"}
    assert found.tasks[1].case.lead
    assert found.tasks[2].case.parent == found.no
    assert {one.kind for one in found.tasks[2].case.clocks} == {
        ClockKind.HANDLE,
        ClockKind.SIGN,
    }
    assert ClockKind.DISPATCH not in found.life.running()


def test_it_feeds_back_when_all_are_done_and_the_lead_has_summed_up_never_before() -> None:
    found = joint("water", "police", "roads")
    for task in (3, 1):
        found.done(task)
        assert found.stands() is State.HANDLING
    early = found.ask("water.crew", Step(action=Action.SUM_UP, text="均已处置"))
    found.done(2)

    assert early is not None
    assert early.values["because"] == Because.NOT_ALL_DONE
    assert found.stands() is State.HANDLING
    assert ClockKind.SUM_UP in found.life.running()
    other = found.ask("roads.crew", Step(action=Action.SUM_UP, text="均已处置"))
    assert other is not None
    assert other.why is Why.FORBIDDEN
    found.do("water.crew", Action.SUM_UP, text="均已处置")
    assert found.stands() is State.FED_BACK
    assert ClockKind.SUM_UP not in found.life.running()


def test_the_lead_s_reply_for_the_citizen_sums_it_up() -> None:
    found = joint("water", "police")
    found.done(1, for_citizen=True)
    assert found.stands() is State.HANDLING
    found.done(2)

    assert found.stands() is State.FED_BACK
    assert found.case.handled_by == "water.crew"


def test_a_task_waits_for_another() -> None:
    found = joint(
        PlannedTask(task_no=1, unit="water", lead=True),
        PlannedTask(task_no=2, unit="roads", after=(1,)),
    )
    assert states(found) == {1: TaskState.DISPATCHED, 2: TaskState.PLANNED}
    assert set(found.tasks) == {1}
    found.done(1)

    assert states(found)[2] is TaskState.DISPATCHED
    assert found.state(2) is State.DISPATCHED


def test_the_case_follows_its_tasks() -> None:
    found = joint("water", "police")
    found.sign(2)
    assert found.stands() is State.SIGNED
    found.do("police.crew", Action.START, 2)
    assert found.stands() is State.HANDLING


def test_a_lead_that_returns_leaves_the_case_without_a_lead() -> None:
    found = joint("water", "police")
    found.do("police.head", Action.RETURN, 2, reason="return_wrong_duty", text="不是")
    found.do("dispatcher", Action.ACCEPT_RETURN, 2)
    assert states(found)[2] is TaskState.RETURNED
    found.done(1)

    assert found.stands() is State.FILED
    assert ClockKind.DISPATCH in found.life.running()
    again = plan(
        PlannedTask(task_no=1, unit="water", lead=True), PlannedTask(task_no=3, unit="roads")
    )
    found.do("dispatcher", Action.PLAN, plan=again)
    assert found.stands() is State.HANDLING
    found.done(3)
    found.do("water.crew", Action.SUM_UP, text="完成")
    assert found.stands() is State.FED_BACK


def test_who_is_left_out_of_a_new_plan_is_withdrawn() -> None:
    found = joint("water", "police", "roads")
    found.do("dispatcher", Action.PLAN, plan=plan("water", "police"))

    assert states(found)[3] is TaskState.WITHDRAWN
    assert found.state(3) is State.TASK_WITHDRAWN


def test_one_department_becomes_joint_without_losing_what_it_used() -> None:
    life = Life(book=joint_book()).report().to(State.HANDLING)
    handle = life.clock("handle")
    found = Joint(life)
    unit = life.case.unit
    found.do(
        "dispatcher",
        Action.PLAN,
        plan=plan(
            PlannedTask(task_no=1, unit=unit, lead=True), PlannedTask(task_no=2, unit="water")
        ),
    )
    moved = found.tasks[1].clock("handle")

    assert found.state(1) is State.HANDLING
    assert (moved.started_at, moved.budget, moved.fired) == (
        handle.started_at,
        handle.budget,
        handle.fired,
    )
    assert found.stands() is State.HANDLING
    assert ClockKind.HANDLE not in found.life.running()


def test_a_failed_check_names_the_tasks_and_only_those_go_on() -> None:
    found = joint("water", "police")
    found.done(1)
    found.done(2)
    found.do("water.crew", Action.SUM_UP, text="完成")
    found.do("dispatcher", Action.PASS_REVIEW)
    nameless = found.ask(
        found.case.asked,
        Step(action=Action.CHECK_FAIL, reason="fail_partly", text="未修", photos=("p",)),
    )
    assert nameless is not None
    assert nameless.values["field"] == "tasks"
    found.do(
        found.case.asked,
        Action.CHECK_FAIL,
        reason="fail_partly",
        text="未修",
        photos=("p",),
        tasks=(2,),
    )

    assert found.stands() is State.HANDLING
    assert (found.state(1), found.state(2)) == (State.TASK_DONE, State.HANDLING)
    assert found.tasks[2].case.round == 2
    found.done(2)
    found.do("water.crew", Action.SUM_UP, text="完成")
    assert found.stands() is State.FED_BACK


def test_a_case_that_ends_ends_its_tasks() -> None:
    found = joint("water", "police")
    found.done(2)
    found.do("supervisor", Action.REQUEST_VOID, reason="void_test", text="测试")
    found.do("chief", Action.VOID, reason="void_test", text="测试")

    assert found.stands() is State.VOIDED
    assert (found.state(1), found.state(2)) == (State.TASK_WITHDRAWN, State.TASK_DONE)


def test_enough_helpers_and_the_rest_is_withdrawn() -> None:
    found = joint("water", "police", "roads", finish=Finish.SOME, quorum=1)
    found.done(1, for_citizen=True)
    found.done(3)

    assert found.stands() is State.FED_BACK
    assert found.state(2) is State.TASK_WITHDRAWN


@pytest.mark.parametrize("by", [Action.CHECK_FAIL, Action.REJECT_FEEDBACK])
def test_a_helper_more_than_enough_that_is_named_goes_on_and_is_waited_for(by: Action) -> None:
    found = joint("water", "police", "roads", finish=Finish.SOME, quorum=1)
    for task in (2, 3, 1):
        found.done(task)
    found.do("water.crew", Action.SUM_UP, text="完成")
    who, reason = "dispatcher", "reject_photo_missing"
    if by is Action.CHECK_FAIL:
        found.do("dispatcher", Action.PASS_REVIEW)
        who, reason = found.case.asked, "fail_partly"
    found.do(who, by, reason=reason, text="未修", photos=("p",), tasks=(3,))

    assert (states(found)[3], found.state(3)) == (TaskState.HANDLING, State.HANDLING)
    assert found.case.quorum == 2
    assert ClockKind.SUM_UP not in found.life.running()
    found.done(3)
    assert ClockKind.SUM_UP in found.life.running()


def test_no_task_is_added_where_enough_are_done_but_with_more_helpers() -> None:
    found = joint("water", "police", "roads", finish=Finish.SOME, quorum=1)
    found.done(2)
    found.done(1)
    lead = PlannedTask(task_no=1, unit="water", lead=True)
    tasks = (lead, PlannedTask(task_no=2, unit="police"), PlannedTask(task_no=4, unit="parks"))
    more = Step(action=Action.PLAN, plan=plan(*tasks, finish=Finish.SOME, quorum=1))
    refusal = found.ask("dispatcher", more)
    assert refusal is not None
    assert refusal.values["because"] == Because.PLAN_ENOUGH_DONE
    assert len(found.case.tasks) == 3
    found.do("dispatcher", Action.PLAN, plan=plan(*tasks, finish=Finish.SOME, quorum=2))

    assert found.state(4) is State.DISPATCHED
    assert ClockKind.SUM_UP not in found.life.running()


def test_a_helper_that_is_done_and_left_out_of_the_plan_is_none_of_the_helpers_done() -> None:
    found = joint("water", "police", "roads", finish=Finish.SOME, quorum=1)
    found.done(2)
    without = plan(
        PlannedTask(task_no=1, unit="water", lead=True),
        PlannedTask(task_no=3, unit="roads"),
        finish=Finish.SOME,
        quorum=1,
    )
    found.do("dispatcher", Action.PLAN, plan=without)
    found.done(1)
    assert found.state(3) is State.DISPATCHED
    early = found.ask("water.crew", Step(action=Action.SUM_UP, text="完成"))
    assert early is not None
    assert early.values["because"] == Because.NOT_ALL_DONE
    found.done(3)

    assert ClockKind.SUM_UP in found.life.running()
    police = person("police.desk2", Role.DISPATCHER)
    police = replace(police, grants=(*police.grants, *CREW["police.head"].grants))
    assert has_handled(police, found.case, found.life.book)


def test_the_rest_is_withdrawn_as_soon_as_enough_are_done_and_the_lead_s_time_runs() -> None:
    waiting = PlannedTask(task_no=4, unit="parks", after=(3,))
    tasks = ("water", "police", "roads", waiting)
    found = joint(*tasks, finish=Finish.SOME, quorum=1)
    found.sign(3)
    found.do(
        "roads.head",
        Action.REQUEST_HOLD,
        3,
        reason="hold_season",
        text="春季补种",
        until=local("09-25 09:00"),
    )
    found.do("dispatcher", Action.APPROVE_HOLD, 3)
    found.done(2)
    assert states(found)[3] is TaskState.ON_HOLD
    found.done(1)

    assert found.state(3) is State.TASK_WITHDRAWN
    assert [states(found)[one] for one in (3, 4)] == [TaskState.WITHDRAWN] * 2
    assert 4 not in found.tasks
    assert found.stands() is State.HANDLING
    assert found.life.clock("sum_up").owner == "unit:water"
    assert not found.life.clock("whole").paused


def test_the_lead_that_ends_it_is_done_so_its_time_to_sum_up_runs_and_helpers_go_on() -> None:
    found = joint("water", "police", finish=Finish.LEAD)
    found.sign(2)
    assert ClockKind.SUM_UP not in found.life.running()
    found.done(1)
    assert (found.state(2), states(found)[2]) == (State.SIGNED, TaskState.SIGNED)
    assert ClockKind.SUM_UP in found.life.running()
    found.do("water.crew", Action.SUM_UP, text="完成")

    assert found.state(2) is State.TASK_WAIVED
    assert found.life.clock("sum_up").stopped_at is not None


@pytest.mark.parametrize("by", [Action.CHECK_FAIL, Action.REJECT_FEEDBACK])
def test_the_lead_ends_it_but_not_before_what_was_named_is_done_again(by: Action) -> None:
    found = joint("water", "police", finish=Finish.LEAD)
    found.done(2)
    found.done(1)
    found.life.at += timedelta(minutes=5)
    found.do("water.crew", Action.SUM_UP, text="完成")
    who, reason = "dispatcher", "reject_photo_missing"
    if by is Action.CHECK_FAIL:
        found.do("dispatcher", Action.PASS_REVIEW)
        who, reason = found.case.asked, "fail_partly"
    found.do(who, by, reason=reason, text="未修", photos=("p",), tasks=(2,))
    early = found.ask("water.crew", Step(action=Action.SUM_UP, text="完成"))
    assert early is not None
    assert early.values["because"] == Because.NOT_ALL_DONE
    assert ClockKind.SUM_UP not in found.life.running()
    found.done(2)

    assert ClockKind.SUM_UP in found.life.running()
    found.do("water.crew", Action.SUM_UP, text="完成")
    assert states(found)[2] is TaskState.DONE


def test_the_lead_ends_it_so_what_never_begins_needs_no_plan() -> None:
    waiting = PlannedTask(task_no=3, unit="roads", after=(2,))
    found = joint("water", "police", waiting, finish=Finish.LEAD)
    found.do("police.head", Action.RETURN, 2, reason="return_wrong_duty", text="不归我管")
    found.do("dispatcher", Action.ACCEPT_RETURN, 2)
    assert ClockKind.DISPATCH in found.life.running()
    found.done(1)

    running = found.life.running()
    assert ClockKind.SUM_UP in running
    assert ClockKind.DISPATCH not in running


def test_a_task_is_handed_over_within_the_same_limit() -> None:
    found = joint("water", "police")
    handle = found.tasks[2].clock("handle")
    found.do(
        "police.head",
        Action.OFFER_HANDOVER,
        2,
        unit="parks",
        reason="handover_duty",
        text="属绿化",
    )
    assert (found.state(2), found.tasks[2].case.offered_to) == (
        State.HANDOVER_OFFERED,
        "parks",
    )
    taken = found.ask("roads.desk", Step(action=Action.TAKE_HANDOVER), task=2)
    assert taken is not None
    found.do("parks.desk", Action.TAKE_HANDOVER, 2)
    after = found.tasks[2].clock("handle")

    assert (found.state(2), found.tasks[2].case.unit) == (State.SIGNED, "parks")
    assert (after.started_at, after.budget, after.owner) == (
        handle.started_at,
        handle.budget,
        "unit:parks",
    )
    assert {one.task_no: one.unit for one in found.case.tasks}[2] == "parks"


def test_an_offer_that_nobody_takes_comes_back() -> None:
    found = joint("water", "police")
    found.sign(2)
    found.do(
        "police.head", Action.OFFER_HANDOVER, 2, unit="parks", reason="handover_duty", text="x"
    )
    life = found.tasks[2]
    life.at += timedelta(hours=4)
    found.judge(life)
    found.tell()

    assert (found.state(2), life.case.unit) == (State.SIGNED, "police")
    assert {one.task_no: one.state for one in found.case.tasks}[2] is TaskState.SIGNED


@pytest.mark.parametrize("unit", ["roads", "roads.west"])
def test_a_unit_offers_its_task_to_another_one(unit: str) -> None:
    found = joint("water", "roads")
    offer = Step(action=Action.OFFER_HANDOVER, unit=unit, reason="handover_duty", text="属地")
    answer = found.ask("roads.head", offer, task=2)

    assert answer is not None
    assert answer.values["because"] == Because.OFFERED_TO_ITSELF
    assert "代处置" not in answer.text("zh")


def test_new_tasks_go_on_from_the_highest_number_that_was_used() -> None:
    found = joint("water", "roads", "police")
    found.do("dispatcher", Action.PLAN, plan=plan("water"))
    lead = PlannedTask(task_no=1, unit="water", lead=True)
    for number, fits in ((3, False), (5, False), (4, True)):
        wanted = plan(lead, PlannedTask(task_no=number, unit="parks"))
        answer = found.ask("dispatcher", Step(action=Action.PLAN, plan=wanted))
        assert (answer is None) is fits
    assert found.case.next_task_no == 5


@pytest.mark.parametrize(
    ("tasks", "because"),
    [
        (("water", PlannedTask(task_no=2, unit="water")), Because.PLAN_UNIT_TWICE),
        ((PlannedTask(task_no=1, unit="water"), "roads"), Because.PLAN_LEAD),
        (("water",), Because.PLAN_OF_ONE),
        (("water", PlannedTask(task_no=1, unit="roads")), Because.PLAN_NUMBER),
        (("water", PlannedTask(task_no=99, unit="roads")), Because.PLAN_NUMBER),
        ((PlannedTask(task_no=0, unit="water", lead=True), "roads"), Because.PLAN_NUMBER),
        (
            ("water", PlannedTask(task_no=2, unit="roads", after=(7,))),
            Because.PLAN_AFTER_UNKNOWN,
        ),
        (
            (
                PlannedTask(task_no=1, unit="water", lead=True, after=(2,)),
                PlannedTask(task_no=2, unit="roads", after=(1,)),
            ),
            Because.PLAN_CIRCLE,
        ),
    ],
)
def test_what_is_no_plan_changes_nothing(
    tasks: tuple[PlannedTask | str, ...], because: Because
) -> None:
    found = Joint(Life(book=joint_book()).report().to(State.FILED))
    before = found.case
    refusal = found.ask("dispatcher", Step(action=Action.PLAN, plan=plan(*tasks)))

    assert refusal is not None
    assert refusal.values["because"] == because
    assert found.case == before
    assert refusal.text("zh")
    assert refusal.text("en")


def test_a_lead_that_is_done_and_left_out_of_the_plan_leads_no_more() -> None:
    found = joint("water", "police")
    found.done(1)
    found.do(
        "dispatcher",
        Action.PLAN,
        plan=plan(
            PlannedTask(task_no=2, unit="police"),
            PlannedTask(task_no=3, unit="roads", lead=True),
        ),
    )

    assert {one.task_no: one.lead for one in found.case.tasks} == {1: False, 2: False, 3: True}
    assert states(found)[1] is TaskState.DONE
    assert found.case.unit == "roads"


def test_a_task_that_goes_on_hears_what_the_plan_changed_while_it_was_done() -> None:
    found = joint("water", "police")
    found.done(1)
    found.done(2)
    limit = Limit(value=4, unit=Unit.WORK_HOUR)
    found.do(
        "dispatcher",
        Action.PLAN,
        plan=plan(
            PlannedTask(task_no=1, unit="water"),
            PlannedTask(task_no=2, unit="police", lead=True, limit=limit),
        ),
    )
    found.do("police.crew", Action.SUM_UP, text="完成")
    found.do(
        "dispatcher",
        Action.REJECT_FEEDBACK,
        reason="reject_photo_missing",
        text="缺照片",
        tasks=(1, 2),
    )

    assert [found.tasks[one].case.lead for one in (1, 2)] == [False, True]
    assert found.tasks[2].case.own_limit == limit
    assert found.tasks[2].clock("handle").budget == limit.running


def test_what_follows_from_two_moves_of_one_moment_is_judged_in_their_order() -> None:
    """Written down a moment before the case's last event, both count as of that event."""
    found = joint("water", "police")
    life, late = found.life, found.case.last_at
    assert late is not None
    wider = plan("water", "police", "roads", PlannedTask(task_no=4, unit="parks"))
    let_off = Step(action=Action.WAIVE, task=4, reason="waive_not_needed", text="不再需要")
    for step in (Step(action=Action.PLAN, plan=wider), let_off):
        command = life.command("dispatcher", step)
        assert found.judge(life, replace(command, at=late - timedelta(seconds=1))) is None
    sequels = [one for one in found.waiting if one.case_no.endswith(".t4")]
    task = found._life(sequels[0].case_no)
    commands = [
        Command(command_id=name, at=one.at, actor=SYSTEM, steps=(one.step,))
        for name, one in zip(("b", "a"), sequels, strict=True)
    ]
    found.judge(task, *commands)

    assert [one.action for one in task.events] == [Action.BEGIN_TASK, Action.WAIVE]
    assert task.case.state is State.TASK_WAIVED
