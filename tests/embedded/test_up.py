"""`make up` with stand-ins for the worker and the server: order, locks, deaths, leftovers."""

import asyncio
import io
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx
import psutil
import pytest
from rich.console import Console
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from embedded.folder import BrokenKeysError, DataFolder, InUseError, NotOursError
from embedded.process import (
    LOOPBACK,
    StartError,
    alive,
    dies_with_us,
    free_port,
    port_is_free,
)
from embedded.up import SAME_PRESS_SECONDS, Account, PortsTakenError, Up
from settings import LocalSettings

pytestmark = pytest.mark.server
ROOT = Path(__file__).parents[2]
DEADLINE = 60.0

STAND_IN = """
import http.server, os, signal, sys, time
name, variable = sys.argv[1:]
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *args): pass
def end(*_):
    with open(os.environ["GRIDCASE_DATA_DIR"] + "/ended.txt", "a") as file:
        file.write(name + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
print(name, "runs", flush=True)
http.server.HTTPServer(("127.0.0.1", int(os.environ[variable])), Answer).serve_forever()
"""


async def count_runs(database_url: str) -> list[Account]:
    """A stand-in for migrating and seeding: it counts how often it was called, in the data."""
    engine = create_async_engine(database_url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.execute(text("CREATE TABLE IF NOT EXISTS run (at timestamptz)"))
        await connection.execute(text("INSERT INTO run VALUES (now())"))
        runs = await connection.scalar(text("SELECT count(*) FROM run"))
    return [Account("ding", "secret", "Dispatcher", f"runs={runs}")]


class Rig:
    """Runs of `make up` on one folder, with stand-ins."""

    def __init__(self, folder: Path) -> None:
        self.settings = LocalSettings(
            data_dir=folder / "var",
            port=free_port(),
            worker_metrics_port=free_port(),
            postgres_port=free_port(),
            temporal_port=free_port(),
            temporal_ui_port=free_port(),
            temporal_metrics_port=free_port(),
            database_url=None,
            temporal_address=None,
        )
        self.folder = DataFolder(self.settings.data_dir)
        self.terminal = folder / "terminal.txt"
        self.stand_in = folder / "stand_in.py"
        self.stand_in.write_text(STAND_IN)
        self.programs = {
            "worker": [
                sys.executable,
                str(self.stand_in),
                "worker",
                "GRIDCASE_WORKER_METRICS_PORT",
            ],
            "server": [sys.executable, str(self.stand_in), "server", "GRIDCASE_PORT"],
        }
        self.output = io.StringIO()

    def up(self) -> Up:
        """A run, not begun."""
        console = Console(file=self.output, width=200)
        return Up(self.settings, console, programs=self.programs, fill=count_runs)

    @property
    def shown(self) -> str:
        """What the terminal shows."""
        return self.output.getvalue()

    def pids(self) -> dict[str, int]:
        """The children that the run has noted."""
        noted = json.loads((self.folder.path / "children.json").read_text())
        return {name: pid for name, (pid, _) in noted.items()}

    def ports(self) -> list[int]:
        """Where the children listen."""
        one = self.settings
        return [one.port, one.worker_metrics_port, one.postgres_port, one.temporal_port]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Up]:
        """A run, from the moment that all is ready until all is stopped."""
        run = self.up()
        task = asyncio.create_task(run.run())
        try:
            await until(lambda: "Ctrl-C stops" in self.shown, task)
            yield run
        finally:
            run.stop()
            await asyncio.wait_for(task, DEADLINE)

    @contextmanager
    def elsewhere(self) -> Iterator[subprocess.Popen[bytes]]:
        """A run in a process of its own, as `manage.py up` is."""
        script = textwrap.dedent(f"""
            import asyncio, sys
            sys.path[:0] = [{str(ROOT)!r}, {str(Path(__file__).parent)!r}]
            from rich.console import Console
            from test_up import count_runs
            from embedded.up import Up, up
            from settings import LocalSettings
            settings = LocalSettings.model_validate_json({self.settings.model_dump_json()!r})
            run = Up(settings, Console(), programs={self.programs!r}, fill=count_runs)
            asyncio.run(up(run))
        """)
        with self.terminal.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603  # our own script
                [sys.executable, "-c", script], stdout=output, stderr=output
            )
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def is_up_elsewhere(self) -> bool:
        """Whether the other process is ready; its end is an error."""
        shown = self.terminal.read_text()
        assert "Traceback" not in shown, shown
        return "Ctrl-C stops" in shown


