"""The life of a case to which a street calls departments: one comes, one does not."""

from datetime import timedelta

from domain.command import Step
from domain.terms import Action, Haste, State
from tests.histories.living import Life, Scene, closed_by, dispatched, reasoned


async def whistle(scene: Scene) -> str:
    """One arrives in time, one never: its limit passes; both are scored, the case closes."""
    centre = scene.centre
    case_no = await dispatched(centre)
    await scene.wait(timedelta(minutes=1))
    owner = (await centre.case(case_no)).unit
    await centre.must(case_no, f"{owner}.desk", Step(action=Action.SIGN))
    call = Step(
        action=Action.WHISTLE,
        units=("water", "gas"),
        haste=Haste.EMERGENCY,
        text="路面塌陷，请到场",
    )
    await centre.must(case_no, "street-liuting.desk", call)
    await centre.must(case_no, "water.crew", Step(action=Action.ARRIVE, distance=12.0))
    came = Step(action=Action.SCORE_ARRIVAL, call=1, came=True, score=5)
    await centre.must(case_no, "street-liuting.head", came)
    await scene.wait(timedelta(minutes=31))
    await centre.until(
        case_no, lambda one: any(clock.fired for clock in one.clocks if clock.kind == "arrive")
    )
    missed = Step(action=Action.SCORE_ARRIVAL, call=2, came=False)
    await centre.must(case_no, "street-liuting.head", missed)
    await closed_by(centre, case_no, f"{owner}.crew")
    await centre.until(case_no, lambda one: one.state is State.CLOSED)
    return case_no


async def handed_between_levels(scene: Scene) -> str:
    """The community hands it up, the street down; a call to the site is called off."""
    centre = scene.centre
    case_no = await centre.report(subclass="A21-01")
    await centre.until(case_no, lambda one: one.state is State.DISPATCHED)
    await centre.must(case_no, "community-liuting.head", reasoned(centre, Action.HAND_UP))
    await centre.must(case_no, "dispatcher1", Step(action=Action.DISPATCH))
    await centre.must(case_no, "street-liuting.desk", Step(action=Action.SIGN))
    call = Step(action=Action.WHISTLE, units=("police",), haste=Haste.ORDINARY, text="请到场")
    await centre.must(case_no, "dispatcher1", call)
    off = Step(action=Action.CALL_OFF, call=1, text="已无需到场")
    await centre.must(case_no, "dispatcher1", off)
    down = Step(action=Action.HAND_DOWN, unit="community_liuting", text="授权调解")
    await centre.must(case_no, "street-liuting.desk", down)
    await centre.must(case_no, "dispatcher1", Step(action=Action.DISPATCH))
    await centre.must(case_no, "community-liuting.officer", Step(action=Action.SIGN))
    await closed_by(centre, case_no, "community-liuting.officer")
    await centre.until(case_no, lambda one: one.state is State.CLOSED)
    return case_no


WHISTLE: tuple[Life, ...] = (whistle, handed_between_levels)
