"""A registry of release 1 is brought to this one: its policies, its sources."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, select, text

from domain.terms import Source
from embedded.postgres import Postgres
from registry.engine import connect, sessions_of
from registry.migrate import FOLDER, upgrade_async
from registry.policies import read_policy
from registry.tables_lists import SourceRow
from registry.tables_master import PolicyVersion

pytestmark = pytest.mark.server
OLD = {
    "version": 1,
    "limits": {
        "accept": {
            "normal": {"value": 0.25, "unit": "work_hour"},
            "urgent": {"value": 0.25, "unit": "urgent_hour"},
        }
    },
    "whole": {"hotline": {"value": 6, "unit": "work_day"}},
    "auto_accept": ["grid_patrol"],
    "first_receiver_sources": ["hotline"],
    "extension_total": {"value": 10, "unit": "work_day"},
    "hotline_sources": ["hotline", "citizen_web"],
    "max_verify": 3,
}
"""A policy as release 1 stored it."""


def first_revision(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "0001")


@pytest.fixture
async def release_1(postgres: Postgres) -> AsyncIterator[str]:
    """A registry of release 1, empty."""
    name = f"t_{uuid.uuid4().hex}"
    url = await postgres.create_database(name)
    engine = connect(url)
    async with engine.begin() as connection:
        await connection.run_sync(first_revision)
    await engine.dispose()
    yield url
    await postgres.drop_database(name)


async def test_a_stored_policy_keeps_its_values_and_sources_are_there(release_1: str) -> None:
    engine = connect(release_1)
    async with engine.begin() as connection:
        await connection.execute(text("insert into master_change values (true, 7)"))
        for version, body in ((1, OLD), (2, OLD | {"#compressed": "×10"})):
            await connection.execute(
                text(
                    "insert into policy_version values (:version, now(), cast(:body as jsonb))"
                ),
                {"version": version, "body": json.dumps(body)},
            )
    await engine.dispose()

    await upgrade_async(release_1)

    engine = connect(release_1)
    async with sessions_of(engine)() as session:
        rows = (
            await session.scalars(select(PolicyVersion).order_by(PolicyVersion.version))
        ).all()
        sources = list(await session.scalars(select(SourceRow.code).order_by(SourceRow.place)))
    await engine.dispose()
    policy = read_policy(rows[0].body, 1)
    hotline = policy.flow(Source.HOTLINE)
    assert hotline.whole is not None
    assert (hotline.whole.value, hotline.first_receiver, policy.base.max_verify) == (6, True, 3)
    assert policy.flow(Source.GRID_PATROL).auto_accept
    assert rows[1].body["#compressed"] == "×10"
    assert sorted(sources) == sorted(map(str, Source))
    assert sources[0] == "hotline"


async def test_an_empty_registry_gets_its_sources_from_the_seed(release_1: str) -> None:
    await asyncio.gather(upgrade_async(release_1), upgrade_async(release_1))

    engine = connect(release_1)
    async with sessions_of(engine)() as session:
        assert list(await session.scalars(select(SourceRow.code))) == []
    await engine.dispose()
