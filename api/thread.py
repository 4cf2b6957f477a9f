"""The thread of a case: what those who work on it say, apart from the official timeline."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import ConfigDict, Field, StringConstraints

from api import talking
from api.answers import Answer
from api.cursors import Cursors
from api.dependencies import Given, Reading, Signed
from api.headers import CaseNo, Cursor, IdempotencyKey, Limit, link_next, problems
from api.values import Body, PhotoId, Text
from registry import thread
from registry.thread import MOST_MENTIONS, MOST_PHOTOS, Message

router = APIRouter(tags=["thread"], responses=problems(404, 409))
Address = Annotated[
    str, StringConstraints(max_length=70, pattern=r"^(person|unit):[A-Za-z0-9_.-]{1,64}$")
]
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]


class MessageBody(Body):
    """What is said."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"text": "水已关，可以开挖", "mentions": ["unit:roads", "person:dispatcher1"]}
            ]
        }
    )

    text: Text
    mentions: Annotated[tuple[Address, ...], Field(max_length=MOST_MENTIONS)] = Field(
        default=(), description="Who is asked to read it: departments of the case, and accounts"
    )
    photos: Annotated[tuple[PhotoId, ...], Field(max_length=MOST_PHOTOS)] = ()


class ChangedBody(Body):
    """What it is to say instead."""

    text: Text


class ReadBody(Body):
    """The last message that was read."""

    seq: Number


class MessageAnswer(Answer):
    """A message; of one that was taken back no text and no photos."""

    seq: int
    author: str
    unit: str
    text: str
    said_at: datetime
    edited_at: datetime | None
    taken_back_at: datetime | None
    mentions: list[str]
    photos: list[UUID]


class ReadMarkAnswer(Answer):
    """Up to where somebody has read."""

    person: str
    seq: int
    at: datetime


class ThreadPage(Answer):
    """Messages, the newest first; `writes`: the caller may say something."""

    case_no: str
    writes: bool
    unread: int
    messages: list[MessageAnswer]
    reads: list[ReadMarkAnswer]
    next_cursor: str | None


def _answer(one: Message) -> MessageAnswer:
    return MessageAnswer.model_validate(one)


@router.get("/cases/{case_no}/thread", operation_id="getThread")
async def read(  # noqa: PLR0913  a route lists what it is given
    *,
    case_no: CaseNo,
    request: Request,
    response: Response,
    signed: Signed,
    services: Given,
    session: Reading,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ThreadPage:
    """What was said, the newest first; a task's number opens the thread of its joint case."""
    found = await talking.opened(session, services, signed.actor, case_no)
    cursors = Cursors(services.acting.sealer, f"thread {found.case_no}")
    place = cursors.read(cursor)
    before = int(place[1]) if place else None
    messages = await thread.page(session, found.case_no, before=before, limit=limit)
    following = None
    if len(messages) == limit:
        following = cursors.write(None, str(messages[-1].seq))
        link_next(request, response, following)
    waiting = await thread.unread(session, [found.case_no], signed.actor.person)
    return ThreadPage(
        case_no=found.case_no,
        writes=found.writes,
        unread=waiting.get(found.case_no, 0),
        messages=[_answer(one) for one in messages],
        reads=[
            ReadMarkAnswer.model_validate(one)
            for one in await thread.marks(session, found.case_no)
        ],
        next_cursor=following,
    )


@router.post("/cases/{case_no}/thread", status_code=201, operation_id="createMessage")
async def say(
    case_no: CaseNo, body: MessageBody, key: IdempotencyKey, signed: Signed, services: Given
) -> MessageAnswer:
    """Say something; sent again under its key, it is one message."""
    async with services.sessions.begin() as session:
        found = await talking.opened(session, services, signed.actor, case_no)
        seq = await talking.say(
            session,
            found,
            text=body.text,
            mentions=body.mentions,
            photos=body.photos,
            key=key,
        )
        return _answer(await thread.message(session, found.case_no, seq))


@router.put("/cases/{case_no}/thread/read", status_code=204, operation_id="markThreadRead")
async def mark(case_no: CaseNo, body: ReadBody, signed: Signed, services: Given) -> None:
    """Say up to which message the caller has read; a mark never goes back."""
    async with services.sessions.begin() as session:
        found = await talking.opened(session, services, signed.actor, case_no)
        await thread.mark_read(session, found.case_no, signed.actor.person, body.seq)


@router.put("/cases/{case_no}/thread/{seq}", operation_id="changeMessage")
async def change(
    case_no: CaseNo, seq: Number, body: ChangedBody, signed: Signed, services: Given
) -> MessageAnswer:
    """Change one's own message within five minutes; what it said stays on record."""
    async with services.sessions.begin() as session:
        found = await talking.opened(session, services, signed.actor, case_no)
        await talking.change(session, found, seq, body.text)
        await session.flush()
        return _answer(await thread.message(session, found.case_no, seq))


@router.delete("/cases/{case_no}/thread/{seq}", status_code=204, operation_id="takeBackMessage")
async def take_back(case_no: CaseNo, seq: Number, signed: Signed, services: Given) -> None:
    """Take one's own message back within five minutes; it stays on record."""
    async with services.sessions.begin() as session:
        found = await talking.opened(session, services, signed.actor, case_no)
        await talking.take_back(session, found, seq)
