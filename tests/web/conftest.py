"""The pages on the real application, Postgres, Temporal and worker; visitors fill in forms."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from temporalio.client import Client

from activities.cases import CaseActivities
from api.dependencies import Services
from embedded.office import GRID, office_on, picture
from embedded.telling import DEADLINE, reconciling
from registry.seed import DEMO_PASSWORD
from registry.tables_case import CaseRow, CommandRow
from workflows.client import Door
from workflows.worker import case_worker

HOST = "http://gridcase.test"


@dataclass
class Form:
    """A form of a page with the values it comes with."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    options: dict[str, list[str]] = field(default_factory=dict)


class _Forms(HTMLParser):
    """Reads forms as a browser without scripts does."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._select = ""
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get")))
        if not self.forms:
            return
        form, name = self.forms[-1], given.get("name", "")
        if tag == "input" and name and given.get("type") not in {"file", "radio", "checkbox"}:
            form.fields[name] = given.get("value", "")
        elif tag == "select":
            self._select = name
            form.options[name] = []
        elif tag == "option" and self._select:
            form.options[self._select].append(given.get("value", ""))
            if "selected" in given or self._select not in form.fields:
                form.fields[self._select] = given.get("value", "")
        elif tag == "textarea":
            self._area = name
            form.fields[name] = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[-1].fields[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""


def forms_of(html: str) -> list[Form]:
    """All forms of a page."""
    reader = _Forms()
    reader.feed(html)
    return reader.forms


@dataclass
class Visitor:
    """A browser without scripts."""

    http: httpx.AsyncClient
    forms = staticmethod(forms_of)

    async def get(self, path: str, status: int = 200) -> str:
        """A page."""
        answer = await self.http.get(path)
        assert answer.status_code == status, answer.text[-2000:]
        return answer.text

    async def send(self, form: Form, *, photos: int = 0, **filled: str) -> httpx.Response:
        """Fill a form in and send it."""
        files = [("photos", ("photo.jpg", picture(), "image/jpeg")) for _ in range(photos)]
        data = form.fields | filled
        if not photos:
            return await self.http.post(form.action, data=data)
        return await self.http.post(form.action, data=data, files=files)

    async def form(self, path: str, target: str, **having: str) -> Form:
        """A form of a page, once it is there."""
        async with asyncio.timeout(DEADLINE):
            while True:
                for one in forms_of(await self.get(path)):
                    fits = one.fields.items() >= having.items()
                    if one.action == target and fits:
                        return one
                await asyncio.sleep(0.1)

    async def act(
        self, case_no: str, action: str, *, photos: int = 0, status: int = 303, **filled: str
    ) -> httpx.Response:
        """Use an action's form on a case's page."""
        form = await self.form(f"/cases/{case_no}", f"/cases/{case_no}/act", action=action)
        answer = await self.send(form, photos=photos, **filled)
        assert answer.status_code == status, answer.text[-3000:]
        return answer


@dataclass
class Site:
    """The application with its services."""

    grid = GRID
    case_row = CaseRow

    app: FastAPI
    services: Services
    stack: AsyncExitStack
    signed: dict[tuple[str, str], Visitor] = field(default_factory=dict)

    async def visitor(self, language: str = "en") -> Visitor:
        """A new browser."""
        http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app, raise_app_exceptions=False),
            base_url=HOST,
            headers={"accept": "text/html", "accept-language": language},
        )
        return Visitor(await self.stack.enter_async_context(http))

    async def staff(self, login: str, language: str = "en") -> Visitor:
        """A browser in which somebody is signed in."""
        if (login, language) not in self.signed:
            visitor = await self.visitor(language)
            form = await visitor.form("/sign-in", "/sign-in")
            answer = await visitor.send(form, login=login, password=DEMO_PASSWORD)
            assert answer.status_code == 303, answer.text[-500:]
            self.signed[login, language] = visitor
        return self.signed[login, language]

    async def report(self, words: str, *, photos: int = 0, **filled: str) -> tuple[str, str]:
        """A citizen's report by the form: number and code."""
        visitor = await self.visitor()
        form = await visitor.form("/report", "/report")
        answer = await visitor.send(form, photos=photos, words=words, **filled)
        assert answer.status_code == 200, answer.text[-3000:]
        (track,) = [one for one in forms_of(answer.text) if one.action == "/track"]
        return track.fields["case_no"], track.fields["code"]

    async def state(self, case_no: str) -> str:
        """Where a case stands once nothing of it waits."""
        async with asyncio.timeout(DEADLINE), self.services.sessions() as session:
            waiting = select(func.count()).where(
                CommandRow.case_no == case_no, CommandRow.verdict.is_(None)
            )
            while await session.scalar(waiting):  # noqa: ASYNC110  the registry rings no bell
                await asyncio.sleep(0.05)
            row = await session.get_one(CaseRow, case_no, populate_existing=True)
            return row.state

    async def commands(self, case_no: str) -> int:
        """How many commands a case has."""
        async with self.services.sessions() as session:
            query = select(func.count()).where(CommandRow.case_no == case_no)
            return (await session.execute(query)).scalar_one()


@pytest.fixture(scope="session")
async def site(
    open_seeded: Callable[[], AbstractAsyncContextManager[str]],
    client: Client,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Site]:
    """The pages, shared by the tests of this folder: each makes its own cases."""
    queue = f"web-{uuid.uuid4().hex[:8]}"
    door = Door(client=client, task_queue=queue)
    async with AsyncExitStack() as stack:
        folder = tmp_path_factory.mktemp("files")
        url = await stack.enter_async_context(open_seeded())
        office = await stack.enter_async_context(office_on(url, door.tell, folder))
        activities = CaseActivities(office.services.sessions)
        await stack.enter_async_context(case_worker(client, activities, task_queue=queue))
        await stack.enter_async_context(reconciling(activities, door.tell))
        yield Site(app=office.app, services=office.services, stack=stack)


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return Path(__file__).parents[2]
