"""What a question asks that must be declined, by how such questions are put.

The exact rules of ``refuse`` come first. Where an embedder is at hand, weights fitted on labelled
wordings (tables/declines.toml) then read the question by its meaning and its words together, so
that no list of phrases has to hold every way of asking. Without an embedder, or with another than
the weights were fitted with, the rules stand alone.
"""

import csv
import hashlib
import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from typing import NamedTuple

from assistant.answering.ports import EmbedderPort
from assistant.answering.refuse import is_no_advice, refusal_for
from assistant.answering.vocabulary import without_drugs

ORDINARY = "ordinary"
EMERGENCY = "emergency"
KINDS = (
    ORDINARY, EMERGENCY, "prescribing", "other_patient", "legal", "off_topic", "instructions",
)  # fmt: skip
MEANING_WEIGHT = 4.0
WORDS_WEIGHT = 3.0
"""How much the vector and the words of a question weigh beside each other, both of length one."""

_TABLES = resources.files("assistant.answering.tables")
_KEPT = 512


class Wording(NamedTuple):
    """A labelled way of asking."""

    text: str
    kind: str
    group: str


class Deciding(NamedTuple):
    """From which probability something is decided."""

    ordinary: float
    danger: float
    emergency: float


class Judged(NamedTuple):
    """What is made of one question."""

    kind: str | None = None
    """The kind of refusal it calls for, or None."""
    danger: bool = False
    """Whether someone may be in danger now."""
    by_wording: bool = False
    """Whether it was read by meaning, and not by the exact rules alone."""

    @property
    def ordinary(self) -> bool:
        """Whether it was read by meaning and found to be neither declined nor of danger."""
        return self.by_wording and self.kind is None and not self.danger


@lru_cache(maxsize=1)
def wordings() -> tuple[Wording, ...]:
    """The labelled wordings."""
    groups = tomllib.loads((_TABLES / "declines.toml").read_text(encoding="utf-8"))["wordings"]
    return tuple(Wording(text, row["kind"], row["group"]) for row in groups for text in row["ask"])


@lru_cache(maxsize=1)
def deciding() -> Deciding:
    """The thresholds of the table."""
    raw = tomllib.loads((_TABLES / "declines.toml").read_text(encoding="utf-8"))
    return Deciding(**raw["deciding"])


@dataclass(frozen=True, slots=True)
class Weights:
    """What each part of a question says for each kind."""

    embedder: str
    """Identity of the embedder they were fitted with."""
    intercept: tuple[float, ...]
    meaning: tuple[tuple[float, ...], ...]
    """One row a kind, one column a dimension of the vector."""
    words: Mapping[str, tuple[float, ...]]


@lru_cache(maxsize=1)
def weights() -> Weights:
    """The fitted weights."""
    with (_TABLES / "declines_weights.csv").open(encoding="utf-8") as lines:
        rows = list(csv.reader(lines))
    values = {(row[0], row[1]): tuple(map(float, row[2:])) for row in rows[2:]}
    dimensions = [row for (part, _), row in values.items() if part == "meaning"]
    return Weights(
        embedder=rows[0][1],
        intercept=values["intercept", ""],
        meaning=tuple(zip(*dimensions, strict=True)),
        words={name: row for (part, name), row in values.items() if part == "word"},
    )


_NUMBERED = re.compile(
    r"\bpatient(?:'s)?(?: with)?(?: (?:the )?(?:id|identifier|number|mrn))?[ :#]*\d{4,}"
)
"""A patient by number: whose it is, the planner tells by rule."""
_SUBJECT = re.compile(r"\b(?:she|he|they|the patient|this patient|pt)\b")
_OBJECT = re.compile(r"\b(?:her|him|his|them|their)\b")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_WORD = re.compile(r"[a-z']+|#|\?")


def plain(text: str) -> str:
    """The question as it is compared: one word for a drug, one for the patient."""
    told = _NUMBERED.sub("she", without_drugs(text).lower().replace("\u2019", "'"))
    return " ".join(_OBJECT.sub("her", _SUBJECT.sub("she", told)).split())


def words_of(text: str) -> list[str]:
    """The first word of a plain question and each two that follow one another, and each alone."""
    said = _WORD.findall(_NUMBER.sub("#", text))
    pairs = [f"{one} {two}" for one, two in pairwise(said)]
    return sorted({f"^{said[0]}", *said, *pairs}) if said else []


def probabilities(text: str, vector: Sequence[float], by: Weights) -> tuple[float, ...]:
    """How likely each of the kinds is, for a plain question and its vector."""
    known = [by.words[word] for word in words_of(text) if word in by.words]
    share = WORDS_WEIGHT / math.sqrt(len(known)) if known else 0.0
    scores = [
        start
        + MEANING_WEIGHT * sum(map(float.__mul__, vector, row))
        + share * sum(word[kind] for word in known)
        for kind, (start, row) in enumerate(zip(by.intercept, by.meaning, strict=True))
    ]
    highest = max(scores)
    raised = [math.exp(score - highest) for score in scores]
    return tuple(value / sum(raised) for value in raised)


def judged(likely: Sequence[float]) -> Judged:
    """What follows from the probabilities of the kinds."""
    limit = deciding()
    chance = dict(zip(KINDS, likely, strict=True))
    danger = chance[EMERGENCY] >= limit.danger
    if chance[EMERGENCY] >= limit.emergency:
        return Judged(EMERGENCY, danger=True, by_wording=True)
    if chance[ORDINARY] >= limit.ordinary:
        return Judged(None, danger, by_wording=True)
    first = max(KINDS[1:], key=chance.__getitem__)
    return Judged(first, danger, by_wording=True)


@dataclass(slots=True)
class Decliner:
    """Judges questions under one embedder; remembers a digest of each, never its words."""

    embedder: EmbedderPort
    _known: dict[bytes, Judged] = field(default_factory=dict)

    def judge(self, text: str) -> Judged:
        """What is made of ``text``."""
        told = plain(text)
        key = hashlib.sha256(told.encode()).digest()
        if key not in self._known:
            while len(self._known) >= _KEPT:
                self._known.pop(next(iter(self._known)))
            vector = self.embedder.embed_query(told)
            self._known[key] = judged(probabilities(told, vector, weights()))
        return self._known[key]


_decliners: dict[int, Decliner] = {}
_DECLINERS_KEPT = 4


def _decliner_of(embedder: EmbedderPort) -> Decliner:
    known = _decliners.get(id(embedder))
    if known is None or known.embedder is not embedder:
        known = Decliner(embedder)
        while len(_decliners) >= _DECLINERS_KEPT:
            _decliners.pop(next(iter(_decliners)))
        _decliners[id(embedder)] = known
    return known


def by_wording(embedder: EmbedderPort | None) -> bool:
    """Whether questions are judged by meaning, and not by the exact rules alone."""
    return embedder is not None and getattr(embedder, "identity", None) == weights().embedder


def judgment(text: str, embedder: EmbedderPort | None) -> Judged:
    """Whether ``text`` must be declined and as what, and whether it speaks of danger."""
    ruled = refusal_for(text)
    if embedder is None or not by_wording(embedder):
        return Judged(ruled)
    try:
        read = _decliner_of(embedder).judge(text)
    except Exception:  # noqa: BLE001  an embedder that fails must not stop a refusal by rule
        return Judged(ruled)
    if ruled is not None:
        return read._replace(kind=ruled)
    if read.kind == "prescribing" and is_no_advice(text):
        return read._replace(kind=None)
    return read
