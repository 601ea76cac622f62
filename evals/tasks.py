"""Inspect AI tasks made of our suites: a sample an item, a solver that asks the subject."""

import asyncio
import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from inspect_ai import Task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ModelOutput
from inspect_ai.scorer import Score as InspectScore
from inspect_ai.scorer import Scorer, Target, mean, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver

from evals.scorers import Score
from evals.subjects import Subject
from evals.suites import EvalItem

REPLY, SECONDS, TOKENS = "reply", "seconds", "tokens"
SCORER = "without_a_model"
_SHOWN = ("status", "values", "answer", "retrieved", "model", "fallback")
Judge = Callable[[EvalItem, Mapping[str, Any]], Sequence[Score]]


def task_of(
    suite: str,
    items: Sequence[EvalItem],
    subject: Subject,
    *,
    judges: Sequence[Judge] = (),
    done: Callable[[], None] = lambda: None,
) -> Task:
    """The suite as an Inspect task; ``done`` is called after each item."""
    by_id = {item.id: item for item in items}
    samples = [
        Sample(
            id=item.id,
            input=item.asked,
            target=str(item.expected),
            metadata={"family": item.family, "half": item.half, "expected": item.expected},
        )
        for item in items
    ]
    return Task(
        name=suite,
        dataset=MemoryDataset(samples, name=suite),
        solver=ask(by_id, subject, done),
        scorer=without_a_model(by_id, subject, judges),
        fail_on_error=False,
    )


@solver
def ask(items: Mapping[str, EvalItem], subject: Subject, done: Callable[[], None]) -> Solver:
    """Asks the subject what the sample holds."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:  # noqa: ARG001
        began = time.perf_counter()
        try:
            reply = await asyncio.to_thread(items[str(state.sample_id)].perform, subject)
        finally:
            done()
        state.store.set(SECONDS, round(time.perf_counter() - began, 6))
        state.store.set(REPLY, reply)
        state.store.set(TOKENS, reply.get("tokens"))
        state.output = ModelOutput.from_content("subject", str(reply.get("answer", "")))
        return state

    return solve


@scorer(metrics={"*": [mean()]})
def without_a_model(
    items: Mapping[str, EvalItem], subject: Subject, judges: Sequence[Judge]
) -> Scorer:
    """Judges the reply by rule; what cannot be judged is unscored, not zero."""

    async def score(state: TaskState, target: Target) -> InspectScore:  # noqa: ARG001
        item, reply = items[str(state.sample_id)], state.store.get(REPLY)
        scores = [
            *item.judge(subject, reply),
            *(one for judge in judges for one in judge(item, reply)),
        ]
        return InspectScore(
            value={one.measure: math.nan if one.value is None else one.value for one in scores},
            metadata={"details": {one.measure: one.detail for one in scores if one.detail}},
        )

    return score


def shown(reply: Mapping[str, Any]) -> dict[str, Any]:
    """What a report shows of a reply; a staging report is shown by its stages."""
    told = {name: reply[name] for name in _SHOWN if name in reply}
    if "trials" in reply:
        told["staging"] = reply.get("staging")
    return told
