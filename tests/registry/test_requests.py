"""Requests of every kind on their rows, and messages that wait for working time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from activities.cases import Advance
from domain.command import Step
from domain.terms import Action, Source, State
from embedded.centre import Centre
from registry.tables_case import CaseRow, NoticeRow, RequestRow

pytestmark = pytest.mark.server
ZONE = ZoneInfo("Asia/Shanghai")
SATURDAY = datetime(2026, 9, 12, 21, tzinfo=ZONE).astimezone(UTC)
MONDAY = datetime(2026, 9, 14, 8, tzinfo=ZONE).astimezone(UTC)


class Now:
    """The clock of a test, for the registry and for receipts."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    async def __call__(self, _session: AsyncSession | None = None) -> datetime:
        """Its time."""
        return self.at


async def judge(desk: Centre, case_no: str, *, cancel_of: str = "") -> datetime | None:
    order = Advance(case_no=case_no, known_seq=0, cancel_of=cancel_of)
    return (await desk.activities.advance(order)).next_due


async def requests(desk: Centre, case_no: str) -> list[tuple[str, str, str]]:
    async with desk.sessions() as session:
        rows = await session.scalars(
            select(RequestRow).where(RequestRow.case_no == case_no).order_by(RequestRow.seq)
        )
        return [(row.kind, row.asked_by, row.answer) for row in rows]


async def signed(desk: Centre) -> tuple[str, str]:
    """A case that its unit has signed, and the unit."""
    case_no = await desk.report()
    await judge(desk, case_no)
    unit = (await desk.case(case_no)).unit
    await desk.ask(case_no, f"{unit}.desk", Step(action=Action.SIGN))
    return case_no, unit


async def test_a_hold_asked_for_and_approved_is_on_its_row_until_when(desk: Centre) -> None:
    case_no, unit = await signed(desk)
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=20)
    hold = Step(action=Action.REQUEST_HOLD, reason="hold_season", text="补种", until=until)
    await desk.ask(case_no, f"{unit}.head", hold)
    await desk.ask(case_no, "dispatcher1", Step(action=Action.APPROVE_HOLD))
    await judge(desk, case_no)
    async with desk.sessions() as session:
        request = (await session.scalars(select(RequestRow))).one()
        row = await session.get_one(CaseRow, case_no)

    assert (request.kind, request.answer, request.until) == ("hold", "approved", until)
    assert request.amount == timedelta(0)
    assert (row.state, row.due_label, row.due_at) == (State.ON_HOLD, "hold", until)
    assert await desk.snapshot(case_no) == await desk.case(case_no)


async def test_requests_of_each_kind_and_what_became_of_them(desk: Centre) -> None:
    case_no, unit = await signed(desk)
    ask = Step(action=Action.REQUEST_FORCE_CLOSE, reason="force_no_contact", text="无法联系")
    await desk.ask(case_no, "reporter", Step(action=Action.REQUEST_WITHDRAW))
    await desk.ask(
        case_no,
        "duty1",
        Step(action=Action.REFUSE_WITHDRAW, reason="go_on_danger", text="仍有危险"),
        ask,
    )
    await desk.ask(
        case_no,
        f"{unit}.head",
        Step(
            action=Action.REQUEST_HOLD,
            reason="hold_season",
            text="补种",
            until=datetime.now(UTC) + timedelta(days=9),
        ),
    )
    await desk.ask(case_no, "command1", replace(ask, action=Action.FORCE_CLOSE))
    await judge(desk, case_no)

    assert await requests(desk, case_no) == [
        ("withdraw", "reporter", "refused"),
        ("force_close", "duty1", "approved"),
        ("hold", f"{unit}.head", "lapsed"),
    ]


async def test_a_wish_to_cancel_is_on_a_row_with_a_decider_s_clock(desk: Centre) -> None:
    case_no, _ = await signed(desk)
    await judge(desk, case_no)
    due = await judge(desk, case_no, cancel_of="run")
    case = await desk.case(case_no)
    decide = next(one for one in case.clocks if one.clock_id == "decide")

    assert await requests(desk, case_no) == [("void", "temporal-admin", "")]
    assert case.pending[0].clock == decide.clock_id
    assert due is not None
    async with desk.sessions() as session:
        assert (await session.get_one(CaseRow, case_no)).next_rung_at == due


@pytest.mark.parametrize(("urgent", "shown"), [(False, MONDAY), (True, SATURDAY)])
async def test_messages_wait_for_working_time_unless_the_case_is_urgent(
    desk: Centre, *, urgent: object, shown: datetime
) -> None:
    desk.clock = desk.activities.clock = Now(SATURDAY)
    case_no = await desk.report(Source.DEPARTMENT)
    accept = Step(action=Action.ACCEPT, subclass="E01-13", urgent=bool(urgent))
    await desk.ask(case_no, "acceptor1", accept)
    await desk.ask(case_no, "supervisor1", Step(action=Action.URGE))
    await judge(desk, case_no)
    async with desk.sessions() as session:
        notices = (await session.scalars(select(NoticeRow.at))).all()
    events = await desk.events(case_no)

    assert set(notices) == {shown}
    assert {one.at for one in events} == {SATURDAY}
