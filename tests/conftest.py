"""What holds for every test.

Nothing leaves this machine, nothing is sent to a tracing service, and the data folder of
whoever runs the tests is neither read nor written. Generated examples are the same in every
run (``HYPOTHESIS_PROFILE=default`` draws new ones).
"""

import ipaddress
import os
import sys
from pathlib import Path

import numpy as np  # noqa: F401  Hypothesis trips over it half imported by another thread
import pytest
import structlog
from hypothesis import settings

from tests.lib.canaries import LOG_LINES, recorder

_REPOSITORY = Path(__file__).resolve().parents[1]
_TRACING = ("LANGSMITH_", "LANGCHAIN_TRACING")


def _refuse_other_hosts(event: str, arguments: tuple) -> None:
    """Abort a connection to any address but loopback (promise 16)."""
    if event != "socket.connect":
        return
    address = arguments[1]
    if not isinstance(address, tuple):
        return  # a Unix socket
    host = str(address[0])
    if host == "localhost":
        return
    try:
        loopback = ipaddress.ip_address(host.split("%", maxsplit=1)[0]).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise PermissionError("a test tried to reach another host; nothing here may phone home")


_DATA = _REPOSITORY / "var" / "tests"
os.environ["TRD_ASSISTANT_DATA"] = str(_DATA)
_DATA.mkdir(parents=True, exist_ok=True)
(_DATA / LOG_LINES).unlink(missing_ok=True)
structlog.configure(processors=[recorder(_DATA / LOG_LINES), *structlog.get_config()["processors"]])
sys.addaudithook(_refuse_other_hosts)
settings.register_profile("steady", derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@pytest.fixture(autouse=True)
def _no_tracing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No environment variable of the machine can send prompts out of a test."""
    for name in list(os.environ):
        if name.startswith(_TRACING):
            monkeypatch.delenv(name)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright's event loop stays in this thread to the end.

    While it runs, ``asyncio.run`` is refused to every other test. After them come the
    tests that look at what all others left behind.
    """
    items.sort(
        key=lambda item: (
            item.get_closest_marker("after_all") is not None,
            item.get_closest_marker("browser") is not None,
        )
    )
