"""What an operator's machines ask: alive, ready, how much."""

import asyncio

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from api.dependencies import Given
from api.problems import Problem, answer
from registry import findings, reads

router = APIRouter(include_in_schema=False)
PATIENCE = 1.0
"""Seconds in which the registry must answer."""

UNJUDGED = Gauge("gridcase_commands_unjudged", "Commands without a verdict")
LEFT = Gauge("gridcase_verify_left", "Findings of the last verify that were not mended")
VERIFIED = Gauge("gridcase_verify_age_seconds", "Since the last verify that came to its end")
LISTENING = Gauge("gridcase_hub_connected", "1 while news of verdicts arrive here")


@router.get("/livez")
async def livez() -> PlainTextResponse:
    """The process answers."""
    return PlainTextResponse("alive\n")


@router.get("/readyz")
async def readyz(request: Request, services: Given) -> Response:
    """The registry answers and its schema is ours. Temporal may be down: reports are safe."""
    try:
        async with asyncio.timeout(PATIENCE), services.sessions() as session:
            migrated = await reads.is_migrated(session)
    except (SQLAlchemyError, OSError):
        return answer(
            request,
            Problem(
                status=503, code="registry_unavailable", detail="no answer from the registry"
            ),
        )
    if not migrated:
        return answer(
            request,
            Problem(status=503, code="not_migrated", detail="run `manage.py migrate`"),
        )
    return JSONResponse({"ready": True, "news": services.acting.hub.connected})


@router.get("/metrics")
async def metrics(services: Given) -> Response:
    """Prometheus metrics of this process, and the registry's backlog."""
    LISTENING.set(services.acting.hub.connected)
    try:
        async with asyncio.timeout(PATIENCE), services.sessions() as session:
            UNJUDGED.set(await reads.unjudged_count(session))
            left, age = await findings.health(session)
            LEFT.set(left)
            VERIFIED.set(age)
    except (SQLAlchemyError, OSError):
        for one in (UNJUDGED, LEFT, VERIFIED):
            one.set(float("nan"))
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
