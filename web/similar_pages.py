"""The hint beside the form of a staff report: what it may belong to, before it is sent."""

from collections.abc import Sequence

from fastapi import APIRouter, Response

from api import likely
from api.likely import Draft
from domain.duplicates import Reason
from domain.terms import Source
from web.entered import read_class
from web.fields import BadFieldError
from web.frame import Page, Reading
from web.similar_view import similar_views
from web.uploads import spot_of, text_of
from web.words import Words

router = APIRouter(route_class=Page, include_in_schema=False)
HINT = "/work/report/similar"
LEAST_WORDS = 4


@router.post(HINT)
async def hint(reader: Reading) -> Response:
    """What the report as typed may belong to; nothing is written down."""
    form = await reader.request.form()
    actor = reader.actor
    spot = spot_of(form)
    named = text_of(form, "source")
    draft = Draft(
        words=text_of(form, "words"),
        address=text_of(form, "address"),
        point=(spot.lon, spot.lat) if spot else None,
        grid=text_of(form, "grid"),
        subclass=_class(text_of(form, "subclass"), reader.words),
        phone=text_of(form, "phone"),
        source=Source(named) if named in set(Source) else Source.CITIZEN_WEB,
    )
    placed = draft.point is not None or draft.grid or draft.phone
    found: Sequence[likely.Likely] = ()
    if placed and (len(draft.words) >= LEAST_WORDS or draft.subclass):
        async with reader.services.sessions.begin() as session:
            found = await likely.for_draft(session, reader.services, actor, draft)
    hot = next((one for one in found if _hot(one)), None)
    return reader.render(
        "_similar_hint.html",
        {
            "similar": similar_views(found, reader.words),
            "hot": hot.main.followers + 1 if hot else 0,
        },
    )


def _hot(one: likely.Likely) -> bool:
    return any(sign.reason is Reason.HOT_SPOT for sign in one.signs)


def _class(typed: str, words: Words) -> str:
    try:
        return read_class(typed, words)
    except BadFieldError:
        return ""
