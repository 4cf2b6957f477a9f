"""Tasks of joint cases in a batch, alone and beside cases: each is judged by itself."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest

from embedded.office import Office
from embedded.telling import all_judged
from tests.api.test_joint_api import TASKS, joint

pytestmark = pytest.mark.server


@pytest.fixture
async def telling(office: Office) -> AsyncIterator[Office]:
    """The house; what is left to be told afterwards would keep other tests waiting."""
    yield office
    await all_judged(office.services.sessions)


async def two_tasks(office: Office) -> list[str]:
    """The water utility's tasks of two joint cases, which wait for its signature."""
    return [f"{await joint(office, *TASKS[:2])}.t2" for _ in range(2)]


async def of_water(office: Office) -> str:
    """A case that the water utility has alone."""
    found = await office.report(subclass="C01-25", condition=1)
    case = await office.get(f"/cases/{found['case_no']}", "duty1")
    assert (case["state"], case["unit"]) == ("dispatched", "water")
    return str(found["case_no"])


async def seen(office: Office, numbers: list[str]) -> list[dict[str, Any]]:
    """They, at their present versions."""
    return [
        {"case_no": one, "seen": (await office.get(f"/cases/{one}", "duty1"))["version"]}
        for one in numbers
    ]


async def send(
    office: Office, login: str, step: dict[str, Any], items: list[dict[str, Any]], **head: str
) -> dict[str, Any]:
    """Ask the same of all."""
    headers = {"Idempotency-Key": uuid.uuid4().hex, "Accept-Language": "en"} | {
        name.replace("_", "-"): value for name, value in head.items()
    }
    body = {"steps": [step], "items": items}
    answer = await office.ask("POST", "/commands/batch", login, json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def done(office: Office, login: str, numbers: list[str], **step: object) -> set[str]:
    """All are done; the states that they are in now."""
    found = await send(office, login, step, await seen(office, numbers))
    assert found["counts"]["done"] == len(numbers), found
    return {one["state"] for one in found["results"]}


async def reason(office: Office, action: str) -> str:
    return str((await office.get("/reasons", "dispatcher1"))[action][0]["code"])


async def test_a_unit_signs_assigns_and_starts_its_tasks_beside_its_case(
    telling: Office,
) -> None:
    office = telling
    mine = [*await two_tasks(office), await of_water(office)]

    assert await done(office, "water.desk", mine, action="sign") == {"signed"}
    assigned = {"action": "assign", "person": "water.crew", "text": "夜班处置"}
    assert await done(office, "water.desk", mine, **assigned) == {"signed"}
    assert await done(office, "water.crew", mine, action="start") == {"handling"}
    urged = {"action": "urge", "text": "请加快"}
    assert await done(office, "dispatcher1", mine, **urged) == {"handling"}
    comment = {"action": "comment", "text": "今晚完成"}
    assert await done(office, "water.crew", mine, **comment) == {"handling"}
    for one in mine:
        assert (await office.get(f"/cases/{one}", "duty1"))["person"] == "water.crew"


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_refusal_of_one_names_its_number_its_unit_and_why(
    telling: Office, language: str
) -> None:
    office = telling
    first, _ = await two_tasks(office)
    case_no = first.partition(".")[0]
    police, alone = f"{case_no}.t3", await of_water(office)
    items = await seen(office, [first, police, case_no, alone])
    sign = {"action": "sign"}
    found = await send(office, "water.desk", sign, items, Accept_Language=language)

    assert found["counts"] == {"done": 2, "refused": 2, "waiting": 0, "error": 0}
    told = {one["case_no"]: one for one in found["results"]}
    assert [told[one]["status"] for one in (first, alone)] == ["done", "done"]
    assert (told[police]["unit"], told[police]["code"]) == ("traffic_police", "forbidden")
    assert told[case_no]["code"] == "illegal_move"
    for one in (police, case_no):
        assert told[one]["detail"] == told[one]["refusal"][language]
    assert (await office.get(f"/cases/{police}", "duty1"))["state"] == "dispatched"


async def test_the_dispatcher_decides_returns_and_extensions_of_tasks_and_cases(
    telling: Office,
) -> None:
    office = telling
    tasks, alone = await two_tasks(office), await of_water(office)
    mine = [*tasks, alone]
    why = {"reason": await reason(office, "return"), "text": "非本单位职责"}
    assert await done(office, "water.head", mine, action="return", **why) == {"returned"}
    kept = {"reason": await reason(office, "reject_return"), "text": "属你单位职责"}
    back = [tasks[0], alone]
    assert await done(office, "dispatcher1", back, action="reject_return", **kept) == {"signed"}
    out = await done(office, "dispatcher1", [tasks[1]], action="accept_return")
    assert out == {"task_returned"}

    wanted = {
        "amount": 2,
        "reason": await reason(office, "request_extension"),
        "text": "等配件",
    }
    asked = await done(office, "water.head", back, action="request_extension", **wanted)
    assert asked == {"signed"}
    for one in back:
        can = await office.get(f"/cases/{one}/allowed", "dispatcher1")
        assert "approve_extension" in {it["action"] for it in can["actions"]}
    assert await done(office, "dispatcher1", back, action="approve_extension") == {"signed"}


async def test_the_same_key_answers_for_tasks_too_and_adds_nothing(telling: Office) -> None:
    office = telling
    mine = [*await two_tasks(office), await of_water(office)]
    step, items = {"action": "comment", "text": "已电话核对"}, await seen(office, mine)
    key = {"Idempotency_Key": uuid.uuid4().hex}
    first = await send(office, "water.desk", step, items, **key)
    before = await office.counts()
    again = await send(office, "water.desk", step, items, **key)

    assert first["counts"]["done"] == 3
    assert again == first
    assert await office.counts() == before
