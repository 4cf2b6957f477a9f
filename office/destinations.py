"""`manage.py destination …`: units' own systems, and how each has been answering."""

from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from office.registry import call_inside, console, in_registry, sealer
from registry import cases, destinations
from registry.destinations import Listed

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
def rotate(code: Code) -> None:
    """Give a system another secret; the old one is over at once."""

    async def write(session: AsyncSession) -> str:
        return await destinations.rotate(session, sealer(), code)

    _show(in_registry(write))


@app.command()
def disable(code: Code) -> None:
    """Tell a system nothing more; what waits for it is dropped."""

    async def write(session: AsyncSession) -> int:
        return await destinations.disable(session, code, await cases.now(session))

    dropped = in_registry(write)
    console.print(f"{code} is disabled; {dropped} deliveries were dropped.", highlight=False)


def _show(secret: str) -> None:
    console.print(f"Secret, shown this once: {secret}", highlight=False, soft_wrap=True)
