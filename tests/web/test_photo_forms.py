"""Whatever form of a page takes photos, its path takes their size."""

import re
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from api.guard import Guard

TEMPLATES = Path(__file__).parents[2] / "web" / "templates"
FORM = re.compile(r"<form\b[^>]*>")
ADDRESS = re.compile(r'\b(?:action|hx-post)="([^"]*)"')
NUMBER = "9901062026112200001"
LEFT_AS_IT_IS = 600_000
"""Bytes under which the page sends a photo as it is (`static/app.js`)."""


def paths() -> list[str]:
    """Where the forms go that can hold a file."""
    forms = [
        form
        for file in sorted(TEMPLATES.glob("*.html"))
        for form in FORM.findall(file.read_text(encoding="utf-8"))
        if "multipart/form-data" in form
    ]
    found = {address for form in forms for address in ADDRESS.findall(form)}
    return sorted({re.sub(r"{{.*?}}", NUMBER, one) for one in found})


def test_forms_with_photos_are_found() -> None:
    assert {"/report", f"/cases/{NUMBER}/thread", f"/outside/{NUMBER}/act"} <= set(paths())


@pytest.mark.parametrize("path", paths())
async def test_a_form_with_photos_takes_one_that_the_page_does_not_shrink(path: str) -> None:
    async def length(request: Request) -> PlainTextResponse:
        return PlainTextResponse(str(len(await request.body())))

    app = Starlette(routes=[Route(path, length, methods=["POST"])])
    app.add_middleware(Guard, https=False)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        answer = await client.post(path, files={"photos": ("a.jpg", b"x" * LEFT_AS_IT_IS)})

    assert answer.status_code == 200, path
    assert int(answer.text) > LEFT_AS_IT_IS
