"""Asking for actions, and how a command stands."""

from uuid import UUID

from fastapi import APIRouter, Response

from api.answers import OutcomeAnswer
from api.asks import Ask, Outcome, Status
from api.dependencies import Given, Signed
from api.headers import CaseNo, IdempotencyKey, IfMatch, problems
from api.problems import NotFoundError, RefusedError
from api.schemas import CommandBody, number_of_etag
from registry import commands
from registry.cases import CaseNotFoundError

router = APIRouter(tags=["commands"], responses=problems(404, 409, 428))


def answered(outcome: Outcome, response: Response) -> OutcomeAnswer:
    """200 when done, 202 with the command's address while it waits.

    Raises:
        RefusedError: It was refused.
    """
    if outcome.status is Status.REFUSED:
        raise RefusedError(outcome)
    if outcome.status is Status.WAITING:
        response.status_code = 202
        response.headers["Location"] = f"/api/v1/commands/{outcome.command_id}"
        response.headers["Retry-After"] = "2"
    response.headers["ETag"] = f'"{outcome.version}"'
    return OutcomeAnswer.of(outcome)


@router.post(
    "/cases/{case_no}/commands",
    operation_id="createCommand",
    responses={202: {"model": OutcomeAnswer, "description": "Written down, no verdict yet"}},
)
async def act(  # noqa: PLR0913  a route lists what it is given
    *,
    case_no: CaseNo,
    body: CommandBody,
    key: IdempotencyKey,
    signed: Signed,
    services: Given,
    response: Response,
    if_match: IfMatch = None,
) -> OutcomeAnswer:
    """Ask for one action or a chain; the same key again answers the present verdict."""
    outcome = await services.acting.act(
        Ask(
            case_no=case_no,
            actor=signed.actor,
            principal=signed.actor.person,
            idempotency_key=key,
            steps=tuple(one.to_step() for one in body.steps),
            seen=number_of_etag(if_match) if body.seen is None else body.seen,
            on_behalf_of=body.on_behalf_of,
            device_at=body.device_at,
        )
    )
    return answered(outcome, response)


@router.get("/commands/{command_id}", operation_id="getCommand")
async def command(command_id: UUID, signed: Signed, services: Given) -> OutcomeAnswer:
    """How a command stands; for who asked it and who may see its case."""
    missing = NotFoundError(f"there is no command {command_id}")
    async with services.sessions() as session:
        row = await commands.find(session, command_id)
        if row is None:
            raise missing
        if row.principal != signed.actor.person:
            book = await services.book(session)
            try:
                await services.acting.visible(session, row.case_no, signed.actor, book)
            except CaseNotFoundError:
                raise missing from None
    outcome = await services.acting.look(command_id)
    if outcome is None:
        raise missing
    return OutcomeAnswer.of(outcome)
