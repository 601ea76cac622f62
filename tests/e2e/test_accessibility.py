"""axe-core finds nothing serious on any view, light or dark, wide or narrow."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.e2e.conftest import OPENS, go

pytestmark = pytest.mark.browser
_FADED_IN = 800
_SERIOUS = ("serious", "critical")
_VIEWS = ("Ask", "Basis", "Compare", "Record", "Report", "Sources", "Practice", "About")


def _serious(page: Page) -> list[str]:
    page.wait_for_timeout(_FADED_IN)
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found
        if rule["impact"] in _SERIOUS
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (480, "dark")])
def test_no_view_has_a_serious_finding(opens: OPENS, width: int, theme: str) -> None:
    with opens("advanced", width=width, theme=theme) as page:
        found = {"Overview": _serious(page)}
        for view in _VIEWS:
            go(page, view)
            found[view] = _serious(page)
        assert {view: rules for view, rules in found.items() if rules} == {}


def test_the_start_page_has_no_serious_finding(opens: OPENS, service_url: str) -> None:
    with opens("worked-case") as page:
        page.goto(service_url)
        assert _serious(page) == []
