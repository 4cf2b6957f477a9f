"""Joint cases by HTTP: a plan, its tasks and their end, and every way in which one is wrong."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from embedded.office import MEMBER, Office
from embedded.telling import all_judged

pytestmark = pytest.mark.server
Json = dict[str, Any]
TASKS = (
    {"task_no": 2, "unit": "water", "lead": True, "scope": "止水抢修"},
    {"task_no": 3, "unit": "traffic_police", "scope": "交通疏导"},
    {"task_no": 4, "unit": "roads", "scope": "恢复路面", "after": [2]},
)
DESK = {"water": "water", "traffic_police": "traffic-police", "roads": "roads"}
DONE = {"action": "feed_back", "result": "solved", "text": "已处置完毕"}


@pytest.fixture
async def telling(office: Office) -> AsyncIterator[Office]:
    """The house; what is left to be told afterwards would keep other tests waiting."""
    yield office
    await all_judged(office.services.sessions)


def planned(*tasks: Json, **more: object) -> Json:
    return {"action": "plan", "plan": {"tasks": list(tasks), **more}}


async def case_of_one(office: Office) -> str:
    """A case that one department has, and has not signed."""
    return str((await office.report())["case_no"])


async def until(office: Office, number: str, login: str, **wanted: object) -> Json:
    """The case or task, once it is as wanted."""
    async with asyncio.timeout(30):
        while True:
            found: Json = await office.get(f"/cases/{number}", login)
            if wanted.items() <= found.items():
                return found
            await asyncio.sleep(0.05)


async def joint(office: Office, *tasks: Json, **more: object) -> str:
    """A joint case whose first tasks have begun."""
    case_no = await case_of_one(office)
    answer = await office.act(case_no, "dispatcher1", planned(*(tasks or TASKS), **more))
    assert answer.status_code == 200, answer.text
    for one in tasks or TASKS:
        if not one.get("after"):
            number = f"{case_no}.t{one['task_no']}"
            await until(office, number, "dispatcher1", state="dispatched", version=1)
    return case_no


async def does(office: Office, case_no: str, task_no: int, unit: str, **more: object) -> Json:
    """A unit signs its task and feeds back, with a photo."""
    number, desk = f"{case_no}.t{task_no}", DESK[unit]
    await until(office, number, "dispatcher1", state="dispatched", version=1)
    signed = await office.act(number, f"{desk}.desk", {"action": "sign"})
    assert signed.status_code == 200, signed.text
    photo = await office.photo(f"{desk}.crew")
    fed = DONE | {"photos": [photo]} | more
    answer = await office.act(number, f"{desk}.crew", fed)
    assert (answer.status_code, answer.json()["state"]) == (200, "task_done"), answer.text
    return {"photo": photo}


async def test_three_departments_from_the_plan_to_the_end(telling: Office) -> None:
    office = telling
    case_no = await joint(office)
    tree = await office.get(f"/cases/{case_no}/tasks", "dispatcher1")
    assert (tree["joint"], tree["finish"], tree["lead"], tree["done"]) == (
        True,
        "all",
        2,
        False,
    )
    shown = {one["task_no"]: one for one in tree["tasks"] if one["joint"]}
    assert (tree["on_time"], tree["lead_owes"]) == (None, [])
    assert [shown[no]["state"] for no in (2, 3, 4)] == ["dispatched", "dispatched", "planned"]
    assert [shown[no]["scope"] for no in (2, 3, 4)] == [one["scope"] for one in TASKS]
    assert (shown[4]["after"], shown[4]["due_at"], shown[4]["held"]) == ([2], None, [])
    assert shown[2]["lead"]
    assert shown[2]["due_at"]
    assert [one["unit"] for one in shown[3]["held"]] == ["traffic_police"]

    await does(office, case_no, 3, "traffic_police")
    lead = await does(office, case_no, 2, "water", for_citizen=True, text="已抢修，恢复供水")
    await does(office, case_no, 4, "roads")
    case = await until(office, case_no, "dispatcher1", state="fed_back")
    tree = await office.get(f"/cases/{case_no}/tasks", "dispatcher1")
    assert [one["state"] for one in tree["tasks"] if one["joint"]] == ["done"] * 3
    assert (tree["on_time"], tree["lead_owes"]) == (True, [])
    first = next(one for one in tree["tasks"] if one["case_no"] == f"{case_no}.t2")
    assert (first["result"], first["reply"]) == ("solved", "已抢修，恢复供水")
    assert first["on_time"] is True
    assert first["used_seconds"] is not None
    assert first["held"][-1]["until"]
    assert lead["photo"] in case["attachments"]
    photo = await office.ask("GET", f"/attachments/{lead['photo']}", "roads.desk")
    assert photo.status_code == 200
    log = (await office.get(f"/cases/{case_no}/timeline?limit=200", "dispatcher1"))["entries"]
    (plan,) = [one for one in log if one["action"] == "plan"]
    assert [(one["unit"], one["state"]) for one in plan["tasks"]] == [
        ("water", "dispatched"),
        ("traffic_police", "dispatched"),
        ("roads", "planned"),
    ]
    ended = [one["tasks"][0]["unit"] for one in log if one["action"] == "task_ended"]
    assert sorted(ended) == ["roads", "traffic_police", "water"]


async def test_the_reporter_sees_one_case_with_one_outcome(telling: Office) -> None:
    office = telling
    reported = await office.report()
    case_no = str(reported["case_no"])
    answer = await office.act(case_no, "dispatcher1", planned(*TASKS[:2]))
    assert answer.status_code == 200, answer.text
    urge = await office.act(case_no, "dispatcher1", {"action": "urge_task", "task": 3})
    assert urge.status_code == 200, urge.text
    await does(office, case_no, 3, "traffic_police", text="内部说明")
    await does(office, case_no, 2, "water", for_citizen=True, text="已抢修，恢复供水")
    await until(office, case_no, "dispatcher1", state="fed_back")
    code = {"code": reported["tracking_code"]}
    seen = await office.ask("POST", f"/track/{case_no}", None, json=code)
    body = seen.json()

    assert (seen.status_code, body["state"], body["unit"]) == (200, "fed_back", "water")
    assert ".t" not in seen.text
    assert "内部说明" not in seen.text
    actions = [one["action"] for one in body["entries"]]
    assert not {"task_moved", "task_ended", "waive", "urge_task"} & set(actions)
    assert not any(one["tasks"] for one in body["entries"])
    (summary,) = [one for one in body["entries"] if one["action"] == "sum_up"]
    assert summary["note"] == "已抢修，恢复供水"
    task = await office.ask("POST", f"/track/{case_no}.t2", None, json=code)
    assert task.status_code == 422


async def test_who_takes_part_sees_the_case_and_its_tasks_and_nobody_else(
    telling: Office,
) -> None:
    office = telling
    case_no = await joint(office, *TASKS[:2])
    for login in ("water.desk", "traffic-police.crew", "dispatcher1", "duty1"):
        case = await office.get(f"/cases/{case_no}", login)
        assert case["words"] == "暴露垃圾"
        for number in (2, 3):
            task = await office.get(f"/cases/{case_no}.t{number}", login)
            assert (task["parent"], task["task_no"]) == (case_no, number)
            assert (task["words"], task["scope"]) == ("暴露垃圾", TASKS[number - 2]["scope"])
    for path in (case_no, f"{case_no}.t2", f"{case_no}.t2/timeline", f"{case_no}/tasks"):
        assert (await office.ask("GET", f"/cases/{path}", "parks.desk")).status_code == 404
    who = await office.ask("GET", f"/cases/{case_no}.t2/reporter?purpose=verify", "water.desk")
    assert who.status_code == 403


async def test_a_task_is_offered_taken_and_shows_who_held_it(telling: Office) -> None:
    office = telling
    case_no = await joint(office, *TASKS[:2])
    number = f"{case_no}.t3"
    sign = await office.act(number, "traffic-police.desk", {"action": "sign"})
    assert sign.status_code == 200, sign.text
    reasons = (await office.get("/reasons", "dispatcher1"))["offer_handover"]
    offer = {"action": "offer_handover", "unit": "parks", "reason": reasons[0]["code"]}
    offered = await office.act(number, "traffic-police.head", offer | {"text": "树木挡道"})
    assert offered.json().get("state") == "handover_offered", offered.text

    task = await office.get(f"/cases/{number}", "parks.desk")
    assert task["offered_to"] == "parks"
    assert (await office.ask("GET", f"/cases/{case_no}", "parks.desk")).status_code == 404
    listed = await office.get("/cases?listed=tasks", "parks.desk")
    assert number in {one["case_no"] for one in listed["cases"]}
    can = await office.get(f"/cases/{number}/allowed", "parks.desk")
    assert {"take_handover", "decline_handover"} <= {one["action"] for one in can["actions"]}
    taken = await office.act(number, "parks.desk", {"action": "take_handover"})
    assert taken.json().get("state") == "signed", taken.text

    (own,) = (await office.get(f"/cases/{number}/tasks", "parks.desk"))["tasks"]
    assert [one["unit"] for one in own["held"]] == ["traffic_police", "parks"]
    assert own["held"][0]["until"] == own["held"][1]["since"]
    assert [(one["unit"], one["taken"]) for one in own["offers"]] == [("parks", True)]
    for login in ("parks.desk", "traffic-police.desk"):
        assert (await office.get(f"/cases/{case_no}", login))["joint"]


async def test_the_centre_enters_a_step_of_a_task_for_the_unit_that_telephoned(
    telling: Office,
) -> None:
    office = telling
    case_no = await joint(office, *TASKS[:2])
    step = {"action": "sign", "text": "电话签收"}
    wrong = await office.act(f"{case_no}.t3", "dispatcher1", step, on_behalf_of="water")
    right = await office.act(f"{case_no}.t2", "dispatcher1", step, on_behalf_of="water")

    assert wrong.status_code == 403, wrong.text
    assert (right.status_code, right.json()["state"]) == (200, "signed"), right.text
    history = await office.get(f"/cases/{case_no}.t2/timeline", "dispatcher1")
    assert history["entries"][-1]["on_behalf_of"] == "water"
    assert (await office.get(f"/cases/{case_no}.t2/clocks", "water.desk"))["clocks"]


async def test_lists_hold_cases_and_on_request_their_tasks(telling: Office) -> None:
    office = telling
    case_no = await joint(office, *TASKS[:2])
    tasks = {f"{case_no}.t2", f"{case_no}.t3"}

    async def listed(query: str) -> set[str]:
        found = await office.get(f"/cases?limit=200{query}", "dispatcher1")
        return {one["case_no"] for one in found["cases"]} & {case_no, *tasks}

    assert await listed("") == {case_no}
    assert await listed("&listed=tasks") == tasks
    assert await listed("&listed=all") == {case_no, *tasks}
    assert await listed("&listed=tasks&unit=water") == {f"{case_no}.t2"}
    assert (await office.ask("GET", "/cases?listed=turns", "dispatcher1")).status_code == 422
    for typed in (case_no, f"{case_no}.t2"):
        found = await office.get(f"/search?q={typed}", "dispatcher1")
        assert [one["case_no"] for one in found["cases"]] == [case_no]
    scope = await office.get("/search?q=交通疏导", "dispatcher1")
    assert not [one for one in scope["cases"] if one["case_no"] in tasks]


async def test_tasks_are_taken_in_one_go_like_cases(telling: Office) -> None:
    office = telling
    cases = [await joint(office, *TASKS[:2]) for _ in range(2)]
    items = [{"case_no": f"{one}.t2", "seen": 1} for one in cases]
    versions = [
        (await office.get(f"/cases/{one['case_no']}", "duty1"))["version"] for one in items
    ]
    items = [one | {"seen": seen} for one, seen in zip(items, versions, strict=True)]
    body = {"steps": [{"action": "sign"}], "items": [*items, {"case_no": "9" * 19 + ".t1"}]}
    answer = await office.ask("POST", "/commands/batch", "water.desk", json=body)

    assert answer.status_code == 200, answer.text
    assert answer.json()["counts"] == {"done": 2, "refused": 0, "waiting": 0, "error": 1}


LEADLESS = tuple({**one, "lead": False} for one in TASKS[:2])
WRONG_PLANS: dict[str, Json] = {
    "no lead": planned(*LEADLESS),
    "two leads": planned(TASKS[0], {**TASKS[1], "lead": True}),
    "a unit twice": planned(TASKS[0], {**TASKS[1], "unit": "water"}),
    "a number twice": planned(TASKS[0], {**TASKS[1], "task_no": 2}),
    "an unknown unit": planned(TASKS[0], {**TASKS[1], "unit": "navy"}),
    "a circle": planned({**TASKS[0], "after": [3]}, {**TASKS[1], "after": [2]}),
    "waits for itself": planned(TASKS[0], {**TASKS[1], "after": [3]}),
    "waits for none": planned(TASKS[0], {**TASKS[1], "after": [7]}),
    "one department": planned(TASKS[0]),
    "too many helpers": planned(*TASKS[:2], finish="some", quorum=2),
    "no helpers": planned(*TASKS[:2], finish="some"),
    "no plan": {"action": "plan"},
}


@pytest.mark.parametrize("name", sorted(WRONG_PLANS))
async def test_a_wrong_plan_is_refused_in_words_and_changes_nothing(
    office: Office, name: str
) -> None:
    case_no = await case_of_one(office)
    await office.counts()
    before = await office.get(f"/cases/{case_no}", "dispatcher1")
    said = {}
    for language in ("zh", "en"):
        answer = await office.ask(
            "POST",
            f"/cases/{case_no}/commands",
            "dispatcher1",
            json={"steps": [WRONG_PLANS[name]], "seen": before["version"]},
            headers={"Accept-Language": language},
        )
        assert answer.status_code == 409, answer.text
        assert answer.json()["errors"][0]["pointer"] == "/steps/0"
        said[language] = answer.json()["detail"]
    assert said["zh"] != said["en"]
    assert await office.get(f"/cases/{case_no}", "dispatcher1") == before


async def test_bad_requests_of_tasks_are_refused_and_change_nothing(telling: Office) -> None:
    office = telling
    case_no = await joint(office)
    first, third = f"{case_no}.t2", f"{case_no}.t4"
    sign = {"action": "sign"}

    foreign = await office.act(first, "roads.desk", sign)
    assert (foreign.status_code, foreign.json()["code"]) == (403, "forbidden")
    waits = await office.act(third, "roads.desk", sign)
    assert (waits.status_code, waits.json()["code"]) == (409, "illegal_move"), waits.text
    assert waits.json()["state"] == "planned"
    assert (await office.get(f"/cases/{third}/allowed", "roads.desk"))["actions"] == []
    of_case = await office.act(case_no, "water.desk", sign)
    assert (of_case.status_code, of_case.json()["code"]) == (409, "illegal_move")
    body = {"steps": [sign], "seen": 1}
    for number in (f"{case_no}.t9", f"{case_no}.t0", f"{case_no}.t", f"{case_no}.t2/1"):
        path = f"/cases/{number}/commands"
        assert (await office.ask("POST", path, "water.desk", json=body)).status_code in {
            404,
            422,
        }
    ok = await office.act(first, "water.desk", sign)
    assert ok.status_code == 200, ok.text
    stale = await office.act(first, "water.head", {"action": "return"}, seen=0)
    assert (stale.status_code, stale.json()["code"]) == (409, "stale"), stale.text
    unknown = {"action": "waive", "task": 9, "reason": "waive_other", "text": "不再需要"}
    reasons = (await office.get("/reasons", "dispatcher1"))["waive"]
    answer = await office.act(case_no, "dispatcher1", unknown | {"reason": reasons[0]["code"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "unknown_code"), answer.text


async def test_a_case_that_is_over_takes_no_plan(telling: Office) -> None:
    office = telling
    case_no = await case_of_one(office)
    case = await office.get(f"/cases/{case_no}", "duty1")
    unit = case["unit"]
    assert (await office.act(case_no, f"{unit}.desk", {"action": "sign"})).status_code == 200
    photo = await office.photo(f"{unit}.crew")
    fed = await office.act(case_no, f"{unit}.crew", DONE | {"photos": [photo]})
    assert fed.status_code == 200, fed.text
    answer = await office.act(case_no, "dispatcher1", planned(*TASKS))

    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_move"), answer.text


async def test_one_department_becomes_one_of_several(telling: Office) -> None:
    office = telling
    case_no = await case_of_one(office)
    case = await office.get(f"/cases/{case_no}", "duty1")
    unit = case["unit"]
    assert (await office.act(case_no, f"{unit}.desk", {"action": "sign"})).status_code == 200
    version = (await office.get(f"/cases/{case_no}", "duty1"))["version"]
    tasks = ({"task_no": 1, "unit": unit, "lead": True}, {"task_no": 2, "unit": "water"})
    answer = await office.act(case_no, "dispatcher1", planned(*tasks), seen=version)
    assert answer.status_code == 200, answer.text
    again = await office.act(case_no, "dispatcher1", planned(*tasks), seen=version)
    assert (again.status_code, again.json()["code"]) == (409, "stale")

    own = await until(office, f"{case_no}.t1", "dispatcher1", state="signed")
    assert (own["lead"], own["unit"], own["reported_at"]) == (True, unit, case["reported_at"])
    tree = await office.get(f"/cases/{case_no}/tasks", f"{unit}.desk")
    first = tree["tasks"][-2]
    assert first["held"][0]["since"] == first["dispatched_at"]
    assert MEMBER


async def test_the_reporter_reads_what_departments_ask_and_one_reply_reaches_them_all(
    telling: Office,
) -> None:
    office = telling
    reported = await office.report(
        None, address="柳汀社区南门", contact={"name": "某人", "phone": "000-0106-7777"}
    )
    case_no, code = str(reported["case_no"]), {"code": reported["tracking_code"]}
    classed = {
        "action": "accept",
        "subclass": "E01-13",
        "grid": "990106001001001",
        "urgent": True,
    }
    filed = {"action": "file", "condition": 1}
    given = {"action": "dispatch", "unit": "roads", "text": "urgent"}
    answer = await office.act(case_no, "desk1", classed, filed, given)
    assert answer.status_code == 200, answer.text
    answer = await office.act(case_no, "dispatcher1", planned(*TASKS))
    assert answer.status_code == 200, answer.text
    asking = {2: ("water", "几点停的水？"), 3: ("traffic-police", "车道能过车吗？")}
    for number, (desk, text) in asking.items():
        task = f"{case_no}.t{number}"
        await until(office, task, "dispatcher1", state="dispatched", version=1)
        assert (await office.act(task, f"{desk}.desk", {"action": "sign"})).status_code == 200
        question = {"action": "ask_reporter", "text": text}
        answer = await office.act(task, f"{desk}.desk", question)
        assert answer.status_code == 200, answer.text
    seen = (await office.ask("POST", f"/track/{case_no}", json=code)).json()

    assert [(one["unit"], one["text"]) for one in seen["questions"]] == [
        ("water", "几点停的水？"),
        ("traffic_police", "车道能过车吗？"),
    ]
    assert all(one["due_at"] > one["at"] for one in seen["questions"])
    assert "reply" in {one["action"] for one in seen["actions"]}
    steps = {"steps": [{"action": "reply", "text": "八点停水，能过一车道"}]}
    done = await office.ask("POST", f"/track/{case_no}/commands", json=code | steps)
    assert done.status_code == 200, done.text
    await all_judged(office.services.sessions)
    for number in asking:
        task = await office.get(f"/cases/{case_no}.t{number}", "dispatcher1")
        (question,) = task["questions"]
        assert (question["answered"], question["reply"]) == (True, "八点停水，能过一车道")
    after = (await office.ask("POST", f"/track/{case_no}", json=code)).json()
    assert after["questions"] == []
