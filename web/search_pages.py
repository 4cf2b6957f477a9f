"""What the search box in the header finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import APIRouter, Response
from starlette.responses import RedirectResponse

from api.asks import InvalidFieldError
from api.search import Searched, find
from domain.finding import MATCHED, Matched, UnreadableQueryError
from registry.boards import Line
from registry.search import Hit
from web.board_view import LineView, line_view
from web.frame import Page, Reader, Reading
from web.words import Moment, Words

router = APIRouter(route_class=Page, include_in_schema=False)
SEARCH = "/staff/search"
WRONG = 422


@dataclass(frozen=True, kw_only=True)
class HitView:
    """A case that was found, as the page shows it; `place` may hold its address."""

    line: LineView
    place: str
    reported: Moment
    matched: Sequence[str]


@router.get(SEARCH)
async def search(reader: Reading, q: str = "", cursor: str = "") -> Response:
    """Results, best first; a number that only one case has leads straight to it."""
    query = q.strip()
    actor = reader.actor
    if not query:
        return _page(reader, query)
    try:
        async with reader.services.sessions.begin() as session:
            found = await find(reader.services, session, actor, query, cursor=cursor or None)
    except UnreadableQueryError as error:
        problem = error.label.text(reader.words.language)
        return _page(reader, query[:200], problem=problem, status=WRONG)
    except InvalidFieldError:  # a cursor of another search: begin anew
        return RedirectResponse(_address(query), status_code=303)
    hits = found.found.hits
    if not cursor and len(hits) == 1 and Matched.NUMBER in hits[0].matched:
        return RedirectResponse(f"/cases/{hits[0].row.case_no}", status_code=303)
    return _page(reader, query, found=found)


def _page(
    reader: Reader,
    query: str,
    *,
    found: Searched | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    words = reader.words
    refused = found.refused.text(words.language) if found and found.refused else ""
    following = found.next_cursor if found else None
    context = {
        "query": query,
        "problem": problem,
        "refused": refused,
        "hits": [_view(one, words) for one in found.found.hits] if found else None,
        "total": found.found.total if found else 0,
        "over": bool(found and found.found.more),
        "next_page": _address(query, following) if following else "",
    }
    return reader.render("search.html", context, status=status)


def _address(query: str, cursor: str = "") -> str:
    return f"{SEARCH}?{urlencode({'q': query} | ({'cursor': cursor} if cursor else {}))}"


def _view(hit: Hit, words: Words) -> HitView:
    row = hit.row
    line = Line(
        case_no=row.case_no,
        state=row.state,
        words=hit.snippet or words.t("search_hidden"),
        address=hit.address,
        grid=row.grid,
        subclass=row.subclass,
        urgent=row.urgent,
        unit=row.unit,
        asked=row.asked,
        escalation=row.escalation,
        pending=row.pending,
        round=row.round,
        reported_at=row.reported_at,
        due_at=row.due_at,
        due_label=row.due_label,
        joint=row.joint,
        drill=row.drill,
        emergency=row.emergency,
        parent=row.parent,
        lead=row.lead,
    )
    shown = line_view(line, words)
    both = hit.address and hit.address != shown.place
    return HitView(
        line=shown,
        place=f"{shown.place} · {hit.address}" if both else shown.place,
        reported=words.at(row.reported_at),
        matched=[MATCHED[one].text(words.language) for one in hit.matched],
    )