async def until(true: Callable[[], bool], task: asyncio.Task[None] | None = None) -> None:
    """Poll until something is true; a task that fails meanwhile fails the test."""
    deadline = time.monotonic() + DEADLINE
    while not true():
        if task is not None and task.done():
            task.result()
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


@pytest.fixture
def rig(server_folder: Path, unique: str) -> Rig:
    folder = server_folder / unique
    folder.mkdir(mode=0o711)
    return Rig(folder)


async def test_everything_runs_then_stops_in_order(rig: Rig) -> None:
    async with rig.running(), httpx.AsyncClient(trust_env=False) as client:
        ready = await client.get(f"http://127.0.0.1:{rig.settings.port}/readyz")
        processes = [psutil.Process(pid) for pid in rig.pids().values()]

        assert ready.status_code == 200
        assert list(rig.pids()) == ["postgres", "temporal", "worker", "server"]

    assert (rig.folder.path / "ended.txt").read_text().split() == ["server", "worker"]
    assert not any(process.is_running() for process in processes)
    assert all(port_is_free(port) for port in rig.ports())
    assert "database system is shut down" in (rig.folder.logs / "postgres.log").read_text()


async def test_addresses_and_accounts_are_shown(rig: Rig) -> None:
    async with rig.running():
        base = f"http://127.0.0.1:{rig.settings.port}"

        for shown in (base, f"{base}/report", f"{base}/track", f"{base}/docs", "Temporal UI"):
            assert shown in rig.shown
        for shown in ("ding", "secret", "Dispatcher"):
            assert shown in rig.shown


async def test_the_next_run_continues_with_the_same_data_and_keys(rig: Rig) -> None:
    async with rig.running():
        keys = (rig.folder.path / "keys.json").read_text()
    rig.output = io.StringIO()

    async with rig.running():
        assert "runs=2" in rig.shown
        assert (rig.folder.path / "keys.json").read_text() == keys


async def test_secrets_are_private_and_published_only_while_it_runs(rig: Rig) -> None:
    async with rig.running():
        for name in ("keys.json", "environment.json"):
            assert (rig.folder.path / name).stat().st_mode & 0o777 == 0o600
        environment = rig.folder.environment()
        assert environment["DATABASE_URL"].startswith("postgresql+asyncpg://")
        assert environment["TEMPORAL_ADDRESS"] == f"127.0.0.1:{rig.settings.temporal_port}"

    assert rig.folder.environment() == {}


async def test_a_second_run_and_a_reset_are_refused_meanwhile(rig: Rig) -> None:
    async with rig.running():
        with pytest.raises(InUseError, match=f"already running .* pid {os.getpid()}"):
            await rig.up().run()
        with pytest.raises(InUseError):
            rig.folder.reset()
        assert "ding" in rig.shown
        assert all(psutil.pid_exists(pid) for pid in rig.pids().values())


@pytest.mark.parametrize("victim", ["worker", "server", "postgres", "temporal"])
async def test_whoever_is_killed_comes_back(rig: Rig, victim: str) -> None:
    async with rig.running():
        before = rig.pids()[victim]

        os.kill(before, signal.SIGKILL)

        await until(lambda: f"{victim} runs again" in rig.shown)
        await until(lambda: rig.pids().get(victim, before) != before)
        assert f"{victim} died" in rig.shown


async def test_a_program_that_cannot_start_says_why_and_all_is_stopped(rig: Rig) -> None:
    rig.programs["server"] = [sys.executable, "-c", "raise SystemExit('no such thing as rain')"]

    with pytest.raises(StartError, match="no such thing as rain"):
        await rig.up().run()

    assert all(port_is_free(port) for port in rig.ports())


async def test_stop_during_the_start_stops_what_was_started(rig: Rig) -> None:
    rig.programs["worker"] = [sys.executable, "-c", "import signal; signal.pause()"]
    run = rig.up()
    task = asyncio.create_task(run.run())
    await until((rig.folder.logs / "worker.log").exists, task)

    run.stop()
    await asyncio.wait_for(task, DEADLINE)

    assert all(port_is_free(port) for port in rig.ports())
    assert "Stopped" in rig.shown


async def test_every_taken_port_gets_its_sentence(rig: Rig) -> None:
    with socket.socket() as first, socket.socket() as second:
        for other, port in (
            (first, rig.settings.port),
            (second, rig.settings.temporal_ui_port),
        ):
            other.bind((LOOPBACK, port))
            other.listen()

        with pytest.raises(PortsTakenError) as caught:
            await rig.up().run()

    lines = str(caught.value).splitlines()
    assert len(lines) == 2
    assert f"port {rig.settings.port}" in lines[0]
    assert f"pid {os.getpid()}" in lines[0]
    assert "GRIDCASE_PORT" in lines[0]
    assert "GRIDCASE_TEMPORAL_UI_PORT" in lines[1]


