"""Lives at the departments: returns, rulings, holds, questions, extensions, stages, letters."""

from dataclasses import replace
from datetime import timedelta

from domain.command import Step
from domain.terms import Action, State
from embedded.centre import Centre
from tests.histories.living import (
    DAY,
    Life,
    Scene,
    closed_by,
    dispatched,
    fed,
    handed,
    passed,
    reasoned,
    reported,
    to_owner,
)

ILLEGAL_BUILDING = "E01-01"


async def _signed(centre: Centre) -> str:
    case_no = await handed(centre)
    await centre.must(case_no, "roads.desk", Step(action=Action.SIGN))
    return case_no


async def returns_to_arbitration(scene: Scene) -> str:
    """The third return goes to the command chief, who is late; another unit gets it."""
    centre = scene.centre
    case_no = await dispatched(centre)
    await centre.must(case_no, "roads.head", reasoned(centre, Action.RETURN))
    await centre.must(case_no, "dispatcher1", reasoned(centre, Action.REJECT_RETURN))
    await centre.must(case_no, "roads.head", reasoned(centre, Action.RETURN))
    await centre.must(case_no, "dispatcher1", Step(action=Action.ACCEPT_RETURN))
    second = Step(action=Action.DISPATCH, unit="sanitation", text="备选单位")
    await centre.must(case_no, "dispatcher1", second)
    await centre.must(case_no, "sanitation.head", reasoned(centre, Action.RETURN))
    await scene.wait(5 * DAY)
    await centre.must(case_no, "command1", Step(action=Action.RULE, unit="parks"))
    await centre.to_closed(case_no)
    return case_no


async def objected(scene: Scene) -> str:
    """Its return rejected, the unit asks for a ruling; it has to keep the case."""
    centre = scene.centre
    case_no = await _signed(centre)
    await centre.must(case_no, "roads.head", reasoned(centre, Action.RETURN))
    await centre.must(case_no, "dispatcher1", reasoned(centre, Action.REJECT_RETURN))
    await centre.must(case_no, "roads.head", reasoned(centre, Action.OBJECT))
    await centre.must(case_no, "command1", Step(action=Action.RULE, unit="roads"))
    await closed_by(centre, case_no, "roads.crew")
    return case_no


async def submitted(scene: Scene) -> str:
    """Sent back and forth at the centre, reassigned, then laid before the command chief."""
    centre = scene.centre
    case_no = await reported(centre)
    await centre.must(case_no, "acceptor1", Step(action=Action.SEND_VERIFY))
    await centre.must(case_no, "acceptor1", Step(action=Action.REASSIGN))
    asked = (await centre.case(case_no)).asked
    await centre.must(case_no, asked, reasoned(centre, Action.VERIFY_UNABLE))
    await centre.must(case_no, "acceptor1", Step(action=Action.ACCEPT, urgent=True))
    await centre.must(case_no, "duty1", reasoned(centre, Action.SEND_BACK))
    await centre.must(case_no, "acceptor1", Step(action=Action.ACCEPT))
    await centre.must(case_no, "duty1", Step(action=Action.FILE, condition=1))
    await centre.must(case_no, "dispatcher1", reasoned(centre, Action.SEND_BACK))
    await centre.must(case_no, "duty1", Step(action=Action.FILE, condition=1))
    await centre.must(case_no, "dispatcher1", Step(action=Action.DISPATCH, unit="roads"))
    await centre.must(case_no, "roads.head", reasoned(centre, Action.RETURN))
    await centre.must(case_no, "dispatcher1", reasoned(centre, Action.SEND_BACK))
    await centre.must(case_no, "duty1", Step(action=Action.FILE, condition=1))
    await centre.must(case_no, "dispatcher1", Step(action=Action.SUBMIT, text="权属不清"))
    await centre.must(case_no, "command1", Step(action=Action.RULE, unit="sanitation"))
    await centre.to_closed(case_no)
    return case_no


async def taken_back(scene: Scene) -> str:
    """A return and a feedback taken back; closed by hand, after a rework."""
    centre = scene.centre
    await scene.change_flow(auto_close=False)
    case_no = await dispatched(centre)
    await centre.must(case_no, "roads.head", reasoned(centre, Action.RETURN))
    await centre.must(case_no, "roads.head", Step(action=Action.WITHDRAW_RETURN))
    await centre.must(case_no, "roads.crew", fed())
    await centre.must(case_no, "roads.crew", Step(action=Action.TAKE_BACK))
    await closed_by(centre, case_no, "roads.crew")
    await centre.must(case_no, "duty1", reasoned(centre, Action.REJECT_CLOSE))
    await closed_by(centre, case_no, "roads.crew")
    await centre.must(case_no, "duty1", Step(action=Action.CLOSE))
    return case_no


