"""A joint case under other versions: its departments' limits move with it, in every order."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from domain import clock as clocks_
from domain.book import Book
from domain.calendar import DayException, DayKind, Unit
from domain.case import Case, Event
from domain.clock import ClockKind, Outcome
from domain.command import Step
from domain.joint_facts import ShownDue, shown_due
from domain.plan import Plan, PlannedTask
from domain.policy import Change
from domain.preview import Effect, preview
from domain.repin import in_force, versions_in
from domain.terms import Action, Result, State
from tests.domain.joint_world import Joint, joint, joint_book, plan
from tests.domain.small_world import SHED, Life, local, with_calendar
from tests.domain.test_repin import (
    FOUR,
    TUESDAY_OFF,
    limit,
    rearming,
    with_catalogue_2,
    with_policy_2,
)

HOUR = timedelta(hours=1)
WEDNESDAY_OFF = DayException(day=date(2026, 9, 9), kind=DayKind.OFF, name="台风停工 Typhoon")
SIXTEEN = limit(16, Unit.WORK_HOUR)
TWO = plan("water", "police")
ONE_LIMIT = plan(
    PlannedTask(task_no=1, unit="water", lead=True),
    PlannedTask(task_no=2, unit="police", limit=FOUR),
)
"""The first task has the condition's limit, 8 work hours; the second one of its own."""
ONE_WAITS = plan(
    PlannedTask(task_no=1, unit="water", lead=True),
    PlannedTask(task_no=2, unit="police", after=(1,)),
)


def planned(wanted: Plan = TWO, subclass: str = "E01-01") -> Joint:
    """A joint case whose policy lets every change reach it."""
    life = Life(book=rearming(joint_book())).report(subclass=subclass).to(State.FILED)
    found = Joint(life)
    found.do("dispatcher", Action.PLAN, plan=wanted)
    return found


def publish(found: Joint, book: Book) -> None:
    """What is in force for all of them from now on."""
    for life in (found.life, *found.tasks.values()):
        life.book = book


def change(found: Joint, book: Book) -> None:
    """New versions come into force and are brought to the case."""
    publish(found, book)
    found.do("admin", Action.REPIN)


def own(found: Joint, task: int) -> Case:
    return found.tasks[task].case


def due(found: Joint, task: int) -> datetime:
    at = clocks_.due_at(found.tasks[task].clock("handle"), found.life.book.calendars)
    assert at
    return at


def repins(found: Joint, task: int) -> list[Event]:
    return [one for one in found.tasks[task].events if one.action is Action.REPIN]


def all_done(found: Joint) -> None:
    found.done(1)
    found.done(2)
    found.do("water.crew", Action.SUM_UP, text="完成")
    assert found.case.state is State.FED_BACK


def send_back(found: Joint, *tasks: int) -> None:
    reason = "reject_photo_missing"
    found.do("dispatcher", Action.REJECT_FEEDBACK, reason=reason, text="不全", tasks=tasks)


def fail_check(found: Joint, *tasks: int) -> None:
    found.do("dispatcher", Action.PASS_REVIEW)
    step = Step(action=Action.CHECK_FAIL, reason="fail_partly", text="未修", photos=("p",))
    assert found.ask(found.case.asked, replace(step, tasks=tasks)) is None


# What reaches the departments --------------------------------------------------------------


def test_a_holiday_moves_the_departments_limits_and_what_the_case_shows() -> None:
    found = planned(ONE_LIMIT)  # both begin on Monday 09:04
    change(found, with_calendar(found.life.book, TUESDAY_OFF))

    at = local("09-09 09:04")
    assert due(found, 1) == found.case.tasks[0].due == at
    assert found.case.tasks[1].due == due(found, 2) < local("09-07 15:05")
    for task in (1, 2):
        assert own(found, task).calendar == found.case.calendar == "district@2"
    shown = shown_due(found.case, found.life.book)
    assert shown == ShownDue(at=at, kind=ClockKind.HANDLE)
    [event] = repins(found, 1)
    assert (event.row, event.actor, event.state) == ("K21", "system", State.DISPATCHED)
    [moved] = event.moved
    assert (moved.clock_id, moved.before, moved.after) == ("handle", local("09-08 09:04"), at)
    assert event.notify == ("unit:water",)
    log = [one.action for one in found.life.events]
    assert log[-2:] == [Action.REPIN, Action.TASK_MOVED]  # the second task's due time stays


