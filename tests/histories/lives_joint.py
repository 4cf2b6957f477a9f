"""Lives of joint cases: several departments on one case, each on a timeline of its own."""

from datetime import timedelta

from domain.calendar import Limit, Unit
from domain.command import Step
from domain.joint import task_id
from domain.plan import Plan, PlannedTask
from domain.terms import Action, Finish, State, TaskState
from tests.histories.living import (
    DAY,
    Kept,
    Life,
    Scene,
    dispatched,
    fed,
    passed,
    reasoned,
    week_off,
)
from workflows.case import CaseWorkflow
from workflows.client import workflow_id
from workflows.messages import CaseStart


def planned(number: int, unit: str, *after: int, lead: bool = False) -> PlannedTask:
    """One department's share."""
    scope = f"{unit} 的份内事"
    return PlannedTask(task_no=number, unit=unit, lead=lead, after=after, scope=scope)


WATER = planned(1, "water", lead=True)
TRAFFIC = planned(2, "traffic_police")
ROADS = planned(3, "roads")
THREE = Plan(tasks=(WATER, TRAFFIC, ROADS))


async def given(scene: Scene, plan: Plan = THREE) -> str:
    """A filed case that the dispatcher gives to several departments."""
    centre = scene.centre
    await scene.change_flow(auto_dispatch=False)
    case_no = await centre.report()
    await centre.until(case_no, lambda one: one.state is State.FILED)
    await replanned(scene, case_no, plan)
    return case_no


async def replanned(scene: Scene, case_no: str, plan: Plan) -> None:
    """The dispatcher submits the whole plan; those that begin have begun, others are told."""
    centre = scene.centre
    await centre.must(case_no, "dispatcher1", Step(action=Action.PLAN, plan=plan))
    await told(scene, case_no)
    for task in (await centre.case(case_no)).tasks:
        if task.state is TaskState.DISPATCHED:
            await centre.until(task_id(case_no, task.task_no), lambda one: one.seq > 0)


async def told(scene: Scene, case_no: str) -> None:
    """What follows for the tasks is told."""
    tasks = (await scene.centre.case(case_no)).tasks
    await scene.follow(*(task_id(case_no, one.task_no) for one in tasks))


async def asks(scene: Scene, case_no: str, task: int, desk: str, step: Step) -> None:
    """Somebody of the unit that has a task, or a person of the centre, acts on it."""
    number = task_id(case_no, task)
    await scene.centre.until(number, lambda one: one.seq > 0)
    unit = (await scene.centre.case(number)).unit.replace("_", "-")
    login = f"{unit}{desk}" if desk.startswith(".") else desk
    await scene.centre.must(number, login, step)


async def signs(scene: Scene, case_no: str, *tasks: int) -> None:
    """Units sign their tasks."""
    for task in tasks:
        await asks(scene, case_no, task, ".desk", Step(action=Action.SIGN))


async def does(scene: Scene, case_no: str, task: int, *, for_citizen: bool = False) -> None:
    """A unit signs its task, if it has not, and feeds back; its case hears of it."""
    number = task_id(case_no, task)
    case = await scene.centre.until(number, lambda one: one.seq > 0)
    if case.state is State.DISPATCHED:
        await signs(scene, case_no, task)
    await asks(scene, case_no, task, ".crew", fed(for_citizen=for_citizen))
    await over(scene, case_no, task)


async def over(scene: Scene, case_no: str, *tasks: int) -> None:
    """Tasks have ended: their workflows have, and their case has heard of it."""
    centre = scene.centre
    for task in tasks:
        number = task_id(case_no, task)
        await centre.until(number, lambda one: one.ended)
        await centre.door.client.get_workflow_handle(workflow_id(number)).result()
    ended = (TaskState.DONE, TaskState.RETURNED, TaskState.WITHDRAWN, TaskState.WAIVED)
    await scene.follow(case_no)
    await centre.until(
        case_no,
        lambda one: all(it.state in ended for it in one.tasks if it.task_no in tasks),
    )


