"""Whether a resource can matter to its patient's record, told from its code alone.

Most of a chart is read by nobody: laboratory values and vital signs of other tests, drugs that
staging does not follow, problems of other organs. Each function here answers for the reader of
one type: would it find a fact, or note an issue? ``True`` wherever that is not plain, so that
what is left out changes no record; ``tests/integration/cohort`` holds both paths together.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from fhir_adapter import conditions, reasons, scales
from fhir_adapter.concepts import NOTHING, Concept, Written, interned, written
from fhir_adapter.modifiers import has_modifier
from fhir_adapter.read import READ_TYPES
from fhir_adapter.resources import laboratory, medication, procedure

_TARGETS = frozenset(("Patient", "Medication", "Encounter"))
"""Read where another resource points to them."""


def matters(resource: dict[str, Any]) -> bool:
    """Whether anything is read of ``resource``, or noted about it, in the record of its patient."""
    kind = resource["resourceType"]
    told = _TOLD.get(kind)
    if told is None:
        return kind in READ_TYPES or kind in _TARGETS
    try:
        return told(resource) or has_modifier(resource)
    except TypeError:  # an array or an object where a string should stand
        return True


def _observation(resource: dict[str, Any]) -> bool:
    if _measured(_said(resource, "code")):
        return True
    parts = resource.get("component")
    if parts is None:
        return False
    return type(parts) is not list or any(
        type(part) is not dict or _tested(_said(part, "code")) for part in parts
    )


def _condition(resource: dict[str, Any]) -> bool:
    return _diagnosed(_said(resource, "code"))


def _procedure(resource: dict[str, Any]) -> bool:
    return _performed(_said(resource, "code"))


def _given(resource: dict[str, Any]) -> bool:
    return (
        "medication" in resource
        or "medicationReference" in resource
        or not resource.get("medicationCodeableConcept")
        or _followed(_said(resource, "medicationCodeableConcept"))
    )


def _ordered(resource: dict[str, Any]) -> bool:
    """As :func:`_given`; a fill of another drug may also ask its order for the reason."""
    return _given(resource) or reasons.may_say_why(resource)


def _said(resource: dict[str, Any], name: str) -> Written | None:
    concept = resource.get(name)
    if concept is None:
        return ()
    return written(concept) if type(concept) is dict else None


def _by_code(asked: Callable[[Concept], bool]) -> Callable[[Written | None], bool]:
    """``asked`` of what is written, once for the same codes; yes where it is of an odd shape."""

    @lru_cache(maxsize=16384)
    def answer(said: Written | None) -> bool:
        concept = None if said is None else (interned(said) if said else NOTHING)
        return concept is None or asked(concept)

    return answer


@_by_code
def _measured(concept: Concept) -> bool:
    return (
        scales.phq9_item(concept) is not None
        or scales.named(concept) is not None
        or laboratory.is_read(concept)
    )


@_by_code
def _tested(concept: Concept) -> bool:
    """Of a component: alone it is no rating scale."""
    return laboratory.is_read(concept)


@_by_code
def _diagnosed(concept: Concept) -> bool:
    """A problem is also read as the reason for a drug."""
    return conditions.meanings_of(concept) is not None or reasons.is_reason(concept)


@_by_code
def _performed(concept: Concept) -> bool:
    return procedure.is_read(concept)


@_by_code
def _followed(concept: Concept) -> bool:
    return medication.is_read(concept)


_TOLD: dict[str, Callable[[dict[str, Any]], bool]] = {
    "Observation": _observation,
    "Condition": _condition,
    "Procedure": _procedure,
    "MedicationAdministration": _given,
    "MedicationDispense": _given,
    "MedicationOrder": _ordered,
    "MedicationRequest": _ordered,
    "MedicationStatement": _given,
}
