"""How long one entry supplies a drug: dispenses, orders and statements as day intervals.

The rules are those of the eCQM library CumulativeMedicationDuration (rules and
versions in data/README.md): upper ends of ranges, refills of orders only, both
ends of an interval counted. What the library calls an error (several dosage
instructions) is an entry without a length here, and is named.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from assistant.staging.dates import add_days
from assistant.staging.record import Evidence, Issue
from fhir_adapter import durations, timing
from fhir_adapter.chart import Chart
from fhir_adapter.issues import IssueLog
from fhir_adapter.modifiers import set_aside
from fhir_adapter.node import Node
from fhir_adapter.resources.medication import drugs_of
from fhir_adapter.sig import SigFrequency, parse_sig
from fhir_adapter.supply_names import DrugName, names_of
from fhir_adapter.terminology import Product

DISPENSE, REQUEST, STATEMENT = "dispense", "request", "statement"
SOURCES = (DISPENSE, REQUEST, STATEMENT)
"""In the order in which ``auto`` prefers them."""

_NEVER_GIVEN = {
    DISPENSE: frozenset({"preparation", "cancelled", "declined", "entered-in-error"}),
    REQUEST: frozenset({"draft", "cancelled", "entered-in-error"}),
    STATEMENT: frozenset({"intended", "not-taken", "entered-in-error", "draft"}),
}
_ONLY_INTENDED = frozenset({"proposal", "plan", "option"})
_ONGOING = frozenset({"active", "in-progress", "recorded"})
_SIG_UNIT_DAYS = {"hour": Decimal(1) / 24, "day": Decimal(1), "week": Decimal(7)}
_MASS_MG = {"mg": Decimal(1), "g": Decimal(1000), "mcg": Decimal("0.001"), "ug": Decimal("0.001")}
_LONGEST_DAYS = 36500
"""A supply of more than a hundred years is a slip of the pen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """The days that one entry covers; ``end`` None goes on until the record's moment."""

    drug: DrugName
    source: str
    start: date
    end: date | None
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRead:
    """What one entry supplies of its drugs, and what about it could not be read."""

    drugs: tuple[DrugName, ...]
    supplies: tuple[Supply, ...]
    issues: tuple[Issue, ...]


def entries_read(chart: Chart) -> Iterator[EntryRead]:
    """Every entry of the chart that says a drug was supplied, with its days if it has any."""
    for entry in chart.entries:
        reader = _READERS.get(entry.resource["resourceType"])
        if reader is None:
            continue
        source, read = reader
        log = IssueLog()
        node = Node(entry.resource, "", entry.key, log)
        aside = set_aside(node)
        if not aside and _was_not_given(node, source):
            continue
        drugs = names_of(node, chart)
        span = None if aside else read(node, _one_product(node, chart))
        supplied = () if span is None else _supplied(node, drugs, source, span)
        yield EntryRead(drugs=drugs, supplies=supplied, issues=log.found())


def _supplied(
    node: Node, drugs: tuple[DrugName, ...], source: str, span: "Span"
) -> tuple[Supply, ...]:
    start, end, evidence = span
    if end is not None and end < start:
        node.error("its supply ends before it starts: it covers no day")
        return ()
    return tuple(
        Supply(drug=drug, source=source, start=start, end=end, evidence=evidence) for drug in drugs
    )


Span = tuple[date, date | None, tuple[Evidence, ...]]
Read = Callable[[Node, Product | None], Span | None]


def _one_product(node: Node, chart: Chart) -> Product | None:
    products = drugs_of(node, chart).products
    return products[0] if len(products) == 1 else None


def _was_not_given(node: Node, source: str) -> bool:
    status = node["status"].text() or ""
    if status in _NEVER_GIVEN[source]:
        return True
    if source == REQUEST:
        reported = node.first("reportedBoolean", "reportedReference", "reported")
        home_medicine = bool(reported) and reported.value is not False
        planned = node["intent"].text() in _ONLY_INTENDED and not home_medicine
        return bool(node["doNotPerform"].flag()) or planned
    if source == STATEMENT:
        return _was_not_taken(node)
    return bool(node["notDone"].flag())


