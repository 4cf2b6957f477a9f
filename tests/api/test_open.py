"""The document of the API, its page, its headers, its metrics, the codec."""

import base64
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from api import openapi
from api.routes import new_app
from embedded.office import Office


def test_the_document_in_the_repository_is_current() -> None:
    assert openapi.FILE.read_text(encoding="utf-8") == openapi.text(), "run `make openapi`"


def test_every_route_has_a_stable_name_of_its_own() -> None:
    document = new_app(https=True).openapi()
    names = [one["operationId"] for path in document["paths"].values() for one in path.values()]
    assert len(names) == len(set(names))
    assert all("_" not in name for name in names)


@pytest.mark.server
async def test_the_page_of_the_api_loads_nothing_from_elsewhere(office: Office) -> None:
    page = await office.http.get("/docs")
    assert "http" not in page.text
    for path in ("swagger-ui.css", "swagger-ui-bundle.js"):
        assert (await office.http.get(f"/static/vendor/swagger/{path}")).status_code == 200
    assert "script-src" not in page.headers["content-security-policy"]


@pytest.mark.server
async def test_answers_carry_security_headers(office: Office) -> None:
    headers = (await office.http.get("/livez")).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


@pytest.mark.server
async def test_metrics_name_routes_by_template(office: Office) -> None:
    await office.ask("GET", "/cases/9901062026010100001", "duty1")
    text = (await office.http.get("/metrics")).text
    assert 'route="/api/v1/cases/{case_no}"' in text
    assert "9901062026010100001" not in text
    assert "gridcase_commands_unjudged" in text


@pytest.mark.server
async def test_the_codec_is_for_admins(office: Office) -> None:
    data = base64.b64encode(b'"x"').decode()
    body = {"payloads": [{"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": data}]}
    for login, status in (("duty1", 403), ("admin1", 200)):
        headers = {"Authorization": f"Bearer {await office.token(login)}"}
        answer = await office.http.post("/codec/decode", json=body, headers=headers)
        assert answer.status_code == status
    allowed = await office.http.options("/codec/decode")
    assert allowed.headers["access-control-allow-origin"] == "http://127.0.0.1:8233"


@pytest.mark.server
@pytest.mark.timeout(200)
async def test_no_generated_read_brings_the_server_down(office: Office) -> None:
    schema = schemathesis.openapi.from_dict(office.app.openapi())
    headers = {"Authorization": f"Bearer {await office.token('duty1')}"}
    tried = 0
    for found in schema.include(method="GET").get_all_operations():
        assert isinstance(found, Ok)
        for case in _examples(found.ok()):
            sent = case.as_transport_kwargs(base_url="http://gridcase.test")
            answer = await office.http.request(
                sent["method"],
                sent["url"],
                params=sent.get("params"),
                headers={**headers, "Accept": "application/json"},
            )
            assert answer.status_code < 500, (sent["url"], sent.get("params"))
            tried += 1
    assert tried > 50


def _examples(operation: APIOperation[Any, Any, Any, Any]) -> list[Case[Any]]:
    cases: list[Case[Any]] = []

    @settings(
        max_examples=8,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def collect(case: Case[Any]) -> None:
        cases.append(case)

    given(case=operation.as_strategy())(collect)()
    return cases
