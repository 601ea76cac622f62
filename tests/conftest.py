"""What holds for every test.

Nothing leaves this machine, nothing is sent to a tracing service, and the data folder of
whoever runs the tests is neither read nor written.
"""

import ipaddress
import os
import sys
from pathlib import Path

import pytest

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


os.environ["TRD_ASSISTANT_DATA"] = str(_REPOSITORY / "var" / "tests")
sys.addaudithook(_refuse_other_hosts)


@pytest.fixture(autouse=True)
def _no_tracing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No environment variable of the machine can send prompts out of a test."""
    for name in list(os.environ):
        if name.startswith(_TRACING):
            monkeypatch.delenv(name)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright's event loop stays in this thread to the end.

    While it runs, ``asyncio.run`` is refused to every other test.
    """
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
