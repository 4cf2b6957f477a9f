"""The search box in the header, and the page of what it finds."""
# ruff: noqa: ANN401  the fixtures of a folder have no type that can be imported

import re
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from domain.case_number import DAILY, parse_case_number

pytestmark = pytest.mark.server


def found_in(html: str) -> list[str]:
    """Cases that a page lists."""
    return re.findall(r'<a class="line" href="/cases/(\d{19})"', html)


async def test_every_staff_page_has_the_box_and_visitors_have_none(site: Any) -> None:
    desk, visitor = await site.staff("desk1"), await site.visitor()
    case_no, _ = await site.report("路面积水", grid=site.grid)

    for path in ("/work", f"/cases/{case_no}", "/staff/search", "/report"):
        html = await desk.get(path)
        assert html.count('action="/staff/search"') == 1, path
        assert html.count("data-search") == 1, path
    assert "data-search" not in await visitor.get("/report")
    answer = await visitor.http.get("/staff/search?q=积水")
    assert answer.headers["location"].startswith("/sign-in?next=/staff/search")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_words_are_found_and_shown_as_text(site: Any, language: str) -> None:
    mark = uuid4().hex[:12]
    words = f"<b>配电箱</b> & 冒烟 {mark}"
    case_no, _ = await site.report(words, grid=site.grid, address="柳汀北路7号")
    desk = await site.staff("desk1", language)
    html = await desk.get(f"/staff/search?q={quote(f'冒烟 柳汀北路 {mark}')}")

    assert found_in(html) == [case_no]
    assert "&lt;b&gt;配电箱&lt;/b&gt; &amp; 冒烟" in html
    assert "柳汀北路7号" in html
    for label in ("地点", "内容") if language == "zh" else ("place", "words"):
        assert f'<span class="pill">{label}</span>' in html
    assert f'value="冒烟 柳汀北路 {mark}"' in html


async def test_a_number_leads_straight_to_its_case(site: Any) -> None:
    case_no, _ = await site.report("井盖缺失", grid=site.grid)
    desk = await site.staff("desk1")

    sequence = parse_case_number(case_no)[2]
    last = str(sequence) if sequence < DAILY else case_no[14:]  # short for the first 99,999
    for typed in (case_no, f"{case_no[10:14]}-{case_no[14:]}", last):
        answer = await desk.http.get("/staff/search", params={"q": typed})
        assert answer.headers["location"] == f"/cases/{case_no}", typed
    html = await desk.get("/staff/search?q=9901062026010100001")
    assert "No case that you may see was found" in html


async def test_pages_follow_one_another(site: Any) -> None:
    mark = uuid4().hex[:12]
    made = [(await site.report(f"连续 {mark}", grid=site.grid))[0] for _ in range(22)]
    desk = await site.staff("desk1")
    first = await desk.get(f"/staff/search?q={mark}")
    (following,) = re.findall(r'rel="next" href="([^"]+)"', first)
    second = await desk.get(following.replace("&amp;", "&"))

    assert "Found: 22" in first
    assert found_in(first) + found_in(second) == made[::-1]
    assert 'rel="next"' not in second
    answer = await desk.http.get(f"/staff/search?q={mark}&cursor=bad")
    assert answer.headers["location"] == f"/staff/search?q={mark}"


async def test_who_may_not_search_by_telephone_is_told_so_whatever_there_is(site: Any) -> None:
    phone = "000-0107-" + str(uuid4().int)[:4]
    case_no, _ = await site.report("楼下噪音扰民", grid=site.grid, phone=phone)
    officer, desk = await site.staff("sanitation.crew"), await site.staff("desk1")
    there = await officer.get(f"/staff/search?q={phone}")
    not_there = await officer.get("/staff/search?q=000-0108-0000")

    assert "Your role may not search by telephone" in there
    assert there.replace(phone, "") == not_there.replace("000-0108-0000", "")
    html = await desk.get(f"/staff/search?q={phone}")
    assert found_in(html) == [case_no]
    assert "telephone</span>" in html


async def test_what_cannot_be_searched_for_is_said(site: Any) -> None:
    desk = await site.staff("desk1", "zh")

    assert "没有可查找的内容" in await desk.get(f"/staff/search?q={quote('？！')}", status=422)
    assert "控制字符" in await desk.get("/staff/search?q=a%00b", status=422)
    assert "200 个字符" in await desk.get(f"/staff/search?q={'x' * 201}", status=422)
    assert "多个词须同时符合" in await desk.get("/staff/search?q=")
    assert "没有找到您可查看的案件" in await desk.get(f"/staff/search?q={uuid4().hex}")
