"""Rows of the plan editor are added and taken away; nothing is asked of the case by that."""

from typing import cast

from fastapi import APIRouter, Response

from web.case_pages import CaseNo, case_context, tab_of
from web.choices import Choices
from web.fields import BadFieldError
from web.frame import Page, Reading
from web.plan_form import MOST_ROWS, next_number, numbers_of
from web.uploads import fields_of

router = APIRouter(route_class=Page, include_in_schema=False)


@router.post("/cases/{case_no}/plan")
async def change_rows(case_no: CaseNo, reader: Reading) -> Response:
    """The editor with a row more or less and all that was typed, as a part or on its page."""
    fields = fields_of(await reader.request.form())
    tab = tab_of(fields)
    entered = fields | {"action": fields.get("action") or "plan"}
    context = await case_context(reader, case_no, tab=tab, entered=entered)
    choices = cast("Choices", context["choices"])
    entered |= _changed(fields, choices)
    context["entered"] = entered
    if not reader.partial:
        return reader.render("case.html", context)
    return reader.render("_plan.html", context | {"plan": choices.plan(entered)})


def _changed(fields: dict[str, str], choices: Choices) -> dict[str, str]:
    """The list of rows with one more, or without the one that is to go."""
    try:
        listed = numbers_of(fields)
    except BadFieldError:
        return {}
    newest = ""
    if fields.get("plan_more") and len(listed) < MOST_ROWS:
        number = next_number(choices.case, listed)
        listed.append(number)
        newest = str(number)
    listed = [one for one in listed if str(one) != fields.get("plan_remove")]
    return {"plan_rows": ",".join(map(str, listed)), "newest": newest}
