"""The whistle board, and what a case's page says of calls to the site and of levels."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.answers import Answer
from api.asks import InvalidFieldError
from api.cursors import Cursors
from api.dependencies import Given, Reading, Signed
from api.headers import Cursor, link_next, problems
from domain import clock as rules
from domain.book import Book
from domain.case import Case
from domain.terms import Haste, Level, State
from domain.visibility import reach_of
from registry import site_calls

router = APIRouter(tags=["cases"], responses=problems())
CallLimit = Annotated[int, Query(ge=1, le=site_calls.MOST)]


class CallAnswer(Answer):
    """A department called to the site of a case; `caller` is empty for the centre.

    `waits`: its arrival is waited for. `distance` is in metres from the case's point.
    """

    number: int
    unit: str
    caller: str
    by: str
    at: datetime
    haste: Haste
    due_at: datetime | None
    waits: bool
    arrived_at: datetime | None
    arrived_by: str
    distance: float | None
    on_time: bool | None
    ended_at: datetime | None
    called_off: bool
    missed: bool
    score: int
    scored_by: str
    scored_at: datetime | None


class HopAnswer(Answer):
    """A step of a case between levels; `to` is empty where the dispatcher names the unit."""

    unit: str
    by: str
    at: datetime
    level: Level
    to: str
    up: bool
    reason: str


class CallLine(Answer):
    """A call that is waited for or to be scored; no words and no address of its case."""

    case_no: str
    number: int
    unit: str
    caller: str
    haste: Haste
    called_at: datetime
    due_at: datetime | None
    arrived_at: datetime | None
    distance: float | None
    ended_at: datetime | None
    state: State
    grid: str
    subclass: str
    urgent: bool
    drill: bool
    emergency: str


class CallPage(Answer):
    """A page of the whistle board, due first; `next_cursor` is empty on the last one."""

    calls: list[CallLine]
    next_cursor: str | None


def calls_of(case: Case, book: Book) -> list[CallAnswer]:
    """Who was called to the site of a case, in order."""
    clocks = {one.clock_id: one for one in case.clocks}
    return [
        CallAnswer(
            number=one.number,
            unit=one.unit,
            caller=one.caller,
            by=one.by,
            at=one.at,
            haste=one.haste,
            due_at=rules.due_at(clocks[one.clock], book.calendars),
            waits=one.expected,
            arrived_at=one.arrived_at,
            arrived_by=one.arrived_by,
            distance=one.distance,
            on_time=rules.on_time(clocks[one.clock], book.calendars),
            ended_at=one.ended_at,
            called_off=one.called_off,
            missed=one.missed,
            score=one.score,
            scored_by=one.scored_by,
            scored_at=one.scored_at,
        )
        for one in case.calls
    ]


def hops_of(case: Case, book: Book) -> list[HopAnswer]:
    """A case's steps between levels, in order."""
    return [
        HopAnswer(
            unit=one.unit,
            by=one.by,
            at=one.at,
            level=one.level,
            to=one.to,
            up=one.level.above(book.tier(one.unit).level),
            reason=one.reason,
        )
        for one in case.hops
    ]


@router.get("/calls", operation_id="listCalls")
async def board(  # noqa: PLR0913  a route lists what it is given
    *,
    request: Request,
    response: Response,
    signed: Signed,
    services: Given,
    session: Reading,
    limit: CallLimit = 50,
    cursor: Cursor = None,
) -> CallPage:
    """Departments called to a site that have not come yet, or wait for their score.

    A department sees those that it is called by and those that it made; the centre those of
    its area.
    """
    cursors = Cursors(services.acting.sealer, f"calls {signed.actor.person}")
    book = await services.book(session)
    reach = reach_of(signed.actor, book.units)
    lines = await site_calls.open_calls(
        session, reach, after=_place(cursors.read(cursor)), limit=limit
    )
    following = None
    if len(lines) == limit:
        last = lines[-1]
        following = cursors.write(last.due_at, f"{last.case_no}/{last.number}")
        link_next(request, response, following)
    return CallPage(
        calls=[CallLine.model_validate(one) for one in lines], next_cursor=following
    )


def _place(read: tuple[datetime | None, str] | None) -> tuple[datetime, str, int] | None:
    """Due time, case and number of the call after which to go on.

    Raises:
        InvalidFieldError: It is no place in this list.
    """
    if read is None:
        return None
    due, (case_no, _, number) = read[0], read[1].partition("/")
    if due is None:
        raise InvalidFieldError("/query/cursor", "this cursor is of another list", "bad_cursor")
    return due, case_no, int(number)
