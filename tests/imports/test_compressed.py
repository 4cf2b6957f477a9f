"""Compressed limits: published as data, only in an invented district, and taken back."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.clock import ClockKind
from registry import book as books
from registry import compressed
from registry.engine import sessions_of
from registry.tables_master import Area, CatalogueVersion, PolicyVersion

pytestmark = pytest.mark.server


async def test_every_limit_is_divided_and_runs_day_and_night(engine: AsyncEngine) -> None:
    sessions = sessions_of(engine)
    async with sessions.begin() as session:
        before = await books.load(session, at=datetime.now(UTC))
        await compressed.compress(session, 2000)
    async with sessions() as session:
        after = await books.load(session, at=datetime.now(UTC) + timedelta(seconds=1))

    accept = after.policies[after.policy].base.limits[ClockKind.ACCEPT].normal
    assert accept.continuous
    assert accept.running == timedelta(minutes=30) / 2000
    was = before.policies[before.policy].base.follow_up.running
    assert after.policies[after.policy].base.follow_up.running == was / 2000
    assert (
        after.policies[after.policy].base.max_verify
        == before.policies[before.policy].base.max_verify
    )
    litter = after.catalogues[after.catalogue]["E01-13"].conditions[0].limit
    assert litter.continuous
    assert litter.running == timedelta(hours=40) / 2000


async def test_twice_does_not_multiply_and_restoring_gives_the_own_limits(
    engine: AsyncEngine,
) -> None:
    sessions = sessions_of(engine)
    async with sessions.begin() as session:
        before = await books.load(session, at=datetime.now(UTC))
        assert await compressed.restore(session) is None
        await compressed.compress(session, 100)
    async with sessions.begin() as session:
        await compressed.compress(session, 10)
    async with sessions() as session:
        tenth = await books.load(session, at=datetime.now(UTC) + timedelta(seconds=1))
        labels = list(await session.scalars(select(CatalogueVersion.source)))
        bodies = [one.body for one in await session.scalars(select(PolicyVersion))]
    async with sessions.begin() as session:
        assert await compressed.restore(session) is not None
    async with sessions() as session:
        after = await books.load(session, at=datetime.now(UTC) + timedelta(seconds=1))

    accept = tenth.policies[tenth.policy].base.limits[ClockKind.ACCEPT].normal
    assert accept.running == timedelta(minutes=3)
    assert sum("compressed ×10, simulation" in one for one in labels) == 1
    assert sum(compressed.MARK in one for one in bodies) == 2
    own, again = before.policies[before.policy], after.policies[after.policy]
    assert again.base == own.base
    assert after.catalogues[after.catalogue] == before.catalogues[before.catalogue]


async def test_a_real_district_is_left_alone_unless_forced(engine: AsyncEngine) -> None:
    sessions = sessions_of(engine)
    async with sessions.begin() as session:
        await session.execute(
            update(Area).where(Area.level == "district").values(code="370114")
        )
    async with sessions.begin() as session:
        with pytest.raises(compressed.NotADemonstrationError, match="370114"):
            await compressed.compress(session, 100)
    async with sessions.begin() as session:
        assert (await compressed.compress(session, 100, forced=True)).policy == 2
