"""Emergencies by row: declared, graded, alarmed, reported up, stood down; drills."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain import clock as clocks_
from domain.book import Owner
from domain.clock import ClockKind
from domain.command import Step
from domain.decide import allowed
from domain.emergency_plan import Duty, Known, Post, faults
from domain.joint_response import scopes_of
from domain.people import REPORTER, Grant
from domain.plan import Plan, PlannedTask
from domain.refusal import Refusal
from domain.table import OF_ONE
from domain.table import ROWS as TABLE
from domain.table_emergency import ROWS
from domain.terms import (
    Action,
    Decision,
    Emergency,
    Finish,
    Haste,
    Role,
    Severity,
    Source,
    State,
    TaskState,
    Upward,
)
from domain.why import Because, Why
from tests.domain.emergency_world import (
    HOURS,
    LEADER,
    PLANS,
    declare,
    declared,
    drill,
    emergency_book,
)
from tests.domain.joint_world import Joint, plan
from tests.domain.small_world import LITTER, OTHER_NO, Life

MINUTE = timedelta(minutes=1)
TEXT = "已报区政府值班室"


def units(found: Joint) -> list[tuple[str, TaskState]]:
    return [(one.unit, one.state) for one in found.case.tasks]


def later(found: Joint, minutes: float) -> None:
    """Let time pass on the case's own timeline, and tell what follows."""
    found.life.at += minutes * MINUTE
    found.judge(found.life)
    found.tell()


def up(found: Joint, which: Upward, who: str = "chief") -> Refusal | None:
    return found.ask(who, Step(action=Action.REPORT_UP, upward=which, text=TEXT))


def because(found: Refusal | None) -> str:
    assert found is not None
    return found.values.get("because", found.why)


# E1 -----------------------------------------------------------------------------------


def test_e1_declaring_plans_the_joint_case_by_itself() -> None:
    found = declared()

    case = found.case
    assert case.joint
    assert case.urgent
    assert (case.state, case.unit) == (State.DISPATCHED, "water")
    assert units(found) == [
        ("water", TaskState.DISPATCHED),
        ("police", TaskState.DISPATCHED),
        ("roads", TaskState.PLANNED),
    ]
    assert case.response is not None
    assert (case.response.plan, case.response.version) == ("major", 3)
    assert case.response.passing == (2,)
    assert ClockKind.DISPATCH not in found.life.running()


def test_e1_tasks_are_urgent_and_run_day_and_night() -> None:
    found = declared()

    for task in found.tasks.values():
        assert task.case.urgent
        running = [one for one in task.case.clocks if one.stopped_at is None]
        assert {one.kind for one in running} == {ClockKind.SIGN, ClockKind.HANDLE}
        assert all(one.continuous and one.urgent for one in running)


def test_e1_scopes_come_from_the_plan_and_are_in_no_event() -> None:
    found = declared()

    assert scopes_of(found.case, found.case.tasks, found.life.book) == {
        1: "关阀抢修",
        2: "疏导交通",
        3: "修复",
    }
    assert not any("关阀" in str(one) for one in found.life.events)


@pytest.mark.parametrize("state", [State.DISPATCHED, State.SIGNED, State.HANDLING])
def test_e1_a_department_that_has_it_goes_on_within_the_plan_s_limit(state: State) -> None:
    found = declared(state=state)

    assert units(found)[0][0] == "roads"
    assert {one for one, _ in units(found)} == {"roads", "water", "police"}
    assert found.case.unit == "water"
    own = found.tasks[1].case
    assert (own.unit, own.state) == ("roads", state)
    handle = found.tasks[1].clock("handle")
    assert handle.continuous
    assert handle.budget == HOURS.running
    assert own.urgent


def test_e1_a_request_of_the_one_department_lapses_and_its_asker_is_told() -> None:
    life = Life(book=emergency_book()).report().to(State.SIGNED)
    life.do(Action.REQUEST_EXTENSION)
    found = Joint(life)
    declare(found)

    assert not found.case.pending
    said = next(one for one in life.events if one.action is Action.DECLARE)
    assert "person:roads.crew" in said.notify


