"""Candidates, followers and hot spots by HTTP: why, for whom, and each reporter's own part."""
# ruff: noqa: ANN401  fields of a body

import asyncio
import uuid
from typing import Any

import pytest

from embedded.office import Office
from embedded.telling import DEADLINE, all_judged

pytestmark = pytest.mark.server
LAMP, LITTER = "C01-37", "E01-13"
ANSWER = "路面已修复，恢复通行"
STEP = 0.0001
"""About ten metres."""


async def until(office: Office, case_no: str, **wanted: object) -> dict[str, Any]:
    """The case once it is so: what follows for it is judged by its own workflow."""
    async with asyncio.timeout(DEADLINE):
        while True:
            found: dict[str, Any] = await office.get(f"/cases/{case_no}", "duty1")
            if wanted.items() <= found.items():
                return found
            await all_judged(office.services.sessions)
            await asyncio.sleep(0.05)


COLUMNS = (120.1025, 120.1085, 120.1145, 120.1385, 120.1445, 120.1505, 120.1565)
ROWS = (30.302, 30.320)


class Place:
    """A place of its own, so that no other test's cases are near."""

    free = iter([(lon, lat) for lat in ROWS for lon in COLUMNS])

    def __init__(self) -> None:
        self.lon, self.lat = next(Place.free)

    def at(self, steps: int = 0) -> dict[str, float]:
        """A point so many steps north of it."""
        return {"lon": self.lon, "lat": self.lat + STEP * steps}


@pytest.fixture
def place() -> Place:
    return Place()


async def citizen(office: Office, **more: Any) -> dict[str, Any]:
    body = {"words": f"路灯不亮 {uuid.uuid4().hex[:8]}", "subclass": LAMP} | more
    return await office.report(None, **body)


async def draft(office: Office, login: str, **body: Any) -> list[dict[str, Any]]:
    answer = await office.ask("POST", "/reports/candidates", login, json=body)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["candidates"]
    return found


def reasons(one: dict[str, Any]) -> dict[str, int]:
    return {sign["reason"]: sign["value"] for sign in one["signs"]}


async def merge(office: Office, child: str, main: str, login: str = "acceptor1") -> None:
    answer = await office.act(child, login, {"action": "merge", "other": main})
    assert answer.status_code == 200, answer.text
    await all_judged(office.services.sessions)


async def test_what_is_near_and_of_the_class_is_a_candidate_with_its_reasons(
    office: Office, place: Place
) -> None:
    first = await citizen(office, words="文一路口路灯不亮，晚上很黑", **place.at())
    far = await citizen(office, **place.at(40))
    other = await citizen(office, words="垃圾满溢无人清运", subclass=LITTER, **place.at(1))
    found = await draft(
        office, "acceptor1", words="路口路灯不亮，很黑", subclass=LAMP, **place.at(2)
    )
    numbers = [one["case_no"] for one in found]

    assert numbers[0] == first["case_no"]
    assert {far["case_no"], other["case_no"]}.isdisjoint(numbers)
    why = reasons(found[0])
    assert why["near"] == pytest.approx(22, abs=2)
    assert why["alike"] >= 40
    assert "same_class" in why
    assert "same_reporter" not in why
    assert (found[0]["main"], found[0]["open"]) == (first["case_no"], True)


async def test_a_related_class_counts_by_prefix_and_by_the_policy_s_groups(
    office: Office, place: Place
) -> None:
    first = await citizen(office, **place.at())
    by_group = await draft(
        office, "acceptor1", words="线缆脱落", subclass="E05-08", **place.at()
    )
    strange = await draft(
        office, "acceptor1", words="餐饮油烟", subclass="A25-01", **place.at()
    )

    assert "related_class" in reasons(by_group[0])
    assert first["case_no"] not in [one["case_no"] for one in strange]


