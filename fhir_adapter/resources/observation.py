"""Observation: totals and items of rating scales; laboratory values beside it."""

from fhir_adapter import answers, scales
from fhir_adapter.administrations import Administration
from fhir_adapter.chart import Chart
from fhir_adapter.concepts import Concept, concept_at
from fhir_adapter.facts import Facts
from fhir_adapter.node import Node
from fhir_adapter.observed import COUNTED, effective
from fhir_adapter.resources import laboratory


def read(observation: Node, chart: Chart, facts: Facts) -> None:  # noqa: ARG001 - one signature
    """Add what the Observation says of a rating scale, and its laboratory values."""
    about = concept_at(observation, "code")
    one = _administration(observation, about)
    if one is not None:
        facts.administrations.append(one)
    facts.labs += laboratory.results(observation, about)


def _administration(observation: Node, about: Concept) -> Administration | None:
    item = scales.phq9_item(about)
    named = scales.named(about) if item is None else None
    if item is None and named is None:
        return None
    if not _counts(observation):
        return None
    if named is not None and named.remark:
        observation["code"].warning(named.remark)
    if named is not None and not named.scale:
        return None
    date = effective(observation)
    if date is None:
        observation.warning("a score without a date: it is not read")
        return None
    one = Administration(
        scale=named.scale if named else scales.PHQ9,
        date=date,
        preliminary=observation.text_at("status") == "preliminary",
        reference=observation.reference,
    )
    if item is not None:
        _add_item(one, item, observation)
    else:
        _add_total(one, observation)
        _add_components(one, observation)
    if named is not None and named.panel and one.total is not None:
        observation["code"].warning("the code of the panel carries the total: read as the total")
    return one if one.items or one.total is not None else None


def _counts(observation: Node) -> bool:
    status = observation.text_at("status")
    if status in COUNTED:
        if status == "preliminary":
            observation["status"].warning("a preliminary result")
        return True
    observation["status"].warning("a score with this status does not count: it is not read")
    return False


def _add_item(one: Administration, item: int, holder: Node) -> None:
    if item > scales.PHQ9_ITEMS:
        return
    if holder["dataAbsentReason"]:
        holder["dataAbsentReason"].warning("an item without an answer")
        return
    found = answers.item_score(holder)
    if found is not None:
        one.items[item] = (found[0], found[1].evidence("score"))


def _add_total(one: Administration, observation: Node) -> None:
    if observation["dataAbsentReason"]:
        observation["dataAbsentReason"].warning("a score without a value: it is no score")
        return
    found = answers.number(observation)
    if found is not None:
        one.total = found[0]
        one.total_evidence = (found[1].evidence("score"),)
    elif observation["valueCodeableConcept"]:
        observation["valueCodeableConcept"].warning(
            "an answer where a total was expected: not read"
        )
    elif not observation["hasMember"] and not observation["component"]:
        observation.warning("a score without a value: it is no score")


def _add_components(one: Administration, observation: Node) -> None:
    for component in observation.each("component"):
        about = concept_at(component, "code")
        item = scales.phq9_item(about)
        if item is not None and one.scale == scales.PHQ9:
            _add_item(one, item, component)
            continue
        named = scales.named(about)
        if named is not None and named.scale == one.scale and one.total is None:
            _add_total(one, component)