def test_e1_a_joint_case_gets_what_is_missing_and_keeps_its_lead() -> None:
    life = Life(book=emergency_book()).report().to(State.FILED)
    found = Joint(life)
    tasks = (
        PlannedTask(task_no=1, unit="parks", lead=True),
        PlannedTask(task_no=2, unit="police", after=(1,)),
    )
    found.do("dispatcher", Action.PLAN, plan=plan(*tasks))
    declare(found)

    assert found.case.unit == "parks"
    assert [one for one, _ in units(found)] == ["parks", "police", "water", "roads"]
    assert found.case.tasks[1].after == (1,)
    assert found.case.tasks[3].after == (3,)
    assert found.case.response is not None
    assert found.case.response.passing == ()


@pytest.mark.parametrize("before", [True, False])
def test_e1_all_are_needed_where_enough_helpers_ended_it(*, before: bool) -> None:
    found = Joint(Life(book=emergency_book()).report().to(State.FILED))
    some = plan("roads", "parks", finish=Finish.SOME, quorum=1)
    found.do("dispatcher", Action.PLAN, plan=some)
    if not before:
        declare(found)
    found.done(1)
    found.done(2)
    if before:
        declare(found)

    assert (found.case.finish, found.case.quorum) == (Finish.ALL, 0)
    assert dict(units(found))["water"] is TaskState.DISPATCHED
    assert dict(units(found))["police"] is TaskState.DISPATCHED


def test_e1_the_reports_are_due_by_clocks_of_their_own() -> None:
    found = declared()
    at = found.case.response.declared_at if found.case.response else None
    assert at is not None

    due = {
        one.kind: clocks_.due_at(one, found.life.book.calendars)
        for one in found.case.clocks
        if one.stopped_at is None
    }
    assert due[ClockKind.FIRST_REPORT] == at + 30 * MINUTE
    assert due[ClockKind.WRITTEN_REPORT] == at + 60 * MINUTE
    assert due[ClockKind.NEXT_REPORT] == at + 120 * MINUTE
    assert ClockKind.FINAL_REPORT not in due


def test_e1_only_what_the_plan_asks_for_is_due() -> None:
    found = declared(Severity.IV)

    running = found.life.running()
    assert ClockKind.FIRST_REPORT in running
    assert not {ClockKind.WRITTEN_REPORT, ClockKind.NEXT_REPORT, ClockKind.ALARM} & set(running)
    assert not found.case.alarms


@pytest.mark.parametrize(
    ("who", "fields", "why"),
    [
        ("dispatcher", {}, Why.FORBIDDEN),
        ("chief", {"emergency": None}, Why.NEEDS_FIELD),
        ("chief", {"severity": None}, Why.NEEDS_FIELD),
        ("chief", {"text": " "}, Why.NEEDS_TEXT),
    ],
)
def test_e1_bad_input_is_refused(who: str, fields: dict[str, object], why: Why) -> None:
    found = Joint(Life(book=emergency_book()).report().to(State.FILED))
    good = Step(
        action=Action.DECLARE,
        emergency=Emergency.ACCIDENT,
        severity=Severity.II,
        text="主管爆裂",
    )
    refusal = found.ask(who, replace(good, **fields))  # type: ignore[arg-type]

    assert refusal is not None
    assert refusal.why is why
    assert found.case.response is None


def test_e1_not_twice_and_not_without_a_plan() -> None:
    found = declared()
    step = Step(
        action=Action.DECLARE,
        emergency=Emergency.ACCIDENT,
        severity=Severity.II,
        text="又一次",
    )
    assert because(found.ask("chief", step)) == Because.EMERGENCY_RUNS

    life = Life(book=replace(emergency_book(), emergency=0)).report().to(State.FILED)
    refusal = Joint(life).ask("chief", step)
    assert because(refusal) == Because.NO_EMERGENCY_PLAN
    assert refusal is not None
    assert "事故灾难Ⅱ级" in refusal.text("zh")


# Alarms: E4, E5 -----------------------------------------------------------------------


