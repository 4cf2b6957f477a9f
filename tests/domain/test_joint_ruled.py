"""What the command chief ruled or a consultation decided binds a joint case and its tasks."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.clock import ClockKind
from domain.command import Step
from domain.plan import Plan, PlannedTask
from domain.refusal import Refusal
from domain.terms import Action, Decision, Finish, Source, State
from domain.why import Because, Why
from tests.domain.emergency_world import declare, emergency_book
from tests.domain.joint_world import Joint, joint, joint_book, plan
from tests.domain.small_world import Life, with_policy
from tests.domain.test_joint_returns import RETURN, handed_back, reexamined, refused

OFFER: dict[str, Any] = {"unit": "police", "reason": "handover_duty", "text": "属交管"}
WAIVE: dict[str, Any] = {"reason": "waive_not_needed", "text": "不再需要"}
RECALL: dict[str, Any] = {"reason": "recall_wrong_unit", "text": "派错"}
LEAD = PlannedTask(task_no=1, unit="roads", lead=True)


def arbitrated(*units: str) -> Joint:
    """Water's return of task 2 was rejected, and it asked for a ruling."""
    found = joint("roads", "water", *units)
    found.sign(2)
    handed_back(found, 2, accepted=False)
    found.do("water.head", Action.OBJECT, 2, reason="object_duty", text="仍不是")
    return found


def asked(found: Joint, who: str, wanted: Plan) -> Refusal | None:
    return found.ask(who, Step(action=Action.PLAN, plan=wanted))


def consulted(found: Joint, *units: str) -> None:
    """A consultation fixes the plan."""
    found.do("supervisor", Action.CONSULT)
    found.do(
        "command",
        Action.DECIDE,
        decision=Decision.DISPATCH,
        text="会商",
        participants=("roads",),
        plan=plan(*units),
    )


# A ruling that names another unit ----------------------------------------------------------


def ruled_to_police() -> Joint:
    found = arbitrated()
    found.do("command", Action.RULE, 2, unit="police")
    return found


def test_a_ruling_keeps_whom_it_names() -> None:
    found = ruled_to_police()

    assert found.state(2) is State.TASK_RETURNED
    assert found.case.tasks[1].ruled_to == "police"
    assert found.tasks[2].case.returns[-1].accepted
    assert ClockKind.DISPATCH in found.life.running()
    assert "role:dispatcher" in found.life.events[-1].notify


def test_the_next_plan_has_the_unit_that_a_ruling_named_and_it_cannot_return_it() -> None:
    found = ruled_to_police()
    parks = plan(LEAD, PlannedTask(task_no=3, unit="parks"))
    answer = refused(asked(found, "dispatcher", parks))
    assert answer.values["because"] == Because.PLAN_WITHOUT_RULED
    assert answer.values["unit"] == "police"

    found.do("dispatcher", Action.PLAN, plan=plan(LEAD, PlannedTask(task_no=3, unit="police")))
    assert found.tasks[3].case.binding
    back = refused(found.ask("police.head", Step(action=Action.RETURN, **RETURN), task=3))
    assert back.values["because"] == Because.BINDING
    found.do("dispatcher", Action.PLAN, plan=plan(LEAD, PlannedTask(task_no=3, unit="police")))


def test_a_unit_that_a_ruling_names_may_have_a_task_already() -> None:
    found = arbitrated("police")
    found.do("police.head", Action.RETURN, 3, **RETURN)
    found.do("command", Action.RULE, 2, unit="police")
    found.do("dispatcher", Action.PLAN, plan=plan(LEAD, PlannedTask(task_no=3, unit="police")))

    assert (found.state(3), found.tasks[3].case.binding) == (State.DISPATCHED, True)
    assert found.tasks[3].case.returns[-1].decided_at is not None
    assert ClockKind.SIGN in found.tasks[3].running()
    assert ClockKind.DECIDE not in found.tasks[3].running()