async def kept(scene: Scene, case_no: str) -> tuple[Kept, ...]:
    """The histories of the case and of each task that began."""
    centre = scene.centre
    await scene.follow(case_no)
    await told(scene, case_no)
    await centre.until_in_step(case_no)
    found = [Kept(case_no=case_no, name="case")]
    for task in (await centre.case(case_no)).tasks:
        number = task_id(case_no, task.task_no)
        if task.joint and await centre.events(number):
            await centre.until_in_step(number)
            found.append(Kept(case_no=number, name=f"t{task.task_no}"))
    return tuple(found)


async def joint_happy(scene: Scene) -> tuple[Kept, ...]:
    """Three departments, one outcome: summed up by the lead's reply, checked, archived."""
    centre = scene.centre
    case_no = await given(scene)
    await signs(scene, case_no, 1, 2, 3)
    await does(scene, case_no, 2)
    await does(scene, case_no, 3)
    await does(scene, case_no, 1, for_citizen=True)
    await centre.until(case_no, lambda one: one.state is State.FED_BACK)
    await passed(centre, case_no)
    await scene.wait(timedelta(days=16))
    await centre.until(case_no, lambda one: one.ended)
    return await kept(scene, case_no)


async def joint_returned(scene: Scene) -> tuple[Kept, ...]:
    """One return is taken back, one is rejected, one is agreed to: another unit comes in."""
    centre = scene.centre
    case_no = await given(scene)
    returned = reasoned(centre, Action.RETURN)
    await asks(scene, case_no, 1, ".head", returned)
    await asks(scene, case_no, 1, ".head", Step(action=Action.WITHDRAW_RETURN))
    await asks(scene, case_no, 3, ".head", returned)
    rejected = reasoned(centre, Action.REJECT_RETURN)
    await asks(scene, case_no, 3, "dispatcher1", rejected)
    await asks(scene, case_no, 2, ".head", returned)
    await asks(scene, case_no, 2, "dispatcher1", Step(action=Action.ACCEPT_RETURN))
    await over(scene, case_no, 2)
    await replanned(scene, case_no, Plan(tasks=(WATER, ROADS, planned(4, "enforcement"))))
    await does(scene, case_no, 4)
    await does(scene, case_no, 3)
    await does(scene, case_no, 1, for_citizen=True)
    await passed(centre, case_no)
    return await kept(scene, case_no)


async def joint_chain(scene: Scene) -> tuple[Kept, ...]:
    """Each waits for the one before: held, extended, by stages; the limits ring meanwhile."""
    centre = scene.centre
    roads, greens = planned(2, "roads", 1), planned(3, "parks", 1, 2)
    case_no = await given(scene, Plan(tasks=(WATER, roads, greens)))
    await signs(scene, case_no, 1)
    until = await scene.now() + 20 * DAY
    held = reasoned(centre, Action.REQUEST_HOLD, reason="hold_budget", until=until)
    await asks(scene, case_no, 1, ".head", held)
    await asks(scene, case_no, 1, "dispatcher1", reasoned(centre, Action.REFUSE_HOLD))
    await asks(scene, case_no, 1, ".head", held)
    await asks(scene, case_no, 1, "dispatcher1", Step(action=Action.APPROVE_HOLD))
    await scene.wait(3 * DAY)
    await asks(scene, case_no, 1, ".desk", Step(action=Action.RESUME, text="款项已到"))
    await does(scene, case_no, 1)
    await signs(scene, case_no, 2)
    asked = reasoned(centre, Action.REQUEST_EXTENSION, amount=8.0)
    await asks(scene, case_no, 2, ".crew", asked)
    await asks(scene, case_no, 2, "dispatcher1", Step(action=Action.APPROVE_EXTENSION))
    await asks(scene, case_no, 2, ".crew", asked)
    refused = reasoned(centre, Action.REFUSE_EXTENSION)
    await asks(scene, case_no, 2, "duty1", refused)
    named = Step(action=Action.ASSIGN, person="roads.crew", amount=4.0)
    await asks(scene, case_no, 2, ".head", named)
    await asks(scene, case_no, 2, ".crew", Step(action=Action.START))
    await scene.wait(30 * DAY)
    await does(scene, case_no, 2)
    await does(scene, case_no, 3)
    await scene.wait(10 * DAY)
    await centre.must(case_no, "water.crew", Step(action=Action.SUM_UP, text="已恢复"))
    await passed(centre, case_no)
    return await kept(scene, case_no)


