"""The thread of a case (协作留言): messages, who is asked to read them, and who has.

A thread is a case's: what is said on a task of a joint case stands in the thread of its case.
Only staff read it. Nothing of it is in the case's log, its workflow, or what a search finds.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.joint import case_of_task
from registry.commands import KeyReusedError
from registry.tables_case import AttachmentRow, CaseRow
from registry.tables_thread import (
    FormerTextRow,
    MentionRow,
    MessagePhotoRow,
    MessageRow,
    ReadMarkRow,
)

MOST_TEXT = 2000
MOST_PHOTOS = 9
MOST_MENTIONS = 20
CHANGES_WITHIN = timedelta(minutes=5)
"""So long its author may change a message or take it back."""
PAGE = 30
MOST = 200


class ThreadClosedError(Exception):
    """The case is archived, or ended otherwise: nobody writes on it any more."""

    def __init__(self) -> None:
        super().__init__("the case has ended; its thread can be read only")


class MessageNotFoundError(Exception):
    """There is no such message in this thread."""

    def __init__(self, seq: int) -> None:
        super().__init__(f"there is no message {seq} in this thread")


class NotYourMessageError(Exception):
    """Only its author changes a message."""

    def __init__(self) -> None:
        super().__init__("only its author may change a message or take it back")


class TooLateToChangeError(Exception):
    """The time in which a message can be changed is over."""

    def __init__(self) -> None:
        minutes = int(CHANGES_WITHIN.total_seconds() // 60)
        super().__init__(
            f"a message can be changed or taken back for {minutes} minutes; write another one"
        )


class TakenBackError(Exception):
    """A message that was taken back is not changed any more."""

    def __init__(self) -> None:
        super().__init__("the message was taken back")


@dataclass(frozen=True, kw_only=True)
class NewMessage:
    """What somebody says.

    Attributes:
        unit: The department for which he speaks; empty for the centre.
        mentions: `person:…` and `unit:…`, known and able to read it.
        photos: Photos that he uploaded.
    """

    case_no: str
    author: str
    unit: str
    text: str
    mentions: tuple[str, ...]
    photos: tuple[UUID, ...]
    key: str
    body_hash: bytes


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message as it is read; of one that was taken back nothing but that."""

    seq: int
    author: str
    unit: str
    text: str
    said_at: datetime
    edited_at: datetime | None
    taken_back_at: datetime | None
    mentions: tuple[str, ...]
    photos: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class ReadMark:
    """Up to where somebody has read."""

    person: str
    seq: int
    at: datetime


def thread_of(number: str) -> str:
    """The case in whose thread is said what concerns a case, or a task of it."""
    return case_of_task(number) or number


# Writing ----------------------------------------------------------------------------------


async def say(session: AsyncSession, new: NewMessage) -> int:
    """Write a message down; its number. Sent twice, it is one.

    Raises:
        KeyReusedError: The key stands for another message.
        ThreadClosedError: The case has ended.
    """
    await _open_case(session, new.case_no)
    row = MessageRow
    old = (
        await session.execute(
            select(row.seq, row.body_hash).where(
                row.author == new.author, row.idempotency_key == new.key
            )
        )
    ).one_or_none()
    if old is not None:
        if old.body_hash != new.body_hash:
            raise KeyReusedError(new.key)
        return int(old.seq)
    last = select(func.coalesce(func.max(row.seq), 0)).where(row.case_no == new.case_no)
    seq = (await session.execute(last)).scalar_one() + 1
    await session.execute(
        insert(row).values(
            case_no=new.case_no,
            seq=seq,
            author=new.author,
            unit=new.unit,
            text=new.text,
            idempotency_key=new.key,
            body_hash=new.body_hash,
        )
    )
    here = {"case_no": new.case_no, "seq": seq}
    if new.mentions:
        rows = [{**here, "address": one} for one in dict.fromkeys(new.mentions)]
        await session.execute(insert(MentionRow), rows)
    if new.photos:
        files = [{**here, "attachment_id": one} for one in dict.fromkeys(new.photos)]
        await session.execute(insert(MessagePhotoRow), files)
    await mark_read(session, new.case_no, new.author, seq)
    return seq


