"""The HTTP house for tests and benchmarks: the real application and a client that signs in."""

import asyncio
import io
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from api.acting import Acting, Tell
from api.dependencies import Options, Services
from api.limiting import Limiter
from embedded.telling import DEADLINE, all_judged
from registry.attachments import DiskStore
from registry.engine import connect, sessions_of
from registry.listen import VerdictHub
from registry.passwords import hash_secret
from registry.sealing import Sealer
from registry.seed import DEMO_PASSWORD
from registry.tables_case import (
    AttachmentRow,
    CaseRow,
    CommandRow,
    EventRow,
    ReporterRow,
    TaskRow,
)
from registry.tables_master import Login
from server import build_app

GRID = "990106001001001"
POINT = (120.1065, 30.366)
MEMBER = "grid-liuting1"
COUNTED = (AttachmentRow, CaseRow, CommandRow, EventRow, ReporterRow, TaskRow)


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 30)) -> bytes:
    """A small photo."""
    out = io.BytesIO()
    Image.new("RGB", size, (120, 90, 30)).save(out, format=kind)
    return out.getvalue()


class UnexpectedAnswerError(Exception):
    """The application answered otherwise than the caller relies on."""


def _need(answer: httpx.Response, status: HTTPStatus) -> None:
    if answer.status_code != status:
        raise UnexpectedAnswerError(f"{answer.status_code}: {answer.text}")


@dataclass
class Office:
    """A client of the API, with what tests ask again and again.

    Attributes:
        http: Speaks to the application in this process.
        app: The application.
        services: Its services.
        engine: The registry.
    """

    http: httpx.AsyncClient
    app: FastAPI
    services: Services
    engine: AsyncEngine
    _tokens: dict[str, str] = field(default_factory=dict)
    _issuing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def token(self, login: str) -> str:
        """A bearer token, issued once: many sign-ins at once would lock the account."""
        async with self._issuing:
            if login not in self._tokens:
                body = {"login": login, "password": DEMO_PASSWORD}
                answer = await self.http.post("/api/v1/sessions", json=body)
                _need(answer, HTTPStatus.CREATED)
                self._tokens[login] = answer.json()["token"]
        return self._tokens[login]

    async def ask(
        self,
        method: str,
        path: str,
        login: str | None = None,
        **more: Any,  # noqa: ANN401  httpx's own keywords
    ) -> httpx.Response:
        """One request; `login` signs it, an Idempotency-Key is added to a POST."""
        headers = dict(more.pop("headers", {}))
        if login is not None:
            headers["Authorization"] = f"Bearer {await self.token(login)}"
        if method == "POST":
            headers.setdefault("Idempotency-Key", uuid.uuid4().hex)
        return await self.http.request(
            method, f"/api/v1{path}", headers={k: v for k, v in headers.items() if v}, **more
        )

    async def get(self, path: str, login: str | None = None, **more: object) -> Any:  # noqa: ANN401  JSON, as the test knows it
        """The body of a successful GET."""
        answer = await self.ask("GET", path, login, **more)
        _need(answer, HTTPStatus.OK)
        return answer.json()

    async def report(self, login: str | None = MEMBER, **more: object) -> dict[str, Any]:
        """A report that is judged; its answer."""
        body = {"words": "暴露垃圾", "lon": POINT[0], "lat": POINT[1]} | more
        if login == MEMBER and "subclass" not in more:
            body |= {"subclass": "E01-13", "condition": 1}
        answer = await self.ask("POST", "/reports", login, json=body)
        _need(answer, HTTPStatus.CREATED)
        found: dict[str, Any] = answer.json()
        await self.judged(found["command_id"])
        return found

    async def judged(self, command_id: str) -> CommandRow:
        """Wait for a command's verdict."""
        async with asyncio.timeout(DEADLINE):
            while True:
                async with self.services.sessions() as session:
                    row = await session.get(CommandRow, uuid.UUID(command_id))
                if row is not None and row.verdict is not None:
                    return row
                await asyncio.sleep(0.02)

    async def act(
        self, case_no: str, login: str, *steps: dict[str, Any], **more: object
    ) -> httpx.Response:
        """An action at the case's present version."""
        body = {"steps": list(steps)} | more
        if "seen" not in more:
            body["seen"] = (await self.get(f"/cases/{case_no}", "duty1"))["version"]
        return await self.ask("POST", f"/cases/{case_no}/commands", login, json=body)

    async def photo(self, login: str | None, **form: object) -> str:
        """An uploaded photo's id."""
        files = {"file": ("photo.jpg", picture(), "image/jpeg")}
        answer = await self.ask("POST", "/attachments", login, files=files, data=form)
        _need(answer, HTTPStatus.CREATED)
        return str(answer.json()["attachment_id"])

    async def counts(self) -> tuple[int, ...]:
        """Rows of every table that people write to, once all is judged."""
        await all_judged(self.services.sessions)
        async with self.services.sessions() as session:
            return tuple(
                [
                    (await session.execute(select(func.count()).select_from(one))).scalar_one()
                    for one in COUNTED
                ]
            )

    async def expire(self, token: str) -> None:
        """Let a log-in's time pass."""
        async with self.services.sessions.begin() as session:
            row = await session.get(Login, hash_secret(token))
            if row is None:
                raise UnexpectedAnswerError("no such token")
            row.expires_at = row.created_at


@asynccontextmanager
async def office_on(url: str, tell: Tell, folder: Path) -> AsyncIterator[Office]:
    """An application on a registry, with this way to tell workflows."""
    engine = connect(url, pool_size=10)
    sealer = Sealer(key=bytes(32), index_key=bytes(range(32)))
    services = Services(
        acting=Acting(
            sessions=sessions_of(engine), sealer=sealer, tell=tell, hub=VerdictHub(url)
        ),
        files=DiskStore(folder),
        options=Options(secure_cookies=False),
        track_tries=Limiter(most=1000, seconds=60),
        sign_in_tries=Limiter(most=1000, seconds=60),
    )
    app = build_app(services)
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://gridcase.test") as http,
    ):
        yield Office(http=http, app=app, services=services, engine=engine)
    await engine.dispose()
