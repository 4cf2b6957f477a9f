"""The main case of a merge, shown before the case follows it."""

import re

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from api.acting import facts_of
from domain.people import Actor
from domain.sequel import takes_in
from domain.terms import State
from domain.visibility import may_read_words, reach_of
from registry.cases import CaseNotFoundError
from web.case_pages import CaseNo
from web.frame import Page, Reader, Reading

router = APIRouter(route_class=Page, include_in_schema=False)
CASE_DIGITS, MOST_TYPED = 19, 40


@router.get("/cases/{case_no}/main")
async def main_case(case_no: CaseNo, reader: Reading, other: str = "") -> HTMLResponse:
    """The case that this one would follow; until its number is typed, how much is missing."""
    actor = reader.actor
    number = re.sub(r"[\s-]", "", other)[:MOST_TYPED]
    problem, found = "", None
    if number == case_no:
        problem = reader.words.t("main_own")
    elif len(number) >= CASE_DIGITS:
        found = await _found(number, reader, actor)
        if found is None:
            problem = reader.words.t("main_none", no=number)
        elif not found["open"]:
            problem = reader.words.t("main_drill" if found["drill"] else "main_settled")
    context = {"found": found, "problem": problem, "number": number}
    return reader.render("_main.html", context)


@router.get("/work/many/main")
async def main_of_many(reader: Reading, other: str = "") -> HTMLResponse:
    """The case that many would follow."""
    return await main_case("", reader, other)


async def _found(number: str, reader: Reader, actor: Actor) -> dict[str, object] | None:
    """What the card says of a case; None when there is none that he may see."""
    words, acting = reader.words, reader.services.acting
    async with reader.services.sessions.begin() as session:
        book = await reader.services.book(session)
        try:
            row = await acting.visible(session, number, actor, book)
        except CaseNotFoundError:
            return None
        facts = await facts_of(session, row)
    reach = reach_of(actor, book.units)
    readable = may_read_words(reach, facts, confidential=words.confidential(row.subclass))
    return {
        "case_no": row.case_no,
        "open": takes_in(State(row.state), drill=row.drill),
        "drill": row.drill,
        "state": words.state(State(row.state)),
        "class_name": words.subclass(row.subclass) or words.t("class_none"),
        "words": row.words if readable else "…",
        "place": words.grid(row.grid) or words.t("place_none"),
        "unit": words.unit(row.unit) if row.unit else "",
        "reported": words.at(row.reported_at),
    }
