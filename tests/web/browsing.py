"""A real browser for the tests of pages."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, Playwright, expect

from registry.seed import DEMO_PASSWORD

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
DESK = (1440, 900)
PHONE = (390, 844)
PATIENCE_MS = 30_000
"""How long a page may take on a loaded machine."""
MARKS = [
    pytest.mark.browser,
    pytest.mark.server,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no browser: {CHROMIUM} is not there"),
    # what the driver leaves behind when its pipe closes is not ours
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

expect.set_options(timeout=PATIENCE_MS)


async def launch(driver: Playwright) -> Browser:
    """Debian's browser."""
    return await driver.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)


async def open_page(
    browser: Browser,
    size: tuple[int, int],
    locale: str,
    *,
    point: tuple[float, float] | None = None,
) -> Page:
    """A page of its own session, seen from `point`; an error on it is a failure."""
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale=locale
    )
    context.set_default_timeout(PATIENCE_MS)
    if point is not None:
        await context.grant_permissions(["geolocation"])
        await context.set_geolocation({"longitude": point[0], "latitude": point[1]})
    page = await context.new_page()

    def refuse(error: object) -> None:
        raise AssertionError(f"the page failed: {error}")

    def heed(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            refuse(message.text)

    page.on("pageerror", refuse)
    page.on("console", heed)
    return page


async def sign_in(page: Page, address: str, login: str) -> None:
    """Sign in by the form."""
    await page.goto(f"{address}/sign-in")
    await page.fill("#login", login)
    await page.fill("#password", DEMO_PASSWORD)
    await page.click("main button.primary")
    await page.wait_for_url("**/work")
