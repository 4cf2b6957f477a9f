"""What moves of a joint case mean for its tasks: review, rework, merge, end, class, urge."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from domain.clock import ClockKind, Outcome
from domain.command import Part, Step
from domain.plan import PlannedTask
from domain.terms import Action, Decision, Source, State, TaskState
from domain.why import Because, Why
from tests.domain.joint_world import Joint, joint, joint_book, plan
from tests.domain.small_world import HAWKER, OTHER_NO, PART_NO, Life, with_policy
from tests.domain.test_joint_returns import reexamined


def stands(found: Joint) -> State:
    return found.case.state


def fed_back(*units: str) -> Joint:
    found = joint(*units)
    for task in range(1, len(units) + 1):
        found.done(task)
    found.do("water.crew", Action.SUM_UP, text="完成")
    return found


def close(found: Joint) -> None:
    found.do("dispatcher", Action.PASS_REVIEW)
    found.do(found.case.asked, Action.CHECK_PASS, photos=("p",), distance=5.0)
    found.do("chief", Action.CLOSE)


REJECT: dict[str, Any] = {"reason": "reject_photo_missing", "text": "缺照片"}


def test_a_summary_sent_back_is_the_lead_s_to_write_again() -> None:
    found = fed_back("water", "police")
    found.do("dispatcher", Action.REJECT_FEEDBACK, **REJECT)

    assert stands(found) is State.HANDLING
    assert (found.case.feedback_rejections, found.case.round) == (1, 1)
    assert {found.state(1), found.state(2)} == {State.TASK_DONE}
    assert ClockKind.SUM_UP in found.life.running()
    found.do("water.crew", Action.SUM_UP, text="补充照片")
    assert stands(found) is State.FED_BACK


def test_a_task_that_the_reviewer_names_goes_on_where_it_stopped() -> None:
    found = fed_back("water", "police")
    done = found.tasks[2].clock("handle")
    found.life.at += timedelta(hours=1)
    found.do("dispatcher", Action.REJECT_FEEDBACK, tasks=(2,), **REJECT)
    again = found.tasks[2].clock("handle")

    assert (found.state(1), found.state(2)) == (State.TASK_DONE, State.HANDLING)
    assert found.tasks[2].case.round == 1
    assert (again.started_at, again.stopped_at) == (done.started_at, None)
    assert again.pauses[-1].start == done.stopped_at
    assert ClockKind.SUM_UP not in found.life.running()
    found.done(2)
    found.do("water.crew", Action.SUM_UP, text="完成")
    assert stands(found) is State.FED_BACK


def test_a_reply_that_did_not_hold_sums_up_nothing_again() -> None:
    found = joint("water", "police")
    found.done(2)
    found.done(1, for_citizen=True)
    assert stands(found) is State.FED_BACK
    found.do("dispatcher", Action.PASS_REVIEW)
    fail: dict[str, Any] = {"reason": "fail_partly", "text": "未修", "photos": ("p",)}
    found.do(found.case.asked, Action.CHECK_FAIL, tasks=(2,), **fail)
    found.done(2)

    assert stands(found) is State.HANDLING
    assert not any(one.for_citizen for one in found.case.tasks)
    found.do("water.crew", Action.SUM_UP, text="完成")
    found.do("dispatcher", Action.PASS_REVIEW)
    found.do(found.case.asked, Action.CHECK_FAIL, tasks=(1,), **fail)
    found.done(1, for_citizen=True)
    assert stands(found) is State.FED_BACK


def test_a_task_that_is_not_there_is_refused() -> None:
    found = fed_back("water", "police")
    answer = found.ask("dispatcher", Step(action=Action.REJECT_FEEDBACK, tasks=(7,), **REJECT))

    assert answer is not None
    assert answer.why is Why.UNKNOWN_CODE
    assert stands(found) is State.FED_BACK


@pytest.mark.parametrize("task", [1, 2])
def test_a_task_of_a_plan_that_is_over_is_not_named_for_a_rework(task: int) -> None:
    found = reexamined()
    for one in (3, 4):
        found.done(one)
    found.do("parks.crew", Action.SUM_UP, text="完成")
    found.do("dispatcher", Action.PASS_REVIEW)
    fail: dict[str, Any] = {"reason": "fail_partly", "text": "未修", "photos": ("p",)}
    step = Step(action=Action.CHECK_FAIL, tasks=(task,), **fail)
    answer = found.ask(found.case.asked, step)

    assert answer is not None
    assert (answer.why, answer.values["value"]) == (Why.UNKNOWN_CODE, str(task))
    assert found.state(task) is State.TASK_DONE


def test_a_closing_sent_back_reworks_the_tasks_it_names() -> None:
    found = fed_back("water", "police")
    found.do("dispatcher", Action.PASS_REVIEW)
    found.do(found.case.asked, Action.CHECK_PASS, photos=("p",), distance=5.0)
    back: dict[str, Any] = {"reason": "reject_not_solved", "text": "问题仍在"}
    nameless = found.ask("chief", Step(action=Action.REJECT_CLOSE, **back))
    assert nameless is not None
    assert nameless.values["field"] == "tasks"
    found.do("chief", Action.REJECT_CLOSE, tasks=(1, 2), **back)

    assert (found.case.state, found.case.round, found.case.fails) == (State.HANDLING, 2, 1)
    assert {one.case.round for one in found.tasks.values()} == {2}
    assert found.tasks[1].clock("handle:2").used_before > timedelta(0)


@pytest.mark.parametrize(("named", "again"), [((), {1}), ((2,), {2})])
def test_a_reopened_case_goes_to_the_lead_or_to_whom_it_names(
    named: tuple[int, ...], again: set[int]
) -> None:
    found = fed_back("water", "police")
    close(found)
    found.do("reporter", Action.REOPEN, reason="reopen_not_solved", text="又有", tasks=named)

    assert (found.case.state, found.case.reopened) == (State.HANDLING, True)
    assert {one for one in found.tasks if found.state(one) is State.HANDLING} == again
    assert found.life.clock("whole:2").stopped_at is None


def test_a_reply_that_the_upstream_rejects_is_the_lead_s_rework() -> None:
    life = Life(book=joint_book()).report(source=Source.UPSTREAM_12345).to(State.FILED)
    found = Joint(life)
    found.do("dispatcher", Action.PLAN, plan=plan("water", "police"))
    for task in (1, 2):
        found.done(task)
    found.do("water.crew", Action.SUM_UP, text="完成")
    close(found)
    found.do("acceptor", Action.REJECT_REPLY, reason="reject_not_to_the_point", text="退回")

    assert (found.state(1), found.state(2)) == (State.HANDLING, State.TASK_DONE)
    assert found.case.upstream_rejections == 1


def withdraw(found: Joint) -> None:
    found.do("reporter", Action.REQUEST_WITHDRAW, reason="withdraw_solved")
    found.do("chief", Action.AGREE_WITHDRAW)


def force(found: Joint) -> None:
    words: dict[str, Any] = {"reason": "force_no_contact", "text": "无法联系"}
    found.do("chief2", Action.REQUEST_FORCE_CLOSE, **words)
    found.do("chief", Action.FORCE_CLOSE, **words)


@pytest.mark.parametrize("led", [True, False])
def test_a_case_closed_by_force_is_planned_again_when_it_is_reopened(*, led: bool) -> None:
    found = joint("water", "police")
    found.done(2)
    if not led:
        found.do("dispatcher", Action.RECALL, 1, reason="recall_wrong_unit", text="派错")
    force(found)
    found.do("reporter", Action.REOPEN, reason="reopen_not_solved", text="又有")

    assert (found.case.state, found.case.reopened, found.case.round) == (State.FILED, True, 2)
    assert {ClockKind.DISPATCH, ClockKind.WHOLE} <= set(found.life.running())
    assert "role:dispatcher" in found.life.events[-1].notify
    again = plan(
        PlannedTask(task_no=3, unit="water", lead=True), PlannedTask(task_no=4, unit="roads")
    )
    found.do("dispatcher", Action.PLAN, plan=again)
    for task in (3, 4):
        found.done(task)
    found.do("water.crew", Action.SUM_UP, text="完成")
    assert stands(found) is State.FED_BACK


def test_what_is_named_of_a_case_closed_by_force_is_taken_up() -> None:
    found = joint("water", "police")
    found.done(2)
    force(found)
    found.do("reporter", Action.REOPEN, reason="reopen_not_solved", text="又有", tasks=(2,))

    assert (found.case.state, found.state(2)) == (State.HANDLING, State.HANDLING)


def test_a_fixed_plan_of_a_case_closed_by_force_fixes_the_next_one_no_more() -> None:
    found = joint("water", "police", "roads")
    found.sign(1)
    found.do("supervisor", Action.CONSULT)
    found.do(
        "command",
        Action.DECIDE,
        decision=Decision.DISPATCH,
        text="会商",
        participants=("water",),
        plan=plan("water", "police", "roads"),
    )
    force(found)
    found.do("reporter", Action.REOPEN, reason="reopen_not_solved", text="又有")
    again = plan(
        PlannedTask(task_no=4, unit="water", lead=True), PlannedTask(task_no=5, unit="roads")
    )
    found.do("dispatcher", Action.PLAN, plan=again)

    assert not found.tasks[4].case.binding


def test_a_reply_rejected_by_the_upstream_after_a_closing_by_force_is_planned_again() -> None:
    life = Life(book=joint_book()).report(source=Source.UPSTREAM_12345).to(State.FILED)
    found = Joint(life)
    found.do("dispatcher", Action.PLAN, plan=plan("water", "police"))
    force(found)
    found.do("acceptor", Action.REJECT_REPLY, reason="reject_not_to_the_point", text="退回")

    assert (found.case.state, found.case.upstream_rejections) == (State.FILED, 1)


@pytest.mark.parametrize(
    ("end", "state"),
    [(withdraw, State.WITHDRAWN), (force, State.CLOSED)],
)
def test_when_the_case_ends_its_open_tasks_end_and_leave_no_facts(
    end: Callable[[Joint], None], state: State
) -> None:
    found = joint("water", "police", PlannedTask(task_no=3, unit="roads", after=(1,)))
    found.done(2)
    found.sign(1)
    end(found)

    assert stands(found) is state
    assert (found.state(1), found.state(2)) == (State.TASK_WITHDRAWN, State.TASK_DONE)
    assert found.tasks[1].clock("handle").outcome is Outcome.VOID
    assert 3 not in found.tasks
    assert {one.state for one in found.case.tasks} == {TaskState.WITHDRAWN, TaskState.DONE}


def test_what_was_late_before_stays_late() -> None:
    found = joint("water", "police")
    found.sign(1)
    found.life.at += timedelta(days=5)
    withdraw(found)

    assert found.tasks[1].clock("handle").outcome is Outcome.DONE


def test_a_merged_case_s_tasks_are_withdrawn_and_a_released_one_is_planned_anew() -> None:
    found = joint("water", "police")
    found.done(2)
    found.sign(1)
    step = Step(action=Action.MERGE, other=OTHER_NO)
    found.judge(found.life, found.life.command("acceptor", step))
    found.waiting = [one for one in found.waiting if one.case_no != OTHER_NO]
    found.tell()
    assert stands(found) is State.MERGED
    assert found.state(1) is State.TASK_WITHDRAWN
    found.judge(
        found.life,
        found.life.command("chief", Step(action=Action.RELEASE, other=OTHER_NO)),
    )
    found.waiting.clear()
    found.do("chief", Action.FILE, condition=1)

    assert stands(found) is State.FILED
    assert ClockKind.DISPATCH in found.life.running()
    fresh = plan(PlannedTask(task_no=3, unit="water", lead=True))
    found.do("dispatcher", Action.PLAN, plan=fresh)
    assert stands(found) is State.DISPATCHED
    assert found.state(3) is State.DISPATCHED


def test_a_petition_examined_again_is_planned_anew_by_others() -> None:
    life = Life(book=joint_book(with_policy(reexaminations=1)))
    found = Joint(life.report(source=Source.PETITION).to(State.FILED))
    found.do("dispatcher", Action.PLAN, plan=plan("water", "police"))
    for task in (1, 2):
        found.done(task)
    found.do("water.crew", Action.SUM_UP, text="完成")
    close(found)
    found.do("reporter", Action.ASK_REVIEW)

    assert (found.case.state, found.case.unit) == (State.FILED, "")
    same = plan(PlannedTask(task_no=3, unit="water", lead=True))
    answer = found.ask("dispatcher", Step(action=Action.PLAN, plan=same))
    assert answer is not None
    assert answer.values["because"] == Because.UNIT_UNDER_REVIEW
    fresh = plan(PlannedTask(task_no=3, unit="parks", lead=True))
    found.do("dispatcher", Action.PLAN, plan=fresh)
    assert stands(found) is State.DISPATCHED


def test_a_split_leaves_the_tasks_as_they_are() -> None:
    found = joint("water", "police")
    before = found.case.tasks
    found.life.ask(
        "acceptor",
        Step(action=Action.SPLIT, parts=(Part(case_no=PART_NO, words="另有污水外溢"),)),
    )

    assert found.case.parts == (PART_NO,)
    assert found.case.tasks == before


def test_another_class_gives_tasks_its_limit_and_what_is_used_stays_used() -> None:
    found = joint("water", "police")
    own = found.tasks[1].case.own_limit
    found.sign(1)
    found.life.at += timedelta(hours=1)
    found.do("chief", Action.RECLASSIFY, subclass=HAWKER)
    handle = found.tasks[1].clock("handle")

    assert found.case.subclass == HAWKER
    for task in found.tasks.values():
        assert task.case.subclass == HAWKER
        assert task.case.own_limit != own
    assert handle.continuous
    assert handle.carried > timedelta(0)
    moved = [one.clock_id for one in found.tasks[1].events[-1].moved]
    assert moved == ["handle"]


def test_a_department_that_is_done_goes_on_within_the_limit_of_the_new_class() -> None:
    found = joint("water", "police")
    found.done(2)
    own = found.tasks[2].case
    found.do("chief", Action.RECLASSIFY, subclass=HAWKER)
    assert found.tasks[2].case == own
    found.done(1)
    found.do("water.crew", Action.SUM_UP, text="完成")
    found.do("dispatcher", Action.REJECT_FEEDBACK, **(REJECT | {"tasks": (2,)}))

    limits = {found.tasks[task].case.own_limit for task in (1, 2)}
    assert len(limits | {one.limit for one in found.case.tasks}) == 1
    assert limits != {own.own_limit}
    assert found.tasks[2].clock("handle").continuous


def test_a_limit_of_a_department_s_own_stays_under_another_class() -> None:
    found = joint("water", "police")
    limit = found.tasks[2].case.own_limit
    assert limit is not None
    longer = type(limit)(value=limit.value * 3, unit=limit.unit)
    found.do(
        "dispatcher",
        Action.PLAN,
        plan=plan(
            PlannedTask(task_no=1, unit="water", lead=True),
            PlannedTask(task_no=2, unit="police", limit=longer),
        ),
    )
    found.do("chief", Action.RECLASSIFY, subclass=HAWKER)

    assert found.tasks[2].case.own_limit == longer
    assert found.tasks[1].case.own_limit != limit


def test_a_letter_on_the_case_is_the_lead_s_to_answer_and_one_on_a_task_its_unit_s() -> None:
    found = joint("water", "police")
    found.do("supervisor", Action.SUPERVISE, text="请说明进展")
    found.do("supervisor", Action.SUPERVISE, 2, text="请说明进展")
    other = found.ask("police.head", Step(action=Action.SUPERVISE_REPLY, text="今日完成"))

    assert other is not None
    assert other.why is Why.FORBIDDEN
    found.do("water.head", Action.SUPERVISE_REPLY, text="今日完成")
    found.do(
        "police.head", Action.OFFER_HANDOVER, 2, unit="parks", reason="handover_duty", text="x"
    )
    assert found.tasks[2].case.supervision is not None
    found.do("police.head", Action.SUPERVISE_REPLY, 2, text="今日完成")
    assert found.case.supervision is None
    assert found.tasks[2].case.supervision is None


def test_an_urge_of_the_reporter_reaches_every_department() -> None:
    found = joint("water", "police")
    found.done(2)
    found.do("reporter", Action.URGE)

    assert found.life.events[-1].notify == ("unit:water",)


def test_the_lead_urges_a_helper_and_it_is_on_record() -> None:
    found = joint("water", "police", "roads")
    asked = found.ask("water.head", Step(action=Action.URGE_TASK, task=2, text="请尽快"))
    assert asked is None

    assert [len(one.urges) for one in found.case.tasks] == [0, 1, 0]
    event = found.tasks[2].events[-1]
    assert (event.action, event.notify) == (Action.URGE, ("unit:police",))
    found.sign(2)
    assert len(found.case.tasks[1].urges) == 1


@pytest.mark.parametrize("who", ["police.head", "reporter"])
def test_who_does_not_lead_urges_nobody_s_task(who: str) -> None:
    found = joint("water", "police", "roads")
    answer = found.ask(who, Step(action=Action.URGE_TASK, task=3))

    assert answer is not None
    assert answer.why is Why.FORBIDDEN


def test_a_task_that_has_not_begun_is_not_urged() -> None:
    found = joint("water", PlannedTask(task_no=2, unit="police", after=(1,)))
    answer = found.ask("water.head", Step(action=Action.URGE_TASK, task=2))

    assert answer is not None
    assert answer.values["because"] == Because.TASK_WAITS
    alone = Joint(Life(book=joint_book()).report().to(State.DISPATCHED))
    answer = alone.ask("dispatcher", Step(action=Action.URGE_TASK, task=1))
    assert answer is not None
    assert answer.values["because"] == Because.NOT_JOINT
