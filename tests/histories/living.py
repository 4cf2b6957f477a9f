"""What the recorded lives have in common: where they live, and the steps they begin with."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio.testing import WorkflowEnvironment

from activities.reconcile import Reconciler
from domain.calendar import DayException, DayKind
from domain.command import Step
from domain.preview import preview
from domain.repin import Versions
from domain.terms import Action, Result, Source, State
from embedded.centre import DEADLINE, LITTER, PHOTO, Centre
from registry import changes
from registry.changes import Change
from workflows.client import workflow_id

DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A history to keep: the last run of a case, or an earlier one.

    Attributes:
        case_no: The case.
        run_id: The run; empty is the last.
        seq: Last event that the run knew; 0 is the last of all.
        name: Of its file after the life's; empty: its number.
    """

    case_no: str
    run_id: str = ""
    seq: int = 0
    name: str = ""


@dataclass(frozen=True)
class Scene:
    """A centre on a server that skips time."""

    centre: Centre
    env: WorkflowEnvironment

    async def now(self) -> datetime:
        """The only clock there is."""
        return await self.env.get_current_time()

    async def wait(self, span: timedelta) -> None:
        """Let time pass."""
        await self.env.sleep(span)

    async def wait_until(self, moment: datetime) -> None:
        """Let time pass until then."""
        await self.env.sleep(moment - await self.now())

    async def until_next_run(self, case_no: str, run_id: str) -> None:
        """Wait until a run has continued as new."""
        handle = self.centre.door.client.get_workflow_handle(workflow_id(case_no))
        async with asyncio.timeout(DEADLINE):
            while (await handle.describe()).run_id == run_id:  # noqa: ASYNC110  another process
                await asyncio.sleep(0.05)

    async def change_flow(self, **changes: object) -> None:
        """Put a policy in force for the reports from now on."""
        await self.centre.change_flow(**changes)
        await self.wait(timedelta(seconds=1))

    async def follow(self, *numbers: str) -> None:
        """Tell cases what follows for them from others, as the reconciler does."""
        centre = self.centre
        for number in numbers:
            await centre.make_due_to_tell(number)
        reconciler = Reconciler(activities=centre.activities, tell=centre.door.tell)
        await reconciler.sweep()


Life = Callable[[Scene], Awaitable[str | tuple[Kept, ...]]]


def reasoned(centre: Centre, action: Action, **more: object) -> Step:
    """A step with a reason and a text."""
    given = {"reason": centre.reason(action), "text": "说明"} | more
    return Step(action=action, **given)  # type: ignore[arg-type]  # by name


def fed(**more: object) -> Step:
    """A feedback with all that a condition may ask for."""
    given = {"result": Result.SOLVED, "text": "已处理", "photos": (PHOTO,)} | more
    return Step(action=Action.FEED_BACK, **given)  # type: ignore[arg-type]  # by name


async def dispatched(centre: Centre) -> str:
    """A patrol report, dispatched by the system."""
    case_no = await centre.report()
    await centre.until(case_no, lambda one: one.state is State.DISPATCHED)
    return case_no


async def reported(centre: Centre, subclass: str = LITTER, **more: object) -> str:
    """A citizen's report that nobody looked at yet."""
    given = {"source": Source.CITIZEN_WEB, "subclass": subclass} | more
    case_no = await centre.report(**given)  # type: ignore[arg-type]  # by name
    await centre.until(case_no, lambda one: one.seq > 0)
    return case_no


async def accepted(centre: Centre, case_no: str) -> None:
    """Verified on the spot."""
    await centre.must(case_no, "acceptor1", Step(action=Action.SEND_VERIFY))
    member = (await centre.case(case_no)).asked
    found = Step(action=Action.VERIFY_FOUND, photos=(PHOTO,), distance=3.0)
    await centre.must(case_no, member, found)


async def handed(centre: Centre, **more: object) -> str:
    """A citizen's report, verified, filed and dispatched to its owner."""
    case_no = await reported(centre, **more)  # type: ignore[arg-type]  # by name
    await accepted(centre, case_no)
    await centre.must(case_no, "duty1", Step(action=Action.FILE, condition=1))
    await to_owner(centre, case_no)
    return case_no


async def to_owner(centre: Centre, case_no: str) -> None:
    """Dispatched to the unit that routing names."""
    unit = centre.owner(await centre.case(case_no))
    await centre.must(case_no, "dispatcher1", Step(action=Action.DISPATCH, unit=unit))


async def passed(centre: Centre, case_no: str) -> None:
    """Reviewed and checked."""
    await centre.must(case_no, "dispatcher1", Step(action=Action.PASS_REVIEW))
    asked = (await centre.case(case_no)).asked
    if asked:
        check = Step(action=Action.CHECK_PASS, photos=(PHOTO,), distance=5.0)
        await centre.must(case_no, asked, check)


async def closed_by(centre: Centre, case_no: str, who: str) -> None:
    """Fed back, reviewed, checked, and closed by the system."""
    await centre.must(case_no, who, fed())
    await passed(centre, case_no)


async def week_off(scene: Scene, case_no: str) -> str:
    """A week off is published while a case runs, and brought to it; the calendar's key."""
    centre, today = scene.centre, (await scene.now()).date()
    off = (
        DayException(day=today + ahead * DAY, kind=DayKind.OFF, name="台风停工 Typhoon")
        for ahead in range(-1, 8)
    )
    key = await centre.change_calendar(*off)
    await scene.wait(timedelta(seconds=1))
    change = Change(versions=Versions(calendar=key), actor=centre.actor("admin1"))
    case = await centre.case(case_no)
    effect = preview(case, centre.book, change.versions, await scene.now(), change.actor)
    async with centre.sessions.begin() as session:
        await changes.write_down(session, change, case_no, effect.versions)
    await scene.follow(case_no)
    await centre.until(case_no, lambda one: one.calendar == key)
    return key
