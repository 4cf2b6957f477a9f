"""Returns inside a joint case: counted in the case, whichever task; who is out stays out."""

from typing import Any

from domain.command import Command, Step
from domain.outside import Tells, messages
from domain.people import SYSTEM
from domain.plan import Plan, PlannedTask
from domain.refusal import Refusal
from domain.terms import Action, Decision, Source, State
from domain.why import Because, Why
from tests.domain.emergency_world import declare, emergency_book
from tests.domain.joint_world import Joint, joint, joint_book, plan
from tests.domain.small_world import Life, with_policy

RETURN: dict[str, Any] = {"reason": "return_wrong_duty", "text": "不是我单位职责"}
REJECT: dict[str, Any] = {"reason": "reject_duty_clear", "text": "职责清楚"}


def handed_back(found: Joint, task: int, *, accepted: bool) -> None:
    """The unit returns its task, and the dispatcher decides."""
    found.do(f"{found.tasks[task].case.unit}.head", Action.RETURN, task, **RETURN)
    if accepted:
        found.do("dispatcher", Action.ACCEPT_RETURN, task)
    else:
        found.do("dispatcher", Action.REJECT_RETURN, task, **REJECT)


def refused(answer: Refusal | None) -> Refusal:
    assert answer is not None
    return answer


# The case's third --------------------------------------------------------------------------


def test_the_case_s_third_return_is_ruled_on_whichever_task_it_is_of() -> None:
    found = joint("roads", "water", "police", "parks")
    handed_back(found, 2, accepted=False)
    handed_back(found, 3, accepted=True)
    assert [one.unit for one in found.tasks[4].case.returns] == ["water", "police"]
    found.do("parks.head", Action.RETURN, 4, **RETURN)

    assert found.state(4) is State.ARBITRATING
    assert [one.task_no for one in found.case.counted_returns] == [2, 3]


def test_a_task_that_begins_later_knows_the_returns_before_it() -> None:
    waits = PlannedTask(task_no=3, unit="police", after=(1,))
    lead = PlannedTask(task_no=1, unit="roads", lead=True)
    found = joint(lead, PlannedTask(task_no=2, unit="water"), waits)
    handed_back(found, 2, accepted=False)
    handed_back(found, 2, accepted=False)
    found.done(1)
    found.do("police.head", Action.RETURN, 3, **RETURN)

    assert found.state(3) is State.ARBITRATING


def test_a_task_is_not_told_of_its_own_return() -> None:
    found = joint("roads", "water")
    handed_back(found, 2, accepted=False)

    actions = [one.action for one in found.tasks[2].events]
    assert actions == [Action.BEGIN_TASK, Action.RETURN, Action.REJECT_RETURN]
    assert found.tasks[1].events[-1].action is Action.CHANGE_TASK


def test_what_a_task_knows_of_others_is_not_its_own_to_withdraw_or_object_to() -> None:
    found = joint("roads", "water", "police", "parks")
    handed_back(found, 3, accepted=False)
    found.do("water.head", Action.RETURN, 2, **RETURN)
    handed_back(found, 4, accepted=True)
    found.do("water.desk", Action.WITHDRAW_RETURN, 2)
    assert [one.unit for one in found.tasks[2].case.returns] == ["police", "parks"]

    found.do("police.head", Action.OBJECT, 3, reason="object_duty", text="仍不是")
    assert found.state(3) is State.ARBITRATING


def test_a_rejected_return_of_one_task_is_no_ground_to_object_in_another_of_its_unit() -> None:
    found = joint("roads", "water", "parks")
    handed_back(found, 2, accepted=False)
    lead = PlannedTask(task_no=1, unit="roads", lead=True)
    parks, water = (
        PlannedTask(task_no=3, unit="parks"),
        PlannedTask(task_no=4, unit="water"),
    )
    found.do("dispatcher", Action.PLAN, plan=plan(lead, parks, water))
    found.sign(4)
    step = Step(action=Action.OBJECT, reason="object_duty", text="仍不是")
    assert refused(found.ask("water.head", step, task=4)).values["because"] == (
        Because.NO_RETURN_REJECTED
    )

    handed_back(found, 4, accepted=False)
    assert found.ask("water.head", step, task=4) is None


