"""What logs and traces of a process must not hold."""

import logging
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from telemetry import start_logs, without_secrets

SECRET = "x9-secret-x9"  # noqa: S105  nobody's


@pytest.fixture
def root_logger() -> Iterator[None]:
    """The process's logs as they were, afterwards."""
    root, http = logging.getLogger(), logging.getLogger("httpx")
    handlers, levels = root.handlers[:], (root.level, http.level)
    yield
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    http.setLevel(levels[1])


@pytest.mark.parametrize("path", [f"/outside/{SECRET}", f"/outside/{SECRET}/act", "/x"])
async def test_a_trace_holds_neither_a_link_s_secret_nor_a_query(path: str) -> None:
    app, kept, provider = FastAPI(), InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    FastAPIInstrumentor.instrument_app(
        app, tracer_provider=provider, server_request_hook=without_secrets
    )
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        await client.get(path, params={"phone": "13800001111"})
    spans = kept.get_finished_spans()

    assert spans
    for span in spans:
        said = f"{span.name} {dict(span.attributes or {})}"
        assert SECRET not in said
        assert "13800001111" not in said


@pytest.mark.usefixtures("root_logger")
def test_an_address_that_is_called_is_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    start_logs()
    logging.getLogger("httpx").info("HTTP Request: POST https://oa.example/in?token=%s", SECRET)
    logging.getLogger("httpx").warning("told")

    said = capsys.readouterr().err
    assert SECRET not in said
    assert "told" in said
