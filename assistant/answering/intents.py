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
from typing import NamedTuple

from assistant.answering.plan import Topic
from assistant.answering.ports import EmbedderPort

_TABLE = resources.files("assistant.answering.tables") / "intents.toml"


class Intent(NamedTuple):
    """A topic, and how people ask for it."""

    topic: Topic
    ask: tuple[str, ...]


class Matching(NamedTuple):
    """How near the nearest example must be."""

    least: float
    margin: float


@lru_cache(maxsize=1)
def intents() -> tuple[Intent, ...]:
    """The labelled examples."""
    rows = tomllib.loads(_TABLE.read_text(encoding="utf-8"))["intents"]
    return tuple(Intent(Topic(row["topic"]), tuple(row["ask"])) for row in rows)


@lru_cache(maxsize=1)
def matching() -> Matching:
    """The thresholds of the table."""
    return Matching(**tomllib.loads(_TABLE.read_text(encoding="utf-8"))["matching"])


class Match(NamedTuple):
    """The nearest topic and how near it is."""

    topic: Topic
    cosine: float
    ahead: float
    """How much nearer than the nearest example of another topic."""


@dataclass(slots=True)
class IntentMatcher:
    """The labelled examples as vectors, embedded at the first question that needs them."""

    embedder: EmbedderPort
    _examples: list[tuple[Topic, list[float]]] = field(default_factory=list)

    def nearest(self, question: str) -> Match:
        """The topic whose example lies nearest to ``question``."""
        vector = _unit(self.embedder.embed_query(_plain(question)))
        best: dict[Topic, float] = {}
        for topic, example in self._embedded():
            cosine = sum(a * b for a, b in zip(vector, example, strict=True))
            best[topic] = max(cosine, best.get(topic, -1.0))
        (topic, cosine), (_, second) = sorted(best.items(), key=lambda item: -item[1])[:2]
        return Match(topic, cosine, cosine - second)

    def topic(self, question: str) -> Topic | None:
        """The topic meant, or None where no example is near enough."""
        found, limit = self.nearest(question), matching()
        near = found.cosine >= limit.least and found.ahead >= limit.margin
        return found.topic if near else None

    def _embedded(self) -> list[tuple[Topic, list[float]]]:
        if not self._examples:
            labelled = [(i.topic, _plain(text)) for i in intents() for text in i.ask]
            vectors = self.embedder.embed_documents([text for _, text in labelled])
            self._examples = [
                (topic, _unit(vector)) for (topic, _), vector in zip(labelled, vectors, strict=True)
            ]
        return self._examples


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
