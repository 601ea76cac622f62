"""Sessions in a real database, SQLite and PostgreSQL alike."""

import threading

import pytest
from sqlalchemy import Engine, inspect, text

from assistant.sessions import PendingLaunch, SessionStore, Tokens, UnusableKeyError, new_key
from assistant.sessions.database import open_database
from assistant.sessions.tables import metadata
from tests.lib.sessions import DETAILS, LIFETIMES, TOKENS, Clock, store

LAUNCH = PendingLaunch(
    ehr="https://ehr.test/r4", binding="b", verifier="v-canary", nonce="n-canary", scope="launch"
)


def _started(sessions: SessionStore) -> tuple[str, str]:
    session, sid = sessions.start(
        origin="launch", ehr="https://ehr.test/r4", details=DETAILS, tokens=TOKENS
    )
    return session.ctx, sid


def test_a_session_opens_with_its_own_secret_only(engine: Engine) -> None:
    sessions = store(engine)
    ctx, sid = _started(sessions)
    other_ctx, other_sid = _started(sessions)
    found = sessions.find(ctx, sid)
    assert found is not None
    assert found.details == DETAILS
    for wrong in ("", other_sid, ctx, sid[:-1]):
        assert sessions.find(ctx, wrong) is None
    assert sessions.find(other_ctx, sid) is None


def test_a_session_ends_when_idle_and_when_its_time_is_over(engine: Engine) -> None:
    clock = Clock()
    sessions = store(engine, clock)
    idle, idle_sid = _started(sessions)
    used, used_sid = _started(sessions)
    for _ in range(int(LIFETIMES.absolute / 300) - 1):
        clock.now += 300
        session = sessions.find(used, used_sid)
        assert session is not None
        sessions.note_use(session)
    assert sessions.find(idle, idle_sid) is None
    assert sessions.end_expired() == (idle,)
    clock.now += 301  # used a moment ago, and yet over
    assert sessions.find(used, used_sid) is None
    assert sessions.live(used) is None


def test_asking_whether_a_session_lives_does_not_keep_it_alive(engine: Engine) -> None:
    clock = Clock()
    sessions = store(engine, clock)
    ctx, _ = _started(sessions)
    for _ in range(3):
        clock.now += 199
        assert sessions.live(ctx) is not None
    clock.now += 4
    assert sessions.live(ctx) is None


def test_an_ended_session_takes_all_that_hangs_on_it_along(engine: Engine) -> None:
    sessions = store(engine)
    ctx, sid = _started(sessions)
    sessions.conversations.add_turn(ctx, {"question": "q"})
    sessions.conversations.add_assertion(ctx, "a1", {"fact": "dose"})
    assert sessions.end(ctx) == TOKENS
    assert sessions.find(ctx, sid) is None
    with engine.connect() as connection:
        for table in ("sessions", "tokens", "turns", "assertions"):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0  # noqa: S608


def test_a_conversation_and_its_facts_come_back_in_order_after_a_restart(
    url: str, engine: Engine
) -> None:
    key = new_key()
    first = store(engine, None, key)
    ctx, sid = _started(first)
    for number in range(5):
        first.conversations.add_turn(ctx, {"question": f"q{number}", "answer": {"values": [1]}})
        first.conversations.add_assertion(ctx, f"a{number}", {"fact": "dose", "value": number})
    first.conversations.remove_assertion(ctx, "a3")
    reopened = open_database(url)
    again = store(reopened, None, key)
    assert again.find(ctx, sid) is not None
    assert again.tokens(ctx) == TOKENS
    turns = again.conversations.turns(ctx)
    assert [turn["question"] for turn in turns] == ["q0", "q1", "q2", "q3", "q4"]
    assert [name for name, _ in again.conversations.assertions(ctx)] == ["a0", "a1", "a2", "a4"]
    again.conversations.forget_turns(ctx)
    assert again.conversations.turns(ctx) == []
    reopened.dispose()


