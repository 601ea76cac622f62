"""A process that is killed while it writes loses no row it has acknowledged (P13)."""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.sessions import Cipher, SessionStore, new_key, open_database
from tests.lib import postgres
from tests.lib.demo import REPOSITORY

KILLS = 6
_WRITER = """
import sys
from assistant.sessions import Cipher, SessionStore, Tokens, open_database
url, key, first = sys.argv[1:]
store = SessionStore(open_database(url), Cipher([key]))
number = int(first)
while True:  # a line is printed only once the row is acknowledged
    session, sid = store.start(origin="launch", ehr="e", details={"patient": f"p{number}"},
                               tokens=Tokens(access=f"a{number}"))
    print(f"session {session.ctx} {sid} {number}", flush=True)
    store.conversations.add_turn(session.ctx, {"question": f"q{number}"})
    print(f"turn {session.ctx} {number}", flush=True)
    store.replace_tokens(session.ctx, Tokens(access=f"b{number}"))
    print(f"tokens {session.ctx} {number}", flush=True)
    number += 1
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'sessions.db'}"
        return
    if postgres.binaries() is None:
        pytest.skip("PostgreSQL is not installed: the crash is tried on SQLite only")
    with postgres.running() as found:
        yield found


def _killed_while_writing(url: str, key: str, first: int, chance: random.Random) -> list[str]:
    """The lines of a writer up to the moment it was killed."""
    with subprocess.Popen(
        [sys.executable, "-c", _WRITER, url, key, str(first)],
        cwd=REPOSITORY, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        lines = [process.stdout.readline()]
        time.sleep(chance.uniform(0.02, 0.25))
        process.kill()
        lines += process.stdout.readlines()
    return [line.strip() for line in lines if line.endswith("\n")]


def test_no_acknowledged_session_turn_or_token_is_lost(url: str) -> None:
    key, chance = new_key(), random.Random(7)
    acknowledged: list[str] = []
    for _ in range(KILLS):
        acknowledged += _killed_while_writing(url, key, len(acknowledged), chance)
        engine = open_database(url)  # it opens at once, whatever was half written
        store = SessionStore(engine, Cipher([key]))
        for line in acknowledged:
            what, ctx, *rest = line.split()
            tokens = store.tokens(ctx)
            assert tokens is not None
            if what == "session":
                session = store.find(ctx, rest[0])
                assert session is not None
                assert session.details == {"patient": f"p{rest[1]}"}
            elif what == "turn":
                assert store.conversations.turns(ctx) == [{"question": f"q{rest[0]}"}]
            else:
                assert tokens.access == f"b{rest[0]}"
        engine.dispose()
    assert len(acknowledged) > 3 * KILLS  # it was killed in the middle of its work
