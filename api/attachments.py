"""Photos: taken in, and shown to who may see their case."""

import asyncio
from contextlib import suppress
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Form, Response, UploadFile
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from api import talking
from api.answers import AttachmentAnswer
from api.asks import InvalidFieldError
from api.casefile import may_read
from api.dependencies import Given, MaybeSigned, Reading, Services, Signed
from api.headers import problems
from api.problems import NotAllowedError, NotFoundError
from api.values import Latitude, Longitude
from api.wishes import CITIZEN, is_aware
from domain.people import Actor
from registry import attachments, thread
from registry.attachments import Upload, clean
from registry.cases import CaseNotFoundError

router = APIRouter(tags=["attachments"], responses=problems(404, 415))
_AT_ONCE = asyncio.Semaphore(2)
"""Photos decoded at the same moment; each may take 160 MB of memory."""


async def keep_photo(  # noqa: PLR0913  what is known of a photo
    services: Services,
    content: bytes,
    *,
    principal: str,
    lon: float | None = None,
    lat: float | None = None,
    taken_at: datetime | None = None,
) -> Upload:
    """Clean a photo and keep it; a command that names it binds it to its case.

    Raises:
        registry.attachments.NotAPhotoError: It is none.
        registry.attachments.PhotoTooLargeError: It is too large.
    """
    async with _AT_ONCE:
        photo = await asyncio.to_thread(clean, content)
    upload = Upload(
        attachment_id=uuid7(),
        principal=principal,
        photo=photo,
        lon=lon,
        lat=lat,
        taken_at=taken_at,
    )
    await services.files.put(upload.attachment_id, photo.content)
    async with services.sessions.begin() as session:
        await attachments.keep(session, upload)
    return upload


@router.post("/attachments", status_code=201, operation_id="createAttachment")
async def upload(  # noqa: PLR0913  a route lists what it is given
    *,
    file: Annotated[UploadFile, File(description="JPEG, PNG or WebP, at most 10 MB")],
    signed: MaybeSigned,
    services: Given,
    lon: Annotated[Longitude | None, Form()] = None,
    lat: Annotated[Latitude | None, Form()] = None,
    taken_at: Annotated[datetime | None, Form()] = None,
) -> AttachmentAnswer:
    """Take a photo in; its metadata is dropped, place and time are what the form says."""
    if (lon is None) is not (lat is None):
        raise InvalidFieldError("/lon", "lon and lat go together")
    if not is_aware(taken_at):
        raise InvalidFieldError("/taken_at", "a time needs its offset from UTC")
    kept = await keep_photo(
        services,
        await file.read(),
        principal=signed.actor.person if signed else CITIZEN,
        lon=lon,
        lat=lat,
        taken_at=taken_at,
    )
    return AttachmentAnswer(
        attachment_id=kept.attachment_id,
        media_type=kept.photo.media_type,
        size=len(kept.photo.content),
    )


@router.get(
    "/attachments/{attachment_id}",
    operation_id="getAttachment",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}, "image/png": {}, "image/webp": {}}}},
)
async def download(
    attachment_id: UUID, signed: Signed, services: Given, session: Reading
) -> Response:
    """A photo of a case that the caller may see, or one that he has just uploaded."""
    missing = NotFoundError(f"there is no attachment {attachment_id}")
    row = await attachments.find(session, attachment_id)
    if row is None:
        raise missing
    if row.case_no is None:
        if row.principal != signed.actor.person:
            await _in_a_thread(session, services, signed.actor, attachment_id, missing)
    else:
        book = await services.book(session)
        try:
            case = await services.acting.visible(session, row.case_no, signed.actor, book)
        except CaseNotFoundError:
            raise missing from None
        if not await may_read(session, case, signed.actor, book):
            raise missing
    try:
        content = await services.files.get(attachment_id)
    except FileNotFoundError:
        raise missing from None
    return Response(
        content,
        media_type=row.media_type,
        headers={
            "Content-Disposition": f'inline; filename="{attachment_id}"',
            "Cache-Control": "private, max-age=3600",
            "X-Content-Type-Options": "nosniff",
        },
    )


async def _in_a_thread(
    session: AsyncSession,
    services: Services,
    actor: Actor,
    attachment_id: UUID,
    missing: NotFoundError,
) -> None:
    """A photo of a message is shown to who reads the thread.

    Raises:
        NotFoundError: It is of none that he may read.
    """
    for case_no in await thread.cases_of_photo(session, attachment_id):
        with suppress(CaseNotFoundError, NotAllowedError):
            await talking.opened(session, services, actor, case_no)
            return
    raise missing
