"""Connections to the registry."""

from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

Sessions = async_sessionmaker[AsyncSession]

STATEMENT_TIMEOUT_MS = 3_000
"""Below the 5 s an `advance` may take: a stuck statement fails inside its own attempt."""


def connect(
    database_url: str, *, pool_size: int = 20, statement_timeout_ms: int = STATEMENT_TIMEOUT_MS
) -> AsyncEngine:
    """An engine for `postgresql+asyncpg://…`; sessions never expire what they read."""
    return create_async_engine(
        database_url,
        pool_size=pool_size,
        max_overflow=0,
        pool_pre_ping=True,
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


def sessions_of(engine: AsyncEngine) -> Sessions:
    """A session factory; `sessions.begin()` is one transaction."""
    return async_sessionmaker(engine, expire_on_commit=False)
