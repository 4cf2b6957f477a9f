"""`make up`: everything on one machine, started in order, kept running, stopped in order."""

import asyncio
import contextlib
import os
import secrets
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from embedded.binaries import find_binaries, place
from embedded.folder import DataFolder
from embedded.postgres import PORT_VARIABLE, Postgres
from embedded.process import LOOPBACK, Child, EmbeddedError, PortTakenError, port_is_free
from embedded.service import Program, Service
from embedded.temporal import Ports, Setup, Temporal, find_cli, server_version
from settings import LocalSettings

DATABASE = "gridcase"
EVERYWHERE = {"0.0.0.0", "::", ""}  # noqa: S104  # recognised, not used
ROOT = Path(__file__).parent.parent
PROGRAMS: Mapping[str, Sequence[str]] = {
    "worker": (sys.executable, str(ROOT / "worker.py")),
    "server": (sys.executable, str(ROOT / "server.py")),
}
WORKER_GRACE = 35  # the worker gives its activities 30 s
SERVER_GRACE = 15
WATCH_SECONDS = 0.3
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
SETTLED_SECONDS = 60.0  # who ran this long starts again at once
SAME_PRESS_SECONDS = 0.5
CODEC_PATH = "/codec"


class PortsTakenError(EmbeddedError):
    """One or more ports are taken; one sentence for each."""


@dataclass(frozen=True)
class Account:
    """A demonstration account, as a row of the table that is shown."""

    login: str
    password: str
    role: str
    name: str


async def fill(database_url: str) -> list[Account]:
    """Bring the registry's schema up to date and load the demonstration district."""
    from registry.migrate import upgrade_async  # noqa: PLC0415  # slow, and only here
    from registry.seed import load  # noqa: PLC0415

    await upgrade_async(database_url)
    report = await load(database_url)
    return [Account(a.login, a.password, a.role_title, a.name) for a in report.accounts]