async def test_the_same_telephone_is_a_reason_for_who_may_search_by_it(
    office: Office, place: Place
) -> None:
    phone = f"139{uuid.uuid4().int % 10**8:08}"
    contact = {"name": "", "phone": phone}
    first = await citizen(office, contact=contact, **place.at())
    body = {"words": "还是那个问题", "subclass": LAMP, "contact": contact}
    for_acceptor = await draft(office, "acceptor1", **body, **place.at(30))
    for_dispatcher = await draft(office, "dispatcher1", **body, **place.at(30))

    assert first["case_no"] in [one["case_no"] for one in for_acceptor]
    assert "same_reporter" in reasons(for_acceptor[0])
    assert all("same_reporter" not in reasons(one) for one in for_dispatcher)


async def test_only_who_may_see_a_case_is_shown_it(office: Office, place: Place) -> None:
    first = await citizen(office, **place.at())
    body = {"words": "路灯不亮", "subclass": LAMP, **place.at()}

    assert first["case_no"] in [one["case_no"] for one in await draft(office, "duty1", **body)]
    assert await draft(office, "parks.crew", **body) == []
    answer = await office.ask("POST", "/reports/candidates", None, json=body)
    assert answer.status_code == 401


async def test_a_follower_stands_for_its_main_case_and_nothing_is_its_own_candidate(
    office: Office, place: Place
) -> None:
    main, child, new = [await citizen(office, **place.at(n)) for n in range(3)]
    await merge(office, child["case_no"], main["case_no"])
    await until(office, main["case_no"], followers=1)
    path = f"/cases/{new['case_no']}/candidates"
    found = (await office.get(path, "acceptor1"))["candidates"]
    of_main = (await office.get(f"/cases/{main['case_no']}/candidates", "acceptor1"))[
        "candidates"
    ]

    assert [one["main"] for one in found] == [main["case_no"]]
    assert found[0]["followers"] == 1
    assert [one["case_no"] for one in of_main] == [new["case_no"]]
    merged = await office.act(
        new["case_no"], "acceptor1", {"action": "merge", "other": found[0]["main"]}
    )
    assert merged.status_code == 200, merged.text


async def test_a_drill_and_a_real_case_are_no_candidates_of_each_other(
    office: Office, place: Place
) -> None:
    real = await citizen(office, **place.at())
    body = {"words": "路灯不亮", "subclass": LAMP, **place.at(1)}
    drill = await office.report("duty1", drill=True, **body)
    await all_judged(office.services.sessions)
    for_real = await office.get(f"/cases/{real['case_no']}/candidates", "acceptor1")
    for_drill = await office.get(f"/cases/{drill['case_no']}/candidates", "duty1")
    for_draft = await draft(office, "acceptor1", **body)

    assert (for_real["candidates"], for_drill["candidates"]) == ([], [])
    assert [one["case_no"] for one in for_draft] == [real["case_no"]]


async def test_what_is_settled_is_a_hint_but_no_main_case(office: Office, place: Place) -> None:
    first = await citizen(office, **place.at())
    gone = await citizen(office, **place.at())
    code = {"code": gone["tracking_code"], "steps": [{"action": "withdraw"}], "seen": 0}
    answer = await office.ask("POST", f"/track/{gone['case_no']}/commands", None, json=code)
    assert answer.status_code == 200, answer.text
    listed = await office.get("/reasons", "acceptor1")
    refused = {"action": "refuse", "reason": listed["refuse"][0]["code"], "text": "已转告"}
    assert (await office.act(first["case_no"], "acceptor1", refused)).status_code == 200
    body = {"words": "路灯不亮", "subclass": LAMP, **place.at()}
    found = await draft(office, "acceptor1", **body)

    assert [(one["case_no"], one["open"]) for one in found] == [(first["case_no"], False)]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"words": ""},
        {"words": "x", "lon": 120.1},
        {"words": "x", "lon": 500, "lat": 30},
        {"words": "x", "contact": {"phone": "call me"}},
        {"words": "x", "source": "rumour"},
    ],
)
async def test_a_draft_that_is_none_is_refused(office: Office, body: dict[str, Any]) -> None:
    answer = await office.ask("POST", "/reports/candidates", "acceptor1", json=body)

    assert answer.status_code == 422, answer.text


