"""The search: one box over all cases, with the caller's rights."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.answers import CaseLine, FoundCase, SearchPage, Sentence
from api.asks import InvalidFieldError
from api.cursors import Cursors
from api.dependencies import Given, Reading, Services, Signed
from api.headers import Cursor, link_next, problems
from api.wishes import day_of
from domain import finding
from domain.book import Book
from domain.finding import LONGEST, NO_PHONE, UnreadableQueryError, phone_areas
from domain.labels import Label
from domain.people import Actor
from domain.visibility import Reach, reach_of
from registry import cases, search
from registry.sealing import Sealer, phone_digits
from registry.search import After, Found, Phone, Rights

log = logging.getLogger(__name__)
router = APIRouter(tags=["cases"], responses=problems())
PAGE = 20
Asked = Annotated[
    str,
    Query(
        description="Case number or its last five digits or more, upstream number, telephone,"
        " place, class, words; all parts must match",
        json_schema_extra={"minLength": 1, "maxLength": LONGEST},
        examples=["路灯 文一路"],
    ),
]


@dataclass(frozen=True, kw_only=True)
class Searched:
    """What a search found.

    Attributes:
        found: A page.
        next_cursor: Of the next page; None on the last one.
        refused: Why one way of searching was left out; says nothing of what there is.
    """

    found: Found
    next_cursor: str | None
    refused: Label | None


async def find(  # noqa: PLR0913  a page of a list is these values
    services: Services,
    session: AsyncSession,
    actor: Actor,
    text: str,
    *,
    cursor: str | None = None,
    limit: int = PAGE,
) -> Searched:
    """Search as somebody who is signed in.

    Raises:
        UnreadableQueryError: There is nothing to search for.
        InvalidFieldError: The cursor is of another search.
    """
    at = await cases.now(session)
    book = await services.acting.keeper.book(session, at)
    grids = await services.acting.grids.map(session)
    query = finding.read_query(text, county=grids.district, today=day_of(at, book))
    sealer = services.acting.sealer
    cursors = Cursors(sealer, f"search {actor.person} {text}")
    areas = phone_areas(actor)
    phone = _phone(query.phone, areas, sealer) if query.phone and areas else None
    if phone is not None:
        log.info("telephone searched by %s", actor.person, extra={"action": "search_phone"})
    rights = Rights(
        reach=reach_of(actor, book.units), confidential=_confidential(book), phone=phone
    )
    after = _after(cursors.read(cursor))
    found = await search.search(session, query, rights, after=after, limit=limit)
    last = found.after
    return Searched(
        found=found,
        next_cursor=cursors.write(last.reported_at, f"{last.tier} {last.case_no}")
        if last
        else None,
        refused=NO_PHONE if query.phone and not areas else None,
    )


def _phone(typed: str, areas: frozenset[str], sealer: Sealer) -> Phone:
    return Phone(index=sealer.index(phone_digits(typed)), reach=Reach(areas=areas))


def _confidential(book: Book) -> frozenset[str]:
    """Subclasses that any version of the catalogue keeps confidential."""
    return frozenset(
        code
        for classes in book.catalogues.values()
        for code, one in classes.items()
        if one.confidential
    )


def _after(place: tuple[datetime | None, str] | None) -> After | None:
    if place is None or place[0] is None:
        return None
    moment, key = place[0], place[1]
    tier, _, case_no = key.partition(" ")
    return After(tier=int(tier), reported_at=moment, case_no=case_no)


@router.get("/search", operation_id="searchCases")
async def search_cases(  # noqa: PLR0913  a route lists what it is given
    *,
    request: Request,
    response: Response,
    signed: Signed,
    services: Given,
    session: Reading,
    q: Asked,
    limit: Annotated[int, Query(ge=1, le=200)] = PAGE,
    cursor: Cursor = None,
) -> SearchPage:
    """Find cases: those with the number first, then by place, then the newest."""
    try:
        searched = await find(services, session, signed.actor, q, cursor=cursor, limit=limit)
    except UnreadableQueryError as error:
        raise InvalidFieldError(
            "/query/q", str(error), "bad_query", zh=error.label.zh
        ) from error
    if searched.next_cursor:
        link_next(request, response, searched.next_cursor)
    found, refused = searched.found, searched.refused
    return SearchPage(
        cases=[
            FoundCase(
                **CaseLine.model_validate(one.row).model_dump(),
                matched=list(one.matched),
                snippet=one.snippet,
            )
            for one in found.hits
        ],
        total=found.total,
        more=found.more,
        next_cursor=searched.next_cursor,
        refused=Sentence.of(refused) if refused else None,
    )
