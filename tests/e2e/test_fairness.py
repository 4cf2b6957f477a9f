"""Temporal is away for an hour across limits: nobody is late who acted in time.

The servers are real and Temporal is really killed and started again. The hour is not waited
for: the registry's clock is moved to the moments of the story, which is a Monday.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import astuple, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from activities.cases import CaseActivities
from activities.reconcile import Reconciler
from domain import clock as clocks_
from domain.calendar import Limit, Unit
from domain.case import Case
from domain.clock import Clock, Outcome
from domain.command import Step
from domain.pausing import HOLD, LATE_DECIDER
from domain.terms import Action, Role, Source, State
from embedded.centre import LITTER, Centre
from embedded.house import House
from tests.histories.living import fed, handed, reasoned
from workflows.client import connect

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]
ZONE = ZoneInfo("Asia/Shanghai")
GREEN = "E01-17"
"""A class with a limit of four working hours; the unit is `parks`."""
SLACK = timedelta(seconds=90)
"""What people, and these machines, may take for what the story says happens at a moment."""


@dataclass
class Story:
    """A house whose clock is moved along a Monday.

    Attributes:
        house: The servers.
        monday: Its midnight.
        centre: The house's centre, on the story's clock.
    """

    house: House
    monday: datetime
    _ahead: timedelta = timedelta(0)
    centre: Centre = field(init=False)

    def __post_init__(self) -> None:
        async def registry_clock(_session: AsyncSession) -> datetime:
            return await self.now()

        centre = self.house.centre
        activities = CaseActivities(centre.sessions, clock=registry_clock)
        self.centre = replace(centre, activities=activities, clock=self.now)

    async def now(self) -> datetime:
        """The story's time; it goes on by itself."""
        return datetime.now(UTC) + self._ahead

    def moment(self, clock: str) -> datetime:
        """A time of that day: `14:30`."""
        hour, minute = map(int, clock.split(":"))
        return self.monday + timedelta(hours=hour, minutes=minute)

    def at(self, clock: str) -> None:
        """It is now a time of that day."""
        self._ahead = self.moment(clock) - datetime.now(UTC)

    async def green(self) -> str:
        """A littered lawn, dispatched and signed."""
        case_no = await self.centre.report(subclass=GREEN)
        await self.centre.until(case_no, lambda one: one.state is State.DISPATCHED)
        await self.centre.must(case_no, "parks.desk", Step(action=Action.SIGN))
        return case_no

    async def road(self) -> str:
        """A hole in a road, dispatched."""
        case_no = await self.centre.report(subclass=LITTER)
        await self.centre.until(case_no, lambda one: one.state is State.DISPATCHED)
        return case_no

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """A worker with a connection of its own: the API's waits until it is needed."""
        door = self.centre.door
        client = await connect(
            self.house.temporal.address,
            self.house.temporal.setup.namespace,
            converter=door.client.data_converter,
        )
        async with replace(self.centre, door=replace(door, client=client)).working():
            yield

    def due(self, case: Case, clock_id: str) -> datetime:
        """When a clock of a case falls due."""
        found = clocks_.due_at(clock(case, clock_id), self.centre.book.calendars)
        assert found
        return found

    async def on_time(self, case_no: str) -> bool | None:
        """Whether the unit kept to its limit."""
        case = await self.centre.case(case_no)
        return clocks_.on_time(clock(case, "handle"), self.centre.book.calendars)

    async def heard(self, *cases: str) -> None:
        """What was written down is told, and who was overdue is woken."""
        centre = self.centre
        reconciler = Reconciler(
            activities=centre.activities, tell=centre.door.tell, overdue=timedelta(0)
        )
        for case_no in cases:
            await centre.make_due_to_tell(case_no)
        await reconciler.sweep()
        await reconciler.wake_overdue()
        for case_no in cases:
            await self.house.eventually(partial(self._caught_up, case_no))

    async def _caught_up(self, case_no: str) -> bool:
        case = await self.centre.case(case_no)
        running = [one for one in case.clocks if one.stopped_at is None]
        nearest = clocks_.earliest(running, self.centre.book.calendars)
        behind = nearest is not None and nearest[2] <= await self.now()
        return not behind and await self.centre.unjudged(case_no) == 0


