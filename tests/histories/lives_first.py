"""The first lives: the path, its simple detours, and what happens to a workflow."""

from datetime import timedelta

from domain.command import Step
from domain.terms import Action, Solved, Source
from embedded.centre import PHOTO
from tests.histories.living import Life, Scene, dispatched, fed, reasoned
from workflows.client import workflow_id


async def plain(scene: Scene) -> str:
    """Report to archived."""
    centre = scene.centre
    case_no = await dispatched(centre)
    await centre.to_closed(case_no)
    await scene.wait(timedelta(days=16))
    await centre.until(case_no, lambda one: one.ended)
    return case_no


async def citizen(scene: Scene) -> str:
    """A citizen's report: verified, filed, dispatched, closed, rated, archived."""
    centre = scene.centre
    case_no = await centre.report(source=Source.CITIZEN_WEB)
    await centre.must(case_no, "acceptor1", Step(action=Action.SEND_VERIFY))
    member = (await centre.case(case_no)).asked
    await centre.must(
        case_no,
        member,
        Step(action=Action.VERIFY_FOUND, photos=(PHOTO,), distance=3.0),
    )
    await centre.must(case_no, "duty1", Step(action=Action.FILE, condition=1))
    unit = centre.owner(await centre.case(case_no))
    await centre.must(case_no, "dispatcher1", Step(action=Action.DISPATCH, unit=unit))
    await centre.to_closed(case_no)
    rating = Step(action=Action.RATE, solved=Solved.YES, score=5)
    await centre.must(case_no, "reporter", rating)
    await scene.wait(timedelta(days=16))
    await centre.until(case_no, lambda one: one.ended)
    return case_no


async def returned(scene: Scene) -> str:
    """Returned, sent back as wrong, returned and agreed, given to another unit."""
    centre = scene.centre
    case_no = await dispatched(centre)
    first = (await centre.case(case_no)).unit
    await centre.must(case_no, f"{first}.head", reasoned(centre, Action.RETURN))
    await centre.must(case_no, "dispatcher1", reasoned(centre, Action.REJECT_RETURN))
    await centre.must(case_no, f"{first}.head", reasoned(centre, Action.RETURN))
    await centre.must(case_no, "dispatcher1", Step(action=Action.ACCEPT_RETURN))
    other = Step(action=Action.DISPATCH, unit="sanitation", text="备选单位")
    await centre.must(case_no, "dispatcher1", other)
    await centre.must(case_no, "dispatcher1", reasoned(centre, Action.RECALL))
    await centre.must(case_no, "dispatcher1", other)
    await centre.to_closed(case_no)
    return case_no


async def rework(scene: Scene) -> str:
    """Extended, feedback rejected, check failed, reworked, closed, reopened by the reporter."""
    centre = scene.centre
    case_no = await centre.report(source=Source.HOTLINE)
    await centre.must(case_no, "acceptor1", Step(action=Action.ACCEPT, urgent=True))
    await centre.must(case_no, "duty1", Step(action=Action.FILE, condition=1))
    unit = centre.owner(await centre.case(case_no))
    await centre.must(case_no, "dispatcher1", Step(action=Action.DISPATCH, unit=unit))
    await centre.must(case_no, f"{unit}.desk", Step(action=Action.SIGN))
    await centre.must(
        case_no,
        f"{unit}.crew",
        reasoned(centre, Action.REQUEST_EXTENSION, amount=1.0),
    )
    await centre.must(case_no, "duty1", Step(action=Action.APPROVE_EXTENSION))
    await centre.must(case_no, f"{unit}.crew", fed())
    await centre.must(case_no, "dispatcher1", reasoned(centre, Action.REJECT_FEEDBACK))
    await centre.must(case_no, f"{unit}.crew", fed())
    await centre.must(case_no, "dispatcher1", Step(action=Action.PASS_REVIEW))
    member = (await centre.case(case_no)).asked
    await centre.must(case_no, member, reasoned(centre, Action.CHECK_FAIL, photos=(PHOTO,)))
    await centre.must(case_no, f"{unit}.crew", fed())
    await centre.must(case_no, "dispatcher1", Step(action=Action.PASS_REVIEW))
    member = (await centre.case(case_no)).asked
    done = Step(action=Action.CHECK_PASS, photos=(PHOTO,), distance=1.0)
    await centre.must(case_no, member, done)
    await centre.must(case_no, "reporter", reasoned(centre, Action.REOPEN))
    return case_no


async def escalated(scene: Scene) -> str:
    """Nobody handles it: every rung fires."""
    centre = scene.centre
    case_no = await dispatched(centre)
    await scene.wait(timedelta(days=30))
    await centre.until(case_no, lambda one: one.escalation == 4)
    return case_no


async def voided(scene: Scene) -> str:
    """Cancelled by an admin, unreadable messages, urged, voided by the duty chief."""
    centre = scene.centre
    case_no = await dispatched(centre)
    handle = centre.door.client.get_workflow_handle(workflow_id(case_no))
    await handle.cancel()
    await centre.until(case_no, lambda one: bool(one.pending))
    await handle.signal("act", args=[1, 2])
    await handle.signal("nonsense")
    await centre.must(case_no, "supervisor1", Step(action=Action.URGE))
    await centre.must(case_no, "duty1", reasoned(centre, Action.VOID))
    return case_no


async def refused(scene: Scene) -> str:
    """Verified in vain, refused, archived."""
    centre = scene.centre
    case_no = await centre.report(source=Source.CITIZEN_WEB)
    await centre.must(case_no, "acceptor1", Step(action=Action.SEND_VERIFY))
    member = (await centre.case(case_no)).asked
    await centre.must(case_no, member, reasoned(centre, Action.VERIFY_NOT_FOUND))
    reason = next(
        one for one in sorted(centre.book.reasons["refuse"]) if "unreasonable" not in one
    )
    step = Step(action=Action.REFUSE, reason=reason, text="请向属地反映")
    await centre.must(case_no, "acceptor1", step)
    await scene.wait(timedelta(days=15))
    await centre.until(case_no, lambda one: one.ended)
    return case_no


async def restarted(scene: Scene) -> str:
    """Terminated by hand after it was signed: starts again from the log."""
    centre = scene.centre
    case_no = await dispatched(centre)
    unit = (await centre.case(case_no)).unit
    await centre.must(case_no, f"{unit}.desk", Step(action=Action.SIGN))
    handle = centre.door.client.get_workflow_handle(workflow_id(case_no))
    await handle.terminate("by hand")
    await centre.must(case_no, "supervisor1", Step(action=Action.URGE))
    return case_no


async def said_done(scene: Scene) -> str:
    """Who does the work says that it is done; the unit looks at it, and feeds back."""
    centre = scene.centre
    case_no = await dispatched(centre)
    unit = (await centre.case(case_no)).unit
    await centre.must(case_no, f"{unit}.desk", Step(action=Action.SIGN))
    said = Step(action=Action.SAY_DONE, text="已清运", photos=(PHOTO,))
    await centre.must(case_no, f"{unit}.crew", said)
    await centre.must(case_no, f"{unit}.crew", fed())
    return case_no


FIRST: tuple[Life, ...] = (
    plain,
    citizen,
    returned,
    rework,
    escalated,
    voided,
    refused,
    restarted,
    said_done,
)
