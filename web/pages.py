"""All pages: put them on an application with `install`."""

from collections.abc import Awaitable

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from web import (
    call_pages,
    case_pages,
    emergency_pages,
    entry_pages,
    main_pages,
    many_pages,
    outside_pages,
    plan_pages,
    public_pages,
    search_pages,
    similar_pages,
    staff_pages,
    thread_pages,
)
from web.frame import BROKEN, STATIC, error_page

JSON_PATHS = ("/api/", "/open311/", "/livez", "/readyz", "/metrics", "/codec")
FOREVER = "public, max-age=31536000, immutable"


class KeptFiles(StaticFiles):
    """Static files; those asked for with a mark of their content are kept for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, with how long it may be kept."""
        response = await super().get_response(path, scope)
        marked = scope.get("query_string", b"").startswith(b"v=")
        response.headers["Cache-Control"] = FOREVER if marked else "no-cache"
        return response


def install(app: FastAPI) -> None:
    """Add the pages, their static files and their errors; the API's stay as they are."""
    app.mount("/static", KeptFiles(directory=STATIC), name="static")
    for module in (
        public_pages,
        outside_pages,
        staff_pages,
        similar_pages,
        entry_pages,
        many_pages,
        search_pages,
        main_pages,
        case_pages,
        thread_pages,
        emergency_pages,
        call_pages,
        plan_pages,
    ):
        app.include_router(module.router)
    _wrap_errors(app)


def _wrap_errors(app: FastAPI) -> None:
    """Unknown addresses and broken pages are answered as pages to those who read pages."""
    handlers = app.exception_handlers
    for kind in (HTTPException, Exception):
        before = handlers.get(kind)

        async def handle(
            request: Request, error: Exception, before: object = before
        ) -> Response:
            wants = "text/html" in request.headers.get("accept", "")
            if wants and not request.url.path.startswith(JSON_PATHS):
                status = error.status_code if isinstance(error, HTTPException) else BROKEN
                return await error_page(request, status)
            if callable(before):
                answer = before(request, error)
                found: Response = await answer if isinstance(answer, Awaitable) else answer
                return found
            raise error

        app.add_exception_handler(kind, handle)
