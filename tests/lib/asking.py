"""Asks the answering layer as the service does: a real record, a small knowledge of our own."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from assistant.answering.answer import Answer, answer
from assistant.answering.case import AsOf, Case
from assistant.answering.conversation import Turn
from assistant.bootstrap import open_case
from fhir_adapter.read import read_bundle
from tests.lib import demo


@dataclass(frozen=True, kw_only=True)
class FakePassage:
    """A passage that states one rule."""

    passage_id: str
    source_id: str = "trd-article"
    section: str = "A section"
    text: str = "A passage."


@dataclass(frozen=True)
class FakeHit:
    """A passage found."""

    passage: FakePassage
    score: float = 1.0


@dataclass(frozen=True)
class FakeFindings:
    """What the fake found."""

    hits: Sequence[FakeHit]
    answered: bool


class FakeKnowledge:
    """Knows one passage for every rule; answers what one of its passages names."""

    embedder = None

    def __init__(self, *passages: FakePassage) -> None:
        self.passages = passages

    def find(self, query: str, k: int = 5) -> FakeFindings:
        """The passages that share a word with the query."""
        words = set(query.lower().strip("?").split())
        found = [p for p in self.passages if words & set(p.text.lower().split())]
        return FakeFindings([FakeHit(p) for p in found[:k]], bool(found))

    def passages_for_rule(self, rule_id: str) -> Sequence[FakePassage]:
        """One passage a rule."""
        return [FakePassage(passage_id=f"rule/{rule_id}", text=f"The rule {rule_id}.")]


@cache
def demo_case(patient_id: str) -> Case:
    """A demo patient, opened."""
    return open_case(read_bundle(demo.bundle(patient_id)))


def case_of(*resources: dict[str, Any]) -> Case:
    """A record of these resources of one patient."""
    patient = {"resourceType": "Patient", "id": "p1", "identifier": [{"value": "4711"}],
               "gender": "female", "birthDate": "1980-05"}  # fmt: skip
    entries = [{"resource": patient}]
    for place, resource in enumerate(resources):
        whole = {"id": f"r{place}", "status": "completed", **resource}
        owner = "patient" if whole["resourceType"] == "AllergyIntolerance" else "subject"
        entries.append({"resource": {owner: {"reference": "Patient/p1"}, **whole}})
    return open_case(
        read_bundle({"resourceType": "Bundle", "type": "collection", "entry": entries})
    )


def ask(
    question: str,
    *,
    case: Case | None,
    as_of: str = "2024-06-03",
    history: Sequence[str] = (),
    knowledge: FakeKnowledge | None = None,
) -> Answer:
    """One answer."""
    return answer(
        question,
        case=case,
        knowledge=knowledge or FakeKnowledge(),
        history=[Turn(question=earlier) for earlier in history],
        as_of=AsOf.parse(as_of),
    )


def ask_demo(question: str, patient_id: str = "worked-case", **more: Any) -> Answer:
    """One answer about a demo patient, at the date of its story."""
    when = demo.as_of(patient_id).isoformat()
    return ask(question, case=demo_case(patient_id), as_of=when, **more)
