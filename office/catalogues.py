"""`manage.py catalogue …`: what can be reported, its limits, stages, questions, as a file."""

from datetime import UTC
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from office.registry import From, book_of, console, in_registry, show_differences
from registry import catalogues, versions
from registry.catalogue_files import read_catalogue
from registry.catalogues import Listed
from registry.versions import Difference

app = typer.Typer(
    help="Subclasses, accept conditions, limits, stages, questions.", no_args_is_help=True
)
File = Annotated[
    Path,
    typer.Argument(help="CSV; stages.json and questions.json beside it are read too."),
]


@app.command("list")
def list_() -> None:
    """Catalogue versions on record; old ones stay, for the cases filed under them."""
    listed: list[Listed] = list(in_registry(catalogues.catalogues))
    table = Table("version", "conditions", "in force from (UTC)", "", "source")
    for one in listed:
        since = one.valid_from.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
        state = "in force" if one.in_force else ""
        table.add_row(str(one.version), str(one.conditions), since, state, one.source)
    console.print(table)


@app.command()
def check(file: File) -> None:
    """Say whether a catalogue can be used, and what it would change. Nothing is written."""

    async def read(session: AsyncSession) -> tuple[Difference, ...]:
        book = await book_of(session)
        rows = read_catalogue(file)
        return catalogues.differences(await catalogues.rows_of(session, book.catalogue), rows)

    show_differences(in_registry(read))


@app.command()
def use(file: File, since: From = None) -> None:
    """Put a catalogue in force as a new version; cases filed before keep theirs."""

    async def write(session: AsyncSession) -> tuple[int, tuple[Difference, ...]]:
        book = await book_of(session)
        rows = read_catalogue(file)
        before = await catalogues.rows_of(session, book.catalogue)
        found = catalogues.differences(before, rows)
        start = versions.local_midnight(since.date(), book) if since else None
        if not found:
            return 0, found
        number = await catalogues.use_catalogue(session, rows, source=file.name, since=start)
        return number, found

    number, found = in_registry(write)
    show_differences(found)
    if number:
        day = f" from {since:%Y-%m-%d}" if since else ""
        console.print(f"Catalogue version {number} is in force{day}.", highlight=False)
