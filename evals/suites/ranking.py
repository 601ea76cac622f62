"""The suite ``retrieval``: whether the passages that answer a question are found."""

import json
import math
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from evals.scorers import Score, told
from evals.subjects import Subject
from evals.suites import FOLDER, EvalItem, Options, Suite

_DEPTH = 10
_SHORT = 5


def items(options: Options) -> Iterator[EvalItem]:  # noqa: ARG001 - one shape for every suite
    """Every wording of every family."""
    lines = (FOLDER / "retrieval" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    for row in map(json.loads, lines):
        for style, question in row["questions"].items():
            yield EvalItem(
                id=f"{row['family']}.{style}",
                family=f"{style}",
                asked=question,
                expected=row["relevant"],
                perform=partial(_search, question),
                judge=partial(_judge, frozenset(row["relevant"])),
                half=row["half"],
            )


def _search(question: str, subject: Subject) -> dict[str, Any]:
    return {"retrieved": subject.search(question, _DEPTH)}


def _judge(relevant: frozenset[str], _: Subject, reply: dict[str, Any]) -> Iterable[Score]:
    ranked = reply["retrieved"]
    first = ranked[:_SHORT]
    yield told("hit in 5", bool(relevant & set(first)), f"found {first}")
    yield Score("recall in 5", len(relevant & set(first)) / min(len(relevant), _SHORT))
    gain = sum(1 / math.log2(n + 2) for n, one in enumerate(ranked[:_DEPTH]) if one in relevant)
    ideal = sum(1 / math.log2(n + 2) for n in range(min(len(relevant), _DEPTH)))
    yield Score("nDCG in 10", gain / ideal)


RETRIEVAL = Suite(
    name="retrieval",
    title="Passages found for a question",
    items=items,
    datasets=("retrieval",),
)
