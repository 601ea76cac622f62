"""MedicationStatement (R4, R5, STU3, DSTU2) to exposures."""

from assistant.staging.record import Evidence, ExposureSource, ExposureStatus
from assistant.staging.verdicts import Verdict
from fhir_adapter import reasons
from fhir_adapter.chart import Chart
from fhir_adapter.concepts import first_code
from fhir_adapter.exposures import MedicationEntry, Period, exposures, stated_status
from fhir_adapter.facts import Facts
from fhir_adapter.node import Node
from fhir_adapter.resources.medication import drugs_of

_STATUS = {
    "active": ExposureStatus.ACTIVE,
    "completed": ExposureStatus.COMPLETED,
    "stopped": ExposureStatus.STOPPED,
    "on-hold": ExposureStatus.ON_HOLD,
    "intended": ExposureStatus.DRAFT,
    "draft": ExposureStatus.DRAFT,
    "entered-in-error": ExposureStatus.ENTERED_IN_ERROR,
    "not-taken": ExposureStatus.NOT_TAKEN,
    "unknown": ExposureStatus.UNKNOWN,
    "recorded": ExposureStatus.UNKNOWN,
}
_ADHERENCE = {
    "taking-as-directed": Verdict.MET,
    "taking": Verdict.UNKNOWN,
    "taking-not-as-directed": Verdict.NOT_MET,
}


def read(statement: Node, chart: Chart, facts: Facts) -> None:
    """Add the exposures of one statement."""
    drugs = drugs_of(statement, chart)
    if not drugs.read_by_staging:
        return
    status, adherence, evidence = _taking(statement)
    stop, stop_evidence = reasons.stop_reason(statement)
    indication, indication_evidence = reasons.indication(statement, chart)
    facts.exposures += exposures(
        statement,
        drugs,
        statement.each("dosage"),
        MedicationEntry(
            source=ExposureSource.STATEMENT,
            status=status,
            period=_period(statement),
            indication=indication,
            stop_reason=stop,
            adherence=adherence,
            evidence=(*evidence, *indication_evidence, *stop_evidence),
            group=statement.reference,
        ),
    )


def _taking(statement: Node) -> tuple[ExposureStatus, Verdict | None, tuple[Evidence, ...]]:
    status = stated_status(statement, _STATUS)
    evidence = statement["status"].cited("status")
    if statement.text_at("taken") == "n" or statement["wasNotTaken"].flag():
        older = (*statement["taken"].cited("status"), *statement["wasNotTaken"].cited("status"))
        return ExposureStatus.NOT_TAKEN, None, (*evidence, *older)
    code = first_code(statement["adherence"]["code"])
    if not code:
        return status, None, evidence
    adherence = _ADHERENCE.get(code)
    if code == "not-taking":
        return ExposureStatus.NOT_TAKEN, None, evidence
    if code.startswith("stopped"):
        return ExposureStatus.STOPPED, None, evidence
    if code.startswith("on-hold"):
        return ExposureStatus.ON_HOLD, None, evidence
    if adherence is not None and status is ExposureStatus.UNKNOWN:
        status = ExposureStatus.ACTIVE
    return status, adherence, (*evidence, statement["adherence"].evidence("adherence"))


def _period(statement: Node) -> Period:
    at = statement["effectiveDateTime"]
    if at:
        date = at.date()
        return Period(start=date, evidence=(at.evidence("start"),) if date else ())
    span = statement.first("effectivePeriod", "effectiveTiming.repeat.boundsPeriod")
    start, end = span["start"], span["end"]
    evidence = [node.evidence(name) for node, name in ((start, "start"), (end, "end")) if node]
    if not span and not any(statement.each("dosage")):
        statement.warning("says no time at which the drug was taken: its dates are unknown")
    return Period(start=start.date(), end=end.date(), evidence=tuple(evidence))
