"""The form in which the centre, grid members and departments enter a report."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import uuid4

from fastapi import APIRouter, Response
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from api.asks import (
    AlreadyReportedError,
    InvalidFieldError,
    NewReport,
    OutsideDistrictError,
    ReportRefusedError,
    SourceNotAllowedError,
)
from api.entering import wrong
from domain.book import Book
from domain.command import Step
from domain.terms import Action, Role, Source
from registry.commands import KeyReusedError
from registry.intake import Contact
from web.entered import instant, read_class
from web.entry_view import (
    details_of,
    on_the_spot,
    read_answers,
    source_views,
)
from web.fields import CODE, BadFieldError
from web.frame import FORBIDDEN, Page, Reader, Reading
from web.report_form import ENTERED, check, entered_of, form_context
from web.sources import sources_for
from web.uploads import BadPhotoError, photos_once, spot_of
from web.words import Words

router = APIRouter(route_class=Page, include_in_schema=False)
ENTRY = "/work/report"
OWN = (
    "source",
    "condition",
    "urgent",
    "drill",
    "upstream_no",
    "upstream_due",
    "return_until",
    "device",
    "self_handled",
    "handled_text",
)
WRONG, REUSED = 422, 409
BEFORE_AND_AFTER = 2


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A form as it was sent, and what the sender may do with it."""

    form: FormData
    entered: Mapping[str, str]
    sources: tuple[Source, ...]
    book: Book

    @property
    def source(self) -> Source | None:
        """The chosen source; the first when none is chosen."""
        named = self.entered["source"]
        if not named:
            return self.sources[0]
        return next((one for one in self.sources if one.value == named), None)


async def _entry(reader: Reader, form: FormData) -> Entry:
    """The form as it is.

    Raises:
        HTTPException: He enters no reports.
    """
    async with reader.services.sessions.begin() as session:
        book = await reader.services.book(session)
    sources = sources_for(reader.actor, book)
    if not sources:
        raise HTTPException(FORBIDDEN)
    return Entry(form=form, entered=entered_of(form, ENTERED + OWN), sources=sources, book=book)


@router.get(ENTRY)
async def entry_form(reader: Reading) -> Response:
    """The form; `source` in the address chooses one."""
    entry = await _entry(reader, FormData(dict(reader.request.query_params)))
    if entry.source is None:
        entry = replace(entry, entered={**entry.entered, "source": ""})
    return _form(reader, entry, {}, 200)


@router.post(f"{ENTRY}/details")
async def details(reader: Reading) -> Response:
    """What the chosen source, class and answers ask for; nothing is written down."""
    entry = await _entry(reader, await reader.request.form())
    return reader.render("_entry_details.html", _context(reader, entry, {}))


def _form(reader: Reader, entry: Entry, errors: Mapping[str, str], status: int) -> Response:
    return reader.render("entry.html", _context(reader, entry, errors), status=status)


def _context(reader: Reader, entry: Entry, errors: Mapping[str, str]) -> dict[str, object]:
    words, source = reader.words, entry.source
    try:
        subclass = read_class(entry.entered["subclass"], words)
    except BadFieldError:
        subclass = ""
    return form_context(entry.entered, errors, words, public=False) | {
        "sources": source_views(entry.sources, words),
        "source": source.value if source else "",
        "details": details_of(source, subclass, entry.form, entry.book, words),
        "on_the_spot": on_the_spot(reader.actor),
        "may_drill": reader.actor.has(Role.DUTY_CHIEF),
        "may_self_handle": reader.actor.has(Role.GRID_MEMBER),
    }


# Sent -----------------------------------------------------------------------------------


@router.post(ENTRY)
async def enter(reader: Reading) -> Response:
    """Take a report in; sent twice, it is one."""
    form = await reader.request.form()
    if reader.signed is None:
        return RedirectResponse(f"/sign-in?next={ENTRY}", status_code=303)
    entry = await _entry(reader, form)
    if "update" in form:
        return _form(reader, entry, {}, 200)
    key = entry.entered["key"] or str(uuid4())
    entry = replace(entry, entered={**entry.entered, "key": key})
    new, errors = _read(entry, reader)
    if new is not None and not errors:
        try:
            photos = await photos_once(form, reader.services, reader.actor.person, key)
        except BadPhotoError as error:
            errors["photos"] = reader.words.t("bad_photo", problem=error)
        else:
            new = _with_photos(new, photos)
            if new.then and len(set(photos)) < BEFORE_AND_AFTER:
                errors["photos"] = reader.words.t("entry_need_two")
    if new is None or errors:
        return _form(reader, entry, errors, WRONG)
    return await _send(reader, entry, new)


