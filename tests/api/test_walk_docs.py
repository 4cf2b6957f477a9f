"""The page that walks a joint case: its calls are run in order, and answer as it shows."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn
from temporalio.client import Client

from embedded.office import Office
from embedded.process import free_port
from embedded.telling import all_judged
from tests.api.walking import Call, Shell, calls_of, differences, documents, shell_in

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "joint-case.md").read_text(encoding="utf-8")
PATIENCE = 30.0
"""Seconds until what follows in another case must have followed."""


@asynccontextmanager
async def served(office: Office) -> AsyncIterator[str]:
    """The API's address."""
    port = free_port()
    config = uvicorn.Config(office.app, port=port, lifespan="off", log_level="warning")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:  # noqa: ASYNC110  uvicorn rings no bell
            await asyncio.sleep(0.02)
        yield f"http://127.0.0.1:{port}/api/v1"
    finally:
        server.should_exit = True
        await task


async def wrong(shell: Shell, call: Call) -> list[str]:
    """Where answers are not as shown; what only looks looks again for a while."""
    until = asyncio.get_running_loop().time() + PATIENCE
    while True:
        real = documents(await shell.run(call.shell))
        found = list(differences(list(call.shown), real))
        if not found or call.writes or asyncio.get_running_loop().time() > until:
            return found
        await asyncio.sleep(0.2)


async def in_temporal(client: Client, case_no: str) -> list[list[str]]:
    """What admins see of the workflows that the page lists: id, type, summary, status."""
    found = []
    for line in shown_of_temporal(case_no):
        workflow = await client.get_workflow_handle(line[0]).describe()
        status = workflow.status.name.lower() if workflow.status else ""
        summary = await workflow.static_summary() or ""
        found.append([workflow.id, workflow.workflow_type, summary, status])
    return found


def shown_of_temporal(case_no: str) -> list[list[str]]:
    """The page's own lines of that."""
    _, _, rest = PAGE.partition("```text\n")
    lines = rest.partition("```")[0].replace("$CASE", case_no).splitlines()
    return [re.split(" {2,}", one) for one in lines]


def test_an_answer_that_is_not_as_shown_is_found() -> None:
    shown = {"state": "closed", "at": "…", "calls": [{"on_time": True}]}
    real = {"state": "closed", "at": "10:00", "calls": [{"on_time": True, "score": 5}]}

    assert not list(differences(shown, real))
    others: tuple[dict[str, object], ...] = (
        {"state": "filed"},
        {"at": ""},
        {"at": None},
        {"calls": []},
        {"calls": [{"on_time": 1}]},
        {"calls": [{}]},
    )
    for other in others:
        assert len(list(differences(shown, real | other))) == 1


def test_each_call_has_the_answers_below_it() -> None:
    page = "```sh\nA=1\ncurl a\n#> {}\n#> [1,\n#> 2]\ncurl b\n```\n"

    assert [(one.line, one.shell, one.shown) for one in calls_of(page)] == [
        (2, "A=1\ncurl a", ({}, [1, 2])),
        (7, "curl b", ()),
    ]


@pytest.mark.server
@pytest.mark.timeout(300)
async def test_the_walk_of_a_joint_case_goes_as_the_page_says(
    office: Office, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shutil.which("curl"), "`make setup` installs it"
    assert shutil.which("jq"), "`make setup` installs it"
    monkeypatch.setattr(office.services.acting, "verdict_wait", PATIENCE)
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    async with served(office) as api, shell_in(tmp_path, API=api) as shell:
        for call in calls_of(PAGE):
            found = await wrong(shell, call)
            assert not found, "\n".join([f"docs/joint-case.md:{call.line}", *found])
        case_no = await shell.run("printf %s $CASE")

    await all_judged(office.services.sessions)
    assert await in_temporal(client, case_no) == shown_of_temporal(case_no)
