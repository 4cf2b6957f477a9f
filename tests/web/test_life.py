"""A case's life through forms alone: no script runs here."""
# ruff: noqa: ANN401  the fixtures of a folder have no type that can be imported

import asyncio
from typing import Any

import pytest

pytestmark = pytest.mark.server
CHAIN = "accept+file+dispatch"
WASTE = {"subclass": "E01-10", "condition": "1", "urgent": "1"}


async def dispatched(site: Any) -> tuple[str, str]:
    """A case that sanitation has to sign."""
    case_no, code = await site.report("垃圾桶满溢，请清运", grid=site.grid, subclass="E01-10")
    desk = await site.staff("desk1")
    await desk.act(case_no, CHAIN, **WASTE, grid=site.grid, unit="sanitation", text="urgent")
    assert await site.state(case_no) == "dispatched"
    return case_no, code


async def tracked(site: Any, case_no: str, code: str) -> Any:
    """A visitor with the tracking page, and its text."""
    visitor = await site.visitor()
    form = await visitor.form("/track", "/track")
    answer = await visitor.send(form, case_no=case_no, code=code.lower())
    assert answer.status_code == 200, answer.text[-1000:]
    return visitor, answer.text


async def test_from_a_citizens_form_to_closed_and_rated(site: Any) -> None:
    case_no, code = await site.report(
        "垃圾桶满溢，请清运", photos=1, grid=site.grid, subclass="E01-10", phone="13800000000"
    )
    desk = await site.staff("desk1")
    form = await desk.form(f"/cases/{case_no}", f"/cases/{case_no}/act", action=CHAIN)
    assert form.options["unit"][0] == form.fields["unit"]
    await desk.send(form, **WASTE, text="urgent", unit="sanitation")
    assert await site.state(case_no) == "dispatched"
    crew = await site.staff("sanitation.crew")
    await crew.act(case_no, "sign")
    await crew.act(case_no, "start")
    await crew.act(case_no, "feed_back", photos=1, result="solved", text="已清运，地面冲洗")
    await desk.act(case_no, "pass_review")
    assert await site.state(case_no) == "checking"
    async with site.services.sessions() as session:
        row = await session.get_one(site.case_row, case_no)
    member = await site.staff(row.asked)
    assert case_no in await member.get("/work?tab=asked")
    place = {"lon": "120.1065", "lat": "30.366"}
    await member.act(case_no, "check_pass", photos=1, text="现场已清洁", **place)
    assert await site.state(case_no) == "closed"

    visitor, html = await tracked(site, case_no, code)
    assert "已清运，地面冲洗" in html
    assert row.asked not in html
    rate = next(one for one in visitor.forms(html) if one.action == "/track/rate")
    answer = await visitor.send(rate, solved="no", score="2", text="还有异味")
    assert "Received, thank you." in answer.text
    again = next(one for one in visitor.forms(answer.text) if one.action == "/track/reopen")
    reason = again.options["reason"][1]
    await visitor.send(again, reason=reason, text="第二天又满了")
    assert await site.state(case_no) == "handling"


async def test_the_same_form_sent_twice_is_one_command(site: Any) -> None:
    case_no, _ = await dispatched(site)
    before = await site.commands(case_no)
    crew = await site.staff("sanitation.crew")
    form = await crew.form(f"/cases/{case_no}", f"/cases/{case_no}/act", action="sign")
    answers = await asyncio.gather(*(crew.send(form) for _ in range(4)))

    assert {one.status_code for one in answers} <= {303, 202}
    assert await site.state(case_no) == "signed"
    assert await site.commands(case_no) == before + 1


async def test_the_same_report_sent_twice_is_one_case(site: Any) -> None:
    visitor = await site.visitor()
    form = await visitor.form("/report", "/report")
    answers = [
        await visitor.send(form, photos=1, words="路灯不亮了", grid=site.grid) for _ in range(2)
    ]
    numbers = {
        one.fields["case_no"]
        for answer in answers
        for one in visitor.forms(answer.text)
        if one.action == "/track"
    }

    assert len(numbers) == 1


async def test_who_acts_on_an_old_page_is_told_so(site: Any) -> None:
    case_no, _ = await dispatched(site)
    crew, boss = await site.staff("sanitation.crew"), await site.staff("sanitation.desk")
    form = await crew.form(f"/cases/{case_no}", f"/cases/{case_no}/act", action="sign")
    await boss.act(case_no, "sign")
    answer = await crew.send(form)

    assert answer.status_code == 409
    assert "the case changed since you looked" in answer.text
    assert "Reload" in answer.text


