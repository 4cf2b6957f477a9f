"""Joint cases on a centre: planned by the dispatcher, done by the departments' people."""

from typing import Any

from temporalio.client import WorkflowExecutionDescription, WorkflowHandle

from domain.command import Step
from domain.joint import task_id
from domain.plan import Plan, PlannedTask
from domain.terms import Action, Result, State
from embedded.centre import PHOTO, Centre
from workflows.client import workflow_id

THREE = Plan(
    tasks=(
        PlannedTask(task_no=1, unit="water", lead=True, scope="止水抢修"),
        PlannedTask(task_no=2, unit="traffic_police", scope="交通疏导"),
        PlannedTask(task_no=3, unit="roads", scope="恢复路面", after=(1,)),
    )
)


async def filed(centre: Centre) -> str:
    """A filed case that waits for its dispatcher."""
    await centre.change_flow(auto_dispatch=False)
    case_no = await centre.report()
    await centre.until(case_no, lambda one: one.state is State.FILED)
    return case_no


async def planned(centre: Centre, plan: Plan = THREE) -> str:
    """A filed case that the dispatcher gives to several departments."""
    case_no = await filed(centre)
    await centre.must(case_no, "dispatcher1", Step(action=Action.PLAN, plan=plan))
    return case_no


async def dispatched(centre: Centre, case_no: str, *numbers: int) -> None:
    """Wait until the departments have these tasks."""
    for number in numbers:
        await centre.until(task_id(case_no, number), lambda one: one.state is State.DISPATCHED)


def desk_of(unit: str) -> str:
    """Logins of a unit's people begin so."""
    return unit.replace("_", "-")


async def does(
    centre: Centre, case_no: str, task_no: int, *, for_citizen: bool = False
) -> None:
    """A unit signs its task and feeds back."""
    number = task_id(case_no, task_no)
    case = await centre.until(
        number, lambda one: one.state in {State.DISPATCHED, State.HANDLING}
    )
    desk = desk_of(case.unit)
    if case.state is State.DISPATCHED:
        await centre.must(number, f"{desk}.desk", Step(action=Action.SIGN))
    fed = Step(
        action=Action.FEED_BACK,
        result=Result.SOLVED,
        text="已处置",
        photos=(PHOTO,),
        for_citizen=for_citizen,
    )
    await centre.must(number, f"{desk}.crew", fed)


async def all_do(centre: Centre, case_no: str) -> None:
    """The three departments do their shares; the system sums up by the lead's reply."""
    await does(centre, case_no, 2)
    await does(centre, case_no, 1, for_citizen=True)
    await does(centre, case_no, 3)
    await centre.until(case_no, lambda one: one.state is State.FED_BACK)


async def closed(centre: Centre, case_no: str) -> None:
    """Reviewed, checked, closed."""
    await centre.must(case_no, "dispatcher1", Step(action=Action.PASS_REVIEW))
    asked = (await centre.case(case_no)).asked
    check = Step(action=Action.CHECK_PASS, photos=(PHOTO,), distance=5.0)
    await centre.must(case_no, asked, check)
    await centre.until(case_no, lambda one: one.state is State.CLOSED)


def handle_of(centre: Centre, number: str) -> WorkflowHandle[Any, Any]:
    """The workflow of a case or of a task, whichever run is the last."""
    return centre.door.client.get_workflow_handle(workflow_id(number))


async def described(centre: Centre, number: str) -> WorkflowExecutionDescription:
    """How Temporal has it."""
    return await handle_of(centre, number).describe()


async def one_outcome(centre: Centre, case_no: str) -> None:
    """Registry and workflows agree; one summary; of each timeline every cause came once."""
    await centre.until_in_step(case_no)
    case = await centre.case(case_no)
    log = await centre.events(case_no)
    assert [one.action for one in log].count(Action.SUM_UP) == 1
    assert await centre.snapshot(case_no) == case
    for task in case.tasks:
        number = task_id(case_no, task.task_no)
        own = await centre.case(number)
        assert await centre.snapshot(number) == own
        rungs = [
            one.cause_id for one in await centre.events(number) if "clock/" in one.cause_id
        ]
        assert len(rungs) == len(set(rungs))
        if own.ended:
            await handle_of(centre, number).result()
            assert await centre.in_workflow(number) == own
