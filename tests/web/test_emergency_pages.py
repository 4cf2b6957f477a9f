"""The emergency board and the leader's alarm: forms, both languages, an empty state."""
# ruff: noqa: ANN401  the fixtures of a folder have no type that can be imported

import re
from typing import Any

import pytest

pytestmark = pytest.mark.server


async def declared(site: Any) -> str:
    """A case that the duty chief declares an emergency on its page."""
    case_no, _ = await site.report("主管爆裂，路面塌陷", grid=site.grid, subclass="E01-13")
    await site.state(case_no)
    acceptor, chief = await site.staff("acceptor1"), await site.staff("duty1")
    await acceptor.act(case_no, "accept", urgent="1")
    await site.state(case_no)
    await chief.act(case_no, "file", condition="1")
    await site.state(case_no)
    await chief.act(
        case_no,
        "declare",
        emergency="accident",
        severity="III",
        text="路面塌陷，一人受伤",
        sure="1",
    )
    await site.state(case_no)
    return str(case_no)


@pytest.mark.parametrize(
    ("language", "said"), [("zh", "Ⅲ级（较大）"), ("en", "Level III, serious")]
)
async def test_the_board_shows_level_report_and_who_has_not_acknowledged(
    site: Any, language: str, said: str
) -> None:
    case_no = await declared(site)
    chief = await site.staff("command1", language)
    html = await chief.get("/emergencies")

    assert f'data-case="{case_no}"' in html
    assert said in html
    assert f"/alarms/{case_no}" in html
    case = await chief.get(f"/cases/{case_no}")
    assert said in case


async def test_the_leader_acknowledges_with_one_button_pressed_twice(site: Any) -> None:
    case_no = await declared(site)
    chief = await site.staff("command1")
    form = await chief.form(f"/alarms/{case_no}", f"/alarms/{case_no}")
    first = await chief.send(form)
    second = await chief.send(form)

    assert (first.status_code, second.status_code) == (303, 303)
    html = await chief.get(f"/alarms/{case_no}")
    assert "The alarm is acknowledged" in html
    assert f'action="/alarms/{case_no}"' not in html


async def test_who_is_not_alarmed_reads_that_nothing_is_needed(site: Any) -> None:
    case_no = await declared(site)
    supervisor = await site.staff("supervisor1", "zh")
    html = await supervisor.get(f"/alarms/{case_no}")

    assert "不需要您确认" in html
    assert f'action="/alarms/{case_no}"' not in html


async def test_a_unit_sees_an_empty_board_and_a_visitor_signs_in(site: Any) -> None:
    crew = await site.staff("parks.crew", "zh")
    assert "目前没有突发事件" in await crew.get("/emergencies")
    visitor = await site.visitor()
    await visitor.get("/emergencies", status=303)


async def test_a_drill_is_reported_by_its_box_and_marked(site: Any) -> None:
    duty = await site.staff("duty1", "zh")
    form = await duty.form("/work/report", "/work/report")
    answer = await duty.send(
        form, words="演练：燃气泄漏", address="柳汀社区", subclass="E01-13", drill="1"
    )
    assert answer.status_code == 200, answer.text[-2000:]
    case_no = re.findall(r"/cases/([0-9]{19})", answer.text)[0]
    await site.state(case_no)
    case = await duty.get(f"/cases/{case_no}")
    assert '<span class="pill late">演练</span>' in case
    assert "不计入考核指标" in case
