"""Fits the weights of knowledge/tables/abstention.toml on the tuned half of the questions.

Run: ``python -m evals.benchmarks.fit_abstention``; prints the table and what it achieves.
So that the weights also hold for wordings nobody thought of, every question is asked twice: of
the knowledge, and of one that lacks every second way of asking.
"""

import dataclasses
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evals.benchmarks.retrieval_questions import HALVES, questions, unanswerable
from knowledge.base import KnowledgeBase, open_knowledge
from knowledge.corpus_reader import authored_passages
from knowledge.embedder import MiniLmEmbeddings
from knowledge.passages import Signs
from knowledge.vector_index import open_index

LET_THROUGH = 0.025
"""The share of unanswerable questions of the tuned half that may pass."""
STEPS = 20_000
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
    rows = [(item.text, item.half, 1, item.style) for item in questions()]
    rows += [(item.text, item.half, 0, item.kind) for item in unanswerable()]
    answerable = np.array([row[2] for row in rows])
    tuned = np.array([row[1] == "tuned" for row in rows])
    per_base = [
        np.array([knowledge.find(text, by=ranking).signs for text, *_ in rows])
        for knowledge in bases
    ]
    fitted_on = np.concatenate([signs[tuned] for signs in per_base])
    truth = np.tile(answerable[tuned], len(bases))
    weights = _logistic(fitted_on, truth)
    reached = _scores(fitted_on, weights)
    threshold = _threshold(reached[truth == 0], reached[truth == 1])
    for field, value in zip((*Signs._fields, "intercept"), weights, strict=True):
        print(f"{field} = {value:.3f}")
    print(f"threshold = {threshold:.3f}\n")
    scores = _scores(per_base[0], weights)
    for half, chosen in ((name, np.array([row[1] == name for row in rows])) for name in HALVES):
        for kind in dict.fromkeys(row[3] for row in rows):
            here = chosen & np.array([row[3] == kind for row in rows])
            if not here.any():
                continue
            passed = (scores[here] >= threshold).mean()
            print(f"# {half:9} {kind:13} {here.sum():4} passed {passed:.3f}")


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


def _threshold(unanswered: Sequence[float], answered: Sequence[float]) -> float:
    """Midway between the highest unanswerable score that must not pass and the next score above."""
    allowed = int(LET_THROUGH * len(unanswered))
    barrier = float(np.sort(np.asarray(unanswered))[::-1][allowed])
    above = [float(score) for score in answered if score > barrier]
    return (barrier + min(above)) / 2 if above else barrier


if __name__ == "__main__":
    main()
