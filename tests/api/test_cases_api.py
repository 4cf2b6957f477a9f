"""A case's life by HTTP."""

from datetime import UTC, datetime, timedelta

import pytest

from api.casefile import entry_of
from domain.case import Event
from domain.facts import Moved
from domain.terms import Action, Role, State
from embedded.office import Office
from registry.codec import dump_event
from registry.tables_case import EventRow

pytestmark = pytest.mark.server


async def test_a_report_is_acted_on_until_it_is_closed(office: Office) -> None:
    reported = await office.report()
    case_no = reported["case_no"]
    case = await office.get(f"/cases/{case_no}", "dispatcher1")
    assert (case["state"], case["words"]) == ("dispatched", "暴露垃圾")
    unit = case["unit"]

    signed = await office.act(case_no, f"{unit}.desk", {"action": "sign"})
    assert signed.status_code == 200, signed.text
    assert signed.json()["status"] == "done"
    photo = await office.photo(f"{unit}.crew")
    fed = {"action": "feed_back", "result": "solved", "text": "已清理", "photos": [photo]}
    assert (await office.act(case_no, f"{unit}.crew", fed)).status_code == 200
    passed = await office.act(case_no, "dispatcher1", {"action": "pass_review"})
    assert passed.json()["state"] == "checking", passed.text
    asked = (await office.get(f"/cases/{case_no}", "dispatcher1"))["asked"]
    spot = await office.photo(asked, lon=120.1065, lat=30.366)
    checked = await office.act(case_no, asked, {"action": "check_pass", "photos": [spot]})

    assert checked.json()["state"] == "closed", checked.text
    timeline = await office.get(f"/cases/{case_no}/timeline", "dispatcher1")
    actions = [one["action"] for one in timeline["entries"]]
    assert actions[0] == "report"
    assert actions[-1] == "close"
    seen = await office.ask("GET", f"/attachments/{photo}", "dispatcher1")
    assert seen.headers["content-type"] == "image/jpeg"


async def test_a_photo_far_from_the_place_is_outside_the_fence(office: Office) -> None:
    case_no = (await office.report(None, address="柳汀社区南门"))["case_no"]
    sent = {"action": "send_verify", "subclass": "E01-13", "grid": "990106001001001"}
    assert (await office.act(case_no, "acceptor1", sent)).status_code == 200
    asked = (await office.get(f"/cases/{case_no}", "duty1"))["asked"]
    far = await office.photo(asked, lon=120.2, lat=30.4)
    answer = await office.act(case_no, asked, {"action": "verify_found", "photos": [far]})

    assert answer.status_code == 409
    assert answer.json()["code"] == "outside_fence"


async def test_a_repeated_key_answers_the_same_and_another_body_is_refused(
    office: Office,
) -> None:
    key = {"Idempotency-Key": "the-same-key"}
    body = {"words": "路灯不亮", "address": "柳汀路 1 号", "lon": 120.1065, "lat": 30.366}
    first = await office.ask("POST", "/reports", None, json=body, headers=key)
    again = await office.ask("POST", "/reports", None, json=body, headers=key)
    other = await office.ask("POST", "/reports", None, json=body | {"words": "x"}, headers=key)

    assert again.json() == first.json()
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_repeated_action_answers_its_first_verdict(
    office: Office, dispatched: str
) -> None:
    case = await office.get(f"/cases/{dispatched}", "duty1")
    path, login = f"/cases/{dispatched}/commands", f"{case['unit']}.desk"
    body = {"steps": [{"action": "sign"}], "seen": case["version"]}
    key = {"Idempotency-Key": f"sign-{dispatched}"}
    first = await office.ask("POST", path, login, json=body, headers=key)
    again = await office.ask("POST", path, login, json=body, headers=key)

    assert first.status_code == again.status_code == 200
    assert first.json()["command_id"] == again.json()["command_id"]


async def test_the_version_may_come_as_if_match(office: Office, dispatched: str) -> None:
    read = await office.ask("GET", f"/cases/{dispatched}", "duty1")
    unit = read.json()["unit"]
    answer = await office.ask(
        "POST",
        f"/cases/{dispatched}/commands",
        f"{unit}.desk",
        json={"steps": [{"action": "sign"}]},
        headers={"If-Match": read.headers["etag"]},
    )
    assert answer.status_code == 200


async def test_a_refusal_speaks_the_callers_language(office: Office, dispatched: str) -> None:
    said = {}
    for language in ("zh-CN,zh;q=0.9", "en"):
        answer = await office.ask(
            "POST",
            f"/cases/{dispatched}/commands",
            "dispatcher1",
            json={"steps": [{"action": "close"}], "seen": 1},
            headers={"Accept-Language": language},
        )
        assert answer.status_code == 409
        said[language[:2]] = answer.json()["detail"]
    assert said["zh"] != said["en"]


async def test_the_explanation_adds_up_to_the_limit(office: Office, dispatched: str) -> None:
    answer = await office.get(f"/cases/{dispatched}/clocks", "duty1")
    handle = next(one for one in answer["clocks"] if one["kind"] == "handle")
    assert handle["due_at"]
    assert handle["explain"][-1]["total_seconds"] == handle["budget_seconds"]
    summed = sum(one["seconds"] for one in handle["explain"])
    assert summed == handle["budget_seconds"]
    first = handle["sentences"][0]
    assert first["en"].startswith("Due ")
    assert first["zh"].startswith("到期 ")
    assert [one["percent"] for one in handle["ladder"]] == handle["rungs"]
    assert all(one["due"] and one["words"]["zh"] for one in handle["ladder"])