async def test_nothing_is_written_by_looking(office: Office, place: Place) -> None:
    case_no = (await citizen(office, **place.at()))["case_no"]
    before = await office.counts()
    await draft(office, "acceptor1", words="路灯不亮", subclass=LAMP, **place.at())
    await office.get(f"/cases/{case_no}/candidates", "acceptor1")

    assert await office.counts() == before


async def test_each_follower_keeps_its_reporter_call_back_and_rating(
    office: Office, place: Place
) -> None:
    """Main and two followers: one answer for all, each reporter rates on his own."""
    main = str((await office.report(words="路面破损", **place.at()))["case_no"])  # type: ignore[arg-type]
    reported = [
        await citizen(
            office,
            subclass=LITTER,
            contact={"name": "", "phone": f"1380000000{n}"},
            **place.at(n),
        )
        for n in (1, 2)
    ]
    children = [one["case_no"] for one in reported]
    for child in children:
        await merge(office, child, main)
    await until(office, main, followers=2)
    await close(office, main)
    for child in children:
        await until(office, child, state="closed")
    to_call = await office.get(f"/cases/{main}/followers", "duty1")
    for one, score in zip(reported, (5, 2), strict=True):
        path = f"/track/{one['case_no']}"
        seen = await office.ask("POST", path, None, json={"code": one["tracking_code"]})
        assert seen.json()["state"] == "closed"
        assert ANSWER in [one["text"] for one in seen.json()["replies"]]
        rate = {
            "code": one["tracking_code"],
            "steps": [{"action": "rate", "solved": "yes", "score": score}],
            "seen": seen.json()["version"],
        }
        rated = await office.ask("POST", f"{path}/commands", None, json=rate)
        assert rated.status_code == 200, rated.text
    page = await office.get(f"/cases/{main}/followers", "duty1")
    listed = {one["case_no"]: one for one in page["followers"]}
    contacts = [
        await office.ask(
            "GET", f"/cases/{no}/reporter", "clerk1", params={"purpose": "call_back"}
        )
        for no in children
    ]

    assert list(listed) == sorted(children)
    assert [listed[no]["ratings"][0]["score"] for no in children] == [5, 2]
    assert all(listed[no]["has_contact"] for no in children)
    assert [one.json()["phone"] for one in contacts] == ["13800000001", "13800000002"]
    assert all(one["call_back_due"] for one in to_call["followers"])
    assert (await office.get(f"/cases/{main}", "duty1"))["state"] == "closed"


async def close(office: Office, case_no: str) -> None:
    """A case that was dispatched, brought to its end by its unit and the centre."""
    unit = (await office.get(f"/cases/{case_no}", "duty1"))["unit"]
    photo = await office.photo(f"{unit}.crew")
    for login, step in (
        (f"{unit}.crew", {"action": "sign"}),
        (f"{unit}.crew", {"action": "start"}),
        (
            f"{unit}.crew",
            {"action": "feed_back", "result": "solved", "text": ANSWER, "photos": [photo]},
        ),
        ("dispatcher1", {"action": "pass_review"}),
    ):
        answer = await office.act(case_no, login, step)
        assert answer.status_code == 200, answer.text
    row = await office.get(f"/cases/{case_no}", "duty1")
    shot = await office.photo(row["asked"], lon=row["lon"], lat=row["lat"])
    step = {"action": "check_pass", "photos": [shot], "text": "已修复"}
    answer = await office.act(case_no, row["asked"], step)
    assert answer.status_code == 200, answer.text


async def replies(office: Office, reported: dict[str, Any]) -> list[str]:
    code = {"code": reported["tracking_code"]}
    seen = await office.ask("POST", f"/track/{reported['case_no']}", None, json=code)
    return [one["text"] for one in seen.json()["replies"]]


async def test_a_follower_s_reporter_is_not_told_what_is_not_reviewed(
    office: Office, place: Place
) -> None:
    main = str((await office.report(words="路面破损", **place.at()))["case_no"])  # type: ignore[arg-type]
    child = await citizen(office, subclass=LITTER, **place.at(1))
    await merge(office, child["case_no"], main)
    await until(office, main, followers=1)
    unit = (await office.get(f"/cases/{main}", "duty1"))["unit"]
    photo = await office.photo(f"{unit}.crew")
    early = {"action": "feed_back", "result": "solved", "text": "已处理", "photos": [photo]}
    why = {"reason": "reject_result_incomplete", "text": "未见效果"}
    for login, step in (
        (f"{unit}.crew", {"action": "sign"}),
        (f"{unit}.crew", {"action": "start"}),
        (f"{unit}.crew", early),
        ("dispatcher1", {"action": "reject_feedback", **why}),
    ):
        answer = await office.act(main, login, step)
        assert answer.status_code == 200, answer.text
        assert await replies(office, child) == []


