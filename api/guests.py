"""Links for outside hands: given and taken back by the unit that has the work.

The page that a link opens is `web.outside_pages`; what its holder does is an ordinary command.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from api.answers import Answer
from api.casefile import case_of
from api.dependencies import Given, Reading, Services, Signed
from api.headers import CaseNo, problems
from api.problems import (
    ConfidentialWorkError,
    DrillApartError,
    NotFoundError,
    NotYourWorkError,
    NoWorkError,
)
from api.values import Body, Short
from domain.book import Book
from domain.guests import guest, is_over, turn_of
from domain.people import UNIT_ROLES, Actor
from domain.terms import Role, State
from registry import cases, guests
from registry.catalogues import is_confidential
from registry.tables_case import CaseRow
from registry.tables_outside import GuestLinkRow

router = APIRouter(tags=["outside"], responses=problems(403, 404, 409))
WORK = frozenset({State.DISPATCHED, State.SIGNED, State.HANDLING})
"""States in which a unit's work can be given to outside hands."""
MOST_HOURS = 30 * 24


class LinkBody(Body):
    """Whom a link is for, and for how long."""

    name: Short = Field(min_length=1, description="Person or company that the link is for")
    hours: Annotated[int, Field(ge=1, le=MOST_HOURS)] = 72


class LinkAnswer(Answer):
    """A link as its unit sees it; the secret is not among it."""

    link_id: UUID
    name: str
    issued_by: str
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    used_at: datetime | None
    open: bool


class NewLinkAnswer(Answer):
    """A new link: its address is shown this once."""

    link_id: UUID
    path: str = Field(description="Path of the page on this host; whoever has it can act")
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class NewLink:
    """A link that was just given."""

    link_id: UUID
    secret: str
    expires_at: datetime

    @property
    def path(self) -> str:
        """Path of its page."""
        return f"/outside/{self.secret}"


def of_unit(actor: Actor, unit: str, book: Book) -> bool:
    """Whether somebody is of the unit that has the work."""
    mine = (one.unit for one in actor.grants if one.role in UNIT_ROLES)
    return bool(unit) and any(book.within(one, unit) for one in mine)


def may_give(actor: Actor, row: CaseRow, book: Book) -> bool:
    """Whether somebody can give a link to this work now."""
    possible = State(row.state) in WORK and not (row.joint or row.drill)
    return possible and of_unit(actor, row.unit, book)


async def give(
    services: Services, actor: Actor, case_no: str, name: str, lasts: timedelta
) -> NewLink:
    """Give a link to the work that the actor's unit has, for this turn of it.

    Raises:
        CaseNotFoundError: No such case, or none that he may see.
        NotYourWorkError: His unit does not have the work.
        NoWorkError: It is not to be handled now, or several departments have it.
        DrillApartError: It is a drill.
        ConfidentialWorkError: What its report says is kept in the house.
        registry.guests.TooManyLinksError: It has as many open links as it may.
    """
    async with services.sessions.begin() as session:
        book = await services.book(session)
        row = await services.acting.visible(session, case_no, actor, book)
        if not of_unit(actor, row.unit, book):
            raise NotYourWorkError
        if State(row.state) not in WORK or row.joint:
            raise NoWorkError
        if row.drill:
            raise DrillApartError
        if await is_confidential(session, row.subclass):
            raise ConfidentialWorkError
        at = await cases.now(session)
        link_id, secret = await guests.issue(
            session,
            case_no=case_no,
            task_no=turn_of(await case_of(session, row)),
            unit=row.unit,
            name=name.strip(),
            by=actor.person,
            at=at,
            lasts=lasts,
        )
        return NewLink(
            link_id=link_id, secret=secret, expires_at=at + min(lasts, guests.LONGEST)
        )


async def take_back(services: Services, actor: Actor, case_no: str, link_id: UUID) -> None:
    """Take a link back, though his unit have the work no longer; what was done by it stays.

    Raises:
        As `links_of`.
        NotFoundError: The work has no such link, or not one of his.
    """
    async with services.sessions.begin() as session:
        found = await links_of(session, services, actor, case_no)
        if link_id not in {one.link_id for one in found.links}:
            raise NotFoundError(f"there is no link {link_id}")
        at = await cases.now(session)
        await guests.revoke(session, link_id, by=actor.person, at=at)


@dataclass(frozen=True, kw_only=True)
class Known:
    """The links to a piece of work that somebody may take back: his unit's; a dispatcher all.

    Attributes:
        row: The case or task.
        gives: He may give another one now.
        links: The newest first.
    """

    row: CaseRow
    gives: bool
    links: Sequence[GuestLinkRow]

    @property
    def concern(self) -> bool:
        """Whether there is anything that he may do here."""
        return self.gives or bool(self.links)


