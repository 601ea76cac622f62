"""MedicationDispense to exposures: one a fill, as long as its supply lasts."""

from decimal import Decimal

from assistant.staging.doses import Dose
from assistant.staging.record import Evidence, ExposureSource, ExposureStatus, Indication
from fhir_adapter import dosage, durations, reasons
from fhir_adapter.chart import Chart
from fhir_adapter.exposures import MedicationEntry, Period, exposures, stated_status
from fhir_adapter.facts import Facts
from fhir_adapter.node import Node
from fhir_adapter.resources.medication import Drugs, drugs_of
from fhir_adapter.terminology import Product

_STATUS = {
    "completed": ExposureStatus.COMPLETED,
    "in-progress": ExposureStatus.DRAFT,
    "preparation": ExposureStatus.DRAFT,
    "on-hold": ExposureStatus.DRAFT,
    "stopped": ExposureStatus.STOPPED,
    "cancelled": ExposureStatus.CANCELLED,
    "declined": ExposureStatus.DECLINED,
    "entered-in-error": ExposureStatus.ENTERED_IN_ERROR,
    "unknown": ExposureStatus.UNKNOWN,
}


def read(dispense: Node, chart: Chart, facts: Facts) -> None:
    """Add the exposures of one fill."""
    drugs = drugs_of(dispense, chart)
    if not drugs.read_by_staging:
        return
    status = stated_status(dispense, _STATUS)
    if dispense["notDone"].flag():
        status = ExposureStatus.DECLINED
    indication, indication_evidence = _indication(dispense, chart)
    facts.exposures += exposures(
        dispense,
        drugs,
        dispense.each("dosageInstruction"),
        MedicationEntry(
            source=ExposureSource.DISPENSE,
            status=status,
            evidence=(*dispense["status"].cited("status"), *indication_evidence),
            period=_period(dispense, drugs),
            indication=indication,
            group=dispense.reference,
            supplied_dose=lambda product: _supplied_dose(dispense, product),
        ),
    )


def _indication(dispense: Node, chart: Chart) -> tuple[Indication | None, tuple[Evidence, ...]]:
    """The indication of the order the fill belongs to."""
    for reference in dispense.each("authorizingPrescription"):
        order = chart.target(reference, dispense)
        if order is not None and isinstance(order.value, dict):
            return reasons.indication(order, chart)
    return None, ()


def _period(dispense: Node, drugs: Drugs) -> Period:
    handed = dispense.first("whenHandedOver", "whenPrepared")
    if not handed:
        dispense.warning("a fill without a date of handing over: its dates are unknown")
    supply = dispense["daysSupply"]
    days = durations.days_of(supply) if supply else _from_quantity(dispense, drugs)
    evidence = [node.evidence(what) for node, what in ((handed, "start"), (supply, "end")) if node]
    return Period(
        start=handed.date(),
        supply_days=days,
        evidence=tuple(evidence),
    )


def _from_quantity(dispense: Node, drugs: Drugs) -> Decimal | None:
    """How long the quantity lasts at the instructed units a day."""
    return dosage.days_of_quantity(
        dispense["quantity"], list(dispense.each("dosageInstruction")), drugs.products
    )


def _supplied_dose(dispense: Node, product: Product) -> tuple[Dose, tuple[Evidence, ...]] | None:
    """Quantity x strength / days of supply, where the fill has no instruction of its own."""
    quantity, supply = dispense["quantity"], dispense["daysSupply"]
    if not quantity or not supply:
        return None
    dose = dosage.supplied(quantity, supply, product)
    return None if dose is None else (dose, (quantity.evidence("dose"), supply.evidence("dose")))
