"""Nothing written in a chart becomes markup, link, image or script of the page (promise P22)."""

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import go, photograph, settled
from tests.lib import demo

pytestmark = pytest.mark.browser
HOSTILE = (
    "<img src=x onerror=alert(1)><script>alert(2)</script>"
    "[click](http://evil.test/a) ![pixel](http://evil.test/b.png) http://evil.test/c "
    ":red[fake] **settled by the record** $\\href{http://evil.test}{x}$"
)


def _poison(value: Any, key: str = "") -> Any:
    """Every text that a person or a vendor can write freely, made hostile."""
    if isinstance(value, dict):
        return {name: _poison(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_poison(item, key) for item in value]
    if isinstance(value, str) and key in {"text", "display", "family", "unit", "div"}:
        return f"{value} {HOSTILE}"
    return value


@pytest.fixture
def hostile_page(browser: Browser, service_url: str) -> Any:
    bundle = _poison(demo.bundle("worked-case"))
    for entry in bundle["entry"]:
        entry["resource"]["note"] = [{"text": HOSTILE}]
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    answer = page.request.post(  # whoever opens a record over the API has the cookie of its page
        f"{service_url}/api/records",
        data=json.dumps(bundle).encode(),
        headers={"content-type": "application/fhir+json"},
    )
    ctx = answer.json()["ctx"]
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    page.goto(f"{service_url}/c/{ctx}/")
    settled(page)
    yield page
    page.close()


def _is_text_only(page: Page) -> None:
    assert page.locator("[href*='evil.test'], [src*='evil.test'], img[src='x']").count() == 0
    assert page.locator("[style*='evil.test'], .katex").count() == 0
    assert page.get_by_text("fake", exact=True).count() == 0


def test_hostile_chart_text_is_shown_as_text_in_every_view(hostile_page: Page) -> None:
    page = hostile_page
    expect(page.get_by_role("heading", name="Fictional").first).to_contain_text("<img src=x")
    _is_text_only(page)
    photograph(page, "hostile-overview")
    for view in ("Record", "Basis", "Report"):
        go(page, view)
        _is_text_only(page)
    go(page, "Ask")
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill(f"List the antidepressant trials. {HOSTILE}")
    box.press("Enter")
    chips = page.get_by_test_id("stChatMessage").last.get_by_role("button")
    expect(chips.first).to_be_visible(timeout=60_000)
    settled(page)
    _is_text_only(page)
    chips.filter(has_text="Medication").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("<img src=x")
    _is_text_only(page)
