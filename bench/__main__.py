"""Measure the budgets and print them: `python -m bench [--only NAME] [--quick]`."""

import argparse
import asyncio
import logging
import os
import platform
import subprocess
import tempfile
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from pathlib import Path
from time import monotonic

import asyncpg  # type: ignore[import-untyped]  # ships no types

from bench import dbos, events, inbox, intake, lateness, search, server_cpu, verdict
from bench.figures import Figure, table
from bench.site import Site, dsn, open_site, say
from embedded.house import House, open_house
from embedded.temporal import find_cli, server_version

Measure = Callable[[Site], Awaitable[list[Figure]]]
MEASURES: dict[str, Measure] = {
    "events": events.measure,
    "server_cpu": server_cpu.measure,
    "verdict": verdict.measure,
    "intake": intake.measure,
    "lateness": lateness.measure,
    "inbox": inbox.measure,
    "search": search.measure,
    "dbos": dbos.measure,
}
LONGEST = 300
"""Seconds after which a measure is given up."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", metavar="NAME", action="append", choices=MEASURES)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, less certain")
    parser.add_argument("--seed", type=int, default=990106, help="of the random choices")
    return parser


def _commit() -> str:
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"],  # noqa: S607  found on PATH
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip()


async def _header(house: House, seed: int) -> str:
    connection = await asyncpg.connect(dsn(house.url))
    postgres = str(await connection.fetchval("show server_version"))
    await connection.close()
    server = ".".join(map(str, server_version(find_cli(build=False)) or ("unknown",)))
    commit = await asyncio.to_thread(_commit)
    load = os.getloadavg()[0]
    return (
        f"{platform.machine()}, {os.cpu_count()} cores (load {load:.1f} at the start), "
        f"{platform.system()}\n"
        f"Python {platform.python_version()} · temporalio {version('temporalio')} · "
        f"development server {server} on a file · Postgres {postgres} with fsync\n"
        f"seed {seed} · commit {commit or 'unknown'}\n"
    )


def _enterable(folder: Path) -> Path:
    """Postgres may run as another user, who must pass through it."""
    folder.chmod(0o711)
    return folder


async def run(names: list[str], *, quick: bool, seed: int) -> None:
    """Start the servers, measure, print, end the servers."""
    with tempfile.TemporaryDirectory(prefix="gridcase-bench-") as made:
        folder = _enterable(Path(made))
        say("starting Postgres and Temporal …")
        async with (
            open_house(folder) as house,
            open_site(house, quick=quick, seed=seed) as site,
        ):
            header = await _header(house, seed)
            figures: list[Figure] = []
            for name in names:
                started = monotonic()
                say(f"{name} …")
                figures += await _measured(name, site)
                say(f"{name}: {monotonic() - started:.0f} s")
        print(f"{header}{'quick run: fewer rounds, less certain' if quick else ''}")
        print(table(figures))


async def _measured(name: str, site: Site) -> list[Figure]:
    """One measure's figures; one that breaks is a line of the report."""
    try:
        async with asyncio.timeout(LONGEST):
            return await MEASURES[name](site)
    except Exception as error:  # a report goes on to the next figure
        logging.getLogger("bench").exception("%s broke", name)
        await site.house.kill_workers()
        return [Figure(name=name, measured=None, note=f"broke: {error!r}"[:300])]


def main() -> None:
    """Read the options and run; always exits 0."""
    given = _parser().parse_args()
    logging.basicConfig(level=logging.ERROR)
    asyncio.run(run(given.only or list(MEASURES), quick=given.quick, seed=given.seed))


if __name__ == "__main__":
    main()