async def joint_lead_swapped(scene: Scene) -> tuple[Kept, ...]:
    """Another department leads, with another limit; one is let off, one withdrawn, one late."""
    centre = scene.centre
    first = (WATER, TRAFFIC, ROADS, planned(4, "parks"), planned(5, "sanitation", 1))
    case_no = await given(scene, Plan(tasks=first))
    await signs(scene, case_no, 1, 2, 3)
    limit = Limit(value=80, unit=Unit.WORK_HOUR)
    swapped = (
        planned(1, "water"),
        PlannedTask(task_no=2, unit="traffic_police", lead=True, limit=limit),
        ROADS,
        planned(5, "sanitation", 1),
    )
    finish = Plan(tasks=swapped, finish=Finish.SOME, quorum=1)
    await replanned(scene, case_no, finish)
    await over(scene, case_no, 4)
    await centre.must(case_no, "dispatcher1", reasoned(centre, Action.WAIVE, task=3))
    await told(scene, case_no)
    await over(scene, case_no, 3)
    await does(scene, case_no, 1)
    await does(scene, case_no, 2)
    summed = Step(action=Action.SUM_UP, text="已疏导")
    await centre.must(case_no, "traffic-police.crew", summed)
    await told(scene, case_no)
    await over(scene, case_no, 5)
    await passed(centre, case_no)
    return await kept(scene, case_no)


async def joint_check_failed(scene: Scene) -> tuple[Kept, ...]:
    """The check names one task; it alone is done again."""
    centre = scene.centre
    case_no = await given(scene)
    await does(scene, case_no, 2)
    await does(scene, case_no, 3)
    await does(scene, case_no, 1, for_citizen=True)
    await centre.must(case_no, "dispatcher1", Step(action=Action.PASS_REVIEW))
    asked = (await centre.case(case_no)).asked
    failed = reasoned(centre, Action.CHECK_FAIL, photos=fed().photos, tasks=(3,))
    await centre.must(case_no, asked, failed)
    await told(scene, case_no)
    number = task_id(case_no, 3)
    await centre.until(number, lambda one: one.state is State.HANDLING)
    await does(scene, case_no, 3)
    await centre.must(case_no, "water.crew", Step(action=Action.SUM_UP, text="已恢复"))
    await passed(centre, case_no)
    return await kept(scene, case_no)


async def joint_mid_way(scene: Scene) -> tuple[Kept, ...]:
    """One department has it for a day, returned it once, and was warned: then it is joint."""
    centre = scene.centre
    case_no = await dispatched(centre)
    unit = (await centre.case(case_no)).unit
    await centre.must(case_no, f"{unit}.head", reasoned(centre, Action.RETURN))
    await centre.must(case_no, "dispatcher1", reasoned(centre, Action.REJECT_RETURN))
    await centre.must(case_no, f"{unit}.crew", Step(action=Action.START))
    await scene.wait(DAY)
    own = planned(1, unit, lead=True)
    await replanned(scene, case_no, Plan(tasks=(own, planned(2, "water"))))
    await does(scene, case_no, 2)
    await does(scene, case_no, 1, for_citizen=True)
    await centre.until(case_no, lambda one: one.state is State.FED_BACK)
    await passed(centre, case_no)
    return await kept(scene, case_no)


async def joint_voided(scene: Scene) -> tuple[Kept, ...]:
    """Voided while one is done, one is open and one has not begun: no task is left."""
    centre = scene.centre
    waits = planned(3, "roads", 1)
    case_no = await given(scene, Plan(tasks=(WATER, TRAFFIC, waits)))
    await does(scene, case_no, 2)
    await signs(scene, case_no, 1)
    await centre.must(case_no, "supervisor1", reasoned(centre, Action.REQUEST_VOID))
    await centre.must(case_no, "duty1", reasoned(centre, Action.VOID))
    await told(scene, case_no)
    number = task_id(case_no, 1)
    await centre.until(number, lambda one: one.ended)
    for one in (number, case_no):
        await centre.door.client.get_workflow_handle(workflow_id(one)).result()
    return await kept(scene, case_no)