def test_a_ruling_may_name_who_returned_the_case_and_binds_the_dispatcher_s_plan() -> None:
    found = joint("roads", "water", "police")
    handed_back(found, 3, accepted=True)
    found.sign(2)
    handed_back(found, 2, accepted=False)
    found.do("water.head", Action.OBJECT, 2, reason="object_duty", text="仍不是")
    found.do("command", Action.RULE, 2, unit="police")
    found.do("dispatcher", Action.PLAN, plan=plan(LEAD, PlannedTask(task_no=4, unit="police")))

    assert found.tasks[4].case.binding


def test_the_summary_waits_for_the_plan_that_follows_a_ruling() -> None:
    found = joint("roads", "water", finish=Finish.LEAD)
    found.sign(2)
    handed_back(found, 2, accepted=False)
    found.do("water.head", Action.OBJECT, 2, reason="object_duty", text="仍不是")
    found.do("command", Action.RULE, 2, unit="police")
    found.done(1)
    early = refused(found.ask("roads.desk", Step(action=Action.SUM_UP, text="完成")))
    assert (early.values["because"], early.values["unit"]) == (
        Because.PLAN_WITHOUT_RULED,
        "police",
    )
    running = found.life.running()
    assert ClockKind.DISPATCH in running
    assert ClockKind.SUM_UP not in running
    police = PlannedTask(task_no=3, unit="police")
    found.do("dispatcher", Action.PLAN, plan=plan(LEAD, police, finish=Finish.LEAD))

    assert ClockKind.SUM_UP in found.life.running()
    assert ClockKind.DISPATCH not in found.life.running()


def test_the_command_chief_may_go_back_on_his_ruling() -> None:
    found = ruled_to_police()
    found.do("command", Action.PLAN, plan=plan(LEAD, PlannedTask(task_no=3, unit="parks")))

    assert not found.tasks[3].case.binding
    found.do("dispatcher", Action.PLAN, plan=plan(LEAD))


def test_an_emergency_plan_has_the_unit_that_a_ruling_named() -> None:
    found = Joint(Life(book=emergency_book()).report().to(State.FILED))
    found.do("dispatcher", Action.PLAN, plan=plan("roads", "water"))
    found.sign(2)
    handed_back(found, 2, accepted=False)
    found.do("water.head", Action.OBJECT, 2, reason="object_duty", text="仍不是")
    found.do("command", Action.RULE, 2, unit="parks")
    declare(found)

    units = {one.case.unit: one.case for one in found.tasks.values()}
    assert set(units) == {"roads", "water", "police", "parks"}
    assert (units["parks"].binding, units["police"].binding) == (True, False)


def with_parks_done() -> Joint:
    """The ruling names the parks, which has done a share of its own before."""
    found = Joint(Life(book=emergency_book()).report().to(State.FILED))
    found.do("dispatcher", Action.PLAN, plan=plan("roads", "water", "parks"))
    found.done(3)
    found.sign(2)
    handed_back(found, 2, accepted=False)
    found.do("water.head", Action.OBJECT, 2, reason="object_duty", text="仍不是")
    found.do("command", Action.RULE, 2, unit="parks")
    return found


def test_what_a_unit_has_done_before_does_not_meet_a_ruling_that_names_it() -> None:
    found = with_parks_done()
    done = PlannedTask(task_no=3, unit="parks")
    answer = refused(asked(found, "dispatcher", plan(LEAD, done)))
    assert answer.values["because"] == Because.PLAN_WITHOUT_RULED

    new = PlannedTask(task_no=4, unit="parks")
    found.do("dispatcher", Action.PLAN, plan=plan(LEAD, done, new))
    assert [one.ruling for one in found.case.tasks if one.unit == "parks"] == [False, True]
    assert found.tasks[4].case.binding


def test_an_emergency_plan_gives_a_new_task_to_who_is_named_and_was_done() -> None:
    found = with_parks_done()
    declare(found)

    new = found.case.tasks[-1]
    assert (new.unit, new.ruling, found.tasks[new.task_no].case.binding) == (
        "parks",
        True,
        True,
    )


