"""Emergencies by HTTP: declared, on the board, acknowledged, reported up; what is wrong."""

from typing import Any

import pytest

from embedded.office import GRID, POINT, Office

pytestmark = pytest.mark.server
Json = dict[str, Any]
HERE: Json = {"lon": POINT[0], "lat": POINT[1]}
CLASS: Json = {"subclass": "E01-13", "grid": GRID}
DECLARE: Json = {
    "action": "declare",
    "emergency": "accident",
    "severity": "III",
    "text": "主管爆裂，路面塌陷，一人受伤",
}


async def declared(office: Office) -> str:
    """A dispatched case that is an emergency now."""
    case_no = str((await office.report())["case_no"])
    answer = await office.act(case_no, "duty1", DECLARE)
    assert answer.status_code == 200, answer.text
    return case_no


async def line_of(office: Office, case_no: str, login: str = "command1") -> Json:
    """The case's line on the board."""
    lines = (await office.get("/emergencies", login))["emergencies"]
    found: Json = next(one for one in lines if one["case"]["case_no"] == case_no)
    return found


async def test_an_emergency_stands_on_the_board_with_what_it_waits_for(office: Office) -> None:
    case_no = await declared(office)
    line = await line_of(office, case_no)

    assert line["response"]["severity"] == "III"
    assert line["response"]["plan"] == "accident_grave"
    assert line["next_report"]["which"] == "first"
    assert [one["to"] for one in line["unanswered"]] == ["person:command1"]
    case = await office.get(f"/cases/{case_no}", "duty1")
    assert (case["joint"], case["urgent"], case["emergency"]) == (True, True, "III")
    scopes = {one["unit"]: one["scope"] for one in case["tasks"]}
    assert scopes["traffic_police"].startswith("封闭道路")


async def test_an_acknowledgement_and_a_report_are_never_stale(office: Office) -> None:
    case_no = await declared(office)
    answer = await office.act(case_no, "command1", {"action": "acknowledge"}, seen=1)
    assert answer.status_code == 200, answer.text
    up = {"action": "report_up", "upward": "first", "text": "已电话报区政府值班室"}
    answer = await office.act(case_no, "duty1", up, seen=1)
    assert answer.status_code == 200, answer.text

    line = await line_of(office, case_no)
    assert line["unanswered"] == []
    assert line["next_report"]["which"] == "written"
    case = await office.get(f"/cases/{case_no}", "duty1")
    assert case["alarms"][0]["acknowledged_by"] == "command1"
    assert [one["which"] for one in case["response"]["reports"]] == ["first"]


async def test_it_leaves_the_board_at_stand_down(office: Office) -> None:
    case_no = await declared(office)
    answer = await office.act(case_no, "command1", {"action": "stand_down", "text": "险情排除"})
    assert answer.status_code == 200, answer.text

    lines = (await office.get("/emergencies", "command1"))["emergencies"]
    assert case_no not in {one["case"]["case_no"] for one in lines}
    case = await office.get(f"/cases/{case_no}", "duty1")
    assert case["emergency"] == ""
    assert [one["which"] for one in case["response"]["due"]] == ["first", "written", "final"]


@pytest.mark.parametrize(
    ("login", "step", "status"),
    [
        ("dispatcher1", DECLARE, 403),
        ("duty1", DECLARE | {"severity": "V"}, 422),
        ("duty1", {**DECLARE, "emergency": None}, 409),
        ("command1", {"action": "stand_down", "text": "x"}, 409),
        ("duty1", {"action": "climb"}, 422),
        ("command1", {"action": "acknowledge"}, 403),
        ("duty1", {"action": "report_up", "upward": "first", "text": "x"}, 409),
    ],
)
async def test_what_is_wrong_is_refused(
    office: Office, dispatched: str, login: str, step: Json, status: int
) -> None:
    answer = await office.act(dispatched, login, step)

    assert answer.status_code == status, answer.text


async def test_a_drill_is_the_duty_chief_s_and_stays_inside(office: Office) -> None:
    body = {"words": "演练：燃气泄漏", "address": "柳汀社区", "drill": True}
    refused = await office.ask("POST", "/reports", "acceptor1", json=body)
    assert refused.status_code == 422, refused.text
    assert "drill" in refused.text

    made = await office.report("duty1", **body)
    case = await office.get(f"/cases/{made['case_no']}", "duty1")
    assert case["drill"]
    code = {"code": made["tracking_code"]}
    track = await office.ask("POST", f"/track/{made['case_no']}", json=code)
    assert track.status_code == 404, track.text


async def test_a_link_for_outside_hands_is_not_given_to_a_drill(office: Office) -> None:
    made = await office.report("duty1", words="演练：井盖", drill=True, **HERE)
    case_no = made["case_no"]
    for login, step in (
        ("acceptor1", {"action": "accept", "urgent": True, **CLASS}),
        ("duty1", {"action": "file", "condition": 1}),
        ("dispatcher1", {"action": "dispatch", "unit": "roads", "text": "演练"}),
    ):
        answer = await office.act(case_no, login, step)
        assert answer.status_code == 200, answer.text

    body = {"name": "通达工程队"}
    refused = await office.ask("POST", f"/cases/{case_no}/guest-links", "roads.desk", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "drill_apart")


async def test_a_drill_s_call_is_marked_on_the_whistle_board(office: Office) -> None:
    made = await office.report("duty1", words="演练：井盖", drill=True, **HERE)
    case_no = made["case_no"]
    call = {"action": "whistle", "units": ["water"], "haste": "prompt", "text": "演练到场"}
    answer = await office.act(case_no, "duty1", call)
    assert answer.status_code == 200, answer.text
    lines = (await office.get("/calls", "duty1", params={"limit": 200}))["calls"]

    assert [one["drill"] for one in lines if one["case_no"] == case_no] == [True]
