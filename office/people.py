"""`manage.py user …`: accounts and their roles."""

from secrets import token_urlsafe
from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from domain.people import Grant
from office.registry import console, in_registry, say_wrong
from registry import people
from registry.people import Account, AccountError

app = typer.Typer(help="Accounts of people and their roles.", no_args_is_help=True)
LogIn = Annotated[str, typer.Argument(metavar="LOGIN")]
Grants = Annotated[
    list[str],
    typer.Option("--grant", help="ROLE, ROLE:UNIT or ROLE:AREA; may be repeated."),
]
Generate = Annotated[
    bool, typer.Option("--generate", help="Make a password up and show it, once.")
]


@app.callback()
def group() -> None:
    """Accounts of people and their roles."""


@app.command("list")
def listed() -> None:
    """Show every account with its roles."""

    async def read(session: AsyncSession) -> list[Account]:
        return list(await people.listed(session))

    table = Table("login", "name", "roles", "")
    for one in in_registry(read):
        roles = ", ".join(map(_written, one.grants))
        table.add_row(one.login, one.name, roles, "" if one.active else "closed")
    console.print(table)


@app.command()
def add(
    login: LogIn,
    grant: Grants,
    name: Annotated[str, typer.Option(help="The person's name.", prompt=True)],
    generate: Generate = False,  # noqa: FBT002  a switch
) -> None:
    """Make an account; the password is asked for, or made up with --generate."""
    grants = _read(grant)
    password = _password(generate=generate)

    async def write(session: AsyncSession) -> None:
        await people.add(session, login, name, password, grants)

    in_registry(write)
    console.print(f"{login} can sign in.", highlight=False)
    _show(password, generate=generate)


@app.command()
def grant(login: LogIn, grant: Grants) -> None:
    """Give an account these roles in place of those it has."""
    grants = _read(grant)

    async def write(session: AsyncSession) -> None:
        await people.set_grants(session, login, grants)

    in_registry(write)
    console.print(
        f"{login} is {', '.join(map(_written, grants))} from now on.", highlight=False
    )


@app.command()
def password(login: LogIn, generate: Generate = False) -> None:  # noqa: FBT002  a switch
    """Set a new password; the account is signed out everywhere, and unlocked."""
    new = _password(generate=generate)

    async def write(session: AsyncSession) -> None:
        await people.set_password(session, login, new)

    in_registry(write)
    console.print(f"The password of {login} is changed.", highlight=False)
    _show(new, generate=generate)


@app.command("close")
def close_(login: LogIn) -> None:
    """Close an account; what it did stays on record."""
    _set_active(login, active=False)
    console.print(f"{login} cannot sign in any more.", highlight=False)


@app.command("open")
def open_(login: LogIn) -> None:
    """Open a closed account again."""
    _set_active(login, active=True)
    console.print(f"{login} can sign in again.", highlight=False)


def _set_active(login: str, *, active: bool) -> None:
    async def write(session: AsyncSession) -> None:
        await people.set_active(session, login, active=active)

    in_registry(write)


def _read(grants: list[str]) -> list[Grant]:
    try:
        return [people.read_grant(one) for one in grants]
    except AccountError as error:
        say_wrong(error)
        raise typer.Exit(1) from None


def _written(grant: Grant) -> str:
    where = grant.unit or grant.area
    return f"{grant.role}:{where}" if where else grant.role.value


def _password(*, generate: bool) -> str:
    if generate:
        return token_urlsafe(12)
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def _show(password: str, *, generate: bool) -> None:
    if generate:
        console.print(f"Password, shown this once: {password}", highlight=False)
