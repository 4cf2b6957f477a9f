"""Many cases and tasks at once: choose on a board, check, confirm, read what became of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import uuid4

from fastapi import APIRouter, Response
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse

from api.together import (
    MOST_CASES,
    Batch,
    Chosen,
    Ended,
    One,
    Result,
    act_on_all,
    counts,
    look_at,
)
from domain.book import Book
from domain.terms import Action
from domain.visibility import may_read_words, reach_of
from registry.batches import BatchKeyReusedError
from web.case_pages import tab_of
from web.entered import read_steps
from web.fields import BadFieldError
from web.forms import LABELS
from web.frame import Page, Reader, Reading
from web.many_view import (
    ManyForm,
    Picked,
    PickedView,
    Stub,
    common,
    form_of,
    picked_of,
    picked_view,
    result_view,
    shared_choices,
    together,
    ways_of,
)
from web.uploads import fields_of
from web.words import Words

router = APIRouter(route_class=Page, include_in_schema=False)
MANY = "/work/many"
WRONG, REUSED = 422, 409
ANY = "any"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """The ticked cases as they stand now."""

    picked: Sequence[Picked]
    chosen: Sequence[Chosen]
    book: Book


async def _look(reader: Reader, picked: Sequence[Picked]) -> Seen:
    numbers = [one.case_no for one in picked[:MOST_CASES]]
    async with reader.services.sessions.begin() as session:
        book = await reader.services.book(session)
        chosen = await look_at(session, numbers, reader.actor, book)
    place = {number: index for index, number in enumerate(numbers)}
    return Seen(
        picked=picked,
        chosen=sorted(chosen, key=lambda one: place[one.row.case_no]),
        book=book,
    )


# On the board ---------------------------------------------------------------------------


async def board_boxes(reader: Reader, numbers: Sequence[str], book: Book) -> dict[str, object]:
    """What a board needs when boxes are shown: which lines have one, and what they are for."""
    query, words = reader.request.query_params, reader.words
    wanted = query.get("many", "")
    if not wanted:
        return {"many": "", "boxes": {}, "all": False}
    async with reader.services.sessions.begin() as session:
        chosen = await look_at(session, numbers, reader.actor, book)
    can = {one.row.case_no: together(one) for one in chosen}
    times = {action: sum(action in one for one in can.values()) for action in Action}
    known = wanted if wanted in set(Action) else ANY
    boxes = {
        one.row.case_no: f"{one.row.case_no}.{one.row.version}"
        for one in chosen
        if can[one.row.case_no] and (known == ANY or Action(known) in can[one.row.case_no])
    }
    ticked = query.get("all") == "1"
    return {
        "many": known,
        "boxes": boxes,
        "all": ticked,
        "many_ways": [
            (one.value, f"{words.label(one)} ({times[one]})")
            for one in Action
            if times[one] or one.value == known
        ],
        "bar": _bar([one for one in chosen if ticked and one.row.case_no in boxes], words),
    }


def _bar(chosen: Sequence[Chosen], words: Words) -> dict[str, object]:
    too_many = len(chosen) > MOST_CASES
    return {
        "count": len(chosen),
        "ways": ways_of([] if too_many else common(chosen), words),
        "problem": words.t("many_too_many", most=MOST_CASES) if too_many else "",
    }


@router.get(f"{MANY}/bar")
async def bar(reader: Reading) -> Response:
    """The bar again: what can be done with all that are ticked."""
    picked = picked_of(reader.request.query_params.getlist("case"))
    seen = await _look(reader, picked)
    shown = _bar(seen.chosen, reader.words)
    if len(picked) > MOST_CASES:
        problem = reader.words.t("many_too_many", most=MOST_CASES)
        shown |= {"count": len(picked), "ways": ways_of([], reader.words), "problem": problem}
    return reader.render("_many_bar.html", {"bar": shown})


# The form -------------------------------------------------------------------------------


@router.get(MANY)
async def form(reader: Reading) -> Response:
    """The form for the chosen action; without one, the actions to choose from."""
    query = reader.request.query_params
    fields = {"action": query.get("action", ""), "tab": tab_of(query)}
    return await _form(reader, picked_of(query.getlist("case")), fields, "", 200)


async def _form(
    reader: Reader,
    picked: Sequence[Picked],
    fields: Mapping[str, str],
    problem: str,
    status: int,
) -> Response:
    """The form; with the fields as they were entered when there is a problem."""
    words = reader.words
    seen = await _look(reader, picked)
    if len(picked) > MOST_CASES:
        problem, status = words.t("many_too_many", most=MOST_CASES), WRONG
    named = fields.get("action", "")
    action = Action(named) if named in set(Action) else None
    fit = [one for one in seen.chosen if action in together(one)] if action else []
    context: dict[str, object] = {
        "tab": tab_of(fields),
        "problem": problem,
        "key": str(uuid4()) if status == REUSED else fields.get("key") or str(uuid4()),
        "picked": [],
        "left_out": [],
        "form": None,
        "ways": ways_of(common(seen.chosen), words),
        "values": [f"{one.row.case_no}.{one.row.version}" for one in seen.chosen],
        "count": len(seen.chosen),
    }
    if action is not None and fit and len(picked) <= MOST_CASES:
        many = form_of(action, fit, words)
        context |= {
            "form": many,
            "count": len(fit),
            "picked": _views(fit, seen, reader),
            "left_out": _views([one for one in seen.chosen if one not in fit], seen, reader),
            "case": Stub(
                no=fit[0].row.case_no,
                parent="" if any(not one.case.parent for one in fit) else fit[0].case.parent,
            ),
            "choices": shared_choices(action, fit, seen.book, words, reader.actor),
            "entered": fields,
            "field_label": LABELS,
        }
    return reader.render("many.html", context, status=status)


def _views(chosen: Sequence[Chosen], seen: Seen, reader: Reader) -> list[PickedView]:
    """The cases as the form lists them, each with the version that was seen."""
    versions = {one.case_no: one.seen for one in seen.picked}
    reach = reach_of(reader.actor, seen.book.units)
    found = []
    for one in chosen:
        confidential = reader.words.confidential(one.row.subclass)
        readable = may_read_words(reach, one.facts, confidential=confidential)
        version = versions.get(one.row.case_no)
        found.append(
            picked_view(
                one,
                reader.words,
                seen=one.row.version if version is None else version,
                readable=readable,
            )
        )
    return found


# Confirmed ------------------------------------------------------------------------------


@router.post(MANY)
async def confirm(reader: Reading) -> Response:
    """Act on each case; the same form again answers how they stand and adds nothing."""
    form = await reader.request.form()
    fields, picked = fields_of(form), picked_of(_cases(form))
    if reader.signed is None:
        return _to_sign_in(fields, picked)
    words = reader.words
    if not picked or len(picked) > MOST_CASES:
        problem = words.t("many_too_many", most=MOST_CASES) if picked else words.t("many_empty")
        return await _form(reader, picked, fields, problem, WRONG)
    try:
        steps = read_steps(fields, (), words)
    except BadFieldError as error:
        problem = words.t("many_bad", field=words.field(error.field))
        entered = {**fields, "wrong": error.field}
        return await _form(reader, picked, entered, problem, WRONG)
    many = form_of(steps[0].action, (), words)
    if many.sure and not fields.get("sure"):
        return await _form(reader, picked, fields, words.t("many_sure"), WRONG)
    try:
        results = await act_on_all(
            reader.services.acting,
            Batch(
                actor=reader.actor,
                principal=reader.actor.person,
                key=fields.get("key", "") or str(uuid4()),
                ones=[One(case_no=one.case_no, seen=one.seen, steps=steps) for one in picked],
            ),
        )
    except BatchKeyReusedError:
        return await _form(reader, picked, fields, words.t("many_key"), REUSED)
    return _results(reader, many, results, form)


def _cases(form: FormData) -> list[str]:
    return [one for one in form.getlist("case") if isinstance(one, str)]


def _to_sign_in(fields: Mapping[str, str], picked: Sequence[Picked]) -> Response:
    """Sign in first; the choice comes along in the address, what was typed is kept nowhere."""
    chosen = [
        ("case", f"{one.case_no}.{one.seen}" if one.seen is not None else one.case_no)
        for one in picked[:MOST_CASES]
    ]
    said = [(name, fields.get(name, "")) for name in ("action", "tab")]
    back = f"{MANY}?{urlencode([*said, *chosen])}"
    return RedirectResponse(f"/sign-in?{urlencode({'next': back})}", status_code=303)


def _results(
    reader: Reader, many: ManyForm, results: Sequence[Result], form: FormData
) -> Response:
    words, tab = reader.words, tab_of(fields_of(form))
    found = counts(results)
    rest = [
        ("case", f"{one.case_no}.{one.outcome.version}")
        for one in results
        if one.outcome is not None and one.ended is Ended.REFUSED
    ]
    context = {
        "tab": tab,
        "form": many,
        "counts": [
            (end.value, words.t(f"many_{end}", n=number))
            for end, number in found.items()
            if number
        ],
        "results": [result_view(one, words) for one in results],
        "waiting": found[Ended.WAITING],
        "repeat": [
            (name, value)
            for name, value in form.multi_items()
            if isinstance(value, str) and name != "csrf"
        ],
        "refused": len(rest),
        "try_rest": f"{MANY}?{urlencode([('tab', tab), *rest])}",
    }
    template = "_many_results.html" if reader.partial else "many_results.html"
    return reader.render(template, context)
