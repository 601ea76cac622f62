"""One dose as mg and as tablets (or mL), from a Quantity, a Range or a Ratio."""

from decimal import Decimal
from functools import cache
from typing import NamedTuple

from fhir_adapter import durations
from fhir_adapter.node import Node
from fhir_adapter.table_files import rows
from fhir_adapter.terminology import Product
from fhir_adapter.timing import Rate


class Amount(NamedTuple):
    """One dose: mg as labelled, and the units (tablets, mL) it is given in."""

    mg: Rate | None
    units: Rate | None
    node: Node


@cache
def _units() -> dict[str, tuple[str, Decimal]]:
    return {row["unit"]: (row["kind"], Decimal(row["factor"])) for row in rows("units")}


def amount_of(node: Node, product: Product) -> Amount | None:
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


def _dose_of(holder: Node, product: Product) -> Amount | None:
    quantity = holder.first("doseQuantity", "doseSimpleQuantity", "quantityQuantity")
    if quantity:
        return measured(quantity, quantity, quantity, product)
    span = holder.first("doseRange", "quantityRange")
    if span:
        return measured(span, span["low"], span["high"], product)
    return None


def measured(node: Node, low: Node, high: Node, product: Product) -> Amount | None:
    """One dose given as a Quantity or a Range; None, with an issue, where it cannot be read."""
    bottom, top = low.decimal_at("value"), high.decimal_at("value")
    if top is None and bottom is None:
        return None
    if min(bottom or 0, top or 0) < 0 or top == 0:
        node.error("a dose must be above 0: it is not read")
        return None
    named = _named_unit(high or low)
    if named is None:
        return None
    kind, factor = named
    top = bottom if top is None else top
    if bottom is not None and top is not None and bottom > top:
        node.error("a range whose low end is above its high end: it is not read")
        return None
    value = Rate((bottom or Decimal(0)) * factor, (top or Decimal(0)) * factor)
    if kind == "mass":
        return Amount(value, _in_units(value, product), node)
    if product.strength is None or product.per_ml != (kind == "volume"):
        node.warning("the strength of the product is not known: the dose in mg is unknown")
        return Amount(None, value, node)
    strength = Rate(product.strength, product.strength)
    return Amount(value.times(strength), value, node)


def _in_units(mg: Rate, product: Product) -> Rate | None:
    if product.strength is None:
        return None
    return Rate(mg.low / product.strength, mg.high / product.strength)


def _named_unit(quantity: Node) -> tuple[str, Decimal] | None:
    """What kind of unit a Quantity is in, by code or unit; None with an issue otherwise."""
    names = quantity.units()
    for name in names:
        found = _units().get(name.lower().strip("{}[] ."))
        if found:
            return found
    if names:
        quantity.warning("a unit that gives no mg: the dose is unknown")
    else:
        quantity.warning("a dose without a unit: it is unknown")
    return None


def most_a_day(node: Node, product: Product) -> tuple[Decimal, Node] | None:
    """The mg a day that ``maxDosePerPeriod`` allows at most, and where it says so."""
    found = [
        (limit, ratio)
        for ratio in node.each("maxDosePerPeriod")
        for limit in [_a_day(ratio, product)]
        if limit is not None
    ]
    return min(found, key=lambda item: item[0], default=None)


def _a_day(ratio: Node, product: Product) -> Decimal | None:
    top, period = ratio["numerator"], ratio["denominator"]
    amount = measured(top, top, top, product) if top else None
    days = durations.days_of(period) if period else None
    if amount is None or amount.mg is None or days is None:
        return None
    return amount.mg.high / days


def counts_forms(quantity: Node) -> bool:
    """Whether a Quantity counts tablets, capsules and the like."""
    kinds = (_units().get(name.lower().strip("{}[] ."), ("", 0))[0] for name in quantity.units())
    return "form" in kinds
