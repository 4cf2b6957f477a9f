"""One child process: started with its own log, watched, and ended within a given time.

Every child gets a session of its own, so that Ctrl-C in the terminal reaches only the parent,
which then ends its children in the right order.
"""

import asyncio
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil

LOOPBACK = "127.0.0.1"
POLL_SECONDS = 0.02
LAST_LINES = 12
LISTENED = range(15_000, 30_000)
"""Ports for servers of our own: below what Linux gives to outgoing connections."""


class EmbeddedError(Exception):
    """A local server could not be found, started or stopped; the message says what to do."""


class StartError(EmbeddedError):
    """A server ended, or stayed silent, before it was ready; the message has its last lines."""


class PortTakenError(EmbeddedError):
    """Another process listens where a server of ours should."""

    def __init__(self, what: str, port: int, variable: str) -> None:
        self.port = port
        owner = port_owner(port)
        by = f" by {owner}" if owner else ""
        super().__init__(
            f"{what} wants port {port}, which is taken{by}: "
            f"stop that process, or choose another port with {variable}."
        )


@dataclass(frozen=True, kw_only=True)
class Owner:
    """The system user that a child runs as, when it is not our own."""

    name: str
    uid: int
    gid: int


def free_port() -> int:
    """A TCP port on the loopback that nobody listens on now.

    Below those that the system gives to outgoing connections: none of them takes it meanwhile.
    """
    while True:
        port = secrets.choice(LISTENED)
        if port_is_free(port):
            return port


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this port of the loopback now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the servers do
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def port_owner(port: int) -> str | None:
    """Who listens on a port ("nginx, pid 71"), or None when we may not know."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:
        return None
    for connection in connections:
        listens = connection.status == psutil.CONN_LISTEN
        if listens and connection.laddr and connection.laddr.port == port and connection.pid:
            try:
                return f"{psutil.Process(connection.pid).name()}, pid {connection.pid}"
            except psutil.Error:
                return f"pid {connection.pid}"
    return None


def require_port(what: str, port: int, variable: str) -> None:
    """Refuse early when a port is taken.

    Args:
        what: The server that wants the port, as a reader knows it.
        port: The port on the loopback.
        variable: The environment variable that changes the port.

    Raises:
        PortTakenError: Somebody listens there.
    """
    if not port_is_free(port):
        raise PortTakenError(what, port, variable)


def alive(pid: int) -> bool:
    """Whether a process exists and still runs: a zombie does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@cache
def dies_with_us() -> tuple[str, ...]:
    """What goes before a command so that Linux ends it when we are killed, if it can."""
    setpriv = shutil.which("setpriv")
    return (setpriv, "--pdeathsig", "TERM", "--") if setpriv else ()


class Child:
    """A child process and its log file; one object may be started again after its end.

    Args:
        name: For messages.
        command: The program and its arguments.
        log: The file its output is appended to.
        env: Its whole environment; default: ours.
        owner: The user it runs as; default: ourselves.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        owner: Owner | None = None,
    ) -> None:
        self.name = name
        self.log = log
        self._command = list(command)
        self._env = dict(env) if env is not None else None
        self._owner = owner
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    @property
    def pid(self) -> int:
        """The process id.

        Raises:
            StartError: The child was never started.
        """
        if self._process is None:
            raise StartError(f"{self.name} was not started.")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the child was started and has not ended; an ended child is reaped here."""
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """What the child ended with (negative: the signal), None while it runs."""
        return None if self._process is None else self._process.poll()

    def start(self) -> None:
        """Start the process; its output is appended to the log."""
        if self.running:
            raise StartError(f"{self.name} is running already, pid {self.pid}.")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._log_start = log.tell()
            self._process = subprocess.Popen(  # noqa: S603  # our own command
                [*dies_with_us(), *self._command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._env,
                start_new_session=True,
                user=self._owner.uid if self._owner else None,
                group=self._owner.gid if self._owner else None,
                extra_groups=[] if self._owner else None,
            )

    def output(self, lines: int = LAST_LINES) -> str:
        """The last lines this start has written to the log."""
        try:
            with self.log.open("rb") as log:
                log.seek(self._log_start)
                text = log.read().decode(errors="replace")
        except FileNotFoundError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    async def until(
        self, ready: Callable[[], Awaitable[bool]], *, seconds: float, pause: float = 0.05
    ) -> None:
        """Wait until the child does what it is for.

        Args:
            ready: Asks the thing itself; it is asked again until it says yes.
            seconds: How long that may take.
            pause: Seconds between two questions.

        Raises:
            StartError: The child ended, or the time is over.
        """
        deadline = time.monotonic() + seconds
        while not await ready():
            if not self.running:
                raise StartError(
                    f"{self.name} ended with code {self.exit_code} before it was ready; "
                    f"its log {self.log} says:\n{self.output()}"
                )
            if time.monotonic() > deadline:
                raise StartError(
                    f"{self.name} was not ready after {seconds:.0f} s; "
                    f"its log {self.log} says:\n{self.output()}"
                )
            await asyncio.sleep(pause)

    async def stop(self, *, by: signal.Signals = signal.SIGTERM, seconds: float = 30) -> int:
        """Ask the child to end, wait, and kill it when the time is over.

        Returns:
            The exit code; 0 when the child never ran.
        """
        if self._process is None:
            return 0
        self._signal(by)
        if not await self._ended(seconds):
            return await self.kill()
        return self._process.returncode

    async def kill(self) -> int:
        """End the child at once (SIGKILL) and reap it."""
        if self._process is None:
            return 0
        self._signal(signal.SIGKILL)
        if not await self._ended(10):
            raise EmbeddedError(f"{self.name}, pid {self.pid}, does not die: kill it by hand.")
        return self._process.returncode

    def _signal(self, which: signal.Signals) -> None:
        if self.running:
            os.kill(self.pid, which)

    async def _ended(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.running:
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(POLL_SECONDS)
        return True
