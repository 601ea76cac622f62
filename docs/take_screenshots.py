"""Takes the pictures of the README from the running page: ``make screenshots``.

Starts the demo on a free port, opens the worked case in Chromium, photographs the
overview, asks the first question a clinician has, and photographs the answer.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).parent
WIDTH = 1360
OVERVIEW_HEIGHT, ANSWER_HEIGHT = 1000, 860
QUESTION = "Is this depression treatment-resistant?"
_PATIENCE = 60_000
_SETTLED = 1_500


def main() -> None:
    """Write ``screenshot.png`` and ``answer.png`` beside this file."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("no Chromium on this machine: install it, then run make screenshots again")
    command = [sys.executable, "-c", "from assistant.cli import main; main()", "demo", "--port=0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as demo:  # noqa: S603
        try:
            _photograph(chromium, _address(demo))
        finally:
            demo.terminate()


def _address(demo: subprocess.Popen[str]) -> str:
    line = demo.stdout.readline() if demo.stdout else ""
    found = re.search(r"http://127\.0\.0\.1:\d+", line)
    return found[0] if found else sys.exit(f"the demo printed no address: {line!r}")


def _photograph(chromium: str, address: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--no-first-run"]
        )
        page = browser.new_page(viewport={"width": WIDTH, "height": OVERVIEW_HEIGHT})
        page.goto(address)
        page.locator("form[action='/open/worked-case'] button").click()
        page.locator("canvas, .vega-embed svg").first.wait_for(timeout=_PATIENCE)
        _drawn(page)
        page.screenshot(path=FOLDER / "screenshot.png")
        page.set_viewport_size({"width": WIDTH, "height": ANSWER_HEIGHT})
        _ask(page)
        page.screenshot(path=FOLDER / "answer.png")
        browser.close()


def _ask(page: Page) -> None:
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill(QUESTION)
    box.press("Enter")
    answer = page.get_by_test_id("stChatMessage").last
    answer.get_by_role("button").first.wait_for(timeout=_PATIENCE)
    _drawn(page)


def _drawn(page: Page) -> None:
    for waiting in ("stStatusWidget", "stSkeleton"):
        locator = page.locator(f"[data-testid={waiting}]").first
        locator.wait_for(state="detached", timeout=_PATIENCE)
    page.wait_for_timeout(_SETTLED)


if __name__ == "__main__":
    main()
