"""The whistle and the levels by HTTP: who is called, where he stands, what a case says."""

import pytest

from embedded.office import MEMBER, POINT, Office

pytestmark = pytest.mark.server
STREET = "street-liuting.desk"
CALL = {
    "action": "whistle",
    "units": ["water", "gas"],
    "haste": "emergency",
    "text": "路面塌陷",
}
HERE = {"action": "arrive", "lon": POINT[0], "lat": POINT[1]}


async def called(office: Office, case_no: str, **more: object) -> None:
    answer = await office.act(case_no, STREET, CALL | more)
    assert answer.status_code == 200, answer.text


async def test_called_arrived_scored_and_seen_by_those_concerned(
    office: Office, dispatched: str
) -> None:
    assert (await office.ask("GET", f"/cases/{dispatched}", "water.crew")).status_code == 404
    await called(office, dispatched)
    lines = (await office.get("/calls", "water.crew", params={"limit": 200}))["calls"]
    mine = [one for one in lines if one["case_no"] == dispatched]
    assert [(one["unit"], one["number"]) for one in mine] == [("water", 1)]
    assert mine[0]["due_at"]
    assert "words" not in mine[0]

    far = HERE | {"lat": POINT[1] + 0.02}
    refused = await office.act(dispatched, "water.crew", far)
    assert refused.status_code == 409
    assert "米" in refused.text
    nowhere = await office.act(dispatched, "water.crew", {"action": "arrive"})
    assert nowhere.status_code == 409
    assert (await office.act(dispatched, "water.crew", HERE)).status_code == 200
    again = await office.act(dispatched, "water.crew", HERE)
    assert again.status_code == 409
    scored = {"action": "score_arrival", "call": 1, "came": True, "score": 4}
    assert (await office.act(dispatched, STREET, scored)).status_code == 200

    case = await office.get(f"/cases/{dispatched}", "dispatcher1")
    first, second = case["calls"]
    assert (first["distance"], first["score"], first["waits"]) == (0.0, 4, False)
    assert first["on_time"] is True
    assert (second["waits"], second["caller"]) == (True, "street_liuting")
    assert case["level"] == "district"
    log = (await office.get(f"/cases/{dispatched}/timeline", "dispatcher1"))["entries"]
    assert str(POINT[0]) not in str(log)


async def test_a_photo_taken_on_the_spot_shows_the_place_too(
    office: Office, dispatched: str
) -> None:
    await called(office, dispatched)
    there = {"lon": str(POINT[0]), "lat": str(POINT[1])}
    photo = await office.photo("gas.crew", **there)
    answer = await office.act(dispatched, "gas.crew", {"action": "arrive", "photos": [photo]})

    assert answer.status_code == 200, answer.text


async def test_another_s_photo_of_the_case_shows_nobody_s_arrival(office: Office) -> None:
    there = {"lon": str(POINT[0]), "lat": str(POINT[1])}
    photo = await office.photo(MEMBER, **there)
    case_no = str((await office.report(photos=[photo]))["case_no"])
    await called(office, case_no)
    answer = await office.act(case_no, "gas.crew", {"action": "arrive", "photos": [photo]})

    assert answer.status_code == 409, answer.text
    assert not (await office.get(f"/cases/{case_no}", "dispatcher1"))["calls"][1]["arrived_at"]


async def test_the_board_goes_on_where_it_ended(office: Office, dispatched: str) -> None:
    await called(office, dispatched)
    seen: list[tuple[str, int]] = []
    cursor = None
    while True:
        given = {"limit": 1} | ({"cursor": cursor} if cursor else {})
        page = await office.get("/calls", "dispatcher1", params=given)
        seen += [(one["case_no"], one["number"]) for one in page["calls"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    whole = await office.get("/calls", "dispatcher1", params={"limit": 200})

    assert len(set(seen)) == len(seen)
    assert {(dispatched, 1), (dispatched, 2)} <= set(seen)
    assert {(one["case_no"], one["number"]) for one in whole["calls"]} <= set(seen)
    bad = await office.ask("GET", "/calls", "dispatcher1", params={"cursor": "zzz"})
    assert bad.status_code == 422


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"units": []}, 409),
        ({"units": ["water", "water"]}, 409),
        ({"units": ["street_liuting"]}, 409),
        ({"units": ["atlantis"]}, 409),
        ({"units": "water"}, 422),
        ({"units": ["a b"]}, 422),
        ({"units": [f"u{one}" for one in range(21)]}, 422),
        ({"haste": "soon"}, 422),
        ({"haste": None}, 409),
        ({"text": ""}, 409),
    ],
)
async def test_a_wrong_call_is_refused_and_nothing_is_written(
    office: Office, dispatched: str, changes: dict[str, object], status: int
) -> None:
    answer = await office.act(dispatched, STREET, CALL | changes)

    assert answer.status_code == status, answer.text
    assert not (await office.get(f"/cases/{dispatched}", "dispatcher1"))["calls"]


async def test_who_may_call(office: Office, dispatched: str) -> None:
    for login in ("street-wangzhou.desk", "street-liuting.crew"):
        answer = await office.act(dispatched, login, CALL)
        assert answer.status_code in {403, 404}, answer.text
    assert (await office.act(dispatched, "dispatcher1", CALL)).status_code == 200


async def test_departments_say_their_area(office: Office) -> None:
    found = {one["code"]: one for one in await office.get("/departments", "dispatcher1")}

    assert found["street_liuting"]["area"] == "990106001"
    assert found["water"]["area"] == ""


async def test_handed_up_and_down_by_http(office: Office) -> None:
    case_no = str((await office.report(subclass="A21-01", condition=1))["case_no"])
    up = {"action": "hand_up", "reason": "hand_up_no_power", "text": "社区无执法权"}
    assert (await office.act(case_no, "community-liuting.head", up)).status_code == 200
    case = await office.get(f"/cases/{case_no}", "dispatcher1")
    assert (case["state"], case["level"]) == ("filed", "street")
    skip = {"action": "dispatch", "unit": "enforcement", "text": "直接派区级"}
    refused = await office.act(case_no, "dispatcher1", skip)
    assert refused.status_code == 409
    assert "镇街" in refused.text
    named = skip | {"reason": "dispatch_level_cannot"}
    assert (await office.act(case_no, "dispatcher1", named)).status_code == 200

    case = await office.get(f"/cases/{case_no}", "dispatcher1")
    assert (case["unit"], case["level"]) == ("enforcement", "district")
    (hop,) = case["hops"]
    assert (hop["unit"], hop["to"], hop["up"]) == ("community_liuting", "street_liuting", True)
    log = (await office.get(f"/cases/{case_no}/timeline", "dispatcher1"))["entries"]
    assert log[-1]["reason"] == "dispatch_level_cannot"
