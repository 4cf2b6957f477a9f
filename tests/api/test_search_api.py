"""The search by HTTP."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from embedded.office import Office
from server import build_app

pytestmark = pytest.mark.server


async def search(
    office: Office, q: str, login: str = "duty1", **more: object
) -> dict[str, Any]:
    """A page."""
    found: dict[str, Any] = await office.get("/search", login, params={"q": q, **more})
    return found


async def test_items_are_those_of_the_case_list_with_what_matched(office: Office) -> None:
    mark = uuid4().hex[:12]
    case_no = (await office.report(words=f"喷泉 {mark} 漏水", address="荷风苑"))["case_no"]
    page = await search(office, f"喷泉 荷风苑 {mark}")
    (listed,) = [
        one
        for one in (await office.get("/cases", "duty1"))["cases"]
        if one["case_no"] == case_no
    ]

    (item,) = page["cases"]
    assert item == {**listed, "matched": ["place", "words"], "snippet": f"喷泉 {mark} 漏水"}
    assert (page["total"], page["more"], page["next_cursor"], page["refused"]) == (
        1,
        False,
        None,
        None,
    )
    assert (await search(office, case_no))["cases"][0]["matched"] == ["number"]


async def test_a_cursor_goes_on_and_belongs_to_its_search(office: Office) -> None:
    mark = uuid4().hex[:12]
    made = [(await office.report(words=f"一串 {mark}"))["case_no"] for _ in range(5)]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        more = {"cursor": cursor} if cursor else {}
        page = await search(office, mark, limit=2, **more)
        seen += [one["case_no"] for one in page["cases"]]
        assert page["total"] == 5
        if page["next_cursor"] is None:
            break
        cursor = page["next_cursor"]

    assert seen == made[::-1]
    for login, q in (("duty1", "一串"), ("duty2", mark)):
        answer = await office.ask("GET", "/search", login, params={"q": q, "cursor": cursor})
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "bad_cursor")
    answer = await office.ask("GET", "/search", "duty1", params={"q": mark, "limit": 2})
    assert 'rel="next"' in answer.headers["link"]


async def test_a_telephone_is_for_readers_of_reporters(office: Office) -> None:
    phone = "000-0103-" + str(uuid4().int)[:4]
    contact = {"name": "", "phone": phone}
    case_no = (await office.report(words="垃圾", contact=contact))["case_no"]
    page = await search(office, phone)

    assert [(one["case_no"], one["matched"]) for one in page["cases"]] == [(case_no, ["phone"])]
    assert page["refused"] is None
    refused = await search(office, phone, "dispatcher1")
    assert refused == await search(office, "000-0109-0000", "dispatcher1")
    assert refused["cases"] == []
    assert "电话" in refused["refused"]["zh"]
    assert "telephone" in refused["refused"]["en"]


@pytest.mark.parametrize("q", ["", "  ", "？", "a\x00b", "a\nb", "x" * 201])
async def test_a_query_that_says_nothing_is_refused_in_the_callers_language(
    office: Office, q: str
) -> None:
    for language in ("zh", "en"):
        headers = {"Accept-Language": language}
        answer = await office.ask("GET", "/search", "duty1", params={"q": q}, headers=headers)
        problem = answer.json()
        assert answer.status_code == 422
        assert problem["errors"][0]["pointer"] == "/query/q"
        assert ("请" in problem["detail"]) is (language == "zh")


async def test_visitors_do_not_search(office: Office) -> None:
    assert (await office.ask("GET", "/search", params={"q": "路灯"})).status_code == 401


async def test_what_is_searched_for_is_in_no_trace(office: Office) -> None:
    spans, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    app = build_app(office.services, tracer_provider=provider)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as http:
        await http.get("/api/v1/search?q=13800001111")
        await http.get("/staff/search?q=13800001111")

    seen = spans.get_finished_spans()
    assert {one.name for one in seen} >= {"GET /api/v1/search", "GET /staff/search"}
    assert not any("13800001111" in one.to_json() for one in seen)
