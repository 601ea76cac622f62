"""MedicationAdministration to exposures: what was given on a day, its doses added up."""

from collections.abc import Iterable
from dataclasses import replace

from assistant.staging.record import Exposure, ExposureSource, ExposureStatus
from fhir_adapter import dosage, reasons
from fhir_adapter.chart import Chart
from fhir_adapter.exposures import MedicationEntry, Period, exposures, stated_status
from fhir_adapter.facts import Facts
from fhir_adapter.node import Node
from fhir_adapter.resources.medication import drugs_of

_STATUS = {
    "completed": ExposureStatus.COMPLETED,
    "in-progress": ExposureStatus.COMPLETED,
    "stopped": ExposureStatus.COMPLETED,
    "on-hold": ExposureStatus.UNKNOWN,
    "not-done": ExposureStatus.NOT_TAKEN,
    "entered-in-error": ExposureStatus.ENTERED_IN_ERROR,
    "unknown": ExposureStatus.UNKNOWN,
}


def read(administration: Node, chart: Chart, facts: Facts) -> None:
    """Add the exposure of one administration."""
    drugs = drugs_of(administration, chart)
    if not drugs.read_by_staging:
        return
    status = stated_status(administration, _STATUS)
    if administration["notGiven"].flag() or administration["wasNotGiven"].flag():
        status = ExposureStatus.NOT_TAKEN
    indication, indication_evidence = reasons.indication(administration, chart)
    facts.exposures += exposures(
        administration,
        drugs,
        (),
        MedicationEntry(
            source=ExposureSource.ADMINISTRATION,
            status=status,
            evidence=(*administration["status"].cited("status"), *indication_evidence),
            period=_period(administration),
            indication=indication,
            group=administration.reference,
            supplied_dose=lambda product: dosage.given(administration["dosage"], product),
        ),
    )


def _period(administration: Node) -> Period:
    at = administration.first(
        "effectiveDateTime", "occurenceDateTime", "occurrenceDateTime", "effectiveTimeDateTime"
    )
    if at:
        day = at.date()
        return Period(start=day, end=day, evidence=(at.evidence("start"),))
    span = administration.first(
        "effectivePeriod", "occurencePeriod", "occurrencePeriod", "effectiveTimePeriod"
    )
    start = span["start"].date()
    return Period(
        start=start,
        end=span["end"].date() or start,
        evidence=(span.evidence("start"),) if span else (),
    )


def merged(found: Iterable[Exposure]) -> list[Exposure]:
    """Administrations of one drug on one day as one exposure, its doses added up."""
    kept: dict[object, Exposure] = {}
    for index, exposure in enumerate(found):
        key: object = index
        if exposure.source is ExposureSource.ADMINISTRATION and exposure.start is not None:
            key = (exposure.drug, exposure.start.text, exposure.end, exposure.status)
        known = kept.get(key)
        kept[key] = exposure if known is None else _added(known, exposure)
    return list(kept.values())


def _added(one: Exposure, other: Exposure) -> Exposure:
    dose = None if one.dose is None or other.dose is None else one.dose + other.dose
    return replace(one, dose=dose, evidence=(*one.evidence, *other.evidence))
