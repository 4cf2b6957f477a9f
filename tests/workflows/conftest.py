"""A centre on a server that skips time."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from temporalio.testing import WorkflowEnvironment

from activities.cases import CaseActivities
from embedded.centre import Centre
from embedded.telling import reconciling
from registry import book as books
from registry.engine import sessions_of
from workflows.client import Door


@pytest.fixture
async def skipping(
    skipping_env: WorkflowEnvironment, engine: AsyncEngine, task_queue: str
) -> Centre:
    """The centre on a server that skips time, whose clock is the only one."""
    sessions = sessions_of(engine)

    async def registry_clock(_session: AsyncSession) -> datetime:
        return await skipping_env.get_current_time()

    async with sessions() as session:
        book = await books.load(session, at=datetime.now(UTC))
    return Centre(
        sessions=sessions,
        door=Door(client=skipping_env.client, task_queue=task_queue),
        activities=CaseActivities(sessions, clock=registry_clock),
        book=book,
        clock=skipping_env.get_current_time,
    )


@pytest.fixture
async def telling(centre: Centre) -> AsyncIterator[Centre]:
    """The centre with a worker and its reconciler: what follows is told."""
    async with centre.working(), reconciling(centre.activities, centre.door.tell):
        yield centre
