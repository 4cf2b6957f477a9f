"""Live news from the registry: one connection that LISTENs, and everyone here who waits for it.

A notification is a hint, never the data: whoever is woken reads the registry. What was missed
while the connection was down is made good by waking everyone once it is back.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Self
from uuid import UUID

import asyncpg  # type: ignore[import-untyped]  # ships no types
from sqlalchemy.engine import make_url

log = logging.getLogger(__name__)

CHANNEL = "gridcase"
RETRY = 0.5
"""Seconds before a lost connection is made again; doubles up to `RETRY_MOST`."""
RETRY_MOST = 10.0
PING_EVERY = 10.0
"""Seconds between two looks whether the connection still answers."""
QUEUE = 1_000
"""Changes kept for a subscriber who does not read; then he is told that he missed some."""
ANY = ""
"""Yielded by `changes()` in place of a case number: anything may have changed."""


@dataclass(eq=False)
class Waiter:
    """One who waits for a command's verdict.

    Attributes:
        hopeless: Waiting longer makes no sense: nobody could be told.
    """

    hopeless: bool = False
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """There may be a verdict."""
        self._woken.set()

    def give_up(self) -> None:
        """Nobody could be told: look once more and go."""
        self.hopeless = True
        self._woken.set()

    async def wait(self, seconds: float) -> bool:
        """Wait to be woken; False when the time ran out."""
        try:
            await asyncio.wait_for(self._woken.wait(), max(seconds, 0.0))
        except TimeoutError:
            return False
        self._woken.clear()
        return True


class VerdictHub:
    """Passes the registry's notifications on; `async with hub:` keeps it connected.

    Attributes:
        connected: Whether news arrive now; if not, a waiter finds his verdict by his last look.
    """

    def __init__(self, database_url: str) -> None:
        url = make_url(database_url).set(drivername="postgresql")
        self._dsn = url.render_as_string(hide_password=False)
        self._waiters: dict[str, set[Waiter]] = {}
        self._subscribers: set[asyncio.Queue[str]] = set()
        self._task: asyncio.Task[None] | None = None
        self.connected = False

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="verdict hub")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    @contextmanager
    def expect(self, command_id: UUID) -> Iterator[Waiter]:
        """Register for a command's verdict before anyone is told of it."""
        key, waiter = str(command_id), Waiter()
        self._waiters.setdefault(key, set()).add(waiter)
        try:
            yield waiter
        finally:
            left = self._waiters[key]
            left.discard(waiter)
            if not left:
                del self._waiters[key]

    async def wait(self, command_id: UUID, timeout: float) -> bool:  # noqa: ASYNC109  a bound, not a cancel
        """Wait until there may be a verdict; False when the time ran out."""
        with self.expect(command_id) as waiter:
            return await waiter.wait(timeout)

    async def changes(self) -> AsyncGenerator[str, None]:
        """Numbers of the cases that changed, from now on; `ANY` when some were missed."""
        queue: asyncio.Queue[str] = asyncio.Queue(QUEUE)
        self._subscribers.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._subscribers.discard(queue)

    async def _run(self) -> None:
        pause = RETRY
        while True:
            try:
                await self._listen()
                pause = RETRY
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("no news from the registry, trying again: %s", type(error).__name__)
            self.connected = False
            await asyncio.sleep(pause)
            pause = min(pause * 2, RETRY_MOST)

    async def _listen(self) -> None:
        """Listen until the connection is lost."""
        connection = await asyncpg.connect(
            self._dsn, timeout=3, server_settings={"application_name": "gridcase-listen"}
        )
        lost = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(CHANNEL, self._hear)
            self.connected = True
            self._wake_all()
            while not lost.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(lost.wait(), PING_EVERY)
                    return
                await connection.execute("select 1", timeout=3)
        finally:
            connection.terminate()

    def _hear(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        case_no, _, commands = str(payload).partition(" ")
        for command_id in filter(None, commands.split(",")):
            for waiter in self._waiters.get(command_id, ()):
                waiter.wake()
        self._publish(case_no)

    def _wake_all(self) -> None:
        for waiters in self._waiters.values():
            for waiter in waiters:
                waiter.wake()
        self._publish(ANY)

    def _publish(self, case_no: str) -> None:
        for queue in self._subscribers:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(ANY)
            else:
                queue.put_nowait(case_no)