async def known(session: AsyncSession, actor: Actor, row: CaseRow, book: Book) -> Known:
    """The links to a piece of work that he may take back, and whether he may give one."""
    dispatches = actor.has(Role.DISPATCHER)
    links = [
        one
        for one in await guests.of_case(session, row.case_no)
        if dispatches or of_unit(actor, one.unit, book)
    ]
    gives = may_give(actor, row, book) and not await is_confidential(session, row.subclass)
    return Known(row=row, gives=gives, links=links)


async def links_of(
    session: AsyncSession, services: Services, actor: Actor, case_no: str
) -> Known:
    """The same of a case that he names.

    Raises:
        CaseNotFoundError: No such case, or none that he may see.
        NotYourWorkError: His unit neither has the work nor gave a link to it.
    """
    book = await services.book(session)
    row = await services.acting.visible(session, case_no, actor, book)
    found = await known(session, actor, row, book)
    mine = of_unit(actor, row.unit, book) or actor.has(Role.DISPATCHER)
    if not (mine or found.links):
        raise NotYourWorkError
    return found


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What a link opens.

    Attributes:
        link: The link.
        row: The case or task.
        actor: Who acts by it.
        at: Now.
    """

    link: GuestLinkRow
    row: CaseRow
    actor: Actor
    at: datetime


async def opened(
    session: AsyncSession, services: Services, address: str, secret: str
) -> Opened:
    """What a secret opens, while the work is its unit's, or may come back to it.

    Args:
        session: A transaction.
        services: The services of this process.
        address: Who tries: what opens nothing counts against him.
        secret: The end of a link's path.

    Raises:
        registry.guests.GuestLinkError: It opens nothing.
        api.limiting.TooManyTriesError: Too many opened nothing.
    """
    async with services.track_tries.trying("outside", address, wrong=guests.GuestLinkError):
        return await _opened(session, secret)


async def _opened(session: AsyncSession, secret: str) -> Opened:
    at = await cases.now(session)
    link = await guests.opened(session, secret, at)
    row = await session.get_one(CaseRow, link.case_no)
    await _need_turn(session, link, row)
    await guests.used(session, link, at)
    return Opened(link=link, row=row, actor=guest(str(link.link_id), link.unit), at=at)


async def _need_turn(session: AsyncSession, link: GuestLinkRow, row: CaseRow) -> None:
    """A link is for one turn of one unit: it does not come back to life with the next one.

    Raises:
        registry.guests.GuestLinkError: That turn is over.
    """
    turn = turn_of(await case_of(session, row))
    kept = await is_confidential(session, row.subclass)  # it may have become so since
    if row.unit != link.unit or turn != link.task_no or kept:
        raise guests.GuestLinkError(guests.Closed.REVOKED)
    of = await session.get_one(CaseRow, row.parent) if row.parent else None
    if is_over(State(row.state), State(of.state) if of else None):
        raise guests.GuestLinkError(guests.Closed.OVER)


@router.post("/cases/{case_no}/guest-links", status_code=201, operation_id="createGuestLink")
async def create(
    case_no: CaseNo, body: LinkBody, signed: Signed, services: Given, response: Response
) -> NewLinkAnswer:
    """Give somebody without an account a link to this one piece of work."""
    made = await give(services, signed.actor, case_no, body.name, timedelta(hours=body.hours))
    response.headers["Cache-Control"] = "no-store"
    return NewLinkAnswer(link_id=made.link_id, path=made.path, expires_at=made.expires_at)


@router.get("/cases/{case_no}/guest-links", operation_id="listGuestLinks")
async def listed(
    case_no: CaseNo, signed: Signed, services: Given, session: Reading
) -> list[LinkAnswer]:
    """Links to this piece of work that one may take back, the newest first."""
    found = await links_of(session, services, signed.actor, case_no)
    at = await cases.now(session)
    return [
        LinkAnswer(
            link_id=one.link_id,
            name=one.name,
            issued_by=one.issued_by,
            issued_at=one.issued_at,
            expires_at=one.expires_at,
            revoked_at=one.revoked_at,
            used_at=one.used_at,
            open=guests.is_open(one, at),
        )
        for one in found.links
    ]


@router.delete(
    "/cases/{case_no}/guest-links/{link_id}", status_code=204, operation_id="revokeGuestLink"
)
async def revoke(case_no: CaseNo, link_id: UUID, signed: Signed, services: Given) -> Response:
    """Take a link back at once; again changes nothing."""
    await take_back(services, signed.actor, case_no, link_id)
    return Response(status_code=204)
