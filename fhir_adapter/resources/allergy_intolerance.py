"""AllergyIntolerance to DrugReaction: an intolerance is evidence about a trial."""

from assistant.staging.record import DrugReaction
from fhir_adapter.chart import Chart
from fhir_adapter.concepts import first_code
from fhir_adapter.facts import Facts
from fhir_adapter.node import Node
from fhir_adapter.resources.medication import identify

_NOT_HELD = ("refuted", "entered-in-error")


def read(allergy: Node, chart: Chart, facts: Facts) -> None:  # noqa: ARG001 - one signature
    """Add a reaction for each drug that the entry names."""
    concepts = [allergy.first("code", "substance")]
    concepts += [reaction["substance"] for reaction in allergy.each("reaction")]
    named = {
        product.drug: evidence
        for concept in concepts
        if concept
        for products, evidence in [identify(concept)]
        for product in products
        if product.tracked
    }
    if not named:
        return
    node = allergy["verificationStatus"]
    verification = first_code(node) or first_code(allergy["status"])
    if verification in _NOT_HELD:
        return
    if verification == "unconfirmed":
        node.warning("an unconfirmed intolerance proves none: it is not read")
        return
    when = _when(allergy)
    date = when.date() if when else None
    for drug, evidence in named.items():
        dated = (when.evidence("date"),) if when else ()
        facts.reactions.append(DrugReaction(drug=drug, date=date, evidence=(*evidence, *dated)))


def _when(allergy: Node) -> Node | None:
    """The onset (of the entry, else of its first reaction), else the date of recording."""
    reactions = [reaction["onset"] for reaction in allergy.each("reaction")]
    candidates = [
        allergy.first("onsetDateTime", "onsetPeriod.start", "onset"),
        *reactions,
        allergy.first("recordedDate", "assertedDate"),
    ]
    return next((node for node in candidates if node), None)