def test_a_catalogue_gives_its_limit_to_those_that_have_it_and_no_plan_s_limit_goes() -> None:
    found = planned(ONE_LIMIT)
    change(found, with_catalogue_2(found.life.book, SIXTEEN))

    assert [own(found, task).own_limit for task in (1, 2)] == [SIXTEEN, FOUR]
    assert [one.limit for one in found.case.tasks] == [SIXTEEN, FOUR]
    assert [found.tasks[task].clock("handle").budget for task in (1, 2)] == [
        16 * HOUR,
        4 * HOUR,
    ]
    assert {own(found, task).catalogue for task in (1, 2)} == {2}
    assert [len(one.moved) for task in (1, 2) for one in repins(found, task)] == [1, 0]
    assert found.case.tasks[0].due == due(found, 1)


def test_who_saw_the_plan_before_does_not_put_the_old_limit_back() -> None:
    found = planned()
    seen = found.case.version
    change(found, with_calendar(found.life.book, TUESDAY_OFF))
    assert found.case.version == seen
    change(found, with_catalogue_2(found.life.book, SIXTEEN))
    stale = found.life.command("dispatcher", Step(action=Action.PLAN, plan=TWO), seen=seen)
    refusal = found.judge(found.life, stale)

    assert refusal is not None
    assert refusal.why == "stale"


def test_a_policy_s_handling_limit_and_rungs_reach_them_and_sign_follows() -> None:
    found = planned()
    rungs = (60, 100, 150, 200)
    change(found, with_policy_2(found.life.book, handle=FOUR, rungs=rungs))
    handle, sign = (found.tasks[2].clock(one) for one in ("handle", "sign"))

    assert (handle.budget, handle.rungs) == (4 * HOUR, rungs)
    assert (sign.budget, sign.budget_version) == (HOUR, 2)
    assert own(found, 2).policy == 2


def test_from_working_time_to_day_and_night_the_used_share_and_a_request_go_along() -> None:
    found = planned()
    found.sign(2)
    step = Step(action=Action.REQUEST_EXTENSION, reason="extension_weather", text="雨")
    assert found.ask("police.crew", replace(step, amount=4.0), task=2) is None
    found.life.at = local("09-07 11:04")  # a quarter is used
    change(found, with_catalogue_2(found.life.book, limit(4, Unit.URGENT_HOUR)))
    handle = found.tasks[2].clock("handle")

    assert (handle.continuous, handle.budget) == (True, 4 * HOUR)
    assert handle.carried == pytest.approx(HOUR, abs=timedelta(minutes=1))
    assert own(found, 2).pending[0].amount == 2 * HOUR
    assert found.case.tasks[1].due == due(found, 2)


def test_a_rework_round_is_judged_on_the_new_limit_once() -> None:
    found = planned()
    all_done(found)
    fail_check(found, 2)
    before = found.tasks[2].clock("handle:2")
    change(found, with_catalogue_2(found.life.book, SIXTEEN))
    after = found.tasks[2].clock("handle:2")

    assert (after.used_before, after.judged_budget) == (before.used_before, 16 * HOUR)
    assert after.budget == 16 * HOUR - before.used_before
    assert after.budget_version == before.budget_version + 1


def test_stages_of_the_lead_go_by_the_new_catalogue() -> None:
    found = planned(subclass=SHED)
    old = found.life.book.catalogues[1]
    condition = old[SHED].conditions[0]
    stages = tuple(
        replace(one, limit=limit(8, Unit.WORK_HOUR)) if one.key == "stop" else one
        for one in condition.stages
    )
    shed = replace(old[SHED], conditions=(replace(condition, stages=stages),))
    book = found.life.book
    catalogues = {**book.catalogues, 2: {**old, SHED: shed}}
    change(found, replace(book, catalogues=catalogues, catalogue=2))

    assert found.tasks[1].clock("stage:stop").budget == 8 * HOUR
    assert [one.clock_id for one in repins(found, 1)[0].moved] == ["stage:stop"]


def test_a_task_on_hold_keeps_its_pause_and_what_is_left_is_on_record() -> None:
    found = planned()
    found.sign(2)
    until = local("09-25 09:00")
    step = Step(action=Action.REQUEST_HOLD, reason="hold_season", text="补种", until=until)
    assert found.ask("police.head", step, task=2) is None
    found.do("dispatcher", Action.APPROVE_HOLD, 2)
    change(found, with_catalogue_2(found.life.book, SIXTEEN))
    handle = found.tasks[2].clock("handle")
    moved = {one.clock_id: one for one in repins(found, 2)[0].moved}["handle"]

    assert handle.paused
    assert (moved.before, moved.after) == (None, None)
    assert moved.left_before
    assert moved.left_after == moved.left_before + 8 * HOUR
    assert found.case.tasks[1].due is None