def test_from_level_three_the_leader_is_alarmed_at_once() -> None:
    found = declared()

    (alarm,) = found.case.alarms
    assert (alarm.to, alarm.step, alarm.rings) == ("person:leader", 1, True)
    said = next(one for one in found.life.events if one.action is Action.DECLARE)
    assert "person:leader" in said.notify
    assert alarm.at == said.at


def test_e5_an_alarm_climbs_step_by_step_and_stays_with_the_command_chief() -> None:
    found = declared()
    start = found.case.alarms[0].at
    later(found, 60)

    assert [one.to for one in found.case.alarms] == [
        "person:leader",
        "person:deputy",
        "role:command_chief",
    ]
    assert [one.at - start for one in found.case.alarms] == [
        0 * MINUTE,
        5 * MINUTE,
        15 * MINUTE,
    ]
    climbs = [one for one in found.life.events if one.action is Action.CLIMB]
    assert [one.notify for one in climbs] == [("person:deputy",), ("role:command_chief",)]
    assert ClockKind.ALARM not in found.life.running()
    later(found, 600)
    assert len(found.case.alarms) == 3
    assert found.case.alarms[-1].rings


def test_e4_who_is_alarmed_acknowledges_and_nobody_further_up_is_woken() -> None:
    found = declared()
    later(found, 2)
    found.do("leader", Action.ACKNOWLEDGE)
    later(found, 60)

    (alarm,) = found.case.alarms
    assert alarm.acknowledged_by == "leader"
    assert ClockKind.ALARM not in found.life.running()
    again = found.ask("leader", Step(action=Action.ACKNOWLEDGE))
    assert again is not None


def test_e4_who_was_alarmed_before_may_still_answer() -> None:
    found = declared()
    later(found, 8)
    assert because(found.ask("command", Step(action=Action.ACKNOWLEDGE))) == Why.FORBIDDEN
    found.do("leader", Action.ACKNOWLEDGE)

    first, second = found.case.alarms
    assert first.acknowledged_by == "leader"
    assert first.passed_on_at is not None
    assert second.ended_at is not None
    later(found, 60)
    assert len(found.case.alarms) == 2


def test_e4_the_command_chief_answers_for_his_role() -> None:
    found = declared()
    later(found, 60)
    found.do("command", Action.ACKNOWLEDGE)

    assert found.case.alarms[-1].acknowledged_by == "command"


def test_e4_a_role_elsewhere_answers_no_alarm_here() -> None:
    found = declared()
    far = Grant(role=Role.COMMAND_CHIEF, area="990206")
    both = replace(LEADER, grants=(*LEADER.grants, far))
    book = found.life.book
    found.life.book = replace(book, people={**book.people, "leader": both})
    later(found, 60)
    found.do("leader", Action.ACKNOWLEDGE)

    assert [one.acknowledged_by for one in found.case.alarms] == ["leader", "", ""]


def test_e4_who_is_alarmed_by_name_and_by_role_answers_by_name() -> None:
    found = declared()
    chief = replace(LEADER, grants=(*LEADER.grants, Grant(role=Role.COMMAND_CHIEF)))
    book = found.life.book
    found.life.book = replace(book, people={**book.people, "leader": chief})
    later(found, 60)
    found.do("leader", Action.ACKNOWLEDGE)

    assert [one.acknowledged_by for one in found.case.alarms] == ["leader", "", ""]


# E2 -----------------------------------------------------------------------------------


def test_e2_graver_adds_what_is_missing_and_alarms() -> None:
    found = declared(Severity.IV)
    found.do(
        "chief",
        Action.REGRADE,
        severity=Severity.II,
        reason="regrade_graver",
        text="塌陷扩大",
    )

    assert [one for one, _ in units(found)] == ["water", "police", "roads"]
    assert found.case.response is not None
    assert found.case.response.plan == "major"
    assert found.case.response.severity is Severity.II
    assert [one.to for one in found.case.alarms] == ["person:leader"]
    assert {ClockKind.WRITTEN_REPORT, ClockKind.NEXT_REPORT} <= set(found.life.running())


