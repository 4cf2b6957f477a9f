"""`manage.py import …` and `manage.py drive`: part of the entry, so it may read settings."""

import asyncio
import os
import re
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console

from embedded.folder import DataFolder
from settings import LocalSettings, Settings

if TYPE_CHECKING:
    from imports.wiring import Installation

app = typer.Typer(help="Bring in real reports of another system.", no_args_is_help=True)
console = Console()
RATE = re.compile(r"(\d+(?:\.\d+)?)(?:/(s|min|h))?")
SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, None: 1.0}


def _rate(text: str) -> float:
    """`5/s`, `300/min`, `12/h` or `5` as reports a second."""
    found = RATE.fullmatch(text.strip())
    if found is None or float(found[1]) <= 0:
        raise typer.BadParameter("write it as 5/s, 300/min or 1000/h")
    return float(found[1]) / SECONDS[found[2]]


def _installation() -> "Installation":
    """Settings from the environment, filled up with what a running `make up` published."""
    from imports.wiring import Installation  # noqa: PLC0415  # slow, and only here

    for name, value in DataFolder(LocalSettings().data_dir).environment().items():
        os.environ.setdefault(name, value)
    try:
        settings = Settings()
    except ValidationError as error:
        missing = ", ".join(str(one["loc"][0]) for one in error.errors())
        console.print(f"[red]No installation: start `make up`, or set {missing}.[/red]")
        raise typer.Exit(1) from None
    return Installation(
        database_url=settings.database_url,
        temporal_address=settings.temporal_address,
        temporal_namespace=settings.temporal_namespace,
        task_queue=settings.task_queue,
        reporter_key=settings.reporter_key,
        index_key=settings.blind_index_key,
        payload_keys=settings.payload_keys,
        payload_key_id=settings.payload_key_id,
        files=settings.data_dir / "files",
    )


def _run(work: Callable[[asyncio.Event], Awaitable[int]]) -> NoReturn:
    """Run until done; Ctrl-C finishes what is under way and shows the summary."""
    from imports.cutover_run import NOT_TAKEN  # noqa: PLC0415  # slow, and only here
    from imports.runs import EXPECTED  # noqa: PLC0415  # as above

    async def main() -> int:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()

        def end(name: signal.Signals) -> None:
            stop.set()
            loop.remove_signal_handler(name)  # a second one ends it at once

        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, end, name)
        return await work(stop)

    try:
        code = asyncio.run(main())
    except (*EXPECTED, *NOT_TAKEN) as error:
        console.print(f"[red]{error}[/red]", highlight=False, soft_wrap=True)
        code = 1
    raise typer.Exit(code)


@app.callback()
def group() -> None:
    """Bring in real reports of another system."""


@app.command()
def boston(  # noqa: PLR0913  a command line has many options
    *,
    file: Annotated[Path, typer.Argument(help="CSV, plain or gzip; see docs/real_input.md.")],
    live: Annotated[bool, typer.Option("--live", help="As new reports of today.")] = False,
    history: Annotated[
        bool, typer.Option("--history", help="Finished ones, with their own times.")
    ] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Read no more rows.")] = None,
    rate: Annotated[str, typer.Option(help="Reports handed in, such as 5/s.")] = "5/s",
    compress: Annotated[
        float | None,
        typer.Option(
            min=1,
            help="SIMULATION: publish limits divided by this (demonstration district only). "
            "Without --rate, reports follow the file's rhythm as much faster.",
        ),
    ] = None,
    drive: Annotated[
        bool, typer.Option("--drive", help="SIMULATED officers work the reports off.")
    ] = False,
    seed: Annotated[int, typer.Option(help="What the simulation draws by.")] = 1,
    url: Annotated[
        str | None, typer.Option(help="Simulated officers use the HTTP API there.")
    ] = None,
    errors: Annotated[
        Path | None, typer.Option(help="Write rows not taken, by line, into this file.")
    ] = None,
    force: Annotated[
        bool,
        typer.Option(
            "--i-know-this-changes-limits",
            envvar="GRIDCASE_I_KNOW_THIS_CHANGES_LIMITS",
            help="Let --compress change the limits of a district that is not invented.",
        ),
    ] = False,
    context: typer.Context,
) -> None:
    """Import service requests of Boston, 2011: live, or finished ones as history."""
    from imports import runs  # noqa: PLC0415  # slow, and only here
    from imports.live import Pace  # noqa: PLC0415  # as above

    if live is history:
        raise typer.BadParameter("choose either --live or --history")
    if history:
        url_of = _installation().database_url
        _run(lambda stop: runs.history(console, url_of, file, stop, limit=limit, errors=errors))
    source = context.get_parameter_source("rate")
    paced = source is not None and source.name != "DEFAULT"
    options = runs.LiveOptions(
        pace=Pace(rate=_rate(rate), compress=None if paced else compress),
        limit=limit,
        compress=compress,
        force=force,
        drive=drive,
        seed=seed,
        url=url,
        errors=errors,
    )
    place = _installation()
    _run(lambda stop: runs.live(console, place, file, options, stop))


@app.command("open")
def open_(  # noqa: PLR0913  a command line has many options
    *,
    file: Annotated[
        Path | None, typer.Argument(help="CSV or XLSX of the cases; see docs/cut-over.md.")
    ] = None,
    history: Annotated[
        Path | None,
        typer.Option(help="Their timeline; an XLSX may have it as its sheet `history`."),
    ] = None,
    template: Annotated[
        Path | None, typer.Option(help="Write an empty file to fill, and do nothing else.")
    ] = None,
    system: Annotated[
        str, typer.Option(help="The other system's name, where rows name none.")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Look at everything, write nothing.")
    ] = False,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave bad rows out, take the good ones.")
    ] = False,
    errors: Annotated[
        Path | None, typer.Option(help="Write all that is wrong into this CSV.")
    ] = None,
    rate: Annotated[str, typer.Option(help="Workflows started, such as 20/s.")] = "20/s",
) -> None:
    """Take over the open cases of another system, at their state and with their used time.

    Exit codes: 0 all rows are here; 1 nothing was brought in; 3 some rows were left out.
    """
    from imports import cutover_run  # noqa: PLC0415  # slow, and only here
    from imports.cutover import Options  # noqa: PLC0415  # as above

    if template is not None:
        _run(lambda _: cutover_run.template(console, template))
    if file is None:
        raise typer.BadParameter("name a file, or --template FILE")
    wanted = cutover_run.Wanted(
        file=file,
        history=history,
        errors=errors,
        options=Options(rate=_rate(rate), dry_run=dry_run, skip_bad=skip_bad, system=system),
    )
    place = _installation()
    _run(lambda stop: cutover_run.run(console, place, wanted, stop))


@app.command("restore-limits")
def restore_limits() -> None:
    """Publish the district's own limits again, after an import with --compress was killed."""
    from imports import runs  # noqa: PLC0415  # slow, and only here

    place = _installation()
    _run(lambda _: runs.restore(console, place.database_url))


def drive(
    *,
    seed: Annotated[int, typer.Option(help="What the simulation draws by.")] = 1,
    url: Annotated[
        str | None, typer.Option(help="Use the HTTP API there instead of this process.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Act on all open cases, not only on imported ones.")
    ] = False,
) -> None:
    """SIMULATED officers work off open imported reports, and stop when nothing waits."""
    from imports import runs  # noqa: PLC0415  # slow, and only here

    place = _installation()
    _run(lambda stop: runs.drive(console, place, seed, url, everything=everything, stop=stop))
