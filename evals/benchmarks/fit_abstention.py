"""Fits the weights of knowledge/tables/abstention.toml on the tuned half of the questions.

Run: ``python -m evals.benchmarks.fit_abstention``; prints the table, what it achieves, and what
it achieves for families of questions that the fit did not see (ten parts, left out in turn).
So that the weights also hold for wordings nobody thought of, every question is asked twice: of
the knowledge, and of one that lacks every second way of asking.
"""

import dataclasses
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evals.benchmarks.retrieval_questions import (
    Question,
    Unanswerable,
    questions,
    unanswerable,
)
from knowledge.base import KnowledgeBase, open_knowledge
from knowledge.corpus_reader import authored_passages
from knowledge.embedder import MiniLmEmbeddings
from knowledge.passages import Signs
from knowledge.vector_index import open_index

FITTED = ("tuned", "opened", "lay")
LET_THROUGH = {"fused": 0.02, "lexical": 0.05}
"""The share of unanswerable questions of the tuned half that may pass."""
STEPS = 8_000
FOLDS = 10
RATE = 0.5
RIDGE = 1e-3


def main() -> None:
    """Print the fitted table."""
    with tempfile.TemporaryDirectory() as folder:
        bases = (open_knowledge(Path(folder)), _with_fewer_ways_of_asking(Path(folder) / "fewer"))
        for name, ranking in (("fused", "fused"), ("lexical_only", "lexical")):
            print(f"[{name}]")
            _fit(bases, ranking)


def _with_fewer_ways_of_asking(folder: Path) -> KnowledgeBase:
    passages = [
        dataclasses.replace(passage, asks=passage.asks[::2]) for passage in authored_passages()
    ]
    embedder = MiniLmEmbeddings()
    vectors = open_index(folder, passages, embedder, embedder.identity)
    return KnowledgeBase(passages, embedder=embedder, vectors=vectors)


def _fit(bases: Sequence[KnowledgeBase], ranking: Any) -> None:
    rows = [(item.text, 1, item.style, item.family) for item in questions() if _tuned(item)]
    rows += [(item.text, 0, item.kind, item.text) for item in unanswerable() if _tuned(item)]
    per_base = [
        np.array([knowledge.find(text, by=ranking).signs for text, *_ in rows])
        for knowledge in bases
    ]
    answerable = np.array([row[1] for row in rows])
    allowed = LET_THROUGH[ranking]
    weights, threshold = _calibrate(per_base, answerable, np.ones(len(rows), dtype=bool), allowed)
    for field, value in zip((*Signs._fields, "intercept"), weights, strict=True):
        print(f"{field} = {value:.3f}")
    print(f"threshold = {threshold:.3f}\n")
    fitted = _scores(per_base[0], weights) >= threshold
    left_out = _left_out(per_base, answerable, [row[3] for row in rows], allowed)
    for kind in dict.fromkeys(row[2] for row in rows):
        here = np.array([row[2] == kind for row in rows])
        _say(kind, here, fitted, left_out)
    _say("answerable", answerable == 1, fitted, left_out)
    _say("unanswerable", answerable == 0, fitted, left_out)


def _tuned(item: Question | Unanswerable) -> bool:
    return item.half in FITTED


def _say(kind: str, here: Any, fitted: Any, left_out: Any) -> None:
    print(
        f"# {kind:13} {here.sum():4} passed {fitted[here].mean():.3f}, "
        f"{left_out[here].mean():.3f} when their family was left out of the fit"
    )


def _calibrate(
    per_base: Sequence[Any], answerable: Any, chosen: Any, allowed: float
) -> tuple[Any, float]:
    """Weights and threshold fitted on the chosen rows, of all bases together."""
    signs = np.concatenate([found[chosen] for found in per_base])
    truth = np.tile(answerable[chosen], len(per_base))
    weights = _logistic(signs, truth)
    reached = _scores(signs, weights)
    return weights, _threshold(reached[truth == 0], reached[truth == 1], allowed)


def _left_out(
    per_base: Sequence[Any], answerable: Any, families: Sequence[str], allowed: float
) -> Any:
    """Which rows pass under a calibration that saw no wording of their family."""
    names = sorted(set(families))
    part_of = dict(zip(names, np.random.default_rng(0).permutation(len(names)), strict=True))
    part = np.array([part_of[family] % FOLDS for family in families])
    passed = np.zeros(len(families), dtype=bool)
    for fold in range(FOLDS):
        weights, threshold = _calibrate(per_base, answerable, part != fold, allowed)
        here = part == fold
        passed[here] = _scores(per_base[0][here], weights) >= threshold
    return passed


def _scores(signs: Any, weights: Any) -> Any:
    return 1 / (1 + np.exp(-(signs @ weights[:-1] + weights[-1])))


def _logistic(signs: Any, answerable: Any) -> Any:
    """Weights and intercept of a ridge logistic regression with both classes weighing the same."""
    mean, spread = signs.mean(axis=0), signs.std(axis=0) + 1e-9
    inputs = np.c_[(signs - mean) / spread, np.ones(len(signs))]
    share = np.where(answerable == 1, 0.5 / answerable.sum(), 0.5 / (1 - answerable).sum())
    weights = np.zeros(inputs.shape[1])
    for _ in range(STEPS):
        wrong = 1 / (1 + np.exp(-inputs @ weights)) - answerable
        weights -= RATE * (inputs.T @ (share * wrong) + RIDGE * weights)
    scaled = weights[:-1] / spread
    return np.append(scaled, weights[-1] - scaled @ mean)


def _threshold(unanswered: Sequence[float], answered: Sequence[float], share: float) -> float:
    """Midway between the highest unanswerable score that must not pass and the next score above."""
    passing = int(share * len(unanswered))
    barrier = float(np.sort(np.asarray(unanswered))[::-1][passing])
    above = [float(score) for score in answered if score > barrier]
    return (barrier + min(above)) / 2 if above else barrier


if __name__ == "__main__":
    main()
