"""One walk through the pages in a real browser, on the real server and worker processes."""

import asyncio
import base64
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from playwright.async_api import Browser, async_playwright

from embedded.house import KEY, ROOT, House, open_house
from embedded.process import free_port
from tests.web.browsing import DESK, MARKS, PHONE, launch, open_page, sign_in

GRID = "990106001001001"
pytestmark = MARKS


@asynccontextmanager
async def server_of(house: House, folder: Path) -> AsyncIterator[str]:
    """A server process; its address once it answers."""
    port, key = free_port(), base64.b64encode(KEY).decode()
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": house.url,
        "TEMPORAL_ADDRESS": house.temporal.address,
        "GRIDCASE_TEMPORAL_NAMESPACE": house.temporal.setup.namespace,
        "GRIDCASE_REPORTER_KEY": key,
        "GRIDCASE_PAYLOAD_KEY": key,
        "GRIDCASE_BLIND_INDEX_KEY": key,
        "GRIDCASE_SECURE_COOKIES": "false",
        "GRIDCASE_PORT": str(port),
        "GRIDCASE_DATA_DIR": str(folder),
    }
    with (folder / "server.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(ROOT / "server.py"), env=environment, stdout=log, stderr=log
        )
    address = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient() as http:

            async def answers() -> bool:
                return (await http.get(f"{address}/livez")).status_code == 200

            await house.eventually(answers)
        yield address
    finally:
        process.terminate()
        await process.wait()


async def test_report_follow_dispatch_in_one_press_and_sign_on_a_phone(
    server_folder: Path, tmp_path: Path
) -> None:
    folder = server_folder / "browser"
    folder.mkdir()
    folder.chmod(0o711)
    async with open_house(folder, durable=False) as house:
        await house.start_worker()
        async with server_of(house, tmp_path) as address, async_playwright() as driver:
            browser = await launch(driver)
            await walk(browser, address, tmp_path)
            await browser.close()


async def walk(browser: Browser, address: str, shots: Path) -> None:
    """Citizen, desk, officer."""
    citizen = await open_page(browser, PHONE, "zh-CN")
    await citizen.goto(f"{address}/report")
    await citizen.fill("#words", "小区门口垃圾桶满溢，气味很大，请尽快清运")
    await citizen.fill("#subclass", "E01-10")
    await citizen.select_option("#grid", GRID)
    await citizen.screenshot(path=shots / "report.png")
    await citizen.click("main button.primary")
    case_no = await citizen.inner_text("#no")
    assert re.fullmatch(r"\d{19}", case_no)
    await citizen.click("main button.primary")
    await citizen.wait_for_selector(".stages")
    await citizen.screenshot(path=shots / "tracking.png")

    desk = await open_page(browser, DESK, "en-GB")
    await sign_in(desk, address, "desk1")
    await desk.wait_for_selector(f"[data-case='{case_no}']")
    await desk.keyboard.press("/")
    await desk.keyboard.type("垃圾桶 气味")
    await desk.keyboard.press("Enter")
    await desk.wait_for_selector(f".results a.line[data-case='{case_no}']")
    await desk.screenshot(path=shots / "search.png")
    await desk.goto(f"{address}/work")
    await desk.wait_for_selector(f"[data-case='{case_no}']")
    await desk.keyboard.press("j")
    await desk.keyboard.press("Enter")
    await desk.wait_for_selector("#desk form")
    await desk.screenshot(path=shots / "inbox.png")
    # the same class again: the form follows, and the owner is chosen by routing
    await desk.fill("#accept-file-dispatch-subclass", "E01-11")
    await desk.press("#accept-file-dispatch-subclass", "Tab")
    await desk.wait_for_selector("#accept-file-dispatch-subclass[value*=' E01-11']")
    await desk.check("#desk input[name=urgent]")
    unit = await desk.input_value("#accept-file-dispatch-unit")
    assert unit
    await desk.click("#desk button.primary")
    await desk.wait_for_selector("#panel .pill.department")
    assert "Done: Accept, File, Dispatch" in await desk.inner_text("#panel")
    await desk.wait_for_selector(f"#board [data-case='{case_no}']", state="detached")
    await desk.screenshot(path=shots / "dispatched.png")

    officer = await open_page(browser, PHONE, "zh-CN")
    await sign_in(officer, address, f"{unit.replace('_', '-')}.crew")
    await officer.screenshot(path=shots / "officer-list.png")
    await officer.click(f"a.line[data-case='{case_no}']")
    await officer.wait_for_selector("#panel .case")
    assert not await officer.is_visible("#board")
    await officer.click("#panel .actions .main button")
    await officer.wait_for_selector("#panel .note.good")
    assert "已签收" in await officer.inner_text("#panel header")
    await officer.screenshot(path=shots / "officer-signed.png")
    wide = await officer.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE[0]