@pytest.fixture
async def story(house: House) -> Story:
    """The house on the Monday after the next, without a holiday, its limits as in the pack."""
    local = datetime.now(UTC).astimezone(ZONE)
    day = local + timedelta(days=14 - local.weekday())
    midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)
    made = Story(house, midnight)
    await made.centre.change_calendar()
    await made.centre.change_flow(question_pause=Limit(value=3, unit=Unit.WORK_HOUR))
    made.at("09:00")
    return made


def clock(case: Case, clock_id: str) -> Clock:
    return next(one for one in case.clocks if one.clock_id == clock_id)


def close(found: datetime, told: datetime) -> bool:
    """Whether it happened when the story says."""
    return timedelta(0) <= found - told < SLACK


def reds(case: Case) -> list[clocks_.Fired]:
    """What `handle` fired at its limit."""
    return [one for one in clock(case, "handle").fired if one.percent == clocks_.RED]


@dataclass(frozen=True, kw_only=True)
class Cases:
    """The cases of the story, by what happens to them while Temporal is away."""

    held: str
    held_late: str
    longer: str
    longer_late: str
    handled: str
    kept: str
    kept_late: str
    asked: str
    returned: str

    def all(self) -> tuple[str, ...]:
        """Their numbers."""
        return astuple(self)


async def morning(story: Story) -> Cases:
    """Everything runs: dispatched, a question and two returns asked, two requests waiting."""
    centre, at = story.centre, story.at
    green = [await story.green() for _ in range(5)]
    kept, kept_late = await story.road(), await story.road()
    at("09:10")
    asked = await handed(centre, subclass=GREEN, source=Source.HOTLINE)
    await centre.must(asked, "parks.desk", Step(action=Action.SIGN))
    at("10:00")
    question = Step(action=Action.ASK_REPORTER, text="在哪一侧")
    await centre.must(asked, "parks.crew", question)
    at("10:45")
    returned = await story.green()
    at("11:00")
    for one in (kept, kept_late):
        await centre.must(one, "roads.head", reasoned(centre, Action.RETURN))
    at("14:20")
    more = reasoned(centre, Action.REQUEST_EXTENSION, amount=2.0)
    for one in green[2:4]:
        await centre.must(one, "parks.crew", more)
    cases = Cases(
        held=green[0],
        held_late=green[1],
        longer=green[2],
        longer_late=green[3],
        handled=green[4],
        kept=kept,
        kept_late=kept_late,
        asked=asked,
        returned=returned,
    )
    await story.heard(*cases.all())
    return cases


async def outage(story: Story, cases: Cases) -> None:
    """An hour without Temporal, in which most of the limits fall due, at 15:00."""
    centre, at, ask = story.centre, story.at, story.centre.ask
    at("14:30")
    await story.house.temporal.kill()
    at("14:40")
    await ask(cases.returned, "parks.head", reasoned(centre, Action.RETURN))
    at("14:45")
    await ask(cases.asked, "reporter", Step(action=Action.REPLY, text="东侧"))
    at("14:50")
    until = story.monday + timedelta(days=3)
    hold = reasoned(centre, Action.REQUEST_HOLD, reason="hold_season", until=until)
    await ask(cases.held, "parks.head", hold)
    await ask(cases.held_late, "parks.head", hold)
    await ask(cases.kept, "dispatcher1", reasoned(centre, Action.REJECT_RETURN))
    at("14:55")
    longer = Step(action=Action.APPROVE_EXTENSION)
    await ask(cases.longer, "dispatcher1", longer)
    at("14:57")
    wait = Step(action=Action.APPROVE_HOLD)
    await ask(cases.held, "dispatcher1", wait)
    at("15:10")
    await ask(cases.longer_late, "dispatcher1", longer)
    at("15:20")
    await ask(cases.held_late, "command1", wait)
    await ask(cases.kept_late, "dispatcher1", reasoned(centre, Action.REJECT_RETURN))
    untold = [await centre.unjudged(one) for one in cases.all()]
    assert untold == [2, 2, 1, 1, 0, 1, 1, 1, 1]
    at("15:30")
    await story.house.temporal.restart()