def test_a_state_is_taken_once_even_by_two_at_the_same_moment(engine: Engine) -> None:
    sessions = store(engine)
    sessions.begin_launch("state-1", LAUNCH)
    taken: list[PendingLaunch | None] = []
    threads = [
        threading.Thread(target=lambda: taken.append(sessions.take_launch("state-1")))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 8
    assert [launch for launch in taken if launch] == [LAUNCH]


def test_a_state_that_came_back_too_late_is_refused(engine: Engine) -> None:
    clock = Clock()
    sessions = store(engine, clock)
    sessions.begin_launch("state-1", LAUNCH)
    clock.now += LIFETIMES.launch
    assert sessions.take_launch("state-1") is None


def test_of_two_renewals_of_the_same_tokens_one_is_kept(engine: Engine) -> None:
    sessions = store(engine)
    ctx, _ = _started(sessions)
    old = sessions.tokens(ctx)
    assert old is not None
    assert sessions.replace_tokens(ctx, Tokens(access="second", refresh="r2", version=old.version))
    assert not sessions.replace_tokens(ctx, Tokens(access="third", version=old.version))
    kept = sessions.tokens(ctx)
    assert kept is not None
    assert (kept.access, kept.refresh, kept.version) == ("second", "r2", 1)


def test_nothing_secret_and_nothing_of_the_patient_is_readable_in_the_database(
    engine: Engine,
) -> None:
    sessions = store(engine)
    ctx, sid = _started(sessions)
    sessions.begin_launch("state-canary", LAUNCH)
    sessions.conversations.add_turn(ctx, {"question": "question-canary"})
    sessions.conversations.add_assertion(ctx, "a1", {"fact": "fact-canary"})
    with engine.connect() as connection:
        stored = b"".join(
            value if isinstance(value, bytes) else str(value).encode()
            for table in metadata.sorted_tables
            for row in connection.execute(table.select())
            for value in row
        )
    assert b"canary" not in stored
    assert sid.encode() not in stored
    assert ctx.encode() in stored  # the probe sees the rows


def test_keys_rotate_without_ending_a_session(engine: Engine) -> None:
    old, new = new_key(), new_key()
    sessions = store(engine, None, old)
    ctx, sid = _started(sessions)
    sessions.conversations.add_turn(ctx, {"question": "q"})
    sessions.conversations.add_assertion(ctx, "a1", {"fact": "dose"})
    rotated = store(engine, None, new, old)
    assert rotated.reseal() == 4  # session, tokens, turn, fact
    assert rotated.reseal() == 0
    alone = store(engine, None, new)
    assert alone.find(ctx, sid) is not None
    assert alone.tokens(ctx) == TOKENS
    assert alone.conversations.turns(ctx) == [{"question": "q"}]
    with pytest.raises(UnusableKeyError, match="put the key that sealed it back"):
        store(engine, None, old).tokens(ctx)


def test_a_sealed_value_moved_to_another_row_does_not_open(engine: Engine) -> None:
    sessions = store(engine)
    mine, _ = _started(sessions)
    other, _ = _started(sessions)
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE tokens SET sealed = (SELECT sealed FROM tokens t WHERE t.ctx = :other) "
                 "WHERE ctx = :mine"),
            {"mine": mine, "other": other},
        )  # fmt: skip
    with pytest.raises(UnusableKeyError, match="another row"):
        sessions.tokens(mine)


def test_the_migrations_make_the_tables_that_the_code_uses(engine: Engine) -> None:
    found = inspect(engine)
    for table in metadata.sorted_tables:
        made = {column["name"]: column["nullable"] for column in found.get_columns(table.name)}
        assert made == {column.name: bool(column.nullable) for column in table.columns}
        indexes = {index["name"]: index["unique"] for index in found.get_indexes(table.name)}
        assert indexes == {index.name: bool(index.unique) for index in table.indexes}


def test_a_rating_outlives_its_session_sealed(engine: Engine) -> None:
    sessions = store(engine)
    ctx, _sid = _started(sessions)
    rating = {"helpful": False, "question": "rating-canary"}
    sessions.conversations.add_feedback(rating)
    sessions.end(ctx)
    assert sessions.conversations.feedback() == [rating]
    with engine.connect() as connection:
        (sealed,) = connection.execute(text("select sealed from feedback")).scalars()
    assert b"rating-canary" not in bytes(sealed)
