"""Whether the best passage answers a question at all.

Four signs are weighed: how much of what the question says one of the best passages holds, how
near the meaning is, how near the question is to others that nothing here answers
(tables/unanswered.txt), and how long it is. The weights are fitted on the tuned half of
evals/datasets/retrieval and kept in tables/abstention.toml with what was measured.
"""

import math
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from knowledge.lexical import LexicalIndex, Term, terms
from knowledge.passages import Signs
from knowledge.wording import Reading

TABLE = Path(__file__).parent / "tables" / "abstention.toml"
_HALF = 0.5
"""A lay term counts as held when the passage has at least half the words it stands for."""


class _Calibration(NamedTuple):
    intercept: float
    coverage: float
    similarity: float
    length: float
    stray: float
    threshold: float
    known: float
    """From this similarity a question is one of the known ways of asking for a passage."""


def confidence(signs: Signs, *, lexical_only: bool = False) -> float:
    """How sure one may be that a passage answers the question, 0 to 1."""
    weights = calibration()["lexical_only" if lexical_only else "fused"]
    score = (
        weights.intercept
        + weights.coverage * signs.coverage
        + weights.similarity * signs.similarity
        + weights.length * signs.length
        + weights.stray * signs.stray
    )
    return 1 / (1 + math.exp(-score))


def answers(signs: Signs, *, lexical_only: bool = False) -> bool:
    """Whether the confidence reaches the calibrated threshold, or the very question is known."""
    weights = calibration()["lexical_only" if lexical_only else "fused"]
    known = signs.similarity >= weights.known
    return known or confidence(signs, lexical_only=lexical_only) >= weights.threshold


@cache
def calibration() -> dict[str, _Calibration]:
    """The fitted weights, with an embedder and without."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return {
        name: _Calibration(**{field: table[name][field] for field in _Calibration._fields})
        for name in ("fused", "lexical_only")
    }


def coverage(
    asked: Sequence[Term], readings: Sequence[Reading], held: frozenset[str], index: LexicalIndex
) -> float:
    """The weighted share of the question's terms that a passage with the terms ``held`` has."""
    total = sum(index.weight(term.stem) for term in asked)
    if not total:
        return 0.0
    return sum(index.weight(term.stem) for term in asked if _is_held(term, readings, held)) / total


def _is_held(term: Term, readings: Sequence[Reading], held: frozenset[str]) -> bool:
    if term.stem in held:
        return True
    for reading in readings:
        if reading.start <= term.start < reading.end:
            meant = set(terms(reading.means))
            if len(meant & held) >= _HALF * len(meant):
                return True
    return False
