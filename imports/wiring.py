"""What an import needs from an installation: the registry, the door to Temporal, and a desk."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from api.acting import Acting
from imports.desk import Desk
from imports.http import HttpDesk
from imports.in_process import ActingDesk
from registry.attachments import DiskStore
from registry.engine import Sessions, connect, sessions_of
from registry.listen import VerdictHub
from registry.sealing import Sealer
from workflows import client as door
from workflows.converter import SealedCodec, data_converter

HANDS = 16
"""Steps and reports under way at once; each holds a connection for a moment."""
BATCH_TIMEOUT_MS = 60_000


@dataclass(frozen=True, kw_only=True)
class Installation:
    """Where an installation is, and its keys.

    Attributes:
        database_url: The registry.
        temporal_address: Temporal.
        temporal_namespace: Its namespace.
        task_queue: Where its worker listens.
        reporter_key: Seals reporters' data.
        index_key: Finds a telephone again.
        payload_keys: Open what Temporal keeps, by name.
        payload_key_id: The one that seals.
        files: Folder of the photos.
    """

    database_url: str
    temporal_address: str
    temporal_namespace: str
    task_queue: str
    reporter_key: bytes
    index_key: bytes
    payload_keys: Mapping[str, bytes]
    payload_key_id: str
    files: Path


@dataclass(frozen=True, kw_only=True)
class Wired:
    """A desk, and the registry whose inboxes are read and whose cases are counted."""

    desk: Desk
    sessions: Sessions


@asynccontextmanager
async def registry_of(
    database_url: str, *, pool_size: int = HANDS + 4
) -> AsyncIterator[AsyncEngine]:
    """The registry, with time enough for batches and counts."""
    engine = connect(database_url, pool_size=pool_size, statement_timeout_ms=BATCH_TIMEOUT_MS)
    try:
        yield engine
    finally:
        await engine.dispose()


@asynccontextmanager
async def wired(place: Installation, *, url: str | None = None) -> AsyncIterator[Wired]:
    """A desk in this process; its steps go over HTTP when the `url` of a server is given."""
    async with registry_of(place.database_url) as engine:
        sessions = sessions_of(engine)
        client = await door.connect(
            place.temporal_address,
            place.temporal_namespace,
            converter=data_converter(SealedCodec(place.payload_keys, place.payload_key_id)),
            lazy=True,
        )
        async with VerdictHub(place.database_url) as hub:
            acting = Acting(
                sessions=sessions,
                sealer=Sealer(key=place.reporter_key, index_key=place.index_key),
                tell=door.Door(client=client, task_queue=place.task_queue).tell,
                hub=hub,
            )
            here = ActingDesk(acting=acting, files=DiskStore(place.files))
            if url is None:
                yield Wired(desk=here, sessions=sessions)
            else:
                async with HttpDesk(url=url, sessions=sessions, reports=here) as there:
                    yield Wired(desk=there, sessions=sessions)
            await acting.drain()
