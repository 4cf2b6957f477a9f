"""`manage.py policy …`: the flow's values (◆) as packs and files, without a line of code."""

import json
from datetime import UTC
from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from domain.book import Book
from domain.policy import Policy
from office.registry import From, book_of, console, in_registry, show_differences
from registry import packs, versions
from registry.policies import PolicyBodyError, dump_policy
from registry.versions import Difference, Listed

app = typer.Typer(
    help="Limits, checks, deciders and windows of the flow.", no_args_is_help=True
)
Given = Annotated[str, typer.Argument(help="A file, or the name of a pack.")]


@app.command("list")
def list_() -> None:
    """Policy versions on record, and the packs that come with the product."""
    listed: list[Listed] = list(in_registry(versions.policies))
    table = Table("version", "name", "in force from (UTC)", "")
    for one in listed:
        since = one.valid_from.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
        table.add_row(str(one.version), one.name, since, "in force" if one.in_force else "")
    console.print(table)
    console.print(f"Packs: {', '.join(packs.names())}")


@app.command()
def show(
    version: Annotated[int | None, typer.Argument(help="Without it: the one in force.")] = None,
) -> None:
    """Print a version complete, as a file that `check` and `use` take."""

    async def read(session: AsyncSession) -> Policy:
        book = await book_of(session)
        number = book.policy if version is None else version
        if number not in book.policies:
            raise PolicyBodyError(f"there is no policy version {number}")
        return book.policies[number]

    body = dump_policy(in_registry(read))
    typer.echo(json.dumps(body, ensure_ascii=False, indent=2))


@app.command()
def check(given: Given) -> None:
    """Say whether a policy can be used, and what it would change. Nothing is written."""

    async def read(session: AsyncSession) -> tuple[Difference, ...]:
        book = await book_of(session)
        return versions.differences(_in_force(book), _checked(given, book))

    show_differences(in_registry(read))


@app.command()
def use(given: Given, since: From = None) -> None:
    """Put a policy in force as a new version; cases filed before keep theirs."""

    async def write(session: AsyncSession) -> tuple[int, tuple[Difference, ...]]:
        book = await book_of(session)
        policy = _checked(given, book)
        start = versions.local_midnight(since.date(), book) if since else None
        found = versions.differences(_in_force(book), policy)
        number = await versions.use_policy(session, policy, since=start) if found else 0
        return number, found

    number, found = in_registry(write)
    show_differences(found)
    if number:
        day = f" from {since:%Y-%m-%d}" if since else ""
        console.print(f"Policy version {number} is in force{day}.", highlight=False)


def _in_force(book: Book) -> Policy:
    return book.policies[book.policy]


def _checked(given: str, book: Book) -> Policy:
    policy = packs.read(packs.find(given))
    versions.check(policy, book)
    return policy
