"""The case's page and panel, and what people do on it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse

from api import guests
from api.acting import facts_of
from api.asks import Ask, InvalidFieldError, Outcome, Status, VersionNeededError
from api.casefile import open_reporter
from domain.decide import allowed
from domain.joint import NUMBER, case_of_task
from domain.refusal import Refusal
from domain.terms import Action, Role
from domain.visibility import may_read_reporter, may_read_words, reach_of
from domain.why import Why
from registry import attachments, casefile, links
from registry.cases import CaseNotFoundError
from registry.commands import KeyReusedError
from web.case_view import view
from web.choices import choices_of
from web.entered import read_class, read_seen, read_steps
from web.fields import CODE, BadFieldError
from web.forms import LABELS, Desk, action_forms, desk_of, filing_of
from web.frame import NOT_FOUND, Page, Reader, Reading
from web.joint_pages import joint_context
from web.merge_context import merge_context
from web.plan_form import place_of
from web.thread_view import talk_context
from web.uploads import BadPhotoError, fields_of, photos_once
from web.words import Words

router = APIRouter(route_class=Page, include_in_schema=False)
CaseNo = Annotated[str, Path(pattern=f"^{NUMBER}$")]
HISTORY_READERS = (Role.ADMIN, Role.SUPERVISOR, Role.COMMAND_CHIEF)
WAITING, REFUSED, WRONG = 202, 409, 422
"""Digits of a version, less one."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the page says of the last action."""

    tone: str
    words: str
    href: str = ""
    poll: str = ""
    reload: bool = False


def href_of(case_no: str, tab: str) -> str:
    """Where a case is shown: beside its board, or on a page of its own."""
    return f"/work?tab={tab}&case={case_no}" if tab else f"/cases/{case_no}"


async def case_context(
    reader: Reader,
    case_no: str,
    *,
    tab: str,
    said: Said | None = None,
    entered: Mapping[str, str] | None = None,
) -> dict[str, object]:
    """What the panel's template needs.

    Raises:
        CaseNotFoundError: There is no such case, or none that he may see.
    """
    services, words, actor = reader.services, reader.words, reader.actor
    entered = entered or {}
    async with services.sessions.begin() as session:
        book = await services.book(session)
        row = await services.acting.visible(session, case_no, actor, book)
        facts = await facts_of(session, row)
        file = await casefile.read(session, case_no)
        reach = reach_of(actor, book.units)
        linked = await links.links(session, file.row, reach)
        joint = await joint_context(session, file, book, words, reach)
    confidential = words.confidential(file.row.subclass)
    readable = may_read_words(reach, facts, confidential=confidential)
    can = allowed(file.case, actor, words.now, book)
    behalf = replace(actor, on_behalf_of=file.case.unit)
    entering = allowed(file.case, behalf, words.now, book) if file.case.unit else ()
    desk = desk_of(file.case, actor, can, words)
    chain = desk.chain if desk else ""
    async with services.sessions.begin() as session:
        actions = {one.action for one in can}
        linked_with = await merge_context(
            session, row, actor, book, words, readable=readable, can=actions
        )
        talk = await talk_context(session, reader, case_no)
        links_out = await guests.known(session, actor, row, book)
    return {
        **linked_with,
        **talk,
        "case": view(
            file,
            book,
            words,
            links=linked,
            readable=readable,
            temporal=_temporal(reader, case_no),
            whole=joint.whole,
            joint=joint.view if file.case.joint else None,
            task=joint.head,
            apart=joint.apart,
        ),
        "desk": desk,
        "filing": filing_of(desk, file.case, words),
        "aside": False,
        "forms": action_forms(can, entering, file.case, words, chain=chain, entered=entered),
        "behalf_unit": words.unit(file.case.unit) if file.case.unit else "",
        "field_label": LABELS,
        "choices": choices_of(
            file.case,
            book,
            words,
            reader=actor,
            subclass=_chosen_class(entered, words),
            grid=entered.get("grid", ""),
            scopes=joint.scopes,
        ),
        "entered": entered,
        "said": said or _waiting(file, tab, words),
        "tab": tab,
        "chosen": case_no,
        "contact": None,
        "links_out": links_out.concern,
        "may_contact": file.reporter and may_read_reporter(actor, row.grid),
    }


def _chosen_class(entered: Mapping[str, str], words: Words) -> str:
    try:
        return read_class(entered.get("subclass", ""), words)
    except BadFieldError:
        return ""


def _waiting(file: casefile.CaseFile, tab: str, words: Words) -> Said | None:
    """A note that something of the case waits for its verdict."""
    if not file.waiting:
        return None
    return _poll(file.row.case_no, file.waiting[-1].command_id, tab, words)


def _poll(case_no: str, command_id: UUID, tab: str, words: Words) -> Said:
    return Said(
        tone="wait",
        words=words.t("waiting_title"),
        href=href_of(case_no, tab),
        poll=f"/cases/{case_no}/commands/{command_id}?tab={tab}",
    )


