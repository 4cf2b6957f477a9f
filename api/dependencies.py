"""What routes and pages are given: the services of this process, and who asks."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from secrets import compare_digest
from typing import Annotated, Protocol
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPBearer
from sqlalchemy.ext.asyncio import AsyncSession

from api.acting import Acting
from api.limiting import Limiter
from domain.book import Book
from registry import accounts, cases
from registry.accounts import Kind, SignedIn
from registry.attachments import FileStore
from registry.engine import Sessions

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
COOKIE = "__Host-gridcase"
PLAIN_COOKIE = "gridcase"
"""Name of the cookie where there is no HTTPS; a `__Host-` cookie needs it."""
CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf"


class NotSignedInError(Exception):
    """No log-in, or one that has expired."""

    def __init__(self) -> None:
        super().__init__("sign in first")


class CrossSiteError(Exception):
    """A request by cookie that another site may have made."""

    def __init__(self, what: str) -> None:
        super().__init__(f"refused to protect you from another site: {what}")


class BadPayloadError(ValueError):
    """A payload that cannot be opened: not proto JSON, an unknown key, or tampered with."""

    def __init__(self) -> None:
        super().__init__("a payload cannot be read: not proto JSON, or sealed with another key")


class Codec(Protocol):
    """Opens and seals Temporal payloads in their JSON form."""

    async def decode(self, payloads: list[dict[str, object]]) -> list[dict[str, object]]:
        """Open them; BadPayloadError when that cannot be."""
        ...

    async def encode(self, payloads: list[dict[str, object]]) -> list[dict[str, object]]:
        """Seal them."""
        ...


@dataclass(frozen=True, kw_only=True)
class Options:
    """What an installation chose.

    Attributes:
        secure_cookies: Cookies over HTTPS only.
        session_lasts: How long a log-in lasts.
        temporal_ui_url: Where the Temporal UI is, for admins.
        temporal_namespace: Its namespace.
        codec_token: Opens payloads without a sign-in, for the Temporal UI that `make up` starts
            on the loopback, which has none; empty: admins only.
    """

    secure_cookies: bool = True
    session_lasts: timedelta = timedelta(hours=12)
    temporal_ui_url: str = "http://127.0.0.1:8233"
    temporal_namespace: str = "gridcase"
    codec_token: str = field(default="", repr=False)

    @property
    def cookie(self) -> str:
        """The session cookie's name."""
        return COOKIE if self.secure_cookies else PLAIN_COOKIE


@dataclass(frozen=True, kw_only=True)
class Services:
    """Everything that a request may need, wired once by `server.py` or a test.

    Attributes:
        acting: Changes cases.
        files: Keeps photos.
        codec: Opens payloads for the Temporal UI; None: they are not sealed.
        options: Choices of the installation.
        track_tries: Tries of tracking codes by address and case, of links by address.
        sign_in_tries: Tries of passwords, by address.
    """

    acting: Acting
    files: FileStore
    codec: Codec | None = None
    options: Options = field(default_factory=Options)
    track_tries: Limiter = field(default_factory=lambda: Limiter(most=10, seconds=60))
    sign_in_tries: Limiter = field(default_factory=lambda: Limiter(most=60, seconds=60))

    @property
    def sessions(self) -> Sessions:
        """The registry."""
        return self.acting.sessions

    async def book(self, session: AsyncSession) -> Book:
        """Master data in force now."""
        return await self.acting.keeper.book(session, await cases.now(session))


def services_of(request: Request) -> Services:
    """The services of this process."""
    found = request.app.state.services
    if not isinstance(found, Services):
        raise TypeError("app.state.services is not wired: use build_app")
    return found


Given = Annotated[Services, Depends(services_of)]


async def reading(services: Given) -> AsyncIterator[AsyncSession]:
    """One transaction for the request's reads."""
    async with services.sessions.begin() as session:
        yield session


Reading = Annotated[AsyncSession, Depends(reading, scope="function")]

_bearer = HTTPBearer(auto_error=False, description="A token of POST /api/v1/sessions")
_cookie = APIKeyCookie(name=COOKIE, auto_error=False, description="A browser's session")


def secret_of(request: Request, options: Options) -> tuple[str, Kind] | None:
    """The secret that a request carries; a bearer token goes before a cookie."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip(), Kind.TOKEN
    cookie = request.cookies.get(options.cookie)
    return (cookie, Kind.SESSION) if cookie else None


async def maybe_signed_in(
    request: Request,
    services: Given,
    _token: Annotated[object, Depends(_bearer)] = None,
    _session: Annotated[object, Depends(_cookie)] = None,
) -> SignedIn | None:
    """Who asks, or None for a visitor.

    Raises:
        NotSignedInError: A bearer token was given, and it is not valid.
        CrossSiteError: An unsafe request by cookie without the session's token.
    """
    carried = secret_of(request, services.options)
    if carried is None:
        return None
    secret, kind = carried
    async with services.sessions.begin() as session:
        found = await accounts.actor_of(session, secret)
    if found is None or found.kind is not kind:
        if kind is Kind.TOKEN:
            raise NotSignedInError
        return None
    if kind is Kind.SESSION and request.method not in SAFE:
        await check_csrf(request, found)
    return found


async def check_csrf(request: Request, signed: SignedIn) -> None:
    """An unsafe request by cookie comes from our own pages and repeats the session's token.

    Raises:
        CrossSiteError: It does not.
    """
    check_site(request)
    given = request.headers.get(CSRF_HEADER, "")
    if not given and "form" in request.headers.get("content-type", ""):
        form = await request.form()
        field_value = form.get(CSRF_FIELD)
        given = field_value if isinstance(field_value, str) else ""
    if not compare_digest(given.encode(), signed.csrf.encode()):
        raise CrossSiteError("the form's token is missing or old; reload the page")


def check_site(request: Request) -> None:
    """An unsafe request of a browser comes from our own pages (also before there is a session).

    Raises:
        CrossSiteError: It does not.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        raise CrossSiteError("it did not come from this site's own pages")
    origin = request.headers.get("origin")
    if origin is None:
        return
    if urlsplit(origin).netloc != request.headers.get("host", ""):
        raise CrossSiteError("its origin is another site")


MaybeSigned = Annotated[SignedIn | None, Depends(maybe_signed_in)]


async def signed_in(signed: MaybeSigned) -> SignedIn:
    """Who asks.

    Raises:
        NotSignedInError: A visitor.
    """
    if signed is None:
        raise NotSignedInError
    return signed


Signed = Annotated[SignedIn, Depends(signed_in)]


def client_address(request: Request) -> str:
    """Address of the peer; behind a proxy, uvicorn has put the client's here."""
    return request.client.host if request.client else ""
