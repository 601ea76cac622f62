"""MedicationRequest (R4, R5, STU3) and DSTU2's MedicationOrder to exposures."""

from decimal import Decimal

from assistant.staging.record import EndBasis, Evidence, ExposureSource, ExposureStatus
from fhir_adapter import dosage, reasons
from fhir_adapter.chart import Chart
from fhir_adapter.exposures import Entry, Period, exposures
from fhir_adapter.facts import Facts
from fhir_adapter.node import Node
from fhir_adapter.resources.medication import Drugs, drugs_of

_STATUS = {
    "active": ExposureStatus.ACTIVE,
    "on-hold": ExposureStatus.ON_HOLD,
    "ended": ExposureStatus.COMPLETED,
    "completed": ExposureStatus.COMPLETED,
    "stopped": ExposureStatus.STOPPED,
    "cancelled": ExposureStatus.CANCELLED,
    "entered-in-error": ExposureStatus.ENTERED_IN_ERROR,
    "draft": ExposureStatus.DRAFT,
    "unknown": ExposureStatus.UNKNOWN,
}
_ONLY_INTENDED = ("proposal", "plan", "option")


def read(request: Node, chart: Chart, facts: Facts) -> None:
    """Add the exposures of one order (or of one reported home medicine)."""
    drugs = drugs_of(request, chart)
    if not any(product.tracked for product in drugs.products):
        return
    status, evidence = _status(request)
    stop, stop_evidence = reasons.stop_reason(request)
    indication, indication_evidence = reasons.indication(request, chart)
    facts.exposures += exposures(
        request,
        drugs,
        request.each("dosageInstruction"),
        Entry(
            source=ExposureSource.REQUEST,
            status=status,
            status_evidence=evidence,
            period=_period(request, drugs),
            indication=indication,
            indication_evidence=indication_evidence,
            stop_reason=stop,
            stop_evidence=stop_evidence,
            group=_group(request),
        ),
    )


def _status(request: Node) -> tuple[ExposureStatus, tuple[Evidence, ...]]:
    if request["doNotPerform"].flag():
        return ExposureStatus.DO_NOT_PERFORM, (request["doNotPerform"].evidence("status"),)
    status = _STATUS.get(request["status"].text() or "")
    if status is None:
        request["status"].error("not a status of MedicationRequest: read as unknown")
        status = ExposureStatus.UNKNOWN
    intent = request["intent"]
    if intent.text() in _ONLY_INTENDED and not _reported(request):
        intent.warning("a proposal or plan, not an order: no drug was given by it")
        return ExposureStatus.DRAFT, (intent.evidence("status"),)
    return status, (request["status"].evidence("status"),)


def _reported(request: Node) -> bool:
    """Whether it records what the patient takes already (a home medicine)."""
    reported = request.first("reportedBoolean", "reportedReference", "reported")
    return reported.value is not False and bool(reported)


def _group(request: Node) -> str:
    """What ties co-ordered entries together: the group identifier, else the order itself."""
    return request["groupIdentifier"]["value"].text() or request.reference


def _period(request: Node, drugs: Drugs) -> Period:
    """Bounds of the dosage, else the date of the order with its supply."""
    bounds = _bounds(request)
    authored = request.first("authoredOn", "dateWritten")
    validity = request["dispenseRequest"]["validityPeriod"]["start"]
    started = next((node for node in (bounds["start"], authored, validity) if node), None)
    end = bounds["end"] if bounds["end"] else request["dateEnded"]
    evidence = [started.evidence("start")] if started else []
    if end:
        evidence.append(end.evidence("end"))
    else:
        supply = request["dispenseRequest"]["expectedSupplyDuration"]
        if supply:
            evidence.append(supply.evidence("end"))
    return Period(
        start=started.date() if started else None,
        end=end.date() if end else None,
        end_basis=EndBasis.STATED if end else None,
        supply_days=None if end else _supply_days(request, drugs),
        evidence=tuple(evidence),
    )


def _bounds(request: Node) -> Node:
    """The one boundsPeriod of the instructions; with several, each step keeps its own."""
    found = [node["timing"]["repeat"]["boundsPeriod"] for node in request.each("dosageInstruction")]
    given = [node for node in found if node]
    if len(given) == 1 and len(found) == 1:
        return given[0]
    return Node(None, "dosageInstruction", request.reference, request.log)


def _supply_days(request: Node, drugs: Drugs) -> Decimal | None:
    """expectedSupplyDuration, else quantity over units a day; times one more than the refills."""
    supply = request["dispenseRequest"]
    fills = Decimal(1 + max(0, supply["numberOfRepeatsAllowed"].whole() or 0))
    duration = supply["expectedSupplyDuration"]
    if duration:
        length = dosage.days_of(duration)
        return length * fills if length else None
    quantity = supply["quantity"]["value"].decimal()
    if not quantity or quantity <= 0:
        return None
    instructions = list(request.each("dosageInstruction"))
    if len(instructions) != 1 or not drugs.products:
        return None
    (step,) = dosage.steps(instructions, drugs.products[0])
    if step.units_a_day is None or step.as_needed or step.units_a_day.high <= 0:
        return None
    return quantity / step.units_a_day.high * fills
