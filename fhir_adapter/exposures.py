"""One medication entry to exposures: a drug, a daily dose and a period each."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from assistant.staging.dates import PartialDate, add_days
from assistant.staging.doses import Dose
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
from fhir_adapter import dosage, durations
from fhir_adapter.dosage import Step
from fhir_adapter.node import Node
from fhir_adapter.resources.medication import Drugs
from fhir_adapter.terminology import Product

_RUNNING = (ExposureStatus.ACTIVE, ExposureStatus.ON_HOLD)
_OWN_RULES = ("esketamine", "ketamine", "brexanolone", "zuranolone")
"""Given in courses: the core judges them by their own rules, whatever the product."""

SuppliedDose = Callable[[Product], tuple[Dose, tuple[Evidence, ...]] | None]


def _none(_: Product) -> None:
    """No dose but that of the instructions."""
    return


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """When an entry says the drug was taken, and where it says so."""

    start: PartialDate | None = None
    end: PartialDate | None = None
    supply_days: Decimal | None = None
    """How long the supply lasts, counted from ``start``, where no end is stated."""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicationEntry:
    """What all exposures of one medication entry share."""

    source: ExposureSource
    status: ExposureStatus
    period: Period
    indication: Indication | None = None
    stop_reason: StopReason | None = None
    adherence: Verdict | None = None
    group: str = ""
    evidence: tuple[Evidence, ...] = ()
    """For status, indication, stop reason, adherence."""
    supplied_dose: SuppliedDose = _none
    """The dose of an entry that has no instruction: of its supply, or as administered."""


def stated_status(entry: Node, statuses: Mapping[str, ExposureStatus]) -> ExposureStatus:
    """What the status of an entry means; unknown, with an issue, for one its type has not."""
    found = statuses.get(entry.text_at("status") or "")
    if found is not None:
        return found
    kind = entry.value["resourceType"]
    entry["status"].error(f"not a status of {kind}: read as unknown")
    return ExposureStatus.UNKNOWN


class _Dates(NamedTuple):
    start: PartialDate | None
    end: PartialDate | None
    basis: EndBasis | None
    """None: follows from the status."""


def exposures(
    resource: Node, drugs: Drugs, dosages: Iterable[Node], entry: MedicationEntry
) -> list[Exposure]:
    """The exposures of an entry: one a drug and step."""
    nodes = list(dosages)
    found = []
    for product in drugs.products:
        if product.tracked:
            steps = dosage.steps(nodes, product)
            if not nodes:
                steps = (_supplied(steps[0], product, entry),)
            found += [
                _exposure(resource, drugs, product, step, dates, entry)
                for step, dates in _dated(resource, steps, entry.period)
            ]
        elif product.look_alike:
            found.append(_look_alike(drugs, product, entry))
    return found


def _supplied(step: Step, product: Product, entry: MedicationEntry) -> Step:
    supplied = entry.supplied_dose(product)
    if supplied is None:
        return step
    dose, evidence = supplied
    return replace(step, dose=dose, evidence=evidence)


def _look_alike(drugs: Drugs, product: Product, entry: MedicationEntry) -> Exposure:
    """A product that shares a name with an antidepressant combination, and is none."""
    return Exposure(
        drug=product.drug,
        source=entry.source,
        status=entry.status,
        start=entry.period.start,
        end=entry.period.end,
        end_basis=EndBasis.STATED if entry.period.end else EndBasis.UNKNOWN,
        dose=None,
        set_aside="look-alike: dextromethorphan without bupropion is a cough medicine",
        trial_default=False,
        group=entry.group,
        evidence=(*drugs.evidence, *entry.period.evidence),
    )


def _dated(resource: Node, steps: tuple[Step, ...], period: Period) -> list[tuple[Step, _Dates]]:
    """Each step with its dates: its own bounds, else in sequence from the entry's start."""
    if len(steps) == 1:
        return [(steps[0], _of_one(steps[0], period))]
    dated = []
    start = period.start
    for index, step in enumerate(steps):
        dates = _of_step(step, start, period if index == len(steps) - 1 else None)
        if dates.end is None and index < len(steps) - 1:
            resource.warning("a step of the instructions has no length: its dates are unknown")
        start = _next_day(dates.end)
        dated.append((step, dates))
    return dated


def _of_one(step: Step, period: Period) -> _Dates:
    start = period.start or step.start
    if period.end is not None:
        return _Dates(start, period.end, EndBasis.STATED)
    dates = _of_step(step, start, None)
    if dates.end is not None:
        return dates._replace(start=start)
    return _supply_end(start, start, period)


def _of_step(step: Step, start: PartialDate | None, whole: Period | None) -> _Dates:
    """Dates of a step that follows others; ``whole`` is the entry's period for the last one."""
    begins = step.start or start
    if step.end is not None:
        return _Dates(begins, step.end, EndBasis.STATED)
    if begins is not None and step.days is not None:
        return _Dates(begins, durations.last_day(begins, step.days), EndBasis.STATED)
    if whole is None:
        return _Dates(begins, None, EndBasis.UNKNOWN)
    if whole.end is not None:
        return _Dates(begins, whole.end, EndBasis.STATED)
    return _supply_end(begins, whole.start, whole)


def _supply_end(start: PartialDate | None, supplied: PartialDate | None, period: Period) -> _Dates:
    if supplied is None or period.supply_days is None:
        return _Dates(start, None, None)
    return _Dates(start, durations.last_day(supplied, period.supply_days), EndBasis.SUPPLY)


def _next_day(date: PartialDate | None) -> PartialDate | None:
    if date is None or not date.is_exact:
        return None
    return PartialDate.of(add_days(date.earliest, 1))


def _exposure(
    resource: Node,
    drugs: Drugs,
    product: Product,
    step: Step,
    dates: _Dates,
    entry: MedicationEntry,
) -> Exposure:
    start, end, basis = dates
    if start is not None and end is not None and end.latest < start.earliest:
        resource.error("it ends before it starts: its dates are not read")
        start, end, basis = None, None, EndBasis.UNKNOWN
    if basis is None:
        basis = EndBasis.OPEN if entry.status in _RUNNING else EndBasis.UNKNOWN
    return Exposure(
        drug=product.drug,
        source=entry.source,
        status=entry.status,
        start=start,
        end=end,
        end_basis=basis,
        dose=step.dose,
        as_needed=step.as_needed,
        route=step.route or product.route,
        release=product.release,
        indication=entry.indication,
        stop_reason=entry.stop_reason,
        adherence=entry.adherence,
        prescribed_product=product.name or None,
        trial_default=_is_trial_product(resource, product, step, entry.indication),
        group=entry.group,
        evidence=tuple(
            dict.fromkeys(
                (*drugs.evidence, *step.evidence, *entry.period.evidence, *entry.evidence)
            )
        ),
    )


def _is_trial_product(
    resource: Node, product: Product, step: Step, indication: Indication | None
) -> bool:
    """Whether this product is given as an antidepressant at all."""
    if product.trial_default in ("", "yes") or product.drug in _OWN_RULES:
        return True
    if product.trial_default == "no":
        return False
    if product.drug == "selegiline":
        return "transdermal" in (product.route, step.route) or product.release == "TD"
    if indication is None:
        resource.warning(
            "a product that counts as an antidepressant only when given for depression, "
            "and no indication is recorded"
        )
    return indication is not None and indication.depression
