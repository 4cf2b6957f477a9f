"""The reconciler beside tests and benchmarks: what follows elsewhere is told, and judged."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import func, select

from activities.cases import CaseActivities
from activities.reconcile import Reconciler, Tell
from registry.engine import Sessions
from registry.tables_case import CommandRow

DEADLINE = 30.0
"""Seconds that a judgement may take on a loaded machine."""


@asynccontextmanager
async def reconciling(activities: CaseActivities, tell: Tell) -> AsyncIterator[None]:
    """A reconciler at work while the block runs."""
    stop = asyncio.Event()
    running = asyncio.create_task(Reconciler(activities=activities, tell=tell).run(stop))
    yield
    stop.set()
    await running


async def all_judged(sessions: Sessions) -> None:
    """Wait until no command is without a verdict; what follows is written down with one."""
    async with asyncio.timeout(DEADLINE), sessions() as session:
        waiting = select(func.count()).where(CommandRow.verdict.is_(None))
        while await session.scalar(waiting):  # noqa: ASYNC110  another process judges
            await asyncio.sleep(0.02)
