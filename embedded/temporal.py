"""A Temporal server of our own: the CLI's development server over one database file.

It has no authentication and therefore listens on the loopback only.
"""

import asyncio
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from embedded.process import (
    LOOPBACK,
    Child,
    EmbeddedError,
    StartError,
    require_port,
)

CLI_MODULE = "github.com/temporalio/cli/cmd/temporal@v1.5.1"
OLDEST_SERVER = (1, 29)  # worker deployment versions and updates as we use them
RETENTION = timedelta(hours=720)  # the development server's own is 24 h
START_SECONDS = 60
TRIES = 3
"""The server's own services listen where it finds a port free, and may find it taken then."""
STOP_SECONDS = 30
RPC_TIMEOUT = timedelta(seconds=5)


class CliNotFoundError(EmbeddedError):
    """There is no `temporal` command and none can be built."""


@dataclass(frozen=True, kw_only=True)
class Ports:
    """Where a development server listens, on the loopback; `ui` None: no web page."""

    grpc: int
    ui: int | None = None
    metrics: int | None = None


def cache_folder() -> Path:
    """Where tools that we build or download are kept between projects and runs."""
    return Path(os.environ.get("GRIDCASE_CACHE") or Path.home() / ".cache" / "gridcase")


def server_version(cli: Path) -> tuple[int, ...] | None:
    """The version of the server inside a `temporal` command, or None when it tells none."""
    try:
        answer = subprocess.run(  # noqa: S603  # a command we located
            [cli, "--version"], capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"Server (\d+(?:\.\d+)+)", answer.stdout)
    return tuple(map(int, match[1].split("."))) if match else None


def find_cli(*, say: Callable[[str], None] = print, build: bool = True) -> Path:
    """The `temporal` command: on PATH, in the cache folder, or built into it by Go.

    Args:
        say: Takes a line about what happens, when it takes long.
        build: False: never build, for tests.

    Raises:
        CliNotFoundError: Neither is there, and it could not be built.
    """
    on_path = shutil.which("temporal")
    built = cache_folder() / "bin" / "temporal"
    for cli in (Path(on_path) if on_path else None, built):
        if cli is not None and cli.is_file() and (server_version(cli) or ()) >= OLDEST_SERVER:
            return cli
    go = shutil.which("go")
    why = "Go is not installed"
    if go and build:
        why = _build(go, built.parent, say)
        if not why:
            return built
    oldest = ".".join(map(str, OLDEST_SERVER))
    raise CliNotFoundError(
        f"No `temporal` command with a server of {oldest} or newer ({why}): "
        "install the Temporal CLI (https://docs.temporal.io/cli), or install Go so that it is "
        "built here, or set TEMPORAL_ADDRESS to a server of yours."
    )


def indexed_type(kind: str) -> IndexedValueType.ValueType:
    """The API's constant for a search attribute's type, as "KeywordList"."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind).upper()
    return IndexedValueType.Value(f"INDEXED_VALUE_TYPE_{words}")


def _build(go: str, folder: Path, say: Callable[[str], None]) -> str:
    """Build the command; return why it failed, or nothing."""
    say(f"Building the Temporal CLI with Go into {folder}: once, about five minutes …")
    folder.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(  # noqa: S603  # found on PATH, fixed arguments
        [go, "install", "-v", CLI_MODULE],
        env=os.environ | {"GOBIN": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        last = ""
        for number, line in enumerate(process.stdout or ()):
            last = line.strip()
            if number % 200 == 0:
                say(f"  … {number} packages, now {last}")
    return f"`go install {CLI_MODULE}` failed: {last}" if process.returncode else ""


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What a development server is started with.

    `search_attributes` maps a name to its type ("Keyword", "Int", …). `database` is the SQLite
    file that keeps the workflows, None: memory; only one process may use it, and only a server
    of the version that made it. `codec_endpoint` is where the web page has payloads decoded.
    """

    ports: Ports
    namespace: str
    search_attributes: Mapping[str, str]
    database: Path | None = None
    codec_endpoint: str | None = None


