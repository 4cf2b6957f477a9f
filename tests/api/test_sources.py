"""Sources: who enters what, identifiers that must and may be there, no order twice."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from embedded.office import Office
from registry.tables_case import CaseRow

pytestmark = pytest.mark.server

HERE = {"words": "上级转来：暴露垃圾", "lon": 120.1065, "lat": 30.366}
SOON = datetime.now(UTC) + timedelta(days=4)


def number() -> str:
    return f"SJ{uuid.uuid4().hex[:10]}"


async def report(
    office: Office, login: str | None = "acceptor1", lang: str = "en", **fields: object
) -> httpx.Response:
    headers = {"Accept-Language": lang}
    return await office.ask("POST", "/reports", login, json={**HERE, **fields}, headers=headers)


async def test_the_registry_of_sources_is_listed_with_its_identifiers(office: Office) -> None:
    listed = {one["code"]: one for one in await office.get("/sources")}

    assert next(iter(listed)) == "hotline"
    assert listed["upstream_12345"]["needs"] == ["upstream_no"]
    assert "return_until" in listed["upstream_12345"]["may"]
    assert listed["sensor"]["needs"] == ["device"]
    assert listed["petition"]["zh"] == "信访"


async def test_an_upstream_order_keeps_its_number_and_times(office: Office) -> None:
    mine = number()
    made = await report(
        office,
        source="upstream_12345",
        upstream_no=mine,
        upstream_due=SOON.isoformat(),
        return_until=(SOON - timedelta(days=2)).isoformat(),
    )

    assert made.status_code == 201, made.text
    await office.judged(made.json()["command_id"])
    async with office.services.sessions() as session:
        row = await session.get_one(CaseRow, made.json()["case_no"])
    assert (row.upstream_no, row.source) == (mine, "upstream_12345")
    assert row.snapshot["upstream_no"] == mine
    assert datetime.fromisoformat(row.snapshot["upstream_due"]) == SOON


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"source": "upstream_12345"}, "/upstream_no", "missing"),
        ({"source": "petition"}, "/upstream_no", "missing"),
        ({"source": "hotline", "upstream_no": "A1"}, "/upstream_no", "not_taken"),
        ({"upstream_due": SOON.isoformat()}, "/upstream_due", "not_taken"),
        (
            {
                "source": "upstream_12345",
                "upstream_no": "A1",
                "upstream_due": "2004-01-01T00:00:00Z",
            },
            "/upstream_due",
            "out_of_range",
        ),
        (
            {
                "source": "upstream_12345",
                "upstream_no": "A1",
                "return_until": "2126-01-01T00:00:00+08:00",
            },
            "/return_until",
            "out_of_range",
        ),
        (
            {
                "source": "upstream_12345",
                "upstream_no": "A1",
                "upstream_due": "2026-12-01T00:00:00",
            },
            "/upstream_due",
            "timezone_aware",
        ),
        ({"source": "upstream_12345", "upstream_no": "A 1"}, "/upstream_no", ""),
    ],
)
async def test_a_wrong_identifier_is_named(
    office: Office, fields: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await report(office, **fields)

    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert error["pointer"] == pointer
    assert error["code"] == code or not code


async def test_what_is_missing_is_said_in_the_reader_s_language(office: Office) -> None:
    zh = await report(office, lang="zh", source="upstream_12345")
    en = await report(office, source="upstream_12345")

    assert zh.json()["detail"] == "来源为“上级平台工单”的上报须填写上级工单号（信访件号）"
    assert "must name the upstream or petition number" in en.json()["detail"]


@pytest.mark.parametrize(
    ("login", "source"),
    [
        (None, "upstream_12345"),
        ("acceptor1", "sensor"),
        ("sanitation.desk", "hotline"),
        ("admin1", "petition"),
    ],
)
async def test_a_role_cannot_enter_another_s_source(
    office: Office, login: str | None, source: str
) -> None:
    answer = await report(office, login, source=source, upstream_no="A1")

    assert (answer.status_code, answer.json()["code"]) == (403, "source_not_allowed")


async def test_an_order_that_is_an_open_case_is_refused_and_the_case_named(
    office: Office,
) -> None:
    mine = number()
    order = {"source": "upstream_12345", "upstream_no": mine}
    first = await report(office, **order)
    again = await report(office, **order)

    assert first.status_code == 201
    assert (again.status_code, again.json()["code"]) == (409, "already_reported")
    assert again.json()["case_no"] == first.json()["case_no"]
    assert first.json()["case_no"] in again.json()["detail"]
    other = await report(office, source="petition", upstream_no=mine)
    assert other.status_code == 201, "another source counts for itself"

    await office.judged(first.json()["command_id"])  # what is judged later writes the row anew
    async with office.services.sessions.begin() as session:
        await session.execute(
            update(CaseRow)
            .where(CaseRow.case_no == first.json()["case_no"])
            .values(ended_at=datetime.now(UTC))
        )
    later = await report(office, **order)
    assert later.status_code == 201


async def test_a_drill_is_not_the_case_of_an_order(office: Office) -> None:
    order = {"source": "upstream_12345", "upstream_no": number()}
    drill = await report(office, "duty1", drill=True, **order)
    real = await report(office, **order)

    assert (drill.status_code, real.status_code) == (201, 201), real.text


async def test_an_order_sent_twice_at_once_is_one_case(office: Office) -> None:
    order = {"source": "upstream_12345", "upstream_no": number()}
    answers = await asyncio.gather(*(report(office, **order) for _ in range(6)))

    codes = sorted(one.status_code for one in answers)
    assert codes == [201, 409, 409, 409, 409, 409]


async def test_the_same_key_again_answers_the_same_order(office: Office) -> None:
    key = {"Idempotency-Key": uuid.uuid4().hex}
    body = HERE | {"source": "petition", "upstream_no": number()}
    first = await office.ask("POST", "/reports", "acceptor1", json=body, headers=key)
    again = await office.ask("POST", "/reports", "acceptor1", json=body, headers=key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()


async def test_a_lift_fault_is_asked_for_the_people_in_it(office: Office) -> None:
    listed = (await office.get("/catalogue"))["conditions"]
    lift = next(one for one in listed if one["subclass"] == "A22-06")
    assert [one["key"] for one in lift["questions"]] == ["trapped", "people", "lift_no"]

    call = {"source": "hotline", "subclass": "A22-06"}
    missing = await report(office, lang="zh", **call)
    assert missing.status_code == 422
    assert missing.json()["detail"] == "请回答：是否有人被困？"
    assert missing.json()["errors"][0]["pointer"] == "/answers/trapped"
    wrong = await report(office, **call, answers={"trapped": True, "people": "three"})
    assert wrong.json()["errors"][0]["pointer"] == "/answers/people"

    made = await report(office, **call, answers={"trapped": True, "people": 3})
    assert made.status_code == 201, made.text
    await office.judged(made.json()["command_id"])
    case = await office.get(f"/cases/{made.json()['case_no']}", "acceptor1")
    assert case["answers"] == {"trapped": True, "people": 3}
    line = await office.get(f"/cases/{made.json()['case_no']}/timeline", "acceptor1")
    assert "people" not in str(line)


async def test_a_citizen_may_leave_questions_out_but_not_answer_another_class(
    office: Office,
) -> None:
    left = await report(office, None, subclass="A22-06")
    assert left.status_code == 201, left.text
    none = await report(office, None, answers={"trapped": True})
    assert (none.status_code, none.json()["errors"][0]["code"]) == (422, "unknown")


async def test_templates_are_listed_by_action_and_a_refusal_names_the_right_channel(
    office: Office,
) -> None:
    texts = await office.get("/templates", "acceptor1", params={"action": "feed_back"})
    assert [one["code"] for one in texts][:2] == ["feed_back_solved", "feed_back_explained"]
    assert {one["action"] for one in texts} == {"feed_back"}
    assert len(await office.get("/templates", "acceptor1")) > len(texts)
    assert (await office.ask("GET", "/templates")).status_code == 401

    reasons = (await office.get("/reasons"))["refuse"]
    outside = next(one for one in reasons if one["code"] == "refuse_outside_area")
    assert outside["channel_zh"] == "请向事发地政府或当地12345反映"
