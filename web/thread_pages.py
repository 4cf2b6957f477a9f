"""Talking on a case's page: read, say, change, take back; polled as the board is."""

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Path, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from api import talking
from api.asks import InvalidFieldError
from api.problems import NotAllowedError, sentence
from api.talking import Thread
from registry import thread
from registry.commands import KeyReusedError
from registry.thread import (
    MessageNotFoundError,
    NotYourMessageError,
    TakenBackError,
    ThreadClosedError,
    TooLateToChangeError,
)
from web.case_pages import CaseNo, href_of, tab_of
from web.frame import FORBIDDEN, NOT_FOUND, Page, Reader, Reading
from web.thread_view import PAGE, QUIET, asked, thread_view
from web.uploads import BadPhotoError, fields_of, keep_photos, text_of

router = APIRouter(route_class=Page, include_in_schema=False)
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
WRONG, REFUSED = 422, 409
REFUSALS = (
    MessageNotFoundError,
    NotYourMessageError,
    TakenBackError,
    ThreadClosedError,
    TooLateToChangeError,
)


async def _open(reader: Reader, session: AsyncSession, case_no: str) -> Thread:
    """The thread of a case.

    Raises:
        HTTPException: It is not his to read.
    """
    try:
        return await talking.opened(session, reader.services, reader.actor, case_no)
    except NotAllowedError:
        raise HTTPException(FORBIDDEN) from None


@router.get("/cases/{case_no}/thread")
async def show(
    case_no: CaseNo, reader: Reading, shown: int = PAGE, stamp: str = ""
) -> Response:
    """The messages; nothing while they are as the page has them."""
    async with reader.services.sessions.begin() as session:
        one = await _open(reader, session, case_no)
        if stamp and stamp == await thread.last_change(session, one.case_no):
            return Response(status_code=204)
        view = await thread_view(session, one, case_no, reader.words, shown=shown)
    context = {"thread": view, "tab": tab_of(reader.request.query_params), **QUIET}
    return reader.render("_talk.html" if reader.partial else "thread.html", context)


async def _section(  # noqa: PLR0913  a page is made of these
    reader: Reader,
    case_no: str,
    *,
    tab: str,
    problem: str = "",
    typed: str = "",
    key: str = "",
    status: int = 200,
) -> Response:
    """The whole section again; with what was typed when there is a problem."""
    async with reader.services.sessions.begin() as session:
        one = await _open(reader, session, case_no)
        view = await thread_view(session, one, case_no, reader.words)
    context = {
        "thread": view,
        "tab": tab,
        "thread_problem": problem,
        "thread_typed": typed,
        "thread_key": key,
    }
    template = "_thread.html" if reader.partial else "thread.html"
    return reader.render(template, context, status=status)


def _back(case_no: str, tab: str) -> Response:
    return RedirectResponse(f"{href_of(case_no, tab)}#thread", status_code=303)


@router.post("/cases/{case_no}/thread")
async def say(case_no: CaseNo, reader: Reading) -> Response:
    """Say something; sent twice, it is one."""
    form = await reader.request.form()
    fields = fields_of(form)
    tab, words = tab_of(fields), reader.words
    key = fields.get("key", "") or str(uuid4())
    typed = text_of(form, "text", thread.MOST_TEXT + 1)
    chosen = [one for one in form.getlist("to") if isinstance(one, str)]
    try:
        photos = await _photos(form, reader, case_no, key)
        async with reader.services.sessions.begin() as session:
            one = await _open(reader, session, case_no)
            await talking.say(
                session,
                one,
                text=typed,
                mentions=await asked(session, one, words, chosen, typed),
                photos=photos,
                key=key,
            )
    except (InvalidFieldError, KeyReusedError, BadPhotoError) as error:
        problem = (
            words.t("bad_photo", problem=error)
            if isinstance(error, BadPhotoError)
            else sentence(error, words.language.value)
        )
        again = "" if isinstance(error, KeyReusedError) else key
        return await _section(
            reader, case_no, tab=tab, problem=problem, typed=typed, key=again, status=WRONG
        )
    except (*REFUSALS, NotAllowedError) as error:
        return await _refused(reader, case_no, tab, error, typed)
    return await _section(reader, case_no, tab=tab) if reader.partial else _back(case_no, tab)


async def _photos(form: FormData, reader: Reader, case_no: str, key: str) -> tuple[str, ...]:
    """The photos of a form; of a message that is sent again, those of the first time."""
    async with reader.services.sessions.begin() as session:
        one = await _open(reader, session, case_no)
        first = await thread.said_under(session, one.actor.person, key)
        if first is not None:
            return tuple(str(photo) for photo in first.photos)
        if not one.writes:
            return ()
    return await keep_photos(form, reader.services, reader.actor.person, None)


async def _refused(
    reader: Reader, case_no: str, tab: str, error: Exception, typed: str = ""
) -> Response:
    problem = sentence(error, reader.words.language.value)
    return await _section(
        reader, case_no, tab=tab, problem=problem, typed=typed, status=REFUSED
    )


@router.post("/cases/{case_no}/thread/read")
async def read(case_no: CaseNo, reader: Reading) -> Response:
    """What is shown has been read."""
    fields = fields_of(await reader.request.form())
    seq = fields.get("seq", "")
    if not (seq.isascii() and seq.isdigit() and len(seq) < len(str(2**31))):
        raise HTTPException(NOT_FOUND)
    async with reader.services.sessions.begin() as session:
        one = await _open(reader, session, case_no)
        await thread.mark_read(session, one.case_no, one.actor.person, int(seq))
    if reader.partial:
        response = Response(status_code=204)
        response.headers["HX-Trigger"] = "board-changed"
        return response
    return _back(case_no, tab_of(fields))


@router.post("/cases/{case_no}/thread/{seq}/change")
async def change(case_no: CaseNo, seq: Number, reader: Reading) -> Response:
    """Say something else instead."""
    form = await reader.request.form()
    tab, typed = tab_of(fields_of(form)), text_of(form, "text", thread.MOST_TEXT + 1)
    try:
        async with reader.services.sessions.begin() as session:
            one = await _open(reader, session, case_no)
            await talking.change(session, one, seq, typed)
    except (*REFUSALS, NotAllowedError, InvalidFieldError) as error:
        return await _refused(reader, case_no, tab, error, typed)
    return await _section(reader, case_no, tab=tab) if reader.partial else _back(case_no, tab)


@router.post("/cases/{case_no}/thread/{seq}/back")
async def take_back(case_no: CaseNo, seq: Number, reader: Reading) -> Response:
    """Take one's own message back."""
    tab = tab_of(fields_of(await reader.request.form()))
    try:
        async with reader.services.sessions.begin() as session:
            one = await _open(reader, session, case_no)
            await talking.take_back(session, one, seq)
    except (*REFUSALS, NotAllowedError) as error:
        return await _refused(reader, case_no, tab, error)
    return await _section(reader, case_no, tab=tab) if reader.partial else _back(case_no, tab)


@router.get("/cases/{case_no}/thread/photos/{photo_id}")
async def photo(case_no: CaseNo, photo_id: UUID, reader: Reading) -> Response:
    """A photo of a message."""
    services = reader.services
    async with services.sessions.begin() as session:
        one = await _open(reader, session, case_no)
        if one.case_no not in await thread.cases_of_photo(session, photo_id):
            raise HTTPException(NOT_FOUND)
        media_type = await thread.media_type(session, photo_id)
    return Response(
        await services.files.get(photo_id),
        media_type=media_type,
        headers={"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"},
    )