def test_e2_less_grave_ends_the_alarm_and_withdraws_nobody() -> None:
    found = declared(Severity.II)
    found.do(
        "command",
        Action.REGRADE,
        severity=Severity.IV,
        reason="regrade_under_control",
        text="已控制",
    )

    assert not found.case.alarms[0].rings
    assert ClockKind.ALARM not in found.life.running()
    assert len(found.case.tasks) == 3


@pytest.mark.parametrize("decision", [Decision.DISPATCH, Decision.HOLD])
def test_e2_graver_in_a_consultation_starts_the_plan_when_it_is_over(
    decision: Decision,
) -> None:
    found = declared(Severity.IV)
    found.do("dispatcher", Action.PLAN, plan=with_more(found, "parks"))
    found.sign(1)
    found.do("supervisor", Action.CONSULT)
    graver(found, Severity.II)
    assert "roads" not in {one for one, _ in units(found)}
    until = found.life.at + timedelta(days=2) if decision is Decision.HOLD else None
    found.do(
        "command",
        Action.DECIDE,
        decision=decision,
        plan=kept(found),
        text="纪要",
        participants=("water",),
        until=until,
    )

    if decision is Decision.HOLD:
        assert "roads" not in {one for one, _ in units(found)}
        found.do("dispatcher", Action.RESUME, text="恢复")
    assert dict(units(found))["roads"] is TaskState.PLANNED
    response = found.case.response
    assert response is not None
    assert (response.plan, response.severity, response.owed) == ("major", Severity.II, False)
    graded = [one.actor for one in found.life.events if one.action is Action.REGRADE]
    assert graded == ["chief", "system"]
    assert len(found.case.alarms) == 1
    found.do("chief", Action.COMMENT, text="x")
    assert [one for one, _ in units(found)].count("roads") == 1


def on_hold(found: Joint) -> None:
    """A consultation puts the whole case on hold."""
    found.sign(1)
    found.do("supervisor", Action.CONSULT)
    found.do(
        "command",
        Action.DECIDE,
        decision=Decision.HOLD,
        text="纪要",
        participants=("water",),
        until=found.life.at + timedelta(days=2),
    )


def test_e1_a_hold_of_the_whole_case_ends_first() -> None:
    found = Joint(Life(book=emergency_book()).report().to(State.FILED))
    found.do("dispatcher", Action.PLAN, plan=plan("roads", "parks", "water"))
    on_hold(found)
    step = Step(
        action=Action.DECLARE,
        emergency=Emergency.ACCIDENT,
        severity=Severity.III,
        text="主管爆裂",
    )
    assert because(found.ask("chief", step)) == Because.ONE_ON_HOLD
    found.do("dispatcher", Action.RESUME, text="恢复")
    declare(found)

    assert dict(units(found))["police"] is TaskState.DISPATCHED


def test_e2_graver_while_the_whole_case_is_on_hold_starts_the_plan_when_it_goes_on() -> None:
    found = declared(Severity.IV)
    found.do("dispatcher", Action.PLAN, plan=with_more(found, "parks"))
    on_hold(found)
    graver(found, Severity.II)
    assert found.case.response is not None
    assert found.case.response.owed
    assert "roads" not in dict(units(found))
    found.do("dispatcher", Action.RESUME, text="恢复")

    assert not found.case.response.owed
    assert dict(units(found))["roads"] is TaskState.PLANNED


def test_e1_a_department_that_was_done_before_gets_a_task_anew() -> None:
    found = Joint(Life(book=emergency_book()).report().to(State.FILED))
    found.do("dispatcher", Action.PLAN, plan=plan("roads", "police", "water"))
    found.done(2)
    found.done(3)
    found.life.at += MINUTE
    declare(found)

    assert units(found) == [
        ("roads", TaskState.DISPATCHED),
        ("police", TaskState.DONE),
        ("water", TaskState.DONE),
        ("water", TaskState.DISPATCHED),
        ("police", TaskState.DISPATCHED),
    ]
    assert found.case.response is not None
    assert found.case.response.passing == (5,)


