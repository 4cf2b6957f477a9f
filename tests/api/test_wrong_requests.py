"""What is wrong is answered with a clear problem, and nothing in the registry changes."""

import io
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image

from embedded.office import Office
from registry import accounts
from registry.accounts import Kind
from registry.attachments import MOST_BYTES

pytestmark = pytest.mark.server

GOOD = {"words": "暴露垃圾", "lon": 120.1065, "lat": 30.366}
NOBODY = str(uuid.uuid4())


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """A request that must be refused; `{case}` stands for a dispatched case."""

    method: str = "POST"
    path: str = "/cases/{case}/commands"
    login: str | None = "dispatcher1"
    send: dict[str, Any] = field(default_factory=dict)
    status: int
    code: str


def step(login: str, status: int, code: str, seen: int | None = -1, **step: object) -> Wrong:
    """A single action; `seen` -1 is the case's present version."""
    body = {"steps": [step], "seen": seen}
    return Wrong(login=login, send={"json": body}, status=status, code=code)


def report(status: int, code: str, login: str | None = None, **fields: object) -> Wrong:
    """A report with these fields changed; None takes a field away."""
    body = {key: value for key, value in (GOOD | fields).items() if value is not None}
    return Wrong(path="/reports", login=login, send={"json": body}, status=status, code=code)


def raw(content: bytes, status: int, code: str, kind: str = "application/json") -> Wrong:
    """Bytes as they are."""
    return Wrong(
        path="/reports",
        login=None,
        send={"content": content, "headers": {"Content-Type": kind}},
        status=status,
        code=code,
    )


def read(path: str, status: int, code: str, login: str | None = "duty1") -> Wrong:
    """A GET."""
    return Wrong(method="GET", path=path, login=login, status=status, code=code)


def photo(content: bytes, status: int, code: str, **form: str) -> Wrong:
    """An upload."""
    files = {"file": ("x.jpg", content, "image/jpeg")}
    send = {"files": files, "data": form}
    return Wrong(path="/attachments", send=send, status=status, code=code)


