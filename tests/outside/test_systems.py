"""A department with its own system: told by signed webhook, answers by signed call-back."""
# ruff: noqa: ANN401  the fixtures of a folder have no type that can be imported

import asyncio
import base64
import hashlib
import hmac
import json
import time
import uuid
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from activities import deliver
from embedded.office import picture
from embedded.telling import DEADLINE
from registry import destinations, outbox
from registry.destinations import FAILURES, DestinationError, check_address, rest_until
from registry.tables_outside import DeliveryRow, DestinationRow

pytestmark = pytest.mark.server


def signed(secret: str, raw: bytes, at: float) -> dict[str, str]:
    """The headers of a call-back, worked out as the other side would."""
    stamp = str(int(at))
    digest = hmac.new(secret.encode(), stamp.encode() + b"." + raw, hashlib.sha256).hexdigest()
    return {
        "Gridcase-Timestamp": stamp,
        "Gridcase-Signature": f"v1={digest}",
        "Content-Type": "application/json",
    }


async def answer(
    house: Any, system: Any, *, late: float = 0, secret: str = "", **said: object
) -> httpx.Response:
    """A call-back of a system."""
    raw = json.dumps({"id": uuid.uuid4().hex, **said}).encode()
    headers = signed(secret or system.secret, raw, time.time() - late)
    path = f"/api/v1/outside/{system.code}/callbacks"
    found: httpx.Response = await house.office.http.post(path, content=raw, headers=headers)
    return found


async def given(house: Any) -> str:
    """A case that goes to the roads office."""
    return str((await house.office.report())["case_no"])


async def case(house: Any, case_no: str) -> dict[str, Any]:
    found: dict[str, Any] = await house.office.get(f"/cases/{case_no}", "duty1")
    return found


async def test_a_system_is_told_signs_and_feeds_back(house: Any, install: Any) -> None:
    system = await install("roads")
    case_no = await given(house)
    (told,) = await system.until(case_no, 1)
    signing = await answer(house, system, work=case_no, action="sign", seen=told["version"])
    photo = base64.b64encode(picture()).decode()
    fed = await answer(
        house,
        system,
        work=case_no,
        action="feed_back",
        seen=signing.json()["version"],
        result="solved",
        text="已修补",
        photos=[photo],
    )

    assert (told["tells"], told["unit"], told["words"]) == ("assigned", "roads", "暴露垃圾")
    assert "reporter" not in json.dumps(told)
    assert signing.status_code == 200, signing.text
    assert fed.status_code == 200, fed.text
    assert (await case(house, case_no))["state"] == "fed_back"
    timeline = await house.office.get(f"/cases/{case_no}/timeline", "duty1")
    assert f"system:{system.code}" in json.dumps(timeline)
    assert len(system.heard(case_no)) == 1


async def test_a_system_that_is_down_loses_nothing_and_holds_nobody_up(
    house: Any, install: Any
) -> None:
    down = await install("roads", "500")
    well = await install("water")
    first = await given(house)
    report = await house.office.report(subclass="C01-25", condition=1)
    await house.office.act(first, "dispatcher1", {"action": "urge", "text": "请尽快"})
    async with asyncio.timeout(DEADLINE):
        while not down.heard(first):  # noqa: ASYNC110  another process is told
            await asyncio.sleep(0.05)
    (heard,) = await well.until(report["case_no"], 1)
    assert heard["unit"] == "water"
    assert [one["status"] for one in down.heard(first)][-1] == 500
    down.answers("ok")
    taken = await down.until(first, 2)

    assert [one["tells"] for one in taken] == ["assigned", "urged"]
    assert taken[1]["note"] == "请尽快"


async def test_for_a_day_after_a_rotation_both_secrets_hold(house: Any, install: Any) -> None:
    system = await install("roads")
    sealer, now = house.office.services.acting.sealer, datetime.now(UTC)
    async with house.office.services.sessions.begin() as session:
        secret = await destinations.rotate(session, sealer, system.code, now)
    case_no = await given(house)
    (told,) = await system.until(case_no, 1)  # it still checks by the former one
    said: Any = {"work": case_no, "action": "comment", "text": "已到现场"}
    by_former = await answer(house, system, **said)
    by_new = await answer(house, system, secret=secret, **said)

    assert told["status"] == 200
    assert (by_former.status_code, by_new.status_code) == (200, 200), by_new.text


