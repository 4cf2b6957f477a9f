"""A joint case in a real browser: planned at a desk, done on phones, summed up, reviewed."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, FilePayload, Page, async_playwright, expect

from embedded.house import open_house
from embedded.office import picture
from tests.web.browsing import DESK, MARKS, PHONE, launch, open_page, sign_in
from tests.web.test_browser import server_of

pytestmark = [*MARKS, pytest.mark.timeout(600)]
GRID = "990106001001001"
WIDE = "document.documentElement.scrollWidth"


async def test_a_joint_case_from_the_plan_to_the_check(
    server_folder: Path, tmp_path: Path
) -> None:
    folder = server_folder / "joint-browser"
    folder.mkdir()
    folder.chmod(0o711)
    async with open_house(folder, durable=False) as house:
        await house.start_worker()
        async with server_of(house, tmp_path) as address, async_playwright() as driver:
            browser = await launch(driver)
            await walk(browser, address, tmp_path)
            await browser.close()


async def shot(page: Page, folder: Path, name: str) -> None:
    """A picture of the whole page."""
    await page.screenshot(path=folder / f"{name}.png", full_page=True)


async def walk(browser: Browser, address: str, shots: Path) -> None:
    """Citizen, dispatcher, two departments, dispatcher again."""
    citizen = await open_page(browser, PHONE, "zh-CN")
    case_no = await reported(citizen, address)
    desk = await open_page(browser, DESK, "en-GB")
    await sign_in(desk, address, "desk1")
    await filed(desk, address, case_no)
    await planned(desk, shots)
    water = await open_page(browser, PHONE, "zh-CN")
    police = await open_page(browser, PHONE, "en-GB")
    await sign_in(police, address, "traffic-police.crew")
    await handled(police, address, f"{case_no}.t2", "Traffic is led around it.", shots, "en")
    await tree(desk, address, case_no, shots, "en", "1 of 2 done")
    await sign_in(water, address, "water.crew")
    await handled(water, address, f"{case_no}.t1", "水管已修复。", shots, "zh")
    await summed_up(water, address, case_no, shots)
    await reviewed(browser, address, case_no, shots)
    await citizen.reload()
    await citizen.click("form[action='/track'] button")
    await expect(citizen.locator("main")).to_contain_text("2 个部门共同处理")
    await shot(citizen, shots, "track-zh")


async def reported(page: Page, address: str) -> str:
    """A citizen's report; he stays on its tracking page."""
    await page.goto(f"{address}/report")
    await page.fill("#words", "主路水管爆裂，路面积水，车辆无法通行")
    await page.fill("#subclass", "E01-13")
    await page.select_option("#grid", GRID)
    await page.click("main button.primary")
    case_no = await page.inner_text("#no")
    await page.click("main button.primary")
    await page.wait_for_selector(".stages")
    return case_no


async def filed(page: Page, address: str, case_no: str) -> None:
    """The desk dispatches it to one department first: it becomes joint on the way."""
    await page.goto(f"{address}/cases/{case_no}")
    await page.check("#desk input[name=urgent]")
    await page.select_option("#desk select[name=unit]", "water")
    await page.fill("#desk textarea[name=text]", "burst main")
    await page.click("#desk button.primary")
    await page.wait_for_selector("#panel .pill.department")


