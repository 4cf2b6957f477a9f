"""Many cases and a staff report in a real browser: keys, ranges, drafts, fields that appear."""
# ruff: noqa: ANN401  the fixtures of a folder have no type that can be imported

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.async_api import Page, async_playwright, expect
from sqlalchemy import update

from embedded.process import free_port
from tests.web.browsing import DESK, MARKS, PHONE, launch, open_page, sign_in
from tests.web.test_batch_tasks_page import first_of_board, of_water, two_tasks

HERE = (120.1065, 30.366)
pytestmark = MARKS


@asynccontextmanager
async def served(site: Any) -> AsyncIterator[str]:
    """The site's application on a port; its services stay as they are."""
    port = free_port()
    config = uvicorn.Config(
        site.app, host="127.0.0.1", port=port, lifespan="off", log_level="warning"
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:  # noqa: ASYNC110  uvicorn rings no bell
            await asyncio.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


async def fits(page: Page, size: tuple[int, int]) -> bool:
    """Whether nothing stands out to the right."""
    return bool(await page.evaluate("document.documentElement.scrollWidth") <= size[0])


async def cases_first(site: Any, many: int) -> list[str]:
    """Cases that stand first on the board."""
    made = [
        await site.report(f"路灯不亮第{n}盏，请修复", grid=site.grid, subclass="E01-13")
        for n in range(many)
    ]
    numbers = [case_no for case_no, _ in made]
    for case_no in numbers:
        await site.state(case_no)
    async with site.services.sessions.begin() as session:
        row = site.case_row
        await session.execute(
            update(row).where(row.case_no.in_(numbers)).values(due_at=row.reported_at)
        )
    return numbers


@pytest.mark.parametrize(
    ("size", "locale"), [(DESK, "zh-CN"), (PHONE, "en-GB")], ids=["desk", "phone"]
)
async def test_many_cases_by_key_and_range_then_one_press(
    site: Any, tmp_path: Path, size: tuple[int, int], locale: str
) -> None:
    cases = await cases_first(site, 5)
    async with served(site) as address, async_playwright() as driver:
        browser = await launch(driver)
        page = await open_page(browser, size, locale, point=HERE)
        await sign_in(page, address, "desk1")
        await page.goto(f"{address}/work?tab=reported")
        await page.click(".many-start a")
        boxes = [page.locator(f"[data-many] input[value^='{one}']") for one in cases]
        await page.focus(f".line[data-case='{cases[0]}']")
        await page.keyboard.press("Space")
        await page.wait_for_selector("#many-bar button[value=comment]", state="attached")
        await expect(boxes[0]).to_be_checked()
        await boxes[2].click(modifiers=["Shift"])
        await expect(page.locator(".many-count")).to_contain_text("3")
        assert [await one.is_checked() for one in boxes] == [True] * 3 + [False] * 2
        # the board's own refresh keeps what was ticked
        await page.evaluate("document.body.dispatchEvent(new Event('board-changed'))")
        await expect(page.locator("[data-many] input:checked")).to_have_count(3)
        await page.screenshot(path=tmp_path / "board.png")
        assert await fits(page, size)
        rest = page.locator("#many-bar summary")
        await rest.click()
        await page.screenshot(path=tmp_path / "bar.png")
        await page.click("#many-bar button[value=comment]")
        await page.fill("textarea[name=text]", "已与来电人核对")
        await page.reload()
        assert await page.input_value("textarea[name=text]") == "已与来电人核对"
        await page.locator(".many-list input[name=case]").nth(2).uncheck()
        assert "2" in await page.inner_text("main button.primary")
        await page.screenshot(path=tmp_path / "form.png")
        assert await fits(page, size)
        await page.dblclick("main button.primary")
        await page.wait_for_selector(".many-case.done")
        assert await page.locator(".many-case.done").count() == 2
        await page.screenshot(path=tmp_path / "results.png")
        assert await fits(page, size)
        await browser.close()
    assert [await site.commands(one) for one in cases[:3]] == [2, 2, 1]


@pytest.mark.parametrize(
    ("size", "locale"), [(DESK, "en-GB"), (PHONE, "zh-CN")], ids=["desk", "phone"]
)
async def test_the_telephone_desk_enters_a_call(
    site: Any, tmp_path: Path, size: tuple[int, int], locale: str
) -> None:
    async with served(site) as address, async_playwright() as driver:
        browser = await launch(driver)
        page = await open_page(browser, size, locale, point=HERE)
        await sign_in(page, address, "acceptor1")
        await page.screenshot(path=tmp_path / "header.png")
        await page.click(".top a.new")
        await page.fill("#words", "电梯停在三楼，有人被困")
        await page.fill("#subclass", "A22-06")
        await page.press("#subclass", "Tab")
        await page.check("[id='answer.trapped-yes']")
        await page.wait_for_selector("[id='answer.people']")
        await page.fill("[id='answer.people']", "2")
        await page.select_option("#grid", site.grid)
        await page.fill("#name", "王女士")
        await page.fill("#phone", "139 0000 0000")
        await page.screenshot(path=tmp_path / "entry.png", full_page=True)
        assert await fits(page, size)
        await page.reload()
        await page.wait_for_selector("[id='answer.people']")
        await expect(page.locator("[id='answer.people']")).to_have_value("2")
        assert await page.input_value("#words") == "电梯停在三楼，有人被困"
        assert await page.input_value("#name") == ""
        assert await page.input_value("#phone") == ""
        kept = await page.evaluate("JSON.stringify(localStorage)")
        assert "王女士" not in kept
        assert "139" not in kept
        await page.check("#source-petition")
        await page.wait_for_selector("#upstream_no")
        await page.click("main button.primary")
        await page.wait_for_selector("#upstream_no-wrong")
        await page.screenshot(path=tmp_path / "wrong.png", full_page=True)
        await page.check("#source-hotline")
        await page.wait_for_selector("#upstream_no", state="detached")
        await page.click("main button.primary")
        assert len(await page.inner_text("#no")) == 19
        await page.screenshot(path=tmp_path / "done.png")
        await page.click("main a.primary")
        assert await page.input_value("#words") == ""
        await browser.close()


async def test_a_member_settles_on_the_spot_with_his_phone(site: Any, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    async with served(site) as address, async_playwright() as driver:
        browser = await launch(driver)
        page = await open_page(browser, PHONE, "zh-CN", point=HERE)
        await sign_in(page, address, "grid-liuting1")
        await page.goto(f"{address}/work/report")
        assert not await page.is_visible("#after")
        await page.fill("#words", "沿街晾挂衣物，已取下")
        await page.fill("#subclass", "E01-07")
        await page.screenshot(path=photo, type="jpeg")
        await page.set_input_files("#photos", photo)
        await page.check("#self_handled")
        await page.set_input_files("#after", photo)
        await expect(page.locator("#lon")).to_have_value("120.106500")
        await page.screenshot(path=tmp_path / "member.png", full_page=True)
        assert await fits(page, PHONE)
        await page.click("main button.primary")
        case_no = await page.inner_text("#no")
        await browser.close()
    assert await site.state(case_no) == "self_closed"


@pytest.mark.parametrize(
    ("size", "locale"), [(DESK, "en-GB"), (PHONE, "zh-CN")], ids=["desk", "phone"]
)
async def test_tasks_and_a_case_of_one_department_are_signed_in_one_press(
    site: Any, tmp_path: Path, size: tuple[int, int], locale: str
) -> None:
    tasks = await two_tasks(site)
    mine = [*tasks, await of_water(site)]
    sibling = tasks[0].replace(".t2", ".t3")
    await first_of_board(site, mine)
    async with served(site) as address, async_playwright() as driver:
        browser = await launch(driver)
        page = await open_page(browser, size, locale, point=HERE)
        await sign_in(page, address, "water.desk")
        await page.goto(f"{address}/work?tab=to_sign&many=sign")
        for one in mine:
            await page.check(f"[data-many] input[value^='{one}.']")
        await expect(page.locator(".many-count")).to_contain_text("3")
        await page.click("#many-bar button[value=sign]")
        await expect(page.locator(".many-list input[name=case]")).to_have_count(3)
        assert await fits(page, size)
        await page.screenshot(path=tmp_path / "tasks.png", full_page=True)
        await page.dblclick("main button.primary")
        await expect(page.locator(".many-case.done")).to_have_count(3)
        await page.screenshot(path=tmp_path / "signed.png", full_page=True)
        assert await fits(page, size)
        await browser.close()
    assert {await site.state(one) for one in mine} == {"signed"}
    assert await site.state(sibling) == "dispatched"


async def test_a_ticked_task_stays_ticked_alone_when_the_board_is_fresh(site: Any) -> None:
    task, _ = await two_tasks(site)
    both = [task, task.replace(".t2", ".t3")]
    for number, login in zip(both, ("water.head", "traffic-police.head"), strict=True):
        head = await site.staff(login)
        form = await head.form(f"/cases/{number}", f"/cases/{number}/act", action="return")
        await head.send(form, reason=form.options["reason"][1], text="非我职责")
        assert await site.state(number) == "returned"
    await first_of_board(site, both)
    async with served(site) as address, async_playwright() as driver:
        browser = await launch(driver)
        page = await open_page(browser, DESK, "zh-CN", point=HERE)
        await sign_in(page, address, "dispatcher1")
        await page.goto(f"{address}/work?tab=returned&many=any")
        mine, sibling = (page.locator(f"[data-many] input[value^='{one}.']") for one in both)
        await mine.check()
        async with page.expect_response(lambda one: "/work/many/bar" in one.url):
            await page.evaluate("document.body.dispatchEvent(new Event('board-changed'))")
        await expect(mine).to_be_checked()
        await expect(sibling).not_to_be_checked()
        await browser.close()