async def test_what_is_forged_old_or_of_an_unknown_system_is_refused(
    house: Any, install: Any
) -> None:
    system = await install("roads")
    case_no = await given(house)
    before = await case(house, case_no)
    wrong = [
        await answer(house, system, work=case_no, action="sign", seen=0, secret="guessed"),  # noqa: S106
        await answer(house, system, work=case_no, action="sign", seen=0, late=301),
        await answer(house, system, work=case_no, action="sign", seen=0, late=-301),
    ]
    other = type(system)(
        code="nobody", port=0, secret=system.secret, log=system.log, mode=system.mode
    )
    wrong.append(await answer(house, other, work=case_no, action="sign", seen=0))

    assert [one.status_code for one in wrong] == [401] * 4
    assert {one.json()["code"] for one in wrong} == {"bad_signature"}
    assert await case(house, case_no) == before


async def test_an_answer_sent_twice_is_one(house: Any, install: Any) -> None:
    system = await install("roads")
    case_no = await given(house)
    seen = (await case(house, case_no))["version"]
    mine = {"id": uuid.uuid4().hex, "work": case_no, "action": "sign", "seen": seen}
    once = await answer(house, system, **mine)
    again = await answer(house, system, **mine)
    other = await answer(house, system, **(mine | {"text": "另一内容"}))

    assert once.status_code == again.status_code == 200
    assert once.json()["command_id"] == again.json()["command_id"]
    assert other.status_code == 422


async def test_a_system_does_its_unit_s_work_and_nothing_else(house: Any, install: Any) -> None:
    system = await install("roads")
    water = await install("water")
    case_no = await given(house)
    close = await answer(house, system, work=case_no, action="close", seen=0)
    foreign = await answer(house, water, work=case_no, action="sign", seen=0)
    broken = await answer(
        house, system, work=case_no, action="comment", text="x", photos=["not base64!"]
    )

    assert (close.status_code, foreign.status_code, broken.status_code) == (422, 404, 422)
    assert "/photos/0" in broken.text


async def test_what_it_loses_is_told_too(house: Any, install: Any) -> None:
    system = await install("roads")
    case_no = await given(house)
    await house.office.act(
        case_no,
        "dispatcher1",
        {"action": "recall", "reason": "recall_wrong_unit", "text": "派错单位"},
    )
    told = await system.until(case_no, 2)

    assert [one["tells"] for one in told] == ["assigned", "withdrawn"]
    assert told[1]["work"] == case_no
    assert {"words", "address", "note", "lon", "lat"}.isdisjoint(told[1])


async def test_of_a_confidential_class_a_system_hears_no_words(
    house: Any, install: Any
) -> None:
    system = await install("health")
    body = {
        "words": "与医院的纠纷",
        "subclass": "A21-06",
        "condition": 1,
        "address": "三号楼",
    }
    case_no = str((await house.office.report(**body))["case_no"])
    await house.office.act(case_no, "dispatcher1", {"action": "comment", "text": "已多次上门"})
    told = await system.until(case_no, 2)

    assert [one["tells"] for one in told] == ["assigned", "note"]
    for one in told:
        assert one["confidential"]
        assert (one["words"], one["address"], one["note"], one["lon"]) == ("", "", "", None)
        assert one["subclass"] == "A21-06"


async def test_what_is_decided_of_its_wish_is_told(house: Any, install: Any) -> None:
    system = await install("roads")
    case_no = await given(house)
    (told,) = await system.until(case_no, 1)
    back = await answer(
        house,
        system,
        work=case_no,
        action="return",
        seen=told["version"],
        reason="return_wrong_duty",
        text="非本单位职责",
    )
    assert back.status_code == 200, back.text
    refuse = {"action": "reject_return", "reason": "reject_duty_clear", "text": "属本单位职责"}
    kept = await house.office.act(case_no, "dispatcher1", refuse)
    assert kept.status_code == 200, kept.text
    (_, decided) = await system.until(case_no, 2)

    assert (decided["tells"], decided["state"]) == ("decided", "signed")
    assert decided["note"] == "属本单位职责"


async def test_what_is_said_on_a_joint_case_is_told_of_the_system_s_own_task(
    house: Any, install: Any
) -> None:
    system = await install("water")
    case_no = await given(house)
    tasks = [{"task_no": 2, "unit": "roads", "lead": True}, {"task_no": 3, "unit": "water"}]
    plan = {"action": "plan", "plan": {"tasks": tasks}}
    planned = await house.office.act(case_no, "dispatcher1", plan)
    assert planned.status_code == 200, planned.text
    work = f"{case_no}.t3"
    await system.until(work, 1)
    said = {"action": "comment", "text": "注意燃气管线"}
    assert (await house.office.act(case_no, "dispatcher1", said)).status_code == 200
    told = await system.until(work, 2)

    assert [one["tells"] for one in told] == ["assigned", "note"]
    assert (told[1]["note"], told[1]["case_no"]) == ("注意燃气管线", case_no)
    assert told[1]["state"] == "dispatched"


async def test_an_answer_without_end_is_read_to_a_limit_and_counts(
    house: Any, install: Any
) -> None:
    system = await install("roads", "long")
    case_no = await given(house)
    row = await delivered(house, system.code)

    assert len(await system.until(case_no, 1)) == 1
    assert (row.attempts, row.reference) == (1, "")