def test_a_timeline_shows_moved_clocks_and_a_reporter_only_his_promise() -> None:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    moved = tuple(
        Moved(clock_id=one, before=at, after=at + timedelta(days=1))
        for one in ("whole", "handle:2")
    )
    event = Event(
        seq=9, at=at, cause_id="c", action=Action.REPIN, state=State.HANDLING, moved=moved
    )
    row = EventRow(
        seq=9,
        at=at,
        recorded_at=at,
        action=event.action,
        state=event.state,
        role=Role.ADMIN,
        actor="admin1",
        note="",
        body=dump_event(event),
    )
    staff, reporter = (entry_of(row, staff=one, words=one) for one in (True, False))

    assert [one.name.zh for one in staff.moved] == ["总时限", "处置时限 2"]
    assert staff.moved[0].after == at + timedelta(days=1)
    assert [one.clock_id for one in reporter.moved] == ["whole"]


async def test_what_is_allowed_is_what_is_then_done(office: Office, dispatched: str) -> None:
    unit = (await office.get(f"/cases/{dispatched}", "duty1"))["unit"]
    desk = await office.get(f"/cases/{dispatched}/allowed", f"{unit}.desk")
    assert "sign" in {one["action"] for one in desk["actions"]}
    dispatcher = await office.get(f"/cases/{dispatched}/allowed", "dispatcher1")
    recall = next(one for one in dispatcher["actions"] if one["action"] == "recall")
    assert recall["reasons"]


async def test_a_list_is_read_in_pages_without_a_gap(office: Office) -> None:
    made = [(await office.report())["case_no"] for _ in range(3)]
    found: list[tuple[str, str]] = []
    cursor = None
    for _ in range(100):
        params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = await office.get("/cases", "duty1", params=params)
        found += [(one["reported_at"], one["case_no"]) for one in page["cases"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(found) == len(set(found))
    assert set(made) <= {case_no for _, case_no in found}
    assert found == sorted(found, reverse=True)


async def test_filters_narrow_a_list(office: Office, dispatched: str) -> None:
    case = await office.get(f"/cases/{dispatched}", "duty1")
    params = {
        "state": "dispatched",
        "stage": "department",
        "unit": case["unit"],
        "grid": "990106001",
        "subclass": "E01",
        "source": "grid_patrol",
        "urgent": "false",
        "escalation": "0",
        "reported_from": case["reported_at"],
        "reported_to": "2100-01-01T00:00:00Z",
        "due_before": "2100-01-01T00:00:00Z",
        "sort": "due",
    }
    page = await office.get("/cases", "duty1", params=params)
    assert dispatched in {one["case_no"] for one in page["cases"]}
    none = await office.get("/cases", "duty1", params=params | {"source": "hotline"})
    assert none["cases"] == []


async def test_a_reporter_follows_his_case_with_his_code(office: Office) -> None:
    reported = await office.report(
        None, address="柳汀社区南门", contact={"name": "某人", "phone": "000-0106-7777"}
    )
    path = f"/track/{reported['case_no']}"
    typed = f" {reported['tracking_code'][:5].lower()}-{reported['tracking_code'][5:]}"
    seen = await office.ask("POST", path, json={"code": typed})
    assert seen.status_code == 200
    assert all(one["actor"] is None and one["note"] is None for one in seen.json()["entries"])
    assert "withdraw" in {one["action"] for one in seen.json()["actions"]}
    assert "某人" not in seen.text
    done = await office.ask(
        "POST",
        f"{path}/commands",
        json={"code": reported["tracking_code"], "steps": [{"action": "withdraw"}]},
    )
    assert done.json()["state"] == "withdrawn", done.text


async def test_only_some_roles_open_the_reporter_and_say_why(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    reported = await office.report(
        None, address="柳汀社区南门", contact={"name": "某人", "phone": "000-0106-7777"}
    )
    path = f"/cases/{reported['case_no']}/reporter"
    with caplog.at_level("INFO"):
        opened = await office.get(path, "acceptor1", params={"purpose": "verify"})
    assert opened == {"name": "某人", "phone": "000-0106-7777"}
    assert any("acceptor1" in one.getMessage() for one in caplog.records)
    assert "0106-7777" not in caplog.text
    refused = await office.ask("GET", path, "dispatcher1", params={"purpose": "verify"})
    assert refused.status_code == 403
    detail = await office.ask("GET", f"/cases/{reported['case_no']}", "acceptor1")
    assert "某人" not in detail.text


async def test_a_point_is_located_and_a_point_outside_names_a_near_grid(office: Office) -> None:
    found = await office.get("/areas/locate", params={"lon": 120.1065, "lat": 30.366})
    assert found["grid"].startswith("990106")
    far = await office.ask("GET", "/areas/locate", params={"lon": 10.0, "lat": 10.0})
    assert far.status_code == 404


async def test_an_unlocated_report_is_taken_when_it_has_an_address(office: Office) -> None:
    reported = await office.report(None, address="不知道哪里", lon=10.0, lat=10.0)
    assert reported["unlocated"]
    page = await office.get("/cases", "acceptor1", params={"state": "reported", "limit": "200"})
    assert reported["case_no"] in {one["case_no"] for one in page["cases"]}


@pytest.mark.parametrize(
    "path",
    [
        "/areas",
        "/departments",
        "/catalogue",
        "/reasons",
        "/policies/current",
        "/calendars/current",
        "/routing?subclass=E01-13&grid=990106001001001",
        "/me",
    ],
)
async def test_master_data_is_read(office: Office, path: str) -> None:
    assert await office.get(path, "acceptor1")
