"""Fixtures: an EHR that launches and the site it launches; who needs them imports them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lib import launching
from tests.lib.launching import Site
from tests.lib.smart_ehr import SmartEhr


@pytest.fixture
def ehr() -> Iterator[SmartEhr]:
    found = launching.smart_ehr()
    with found.running():
        yield found


@pytest.fixture
def site(tmp_path: Path, ehr: SmartEhr) -> Iterator[Site]:
    with launching.site(tmp_path, ehr) as found:
        yield found
