"""MedicationRequest (R4, R5, STU3) and DSTU2's MedicationOrder to exposures."""

from decimal import Decimal

from assistant.staging.dates import PartialDate
from assistant.staging.record import Evidence, ExposureSource, ExposureStatus
from fhir_adapter import dosage, durations, reasons
from fhir_adapter.chart import Chart
from fhir_adapter.exposures import MedicationEntry, Period, exposures, stated_status
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
_OVER = ("stopped", "completed", "ended")
_ONLY_INTENDED = ("proposal", "plan", "option")


def read(request: Node, chart: Chart, facts: Facts) -> None:
    """Add the exposures of one order (or of one reported home medicine)."""
    drugs = drugs_of(request, chart)
    if not drugs.read_by_staging:
        return
    status, evidence = _status(request)
    stop, stop_evidence = reasons.stop_reason(request)
    indication, indication_evidence = reasons.indication(request, chart)
    facts.exposures += exposures(
        request,
        drugs,
        request.each("dosageInstruction"),
        MedicationEntry(
            source=ExposureSource.REQUEST,
            status=status,
            period=_period(request, drugs),
            indication=indication,
            stop_reason=stop,
            evidence=(*evidence, *indication_evidence, *stop_evidence),
            group=_group(request),
        ),
    )


def _status(request: Node) -> tuple[ExposureStatus, tuple[Evidence, ...]]:
    if request["doNotPerform"].flag():
        return ExposureStatus.DO_NOT_PERFORM, (request["doNotPerform"].evidence("status"),)
    status = stated_status(request, _STATUS)
    intent = request["intent"]
    if intent.text() in _ONLY_INTENDED and not _reported(request):
        intent.warning("a proposal or plan, not an order: no drug was given by it")
        return ExposureStatus.DRAFT, (intent.evidence("status"),)
    return status, request["status"].cited("status")


def _reported(request: Node) -> bool:
    """Whether it records what the patient takes already (a home medicine)."""
    reported = request.first("reportedBoolean", "reportedReference", "reported")
    return reported.value is not False and bool(reported)


def _group(request: Node) -> str:
    """What ties co-ordered entries together: the group identifier, else the order itself."""
    return request["groupIdentifier"].text_at("value") or request.reference


def _period(request: Node, drugs: Drugs) -> Period:
    """Bounds of the dosage, else the date of the order with its supply."""
    first, last = _bounds(request)
    authored = request.first("authoredOn", "dateWritten")
    validity = request.inner("dispenseRequest", "validityPeriod", "start")
    started = next((node for node in (first, authored, validity) if node), None)
    ended = last or _closed(request)
    supply = request.inner("dispenseRequest", "expectedSupplyDuration")
    evidence = [started.evidence("start")] if started else []
    if ended or supply:
        evidence.append((ended or supply).evidence("end"))
    if started is None:
        request.warning("an order without a date: its dates are unknown")
    start = started.date() if started else None
    days = None if ended else _supply_days(request, drugs)
    end = ended.date()
    if end is None and days is None:
        end = _within_validity(request, start)
    return Period(start=start, end=end, supply_days=days, evidence=tuple(evidence))


def _closed(request: Node) -> Node:
    """When the order was ended: DSTU2 dateEnded, R5 statusChanged of an order that is over."""
    if request.text_at("status") in _OVER:
        return request.first("dateEnded", "statusChanged")
    return request["dateEnded"]


def _within_validity(request: Node, start: PartialDate | None) -> PartialDate | None:
    """An order that is over and says only until when it was valid ended some day before."""
    valid_until = request.inner("dispenseRequest", "validityPeriod", "end")
    if start is None or not valid_until or request.text_at("status") not in _OVER:
        return None
    last = valid_until.date()
    if last is None or last.latest < start.earliest:
        return None
    if last.latest == start.earliest:
        return last
    text = f"{last.latest:%Y-%m}" if last.latest.year == start.earliest.year else last.text[:4]
    return PartialDate(start.earliest, last.latest, text)


def _bounds(request: Node) -> tuple[Node, Node]:
    """First start and last end of instructions taken at once; steps keep their own."""
    instructions = [node for node in request.each("dosageInstruction") if node]
    nothing = Node(None, "dosageInstruction", request.reference, request.log)
    if len(instructions) > 1 and len({node["sequence"].value for node in instructions}) > 1:
        return nothing, nothing
    periods = [node.inner("timing", "repeat", "boundsPeriod") for node in instructions]
    starts = [period["start"] for period in periods if period.has("start")]
    ends = [period["end"] for period in periods if period.has("end")]
    start = min(starts, key=lambda node: str(node.value), default=nothing)
    if len(ends) < len(instructions):
        return start, nothing
    return start, max(ends, key=lambda node: str(node.value), default=nothing)


def _supply_days(request: Node, drugs: Drugs) -> Decimal | None:
    """expectedSupplyDuration, else quantity over units a day; times one more than the refills."""
    supply = request["dispenseRequest"]
    fills = Decimal(1 + max(0, supply["numberOfRepeatsAllowed"].whole() or 0))
    duration = supply["expectedSupplyDuration"]
    if duration:
        days = durations.days_of(duration)
    else:
        instructions = list(request.each("dosageInstruction"))
        days = dosage.days_of_quantity(supply["quantity"], instructions, drugs.products)
    return None if days is None else days * fills
