"""Steps over the HTTP API, with a bearer token for each simulated person."""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

import httpx
from sqlalchemy.exc import SQLAlchemyError

from domain.command import Step
from imports.desk import (
    LOOK_EVERY,
    PATIENCE,
    Answered,
    Asked,
    Desk,
    DeskError,
    Filed,
    Filing,
    Said,
)
from imports.in_process import grey_picture
from registry import accounts
from registry.accounts import Kind
from registry.codec import dump_steps
from registry.engine import Sessions

LASTS = timedelta(hours=12)
TIMEOUT = 15.0
TOKEN_NAME = "simulated officers"  # noqa: S105  a label, shown beside the token
NOT_SENT = frozenset({"distance", "off_map", "source", "contact", "second"})
"""Fields of a step that the server sets itself or that no simulated step uses."""


@dataclass(kw_only=True)
class HttpDesk:
    """Asks for steps over HTTP; reports go to another desk, for the API takes no foreign ids.

    Attributes:
        url: Base address of the server.
        sessions: The registry, to issue tokens: 200 log-ins from one address are locked out.
        reports: Where reports are handed in.
    """

    url: str
    sessions: Sessions
    reports: Desk
    _client: httpx.AsyncClient = field(init=False)
    _tokens: dict[str, str] = field(default_factory=dict)
    _issuing: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self._client = httpx.AsyncClient(
            base_url=self.url.rstrip("/") + "/api/v1", timeout=TIMEOUT, trust_env=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the tokens and the connections."""
        try:
            async with self.sessions.begin() as session:
                for token in self._tokens.values():
                    await accounts.sign_out(session, token)
        finally:
            await self._client.aclose()

    async def report(self, filing: Filing) -> Filed:
        """Hand a report in, at the other desk."""
        return await self.reports.report(filing)

    async def act(self, asked: Asked) -> Answered:
        """Ask for a step."""
        if not asked.doing.login:  # a reporter needs his one-time code, which we do not have
            return await self.reports.act(asked)
        try:
            headers = {"Authorization": f"Bearer {await self._token(asked.doing.login)}"}
            steps = [self._body(step) for step in asked.doing.steps]
            if asked.doing.photo:
                steps[-1]["photos"] = [await self._photo(headers, asked)]
            answer = await self._client.post(
                f"/cases/{asked.case_no}/commands",
                json={"steps": steps, "seen": asked.seen},
                headers=headers | {"Idempotency-Key": asked.key},
            )
            answer = await self._patiently(answer, headers)
        except (httpx.HTTPError, SQLAlchemyError, OSError) as error:
            raise DeskError(f"{type(error).__name__}: {error}") from error
        if answer.status_code == httpx.codes.CONFLICT:
            return Answered(said=Said.REFUSED, why=str(answer.json().get("detail", "")))
        if answer.status_code not in {httpx.codes.OK, httpx.codes.ACCEPTED}:
            raise DeskError(f"{answer.status_code}: {answer.text[:300]}")
        body = answer.json()
        why = str(body["refusal"]["en"]) if body["refusal"] else ""
        return Answered(said=Said(body["status"]), why=why)

    async def _patiently(
        self, answer: httpx.Response, headers: dict[str, str]
    ) -> httpx.Response:
        """Wait longer than a person would, so that a busy worker slows the simulation down."""
        until = time.monotonic() + PATIENCE
        while _waits(answer) and time.monotonic() < until:
            await asyncio.sleep(LOOK_EVERY)
            command_id = answer.json()["command_id"]
            answer = await self._client.get(f"/commands/{command_id}", headers=headers)
        return answer

    async def _token(self, login: str) -> str:
        async with self._issuing:
            if login not in self._tokens:
                async with self.sessions.begin() as session:
                    issued = await accounts.issue(
                        session, login, kind=Kind.TOKEN, lasts=LASTS, name=TOKEN_NAME
                    )
                self._tokens[login] = issued.secret
        return self._tokens[login]

    async def _photo(self, headers: dict[str, str], asked: Asked) -> str:
        lon, lat = asked.point or (None, None)
        place = {} if asked.point is None else {"lon": str(lon), "lat": str(lat)}
        answer = await self._client.post(
            "/attachments",
            files={"file": ("simulated.jpg", grey_picture(), "image/jpeg")},
            data=place,
            headers=headers,
        )
        if not answer.is_success:
            raise DeskError(f"photo: {answer.status_code}: {answer.text[:300]}")
        return str(answer.json()["attachment_id"])

    @staticmethod
    def _body(step: Step) -> dict[str, Any]:
        (body,) = dump_steps([step])
        return {name: value for name, value in body.items() if name not in NOT_SENT}


def _waits(answer: httpx.Response) -> bool:
    return answer.is_success and answer.json()["status"] == Said.WAITING