def test_e2_graver_asks_nobody_again_who_was_done_for_this_emergency() -> None:
    found = declared(Severity.IV)
    found.done(2)
    graver(found, Severity.II)

    assert [one for one, _ in units(found)].count("police") == 1


def test_e6_who_leads_by_now_is_not_let_off() -> None:
    found = declared(Severity.IV)
    lead = PlannedTask(task_no=2, unit="police", lead=True)
    swapped = plan(PlannedTask(task_no=1, unit="water"), lead)
    found.do("dispatcher", Action.PLAN, plan=swapped)
    found.do("command", Action.STAND_DOWN, text="险情排除")

    assert dict(units(found))["police"] is TaskState.DISPATCHED
    assert ClockKind.DISPATCH not in found.life.running()


def test_e2_a_department_that_the_dispatcher_took_out_does_not_come_back_by_itself() -> None:
    found = declared()
    off = Step(action=Action.WAIVE, task=2, reason="waive_not_needed", text="不需要")
    assert found.ask("dispatcher", off) is None
    found.do("chief", Action.COMMENT, text="x")

    assert dict(units(found))["police"] is TaskState.WAIVED


def test_e2_less_grave_ends_the_reports_that_its_plan_does_not_ask_for() -> None:
    found = declared(Severity.II)
    later(found, 70)
    lower(found)

    running = set(found.life.running())
    assert ClockKind.FIRST_REPORT in running
    assert not {ClockKind.WRITTEN_REPORT, ClockKind.NEXT_REPORT} & running
    calendars = found.life.book.calendars
    facts = {one.kind: clocks_.on_time(one, calendars) for one in found.case.clocks}
    assert facts[ClockKind.WRITTEN_REPORT] is False
    assert facts[ClockKind.NEXT_REPORT] is None
    assert because(up(found, Upward.NEXT)) == Because.NO_REPORT_DUE


def test_e2_graver_again_asks_for_them_again_but_not_for_what_went_up() -> None:
    found = declared(Severity.II)
    assert up(found, Upward.FIRST) is None
    assert up(found, Upward.WRITTEN) is None
    lower(found)
    graver(found, Severity.II)

    running = set(found.life.running())
    assert ClockKind.NEXT_REPORT in running
    assert not {ClockKind.FIRST_REPORT, ClockKind.WRITTEN_REPORT} & running


def graver(found: Joint, to: Severity) -> None:
    found.do("chief", Action.REGRADE, severity=to, reason="regrade_graver", text="扩大")


def lower(found: Joint) -> None:
    found.do(
        "chief",
        Action.REGRADE,
        severity=Severity.IV,
        reason="regrade_under_control",
        text="已控制",
    )


def test_e2_bad_input_is_refused() -> None:
    found = declared()
    good = Step(
        action=Action.REGRADE, severity=Severity.I, reason="regrade_graver", text="扩大"
    )
    same = replace(good, severity=Severity.III)
    assert because(found.ask("chief", same)) == Because.SAME_SEVERITY
    assert because(found.ask("chief", replace(good, reason=""))) == Why.NEEDS_REASON
    plain = Joint(Life(book=emergency_book()).report().to(State.FILED))
    assert because(plain.ask("chief", good)) == Because.NO_EMERGENCY


# E3 -----------------------------------------------------------------------------------


def test_e3_each_report_stops_its_own_clock() -> None:
    found = declared()
    later(found, 20)
    assert up(found, Upward.FIRST) is None
    later(found, 60)
    assert up(found, Upward.WRITTEN) is None

    first, written = (
        next(one for one in found.case.clocks if one.kind is kind)
        for kind in (ClockKind.FIRST_REPORT, ClockKind.WRITTEN_REPORT)
    )
    calendars = found.life.book.calendars
    assert clocks_.on_time(first, calendars) is True
    assert clocks_.on_time(written, calendars) is False
    assert because(up(found, Upward.FIRST)) == Because.REPORTED_UP


