"""The registry for a command: found by the settings, read and changed in one transaction."""

import asyncio
from base64 import b64decode
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from domain.addresses import Network
from domain.book import Book
from embedded.folder import DataFolder
from registry import book as books
from registry.book import NoMasterDataError
from registry.calendars import CalendarFileError
from registry.catalogue_files import CatalogueFileError
from registry.changes import ChangeError
from registry.destinations import DestinationError
from registry.emergency_files import EmergencyPlanError
from registry.engine import Sessions, connect, sessions_of
from registry.people import AccountError
from registry.policies import PolicyBodyError
from registry.sealing import Sealer
from registry.versions import Difference, NotInForceError
from settings import LocalSettings

EXPECTED = (
    CalendarFileError,
    ChangeError,
    PolicyBodyError,
    EmergencyPlanError,
    CatalogueFileError,
    NotInForceError,
    NoMasterDataError,
    AccountError,
    DestinationError,
    OSError,
)
"""Errors whose message is all that a user needs."""
TIMEOUT_MS = 60_000
console = Console()
Answer = TypeVar("Answer")
From = Annotated[
    datetime | None,
    typer.Option(
        "--from", formats=["%Y-%m-%d"], help="In force from the start of that day, not now."
    ),
]


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


def sealer() -> Sealer:
    """What seals secrets: by the settings, else by the keys of the `make up` that runs now."""
    settings = LocalSettings()
    kept = DataFolder(settings.data_dir).environment()
    key = settings.reporter_key or kept.get("GRIDCASE_REPORTER_KEY")
    index = settings.blind_index_key or kept.get("GRIDCASE_BLIND_INDEX_KEY")
    if not key or not index:
        say_wrong("No keys: set GRIDCASE_REPORTER_KEY and GRIDCASE_BLIND_INDEX_KEY.")
        raise typer.Exit(1)
    return Sealer(key=b64decode(key), index_key=b64decode(index))


def call_inside() -> Sequence[Network]:
    """Networks of this installation in which units' own systems may be called."""
    return LocalSettings().call_inside


def say_wrong(message: object) -> None:
    """Show what went wrong."""
    console.print(f"[red]{message}[/red]", highlight=False, soft_wrap=True)


def in_registry(work: Callable[[AsyncSession], Awaitable[Answer]]) -> Answer:
    """Do a piece of work in one transaction; errors that are expected end the command."""

    async def once(sessions: Sessions) -> Answer:
        async with sessions.begin() as session:
            return await work(session)

    return in_sessions(once)


def in_sessions(work: Callable[[Sessions], Awaitable[Answer]]) -> Answer:
    """Do a piece of work that opens its own transactions, as `in_registry` does."""

    async def run() -> Answer:
        engine = connect(_database_url(), pool_size=2, statement_timeout_ms=TIMEOUT_MS)
        try:
            return await work(sessions_of(engine))
        finally:
            await engine.dispose()

    try:
        return asyncio.run(run())
    except EXPECTED as error:
        say_wrong(error)
        raise typer.Exit(1) from None


async def book_of(session: AsyncSession) -> Book:
    """The master data in force now."""
    return await books.load(session, at=datetime.now(UTC))


def show_differences(found: Sequence[Difference]) -> None:
    """What a new version changes, as a table."""
    if not found:
        console.print("It is what is in force already.")
        return
    table = Table("value", "in force", "new", title=f"{len(found)} values differ")
    for one in found:
        table.add_row(one.key, one.before or "–", one.after or "–")
    console.print(table)
