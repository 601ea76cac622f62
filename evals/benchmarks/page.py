"""How long a clinician waits at the page: first paint, first answer, a long conversation.

Drives the demo in Chromium with a record of about thirty entries and one of 2,000, in one run,
and asks again when 200 turns have been kept. Seconds depend on the machine; the ratios, large
record to small and turn 201 to turn 1, are what to compare. Run it by
``python -m evals.benchmarks.page``.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

import assistant
from evals.benchmarks.read_and_stage import bundle

TURNS = 200
_NO_LIMIT = 1_000_000
_LIMITS = ("requests_per_minute_and_session", "questions_per_minute_and_session")
_QUESTION = "Which stage is it, and why?"
_PATIENCE = 120_000
_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
)  # fmt: skip


def records() -> dict[str, bytes]:
    """The two records: a demo patient, and 2,000 resources of one patient."""
    folder = Path(assistant.__file__).parent / "demo_patients"
    return {
        "33 entries": (folder / "worked-case.json").read_bytes(),
        "2,000 entries": json.dumps(bundle()).encode(),
    }


@contextmanager
def demo(folder: Path) -> Iterator[str]:
    """The address of a running demo that takes 200 questions at once."""
    limits = folder / "limits.toml"
    limits.write_text("".join(f"{name} = {_NO_LIMIT}\n" for name in _LIMITS), encoding="utf-8")
    command = [sys.executable, "-c", "from assistant.cli import main; main()", "demo", "--port=0"]
    with subprocess.Popen(  # noqa: S603
        [*command, f"--config={limits}"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as process:  # fmt: skip
        line = process.stdout.readline() if process.stdout else ""
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        if found is None:
            sys.exit(f"the demo printed no address: {line!r}")
        yield found[0]
        process.terminate()


def measure(
    browser: Browser, address: str, record: bytes, *, turns: int = TURNS
) -> dict[str, float]:
    """Seconds to the first paint, to the first answer, and to the answer after 200 turns."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    posted = context.request.post(
        f"{address}/api/records", data=record, headers={"content-type": "application/fhir+json"}
    )
    ctx = posted.json()["ctx"]
    page = context.new_page()
    began = time.perf_counter()
    page.goto(f"{address}/c/{ctx}/")
    page.get_by_text("Treatment-resistant depression").first.wait_for(timeout=_PATIENCE)
    found = {"first paint": time.perf_counter() - began}
    found["first answer"] = _answered(page, turn=1)
    for _ in range(turns - 1):
        _remember(context.request, f"{address}/api/patients/{ctx}/ask")
    page.reload()
    page.get_by_test_id("stChatInputTextArea").wait_for(timeout=_PATIENCE)
    found[f"answer after {TURNS} turns"] = _answered(page, turn=turns + 1)
    context.close()
    return found


def _answered(page: Page, *, turn: int) -> float:
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill(_QUESTION)
    began = time.perf_counter()
    box.press("Enter")
    counted = "1 question" if turn == 1 else f"{turn} questions"
    expect(page.get_by_text(f"{counted}, as of")).to_be_visible(timeout=_PATIENCE)
    return time.perf_counter() - began


def _remember(request: Any, url: str) -> None:
    body = {"question": _QUESTION, "remember": True, "conversation": 1}
    request.post(url, data=body)


def main() -> None:
    """Print a table of seconds, and the ratios."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("skipped: no Chromium on this machine")
    with (
        tempfile.TemporaryDirectory() as folder,
        demo(Path(folder)) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=list(_FLAGS))
        measure(browser, address, records()["33 entries"], turns=2)  # warms the service up
        found = {name: measure(browser, address, record) for name, record in records().items()}
        browser.close()
    small, large = found.values()
    for what in small:
        ratio = large[what] / small[what]
        print(f"{what:26} {small[what]:6.2f} s  {large[what]:6.2f} s  ratio {ratio:.2f}")
    for name, times in found.items():
        long, first = times[f"answer after {TURNS} turns"], times["first answer"]
        print(f"turn {TURNS + 1} to turn 1, {name}: {long / first:.2f}")


if __name__ == "__main__":
    main()
