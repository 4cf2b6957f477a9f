"""The registry on real Postgres: schema, numbers, write-down, the transaction of `advance`."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.cases import Advance, RegistryBehindError
from domain.case_number import parse_case_number
from domain.command import Step
from domain.terms import Action, Result, Source, State
from embedded.centre import PHOTO, SEALER, Centre
from registry import cases, commands, intake
from registry.book import BookKeeper
from registry.commands import KeyReusedError
from registry.engine import sessions_of
from registry.migrate import differences, head, upgrade_async
from registry.tables_case import (
    CaseRow,
    ClockRow,
    CommandRow,
    EventRow,
    NoticeRow,
    ReporterRow,
    RequestRow,
)
from registry.tables_master import PolicyVersion

pytestmark = pytest.mark.server


async def test_the_migrations_make_what_the_code_expects(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
        assert (
            await connection.scalar(text("select version_num from alembic_version"))
        ) == head()


async def test_migrating_twice_changes_nothing(database_url: str) -> None:
    await asyncio.gather(upgrade_async(database_url), upgrade_async(database_url))


async def test_case_numbers_drawn_at_once_are_all_different(engine: AsyncEngine) -> None:
    sessions = sessions_of(engine)
    day = date(2026, 3, 1)

    async def draw() -> str:
        async with sessions.begin() as session:
            return await intake.next_case_number(session, "990106", day)

    drawn = await asyncio.gather(*(draw() for _ in range(60)))
    assert len(set(drawn)) == 60
    assert {parse_case_number(one)[1] for one in drawn} == {day}


async def test_a_rolled_back_report_leaves_nothing(desk: Centre) -> None:
    async with desk.sessions() as session:
        await intake.next_case_number(session, "990106", date(2026, 3, 2))
        await session.rollback()
    async with desk.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(CaseRow)) == 0


async def test_advance_run_twice_adds_nothing(desk: Centre) -> None:
    case_no = await desk.report()
    order = Advance(case_no=case_no, known_seq=0)
    first = await desk.activities.advance(order)
    second = await desk.activities.advance(order)

    assert [event.action for event in first.events] == [
        Action.REPORT,
        Action.ACCEPT,
        Action.FILE,
        Action.DISPATCH,
    ]
    assert second.events == first.events
    assert (first.judged != (), second.judged) == (True, ())


async def test_many_advances_at_once_judge_a_command_once(desk: Centre) -> None:
    case_no = await desk.report()
    order = Advance(case_no=case_no, known_seq=0)
    answers = await asyncio.gather(*(desk.activities.advance(order) for _ in range(8)))

    assert sum(len(answer.judged) for answer in answers) == 1
    assert len({answer.events for answer in answers}) == 1


async def test_a_registry_that_lost_events_refuses_to_go_on(desk: Centre) -> None:
    case_no = await desk.report()
    with pytest.raises(RegistryBehindError, match="behind"):
        await desk.activities.advance(Advance(case_no=case_no, known_seq=99))


async def test_every_command_of_an_ended_case_gets_its_verdict(desk: Centre) -> None:
    case_no = await desk.report(source=Source.CITIZEN_WEB)
    withdrawn = await desk.ask(case_no, "reporter", Step(action=Action.WITHDRAW))
    late = await desk.ask(case_no, "supervisor1", Step(action=Action.URGE))
    await desk.activities.advance(Advance(case_no=case_no, known_seq=0))

    assert (await desk.verdict(withdrawn)).verdict == "done"
    row = await desk.verdict(late)
    assert (row.verdict, (row.refusal or {})["why"]) == ("refused", "case_final")
    assert (await desk.case(case_no)).state is State.WITHDRAWN


async def test_rows_that_pages_read_follow_the_log(desk: Centre) -> None:
    case_no = await desk.report()
    await desk.activities.advance(Advance(case_no=case_no, known_seq=0))
    case = await desk.case(case_no)
    async with desk.sessions() as session:
        row = await session.get_one(CaseRow, case_no)
        clocks = (
            await session.scalars(select(ClockRow).where(ClockRow.case_no == case_no))
        ).all()
        notices = (await session.scalars(select(NoticeRow.address))).all()

    assert (row.state, row.unit, row.seq) == (case.state, case.unit, case.seq)
    assert {clock.clock_id for clock in clocks} == {one.clock_id for one in case.clocks}
    assert row.due_label == "sign"
    assert row.due_at == next(one.due_at for one in clocks if one.clock_id == "sign")
    assert f"unit:{case.unit}" in notices
    assert await desk.snapshot(case_no) == case


async def test_free_text_stays_out_of_events(desk: Centre) -> None:
    case_no = await desk.report()
    words = "王女士 13800001111"
    await desk.ask(case_no, "supervisor1", Step(action=Action.URGE, text=words))
    await desk.activities.advance(Advance(case_no=case_no, known_seq=0))
    async with desk.sessions() as session:
        rows = (await session.scalars(select(EventRow))).all()

    assert [row.note for row in rows if row.action == Action.URGE] == [words]
    assert not any(words in str(row.body) for row in rows)


async def test_a_key_repeated_with_another_body_is_refused(desk: Centre) -> None:
    case_no = await desk.report()
    async with desk.sessions() as session:
        row = (
            await session.scalars(select(CommandRow).where(CommandRow.case_no == case_no))
        ).one()
        same = await commands.repeated(
            session, row.principal, row.idempotency_key, row.body_hash
        )
        assert same is not None
        assert await commands.repeated(session, "another", row.idempotency_key, b"") is None
        with pytest.raises(KeyReusedError):
            await commands.repeated(session, row.principal, row.idempotency_key, b"other")


async def test_two_sweeps_at_once_claim_a_case_once(desk: Centre) -> None:
    numbers = {await desk.report() for _ in range(6)}
    for number in numbers:
        await desk.make_due_to_tell(number)

    async def claim() -> list[str]:
        async with desk.sessions.begin() as session:
            return [one.case_no for one in await commands.claim(session, limit=100)]

    claimed = [
        one for part in await asyncio.gather(*(claim() for _ in range(4))) for one in part
    ]
    assert sorted(claimed) == sorted(numbers)


async def test_an_event_cannot_be_written_twice(desk: Centre) -> None:
    case_no = await desk.report()
    await desk.activities.advance(Advance(case_no=case_no, known_seq=0))
    async with desk.sessions() as session:
        first = (
            await session.scalars(
                select(EventRow).where(EventRow.case_no == case_no).order_by(EventRow.seq)
            )
        ).first()
    assert first is not None
    with pytest.raises(IntegrityError, match="event_once"):
        async with desk.sessions.begin() as session:
            session.add(
                EventRow(
                    case_no=case_no,
                    seq=77,
                    cause_id=first.cause_id,
                    part=first.part,
                    at=first.at,
                    action="report",
                    state="reported",
                    actor="x",
                    role="system",
                    body={},
                )
            )


async def test_a_reporter_is_stored_sealed_and_found_by_number(desk: Centre) -> None:
    sealed = SEALER.seal("王女士")

    assert SEALER.open(sealed) == "王女士"
    assert "王".encode() not in sealed
    assert SEALER.seal("王女士") != sealed
    assert SEALER.index("13800001111") == SEALER.index("13800001111")
    async with desk.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(ReporterRow)) == 0


async def test_an_overdue_case_nobody_heard_is_found(desk: Centre) -> None:
    case_no = await desk.report()
    await desk.activities.advance(Advance(case_no=case_no, known_seq=0))
    async with desk.sessions() as session:
        none = await cases.overdue_unheard(
            session, behind=datetime.now(UTC) - timedelta(days=1), limit=5
        )
    await desk.let_rung_pass(case_no)
    async with desk.sessions() as session:
        found = await cases.overdue_unheard(session, behind=datetime.now(UTC), limit=5)

    assert none == []
    assert [number for number, _ in found] == [case_no]


async def test_a_request_that_feedback_overtakes_lapses(desk: Centre) -> None:
    case_no = await desk.report()
    order = Advance(case_no=case_no, known_seq=0)
    await desk.activities.advance(order)
    unit = (await desk.case(case_no)).unit
    ask = Step(
        action=Action.REQUEST_EXTENSION,
        reason=desk.reason("request_extension"),
        text="需要大型机械",
        amount=1.0,
    )
    await desk.ask(case_no, f"{unit}.desk", Step(action=Action.SIGN))
    await desk.ask(case_no, f"{unit}.crew", ask)
    await desk.ask(
        case_no,
        f"{unit}.crew",
        Step(action=Action.FEED_BACK, result=Result.SOLVED, text="已清理", photos=(PHOTO,)),
    )
    await desk.activities.advance(order)
    async with desk.sessions() as session:
        request = (await session.scalars(select(RequestRow))).one()

    assert (request.kind, request.answer) == ("extension", "lapsed")
    assert request.decided_seq == (await desk.case(case_no)).seq


async def test_a_policy_comes_into_force_by_its_date(desk: Centre) -> None:
    keeper, now = BookKeeper(), datetime.now(UTC)
    soon = now + timedelta(hours=1)
    async with desk.sessions.begin() as session:
        body = (await session.get_one(PolicyVersion, 1)).body
        session.add(PolicyVersion(version=2, valid_from=soon, body=body))
    async with desk.sessions() as session:
        before = await keeper.book(session, now)
        after = await keeper.book(session, soon + timedelta(seconds=5))

    assert (before.policy, after.policy) == (1, 2)