async def substitute(scene: Scene) -> str:
    """The unit is late, and another one does it at its cost."""
    centre = scene.centre
    case_no = await _signed(centre)
    await scene.wait(15 * DAY)
    late = Step(
        action=Action.SUBSTITUTE,
        unit="sanitation",
        reason="substitute_late",
        text="逾期未处置",
        cost=1200.0,
    )
    await centre.must(case_no, "duty1", late)
    await centre.to_closed(case_no)
    return case_no


async def hold_and_resume(scene: Scene) -> str:
    """On hold for eleven weeks: looked at, on the backlog register, resumed on its date."""
    centre = scene.centre
    case_no = await _signed(centre)
    until = await scene.now() + 75 * DAY
    ask = reasoned(centre, Action.REQUEST_HOLD, reason="hold_season", until=until)
    await centre.must(case_no, "roads.head", ask)
    await centre.must(case_no, "command1", Step(action=Action.APPROVE_HOLD))
    await scene.wait(70 * DAY)
    await centre.until(case_no, lambda one: one.backlog)
    await scene.wait_until(until + timedelta(minutes=1))
    await centre.until(case_no, lambda one: one.state is State.HANDLING)
    await closed_by(centre, case_no, "roads.crew")
    return case_no


async def hold_refused(scene: Scene) -> str:
    """A hold refused, another one approved by the dispatcher and ended early by the unit."""
    centre = scene.centre
    case_no = await _signed(centre)
    until = await scene.now() + 20 * DAY
    ask = reasoned(centre, Action.REQUEST_HOLD, reason="hold_budget", until=until)
    await centre.must(case_no, "roads.head", ask)
    await centre.must(case_no, "dispatcher1", reasoned(centre, Action.REFUSE_HOLD))
    await centre.must(case_no, "roads.head", ask)
    await centre.must(case_no, "dispatcher1", Step(action=Action.APPROVE_HOLD))
    await scene.wait(3 * DAY)
    await centre.must(case_no, "roads.desk", Step(action=Action.RESUME, text="款项已到"))
    await closed_by(centre, case_no, "roads.crew")
    return case_no


async def question_and_no_reply(scene: Scene) -> str:
    """The acceptor's question is answered, the unit's is not; the reporter adds something."""
    centre = scene.centre
    case_no = await reported(centre)
    ask = Step(action=Action.ASK_REPORTER, text="具体在哪一侧")
    await centre.must(case_no, "acceptor1", ask)
    await centre.must(case_no, "reporter", Step(action=Action.REPLY, text="东侧"))
    await centre.must(case_no, "reporter", Step(action=Action.SUPPLEMENT, text="越来越大"))
    await centre.must(case_no, "reporter", Step(action=Action.URGE))
    await centre.must(case_no, "supervisor1", Step(action=Action.COMMENT, text="请从速"))
    await centre.must(case_no, "acceptor1", Step(action=Action.ACCEPT, urgent=True))
    await centre.must(
        case_no, "acceptor1", Step(action=Action.RECLASSIFY, condition=1, urgent=False)
    )
    await centre.must(case_no, "duty1", Step(action=Action.FILE, condition=1))
    await centre.must(case_no, "dispatcher1", Step(action=Action.DISPATCH, unit="roads"))
    await centre.must(case_no, "roads.desk", Step(action=Action.SIGN))
    await centre.must(case_no, "roads.crew", Step(action=Action.START))
    await centre.must(case_no, "roads.crew", Step(action=Action.ASK_REPORTER, text="何时"))
    await scene.wait(6 * DAY)
    await centre.until(case_no, lambda one: one.question is None)
    await closed_by(centre, case_no, "roads.crew")
    return case_no


async def extension_endorsed(scene: Scene) -> str:
    """The unit's head endorses; the first extension is approved, the second refused."""
    centre = scene.centre
    await scene.change_flow(extension_endorsed=True)
    case_no = await _signed(centre)
    ask = reasoned(centre, Action.REQUEST_EXTENSION, amount=8.0)
    endorse = Step(action=Action.ENDORSE_EXTENSION)
    await centre.must(case_no, "roads.crew", ask)
    await centre.must(case_no, "roads.head", endorse)
    await centre.must(case_no, "dispatcher1", Step(action=Action.APPROVE_EXTENSION))
    await centre.must(case_no, "roads.crew", ask)
    await centre.must(case_no, "roads.head", endorse)
    await centre.must(case_no, "duty1", reasoned(centre, Action.REFUSE_EXTENSION))
    await closed_by(centre, case_no, "roads.crew")
    return case_no