def test_a_ruling_names_a_unit_that_there_is_and_that_is_not_under_review() -> None:
    found = arbitrated()
    nobody = refused(found.ask("command", Step(action=Action.RULE, unit="nobody"), task=2))
    assert nobody.why is Why.UNKNOWN_CODE
    again = reexamined()
    again.sign(4)
    handed_back(again, 4, accepted=False)
    again.do("roads.head", Action.OBJECT, 4, reason="object_duty", text="仍不是")
    reviewed = refused(again.ask("command", Step(action=Action.RULE, unit="water"), task=4))

    assert reviewed.values["because"] == Because.UNIT_UNDER_REVIEW


# What is fixed is the command chief's -------------------------------------------------------


def test_a_task_that_was_ruled_on_is_left_out_by_the_command_chief_only() -> None:
    found = arbitrated("police")
    found.do("command", Action.RULE, 2, unit="water")
    without = plan(LEAD, PlannedTask(task_no=3, unit="police"))
    answer = refused(asked(found, "dispatcher", without))
    assert (answer.values["because"], answer.values["task"]) == (Because.TASK_RULED, "2")
    waive = Step(action=Action.WAIVE, task=2, **WAIVE)
    assert refused(found.ask("dispatcher", waive)).values["because"] == Because.TASK_RULED
    found.do("command", Action.PLAN, plan=without)

    assert found.state(2) is State.TASK_WITHDRAWN


def test_a_ruled_unit_that_got_helpers_is_still_not_left_out() -> None:
    life = Life(book=joint_book()).report(source=Source.LEADER_ORDER).to(State.ARBITRATING)
    found = Joint(life)
    found.do("command", Action.RULE, unit="roads")
    found.do("dispatcher", Action.PLAN, plan=plan(LEAD, PlannedTask(task_no=2, unit="water")))
    assert found.case.tasks[0].ruling
    without = plan(PlannedTask(task_no=2, unit="water", lead=True))

    assert refused(asked(found, "dispatcher", without)).values["because"] == Because.TASK_RULED
    found.do("dispatcher", Action.PLAN, plan=plan("roads", "water", "police"))


@pytest.mark.parametrize("who", ["dispatcher", "command"])
def test_in_a_fixed_plan_the_command_chief_lets_a_task_off_or_takes_it_back(who: str) -> None:
    found = joint("roads", "water", "police", "parks")
    found.sign(1)
    consulted(found, "roads", "water", "police", "parks")
    waive = found.ask(who, Step(action=Action.WAIVE, task=3, **WAIVE))
    recall = found.ask(who, Step(action=Action.RECALL, **RECALL), task=4)

    if who == "command":
        assert (waive, recall) == (None, None)
        assert (found.state(3), found.state(4)) == (State.TASK_WAIVED, State.TASK_WITHDRAWN)
    else:
        assert refused(waive).values["because"] == Because.PLAN_RULED
        assert refused(recall).values["because"] == Because.RULED


def test_of_what_is_not_fixed_the_command_chief_takes_nothing_back() -> None:
    found = joint("roads", "water")
    recall = Step(action=Action.RECALL, **RECALL)

    assert refused(found.ask("command", recall, task=2)).why is Why.FORBIDDEN


# A plan that is fixed while something waits --------------------------------------------------


def offered(found: Joint) -> None:
    found.do("water.head", Action.OFFER_HANDOVER, 2, **OFFER)


def returned(found: Joint) -> None:
    found.do("water.head", Action.RETURN, 2, **RETURN)


def objected(found: Joint) -> None:
    handed_back(found, 2, accepted=False)
    found.do("water.head", Action.OBJECT, 2, reason="object_duty", text="仍不是")


