"""The thread of a case as its page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from api import talking
from api.problems import NotAllowedError
from api.talking import PERSON, UNIT, Thread
from registry import thread
from registry.cases import CaseNotFoundError
from registry.thread import CHANGES_WITHIN, Message, ReadMark
from web.frame import Reader
from web.words import Moment, Words

PAGE = 20
MOST = 200
MOST_PEOPLE = 40
QUIET = {"thread_problem": "", "thread_typed": "", "thread_key": ""}
"""What the form says when nothing is wrong."""


@dataclass(frozen=True, kw_only=True)
class MessageView:
    """A message; `mine`: its reader wrote it, and may still change it."""

    seq: int
    who: str
    at: Moment
    text: str
    edited: bool
    taken_back: bool
    asked: str
    photos: Sequence[str]
    read_by: str
    fresh: bool
    mine: bool


@dataclass(frozen=True, kw_only=True)
class ThreadView:
    """A thread with the form to write on it.

    Attributes:
        number: Where it is shown: a case, or a task of one.
        stamp: Changes once anything in it does.
        last: Its last message.
        shown: How many messages are asked for.
        unread: Messages of others that its reader has not read.
        to: Whom he may ask to read: (address, name).
        hint: Why he cannot write; empty where he can.
    """

    number: str
    joint: bool
    stamp: str
    last: int
    shown: int
    older: int
    unread: int
    messages: Sequence[MessageView]
    to: Sequence[tuple[str, str]]
    writes: bool
    hint: str


async def talk_context(session: AsyncSession, reader: Reader, number: str) -> dict[str, object]:
    """The thread beside a case; nothing where it is not its reader's to read.

    A unit that a task is offered to sees the task, and not yet its case.
    """
    try:
        one = await talking.opened(session, reader.services, reader.actor, number)
    except (NotAllowedError, CaseNotFoundError):
        return {"thread": None, **QUIET}
    return {"thread": await thread_view(session, one, number, reader.words), **QUIET}


async def thread_view(
    session: AsyncSession, one: Thread, number: str, words: Words, *, shown: int = PAGE
) -> ThreadView:
    """A thread for its reader."""
    me = one.actor.person
    shown = min(max(shown, PAGE), MOST)
    found = await thread.page(session, one.case_no, limit=min(shown + 1, MOST))
    marks = await thread.marks(session, one.case_no)
    unread = (await thread.unread(session, [one.case_no], me)).get(one.case_no, 0)
    mine = next((mark.seq for mark in marks if mark.person == me), 0)
    older = min(shown + PAGE, MOST) if len(found) > shown else 0
    return ThreadView(
        number=number,
        joint=one.row.joint,
        stamp=await thread.last_change(session, one.case_no),
        last=found[0].seq if found else 0,
        shown=shown,
        older=older,
        unread=unread,
        messages=[_message(it, one, number, marks, mine, words) for it in found[:shown]],
        to=await named(session, one, words) if one.writes else (),
        writes=one.writes,
        hint=_hint(one, words),
    )


def _hint(one: Thread, words: Words) -> str:
    if one.writes:
        return ""
    return words.t("thread_closed" if one.row.ended_at is not None else "thread_only_read")


def _message(  # noqa: PLR0913, PLR0917  a line of the page is made of these
    it: Message,
    one: Thread,
    number: str,
    marks: Sequence[ReadMark],
    read: int,
    words: Words,
) -> MessageView:
    me = one.actor.person
    readers = [
        words.person(mark.person)
        for mark in marks
        if mark.seq >= it.seq and mark.person not in {it.author, me}
    ]
    gone = it.taken_back_at is not None
    name = words.person(it.author)
    young = words.now - it.said_at <= CHANGES_WITHIN
    return MessageView(
        seq=it.seq,
        who=f"{name} · {words.unit(it.unit)}" if it.unit else name,
        at=words.at(it.said_at),
        text=it.text,
        edited=it.edited_at is not None and not gone,
        taken_back=gone,
        asked=words.joined(_name(address, words) for address in it.mentions)
        if not gone
        else "",
        photos=[f"/cases/{number}/thread/photos/{photo}" for photo in it.photos],
        read_by=words.joined(readers),
        fresh=it.seq > read and it.author != me,
        mine=it.author == me and young and one.writes and not gone,
    )


def _name(address: str, words: Words) -> str:
    if address.startswith(UNIT):
        return words.unit(address.removeprefix(UNIT))
    return words.person(address.removeprefix(PERSON))


async def named(session: AsyncSession, one: Thread, words: Words) -> Sequence[tuple[str, str]]:
    """Whom one may ask to read, by address: the case's departments, and who works on it."""
    book, me = one.book, one.actor.person
    units = set(one.units)
    people = dict.fromkeys(await thread.authors(session, one.case_no))
    people |= dict.fromkeys(filter(None, (one.row.person, one.row.asked)))
    people |= dict.fromkeys(
        login
        for login, actor in sorted(book.people.items())
        if any(book.within(grant.unit, unit) for grant in actor.grants for unit in units)
    )
    listed = [login for login in people if login != me and one.can_read(login)]
    return [
        *((UNIT + unit, words.unit(unit)) for unit in one.units),
        *((PERSON + login, words.person(login)) for login in listed[:MOST_PEOPLE]),
    ]


async def asked(
    session: AsyncSession, one: Thread, words: Words, chosen: Sequence[str], text: str
) -> list[str]:
    """Who is ticked, and whose name stands behind an @ in the text."""
    known = await named(session, one, words)
    typed = [address for address, name in known if f"@{name}" in text]
    return list(dict.fromkeys([*chosen, *typed]))[: thread.MOST_MENTIONS]
