"""Every field of a step: taken where it is right, pointed at where it is wrong."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.schemas import MOST_COST, NEVER_ASKED, StepBody
from domain import table_task
from domain.command import Step
from domain.moves import MOVES, OF_TASKS
from domain.row import Who
from domain.table import ROWS
from domain.terms import Action
from embedded.office import Office

pytestmark = pytest.mark.server
WRONG: dict[str, list[object]] = {
    "until": ["2026-12-01T10:00:00", "2026-12-01", "soon", 5, "1999-01-01T00:00:00Z"],
    "upstream_due": ["2026-12-01T10:00:00", "9999-01-01T00:00:00Z"],
    "receiver": ["x" * 201, 7],
    "stage": ["a b", "x" * 65],
    "sub_unit": ["../x"],
    "unit": ["'; drop table"],
    "person": ["<b>"],
    "other": ["12", "x" * 19, "١" * 19],
    "parts": [[{"words": ""}], [{"words": "x", "case_no": "1"}], [{"words": "x"}] * 10, "x"],
    "decision": ["later"],
    "participants": [["x"] * 31, [""], ["x" * 201], "roads"],
    "cost": [-1, MOST_COST + 1, 1e999, "much"],
    "amount": [-1, 2001, "x"],
    "condition": [-1, 100, 1.5],
    "score": [-1, 6],
    "plan": [
        "water",
        {"tasks": []},
        {"tasks": [{"task_no": 1}]},
        {"tasks": [{"task_no": 0, "unit": "water"}]},
        {"tasks": [{"task_no": 100, "unit": "water"}]},
        {"tasks": [{"task_no": 1, "unit": ""}]},
        {"tasks": [{"task_no": 1, "unit": "water", "scope": "x" * 2001}]},
        {"tasks": [{"task_no": 1, "unit": "water", "limit": {"value": 0, "unit": "work_day"}}]},
        {"tasks": [{"task_no": 1, "unit": "water", "limit": {"value": 1, "unit": "week"}}]},
        {"tasks": [{"task_no": 1, "unit": "water", "after": ["one"]}]},
        {"tasks": [{"task_no": 1, "unit": "water", "state": "done"}]},
        {"tasks": [{"task_no": one, "unit": f"u{one}"} for one in range(1, 22)]},
        {"tasks": [{"task_no": 1, "unit": "water"}], "finish": "soon"},
        {"tasks": [{"task_no": 1, "unit": "water"}], "quorum": -1},
    ],
    "task": [-1, 100, "one"],
    "tasks": [[0], ["one"], 1],
    "for_citizen": ["perhaps"],
    "lead": [True],
    "limit": [{"value": 1, "unit": "work_day"}],
    "moved": [{"task_no": 1}],
    "policy": [2],
    "catalogue": [2],
    "calendar": ["district:2"],
    "rung": [100],
    "distance": [0.0],
    "birth": [{"state": "closed"}],
    "source": ["hotline"],
    "upstream_no": ["1"],
}


@pytest.fixture(scope="module")
async def case_no(office: Office) -> str:
    """A dispatched case that all of these requests are about."""
    return str((await office.report())["case_no"])


def test_every_field_that_a_move_needs_can_be_given() -> None:
    moves = (*MOVES.values(), *OF_TASKS.values())
    needed = {need.rstrip("?") for move in moves for need in move.needs}

    assert needed <= set(StepBody.model_fields)
    assert set(StepBody.model_fields) <= set(Step.__dataclass_fields__)


@pytest.mark.parametrize(
    ("name", "value"), [(name, one) for name, values in WRONG.items() for one in values]
)
async def test_a_wrong_field_is_pointed_at_and_nothing_is_written(
    office: Office, case_no: str, name: str, value: object
) -> None:
    before = await office.counts()
    content = json.dumps(
        {"steps": [{"action": "comment", "text": "x", name: value}], "seen": 1}
    )
    said = {}
    for language in ("zh", "en"):
        headers = {"Accept-Language": language, "Content-Type": "application/json"}
        path = f"/cases/{case_no}/commands"
        answer = await office.ask("POST", path, "dispatcher1", content=content, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), answer.text
        pointers = {one["pointer"] for one in answer.json()["errors"]}
        assert any(one.startswith(f"/steps/0/{name}") for one in pointers)
        said[language] = (answer.json()["detail"], answer.json()["errors"][0]["detail"])

    assert said["zh"][0] != said["en"][0]
    assert said["zh"][1] != said["en"][1]
    assert await office.counts() == before


@pytest.mark.parametrize("action", sorted(NEVER_ASKED))
async def test_what_the_system_alone_does_cannot_be_asked_for(
    office: Office, case_no: str, action: str
) -> None:
    before = await office.counts()
    answer = await office.act(case_no, "admin1", {"action": action})

    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/steps/0/action", "never_asked")
    assert action in error["detail"]
    assert await office.counts() == before


def test_only_what_nobody_may_ask_for_is_never_asked() -> None:
    rows = (*ROWS, *table_task.ROWS)
    asked = {row.action for row in rows if set(row.who) - {Who.SYSTEM}} & OF_TASKS.keys()

    assert asked - NEVER_ASKED == asked - {Action.REPIN}


async def test_an_admin_is_not_offered_the_change_commands_move(
    office: Office, case_no: str
) -> None:
    found = await office.get(f"/cases/{case_no}/allowed", "admin1")

    assert not {one["action"] for one in found["actions"]} & {str(one) for one in NEVER_ASKED}


async def held(office: Office) -> str:
    """A case whose unit asked to put it on hold."""
    case_no = str((await office.report())["case_no"])
    unit = (await office.get(f"/cases/{case_no}", "duty1"))["unit"]
    until = (datetime.now(UTC) + timedelta(days=20)).isoformat()
    await office.act(case_no, f"{unit}.desk", {"action": "sign"})
    asked = await office.act(
        case_no,
        f"{unit}.head",
        {"action": "request_hold", "until": until, "reason": "hold_season", "text": "季节"},
    )
    assert asked.status_code == 200, asked.text
    return case_no


async def test_a_request_shows_until_when_why_and_who_decides(office: Office) -> None:
    case_no = await held(office)
    case = await office.get(f"/cases/{case_no}", "dispatcher1")
    (request,) = case["requests"]

    assert (request["kind"], request["reason"]) == ("hold", "hold_season")
    assert request["until"]
    assert request["due_at"]
    assert request["decider"] == "dispatcher"
    assert case["hold_until"] is None
    done = await office.act(case_no, "dispatcher1", {"action": "approve_hold"})
    assert done.json()["state"] == "on_hold", done.text
    after = await office.get(f"/cases/{case_no}", "dispatcher1")
    assert after["hold_until"] == request["until"]
    assert after["requests"] == []


async def test_a_letter_and_its_reply_are_read_with_the_case(office: Office) -> None:
    case_no = str((await office.report())["case_no"])
    unit = (await office.get(f"/cases/{case_no}", "duty1"))["unit"]
    letter = {"action": "supervise", "text": "请说明进展"}
    assert (await office.act(case_no, "supervisor1", letter)).status_code == 200
    reply = {"action": "supervise_reply", "text": "今日完成"}
    assert (await office.act(case_no, f"{unit}.head", reply)).status_code == 200
    case = await office.get(f"/cases/{case_no}", "supervisor1")
    (found,) = case["supervisions"]

    assert case["supervised"]
    assert (found["to"], found["text"], found["reply"]) == (unit, "请说明进展", "今日完成")
    assert found["due_at"]
    assert found["replied_at"]


async def test_a_reporter_reads_the_question_and_answers_it(office: Office) -> None:
    reported = await office.report(
        None, address="柳汀社区南门", contact={"name": "某人", "phone": "000-0106-7777"}
    )
    case_no, code = reported["case_no"], {"code": reported["tracking_code"]}
    ask = {"action": "ask_reporter", "text": "请问几号楼？"}
    assert (await office.act(case_no, "acceptor1", ask)).status_code == 200
    seen = (await office.ask("POST", f"/track/{case_no}", json=code)).json()

    (asked,) = seen["questions"]
    assert asked.keys() == {"unit", "at", "due_at", "text"}
    assert (asked["unit"], asked["text"]) == ("", "请问几号楼？")
    assert asked["due_at"]
    assert "reply" in {one["action"] for one in seen["actions"]}
    steps = {"steps": [{"action": "reply", "text": "12 号楼"}]}
    done = await office.ask("POST", f"/track/{case_no}/commands", json=code | steps)
    assert done.status_code == 200, done.text
    (question,) = (await office.get(f"/cases/{case_no}", "acceptor1"))["questions"]
    assert (question["text"], question["reply"]) == ("请问几号楼？", "12 号楼")
    assert question["answered"]
    after = (await office.ask("POST", f"/track/{case_no}", json=code)).json()
    assert after["questions"] == []
    notes = {one["action"]: one["note"] for one in after["entries"]}
    assert (notes["ask_reporter"], notes["reply"]) == ("请问几号楼？", "12 号楼")


async def test_a_reporter_asks_for_a_review_and_adds_to_his_report(office: Office) -> None:
    reported = await office.report(None, address="柳汀社区南门")
    case_no = reported["case_no"]

    async def track(step: dict[str, Any]) -> dict[str, Any]:
        body = {"code": reported["tracking_code"], "steps": [step]}
        version = (await office.get(f"/cases/{case_no}", "duty1"))["version"]
        answer = await office.ask(
            "POST", f"/track/{case_no}/commands", json=body | {"seen": version}
        )
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    await track({"action": "supplement", "text": "还有异味"})
    refused = {"action": "refuse", "reason": "refuse_outside_area", "text": "请拨当地12345"}
    assert (await office.act(case_no, "acceptor1", refused)).status_code == 200
    assert (await track({"action": "ask_review", "text": "就在本区"}))["state"] == "reported"


async def test_the_centre_sees_what_it_may_enter_for_a_unit(office: Office) -> None:
    case_no = str((await office.report())["case_no"])
    unit = (await office.get(f"/cases/{case_no}", "duty1"))["unit"]
    path = f"/cases/{case_no}/allowed"
    own = await office.get(path, "dispatcher1")
    for_it = await office.get(path, "dispatcher1", params={"on_behalf_of": unit})

    assert "sign" not in {one["action"] for one in own["actions"]}
    assert {one["action"] for one in for_it["actions"]} == {"sign"}
    body = {"steps": [{"action": "sign", "text": "王工来电"}], "on_behalf_of": unit}
    version = own["version"]
    done = await office.ask(
        "POST", f"/cases/{case_no}/commands", "dispatcher1", json=body | {"seen": version}
    )
    assert done.json()["state"] == "signed", done.text
    entries = (await office.get(f"/cases/{case_no}/timeline", "duty1"))["entries"]
    assert entries[-1]["on_behalf_of"] == unit


async def test_stages_have_due_times_of_their_own(office: Office) -> None:
    reported = await office.report("grid-liuting1", subclass="E01-01", condition=3)
    case_no = reported["case_no"]
    case = await office.get(f"/cases/{case_no}", "duty1")

    assert [one["key"] for one in case["stages"]] == ["stop", "penalty", "demolish"]
    assert not any(one["done"] for one in case["stages"])
    assert all(one["due_at"] for one in case["stages"]) or case["state"] != "dispatched"