async def test_many_followers_make_a_hot_spot_that_is_offered_first(
    office: Office, place: Place
) -> None:
    main = (await citizen(office, **place.at()))["case_no"]
    for number in range(4):
        child = (await citizen(office, **place.at(number)))["case_no"]
        await merge(office, child, main)
    case = await until(office, main, followers=4)
    near = await citizen(office, **place.at(9))
    found = await draft(office, "acceptor1", words="灯坏了", subclass=LAMP, **place.at(10))
    lines = await office.get("/cases", "duty1", params={"limit": 200})

    assert (case["hot_spot"], case["followers"]) == (True, 4)
    assert found[0]["main"] == main
    assert reasons(found[0])["hot_spot"] == 5
    assert near["case_no"] in [one["case_no"] for one in found]
    assert {one["case_no"]: one["hot_spot"] for one in lines["cases"]}[main]


async def test_the_dispatcher_marks_a_hot_spot_and_takes_the_mark_away(
    office: Office, place: Place
) -> None:
    case_no = (await citizen(office, **place.at()))["case_no"]
    marked = await office.act(case_no, "dispatcher1", {"action": "mark_hot_spot"})
    twice = await office.act(case_no, "dispatcher1", {"action": "mark_hot_spot"})
    others = await office.act(case_no, "acceptor1", {"action": "unmark_hot_spot"})
    hot = (await office.get(f"/cases/{case_no}", "duty1"))["hot_spot"]
    gone = await office.act(case_no, "dispatcher1", {"action": "unmark_hot_spot"})

    assert (marked.status_code, gone.status_code, hot) == (200, 200, True), marked.text
    assert (twice.status_code, twice.json()["code"]) == (409, "not_now")
    assert others.status_code == 403


async def test_many_are_merged_at_once_and_released_again(office: Office, place: Place) -> None:
    main = (await citizen(office, **place.at()))["case_no"]
    children = [(await citizen(office, **place.at(n)))["case_no"] for n in range(5)]
    body = {
        "steps": [{"action": "merge", "other": main}],
        "items": [{"case_no": one, "seen": 0} for one in [*children, main]],
    }
    answer = await office.ask("POST", "/commands/batch", "acceptor1", json=body)
    await all_judged(office.services.sessions)
    counted = answer.json()["counts"]
    await until(office, main, followers=5)
    first = await office.act(children[0], "dispatcher1", {"action": "release"})
    case = await until(office, main, followers=4)

    assert (counted["done"], counted["refused"]) == (5, 1), answer.text
    assert first.status_code == 200
    assert (case["followers"], case["hot_spot"]) == (4, True)


async def test_a_case_does_not_follow_its_own_task_part_or_follower(
    office: Office, place: Place
) -> None:
    main = (await citizen(office, **place.at()))["case_no"]
    child = (await citizen(office, **place.at()))["case_no"]
    await merge(office, child, main)
    split = {"action": "split", "parts": [{"words": "另有井盖破损"}]}
    await until(office, main, followers=1)
    assert (await office.act(main, "acceptor1", split)).status_code == 200
    await all_judged(office.services.sessions)
    links = (await office.get(f"/cases/{main}", "duty1"))["links"]
    part = next(one["case_no"] for one in links if one["kind"] == "part")
    said = []
    for other in (f"{main}.t1", child, part, main):
        answer = await office.act(main, "acceptor1", {"action": "merge", "other": other})
        assert answer.status_code in {409, 422}, answer.text
        said.append(answer.json()["detail"])

    assert len(set(said)) == 4
    assert (await office.get(f"/cases/{main}", "duty1"))["state"] == "reported"
