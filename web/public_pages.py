"""Pages for citizens: report, receipt, tracking. They need no script and no account."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Response
from starlette.datastructures import FormData
from uuid_utils.compat import uuid4

from api.asks import (
    Ask,
    InvalidFieldError,
    NewReport,
    Outcome,
    OutsideDistrictError,
    Status,
    VersionNeededError,
)
from api.dependencies import check_site, client_address
from api.limiting import TooManyTriesError
from api.track import by_code
from api.wishes import CITIZEN, as_code
from domain.command import Step
from domain.decide import allowed
from domain.people import REPORTER
from domain.terms import Action, Solved
from registry import casefile
from registry.asked import open_questions
from registry.casefile import CaseFile
from registry.cases import CaseNotFoundError
from registry.commands import KeyReusedError
from registry.intake import Contact
from registry.replies import replies
from web.choices import listed_reasons
from web.entered import needs_of, read_seen
from web.fields import BadFieldError
from web.frame import Page, Reader, Reading
from web.report_form import ENTERED, check, entered_of, form_context
from web.track_view import track_view
from web.uploads import BadPhotoError, fields_of, photos_once, spot_of, text_of

router = APIRouter(route_class=Page, include_in_schema=False)
PUBLIC_ACTIONS = (
    Action.REPLY,
    Action.RATE,
    Action.REOPEN,
    Action.ASK_REVIEW,
    Action.SUPPLEMENT,
    Action.URGE,
    Action.WITHDRAW,
    Action.REQUEST_WITHDRAW,
)
"""What a reporter can ask for by his code."""
MOST_SAID = 1000


@router.get("/")
async def landing(reader: Reading) -> Response:
    """Where a citizen starts."""
    return reader.render("landing.html")


# Report ---------------------------------------------------------------------------------


@router.get("/report")
async def report_form(reader: Reading) -> Response:
    """The form."""
    return _report_form(reader, dict.fromkeys(ENTERED, ""), {}, 200)


def _report_form(
    reader: Reader, entered: Mapping[str, str], errors: Mapping[str, str], status: int
) -> Response:
    context = form_context(entered, errors, reader.words, public=True)
    return reader.render("report.html", context, status=status)


@router.post("/report")
async def report(reader: Reading) -> Response:
    """Take a report in; sent twice, it is one."""
    request, words = reader.request, reader.words
    check_site(request)
    form = await request.form()
    entered = entered_of(form)
    entered["key"] = entered["key"] or str(uuid4())
    errors, subclass = check(entered, words)
    spot = spot_of(form)
    photos: tuple[str, ...] = ()
    if not errors:
        try:
            photos = await photos_once(form, reader.services, CITIZEN, entered["key"])
        except BadPhotoError as error:
            errors["photos"] = words.t("bad_photo", problem=error)
    if errors:
        return _report_form(reader, entered, errors, 422)
    new = NewReport(
        actor=REPORTER,
        principal=CITIZEN,
        idempotency_key=entered["key"],
        words=entered["words"],
        address=entered["address"],
        point=(spot.lon, spot.lat) if spot else None,
        contact=Contact(name=entered["name"], phone=entered["phone"]),
        subclass=subclass,
        grid=entered["grid"],
        photos=photos,
    )
    try:
        made = await reader.services.acting.report(new)
    except OutsideDistrictError:
        return _report_form(reader, entered, {"address": words.t("need_place")}, 422)
    except InvalidFieldError as error:
        name = error.pointer.strip("/").split("/")[0]
        problem = {name: words.t("bad_field", field=error)}
        return _report_form(reader, entered, problem, 422)
    except KeyReusedError:
        entered["key"] = ""
        return _report_form(reader, entered, {"words": words.t("key_reused")}, 409)
    context = {"case_no": made.case_no, "code": made.tracking_code}
    return reader.render("receipt.html", context)


# Track ----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Note:
    """What the page says of the last action."""

    tone: str
    words: str


@router.get("/track")
async def track_form(reader: Reading) -> Response:
    """The form for number and code."""
    return reader.render("track.html", {"problem": "", "case_no": ""})


@router.post("/track")
async def track(reader: Reading) -> Response:
    """How a report stands."""
    check_site(reader.request)
    form = await reader.request.form()
    return await _track_page(reader, form, None)


@router.post("/track/{action}")
async def track_act(action: Action, reader: Reading) -> Response:
    """What a reporter asks for by his code: reply, rate, urge and so on."""
    check_site(reader.request)
    form = await reader.request.form()
    opened = await _open(reader, form)
    if isinstance(opened, Response):
        return opened
    words, key = reader.words, text_of(form, "key") or str(uuid4())
    if action not in PUBLIC_ACTIONS:
        return await _track_page(reader, form, None)
    try:
        photos = await photos_once(form, reader.services, CITIZEN, key)
        outcome = await reader.services.acting.act(
            Ask(
                case_no=opened.case.case_no,
                actor=REPORTER,
                principal=CITIZEN,
                idempotency_key=key,
                steps=(_public_step(action, form, photos),),
                seen=read_seen(fields_of(form)),
            )
        )
    except VersionNeededError:
        note = Note(tone="bad", words=words.t("version_needed"))
    except BadPhotoError as error:
        note = Note(tone="bad", words=words.t("bad_photo", problem=error))
    except KeyReusedError:
        note = Note(tone="bad", words=words.t("track_sent_before"))
    except BadFieldError as error:
        note = Note(tone="bad", words=words.t("bad_field", field=words.field(error.field)))
    else:
        note = _note(outcome, reader)
    return await _track_page(reader, form, note)


def _public_step(action: Action, form: FormData, photos: tuple[str, ...]) -> Step:
    """The step that a reporter asks for.

    Raises:
        BadFieldError: A field has a value that cannot be read.
    """
    mine = needs_of((action,))
    said = {name: text_of(form, name, MOST_SAID) for name in mine}
    solved, score = said.get("solved", ""), said.get("score", "")
    if solved and solved not in set(Solved):
        raise BadFieldError("solved")
    if score and score not in {"1", "2", "3", "4", "5"}:
        raise BadFieldError("score")
    return Step(
        action=action,
        reason=said.get("reason", "")[:64],
        text=said.get("text", ""),
        photos=photos if "photos" in mine else (),
        solved=Solved(solved) if solved else None,
        score=int(score or 0),
    )


def _note(outcome: Outcome, reader: Reader) -> Note:
    words = reader.words
    if outcome.status is Status.REFUSED and outcome.refusal is not None:
        why = words.refusal(outcome.refusal)
        return Note(tone="bad", words=words.t("track_refused", why=why))
    if outcome.status is Status.WAITING:
        return Note(tone="wait", words=words.t("track_waiting"))
    return Note(tone="good", words=words.t("track_done"))


async def _open(reader: Reader, form: FormData) -> CaseFile | Response:
    """The case that number and code open together; else the form again."""
    words, services = reader.words, reader.services
    case_no = re.sub(r"\D", "", text_of(form, "case_no", 40))
    address, code = client_address(reader.request), text_of(form, "code", 60)
    try:
        async with services.sessions.begin() as session:
            await by_code(session, services, address, case_no, code)
            return await casefile.read(session, case_no)
    except TooManyTriesError:
        context = {"problem": words.t("track_slow"), "case_no": case_no}
        return reader.render("track.html", context, status=429)
    except CaseNotFoundError:
        context = {"problem": words.t("track_wrong"), "case_no": case_no}
        return reader.render("track.html", context, status=404)


async def _track_page(reader: Reader, form: FormData, said: Note | None) -> Response:
    opened = await _open(reader, form)
    if isinstance(opened, Response):
        return opened
    services, words = reader.services, reader.words
    async with services.sessions.begin() as session:
        book = await services.book(session)
        answers = await replies(session, opened.row)
        asked = await open_questions(session, opened.case)
    can = {one.action for one in allowed(opened.case, REPORTER, words.now, book)}
    flow = book.flow_of(opened.case)
    context = {
        "case_no": opened.case.case_no,
        "code": as_code(text_of(form, "code", 60)),
        "seen": opened.case.version,
        "view": track_view(opened, book, words, replies=answers, asked=asked),
        "can": [one.value for one in PUBLIC_ACTIONS if one in can],
        "said": said,
        "solved": [(one.value, words.label(one)) for one in Solved],
        "reason_lists": {
            action: [
                (code, name.of(words.language))
                for code, name in listed_reasons(action, flow, words)
            ]
            for action in ("reopen", "request_withdraw")
        },
    }
    return reader.render("track_case.html", context)
