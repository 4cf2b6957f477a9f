"""`manage.py change …`: what new versions do to open cases, and bringing it to them."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from domain.book import Book
from domain.case import Case
from domain.explain_texts import moved_words
from domain.facts import Moved
from domain.people import SYSTEM, Actor
from domain.preview import Effect, preview
from domain.repin import Versions, in_force
from domain.survey import SHOWN, Survey
from office.registry import book_of, console, in_sessions
from registry import changes
from registry.changes import Change, ChangeError
from registry.engine import Sessions
from registry.versions import zone_of

app = typer.Typer(
    help="New versions of policy, catalogue and calendar, brought to open cases.",
    no_args_is_help=True,
)
RATE = re.compile(r"(\d+(?:\.\d+)?)/s")
Policy = Annotated[int, typer.Option(min=0, help="Version of the policy.")]
Catalogue = Annotated[int, typer.Option(min=0, help="Version of the catalogue.")]
Calendar = Annotated[str, typer.Option(help="Key of the calendar: cn-district@2.")]
All = Annotated[
    bool, typer.Option("--all", help="Also cases whose limits do not move: later ones will.")
]


@app.command("preview")
def preview_(
    *,
    policy: Policy = 0,
    catalogue: Catalogue = 0,
    calendar: Calendar = "",
    everything: All = False,
) -> None:
    """Say what versions would do to open cases; without any, those in force. Writes nothing."""
    named = Versions(policy=policy, catalogue=catalogue, calendar=calendar)

    async def look(sessions: Sessions) -> tuple[Survey, Book, str]:
        book = await _book(sessions)
        versions = changes.versions_of(book, named)
        survey = Survey(everything=everything)
        async for _ in _selected(sessions, book, versions, survey, SYSTEM):
            pass
        return survey, book, Change(versions=versions, actor=SYSTEM).name

    survey, book, name = in_sessions(look)
    _show(survey, book, f"{name}: what it would do")


@app.command()
def apply(  # noqa: PLR0913  a command line has many options
    *,
    policy: Policy = 0,
    catalogue: Catalogue = 0,
    calendar: Calendar = "",
    everything: All = False,
    rate: Annotated[str, typer.Option(help="Cases told a second at most: 20/s.")] = "20/s",
    by: Annotated[str | None, typer.Option(help="Log-in of the admin who asks for it.")] = None,
) -> None:
    """Bring versions in force to open cases; run again, it goes on where it stopped."""
    named = Versions(policy=policy, catalogue=catalogue, calendar=calendar)
    pause = 1 / _rate(rate)
    survey, written = Survey(everything=everything), [0, 0]

    async def work(sessions: Sessions) -> Book:
        book = await _book(sessions)
        versions = changes.versions_of(book, named)
        _need_in_force(book, versions)
        change = Change(versions=versions, actor=changes.admin_of(book, by))
        async with sessions() as session:
            wait = await changes.until_heard(session, versions)
        await asyncio.sleep(wait.total_seconds())
        with _progress() as progress:
            line = progress.add_task("", total=None)
            next_at = time.monotonic()
            cases = _selected(sessions, book, versions, survey, change.actor)
            async for case, effect in cases:
                await asyncio.sleep(max(0.0, next_at - time.monotonic()))
                next_at = max(next_at, time.monotonic() - pause) + pause
                async with sessions.begin() as session:
                    new = await changes.write_down(
                        session, change, case.case_no, effect.versions
                    )
                written[not new] += 1
                said = f"{survey.looked} looked at, {written[0]} asked for"
                progress.update(line, description=said)
        return book

    try:
        book = in_sessions(work)
    except KeyboardInterrupt:
        console.print(f"Stopped after {written[0]} cases; run it again to go on.")
        raise typer.Exit(130) from None
    _show(survey, book, f"{written[0]} cases asked for, {written[1]} on record already")


async def _selected(
    sessions: Sessions, book: Book, versions: Versions, survey: Survey, actor: Actor
) -> AsyncIterator[tuple[Case, Effect]]:
    """The open cases that a change is for, counted on the way."""
    at = datetime.now(UTC)
    async for case, tasks in changes.open_cases(sessions):
        effect = preview(case, book, versions, at, actor, tasks=tasks)
        if survey.add(case.case_no, effect, at):
            yield case, effect


async def _book(sessions: Sessions) -> Book:
    async with sessions() as session:
        return await book_of(session)


def _need_in_force(book: Book, versions: Versions) -> None:
    now = in_force(book)
    for change in versions.changes:
        asked, there = (getattr(one, change.value) for one in (versions, now))
        if asked != there:
            raise ChangeError(
                f"{change} {asked} is not in force ({there} is): preview it now, apply it then"
            )


def _rate(text: str) -> float:
    found = RATE.fullmatch(text.strip())
    if found is None or float(found[1]) <= 0:
        raise typer.BadParameter("write it as 20/s")
    return float(found[1])


def _progress() -> Progress:
    return Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console
    )


def _show(survey: Survey, book: Book, title: str) -> None:
    console.print(title, highlight=False, soft_wrap=True)
    table = Table("clock", "earlier", "later", "paused")
    for kind, one in sorted(survey.clocks.items()):
        table.add_row(kind, str(one.earlier), str(one.later), str(one.waiting))
    console.print(table)
    console.print(
        f"{survey.looked} open cases looked at, {survey.selected} concerned, "
        f"{survey.late_at_once} of them with a limit over at once."
    )
    for change, cases in sorted(survey.kept_out.items()):
        console.print(f"{cases} cases keep their {change}: their policy does not re-arm them.")
    for because, cases in sorted(survey.refused.items()):
        console.print(f"{cases} cases: {because}.", highlight=False, soft_wrap=True)
    if survey.tasks:
        console.print(
            f"{survey.tasks} running tasks of departments hear of it from their case, "
            f"{survey.tasks_moved} of them with a limit that moves."
        )
    for case_no, effect in survey.first:
        _line(case_no, effect.moved, book)
        for task in effect.tasks:
            _line(f"{task.number} {task.unit}", task.moved, book)
    if survey.selected > SHOWN:
        console.print(f"… and {survey.selected - SHOWN} more.")


def _line(name: str, moved: Iterable[Moved], book: Book) -> None:
    """What moves of one case, or of one task."""
    zone = zone_of(book)
    words = "; ".join(moved_words(one, zone).en for one in moved) or "pinned anew"
    console.print(f"{name}  {words}", highlight=False, soft_wrap=True)
