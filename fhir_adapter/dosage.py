"""mg a day from FHIR Dosage elements: dose, strength of the product, and timing.

Instructions without a sequence, or of one sequence number, are taken at once
and add up; different numbers follow each other and give one step each.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from assistant.staging.dates import PartialDate, add_days
from assistant.staging.doses import Dose
from assistant.staging.record import Evidence
from fhir_adapter import timing
from fhir_adapter.concepts import words
from fhir_adapter.node import Node
from fhir_adapter.table_files import rows
from fhir_adapter.terminology import Product, implausible_above
from fhir_adapter.timing import Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What is taken over one stretch of an order or statement."""

    dose: Dose | None = None
    as_needed: bool = False
    start: PartialDate | None = None
    end: PartialDate | None = None
    days: Decimal | None = None
    """Length where it is given as a duration."""
    units_a_day: Rate | None = None
    """Tablets (or mL) a day, for supply arithmetic."""
    route: str | None = None
    evidence: tuple[Evidence, ...] = ()


class _Amount(NamedTuple):
    """One dose: mg as labelled, and the units (tablets, mL) it is given in."""

    mg: Rate | None
    units: Rate | None
    node: Node


@lru_cache(maxsize=None)
def _units() -> dict[str, tuple[str, Decimal]]:
    return {row["unit"]: (row["kind"], Decimal(row["factor"])) for row in rows("units")}


def steps(dosages: Iterable[Node], product: Product) -> tuple[Step, ...]:
    """The steps of a list of Dosage elements, in order; one empty step where there is none."""
    by_sequence: dict[int | None, list[Node]] = {}
    for node in dosages:
        by_sequence.setdefault(node["sequence"].whole(), []).append(node)
    if not by_sequence:
        return (Step(),)
    if None in by_sequence:
        return (_at_once([node for group in by_sequence.values() for node in group], product),)
    return tuple(
        _at_once(by_sequence[number], product)
        for number in sorted(by_sequence, key=lambda value: value or 0)
    )


def _at_once(nodes: list[Node], product: Product) -> Step:
    """Instructions that hold together: their doses add up."""
    read = [_one(node, product) for node in nodes]
    if len(read) == 1:
        return read[0]
    regular = [step for step in read if not step.as_needed] or read
    doses = [step.dose for step in regular]
    total: Dose | None = None
    if None not in doses:
        for dose in doses:
            assert dose is not None
            total = dose if total is None else total + dose
    else:
        nodes[0].warning("one of several instructions gives no dose: the daily dose is unknown")
    starts = [step.start for step in read if step.start]
    ends = [step.end for step in read if step.end]
    return Step(
        dose=total,
        as_needed=all(step.as_needed for step in read),
        start=min(starts, key=lambda date: date.earliest, default=None),
        end=max(ends, key=lambda date: date.latest) if len(ends) == len(read) else None,
        days=max((step.days for step in read if step.days), default=None),
        route=next((step.route for step in read if step.route), None),
        evidence=tuple(item for step in read for item in step.evidence),
    )


def _one(node: Node, product: Product) -> Step:
    when = node["timing"]
    often = timing.frequency(when)
    amount = _amount(node, product)
    bounds = when["repeat"]["boundsPeriod"]
    as_needed = often.as_needed or _as_needed(node)
    evidence = [item.evidence("dose") for item in (amount and amount.node, often.node) if item]
    if often.once:
        node.warning("one single dose: it gives no daily dose")
    return Step(
        dose=_daily(node, amount, often.per_day, product),
        as_needed=as_needed,
        start=bounds["start"].date(),
        end=bounds["end"].date(),
        days=_length(when["repeat"]),
        units_a_day=amount.units.times(often.per_day)
        if amount and amount.units and often.per_day
        else None,
        route=route_of(node),
        evidence=tuple(evidence),
    )


def _daily(
    node: Node, amount: _Amount | None, per_day: Rate | None, product: Product
) -> Dose | None:
    if amount is None or amount.mg is None or per_day is None:
        return None
    labelled = amount.mg.times(per_day)
    if product.weekly:
        node.warning("a capsule for one week: its strength is no daily dose, which stays unknown")
        return None
    limit = implausible_above(product.drug)
    if limit is not None and labelled.high > limit:
        node.error("the dose is beyond anything given of this drug: it is not read")
        return None
    return Dose(
        low=product.comparable(labelled.low),
        high=product.comparable(labelled.high),
        labelled_low=labelled.low,
        labelled_high=labelled.high,
    )


