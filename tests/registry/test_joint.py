"""Joint cases in the registry: rows, inboxes, and `verify` between a case and its tasks."""

import pytest
from sqlalchemy import select, text

from activities import cases as judging
from activities.verify import Standing
from domain.command import Step
from domain.joint import task_id
from domain.plan import Plan, PlannedTask
from domain.terms import Action, Finish, Result, State
from embedded.centre import PHOTO, Centre
from registry import boards
from registry.boards import Wanted
from registry.findings import Kind, Repair
from registry.joint import reply_of, shares_of
from registry.tables_case import CaseRow, CommandRow
from registry.tables_joint import PartyRow
from tests.registry.test_verify import Bench, Elsewhere

pytestmark = pytest.mark.server
THREE = (
    PlannedTask(task_no=1, unit="water", lead=True, scope="止水抢修"),
    PlannedTask(task_no=2, unit="traffic_police", scope="交通疏导"),
    PlannedTask(task_no=3, unit="roads", after=(1,)),
)
FED = Step(action=Action.FEED_BACK, result=Result.SOLVED, text="已处置", photos=(PHOTO,))


@pytest.fixture
async def bench(centre: Centre) -> Bench:
    """A centre without Temporal."""
    centre.tells = False
    await centre.change_flow(auto_dispatch=False)
    return Bench(centre, Elsewhere())


async def settle(bench: Bench) -> None:
    """Have everything judged that waits, and what follows from it."""
    for _ in range(50):
        async with bench.desk.sessions() as session:
            waits = sorted(
                set(
                    await session.scalars(
                        select(CommandRow.case_no).where(CommandRow.verdict.is_(None))
                    )
                )
            )
        if not waits:
            return
        for number in waits:
            await bench.advance(number)
    raise AssertionError("cases and tasks tell each other for ever")


async def planned(bench: Bench, finish: Finish = Finish.ALL, *, told: bool = True) -> str:
    """A case that the dispatcher gives to three departments."""
    case_no = await bench.desk.report()
    await bench.advance(case_no)
    plan = Step(action=Action.PLAN, plan=Plan(tasks=THREE, finish=finish))
    await bench.act(case_no, "dispatcher1", plan)
    if told:
        await settle(bench)
    return case_no


async def done(bench: Bench, case_no: str, task_no: int, desk: str) -> None:
    """A department signs its task and feeds back."""
    number = task_id(case_no, task_no)
    await bench.act(number, f"{desk}.desk", Step(action=Action.SIGN))
    await bench.act(number, f"{desk}.crew", FED)


async def found(bench: Bench) -> dict[Kind, str]:
    return await bench.details(await bench.run())


async def mended(bench: Bench) -> None:
    """Mend everything; the second time there is nothing left to be found."""
    run = await bench.run(Repair.EVERYTHING)
    assert (run.left, bool(run.repaired)) == (0, True)
    await settle(bench)
    assert await found(bench) == {}


async def test_a_joint_case_and_its_tasks_are_clean_to_the_end(bench: Bench) -> None:
    case_no = await planned(bench)
    bench.there.gone = {task_id(case_no, 3): Standing.MISSING}
    assert await found(bench) == {}
    bench.there.gone = {}
    await done(bench, case_no, 2, "traffic-police")
    await done(bench, case_no, 1, "water")
    await settle(bench)
    assert await found(bench) == {}
    await done(bench, case_no, 3, "roads")
    await settle(bench)
    await bench.act(case_no, "water.desk", Step(action=Action.SUM_UP, text="已恢复供水"))
    assert (await bench.desk.case(case_no)).state is State.FED_BACK
    assert await found(bench) == {}


async def test_one_department_that_becomes_one_of_several_is_clean(bench: Bench) -> None:
    await bench.desk.change_flow(auto_dispatch=True)
    case_no = await bench.desk.report()
    await bench.advance(case_no)
    unit = (await bench.desk.case(case_no)).unit
    await bench.act(case_no, f"{unit}.desk", Step(action=Action.SIGN))
    tasks = (
        PlannedTask(task_no=1, unit=unit, lead=True),
        PlannedTask(task_no=2, unit="water"),
    )
    await bench.act(case_no, "dispatcher1", Step(action=Action.PLAN, plan=Plan(tasks=tasks)))
    await settle(bench)
    assert await found(bench) == {}
    async with bench.desk.sessions() as session:
        query = select(PartyRow.unit).where(PartyRow.case_no == case_no)
        parties = set(await session.scalars(query))
    assert parties == {unit, "water"}


async def test_a_task_whose_begin_was_lost_is_begun(bench: Bench) -> None:
    case_no = await planned(bench, told=False)
    await bench.sql("delete from command where verdict is null")
    assert "task 1" in (await found(bench))[Kind.TASK_UNBEGUN]
    await mended(bench)
    assert (await bench.desk.case(task_id(case_no, 1))).state is State.DISPATCHED


async def test_a_task_without_a_row_gets_it_again_with_its_scope(bench: Bench) -> None:
    case_no = await planned(bench, told=False)
    number = task_id(case_no, 2)
    await bench.sql("delete from command where case_no = :no", no=number)
    await bench.sql("delete from case_record where case_no = :no", no=number)
    await settle(bench)
    assert "task 2" in (await found(bench))[Kind.TASK_MISSING]
    await mended(bench)
    async with bench.desk.sessions() as session:
        row = await session.get_one(CaseRow, number)
    assert (row.words, row.state, row.unit) == ("交通疏导", "dispatched", "traffic_police")


