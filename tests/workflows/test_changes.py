"""A calendar changes while a case runs: its timer is armed anew, before and after on record.

So are those of the departments' tasks of a joint case.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from activities.reconcile import Reconciler
from domain import clock as clocks_
from domain.calendar import DayException, DayKind
from domain.case import Case
from domain.clock import ClockKind
from domain.joint import task_id
from domain.plan import Plan
from domain.preview import preview
from domain.repin import Versions
from domain.terms import Action, State
from embedded.centre import Centre
from registry import book as books
from registry import calendars, changes
from registry.book import BookKeeper
from registry.changes import Change
from registry.tables_case import CaseRow
from tests.workflows.joint_centre import THREE, dispatched, planned

pytestmark = pytest.mark.server
TWO = Plan(tasks=THREE.tasks[:2])


async def publish(centre: Centre, *days: date) -> str:
    """Put the next version of the calendar in force, with these days off; its key."""
    last = centre.book.calendars[centre.book.calendar]
    kept = [one for one in last.exceptions if one.day not in days]
    off = [DayException(day=day, kind=DayKind.OFF, name="台风停工 Typhoon") for day in days]
    async with centre.sessions.begin() as session:
        key = await calendars.use(session, replace(last, exceptions=(*kept, *off)), since=None)
    async with centre.sessions() as session:
        centre.book = await books.load(session, at=datetime.now(UTC) + timedelta(seconds=1))
    centre.activities.keeper = BookKeeper()  # heard at once, as all do after a moment
    return key


def next_days() -> list[date]:
    """Yesterday and the forty days that follow."""
    today = datetime.now(UTC).date()
    return [today + timedelta(days=ahead) for ahead in range(-1, 40)]


async def timers(centre: Centre, number: str) -> list[float]:
    """Seconds of each timer that a workflow started."""
    found = []
    for event in (await centre.history(number)).events:
        if event.HasField("timer_started_event_attributes"):
            wait = event.timer_started_event_attributes.start_to_fire_timeout
            found.append(wait.ToTimedelta().total_seconds())
    return found


def next_rung(case: Case, centre: Centre) -> datetime:
    running = [one for one in case.clocks if one.stopped_at is None]
    found = clocks_.earliest(running, centre.book.calendars)
    assert found
    return found[2]


@pytest.mark.usefixtures("worker")
async def test_a_running_case_is_told_and_arms_its_timer_for_the_new_due_time(
    centre: Centre,
) -> None:
    case_no = await centre.report()
    case = await centre.until(case_no, lambda one: one.state is State.DISPATCHED)
    old = centre.book
    before = clocks_.due_at(
        next(one for one in case.clocks if one.kind is ClockKind.HANDLE), old.calendars
    )
    first = next_rung(case, centre)
    key = await publish(centre, *next_days())

    change = Change(versions=Versions(calendar=key), actor=centre.actor("admin1"))
    effect = preview(case, centre.book, change.versions, datetime.now(UTC), change.actor)
    async with centre.sessions.begin() as session:
        assert await changes.write_down(session, change, case_no, effect.versions)
    async with centre.sessions.begin() as session:
        assert not await changes.write_down(session, change, case_no, effect.versions)
    await centre.make_due_to_tell(case_no)
    assert await Reconciler(activities=centre.activities, tell=centre.door.tell).sweep() == 1
    case = await centre.until(case_no, lambda one: one.calendar == key)
    await centre.until_in_step(case_no)

    [event] = [one for one in await centre.events(case_no) if one.action is Action.REPIN]
    moved = next(one for one in event.moved if one.clock_id == "handle")
    assert moved == next(one for one in effect.moved if one.clock_id == "handle")
    assert moved.before == before
    assert moved.after
    assert before
    assert moved.after > before + timedelta(days=30)
    second = next_rung(case, centre)
    assert second > first + timedelta(days=30)
    armed = await timers(centre, case_no)
    assert len(armed) >= 2
    assert armed[-1] == pytest.approx((second - event.at).total_seconds(), abs=60)
    assert (await centre.in_workflow(case_no)).clocks == case.clocks


async def row_of(centre: Centre, number: str) -> CaseRow:
    async with centre.sessions() as session:
        return await session.get_one(CaseRow, number)


async def test_the_tasks_of_a_joint_case_hear_of_it_and_the_case_shows_when_they_are_due(
    telling: Centre,
) -> None:
    case_no = await planned(telling, TWO)
    await dispatched(telling, case_no, 1, 2)
    numbers = [task_id(case_no, one) for one in (1, 2)]
    for number in numbers:
        await telling.until_in_step(number)
    first = [next_rung(await telling.case(one), telling) for one in numbers]
    before = (await row_of(telling, case_no)).due_at
    key = await publish(telling, *next_days())
    change = Change(versions=Versions(calendar=key), actor=telling.actor("admin1"))
    async with telling.sessions.begin() as session:
        assert await changes.write_down(session, change, case_no, change.versions)
    await telling.make_due_to_tell(case_no)

    dues = []
    for number, rung in zip(numbers, first, strict=True):
        task = await telling.until(number, lambda one: one.calendar == key)
        await telling.until_in_step(number)
        [event] = [one for one in await telling.events(number) if one.action is Action.REPIN]
        moved = {one.clock_id: one for one in event.moved}
        assert moved["handle"].after
        dues.append(moved["handle"].after)
        second = next_rung(task, telling)
        assert second > rung + timedelta(days=30)
        armed = await timers(telling, number)
        assert armed[-1] == pytest.approx((second - event.at).total_seconds(), abs=60)
        assert (await telling.in_workflow(number)).clocks == task.clocks
    case = await telling.until(case_no, lambda one: [two.due for two in one.tasks] == dues)
    row = await row_of(telling, case_no)
    assert case.calendar == key
    assert before
    assert row.due_at
    assert row.due_at == max(dues) > before + timedelta(days=30)