async def test_a_refused_form_keeps_what_was_entered(site: Any) -> None:
    case_no, _ = await dispatched(site)
    head = await site.staff("sanitation.head", "zh")
    form = await head.form(f"/cases/{case_no}", f"/cases/{case_no}/act", action="return")
    answer = await head.send(form, reason="", text="不归我们管")

    assert answer.status_code == 409
    assert "必须选择原因" in answer.text
    assert "不归我们管</textarea>" in answer.text


async def test_a_report_with_mistakes_comes_back_as_it_was(site: Any) -> None:
    visitor = await site.visitor()
    form = await visitor.form("/report", "/report")
    answer = await visitor.send(form, words="灯", subclass="nonsense", phone="12", name="Li")

    assert answer.status_code == 422
    for word in ("at least 4 characters", "Not in the list", "7 to 15 digits"):
        assert word in answer.text
    assert "Choose a grid" in answer.text
    assert 'value="nonsense"' in answer.text
    assert 'value="Li"' in answer.text


async def test_a_file_that_is_no_photo_is_told(site: Any) -> None:
    visitor = await site.visitor()
    form = await visitor.form("/report", "/report")
    data = form.fields | {"words": "路灯不亮了", "grid": site.grid}
    files = {"photos": ("x.jpg", b"<svg onload=alert(1)>", "image/jpeg")}
    answer = await visitor.http.post("/report", data=data, files=files)

    assert answer.status_code == 422
    assert "A photo cannot be read" in answer.text


async def test_a_wrong_code_opens_nothing(site: Any) -> None:
    case_no, code = await site.report("路灯不亮了", grid=site.grid)
    visitor = await site.visitor()
    form = await visitor.form("/track", "/track")
    wrong = await visitor.send(form, case_no=case_no, code="0" * len(code))
    nobody = await visitor.send(form, case_no="9901062026010100001", code=code)

    assert wrong.status_code == nobody.status_code == 404
    assert "do not belong together" in wrong.text


async def test_a_reporter_reminds_and_takes_back(site: Any) -> None:
    case_no, code = await site.report("路灯不亮了", grid=site.grid)
    assert await site.state(case_no) == "reported"
    visitor, html = await tracked(site, case_no, code)
    urge = next(one for one in visitor.forms(html) if one.action == "/track/urge")
    first = await visitor.send(urge)
    second = await visitor.send(urge, key="another")
    back = next(one for one in visitor.forms(html) if one.action == "/track/withdraw")
    await visitor.send(back, text="已经修好了")

    assert "Received" in first.text
    assert "Not possible" in second.text
    assert await site.state(case_no) == "withdrawn"


async def test_the_desk_form_follows_class_and_grid(site: Any) -> None:
    case_no, _ = await site.report("井盖不见了", grid=site.grid)
    assert await site.state(case_no) == "reported"
    desk = await site.staff("desk1")
    part = await desk.get(
        f"/cases/{case_no}/desk?subclass=C01-37&grid={site.grid}&action=accept%2Bfile%2Bdispatch"
    )
    (form,) = [one for one in desk.forms(part) if one.action.endswith("/act")]

    assert form.fields["unit"] == "lighting"
    assert len(form.options["condition"]) >= 1


async def test_a_page_says_when_its_case_has_changed(site: Any) -> None:
    case_no, _ = await dispatched(site)
    desk = await site.staff("desk1")

    assert "has just changed" in await desk.get(f"/cases/{case_no}/fresh?seq=1")
    async with site.services.sessions() as session:
        row = await session.get_one(site.case_row, case_no)
    answer = await desk.http.get(f"/cases/{case_no}/fresh?seq={row.seq}")
    assert answer.status_code == 204


async def test_photos_are_seen_by_those_who_see_the_case(site: Any) -> None:
    case_no, _ = await site.report("路灯不亮了", photos=1, grid=site.grid)
    assert await site.state(case_no) == "reported"
    desk, crew = await site.staff("desk1"), await site.staff("sanitation.crew")
    html = await desk.get(f"/cases/{case_no}")
    href = html.split('<div class="photos"><a href="')[1].split('"')[0]

    shown = await desk.http.get(href)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert (await crew.http.get(href)).status_code == 404


async def test_who_may_call_back_sees_the_number_and_nobody_else(site: Any) -> None:
    case_no, _ = await site.report(
        "垃圾桶满溢", grid=site.grid, subclass="E01-10", phone="13800000000"
    )
    clerk = await site.staff("acceptor1")
    form = await clerk.form(f"/cases/{case_no}", f"/cases/{case_no}/contact")
    page = await clerk.send(form)
    supervisor = await site.staff("supervisor1")
    seen = await supervisor.get(f"/cases/{case_no}")

    assert "13800000000" not in await clerk.get(f"/cases/{case_no}")
    assert "13800000000" in page.text
    assert "13800000000" not in seen
    assert "/contact" not in seen
