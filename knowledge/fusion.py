"""How the two halves of the search become one ranking."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

POOL = 100
"""How many candidates each half contributes."""
DENSE_WEIGHT = 0.45
"""Words count a little more than meaning; fitted on the tuned half, near-neutral on PubMedQA."""
EXPANSION_WEIGHT = 0.35
"""Weight of the words the vocabulary adds to a question; fitted on the tuned half."""
RELATED_WEIGHT = 0.5
"""How much nearness to the best passage counts; fitted on the tuned half."""
SECTION_WEIGHT = 0.1
"""How much standing under the heading of the best passage counts; fitted likewise."""
LIKEST_WEIGHT = 1.0
"""How much the likest text or way of asking counts beside the whole passage; fitted likewise."""
READING_WEIGHT = 0.9
"""A reading of a contested statement yields to what states; fitted likewise."""
BESIDE_WEIGHT = 0.85
"""A reading comes along with its statement, at least this close behind it; fitted likewise."""


def fuse(
    lexical: "NDArray[np.float32]",
    dense: Mapping[int, float],
    *,
    allowed: Sequence[int] | None = None,
    dense_weight: float = DENSE_WEIGHT,
) -> list[tuple[int, float]]:
    """Positions with their fused score, best first.

    BM25 scores are divided by the best one; cosine similarities are spread from 0 (the
    weakest candidate) to 1 (the best). A position only one half found scores 0 in the other.
    """
    by_words = _normalized_lexical(lexical, allowed)
    by_meaning = _spread(dense)
    weight = dense_weight if dense else 0.0
    fused = {
        position: weight * by_meaning.get(position, 0.0)
        + (1 - weight) * by_words.get(position, 0.0)
        for position in by_words.keys() | by_meaning.keys()
    }
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))


def nearness(whole: float, likest: float) -> float:
    """One figure from the similarity of a whole passage and of the likest part of it."""
    return (whole + LIKEST_WEIGHT * likest) / (1 + LIKEST_WEIGHT)


def settle(
    ranked: Sequence[tuple[int, float]],
    related: Mapping[int, float],
    sections: Sequence[str],
    beside: Mapping[int, Sequence[int]],
) -> list[tuple[int, float]]:
    """The final order: what lies near the best passage gains, a reading follows its statement.

    Args:
        ranked: Positions with their fused score, best first.
        related: Cosine similarity of a position to the best one; empty without an embedder.
        sections: The heading that each position stands under.
        beside: Of every passage that only comments, the positions of those it comments on.
    """
    first, best = ranked[0] if ranked else (0, 0.0)
    settled = {
        position: (
            score
            + RELATED_WEIGHT * related.get(position, 0.0) * best
            + SECTION_WEIGHT * (sections[position] == sections[first]) * best
        )
        / (1 + RELATED_WEIGHT + SECTION_WEIGHT)
        * (READING_WEIGHT if position in beside else 1.0)
        for position, score in ranked
    }
    followed = {
        position: max(
            score,
            *(BESIDE_WEIGHT * settled.get(stated, 0.0) for stated in beside.get(position, ())),
            0.0,
        )
        for position, score in settled.items()
    }
    return sorted(followed.items(), key=lambda item: (-item[1], item[0]))


def put_first(
    ranked: Sequence[tuple[int, float]], wanted: Sequence[int]
) -> list[tuple[int, float]]:
    """The same order behind the wanted positions, which score no less than the best did."""
    if not wanted:
        return list(ranked)
    best = max(1.0, *(score for _, score in ranked)) if ranked else 1.0
    return [
        *((position, best) for position in wanted),
        *(item for item in ranked if item[0] not in wanted),
    ]


def _normalized_lexical(
    scores: "NDArray[np.float32]", allowed: Sequence[int] | None
) -> dict[int, float]:
    candidates = range(len(scores)) if allowed is None else allowed
    found = [(position, float(scores[position])) for position in candidates if scores[position] > 0]
    best = sorted(found, key=lambda item: (-item[1], item[0]))[:POOL]
    top = best[0][1] if best else 1.0
    return {position: score / top for position, score in best}


def _spread(dense: Mapping[int, float]) -> dict[int, float]:
    if not dense:
        return {}
    low, high = min(dense.values()), max(dense.values())
    width = high - low
    return {
        position: (similarity - low) / width if width else 1.0
        for position, similarity in dense.items()
    }
