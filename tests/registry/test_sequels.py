"""What follows for other cases is written in the transaction of the events behind it, once."""

import asyncio

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from activities.cases import Advance
from activities.reconcile import Reconciler
from domain.clock import ClockKind
from domain.command import Part, Step
from domain.sequel import Sequel
from domain.terms import Action, Source, State
from domain.visibility import Reach
from embedded.centre import LITTER, Centre
from registry import cases, links, sequels
from registry.codec import STEPS
from registry.tables_case import CaseRow, CommandRow

pytestmark = pytest.mark.server
WORDS = "另有污水外溢"


async def judge(desk: Centre, *numbers: str) -> None:
    """Judge what waits."""
    for number in numbers:
        await desk.activities.advance(Advance(case_no=number, known_seq=0))


async def reported(desk: Centre, source: Source = Source.CITIZEN_WEB) -> str:
    case_no = await desk.report(source=source)
    await judge(desk, case_no)
    return case_no


async def row_of(desk: Centre, case_no: str) -> CaseRow:
    async with desk.sessions() as session:
        return await session.get_one(CaseRow, case_no)


async def told(desk: Centre, case_no: str) -> list[CommandRow]:
    """The sequels that a case was told, in order."""
    query = (
        select(CommandRow)
        .where(CommandRow.case_no == case_no, CommandRow.principal == "system")
        .order_by(CommandRow.received_at, CommandRow.command_id)
    )
    async with desk.sessions() as session:
        return list(await session.scalars(query))


async def split(desk: Centre, case_no: str, *parts: Part) -> None:
    await desk.ask(case_no, "acceptor1", Step(action=Action.SPLIT, parts=parts))
    await judge(desk, case_no)


async def test_a_split_writes_the_new_case_and_its_first_command(desk: Centre) -> None:
    case_no = await reported(desk)
    part = await desk.draw_number()
    await split(desk, case_no, Part(case_no=part, words=WORDS))
    parent, row = await row_of(desk, case_no), await row_of(desk, part)
    [command] = await told(desk, part)

    assert (row.state, row.stage, row.seq) == ("accepted", "intake", 0)
    assert (row.words, row.address, row.grid) == (WORDS, parent.address, parent.grid)
    assert (row.source, row.reported_at) == (parent.source, parent.reported_at)
    assert (row.reporter_id, row.tracking_hash) == (parent.reporter_id, parent.tracking_hash)
    assert command.label == f"split_off · {case_no}"
    assert command.verdict is None
    assert command.next_tell_at is not None
    assert command.received_at == (await desk.case(case_no)).last_at
    assert WORDS not in str(command.steps)

    await judge(desk, part)
    case, row = await desk.case(part), await row_of(desk, part)
    assert (case.state, case.origin, case.subclass) == (State.ACCEPTED, case_no, LITTER)
    assert (row.state, row.origin, row.due_label) == ("accepted", case_no, "file")
    whole = [one for one in case.clocks if one.kind is ClockKind.WHOLE]
    assert whole == [
        one for one in (await desk.case(case_no)).clocks if one.kind is ClockKind.WHOLE
    ]
    assert (await told(desk, part))[0].verdict == "done"


async def test_advance_run_twice_writes_a_sequel_once(desk: Centre) -> None:
    child, main = await reported(desk), await reported(desk)
    await desk.ask(child, "acceptor1", Step(action=Action.MERGE, other=main))
    order = Advance(case_no=child, known_seq=0)
    first = await desk.activities.advance(order)
    second = await desk.activities.advance(order)

    assert first.events == second.events
    assert [one.label for one in await told(desk, main)] == [f"take_in · {child}"]


async def test_many_advances_at_once_write_a_sequel_once(desk: Centre) -> None:
    child, main = await reported(desk), await reported(desk)
    await desk.ask(child, "acceptor1", Step(action=Action.MERGE, other=main))
    await asyncio.gather(*(judge(desk, child) for _ in range(8)))

    assert len(await told(desk, main)) == 1


