"""The thread of a case by HTTP: who talks, who is asked to read, what stays on record."""
# ruff: noqa: ANN401  fields of a body

import uuid
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, update

from embedded.office import Office
from registry.tables_case import CaseRow, EventRow
from registry.tables_thread import FormerTextRow, MessageRow

pytestmark = pytest.mark.server
SAID = "水阀已关，可以开挖"
REASON = {"action": "refuse", "reason": "refuse_outside_area", "text": "请拨打当地12345"}


async def say(
    office: Office, case_no: str, login: str, text: str = SAID, **more: Any
) -> httpx.Response:
    key = more.pop("key", uuid.uuid4().hex)
    return await office.ask(
        "POST",
        f"/cases/{case_no}/thread",
        login,
        json={"text": text} | more,
        headers={"Idempotency-Key": key},
    )


async def read(office: Office, case_no: str, login: str, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = await office.get(f"/cases/{case_no}/thread", login, **more)
    return found


async def test_those_who_work_on_a_case_talk_apart_from_its_timeline(
    office: Office, dispatched: str
) -> None:
    before = await office.get(f"/cases/{dispatched}/timeline", "duty1")
    first = await say(office, dispatched, "dispatcher1")
    second = await say(office, dispatched, "roads.crew", "收到，半小时到")
    page = await read(office, dispatched, "duty1")

    assert (first.status_code, second.status_code) == (201, 201), first.text + second.text
    assert [one["text"] for one in page["messages"]] == ["收到，半小时到", SAID]
    assert [one["unit"] for one in page["messages"]] == ["roads", ""]
    assert (page["unread"], page["writes"]) == (2, True)
    assert await office.get(f"/cases/{dispatched}/timeline", "duty1") == before


async def test_a_message_sent_twice_is_one(office: Office, dispatched: str) -> None:
    key = uuid.uuid4().hex
    first = await say(office, dispatched, "dispatcher1", key=key)
    again = await say(office, dispatched, "dispatcher1", key=key)
    other = await say(office, dispatched, "dispatcher1", "另一句", key=key)

    assert first.json() == again.json()
    assert other.status_code == 422
    assert len((await read(office, dispatched, "duty1"))["messages"]) == 1


async def test_a_department_without_a_part_and_a_visitor_see_nothing_of_it(
    office: Office, dispatched: str
) -> None:
    await say(office, dispatched, "dispatcher1")
    path = f"/cases/{dispatched}/thread"

    assert (await office.ask("GET", path, "sanitation.crew")).status_code == 404
    assert (await say(office, dispatched, "sanitation.crew")).status_code == 404
    assert (await office.ask("GET", path)).status_code == 401
    assert (
        await office.ask("PUT", f"{path}/read", "sanitation.crew", json={"seq": 1})
    ).status_code == 404


async def test_the_reporter_and_the_search_find_nothing_of_it(office: Office) -> None:
    reported = await office.report(None)
    case_no, code = reported["case_no"], {"code": reported["tracking_code"]}
    secret = f"此人多次无理投诉{uuid.uuid4().hex[:6]}"
    await say(office, case_no, "acceptor1", secret)
    tracked = await office.ask("POST", f"/track/{case_no}", None, json=code)
    found = await office.get("/search", "acceptor1", params={"q": secret})

    assert tracked.status_code == 200
    assert secret not in tracked.text
    assert found["cases"] == []
    async with office.services.sessions() as session:
        notes = await session.scalars(select(EventRow.note).where(EventRow.case_no == case_no))
        assert secret not in "".join(notes)


async def test_who_is_asked_to_read_takes_part(office: Office, dispatched: str) -> None:
    good = ["unit:roads", "person:duty1"]
    made = await say(office, dispatched, "dispatcher1", mentions=good)
    strangers = [
        await say(office, dispatched, "dispatcher1", mentions=[one])
        for one in (
            "unit:sanitation",
            "person:sanitation.crew",
            "person:nobody",
            "unit:nowhere",
        )
    ]

    assert sorted(made.json()["mentions"]) == sorted(good)
    assert {one.status_code for one in strangers} == {422}
    assert strangers[0].json()["errors"][0]["pointer"] == "/mentions/0"
    assert (
        "未参与"
        in (
            await office.ask(
                "POST",
                f"/cases/{dispatched}/thread",
                "dispatcher1",
                json={"text": "x", "mentions": ["unit:sanitation"]},
                headers={"Accept-Language": "zh"},
            )
        ).json()["detail"]
    )


async def test_read_marks_say_who_has_read_up_to_where(office: Office, dispatched: str) -> None:
    for text in ("一", "二", "三"):
        assert (await say(office, dispatched, "dispatcher1", text)).status_code == 201
    path = f"/cases/{dispatched}/thread/read"
    for seq in (2, 1):
        answer = await office.ask("PUT", path, "duty1", json={"seq": seq})
        assert answer.status_code == 204
    page = await read(office, dispatched, "duty1")
    await office.ask("PUT", path, "roads.crew", json={"seq": 99})
    marks = (await read(office, dispatched, "dispatcher1"))["reads"]

    assert page["unread"] == 1
    assert {one["person"]: one["seq"] for one in marks} == {
        "dispatcher1": 3,
        "duty1": 2,
        "roads.crew": 3,
    }
    assert (await office.ask("PUT", path, "duty1", json={"seq": 0})).status_code == 422


async def test_pages_go_on_where_the_last_one_ended(office: Office, dispatched: str) -> None:
    texts = [str(number) for number in range(5)]
    for text in texts:
        await say(office, dispatched, "dispatcher1", text)
    seen: list[str] = []
    cursor = None
    for _ in range(4):
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = await read(office, dispatched, "duty1", params=params)
        seen += [one["text"] for one in page["messages"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert seen == texts[::-1]
    wrong = await office.ask(
        "GET", f"/cases/{dispatched}/thread", "duty1", params={"cursor": "x"}
    )
    assert wrong.status_code == 422


async def test_a_message_is_changed_and_taken_back_by_its_author_and_stays_on_record(
    office: Office, dispatched: str
) -> None:
    seq = (await say(office, dispatched, "dispatcher1")).json()["seq"]
    path = f"/cases/{dispatched}/thread/{seq}"
    stranger = await office.ask("PUT", path, "duty1", json={"text": "别人改的"})
    changed = await office.ask("PUT", path, "dispatcher1", json={"text": "水阀没有关"})
    gone = await office.ask("DELETE", path, "dispatcher1")
    again = await office.ask("DELETE", path, "dispatcher1")
    late = await office.ask("PUT", path, "dispatcher1", json={"text": "又改"})
    (message,) = (await read(office, dispatched, "duty1"))["messages"]

    assert (stranger.status_code, stranger.json()["code"]) == (403, "not_your_message")
    assert (changed.status_code, changed.json()["text"]) == (200, "水阀没有关")
    assert (gone.status_code, again.status_code) == (204, 204)
    assert (late.status_code, late.json()["code"]) == (409, "taken_back")
    assert message["text"] == ""
    assert message["taken_back_at"]
    assert (await read(office, dispatched, "duty1"))["unread"] == 0
    async with office.services.sessions() as session:
        row = await session.get_one(MessageRow, (dispatched, seq))
        former = await session.scalars(
            select(FormerTextRow.text).where(FormerTextRow.case_no == dispatched)
        )
        assert (row.text, former.all()) == ("水阀没有关", [SAID])


async def test_after_five_minutes_a_message_stands(office: Office, dispatched: str) -> None:
    seq = (await say(office, dispatched, "dispatcher1")).json()["seq"]
    async with office.services.sessions.begin() as session:
        await session.execute(
            update(MessageRow)
            .where(MessageRow.case_no == dispatched)
            .values(said_at=func.clock_timestamp() - timedelta(minutes=5, seconds=1))
        )
    path = f"/cases/{dispatched}/thread/{seq}"
    answers = [
        await office.ask("PUT", path, "dispatcher1", json={"text": "改"}),
        await office.ask("DELETE", path, "dispatcher1"),
    ]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [(409, "too_late")] * 2
    missing = await office.ask("DELETE", f"/cases/{dispatched}/thread/99", "dispatcher1")
    assert missing.status_code == 404


async def test_on_an_ended_case_the_thread_can_be_read_only(office: Office) -> None:
    reported = await office.report(None)
    case_no = reported["case_no"]
    seq = (await say(office, case_no, "acceptor1")).json()["seq"]
    body = {"code": reported["tracking_code"], "steps": [{"action": "withdraw"}], "seen": 1}
    answer = await office.ask("POST", f"/track/{case_no}/commands", None, json=body)
    assert answer.status_code == 200, answer.text
    refused = [
        await say(office, case_no, "acceptor1"),
        await office.ask("DELETE", f"/cases/{case_no}/thread/{seq}", "acceptor1"),
    ]
    page = await read(office, case_no, "acceptor1")

    assert [(one.status_code, one.json()["code"]) for one in refused] == [
        (409, "thread_closed")
    ] * 2
    assert (page["writes"], [one["text"] for one in page["messages"]]) == (False, [SAID])


async def test_photos_of_a_message_are_seen_by_its_readers_and_are_none_of_the_case(
    office: Office, dispatched: str
) -> None:
    photo, strange = await office.photo("dispatcher1"), await office.photo("duty1")
    made = await say(office, dispatched, "dispatcher1", photos=[photo])
    stolen = await say(office, dispatched, "dispatcher1", photos=[strange])
    path = f"/attachments/{photo}"

    assert made.json()["photos"] == [photo]
    assert stolen.status_code == 422
    assert (await office.ask("GET", path, "roads.crew")).status_code == 200
    assert (await office.ask("GET", path, "sanitation.crew")).status_code == 404
    assert photo not in (await office.get(f"/cases/{dispatched}", "duty1"))["attachments"]
    await office.ask("DELETE", f"/cases/{dispatched}/thread/1", "dispatcher1")
    assert (await office.ask("GET", path, "roads.crew")).status_code == 404


async def test_a_photo_said_on_two_cases_is_seen_by_the_readers_of_each(
    office: Office, dispatched: str
) -> None:
    photo = await office.photo("dispatcher1")
    other = str((await office.report(subclass="C01-25", condition=1))["case_no"])
    for case_no in (other, dispatched):
        made = await say(office, case_no, "dispatcher1", photos=[photo])
        assert made.status_code == 201, made.text
    path = f"/attachments/{photo}"

    assert (await office.ask("GET", path, "roads.crew")).status_code == 200
    assert (await office.ask("GET", path, "water.crew")).status_code == 200
    assert (await office.ask("GET", path, "sanitation.crew")).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"text": ""},
        {"text": "   "},
        {"text": "长" * 2001},
        {"text": "x", "mentions": ["roads"]},
        {"text": "x", "photos": ["no"]},
        {"text": "x\x00"},
        {},
    ],
)
async def test_what_is_no_message_is_refused(
    office: Office, dispatched: str, body: dict[str, Any]
) -> None:
    answer = await office.ask("POST", f"/cases/{dispatched}/thread", "dispatcher1", json=body)

    assert answer.status_code == 422, answer.text
    assert (await read(office, dispatched, "duty1"))["messages"] == []


async def test_many_at_once_are_numbered_one_after_the_other(
    office: Office, dispatched: str
) -> None:
    import asyncio  # noqa: PLC0415

    made = await asyncio.gather(
        *(say(office, dispatched, "dispatcher1", str(number)) for number in range(6))
    )

    assert sorted(one.json()["seq"] for one in made) == [1, 2, 3, 4, 5, 6]
    async with office.services.sessions() as session:
        assert await session.get(CaseRow, dispatched) is not None
