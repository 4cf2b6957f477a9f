"""Merging and talking in a real browser: a hint while typing, one press, the thread polled."""
# ruff: noqa: ANN401  the fixtures of a folder have no type that can be imported

import uuid
from typing import Any

from playwright.async_api import async_playwright, expect

from tests.web.browsing import DESK, MARKS, PHONE, launch, open_page, sign_in
from tests.web.test_many_browser import served

pytestmark = MARKS
LAMP = "C01-37"
SAID = "水阀已关，可以开挖"


async def reported(site: Any, phrase: str) -> str:
    case_no = str(
        (await site.report(f"路口路灯不亮 {phrase}", grid=site.grid, subclass=LAMP))[0]
    )
    await site.state(case_no)
    return case_no


async def test_the_hint_appears_while_a_report_is_typed_and_one_press_merges(
    site: Any,
) -> None:
    phrase = " ".join(uuid.uuid4().hex[:6] for _ in range(4))
    main, child = await reported(site, phrase), await reported(site, phrase)
    async with served(site) as address, async_playwright() as driver:
        browser = await launch(driver)
        page = await open_page(browser, PHONE, "zh-CN")
        await sign_in(page, address, "acceptor1")
        await page.goto(f"{address}/work/report")
        await page.fill("#words", f"路口路灯不亮 {phrase}")
        await page.select_option("#grid", site.grid)
        await page.fill("#subclass", LAMP)
        await page.press("#subclass", "Tab")
        hint = page.locator("#similar")
        await expect(hint).to_contain_text("可能重复的案件")
        await expect(hint).to_contain_text(main)
        await expect(hint).to_contain_text("同一小类")
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]

        await page.goto(f"{address}/cases/{child}")
        press = page.locator("#similar li", has_text=main).get_by_role("button")
        await expect(press).to_have_text(f"并入 {main}")
        await press.click()
        await expect(page.locator("article.case header")).to_contain_text("已并案")
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        await browser.close()
    assert await site.state(child) == "merged"


async def test_two_people_talk_on_a_case_and_the_second_press_says_nothing_twice(
    site: Any,
) -> None:
    phrase = " ".join(uuid.uuid4().hex[:6] for _ in range(4))
    case_no = await reported(site, phrase)
    async with served(site) as address, async_playwright() as driver:
        browser = await launch(driver)
        desk = await open_page(browser, DESK, "en")
        await sign_in(desk, address, "acceptor1")
        await desk.goto(f"{address}/cases/{case_no}")
        await desk.fill("#thread-text", SAID)
        await desk.locator("#thread form button.primary").dblclick()
        said = desk.locator("#talk li")
        await expect(said).to_have_count(1)
        await expect(said).to_contain_text(SAID)

        phone = await open_page(browser, PHONE, "zh-CN")
        await sign_in(phone, address, "duty1")
        await phone.goto(f"{address}/cases/{case_no}")
        async with phone.expect_response(lambda one: one.url.endswith("/thread/read")):
            await phone.locator("#talk").scroll_into_view_if_needed()
        await expect(phone.locator("#talk li")).to_contain_text(SAID)
        assert await phone.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        await phone.fill("#thread-text", "收到")
        await phone.locator("#thread-text").press("Tab")
        await phone.locator("#thread form button.primary").click()
        await expect(phone.locator("#talk li")).to_have_count(2)

        await expect(desk.locator("#talk li")).to_have_count(2)  # polled
        await expect(desk.locator("#talk")).to_contain_text("read by")
        await browser.close()
