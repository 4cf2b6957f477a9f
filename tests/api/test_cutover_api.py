"""A case taken over from another system: its number there and its timeline, by HTTP."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from activities.cases import Advance, CaseActivities
from embedded.office import GRID, Office
from imports.cutover import CutOver
from imports.cutover_columns import HISTORY
from imports.cutover_file import Table

pytestmark = pytest.mark.server

HEADER = "system,foreign_no,state,source,reported_at,words,grid,subclass,reporter_phone"


@pytest.fixture
async def taken(office: Office, tmp_path: Path) -> str:
    """A reported case of another system with two lines of history; its number here."""
    now, system = datetime.now(UTC), f"old-{tmp_path.name}"[:60]
    then = (now - timedelta(days=1)).isoformat()
    cases, history = tmp_path / "cases.csv", tmp_path / "history.csv"
    row = f"{system},X-77,reported,hotline,{then},积存渣土,{GRID},E01-11,0990-5550177"
    cases.write_text(f"{HEADER}\n{row}\n", encoding="utf-8")
    lines = [f"{system},X-77,{then},王{name},{name},{name}了" for name in ("登记", "回访")]
    history.write_text(
        "\n".join(["system,foreign_no,at,who,action,note", *lines]), encoding="utf-8"
    )
    work = CutOver(
        engine=office.engine,
        sealer=office.services.acting.sealer,
        cases=Table(path=cases),
        history=Table(path=history, columns=HISTORY),
    )
    done = await work.run()
    assert (done.added, done.entries) == (1, 2), work.faults.first
    found = await office.get("/search?q=X-77", "desk1")
    case_no = str(found["cases"][0]["case_no"])
    await CaseActivities(office.services.sessions).advance(
        Advance(case_no=case_no, known_seq=0)
    )
    return case_no


async def test_the_timeline_begins_with_what_happened_there(office: Office, taken: str) -> None:
    page = await office.get(f"/cases/{taken}/timeline?limit=1", "desk1")

    assert {one["action"] for one in page["former"]} == {"登记", "回访"}
    assert page["entries"][0]["action"] == "take_over"
    second = await office.get(
        f"/cases/{taken}/timeline?limit=1&cursor={page['next_cursor']}", "desk1"
    )
    assert second["former"] == []


async def test_a_case_says_where_it_came_from(office: Office, taken: str) -> None:
    case = await office.get(f"/cases/{taken}", "desk1")

    assert case["former"]["number"] == "X-77"
    assert case["former"]["system"].startswith("old-")


async def test_a_native_case_has_no_former_system(office: Office, dispatched: str) -> None:
    assert (await office.get(f"/cases/{dispatched}", "duty1"))["former"] is None
    page = await office.get(f"/cases/{dispatched}/timeline", "duty1")
    assert page["former"] == []
