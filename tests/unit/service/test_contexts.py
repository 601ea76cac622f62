"""Open records: unguessable, bounded, closed when idle."""

from typing import Any

import pytest

from assistant.service.contexts import OpenContexts
from assistant.service.errors import UnknownAssertionError, UnknownContextError
from assistant.staging.record import Assertion


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
