"""Whole runs with their progress bars and summaries: live import, history, driver."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from domain.terms import Action
from imports.boston import SYSTEM, BadRow, WrongFileError, read
from imports.driver import Driven, Driver, Reckoning, judged, reckon
from imports.history import HistoryImport, Loaded
from imports.live import Handed, LiveImport, Pace
from imports.mapping import load_map
from imports.place import NoGridsError, Placing
from imports.wiring import Installation, Wired, registry_of, wired
from registry import book as books
from registry import compressed, upstream
from registry.book import NoMasterDataError
from registry.compressed import NotADemonstrationError
from registry.engine import Sessions, sessions_of
from registry.grids import GridKeeper, NoDistrictError
from registry.history import HistoryBusyError

EXPECTED = (
    WrongFileError,
    NoGridsError,
    NoDistrictError,
    NoMasterDataError,
    NotADemonstrationError,
    HistoryBusyError,
    OSError,
)
"""Errors whose message is all that a user needs."""
SHOWN_ERRORS = 10
LIMIT_PAUSE = 3.0
"""Seconds until every process has heard of newly published limits."""


@dataclass(frozen=True, kw_only=True)
class LiveOptions:
    """How a live import runs.

    Attributes:
        pace: When each report is handed in.
        limit: Most rows read.
        compress: Factor by which limits are divided; None leaves them alone.
        force: Change limits of a real district too.
        drive: Simulated officers work the reports off.
        seed: What they draw by.
        url: They use the HTTP API there.
        errors: File for the rows not taken.
    """

    pace: Pace
    limit: int | None
    compress: float | None
    force: bool
    drive: bool
    seed: int
    url: str | None
    errors: Path | None


class Line:
    """One bar."""

    def __init__(self, progress: Progress, what: str, total: int | None) -> None:
        self._progress = progress
        self._task = progress.add_task(what, total=total, note="")

    def show(self, done: int, note: str) -> None:
        """Move it."""
        self._progress.update(self._task, completed=done, note=note)


@contextmanager
def bar(console: Console, what: str, total: int | None) -> Iterator[tuple[Progress, Line]]:
    """A progress bar while the block runs."""
    progress = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
        console=console,
    )
    with progress:
        yield progress, Line(progress, what, total)


async def live(
    console: Console,
    place: Installation,
    file: Path,
    options: LiveOptions,
    stop: asyncio.Event,
) -> int:
    """Hand requests in as reports; with the driver, work them off. 1 when one was lost."""
    began = time.monotonic()
    async with wired(place, url=options.url) as on, _limits(console, on.sessions, options):
        importer, driver = await _prepare(on, options, stop)
        with bar(console, "reports handed in", options.limit) as (progress, line):
            importer.progress = lambda done: line.show(done.read, _handed_note(done))
            work = None
            if driver is not None:
                console.print("[yellow]SIMULATED officers work these reports off.[/yellow]")
                steps = Line(progress, "simulated steps", None)
                driver.progress = lambda done: steps.show(done.steps, _driven_note(done))
                work = asyncio.create_task(driver.run())
            handed = await importer.run(read(file), limit=options.limit)
            if driver is not None and work is not None:
                driver.fed.set()
                await work
        _write_errors(console, handed.errors, options.errors)
        if driver is None:
            show(console, "Reports of Boston, 2011, handed in", _handed_rows(handed))
            return 0
        await judged(on.sessions, SYSTEM)
        result = await reckon(on.sessions, handed.accepted)
        seconds = time.monotonic() - began
    title = "Reports of Boston, 2011, worked off by SIMULATED officers"
    rows = [*_handed_rows(handed), *_result_rows(result, driver.done, seconds)]
    show(console, title, rows)
    _show_refusals(console, driver.done)
    return 1 if result.lost else 0


async def _prepare(
    on: Wired, options: LiveOptions, stop: asyncio.Event
) -> tuple[LiveImport, Driver | None]:
    async with on.sessions() as session:
        book = await books.load(session, at=datetime.now(UTC))
        grids = await GridKeeper().map(session)
        known = frozenset(await upstream.standings(session, SYSTEM))
    importer = LiveImport(
        desk=on.desk,
        mapping=load_map(),
        placing=Placing(grids),
        book=book,
        known=known,
        pace=options.pace,
        contacts=options.drive,
        seed=options.seed,
        stop=stop,
    )
    driver = Driver(desk=on.desk, sessions=on.sessions, seed=options.seed, stop=stop)
    return importer, driver if options.drive else None


@asynccontextmanager
async def _limits(
    console: Console, sessions: Sessions, options: LiveOptions
) -> AsyncIterator[None]:
    """Compressed limits while the block runs, the district's own again afterwards."""
    if options.compress is None:
        yield
        return
    async with sessions.begin() as session:
        done = await compressed.compress(session, options.compress, forced=options.force)
    console.print(
        f"[yellow]SIMULATION: limits ÷ {options.compress:g}, day and night "
        f"(policy {done.policy}, catalogue {done.catalogue}).[/yellow]"
    )
    try:
        await asyncio.sleep(LIMIT_PAUSE)
        yield
    finally:
        async with sessions.begin() as session:
            own = await compressed.restore(session)
        if own is not None:
            console.print(
                f"The district's own limits are in force again (policy {own.policy}, "
                f"catalogue {own.catalogue})."
            )