async def test_a_case_that_did_not_follow_its_task_follows_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_no = await planned(bench)
    with monkeypatch.context() as patched:
        patched.setattr(judging, "follow", lambda *_: None)
        await bench.act(task_id(case_no, 1), "water.desk", Step(action=Action.SIGN))
    assert "signed by its own log" in (await found(bench))[Kind.TASK_DIFFERS]
    await mended(bench)
    assert (await bench.desk.case(case_no)).state is State.SIGNED


async def test_an_end_that_was_lost_on_the_way_to_the_case_is_told_again(
    bench: Bench,
) -> None:
    case_no = await planned(bench)
    await done(bench, case_no, 2, "traffic-police")
    await bench.sql("delete from command where verdict is null")
    assert "task_done by its own log" in (await found(bench))[Kind.TASK_DIFFERS]
    await mended(bench)
    tasks = {one.task_no: one.state for one in (await bench.desk.case(case_no)).tasks}
    assert tasks[2] == "done"


async def test_an_open_task_of_a_case_that_is_over_is_ended(bench: Bench) -> None:
    case_no = await planned(bench, Finish.LEAD)
    reason = bench.desk.reason("request_force_close")
    asked = Step(action=Action.REQUEST_FORCE_CLOSE, reason=reason, text="受政策限制")
    await bench.act(case_no, "duty1", asked)
    closes = Step(
        action=Action.FORCE_CLOSE, reason=bench.desk.reason("force_close"), text="受政策限制"
    )
    await bench.act(case_no, "command1", closes)
    await bench.sql("delete from command where verdict is null")
    assert "the case is closed" in (await found(bench))[Kind.TASK_OPEN]
    await mended(bench)
    assert (await bench.desk.case(task_id(case_no, 1))).state is State.TASK_WITHDRAWN


async def test_a_task_without_its_case_is_found_and_left(bench: Bench) -> None:
    case_no = await planned(bench)
    await bench.sql(
        "update case_record set parent = :lost where case_no = :no",
        no=task_id(case_no, 2),
        lost="9" * 19,
    )
    kinds = await found(bench)
    assert kinds[Kind.TASK_LOST] == f"no case {'9' * 19}"
    run = await bench.run(Repair.EVERYTHING)
    assert run.left >= 1


async def test_a_task_without_its_workflow_is_told(bench: Bench) -> None:
    case_no = await planned(bench)
    number = task_id(case_no, 1)
    bench.there.gone = {number: Standing.MISSING}
    run = await bench.run(Repair.WORKFLOWS)
    assert (run.found, run.left) == ({Kind.WORKFLOW_MISSING: 1}, 0)
    assert bench.there.told == [number]


async def test_an_inbox_has_tasks_and_the_case_once_it_is_to_be_summed_up(
    bench: Bench,
) -> None:
    case_no = await planned(bench)

    async def listed(wanted: Wanted) -> list[str]:
        async with bench.desk.sessions() as session:
            lines = await boards.page(session, wanted)
            counted = await boards.counts(session, [wanted])
            if not wanted.newest:
                assert counted == [len(lines)]
            return [line.case_no for line in lines]

    states = (State.DISPATCHED, State.SIGNED, State.HANDLING)
    inbox = Wanted(states=states, units=("water",))
    assert await listed(inbox) == [task_id(case_no, 1)]
    assert await listed(Wanted(newest=True)) == [case_no]
    anew = Wanted(states=(State.FILED,), planless=True)
    assert await listed(anew) == []
    offer = Step(
        action=Action.OFFER_HANDOVER,
        unit="parks",
        reason=bench.desk.reason("offer_handover"),
        text="树木挡道",
    )
    await bench.act(task_id(case_no, 2), "traffic-police.head", offer)
    offered = Wanted(states=(State.DISPATCHED,), units=("parks",), offered=("parks",))
    assert await listed(offered) == [task_id(case_no, 2)]
    await bench.act(task_id(case_no, 2), "parks.desk", Step(action=Action.TAKE_HANDOVER))
    await bench.act(task_id(case_no, 2), "parks.crew", FED)
    await done(bench, case_no, 1, "water")
    await settle(bench)
    await done(bench, case_no, 3, "roads")
    await settle(bench)
    assert await listed(inbox) == [case_no]
    async with bench.desk.sessions() as session:
        shares = await shares_of(session, await bench.desk.case(case_no))
        assert await reply_of(session, task_id(case_no, 1)) == "已处置"
    assert [[held.unit for held in one.held] for one in shares][1][:2] == [
        "traffic_police",
        "parks",
    ]
    assert [one.result for one in shares] == [Result.SOLVED] * 3


async def test_a_returned_lead_is_the_dispatchers_to_plan_anew(bench: Bench) -> None:
    case_no = await planned(bench)
    back = Step(action=Action.RETURN, reason=bench.desk.reason("return"), text="不属本单位")
    await bench.act(task_id(case_no, 1), "water.head", back)
    await bench.act(task_id(case_no, 1), "dispatcher1", Step(action=Action.ACCEPT_RETURN))
    await settle(bench)
    async with bench.desk.sessions() as session:
        lines = await boards.page(session, Wanted(states=(State.FILED,), planless=True))
    assert [line.case_no for line in lines] == [case_no]
    assert lines[0].due_label.startswith("dispatch")
    assert await found(bench) == {}


async def test_a_task_is_found_by_its_case_alone(bench: Bench) -> None:
    case_no = await planned(bench)
    async with bench.desk.sessions() as session:
        rows = await session.execute(text("select case_no from case_search"))
        assert [one.case_no for one in rows] == [case_no]
