"""Which drug a medication entry is about: code, Reference, contained Medication or words."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from assistant.staging.record import Evidence
from fhir_adapter import terminology
from fhir_adapter.chart import Chart
from fhir_adapter.concepts import codes, words
from fhir_adapter.node import Node
from fhir_adapter.terminology import Product


class Drugs(NamedTuple):
    """The drugs of one product, and the element that names them."""

    products: tuple[Product, ...]
    evidence: tuple[Evidence, ...]


def drugs_of(entry: Node, chart: Chart) -> Drugs:
    """The drugs that a medication entry names; none where our tables know none of them.

    An entry that names no drug at all leaves an issue.
    """
    named = False
    for concept in _concepts(entry, chart):
        named = True
        found = _identify(concept)
        if found.products:
            return _with_ingredient_strength(found, concept)
    if not named:
        entry.first("medicationCodeableConcept", "medicationReference", "medication").error(
            "names no drug that can be read: the entry is not used"
        )
    return Drugs((), ())


def _concepts(entry: Node, chart: Chart) -> Iterator[Node]:
    """Every element that may name the drug, the most exact first."""
    concept = entry.first("medicationCodeableConcept", "medication.concept")
    if concept:
        yield concept
    reference = entry.first("medicationReference", "medication.reference")
    if not reference:
        return
    if isinstance(reference.value, str):
        reference = entry["medication"]
    medication = chart.target(reference, entry)
    if medication is not None and isinstance(medication.value, dict):
        if medication["code"]:
            yield medication["code"]
        yield from _names_in_identifiers(medication)
    if reference["display"]:
        yield reference["display"]


def _names_in_identifiers(medication: Node) -> Iterator[Node]:
    """Some servers keep the drug's name in an identifier."""
    for identifier in medication.each("identifier"):
        if identifier["value"]:
            yield identifier["value"]


def _identify(concept: Node) -> Drugs:
    if isinstance(concept.value, str):
        return _from_words(((concept.value, concept),), noted=False)
    coded: list[tuple[tuple[Product, ...], Node]] = []
    for code in codes(concept):
        found = terminology.by_code(code.system, code.code)
        if found:
            coded.append((found, code.node["code"]))
    if not coded:
        local = [(code.code, code.node["code"]) for code in codes(concept) if not code.system]
        return _from_words((*words(concept), *local), noted=True)
    coded.sort(key=lambda item: item[0][0].strength is None)
    products, node = coded[0]
    if len({frozenset(p.drug for p in found) for found, _ in coded}) > 1:
        concept.warning("its codes mean different drugs: the most exact one is read")
    return Drugs(_completed(products, concept), (node.evidence("drug"),))


def _completed(products: tuple[Product, ...], concept: Node) -> tuple[Product, ...]:
    """Coded products with what the words add; a contradiction becomes an issue."""
    drugs = {product.drug for product in products}
    for text, node in words(concept):
        named = terminology.by_name(text)
        if named and drugs.isdisjoint(product.drug for product in named):
            node.warning("the words name another drug than the code: the code is read")
            return products
        if len(products) == 1 and products[0].strength is None:
            products = (terminology.refine(products[0], text),)
    return products


def _from_words(texts: tuple[tuple[str, Node], ...], *, noted: bool) -> Drugs:
    for text, node in texts:
        found = terminology.by_name(text)
        if found:
            if noted and any(product.tracked for product in found):
                node.warning("the drug is known by its name only, not by a code")
            return Drugs(found, (node.evidence("drug"),))
    return Drugs((), ())


def _with_ingredient_strength(found: Drugs, concept: Node) -> Drugs:
    return found


def strength_in_mg(ingredient: Node) -> Decimal | None:
    """The strength a Medication states of one ingredient, in mg a unit."""
    ratio = ingredient.first("strength", "strengthRatio", "amount")
    top, bottom = ratio["numerator"], ratio["denominator"]
    value = top["value"].decimal()
    if value is None or (top["code"].text() or top["unit"].text() or "").lower() != "mg":
        return None
    per = bottom["value"].decimal() or Decimal(1)
    return value / per if per > 0 else None


def with_route(product: Product, route: str | None) -> Product:
    """``product`` with the route its instruction gives, where it has none of its own."""
    return product if product.route or not route else replace(product, route=route)
