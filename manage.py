"""The command line: `python manage.py --help`."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from temporalio.service import RPCError

from api import openapi
from embedded.folder import DataFolder
from embedded.process import EmbeddedError
from embedded.up import Up, fill, up
from imports import commands as imports_
from office import (
    calendars,
    catalogues,
    changes,
    destinations,
    emergency,
    people,
    policies,
    verify,
)
from registry.migrate import upgrade_async
from settings import LocalSettings
from workflows import client as door
from workflows.converter import data_converter

app = typer.Typer(
    help="gridcase: durable case handling for grid governance.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # they would print passwords
)
console = Console()
app.add_typer(imports_.app, name="import")
app.command("drive")(imports_.drive)
app.add_typer(people.app, name="user")
app.add_typer(destinations.app, name="destination")
app.add_typer(policies.app, name="policy")
app.add_typer(emergency.app, name="emergency")
app.add_typer(calendars.app, name="calendar")
app.add_typer(changes.app, name="change")
app.add_typer(catalogues.app, name="catalogue")
app.command("verify")(verify.command)


def _fail(error: Exception) -> typer.Exit:
    console.print(f"[red]{error}[/red]", highlight=False, soft_wrap=True)
    return typer.Exit(1)


def _database_url(settings: LocalSettings) -> str:
    """`DATABASE_URL`, else the database of the `make up` that runs now."""
    url = settings.database_url or DataFolder(settings.data_dir).environment().get(
        "DATABASE_URL"
    )
    if url is None:
        raise _fail(EmbeddedError("No database: start `make up`, or set DATABASE_URL."))
    return url


@app.command("up")
def run_everything() -> None:
    """Start everything here, and keep it running until Ctrl-C."""
    try:
        asyncio.run(up(Up(LocalSettings(), console)))
    except EmbeddedError as error:
        raise _fail(error) from error


@app.command("openapi")
def write_openapi() -> None:
    """Write `docs/openapi.json` from the routes."""
    openapi.write()


@app.command()
def promote(build_id: str) -> None:
    """Let cases run on the workers of BUILD_ID from now on, running ones included."""
    settings = LocalSettings()
    address = settings.temporal_address or DataFolder(settings.data_dir).environment().get(
        "TEMPORAL_ADDRESS"
    )
    if address is None:
        raise _fail(EmbeddedError("No Temporal: start `make up`, or set TEMPORAL_ADDRESS."))

    async def run() -> None:
        client = await door.connect(
            address, settings.temporal_namespace, converter=data_converter()
        )
        await door.make_current(client, build_id)

    try:
        asyncio.run(run())
    except (RPCError, RuntimeError) as error:
        raise _fail(error) from error
    console.print(f"Cases now run on build {build_id}.")


@app.command()
def reset(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,  # noqa: FBT002  # Typer
) -> None:
    """Delete the data folder with all its data."""
    folder = DataFolder(LocalSettings().data_dir)
    if not folder.path.exists():
        console.print(f"{folder.path} does not exist: nothing to delete.")
        return
    if not yes and not typer.confirm(f"Delete {folder.path} with all its data?"):
        raise typer.Exit(1)
    try:
        folder.reset()
    except EmbeddedError as error:
        raise _fail(error) from error
    console.print(f"Deleted {folder.path}.")


@app.command()
def migrate() -> None:
    """Bring the registry's schema up to date."""
    asyncio.run(upgrade_async(_database_url(LocalSettings())))
    console.print("The registry's schema is up to date.")


@app.command()
def seed() -> None:
    """Migrate, and load the demonstration district; twice changes nothing."""
    accounts = asyncio.run(fill(_database_url(LocalSettings())))
    console.print(f"The demonstration district is loaded; {len(accounts)} accounts.")


if __name__ == "__main__":
    app()
