"""What a question means by its nearest labelled example, where no rule recognises it.

The embedder comes through a port; without one nothing is matched, and nothing else changes.
"""

import math
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from operator import mul
from typing import NamedTuple

from assistant.answering.plan import Topic
from assistant.answering.ports import EmbedderPort

_TABLE = resources.files("assistant.answering.tables") / "intents.toml"


class Intent(NamedTuple):
    """A topic, and how people ask for it."""

    topic: Topic
    ask: tuple[str, ...]
    subject: str = ""
    asked: str = ""
    of_trial: bool = False
    """Asked of a trial that is named; "the drug" stands for it."""


class Matching(NamedTuple):
    """How near the nearest example must be."""

    least: float
    margin: float
    least_of_trial: float
    """Where a trial is named, so that only what is asked of it is open."""
    margin_of_trial: float


@lru_cache(maxsize=1)
def intents() -> tuple[Intent, ...]:
    """The labelled examples."""
    rows = tomllib.loads(_TABLE.read_text(encoding="utf-8"))["intents"]
    return tuple(
        Intent(
            Topic(row["topic"]),
            tuple(row["ask"]),
            row.get("subject", ""),
            row.get("asked", ""),
            row.get("of_trial", False),
        )
        for row in rows
    )


@lru_cache(maxsize=1)
def matching() -> Matching:
    """The thresholds of the table."""
    return Matching(**tomllib.loads(_TABLE.read_text(encoding="utf-8"))["matching"])


class Match(NamedTuple):
    """The nearest intent and how near it is."""

    intent: Intent
    cosine: float
    ahead: float
    """How much nearer than the nearest example of another intent."""


@dataclass(slots=True)
class IntentMatcher:
    """The labelled examples as vectors, embedded at the first question that needs them."""

    embedder: EmbedderPort
    _examples: dict[bool, list[tuple[Intent, list[float]]]] = field(default_factory=dict)

    def nearest(self, question: str, *, of_trial: bool = False) -> Match:
        """The intent whose example lies nearest to ``question``."""
        vector = _unit(self.embedder.embed_query(_plain(question)))
        best: dict[Intent, float] = {}
        for intent, example in self._embedded(of_trial=of_trial):
            cosine = sum(map(mul, vector, example))
            best[intent] = max(cosine, best.get(intent, -1.0))
        (intent, cosine), (_, second) = sorted(best.items(), key=lambda item: -item[1])[:2]
        return Match(intent, cosine, cosine - second)

    def intent(self, question: str, *, of_trial: bool = False) -> Intent | None:
        """What is meant, or None where no example is near enough."""
        found, limit = self.nearest(question, of_trial=of_trial), matching()
        least = limit.least_of_trial if of_trial else limit.least
        margin = limit.margin_of_trial if of_trial else limit.margin
        return found.intent if found.cosine >= least and found.ahead >= margin else None

    def _embedded(self, *, of_trial: bool) -> list[tuple[Intent, list[float]]]:
        if of_trial not in self._examples:
            labelled = [(i, _plain(text)) for i in intents() if i.of_trial is of_trial
                        for text in i.ask]  # fmt: skip
            vectors = self.embedder.embed_documents([text for _, text in labelled])
            self._examples[of_trial] = [
                (intent, _unit(vector))
                for (intent, _), vector in zip(labelled, vectors, strict=True)
            ]
        return self._examples[of_trial]


_matchers: dict[int, IntentMatcher] = {}
_MATCHERS_KEPT = 4


def matcher_of(embedder: EmbedderPort) -> IntentMatcher:
    """The examples under this embedder, embedded once a process; one need not be hashable."""
    known = _matchers.get(id(embedder))
    if known is None or known.embedder is not embedder:
        known = IntentMatcher(embedder)
        while len(_matchers) >= _MATCHERS_KEPT:
            _matchers.pop(next(iter(_matchers)))
        _matchers[id(embedder)] = known
    return known


def _unit(vector: Sequence[float]) -> list[float]:
    length = math.sqrt(sum(value * value for value in vector)) or 1.0
    return [value / length for value in vector]


_PERSON = re.compile(r"\b(?:she|he|they|the patient|this patient|her|him|his|their)\b")


def _plain(text: str) -> str:
    """The question without who it is about, which says nothing of what is asked."""
    return " ".join(_PERSON.sub("patient", text.lower()).split())