async def test_an_advance_that_fails_leaves_neither_event_nor_sequel(
    desk: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_no = await reported(desk)
    before = await desk.case(case_no)
    part = await desk.draw_number()
    step = Step(action=Action.SPLIT, parts=(Part(case_no=part, words=WORDS),))
    await desk.ask(case_no, "acceptor1", step)
    written = sequels.write

    async def dies(session: AsyncSession, found: object) -> None:
        await written(session, found)  # type: ignore[arg-type]
        raise ConnectionError("killed before the commit")

    monkeypatch.setattr(sequels, "write", dies)
    with pytest.raises(ConnectionError):
        await judge(desk, case_no)
    monkeypatch.undo()
    async with desk.sessions() as session:
        assert await session.get(CaseRow, part) is None
    assert await desk.case(case_no) == before
    await judge(desk, case_no)
    assert len(await told(desk, part)) == 1


async def test_the_reconciler_tells_a_part_that_it_begins(desk: Centre) -> None:
    parent = await reported(desk)
    part = await desk.draw_number()
    await split(desk, parent, Part(case_no=part, words=WORDS))
    heard: list[tuple[str, str, bool]] = []

    async def tell(
        case_no: str, *, source: str, command_id: str, label: str, first: bool
    ) -> str:
        assert source == Source.CITIZEN_WEB
        assert command_id
        heard.append((case_no, label, first))
        return "ended"

    await Reconciler(activities=desk.activities, tell=tell).sweep()

    assert heard == [(part, f"split_off · {parent}", True)]
    assert (await desk.case(part)).state is State.ACCEPTED


async def test_a_main_case_that_is_settled_lets_go(desk: Centre) -> None:
    child, main = await reported(desk), await reported(desk)
    await desk.ask(main, "reporter", Step(action=Action.WITHDRAW))
    await desk.ask(child, "acceptor1", Step(action=Action.MERGE, other=main))
    await judge(desk, main, child)
    assert (await row_of(desk, child)).main == main
    await judge(desk, main, child)

    case = await desk.case(child)
    assert (case.state, case.main) == (State.ACCEPTED, "")
    assert (await row_of(desk, child)).main == ""
    verdicts = {one.label: one.verdict for one in await told(desk, main)}
    assert verdicts == {f"take_in · {child}": "refused", f"let_go · {child}": None}


async def test_a_main_case_that_is_not_there_lets_go_and_blocks_nothing(desk: Centre) -> None:
    child = await reported(desk)
    await desk.ask(
        child, "acceptor1", Step(action=Action.MERGE, other=await desk.draw_number())
    )
    await judge(desk, child, child)

    assert (await desk.case(child)).state is State.ACCEPTED


async def test_a_number_that_is_taken_begins_no_second_case(desk: Centre) -> None:
    case_no, other = await reported(desk), await reported(desk)
    before = await row_of(desk, other)
    await split(desk, case_no, Part(case_no=other, words=WORDS))
    await judge(desk, other)

    after = await row_of(desk, other)
    assert (after.words, after.seq) == (before.words, before.seq)
    assert [one.verdict for one in await told(desk, other)] == ["refused"]


async def test_two_cases_that_tell_each_other_at_once_do_not_block(desk: Centre) -> None:
    one, two = await reported(desk), await reported(desk)
    await desk.ask(one, "acceptor1", Step(action=Action.MERGE, other=two))
    await desk.ask(two, "acceptor1", Step(action=Action.MERGE, other=one))
    await asyncio.gather(judge(desk, one), judge(desk, two))
    for _ in range(3):
        await judge(desk, one, two)

    first, second = await desk.case(one), await desk.case(two)
    assert {first.state, second.state} != {State.MERGED}
    for case, other in ((first, second), (second, first)):
        assert (other.case_no in case.merged) is (other.main == case.case_no)
    assert not await desk.unjudged(one)
    assert not await desk.unjudged(two)


async def test_a_command_is_written_down_while_a_case_is_being_judged(desk: Centre) -> None:
    case_no = await reported(desk)
    async with desk.sessions.begin() as session:
        await cases.lock(session, case_no)
        async with asyncio.timeout(10):
            await desk.ask(case_no, "supervisor1", Step(action=Action.URGE))


async def test_links_are_read_both_ways(desk: Centre) -> None:
    child, main = await reported(desk), await reported(desk)
    part = await desk.draw_number()
    await split(desk, child, Part(case_no=part, words=WORDS))
    await desk.ask(child, "acceptor1", Step(action=Action.MERGE, other=main))
    await judge(desk, part, child, main)

    async def found(case_no: str) -> list[tuple[str, str, str]]:
        async with desk.sessions() as session:
            row = await session.get_one(CaseRow, case_no)
            return [
                (one.kind, one.case_no, one.state)
                for one in await links.links(session, row, Reach(everything=True))
            ]

    assert await found(child) == [("main", main, "reported"), ("part", part, "accepted")]
    assert await found(main) == [("merged", child, "merged")]
    assert await found(part) == [("origin", child, "merged")]


async def test_the_code_of_a_report_opens_its_parts(desk: Centre) -> None:
    case_no = await reported(desk)
    part, grandchild = await desk.draw_number(), await desk.draw_number()
    async with desk.sessions.begin() as session:
        row = await session.get_one(CaseRow, case_no)
        row.tracking_hash = b"code"
    await split(desk, case_no, Part(case_no=part, words=WORDS))
    await judge(desk, part)
    await split(desk, part, Part(case_no=grandchild, words=WORDS))
    await judge(desk, grandchild)

    async with desk.sessions() as session:
        numbers = [await links.tracked_as(session, one) for one in (case_no, part, grandchild)]
    assert numbers == [case_no] * 3


async def test_what_one_cause_asks_of_one_case_twice_is_two_commands_however_often_written(
    desk: Centre,
) -> None:
    case_no, other = await reported(desk), await reported(desk)
    at = (await desk.case(case_no)).last_at
    assert at is not None
    asked = [
        Sequel(
            case_no=other,
            cause="c1",
            at=at,
            step=Step(action=Action.COMMENT, other=case_no, text=text),
        )
        for text in ("先", "后")
    ]
    before = len(await told(desk, other))
    for _ in range(2):
        async with desk.sessions.begin() as session:
            await sequels.write(session, asked)
    found = (await told(desk, other))[before:]

    assert sorted(step.text for one in found for step in STEPS.validate_python(one.steps)) == [
        "先",
        "后",
    ]
