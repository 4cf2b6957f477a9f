"""The embedded Postgres: crashes, taken ports, broken and foreign folders."""

import os
import shutil
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from embedded import binaries
from embedded.binaries import (
    NoUserError,
    can_enter,
    find_binaries,
    major_version,
    place,
    unprivileged_user,
)
from embedded.postgres import (
    AlreadyRunningError,
    BrokenDataFolderError,
    DataVersionError,
    Postgres,
)
from embedded.process import LOOPBACK, PortTakenError, free_port

pytestmark = pytest.mark.server


async def _run(url: str, *statements: str) -> object:
    """Commit statements one by one; the value of the last one."""
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    value: object = None
    async with engine.connect() as connection:
        for statement in statements:
            result = await connection.execute(text(statement))
            value = result.scalar() if result.returns_rows else None
    return value


@pytest.fixture
async def own(server_folder: Path, unique: str) -> AsyncIterator[Postgres]:
    """A Postgres of this test's own, fsync on, not started."""
    server = Postgres(server_folder / unique, port=free_port())
    yield server
    await server.kill()


async def test_the_shared_server_copies_a_template(postgres: Postgres, unique: str) -> None:
    first, second = f"a_{unique}", f"b_{unique}"
    url = await postgres.create_database(first)
    await _run(url, "CREATE TABLE t (n int)", "INSERT INTO t VALUES (7)")

    copy = await postgres.create_database(second, template=first)

    assert await _run(copy, "SELECT n FROM t") == 7
    await postgres.drop_database(first)
    await postgres.drop_database(second)
    assert not await postgres.has_database(second)


async def test_text_is_utf8_and_sorts_by_code_point(postgres: Postgres) -> None:
    url = postgres.url("postgres")

    assert await _run(url, "SHOW server_encoding") == "UTF8"
    assert await _run(url, "SELECT upper('é') || length('网格')") == "É2"


async def test_a_wrong_password_is_refused(postgres: Postgres) -> None:
    url = postgres.url("postgres").replace(":gridcase", ":x").replace("gridcase:", "gridcase:x")

    with pytest.raises(Exception, match="password authentication failed"):
        await _run(url, "SELECT 1")


async def test_committed_rows_survive_kill_9_of_the_postmaster(own: Postgres) -> None:
    await own.start()
    url = await own.create_database("crash")
    inserts = ["INSERT INTO t VALUES (1)"] * 50  # each commits
    await _run(url, "CREATE TABLE t (n int)", *inserts)

    for _ in range(3):
        await own.kill()
        await own.start()

    assert await _run(url, "SELECT count(*) FROM t") == 50


async def test_a_crash_while_sessions_are_busy_is_waited_out(own: Postgres) -> None:
    await own.start()
    url = await own.create_database("busy")
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.execute(text("CREATE TABLE t (n int)"))
        await connection.commit()
        await connection.execute(text("INSERT INTO t VALUES (1)"))  # never committed

        await own.kill()
        await own.start()

        await connection.invalidate()
    assert await _run(url, "SELECT count(*) FROM t") == 0


async def test_a_dead_postmasters_file_with_a_reused_pid_does_not_block(own: Postgres) -> None:
    await own.start()
    await own.kill()
    pid_file = own.folder / "pgdata" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    stranger = min(pid for pid in psutil.pids() if pid != os.getpid())
    pid_file.write_text("\n".join([str(stranger), *lines[1:]]) + "\n")

    await own.start()

    assert own.running


async def test_an_interrupted_first_start_leaves_nothing_that_hurts(own: Postgres) -> None:
    half_made = own.folder / "pgdata.new"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("18\n")

    await own.start()

    assert not half_made.exists()


async def test_a_second_server_on_the_same_folder_is_refused(own: Postgres) -> None:
    await own.start()

    with pytest.raises(AlreadyRunningError, match=f"pid {own.pid}"):
        await Postgres(own.folder, port=free_port()).start()


async def test_a_taken_port_is_named_with_its_owner_and_variable(own: Postgres) -> None:
    with socket.socket() as other:
        other.bind((LOOPBACK, own.port))
        other.listen()

        with pytest.raises(PortTakenError) as caught:
            await own.start()

    message = str(caught.value)
    assert str(own.port) in message
    assert f"pid {os.getpid()}" in message
    assert "GRIDCASE_POSTGRES_PORT" in message
    assert not (own.folder / "pgdata").exists()


