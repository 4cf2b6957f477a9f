"""Lives of weeks and months with skipped time: every limit in its place, every rung once."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from temporalio.testing import WorkflowEnvironment

from domain import clock as clocks_
from domain.calendar import DayException, DayKind
from domain.case import Case, Event
from domain.clock import Clock, Outcome
from domain.command import Step
from domain.pausing import LATE_DECIDER
from domain.terms import Action, Decision, Result, Role, Solved, Source, State
from embedded.centre import Centre
from tests.histories.living import (
    DAY,
    Scene,
    closed_by,
    dispatched,
    fed,
    handed,
    reasoned,
    reported,
)

pytestmark = pytest.mark.server

ZONE = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)
SOON = timedelta(minutes=1)
BOTH = ("roads", "sanitation")


@pytest.fixture
async def scene(skipping: Centre, skipping_env: WorkflowEnvironment) -> AsyncIterator[Scene]:
    """The centre with a worker, on a server that skips time."""
    async with skipping.working():
        yield Scene(skipping, skipping_env)


def clock(case: Case, clock_id: str) -> Clock:
    return next(one for one in case.clocks if one.clock_id == clock_id)


async def due(scene: Scene, case_no: str, clock_id: str) -> datetime:
    case = await scene.centre.case(case_no)
    found = clocks_.due_at(clock(case, clock_id), scene.centre.book.calendars)
    assert found
    return found


async def when(scene: Scene, case_no: str, action: Action) -> datetime:
    """When an action happened last."""
    return [one.at for one in await scene.centre.events(case_no) if one.action is action][-1]


async def rungs(scene: Scene, case_no: str) -> list[Event]:
    """The rungs of a case in order; each fired once, at its due time, never early."""
    log = [one for one in await scene.centre.events(case_no) if one.action is Action.RUNG]
    assert len({one.cause_id for one in log}) == len(log)
    for one in log:
        assert one.fired_at
        assert timedelta(0) <= one.fired_at - one.at < SOON
    return log


async def fired(scene: Scene, case_no: str) -> list[str]:
    found = [one.reason for one in await rungs(scene, case_no)]
    assert max(Counter(found).values(), default=1) == 1
    return found


async def assert_in_step(scene: Scene, case_no: str) -> None:
    """Log, row and workflow have the same case."""
    centre = scene.centre
    await centre.until_in_step(case_no)
    assert await centre.snapshot(case_no) == await centre.case(case_no)


async def dispatched_to(scene: Scene, case_no: str, unit: str) -> None:
    step = Step(action=Action.DISPATCH, unit=unit, text="由其办理")
    await scene.centre.must(case_no, "dispatcher1", step)
    await scene.centre.must(case_no, f"{unit}.desk", Step(action=Action.SIGN))


async def answered(scene: Scene, case_no: str, unit: str) -> None:
    """The unit replies in writing; the system closes."""
    reply = fed(result=Result.EXPLAINED, photos=())
    await scene.centre.must(case_no, f"{unit}.crew", reply)
    await scene.centre.must(case_no, "dispatcher1", Step(action=Action.PASS_REVIEW))


async def test_a_petition_over_half_a_year(scene: Scene) -> None:
    centre = scene.centre
    case_no = await reported(centre, source=Source.PETITION)
    began = (await centre.events(case_no))[0].at
    assert await due(scene, case_no, "accept") == began + 15 * DAY
    await scene.wait(14 * DAY)
    spoken = await centre.do(case_no, "acceptor1", Step(action=Action.ACCEPT))
    assert (spoken.verdict, (spoken.refusal or {})["why"]) == ("refused", "text_required")
    await centre.must(case_no, "acceptor1", Step(action=Action.ACCEPT, text="决定受理"))
    accepted = await when(scene, case_no, Action.ACCEPT)
    assert await due(scene, case_no, "whole") == accepted + 60 * DAY
    await centre.must(case_no, "duty1", Step(action=Action.FILE, condition=1))
    await dispatched_to(scene, case_no, "roads")
    sent = await when(scene, case_no, Action.DISPATCH)
    assert await due(scene, case_no, "handle") == sent + 45 * DAY

    await scene.wait(40 * DAY)
    ask = reasoned(centre, Action.REQUEST_EXTENSION, amount=720.0)
    await centre.must(case_no, "roads.crew", ask)
    assert (await centre.do(case_no, "duty1", Step(action=Action.APPROVE_EXTENSION))).refusal
    await centre.must(case_no, "command1", Step(action=Action.APPROVE_EXTENSION))
    assert await due(scene, case_no, "handle") == sent + 75 * DAY
    assert await due(scene, case_no, "whole") == accepted + 90 * DAY
    await scene.wait_until(sent + 74 * DAY)
    await answered(scene, case_no, "roads")
    case = await centre.until(case_no, lambda one: one.state is State.CLOSED)
    calendars = centre.book.calendars
    assert clocks_.on_time(clock(case, "whole"), calendars)
    assert clocks_.on_time(clock(case, "handle"), calendars)
    assert await fired(scene, case_no) == ["handle 50%", "handle 75%"]
    assert await due(scene, case_no, "follow_up") == case.last_at + 30 * DAY  # type: ignore[operator]

    for number, unit in ((2, "sanitation"), (3, "parks")):
        await scene.wait(29 * DAY)
        await centre.must(case_no, "reporter", Step(action=Action.ASK_REVIEW))
        asked = await when(scene, case_no, Action.ASK_REVIEW)
        assert await due(scene, case_no, f"whole:{number}") == asked + 30 * DAY
        again = Step(action=Action.DISPATCH, unit="roads", text="由其复查")
        assert (await centre.do(case_no, "dispatcher1", again)).verdict == "refused"
        await dispatched_to(scene, case_no, unit)
        await scene.wait(3 * DAY)
        await answered(scene, case_no, unit)
    rating = Step(action=Action.RATE, solved=Solved.PARTLY, score=3)
    await centre.must(case_no, "reporter", rating)
    await scene.wait(30 * DAY + SOON)
    case = await centre.until(case_no, lambda one: one.ended)

    assert (case.state, case.settled_as, case.reexaminations) == (State.ARCHIVED, "closed", 2)
    assert case.last_at
    assert case.last_at - began > 180 * DAY
    assert await fired(scene, case_no) == [
        "handle 50%",
        "handle 75%",
        "call_back 100%",
        "call_back:2 100%",
        "follow_up:3 100%",
    ]
    await assert_in_step(scene, case_no)


async def monday(scene: Scene) -> datetime:
    """The next Monday, 09:00."""
    local = (await scene.now()).astimezone(ZONE)
    at = (local + (7 - local.weekday()) * DAY).replace(hour=9, minute=0, second=0)
    return at.replace(microsecond=0)


async def test_a_hold_over_the_spring_festival(scene: Scene) -> None:
    centre = scene.centre
    start = await monday(scene)
    saturday = start.date() + 68 * DAY
    festival = (
        DayException(day=saturday + ahead * DAY, kind=DayKind.OFF, name="春节")
        for ahead in range(8)
    )
    sunday = DayException(day=saturday + 8 * DAY, kind=DayKind.WORK, name="春节调休")
    await centre.change_calendar(*festival, sunday)
    await scene.wait_until(start)
    case_no = await handed(centre)
    await centre.must(case_no, "roads.desk", Step(action=Action.SIGN))
    await scene.wait_until(start + DAY + HOUR)
    until = start + 72 * DAY + HOUR / 2
    ask = reasoned(centre, Action.REQUEST_HOLD, reason="hold_season", until=until)
    await centre.must(case_no, "roads.head", ask)
    assert (await centre.do(case_no, "dispatcher1", Step(action=Action.APPROVE_HOLD))).refusal
    await scene.wait_until(start + DAY + 2 * HOUR)
    await centre.must(case_no, "command1", Step(action=Action.APPROVE_HOLD))
    held = await when(scene, case_no, Action.APPROVE_HOLD)
    case = await centre.case(case_no)
    assert (case.state, clock(case, "handle").paused) == (State.ON_HOLD, True)

    await scene.wait_until(held + 60 * DAY - HOUR)
    assert not (await centre.case(case_no)).backlog
    await scene.wait_until(held + 60 * DAY + SOON)
    await centre.until(case_no, lambda one: one.backlog)
    await scene.wait_until(until + SOON)
    case = await centre.until(case_no, lambda one: one.state is State.HANDLING)
    watch = {one.reason: one.at for one in await rungs(scene, case_no)}
    assert watch == {
        "hold_review 100%": held + 30 * DAY,
        "hold_review:2 100%": held + 60 * DAY,
        "backlog 100%": held + 60 * DAY,
        "hold 100%": until,
    }
    assert (await when(scene, case_no, Action.RESUME), case.backlog) == (until, False)

    # Of the five days 7 h went on Monday and 3 h on Tuesday, but for the seconds that people
    # took. After the festival: 8 h on the Sunday, 8 on Monday and Tuesday, 6 on Wednesday.
    wednesday = start + 79 * DAY + 7 * HOUR
    slow = held - (start + DAY + 2 * HOUR)
    began = {one: clock(case, one).started_at - start for one in ("handle", "whole")}
    for name, late in began.items():
        left = clocks_.remaining(clock(case, name), until, centre.book.calendars)
        assert left == 30 * HOUR + late - slow
        assert await due(scene, case_no, name) == wednesday + late - slow
    half = start + 77 * DAY + HOUR + began["handle"] - slow
    await scene.wait_until(half + SOON)
    await closed_by(centre, case_no, "roads.crew")
    case = await centre.until(case_no, lambda one: one.state is State.CLOSED)

    calendars = centre.book.calendars
    assert clocks_.on_time(clock(case, "handle"), calendars)
    assert clocks_.on_time(clock(case, "whole"), calendars)
    last = (await rungs(scene, case_no))[-1]
    assert (last.reason, last.at) == ("handle 50%", half)
    assert (await fired(scene, case_no))[:-1] == list(watch)
    await assert_in_step(scene, case_no)


async def test_three_returns_to_arbitration(scene: Scene) -> None:
    centre = scene.centre
    await scene.wait_until(await monday(scene))
    case_no = await dispatched(centre)
    await centre.must(case_no, "roads.head", reasoned(centre, Action.RETURN))
    await centre.must(case_no, "dispatcher1", reasoned(centre, Action.REJECT_RETURN))
    await centre.must(case_no, "roads.head", reasoned(centre, Action.RETURN))
    await centre.must(case_no, "dispatcher1", Step(action=Action.ACCEPT_RETURN))
    again = Step(action=Action.DISPATCH, unit="roads", text="再派")
    assert (await centre.do(case_no, "dispatcher1", again)).verdict == "refused"
    other = Step(action=Action.DISPATCH, unit="sanitation", text="备选单位")
    await centre.must(case_no, "dispatcher1", other)
    await centre.must(case_no, "sanitation.head", reasoned(centre, Action.RETURN))
    case = await centre.case(case_no)
    assert (case.state, len(case.returns)) == (State.ARBITRATING, 3)
    asked = case.waiting("arbitration")
    assert asked
    assert clock(case, asked.clock).owner == Role.COMMAND_CHIEF
    late = await due(scene, case_no, asked.clock)
    await scene.wait(3 * DAY)
    case = await centre.until(case_no, lambda one: clock(one, "handle:2").paused)
    pause = clock(case, "handle:2").pauses[-1]
    assert (pause.start, pause.reason) == (late, LATE_DECIDER)
    await centre.must(case_no, "command1", Step(action=Action.RULE, unit="parks"))

    case = await centre.case(case_no)
    assert (case.state, case.binding) == (State.DISPATCHED, True)
    outcomes = [clock(case, one).outcome for one in ("handle", "handle:2")]
    assert outcomes == [Outcome.RETURNED, Outcome.RETURNED]
    ruled = await when(scene, case_no, Action.RULE)
    assert clock(case, "handle:3").started_at == ruled
    bound = await centre.do(case_no, "parks.head", reasoned(centre, Action.RETURN))
    assert (bound.refusal or {})["values"]["because"] == "binding"
    await centre.to_closed(case_no)
    case = await centre.until(case_no, lambda one: one.state is State.CLOSED)
    assert clocks_.on_time(clock(case, "handle:3"), centre.book.calendars)
    assert await fired(scene, case_no) == [f"{asked.clock} 100%"]
    await assert_in_step(scene, case_no)


async def test_a_case_reopened_and_reopened_again(scene: Scene) -> None:
    centre = scene.centre
    await scene.wait_until(await monday(scene))
    case_no = await handed(centre)
    await centre.to_closed(case_no)
    await scene.wait(10 * DAY)
    await centre.must(case_no, "reporter", reasoned(centre, Action.REOPEN))
    case = await centre.case(case_no)
    assert (case.state, case.round, case.reopened) == (State.HANDLING, 2, True)
    assert clock(case, "whole:2").started_at == case.last_at
    await closed_by(centre, case_no, "roads.crew")
    await centre.must(case_no, "reporter", reasoned(centre, Action.REOPEN))
    case = await centre.case(case_no)
    assert (case.state, case.disputed) == (State.CONSULTING, True)
    asked = case.waiting("consultation")
    assert asked
    working = centre.book.calendars[case.calendar].after_working(asked.at, 40 * HOUR)
    assert await due(scene, case_no, asked.clock) == working
    await scene.wait(2 * DAY)
    plan = Step(
        action=Action.DECIDE,
        decision=Decision.DISPATCH,
        unit="sanitation",
        participants=BOTH,
        text="纪要：由环卫处置",
    )
    await centre.must(case_no, "command1", plan)
    case = await centre.case(case_no)
    assert (case.state, case.unit, case.binding) == (State.DISPATCHED, "sanitation", True)
    await centre.to_closed(case_no)
    rating = Step(action=Action.RATE, solved=Solved.YES, score=4)
    await centre.must(case_no, "reporter", rating)
    content = await centre.do(case_no, "reporter", reasoned(centre, Action.REOPEN))
    assert content.verdict == "refused"
    await scene.wait(15 * DAY + SOON)
    case = await centre.until(case_no, lambda one: one.ended)

    assert (case.state, case.settled_as) == (State.ARCHIVED, "closed")
    wholes = [one for one in case.clocks if one.clock_id.startswith("whole")]
    assert [one.outcome for one in wholes] == [Outcome.DONE] * 3
    assert await fired(scene, case_no) == ["call_back 100%", "follow_up:3 100%"]
    await assert_in_step(scene, case_no)
