"""What surrounds every request: a limit on bodies, security headers, and metrics."""

import re
import time
from collections.abc import Mapping

from prometheus_client import Counter, Histogram
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.joint import NUMBER
from registry.attachments import MOST_BYTES

MOST_BODY = 256 * 1024
UPLOADS: Mapping[str, int] = {"/api/v1/attachments": MOST_BYTES + 64 * 1024}
"""Paths whose bodies may be larger, and how large: a photo and its form."""
FORMS = re.compile(
    rf"/report|/work/report|/track/(?:supplement|reply)|/cases/{NUMBER}/(?:act|thread)"
    r"|/outside/[^/]+/act|/api/v1/outside/[^/]+/callbacks"
)
MOST_FORM = 9 * MOST_BYTES + 64 * 1024
"""Forms of pages with up to nine photos."""

_RULES = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_EMPTY = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
"""Of the empty style attribute, the only one allowed: htmx writes it at each swap."""
CSP = f"{_RULES}; style-src 'self' 'unsafe-hashes' '{_EMPTY}'"
DOCS_CSP = f"{_RULES}; style-src 'self' 'unsafe-inline'"
"""Swagger UI writes style attributes; it runs no script but its own files."""
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
}
HSTS = "max-age=31536000"

REQUESTS = Counter("gridcase_http_requests", "Requests", ["method", "route", "status"])
LATENCY = Histogram(
    "gridcase_http_seconds",
    "Time to the first byte of the answer",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Guard:
    """Bounds the body, sets headers, counts."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app, self._https = app, https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def guarded_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._set_headers(scope, MutableHeaders(scope=message))
                _observe(scope, time.perf_counter() - started)
            await send(message)

        try:
            await self._app(scope, _bounded(scope, receive), guarded_send)
        finally:
            method, route = _names(scope)
            REQUESTS.labels(method=method, route=route, status=status).inc()

    def _set_headers(self, scope: Scope, headers: MutableHeaders) -> None:
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        docs = scope["path"].startswith("/docs")
        headers.setdefault("Content-Security-Policy", DOCS_CSP if docs else CSP)
        if scope["path"].startswith("/api/"):
            headers.setdefault("Cache-Control", "no-store")
        if self._https:
            headers.setdefault("Strict-Transport-Security", HSTS)


def _bounded(scope: Scope, receive: Receive) -> Receive:
    """Stop reading a body that grows past its limit, whatever its length was said to be."""
    form = FORMS.fullmatch(scope["path"])
    most = MOST_FORM if form else UPLOADS.get(scope["path"], MOST_BODY)
    read = 0

    async def bounded() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > most:
            raise HTTPException(413, f"a request has at most {most} bytes")
        return message

    return bounded


def _names(scope: Scope) -> tuple[str, str]:
    """Method and route template; never a path, of which there are endlessly many."""
    method = scope["method"] if scope["method"] in _METHODS else "OTHER"
    route = scope.get("route")
    if route is None:
        return method, "none"
    values = {str(value): name for name, value in scope.get("path_params", {}).items()}
    if any("/" in value or not value for value in values):
        return method, str(getattr(route, "path", "none"))
    parts = [f"{{{values[one]}}}" if one in values else one for one in scope["path"].split("/")]
    return method, "/".join(parts)


def _observe(scope: Scope, seconds: float) -> None:
    method, route = _names(scope)
    LATENCY.labels(method=method, route=route).observe(seconds)
