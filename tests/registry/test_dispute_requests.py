"""Arbitration and consultation on the request rows: who asked, and what became of it."""

import pytest
from sqlalchemy import select

from activities.cases import Advance
from domain.command import Step
from domain.terms import Action, Decision, State
from embedded.centre import Centre
from registry.projection import request_rows
from registry.tables_case import CaseRow, RequestRow

pytestmark = pytest.mark.server


async def test_a_ruling_and_a_consultation_are_asked_for_and_decided(centre: Centre) -> None:
    centre.tells = False
    case_no = await centre.report()
    order = Advance(case_no=case_no, known_seq=0)
    await centre.activities.advance(order)
    unit = (await centre.case(case_no)).unit
    head = f"{unit}.head"

    def reasoned(action: Action) -> Step:
        return Step(action=action, reason=centre.reason(action.value), text="说明")

    await centre.ask(case_no, f"{unit}.desk", Step(action=Action.SIGN))
    await centre.ask(case_no, head, reasoned(Action.RETURN))
    await centre.ask(case_no, "dispatcher1", reasoned(Action.REJECT_RETURN))
    extension = Step(
        action=Action.REQUEST_EXTENSION,
        reason=centre.reason("request_extension"),
        text="需要大型机械",
        amount=1.0,
    )
    await centre.ask(case_no, f"{unit}.crew", extension)
    await centre.ask(case_no, head, reasoned(Action.OBJECT))
    await centre.activities.advance(order)
    async with centre.sessions() as session:
        row = await session.get_one(CaseRow, case_no)
    assert (row.state, row.pending, row.due_label) == (
        *(State.ARBITRATING, "arbitration"),
        "decide:3",
    )
    await centre.ask(case_no, "supervisor1", Step(action=Action.CONSULT))
    await centre.ask(
        case_no,
        "command1",
        Step(
            action=Action.DECIDE,
            decision=Decision.DISPATCH,
            unit=unit,
            text="会议纪要",
            participants=(unit,),
        ),
    )
    await centre.activities.advance(order)
    async with centre.sessions() as session:
        rows = (await session.scalars(select(RequestRow).order_by(RequestRow.seq))).all()

    assert [(one.kind, one.asked_by, one.answer) for one in rows] == [
        ("extension", f"{unit}.crew", "lapsed"),
        ("arbitration", head, "lapsed"),
        ("consultation", "supervisor1", "decided"),
    ]
    made = request_rows(case_no, await centre.events(case_no))
    assert [one["decided_seq"] for one in made] == [one.decided_seq for one in rows]
    assert (await centre.case(case_no)).state is State.DISPATCHED
