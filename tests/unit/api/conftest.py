from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from tests.lib.service import api


@pytest.fixture(scope="session")
def client() -> Iterator[TestClient]:
    with api() as found:
        yield found
