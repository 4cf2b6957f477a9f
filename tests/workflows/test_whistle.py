"""The whistle and the levels on real servers: calls, arrivals, scores; handed up and down."""

import pytest
from sqlalchemy import select

from domain.clock import ClockKind
from domain.command import Step
from domain.terms import Action, Haste, Level, Result, Role, State
from domain.visibility import Reach, reach_of
from domain.why import Because
from embedded.centre import PHOTO, Centre
from registry.derived import derive, differences, kept_of
from registry.site_calls import CallLine, open_calls
from registry.tables_case import CaseRow, NoticeRow

pytestmark = pytest.mark.server
STREET = "street-liuting"


def whistle(*units: str, haste: Haste = Haste.EMERGENCY) -> Step:
    return Step(action=Action.WHISTLE, units=units, haste=haste, text="路面塌陷，请到场")


async def handling(centre: Centre) -> str:
    """A case that its owner has signed."""
    await centre.change_flow(auto_dispatch=True)
    case_no = await centre.report()
    case = await centre.until(case_no, lambda one: one.state is State.DISPATCHED)
    await centre.must(case_no, f"{case.unit}.desk", Step(action=Action.SIGN))
    return case_no


async def board(centre: Centre, login: str) -> list[tuple[str, int, str]]:
    """What the board of calls shows to somebody."""
    reach = reach_of(centre.actor(login), centre.book.units)
    return [(one.case_no, one.number, one.unit) for one in await lines(centre, reach)]


async def lines(centre: Centre, reach: Reach) -> list[CallLine]:
    async with centre.sessions() as session:
        return list(await open_calls(session, reach))


async def in_the_log(centre: Centre, case_no: str) -> list[str]:
    """What the rows of a case say otherwise than its log."""
    async with centre.sessions() as session:
        found = (
            await session.execute(select(CaseRow.__table__).where(CaseRow.case_no == case_no))
        ).one()
        (kept,) = await kept_of(session, [found._asdict()])
    derived = derive(kept, centre.book)
    assert derived is not None
    return list(differences(kept, derived))


async def test_a_street_whistles_departments_come_or_not_and_are_scored(
    centre: Centre,
) -> None:
    async with centre.working():
        await centre.change_flow(auto_close=True)
        case_no = await handling(centre)
        await centre.must(case_no, f"{STREET}.desk", whistle("water", "gas", "power"))
        mine = [(case_no, 1, "water"), (case_no, 2, "gas"), (case_no, 3, "power")]
        for login in (f"{STREET}.head", "dispatcher1"):
            assert [one for one in await board(centre, login) if one[0] == case_no] == mine
        assert await board(centre, "gas.crew") == [(case_no, 2, "gas")]
        assert not await board(centre, "street-wangzhou.desk")

        far = Step(action=Action.ARRIVE, distance=900.0)
        refused = await centre.do(case_no, "water.crew", far)
        assert refused.refusal is not None
        assert refused.refusal["values"]["because"] == Because.ARRIVAL_OUTSIDE
        await centre.must(case_no, "water.crew", Step(action=Action.ARRIVE, distance=12.0))
        scored = Step(action=Action.SCORE_ARRIVAL, call=1, came=True, score=5)
        await centre.must(case_no, f"{STREET}.head", scored)
        off = Step(action=Action.CALL_OFF, call=2, text="燃气无泄漏")
        await centre.must(case_no, f"{STREET}.desk", off)
        assert [one[1] for one in await board(centre, "dispatcher1") if one[0] == case_no] == [
            3
        ]
        again = await centre.do(case_no, "dispatcher1", whistle("power"))
        assert again.refusal is not None

        fed = Step(
            action=Action.FEED_BACK, result=Result.SOLVED, text="已处置", photos=(PHOTO,)
        )
        await centre.must(case_no, f"{(await centre.case(case_no)).unit}.crew", fed)
        await centre.must(case_no, "dispatcher1", Step(action=Action.PASS_REVIEW))
        asked = (await centre.case(case_no)).asked
        check = Step(action=Action.CHECK_PASS, photos=(PHOTO,), distance=5.0)
        await centre.must(case_no, asked, check)
        case = await centre.until(case_no, lambda one: one.state is State.CLOSED)
        await centre.until_in_step(case_no)

    first, second, third = case.calls
    assert (first.score, first.distance) == (5, 12.0)
    assert second.called_off
    assert third.ended_at is not None
    assert not [
        one for one in case.clocks if one.kind is ClockKind.ARRIVE and not one.stopped_at
    ]
    assert not [one for one in await board(centre, "dispatcher1") if one[0] == case_no]
    assert await in_the_log(centre, case_no) == []
    async with centre.sessions() as session:
        told = set(
            await session.scalars(select(NoticeRow.address).where(NoticeRow.case_no == case_no))
        )
    assert {"unit:water", "unit:gas", "unit:power", "unit_desk:street_liuting"} <= told


async def test_a_community_hands_up_and_the_street_hands_down(centre: Centre) -> None:
    async with centre.working():
        await centre.change_flow(auto_dispatch=True)
        case_no = await centre.report(subclass="A21-01")
        await centre.until(case_no, lambda one: one.state is State.DISPATCHED)
        up = Step(
            action=Action.HAND_UP, reason=centre.reason(Action.HAND_UP), text="社区无执法权"
        )
        await centre.must(case_no, "community-liuting.head", up)
        case = await centre.until(case_no, lambda one: one.state is State.FILED)
        assert (case.hops[0].to, case.hops[0].level) == ("street_liuting", Level.STREET)
        skip = Step(action=Action.DISPATCH, unit="enforcement", text="直接派区级")
        refused = await centre.do(case_no, "dispatcher1", skip)
        assert refused.refusal is not None
        assert refused.refusal["values"]["because"] == Because.SKIPS_LEVEL
        await centre.must(case_no, "dispatcher1", Step(action=Action.DISPATCH))
        down = Step(action=Action.HAND_DOWN, unit="community_liuting", text="授权入户调解")
        await centre.must(case_no, f"{STREET}.desk", Step(action=Action.SIGN))
        await centre.must(case_no, f"{STREET}.desk", down)
        await centre.must(case_no, "dispatcher1", Step(action=Action.DISPATCH))
        case = await centre.until(case_no, lambda one: one.state is State.DISPATCHED)
        await centre.until_in_step(case_no)

    assert case.unit == "community_liuting"
    assert [(one.unit, one.level) for one in case.hops] == [
        ("community_liuting", Level.STREET),
        ("street_liuting", Level.COMMUNITY),
    ]
    assert [one.task_no for one in case.tasks] == [1, 2, 3]
    events = await centre.events(case_no)
    assert {one.row for one in events} >= {"L1", "L2", "T14"}
    assert any(f"role:{Role.DISPATCHER}" in one.notify for one in events if one.row == "L1")
    assert await in_the_log(centre, case_no) == []