@pytest.mark.parametrize("victim", ["PG_VERSION", "global/pg_control"])
async def test_a_folder_without_its_control_files_is_broken(own: Postgres, victim: str) -> None:
    await own.start()
    await own.stop()
    (own.folder / "pgdata" / victim).unlink()

    with pytest.raises(BrokenDataFolderError, match="make reset"):
        await own.start()


async def test_a_damaged_control_file_is_broken_in_postgres_own_words(own: Postgres) -> None:
    await own.start()
    await own.stop()
    control = own.folder / "pgdata" / "global" / "pg_control"
    control.write_bytes(b"\0" * control.stat().st_size)

    with pytest.raises(BrokenDataFolderError, match="incompatible with server"):
        await own.start()


async def test_a_lost_password_is_a_broken_folder(own: Postgres) -> None:
    await own.start()
    await own.stop()
    (own.folder / "password").write_text("not the one\n")

    with pytest.raises(BrokenDataFolderError, match="does not let us in"):
        await own.start()
    assert not own.running


async def test_a_folder_of_another_version_is_not_touched(own: Postgres) -> None:
    newest = find_binaries()
    older = [
        path
        for path in newest.parent.parent.glob("pginstall*/bin")
        if major_version(path) != major_version(newest)
    ]
    if not older:
        pytest.skip("the wheel brings only one version of Postgres")
    before = Postgres(own.folder, port=own.port, bin_dir=older[0])
    await before.start()
    await before.stop()

    with pytest.raises(DataVersionError) as caught:
        await own.start()

    assert caught.value.made_by == major_version(older[0])
    assert caught.value.binaries == major_version(newest)
    assert "GRIDCASE_POSTGRES_BIN" in str(caught.value)


async def test_the_password_is_private_and_the_server_is_not_root(own: Postgres) -> None:
    await own.start()

    assert (own.folder / "password").stat().st_mode & 0o777 == 0o600
    assert psutil.Process(own.pid).uids().effective != 0


async def test_stop_is_clean(own: Postgres) -> None:
    await own.start()
    await own.stop()

    assert not own.running
    assert "database system is shut down" in own.log.read_text()
    assert not (own.folder / "pgdata" / "postmaster.pid").exists()


async def test_a_server_that_was_killed_from_outside_is_not_running(own: Postgres) -> None:
    await own.start()
    os.kill(own.pid, signal.SIGKILL)
    psutil.Process(own.pid).wait(timeout=10)

    assert not own.running
    await own.start()
    assert own.running


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")
def test_a_private_folder_above_is_noticed(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)

    assert not can_enter(private, unprivileged_user())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")
async def test_below_a_private_folder_data_and_programs_move_to_where_they_can_be_reached(
    server_folder: Path, unique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared, private = server_folder / f"{unique}s", server_folder / unique
    monkeypatch.setattr(binaries, "SHARED", shared)
    private.mkdir(mode=0o700)
    wheel = find_binaries().parents[1]
    for folder in (wheel, wheel.with_name(f"{wheel.name}.libs")):
        if folder.exists():
            shutil.copytree(folder, private / folder.name)
    programs = private / find_binaries().relative_to(wheel.parent)

    folder, bin_dir = place(private / "var" / "postgres", programs)
    server = Postgres(folder, port=free_port(), bin_dir=bin_dir)
    await server.start()

    assert await server.has_database("postgres")
    assert shared in folder.parents
    assert shared in bin_dir.parents
    await server.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")
async def test_a_private_folder_that_was_asked_for_is_refused_by_name(tmp_path: Path) -> None:
    """The folders that pytest makes are private."""
    with pytest.raises(NoUserError, match="GRIDCASE_DATA_DIR"):
        await Postgres(tmp_path / "postgres", port=free_port()).start()


def test_elsewhere_nothing_moves(server_folder: Path) -> None:
    wanted = server_folder / "not" / "made"

    assert place(wanted, find_binaries()) == (wanted, find_binaries())
