"""The HTTP application without its services: routes, errors, guard."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from fastapi import APIRouter, FastAPI

from api import (
    attachments,
    batch,
    calls,
    cases,
    codec,
    commands,
    docs,
    emergencies,
    guests,
    health,
    joint,
    masterdata,
    merging,
    outside,
    problems,
    reports,
    search,
    sensors,
    sessions,
    thread,
    track,
    verify,
)
from api.guard import Guard

PREFIX = "/api/v1"
DESCRIPTION = """Cases of grid governance (网格化治理), by HTTP.

Writes carry an `Idempotency-Key`; actions carry the version of the case that was seen. An
action is answered 200 when it is done, 409 (or 403) with the reason when it is refused, and 202
with the command's address when its verdict takes longer. Errors are problems as in RFC 9457.
Times are RFC 3339; points are longitude and latitude, WGS84."""

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def new_app(*, https: bool, lifespan: Lifespan | None = None) -> FastAPI:
    """An application whose `state.services` are still to be set."""
    app = FastAPI(
        title="gridcase",
        version="1",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    app.add_middleware(Guard, https=https)
    problems.install(app)
    api = APIRouter(prefix=PREFIX)
    for module in (
        sessions,
        reports,
        sensors,
        merging,
        cases,
        thread,
        joint,
        emergencies,
        calls,
        search,
        commands,
        batch,
        attachments,
        guests,
        outside,
        track,
        masterdata,
        verify,
    ):
        api.include_router(module.router)
    app.include_router(api)
    for plain in (codec, docs, health):
        app.include_router(plain.router)
    return app
