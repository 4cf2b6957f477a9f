"""A case taken over from another system, on its page: number and timeline there."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from activities.cases import Advance, CaseActivities
from imports.cutover import CutOver
from imports.cutover_columns import HISTORY
from imports.cutover_file import Table

pytestmark = pytest.mark.server


async def test_the_page_shows_number_and_timeline_of_the_former_system(
    site: Any,  # noqa: ANN401  the fixture's class is not importable
    tmp_path: Path,
) -> None:
    then = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    cases, history = tmp_path / "cases.csv", tmp_path / "history.csv"
    cases.write_text(
        "system,foreign_no,state,source,reported_at,words,grid,subclass\n"
        f"oldtown,Z-9,reported,hotline,{then},积存渣土,{site.grid},E01-11\n",
        encoding="utf-8",
    )
    history.write_text(
        f"system,foreign_no,at,who,action,note\noldtown,Z-9,{then},李登记,电话登记,<b>请快</b>\n",
        encoding="utf-8",
    )
    work = CutOver(
        engine=site.services.sessions.kw["bind"],
        sealer=site.services.acting.sealer,
        cases=Table(path=cases),
        history=Table(path=history, columns=HISTORY),
    )
    assert (await work.run()).entries == 1, work.faults.first
    async with site.services.sessions() as session:
        row = site.case_row
        query = select(row.case_no).where(row.upstream["id"].astext == "Z-9")
        case_no = await session.scalar(query)
    activities = CaseActivities(site.services.sessions)
    await activities.advance(Advance(case_no=case_no, known_seq=0))
    page = await (await site.staff("desk1", "zh")).get(f"/cases/{case_no}")

    assert "原系统 oldtown：Z-9" in page
    assert "电话登记" in page
    assert "&lt;b&gt;请快" in page
    assert "接入在办案件" in page
