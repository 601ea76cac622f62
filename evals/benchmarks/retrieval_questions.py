"""Measures the search on our own questions: fused against BM25 alone and dense alone.

Run: ``python -m evals.benchmarks.retrieval_questions``.
"""

import json
import math
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from knowledge.base import KnowledgeBase, open_knowledge

DATASETS = Path(__file__).parents[1] / "datasets" / "retrieval"
DEPTH = 10
HALVES = ("tuned", "opened", "lay", "sealed")


class Question(NamedTuple):
    """One wording of one family, with the passages that answer it."""

    family: str
    half: str
    style: str
    text: str
    relevant: frozenset[str]


class Unanswerable(NamedTuple):
    """A question that nothing in the corpus answers."""

    kind: str
    half: str
    text: str


class Quality(NamedTuple):
    """How well a ranking served some questions."""

    questions: int
    recall_at_5: float
    hit_at_5: float
    ndcg_at_10: float


def questions() -> list[Question]:
    """Every wording of every family."""
    return [
        Question(row["family"], row["half"], style, text, frozenset(row["relevant"]))
        for row in (
            *_rows("questions.jsonl"),
            *_rows("lay.jsonl"),
            *_rows("independent.jsonl"),
        )
        for style, text in row["questions"].items()
    ]


def unanswerable() -> list[Unanswerable]:
    """Every question the assistant should abstain from."""
    return [
        Unanswerable(row["kind"], row["half"], row["question"])
        for row in (
            *_rows("unanswerable.jsonl"),
            *_rows("independent_unanswerable.jsonl"),
        )
    ]


def quality(rank: Callable[[str], Sequence[str]], asked: Iterable[Question]) -> Quality:
    """Mean recall@5, hit@5 and nDCG@10 (binary relevance) of a ranking."""
    scores = [_score(rank(question.text), question.relevant) for question in asked]
    return Quality(
        len(scores), *(sum(column) / len(column) for column in zip(*scores, strict=True))
    )


def rankings(knowledge: KnowledgeBase) -> dict[str, Callable[[str], Sequence[str]]]:
    """The search as shipped, and each of its halves alone."""
    return {
        name: lambda query, name=name: [  # type: ignore[misc]
            hit.passage.passage_id for hit in knowledge.find(query, DEPTH, by=name).hits
        ]
        for name in ("lexical", "dense", "fused")
    }


def _score(ranked: Sequence[str], relevant: frozenset[str]) -> tuple[float, float, float]:
    found = len(relevant & set(ranked[:5]))
    gain = sum(
        1 / math.log2(place + 2) for place, item in enumerate(ranked[:DEPTH]) if item in relevant
    )
    ideal = sum(1 / math.log2(place + 2) for place in range(min(len(relevant), DEPTH)))
    return found / min(len(relevant), 5), float(found > 0), gain / ideal


def _rows(name: str) -> list[dict]:  # type: ignore[type-arg]
    lines = (DATASETS / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def abstention(knowledge: KnowledgeBase, half: str) -> tuple[float, float]:
    """The share of unanswerable questions abstained from, and of answerable ones answered."""
    unanswered = [knowledge.answers(item.text) for item in unanswerable() if item.half == half]
    answered = [knowledge.answers(item.text) for item in questions() if item.half == half]
    return 1 - sum(unanswered) / len(unanswered), sum(answered) / len(answered)


def main() -> None:
    """Print the table of the report."""
    with tempfile.TemporaryDirectory() as folder:
        knowledge = open_knowledge(Path(folder))
        print("half       style       n    ranking  recall@5  hit@5  nDCG@10")
        for half in HALVES:
            for style in ("plain", "paraphrase", "relative", "trainee", "shorthand", "all"):
                _print_rows(knowledge, half, style)
        print("\nhalf       abstained from unanswerable   answered the answerable")
        for half in HALVES:
            right, kept = abstention(knowledge, half)
            print(f"{half:10} {right:26.3f} {kept:24.3f}")


def _print_rows(knowledge: KnowledgeBase, half: str, style: str) -> None:
    asked = [item for item in questions() if item.half == half and style in (item.style, "all")]
    for name, rank in rankings(knowledge).items() if asked else ():
        row = quality(rank, asked)
        print(
            f"{half:10} {style:10} {row.questions:4} {name:8} "
            f"{row.recall_at_5:8.3f} {row.hit_at_5:7.3f} {row.ndcg_at_10:7.3f}"
        )


if __name__ == "__main__":
    main()
