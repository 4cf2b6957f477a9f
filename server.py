"""The server: HTTP in front of the registry and Temporal. `python server.py`."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import uvicorn
from cryptography.exceptions import InvalidTag
from fastapi import FastAPI
from google.protobuf import json_format
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.trace import TracerProvider
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

from api.acting import Acting, Tell
from api.dependencies import BadPayloadError, Options, Services
from api.routes import new_app
from registry.attachments import DiskStore
from registry.engine import Sessions, connect, sessions_of
from registry.listen import VerdictHub
from registry.sealing import Sealer
from settings import Settings
from telemetry import (
    start_logs,
    start_traces,
    temporal_interceptors,
    trace_sql,
    without_secrets,
)
from web import pages
from workflows import client as door
from workflows.converter import SealedCodec, UnknownKeyError, data_converter

log = logging.getLogger("gridcase.server")
GRACE_S = 10
"""Seconds that requests under way have when the server stops."""


@dataclass(frozen=True)
class JsonCodec:
    """A payload codec for the proto JSON that the Temporal UI speaks."""

    codec: PayloadCodec

    async def decode(self, payloads: list[dict[str, object]]) -> list[dict[str, object]]:
        """Open them."""
        try:
            return _to_json(await self.codec.decode(_from_json(payloads)))
        except (UnknownKeyError, InvalidTag, UnicodeDecodeError) as error:
            raise BadPayloadError from error

    async def encode(self, payloads: list[dict[str, object]]) -> list[dict[str, object]]:
        """Seal them."""
        return _to_json(await self.codec.encode(_from_json(payloads)))


def _from_json(payloads: list[dict[str, object]]) -> list[Payload]:
    try:
        return [json_format.ParseDict(one, Payload()) for one in payloads]
    except json_format.ParseError as error:
        raise BadPayloadError from error


def _to_json(payloads: list[Payload]) -> list[dict[str, object]]:
    return [json_format.MessageToDict(one) for one in payloads]


def build_app(services: Services, *, tracer_provider: TracerProvider | None = None) -> FastAPI:
    """The application as it runs in production; tests build the same one."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with services.acting.hub:
            yield
            await services.acting.drain()

    app = new_app(https=services.options.secure_cookies, lifespan=lifespan)
    app.state.services = services
    pages.install(app)
    if tracer_provider is not None:
        FastAPIInstrumentor.instrument_app(
            app,
            tracer_provider=tracer_provider,
            server_request_hook=without_secrets,
            exclude_spans=["send", "receive"],
        )
    return app


def wire(settings: Settings, sessions: Sessions, tell: Tell, codec: PayloadCodec) -> Services:
    """The services of a process, from its settings."""
    sealer = Sealer(key=settings.reporter_key, index_key=settings.blind_index_key)
    return Services(
        acting=Acting(
            sessions=sessions,
            sealer=sealer,
            tell=tell,
            hub=VerdictHub(settings.database_url),
        ),
        files=DiskStore(settings.data_dir / "files"),
        codec=JsonCodec(codec),
        options=Options(
            secure_cookies=settings.secure_cookies,
            session_lasts=timedelta(hours=settings.session_hours),
            temporal_ui_url=settings.temporal_ui_url,
            temporal_namespace=settings.temporal_namespace,
            codec_token=settings.codec_token,
        ),
    )


async def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    settings = Settings()
    start_logs()
    provider = start_traces("gridcase-server", settings.otel_endpoint)
    engine = connect(settings.database_url, pool_size=settings.server_pool_size)
    if provider:
        trace_sql(engine)
    codec = SealedCodec(settings.payload_keys, settings.payload_key_id)
    client = await door.connect(
        settings.temporal_address,
        settings.temporal_namespace,
        converter=data_converter(codec),
        interceptors=temporal_interceptors(provider),
        lazy=True,
    )
    tell = door.Door(client=client, task_queue=settings.task_queue).tell
    services = wire(settings, sessions_of(engine), tell, codec)
    app = build_app(services, tracer_provider=provider)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    log.info("server listens on http://%s:%s", settings.host, settings.port)
    await uvicorn.Server(config).serve()
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