def _temporal(reader: Reader, case_no: str) -> str:
    if not any(reader.actor.has(role) for role in HISTORY_READERS):
        return ""
    options = reader.services.options
    base = options.temporal_ui_url.rstrip("/")
    return f"{base}/namespaces/{options.temporal_namespace}/workflows/case-{case_no}"


def tab_of(given: Mapping[str, str]) -> str:
    """The tab that a form or an address names; empty for what can be none."""
    tab = given.get("tab", "")
    return tab if tab.isidentifier() else ""


@router.get("/cases/{case_no}")
async def show(case_no: CaseNo, reader: Reading) -> HTMLResponse:
    """The page of one case."""
    done = reader.request.query_params.get("done", "")
    said = _done(done, reader.words) if done else None
    entered = {
        name: reader.request.query_params[name]
        for name in ("subclass", "grid", "action")
        if name in reader.request.query_params
    }
    context = await case_context(reader, case_no, tab="", said=said, entered=entered)
    return reader.render("case.html", context)


@router.post("/cases/{case_no}/contact")
async def contact(case_no: CaseNo, reader: Reading) -> HTMLResponse:
    """The page with the reporter's name and number, for who may verify or call back; logged."""
    context = await case_context(reader, case_no, tab="")
    async with reader.services.sessions.begin() as session:
        row = await reader.services.acting.visible(
            session, case_no, reader.actor, await reader.services.book(session)
        )
        found = await open_reporter(
            session, row, reader.actor, reader.services.acting.sealer, purpose="case page"
        )
    return reader.render("case.html", context | {"contact": found})


@router.get("/cases/{case_no}/panel")
async def panel(case_no: CaseNo, reader: Reading) -> HTMLResponse:
    """The same, beside a board."""
    context = await case_context(reader, case_no, tab=tab_of(reader.request.query_params))
    return reader.render("_case.html", context)


@router.get("/cases/{case_no}/desk")
async def desk_form(case_no: CaseNo, reader: Reading) -> HTMLResponse:
    """The desk's form again, with the conditions and owners of what was just chosen."""
    entered = {
        name: value for name, value in reader.request.query_params.items() if name != "unit"
    }
    context = await case_context(reader, case_no, tab=entered.get("tab", ""), entered=entered)
    filing = context["filing"]
    if isinstance(filing, Desk) and filing.chain == entered.get("action"):
        context |= {"desk": filing, "aside": True}
    if context["desk"] is None:
        raise HTTPException(NOT_FOUND)
    return reader.render("_desk.html", context)


@router.get("/cases/{case_no}/fresh")
async def fresh(case_no: CaseNo, reader: Reading, seq: int) -> Response:
    """Nothing while the page is up to date; else a note with a button."""
    async with reader.services.sessions.begin() as session:
        book = await reader.services.book(session)
        row = await reader.services.acting.visible(session, case_no, reader.actor, book)
    if row.seq == seq:
        return Response(status_code=204)
    return reader.render(
        "_fresh.html", {"href": href_of(case_no, tab_of(reader.request.query_params))}
    )


@router.post("/cases/{case_no}/act")
async def act(case_no: CaseNo, reader: Reading) -> Response:
    """Ask for an action or a chain; sent twice, it is one."""
    form = await reader.request.form()
    fields = fields_of(form)
    tab = tab_of(fields)
    principal = reader.actor.person
    try:
        key = fields.get("key", "")
        photos = await photos_once(form, reader.services, principal, key)
        outcome = await reader.services.acting.act(
            Ask(
                case_no=case_no,
                actor=reader.actor,
                principal=principal,
                idempotency_key=key,
                steps=read_steps(fields, photos, reader.words),
                seen=read_seen(fields),
                on_behalf_of=_behalf(fields),
            )
        )
    except CaseNotFoundError:
        raise
    except (
        BadFieldError,
        BadPhotoError,
        InvalidFieldError,
        KeyReusedError,
        VersionNeededError,
    ) as error:
        said = Said(tone="bad", words=_problem(error, reader.words))
        row = error.row if isinstance(error, BadFieldError) else 0
        wrong = {"wrong": _wrong(error)} | ({"wrong_at": str(row)} if row else {})
        wrong["wrong_says"] = said.words
        return await _again(reader, case_no, tab, said, WRONG, fields | wrong)
    return await _answer(reader, outcome, tab, fields)


def _behalf(fields: Mapping[str, str]) -> str:
    unit = fields.get("on_behalf_of", "")
    if not CODE.fullmatch(unit):
        raise BadFieldError("unit")
    return unit


def _wrong(error: Exception) -> str:
    """The field that an error is about."""
    match error:
        case BadFieldError():
            return error.field
        case BadPhotoError():
            return "photos"
        case InvalidFieldError():
            named = [one for one in error.pointer.split("/") if one.isidentifier()]
            return next((one for one in named if one != "steps"), "")
        case _:
            return ""