async def planned(page: Page, shots: Path) -> None:
    """The plan, by keyboard where that matters: Enter in a field takes no row away."""
    await page.click("#act-plan > summary")
    await page.fill("#plan1-scope", "Stop the water and mend the main.")
    await page.select_option("#plan2-unit", "traffic_police")
    await page.fill("#plan2-scope", "Lead the traffic around it.")
    await expect(page.locator("[data-name-of='2']").first).to_have_text(
        "Traffic Police Brigade"
    )
    await page.click("#plan-box button[name=plan_more]")
    await expect(page.locator("#plan3-unit")).to_be_focused()
    await expect(page.locator("#plan2-scope")).to_have_value("Lead the traffic around it.")
    await expect(page.locator("#plan2-unit")).to_have_value("traffic_police")
    await page.select_option("#plan3-unit", "traffic_police")
    await shot(page, shots, "plan-en")
    await page.focus("#plan2-value")
    await page.keyboard.type("4")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#plan-box .wrong")
    assert "in the plan twice" in await page.inner_text("#plan-box .wrong")
    await expect(page.locator("#plan2-value")).to_have_value("4")
    await shot(page, shots, "plan-refused-en")
    await page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert await page.evaluate(WIDE) <= PHONE[0]
    await shot(page, shots, "plan-phone-en")
    await page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    await page.click("#plan-box button[name=plan_remove][value='3']")
    await expect(page.locator("#plan3-unit")).to_have_count(0)
    await page.click("#act-plan button.primary")
    await page.wait_for_selector("#tasks .tree li:nth-child(2)")
    await shot(page, shots, "planned-en")


async def handled(  # noqa: PLR0913, PLR0917  a picture is these values
    page: Page, address: str, number: str, said: str, shots: Path, language: str
) -> None:
    """A department on a telephone: from its inbox to done."""
    await page.goto(f"{address}/work?tab=to_sign")
    await page.wait_for_selector(f"a.line[data-case='{number}']")
    await shot(page, shots, f"inbox-{language}")
    await page.click(f"a.line[data-case='{number}']")
    await page.wait_for_selector("#panel .task-own")
    await shot(page, shots, f"task-{language}")
    await page.locator("#panel .actions .main form:has(input[value=sign]) button").click()
    await page.wait_for_selector("#panel .note.good")
    await page.click("#act-feed_back > summary")
    await page.locator("#act-feed_back input[name=result][value=solved]").check()
    await page.fill("#feed_back-text", said)
    photo: FilePayload = {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    await page.set_input_files("#feed_back-photos", [photo])
    await expect(page.locator("#act-feed_back button.primary")).to_be_enabled()
    assert await page.evaluate(WIDE) <= PHONE[0]
    await shot(page, shots, f"task-feed-back-{language}")
    await page.click("#act-feed_back button.primary")
    await page.wait_for_selector("#panel .note.good")


async def tree(  # noqa: PLR0913, PLR0917  a picture is these values
    page: Page, address: str, case_no: str, shots: Path, language: str, says: str
) -> None:
    """The tasks on the case's page, once they stand as they should."""

    async def look() -> None:
        await page.goto(f"{address}/cases/{case_no}")

    await look()
    for _ in range(60):
        if says in await page.inner_text("#tasks"):
            break
        await page.wait_for_timeout(500)
        await look()
    assert says in await page.inner_text("#tasks")
    await shot(page, shots, f"tree-{language}")


async def summed_up(page: Page, address: str, case_no: str, shots: Path) -> None:
    """The lead answers for all."""
    await tree(page, address, case_no, shots, "zh", "完成 2/2")
    await page.click("#act-sum_up > summary")
    await page.fill("#sum_up-text", "水管已修复，交通已恢复。")
    await shot(page, shots, "sum-up-zh")
    await page.click("#act-sum_up button.primary")
    await page.wait_for_selector("#panel .note.good")


async def reviewed(browser: Browser, address: str, case_no: str, shots: Path) -> None:
    """The dispatcher: which tasks failed can be ticked; this one passes."""
    page = await open_page(browser, DESK, "zh-CN")
    await sign_in(page, address, "dispatcher1")
    await page.goto(f"{address}/cases/{case_no}")
    await page.click("#act-reject_feedback > summary")
    await expect(page.locator("input[name=failed_1]")).to_be_visible()
    await shot(page, shots, "review-zh")
    await page.click("#act-pass_review > summary")
    await page.click("#act-pass_review button.primary")
    await page.wait_for_selector("#panel .note.good")
    assert "任务 2 交通警察大队：完成" in await page.inner_text(".timeline")
