"""A Postgres of our own: binaries from a wheel, a folder, a direct child that we wait for.

The folder holds `pgdata` (Postgres's own), `password` (ours alone) and `postgres.log`. As root,
Postgres runs as an unprivileged user, because it refuses to run as root.
"""

import asyncio
import os
import re
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from embedded.binaries import (
    NoUserError,
    can_enter,
    find_binaries,
    major_version,
    unprivileged_user,
)
from embedded.process import (
    LOOPBACK,
    Child,
    EmbeddedError,
    alive,
    port_is_free,
    require_port,
)

SUPERUSER = "gridcase"
MAX_CONNECTIONS = 200
START_SECONDS = 120  # crash recovery of a large folder takes its time
STOP_SECONDS = 30
ORPHAN_SECONDS = 30
PORT_VARIABLE = "GRIDCASE_POSTGRES_PORT"
BUILTIN_LOCALE_SINCE = 17  # before it, the C library's C.UTF-8 must do
IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]{0,62}")
CANNOT_CONNECT_NOW = "57P03"  # it starts up, recovers or shuts down
DAMAGE = (
    "PANIC",
    "checksum",
    "incompatible with server",
    "could not open file",
    "could not read",
)
NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class BrokenDataFolderError(EmbeddedError):
    """A data folder that Postgres cannot start from."""


class DataVersionError(EmbeddedError):
    """A data folder was made by another major version of Postgres."""

    def __init__(self, folder: Path, made_by: int, binaries: int) -> None:
        self.made_by = made_by
        self.binaries = binaries
        super().__init__(
            f"{folder} was made by PostgreSQL {made_by}, and the binaries are {binaries}: "
            f"set GRIDCASE_POSTGRES_BIN to the bin folder of version {made_by}, "
            "or dump it there and load it here, or start anew with `make reset`."
        )


class AlreadyRunningError(EmbeddedError):
    """Another postmaster serves this data folder."""


