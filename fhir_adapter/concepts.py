"""Codings: which code system a URI means, and the codes of a CodeableConcept."""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from fhir_adapter.node import Node
from fhir_adapter.table_files import rows


class Code(NamedTuple):
    """One coding, its system by short name (``rxnorm``, ``icd10`` …; empty if unknown)."""

    system: str
    code: str
    display: str
    node: Node


@cache
def _systems() -> dict[str, str]:
    return {row["uri"]: row["system"] for row in rows("systems")}


def system_name(uri: str | None) -> str:
    """The short name of a code system; empty for one we do not know."""
    if not uri:
        return ""
    return _systems().get(uri) or _systems().get(uri.rstrip("/")) or ""


def codes(concept: Node) -> Iterator[Code]:
    """The codings of a CodeableConcept, or the one coding an element is."""
    if not concept:
        return
    if (
        isinstance(concept.value, dict)
        and "code" in concept.value
        and "coding" not in concept.value
    ):
        yield _code(concept)
        return
    for coding in concept.each("coding"):
        yield _code(coding)


def _code(coding: Node) -> Code:
    return Code(
        system_name(coding["system"].text()),
        coding["code"].text() or "",
        coding["display"].text() or "",
        coding,
    )


def words(concept: Node) -> Iterator[tuple[str, Node]]:
    """What a CodeableConcept says in words: its text, then the displays."""
    text = concept["text"].text() if concept else None
    if text:
        yield text, concept["text"]
    for code in codes(concept):
        if code.display:
            yield code.display, code.node["display"]


def first_code(concept: Node) -> str:
    """The first code of a concept, whatever its system; or the plain code it is."""
    if isinstance(concept.value, str):
        return concept.value.strip()
    return next((code.code for code in codes(concept) if code.code), "")