class Up:
    """One run on one data folder."""

    def __init__(
        self,
        settings: LocalSettings,
        console: Console,
        *,
        programs: Mapping[str, Sequence[str]] = PROGRAMS,
        fill: Callable[[str], Awaitable[list[Account]]] = fill,
    ) -> None:
        self._settings = settings
        self._console = console
        self._programs = programs
        self._fill = fill
        self._folder = DataFolder(settings.data_dir)
        self._services: dict[str, Service] = {}
        self._accounts: list[Account] = []
        self._codec_token = secrets.token_urlsafe(16)
        self._stop = asyncio.Event()
        self._stopped_at = 0.0

    def stop(self) -> None:
        """End the run; a second call kills what is left, unless it is the same key press.

        (A runner between the terminal and us may pass on what the terminal sent us already.)
        """
        if not self._stop.is_set():
            self._stopped_at = time.monotonic()
            self._stop.set()
        if time.monotonic() - self._stopped_at < SAME_PRESS_SECONDS:
            return
        self._console.print("[red]Killed.[/red]")
        for service in self._services.values():
            if service.running:
                os.kill(service.pid, signal.SIGKILL)
        os._exit(130)

    async def run(self) -> None:
        """Start everything, keep it running, and stop it when told.

        Raises:
            EmbeddedError: Something could not be started; what was started is stopped again.
        """
        self._folder.prepare()
        with self._folder.locked():
            for name in await asyncio.to_thread(self._folder.end_leftovers):
                self._say(f"Ended {name}, left over from a run that was killed.")
            self._check_ports()
            async with AsyncExitStack() as stack:
                starting = asyncio.create_task(self._start(stack))
                if await self._first(starting):
                    self._show()
                    watchers = [
                        asyncio.create_task(self._keep(name)) for name in self._services
                    ]
                    await self._stop.wait()
                    for watcher in watchers:
                        watcher.cancel()
                    await asyncio.gather(*watchers, return_exceptions=True)
                self._say("Stopping …")
            self._say("Stopped. `make up` continues with the same data.")

    async def _first(self, starting: asyncio.Task[None]) -> bool:
        """Whether the start ended before somebody asked to stop."""
        stopping = asyncio.create_task(self._stop.wait())
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if starting.done():
            starting.result()
            return True
        starting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await starting
        return False

    async def _start(self, stack: AsyncExitStack) -> None:
        settings = self._settings
        given = {
            "reporter_key": settings.reporter_key,
            "payload_key": settings.payload_key,
            "blind_index_key": settings.blind_index_key,
        }
        environment = {
            f"GRIDCASE_{name.upper()}": key for name, key in self._folder.keys(given).items()
        }
        environment["DATABASE_URL"] = await self._start_postgres(stack)
        async with self._step("Migrating and filling the registry"):
            self._accounts = await self._fill(environment["DATABASE_URL"])
        address, ui_url = await self._start_temporal(stack)
        environment |= {
            "TEMPORAL_ADDRESS": address,
            "GRIDCASE_TEMPORAL_UI_URL": ui_url,
            "GRIDCASE_TEMPORAL_NAMESPACE": settings.temporal_namespace,
            "GRIDCASE_HOST": settings.host,
            "GRIDCASE_PORT": str(settings.port),
            "GRIDCASE_WORKER_METRICS_PORT": str(settings.worker_metrics_port),
            "GRIDCASE_DATA_DIR": str(self._folder.path),
            "GRIDCASE_CODEC_TOKEN": self._codec_token,
            "GRIDCASE_SECURE_COOKIES": str(settings.secure_cookies).lower(),
            "PYTHONUNBUFFERED": "1",
        }
        self._folder.publish(environment)
        ready = {
            "worker": (
                f"http://{LOOPBACK}:{settings.worker_metrics_port}/metrics",
                WORKER_GRACE,
            ),
            "server": (f"{self._base_url}/readyz", SERVER_GRACE),
        }
        for name, (url, grace) in ready.items():
            child = Child(
                name,
                self._programs[name],
                log=self._folder.logs / f"{name}.log",
                env=os.environ | environment,
            )
            program = Program(child, url, grace=grace)
            async with self._step(f"Starting the {name}"):
                await self._launch(name, program, stack)

    async def _start_postgres(self, stack: AsyncExitStack) -> str:
        settings = self._settings
        if settings.database_url is not None:
            self._say("Using the Postgres of DATABASE_URL.")
            return settings.database_url
        wanted = self._folder.path / "postgres"
        found, bin_dir = await asyncio.to_thread(
            place, wanted, settings.postgres_bin or find_binaries()
        )
        if found != wanted:
            self._folder.note_elsewhere(found)
            self._say(f"Postgres's files are in {found}: its user may not enter {wanted}.")
        server = Postgres(
            found,
            port=settings.postgres_port,
            bin_dir=bin_dir,
            log=self._folder.logs / "postgres.log",
        )
        async with self._step("Starting Postgres"):
            await self._launch("postgres", server, stack)
            if not await server.has_database(DATABASE):
                await server.create_database(DATABASE)
        return server.url(DATABASE)

    async def _start_temporal(self, stack: AsyncExitStack) -> tuple[str, str]:
        """Start Temporal unless it is given; its address and the address of its web page."""
        from workflows.attributes import SEARCH_ATTRIBUTES  # noqa: PLC0415

        settings = self._settings
        own_ui = f"http://{LOOPBACK}:{settings.temporal_ui_port}"
        if settings.temporal_address is not None:
            self._say(f"Using the Temporal at {settings.temporal_address}.")
            return settings.temporal_address, settings.temporal_ui_url or own_ui
        cli = await asyncio.to_thread(find_cli, say=self._say)
        version = ".".join(map(str, server_version(cli) or ()))
        setup = Setup(
            ports=Ports(
                grpc=settings.temporal_port,
                ui=settings.temporal_ui_port,
                metrics=settings.temporal_metrics_port,
            ),
            namespace=settings.temporal_namespace,
            search_attributes=SEARCH_ATTRIBUTES,
            # A newer server does not migrate an older file; cases restart from the registry.
            database=self._folder.path / "temporal" / f"{version}.db",
            codec_endpoint=f"{self._base_url}{CODEC_PATH}/{self._codec_token}",
        )
        server = Temporal(cli, setup, log=self._folder.logs / "temporal.log")
        async with self._step("Starting Temporal"):
            await self._launch("temporal", server, stack)
        return server.address, settings.temporal_ui_url or own_ui

    async def _launch(self, name: str, service: Service, stack: AsyncExitStack) -> None:
        """Start a service and see to its stop, in the opposite order of the starts."""
        self._services[name] = service
        stack.push_async_callback(service.stop)
        await service.start()
        self._record()

    def _record(self) -> None:
        running = {name: one.pid for name, one in self._services.items() if one.running}
        self._folder.record_children(running)

    async def _keep(self, name: str) -> None:
        """Start a service again whenever it dies, after a pause that grows."""
        service = self._services[name]
        pause = FIRST_PAUSE
        started = time.monotonic()
        while True:
            if service.running:
                await asyncio.sleep(WATCH_SECONDS)
                continue
            if time.monotonic() - started > SETTLED_SECONDS:
                pause = FIRST_PAUSE
            self._say(
                f"[red]{name} died[/red] (see {self._folder.logs / f'{name}.log'}); "
                f"starting it again in {pause:.0f} s."
            )
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            try:
                await service.start()
            except EmbeddedError as error:
                self._say(f"[red]{name} does not start:[/red] {error}")
            else:
                self._say(f"[green]{name} runs again.[/green]")
                self._record()
            started = time.monotonic()

    def _check_ports(self) -> None:
        settings = self._settings
        wanted = [
            ("The web server", settings.port, "GRIDCASE_PORT"),
            (
                "The worker's metrics",
                settings.worker_metrics_port,
                "GRIDCASE_WORKER_METRICS_PORT",
            ),
        ]
        if settings.database_url is None:
            wanted.append(("Postgres", settings.postgres_port, PORT_VARIABLE))
        if settings.temporal_address is None:
            wanted += [
                ("Temporal", settings.temporal_port, "GRIDCASE_TEMPORAL_PORT"),
                ("Temporal's web page", settings.temporal_ui_port, "GRIDCASE_TEMPORAL_UI_PORT"),
                (
                    "Temporal's metrics",
                    settings.temporal_metrics_port,
                    "GRIDCASE_TEMPORAL_METRICS_PORT",
                ),
            ]
        taken = [PortTakenError(*one) for one in wanted if not port_is_free(one[1])]
        if taken:
            raise PortsTakenError("\n".join(map(str, taken)))

    @property
    def _base_url(self) -> str:
        return f"http://{self._host}:{self._settings.port}"

    @property
    def _worker_metrics(self) -> str:
        return f"http://{self._host}:{self._settings.worker_metrics_port}/metrics"

    @property
    def _host(self) -> str:
        """Where this machine reaches what listens on the host of the settings."""
        return LOOPBACK if self._settings.host in EVERYWHERE else self._settings.host

    def _say(self, text: str) -> None:
        self._console.print(text, highlight=False)

    @asynccontextmanager
    async def _step(self, what: str) -> AsyncIterator[None]:
        """Show that something slow happens, and how long it took."""
        begun = time.monotonic()
        with self._console.status(f"{what} …"):
            yield
        self._say(f"[green]✓[/green] {what} [dim]({time.monotonic() - begun:.1f} s)[/dim]")

    def _show(self) -> None:
        """The addresses and accounts."""
        settings, base = self._settings, self._base_url
        places = Table(title="gridcase runs", show_header=False, title_justify="left")
        for what, where in (
            ("Console (staff)", base),
            ("Report an issue", f"{base}/report"),
            ("Follow a report", f"{base}/track"),
            ("API", f"{base}/docs"),
            (
                "Temporal UI (admins)",
                settings.temporal_ui_url or f"http://{LOOPBACK}:{settings.temporal_ui_port}",
            ),
            ("Metrics", f"{base}/metrics"),
            ("Worker's metrics", self._worker_metrics),
            ("Logs", str(self._folder.logs)),
        ):
            places.add_row(what, where)
        self._console.print(places)
        if self._accounts:
            people = Table(title="Demonstration accounts", title_justify="left")
            for column in ("Login", "Password", "Role", "Name"):
                people.add_column(column)
            for one in self._accounts:
                people.add_row(one.login, one.password, one.role, one.name)
            self._console.print(people)
        self._say("Ctrl-C stops everything; `make up` continues with the same data.")


async def up(run: Up) -> None:
    """Run until Ctrl-C or SIGTERM; a second one kills."""
    loop = asyncio.get_running_loop()
    for which in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(which, run.stop)
    await run.run()