async def test_an_answer_that_drips_is_a_failure_when_its_time_is_over(
    house: Any, install: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "A_CALL", 1.0)
    system = await install("roads", "drip")
    case_no = await given(house)
    await system.until(case_no, 1)
    system.answers("ok")
    await system.until(case_no, 2)
    row = await delivered(house, system.code)

    assert row.attempts == 2
    assert row.reference == f"OA-{case_no}"


async def test_a_redirect_is_a_failure_and_not_followed(house: Any, install: Any) -> None:
    other = await install("water")
    inside = f"http://127.0.0.1:{other.port}/in"
    system = await install("roads", f"moved {inside}")
    case_no = await given(house)
    async with asyncio.timeout(DEADLINE):
        while not system.heard(case_no):  # noqa: ASYNC110  another process is told
            await asyncio.sleep(0.05)
    system.answers("ok")
    await system.until(case_no, 1)
    row = await delivered(house, system.code)

    assert [one["status"] for one in system.heard(case_no)] == [307, 200]
    assert row.attempts == 2
    assert other.heard(case_no) == []


async def delivered(house: Any, code: str) -> Any:
    """The one delivery of a system, once it is made."""
    query = select(DeliveryRow).where(DeliveryRow.destination == code)
    async with asyncio.timeout(DEADLINE), house.office.services.sessions() as session:
        while True:
            row = (await session.scalars(query)).one_or_none()
            if row is not None and row.delivered_at:
                return row
            await session.rollback()
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("end", ["taken", "failed"])
async def test_a_delivery_and_its_system_s_disabling_do_not_wait_for_each_other(
    house: Any, install: Any, end: str
) -> None:
    system = await install("roads", "500")
    case_no, sessions = await given(house), house.office.services.sessions
    async with asyncio.timeout(DEADLINE):
        while not system.heard(case_no):  # noqa: ASYNC110  another process is told
            await asyncio.sleep(0.05)
    mine = select(DeliveryRow.delivery_id).where(DeliveryRow.destination == system.code)

    async def ends(delivery_id: uuid.UUID) -> None:
        at = datetime.now(UTC)
        async with sessions.begin() as session:
            if end == "taken":
                await outbox.delivered(session, delivery_id, reference="", at=at)
            else:
                await outbox.failed(session, delivery_id, error="x", at=at)

    async with sessions.begin() as holder:
        row = select(DestinationRow).where(DestinationRow.code == system.code)
        await holder.execute(row.with_for_update())
        delivery_id = (await holder.execute(mine)).scalar_one()
        ending = asyncio.create_task(ends(delivery_id))
        await asyncio.sleep(0.5)  # it waits for the system's row by now
        async with sessions.begin() as other:
            free = await other.execute(mine.with_for_update(nowait=True))
            assert free.scalar_one() == delivery_id
    await ending


def test_a_system_that_keeps_failing_is_given_longer_and_longer_rests() -> None:
    at = datetime(2026, 11, 23, tzinfo=UTC)

    assert rest_until(FAILURES - 1, at) is None
    rests = [rest_until(FAILURES + more, at) for more in range(7)]
    minutes = [(one - at) / timedelta(minutes=1) for one in rests if one]
    assert minutes == [1, 2, 4, 8, 16, 16, 16]


@pytest.mark.parametrize(
    "url",
    [
        "http://oa.example.gov.cn/in",
        "https://10.0.0.5/in",
        "https://169.254.169.254/latest",
        "https://intranet/in",
        "file:///etc/passwd",
        "ftp://oa.example.gov.cn",
        "not an address",
    ],
)
def test_an_address_that_must_not_be_called_is_refused(url: str) -> None:
    with pytest.raises(DestinationError, match="https://"):
        check_address(url)


def test_a_public_host_by_https_may_be_called() -> None:
    check_address("https://oa.example.gov.cn/in")
    check_address("https://93.184.216.34/in")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8099/in", "https://10.20.0.5/in", "https://intranet/in"]
)
def test_an_inside_address_may_be_called_where_it_is_named(url: str) -> None:
    inside = (ip_network("10.20.0.0/16"), ip_network("127.0.0.1/32"))
    check_address(url, inside)
    with pytest.raises(DestinationError, match="GRIDCASE_CALL_INSIDE"):
        check_address(url)


def test_plain_http_leaves_no_machine_and_metadata_is_nobody_s_system() -> None:
    everything = (ip_network("0.0.0.0/0"),)
    for url in ("http://10.20.0.5/in", "https://169.254.169.254/in", "http://oa.cn/in"):
        with pytest.raises(DestinationError, match="https://"):
            check_address(url, everything)