@pytest.mark.parametrize("waits", [offered, returned, objected])
@pytest.mark.parametrize("signed", [True, False])
def test_a_fixed_plan_ends_a_return_or_an_offer_that_waits(
    waits: Callable[[Joint], None], *, signed: bool
) -> None:
    found = joint("roads", "water", "parks")
    found.sign(1)
    if signed:
        found.sign(2)
    waits(found)
    signed = signed or waits is objected
    consulted(found, "roads", "water", "parks")
    task = found.tasks[2]

    assert found.state(2) is (State.SIGNED if signed else State.DISPATCHED)
    assert found.case.tasks[1].state.value == found.state(2).value
    assert (task.case.binding, task.case.offered_to, task.case.pending) == (True, "", ())
    assert all(one.decided_at and not one.accepted for one in task.case.returns)
    assert ClockKind.DECIDE not in task.running()
    assert (ClockKind.SIGN in task.running()) is not signed


def test_who_leads_now_keeps_a_task_that_was_offered() -> None:
    found = joint("roads", "water")
    found.sign(2)
    offered(found)
    found.do("dispatcher", Action.PLAN, plan=plan("roads", "water", lead="water"))
    take = found.ask("police.desk", Step(action=Action.TAKE_HANDOVER), task=2)

    assert refused(take).why in {Why.ILLEGAL, Why.FORBIDDEN}
    assert (found.state(2), found.case.unit) == (State.SIGNED, "water")
    assert {"unit:water", "unit:police"} <= set(found.tasks[2].events[-1].notify)


def test_who_leads_now_may_go_on_offering_where_policy_lets_leads_do_so() -> None:
    book = joint_book(with_policy(lead_hands_over=True))
    found = Joint(Life(book=book).report().to(State.FILED))
    found.do("dispatcher", Action.PLAN, plan=plan("roads", "water"))
    offered(found)
    found.do("dispatcher", Action.PLAN, plan=plan("roads", "water", lead="water"))

    assert found.state(2) is State.HANDOVER_OFFERED


# The case itself before the command chief (T26, T27) -----------------------------------------


def submitted() -> Joint:
    """Both units were let go, and the dispatcher asked for a ruling."""
    life = Life(book=joint_book()).report(source=Source.LEADER_ORDER).to(State.FILED)
    found = Joint(life)
    found.do("dispatcher", Action.PLAN, plan=plan("roads", "water"))
    for task in (1, 2):
        handed_back(found, task, accepted=True)
    assert found.stands() is State.FILED
    found.do("dispatcher", Action.SUBMIT)
    return found


def test_a_joint_case_that_nobody_wants_is_laid_before_the_command_chief() -> None:
    found = submitted()

    assert found.stands() is State.ARBITRATING
    assert {ClockKind.DECIDE, ClockKind.WHOLE} >= set(found.life.running())
    assert ClockKind.DISPATCH not in found.life.running()


def test_a_joint_case_with_a_clear_owner_whom_nobody_contests_is_not_submitted() -> None:
    found = joint("roads", "water")
    for task in (1, 2):
        found.do("dispatcher", Action.RECALL, task, **RECALL)
    answer = refused(found.ask("dispatcher", Step(action=Action.SUBMIT)))

    assert answer.values["because"] == Because.CLEAR_OWNER


def test_a_joint_case_is_ruled_on_by_a_plan_and_never_by_one_unit() -> None:
    found = submitted()
    alone = refused(found.ask("command", Step(action=Action.RULE, unit="police")))
    assert (alone.why, alone.values["field"]) == (Why.NEEDS_FIELD, "plan")

    ruling = plan(
        PlannedTask(task_no=3, unit="water", lead=True), PlannedTask(task_no=4, unit="police")
    )
    found.do("command", Action.RULE, plan=ruling)
    assert (found.stands(), found.case.unit) == (State.DISPATCHED, "water")
    assert all(found.tasks[task].case.binding for task in (3, 4))
    assert found.case.pending == ()
    again = plan(PlannedTask(task_no=3, unit="water", lead=True))
    assert refused(asked(found, "dispatcher", again)).values["because"] == Because.PLAN_RULED


def test_a_joint_case_in_the_hands_of_its_units_is_not_submitted() -> None:
    found = joint("roads", "water")
    found.do("water.head", Action.RETURN, 2, **RETURN)

    for task in (0, 2):
        step = Step(action=Action.SUBMIT)
        assert refused(found.ask("dispatcher", step, task=task)).why is Why.ILLEGAL
