"""Lives by how they end: answered, refused, self-handled, withdrawn, forced, reviewed."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from domain.command import Step
from domain.terms import Action, Decision, Result, Solved, Source, State
from embedded.centre import PHOTO
from tests.histories.living import (
    DAY,
    Life,
    Scene,
    accepted,
    closed_by,
    fed,
    handed,
    reasoned,
    reported,
    to_owner,
)

ENQUIRY = "A26-01"
GREEN = "E01-17"
ZONE = ZoneInfo("Asia/Shanghai")
BOTH = ("roads", "sanitation")


async def answered_and_reviewed(scene: Scene) -> str:
    """Answered at once, reviewed by another person who answers again, archived."""
    centre = scene.centre
    case_no = await reported(centre)
    reply = Step(action=Action.ANSWER, subclass=ENQUIRY, text="请到社保窗口办理")
    await centre.must(case_no, "acceptor1", reply)
    await centre.must(case_no, "reporter", Step(action=Action.ASK_REVIEW, text="没有回答"))
    await centre.must(case_no, "acceptor2", reply)
    await scene.wait(16 * DAY)
    await centre.until(case_no, lambda one: one.ended)
    return case_no


async def refused_by_two(scene: Scene) -> str:
    """Two persons refuse it after one did not agree; the review is refused as well."""
    centre = scene.centre
    case_no = await reported(centre)
    ask = reasoned(centre, Action.REQUEST_REFUSAL)
    await centre.must(case_no, "acceptor1", ask)
    disagree = Step(action=Action.DECLINE_REFUSAL, text="应当受理")
    await centre.must(case_no, "acceptor2", disagree)
    await centre.must(case_no, "acceptor1", ask)
    refuse = Step(action=Action.REFUSE, reason="refuse_unreasonable", text="请走诉讼渠道")
    await centre.must(case_no, "acceptor2", refuse)
    await centre.must(case_no, "reporter", Step(action=Action.ASK_REVIEW, text="不服"))
    refuse = Step(action=Action.REFUSE, reason="refuse_court_matter", text="请走诉讼渠道")
    await centre.must(case_no, "acceptor3", refuse)
    await scene.wait(20 * DAY)
    await centre.until(case_no, lambda one: one.ended)
    return case_no


async def self_handled_sample_failed(scene: Scene) -> str:
    """A member settles it on the spot; another one finds that he did not."""
    centre = scene.centre
    await scene.change_flow(sample_share=1.0)
    case_no = await reported(centre, subclass=GREEN)
    both = (PHOTO, PHOTO[:-1] + "2")
    done = Step(action=Action.SELF_HANDLE, photos=both, distance=4.0, text="已清理")
    await centre.must(case_no, "grid-liuting1", done)
    asked = (await centre.case(case_no)).asked
    await centre.must(case_no, asked, reasoned(centre, Action.SAMPLE_FAIL, photos=(PHOTO,)))
    await centre.must(case_no, "duty1", Step(action=Action.FILE, condition=1))
    await to_owner(centre, case_no)
    await centre.to_closed(case_no)
    return case_no


async def self_handled(scene: Scene) -> str:
    """A member settles it on the spot, another one agrees; archived after three days."""
    centre = scene.centre
    await scene.change_flow(sample_share=1.0)
    case_no = await reported(centre, subclass=GREEN)
    both = (PHOTO, PHOTO[:-1] + "2")
    done = Step(action=Action.SELF_HANDLE, photos=both, distance=4.0, text="已清理")
    await centre.must(case_no, "grid-liuting1", done)
    asked = (await centre.case(case_no)).asked
    good = Step(action=Action.SAMPLE_PASS, photos=(PHOTO,), distance=2.0)
    await centre.must(case_no, asked, good)
    await scene.wait(20 * DAY)
    await centre.until(case_no, lambda one: one.ended)
    return case_no


async def withdrawn(scene: Scene) -> str:
    """Taken back by the reporter before it is filed."""
    centre = scene.centre
    case_no = await reported(centre)
    await accepted(centre, case_no)
    await centre.must(case_no, "reporter", Step(action=Action.WITHDRAW))
    return case_no


async def withdraw_agreed(scene: Scene) -> str:
    """Once filed, the duty chief decides: no at first, then yes."""
    centre = scene.centre
    case_no = await handed(centre)
    ask = reasoned(centre, Action.REQUEST_WITHDRAW, reason="withdraw_solved")
    await centre.must(case_no, "reporter", ask)
    await centre.must(case_no, "duty1", reasoned(centre, Action.REFUSE_WITHDRAW))
    await centre.must(case_no, "reporter", ask)
    await centre.must(case_no, "duty1", Step(action=Action.AGREE_WITHDRAW))
    return case_no


async def voided_when_closed(scene: Scene) -> str:
    """Proven false after closing: refused by the command chief at first, then voided."""
    centre = scene.centre
    case_no = await handed(centre)
    await centre.to_closed(case_no)
    ask = reasoned(centre, Action.REQUEST_VOID)
    await centre.must(case_no, "supervisor1", ask)
    await centre.must(case_no, "command1", reasoned(centre, Action.REFUSE_VOID))
    await centre.must(case_no, "supervisor1", ask)
    await centre.must(case_no, "command1", reasoned(centre, Action.VOID))
    return case_no


async def force_closed(scene: Scene) -> str:
    """Closed by force: the second person declines once; rated, archived."""
    centre = scene.centre
    case_no = await handed(centre)
    ask = reasoned(centre, Action.REQUEST_FORCE_CLOSE)
    await centre.must(case_no, "duty1", ask)
    decline = Step(action=Action.DECLINE_FORCE_CLOSE, text="再联系一次")
    await centre.must(case_no, "duty2", decline)
    await centre.must(case_no, "duty1", ask)
    await centre.must(case_no, "command1", reasoned(centre, Action.FORCE_CLOSE))
    rating = Step(action=Action.RATE, solved=Solved.NO, score=1)
    await centre.must(case_no, "reporter", rating)
    await scene.wait(16 * DAY)
    await centre.until(case_no, lambda one: one.ended)
    return case_no


async def called_back(scene: Scene) -> str:
    """Called on three days without an answer; archived."""
    centre = scene.centre
    case_no = await handed(centre)
    await centre.to_closed(case_no)
    for _ in range(3):
        local = (await scene.now()).astimezone(ZONE)
        morning = local.replace(hour=9, minute=0) + DAY
        await scene.wait_until(morning)
        call = Step(action=Action.CALL_BACK, reached=False)
        await centre.must(case_no, "clerk1", call)
    await scene.wait(16 * DAY)
    await centre.until(case_no, lambda one: one.ended)
    return case_no


async def reopened_twice(scene: Scene) -> str:
    """Not solved, and again not: a consultation puts it on hold; it is closed at last."""
    centre = scene.centre
    case_no = await handed(centre)
    await centre.to_closed(case_no)
    await centre.must(case_no, "reporter", reasoned(centre, Action.REOPEN))
    await closed_by(centre, case_no, "roads.crew")
    await centre.must(case_no, "reporter", reasoned(centre, Action.REOPEN))
    until = await scene.now() + 10 * DAY
    wait = Step(
        action=Action.DECIDE,
        decision=Decision.HOLD,
        participants=BOTH,
        until=until,
        text="纪要：等待汛期结束",
    )
    await centre.must(case_no, "command1", wait)
    await scene.wait_until(until + timedelta(minutes=1))
    await centre.until(case_no, lambda one: one.state is State.HANDLING)
    await closed_by(centre, case_no, "roads.crew")
    return case_no


async def consultation_decided(scene: Scene) -> str:
    """Consulted twice: another unit gets it, then it is explained and stays closed."""
    centre = scene.centre
    case_no = await handed(centre)
    await centre.to_closed(case_no)
    await centre.must(case_no, "reporter", reasoned(centre, Action.REOPEN))
    await closed_by(centre, case_no, "roads.crew")
    await centre.must(case_no, "reporter", reasoned(centre, Action.REOPEN))
    plan = Step(
        action=Action.DECIDE,
        decision=Decision.DISPATCH,
        unit="sanitation",
        participants=BOTH,
        text="纪要：由环卫处置",
    )
    await centre.must(case_no, "command1", plan)
    await centre.to_closed(case_no)
    rating = Step(action=Action.RATE, solved=Solved.NO, score=1)
    await centre.must(case_no, "reporter", rating)
    await centre.must(case_no, "command1", Step(action=Action.CONSULT))
    explain = Step(
        action=Action.DECIDE,
        decision=Decision.EXPLAIN,
        participants=BOTH,
        text="纪要：已穷尽手段，说明理由",
    )
    await centre.must(case_no, "command1", explain)
    await centre.must(case_no, "reporter", rating)
    await scene.wait(16 * DAY)
    await centre.until(case_no, lambda one: one.ended)
    return case_no


async def petition_reexamined(scene: Scene) -> str:
    """A petition: accepted in writing, extended, 复查, 复核, archived."""
    centre = scene.centre
    case_no = await reported(centre, source=Source.PETITION)
    await scene.wait(10 * DAY)
    await centre.must(case_no, "acceptor1", Step(action=Action.ACCEPT, text="决定受理"))
    await centre.must(case_no, "duty1", Step(action=Action.FILE, condition=1))
    reply = fed(result=Result.EXPLAINED, photos=())
    for unit in ("roads", "sanitation", "parks"):
        step = Step(action=Action.DISPATCH, unit=unit, text="由其办理")
        await centre.must(case_no, "dispatcher1", step)
        await centre.must(case_no, f"{unit}.desk", Step(action=Action.SIGN))
        if unit == "roads":
            ask = reasoned(centre, Action.REQUEST_EXTENSION, amount=720.0)
            await centre.must(case_no, "roads.crew", ask)
            await centre.must(case_no, "command1", Step(action=Action.APPROVE_EXTENSION))
        await scene.wait(20 * DAY)
        await centre.must(case_no, f"{unit}.crew", reply)
        await centre.must(case_no, "dispatcher1", Step(action=Action.PASS_REVIEW))
        if unit != "parks":
            await centre.must(case_no, "reporter", Step(action=Action.ASK_REVIEW))
    rating = Step(action=Action.RATE, solved=Solved.PARTLY, score=3)
    await centre.must(case_no, "reporter", rating)
    await scene.wait(31 * DAY)
    await centre.until(case_no, lambda one: one.ended)
    return case_no


async def upstream_rejected_reply(scene: Scene) -> str:
    """An upstream order with its own due time; our reply is rejected, and done again."""
    centre = scene.centre
    due = await scene.now() + 10 * DAY
    case_no = await handed(
        centre, source=Source.UPSTREAM_12345, upstream_no="SJ-1", upstream_due=due
    )
    await centre.to_closed(case_no)
    again = reasoned(centre, Action.REJECT_REPLY, upstream_due=due + 5 * DAY)
    await centre.must(case_no, "acceptor1", again)
    await closed_by(centre, case_no, "roads.crew")
    return case_no


async def transferred_bounced(scene: Scene) -> str:
    """Given back upstream, bounced, transferred to another area; archived."""
    centre = scene.centre
    until = await scene.now() + 3 * DAY
    case_no = await reported(
        centre, source=Source.UPSTREAM_12345, upstream_no="SJ-2", return_until=until
    )
    back = reasoned(
        centre, Action.TRANSFER_OUT, reason="transfer_upper_platform", receiver="12345"
    )
    await centre.must(case_no, "duty1", back)
    await centre.must(case_no, "acceptor1", Step(action=Action.BOUNCED, text="平台退回"))
    other = reasoned(centre, Action.TRANSFER_OUT, reason="transfer_other_area", receiver="邻区")
    await centre.must(case_no, "duty1", other)
    await scene.wait(16 * DAY)
    await centre.until(case_no, lambda one: one.ended)
    return case_no


ENDS: tuple[Life, ...] = (
    answered_and_reviewed,
    refused_by_two,
    self_handled_sample_failed,
    self_handled,
    withdrawn,
    withdraw_agreed,
    voided_when_closed,
    force_closed,
    called_back,
    reopened_twice,
    consultation_decided,
    petition_reexamined,
    upstream_rejected_reply,
    transferred_bounced,
)
