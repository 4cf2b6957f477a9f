"""What every page needs: its reader, the templates, and errors that are pages too."""

import hashlib
import json
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any
from urllib.parse import quote
from uuid import uuid4

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse

from api.dependencies import CrossSiteError, Given, MaybeSigned, NotSignedInError, Services
from api.problems import NotFoundError, NotYourWorkError
from domain.people import UNIT_ROLES, Actor
from domain.visibility import AREA_ROLES
from registry import cases
from registry.accounts import SignedIn
from registry.book import change_number
from registry.cases import CaseNotFoundError
from registry.directory import Directory, read
from web.language import Language, language_of
from web.sources import sources_for
from web.words import Words

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
DISTRICT = FOLDER.parent / "seed" / "district.json"
NOT_FOUND, FORBIDDEN, BROKEN = 404, 403, 500
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
NOTHING: Mapping[str, object] = MappingProxyType({})
PAGE_HEADERS = {"Cache-Control": "no-store"}


@cache
def asset(name: str) -> str:
    """Address of a static file with a mark of its content, so that it may be kept for long."""
    mark = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={mark}"


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["asset"] = asset
    environment.globals["new_key"] = lambda: str(uuid4())
    return environment


TEMPLATES = _environment()


@cache
def fictional_district() -> str:
    """Code of the demonstration district, whose pages say that it is one."""
    if not DISTRICT.exists():
        return ""
    return str(json.loads(DISTRICT.read_text(encoding="utf-8"))["code"])


@dataclass
class DirectoryKeeper:
    """Reads the names when master data changed; else they are kept."""

    _number: int = -1
    _directory: Directory | None = None

    async def directory(self, session: AsyncSession) -> Directory:
        """The names in force."""
        number = await change_number(session)
        if self._directory is None or number != self._number:
            self._directory = await read(session)
            self._number = number
        return self._directory


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Who reads a page, and in which words.

    Attributes:
        request: His request.
        services: The services of this process.
        signed: His log-in, if any.
        words: His language, moment and names.
        enters: He enters reports for others.
    """

    request: Request
    services: Services
    signed: SignedIn | None
    words: Words
    enters: bool = False

    @property
    def actor(self) -> Actor:
        """The signed-in person.

        Raises:
            NotSignedInError: A visitor.
        """
        if self.signed is None:
            raise NotSignedInError
        return self.signed.actor

    @property
    def partial(self) -> bool:
        """Whether htmx asks for a part of a page."""
        return "hx-request" in self.request.headers

    def render(
        self, template: str, context: Mapping[str, object] = NOTHING, *, status: int = 200
    ) -> HTMLResponse:
        """A page or a part of one."""
        html = TEMPLATES.get_template(template).render(self._frame() | dict(context))
        return HTMLResponse(html, status_code=status, headers=PAGE_HEADERS)

    def _frame(self) -> dict[str, object]:
        words, signed = self.words, self.signed
        code = min(words.directory.areas, default="")
        district = words.directory.areas.get(code)
        roles = dict.fromkeys(grant.role for grant in signed.actor.grants) if signed else {}
        url = self.request.url
        return {
            "t": words.t,
            "lang": words.language.value,
            "user": signed,
            "enters": self.enters,
            "emergencies_here": bool(roles.keys() & AREA_ROLES),
            "calls_here": bool(roles.keys() & (AREA_ROLES | UNIT_ROLES)),
            "user_roles": " · ".join(words.label(role) for role in roles),
            "csrf": signed.csrf if signed else "",
            "district": district.of(words.language) if district else "",
            "fictional": bool(code) and code == fictional_district(),
            "here": url.path + (f"?{url.query}" if url.query else "")
            if self.request.method == "GET"
            else url.path,
        }


def keeper_of(request: Request) -> DirectoryKeeper:
    """The process's keeper of names."""
    state = request.app.state
    if not hasattr(state, "directory_keeper"):
        state.directory_keeper = DirectoryKeeper()
    found: DirectoryKeeper = state.directory_keeper
    return found


async def reader_of(request: Request, services: Given, signed: MaybeSigned) -> Reader:
    """The reader of this request."""
    return await make_reader(request, services, signed)


async def make_reader(request: Request, services: Services, signed: SignedIn | None) -> Reader:
    """A reader; for error pages too."""
    async with services.sessions.begin() as session:
        directory = await keeper_of(request).directory(session)
        now = await cases.now(session)
        book = await services.acting.keeper.book(session, now) if signed else None
    words = Words(language=language_of(request), now=now, directory=directory)
    enters = bool(signed and book and sources_for(signed.actor, book))
    return Reader(request=request, services=services, signed=signed, words=words, enters=enters)


Reading = Annotated[Reader, Depends(reader_of)]


async def error_page(request: Request, status: int) -> Response:
    """An error as a page in the reader's language; plain words when even that fails."""
    shown = status if status in {NOT_FOUND, FORBIDDEN} else BROKEN
    try:
        reader = await make_reader(request, request.app.state.services, None)
        return reader.render("error.html", {"status": shown}, status=max(status, 400))
    except Exception:  # noqa: BLE001  the registry may be what is broken
        empty = Directory(areas={}, polygons={}, units={}, classes={}, reasons={}, people={})
        text = Words(language=Language.EN, now=_EPOCH, directory=empty).t(f"error_{shown}")
        return HTMLResponse(f"<!doctype html><title>{text}</title><p>{text}", status)


class Page(APIRoute):
    """A route whose errors are pages: sign-in for visitors, 403, 404."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the handler."""
        handle = super().get_route_handler()

        async def page(request: Request) -> Response:
            try:
                return await handle(request)
            except NotSignedInError:
                return to_sign_in(request)
            except (CrossSiteError, NotYourWorkError):
                return await error_page(request, FORBIDDEN)
            except (CaseNotFoundError, NotFoundError):
                return await error_page(request, NOT_FOUND)
            except HTTPException as error:
                return await error_page(request, error.status_code)
            finally:
                await request.close()

        return page


def to_sign_in(request: Request) -> Response:
    """Send a visitor to the sign-in page, and back after it."""
    url = request.url
    back = url.path + (f"?{url.query}" if url.query else "")
    target = "/sign-in" if request.method != "GET" else f"/sign-in?next={quote(back)}"
    if "hx-request" in request.headers:
        return Response(status_code=200, headers={"HX-Redirect": "/sign-in"})
    return RedirectResponse(target, status_code=303)


def inside(path: str, default: str) -> str:
    """A path of this site; anything else becomes the default."""
    fine = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if fine and "\n" not in path and "\r" not in path else default