async def joint_handed_over(scene: Scene) -> tuple[Kept, ...]:
    """A task is offered: declined, withdrawn, left unanswered, taken; another is recalled."""
    centre = scene.centre
    await scene.change_flow(max_handovers=4)
    case_no = await given(scene, Plan(tasks=(WATER, TRAFFIC, ROADS, planned(4, "parks"))))
    await signs(scene, case_no, 2)
    offer = reasoned(centre, Action.OFFER_HANDOVER, unit="sanitation")
    declined = Step(action=Action.DECLINE_HANDOVER, text="非我职责")
    await asks(scene, case_no, 2, ".head", offer)
    await asks(scene, case_no, 2, "sanitation.desk", declined)
    await asks(scene, case_no, 2, ".head", offer)
    await asks(scene, case_no, 2, ".desk", Step(action=Action.STOP_HANDOVER))
    await asks(scene, case_no, 2, ".head", offer)
    await scene.wait(3 * DAY)
    number = task_id(case_no, 2)
    await centre.until(number, lambda one: not one.offered_to)
    await asks(scene, case_no, 2, ".head", offer)
    await asks(scene, case_no, 2, "sanitation.desk", Step(action=Action.TAKE_HANDOVER))
    await asks(scene, case_no, 4, "dispatcher1", reasoned(centre, Action.RECALL))
    await over(scene, case_no, 4)
    await does(scene, case_no, 2)
    await does(scene, case_no, 3)
    await does(scene, case_no, 1, for_citizen=True)
    await centre.until(case_no, lambda one: one.state is State.FED_BACK)
    await passed(centre, case_no)
    return await kept(scene, case_no)


async def joint_arbitrated(scene: Scene) -> tuple[Kept, ...]:
    """One objects and has to keep its task; the case's third return is ruled out; letters."""
    centre = scene.centre
    case_no = await given(scene)
    returned = reasoned(centre, Action.RETURN)
    rejected = reasoned(centre, Action.REJECT_RETURN)
    await asks(scene, case_no, 3, ".head", returned)
    await asks(scene, case_no, 3, "dispatcher1", rejected)
    await asks(scene, case_no, 3, ".head", reasoned(centre, Action.OBJECT))
    await asks(scene, case_no, 3, "command1", Step(action=Action.RULE, unit="roads"))
    await centre.until(task_id(case_no, 2), lambda one: len(one.returns) == 1)
    await asks(scene, case_no, 2, ".head", returned)
    await asks(scene, case_no, 2, "dispatcher1", rejected)
    offer = reasoned(centre, Action.OFFER_HANDOVER, unit="sanitation")
    await asks(scene, case_no, 2, ".head", offer)
    await asks(scene, case_no, 2, "sanitation.desk", Step(action=Action.TAKE_HANDOVER))
    await asks(scene, case_no, 2, ".head", returned)
    await asks(scene, case_no, 2, "command1", Step(action=Action.RULE, unit="enforcement"))
    await over(scene, case_no, 2)
    await replanned(scene, case_no, Plan(tasks=(WATER, ROADS, planned(4, "enforcement"))))
    await asks(scene, case_no, 1, "supervisor1", Step(action=Action.URGE))
    await asks(scene, case_no, 1, "supervisor1", Step(action=Action.COMMENT, text="请从速"))
    await asks(
        scene, case_no, 1, "supervisor1", Step(action=Action.SUPERVISE, text="请说明进展")
    )
    reply = Step(action=Action.SUPERVISE_REPLY, text="已安排")
    await asks(scene, case_no, 1, ".head", reply)
    await does(scene, case_no, 4)
    await does(scene, case_no, 3)
    await does(scene, case_no, 1, for_citizen=True)
    await centre.until(case_no, lambda one: one.state is State.FED_BACK)
    await passed(centre, case_no)
    return await kept(scene, case_no)