def test_returns_before_the_case_became_joint_count_in_it() -> None:
    found = Joint(Life(book=joint_book()).report().to(State.FILED))
    for unit in ("roads", "water"):
        found.do("dispatcher", Action.DISPATCH, unit=unit, text="派遣")
        found.do(f"{unit}.head", Action.RETURN, **RETURN)
        found.do("dispatcher", Action.ACCEPT_RETURN)
    found.do("dispatcher", Action.DISPATCH, unit="police", text="派遣")
    found.do("police.desk", Action.SIGN)
    helped = plan(
        PlannedTask(task_no=3, unit="police"), PlannedTask(task_no=4, unit="parks", lead=True)
    )
    found.do("dispatcher", Action.PLAN, plan=helped)
    found.do("police.head", Action.RETURN, 3, **RETURN)

    assert found.state(3) is State.ARBITRATING
    assert len(found.tasks[4].case.counted_returns) == 2


# Who returned it stays out ------------------------------------------------------------------


def out_of_it() -> tuple[Joint, Plan]:
    """Water's return was accepted; the plan that gives it the case again."""
    found = joint("roads", "water", "police")
    found.sign(2)
    handed_back(found, 2, accepted=True)
    return found, plan(
        PlannedTask(task_no=1, unit="roads", lead=True),
        PlannedTask(task_no=3, unit="police"),
        PlannedTask(task_no=4, unit="water"),
    )


def test_a_unit_whose_return_was_accepted_is_not_planned_again() -> None:
    found, again = out_of_it()
    answer = refused(found.ask("dispatcher", Step(action=Action.PLAN, plan=again)))

    assert (answer.why, answer.values["unit"]) == (Why.RETURNED_BEFORE, "water")
    found.do("command", Action.PLAN, plan=again)
    assert found.state(4) is State.DISPATCHED


def test_a_unit_that_returned_the_case_before_it_became_joint_is_not_planned() -> None:
    found = Joint(Life(book=joint_book()).report().to(State.FILED))
    found.do("dispatcher", Action.DISPATCH, unit="water", text="派遣")
    found.do("water.head", Action.RETURN, **RETURN)
    found.do("dispatcher", Action.ACCEPT_RETURN)
    again = plan(
        PlannedTask(task_no=2, unit="roads", lead=True), PlannedTask(task_no=3, unit="water")
    )
    answer = refused(found.ask("dispatcher", Step(action=Action.PLAN, plan=again)))

    assert answer.why is Why.RETURNED_BEFORE


def test_a_consultation_s_plan_may_name_a_unit_that_returned_the_case() -> None:
    found, again = out_of_it()
    found.sign(1)
    found.do("supervisor", Action.CONSULT)
    found.do(
        "command",
        Action.DECIDE,
        decision=Decision.DISPATCH,
        text="会商",
        participants=("roads",),
        plan=again,
    )

    assert found.state(4) is State.DISPATCHED


def test_a_task_is_not_offered_to_a_unit_whose_return_was_accepted() -> None:
    found, _ = out_of_it()
    offer = Step(
        action=Action.OFFER_HANDOVER, unit="water", reason="handover_duty", text="属供水"
    )
    answer = refused(found.ask("police.head", offer, task=3))

    assert (answer.why, answer.values["unit"]) == (Why.RETURNED_BEFORE, "water")


