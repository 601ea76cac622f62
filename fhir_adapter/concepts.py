"""Codings: which code system a URI means, and the codes of a CodeableConcept."""

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from fhir_adapter.node import Node
from fhir_adapter.table_files import rows


class Code(NamedTuple):
    """One coding, its system by short name (``rxnorm``, ``icd10`` …; empty if unknown)."""

    system: str
    code: str
    display: str
    path: str
    """Where it stands inside its concept: ``coding[0]``, or empty where it is the concept."""


class Concept(NamedTuple):
    """What a CodeableConcept says, apart from where it stands: equal ones mean the same."""

    text: str
    codes: tuple[Code, ...]

    def words(self) -> Iterator[tuple[str, str]]:
        """Its text, then the displays, each with its path inside the concept."""
        if self.text:
            yield self.text, "text"
        for code in self.codes:
            if code.display:
                yield code.display, f"{code.path}.display" if code.path else "display"


NOTHING = Concept("", ())


@cache
def _systems() -> dict[str, str]:
    return {row["uri"]: row["system"] for row in rows("systems")}


def system_name(uri: str | None) -> str:
    """The short name of a code system; empty for one we do not know."""
    if not uri:
        return ""
    return _systems().get(uri) or _systems().get(uri.rstrip("/")) or ""


def concept_of(node: Node) -> Concept:
    """What a CodeableConcept (or a Coding, or a plain string) says; faults become issues."""
    value = node.value
    if type(value) is not dict:
        return _odd(node)
    coding = value.get("coding")
    text = value.get("text")
    found: tuple[Code, ...]
    if coding is None:
        found = (_code(node, value, ""),) if "code" in value else ()
    elif type(coding) is list:
        found = tuple(
            _code(node, item, f"coding[{index}]")
            for index, item in enumerate(coding)
            if item is not None
        )
    else:
        found = tuple(_code(item, item.value, "coding") for item in node.each("coding"))
    return Concept(text.strip() if type(text) is str else node.text_at("text") or "", found)


def _odd(node: Node) -> Concept:
    """A concept that is no object: a plain string is its text, anything else an issue."""
    if isinstance(node.value, str):
        return Concept(node.value.strip(), ())
    if node:
        node.text_at("coding")
    return NOTHING


def _code(concept: Node, value: Any, path: str) -> Code:
    if type(value) is dict:
        system, code, display = value.get("system"), value.get("code"), value.get("display")
        if (
            (system is None or type(system) is str)
            and (code is None or type(code) is str)
            and (display is None or type(display) is str)
        ):
            return Code(system_name(system), (code or "").strip(), (display or "").strip(), path)
    coding = concept.inside(path, value)
    return Code(
        system_name(coding.text_at("system")),
        coding.text_at("code") or "",
        coding.text_at("display") or "",
        path,
    )


def first_code(node: Node) -> str:
    """The first code of a concept, whatever its system; or the plain code it is."""
    if isinstance(node.value, str):
        return node.value.strip()
    if not node:
        return ""
    return next((code.code for code in concept_of(node).codes if code.code), "")


def codes(node: Node) -> tuple[Code, ...]:
    """The codings of a CodeableConcept."""
    return concept_of(node).codes if node else ()


def words(node: Node) -> Iterator[tuple[str, Node]]:
    """What a CodeableConcept says in words, each with its element."""
    if node:
        for text, path in concept_of(node).words():
            yield text, node.at(path)
