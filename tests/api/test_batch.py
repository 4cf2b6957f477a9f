"""One action on many cases: each is judged and answered by itself, and nothing twice."""

import asyncio
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.client import Client

from activities.cases import CaseActivities
from api import together
from embedded.office import Office, office_on
from workflows.client import Door
from workflows.worker import case_worker

pytestmark = pytest.mark.server
PATH = "/commands/batch"
NOBODY = "9901062020010100001"


async def filed(office: Office, many: int) -> list[str]:
    """Cases that were reported by a citizen and are to be accepted."""
    made = await asyncio.gather(*(office.report(None, subclass="E01-13") for _ in range(many)))
    return [str(one["case_no"]) for one in made]


async def version(office: Office, case_no: str) -> int:
    return int((await office.get(f"/cases/{case_no}", "duty1"))["version"])


async def items(office: Office, cases: list[str], **own: Any) -> list[dict[str, Any]]:  # noqa: ANN401  JSON
    return [
        {"case_no": one, "seen": await version(office, one)} | ({"own": own} if own else {})
        for one in cases
    ]


async def send(
    office: Office,
    login: str,
    body: dict[str, Any],
    *,
    key: str = "",
    language: str = "en",
) -> httpx.Response:
    headers = {"Idempotency-Key": key or uuid.uuid4().hex, "Accept-Language": language}
    return await office.ask("POST", PATH, login, json=body, headers=headers)


def text(action: str, **more: object) -> dict[str, Any]:
    return {"action": action, **more}


async def test_every_case_is_answered_by_itself(office: Office) -> None:
    ok, stale, gone = await filed(office, 3)
    body = {
        "steps": [text("comment", text="请一并核对")],
        "items": [
            *await items(office, [ok]),
            {"case_no": NOBODY, "seen": 1},
            *await items(office, [gone]),
        ],
    }
    body["items"].append({"case_no": stale, "seen": await version(office, stale)})
    answer = await send(office, "duty1", body)

    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert [one["case_no"] for one in found["results"]] == [ok, NOBODY, gone, stale]
    assert found["counts"] == {"done": 3, "refused": 0, "waiting": 0, "error": 1}
    assert found["results"][1]["code"] == "case_not_found"
    done = found["results"][0]
    assert done["state"] == "reported"
    assert done["version"] == await version(office, ok)
    assert done["location"] == f"/api/v1/commands/{done['command_id']}"


@pytest.mark.parametrize(
    ("language", "said"), [("zh", "案件"), ("en", "the case changed since")]
)
async def test_a_refusal_says_why_in_the_callers_language(
    office: Office, language: str, said: str
) -> None:
    fresh, stale = await filed(office, 2)
    body = {
        "steps": [text("refuse", reason="refuse_no_request", text="请找物业")],
        "items": [{"case_no": stale, "seen": 7}, *await items(office, [fresh])],
    }
    found = (await send(office, "acceptor1", body, language=language)).json()

    assert found["results"][0]["status"] == "refused"
    assert found["results"][0]["code"] == "stale"
    assert said in found["results"][0]["detail"]
    assert found["results"][0]["detail"] == found["results"][0]["refusal"][language]
    assert (await office.get(f"/cases/{stale}", "duty1"))["state"] == "reported"


async def test_a_case_may_have_values_of_its_own(office: Office) -> None:
    one, other = await filed(office, 2)
    body = {
        "steps": [text("accept", urgent=True), text("file", condition=1)],
        "items": [
            *await items(office, [one]),
            *await items(office, [other], subclass="E01-11", condition=1),
        ],
    }
    found = (await send(office, "desk1", body)).json()

    assert found["counts"]["done"] == 2, found
    cases = [await office.get(f"/cases/{number}", "duty1") for number in (one, other)]
    assert [case["subclass"] for case in cases] == ["E01-13", "E01-11"]
    assert {case["state"] for case in cases} <= {"filed", "dispatched"}


async def test_the_same_key_again_answers_and_adds_nothing(office: Office) -> None:
    cases = await filed(office, 3)
    body = {"steps": [text("comment", text="已电话核对")], "items": await items(office, cases)}
    key = uuid.uuid4().hex
    first = await send(office, "duty1", body, key=key)
    before = await office.counts()
    again = await send(office, "duty1", body, key=key)

    assert first.json()["counts"]["done"] == 3
    assert again.json() == first.json()
    assert await office.counts() == before


async def test_the_same_key_at_the_same_moment_acts_once(office: Office) -> None:
    cases = await filed(office, 2)
    body = {"steps": [text("comment", text="一次")], "items": await items(office, cases)}
    key = uuid.uuid4().hex
    both = await asyncio.gather(*(send(office, "duty1", body, key=key) for _ in range(3)))

    ids = {tuple(one["command_id"] for one in answer.json()["results"]) for answer in both}
    assert len(ids) == 1
    for case_no in cases:
        told = await office.get(f"/cases/{case_no}/timeline", "duty1")
        assert [one["action"] for one in told["entries"]].count("comment") == 1


