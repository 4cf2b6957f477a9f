"""Logs, traces and metrics of one process; used by the entry points only."""

import json
import logging
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.contrib.opentelemetry import TracingInterceptor

FIELDS = ("case_id", "action", "outcome")
ADDRESSES = {"http.url", "url.full", "url.query", "http.target", "url.path"}
"""Attributes of a span that would hold an address as it was asked for."""
SECRET = re.compile(r"^/outside/[^/]+")
"""A path that is itself the key to a piece of work."""


class JsonLines(logging.Formatter):
    """One JSON object a line; `case_id` is a field, personal data is never logged."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        span = trace.get_current_span().get_span_context()
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: vars(record)[name] for name in FIELDS if name in vars(record)}
        if span.is_valid:
            line["trace_id"] = f"{span.trace_id:032x}"
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def start_logs(level: str = "INFO") -> None:
    """Log JSON lines to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs addresses with their queries


def start_traces(
    service: str, endpoint: str | None, exporter: SpanExporter | None = None
) -> TracerProvider | None:
    """Send traces to an OTLP endpoint (or a given exporter); without either, make none."""
    if endpoint is None and exporter is None:
        return None
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    chosen = exporter or OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(chosen))
    trace.set_tracer_provider(provider)
    return provider


def trace_sql(engine: AsyncEngine) -> None:
    """Spans for SQL statements.

    The instrumentation declares SQLAlchemy below 2.1 and would do nothing; that it works with
    2.1 is held by `tests/e2e/test_traces.py`.
    """
    SQLAlchemyInstrumentor().instrument(engine=engine.sync_engine, skip_dep_check=True)


def without_secrets(span: trace.Span, scope: Mapping[str, Any]) -> None:
    """Keep out of traces the query of an address, and the path that opens a link.

    A search may hold a telephone; whoever has a link can act by it.
    """
    if isinstance(span, ReadableSpan):
        path = SECRET.sub("/outside/{secret}", scope["path"])
        for name in ADDRESSES & (span.attributes or {}).keys():
            span.set_attribute(name, path)


def temporal_interceptors(provider: TracerProvider | None) -> tuple[TracingInterceptor, ...]:
    """Carry traces into workflows and activities, when traces are made at all."""
    return () if provider is None else (TracingInterceptor(),)
