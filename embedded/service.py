"""What `make up` keeps running: anything that starts, stops and may die."""

import signal
from functools import partial
from typing import Protocol

import httpx

from embedded.process import Child

READY_SECONDS = 60


class Service(Protocol):
    """Something that runs until it is stopped, and may die."""

    @property
    def pid(self) -> int:
        """Its process id."""

    @property
    def running(self) -> bool:
        """Whether it runs."""

    async def start(self) -> None:
        """Start it, also again; return when it is ready."""

    async def stop(self) -> None:
        """End it, letting it finish what it does."""


class Program:
    """One of our own programs: ready when its address answers 200."""

    def __init__(self, child: Child, ready_url: str, *, grace: float) -> None:
        self._child = child
        self._ready_url = ready_url
        self._grace = grace

    @property
    def pid(self) -> int:
        """The process id."""
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self._child.running

    async def start(self) -> None:
        """Start it; return when it is ready."""
        self._child.start()
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
                ready = partial(self._answers, client)
                await self._child.until(ready, seconds=READY_SECONDS, pause=0.1)
        except BaseException:  # a Ctrl-C too must not leave it behind
            await self._child.kill()
            raise

    async def stop(self) -> None:
        """Ask it to finish what it does."""
        await self._child.stop(by=signal.SIGTERM, seconds=self._grace)

    async def _answers(self, client: httpx.AsyncClient) -> bool:
        try:
            return (await client.get(self._ready_url)).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False