WRONG = {
    "wrong role": step("acceptor1", 403, "forbidden", action="recall"),
    "wrong unit": step("parks.desk", 404, "case_not_found", action="sign"),
    "wrong state": step("duty1", 409, "illegal_move", action="close"),
    "stale": step("dispatcher1", 409, "stale", seen=0, action="recall"),
    "no version": step("dispatcher1", 428, "version_needed", seen=None, action="recall"),
    "no reason": step("dispatcher1", 409, "reason_required", action="recall"),
    "unknown reason": step("dispatcher1", 409, "unknown_code", action="recall", reason="no"),
    "unknown action": step("dispatcher1", 422, "invalid", action="explode"),
    "system's action": step("dispatcher1", 422, "invalid", action="rung"),
    "report as an action": step("dispatcher1", 422, "invalid", action="report"),
    "unknown field": step("dispatcher1", 422, "invalid", action="recall", distance=0.0),
    "unknown photo": step("dispatcher1", 422, "invalid", action="recall", photos=[NOBODY]),
    "photo id of another form": step(
        "dispatcher1", 422, "invalid", action="recall", photos=["../../etc/passwd"]
    ),
    "huge text": step("dispatcher1", 422, "invalid", action="recall", text="x" * 2001),
    "NUL in a text": step("dispatcher1", 422, "invalid", action="recall", text="a\x00b"),
    "endless amount": step("dispatcher1", 422, "invalid", action="recall", amount=1e308),
    "score out of range": step("dispatcher1", 422, "invalid", action="recall", score=6),
    "no steps": Wrong(send={"json": {"steps": [], "seen": 1}}, status=422, code="invalid"),
    "many steps": Wrong(
        send={"json": {"steps": [{"action": "recall"}] * 6, "seen": 1}},
        status=422,
        code="invalid",
    ),
    "steps of another type": Wrong(
        send={"json": {"steps": "sign", "seen": 1}}, status=422, code="invalid"
    ),
    "nobody": step("", 401, "not_signed_in", action="sign"),
    "no such case": Wrong(
        path="/cases/9901062026010100001/commands",
        send={"json": {"steps": [{"action": "sign"}], "seen": 1}},
        status=404,
        code="case_not_found",
    ),
    "case number of another form": read("/cases/12", 422, "invalid"),
    "case number in other digits": read("/cases/" + "١" * 19, 422, "invalid"),
    "on behalf of a stranger": Wrong(
        send={
            "json": {"steps": [{"action": "sign", "text": "x"}], "seen": -1,
                     "on_behalf_of": "parks"}
        },
        status=403,
        code="forbidden",
    ),
    "no key": Wrong(
        path="/reports",
        login=None,
        send={"json": GOOD, "headers": {"Idempotency-Key": ""}},
        status=400,
        code="idempotency_key_missing",
    ),
    "key too long": Wrong(
        path="/reports",
        login=None,
        send={"json": GOOD, "headers": {"Idempotency-Key": "k" * 201}},
        status=422,
        code="invalid",
    ),
    "no words": report(422, "invalid", words=None),
    "blank words": report(422, "invalid", words="  "),
    "huge words": report(422, "invalid", words="x" * 4001),
    "longitude out of range": report(422, "invalid", lon=181),
    "latitude without longitude": report(422, "invalid", lon=None),
    "outside every grid": report(422, "outside_every_grid", lon=10, lat=10),
    "nowhere": report(422, "invalid", lon=None, lat=None),
    "unknown subclass": report(422, "invalid", subclass="E99-99"),
    "unknown grid": report(422, "invalid", lon=None, lat=None, grid="1"),
    "source of the hotline": report(403, "source_not_allowed", source="hotline"),
    "member as a department": report(
        403, "source_not_allowed", "grid-liuting1", source="department"
    ),
    "unknown source": report(422, "invalid", source="pigeon"),
    "telephone with letters": report(422, "invalid", contact={"phone": "call me"}),
    "local time": report(422, "invalid", device_at="2026-11-22T10:00:00"),
    "photo of nobody": report(422, "invalid", photos=[NOBODY]),
    "ten photos": report(422, "invalid", photos=[NOBODY] * 10),
    "not a number": raw(b'{"words":"x","lon":NaN,"lat":1}', 422, "invalid"),
    "endless": raw(b'{"words":"x","lon":1e999,"lat":1}', 422, "invalid"),
    "lone surrogate": raw(b'{"words":"\\ud800","address":"x"}', 422, "invalid"),
    "broken UTF-8": raw(b'{"words":"\xff\xfe"}', 400, "bad_request"),
    "broken JSON": raw(b'{"words":', 422, "invalid"),
    "JSON of another type": raw(b"[1]", 422, "invalid"),
    "empty body": raw(b"", 422, "invalid"),
    "deep JSON": raw(b"[" * 50_000, 400, "bad_request"),
    "form instead of JSON": raw(
        b"words=x", 422, "invalid", "application/x-www-form-urlencoded"
    ),
    "huge body": raw(b'{"words":"' + b"x" * 300_000 + b'"}', 413, "too_large"),
    "bad cursor": read("/cases?cursor=abc", 422, "invalid"),
    "cursor in Chinese": read("/cases?cursor=游标", 422, "invalid"),
    "limit 0": read("/cases?limit=0", 422, "invalid"),
    "limit 201": read("/cases?limit=201", 422, "invalid"),
    "state that is none": read("/cases?state=happy", 422, "invalid"),
    "time without offset": read("/cases?reported_from=2026-01-01T00:00:00", 422, "invalid"),
    "NUL in a filter": read("/cases?unit=%00", 422, "invalid"),
    "percent in a filter": read("/cases?grid=%25", 422, "invalid"),
    "command that is none": read("/commands/" + NOBODY, 404, "not_found"),
    "command of another form": read("/commands/1", 422, "invalid"),
    "attachment that is none": read("/attachments/" + NOBODY, 404, "not_found"),
    "purpose that is none": read("/cases/{case}/reporter?purpose=fun", 422, "invalid"),
    "path that is none": read("/nothing", 404, "not_found"),
    "method that is none": Wrong(
        method="PUT", path="/me", status=405, code="method_not_allowed"
    ),
    "text as a photo": photo(b"hello", 415, "not_a_photo"),
    "GIF": photo(b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", 415, "not_a_photo"),
    "half a photo": photo(b"\xff\xd8\xff\xe0" + b"\x00" * 50, 415, "not_a_photo"),
    "photo of too many bytes": photo(b"\xff" * (MOST_BYTES + 1), 413, "photo_too_large"),
    "upload without end": photo(b"\xff" * (MOST_BYTES + 200_000), 413, "too_large"),
    "photo without latitude": photo(b"x", 422, "invalid", lon="120"),
    "photo from nowhere": photo(b"x", 422, "invalid", lon="nan", lat="1"),
    "no file": Wrong(
        path="/attachments", send={"data": {"lon": "1"}}, status=422, code="invalid"
    ),
    "wrong code": Wrong(
        path="/track/{case}", login=None, send={"json": {"code": "0000000000"}},
        status=404, code="case_not_found",
    ),
    "wrong code for an action": Wrong(
        path="/track/{case}/commands",
        login=None,
        send={"json": {"code": "0", "steps": [{"action": "urge"}]}},
        status=404,
        code="case_not_found",
    ),
    "wrong password": Wrong(
        path="/sessions", login=None, send={"json": {"login": "nobody", "password": "x"}},
        status=401, code="wrong_credentials",
    ),
    "bad token": Wrong(
        method="GET", path="/me", login=None,
        send={"headers": {"Authorization": "Bearer gkt_forged"}},
        status=401, code="not_signed_in",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
async def test_a_wrong_request_changes_nothing(office: Office, name: str, settled: str) -> None:
    wrong = WRONG[name]
    send = dict(wrong.send)
    case = await office.get(f"/cases/{settled}", "duty1")
    if isinstance(send.get("json"), dict) and send["json"].get("seen") == -1:
        send["json"] = send["json"] | {"seen": case["version"]}
    before = await office.counts()

    answer = await office.ask(
        wrong.method, wrong.path.format(case=settled), wrong.login or None, **send
    )

    assert (answer.status_code, answer.json()["code"]) == (wrong.status, wrong.code), (
        answer.text
    )
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]
    assert await office.counts() == before
    assert (await office.get(f"/cases/{settled}", "duty1"))["seq"] == case["seq"]


@pytest.fixture(scope="module")
async def settled(office: Office) -> str:
    """A dispatched case that all of these requests are about."""
    return str((await office.report())["case_no"])


async def test_a_photo_of_too_many_pixels_is_refused(office: Office) -> None:
    out = io.BytesIO()
    Image.new("1", (7000, 6000)).save(out, format="PNG")
    files = {"file": ("x.png", out.getvalue(), "image/png")}
    answer = await office.ask("POST", "/attachments", "duty1", files=files)
    assert (answer.status_code, answer.json()["code"]) == (413, "photo_too_large")


async def test_somebody_elses_photo_is_neither_shown_nor_used(
    office: Office, settled: str
) -> None:
    mine = await office.photo("dispatcher1")
    seen = await office.ask("GET", f"/attachments/{mine}", "acceptor1")
    assert seen.status_code == 404
    used = await office.act(settled, "duty1", {"action": "recall", "photos": [mine]})
    assert (used.status_code, used.json()["errors"][0]["code"]) == (422, "unknown")


async def test_an_expired_log_in_is_none(office: Office) -> None:
    body = {"login": "acceptor2", "password": "gridcase-demo"}
    token = (await office.http.post("/api/v1/sessions", json=body)).json()["token"]
    await office.expire(token)
    answer = await office.http.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_signed_out_token_is_none(office: Office) -> None:
    body = {"login": "acceptor2", "password": "gridcase-demo"}
    token = (await office.http.post("/api/v1/sessions", json=body)).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    gone = await office.http.delete("/api/v1/sessions/current", headers=headers)
    assert gone.status_code == 204
    assert (await office.http.get("/api/v1/me", headers=headers)).status_code == 401


async def test_a_cookie_needs_the_sessions_token_and_our_own_page(office: Office) -> None:
    async with office.services.sessions.begin() as session:
        issued = await accounts.issue(
            session, "acceptor3", kind=Kind.SESSION, lasts=timedelta(hours=1)
        )
    cookie = {"Cookie": f"gridcase={issued.secret}"}
    assert (await office.http.get("/api/v1/me", headers=cookie)).status_code == 200
    path = "/api/v1/sessions/current"
    good = cookie | {"X-CSRF-Token": issued.csrf}
    for wrong in (
        cookie,
        cookie | {"X-CSRF-Token": "guess"},
        good | {"Sec-Fetch-Site": "cross-site"},
        good | {"Origin": "http://evil.example"},
    ):
        answer = await office.http.delete(path, headers=wrong)
        assert (answer.status_code, answer.json()["code"]) == (403, "cross_site")
    mine = good | {"Origin": "http://gridcase.test", "Sec-Fetch-Site": "same-origin"}
    assert (await office.http.delete(path, headers=mine)).status_code == 204


async def test_an_account_pauses_after_five_wrong_passwords(office: Office) -> None:
    body = {"login": "dispatcher3", "password": "wrong"}
    for _ in range(5):
        answer = await office.http.post("/api/v1/sessions", json=body)
        assert answer.status_code == 401
    good = body | {"password": "gridcase-demo"}
    locked = await office.http.post("/api/v1/sessions", json=good)
    assert (locked.status_code, locked.json()["code"]) == (429, "locked_out")
    assert int(locked.headers["retry-after"]) > 0