async def change(session: AsyncSession, case_no: str, seq: int, author: str, text: str) -> None:
    """Change what a message says; what it said before stays on record.

    Raises:
        MessageNotFoundError: There is none.
        NotYourMessageError: Somebody else wrote it.
        TooLateToChangeError: It is too old.
        TakenBackError: He took it back.
        ThreadClosedError: The case has ended.
    """
    row = await _own(session, case_no, seq, author)
    if row.taken_back_at is not None:
        raise TakenBackError
    if row.text == text:
        return
    now = await _now(session)
    await session.execute(
        insert(FormerTextRow).values(case_no=case_no, seq=seq, until=now, text=row.text)
    )
    row.text, row.edited_at = text, now


async def take_back(session: AsyncSession, case_no: str, seq: int, author: str) -> None:
    """Take a message back: nobody reads it any more, and nobody is asked to; it is on record.

    Raises:
        As `change`; taken back twice, it is once.
    """
    row = await _own(session, case_no, seq, author)
    if row.taken_back_at is None:
        row.taken_back_at = await _now(session)


async def _own(session: AsyncSession, case_no: str, seq: int, author: str) -> MessageRow:
    await _open_case(session, case_no)
    row = await session.get(MessageRow, (case_no, seq), populate_existing=True)
    if row is None:
        raise MessageNotFoundError(seq)
    if row.author != author:
        raise NotYourMessageError
    if await _now(session) - row.said_at > CHANGES_WITHIN:
        raise TooLateToChangeError
    return row


async def _now(session: AsyncSession) -> datetime:
    now: datetime = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    return now


async def _open_case(session: AsyncSession, case_no: str) -> None:
    """Hold the case, so that messages are numbered one after the other, and none comes late."""
    ended = (
        await session.execute(
            select(CaseRow.ended_at)
            .where(CaseRow.case_no == case_no)
            .with_for_update(key_share=True)
        )
    ).scalar_one()
    if ended is not None:
        raise ThreadClosedError


async def mark_read(session: AsyncSession, case_no: str, person: str, seq: int) -> None:
    """Somebody has read up to a message; a mark never goes back, nor past the last message."""
    last = select(func.coalesce(func.max(MessageRow.seq), 0)).where(
        MessageRow.case_no == case_no
    )
    up_to = min(seq, (await session.execute(last)).scalar_one())
    made = upsert(ReadMarkRow).values(case_no=case_no, person=person, seq=up_to)
    await session.execute(
        made.on_conflict_do_update(
            index_elements=["case_no", "person"],
            set_={"seq": made.excluded.seq, "at": func.clock_timestamp()},
            where=ReadMarkRow.seq < made.excluded.seq,
        )
    )


# Reading ----------------------------------------------------------------------------------


async def page(
    session: AsyncSession, case_no: str, *, before: int | None = None, limit: int = PAGE
) -> Sequence[Message]:
    """Messages, the newest first, from before one of them on."""
    query = select(MessageRow).where(MessageRow.case_no == case_no)
    if before is not None:
        query = query.where(MessageRow.seq < before)
    rows = await session.scalars(query.order_by(MessageRow.seq.desc()).limit(min(limit, MOST)))
    return await _with_more(session, case_no, rows.all())


async def message(session: AsyncSession, case_no: str, seq: int) -> Message:
    """One message.

    Raises:
        MessageNotFoundError: There is none.
    """
    row = await session.get(MessageRow, (case_no, seq), populate_existing=True)
    if row is None:
        raise MessageNotFoundError(seq)
    (found,) = await _with_more(session, case_no, [row])
    return found


async def _with_more(
    session: AsyncSession, case_no: str, rows: Sequence[MessageRow]
) -> list[Message]:
    numbers = [row.seq for row in rows]
    mentions: dict[int, list[str]] = {}
    photos: dict[int, list[UUID]] = {}
    asked = select(MentionRow.seq, MentionRow.address).where(
        MentionRow.case_no == case_no, MentionRow.seq.in_(numbers)
    )
    for seq, address in await session.execute(asked.order_by(MentionRow.address)):
        mentions.setdefault(seq, []).append(address)
    files = select(MessagePhotoRow.seq, MessagePhotoRow.attachment_id).where(
        MessagePhotoRow.case_no == case_no, MessagePhotoRow.seq.in_(numbers)
    )
    for seq, photo in await session.execute(files.order_by(MessagePhotoRow.attachment_id)):
        photos.setdefault(seq, []).append(photo)
    return [
        Message(
            seq=row.seq,
            author=row.author,
            unit=row.unit,
            text="" if row.taken_back_at else row.text,
            said_at=row.said_at,
            edited_at=row.edited_at,
            taken_back_at=row.taken_back_at,
            mentions=tuple(mentions.get(row.seq, ())),
            photos=() if row.taken_back_at else tuple(photos.get(row.seq, ())),
        )
        for row in rows
    ]