# The case decides --------------------------------------------------------------------------


def test_what_the_case_s_policy_keeps_out_does_not_reach_its_tasks() -> None:
    found = joint("water", "police")  # its policy lets in the calendar only
    book = with_catalogue_2(with_calendar(found.life.book, TUESDAY_OFF), SIXTEEN)
    change(found, book)
    effect = preview(found.case, book, in_force(book), found.life.at, tasks=[own(found, 1)])

    assert (own(found, 1).catalogue, own(found, 1).calendar) == (1, "district@2")
    assert found.tasks[1].clock("handle").budget == 8 * HOUR
    assert effect.kept_out == (Change.CATALOGUE,)
    assert effect.tasks == ()


def offered_to_parks(found: Joint) -> None:
    offer = {"unit": "parks", "reason": "handover_duty", "text": "属其职责"}
    found.do("police.head", Action.OFFER_HANDOVER, 2, **offer)


def test_a_sign_that_goes_on_after_an_offer_goes_by_what_came_meanwhile() -> None:
    found = planned()
    offered_to_parks(found)
    change(found, with_calendar(found.life.book, TUESDAY_OFF))
    found.do("police.head", Action.STOP_HANDOVER, 2, text="自办")

    sign = found.tasks[2].clock("sign")
    assert (sign.stopped_at, sign.calendar) == (None, own(found, 2).calendar)


def test_a_sign_that_goes_on_after_an_offer_is_within_a_quarter_of_another_limit() -> None:
    found = planned()
    offered_to_parks(found)
    before = found.tasks[2].clock("sign").budget
    found.do("dispatcher", Action.PLAN, plan=ONE_LIMIT)
    assert found.tasks[2].clock("sign").budget == before
    found.do("police.head", Action.STOP_HANDOVER, 2, text="自办")

    handle, sign = (found.tasks[2].clock(one) for one in ("handle", "sign"))
    assert sign.budget == handle.budget / 4 < before


def test_only_the_case_says_so_and_not_twice() -> None:
    found = planned()
    publish(found, with_calendar(found.life.book, TUESDAY_OFF))
    asked = found.ask("admin", Step(action=Action.REPIN), task=1)
    assert asked is not None
    assert asked.why == "forbidden"
    found.do("admin", Action.REPIN)
    seq = own(found, 1).seq
    assert found.ask("admin", Step(action=Action.REPIN)) is not None

    assert own(found, 1).seq == seq


# In every order ----------------------------------------------------------------------------


def test_a_task_that_begins_later_goes_by_what_its_case_is_judged_by_then() -> None:
    found = planned(ONE_WAITS)
    book = with_catalogue_2(with_calendar(found.life.book, TUESDAY_OFF), SIXTEEN)
    change(found, book)
    found.done(1)

    assert versions_in(own(found, 2)) == in_force(book)
    handle = found.tasks[2].clock("handle")
    assert (handle.calendar, handle.budget) == ("district@2", 16 * HOUR)
    assert own(found, 2).own_limit == found.case.tasks[1].limit == SIXTEEN


def test_a_task_that_is_done_is_not_touched_and_its_next_round_goes_by_the_case() -> None:
    found = planned(ONE_LIMIT)
    all_done(found)
    before = {task: own(found, task) for task in (1, 2)}
    book = with_catalogue_2(with_calendar(found.life.book, TUESDAY_OFF), SIXTEEN)
    change(found, book)
    assert {task: own(found, task) for task in (1, 2)} == before
    fail_check(found, 1, 2)

    for task, hours in ((1, 16), (2, 4)):
        first, again = (found.tasks[task].clock(one) for one in ("handle", "handle:2"))
        assert first in before[task].clocks  # what was done was done under the old ones
        assert versions_in(own(found, task)) == in_force(book)
        assert again.calendar == "district@2"
        assert own(found, task).own_limit == limit(hours, Unit.WORK_HOUR)
        assert again.judged_budget == first.budget