async def test_nobody_is_late_who_acted_in_time_while_temporal_was_away(story: Story) -> None:
    centre = story.centre
    async with story.working():
        cases = await morning(story)
    await outage(story, cases)

    async with story.working():
        await story.heard(*cases.all())
        for command_id in centre.written:
            row = await centre.verdict(command_id)
            assert (row.verdict, row.refusal) == ("done", None)
        await check_holds(story, cases)
        for case_no, red in ((cases.longer, 0), (cases.longer_late, 1)):
            await check_extension(story, case_no, red)
        await check_return_and_reply(story, cases)
        await check_deciders(story, cases)
        await check_superseded(story, cases.handled)
        for case_no in cases.all():
            await centre.until_in_step(case_no)
            assert await centre.snapshot(case_no) == await centre.case(case_no)
            log = await centre.events(case_no)
            rungs = [one.cause_id for one in log if one.action is Action.RUNG]
            assert len(rungs) == len(set(rungs))


async def check_holds(story: Story, cases: Cases) -> None:
    """Asked for and approved before the limit: it never came; else it came, and stays."""
    centre = story.centre
    case = await centre.case(cases.held)
    assert (case.state, reds(case)) == (State.ON_HOLD, [])
    [pause] = clock(case, "handle").pauses
    assert pause.reason == HOLD
    assert close(pause.start, story.moment("14:57"))
    story.at("16:00")
    resume = Step(action=Action.RESUME, text="已具备条件")
    await centre.must(cases.held, "parks.desk", resume)
    await centre.must(cases.held, "parks.crew", fed())
    assert await story.on_time(cases.held)

    case = await centre.case(cases.held_late)
    assert (case.state, len(reds(case))) == (State.ON_HOLD, 1)
    assert not reds(case)[0].superseded
    log = await centre.events(cases.held_late)
    [approved] = [one for one in log if one.action is Action.APPROVE_HOLD]
    assert (approved.row, approved.role) == ("T41", Role.COMMAND_CHIEF)


async def check_extension(story: Story, case_no: str, red: int) -> None:
    """It counts from the old due time, whenever it was decided."""
    centre = story.centre
    case = await centre.case(case_no)
    assert (len(reds(case)), clock(case, "handle").extended) == (red, timedelta(hours=2))
    assert close(story.due(case, "handle"), story.moment("17:00"))
    await centre.must(case_no, "parks.crew", fed())
    assert await story.on_time(case_no)


async def check_return_and_reply(story: Story, cases: Cases) -> None:
    """The return came before its window ended at 14:45; the answer ended its pause then."""
    centre = story.centre
    case = await centre.case(cases.returned)
    assert case.state is State.RETURNED
    assert clock(case, "handle").fired[0].percent == 50
    await centre.must(cases.returned, "dispatcher1", Step(action=Action.ACCEPT_RETURN))
    handle = clock(await centre.case(cases.returned), "handle")
    assert handle.outcome is Outcome.RETURNED
    assert await story.on_time(cases.returned) is None

    case = await centre.case(cases.asked)
    [pause] = clock(case, "handle").pauses
    assert pause.end
    assert close(pause.end, story.moment("14:45"))
    assert (case.questions[0].answered, clock(case, "question").fired) == (True, ())


async def check_deciders(story: Story, cases: Cases) -> None:
    """One in time is not on record as late; one who was is, and the unit has that time."""
    centre = story.centre
    case = await centre.case(cases.kept)
    assert (case.state, clock(case, "handle").pauses) == (State.SIGNED, ())
    assert not clock(case, "decide").fired

    case = await centre.case(cases.kept_late)
    late = story.due(case, "decide")
    assert close(late, story.moment("15:00"))
    handle = clock(case, "handle")
    [pause] = handle.pauses
    assert (pause.start, pause.reason) == (late, LATE_DECIDER)
    assert pause.end
    assert close(pause.end, story.moment("15:20"))
    calendar = centre.book.calendars[case.calendar]
    without = clocks_.due_at(replace(handle, pauses=()), centre.book.calendars)
    assert without
    moved = calendar.working_between(without, story.due(case, "handle"))
    assert moved == pause.end - pause.start


async def check_superseded(story: Story, case_no: str) -> None:
    """Handled at 14:59, and on record only after the limit had rung: the fact follows it."""
    centre = story.centre
    case = await centre.case(case_no)
    assert (len(reds(case)), case.escalation, case.supervised) == (1, 2, True)

    async def then() -> datetime:
        return story.moment("14:59")

    await replace(centre, clock=then).must(case_no, "parks.crew", fed())
    case = await centre.case(case_no)
    assert [one.superseded for one in reds(case)] == [True]
    assert case.escalation == 1
    assert await story.on_time(case_no)
    reasons = [one.reason for one in await centre.events(case_no)]
    assert reasons.count("handle 100%") == 1
