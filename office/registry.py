"""The registry for a command: found by the settings, read and changed in one transaction."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import typer
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncSession

from embedded.folder import DataFolder
from registry.book import NoMasterDataError
from registry.engine import connect, sessions_of
from registry.policies import PolicyBodyError
from registry.versions import NotInForceError
from settings import LocalSettings

EXPECTED = (
    PolicyBodyError,
    NotInForceError,
    NoMasterDataError,
    OSError,
)
"""Errors whose message is all that a user needs."""
TIMEOUT_MS = 60_000
console = Console()
Answer = TypeVar("Answer")


def _database_url() -> str:
    """`DATABASE_URL`, else the database of the `make up` that runs now."""
    settings = LocalSettings()
    url = settings.database_url or DataFolder(settings.data_dir).environment().get(
        "DATABASE_URL"
    )
    if url is None:
        say_wrong("No database: start `make up`, or set DATABASE_URL.")
        raise typer.Exit(1)
    return url


def say_wrong(message: object) -> None:
    """Show what went wrong."""
    console.print(f"[red]{message}[/red]", highlight=False, soft_wrap=True)


def in_registry(work: Callable[[AsyncSession], Awaitable[Answer]]) -> Answer:
    """Do a piece of work in one transaction; errors that are expected end the command."""

    async def run() -> Answer:
        engine = connect(_database_url(), pool_size=1, statement_timeout_ms=TIMEOUT_MS)
        try:
            async with sessions_of(engine).begin() as session:
                return await work(session)
        finally:
            await engine.dispose()

    try:
        return asyncio.run(run())
    except EXPECTED as error:
        say_wrong(error)
        raise typer.Exit(1) from None
