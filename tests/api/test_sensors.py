"""Readings by HTTP: one case an incident, joined by alarms, taken back by quiet."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from embedded.office import Office
from registry.tables_case import CaseRow, CommandRow
from registry.tables_sensor import SensorIncident, SensorReading

pytestmark = pytest.mark.server

GATEWAY = "admin1"
START = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=5)
PLACE = {"subclass": "E05-06", "condition": 1, "lon": 120.1065, "lat": 30.366}


@pytest.fixture
def device() -> str:
    """A device of this test's own."""
    return f"WL-{uuid.uuid4().hex[:8]}"


def readings(device: str, *marks: str, **more: object) -> list[dict[str, Any]]:
    """`4!` is an alarm four minutes after the start, `4` a normal reading."""
    return [
        {
            "device": device,
            "metric": "water_level",
            "at": (START + timedelta(minutes=float(one.rstrip("!")))).isoformat(),
            "value": 0.9 if one.endswith("!") else 0.1,
            "alarm": one.endswith("!"),
            **PLACE,
            **more,
        }
        for one in marks
    ]


async def send(
    office: Office, body: list[dict[str, Any]], key: str = "", login: str | None = GATEWAY
) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return await office.ask(
        "POST", "/sensor-readings", login, json={"readings": body}, headers=headers
    )


async def changes(office: Office, body: list[dict[str, Any]]) -> list[tuple[str, str]]:
    answer = await send(office, body)
    assert answer.status_code == 200, answer.text
    return [(one["change"], one["case_no"]) for one in answer.json()["changes"]]


async def commands_of(office: Office, case_no: str) -> list[CommandRow]:
    """Commands of a case, judged."""
    async with asyncio.timeout(20):
        while True:
            async with office.services.sessions() as session:
                rows = (
                    await session.scalars(
                        select(CommandRow)
                        .where(CommandRow.case_no == case_no)
                        .order_by(CommandRow.received_at)
                    )
                ).all()
            if all(one.verdict for one in rows):
                return list(rows)
            await asyncio.sleep(0.02)


async def test_three_alarms_are_one_case_and_more_join_it(office: Office, device: str) -> None:
    assert await changes(office, readings(device, "0!", "1!")) == []
    ((change, case_no),) = await changes(office, readings(device, "2!", "3!", "4"))
    assert change == "opened"
    assert await changes(office, readings(device, "5!", "6!", "7!")) == []

    await commands_of(office, case_no)
    case = await office.get(f"/cases/{case_no}", "duty1")
    assert case["source"] == "sensor"
    assert f"设备 {device} 报警：water_level = 0.9" in case["words"]
    assert (case["subclass"], case["grid"] != "") == ("E05-06", True)
    async with office.services.sessions() as session:
        row = await session.get_one(CaseRow, case_no)
        joined = await session.scalar(
            select(func.count()).where(SensorReading.case_no == case_no)
        )
        first = await session.scalar(
            select(CommandRow.principal).where(CommandRow.case_no == case_no)
        )
    assert row.upstream == {"device": device}
    assert first == f"device:{device}"
    assert joined == 5


async def test_quiet_takes_the_report_back_while_it_is_new(office: Office, device: str) -> None:
    ((_, case_no),) = await changes(office, readings(device, "0!", "1!", "2!"))
    assert await changes(office, readings(device, "3", "4")) == []
    assert await changes(office, readings(device, "5")) == [("cleared", case_no)]

    last = (await commands_of(office, case_no))[-1]
    assert (last.steps[0]["action"], last.verdict) == ("withdraw", "done")
    assert (await office.get(f"/cases/{case_no}", "duty1"))["state"] == "withdrawn"

    ((change, second),) = await changes(office, readings(device, "6!", "7!", "8!"))
    assert change == "opened"
    assert second != case_no


async def test_alarms_before_the_quiet_do_not_count_again(office: Office, device: str) -> None:
    await changes(office, readings(device, "0!", "1!", "2!", "3", "4", "5"))

    assert await changes(office, readings(device, "6!")) == []
    assert await changes(office, readings(device, "7!")) == []
    assert len(await changes(office, readings(device, "8!"))) == 1