def test_e3_follow_ups_are_due_each_interval_while_it_lasts() -> None:
    found = declared()
    for _ in range(3):
        later(found, 100)
        assert up(found, Upward.NEXT) is None
    found.do("command", Action.STAND_DOWN, text="险情排除")

    clocks = [one for one in found.case.clocks if one.kind is ClockKind.NEXT_REPORT]
    assert len(clocks) == 4
    assert all(one.stopped_at for one in clocks)
    assert because(up(found, Upward.NEXT)) == Because.NO_REPORT_DUE


def test_e3_who_is_told_of_a_late_report() -> None:
    found = declared()
    later(found, 40)

    late = [one for one in found.life.events if one.reason == "first_report 100%"]
    assert [one.notify for one in late] == [("role:duty_chief", "role:command_chief")]


def test_e3_the_final_report_waits_for_the_stand_down() -> None:
    found = declared()
    assert because(up(found, Upward.FINAL)) == Because.NOT_STOOD_DOWN
    found.do("command", Action.STAND_DOWN, text="险情排除")
    assert ClockKind.FINAL_REPORT in found.life.running()
    assert up(found, Upward.FINAL) is None
    assert ClockKind.FINAL_REPORT not in found.life.running()


# E6 -----------------------------------------------------------------------------------


def test_e6_stand_down_ends_what_is_open_and_the_case_goes_on_to_its_summary() -> None:
    found = declared()
    found.done(1)
    assert found.case.tasks[2].state is TaskState.DISPATCHED
    found.done(3)
    early = found.ask("water.crew", Step(action=Action.SUM_UP, text="抢修完成"))
    assert because(early) == Because.NOT_STOOD_DOWN
    found.do("command", Action.STAND_DOWN, text="险情排除")

    assert found.case.emergency is None
    assert found.case.tasks[1].state is TaskState.WAIVED
    assert found.state(2) is State.TASK_WAIVED
    assert not any(one.rings for one in found.case.alarms)
    assert found.life.state() is State.HANDLING
    assert ClockKind.SUM_UP in found.life.running()
    found.do("water.crew", Action.SUM_UP, text="抢修完成")
    assert found.life.state() is State.FED_BACK
    assert ClockKind.FINAL_REPORT in found.life.running()


def test_e6_the_lead_s_reply_for_the_citizen_waits_for_the_stand_down_too() -> None:
    found = declared()
    found.done(1, for_citizen=True)
    found.done(2)
    found.done(3)
    assert found.life.state() is State.HANDLING
    assert ClockKind.SUM_UP not in found.life.running()
    found.do("command", Action.STAND_DOWN, text="险情排除")

    assert found.life.state() is State.FED_BACK


def test_e6_an_owner_that_is_also_to_pass_stays_for_what_is_its_own() -> None:
    book = emergency_book()
    owner = Owner(pattern=LITTER, area="", unit="police")
    life = Life(book=replace(book, owners=(owner,))).report().to(State.FILED)
    found = Joint(life)
    declare(found)

    assert [one for one, _ in units(found)] == ["water", "police"]
    assert found.case.response is not None
    assert found.case.response.passing == ()
    assert scopes_of(found.case, found.case.tasks, life.book)[2] == "疏导交通；修复"
    found.do("command", Action.STAND_DOWN, text="险情排除")
    assert dict(units(found))["police"] is TaskState.DISPATCHED


def test_e6_nobody_is_awaited_on_the_site_any_more_but_whom_others_called() -> None:
    life = Life(book=emergency_book()).report().to(State.FILED)
    found = Joint(life)
    whistle(found, "roads")
    declare(found)
    whistle(found, "parks")
    later(found, 40)
    whistle(found, "police")
    found.do("command", Action.STAND_DOWN, text="险情排除")

    assert [one.expected for one in found.case.calls] == [True, False, False]
    calendars = life.book.calendars
    kept = [clocks_.on_time(life.clock(one.clock), calendars) for one in found.case.calls]
    assert kept == [None, False, None]
    said = next(one for one in life.events if one.action is Action.STAND_DOWN)
    assert {"unit:parks", "unit:police"} <= set(said.notify)


def whistle(found: Joint, unit: str) -> None:
    found.do("dispatcher", Action.WHISTLE, units=(unit,), haste=Haste.EMERGENCY, text="到场")


