"""The embedded Temporal: crashes, retention, attributes, and where the CLI comes from."""

import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from embedded.process import LOOPBACK, PortTakenError, StartError, free_port
from embedded.temporal import (
    RETENTION,
    CliNotFoundError,
    Ports,
    Setup,
    Temporal,
    find_cli,
    server_version,
)

pytestmark = pytest.mark.server

STAGE = SearchAttributeKey.for_keyword("Stage")
DEPARTMENTS = SearchAttributeKey.for_keyword_list("Departments")


@pytest.fixture
async def own(server_folder: Path, unique: str) -> AsyncIterator[Temporal]:
    """A Temporal of this test's own over a database file, not started."""
    setup = Setup(
        ports=Ports(grpc=free_port()),
        namespace="own",
        search_attributes={"Stage": "Keyword", "Departments": "KeywordList"},
        database=server_folder / unique / "temporal.db",
    )
    server = Temporal(find_cli(build=False), setup, log=server_folder / unique / "temporal.log")
    yield server
    await server.kill()


async def _start_workflow(client: Client, workflow_id: str) -> None:
    """Start one that no worker takes."""
    await client.start_workflow(
        "Nobody",
        id=workflow_id,
        task_queue="nobody",
        search_attributes=TypedSearchAttributes(
            [
                SearchAttributePair(STAGE, "open"),
                SearchAttributePair(DEPARTMENTS, ["water", "roads"]),
            ]
        ),
    )


async def test_histories_are_kept_for_720_hours(own: Temporal) -> None:
    await own.start()

    assert await own.retention() == timedelta(hours=720)


async def test_workflows_and_retention_survive_kill_9(own: Temporal) -> None:
    await own.start()
    client = await own.client()
    for number in range(10):
        await _start_workflow(client, f"case-{number}")

    for _ in range(3):
        await own.kill()
        await own.start()

    client = await own.client()
    for number in range(10):
        description = await client.get_workflow_handle(f"case-{number}").describe()
        assert description.status == WorkflowExecutionStatus.RUNNING
        assert description.typed_search_attributes[DEPARTMENTS] == ["water", "roads"]
    assert await own.retention() == RETENTION
    assert (await client.count_workflows("Stage = 'open'")).count == 10


async def test_a_restart_keeps_workflows(own: Temporal) -> None:
    await own.start()
    await _start_workflow(await own.client(), "case-1")
    before = own.pid

    await own.restart()

    assert own.pid != before
    described = await (await own.client()).get_workflow_handle("case-1").describe()
    assert described.status == WorkflowExecutionStatus.RUNNING


async def test_an_attribute_added_later_is_registered_on_the_old_file(own: Temporal) -> None:
    await own.start()
    await own.stop()
    grown = replace(
        own.setup, search_attributes={**own.setup.search_attributes, "Grid": "Keyword"}
    )
    database = own.setup.database
    assert database is not None
    server = Temporal(find_cli(build=False), grown, log=database.with_suffix(".2.log"))

    await server.start()

    client = await server.client()
    await client.start_workflow(
        "Nobody",
        id="case-1",
        task_queue="nobody",
        search_attributes=TypedSearchAttributes(
            [SearchAttributePair(SearchAttributeKey.for_keyword("Grid"), "G-1")]
        ),
    )
    await server.kill()


async def test_the_type_of_an_attribute_cannot_change(own: Temporal) -> None:
    await own.start()
    await own.stop()
    assert own.setup.database is not None
    changed = replace(own.setup, search_attributes={"Stage": "Int"})
    server = Temporal(
        find_cli(build=False), changed, log=own.setup.database.with_suffix(".2.log")
    )

    with pytest.raises(StartError, match="Stage is INDEXED_VALUE_TYPE_KEYWORD"):
        await server.start()
    assert not server.running


async def test_the_shared_server_keeps_720_hours_too(temporal_server: Temporal) -> None:
    assert await temporal_server.retention() == RETENTION


