"""Talking on a case (协作留言): who may read and write its thread, and whom he may ask to read.

Who may see a case reads its thread, a department of a joint case too; the reporter never does.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.acting import facts_of
from api.asks import InvalidFieldError
from api.casefile import reads_words
from api.dependencies import Services
from api.problems import NotAllowedError
from api.wishes import body_hash
from domain.book import Book
from domain.people import UNIT_ROLES, Actor
from domain.visibility import CaseFacts, reach_of, sees_by_duty
from registry import thread
from registry.tables_case import CaseRow
from registry.thread import MOST_MENTIONS, MOST_PHOTOS, MOST_TEXT, NewMessage

PERSON, UNIT = "person:", "unit:"


@dataclass(frozen=True, kw_only=True)
class Thread:
    """A case's thread, opened for one reader.

    Attributes:
        row: The case; of a task, the joint case.
        facts: Who takes part.
        actor: Who reads.
        book: Units and accounts.
        writes: He may say something: the case is open, and is his by another role than admin's.
    """

    row: CaseRow
    facts: CaseFacts
    actor: Actor
    book: Book
    writes: bool

    @property
    def case_no(self) -> str:
        """The case's number."""
        return self.row.case_no

    @property
    def unit(self) -> str:
        """The department for which he speaks here; empty for the centre and grid members."""
        own = [one.unit for one in self.actor.grants if one.role in UNIT_ROLES]
        parts = self.facts.units
        among = (one for one in own if any(self.book.within(one, unit) for unit in parts))
        return next(among, "")

    @property
    def units(self) -> Sequence[str]:
        """Departments that can be asked to read: those of the case."""
        return tuple(dict.fromkeys(self.facts.units))

    def can_read(self, login: str) -> bool:
        """Whether somebody has an account, and may read the words of this case."""
        actor = self.book.people.get(login)
        return actor is not None and reads_words(self.row, self.facts, actor, self.book)


async def opened(
    session: AsyncSession, services: Services, actor: Actor, number: str
) -> Thread:
    """The thread of a case, or of the joint case of a task.

    Raises:
        CaseNotFoundError: There is no such case, or none that he may see.
        NotAllowedError: Its words are not his to read.
    """
    book = await services.book(session)
    await services.acting.visible(session, number, actor, book)
    row = await services.acting.visible(session, thread.thread_of(number), actor, book)
    facts = await facts_of(session, row)
    if not reads_words(row, facts, actor, book):
        raise NotAllowedError("what is said on a confidential case is for who works on it")
    writes = row.ended_at is None and sees_by_duty(reach_of(actor, book.units), facts)
    return Thread(row=row, facts=facts, actor=actor, book=book, writes=writes)


async def say(  # noqa: PLR0913  a message is these values
    session: AsyncSession,
    one: Thread,
    *,
    text: str,
    mentions: Collection[str],
    photos: Collection[str],
    key: str,
) -> int:
    """Say something; its number. Sent twice, it is one.

    Raises:
        InvalidFieldError: Nothing is said, or somebody or a photo is named that there is not.
        NotAllowedError: He may only read.
        registry.thread.ThreadClosedError: The case has ended.
        registry.commands.KeyReusedError: The key stands for another message.
    """
    _need_writer(one)
    text = _checked(text)
    _check_mentions(one, mentions)
    ids = await _photos(session, one.actor.person, photos)
    hashed = body_hash(
        case_no=one.case_no, text=text, mentions=sorted(mentions), photos=sorted(photos)
    )
    return await thread.say(
        session,
        NewMessage(
            case_no=one.case_no,
            author=one.actor.person,
            unit=one.unit,
            text=text,
            mentions=tuple(mentions),
            photos=ids,
            key=key,
            body_hash=hashed,
        ),
    )


async def change(session: AsyncSession, one: Thread, seq: int, text: str) -> None:
    """Change one's own message.

    Raises:
        InvalidFieldError: Nothing is said.
        As `registry.thread.change`.
    """
    _need_writer(one)
    await thread.change(session, one.case_no, seq, one.actor.person, _checked(text))


async def take_back(session: AsyncSession, one: Thread, seq: int) -> None:
    """Take one's own message back.

    Raises:
        As `registry.thread.take_back`.
    """
    _need_writer(one)
    await thread.take_back(session, one.case_no, seq, one.actor.person)


def _need_writer(one: Thread) -> None:
    if not one.writes and one.row.ended_at is None:
        raise NotAllowedError("who only looks after the accounts does not talk on cases")


def _checked(text: str) -> str:
    bare = text.strip()
    if not bare:
        raise InvalidFieldError("/text", "say something", "missing", zh="请填写留言")
    if len(bare) > MOST_TEXT:
        message = f"a message has at most {MOST_TEXT} characters"
        raise InvalidFieldError("/text", message, "too_long", zh=f"留言不超过 {MOST_TEXT} 字")
    return bare


def _check_mentions(one: Thread, mentions: Collection[str]) -> None:
    if len(mentions) > MOST_MENTIONS:
        raise InvalidFieldError(
            "/mentions",
            f"ask at most {MOST_MENTIONS} to read it",
            "too_many",
            zh=f"一次最多提醒 {MOST_MENTIONS} 个",
        )
    for index, address in enumerate(mentions):
        kind = next((it for it in (PERSON, UNIT) if address.startswith(it)), "")
        code = address.removeprefix(kind)
        known = one.can_read(code) if kind == PERSON else kind and code in one.units
        if not known:
            raise InvalidFieldError(
                f"/mentions/{index}",
                f"{code} takes no part in this case",
                "unknown",
                zh=f"{code} 未参与本案件，不能提醒",
            )


async def _photos(
    session: AsyncSession, person: str, photos: Collection[str]
) -> tuple[UUID, ...]:
    ids = tuple(UUID(one) for one in dict.fromkeys(photos))
    if len(ids) > MOST_PHOTOS:
        message = f"a message has at most {MOST_PHOTOS} photos"
        zh = f"一条留言最多 {MOST_PHOTOS} 张照片"
        raise InvalidFieldError("/photos", message, "too_many", zh=zh)
    own = await thread.own_photos(session, person, ids)
    for index, one in enumerate(ids):
        if one not in own:
            raise InvalidFieldError(
                f"/photos/{index}", f"you uploaded no photo {one}", "unknown", zh="没有这张照片"
            )
    return ids


def addresses_of(actor: Actor, parents: Mapping[str, str]) -> tuple[str, ...]:
    """How somebody is asked to read: himself, his departments, and what they are part of."""
    units = {one.unit for one in actor.grants if one.role in UNIT_ROLES and one.unit}
    units |= {parents[one] for one in units if parents.get(one)}
    return (PERSON + actor.person, *(UNIT + one for one in sorted(units)))
