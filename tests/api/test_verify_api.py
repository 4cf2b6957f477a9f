"""What the last verify found, over HTTP: for admins."""

import pytest
from sqlalchemy import delete
from uuid_utils.compat import uuid7

from embedded.office import Office
from registry import findings
from registry.findings import ADVICE, Finding, Kind, Repair
from registry.tables_verify import VerifyRunRow

pytestmark = pytest.mark.server
PATH = "/verify/latest"


@pytest.fixture
async def verified(office: Office) -> str:
    """The id of a run with two findings, one mended."""
    run_id = uuid7()
    found = [
        Finding(case_no="1", kind=Kind.ROW, detail="task 1 is missing"),
        Finding(case_no="2", kind=Kind.SILENT, detail="a limit fell due"),
    ]
    async with office.services.sessions.begin() as session:
        await findings.begin(session, run_id, scope="all cases", repair=Repair.WORKFLOWS)
        await findings.note(session, run_id, found)
        await findings.note_repaired(session, run_id, "2", [Kind.SILENT])
        await findings.end(session, run_id, cases=7, workflows=5)
    return str(run_id)


async def test_an_admin_reads_the_last_run(office: Office, verified: str) -> None:
    body = await office.get(PATH, "admin1")

    assert (body["run_id"], body["cases"], body["workflows"]) == (verified, 7, 5)
    assert (body["found"], body["repaired"]) == ({"row": 1, "silent": 1}, {"silent": 1})
    assert (body["left"], body["ended_at"] is not None) == (1, True)
    first, second = body["findings"]
    assert (first["kind"], first["advice"]) == ("row", ADVICE[Kind.ROW])
    assert (first["repaired_at"], second["kind"]) == (None, "silent")
    assert len((await office.get(f"{PATH}?limit=1", "admin1"))["findings"]) == 1


@pytest.mark.usefixtures("verified")
async def test_nobody_else_does(office: Office) -> None:
    assert (await office.ask("GET", PATH, "duty1")).status_code == 403
    assert (await office.ask("GET", PATH)).status_code == 401


@pytest.mark.usefixtures("verified")
async def test_metrics_tell_what_is_left(office: Office) -> None:
    text = (await office.http.get("/metrics")).text
    values = dict(
        line.split(" ") for line in text.splitlines() if line.startswith("gridcase_v")
    )

    assert values["gridcase_verify_left"] == "1.0"
    assert 0 <= float(values["gridcase_verify_age_seconds"]) < 60


async def test_before_the_first_run_there_is_none(office: Office) -> None:
    async with office.services.sessions.begin() as session:
        await session.execute(delete(VerifyRunRow))
    answer = await office.ask("GET", PATH, "admin1")

    assert answer.status_code == 404
    assert "manage.py verify" in answer.json()["detail"]
    assert "gridcase_verify_left NaN" in (await office.http.get("/metrics")).text
