"""Patient: the person of the report, and the banner above it."""

from dataclasses import dataclass

from assistant.staging.record import Person
from fhir_adapter.node import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """Who the patient is, for display only; never in a log or an error."""

    name: str
    birth_date: str | None
    gender: str | None
    identifiers: tuple[str, ...]


def person(patient: Node) -> Person:
    """The patient as far as staging needs them."""
    return Person(
        reference=patient.reference,
        birth_date=patient["birthDate"].date(),
        sex=patient.text_at("gender"),
        evidence=tuple(
            patient[name].evidence(name) for name in ("birthDate", "gender") if patient[name]
        ),
    )


def banner(patient: Node) -> Banner:
    """The name, birth date, gender and identifiers of a Patient."""
    names = list(patient.each("name"))
    official = next((name for name in names if name.text_at("use") == "official"), None)
    shown = official or (names[0] if names else None)
    return Banner(
        name=_written(shown) if shown else "",
        birth_date=patient.text_at("birthDate"),
        gender=patient.text_at("gender"),
        identifiers=tuple(
            value
            for identifier in patient.each("identifier")
            for value in [identifier.text_at("value")]
            if value
        ),
    )


def _written(name: Node) -> str:
    text = name.text_at("text")
    if text:
        return text
    parts = [part.text() for kind in ("given", "family") for part in name.each(kind)]
    return " ".join(part for part in parts if part)