class Temporal:
    """One development server, run by the `temporal` command `cli`."""

    def __init__(self, cli: Path, setup: Setup, *, log: Path) -> None:
        self.setup = setup
        ports = setup.ports
        options = {
            "--ip": LOOPBACK,
            "--port": ports.grpc,
            "--ui-port": ports.ui,
            "--metrics-port": ports.metrics,
            "--namespace": setup.namespace,
            "--db-filename": setup.database,
            "--sqlite-pragma": "journal_mode=wal" if setup.database else None,
            "--ui-codec-endpoint": setup.codec_endpoint if ports.ui else None,
            "--dynamic-config-value": "frontend.enableServerVersionCheck=false",  # calls home
            "--log-level": "warn",
        }
        command = [str(cli), "server", "start-dev"]
        for option, value in options.items():
            if value is not None:
                command += [option, str(value)]
        for name, kind in setup.search_attributes.items():
            command += ["--search-attribute", f"{name}={kind}"]
        if ports.ui is None:
            command.append("--headless")
        self._child = Child("Temporal", command, log=log)

    @property
    def address(self) -> str:
        """Where clients connect."""
        return f"{LOOPBACK}:{self.setup.ports.grpc}"

    @property
    def ui_url(self) -> str | None:
        """The admins' web page."""
        return f"http://{LOOPBACK}:{self.setup.ports.ui}" if self.setup.ports.ui else None

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether the server runs."""
        return self._child.running

    async def start(self) -> None:
        """Start the server; return when the namespace is ready and keeps 30 days of histories.

        Raises:
            PortTakenError: Somebody listens on one of our ports.
            StartError: Anything else; the message has the server's last lines.
        """
        if self.running:
            raise StartError(f"Temporal is running already, pid {self.pid}.")
        require_port("Temporal", self.setup.ports.grpc, "GRIDCASE_TEMPORAL_PORT")
        if self.setup.ports.ui:
            require_port(
                "Temporal's web page", self.setup.ports.ui, "GRIDCASE_TEMPORAL_UI_PORT"
            )
        if self.setup.ports.metrics:
            require_port(
                "Temporal's metrics", self.setup.ports.metrics, "GRIDCASE_TEMPORAL_METRICS_PORT"
            )
        if self.setup.database:
            self.setup.database.parent.mkdir(parents=True, exist_ok=True)
        for tries_left in reversed(range(TRIES)):
            self._child.start()
            try:
                await self._child.until(self._ready, seconds=START_SECONDS, pause=0.1)
            except EmbeddedError:
                died = not self._child.running
                await self._child.kill()
                if not died or not tries_left:
                    raise
            else:
                return

    async def stop(self) -> None:
        """Stop the server; workflows in a database file are kept."""
        await self._child.stop(by=signal.SIGTERM, seconds=STOP_SECONDS)

    async def kill(self) -> None:
        """Kill the server (SIGKILL), as a crash would."""
        await self._child.kill()

    async def restart(self) -> None:
        """Stop and start on the same database."""
        await self.stop()
        await self.start()

    async def client(self) -> Client:
        """A plain client, without data converter, for the namespace."""
        return await Client.connect(self.address, namespace=self.setup.namespace)

    async def retention(self) -> timedelta:
        """How long the namespace keeps the histories of ended workflows."""
        client = await self.client()
        answer = await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=self.setup.namespace), timeout=RPC_TIMEOUT
        )
        return answer.config.workflow_execution_retention_ttl.ToTimedelta()

    async def _ready(self) -> bool:
        """Set the retention and see to the attributes: both work only when all is up."""
        try:
            client = await asyncio.wait_for(self.client(), RPC_TIMEOUT.total_seconds())
            keep = Duration()
            keep.FromTimedelta(RETENTION)
            await client.workflow_service.update_namespace(
                UpdateNamespaceRequest(
                    namespace=self.setup.namespace,
                    config=NamespaceConfig(workflow_execution_retention_ttl=keep),
                ),
                timeout=RPC_TIMEOUT,
            )
            return await self._register(client)
        except (RPCError, RuntimeError, TimeoutError):  # the SDK's connect raises RuntimeError
            return False

    async def _register(self, client: Client) -> bool:
        """Add the attributes that an older database file lacks; whether all were there.

        The server registers its options only when it makes the file.
        """
        answer = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=self.setup.namespace), timeout=RPC_TIMEOUT
        )
        wanted = {
            name: indexed_type(kind) for name, kind in self.setup.search_attributes.items()
        }
        known = dict(answer.custom_attributes)
        missing = {name: kind for name, kind in wanted.items() if name not in known}
        for name, kind in wanted.items():
            if known.get(name, kind) != kind:
                raise StartError(
                    f"The search attribute {name} is {IndexedValueType.Name(known[name])} in "
                    f"{self.setup.database} and a type cannot be changed: "
                    "give the new one another name."
                )
        if missing:
            await client.operator_service.add_search_attributes(
                AddSearchAttributesRequest(
                    namespace=self.setup.namespace, search_attributes=missing
                ),
                timeout=RPC_TIMEOUT,
            )
        return not missing