async def stages_and_assign(scene: Scene) -> str:
    """Assigned with a limit of its own; the first stage in time, the second late."""
    centre = scene.centre
    case_no = await centre.report(subclass=ILLEGAL_BUILDING, condition=3)
    await centre.until(case_no, lambda one: one.state is State.DISPATCHED)
    await centre.must(case_no, "enforcement.desk", Step(action=Action.SIGN))
    named = Step(action=Action.ASSIGN, person="enforcement.crew2", amount=4.0)
    await centre.must(case_no, "enforcement.head", named)
    stop = Step(action=Action.MARK_STAGE, stage="stop")
    await centre.must(case_no, "enforcement.crew2", stop)
    await scene.wait(12 * DAY)
    for stage in ("penalty", "demolish"):
        done = Step(action=Action.MARK_STAGE, stage=stage)
        await centre.must(case_no, "enforcement.crew2", done)
    await closed_by(centre, case_no, "enforcement.crew2")
    return case_no


async def supervision_letters(scene: Scene) -> str:
    """A supervisor's letter is answered; red brings one that is answered late."""
    centre = scene.centre
    case_no = await dispatched(centre)
    letter = Step(action=Action.SUPERVISE, text="请说明进展")
    await centre.must(case_no, "supervisor1", letter)
    reply = Step(action=Action.SUPERVISE_REPLY, text="已安排")
    await centre.must(case_no, "roads.head", reply)
    await scene.wait(30 * DAY)
    await centre.until(case_no, lambda one: one.escalation == 4)
    await centre.must(case_no, "roads.head", reply)
    await centre.to_closed(case_no)
    return case_no


async def checks_unable_decide_on_file(scene: Scene) -> str:
    """Two members could not check, after one that found it not done; decided on file."""
    centre = scene.centre
    case_no = await dispatched(centre)
    await centre.to_fed_back(case_no)
    await centre.must(case_no, "dispatcher1", Step(action=Action.PASS_REVIEW))
    for _ in range(2):
        asked = (await centre.case(case_no)).asked
        await centre.must(case_no, asked, reasoned(centre, Action.CHECK_UNABLE))
    decided = Step(action=Action.DECIDE_ON_FILE, text="凭照片认定")
    await centre.must(case_no, "duty1", decided)
    return case_no


async def reworked_to_a_letter(scene: Scene) -> str:
    """Three checks fail, and the third brings a letter; passed at last."""
    centre = scene.centre
    case_no = await _signed(centre)
    for _ in range(3):
        await centre.must(case_no, "roads.crew", fed())
        await centre.must(case_no, "dispatcher1", Step(action=Action.PASS_REVIEW))
        asked = (await centre.case(case_no)).asked
        fail = reasoned(centre, Action.CHECK_FAIL, photos=fed().photos)
        await centre.must(case_no, asked, fail)
    await centre.must(case_no, "roads.crew", fed())
    await passed(centre, case_no)
    return case_no


async def slow_centre(scene: Scene) -> str:
    """Everybody is late: each clock of the path rings, and another member checks."""
    centre = scene.centre
    await scene.change_flow(auto_close=False)
    case_no = await reported(centre)
    found = Step(action=Action.VERIFY_FOUND, photos=fed().photos, distance=3.0)
    await scene.wait(4 * DAY)
    await centre.must(case_no, "acceptor1", Step(action=Action.SEND_VERIFY))
    await scene.wait(4 * DAY)
    member = (await centre.case(case_no)).asked
    await centre.must(case_no, member, found)
    await scene.wait(4 * DAY)
    await centre.must(case_no, "duty1", Step(action=Action.FILE, condition=1))
    await scene.wait(4 * DAY)
    await to_owner(centre, case_no)
    await centre.must(case_no, "roads.desk", Step(action=Action.SIGN))
    await centre.must(case_no, "roads.crew", fed())
    await scene.wait(4 * DAY)
    await centre.must(case_no, "dispatcher1", Step(action=Action.PASS_REVIEW))
    await scene.wait(4 * DAY)
    await centre.must(case_no, "acceptor1", Step(action=Action.REASSIGN))
    member = (await centre.case(case_no)).asked
    await centre.must(case_no, member, replace(found, action=Action.CHECK_PASS))
    await scene.wait(4 * DAY)
    await centre.must(case_no, "duty1", Step(action=Action.CLOSE))
    await scene.wait(100 * DAY)
    await centre.until(case_no, lambda one: one.ended)
    return case_no


DEPARTMENT: tuple[Life, ...] = (
    returns_to_arbitration,
    objected,
    submitted,
    taken_back,
    substitute,
    hold_and_resume,
    hold_refused,
    question_and_no_reply,
    extension_endorsed,
    stages_and_assign,
    supervision_letters,
    checks_unable_decide_on_file,
    reworked_to_a_letter,
    slow_centre,
)
