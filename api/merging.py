"""Candidates for a merge, and the cases that follow one: what a person needs to confirm it."""
# ruff: noqa: FAST003  the dependency that opens a case takes case_no

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Request, Response
from pydantic import ConfigDict, Field, model_validator

from api import likely
from api.answers import Answer
from api.casefile import Open
from api.cursors import Cursors
from api.dependencies import Given, Reading, Signed
from api.headers import Cursor, Limit, link_next, problems
from api.likely import Draft, Likely
from api.problems import NotFoundError
from api.schemas import ContactBody
from api.values import Body, Code, Latitude, Longitude, Text, Words
from domain.clock import ClockKind
from domain.duplicates import Reason
from domain.terms import Solved, Source, State
from domain.visibility import reach_of
from registry.followers import Follower, followers

router = APIRouter(tags=["merging"], responses=problems(404))


class DraftBody(Body):
    """A report that is not sent yet."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"words": "路灯不亮", "lon": 120.1072, "lat": 30.3655}]}
    )

    words: Words
    address: Text = ""
    lon: Longitude | None = None
    lat: Latitude | None = None
    grid: Code = ""
    subclass: Code = ""
    source: Source = Source.CITIZEN_WEB
    contact: Annotated[
        ContactBody,
        Field(description="The telephone is compared for who may search by it; logged"),
    ] = ContactBody()

    @model_validator(mode="after")
    def _placed(self) -> Self:
        if (self.lon is None) is not (self.lat is None):
            raise ValueError("lon and lat go together")
        return self


class SignAnswer(Answer):
    """A reason: metres, per cent of common terms, or reports under a hot spot."""

    reason: Reason
    value: int


class CandidateAnswer(Answer):
    """A case that a report may belong to; `main` is the one to follow, if it is `open`."""

    case_no: str
    main: str
    open: bool
    state: State
    subclass: str
    grid: str
    unit: str
    reported_at: datetime
    words: str | None
    followers: int
    hot_spot: bool
    signs: list[SignAnswer]

    @classmethod
    def of(cls, one: Likely) -> Self:
        """From what was found."""
        return cls(
            case_no=one.row.case_no,
            main=one.main.case_no,
            open=one.open,
            state=State(one.row.state),
            subclass=one.row.subclass,
            grid=one.row.grid,
            unit=one.main.unit,
            reported_at=one.row.reported_at,
            words=one.words,
            followers=one.main.followers,
            hot_spot=one.main.hot_spot,
            signs=[SignAnswer.model_validate(sign) for sign in one.signs],
        )


class CandidateList(Answer):
    """Candidates, the strongest first; a hint, nothing is decided by it."""

    candidates: list[CandidateAnswer]


@router.post("/reports/candidates", operation_id="findCandidates")
async def of_draft(
    body: DraftBody, signed: Signed, services: Given, session: Reading
) -> CandidateList:
    """Cases that a report may belong to, before it is sent; nothing is written down."""
    point = None if body.lon is None or body.lat is None else (body.lon, body.lat)
    draft = Draft(
        words=body.words,
        address=body.address,
        point=point,
        grid=body.grid,
        subclass=body.subclass,
        phone=body.contact.phone,
        source=body.source,
    )
    found = await likely.for_draft(session, services, signed.actor, draft)
    return CandidateList(candidates=[CandidateAnswer.of(one) for one in found])


@router.get("/cases/{case_no}/candidates", operation_id="getCandidates")
async def of_case(found: Open, session: Reading) -> CandidateList:
    """Cases that a case may follow: `merge` with `other` as `main` makes it so."""
    if found.row.parent or not found.words:
        raise NotFoundError("there is nothing to compare this case by")
    listed = await likely.for_case(session, found.actor, found.book, found.row)
    return CandidateList(candidates=[CandidateAnswer.of(one) for one in listed])


class RatingAnswer(Answer):
    """What a reporter thinks."""

    by: str
    at: datetime
    solved: Solved
    score: int


class FollowerAnswer(Answer):
    """A case that follows another, with its own reporter, call-back and rating.

    `call_back_due` is until when he is to be called; None where that does not run.
    """

    case_no: str
    version: int
    state: State
    reported_at: datetime
    words: str | None
    has_contact: bool
    call_days: int
    reached: bool
    call_back_due: datetime | None
    ratings: list[RatingAnswer]


class FollowerPage(Answer):
    """A page of followers; `next_cursor` is empty on the last one."""

    followers: list[FollowerAnswer]
    next_cursor: str | None


@router.get("/cases/{case_no}/followers", operation_id="getFollowers")
async def of_main(  # noqa: PLR0913  a route lists what it is given
    *,
    request: Request,
    response: Response,
    found: Open,
    services: Given,
    session: Reading,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> FollowerPage:
    """The cases that follow a main case, or were closed with it, in order of their numbers."""
    cursors = Cursors(services.acting.sealer, f"followers {found.row.case_no}")
    place = cursors.read(cursor)
    reach = reach_of(found.actor, found.book.units)
    rows = await followers(
        session,
        found.row.case_no,
        reach,
        after=place[1] if place else "",
        limit=limit,
    )
    following = None
    if len(rows) == limit:
        following = cursors.write(None, rows[-1].case.case_no)
        link_next(request, response, following)
    return FollowerPage(
        followers=[_follower(one, words=found.words) for one in rows], next_cursor=following
    )


def _follower(one: Follower, *, words: bool) -> FollowerAnswer:
    case = one.case
    calling = case.state is State.CLOSED and any(
        clock.kind is ClockKind.CALL_BACK and clock.stopped_at is None for clock in case.clocks
    )
    return FollowerAnswer(
        case_no=case.case_no,
        version=case.version,
        state=case.state,
        reported_at=one.reported_at,
        words=one.words if words else None,
        has_contact=case.has_contact,
        call_days=len(case.call_days),
        reached=case.answered_call,
        call_back_due=one.due_at if calling else None,
        ratings=[RatingAnswer.model_validate(rating) for rating in case.ratings],
    )
