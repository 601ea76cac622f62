"""Open records, each under an unguessable id (``ctx``), kept in memory until idle."""

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, TypeVar

from assistant.answering.case import Case
from assistant.answering.conversation import Turn
from assistant.audit import Agent
from assistant.service.errors import (
    NoFeedbackError,
    UnknownAssertionError,
    UnknownContextError,
    UnknownTurnError,
)
from assistant.service.ports import KeptConversation, ReadRecord
from assistant.staging.record import Assertion
from assistant.staging.report import StagingReport

_ID_BYTES = 18
_ASSERTION_ID_BYTES = 6
_SECONDS_PER_MINUTE = 60
_REPORTS_KEPT = 16
_CASES_KEPT = 4
_TURNS_KEPT = 500

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldAssertion:
    """A fact the clinician vouches for, with the id under which it can be removed."""

    id: str
    assertion: Assertion


@dataclass(slots=True, kw_only=True)
class OpenContext:
    """One open record with what was said about it."""

    id: str
    record: ReadRecord
    origin: str
    """``demo``, ``upload`` or ``launch``."""
    agent: Agent = field(default_factory=Agent)
    """Who opened it, and under which authority."""
    title: str = ""
    story: str = ""
    as_of: date | None = None
    """Date of the first view; None is today."""
    encounter: str | None = None
    """``Encounter/id`` it was launched from."""
    need_patient_banner: bool = True
    """Whether the page says who the patient is; False where the EHR around it does."""
    may_write_back: bool = False
    """Whether the site lets a clinician write the report to the EHR it came from."""
    for_one_browser: bool = False
    """Whether a person opened it in a page of ours: its address alone opens nothing either."""
    kept_in: KeptConversation | None = None
    """Where what is said outlives this process; None for a record opened over the API."""
    assertions: tuple[HeldAssertion, ...] = ()
    turns: list[dict[str, Any]] = field(default_factory=list)
    reports: OrderedDict[tuple[object, ...], StagingReport] = field(default_factory=OrderedDict)
    cases: OrderedDict[tuple[object, ...], Case] = field(default_factory=OrderedDict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def is_bound(self) -> bool:
        """Whether a session outside this process stands behind it, and lets its browser in."""
        return self.kept_in is not None

    def add_assertion(self, assertion: Assertion) -> HeldAssertion:
        """Keep one asserted fact."""
        held = HeldAssertion(id=secrets.token_hex(_ASSERTION_ID_BYTES), assertion=assertion)
        with self.lock:
            if self.kept_in is not None:
                self.kept_in.add_assertion(held.id, asdict(assertion))
            self.assertions = (*self.assertions, held)
        return held

    def remove_assertion(self, assertion_id: str) -> None:
        """Drop one asserted fact.

        Raises:
            UnknownAssertionError: there is none under this id.
        """
        with self.lock:
            kept = tuple(held for held in self.assertions if held.id != assertion_id)
            if len(kept) == len(self.assertions):
                raise UnknownAssertionError
            if self.kept_in is not None:
                self.kept_in.remove_assertion(assertion_id)
            self.assertions = kept

    @property
    def latest_conversation(self) -> int:
        """Number of the conversation spoken in last; 1 where nothing was said."""
        with self.lock:
            return max((_conversation(turn) for turn in self.turns), default=1)

    def remember_turn(
        self, question: str, answer: dict[str, Any], conversation: int | None = None
    ) -> None:
        """Add one turn to a conversation, by default the latest."""
        number = conversation or self.latest_conversation
        turn = {"question": question, "answer": answer, "conversation": number}
        with self.lock:
            if self.kept_in is not None:
                self.kept_in.add_turn(turn)
            self.turns.append(turn)
            del self.turns[:-_TURNS_KEPT]

    def forget_turns(self) -> None:
        """Forget every conversation."""
        with self.lock:
            if self.kept_in is not None:
                self.kept_in.forget_turns()
            self.turns.clear()

    def resume(self) -> None:
        """Take up what was said and vouched for before this process."""
        if self.kept_in is None:
            return
        with self.lock:
            self.turns = self.kept_in.turns()[-_TURNS_KEPT:]
            self.assertions = tuple(
                HeldAssertion(id=name, assertion=Assertion.from_json(fact))
                for name, fact in self.kept_in.assertions()
            )

    def history(self, conversation: int | None = None) -> tuple[Turn, ...]:
        """One conversation so far, oldest turn first; by default the latest."""
        with self.lock:
            number = conversation or self.latest_conversation
            return tuple(
                Turn(question=turn["question"], answer=turn["answer"]["answer"])
                for turn in self.turns
                if _conversation(turn) == number
            )

    def rate_turn(self, place: int, rating: Mapping[str, Any]) -> None:
        """Keep what the clinician says of the turn at ``place`` (0 is the oldest kept).

        Raises:
            NoFeedbackError: the record was not opened on the page.
            UnknownTurnError: there is no such turn.
        """
        if self.kept_in is None:
            raise NoFeedbackError
        with self.lock:
            if not 0 <= place < len(self.turns):
                raise UnknownTurnError
            turn = self.turns[place]
        self.kept_in.add_feedback(
            {**rating, "question": turn["question"], "answer": turn["answer"]}
        )

    def report(
        self, key: tuple[object, ...], compute: Callable[[], StagingReport]
    ) -> StagingReport:
        """The report under ``key``, computed once."""
        with self.lock:
            return _remembered(self.reports, key, compute, _REPORTS_KEPT)

    def case(self, key: tuple[object, ...], build: Callable[[], Case]) -> Case:
        """The record as questions see it, built once under ``key``."""
        with self.lock:
            return _remembered(self.cases, key, build, _CASES_KEPT)


def _conversation(turn: Mapping[str, Any]) -> int:
    return int(turn.get("conversation", 1))


def _remembered(
    kept: OrderedDict[tuple[object, ...], T],
    key: tuple[object, ...],
    build: Callable[[], T],
    most: int,
) -> T:
    if key not in kept:
        kept[key] = build()
        while len(kept) > most:
            kept.popitem(last=False)
    return kept[key]


class OpenContexts:
    """All open records; the least recently used is closed when there is no room."""

    def __init__(
        self,
        *,
        capacity: int,
        idle_minutes: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._capacity = capacity
        self._idle = idle_minutes * _SECONDS_PER_MINUTE
        self._clock = clock
        self._open: OrderedDict[str, tuple[float, OpenContext]] = OrderedDict()
        self._lock = threading.Lock()

    def add(
        self, record: ReadRecord, *, origin: str, context_id: str | None = None, **known: Any
    ) -> OpenContext:
        """Open a record under a new id, or under that of its session."""
        context_id = context_id or secrets.token_urlsafe(_ID_BYTES)
        context = OpenContext(id=context_id, record=record, origin=origin, **known)
        context.resume()
        with self._lock:
            self._close_idle()
            self._open.pop(context_id, None)
            while len(self._open) >= self._capacity:
                self._open.popitem(last=False)
            self._open[context.id] = (self._clock(), context)
        return context

    def get(self, context_id: str) -> OpenContext:
        """The open record under this id.

        Raises:
            UnknownContextError: there is none, or it was idle too long.
        """
        with self._lock:
            self._close_idle()
            found = self._open.get(context_id)
            if found is None:
                raise UnknownContextError
            self._open[context_id] = (self._clock(), found[1])
            self._open.move_to_end(context_id)
            return found[1]

    def find(self, context_id: str) -> OpenContext | None:
        """The record if it is open; asking is no use of it."""
        with self._lock:
            self._close_idle()
            found = self._open.get(context_id)
            return found[1] if found else None

    def __contains__(self, context_id: object) -> bool:
        with self._lock:
            self._close_idle()
            return context_id in self._open

    def __len__(self) -> int:
        with self._lock:
            return len(self._open)

    def __iter__(self) -> Iterator[str]:
        with self._lock:
            return iter(list(self._open))

    def close(self, context_id: str) -> None:
        """Forget a record and everything said about it."""
        with self._lock:
            self._open.pop(context_id, None)

    def _close_idle(self) -> None:
        oldest_kept = self._clock() - self._idle
        while self._open:
            used, context = next(iter(self._open.values()))
            if used >= oldest_kept:
                return
            del self._open[context.id]