class Postgres:
    """One Postgres server over one folder.

    Args:
        folder: Ours; made at the first start.
        port: Where it listens, on the loopback only.
        durable: False switches fsync off: for tests which never crash it.
        bin_dir: The binaries; default: `find_binaries()`.
        log: What the server writes; default: `postgres.log` in the folder.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int,
        durable: bool = True,
        bin_dir: Path | None = None,
        log: Path | None = None,
    ) -> None:
        self.folder = folder.resolve()
        self.port = port
        self._durable = durable
        self._bin = bin_dir or find_binaries()
        self._owner = unprivileged_user()
        self._pgdata = self.folder / "pgdata"
        settings = [
            f"port={port}",
            f"listen_addresses={LOOPBACK}",
            "unix_socket_directories=",
            f"max_connections={MAX_CONNECTIONS}",
            "timezone=UTC",
            "log_timezone=UTC",
            "log_line_prefix=%m [%p] ",
            *(() if durable else NOT_DURABLE),
        ]
        command = [str(self._bin / "postgres"), "-D", str(self._pgdata)]
        for setting in settings:
            command += ["-c", setting]
        self._child = Child(
            "Postgres",
            command,
            log=log or self.folder / "postgres.log",
            env=_child_environment(),
            owner=self._owner,
        )

    @property
    def pid(self) -> int:
        """The postmaster's process id."""
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether the postmaster runs."""
        return self._child.running

    @property
    def log(self) -> Path:
        """What the server wrote."""
        return self._child.log

    def url(self, database: str) -> str:
        """SQLAlchemy's address of a database, with the password in it."""
        return f"postgresql+asyncpg://{SUPERUSER}:{self._password()}@{LOOPBACK}:{self.port}/{database}"

    async def start(self) -> None:
        """Start the server, making its folder first if there is none; return when it answers.

        Raises:
            AlreadyRunningError: Another server runs on this folder.
            BrokenDataFolderError: The folder is not one that Postgres can start from.
            DataVersionError: The folder needs other binaries.
            NoUserError: We are root and cannot become somebody else.
            PortTakenError: Somebody listens on our port.
            StartError: Anything else; the message has Postgres's last lines.
        """
        if self.running:
            raise AlreadyRunningError(
                f"Postgres serves {self.folder} already, pid {self.pid}: stop it first."
            )
        self._check_folder()
        await self._clear_crash()
        require_port("Postgres", self.port, PORT_VARIABLE)
        if not self._pgdata.exists():
            await asyncio.to_thread(self._initialise)
        self._child.start()
        try:
            await self._child.until(self._answers, seconds=START_SECONDS)
        except EmbeddedError as error:
            await self._child.kill()
            raise self._explain(error) from error

    async def stop(self) -> None:
        """Stop the server: sessions are cut, everything committed is written (SIGINT)."""
        await self._child.stop(by=signal.SIGINT, seconds=STOP_SECONDS)

    async def kill(self) -> None:
        """Kill the postmaster (SIGKILL), as a crash would; `start()` recovers."""
        await self._child.kill()

    async def create_database(self, name: str, template: str | None = None) -> str:
        """Make a database, by default an empty one, and return its URL.

        Args:
            name: Lower-case letters, digits and `_`.
            template: The database to copy; nobody may be connected to it.
        """
        copy = f" TEMPLATE {_identifier(template)} STRATEGY FILE_COPY" if template else ""
        await self._execute(f"CREATE DATABASE {_identifier(name)}{copy}")
        return self.url(name)

    async def drop_database(self, name: str) -> None:
        """Drop a database if it exists, cutting the sessions on it."""
        await self._execute(f"DROP DATABASE IF EXISTS {_identifier(name)} WITH (FORCE)")

    async def has_database(self, name: str) -> bool:
        """Whether there is a database of this name."""
        async with self._connection() as connection:
            found = await connection.scalar(
                text("SELECT true FROM pg_database WHERE datname = :name"), {"name": name}
            )
        return found is not None

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection]:
        """A connection to the `postgres` database, outside any transaction."""
        engine = create_async_engine(
            self.url("postgres"),
            isolation_level="AUTOCOMMIT",
            poolclass=NullPool,
            connect_args={"timeout": 10},
        )
        async with engine.connect() as connection:
            yield connection

    async def _execute(self, statement: str) -> None:
        async with self._connection() as connection:
            await connection.execute(text(statement))

    def _password(self) -> str:
        try:
            return (self.folder / "password").read_text().strip()
        except FileNotFoundError:
            raise self._broken("its file `password` is missing") from None

    def _broken(self, why: str) -> BrokenDataFolderError:
        return BrokenDataFolderError(
            f"The Postgres folder {self.folder} cannot be used, {why}: "
            "restore it from a backup, or start anew with `make reset`."
        )

    def _check_folder(self) -> None:
        """Refuse a folder that is not ours, is damaged, or needs other binaries."""
        if not self._pgdata.exists():
            return
        try:
            made_by = int((self._pgdata / "PG_VERSION").read_text())
        except (OSError, ValueError):
            raise self._broken("its PG_VERSION is missing or unreadable") from None
        if not (self._pgdata / "global" / "pg_control").exists():
            raise self._broken("its control file global/pg_control is missing")
        self._password()
        binaries = major_version(self._bin)
        if made_by != binaries:
            raise DataVersionError(self.folder, made_by, binaries)

    async def _clear_crash(self) -> None:
        """After a crash: wait for the last old backend, drop a dead postmaster's file."""
        pid_file = self._pgdata / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().splitlines()[0])
        except (FileNotFoundError, IndexError, ValueError):
            pid = 0
        deadline = time.monotonic() + ORPHAN_SECONDS
        while left := _processes_in(self._pgdata):
            if pid in left:
                raise AlreadyRunningError(
                    f"Postgres serves {self.folder} already, pid {pid}: "
                    f"stop it first (`kill -INT {pid}`)."
                )
            if time.monotonic() > deadline:
                raise AlreadyRunningError(
                    f"Processes of a crashed Postgres still use {self.folder}: "
                    f"end them first (`kill {' '.join(map(str, left))}`)."
                )
            await asyncio.sleep(0.05)
        if pid and (not alive(pid) or not _is_postgres(pid)):
            pid_file.unlink(missing_ok=True)

    def _initialise(self) -> None:
        """Make the data folder under another name, then rename it: never a half-made one."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not can_enter(self.folder, self._owner):
            name = self._owner.name if self._owner else ""
            raise NoUserError(
                f"Postgres runs as the user {name}, who may not enter {self.folder}: "
                "set GRIDCASE_DATA_DIR to a folder outside private ones, "
                "as /var/lib/gridcase, or run as an ordinary user."
            )
        password = secrets.token_urlsafe(24)
        _write_private(self.folder / "password", password)
        new = self.folder / "pgdata.new"
        shutil.rmtree(new, ignore_errors=True)  # what an interrupted start left
        new.mkdir(mode=0o700)
        password_file = self.folder / "password.initdb"  # readable by the server's user
        _write_private(password_file, password)
        if self._owner:
            os.chown(new, self._owner.uid, self._owner.gid)
            os.chown(password_file, self._owner.uid, self._owner.gid)
        locale = ["--locale=C.UTF-8"]
        if major_version(self._bin) >= BUILTIN_LOCALE_SINCE:
            locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        try:
            done = subprocess.run(  # noqa: S603  # our own binary
                [
                    self._bin / "initdb",
                    f"--pgdata={new}",
                    f"--username={SUPERUSER}",
                    "--auth=scram-sha-256",
                    f"--pwfile={password_file}",
                    "--encoding=UTF8",
                    *locale,
                    *(() if self._durable else ("--no-sync",)),
                ],
                cwd="/",
                env=_child_environment(),
                capture_output=True,
                text=True,
                check=False,
                user=self._owner.uid if self._owner else None,
                group=self._owner.gid if self._owner else None,
                extra_groups=[] if self._owner else None,
            )
        except PermissionError as error:
            raise NoUserError(
                f"Postgres's binaries in {self._bin} cannot be run by the user "
                f"{self._owner.name if self._owner else ''}: move the project out of a private "
                "folder, or run as an ordinary user."
            ) from error
        finally:
            password_file.unlink()
        if done.returncode:
            raise BrokenDataFolderError(
                f"initdb could not make {self._pgdata}: mend what it says, then start again.\n"
                f"{done.stdout}{done.stderr}"
            )
        new.rename(self._pgdata)

    async def _answers(self) -> bool:
        """Ready when a connection with our password works."""
        if not self._child.running or port_is_free(self.port):
            return False
        try:
            async with self._connection():
                return True
        except OSError:
            return False
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) == CANNOT_CONNECT_NOW:
                return False
            raise self._broken(f"its server does not let us in ({error.orig})") from error

    def _explain(self, error: EmbeddedError) -> EmbeddedError:
        """Name a failed start by what Postgres wrote."""
        said = self._child.output()
        damaged = any(words in said for words in DAMAGE)
        return self._broken(f"Postgres says\n{said}\n") if damaged else error


def _child_environment() -> dict[str, str]:
    """No PG* variable of ours may steer the server; its messages are English."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C"}


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")


def _identifier(name: str) -> str:
    if not IDENTIFIER.fullmatch(name):
        raise ValueError(f"{name!r} is no database name: use a-z, 0-9 and _, 63 at most")
    return f'"{name}"'


def _is_postgres(pid: int) -> bool:
    try:
        return "postgres" in psutil.Process(pid).name()
    except psutil.Error:
        return False


def _processes_in(pgdata: Path) -> list[int]:
    """Postgres processes on this folder: each has it as its working directory."""
    found = []
    for process in psutil.process_iter(["pid", "name", "cwd", "status"]):
        info = process.info
        if info["cwd"] == str(pgdata) and info["status"] != psutil.STATUS_ZOMBIE:
            found.append(info["pid"])
    return sorted(found)