async def test_web_page_and_metrics_listen_where_they_should(own: Temporal) -> None:
    ports = Ports(grpc=free_port(), ui=free_port(), metrics=free_port())
    database = own.setup.database
    assert database is not None
    server = Temporal(
        find_cli(build=False),
        replace(own.setup, ports=ports, codec_endpoint="http://127.0.0.1:8000/codec"),
        log=database.with_suffix(".log"),
    )

    await server.start()

    for port in (ports.ui, ports.metrics):
        assert port is not None
        with socket.create_connection((LOOPBACK, port), timeout=5):
            pass
    assert server.ui_url == f"http://127.0.0.1:{ports.ui}"
    await server.kill()


async def test_a_taken_port_is_named_with_its_variable(own: Temporal) -> None:
    with socket.socket() as other:
        other.bind((LOOPBACK, own.setup.ports.grpc))
        other.listen()

        with pytest.raises(PortTakenError, match="GRIDCASE_TEMPORAL_PORT"):
            await own.start()


async def test_a_server_that_ends_before_it_is_ready_is_started_again(
    own: Temporal, tmp_path: Path
) -> None:
    once = tmp_path / "temporal"
    once.write_text(
        f"#!/bin/sh\n[ -e {tmp_path}/tried ] || {{ touch {tmp_path}/tried; exit 2; }}\n"
        f'exec {find_cli(build=False)} "$@"\n'
    )
    once.chmod(0o755)
    server = Temporal(once, own.setup, log=tmp_path / "temporal.log")
    await server.start()

    assert server.running
    assert (tmp_path / "tried").exists()
    await server.stop()


async def test_a_file_that_is_no_database_fails_with_the_servers_words(own: Temporal) -> None:
    assert own.setup.database is not None
    own.setup.database.parent.mkdir()
    own.setup.database.write_text("not a database " * 100)

    with pytest.raises(StartError, match="not a database"):
        await own.start()
    assert not own.running


def test_the_cli_is_new_enough() -> None:
    version = server_version(find_cli(build=False))

    assert version is not None
    assert version >= (1, 29)


def test_without_cli_and_go_the_three_ways_out_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("GRIDCASE_CACHE", str(tmp_path))

    with pytest.raises(CliNotFoundError) as caught:
        find_cli()

    message = str(caught.value)
    assert "install the Temporal CLI" in message
    assert "install Go" in message
    assert "TEMPORAL_ADDRESS" in message


def test_a_cli_that_is_too_old_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    old = tmp_path / "temporal"
    old.write_text("#!/bin/sh\necho 'temporal version 1.1.0 (Server 1.25.0, UI 2.31.2)'\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    monkeypatch.setenv("GRIDCASE_CACHE", str(tmp_path / "cache"))

    assert server_version(old) == (1, 25, 0)
    with pytest.raises(CliNotFoundError):
        find_cli(build=False)


FAKE_GO = """#!/bin/sh
echo "$@"
[ "$GO_FAILS" ] && echo "no network" && exit 1
printf '#!/bin/sh\necho "temporal version 1.5.1 (Server 1.29.1)"\n' > "$GOBIN/temporal"
/bin/chmod +x "$GOBIN/temporal"
"""


@pytest.fixture
def only_go(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with a Go that does not really build; its cache folder."""
    programs, cache = tmp_path / "programs", tmp_path / "cache"
    programs.mkdir()
    go = programs / "go"
    go.write_text(FAKE_GO)
    go.chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("GRIDCASE_CACHE", str(cache))
    return cache


def test_go_builds_the_pinned_cli_into_the_cache_once(only_go: Path) -> None:
    said: list[str] = []

    built = find_cli(say=said.append)

    assert built == only_go / "bin" / "temporal"
    assert "five minutes" in said[0]
    assert find_cli(build=False) == built


def test_a_build_that_fails_says_why(only_go: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GO_FAILS", "1")

    with pytest.raises(CliNotFoundError, match=r"cli/cmd/temporal@v1.*no network"):
        find_cli(say=lambda _: None)
    assert not (only_go / "bin" / "temporal").exists()