async def drive(  # noqa: PLR0913  what the command line gives
    console: Console,
    place: Installation,
    seed: int,
    url: str | None,
    *,
    everything: bool,
    stop: asyncio.Event,
) -> int:
    """Simulated officers work off what is open. 1 when one of the imported reports is lost."""
    began = time.monotonic()
    async with wired(place, url=url) as on:
        console.print("[yellow]SIMULATED officers begin to work.[/yellow]")
        driver = Driver(
            desk=on.desk,
            sessions=on.sessions,
            system=None if everything else SYSTEM,
            seed=seed,
            stop=stop,
        )
        driver.fed.set()
        with bar(console, "simulated steps", None) as (_, line):
            driver.progress = lambda done: line.show(done.steps, _driven_note(done))
            done = await driver.run()
        async with on.sessions() as session:
            accepted = frozenset(await upstream.standings(session, SYSTEM))
        await judged(on.sessions, SYSTEM)
        result = await reckon(on.sessions, accepted)
    seconds = time.monotonic() - began
    show(console, "Imported reports, driven (SIMULATED)", _result_rows(result, done, seconds))
    _show_refusals(console, done)
    return 1 if result.lost else 0


async def history(  # noqa: PLR0913  what the command line gives
    console: Console,
    database_url: str,
    file: Path,
    stop: asyncio.Event,
    *,
    limit: int | None,
    errors: Path | None,
) -> int:
    """Load finished requests as history."""
    began = time.monotonic()
    async with registry_of(database_url, pool_size=3) as engine:
        with bar(console, "requests read", limit) as (_, line):

            def progress(done: Loaded) -> None:
                line.show(done.read, f"{done.added} added, {len(done.errors)} errors")

            loader = HistoryImport(
                engine=engine, mapping=load_map(), progress=progress, stop=stop
            )
            done = await loader.run(read(file), limit=limit)
    _write_errors(console, done.errors, errors)
    show(
        console,
        "History of Boston, 2011",
        [
            ("rows read", f"{done.read:,}"),
            ("cases added", f"{done.added:,}"),
            ("on record before", f"{done.known:,}"),
            *((f"  settled as {how}", f"{n:,}") for how, n in sorted(done.outcomes.items())),
            ("not closed in the file, left out", f"{done.open:,}"),
            ("without a target: no clocks", f"{done.no_limit:,}"),
            ("moved into the nearest grid", f"{done.moved:,}"),
            ("rows not taken", f"{len(done.errors):,}"),
            ("duration", f"{time.monotonic() - began:.1f} s"),
        ],
    )
    return 0


