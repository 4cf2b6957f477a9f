"""A report and what follows it in the same breath: all or nothing (T2 from nothing)."""

import uuid
from typing import Any

import httpx
import pytest

from embedded.office import MEMBER, POINT, Office

pytestmark = pytest.mark.server


async def settled(  # noqa: PLR0913  what varies from test to test
    office: Office,
    login: str | None = MEMBER,
    *,
    subclass: str = "E01-07",
    photos: int = 2,
    key: str = "",
    language: str = "en",
) -> httpx.Response:
    at = {"lon": POINT[0], "lat": POINT[1]}
    ids = [await office.photo(login, **at) for _ in range(photos)]
    body: dict[str, Any] = {
        "words": "沿街晾挂，已取下",
        "subclass": subclass,
        "photos": ids[:1],
        "then": [{"action": "self_handle", "photos": ids, "text": "已取下"}],
        **at,
    }
    headers = {"Idempotency-Key": key or uuid.uuid4().hex, "Accept-Language": language}
    return await office.ask("POST", "/reports", login, json=body, headers=headers)


async def test_a_member_reports_and_settles_in_one_breath(office: Office) -> None:
    made = await settled(office)

    assert made.status_code == 201, made.text
    await office.judged(made.json()["command_id"])
    case_no = made.json()["case_no"]
    assert (await office.get(f"/cases/{case_no}", "duty1"))["state"] == "self_closed"
    told = await office.get(f"/cases/{case_no}/timeline", "duty1")
    assert [one["action"] for one in told["entries"]][:2] == ["report", "self_handle"]


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"subclass": "E01-01"}, 409, "not_now"),
        ({"photos": 1}, 409, "not_now"),
        ({"login": "acceptor1"}, 403, "forbidden"),
        ({"login": None}, 403, "forbidden"),
    ],
)
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_what_is_refused_leaves_no_report_behind(
    office: Office, more: dict[str, Any], status: int, code: str, language: str
) -> None:
    before = (await office.counts())[1:]  # photos are uploaded before
    answer = await settled(office, **more, language=language)

    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    chinese = any("\u4e00" <= letter <= "\u9fff" for letter in answer.json()["detail"])
    assert chinese is (language == "zh")
    assert (await office.counts())[1:] == before
