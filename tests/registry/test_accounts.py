"""Tries of passwords at the same moment: each is counted, and none is called wrong for it."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from registry import accounts
from registry.accounts import FREE_TRIES, Issued, LockedOutError, SignInError
from registry.engine import sessions_of
from registry.seed import DEMO_PASSWORD
from registry.tables_master import Person

pytestmark = pytest.mark.server
LOGIN = "acceptor1"
WAITING = text(
    "select count(*) from pg_stat_activity"
    " where datname = current_database() and wait_event_type = 'Lock'"
)


async def failures(engine: AsyncEngine) -> int:
    async with sessions_of(engine)() as session:
        found = await session.execute(select(Person.failed_logins).where(Person.login == LOGIN))
        return found.scalar_one()


async def test_a_try_beside_a_success_finds_the_account_open(engine: AsyncEngine) -> None:
    sessions = sessions_of(engine)
    mine = update(Person).where(Person.login == LOGIN)
    until = func.clock_timestamp() + timedelta(hours=1)
    async with sessions.begin() as session:
        await session.execute(mine.values(failed_logins=FREE_TRIES, locked_until=until))
    async with sessions.begin() as success, sessions() as looking:
        await success.execute(mine.values(failed_logins=0, locked_until=None))
        trying = asyncio.create_task(accounts.sign_in(sessions, LOGIN, DEMO_PASSWORD))
        while not (trying.done() or await looking.scalar(WAITING)):  # noqa: ASYNC110  Postgres rings no bell
            await asyncio.sleep(0.01)

    assert (await trying).secret
    assert await failures(engine) == 0


async def test_right_tries_at_once_are_never_called_wrong(engine: AsyncEngine) -> None:
    sessions = sessions_of(engine)
    tries = (accounts.sign_in(sessions, LOGIN, DEMO_PASSWORD) for _ in range(12))
    found = await asyncio.gather(*tries, return_exceptions=True)

    assert {type(one) for one in found} <= {Issued, LockedOutError}
    assert sum(isinstance(one, Issued) for one in found) >= FREE_TRIES
    assert await failures(engine) == 0


async def test_wrong_tries_at_once_are_all_counted(engine: AsyncEngine) -> None:
    sessions = sessions_of(engine)
    tries = (accounts.sign_in(sessions, LOGIN, "wrong") for _ in range(8))
    found = await asyncio.gather(*tries, return_exceptions=True)

    kinds = [type(one) for one in found]
    assert (kinds.count(SignInError), kinds.count(LockedOutError)) == (FREE_TRIES, 3)
    assert await failures(engine) == FREE_TRIES
    with pytest.raises(LockedOutError):
        await accounts.sign_in(sessions, LOGIN, DEMO_PASSWORD)