def test_e6_only_the_command_chief_stands_down() -> None:
    found = declared()
    refusal = found.ask("chief", Step(action=Action.STAND_DOWN, text="险情排除"))

    assert refusal is not None
    assert refusal.why is Why.FORBIDDEN


def test_e6_it_may_be_declared_again() -> None:
    found = declared()
    found.do("command", Action.STAND_DOWN, text="险情排除")
    declare(found, Severity.II)

    assert found.case.emergency is not None
    assert [one.to for one in found.case.alarms] == ["person:leader", "person:leader"]
    assert [one.round for one in found.case.alarms] == [1, 2]
    assert up(found, Upward.FIRST) is None


PAST_IT: dict[Action, tuple[str, dict[str, Any]]] = {
    Action.MERGE: ("dispatcher", {"other": OTHER_NO}),
    Action.SEND_BACK: ("dispatcher", {"reason": "back_class_wrong", "text": "分类不对"}),
    Action.TRANSFER_OUT: (
        "chief",
        {"reason": "transfer_other_area", "text": "属邻区", "receiver": "邻区"},
    ),
    Action.AGREE_WITHDRAW: ("chief", {}),
    Action.FORCE_CLOSE: ("chief", {"reason": "force_no_contact", "text": "无法联系"}),
    Action.DECIDE: (
        "command",
        {"decision": Decision.EXPLAIN, "text": "纪要", "participants": ("water",)},
    ),
    Action.SUM_UP: ("water.crew", {"text": "抢修完成"}),
}
"""Moves that lead out of where it can be stood down; voiding it says that it was none."""


def past_it(action: Action) -> Joint:
    """An emergency that an action would end."""
    found = declared(Severity.II)
    if action in {Action.TRANSFER_OUT, Action.SEND_BACK}:
        found.life.case = replace(found.case, state=State.FILED)
    if action is Action.DECIDE:
        found.sign(1)
        found.do("dispatcher", Action.PLAN, plan=with_more(found, "parks"))
        found.do("supervisor", Action.CONSULT)
    if action is Action.AGREE_WITHDRAW:
        found.ask("reporter", Step(action=Action.REQUEST_WITHDRAW, reason="withdraw_solved"))
    if action is Action.FORCE_CLOSE:
        asked = Step(action=Action.REQUEST_FORCE_CLOSE, reason="force_no_contact", text="无人")
        found.ask("chief2", asked)
    return found


def kept(found: Joint) -> Plan:
    """The plan as it is."""
    return Plan(
        tasks=tuple(
            PlannedTask(
                task_no=one.task_no,
                unit=one.unit,
                lead=one.lead,
                after=one.after,
                limit=one.limit,
            )
            for one in found.case.tasks
        )
    )


def with_more(found: Joint, unit: str) -> Plan:
    """The plan with one more department."""
    tasks = kept(found).tasks
    return Plan(tasks=(*tasks, PlannedTask(task_no=len(tasks) + 1, unit=unit)))


def test_every_move_past_the_stand_down_is_known() -> None:
    down = next(row for row in ROWS if row.action is Action.STAND_DOWN)
    out = {
        row.action
        for row in TABLE
        if row.sources & down.sources and row.to is not None and row.to not in down.sources
    }

    assert out - OF_ONE == {*PAST_IT, Action.VOID}


@pytest.mark.parametrize("action", PAST_IT)
def test_e6_nothing_but_the_stand_down_ends_an_emergency(action: Action) -> None:
    found = past_it(action)
    who, fields = PAST_IT[action]
    refusal = found.ask(who, Step(action=action, **fields))

    assert because(refusal) == Because.NOT_STOOD_DOWN
    assert found.case.emergency is not None
    may = {
        one.action
        for one in allowed(found.case, found.life.who(who), found.life.at, found.life.book)
    }
    assert action not in may or action is Action.DECIDE


def test_e6_stood_down_it_may_be_closed_by_force() -> None:
    found = past_it(Action.FORCE_CLOSE)
    found.do("command", Action.STAND_DOWN, text="险情排除")
    who, fields = PAST_IT[Action.FORCE_CLOSE]
    found.do(who, Action.FORCE_CLOSE, **fields)

    assert found.case.state is State.CLOSED


