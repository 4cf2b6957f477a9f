"""Split and merge by HTTP: numbers are drawn here, and a main case must be there and open."""

import uuid

import pytest

from embedded.office import Office
from embedded.telling import all_judged

pytestmark = pytest.mark.server
WORDS = "另有污水外溢"


async def citizen(office: Office, **more: object) -> str:
    return str((await office.report(None, **more))["case_no"])


async def links(office: Office, case_no: str, login: str = "duty1") -> set[tuple[str, str]]:
    case = await office.get(f"/cases/{case_no}", login)
    return {(one["kind"], one["case_no"]) for one in case["links"]}


async def test_a_split_draws_numbers_and_both_cases_show_the_link(office: Office) -> None:
    case_no = await citizen(office)
    key = {"Idempotency-Key": uuid.uuid4().hex}
    version = (await office.get(f"/cases/{case_no}", "acceptor1"))["version"]
    body = {
        "steps": [{"action": "split", "parts": [{"words": WORDS}, {"words": "路灯不亮"}]}],
        "seen": version,
    }
    path = f"/cases/{case_no}/commands"
    first = await office.ask("POST", path, "acceptor1", json=body, headers=key)
    again = await office.ask("POST", path, "acceptor1", json=body, headers=key)
    await all_judged(office.services.sessions)

    assert first.status_code == 200, first.text
    assert again.json()["command_id"] == first.json()["command_id"]
    parts = {number for kind, number in await links(office, case_no) if kind == "part"}
    assert len(parts) == 2
    for part in parts:
        assert await links(office, part) == {("origin", case_no)}
    seen = [await office.get(f"/cases/{part}", "duty1") for part in sorted(parts)]
    assert [one["words"] for one in seen] == [WORDS, "路灯不亮"]
    assert {one["state"] for one in seen} == {"accepted"}


async def test_the_code_of_a_report_opens_its_parts_too(office: Office) -> None:
    reported = await office.report(None)
    step = {"action": "split", "parts": [{"words": WORDS}]}
    answer = await office.act(reported["case_no"], "acceptor1", step)
    assert answer.status_code == 200, answer.text
    await all_judged(office.services.sessions)
    [(_, part)] = await links(office, reported["case_no"])
    code = {"code": reported["tracking_code"]}
    opened = await office.ask("POST", f"/track/{part}", None, json=code)
    wrong = await office.ask("POST", f"/track/{part}", None, json={"code": "ABCDEFGHJK"})

    assert opened.status_code == 200, opened.text
    assert opened.json()["state"] == "accepted"
    assert wrong.status_code == 404


async def test_a_merged_case_and_its_main_case_show_the_link(office: Office) -> None:
    child, main = await citizen(office), await citizen(office)
    answer = await office.act(child, "acceptor1", {"action": "merge", "other": main})
    await all_judged(office.services.sessions)

    assert (answer.status_code, answer.json()["state"]) == (200, "merged"), answer.text
    assert await links(office, child) == {("main", main)}
    assert await links(office, main) == {("merged", child)}


async def test_a_main_case_that_is_not_there_is_refused_before_anything_is_written(
    office: Office,
) -> None:
    child = await citizen(office)
    missing = child[:14] + "99999"
    before = await office.get(f"/cases/{child}", "acceptor1")
    answer = await office.act(child, "acceptor1", {"action": "merge", "other": missing})
    problem = answer.json()

    assert (answer.status_code, problem["errors"][0]["pointer"]) == (422, "/steps/0/other")
    assert missing in problem["detail"]
    assert await office.get(f"/cases/{child}", "acceptor1") == before


async def test_a_main_case_that_is_settled_is_refused_with_a_sentence(office: Office) -> None:
    child, main = await citizen(office), await citizen(office)
    refused = {"action": "refuse", "reason": "refuse_outside_area", "text": "请拨打当地12345"}
    reasons = await office.get("/reasons", "acceptor1")
    refused["reason"] = reasons["refuse"][0]["code"]
    assert (await office.act(main, "acceptor1", refused)).status_code == 200
    answer = await office.act(child, "acceptor1", {"action": "merge", "other": main})

    assert (answer.status_code, answer.json()["code"]) == (409, "not_now"), answer.text
    assert main in answer.json()["detail"]
    assert (await office.get(f"/cases/{child}", "acceptor1"))["state"] == "reported"


async def test_a_real_case_does_not_follow_a_drill_and_keeps_its_work(office: Office) -> None:
    child = await citizen(office)
    drill = (await office.report("duty1", words="演练：路灯不亮", drill=True))["case_no"]
    await all_judged(office.services.sessions)
    before = await office.get(f"/cases/{child}", "acceptor1")
    answer = await office.act(child, "acceptor1", {"action": "merge", "other": drill})

    assert (answer.status_code, answer.json()["code"]) == (409, "not_now"), answer.text
    assert "演练" in answer.json()["detail"]
    assert await office.get(f"/cases/{child}", "acceptor1") == before


async def test_a_case_does_not_follow_a_part_of_its_part(office: Office) -> None:
    whole = await citizen(office)
    last = whole
    for _ in range(2):
        step = {"action": "split", "parts": [{"words": WORDS}]}
        answer = await office.act(last, "acceptor1", step)
        assert answer.status_code == 200, answer.text
        await all_judged(office.services.sessions)
        last = next(no for kind, no in await links(office, last) if kind == "part")
    refused = await office.act(whole, "acceptor1", {"action": "merge", "other": last})
    back = await office.act(last, "acceptor1", {"action": "merge", "other": whole})

    assert (refused.status_code, refused.json()["code"]) == (409, "not_now"), refused.text
    assert "拆出" in refused.json()["detail"]
    assert back.status_code == 200, back.text


@pytest.mark.parametrize(
    "step",
    [
        {"action": "split", "parts": []},
        {"action": "split", "parts": [{"words": WORDS, "subclass": "E99-99"}]},
        {"action": "merge"},
    ],
)
async def test_what_is_missing_is_named(office: Office, step: dict[str, object]) -> None:
    case_no = await citizen(office)
    answer = await office.act(case_no, "acceptor1", step)

    assert answer.status_code == 409, answer.text
    assert answer.json()["code"] in {"field_required", "unknown_code"}


async def test_a_reporter_neither_splits_nor_merges(office: Office) -> None:
    reported, main = await office.report(None), await citizen(office)
    path = f"/track/{reported['case_no']}/commands"
    for step in (
        {"action": "split", "parts": [{"words": WORDS}]},
        {"action": "merge", "other": main},
    ):
        body = {"code": reported["tracking_code"], "steps": [step], "seen": 0}
        answer = await office.ask("POST", path, None, json=body)
        assert answer.status_code == 403, answer.text
