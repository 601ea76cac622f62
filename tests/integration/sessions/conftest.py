from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from assistant.sessions import open_database
from assistant.sessions.tables import metadata
from tests.lib import postgres

BACKENDS = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    if postgres.binaries() is None:
        pytest.skip("PostgreSQL is not installed: sessions are tried on SQLite only")
    with postgres.running() as url:
        yield url


@pytest.fixture(params=BACKENDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of each kind: both must keep the same promises."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'sessions.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    found = open_database(url)
    yield found
    with found.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    found.dispose()