def test_an_offer_goes_by_the_returns_of_the_case_that_the_task_has_not_heard_of_yet() -> None:
    found = joint("roads", "water", "police")
    found.do("water.head", Action.RETURN, 2, **RETURN)
    water, police = found.tasks[2], found.tasks[3]
    found.judge(water, water.command("dispatcher", Step(action=Action.ACCEPT_RETURN)))
    (ended,) = (one for one in found.waiting if one.step.action is Action.TASK_ENDED)
    found.waiting.clear()
    said = Command(command_id="ended", at=ended.at, actor=SYSTEM, steps=(ended.step,))
    found.judge(found.life, said)
    assert found.waiting
    assert not police.case.returns
    offer = Step(
        action=Action.OFFER_HANDOVER, unit="water", reason="handover_duty", text="属供水"
    )

    answer = refused(found.judge(police, police.command("police.head", offer)))
    assert (answer.why, answer.values["unit"]) == (Why.RETURNED_BEFORE, "water")


def test_a_unit_is_not_told_that_a_return_of_another_was_decided() -> None:
    found = joint("roads", "water", "police")
    before = found.tasks[1].case
    handed_back(found, 2, accepted=False)
    heard = found.tasks[1].events[-1]
    assert (heard.action, heard.notify) == (Action.CHANGE_TASK, ())
    assert not messages(before, [heard], {"roads": "oa"})

    before = found.tasks[1].case
    lead = PlannedTask(task_no=2, unit="water", lead=True)
    helpers = (PlannedTask(task_no=1, unit="roads"), PlannedTask(task_no=3, unit="police"))
    found.do("dispatcher", Action.PLAN, plan=plan(lead, *helpers))
    changed = found.tasks[1].events[-1]
    assert changed.notify == ("unit:roads",)
    assert [one.tells for one in messages(before, [changed], {"roads": "oa"})] == [
        Tells.CHANGED
    ]


def reexamined() -> Joint:
    """A petition that water and police handled, and two others examine again."""
    book = joint_book(with_policy(reexaminations=1))
    found = Joint(Life(book=book).report(source=Source.PETITION).to(State.FILED))
    found.do("dispatcher", Action.PLAN, plan=plan("water", "police"))
    for task in (1, 2):
        found.done(task)
    found.do("water.crew", Action.SUM_UP, text="完成")
    found.do("dispatcher", Action.PASS_REVIEW)
    found.do(found.case.asked, Action.CHECK_PASS, photos=("p",), distance=5.0)
    found.do("chief", Action.CLOSE)
    found.do("reporter", Action.ASK_REVIEW)
    others = plan(
        PlannedTask(task_no=3, unit="parks", lead=True), PlannedTask(task_no=4, unit="roads")
    )
    found.do("dispatcher", Action.PLAN, plan=others)
    return found


def test_a_task_is_not_offered_to_a_unit_whose_work_is_under_review() -> None:
    found = reexamined()
    offer = Step(
        action=Action.OFFER_HANDOVER, unit="water", reason="handover_duty", text="属供水"
    )
    answer = refused(found.ask("roads.head", offer, task=4))

    assert answer.values["because"] == Because.UNIT_UNDER_REVIEW


def test_what_a_unit_under_review_did_is_not_taken_into_the_new_plan() -> None:
    found = reexamined()
    old = plan(
        PlannedTask(task_no=2, unit="police"),
        PlannedTask(task_no=3, unit="parks", lead=True),
        PlannedTask(task_no=4, unit="roads"),
    )
    answer = refused(found.ask("dispatcher", Step(action=Action.PLAN, plan=old)))

    assert answer.values["because"] == Because.UNIT_UNDER_REVIEW


def test_an_emergency_plan_passes_over_who_returned_the_case() -> None:
    found = Joint(Life(book=emergency_book()).report().to(State.FILED))
    found.do("dispatcher", Action.DISPATCH, unit="police", text="派遣")
    found.do("police.head", Action.RETURN, **RETURN)
    found.do("dispatcher", Action.ACCEPT_RETURN)
    declare(found)

    assert {one.unit for one in found.case.tasks if one.joint} == {"water", "roads"}
