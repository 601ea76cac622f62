"""The name of any drug, also one that our tables do not know."""

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from fhir_adapter.chart import Chart
from fhir_adapter.concepts import codes, words
from fhir_adapter.node import Node
from fhir_adapter.resources.medication import drugs_of

_WORD = re.compile(r"[a-z][a-z'-]*")
UNNAMED = "unnamed drug"


@dataclass(frozen=True, slots=True, kw_only=True)
class DrugName:
    """What a drug is called, and whether it is an antidepressant of our tables."""

    name: str
    antidepressant: bool = False


def names_of(entry: Node, chart: Chart) -> tuple[DrugName, ...]:
    """The drugs of one entry: of our tables, else the name as recorded, cut to the substance."""
    products = drugs_of(entry, chart).products
    if products:
        return tuple(
            DrugName(name=product.drug, antidepressant=product.role == "antidepressant")
            for product in products
        )
    for text in _recorded(entry, chart):
        name = substance(text)
        if name:
            return (DrugName(name=name),)
    return (DrugName(name=UNNAMED),)


def _recorded(entry: Node, chart: Chart) -> list[str]:
    concept = entry.first("medicationCodeableConcept", "medication.concept")
    found = [text for text, _ in words(concept)] if concept else []
    if concept:
        found += [code.code for code in codes(concept) if not code.system]
    reference = entry.first("medicationReference", "medication.reference")
    if reference and isinstance(reference.value, dict):
        medication = chart.target(reference, entry)
        if medication is not None and isinstance(medication.value, dict):
            found += [text for text, _ in words(medication["code"])]
            names = (node["value"].text() for node in medication.each("identifier"))
            found += [name for name in names if name]
        display = reference["display"].text()
        found += [display] if display else []
    return found


@lru_cache(maxsize=1)
def _words_of_products() -> tuple[frozenset[str], frozenset[str]]:
    """Words of dose forms, and of salts."""
    text = files("fhir_adapter").joinpath("tables/product_words.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return frozenset(table["forms"]), frozenset(table["salts"])


def substance(text: str) -> str:
    """``clonidine hydrochloride 0.1 MG Oral Tablet`` as ``clonidine``."""
    forms, salts = _words_of_products()
    kept: list[str] = []
    for word in text.lower().replace("/", " / ").split():
        plain = word.strip("(),;[]{}.")
        if plain == "/":
            kept.append("/")
        elif plain in forms:
            if kept and kept[-1] != "/":
                break
        elif _WORD.fullmatch(plain) and (plain not in salts or not kept):
            kept.append(plain)
    return " ".join(kept).strip(" /")