def _problem(error: Exception, words: Words) -> str:
    known = {KeyReusedError: "key_reused", VersionNeededError: "version_needed"}
    match error:
        case BadFieldError(field=name, row=row) if row:
            wrong = words.t("bad_field", field=words.field(name))
            return f"{words.t('plan_task', n=row)}: {wrong}"
        case BadFieldError(field=name):
            key = "bad_class" if name == "subclass" else "bad_field"
            return words.t(key, field=words.field(name))
        case BadPhotoError():
            return words.t("bad_photo", problem=error)
        case InvalidFieldError() if error.zh and words.language == "zh":
            return error.zh
        case _:
            return words.t(known.get(type(error), "bad_field"), field=error)


async def _answer(
    reader: Reader, outcome: Outcome, tab: str, fields: Mapping[str, str]
) -> Response:
    words, case_no = reader.words, outcome.case_no
    if outcome.status is Status.REFUSED and outcome.refusal is not None:
        said = _refused(outcome.refusal, words, href_of(case_no, tab))
        fields = dict(fields) | {
            "wrong": outcome.refusal.values.get("field", ""),
            "wrong_at": place_of(outcome.refusal, fields) if "plan_rows" in fields else "",
            "wrong_says": said.words,
        }
        return await _again(reader, case_no, tab, said, REFUSED, fields)
    if outcome.status is Status.WAITING and outcome.command_id is not None:
        said = _poll(case_no, outcome.command_id, tab, words)
        return await _again(reader, case_no, tab, said, WAITING, {})
    action = fields.get("action", "")
    if not reader.partial:
        mark = f"&done={action}" if tab else f"?done={action}"
        return RedirectResponse(href_of(case_no, tab) + mark.replace("+", "%2B"), 303)
    return await _again(reader, case_no, tab, _done(action, words), 200, {})


def _refused(refusal: Refusal, words: Words, href: str) -> Said:
    """A refusal in plain words; what is stale can be loaded again."""
    return Said(
        tone="bad",
        words=words.refusal(refusal),
        href=href,
        reload=refusal.why in {Why.STALE, Why.ILLEGAL, Why.FINAL, Why.FORBIDDEN},
    )


def _done(action: str, words: Words) -> Said | None:
    known = [Action(one) for one in action.split("+") if one in set(Action)]
    if not known:
        return None
    said = words.joined(words.label(one) for one in known)
    return Said(tone="good", words=words.t("done", action=said))


async def _again(  # noqa: PLR0913, PLR0917  an answer is these values
    reader: Reader,
    case_no: str,
    tab: str,
    said: Said | None,
    status: int,
    entered: Mapping[str, str],
) -> Response:
    """The panel again, as a part or as a page of its own."""
    try:
        context = await case_context(reader, case_no, tab=tab, said=said, entered=entered)
    except CaseNotFoundError:  # done, and no longer his to see
        return reader.render("_said.html", {"said": said}, status=status)
    template = "_case.html" if reader.partial else "case.html"
    response = reader.render(template, context, status=status)
    response.headers["HX-Trigger"] = "board-changed"
    return response


@router.get("/cases/{case_no}/commands/{command_id}")
async def command(case_no: CaseNo, command_id: UUID, reader: Reading) -> Response:
    """How a written-down action stands: the panel, polled while it waits."""
    tab = tab_of(reader.request.query_params)
    outcome = await reader.services.acting.look(command_id)
    if outcome is None or outcome.case_no != case_no:
        raise HTTPException(NOT_FOUND)
    if outcome.status is Status.WAITING:
        said: Said | None = _poll(case_no, command_id, tab, reader.words)
    elif outcome.refusal is not None:
        said = _refused(outcome.refusal, reader.words, href_of(case_no, tab))
    else:
        said = None
    return await _again(reader, case_no, tab, said, 200, {})


def _whole(number: str) -> str:
    """The case that a number is of: its own, or of a task the joint case's."""
    return case_of_task(number) or number


@router.get("/cases/{case_no}/photos/{photo_id}")
async def photo(case_no: CaseNo, photo_id: UUID, reader: Reading) -> Response:
    """A photo of a case he may see."""
    services = reader.services
    async with services.sessions.begin() as session:
        book = await services.book(session)
        row = await services.acting.visible(session, case_no, reader.actor, book)
        facts = await facts_of(session, row)
        found = await attachments.find(session, photo_id)
    readable = may_read_words(
        reach_of(reader.actor, book.units),
        facts,
        confidential=reader.words.confidential(row.subclass),
    )
    bound = (found.case_no or "") if found else ""
    if found is None or _whole(bound) != _whole(case_no) or not readable:
        raise HTTPException(NOT_FOUND)
    return Response(
        await services.files.get(photo_id),
        media_type=found.media_type,
        headers={"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"},
    )