def _amount(node: Node, product: Product) -> _Amount | None:
    """The one dose an instruction gives, from R4 doseAndRate or the older direct elements."""
    found = [
        amount
        for holder in [*node.each("doseAndRate"), node]
        for amount in [_dose_of(holder, product)]
        if amount is not None
    ]
    if len({(amount.mg, amount.units) for amount in found}) > 1:
        node["doseAndRate"].warning("several different doses in one instruction: dose unknown")
        return None
    return found[0] if found else None


def _dose_of(holder: Node, product: Product) -> _Amount | None:
    quantity = holder.first("doseQuantity", "doseSimpleQuantity", "quantityQuantity")
    if quantity:
        return _measured(quantity, quantity, quantity, product)
    span = holder.first("doseRange", "quantityRange")
    if span:
        return _measured(span, span["low"], span["high"], product)
    return None


def _measured(node: Node, low: Node, high: Node, product: Product) -> _Amount | None:
    bottom, top = low["value"].decimal(), high["value"].decimal()
    if top is None and bottom is None:
        return None
    if (bottom is not None and bottom < 0) or (top is not None and top <= 0):
        node.error("a dose must be above 0: it is not read")
        return None
    unit_node = high if high else low
    named = _named_unit(unit_node)
    if named is None:
        return None
    kind, factor = named
    top = top if top is not None else bottom
    assert top is not None
    value = Rate((bottom or Decimal(0)) * factor, top * factor)
    if kind == "mass":
        return _Amount(value, _in_units(value, product), node)
    if product.strength is None or product.per_ml != (kind == "volume"):
        node.warning("the strength of the product is not known: the dose in mg is unknown")
        return _Amount(None, value, node)
    strength = Rate(product.strength, product.strength)
    return _Amount(value.times(strength), value, node)


def _in_units(mg: Rate, product: Product) -> Rate | None:
    if product.strength is None:
        return None
    return Rate(mg.low / product.strength, mg.high / product.strength)


def _named_unit(quantity: Node) -> tuple[str, Decimal] | None:
    """What kind of unit a Quantity is in, by code or unit; None with an issue otherwise."""
    names = [quantity["code"].text(), quantity["unit"].text()]
    for name in names:
        if name:
            found = _units().get(name.lower().strip("{}[] ."))
            if found:
                return found
    if any(names):
        quantity.warning("a unit that gives no mg: the dose is unknown")
    else:
        quantity.warning("a dose without a unit: it is unknown")
    return None


def _as_needed(node: Node) -> bool:
    if node.first("asNeededCodeableConcept", "asNeededFor"):
        return True
    return bool(node.first("asNeededBoolean", "asNeeded").flag())


def _length(repeat: Node) -> Decimal | None:
    bound = repeat.first("boundsDuration", "boundsQuantity")
    value = bound["value"].decimal() if bound else None
    if value is None:
        ranged = repeat["boundsRange"]
        bound = ranged["high"] if ranged["high"] else ranged["low"]
        value = bound["value"].decimal() if bound else None
    if value is None:
        return None
    return days_of(bound)


def days_of(duration: Node) -> Decimal | None:
    """The days a Duration (or daysSupply) lasts; an issue for a unit that is no time."""
    value = duration["value"].decimal()
    if value is None:
        return None
    if value <= 0:
        duration.error("a duration must be above 0: it is not read")
        return None
    for name in (duration["code"].text(), duration["unit"].text()):
        found = timing.days(value, _unit_of_time(name))
        if found is not None:
            return found
    if not duration["code"].text() and not duration["unit"].text():
        duration.warning("a duration without a unit: read as days")
        return value
    duration.error("not a unit of time: the duration is not read")
    return None


def _unit_of_time(name: str | None) -> str:
    lowered = (name or "").strip().lower()
    return {"day": "d", "days": "d", "week": "wk", "weeks": "wk", "month": "mo", "months": "mo",
            "year": "a", "years": "a", "hour": "h", "hours": "h"}.get(lowered, lowered)  # fmt: skip


def route_of(node: Node) -> str | None:
    """The route in words, as a coded or plain route element gives it."""
    text = next((text for text, _ in words(node["route"])), "").lower()
    for name in ("oral", "transdermal", "nasal", "sublingual", "intravenous", "intramuscular"):
        if name in text:
            return name
    return None


def last_day(start: PartialDate, length: Decimal) -> PartialDate:
    """The last day of ``length`` days that begin at ``start``, both counted."""
    whole = max(1, int(length))
    if start.is_exact:
        return PartialDate.of(add_days(start.earliest, whole - 1))
    first, last = add_days(start.earliest, whole - 1), add_days(start.latest, whole - 1)
    return PartialDate(first, last, f"{last:%Y-%m}" if first.year == last.year else f"{last:%Y}")