def test_a_task_that_is_taken_up_again_goes_on_by_what_its_case_is_judged_by() -> None:
    found = planned(ONE_LIMIT)
    all_done(found)
    book = with_catalogue_2(with_calendar(found.life.book, WEDNESDAY_OFF), SIXTEEN)
    change(found, book)
    found.life.at = local("09-08 08:30")
    send_back(found, 1, 2)

    for task, hours in ((1, 16), (2, 4)):
        handle = found.tasks[task].clock("handle")
        assert (handle.calendar, handle.budget) == ("district@2", hours * HOUR)
        assert versions_in(own(found, task)) == in_force(book)
        assert found.case.tasks[task - 1].due == due(found, task)
    [moved] = found.tasks[1].events[-1].moved
    assert (moved.clock_id, moved.after) == ("handle", due(found, 1))
    assert moved.before
    assert moved.before < local("09-10 00:00") <= due(found, 1)


def test_taken_up_without_news_nothing_is_said_to_have_moved() -> None:
    found = planned()
    all_done(found)
    send_back(found, 2)

    assert found.tasks[2].events[-1].moved == ()


def test_a_task_that_ended_before_the_case_knew_refuses_and_goes_on_by_it_later() -> None:
    found = planned()
    found.sign(2)
    task, book = found.tasks[2], with_calendar(found.life.book, TUESDAY_OFF)
    fed = Step(action=Action.FEED_BACK, result=Result.SOLVED, text="已处置", photos=("p",))
    assert found.judge(task, task.command("police.crew", fed)) is None
    publish(found, book)
    found.life.at = task.at
    assert (
        found.judge(found.life, found.life.command("admin", Step(action=Action.REPIN))) is None
    )
    assert Action.REPIN in {one.step.action for one in found.waiting}
    found.tell()

    assert own(found, 2).state is State.TASK_DONE
    assert own(found, 2).calendar == "district@1"
    assert task.clock("handle").outcome is Outcome.DONE
    found.done(1)
    found.do("water.crew", Action.SUM_UP, text="完成")
    send_back(found, 2)
    assert own(found, 2).calendar == task.clock("handle").calendar == "district@2"


def test_a_task_that_is_about_to_begin_hears_of_both_in_their_order() -> None:
    life = Life(book=rearming(joint_book())).report().to(State.FILED)
    found = Joint(life)
    wanted = Step(action=Action.PLAN, plan=TWO)
    assert found.judge(life, life.command("dispatcher", wanted)) is None
    publish(found, with_calendar(life.book, TUESDAY_OFF))
    assert found.judge(life, life.command("admin", Step(action=Action.REPIN))) is None
    found.tell()

    assert [one.action for one in found.tasks[1].events] == [Action.BEGIN_TASK, Action.REPIN]
    assert found.case.tasks[0].due == due(found, 1) == local("09-09 09:04")


def test_a_withdrawn_task_is_left_alone() -> None:
    found = planned()
    found.do("dispatcher", Action.RECALL, 2, reason="recall_wrong_unit", text="错")
    before = own(found, 2)
    change(found, with_calendar(found.life.book, TUESDAY_OFF))

    assert own(found, 2) == before
    assert not repins(found, 2)


# Preview -----------------------------------------------------------------------------------


def shown(found: Joint, book: Book) -> Effect:
    tasks = [one.case for one in found.tasks.values() if not one.case.ended]
    return preview(found.case, book, in_force(book), found.life.at, tasks=tasks)


def test_a_preview_says_what_will_happen_to_each_running_task() -> None:
    found = planned(ONE_LIMIT)
    book = with_calendar(found.life.book, TUESDAY_OFF)
    effect = shown(found, book)
    change(found, book)

    assert [(one.number, one.unit) for one in effect.tasks] == [
        (f"{found.no}.t1", "water"),
        (f"{found.no}.t2", "police"),
    ]
    for task, one in enumerate(effect.tasks, 1):
        assert one.moved == repins(found, task)[0].moved
    assert effect.moved == next(one for one in found.life.events if one.row == "§2").moved


def test_only_a_department_s_limit_may_move() -> None:
    found = planned(ONE_LIMIT)
    effect = shown(found, with_catalogue_2(found.life.book, SIXTEEN))

    assert effect.moved == ()
    assert [one.clock_id for one in effect.all_moved] == ["handle"]


def test_a_task_that_the_case_does_not_tell_is_not_counted() -> None:
    found = planned()
    found.done(2)
    found.life.book = with_calendar(found.life.book, TUESDAY_OFF)
    both = [own(found, 1), own(found, 2)]
    book = found.life.book
    effect = preview(found.case, book, in_force(book), found.life.at, tasks=both)

    assert [one.unit for one in effect.tasks] == ["water"]