async def test_after_a_killed_run_the_next_one_continues(rig: Rig) -> None:
    with rig.elsewhere() as process:
        await until(rig.is_up_elsewhere)
        left = rig.pids()
        process.kill()
        process.wait()

    async with rig.running():
        assert "runs=2" in rig.shown
        assert not set(left.values()) & set(rig.pids().values())
        assert not any(alive(pid) for pid in left.values())


@pytest.mark.skipif(not dies_with_us(), reason="only Linux ends the children of the killed")
async def test_a_killed_run_leaves_no_process(rig: Rig) -> None:
    with rig.elsewhere() as process:
        await until(rig.is_up_elsewhere)
        left = rig.pids()
        process.kill()
        process.wait()

    await until(lambda: not any(alive(pid) for pid in left.values()))


def test_leftovers_are_ended_and_strangers_with_their_id_are_not(rig: Rig) -> None:
    rig.folder.prepare()
    sleeper = [sys.executable, "-c", "import signal; signal.pause()"]
    with subprocess.Popen(sleeper) as ours, subprocess.Popen(sleeper) as stranger:  # noqa: S603
        rig.folder.record_children({"worker": ours.pid, "server": stranger.pid})
        noted = json.loads((rig.folder.path / "children.json").read_text())
        noted["server"][1] -= 100  # its id was somebody else's a while ago
        (rig.folder.path / "children.json").write_text(json.dumps(noted))

        assert rig.folder.end_leftovers() == ["worker"]

        assert not alive(ours.pid)
        assert alive(stranger.pid)
        stranger.kill()


@pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_stops_everything_cleanly(rig: Rig, which: signal.Signals) -> None:
    with rig.elsewhere() as process:
        await until(rig.is_up_elsewhere)

        process.send_signal(which)
        process.send_signal(which)  # a runner in between passed it on as well

        await until(lambda: process.poll() is not None)
    assert process.returncode == 0
    assert (rig.folder.path / "ended.txt").read_text().split() == ["server", "worker"]
    assert all(port_is_free(port) for port in rig.ports())


async def test_a_second_ctrl_c_kills_who_does_not_stop(rig: Rig) -> None:
    rig.stand_in.write_text(STAND_IN.replace("    sys.exit(0)", ""))
    with rig.elsewhere() as process:
        await until(rig.is_up_elsewhere)
        pids = rig.pids()

        process.send_signal(signal.SIGINT)
        await until((rig.folder.path / "ended.txt").exists)
        again = time.monotonic() + SAME_PRESS_SECONDS
        await until(lambda: time.monotonic() > again)
        process.send_signal(signal.SIGINT)

        await until(lambda: process.poll() is not None)
    assert process.returncode == 130
    await until(lambda: not any(alive(pid) for pid in pids.values()))


async def test_damaged_keys_are_not_replaced(rig: Rig) -> None:
    rig.folder.prepare()
    (rig.folder.path / "keys.json").write_text("{")

    with pytest.raises(BrokenKeysError, match="restore it from a backup"):
        await rig.up().run()
    assert (rig.folder.path / "keys.json").read_text() == "{"


def test_keys_from_the_environment_win(rig: Rig) -> None:
    rig.folder.prepare()

    keys = rig.folder.keys({"reporter_key": "given"})

    assert keys["reporter_key"] == "given"
    assert rig.folder.keys({})["reporter_key"] != "given"
    assert rig.folder.keys({})["payload_key"] == keys["payload_key"]


def test_a_folder_with_other_files_is_neither_used_nor_deleted(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    folder = DataFolder(tmp_path)

    with pytest.raises(NotOursError, match="GRIDCASE_DATA_DIR"):
        folder.prepare()
    with pytest.raises(NotOursError, match="nothing was deleted"):
        folder.reset()
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_reset_deletes_our_folder_and_what_was_placed_elsewhere(tmp_path: Path) -> None:
    folder, elsewhere = DataFolder(tmp_path / "var"), tmp_path / "elsewhere"
    elsewhere.mkdir()
    folder.prepare()
    folder.note_elsewhere(elsewhere)

    folder.reset()

    assert not folder.path.exists()
    assert not elsewhere.exists()