async def joint_sent_back(scene: Scene) -> tuple[Kept, ...]:
    """The summary is sent back for one task, by stages; two are still at it, and stay so."""
    centre = scene.centre
    await scene.change_flow(auto_dispatch=False)
    case_no = await centre.report(subclass="E01-01", condition=3)
    await centre.until(case_no, lambda one: one.state is State.FILED)
    leads = planned(1, "enforcement", lead=True)
    plan = Plan(tasks=(leads, TRAFFIC, ROADS), finish=Finish.LEAD)
    await replanned(scene, case_no, plan)
    await signs(scene, case_no, 1, 3)
    for stage in ("stop", "penalty", "demolish"):
        done = Step(action=Action.MARK_STAGE, stage=stage)
        await asks(scene, case_no, 1, ".crew", done)
    said = Step(action=Action.SAY_DONE, text="已拆除", photos=fed().photos)
    await asks(scene, case_no, 1, ".crew", said)
    urged = Step(action=Action.URGE_TASK, task=3, text="请从速")
    await centre.must(case_no, "enforcement.desk", urged)
    await told(scene, case_no)
    await does(scene, case_no, 2)
    await does(scene, case_no, 3)
    await does(scene, case_no, 1, for_citizen=True)
    await centre.until(case_no, lambda one: one.state is State.FED_BACK)
    back = reasoned(centre, Action.REJECT_FEEDBACK, tasks=(1, 3))
    await centre.must(case_no, "dispatcher1", back)
    for task in (1, 3):
        number = task_id(case_no, task)
        await centre.until(number, lambda one: one.state is State.HANDLING)
    note = Step(action=Action.COMMENT, text="请补照片")  # its workflow hears where they stand
    await centre.must(case_no, "supervisor1", note)
    return await kept(scene, case_no)


async def joint_repinned(scene: Scene) -> tuple[Kept, ...]:
    """A week off is published: two departments' limits move, the third begins by it."""
    centre = scene.centre
    plan = Plan(tasks=(WATER, TRAFFIC, planned(3, "roads", 1)))
    case_no = await given(scene, plan)
    await signs(scene, case_no, 1)
    key = await week_off(scene, case_no)
    await told(scene, case_no)
    for task in (1, 2):
        await centre.until(task_id(case_no, task), lambda one: one.calendar == key)
    await scene.wait(9 * DAY)
    await does(scene, case_no, 2)
    await does(scene, case_no, 1, for_citizen=True)
    await does(scene, case_no, 3)
    await centre.until(case_no, lambda one: one.state is State.FED_BACK)
    await passed(centre, case_no)
    return await kept(scene, case_no)


async def joint_continued(scene: Scene) -> tuple[Kept, ...]:
    """A case starts again beside its tasks, and continues as new: they say that they end."""
    centre = scene.centre
    case_no = await given(scene)
    client = centre.door.client
    await client.get_workflow_handle(workflow_id(case_no)).terminate("by hand")
    old = await client.start_workflow(
        CaseWorkflow.run,
        CaseStart(case_no=case_no, generation=0),
        id=workflow_id(case_no),
        task_queue=centre.door.task_queue,
    )
    first = old.result_run_id or ""
    await centre.until_in_step(case_no)
    await scene.wait(timedelta(seconds=1))  # its tasks have heard
    await centre.must(case_no, "supervisor1", Step(action=Action.URGE))
    await scene.until_next_run(case_no, first)
    known = (await centre.case(case_no)).seq
    await centre.until_in_step(case_no)
    await does(scene, case_no, 2)
    await does(scene, case_no, 3)
    await does(scene, case_no, 1, for_citizen=True)
    await centre.until(case_no, lambda one: one.state is State.FED_BACK)
    run = Kept(case_no=case_no, run_id=first, seq=known, name="case-2")
    return *await kept(scene, case_no), run


JOINT: tuple[Life, ...] = (
    joint_happy,
    joint_returned,
    joint_chain,
    joint_lead_swapped,
    joint_check_failed,
    joint_mid_way,
    joint_voided,
    joint_handed_over,
    joint_arbitrated,
    joint_sent_back,
    joint_repinned,
    joint_continued,
)
