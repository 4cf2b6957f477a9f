"""Answers of units' own systems: signed call-backs that become ordinary commands."""

import base64
import binascii
import hmac
import time
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from pydantic import Field, ValidationError, field_validator
from pydantic_core import PydanticCustomError

from api.answers import OutcomeAnswer
from api.asks import Ask, InvalidFieldError
from api.attachments import keep_photo
from api.commands import answered
from api.dependencies import Given, Services
from api.headers import problems
from api.problems import BadSignatureError
from api.values import Body, Code, Text
from domain.command import Step
from domain.joint import NUMBER
from domain.outside import EXTERNAL_ACTIONS, external
from domain.terms import Action, Result
from registry import casefile, cases
from registry.destinations import secrets_of
from registry.sealing import signature
from registry.tables_outside import DestinationRow

router = APIRouter(prefix="/outside", tags=["outside"], responses=problems(401, 404, 409))
NEAR = timedelta(minutes=5)
"""How far the clocks of both sides may be apart."""
MOST_PHOTOS = 3
Signed = Annotated[str, Header(alias="Gridcase-Signature", max_length=100)]
Stamp = Annotated[str, Header(alias="Gridcase-Timestamp", pattern=r"^[0-9]{9,12}$")]


class CallbackBody(Body):
    """One answer about one piece of work.

    Attributes:
        id: The sender's own, the same for each retry: sent twice, it is one.
        work: The `work` of the delivery that it answers.
        seen: The `version` that the sender knows; needed but for a comment.
    """

    id: Annotated[str, Field(pattern=r"^[!-~]{8,100}$")]
    work: Annotated[str, Field(pattern=f"^{NUMBER}$")]
    action: Action
    seen: Annotated[int, Field(ge=0)] | None = None
    reason: Code = ""
    text: Text = ""
    result: Result | None = None
    amount: Annotated[float, Field(ge=0, le=2000, allow_inf_nan=False)] = 0.0
    stage: Code = ""
    for_citizen: bool = False
    photos: Annotated[tuple[str, ...], Field(max_length=MOST_PHOTOS)] = Field(
        default=(), description="Photos in base64: JPEG, PNG or WebP"
    )

    @field_validator("action")
    @classmethod
    def _theirs(cls, action: Action) -> Action:
        if action not in EXTERNAL_ACTIONS:
            raise PydanticCustomError(
                "not_theirs", "{action} is not a system's to ask for", {"action": action.value}
            )
        return action


@router.post(
    "/{destination}/callbacks",
    operation_id="createCallback",
    responses={202: {"model": OutcomeAnswer, "description": "Written down, no verdict yet"}},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": CallbackBody.model_json_schema()},
            },
        }
    },
)
async def callback(  # noqa: PLR0913  a route lists what it is given
    *,
    destination: Code,
    request: Request,
    services: Given,
    response: Response,
    signed: Signed,
    stamp: Stamp,
) -> OutcomeAnswer:
    """What a unit's own system answers; signed as deliveries are, over timestamp and body."""
    raw = await request.body()
    row = await _of(services, destination, stamp, signed, raw)
    try:
        body = CallbackBody.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = "/".join(map(str, first["loc"]))
        raise InvalidFieldError(f"/{where}", str(first["msg"])) from None
    actor = external(row.code, row.unit)
    photos = await _photos(services, body, actor.person)
    step = Step(
        action=body.action,
        reason=body.reason,
        text=body.text,
        result=body.result,
        amount=body.amount,
        stage=body.stage,
        for_citizen=body.for_citizen,
        photos=photos,
    )
    outcome = await services.acting.act(
        Ask(
            case_no=body.work,
            actor=actor,
            principal=actor.person,
            idempotency_key=body.id,
            steps=(step,),
            seen=body.seen,
        )
    )
    return answered(outcome, response)


async def _of(
    services: Services, code: str, stamp: str, signed: str, raw: bytes
) -> DestinationRow:
    """The destination that has signed a body just now.

    Raises:
        BadSignatureError: Unknown, switched off, old, or signed by somebody else: which one is
            not told.
    """
    near = abs(time.time() - int(stamp)) <= NEAR.total_seconds()
    async with services.sessions() as session:
        row = await session.get(DestinationRow, code)
        at = await cases.now(session)
    if row is None or not row.active or not near:
        raise BadSignatureError
    secrets = [services.acting.sealer.open(one) for one in secrets_of(row, at)]
    wanted = [signature(one, stamp, raw).encode() for one in secrets]
    if not any(hmac.compare_digest(one, signed.encode()) for one in wanted):
        raise BadSignatureError
    return row


async def _photos(services: Services, body: CallbackBody, principal: str) -> tuple[str, ...]:
    """Keep the photos of an answer; of one that is sent again, those of the first time.

    Raises:
        InvalidFieldError: One is not base64.
        registry.attachments.NotAPhotoError: One is no photo.
    """
    async with services.sessions() as session:
        first = await casefile.photos_of_command(session, principal, body.id)
    if first is not None:
        return first
    ids: list[str] = []
    for index, one in enumerate(body.photos):
        try:
            content = base64.b64decode(one, validate=True)
        except binascii.Error:
            raise InvalidFieldError(f"/photos/{index}", "not base64") from None
        kept = await keep_photo(services, content, principal=principal)
        ids.append(str(kept.attachment_id))
    return tuple(ids)