async def _send(reader: Reader, entry: Entry, new: NewReport) -> Response:
    words = reader.words
    try:
        made = await reader.services.acting.report(new)
    except OutsideDistrictError:
        problem = {"address": words.t("need_place")}
    except SourceNotAllowedError:
        problem = {"source": words.t("entry_bad_source")}
    except AlreadyReportedError as error:
        problem = {"upstream_no": _said(error, words)}
    except InvalidFieldError as error:
        problem = dict([_of_field(error, words)])
    except ReportRefusedError as error:
        problem = {"self_handled": words.refusal(error.refusal)}
    except KeyReusedError:
        entry = replace(entry, entered={**entry.entered, "key": ""})
        return _form(reader, entry, {"words": words.t("key_reused")}, REUSED)
    else:
        context = {
            "case_no": made.case_no,
            "code": made.tracking_code,
            "unlocated": made.unlocated,
            "next": f"{ENTRY}?source={entry.source}",
        }
        return reader.render("entry_done.html", context)
    return _form(reader, entry, problem, WRONG)


def _read(entry: Entry, reader: Reader) -> tuple[NewReport | None, dict[str, str]]:
    """The report of a form, and what is wrong with it by field."""
    words, entered, book = reader.words, entry.entered, entry.book
    errors, subclass = check(entered, words)
    if entry.source is None:
        return None, errors | {"source": words.t("entry_bad_source")}
    times = {}
    for name in ("upstream_due", "return_until"):
        try:
            times[name] = instant(name, entered)
        except BadFieldError:
            errors[name] = words.t("entry_bad_time")
    for name in ("upstream_no", "device"):
        if not CODE.fullmatch(entered[name]):
            errors[name] = words.t("entry_bad_code")
    known = book.subclass(0, subclass)
    number = int(entered["condition"]) if entered["condition"].isdecimal() else 0
    if number and (known is None or known.condition(number) is None):
        errors["condition"] = words.t("entry_bad_condition")
    spot = spot_of(entry.form) if on_the_spot(reader.actor) else None
    handled = bool(entered["self_handled"]) and reader.actor.has(Role.GRID_MEMBER)
    if handled and spot is None:
        errors["self_handled"] = words.t("entry_need_spot")
    new = NewReport(
        actor=reader.actor,
        principal=reader.actor.person,
        idempotency_key=entered["key"],
        words=entered["words"],
        address=entered["address"],
        point=(spot.lon, spot.lat) if spot else None,
        contact=Contact(name=entered["name"], phone=entered["phone"]),
        source=entry.source,
        subclass=subclass,
        condition=number,
        grid=entered["grid"],
        urgent=True if entered["urgent"] else None,
        drill=bool(entered["drill"]),
        upstream_no=entered["upstream_no"],
        upstream_due=times.get("upstream_due"),
        return_until=times.get("return_until"),
        device=entered["device"],
        answers=read_answers(entry.form, known.questions if known else ()),
        then=(Step(action=Action.SELF_HANDLE, text=entered["handled_text"]),)
        if handled
        else (),
    )
    found = dict(_of_field(one, words) for one in wrong(new, entry.source, book, words.now))
    return new, found | errors


def _with_photos(new: NewReport, photos: tuple[str, ...]) -> NewReport:
    then = tuple(replace(step, photos=photos) for step in new.then)
    return replace(new, photos=photos, then=then)


def _of_field(error: InvalidFieldError, words: Words) -> tuple[str, str]:
    """A field's name in the form, and the sentence."""
    name, _, key = error.pointer.strip("/").partition("/")
    return (f"answer.{key}" if name == "answers" else name), _said(error, words)


def _said(error: InvalidFieldError | AlreadyReportedError, words: Words) -> str:
    return error.zh if words.language == "zh" and error.zh else str(error)
