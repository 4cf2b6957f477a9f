"""Judgements of a joint case: shown due time, on time, what the lead answers for."""

from datetime import datetime, timedelta

import pytest

from domain.book import Book
from domain.calendar import Limit, Unit
from domain.case import Case
from domain.clock import ClockKind, due_at, rung_at
from domain.command import Step
from domain.joint_facts import LeadOwes, Owed, lead_owes, on_time, shown_due
from domain.plan import PlannedTask
from domain.terms import Action, Finish, Source, State
from registry.projection import shown_due as on_board
from tests.domain.joint_world import Joint, joint, joint_book, plan
from tests.domain.small_world import Life, local

DAY = Limit(value=1, unit=Unit.WORK_DAY)
THREE = Limit(value=3, unit=Unit.WORK_DAY)
TWENTY = Limit(value=20, unit=Unit.WORK_DAY)
WATER = PlannedTask(task_no=1, unit="water", lead=True)


def book(found: Joint) -> Book:
    return found.life.book


def handle_due(found: Joint, task: int) -> datetime:
    due = due_at(found.tasks[task].clock("handle"), book(found).calendars)
    assert due is not None
    return due


def timelines(found: Joint) -> dict[int, Case]:
    return {number: life.case for number, life in found.tasks.items()}


def owed(found: Joint) -> list[tuple[Owed, str, int]]:
    calendars = book(found).calendars
    facts: tuple[LeadOwes, ...] = lead_owes(found.case, timelines(found), calendars)
    return [(one.owed, one.unit, one.task_no) for one in facts]


def kept(found: Joint) -> bool | None:
    return on_time(found.case, timelines(found), book(found).calendars)


def without_promise(
    *tasks: PlannedTask | str, finish: Finish = Finish.ALL, quorum: int = 0
) -> Joint:
    found = Joint(Life(book=joint_book()).report(source=Source.DEPARTMENT).to(State.FILED))
    found.do("dispatcher", Action.PLAN, plan=plan(*tasks, finish=finish, quorum=quorum))
    assert ClockKind.WHOLE not in {one.kind for one in found.case.clocks}
    return found


def sum_up(found: Joint) -> None:
    found.do("water.crew", Action.SUM_UP, text="完成")


def let_pass(found: Joint, until: datetime) -> None:
    found.life.at = until
    for life in (found.life, *found.tasks.values()):
        life.at = until
        found.judge(life)
    found.tell()


# When it is due ---------------------------------------------------------------------------


def test_it_is_due_with_the_last_of_its_tasks() -> None:
    found = joint(WATER, PlannedTask(task_no=2, unit="police", limit=THREE))
    shown = shown_due(found.case, book(found))

    assert shown is not None
    assert (shown.at, shown.kind) == (handle_due(found, 2), ClockKind.HANDLE)
    assert on_board(found.case, book(found)) == (shown.at, "handle")


def test_the_promise_caps_it() -> None:
    found = joint(WATER, PlannedTask(task_no=2, unit="police", limit=TWENTY))
    shown = shown_due(found.case, book(found))

    assert shown is not None
    assert shown.kind is ClockKind.WHOLE
    assert shown.at == due_at(found.life.clock("whole"), book(found).calendars)


def test_a_task_that_waits_counts_from_when_what_it_waits_for_is_due() -> None:
    found = without_promise(WATER, PlannedTask(task_no=2, unit="police", after=(1,), limit=DAY))
    shown = shown_due(found.case, book(found))
    calendar = book(found).calendars[book(found).calendar]

    assert shown is not None
    assert shown.at == calendar.after(handle_due(found, 1), DAY)


def test_of_a_case_that_its_lead_ends_the_lead_s_chain_counts() -> None:
    tasks = (WATER, PlannedTask(task_no=2, unit="police", limit=THREE))
    found = without_promise(*tasks, finish=Finish.LEAD)
    shown = shown_due(found.case, book(found))

    assert shown is not None
    assert shown.at == handle_due(found, 1)


