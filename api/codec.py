"""Opens sealed Temporal payloads for an admin's Temporal UI (its `codec endpoint`)."""

from hmac import compare_digest
from typing import Any, Literal
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request, Response

from api.dependencies import Given, NotSignedInError, Options, check_csrf, secret_of
from api.headers import problems
from api.problems import NotAllowedError
from api.values import Body
from domain.terms import Role
from registry import accounts
from registry.accounts import Kind

router = APIRouter(prefix="/codec", tags=["codec"], responses=problems())


class Payloads(Body):
    """Payloads in proto JSON."""

    payloads: list[dict[str, Any]]


def _origin(options: Options) -> str:
    parts = urlsplit(options.temporal_ui_url)
    return f"{parts.scheme}://{parts.netloc}"


def _allow(response: Response, options: Options) -> None:
    response.headers["Access-Control-Allow-Origin"] = _origin(options)
    response.headers["Access-Control-Allow-Credentials"] = "true"
    response.headers["Vary"] = "Origin"


@router.options("/{verb}", include_in_schema=False)
async def preflight(verb: str, services: Given) -> Response:
    """Let the Temporal UI's page ask, and no other."""
    response = Response(status_code=204 if verb in {"decode", "encode"} else 404)
    _allow(response, services.options)
    response.headers["Access-Control-Allow-Methods"] = "POST"
    response.headers["Access-Control-Allow-Headers"] = (
        "authorization, content-type, x-namespace, x-csrf-token"
    )
    return response


async def _admin(request: Request, services: Given) -> None:
    """An admin: by token, or by the cookie of his session from the Temporal UI's own page.

    The UI cannot know a session's CSRF token; its exact origin stands in for it.
    """
    carried = secret_of(request, services.options)
    if carried is None:
        raise NotSignedInError
    async with services.sessions.begin() as session:
        signed = await accounts.actor_of(session, carried[0])
    if signed is None or signed.kind is not carried[1]:
        raise NotSignedInError
    from_ui = request.headers.get("origin") == _origin(services.options)
    if signed.kind is Kind.SESSION and not from_ui:
        await check_csrf(request, signed)
    if not signed.actor.has(Role.ADMIN):
        raise NotAllowedError("only an admin reads payloads")


ADMIN = Depends(_admin)


async def _token(token: str, services: Given) -> None:
    """The token of a Temporal UI that this installation started itself."""
    wanted = services.options.codec_token
    if not wanted or not compare_digest(token.encode(), wanted.encode()):
        raise NotSignedInError


TOKEN = Depends(_token)


@router.post("/decode", operation_id="decodePayloads", dependencies=[ADMIN])
async def decode(body: Payloads, services: Given, response: Response) -> Payloads:
    """Open payloads; admins only."""
    _allow(response, services.options)
    if services.codec is None:
        return body
    return Payloads(payloads=await services.codec.decode(body.payloads))


@router.post("/encode", operation_id="encodePayloads", dependencies=[ADMIN])
async def encode(body: Payloads, services: Given, response: Response) -> Payloads:
    """Seal payloads, for commands that an admin sends from the UI."""
    _allow(response, services.options)
    if services.codec is None:
        return body
    return Payloads(payloads=await services.codec.encode(body.payloads))


@router.options("/{token}/{verb}", include_in_schema=False)
async def preflight_by_token(token: str, verb: str, services: Given) -> Response:
    """Let the Temporal UI's page ask by token."""
    del token  # judged when it asks
    return await preflight(verb, services)


@router.post("/{token}/{verb}", include_in_schema=False, dependencies=[TOKEN])
async def by_token(
    token: str,
    verb: Literal["decode", "encode"],
    body: Payloads,
    services: Given,
    response: Response,
) -> Payloads:
    """Open or seal payloads for a Temporal UI that this installation started itself."""
    del token
    return await (decode if verb == "decode" else encode)(body, services, response)
