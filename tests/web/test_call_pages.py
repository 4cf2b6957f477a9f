"""The whistle and the levels by forms alone, on the real server: no script runs here."""
# ruff: noqa: ANN401  the fixtures of a folder have no type that can be imported

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from embedded.office import POINT
from registry.tables_whistle import SiteCallRow

pytestmark = pytest.mark.server
CHAIN = "accept+file+dispatch"
STREET = "street-liuting.desk"


async def dispatched(site: Any, **changes: str) -> str:
    """A case in Liuting that the roads office has to sign."""
    case_no, _ = await site.report("路面塌陷", photos=1, lon=str(POINT[0]), lat=str(POINT[1]))
    desk = await site.staff("desk1")
    filled = {"subclass": "E01-13", "condition": "1", "urgent": "1", "grid": site.grid}
    await desk.act(case_no, CHAIN, **(filled | {"unit": "roads", "text": "urgent"} | changes))
    return str(case_no)


async def whistle(site: Any, case_no: str, *units: str, login: str = STREET) -> Any:
    """Press the form that calls departments."""
    desk = await site.staff(login)
    form = await desk.form(f"/cases/{case_no}", f"/cases/{case_no}/act", action="whistle")
    ticked = {f"called_{one}": "1" for one in units}
    return await desk.send(form, haste="emergency", text="请到场", **ticked)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_board_shows_who_is_waited_for_then_who_is_to_be_scored(
    site: Any, language: str
) -> None:
    case_no = await dispatched(site)
    answer = await whistle(site, case_no, "water")
    assert answer.status_code == 303, answer.text[-2000:]
    assert await site.state(case_no) == "dispatched"
    for login in ("water.crew", STREET, "dispatcher1"):
        visitor = await site.staff(login, language)
        html = await visitor.get("/calls")
        assert f"/cases/{case_no}" in html, login
        assert f"/cases/{case_no}" in await visitor.get("/calls/board")
    stranger = await site.staff("street-wangzhou.desk", language)
    assert f"/cases/{case_no}" not in await stranger.get("/calls")

    crew = await site.staff("water.crew", language)
    page = await crew.get(f"/cases/{case_no}")
    assert ("吹哨报到" if language == "zh" else "Calls to the site") in page
    await crew.act(case_no, "arrive", lon=str(POINT[0]), lat=str(POINT[1]), text="到了")
    await site.state(case_no)
    street = await site.staff(STREET, language)
    await street.act(case_no, "score_arrival", came="1", score="5")
    await site.state(case_no)
    shown = await street.get(f"/cases/{case_no}")
    assert ("评分 5" if language == "zh" else "score 5") in shown
    assert f"/cases/{case_no}" not in await street.get("/calls")


@pytest.mark.parametrize(
    ("language", "called", "given"),
    [
        ("zh", r"紧急（30 分钟）：云汀\w+公司、云汀\w+公司，.+ 前报到", "派往：市政设施养护所"),
        (
            "en",
            r"Emergency, within 30 minutes: Yunting [\w ]+, Yunting [\w ]+, to be there by \w",
            "to Road and Bridge Maintenance Office",
        ),
    ],
)
async def test_the_timeline_names_who_was_called_until_when_and_to_whom_it_went(
    site: Any, language: str, called: str, given: str
) -> None:
    case_no = await dispatched(site)
    await whistle(site, case_no, "water", "gas")
    await site.state(case_no)
    page = await (await site.staff("dispatcher1", language)).get(f"/cases/{case_no}")

    assert re.search(called, page)
    assert given in page


async def test_a_call_past_its_limit_stands_with_those_to_be_scored(site: Any) -> None:
    case_no = await dispatched(site)
    await whistle(site, case_no, "water")
    await site.state(case_no)
    async with site.services.sessions.begin() as session:
        await session.execute(
            update(SiteCallRow)
            .where(SiteCallRow.case_no == case_no)
            .values(due_at=SiteCallRow.due_at - timedelta(hours=2))
        )
    html = await (await site.staff(STREET, "zh")).get("/calls/board")
    waiting, _, to_score = html.partition("<h2>等待评价")

    assert f"/cases/{case_no}" in to_score
    assert f"/cases/{case_no}" not in waiting


async def test_an_arrival_from_afar_comes_back_with_what_to_do(site: Any) -> None:
    case_no = await dispatched(site)
    await whistle(site, case_no, "gas", login="dispatcher1")
    await site.state(case_no)
    crew = await site.staff("gas.crew", "zh")
    form = await crew.form(f"/cases/{case_no}", f"/cases/{case_no}/act", action="arrive")
    answer = await crew.send(form, lon="120.2", lat="30.4")

    assert answer.status_code == 409
    assert "请到现场后再报到" in answer.text
    blind = await crew.send(form, lon="", lat="")
    assert "打开定位" in blind.text


async def test_a_call_without_a_department_is_refused_and_keeps_what_was_typed(
    site: Any,
) -> None:
    case_no = await dispatched(site)
    answer = await whistle(site, case_no)

    assert answer.status_code == 409
    assert "请到场" in answer.text
    assert await site.commands(case_no) == 2


async def test_the_empty_board_says_so(site: Any) -> None:
    visitor = await site.staff("education.crew", "en")
    html = await visitor.get("/calls")

    assert "No department is waited for" in html


async def test_handed_up_by_its_form_and_shown(site: Any) -> None:
    case_no = await dispatched(site, subclass="A21-01", unit="community_liuting", text="")
    assert await site.state(case_no) == "dispatched"
    head = await site.staff("community-liuting.head")
    await head.act(case_no, "hand_up", reason="hand_up_no_power", text="no power")
    assert await site.state(case_no) == "filed"
    desk = await site.staff("dispatcher1", "en")
    page = await desk.get(f"/cases/{case_no}")

    assert "handed it up to" in page
    form = await desk.form(f"/cases/{case_no}", f"/cases/{case_no}/act", action="dispatch")
    assert form.options["unit"][0] == "street_liuting"
    answer = await desk.send(form)
    assert answer.status_code == 303, answer.text[-2000:]
    assert await site.state(case_no) == "dispatched"
    street = await site.staff("street-liuting.head", "en")
    await street.act(case_no, "hand_down", unit="community_liuting", text="mandate")
    assert await site.state(case_no) == "filed"
