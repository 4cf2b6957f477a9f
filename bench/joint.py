"""The three-department case: a lead, two helpers, one of whom waits for the lead."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from bench.site import BOOK_SECONDS, Person, Site, checked, new_report
from domain.command import Step
from domain.joint import task_id
from domain.plan import Plan, PlannedTask
from domain.policy import FlowRule
from domain.terms import Action, Result

SUBCLASS = "E01-10"
"""Of the joint cases; its reports wait for a dispatcher."""
PLAN = Plan(
    tasks=(
        PlannedTask(task_no=1, unit="water", lead=True, scope="止水抢修"),
        PlannedTask(task_no=2, unit="traffic_police", scope="交通疏导"),
        PlannedTask(task_no=3, unit="roads", scope="恢复路面", after=(1,)),
    )
)
ORDER = (2, 1, 3)
WAIT = 60.0


@asynccontextmanager
async def planned_by_hand(site: Site) -> AsyncIterator[None]:
    """While the block runs, reports of `SUBCLASS` wait for a dispatcher, as data."""
    policy = site.policy
    rule = FlowRule(name="joint", classes=(SUBCLASS,), changes={"auto_dispatch": False})
    await site.publish(replace(policy, rules=(*policy.rules, rule)))
    await asyncio.sleep(BOOK_SECONDS)
    yield
    await site.publish(policy)


class JointPerson(Person):
    """Lives joint cases through the acting core."""

    async def joint(self) -> str:
        """One from report to closed; its number."""
        report = new_report(self.site.book, subclass=SUBCLASS)
        made = await self.site.acting.report(report)
        await self.judged(made)
        case_no = made.case_no
        await self.act(case_no, "dispatcher1", Step(action=Action.PLAN, plan=PLAN))
        for number in ORDER:
            await self._share(case_no, number)
        await self._until_state(case_no, "fed_back")
        await self.act(case_no, "dispatcher1", Step(action=Action.PASS_REVIEW))
        check = checked(await self.photo(case_no))
        await self.act(case_no, (await self.holder(case_no)).asked, check)
        return case_no

    async def _share(self, case_no: str, number: int) -> None:
        """A unit signs its task and feeds back; the lead's reply is the citizen's."""
        own, planned = task_id(case_no, number), PLAN.tasks[number - 1]
        await self._until_state(own, "dispatched")
        desk = planned.unit.replace("_", "-")
        await self.act(own, f"{desk}.desk", Step(action=Action.SIGN))
        fed = Step(
            action=Action.FEED_BACK,
            result=Result.SOLVED,
            text="已处置",
            photos=(await self.photo(own),),
            for_citizen=planned.lead,
        )
        await self.act(own, f"{desk}.crew", fed)

    async def _until_state(self, number: str, state: str) -> None:
        """Wait for what follows by itself; a task counts once its own log has begun."""
        async with asyncio.timeout(WAIT):
            while (row := await self.holder(number)).state != state or not row.seq:  # noqa: ASYNC110  another process
                await asyncio.sleep(0.02)
