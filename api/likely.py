"""What a report may belong to: candidates for a merge, for who looks, with the reasons."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from api.casefile import may_read
from api.dependencies import Services
from domain.book import Book
from domain.duplicates import Reason, Sign
from domain.finding import phone_areas
from domain.people import Actor
from domain.sequel import takes_in
from domain.terms import Source, State
from domain.visibility import Reach, reach_of
from registry import cases, duplicates
from registry.duplicates import Duplicate, Subject
from registry.sealing import phone_digits
from registry.tables_case import CaseRow

log = logging.getLogger(__name__)
ALIKE = Reason.ALIKE
"""Said only of words that the reader may read."""


@dataclass(frozen=True, kw_only=True)
class Likely:
    """A case that a report may belong to, as far as its reader may see it.

    Attributes:
        row: The case that was found.
        signs: Why.
        words: Its report; None where he may not read it.
        main: The case to follow: itself, or the one that it follows.
        open: The main case can be followed.
    """

    row: CaseRow
    signs: tuple[Sign, ...]
    words: str | None
    main: CaseRow
    open: bool


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A report that is not sent yet."""

    words: str
    address: str = ""
    point: tuple[float, float] | None = None
    grid: str = ""
    subclass: str = ""
    phone: str = ""
    source: Source = Source.CITIZEN_WEB


async def for_draft(
    session: AsyncSession, services: Services, actor: Actor, draft: Draft
) -> Sequence[Likely]:
    """What a report that is about to be sent may belong to; nothing is written down."""
    book = await services.book(session)
    grid = draft.grid
    if draft.point is not None and not grid:
        grid = (await services.acting.grids.map(session)).locate(*draft.point) or ""
    subject = Subject(
        words=draft.words,
        address=draft.address,
        point=draft.point,
        grid=grid,
        subclass=draft.subclass,
    )
    phones, digits = Reach(areas=phone_areas(actor)), phone_digits(draft.phone)
    if digits and phones.areas:
        index = services.acting.sealer.index(digits)
        subject = replace(subject, phone=index, phone_reach=phones)
        log.info("telephone compared by %s", actor.person, extra={"action": "search_phone"})
    return await _found(session, subject, actor, book, draft.source)


async def for_case(
    session: AsyncSession, actor: Actor, book: Book, row: CaseRow
) -> Sequence[Likely]:
    """What a case may belong to, a drill to nothing; only what he may read says anything."""
    if row.drill:
        return []
    subject = await duplicates.subject_of(session, row, Reach(areas=phone_areas(actor)))
    return await _found(session, subject, actor, book, Source(row.source))


async def _found(
    session: AsyncSession, subject: Subject, actor: Actor, book: Book, source: Source
) -> Sequence[Likely]:
    flow = book.flow_in_force(source, subject.subclass)
    at = await cases.now(session)
    found = await duplicates.find(session, subject, reach_of(actor, book.units), flow, at)
    return [await _likely(session, one, actor, book) for one in found]


async def _likely(session: AsyncSession, one: Duplicate, actor: Actor, book: Book) -> Likely:
    readable = await may_read(session, one.row, actor, book)
    return Likely(
        row=one.row,
        signs=tuple(it for it in one.candidate.signs if readable or it.reason is not ALIKE),
        words=one.row.words if readable else None,
        main=one.main,
        open=takes_in(State(one.main.state), drill=one.main.drill),
    )
