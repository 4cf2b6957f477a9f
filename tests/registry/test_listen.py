"""News from the registry arrive, also after the connection was lost."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from uuid_utils.compat import uuid7

from registry.engine import Sessions, connect, sessions_of
from registry.listen import ANY, VerdictHub

pytestmark = pytest.mark.server


@pytest.fixture
async def sessions(database_url: str) -> AsyncIterator[Sessions]:
    engine = connect(database_url, pool_size=2)
    yield sessions_of(engine)
    await engine.dispose()


async def _connected(hub: VerdictHub) -> None:
    async with asyncio.timeout(10):
        while not hub.connected:  # noqa: ASYNC110  the hub connects by itself
            await asyncio.sleep(0.01)


async def _announce(sessions: Sessions, payload: str) -> None:
    async with sessions.begin() as session:
        await session.execute(text("select pg_notify('gridcase', :p)"), {"p": payload})


async def test_a_waiter_is_woken_by_his_own_command(
    database_url: str, sessions: Sessions
) -> None:
    mine, other = uuid7(), uuid7()
    async with VerdictHub(database_url) as hub:
        await _connected(hub)
        with hub.expect(mine) as waiter:
            await waiter.wait(0)
            await _announce(sessions, f"1 {other}")
            assert not await waiter.wait(0.1)
            await _announce(sessions, f"1 {other},{mine}")
            assert await waiter.wait(5)
        assert not await hub.wait(mine, 0.01)


async def test_after_a_lost_connection_everyone_looks_again(
    database_url: str, sessions: Sessions
) -> None:
    async with VerdictHub(database_url) as hub:
        await _connected(hub)
        changes = hub.changes()
        following = asyncio.ensure_future(anext(changes))
        with hub.expect(uuid7()) as waiter:
            await waiter.wait(0)
            async with sessions.begin() as session:
                await session.execute(
                    text(
                        "select pg_terminate_backend(pid) from pg_stat_activity"
                        " where application_name = 'gridcase-listen'"
                        " and datname = current_database()"
                    )
                )
            assert await waiter.wait(10)
        assert await following == ANY
        await _announce(sessions, "9901062026112200001 ")
        assert await anext(changes) == "9901062026112200001"
        await changes.aclose()
