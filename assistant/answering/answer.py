"""One question to one answer: plan, evidence, write, ground."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from assistant import __version__
from assistant.answering.case import AsOf, Case
from assistant.answering.compose import Composed, Release, compose
from assistant.answering.conversation import Turn
from assistant.answering.disclosure import Disclosure
from assistant.answering.evidence import Citation, Draft
from assistant.answering.general import is_general
from assistant.answering.model import Call, Model
from assistant.answering.plan import Knowledge, QueryPlan
from assistant.answering.planner import plan_question
from assistant.answering.ports import KnowledgePort
from assistant.answering.safe_text import question_text
from assistant.answering.wording import Writer
from assistant.answering.words import read_words
from assistant.answering.write.context import Context
from assistant.answering.write.steps import write_step

SCHEMA = "answer/1"
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer with its citations, as ``answer/1`` of contract.md."""

    status: str
    text: str
    values: tuple[str, ...]
    citations: tuple[tuple[str, Citation], ...]
    retrieved: tuple[str, ...]
    plan: QueryPlan
    staging: Mapping[str, Any] | None
    fallback: bool
    model: str | None
    as_of: str
    ms: float

    def to_json(self) -> dict[str, Any]:
        """The answer as plain JSON values."""
        return {
            "schema": SCHEMA,
            "status": self.status,
            "fallback": self.fallback,
            "answer": self.text,
            "values": list(self.values),
            "citations": [citation.to_json(key) for key, citation in self.citations],
            "retrieved": list(self.retrieved),
            "plan": self.plan.to_json(),
            "staging": self.staging,
            "model": self.model,
            "as_of": self.as_of,
            "version": __version__,
            "ms": self.ms,
        }


def answer(  # noqa: PLR0913 - keywords but the question
    question: str,
    *,
    case: Case | None,
    knowledge: KnowledgePort,
    history: Sequence[Turn] = (),
    as_of: AsOf | date,
    model: Model | None = None,
    release: Release | None = None,
    clock: Clock = time.perf_counter,
) -> Answer:
    """Answer ``question`` about ``case``, or about the sources alone where it is None.

    ``model`` may help to plan and to word; it is called once at most, and without it
    nothing is missing. ``release`` is given each piece of the text once it has been checked.
    """
    started = clock()
    moment = as_of if isinstance(as_of, AsOf) else AsOf.of(as_of)
    context = Context(case=case, knowledge=knowledge, as_of=moment)
    plan = plan_question(question_text(question), context, history)
    call = Call(model) if model is not None else None
    if call is not None and _is_unplanned(plan):
        plan = _replanned(plan, question, call, context)
    drafts: list[Draft] = [write_step(step, context) for step in plan.steps]
    wording = Writer(call, Disclosure(case)) if call is not None and not call.made else None
    composed: Composed = compose(drafts, plan, moment, wording, release)
    return Answer(
        status=composed.status,
        text=composed.text,
        values=composed.values,
        citations=composed.citations,
        retrieved=composed.retrieved,
        plan=plan,
        staging=composed.staging(context, plan),
        fallback=composed.replaced or (call is not None and call.failed),
        model=model.name if model is not None and call is not None and call.made else None,
        as_of=moment.text,
        ms=round((clock() - started) * 1000, 1),
    )


def _is_unplanned(plan: QueryPlan) -> bool:
    """Whether the rules made nothing of the question."""
    return not plan.emergency and all(isinstance(step, Knowledge) for step in plan.steps)


def _replanned(plan: QueryPlan, question: str, call: Call, context: Context) -> QueryPlan:
    """The plan of a model for a question about the record that the rules do not recognise."""
    from assistant.answering.model_plan import planned  # noqa: PLC0415 - pydantic takes a while

    words = read_words(question_text(question), context)
    if context.case is None or is_general(words):
        return plan
    steps = planned(call, words, context)
    return replace(plan, steps=steps) if steps else plan
