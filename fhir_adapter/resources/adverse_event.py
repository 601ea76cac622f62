"""AdverseEvent to DrugReaction: an actual event with a suspected drug."""

from collections.abc import Iterator

from assistant.staging.record import DrugReaction
from fhir_adapter.chart import Chart
from fhir_adapter.facts import Facts
from fhir_adapter.node import Node
from fhir_adapter.resources.medication import Drugs, drugs_of, identify


def read(event: Node, chart: Chart, facts: Facts) -> None:
    """Add a reaction for each drug that the event suspects."""
    if event.text_at("status") == "entered-in-error":
        return
    suspected = [
        (product.drug, found.evidence)
        for entity in event.each("suspectEntity")
        for found in _suspected(entity, event, chart)
        for product in found.products
        if product.tracked
    ]
    if not suspected:
        return
    if event.text_at("actuality") == "potential":
        event["actuality"].warning("a potential event did not happen: it is not read")
        return
    when = event.first(
        "date", "occurrenceDateTime", "occurrencePeriod.start", "detected", "recordedDate"
    )
    date = when.date()
    for drug, evidence in dict(suspected).items():
        dated = (when.evidence("date"),) if when else ()
        facts.reactions.append(DrugReaction(drug=drug, date=date, evidence=(*evidence, *dated)))


def _suspected(entity: Node, event: Node, chart: Chart) -> Iterator[Drugs]:
    concept = entity["instanceCodeableConcept"]
    if concept:
        yield identify(concept)
    reference = entity.first("instance", "instanceReference")
    if not reference:
        return
    target = chart.target(reference, event)
    if target is None or not isinstance(target.value, dict):
        if reference["display"]:
            yield identify(reference["display"])
        return
    found = (
        identify(target["code"])
        if target.value.get("resourceType") == "Medication"
        else drugs_of(target, chart)
    )
    yield Drugs(found.products, (reference.evidence("drug"), *found.evidence))
