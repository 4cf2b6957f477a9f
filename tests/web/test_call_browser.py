"""The whistle on a telephone: the position is taken as the form opens, nothing stands out."""
# ruff: noqa: ANN401  the fixtures of a folder have no type that can be imported

from typing import Any

from playwright.async_api import async_playwright, expect

from embedded.office import POINT
from tests.web.browsing import MARKS, PHONE, launch, open_page, sign_in
from tests.web.test_call_pages import dispatched, whistle
from tests.web.test_many_browser import fits, served

pytestmark = MARKS


async def test_who_is_called_arrives_with_his_phone(site: Any) -> None:
    case_no = await dispatched(site)
    await whistle(site, case_no, "water")
    await site.state(case_no)
    async with served(site) as address, async_playwright() as driver:
        browser = await launch(driver)
        page = await open_page(browser, PHONE, "zh-CN", point=POINT)
        await sign_in(page, address, "water.crew")
        await page.goto(f"{address}/calls")
        assert await fits(page, PHONE)
        await page.click(f'#calls a[href="/cases/{case_no}"]')
        await page.click("#act-arrive summary")
        await expect(page.locator('#act-arrive input[name="lon"]')).not_to_have_value("")
        assert await fits(page, PHONE)
        await page.click("#act-arrive button.primary")
        await expect(page.locator("#calls-here")).to_contain_text("报到、距现场 0 米")
        await browser.close()