async def restore(console: Console, database_url: str) -> int:
    """Publish the district's own limits again."""
    async with (
        registry_of(database_url, pool_size=1) as engine,
        sessions_of(engine).begin() as session,
    ):
        done = await compressed.restore(session)
    if done is None:
        console.print("No compressed limits are in force: nothing to do.")
    else:
        console.print(f"Own limits again: policy {done.policy}, catalogue {done.catalogue}.")
    return 0


def _handed_note(done: Handed) -> str:
    accepted = len(done.accepted)
    return f"{accepted} accepted, {done.rate:.1f}/s, {len(done.errors)} errors"


def _driven_note(done: Driven) -> str:
    refused = sum(done.refused.values())
    return f"{len(done.cases)} cases, {refused} refused steps, {done.errors} errors"


def _handed_rows(done: Handed) -> list[tuple[str, str]]:
    return [
        ("rows read", f"{done.read:,}"),
        ("accepted", f"{len(done.accepted):,}"),
        ("  of these on record before", f"{done.known:,}"),
        ("moved into the nearest grid", f"{done.moved:,}"),
        ("rows not taken", f"{len(done.errors):,}"),
        ("handed in within", f"{done.seconds:.1f} s ({done.rate:.1f}/s)"),
    ]


def _result_rows(result: Reckoning, done: Driven, seconds: float) -> list[tuple[str, str]]:
    totals = result.totals
    actions = totals.actions
    settled = sum(totals.settled.values())
    fired = ", ".join(
        f"{kind} {percent} %: {number}" for (kind, percent), number in totals.rungs.items()
    )
    return [
        ("closed", f"{totals.settled.get('closed', 0):,}"),
        ("refused", f"{totals.settled.get('refused', 0):,}"),
        ("open and moving", f"{result.open:,}"),
        ("late (promise or unit's limit)", f"{totals.late:,}"),
        ("returned by a unit", f"{actions.get(Action.ACCEPT_RETURN, 0):,}"),
        ("feedback rejected", f"{actions.get(Action.REJECT_FEEDBACK, 0):,}"),
        ("reworked after a check", f"{actions.get(Action.CHECK_FAIL, 0):,}"),
        ("rated or called back", f"{_heard(actions):,}"),
        ("rungs fired", fired or "none"),
        ("steps done, refused, errors", _steps(done)),
        ("lost", f"{len(result.lost):,}" + "".join(f" {one}" for one in result.lost[:5])),
        ("duration", f"{seconds:.1f} s ({settled / seconds:.1f} cases/s to the end)"),
    ]


def _heard(actions: Mapping[str, int]) -> int:
    return actions.get(Action.RATE, 0) + actions.get(Action.CALL_BACK, 0)


def _steps(done: Driven) -> str:
    return f"{done.steps:,}, {sum(done.refused.values()):,}, {done.errors:,}"


def show(console: Console, title: str, rows: Iterable[tuple[str, str]]) -> None:
    """Print a summary."""
    table = Table(title=title, title_justify="left", show_header=False)
    for what, value in rows:
        table.add_row(what, value)
    console.print(table)


def _show_refusals(console: Console, done: Driven) -> None:
    for why, number in done.refused.most_common(SHOWN_ERRORS):
        console.print(f"refused {number} ×: {why}", highlight=False)


def _write_errors(console: Console, errors: list[BadRow], into: Path | None) -> None:
    errors = sorted(errors, key=lambda one: one.line)
    lines = [f"line {one.line}: {one.reason}" for one in errors]
    if into is not None:
        into.write_text("".join(f"{one}\n" for one in lines), encoding="utf-8")
    for one in lines[:SHOWN_ERRORS]:
        console.print(f"[red]{one}[/red]", highlight=False, soft_wrap=True)
    if len(lines) > SHOWN_ERRORS:
        where = f"in {into}" if into else "--errors FILE writes them down"
        console.print(f"… {len(lines) - SHOWN_ERRORS} more: {where}", highlight=False)
