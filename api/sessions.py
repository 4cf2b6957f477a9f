"""Signing in and out, and who one is."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.answers import GrantAnswer, MeAnswer, TokenAnswer
from api.dependencies import Given, Signed, client_address, secret_of
from api.headers import problems
from api.schemas import SignInBody
from registry import accounts
from registry.accounts import NO_ENTRY, Kind

router = APIRouter(tags=["sessions"], responses=problems(429))


@router.post("/sessions", status_code=201, operation_id="signIn")
async def sign_in(body: SignInBody, request: Request, services: Given) -> TokenAnswer:
    """Exchange a password for a bearer token."""
    async with services.sign_in_tries.trying(client_address(request), wrong=NO_ENTRY):
        issued = await accounts.sign_in(
            services.sessions,
            body.login,
            body.password,
            kind=Kind.TOKEN,
            lasts=services.options.session_lasts,
        )
    return TokenAnswer(token=issued.secret, expires_at=issued.expires_at)


def _carried(request: Request, services: Given) -> str:
    carried = secret_of(request, services.options)
    return carried[0] if carried else ""


@router.delete("/sessions/current", status_code=204, operation_id="signOut")
async def sign_out(
    _signed: Signed, secret: Annotated[str, Depends(_carried)], services: Given
) -> Response:
    """End the log-in that this request carries."""
    async with services.sessions.begin() as session:
        await accounts.sign_out(session, secret)
    return Response(status_code=204)


@router.get("/me", operation_id="getMe")
async def me(signed: Signed) -> MeAnswer:
    """Who asks, with the roles held now."""
    return MeAnswer(
        login=signed.actor.person,
        name=signed.name,
        name_en=signed.name_en,
        grants=[GrantAnswer.model_validate(one) for one in signed.actor.grants],
        expires_at=signed.expires_at,
    )
