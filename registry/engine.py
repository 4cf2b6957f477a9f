"""Connections to the registry."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import event, func, select
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.pool import ConnectionPoolEntry

Sessions = async_sessionmaker[AsyncSession]

STATEMENT_TIMEOUT_MS = 3_000
"""Below the 5 s an `advance` may take: a stuck statement fails inside its own attempt."""


def connect(
    database_url: str, *, pool_size: int = 20, statement_timeout_ms: int = STATEMENT_TIMEOUT_MS
) -> AsyncEngine:
    """An engine for `postgresql+asyncpg://…`; sessions never expire what they read.

    Before it is used again a connection is asked, without a round trip, whether Postgres closed
    it; a ping would be three of an `advance`'s ten. What neither sees fails, and is retried.
    """
    engine = create_async_engine(
        database_url,
        pool_size=pool_size,
        max_overflow=0,
        connect_args={
            "timeout": 3,
            "server_settings": {
                "application_name": "gridcase",
                "statement_timeout": str(statement_timeout_ms),
                "lock_timeout": str(statement_timeout_ms),
                "timezone": "UTC",
            },
        },
    )
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


def _refuse_closed(_dbapi: object, entry: ConnectionPoolEntry, _fairy: object) -> None:
    """Have the pool replace a connection that was lost, and every one as old as it."""
    connection = entry.driver_connection
    if connection is not None and connection.is_closed():
        raise InvalidatePoolError("Postgres closed the connection")


def sessions_of(engine: AsyncEngine) -> Sessions:
    """A session factory; `sessions.begin()` is one transaction."""
    return async_sessionmaker(engine, expire_on_commit=False)


@asynccontextmanager
async def holding(engine: AsyncEngine, lock: int, busy: type[Exception]) -> AsyncIterator[None]:
    """Hold an advisory lock while the block runs, on a connection of its own.

    Raises:
        busy: Another process holds it.
    """
    async with engine.connect() as connection:
        steady = await connection.execution_options(isolation_level="AUTOCOMMIT")
        if not await steady.scalar(select(func.pg_try_advisory_lock(lock))):
            raise busy
        try:
            yield
        finally:
            await steady.execute(select(func.pg_advisory_unlock(lock)))