def _was_not_taken(node: Node) -> bool:
    """STU3 ``taken``, DSTU2 ``wasNotTaken``, R5 ``adherence``."""
    if node["wasNotTaken"].flag() or node["taken"].value == "n":
        return True
    return any(
        coding["code"].text() == "not-taking" for coding in node["adherence"]["code"].each("coding")
    )


# one reader a resource


def _dispense(node: Node, product: Product | None) -> Span | None:
    handed = node.first("whenHandedOver", "whenPrepared")
    start = _day(handed, "a dispense without a day: it covers no day")
    if start is None:
        return None
    supply = node["daysSupply"]
    length = durations.days_of(supply) if supply else None
    length_node = supply
    if length is None:
        length_node = node["quantity"]
        length = _from_quantity(length_node, node, product)
    return _lasting(node, start, handed, length, length_node)


def _request(node: Node, product: Product | None) -> Span | None:
    bounds = _bounds(node)
    validity = node["dispenseRequest"]["validityPeriod"]["start"]
    began = next(
        (found for found in (bounds["start"], node.first("authoredOn", "dateWritten"), validity)
         if found),
        node["authoredOn"],
    )  # fmt: skip
    start = _day(began, "an order without a day: it covers no day")
    if start is None:
        return None
    asked = node["dispenseRequest"]
    fills = Decimal(1 + max(0, asked["numberOfRepeatsAllowed"].whole() or 0))
    for length_node, length in (
        (asked["expectedSupplyDuration"], _duration(asked["expectedSupplyDuration"])),
        (asked["quantity"], _from_quantity(asked["quantity"], node, product)),
    ):
        if length is not None:
            return _lasting(node, start, began, length * fills, length_node)
    return _within_bounds(node, bounds, start, began)


def _within_bounds(node: Node, bounds: Node, start: date, began: Node) -> Span | None:
    end = bounds["end"]
    if end:
        last = _day(end, "an order whose end is not a day: it covers no day")
        return None if last is None else (start, last, _evidence(began, end))
    duration = _bounds_duration(node)
    if duration:
        return _lasting(node, start, began, _duration(duration), duration)
    if bounds and node["status"].text() in _ONGOING:
        return start, None, _evidence(began, node["status"])
    node.warning("an order without a supply, a quantity or an end: how long it lasts is unknown")
    return None


def _statement(node: Node, product: Product | None) -> Span | None:
    del product
    moment = node["effectiveDateTime"]
    if moment:
        day = _day(moment, "a statement without a day: it covers no day")
        return None if day is None else (day, day, _evidence(moment))
    period = node["effectivePeriod"]
    began = period["start"]
    start = _day(began, "a statement without a first day: it covers no day")
    if start is None:
        return None
    if period["end"]:
        last = _day(period["end"], "a statement whose end is not a day: it covers no day")
        return None if last is None else (start, last, _evidence(began, period["end"]))
    if node["status"].text() in _ONGOING:
        return start, None, _evidence(began, node["status"])
    node.warning("a statement that has ended without a last day: how long it lasted is unknown")
    return None


_READERS: dict[str, tuple[str, Read]] = {
    "MedicationDispense": (DISPENSE, _dispense),
    "MedicationRequest": (REQUEST, _request),
    "MedicationOrder": (REQUEST, _request),
    "MedicationStatement": (STATEMENT, _statement),
    "MedicationUsage": (STATEMENT, _statement),
}


# lengths


def _day(node: Node, problem: str) -> date | None:
    """The calendar day of an element; a month or a year is no day to count from."""
    found = node.date()
    if found is None or not found.is_exact:
        node.warning(problem)
        return None
    return found.earliest


def _lasting(
    node: Node, start: date, began: Node, length: Decimal | None, length_node: Node
) -> Span | None:
    if length is None:
        node.warning("neither a supply in days nor a quantity that gives one: it covers no day")
        return None
    if not 1 <= length <= _LONGEST_DAYS:
        length_node.error("not a supply of days that can be: it covers no day")
        return None
    return start, add_days(start, int(length) - 1), _evidence(began, length_node)


def _evidence(*nodes: Node) -> tuple[Evidence, ...]:
    return tuple(node.evidence() for node in nodes if node)


def _duration(node: Node) -> Decimal | None:
    return durations.days_of(node) if node else None


