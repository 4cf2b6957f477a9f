"""The one-shot scripts do their work once, and nothing the second time."""

import asyncio
import os
import subprocess
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from sqlalchemy import URL, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from embedded.binaries import find_binaries
from embedded.postgres import Postgres
from embedded.temporal import Temporal, find_cli
from workflows.attributes import SEARCH_ATTRIBUTES

DEPLOY = Path(__file__).parents[2] / "deploy"
PASSWORD = "it's'; a test"  # noqa: S105  # its quoting is what is tested
FAKE_TOOL = '#!/bin/sh\necho "$*" >> "$CALLS"\ncase "$*" in *"$BREAK"*) exit 1 ;; esac\n'


async def _run(script: str, **env: str) -> CompletedProcess[str]:
    def run() -> CompletedProcess[str]:
        return subprocess.run(  # noqa: S603  # our own file
            ["/bin/sh", DEPLOY / script],
            env=os.environ | env,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return await asyncio.to_thread(run)


def _schema_env(folder: Path, breaks_at: str = "no such argument") -> dict[str, str]:
    tool = folder / "temporal-sql-tool"
    tool.write_text(FAKE_TOOL)
    tool.chmod(0o755)
    return {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "CALLS": str(folder / "calls"),
        "BREAK": breaks_at,
        "POSTGRES_HOST": "postgres",
        "SQL_PASSWORD": "not on a command line",
    }


async def test_both_schemas_are_made_then_updated(tmp_path: Path) -> None:
    done = await _run("temporal/schema.sh", **_schema_env(tmp_path))
    calls = (tmp_path / "calls").read_text().splitlines()

    assert done.returncode == 0, done.stderr
    assert [call.split("--database ")[1].split()[:2] for call in calls] == [
        ["temporal", "setup-schema"],
        ["temporal", "update-schema"],
        ["temporal_visibility", "setup-schema"],
        ["temporal_visibility", "update-schema"],
    ]
    assert not any("not on a command line" in call for call in calls)


async def test_a_schema_that_fails_stops_the_job(tmp_path: Path) -> None:
    done = await _run("temporal/schema.sh", **_schema_env(tmp_path, "temporal update-schema"))

    assert done.returncode == 1
    assert len((tmp_path / "calls").read_text().splitlines()) == 2


@pytest.mark.server
async def test_each_user_of_postgres_owns_its_databases_and_sees_no_other(
    postgres: Postgres,
) -> None:
    url = make_url(postgres.url("postgres"))
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    done = await _run(
        "postgres/10-databases.sh",
        PATH=f"{find_binaries()}:{os.environ['PATH']}",
        PGHOST=str(url.host),
        PGPORT=str(url.port),
        PGPASSWORD=str(url.password),
        POSTGRES_USER=str(url.username),
        REGISTRY_DB_PASSWORD=PASSWORD,
        TEMPORAL_DB_PASSWORD="another",  # noqa: S106
    )
    try:
        assert done.returncode == 0, done.stderr
        async with engine.connect() as connection:
            owners = await connection.execute(
                text(
                    "select datname, rolname from pg_database join pg_roles on "
                    "pg_roles.oid = datdba where rolname in ('registry', 'temporal')"
                )
            )
            assert {(row[0], row[1]) for row in owners} == {
                ("registry", "registry"),
                ("temporal", "temporal"),
                ("temporal_visibility", "temporal"),
            }
        registry = url.set(username="registry", password=PASSWORD)
        assert await _can_enter(registry.set(database="registry"))
        assert not await _can_enter(registry.set(database="temporal"))
    finally:
        async with engine.connect() as connection:
            for name in ("registry", "temporal", "temporal_visibility"):
                await connection.execute(text(f"drop database if exists {name}"))
            for name in ("registry", "temporal"):
                await connection.execute(text(f"drop role if exists {name}"))
        await engine.dispose()


async def _can_enter(url: URL) -> bool:
    engine = create_async_engine(url)
    try:
        async with engine.connect():
            return True
    except DBAPIError:
        return False
    finally:
        await engine.dispose()


async def _namespace(server: Temporal, name: str) -> CompletedProcess[str]:
    cli = find_cli(build=False)
    return await _run(
        "temporal/namespace.sh",
        PATH=f"{cli.parent}:{os.environ['PATH']}",
        TEMPORAL_ADDRESS=server.address,
        TEMPORAL_NAMESPACE=name,
        PAUSE="0.2",
        ATTEMPTS="50",
    )


def _ask(server: Temporal, *arguments: str) -> str:
    done = subprocess.run(  # noqa: S603  # the command that the fixture runs
        [find_cli(build=False), "operator", *arguments, "--address", server.address],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.server
async def test_a_namespace_is_made_with_attributes_and_retention_and_made_again_changes_nothing(
    temporal_server: Temporal, unique: str
) -> None:
    for _ in range(2):
        done = await _namespace(temporal_server, unique)
        assert done.returncode == 0, done.stderr

    described = _ask(temporal_server, "namespace", "describe", "--namespace", unique)
    listed = _ask(temporal_server, "search-attribute", "list", "--namespace", unique)
    found = dict(line.split() for line in listed.splitlines()[1:] if line.strip())

    assert "720h0m0s" in described
    assert {name: found.get(name) for name in SEARCH_ATTRIBUTES} == dict(SEARCH_ATTRIBUTES)


@pytest.mark.server
async def test_an_attribute_of_another_type_is_said_at_once(
    temporal_server: Temporal, unique: str
) -> None:
    assert (await _namespace(temporal_server, unique)).returncode == 0
    wrong = ("--namespace", unique, "--name", "CaseStage")
    _ask(temporal_server, "search-attribute", "remove", *wrong, "--yes")
    _ask(temporal_server, "search-attribute", "create", *wrong, "--type", "Int")

    done = await _namespace(temporal_server, unique)

    assert done.returncode != 0
    assert "CaseStage is Int, not Keyword" in done.stderr