def test_of_a_case_that_some_helpers_end_those_count_that_are_due_first() -> None:
    helpers = (
        PlannedTask(task_no=2, unit="police", limit=TWENTY),
        PlannedTask(task_no=3, unit="roads", limit=THREE),
        PlannedTask(task_no=4, unit="parks", limit=DAY, after=(2,)),
    )
    found = without_promise(WATER, *helpers, finish=Finish.SOME, quorum=1)
    shown = shown_due(found.case, book(found))
    assert shown is not None
    assert shown.at == handle_due(found, 3)
    found.do(
        "dispatcher", Action.PLAN, plan=plan(WATER, *helpers, finish=Finish.SOME, quorum=2)
    )
    shown = shown_due(found.case, book(found))
    assert shown is not None
    assert shown.at == handle_due(found, 2)
    found.done(2)
    shown = shown_due(found.case, book(found))

    assert shown is not None
    assert shown.at == handle_due(found, 4)


def test_from_the_plan_s_own_moment_on_it_is_known_when_it_is_due() -> None:
    life = Life(book=joint_book()).report(source=Source.DEPARTMENT).to(State.HANDLING)
    due = due_at(life.clock("handle"), life.book.calendars)
    found = Joint(life)
    tasks = (
        PlannedTask(task_no=1, unit=life.case.unit, lead=True),
        PlannedTask(task_no=2, unit="police", limit=THREE),
    )
    step = Step(action=Action.PLAN, plan=plan(*tasks))
    found.judge(life, life.command("dispatcher", step))
    assert set(found.tasks) == set()
    shown = shown_due(found.case, book(found))
    assert found.case.tasks[0].due == due
    found.tell()

    assert shown is not None
    assert abs(shown.at - handle_due(found, 2)) < timedelta(seconds=1)


def test_while_a_limit_waits_only_the_promise_says_when() -> None:
    for found in (joint("water", "police"), without_promise("water", "police")):
        found.sign(2)
        found.do("police.desk", Action.ASK_REPORTER, 2, text="请问具体门牌号？")
        whole = [one for one in found.case.clocks if one.kind is ClockKind.WHOLE]
        assert shown_due(found.case, book(found)) is None
        assert all(one.paused for one in whole)


def test_done_tasks_leave_the_lead_s_time_to_sum_up() -> None:
    found = joint("water", "police")
    for task in (1, 2):
        found.done(task)
    shown = shown_due(found.case, book(found))

    assert shown is not None
    assert shown.kind is ClockKind.SUM_UP
    assert on_board(found.case, book(found))[1] == "sum_up"


def test_the_promise_caps_the_lead_s_time_to_sum_up() -> None:
    found = joint("water", "police")
    for task in (1, 2):
        found.sign(task)
    whole = due_at(found.life.clock("whole"), book(found).calendars)
    assert whole is not None
    let_pass(found, whole - timedelta(minutes=30))
    for task in (1, 2):
        found.done(task)

    assert ClockKind.SUM_UP in found.life.running()
    assert on_board(found.case, book(found)) == (whole, "whole")


# On time ----------------------------------------------------------------------------------


def test_fed_back_within_the_promise_is_on_time_though_a_task_is_late() -> None:
    found = joint("water", "police")
    assert kept(found) is None
    found.done(1)
    let_pass(found, handle_due(found, 2) + timedelta(minutes=5))
    found.done(2)
    assert kept(found) is None
    sum_up(found)

    assert kept(found) is True


def test_after_the_promise_it_is_late_and_by_force_always() -> None:
    found = joint("water", "police")
    for task in (1, 2):
        found.done(task)
    whole = due_at(found.life.clock("whole"), book(found).calendars)
    assert whole is not None
    let_pass(found, whole + timedelta(hours=1))
    sum_up(found)
    assert kept(found) is False

    forced = joint("water", "police")
    words = {"reason": "force_no_contact", "text": "无法联系"}
    forced.ask("chief2", Step(action=Action.REQUEST_FORCE_CLOSE, **words))  # type: ignore[arg-type]
    forced.ask("chief", Step(action=Action.FORCE_CLOSE, **words))  # type: ignore[arg-type]
    assert forced.case.forced
    assert kept(forced) is False


def test_a_summary_in_time_that_is_judged_after_a_later_event_is_in_time() -> None:
    found = joint("water", "police")
    for task in (1, 2):
        found.sign(task)
    whole = due_at(found.life.clock("whole"), book(found).calendars)
    assert whole is not None
    let_pass(found, whole - timedelta(minutes=30))
    for task in (1, 2):
        found.done(task)
    let_pass(found, whole + timedelta(hours=4))
    step = Step(action=Action.SUM_UP, text="完成")
    found.judge(
        found.life, found.life.command("water.crew", step, at=whole - timedelta(minutes=5))
    )

    assert found.life.clock("review").started_at > whole
    assert kept(found) is True


