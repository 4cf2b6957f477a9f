"""`manage.py calendar …`: holidays and make-up days as files, checked and put in force."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from domain.book import Book
from domain.calendar import Calendar
from office.registry import From, book_of, console, in_registry
from registry import calendars
from registry.versions import local_midnight

app = typer.Typer(help="Work calendars: slots, holidays, make-up days.", no_args_is_help=True)
Given = Annotated[
    Path,
    typer.Argument(
        exists=True,
        dir_okay=False,
        help="JSON, a whole calendar; or CSV, days on top of the one in force.",
    ),
]
Published = Annotated[
    list[int] | None,
    typer.Option(help="A year whose holidays are announced with it; may be repeated."),
]


@app.callback()
def group() -> None:
    """Work calendars: slots, holidays, make-up days."""


@app.command()
def check(file: Given, published: Published = None) -> None:
    """Say whether a calendar can be used, and which days it changes. Nothing is written."""

    async def read(session: AsyncSession) -> tuple[Calendar, Calendar]:
        book = await book_of(session)
        return _pair(file, book, published)

    _show(*in_registry(read))


@app.command()
def use(file: Given, since: From = None, published: Published = None) -> None:
    """Put a calendar in force as a new version; cases filed before keep theirs."""

    async def write(session: AsyncSession) -> tuple[Calendar, Calendar, str]:
        book = await book_of(session)
        last, new = _pair(file, book, published)
        start = local_midnight(since.date(), book) if since else None
        key = (
            "" if calendars.same(last, new) else await calendars.use(session, new, since=start)
        )
        return last, new, key

    last, new, key = in_registry(write)
    _show(last, new)
    if key:
        day = f" from {since:%Y-%m-%d}" if since else ""
        console.print(f"Calendar {key} is in force{day}; cases filed before keep theirs.")
        console.print(
            f"What it would do to them: python manage.py change preview --calendar {key}",
            highlight=False,
            soft_wrap=True,
        )


def _pair(file: Path, book: Book, published: list[int] | None) -> tuple[Calendar, Calendar]:
    new = calendars.given(file, book, published or ())
    return calendars.newest(book, new.calendar_id), new


def _show(last: Calendar, new: Calendar) -> None:
    if calendars.same(last, new):
        console.print(f"It is what {last.key} says already.")
        return
    found = calendars.differences(last, new)
    table = Table("day", "", last.key, "new", title=f"{len(found)} days differ")
    for one in found:
        day = f"{one.day:%a}"
        table.add_row(str(one.day), day, one.before or "usual", one.after or "usual")
    console.print(table)
    if last.patterns != new.patterns:
        console.print("The hours of ordinary weeks differ.")
    years = sorted(new.published_years - last.published_years)
    if years:
        console.print(f"Announced years, new: {', '.join(map(str, years))}")
