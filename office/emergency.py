"""`manage.py emergency …`: emergency plans (预案) as files, without a line of code."""

import json
from datetime import UTC
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from domain.book import Book
from domain.emergency_plan import EmergencyPlans
from office.registry import From, book_of, console, in_registry, show_differences
from registry import emergency_files, emergency_plans, versions
from registry.emergency_files import EmergencyPlanError
from registry.versions import Difference, Listed

app = typer.Typer(
    help="Emergency plans: who starts, who is alarmed, which reports are due.",
    no_args_is_help=True,
)
Given = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="A file of emergency plans.")
]


@app.command("list")
def list_() -> None:
    """Versions of the emergency plans on record."""
    found: list[Listed] = list(in_registry(emergency_plans.listed))
    table = Table("version", "name", "in force from (UTC)", "")
    for one in found:
        since = one.valid_from.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
        table.add_row(str(one.version), one.name, since, "in force" if one.in_force else "")
    console.print(table)


@app.command()
def show(
    version: Annotated[int | None, typer.Argument(help="Without it: the one in force.")] = None,
) -> None:
    """Print a version complete, as a file that `check` and `use` take."""

    async def read(session: AsyncSession) -> EmergencyPlans:
        book = await book_of(session)
        number = book.emergency if version is None else version
        if number not in book.emergencies:
            raise EmergencyPlanError(f"there is no version {number} of the emergency plans")
        return book.emergencies[number]

    body = emergency_files.dump(in_registry(read))
    typer.echo(json.dumps(body, ensure_ascii=False, indent=2))


@app.command()
def check(given: Given) -> None:
    """Say whether plans can be used, and what they would change. Nothing is written."""

    async def read(session: AsyncSession) -> tuple[Difference, ...]:
        book = await book_of(session)
        return emergency_plans.differences(_in_force(book), _checked(given, book))

    show_differences(in_registry(read))


@app.command()
def use(given: Given, since: From = None) -> None:
    """Put plans in force as a new version; what was declared before keeps its own."""

    async def write(session: AsyncSession) -> tuple[int, tuple[Difference, ...]]:
        book = await book_of(session)
        plans = _checked(given, book)
        start = versions.local_midnight(since.date(), book) if since else None
        found = emergency_plans.differences(_in_force(book), plans)
        number = await emergency_plans.use(session, plans, since=start) if found else 0
        return number, found

    number, found = in_registry(write)
    show_differences(found)
    if number:
        day = f" from {since:%Y-%m-%d}" if since else ""
        console.print(f"Emergency plans, version {number}: in force{day}.", highlight=False)


def _in_force(book: Book) -> EmergencyPlans | None:
    return book.emergencies.get(book.emergency)


def _checked(given: Path, book: Book) -> EmergencyPlans:
    plans = emergency_files.read(given)
    emergency_plans.check(plans, book)
    return plans