@pytest.mark.parametrize(("finish", "expected"), [(Finish.ALL, False), (Finish.LEAD, True)])
def test_without_a_promise_no_required_task_may_be_late(
    finish: Finish, *, expected: bool
) -> None:
    found = without_promise("water", "police", finish=finish)
    found.done(1)
    let_pass(found, handle_due(found, 2) + timedelta(minutes=5))
    found.done(2)
    sum_up(found)

    assert kept(found) is expected


# What the lead answers for ----------------------------------------------------------------


def test_a_late_summary_is_the_lead_s() -> None:
    found = joint("water", "police")
    for task in (1, 2):
        found.done(task)
    assert owed(found) == []
    let_pass(found, found.life.at + timedelta(hours=6))

    assert owed(found) == [(Owed.LATE_SUMMARY, "water", 0)]
    sum_up(found)
    assert owed(found) == [(Owed.LATE_SUMMARY, "water", 0)]


@pytest.mark.parametrize(
    ("urged_at", "expected"),
    [
        (None, [(Owed.NOT_URGED, "water", 2)]),
        (60, [(Owed.NOT_URGED, "water", 2)]),
        (80, []),
        (120, [(Owed.NOT_URGED, "water", 2)]),
    ],
)
def test_a_late_helper_is_the_lead_s_too_unless_it_was_urged_in_time(
    urged_at: int | None, expected: list[tuple[Owed, str, int]]
) -> None:
    found = joint("water", "police")
    found.done(1)
    handle = found.tasks[2].clock("handle")
    if urged_at:
        at = rung_at(handle, urged_at, book(found).calendars)
        assert at is not None
        let_pass(found, at)
        found.ask("water.head", Step(action=Action.URGE_TASK, task=2, text="请尽快"))
    let_pass(found, local("09-10 09:00"))

    assert owed(found) == expected
    found.done(2)
    assert owed(found) == expected


def test_the_lead_answers_for_what_it_did_not_urge_itself() -> None:
    found = joint("water", "police")
    at = rung_at(found.tasks[2].clock("handle"), 80, book(found).calendars)
    assert at is not None
    let_pass(found, at)
    assert found.ask("dispatcher", Step(action=Action.URGE_TASK, task=2)) is None
    let_pass(found, local("09-10 09:00"))

    assert owed(found) == [(Owed.NOT_URGED, "water", 2)]


def test_who_led_when_a_helper_was_due_answers_for_it_and_not_who_leads_since() -> None:
    found = joint("water", "police", "roads")
    for task in (1, 2):
        found.sign(task)
    let_pass(found, handle_due(found, 2) + timedelta(minutes=5))
    before = [(Owed.NOT_URGED, "water", 2), (Owed.NOT_URGED, "water", 3)]
    assert owed(found) == before
    swapped = (
        PlannedTask(task_no=1, unit="water"),
        PlannedTask(task_no=2, unit="police"),
        PlannedTask(task_no=3, unit="roads", lead=True),
    )
    found.do("dispatcher", Action.PLAN, plan=plan(*swapped))

    assert owed(found) == before


@pytest.mark.parametrize(("hours", "late"), [(1, []), (6, [(Owed.LATE_SUMMARY, "water", 0)])])
def test_another_lead_sums_up_in_time_of_its_own(
    hours: int, late: list[tuple[Owed, str, int]]
) -> None:
    found = joint("water", "police")
    for task in (1, 2):
        found.done(task)
    let_pass(found, found.life.at + timedelta(hours=hours))
    swapped = (
        PlannedTask(task_no=1, unit="water"),
        PlannedTask(task_no=2, unit="police", lead=True),
    )
    found.do("dispatcher", Action.PLAN, plan=plan(*swapped))
    again = found.life.clock("sum_up:2")

    assert (again.owner, again.started_at) == ("unit:police", found.case.last_at)
    assert owed(found) == late


def test_a_helper_in_time_and_the_lead_s_own_lateness_are_no_such_thing() -> None:
    found = joint("water", "police")
    found.done(2)
    let_pass(found, local("09-10 09:00"))
    found.done(1)

    assert owed(found) == []
