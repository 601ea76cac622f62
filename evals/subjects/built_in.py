"""The built-in assistant, in this process; with a model, if one is named."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from assistant import __version__
from assistant.answering.answer import answer
from assistant.answering.case import AsOf, Case
from assistant.answering.conversation import Turn
from assistant.answering.ports import NoKnowledge
from assistant.bootstrap import open_case, open_knowledge
from assistant.staging.engine import stage
from assistant.staging.ruleset import Ruleset, load_ruleset
from evals.subjects import OpenedRecord, SubjectError
from evals.subjects.counting import CountedModel
from fhir_adapter.read import PatientRecord, read_bundle

if TYPE_CHECKING:
    from assistant.answering.model import Model

_KEPT = 64
"""Records kept open; the cases of one record follow one another."""


@cache
def _knowledge() -> Any:
    """Opened once, whoever asks: it takes seconds."""
    return open_knowledge()


class BuiltIn:
    """The assistant of this installation, reached by function calls."""

    is_here = True

    def __init__(
        self, *, model: "Model | None" = None, ruleset: Callable[[str], Ruleset] = load_ruleset
    ) -> None:
        self._model = model
        self._ruleset = ruleset
        self._opened: dict[bytes, OpenedBuiltIn] = {}
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """What the scoreboard calls it."""
        return f"built-in with {self._model.name}" if self._model else "built-in"

    @property
    def knowledge(self) -> Any:
        """The knowledge of this machine."""
        return _knowledge()

    def describe(self) -> dict[str, Any]:
        """Its version and its model."""
        return {
            "subject": self.name,
            "version": __version__,
            "model": self._model.name if self._model else None,
            "knowledge": "none" if isinstance(self.knowledge, NoKnowledge) else "opened",
        }

    def open(self, bundle: bytes | None) -> OpenedRecord:
        """Read the record once; its later questions find it open."""
        if bundle is None:
            return OpenedBuiltIn(self, None)
        with self._lock:
            if bundle not in self._opened:
                while len(self._opened) >= _KEPT:
                    del self._opened[next(iter(self._opened))]
                self._opened[bundle] = OpenedBuiltIn(self, read_bundle(bundle))
            return self._opened[bundle]

    def search(self, query: str, k: int) -> list[str]:
        """Ids of the passages found."""
        return [hit.passage.passage_id for hit in self.knowledge.find(query, k).hits]

    def close(self) -> None:
        """Forget the open records."""
        self._opened.clear()

    def passage(self, passage_id: str) -> str | None:
        """A passage with its section."""
        try:
            found = self.knowledge.passage(passage_id)
        except (KeyError, AttributeError):
            return None
        return f"{found.section}\n{found.text}"

    def ask_of(
        self, case: Case | None, question: str, as_of: str, history: Sequence[str]
    ) -> dict[str, Any]:
        """One answer, with the tokens its model used."""
        counted = CountedModel(self._model.chat) if self._model is not None else None
        model = replace(self._model, chat=counted) if self._model and counted else None
        reply = answer(
            question,
            case=case,
            knowledge=self.knowledge,
            history=[Turn(question=earlier) for earlier in history],
            as_of=AsOf.parse(as_of),
            model=model,
        ).to_json()
        return {**reply, "tokens": counted.used} if counted is not None else reply

    def ruleset(self, name: str) -> Ruleset:
        """The ruleset it stages by under ``name``."""
        return self._ruleset(name)


class OpenedBuiltIn:
    """A record opened by the built-in assistant."""

    def __init__(self, subject: BuiltIn, record: PatientRecord | None) -> None:
        self._subject = subject
        self._record = record
        self._case = (
            open_case(record, ruleset=subject.ruleset("source_text"))
            if record is not None
            else None
        )

    def stage(self, as_of: str, ruleset: str) -> dict[str, Any]:
        """The report of the core."""
        if self._record is None:
            raise SubjectError("there is no record to stage")
        return stage(
            self._record.treatment,
            as_of=AsOf.parse(as_of).day,
            ruleset=self._subject.ruleset(ruleset),
        ).to_json()

    def ask(self, question: str, as_of: str, history: Sequence[str] = ()) -> dict[str, Any]:
        """One answer."""
        return self._subject.ask_of(self._case, question, as_of, history)
