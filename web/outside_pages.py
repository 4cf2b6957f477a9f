"""Outside hands: the one page that a link opens, and the page on which a unit gives links."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from fastapi import APIRouter, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException
from uuid_utils.compat import uuid4

from api import guests as giving
from api.asks import Ask, Outcome, Status, VersionNeededError
from api.dependencies import check_site, client_address
from api.guests import NewLink, Opened
from api.limiting import TooManyTriesError
from api.problems import (
    ConfidentialWorkError,
    DrillApartError,
    NotYourWorkError,
    NoWorkError,
    sentence,
)
from domain.case import Case
from domain.decide import Allowed, allowed
from domain.guests import GUEST_ACTIONS
from domain.joint import case_of_task
from domain.terms import Action, Result
from registry import attachments, casefile, cases, guests
from registry.commands import KeyReusedError
from registry.guests import Closed, GuestLinkError, TooManyLinksError
from registry.tables_case import CaseRow
from web.case_pages import CaseNo
from web.choices import open_stages
from web.entered import read_seen, read_steps
from web.fields import BadFieldError
from web.frame import FORBIDDEN, NOT_FOUND, Page, Reader, Reading
from web.public_pages import Note
from web.uploads import BadPhotoError, fields_of, photos_once, text_of

router = APIRouter(route_class=Page, include_in_schema=False)
SECRECY = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
"""The address is the key: it goes nowhere."""
MOST_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class Work:
    """What outside hands see of a piece of work."""

    opened: Opened
    case: Case
    of: CaseRow
    can: tuple[Allowed, ...]
    photos: Sequence[UUID]
    stages: Sequence[tuple[str, str]]


# The page of a link -----------------------------------------------------------------------


@router.get("/outside/{secret}")
async def show(secret: str, reader: Reading) -> Response:
    """The work, and what can be done now."""
    return await _page(reader, secret, None)


@router.post("/outside/{secret}/act")
async def act(secret: str, reader: Reading) -> Response:
    """Sign, start, add photos, say that it is done; sent twice, it is one."""
    check_site(reader.request)
    form = await reader.request.form()
    fields = fields_of(form)
    work = await _open(reader, secret)
    if isinstance(work, Response):
        return work
    words, key = reader.words, text_of(form, "key") or str(uuid4())
    actor = work.opened.actor
    try:
        photos = await photos_once(form, reader.services, actor.person, key)
        steps = read_steps(fields, photos, words)
        if any(one.action not in GUEST_ACTIONS for one in steps):
            raise HTTPException(FORBIDDEN)
        outcome = await reader.services.acting.act(
            Ask(
                case_no=work.case.case_no,
                actor=actor,
                principal=actor.person,
                idempotency_key=key,
                steps=steps,
                seen=read_seen(fields),
            )
        )
    except VersionNeededError:
        said = Note(tone="bad", words=words.t("version_needed"))
    except BadPhotoError as error:
        said = Note(tone="bad", words=words.t("bad_photo", problem=error))
    except BadFieldError as error:
        said = Note(tone="bad", words=words.t("bad_field", field=words.field(error.field)))
    except KeyReusedError:
        said = Note(tone="bad", words=words.t("key_reused"))
    else:
        said = _said(outcome, reader, ", ".join(words.label(one.action) for one in steps))
    return await _page(reader, secret, said)


@router.get("/outside/{secret}/photo/{attachment_id}")
async def photo(secret: str, attachment_id: UUID, reader: Reading) -> Response:
    """A photo of the work."""
    work = await _open(reader, secret)
    if isinstance(work, Response):
        return work
    async with reader.services.sessions() as session:
        row = await attachments.find(session, attachment_id)
    mine = {work.case.case_no, work.of.case_no}
    if row is None or row.case_no not in mine:
        raise HTTPException(NOT_FOUND)
    content = await reader.services.files.get(attachment_id)
    headers = SECRECY | {"Cache-Control": "no-store"}
    return Response(content, media_type=row.media_type, headers=headers)


async def _open(reader: Reader, secret: str) -> Work | Response:
    """What a link opens; else the page that says why it opens nothing."""
    words, services = reader.words, reader.services
    try:
        async with services.sessions.begin() as session:
            address = client_address(reader.request)
            opened = await giving.opened(session, services, address, secret[:80])
            return await _work(session, reader, opened)
    except TooManyTriesError:
        return _closed(reader, words.t("outside_slow"), "", 429)
    except GuestLinkError as error:
        if error.why is Closed.OVER:
            return _closed(reader, words.t("outside_over"), "", 410)
        hint = words.t("outside_unknown_hint")
        return _closed(reader, words.t(f"outside_{error.why}"), hint, NOT_FOUND)


async def _work(session: AsyncSession, reader: Reader, opened: Opened) -> Work:
    book = await reader.services.book(session)
    file = await casefile.read(session, opened.row.case_no)
    parent = case_of_task(opened.row.case_no)
    of = await session.get_one(CaseRow, parent) if parent else opened.row
    can = allowed(file.case, opened.actor, reader.words.now, book)
    order = {action: number for number, action in enumerate(GUEST_ACTIONS)}
    mine = sorted(
        (one for one in can if one.action in order), key=lambda one: order[one.action]
    )
    photos = await attachments.bound_to_one_of(session, {file.case.case_no, of.case_no})
    return Work(
        opened=opened,
        case=file.case,
        of=of,
        can=tuple(mine),
        photos=photos,
        stages=open_stages(file.case, book, reader.words),
    )


def _closed(reader: Reader, title: str, hint: str, status: int) -> Response:
    context = {"title": title, "hint": hint}
    page = reader.render("outside_closed.html", context, status=status)
    page.headers.update(SECRECY)
    return page


async def _page(reader: Reader, secret: str, said: Note | None) -> Response:
    work = await _open(reader, secret)
    if isinstance(work, Response):
        return work
    words, row = reader.words, work.opened.row
    context = {
        "token": secret,
        "said": said,
        "link": work.opened.link,
        "until": words.at(work.opened.link.expires_at).words,
        "unit": words.unit(work.opened.link.unit),
        "state": words.state(work.case.state),
        "scope": row.words if work.of is not row else "",
        "reported": work.of.words,
        "address": work.of.address,
        "place": words.grid(work.of.grid),
        "photos": [f"/outside/{secret}/photo/{one}" for one in work.photos],
        "seen": work.case.version,
        "stages": work.stages,
        "can": [(one, words.label(one.action)) for one in work.can],
        "results": [(one.value, words.label(one)) for one in Result],
        "ended": work.case.ended or not any(one.action in ENDS for one in work.can),
    }
    page = reader.render("outside.html", context)
    page.headers.update(SECRECY)
    return page


ENDS = frozenset(GUEST_ACTIONS) - {Action.COMMENT}


def _said(outcome: Outcome, reader: Reader, action: str) -> Note:
    words = reader.words
    if outcome.status is Status.REFUSED and outcome.refusal is not None:
        return Note(tone="bad", words=words.refusal(outcome.refusal))
    if outcome.status is Status.WAITING:
        return Note(tone="wait", words=words.t("outside_waiting"))
    return Note(tone="good", words=words.t("outside_done", action=action))


# The unit's page --------------------------------------------------------------------------


@router.get("/cases/{case_no}/links")
async def links(case_no: CaseNo, reader: Reading) -> Response:
    """The links to a piece of work, and the form for a new one."""
    return await _links(reader, case_no)


@router.post("/cases/{case_no}/links")
async def give(case_no: CaseNo, reader: Reading) -> Response:
    """Make a link; its address is shown this once."""
    form = await reader.request.form()
    name, days = text_of(form, "name", 200), text_of(form, "days", 3)
    right = bool(name) and days.isascii() and days.isdigit() and 1 <= int(days) <= MOST_DAYS
    if not right:
        problem = reader.words.t("links_bad")
        return await _links(reader, case_no, problem=problem, name=name, status=422)
    lasts, words = timedelta(days=int(days)), reader.words
    try:
        new = await giving.give(reader.services, reader.actor, case_no, name, lasts)
    except (
        NotYourWorkError,
        NoWorkError,
        DrillApartError,
        ConfidentialWorkError,
        TooManyLinksError,
    ) as error:
        problem = sentence(error, words.language)
        return await _links(reader, case_no, problem=problem, name=name, status=409)
    return await _links(reader, case_no, new=new, name=name)


@router.post("/cases/{case_no}/links/{link_id}/revoke")
async def revoke(case_no: CaseNo, link_id: UUID, reader: Reading) -> Response:
    """Take a link back; again changes nothing."""
    await giving.take_back(reader.services, reader.actor, case_no, link_id)
    return await _links(reader, case_no)


async def _links(  # noqa: PLR0913  what the page may say
    reader: Reader,
    case_no: str,
    *,
    new: NewLink | None = None,
    problem: str = "",
    name: str = "",
    status: int = 200,
) -> Response:
    words = reader.words
    async with reader.services.sessions.begin() as session:
        known = await giving.links_of(session, reader.services, reader.actor, case_no)
        at = await cases.now(session)
    base = str(reader.request.base_url).rstrip("/")
    context = {
        "case_no": case_no,
        "links": [
            {
                "id": one.link_id,
                "name": one.name,
                "by": words.person(one.issued_by),
                "until": words.at(one.expires_at).words,
                "used": words.at(one.used_at).words if one.used_at else "",
                "open": guests.is_open(one, at),
            }
            for one in known.links
        ],
        "gives": known.gives,
        "address": f"{base}{new.path}" if new else "",
        "name": name,
        "problem": problem,
    }
    return reader.render("links.html", context, status=status)