async def test_a_key_stands_for_one_body(office: Office) -> None:
    one, other = await filed(office, 2)
    key, step = uuid.uuid4().hex, [text("comment", text="甲")]
    await send(office, "duty1", {"steps": step, "items": await items(office, [one])}, key=key)
    before = await office.counts()
    body = {"steps": step, "items": await items(office, [other])}
    answer = await send(office, "duty1", body, key=key, language="zh")

    assert answer.status_code == 409
    assert answer.json()["code"] == "idempotency_key_reused"
    assert "Idempotency-Key" in answer.json()["detail"]
    assert await office.counts() == before
    mine = await send(office, "duty2", body, key=key)
    assert mine.json()["counts"]["done"] == 1  # another person's key is another key


async def test_who_may_not_is_refused_for_each_case(office: Office) -> None:
    cases = await filed(office, 2)
    before = await office.counts()
    body = {"steps": [text("refuse", reason="refuse_no_request", text="x")]}
    by_unit = await send(
        office, "sanitation.crew", body | {"items": await items(office, cases)}
    )
    by_clerk = await send(office, "clerk1", body | {"items": await items(office, cases)})

    assert by_unit.json()["counts"]["error"] == 2  # he may not see them
    assert by_clerk.json()["counts"]["refused"] == 2
    assert {one["code"] for one in by_clerk.json()["results"]} == {"forbidden"}
    assert await office.counts() == before
    assert (await send(office, "clerk1", body, key="")).status_code == 422


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"items": []}, "too_short"),
        ({"steps": []}, "too_short"),
        ({"items": [{"case_no": NOBODY}, {"case_no": NOBODY}]}, "case_twice"),
        ({"items": [{"case_no": "12"}]}, "string_pattern_mismatch"),
        ({"items": [{"case_no": NOBODY, "own": {"unit": "parks"}}]}, "not_taken"),
        ({"items": [{"case_no": NOBODY, "own": {"action": "sign"}}]}, "extra_forbidden"),
        ({"items": [{"case_no": f"99010620200101{n:05}"} for n in range(201)]}, "too_long"),
        ({"steps": [{"action": "rung"}]}, "never_asked"),
        ({"more": 1}, "extra_forbidden"),
    ],
)
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_bad_body_is_said_and_changes_nothing(
    office: Office, change: dict[str, Any], code: str, language: str
) -> None:
    body = {"steps": [text("comment", text="x")], "items": [{"case_no": NOBODY, "seen": 1}]}
    before = await office.counts()
    answer = await send(office, "duty1", body | change, language=language)

    assert answer.status_code == 422, answer.text
    error = answer.json()["errors"][0]
    assert error["code"] == code
    assert any("\u4e00" <= letter <= "\u9fff" for letter in error["detail"]) is (
        language == "zh"
    )
    assert await office.counts() == before


async def test_it_needs_a_key_and_a_sign_in(office: Office) -> None:
    body = {"steps": [text("comment", text="x")], "items": [{"case_no": NOBODY}]}
    no_key = await office.ask("POST", PATH, "duty1", json=body, headers={"Idempotency-Key": ""})
    nobody = await office.ask("POST", PATH, None, json=body)

    assert (no_key.status_code, nobody.status_code) == (400, 401)


async def test_a_version_that_is_missing_is_an_error_of_that_case(office: Office) -> None:
    one, other = await filed(office, 2)
    body = {
        "steps": [text("refuse", reason="refuse_no_request", text="请找物业")],
        "items": [{"case_no": one}, *await items(office, [other])],
    }
    found = (await send(office, "acceptor1", body)).json()["results"]

    assert [one["status"] for one in found] == ["error", "done"]
    assert found[0]["code"] == "version_needed"


async def test_two_hundred_cases_in_one_request(office: Office) -> None:
    cases = await filed(office, 4)
    rest = [f"99010620200101{n:05}" for n in range(1, together.MOST_CASES - 3)]
    body = {
        "steps": [text("comment", text="普查")],
        "items": [{"case_no": one, "seen": 1} for one in (*cases, *rest)],
    }
    found = (await send(office, "duty1", body)).json()

    assert len(found["results"]) == together.MOST_CASES
    assert found["counts"] == {"done": 4, "refused": 0, "waiting": 0, "error": 196}


async def test_without_a_worker_all_wait_and_the_key_reads_their_verdicts_later(
    seeded_url: str,
    client: Client,
    task_queue: str,
    tmp_path: Path,
) -> None:
    tell = Door(client=client, task_queue=task_queue).tell
    async with office_on(seeded_url, tell, tmp_path) as office:
        activities = CaseActivities(office.services.sessions)
        async with case_worker(client, activities, task_queue=task_queue):
            cases = await filed(office, 12)
            body = {
                "steps": [text("comment", text="停机期间")],
                "items": await items(office, cases),
            }
        office.services.acting.verdict_wait = 0.2
        key = uuid.uuid4().hex
        waits = (await send(office, "duty1", body, key=key)).json()
        assert waits["counts"] == {"done": 0, "refused": 0, "waiting": 12, "error": 0}
        again = (await send(office, "duty1", body, key=key)).json()
        assert again == waits

        async with case_worker(client, activities, task_queue=task_queue):
            for one in waits["results"]:
                await office.judged(one["command_id"])
        done = (await send(office, "duty1", body, key=key)).json()
        assert done["counts"]["done"] == 12
        read = await office.get(done["results"][0]["location"].removeprefix("/api/v1"), "duty1")
        assert read["status"] == "done"
