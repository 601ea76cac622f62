"""Databases and keys that cannot be used are refused by name."""

import threading
from pathlib import Path

import pytest

from assistant.sessions import (
    Cipher,
    DatabaseError,
    Session,
    UnusableKeyError,
    new_key,
    open_database,
)
from tests.lib.sessions import store


@pytest.mark.parametrize("url", ["mysql://host/name", "nonsense", "", "http://host/x"])
def test_another_kind_of_database_is_refused(url: str) -> None:
    with pytest.raises(DatabaseError, match="expected"):
        open_database(url)


def test_a_database_that_does_not_answer_is_named_without_its_password() -> None:
    with pytest.raises(DatabaseError) as refused:
        open_database("postgresql://user:secret-word@127.0.0.1:1/name")
    assert "127.0.0.1" in str(refused.value)
    assert "secret-word" not in str(refused.value)


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseError, match="cannot be used"):
        open_database(f"sqlite:///{tmp_path}/file/sessions.db")


@pytest.mark.parametrize("keys", [(), ("short",), (new_key(), "not a key"), (new_key()[:-2],)])
def test_a_key_that_is_none_is_refused_without_being_told(keys: tuple[str, ...]) -> None:
    with pytest.raises(UnusableKeyError) as refused:
        Cipher(keys)
    assert not any(key in str(refused.value) for key in keys)


def test_the_memory_database_is_one_for_all_threads() -> None:
    engine = open_database()
    sessions = store(engine)
    found: list[Session | None] = []

    def use() -> None:
        session, sid = sessions.start(origin="demo", details={})
        found.append(sessions.find(session.ctx, sid))

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({session.ctx for session in found if session}) == 8
    engine.dispose()
