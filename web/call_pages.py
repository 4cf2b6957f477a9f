"""The whistle board (吹哨): who is waited for on a site, who is to be scored."""

from fastapi import APIRouter, Response

from domain.visibility import reach_of
from registry import site_calls
from web.frame import Page, Reader, Reading
from web.site_view import line_views

router = APIRouter(route_class=Page, include_in_schema=False)
SHOWN = 100


@router.get("/calls")
async def board(reader: Reading) -> Response:
    """Calls that run, due first; for who is called, who called, and the centre."""
    return reader.render("calls.html", await _board(reader))


@router.get("/calls/board")
async def part(reader: Reading) -> Response:
    """The board alone; asked for again and again."""
    return reader.render("_calls.html", await _board(reader))


async def _board(reader: Reader) -> dict[str, object]:
    actor = reader.actor
    async with reader.services.sessions.begin() as session:
        book = await reader.services.book(session)
        reach = reach_of(actor, book.units)
        found = await site_calls.open_calls(session, reach, limit=SHOWN + 1)
    lines = line_views(found[:SHOWN], reader.words)
    return {
        "waiting": [one for one in lines if one.waits],
        "to_score": [one for one in lines if not one.waits],
        "more": SHOWN if len(found) > SHOWN else 0,
    }
