"""A model plans in the closed set: what it names that is not in it is not done.

It is asked only where neither rules nor examples recognise a question about a record, and it
sees the words of the question that our tables know, the topics, and the trials by drug.
"""

import json
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from assistant.answering.case import Case
from assistant.answering.disclosure import told_question
from assistant.answering.model import Call
from assistant.answering.plan import Aggregate, Attribute, Bound, Explain, Lookup, Step, Topic
from assistant.answering.vocabulary import entry_kinds
from assistant.answering.words import Words
from assistant.answering.write.context import Context
from assistant.answering.write.stages import ALL_METHODS

MAX_STEPS = 3

_INSTRUCTION = (
    "Turn a psychiatrist's question about one patient into a plan of at most three steps. "
    "A step explains one topic of the staging report (topic; trial by its id where one is meant; "
    "method and bound where a stage is asked for), or looks up entries of the chart (kind, drug, "
    "aggregate). Use null for what does not apply. If nothing fits, give no steps. "
    "Reply with JSON only."
)


class PlannedStep(BaseModel):
    """One step as a model may name it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    topic: str | None = Field(max_length=40)
    trial: str | None = Field(max_length=8)
    method: str | None = Field(max_length=40)
    bound: Literal["working", "at_least", "at_most", "range"] | None
    kind: str | None = Field(max_length=40)
    drug: str | None = Field(max_length=60)
    aggregate: Literal["first", "last", "count", "list", "exists"] | None


class PlannedQuestion(BaseModel):
    """A plan as a model may reply it."""

    model_config = ConfigDict(extra="forbid", strict=True, title="plan")

    steps: list[PlannedStep] = Field(max_length=MAX_STEPS)


def schema() -> dict[str, Any]:
    """The JSON schema of a plan; topics and kinds as the closed lists they are."""
    told = PlannedQuestion.model_json_schema()
    step = told["$defs"]["PlannedStep"]["properties"]
    step["topic"] = {"enum": [*(topic.value for topic in Topic), None]}
    step["kind"] = {"enum": [*_KINDS, None]}
    step["method"] = {"enum": [*ALL_METHODS, None]}
    return told


_KINDS = tuple(kind for kind in entry_kinds() if not kind.startswith("patient_"))


def planned(call: Call, words: Words, context: Context) -> tuple[Step, ...]:
    """The steps that a model takes the question to ask for; none where it names none of ours."""
    if context.case is None:
        return ()
    told = {
        "question": told_question(words, context.case),
        "topics": [topic.value for topic in Topic],
        "kinds": list(_KINDS),
        "methods": list(ALL_METHODS),
        "trials": {trial.id: trial.drug for trial in context.report.trials},
    }
    messages = [("system", _INSTRUCTION), ("human", json.dumps(told))]
    reply = call.value(schema(), PlannedQuestion.model_validate_json, messages)
    if reply is None:
        return ()
    steps = (_step(item, words, context.case, context) for item in reply.steps)
    return tuple(dict.fromkeys(step for step in steps if step is not None))


def _step(item: PlannedStep, words: Words, case: Case, context: Context) -> Step | None:
    """One step of ours, or None where the model names anything that is not."""
    if item.topic is not None:
        return _explained(item, words, [trial.id for trial in context.report.trials])
    if item.kind not in _KINDS:
        return None
    named = (item.drug,) if item.drug is not None and item.drug in words.drugs else words.drugs
    names = tuple(name for drug in named for name in case.index.containing(drug, item.kind))
    return Lookup(
        kind=item.kind,
        names=names,
        named=bool(named),
        window=words.window,
        aggregate=Aggregate(item.aggregate) if item.aggregate else Aggregate.LIST,
        attribute=Attribute.ENTRY,
    )


def _explained(item: PlannedStep, words: Words, trials: Sequence[str]) -> Explain | None:
    if item.topic not in set(Topic):
        return None
    return Explain(
        topic=Topic(item.topic),
        trials=(item.trial,) if item.trial in trials and item.trial is not None else words.trials,
        methods=(item.method,) if item.method in ALL_METHODS and item.method else words.methods,
        bound=Bound(item.bound) if item.bound else words.bound,
    )
