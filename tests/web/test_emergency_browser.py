"""The emergency board and the alarm on a telephone, in a real browser."""
# ruff: noqa: ANN401  the fixtures of a folder have no type that can be imported

from typing import Any

from playwright.async_api import async_playwright

from tests.web.browsing import MARKS, PHONE, launch, open_page, sign_in
from tests.web.test_emergency_pages import declared
from tests.web.test_many_browser import fits, served

pytestmark = MARKS


async def test_the_leader_acknowledges_on_his_telephone(site: Any) -> None:
    case_no = await declared(site)
    async with served(site) as address, async_playwright() as driver:
        browser = await launch(driver)
        page = await open_page(browser, PHONE, "zh-CN")
        await sign_in(page, address, "command1")
        for path in ("/emergencies", f"/alarms/{case_no}", f"/cases/{case_no}"):
            await page.goto(address + path)
            assert await fits(page, PHONE), path
        await page.goto(f"{address}/alarms/{case_no}")
        await page.locator("button.big").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_selector(".note.info")
        await browser.close()
