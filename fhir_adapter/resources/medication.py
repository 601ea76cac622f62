"""Which drug a medication entry is about: code, Reference, contained Medication or words."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from assistant.staging.record import Evidence
from fhir_adapter import terminology
from fhir_adapter.chart import Chart
from fhir_adapter.concepts import Concept, concept_of
from fhir_adapter.node import Node
from fhir_adapter.terminology import Product

_REFERENCES = ("medicationReference", "medication")
_MEDICATION = ("medicationCodeableConcept", *_REFERENCES)


class Drugs(NamedTuple):
    """The drugs of one product, and the elements that name them."""

    products: tuple[Product, ...]
    evidence: tuple[Evidence, ...]

    @property
    def read_by_staging(self) -> bool:
        """Whether any of them is a drug that staging reads (or must tell apart)."""
        return any(product.tracked or product.look_alike for product in self.products)


_NO_DRUGS = Drugs((), ())


def drugs_of(entry: Node, chart: Chart) -> Drugs:
    """The drugs that a medication entry names; none where our tables know none of them.

    An entry that names no drug at all leaves an issue.
    """
    concept = entry.first("medicationCodeableConcept", "medication.concept")
    medication = _medication(entry, chart)
    named = False
    for element in _naming(concept, medication):
        named = True
        found = identify(element)
        if found.products:
            return found if medication is None else _with_stated_strength(found, medication)
    combined = _of_ingredients(medication) if medication is not None else _NO_DRUGS
    if combined.products:
        return combined
    display = _reference(entry)["display"] if entry.has(*_REFERENCES) else None
    if display:
        return identify(display)
    if not named:
        entry.first(*_MEDICATION).error("names no drug that can be read: the entry is not used")
    return _NO_DRUGS


def _reference(entry: Node) -> Node:
    node = entry["medicationReference"]
    if node:
        return node
    if isinstance(entry["medication"].value, dict):
        inner = entry["medication"]["reference"]
        return inner if isinstance(inner.value, dict) else entry["medication"]
    return node


def _medication(entry: Node, chart: Chart) -> Node | None:
    """The Medication resource an entry points to, contained or not."""
    if not entry.has(*_REFERENCES):
        return None
    reference = _reference(entry)
    found = chart.target(reference, entry) if reference else None
    return found if found is not None and isinstance(found.value, dict) else None


def _naming(concept: Node, medication: Node | None) -> Iterator[Node]:
    """Every element that may name the drug, the most exact first."""
    if concept:
        yield concept
    if medication is None:
        return
    if medication["code"]:
        yield medication["code"]
    # MIMIC keeps the drug's name in an identifier of the Medication.
    for identifier in medication.each("identifier"):
        if identifier["value"]:
            yield identifier["value"]


class _Named(NamedTuple):
    """What a concept names, and where inside it; ``remarks`` are problems by path."""

    products: tuple[Product, ...]
    path: str
    remarks: tuple[tuple[str, str], ...] = ()


def identify(node: Node) -> Drugs:
    """The drugs that a CodeableConcept (or a plain string) names."""
    found = _named(concept_of(node))
    if found is None:
        return _NO_DRUGS
    plain = isinstance(node.value, str)
    for path, problem in found.remarks:
        (node if plain else node.at(path)).warning(problem)
    return Drugs(found.products, ((node if plain else node.at(found.path)).evidence("drug"),))


def is_read(concept: Concept) -> bool:
    """Whether a concept means a drug that staging reads, or one that leaves an issue."""
    found = _named(concept)
    return found is not None and (bool(found.remarks) or Drugs(found.products, ()).read_by_staging)


@lru_cache(maxsize=4096)
def _named(concept: Concept) -> _Named | None:
    coded: list[tuple[tuple[Product, ...], str]] = []
    for code in concept.codes:
        found = terminology.by_code(code.system, code.code)
        if found:
            coded.append((found, f"{code.path}.code".strip(".")))
    if not coded:
        local = [(c.code, f"{c.path}.code".strip(".")) for c in concept.codes if not c.system]
        return _from_words([*concept.words(), *local])
    coded.sort(key=lambda item: item[0][0].strength is None)
    products, path = coded[0]
    remarks: tuple[tuple[str, str], ...] = ()
    if len({frozenset(product.drug for product in found) for found, _ in coded}) > 1:
        remarks = (("", "its codes mean different drugs: the most exact one is read"),)
    return _completed(products, path, remarks, concept)


def _completed(
    products: tuple[Product, ...],
    path: str,
    remarks: tuple[tuple[str, str], ...],
    concept: Concept,
) -> _Named:
    """Coded products with what the words add; a contradiction becomes a remark."""
    drugs = {product.drug for product in products}
    for text, where in concept.words():
        named = terminology.by_name(text)
        if named and drugs.isdisjoint(product.drug for product in named):
            problem = "the words name another drug than the code: the code is read"
            return _Named(products, path, (*remarks, (where, problem)))
        if len(products) == 1 and products[0].strength is None:
            products = (terminology.refine(products[0], text),)
    return _Named(products, path, remarks)


def _from_words(texts: list[tuple[str, str]]) -> _Named | None:
    for text, path in texts:
        found = terminology.by_name(text)
        if found:
            by_name = "the drug is known by its name only, not by a code"
            noted = any(product.role in ("antidepressant", "augmentation") for product in found)
            products = _with_strength_of(found, [text for text, _ in texts])
            return _Named(products, path, ((path, by_name),) if noted else ())
    return None


def _with_strength_of(products: tuple[Product, ...], texts: list[str]) -> tuple[Product, ...]:
    """One product with the strength that another wording of it gives."""
    for text in texts:
        if len(products) != 1 or products[0].strength is not None:
            break
        products = (terminology.refine(products[0], text),)
    return products


def _of_ingredients(medication: Node) -> Drugs:
    """The drugs of a Medication that names only its ingredients."""
    found: list[Product] = []
    evidence: list[Evidence] = []
    for ingredient in medication.each("ingredient"):
        item = ingredient.first("itemCodeableConcept", "item.concept", "item")
        products, where = identify(item) if item else _NO_DRUGS
        strength = strength_in_mg(ingredient)
        found += [
            product if strength is None else replace(product, strength=strength)
            for product in products
        ]
        evidence += where
    named = {product.drug for product in found}
    if named == {"bupropion", "dextromethorphan"}:
        bupropion = next(product for product in found if product.drug == "bupropion")
        found = [replace(bupropion, drug="bupropion | dextromethorphan")]
    return Drugs(tuple(found), tuple(evidence))


def _with_stated_strength(drugs: Drugs, medication: Node) -> Drugs:
    """One product without a strength in its code or name takes that of its only ingredient."""
    ingredients = list(medication.each("ingredient"))
    if len(drugs.products) != 1 or drugs.products[0].strength is not None or len(ingredients) != 1:
        return drugs
    strength = strength_in_mg(ingredients[0])
    if strength is None:
        return drugs
    return Drugs((replace(drugs.products[0], strength=strength),), drugs.evidence)


def strength_in_mg(ingredient: Node) -> Decimal | None:
    """The strength a Medication states of one ingredient, in mg a unit of the form."""
    ratio = ingredient.first("strength", "strengthRatio", "amount")
    if not ratio:
        return None
    top, bottom = ratio["numerator"], ratio["denominator"]
    value, per = top.decimal_at("value"), bottom.decimal_at("value") or Decimal(1)
    unit = (bottom.text_at("code") or bottom.text_at("unit") or "").lower()
    if (top.text_at("code") or top.text_at("unit") or "").lower() != "mg" or unit == "ml":
        return None
    return value / per if value and value > 0 and per > 0 else None
