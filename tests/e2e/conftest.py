"""A real demo service and a real Chromium; screenshots go to ``var/screenshots``."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.lib.demo import REPOSITORY

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SCREENSHOTS = REPOSITORY / "var" / "screenshots"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
)  # fmt: skip
COMMAND = (sys.executable, "-c", "from assistant.cli import main; main()", "demo", "--port", "0")
WIDTHS = (480, 1440)
_REDRAW = 500
_REFUSED = re.compile(r"status of 4(?:01|22)|WebSocket connection to .* failed")
_PATIENCE = 30_000  # the suite shares its two cores
expect.set_options(timeout=_PATIENCE)
OPENS = Callable[..., AbstractContextManager[Page]]


@pytest.fixture(scope="session")
def service_url() -> Iterator[str]:
    """The address that ``trd-assistant demo`` prints."""
    with subprocess.Popen(
        COMMAND, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        printed = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", printed)
        assert found, f"the demo printed no address: {printed!r}"
        yield found[0]
        process.terminate()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: the page is not driven")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield found
        found.close()


@pytest.fixture
def opens(browser: Browser, service_url: str) -> OPENS:
    """Opens a demo patient from the start page.

    Fails on any request to another host, and on any error in the browser's console.
    """

    @contextmanager
    def opened(patient: str, *, width: int = 1440, theme: str = "light") -> Iterator[Page]:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=theme,  # type: ignore[arg-type]
        )
        page = context.new_page()
        foreign: list[str] = []
        errors: list[str] = []
        console: list[str] = []
        ours = (service_url, service_url.replace("http", "ws", 1), "data:", "blob:")
        page.on(
            "request",
            lambda request: None if request.url.startswith(ours) else foreign.append(request.url),
        )
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda line: console.append(line.text) if _is_fault(line) else None)
        page.goto(service_url)
        page.locator(f"form[action='/open/{patient}'] button").click()
        settled(page)
        yield page
        context.close()
        assert foreign == []
        assert errors == []
        assert console == []

    return opened


def _is_fault(line: ConsoleMessage) -> bool:
    """Whether the browser complains; that what must be refused is, is as it should be."""
    return line.type == "error" and not _REFUSED.search(line.text)


def settled(page: Page) -> None:
    """Wait until the view is drawn."""
    page.get_by_text("Supports clinical judgement, does not replace it").first.wait_for(
        timeout=60_000
    )
    page.locator("[data-testid=stStatusWidget]").wait_for(state="detached", timeout=60_000)
    page.locator("[data-testid=stSkeleton]").first.wait_for(state="detached", timeout=60_000)


def go(page: Page, view: str) -> None:
    """Go to another view by its name in the navigation."""
    page.get_by_role("link", name=view, exact=True).first.click()
    settled(page)


def photograph(page: Page, name: str, theme: str = "light") -> None:
    """The whole view as pictures of a narrow and a wide pane, to be looked at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    size = page.viewport_size
    assert size is not None
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": size["height"]})
        page.wait_for_timeout(_REDRAW)
        height = page.evaluate(
            "Math.max(...[...document.querySelectorAll('section, [data-testid=stMain]')]"
            ".map(element => element.scrollHeight), 900)"
        )
        page.set_viewport_size({"width": width, "height": min(height + 70, 8000)})
        page.wait_for_timeout(_REDRAW)
        page.screenshot(path=SCREENSHOTS / f"{name}-{width}-{theme}.png")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.set_viewport_size(size)
    page.wait_for_timeout(_REDRAW)
