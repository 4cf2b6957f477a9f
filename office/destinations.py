"""`manage.py destination …`: units' own systems, and how each has been answering."""

from typing import Annotated
from uuid import UUID

import typer
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from office.registry import call_inside, console, in_registry, sealer
from registry import cases, destinations
from registry.destinations import Listed
from registry.tables_outside import DeliveryRow

app = typer.Typer(help="Units' own systems.", no_args_is_help=True)
Code = Annotated[str, typer.Argument(metavar="CODE")]


@app.callback()
def group() -> None:
    """Units' own systems."""


@app.command("list")
def listed() -> None:
    """Show every system: its unit, what waits, how it has been answering."""

    async def read(session: AsyncSession) -> list[Listed]:
        return list(await destinations.listed(session))

    table = Table("code", "unit", "address", "waiting", "failures", "rest until", "last error")
    for one in in_registry(read):
        row = one.row
        table.add_row(
            row.code if row.active else f"{row.code} (disabled)",
            row.unit,
            row.url,
            str(one.waiting),
            str(row.failures),
            f"{row.closed_until:%H:%M:%S} UTC" if row.closed_until else "",
            row.last_error,
        )
    console.print(table)


@app.command()
def add(code: Code, unit: str, url: str) -> None:
    """Make a unit's own system known; what the unit is given from now on is delivered there."""

    async def write(session: AsyncSession) -> str:
        return await destinations.add(session, sealer(), code, unit, url, inside=call_inside())

    _show(in_registry(write))


@app.command()
def rotate(
    code: Code,
    *,
    at_once: Annotated[
        bool, typer.Option("--at-once", help="The old one has become known: it is over now.")
    ] = False,
) -> None:
    """Give a system another secret; for a day the old one holds beside it."""

    async def write(session: AsyncSession) -> str:
        at = await cases.now(session)
        return await destinations.rotate(session, sealer(), code, at, at_once=at_once)

    _show(in_registry(write))


@app.command()
def waiting(code: Code) -> None:
    """Show what waits for a system, the oldest first, and why."""

    async def read(session: AsyncSession) -> list[DeliveryRow]:
        return list(await destinations.waiting(session, code))

    table = Table("delivery", "work", "tells", "since", "tries", "last error")
    for one in in_registry(read):
        since = f"{one.created_at:%Y-%m-%d %H:%M:%S} UTC"
        table.add_row(
            str(one.delivery_id), one.work, one.tells, since, str(one.attempts), one.last_error
        )
    console.print(table)


@app.command()
def drop(delivery: UUID) -> None:
    """Give up one delivery, so that what comes after it about the same work is told."""

    async def write(session: AsyncSession) -> None:
        await destinations.drop(session, delivery, await cases.now(session))

    in_registry(write)
    console.print(f"{delivery} is dropped.", highlight=False)


@app.command()
def enable(code: Code) -> None:
    """Tell a system again, of what happens from now on."""

    async def write(session: AsyncSession) -> None:
        await destinations.enable(session, code, await cases.now(session))

    in_registry(write)
    console.print(f"{code} is enabled.", highlight=False)


@app.command()
def disable(code: Code) -> None:
    """Tell a system nothing more; what waits for it is dropped."""

    async def write(session: AsyncSession) -> int:
        return await destinations.disable(session, code, await cases.now(session))

    dropped = in_registry(write)
    console.print(f"{code} is disabled; {dropped} deliveries were dropped.", highlight=False)


def _show(secret: str) -> None:
    console.print(f"Secret, shown this once: {secret}", highlight=False, soft_wrap=True)