def _bounds(node: Node) -> Node:
    """The boundsPeriod of the one dosage instruction."""
    instructions = list(node.each("dosageInstruction"))
    if len(instructions) == 1:
        return instructions[0]["timing"]["repeat"]["boundsPeriod"]
    return _nothing(node, "dosageInstruction[0].timing.repeat.boundsPeriod")


def _nothing(node: Node, path: str) -> Node:
    return Node(None, path, node.reference, node.log)


def _bounds_duration(node: Node) -> Node:
    instructions = list(node.each("dosageInstruction"))
    if len(instructions) != 1:
        return _nothing(node, "dosageInstruction[0].timing.repeat.boundsDuration")
    return instructions[0]["timing"]["repeat"].first("boundsDuration", "boundsQuantity")


def _from_quantity(quantity: Node, node: Node, product: Product | None) -> Decimal | None:
    """Quantity over units a day; exactly one instruction with at most one dose."""
    amount = quantity["value"].decimal() if quantity else None
    if amount is None or amount <= 0:
        return None
    instructions = list(node.each("dosageInstruction"))
    if len(instructions) != 1:
        if instructions:
            node.warning("several dosage instructions: a quantity gives no days of supply")
        return None
    a_day = _units_a_day(instructions[0], quantity, product)
    return amount / a_day if a_day else None


def _units_a_day(instruction: Node, quantity: Node, product: Product | None) -> Decimal | None:
    doses = list(instruction.each("doseAndRate"))
    if len(doses) > 1:
        instruction["doseAndRate"].warning("several doses: a quantity gives no days of supply")
        return None
    holder = doses[0] if doses else instruction
    dose = holder.first("doseQuantity", "doseSimpleQuantity") or holder["doseRange"]["high"]
    per_day = timing.frequency(instruction["timing"]).per_day
    if not dose:
        return _from_text(instruction, quantity)
    units = _in_units_of(dose, quantity, product)
    times = per_day.high if per_day else _times_in_text(instruction)
    return None if units is None else units * times


def _in_units_of(dose: Node, quantity: Node, product: Product | None) -> Decimal | None:
    """The dose counted in the unit of the quantity: tablets of tablets, mg over strength."""
    value = dose["value"].decimal()
    if value is None or value <= 0:
        return None
    dose_unit, quantity_unit = _unit(dose), _unit(quantity)
    if dose_unit == quantity_unit or not dose_unit:
        return value
    if dose_unit in _MASS_MG and quantity_unit in _MASS_MG:
        return value * _MASS_MG[dose_unit] / _MASS_MG[quantity_unit]
    if dose_unit in _MASS_MG:
        if product is None or product.strength is None or product.per_ml:
            dose.warning("a dose by weight of a product of unknown strength: no days of supply")
            return None
        return value * _MASS_MG[dose_unit] / product.strength
    return value if not quantity_unit else None


def _unit(quantity: Node) -> str:
    name = quantity["code"].text() or quantity["unit"].text() or ""
    return name.lower().strip("{}[] .").removesuffix("s")


def _times_in_text(instruction: Node) -> Decimal:
    """Doses a day in words; one where nothing says how often (the library's rule)."""
    text = instruction["text"].text()
    read = parse_sig(text) if text else None
    return (_sig_times(read.frequency) if read else None) or Decimal(1)


def _from_text(instruction: Node, quantity: Node) -> Decimal | None:
    """Units a day of an instruction that gives its dose in words only."""
    text = instruction["text"].text()
    if text is None or _unit(quantity) in _MASS_MG:
        return None
    read = parse_sig(text)
    times = _sig_times(read.frequency)
    if read.dose is None or times is None or read.dose.amount.high is None or read.segments:
        return None
    by_weight = read.dose.unit is not None and read.dose.unit.lower() in _MASS_MG
    return None if by_weight else read.dose.amount.high * times


def _sig_times(frequency: SigFrequency | None) -> Decimal | None:
    if frequency is None or frequency.per is None or frequency.unit not in _SIG_UNIT_DAYS:
        return None
    if frequency.times.high is None:
        return None
    return frequency.times.high / (frequency.per.low * _SIG_UNIT_DAYS[frequency.unit])
