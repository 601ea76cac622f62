"""Why a drug was given, and why it was stopped.

Codes first: ``tables/stop_reasons.csv`` (SNOMED CT and HL7 status reasons) and
the diagnosis tables. Words are the last resort (``tables/reason_words.csv``,
``tables/indication_words.csv``) and a denied phrase ("no side effects") does not
count. A reason that names two causes, or none we know, is an issue and stays
unknown.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from assistant.staging.record import Evidence, Indication, StopReason
from fhir_adapter import conditions
from fhir_adapter.chart import Chart
from fhir_adapter.concepts import Concept, concept_of
from fhir_adapter.node import Node
from fhir_adapter.table_files import rows

_DENIED = re.compile(r"\b(no|not|without|denies|denied|free of)\s+(\w+\s+)?$")
_REASON_ELEMENTS = (
    "reasonCode", "reasonForUseCodeableConcept", "reasonCodeableConcept", "reasonReference",
    "reasonForUseReference", "reason", "dosageInstruction", "dosage",
)  # fmt: skip
_DOSAGES = ("dosageInstruction", "dosage")
_STOP_ELEMENTS = ("statusReason", "reasonNotTaken", "statusReasonCodeableConcept", "reasonEnded")
_DEPRESSION = ("depression", "persistent_depressive_disorder")


@cache
def _coded_stops() -> dict[tuple[str, str], StopReason]:
    return {(row["system"], row["code"]): StopReason(row["reason"]) for row in rows("stop_reasons")}


def stop_reason(entry: Node) -> tuple[StopReason | None, tuple[Evidence, ...]]:
    """Why the drug was stopped (or not taken), with its element."""
    for node in _stop_concepts(entry):
        found = _stop(concept_of(node))
        if found:
            return found, (node.evidence("stop_reason"),)
        node.warning("a stop reason that is not understood: it stays unknown")
    return None, ()


def _stop_concepts(entry: Node) -> Iterator[Node]:
    for name in _STOP_ELEMENTS:
        yield from (node for node in entry.each(name) if node)
    reason = entry["adherence"]["reason"] if entry.has("adherence") else None
    if reason:
        yield reason


@lru_cache(maxsize=1024)
def _stop(concept: Concept) -> StopReason | None:
    for code in concept.codes:
        found = _coded_stops().get((code.system, code.code))
        if found:
            return found
    return _worded_stop(concept)


def _worded_stop(concept: Concept) -> StopReason | None:
    found = {
        StopReason(row["reason"])
        for text, _ in concept.words()
        for row in rows("reason_words")
        if _says(text.lower(), row["phrase"])
    }
    clinical = found - {StopReason.OTHER}
    if len(clinical) == 1:
        return clinical.pop()
    return StopReason.OTHER if found == {StopReason.OTHER} else None


def _says(text: str, phrase: str) -> bool:
    start = text.find(phrase)
    if start < 0 or (start > 0 and text[start - 1].isalnum()):
        return False
    return _DENIED.search(text[:start]) is None


def indication(entry: Node, chart: Chart) -> tuple[Indication | None, tuple[Evidence, ...]]:
    """What the drug was given for: depression wins where several reasons stand."""
    found: list[tuple[Indication, Node]] = []
    for node in _reason_concepts(entry, chart):
        read = _indication(concept_of(node))
        if read:
            found.append((read, node))
    found.sort(key=lambda item: not item[0].depression)
    if not found:
        return None, ()
    return found[0][0], (found[0][1].evidence("indication"),)


def _reason_concepts(entry: Node, chart: Chart) -> Iterator[Node]:
    if not entry.has(*_REASON_ELEMENTS):
        return
    for name in ("reasonCode", "reasonForUseCodeableConcept", "reasonCodeableConcept"):
        yield from entry.each(name)
    for reference in [*entry.each("reasonReference"), *entry.each("reasonForUseReference")]:
        yield from _code_of(reference, entry, chart)
    for reason in entry.each("reason"):
        if reason["concept"]:
            yield reason["concept"]
        if reason["reference"]:
            yield from _code_of(reason["reference"], entry, chart)
    for name in _DOSAGES:
        for dosage in entry.each(name):
            if isinstance(dosage.value, dict):
                yield from dosage.each("asNeededFor")


def _code_of(reference: Node, entry: Node, chart: Chart) -> Iterator[Node]:
    target = chart.target(reference, entry)
    if target is not None and isinstance(target.value, dict):
        if target.value.get("resourceType") == "Condition" and target["code"]:
            yield target["code"]
    elif reference["display"]:
        yield reference["display"]


def is_reason(concept: Concept) -> bool:
    """Whether a concept tells why a drug was given."""
    return _indication(concept) is not None


def may_say_why(entry: dict[str, Any]) -> bool:
    """Whether a medication entry has an element that may tell why the drug was given."""
    if any(entry.get(name) is not None for name in _REASON_ELEMENTS if name not in _DOSAGES):
        return True
    for name in _DOSAGES:
        held = entry.get(name)
        for dosage in held if isinstance(held, list) else [held]:
            if isinstance(dosage, dict) and dosage.get("asNeededFor") is not None:
                return True
    return False


@lru_cache(maxsize=1024)
def _indication(concept: Concept) -> Indication | None:
    worded = _worded_indication(concept)
    found = conditions.meanings_of(concept)
    if found is None:
        return worded
    (meaning, *_), _ = found
    if meaning.category in _DEPRESSION:
        return Indication(depression=True, label="depression")
    named = worded.label if worded and not worded.depression else meaning.label
    return Indication(depression=False, label=named)


def _worded_indication(concept: Concept) -> Indication | None:
    for text, _ in concept.words():
        for row in rows("indication_words"):
            if _says(text.lower(), row["phrase"]):
                return Indication(depression=row["depression"] == "yes", label=row["label"])
    return None
