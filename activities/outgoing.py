"""Begins the deliveries that nobody has begun, and those that were lost."""

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Protocol

from registry import cases, outbox
from registry.engine import Sessions

log = logging.getLogger(__name__)
BATCH = 100
PAUSE = 1.0
"""Seconds between two looks."""


class Begin(Protocol):
    """How a delivery's workflow is started; False while Temporal is away."""

    def __call__(self, delivery_id: str) -> Awaitable[bool]:
        """Start one."""
        ...


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """Looks into the outbox again and again.

    Attributes:
        sessions: The registry.
        begin: Starts a delivery's workflow.
    """

    sessions: Sessions
    begin: Begin

    async def run(self, stop: asyncio.Event) -> None:
        """Look until told to stop; a registry that is away is tried again."""
        while not stop.is_set():
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001  a driver's raw error must not end it
                log.warning("the outbox was not read and is tried again: %r", error)
            try:
                await asyncio.wait_for(stop.wait(), PAUSE)
            except TimeoutError:
                continue

    async def look(self) -> int:
        """Begin what is to be begun; how many."""
        async with self.sessions.begin() as session:
            at = await cases.now(session)
            found = await outbox.to_begin(session, at, limit=BATCH)
        for index, one in enumerate(found):
            if not await self.begin(str(one)):
                async with self.sessions.begin() as session:
                    await outbox.not_begun(session, found[index:])
                return index
        return len(found)
