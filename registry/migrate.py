"""Migrations: the only way to a schema."""

import asyncio
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from registry import (  # noqa: F401  their tables join the metadata
    tables_batch,
    tables_case,
    tables_cutover,
    tables_emergency,
    tables_joint,
    tables_lists,
    tables_outside,
    tables_search,
    tables_sensor,
    tables_thread,
    tables_verify,
    tables_whistle,
)
from registry.tables_master import Base

FOLDER = Path(__file__).parent / "migrations"
LOCK = 990_106
"""Advisory lock: two processes that migrate at once wait for each other."""


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """Revision that this code needs."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    found = ScriptDirectory.from_config(config).get_current_head()
    if found is None:
        raise RuntimeError(f"no migration in {FOLDER}")
    return found


async def upgrade_async(database_url: str) -> None:
    """Bring the schema to this code's revision; does nothing when it is there."""
    engine = create_async_engine(database_url)

    def run(connection: Connection) -> None:
        connection.exec_driver_sql(f"select pg_advisory_xact_lock({LOCK})")
        command.upgrade(_config(connection), "head")

    async with engine.begin() as connection:
        await connection.run_sync(run)
    await engine.dispose()


def upgrade(database_url: str) -> None:
    """`upgrade_async` for callers without a loop."""
    asyncio.run(upgrade_async(database_url))


def differences(connection: Connection) -> list[object]:
    """What the tables of this code and the migrated schema disagree on; empty when in step."""
    context = MigrationContext.configure(connection)
    return list(compare_metadata(context, Base.metadata))


def revise(database_url: str, message: str, revision: str) -> None:
    """Write a new migration from the difference (a developer's tool)."""

    def run(connection: Connection) -> None:
        config = _config(connection)
        command.revision(config, message=message, autogenerate=True, rev_id=revision)

    async def go() -> None:
        engine = create_async_engine(database_url)
        async with engine.begin() as connection:
            await connection.run_sync(run)
        await engine.dispose()

    asyncio.run(go())
