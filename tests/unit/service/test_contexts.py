"""Open records: unguessable, bounded, closed when idle."""

from typing import Any

import pytest

from assistant.service.contexts import OpenContexts
from assistant.service.errors import (
    UnknownAssertionError,
    UnknownContextError,
    UnknownTurnError,
)
from assistant.sessions.conversations import Conversation
from assistant.sessions.database import open_database
from assistant.staging.record import Assertion
from tests.lib.sessions import store


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


RECORD: Any = object()


def test_each_opening_has_an_id_of_its_own() -> None:
    contexts = OpenContexts(capacity=100, idle_minutes=1)
    ids = {contexts.add(RECORD, origin="upload").id for _ in range(100)}
    assert len(ids) == 100
    assert min(map(len, ids)) >= 24


def test_an_idle_record_is_closed_and_a_used_one_stays() -> None:
    clock = _Clock()
    contexts = OpenContexts(capacity=10, idle_minutes=1, clock=clock)
    idle, used = contexts.add(RECORD, origin="demo"), contexts.add(RECORD, origin="demo")
    clock.now = 50
    contexts.get(used.id)
    clock.now = 61
    assert idle.id not in contexts
    assert used.id in contexts
    with pytest.raises(UnknownContextError):
        contexts.get(idle.id)


def test_an_assertion_is_removed_by_its_own_id_only() -> None:
    context = OpenContexts(capacity=1, idle_minutes=1).add(RECORD, origin="demo")
    first = context.add_assertion(Assertion(fact="adherence", value="met", trial="t1"))
    second = context.add_assertion(Assertion(fact="adherence", value="met", trial="t1"))
    context.remove_assertion(first.id)
    assert context.assertions == (second,)
    with pytest.raises(UnknownAssertionError):
        context.remove_assertion(first.id)


def test_a_rating_is_kept_with_its_question_and_answer_and_names_no_session() -> None:
    kept = store(open_database())
    session, _sid = kept.start(origin="demo", details={})
    kept_in = Conversation(kept.conversations, session.ctx)
    context = OpenContexts(capacity=1, idle_minutes=1).add(RECORD, origin="demo", kept_in=kept_in)
    context.remember_turn("Is it TRD?", {"answer": "Yes."})
    context.rate_turn(0, {"helpful": False, "reason": "wrong"})
    assert kept.conversations.feedback() == [
        {"helpful": False, "reason": "wrong", "question": "Is it TRD?",
         "answer": {"answer": "Yes."}}
    ]  # fmt: skip
    for place in (-1, 1):
        with pytest.raises(UnknownTurnError):
            context.rate_turn(place, {"helpful": True})
