from collections.abc import Callable, Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.lib.demo import REPOSITORY
from tests.lib.live_service import live_service
from ui.client import ServiceClient, connections


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with live_service() as found:
        yield found
        connections(found).close()


@pytest.fixture
def page(address: str) -> Callable[[str], AppTest]:
    """Draws the overview of a demo patient, without a browser."""

    def drawn(patient: str) -> AppTest:
        ctx = ServiceClient(address, "").open_demo_patient(patient)
        return show(address, ctx)

    return drawn


def show(address: str, ctx: str) -> AppTest:
    """The page of one open record."""
    app = AppTest.from_file(str(REPOSITORY / "ui" / "app.py"), default_timeout=60)
    app.secrets["service"] = {"base_url": address}
    app.user = {"ctx": ctx}
    return app.run()


def words(app: Any) -> str:
    """Everything the page says in Markdown."""
    parts = [*app.markdown, *app.caption, *app.error, *app.warning, *app.subheader]
    return "\n".join(element.value for element in parts)