async def test_quiet_asks_for_withdrawal_once_the_case_is_filed(
    office: Office, device: str
) -> None:
    ((_, case_no),) = await changes(office, readings(device, "0!", "1!", "2!"))
    await commands_of(office, case_no)
    state = (await office.get(f"/cases/{case_no}", "duty1"))["state"]
    if state == "verifying":
        asked = (await office.get(f"/cases/{case_no}", "duty1"))["asked"]
        found = {"action": "verify_found", "text": "现场积水"}
        answer = await office.act(case_no, asked, found)
        assert answer.status_code == 200, answer.text
    else:
        taken = {"action": "accept", "subclass": "E05-06", "grid": "990106001001001"}
        assert (await office.act(case_no, "acceptor1", taken)).status_code == 200
    filed = await office.act(case_no, "duty1", {"action": "file", "condition": 1})
    assert filed.status_code == 200, filed.text

    assert await changes(office, readings(device, "3", "4", "5")) == [("cleared", case_no)]

    last = (await commands_of(office, case_no))[-1]
    assert (last.steps[0]["action"], last.verdict) == ("request_withdraw", "done")
    assert (await office.get(f"/cases/{case_no}", "duty1"))["state"] == "filed"


async def test_the_same_batch_again_answers_the_same(office: Office, device: str) -> None:
    key = uuid.uuid4().hex
    body = readings(device, "0!", "1!", "2!")
    first = await send(office, body, key)
    again = await send(office, body, key)
    other_key = await send(office, body)
    other_body = await send(office, readings(device, "9!"), key)

    assert first.json()["taken"] == 3
    assert again.json() == first.json()
    assert other_key.json() == {"taken": 0, "known": 3, "late": 0, "changes": []}
    assert (other_body.status_code, other_body.json()["code"]) == (
        422,
        "idempotency_key_reused",
    )


async def test_batches_at_once_open_one_incident(office: Office, device: str) -> None:
    batches = [readings(device, f"{n}!", f"{n}.2!", f"{n}.4!") for n in range(5)]
    answers = await asyncio.gather(*(send(office, one) for one in batches))

    assert {one.status_code for one in answers} == {200}
    async with office.services.sessions() as session:
        count = await session.scalar(
            select(func.count()).where(SensorIncident.device == device)
        )
    assert count == 1


async def test_a_late_reading_is_kept_and_not_judged(office: Office, device: str) -> None:
    await send(office, readings(device, "5!", "6!"))
    late = await send(office, readings(device, "4!"))

    assert late.json() == {"taken": 1, "known": 0, "late": 1, "changes": []}


async def test_each_measure_of_a_device_is_its_own_incident(
    office: Office, device: str
) -> None:
    both = readings(device, "0!", "1!", "2!") + readings(
        device, "0!", "1!", "2!", metric="flow"
    )
    found = await changes(office, both)

    assert [one for one, _ in found] == ["opened", "opened"]
    assert len({case_no for _, case_no in found}) == 2


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"at": "2126-01-01T00:00:00Z"}, "/readings/0/at"),
        ({"at": "2020-01-01T00:00:00Z"}, "/readings/0/at"),
        ({"at": "2026-01-01T00:00:00"}, "/readings/0/at"),
        ({"subclass": "Z99-01"}, "/readings/0/subclass"),
        ({"grid": "990106999999999"}, "/readings/0/grid"),
        ({"value": "high"}, "/readings/0/value"),
        ({"device": ""}, "/readings/0/device"),
        ({"lon": None}, "/readings/0"),
        ({"colour": "red"}, "/readings/0/colour"),
    ],
)
async def test_a_wrong_reading_is_named_and_nothing_of_its_batch_is_kept(
    office: Office, device: str, change: dict[str, Any], pointer: str
) -> None:
    body = readings(device, "0!", "1!")
    answer = await send(office, [body[0] | change, body[1]])

    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer
    async with office.services.sessions() as session:
        count = await session.scalar(select(func.count()).where(SensorReading.device == device))
    assert count == 0


@pytest.mark.parametrize(("login", "status"), [(None, 401), ("acceptor1", 403)])
async def test_only_a_gateway_hands_readings_in(
    office: Office, device: str, login: str | None, status: int
) -> None:
    answer = await send(office, readings(device, "0!"), login=login)

    assert answer.status_code == status


async def test_a_batch_has_a_thousand_readings_at_most(office: Office, device: str) -> None:
    many = readings(device, *(f"{n / 10}" for n in range(1001)))

    assert (await send(office, many)).status_code == 422
    assert (await send(office, many[:1000])).json()["taken"] == 1000
