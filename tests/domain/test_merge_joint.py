"""T49-T51 with joint cases: merged, its tasks end; as a main case it takes in and answers."""

from domain.clock import ClockKind
from domain.command import Step
from domain.terms import Action, State
from domain.why import Because
from tests.domain.joint_world import Joint, joint
from tests.domain.small_world import OTHER_NO, local


def merged() -> Joint:
    """A joint case that follows another; what that one is told is taken out."""
    found = joint("water", "roads")
    found.sign(1)
    found.life.at = max(one.at for one in (found.life, *found.tasks.values()))
    command = found.life.command("acceptor", Step(action=Action.MERGE, other=OTHER_NO))
    assert found.judge(found.life, command) is None
    told = [one for one in found.waiting if one.case_no == OTHER_NO]
    assert [one.step.action for one in told] == [Action.TAKE_IN]
    found.waiting = [one for one in found.waiting if one.case_no != OTHER_NO]
    found.tell()
    return found


def test_merging_a_joint_case_ends_its_tasks_and_leaves_the_promise() -> None:
    found = merged()

    assert found.stands() is State.MERGED
    assert {found.state(1), found.state(2)} == {State.TASK_WITHDRAWN}
    assert set(found.life.running()) <= {ClockKind.WHOLE}
    assert not any(life.running() for life in found.tasks.values())


def test_a_joint_case_with_a_task_on_hold_is_not_merged() -> None:
    found = joint("water", "roads")
    for task in (1, 2):
        found.sign(task)
    until = local("09-25 09:00")
    found.do(
        "roads.head", Action.REQUEST_HOLD, 2, reason="hold_season", text="补种", until=until
    )
    found.do("dispatcher", Action.APPROVE_HOLD, 2)
    answer = found.ask("acceptor", Step(action=Action.MERGE, other=OTHER_NO))

    assert answer is not None
    assert (answer.values["because"], answer.values["task"]) == (Because.TASK_ON_HOLD, "2")
    assert found.stands() is State.SIGNED


def test_released_it_is_filed_and_planned_anew() -> None:
    found = merged()
    command = found.life.command("chief", Step(action=Action.RELEASE))
    before = found.life.case
    assert found.judge(found.life, command) is None
    found.waiting = [one for one in found.waiting if one.case_no != OTHER_NO]
    found.tell()

    assert before.main == OTHER_NO
    assert found.stands() is State.ACCEPTED
    found.do("chief", Action.FILE, condition=1)
    assert found.stands() is State.FILED


def test_a_joint_case_takes_in_and_its_task_is_nobody_s_main_case() -> None:
    found = joint("water", "roads")
    found.do("system", Action.TAKE_IN, other=OTHER_NO)
    own = found.ask("acceptor", Step(action=Action.MERGE, other=f"{found.no}.t1"))
    follower = found.ask("acceptor", Step(action=Action.MERGE, other=OTHER_NO))

    assert found.case.merged == (OTHER_NO,)
    assert own is not None
    assert own.values["because"] == Because.OWN_TASK
    assert follower is not None
    assert follower.values["because"] == Because.MAIN_FOLLOWS