def test_e6_declared_again_it_keeps_what_was_late_and_what_went_up() -> None:
    found = declared()
    later(found, 45)
    assert up(found, Upward.WRITTEN) is None
    found.do("command", Action.STAND_DOWN, text="险情排除")
    declare(found, Severity.II)

    calendars = found.life.book.calendars
    assert clocks_.on_time(found.life.clock("first_report"), calendars) is False
    assert clocks_.on_time(found.life.clock("next_report"), calendars) is None
    assert found.case.response is not None
    assert [one.which for one in found.case.response.reports] == [Upward.WRITTEN]
    assert up(found, Upward.WRITTEN) is None
    again = [one.which for one in found.case.response.reports]
    assert again == [Upward.WRITTEN, Upward.WRITTEN]


def test_a_case_that_is_voided_is_no_emergency_any_more() -> None:
    found = declared()
    found.ask("supervisor", Step(action=Action.REQUEST_VOID, reason="void_test", text="误报"))
    found.do("chief", Action.VOID, reason="void_test", text="误报")

    assert found.case.state is State.VOIDED
    assert found.case.emergency is None
    assert not any(one.rings for one in found.case.alarms)
    assert not found.life.running()


# Drills -------------------------------------------------------------------------------


def test_a_drill_tells_nobody_outside() -> None:
    found = drill()
    declare(found)
    found.do("chief", Action.COMMENT, text="演练")

    assert found.case.drill
    assert not found.case.has_contact
    told = {address for one in found.life.events for address in one.notify}
    assert REPORTER.person not in told
    assert all(one.case.drill for one in found.tasks.values())


def test_a_drill_is_archived_at_stand_down() -> None:
    found = drill()
    declare(found)
    found.do("command", Action.STAND_DOWN, text="演练结束")

    assert found.case.state is State.ARCHIVED
    assert not found.life.running()
    ends = {State.TASK_WITHDRAWN, State.TASK_WAIVED}
    assert {one.case.state for one in found.tasks.values()} <= ends


def test_a_drill_stays_apart_from_real_cases() -> None:
    found = drill()
    for action, who, fields in (
        (Action.MERGE, "dispatcher", {"other": "9901062026090700002"}),
        (Action.TAKE_IN, "system", {"other": "9901062026090700002"}),
    ):
        refusal = found.life.ask(who, Step(action=action, **fields))  # type: ignore[arg-type]
        assert isinstance(refusal, Refusal)
        assert because(refusal) == Because.DRILL_APART


def test_only_the_duty_chief_reports_a_drill() -> None:
    life = Life(book=emergency_book())
    step = Step(action=Action.REPORT, source=Source.HOTLINE, subclass=LITTER, drill=True)
    refusal = life.ask("acceptor", step)

    assert isinstance(refusal, Refusal)
    assert refusal.why is Why.FORBIDDEN


# Plans --------------------------------------------------------------------------------


def known() -> Known:
    book = emergency_book()
    people = {**book.people, "gone": book.people["leader"]}
    return Known(units=book.units, people=people)


def test_a_good_version_has_no_fault() -> None:
    assert faults(PLANS, known()) == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"duties": (Duty(unit="water", lead=True, limit=HOURS),)}, "two departments"),
        (
            {
                "duties": (
                    Duty(unit="water", limit=HOURS),
                    Duty(unit="nowhere", limit=HOURS, after=(9,)),
                )
            },
            "exactly one leads",
        ),
        ({"roster": (Post(to="person:leader", minutes=5),)}, "its last step is"),
        ({"roster": (Post(to="x"), Post(to="role:command_chief"))}, "no account in use"),
        ({"severities": (Severity.I,)}, "none is for accident of level II"),
    ],
)
def test_a_version_that_makes_no_sense_is_named(change: dict[str, object], said: str) -> None:
    plans = replace(PLANS, plans=(PLANS.plans[0], replace(PLANS.plans[1], **change)))  # type: ignore[arg-type]

    assert any(said in one for one in faults(plans, known()))
