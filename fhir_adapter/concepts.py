"""Codings: which code system a URI means, and the codes of a CodeableConcept."""

from collections.abc import Iterator
from functools import cache, lru_cache
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
    return _usual(value) or _any_shape(node, value)


def concept_at(node: Node, name: str) -> Concept:
    """What the child ``name`` says; the same as ``concept_of(node[name])``, but cheaper."""
    value = node.value
    if type(value) is dict:
        child = value.get(name)
        if child is None:
            return NOTHING
        if type(child) is dict:
            found = _usual(child)
            if found is not None:
                return found
    return concept_of(node[name])


Written = tuple[Any, ...]
"""A concept as it is written: its text, then system, code and display of each coding."""


def _usual(value: dict[str, Any]) -> Concept | None:
    """The concept of a text and a list of codings; None where an element is of another kind."""
    said = written(value)
    try:
        return None if said is None else interned(said)
    except TypeError:  # an array or an object where a string should stand
        return None


def written(value: dict[str, Any]) -> Written | None:
    """What a CodeableConcept says word by word; None where a coding is no object."""
    coding = value.get("coding")
    said = [value.get("text")]
    if type(coding) is list:
        for item in coding:
            if type(item) is not dict:
                return None
            said += (item.get("system"), item.get("code"), item.get("display"))
    elif coding is not None or "code" in value:
        return None
    return tuple(said)


@lru_cache(maxsize=8192)
def interned(said: Written) -> Concept | None:
    """One and the same concept for the same words and codes: what it means is looked up once.

    None where one of them is no string.
    """
    if any(part is not None and type(part) is not str for part in said):
        return None
    text, *parts = [part or "" for part in said]
    coded = (parts[index : index + 3] for index in range(0, len(parts), 3))
    return Concept(
        text.strip(),
        tuple(
            Code(system_name(system), code.strip(), display.strip(), f"coding[{index}]")
            for index, (system, code, display) in enumerate(coded)
        ),
    )


def _any_shape(node: Node, value: dict[str, Any]) -> Concept:
    """A single Coding, or a concept with faults; each fault becomes an issue."""
    itself = value.get("coding") is None and "code" in value
    found = tuple(
        Code(
            system_name(item.text_at("system")),
            item.text_at("code") or "",
            item.text_at("display") or "",
            item.path.removeprefix(node.path).strip("."),
        )
        for item in ((node,) if itself else node.each("coding"))
    )
    return Concept(node.text_at("text") or "", found)


def _odd(node: Node) -> Concept:
    """A concept that is no object: a plain string is its text, anything else an issue."""
    if isinstance(node.value, str):
        return Concept(node.value.strip(), ())
    if node:
        node.text_at("coding")
    return NOTHING


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
