"""`manage.py verify`: what it prints, and how it ends."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from temporalio.client import WorkflowExecutionStatus
from typer.testing import CliRunner, Result

from domain.terms import State
from embedded.centre import Centre
from embedded.process import free_port
from embedded.temporal import Temporal
from manage import app
from workflows.client import workflow_id

pytestmark = pytest.mark.server
KEY = base64.b64encode(bytes(32)).decode()
Verify = Callable[..., Awaitable[Result]]


@pytest.fixture
def environment(
    seeded_url: str, temporal_server: Temporal, task_queue: str, tmp_path: Path
) -> dict[str, str]:
    """Where this test's installation is."""
    return {
        "DATABASE_URL": seeded_url,
        "TEMPORAL_ADDRESS": temporal_server.address,
        "GRIDCASE_TEMPORAL_NAMESPACE": temporal_server.setup.namespace,
        "GRIDCASE_TASK_QUEUE": task_queue,
        "GRIDCASE_DATA_DIR": str(tmp_path / "data"),
        "GRIDCASE_REPORTER_KEY": KEY,
        "GRIDCASE_PAYLOAD_KEY": KEY,
        "GRIDCASE_BLIND_INDEX_KEY": KEY,
        "COLUMNS": "200",
    }


@pytest.fixture
def verify(environment: dict[str, str]) -> Verify:
    """Runs the command, with changes to its environment."""

    async def run(*arguments: str, **changed: str) -> Result:
        runner = CliRunner(env=environment | changed)
        return await asyncio.to_thread(runner.invoke, app, ["verify", *arguments])

    return run


async def dispatched(centre: Centre) -> str:
    case_no = await centre.report()
    async with centre.working():
        await centre.until(case_no, lambda one: one.state is State.DISPATCHED)
        await centre.until_in_step(case_no)
    return case_no


async def by_hand(centre: Centre, statement: str) -> None:
    async with centre.sessions.begin() as session:
        await session.execute(text(statement))


async def test_all_is_well(centre: Centre, verify: Verify) -> None:
    await dispatched(centre)
    done = await verify()

    assert done.exit_code == 0, done.output
    assert "Looked at 1 cases (all cases)" in done.output
    assert "Everything is as the log says." in done.output


async def test_what_is_wrong_is_told_with_what_to_do_and_mended(
    centre: Centre, verify: Verify
) -> None:
    case_no = await dispatched(centre)
    handle = centre.door.client.get_workflow_handle(workflow_id(case_no))
    await handle.terminate("by hand")
    await by_hand(centre, "update case_record set unit = 'nobody'")

    found = await verify()
    assert found.exit_code == 1, found.output
    for words in (case_no, "row", "workflow_terminated", "is 'nobody', by the log", "2 left."):
        assert words in found.output
    assert "--repair starts it again from the log" in found.output

    mended = await verify("--repair")
    assert mended.exit_code == 0, mended.output
    assert "row (mended)" in mended.output
    assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
    assert (await verify()).exit_code == 0
    await handle.terminate("the test is over")


async def test_machines_get_json(centre: Centre, verify: Verify) -> None:
    case_no = await dispatched(centre)
    await by_hand(centre, "delete from task")
    done = await verify("--json", "--case", case_no)
    body = json.loads(done.output)

    assert done.exit_code == 1
    assert (body["found"], body["left"], body["cases"]) == ({"row": 1}, 1, 1)
    assert body["findings"][0]["detail"] == "task 1 is missing"
    assert body["findings"][0]["advice"] == "--repair makes the rows anew from the log"


async def test_a_day_is_the_districts(centre: Centre, verify: Verify) -> None:
    await dispatched(centre)
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    done = await verify("--since", tomorrow)

    assert done.exit_code == 0
    assert "open cases, and those changed since" in done.output
    assert "16:00 UTC" in done.output


async def test_a_broken_log_is_left(centre: Centre, verify: Verify) -> None:
    await dispatched(centre)
    await by_hand(centre, "delete from event where seq = 2")
    done = await verify("--repair")

    assert done.exit_code == 1
    assert "restore them from a backup" in done.output


async def test_a_case_that_is_not_there(verify: Verify) -> None:
    done = await verify("--case", "9901062026010100001")

    assert done.exit_code == 2
    assert "there is no case 9901062026010100001" in done.output


async def test_without_temporal_or_registry_it_could_not_run(verify: Verify) -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    away = await verify(TEMPORAL_ADDRESS=nowhere)
    gone = await verify(DATABASE_URL=f"postgresql://x@{nowhere}/x")

    assert (away.exit_code, gone.exit_code) == (2, 2)
    assert "Temporal does not answer" in away.output
    assert "Could not verify" in gone.output


async def test_without_an_installation_it_says_what_is_missing(verify: Verify) -> None:
    done = await verify(GRIDCASE_PAYLOAD_KEY="")

    assert done.exit_code == 2
    assert "payload_key" in done.output
