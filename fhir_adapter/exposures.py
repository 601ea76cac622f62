"""One medication entry to exposures: a drug, a daily dose and a period each."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from assistant.staging.dates import PartialDate, add_days
from assistant.staging.record import (
    EndBasis,
    Evidence,
    Exposure,
    ExposureSource,
    ExposureStatus,
    Indication,
    StopReason,
)
from assistant.staging.verdicts import Verdict
from fhir_adapter import dosage
from fhir_adapter.dosage import Step
from fhir_adapter.node import Node
from fhir_adapter.resources.medication import Drugs
from fhir_adapter.terminology import Product

_RUNNING = (ExposureStatus.ACTIVE, ExposureStatus.ON_HOLD)
_DAY_BEFORE = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """When an entry says the drug was taken, and where it says so."""

    start: PartialDate | None = None
    end: PartialDate | None = None
    end_basis: EndBasis | None = None
    """None: follows from the status."""
    supply_days: Decimal | None = None
    """How long the supply lasts, counted from ``start``, where no end is stated."""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What all exposures of one medication entry share."""

    source: ExposureSource
    status: ExposureStatus
    status_evidence: tuple[Evidence, ...] = ()
    period: Period
    indication: Indication | None = None
    indication_evidence: tuple[Evidence, ...] = ()
    stop_reason: StopReason | None = None
    stop_evidence: tuple[Evidence, ...] = ()
    adherence: Verdict | None = None
    adherence_evidence: tuple[Evidence, ...] = ()
    group: str = ""


def exposures(
    resource: Node, drugs: Drugs, dosages: Iterable[Node], entry: Entry
) -> list[Exposure]:
    """The exposures of an entry: one a drug and step."""
    nodes = list(dosages)
    found = []
    for product in drugs.products:
        if product.tracked:
            steps = dosage.steps(nodes, product)
            found += [
                _exposure(resource, drugs, product, step, period, entry)
                for step, period in _dated(resource, steps, entry)
            ]
    return found


def _dated(resource: Node, steps: tuple[Step, ...], entry: Entry) -> list[tuple[Step, Period]]:
    """Each step with its period: its own bounds, else in sequence from the entry's start."""
    if len(steps) == 1:
        return [(steps[0], _of_one(steps[0], entry.period, resource))]
    dated = []
    start = entry.period.start
    for index, step in enumerate(steps):
        last = index == len(steps) - 1
        period = _of_step(step, start, entry.period if last else None)
        if not last and period.end is None:
            resource.warning("a step of the instructions has no length: its dates are unknown")
        start = _next_day(period.end)
        dated.append((step, period))
    return dated


def _of_one(step: Step, period: Period, resource: Node) -> Period:
    start = period.start or step.start
    if period.end is not None:
        return Period(start=start, end=period.end, end_basis=period.end_basis or EndBasis.STATED,
                      evidence=period.evidence)  # fmt: skip
    if step.end is not None:
        return Period(start=start, end=step.end, end_basis=EndBasis.STATED,
                      evidence=period.evidence)  # fmt: skip
    if start is not None and step.days is not None:
        end = dosage.last_day(start, step.days)
        return Period(start=start, end=end, end_basis=EndBasis.STATED, evidence=period.evidence)
    if start is not None and period.supply_days is not None:
        end = dosage.last_day(start, period.supply_days)
        return Period(start=start, end=end, end_basis=EndBasis.SUPPLY, evidence=period.evidence)
    return Period(start=start, end_basis=period.end_basis, evidence=period.evidence)


def _of_step(step: Step, start: PartialDate | None, whole: Period | None) -> Period:
    begins = step.start or start
    if step.end is not None:
        return Period(start=begins, end=step.end, end_basis=EndBasis.STATED)
    if begins is not None and step.days is not None:
        end = dosage.last_day(begins, step.days)
        return Period(start=begins, end=end, end_basis=EndBasis.STATED)
    if whole is not None:
        return Period(
            start=begins, end=whole.end, end_basis=whole.end_basis, evidence=whole.evidence
        )
    return Period(start=begins, end_basis=EndBasis.UNKNOWN)


def _next_day(date: PartialDate | None) -> PartialDate | None:
    if date is None or not date.is_exact:
        return None
    return PartialDate.of(add_days(date.earliest, 1))


def _exposure(
    resource: Node, drugs: Drugs, product: Product, step: Step, period: Period, entry: Entry
) -> Exposure:
    start, end = period.start, period.end
    if start is not None and end is not None and end.latest < start.earliest:
        resource.error("it ends before it starts: its dates are not read")
        start, end = None, None
    indication = entry.indication
    return Exposure(
        drug=product.drug,
        source=entry.source,
        status=entry.status,
        start=start,
        end=end,
        end_basis=_end_basis(end, period, entry),
        dose=step.dose,
        as_needed=step.as_needed,
        route=step.route or product.route,
        release=product.release,
        indication=indication,
        stop_reason=entry.stop_reason,
        adherence=entry.adherence,
        prescribed_product=product.name or None,
        trial_default=_is_trial_product(resource, product, step, indication),
        group=entry.group,
        evidence=(
            *drugs.evidence,
            *step.evidence,
            *(item for item in period.evidence if start or end or item.attribute == "status"),
            *entry.status_evidence,
            *entry.indication_evidence,
            *entry.stop_evidence,
            *entry.adherence_evidence,
        ),
    )


def _end_basis(end: PartialDate | None, period: Period, entry: Entry) -> EndBasis:
    if end is not None:
        return period.end_basis or EndBasis.STATED
    if period.end_basis is EndBasis.UNKNOWN:
        return EndBasis.UNKNOWN
    return EndBasis.OPEN if entry.status in _RUNNING else EndBasis.UNKNOWN


def _is_trial_product(
    resource: Node, product: Product, step: Step, indication: Indication | None
) -> bool:
    """Whether this product is given as an antidepressant at all."""
    if product.trial_default in ("", "yes"):
        return True
    if product.trial_default == "no":
        return False
    if product.drug == "selegiline":
        return "transdermal" in (product.route, step.route) or product.release == "TD"
    if product.drug == "esketamine":
        return True
    if indication is None:
        resource.warning(
            "a product that counts as an antidepressant only when given for depression, "
            "and no indication is recorded"
        )
    return indication is not None and indication.depression