async def marks(session: AsyncSession, case_no: str) -> Sequence[ReadMark]:
    """Up to where each person has read, who read last first."""
    row = ReadMarkRow
    found = await session.scalars(
        select(row)
        .where(row.case_no == case_no, row.seq > 0)
        .order_by(row.at.desc())
        .limit(MOST)
    )
    return [ReadMark(person=one.person, seq=one.seq, at=one.at) for one in found]


async def last_change(session: AsyncSession, case_no: str) -> str:
    """A mark of how a thread stands; another one once anything in it is new or changed."""
    row = MessageRow
    latest = func.max(func.greatest(row.said_at, row.edited_at, row.taken_back_at))
    found = await session.execute(select(func.count(), latest).where(row.case_no == case_no))
    number, at = found.one()
    return f"{number}.{at.timestamp():.6f}" if at else "0"


async def unread(
    session: AsyncSession, numbers: Collection[str], person: str
) -> Mapping[str, int]:
    """How many messages of others somebody has not read, by case; of some cases or tasks."""
    if not numbers:
        return {}
    row, mark = MessageRow, ReadMarkRow
    counted = (
        select(row.case_no, func.count())
        .outerjoin(mark, (mark.case_no == row.case_no) & (mark.person == person))
        .where(
            row.case_no.in_({thread_of(one) for one in numbers}),
            row.seq > func.coalesce(mark.seq, 0),
            row.author != person,
            row.taken_back_at.is_(None),
        )
        .group_by(row.case_no)
    )
    rows = (await session.execute(counted)).all()
    found = {row[0]: row[1] for row in rows}
    return {one: found[thread_of(one)] for one in numbers if thread_of(one) in found}


def mentioned(addresses: Collection[str], person: str) -> Select[Any]:
    """Cases with a message that somebody is asked to read and has not."""
    row, mark, said = MentionRow, ReadMarkRow, MessageRow
    return (
        select(row.case_no)
        .join(said, (said.case_no == row.case_no) & (said.seq == row.seq))
        .outerjoin(mark, (mark.case_no == row.case_no) & (mark.person == person))
        .where(
            row.address.in_(sorted(addresses)),
            row.seq > func.coalesce(mark.seq, 0),
            said.taken_back_at.is_(None),
            said.author != person,
        )
        .distinct()
    )


async def authors(session: AsyncSession, case_no: str) -> Sequence[str]:
    """Who has said something."""
    found = await session.scalars(
        select(MessageRow.author).where(MessageRow.case_no == case_no).distinct().limit(MOST)
    )
    return sorted(found)


async def own_photos(
    session: AsyncSession, person: str, ids: Iterable[UUID]
) -> Collection[UUID]:
    """Those of some photos that a person uploaded."""
    found = await session.scalars(
        select(AttachmentRow.attachment_id).where(
            AttachmentRow.attachment_id.in_(list(ids)), AttachmentRow.principal == person
        )
    )
    return set(found)


async def cases_of_photo(session: AsyncSession, photo: UUID) -> Sequence[str]:
    """The threads in which a photo is shown; none where its message was taken back."""
    row, file = MessageRow, MessagePhotoRow
    found = await session.scalars(
        select(row.case_no)
        .join(file, (file.case_no == row.case_no) & (file.seq == row.seq))
        .where(file.attachment_id == photo, row.taken_back_at.is_(None))
        .distinct()
        .order_by(row.case_no)
        .limit(MOST)
    )
    return found.all()


async def said_under(session: AsyncSession, author: str, key: str) -> Message | None:
    """The message that a key already stands for."""
    found = await session.scalars(
        select(MessageRow).where(MessageRow.author == author, MessageRow.idempotency_key == key)
    )
    row = found.one_or_none()
    return (await _with_more(session, row.case_no, [row]))[0] if row is not None else None


async def media_type(session: AsyncSession, photo: UUID) -> str:
    """What kind of picture a photo is."""
    return (await session.get_one(AttachmentRow, photo)).media_type
