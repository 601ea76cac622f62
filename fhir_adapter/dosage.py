"""mg a day from FHIR Dosage elements: dose, strength of the product, timing, words.

Instructions without a sequence, or of one sequence number, are taken at once
and add up; different numbers follow each other and give one step each. Words
fill in what the structure leaves out. Where words and structure disagree the
dose is the range of both, with an issue: neither is chosen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from assistant.staging.dates import PartialDate
from assistant.staging.doses import Dose
from assistant.staging.record import Evidence, Issue
from fhir_adapter import amounts, durations, text_dosage, timing
from fhir_adapter.amounts import Amount
from fhir_adapter.concepts import words
from fhir_adapter.issues import IssueLog
from fhir_adapter.node import Node
from fhir_adapter.terminology import Product, implausible_above, weekly_strengths
from fhir_adapter.text_dosage import TextDosage, TextStep
from fhir_adapter.timing import Frequency, Rate

_ROUTES = ("oral", "transdermal", "nasal", "sublingual", "intravenous", "intramuscular")


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


def steps(dosages: Iterable[Node], product: Product) -> tuple[Step, ...]:
    """The steps of a list of Dosage elements, in order; one empty step where there is none."""
    by_sequence: dict[int | None, list[Node]] = {}
    for node in dosages:
        if not isinstance(node.value, dict):
            node.error("expected a Dosage (an object): it is not read")
            continue
        number = node["sequence"].whole() if node.has("sequence") else None
        by_sequence.setdefault(number, []).append(node)
    if not by_sequence:
        return (Step(),)
    if len(by_sequence) == 1 or None in by_sequence:
        return _at_once([node for group in by_sequence.values() for node in group], product)
    return tuple(
        step
        for number in sorted(by_sequence, key=lambda value: value or 0)
        for step in _at_once(by_sequence[number], product)
    )


def _at_once(nodes: list[Node], product: Product) -> tuple[Step, ...]:
    """Instructions that hold together: their doses add up."""
    if len(nodes) == 1:
        return _one(nodes[0], product)
    read = [step for node in nodes for step in _one(node, product)[:1]]
    regular = [step for step in read if not step.as_needed] or read
    total = _sum([step.dose for step in regular])
    if total is None:
        nodes[0].warning("one of several instructions gives no dose: the daily dose is unknown")
    starts = [step.start for step in read if step.start]
    ends = [step.end for step in read if step.end]
    together = Step(
        dose=total,
        as_needed=all(step.as_needed for step in read),
        start=min(starts, key=lambda date: date.earliest, default=None),
        end=max(ends, key=lambda date: date.latest) if len(ends) == len(read) else None,
        days=max((step.days for step in read if step.days), default=None),
        route=next((step.route for step in read if step.route), None),
        evidence=tuple(item for step in read for item in step.evidence),
    )
    return (together,)


def _sum(doses: Sequence[Dose | None]) -> Dose | None:
    total: Dose | None = None
    for dose in doses:
        if dose is None:
            return None
        total = dose if total is None else total + dose
    return total


class _Reading(NamedTuple):
    """What an instruction means, its dates apart; places are relative to the instruction."""

    steps: tuple[Step, ...]
    issues: tuple[Issue, ...]
    worded_days: Decimal | None
    """How long its one step lasts by the words."""


def _one(node: Node, product: Product) -> tuple[Step, ...]:
    """The steps of one Dosage: one, unless its words alone give several."""
    read = _reading(node.value, product)
    for issue in read.issues:
        place = node.at(issue.path)
        (place.error if issue.severity == "error" else place.warning)(issue.problem)
    found = [
        replace(
            step,
            evidence=tuple(
                node.at(item.element).evidence(item.attribute) for item in step.evidence
            ),
        )
        for step in read.steps
    ]
    bounds = node.inner("timing", "repeat", "boundsPeriod")
    if bounds:
        start, end = bounds["start"].date(), bounds["end"].date()
        stated = _days_between(start, end)
        if read.worded_days and found[0].days is None and stated:
            _compare_lengths(node, read.worded_days, stated)
        found[0] = replace(found[0], start=start)
        found[-1] = replace(found[-1], end=end)
    return tuple(found)


def _moved(evidence: tuple[Evidence, ...], node: Node) -> tuple[Evidence, ...]:
    """Evidence inside an instruction as evidence inside its resource."""
    return tuple(node.at(item.element).evidence(item.attribute) for item in evidence)


def _reading(instruction: dict[str, Any], product: Product) -> _Reading:
    """What an instruction means, read once for all that are written alike but for their dates."""
    try:
        written = orjson.dumps(_undated(instruction))
    except TypeError:  # a number that JSON can hold and orjson cannot write
        return _read_anew(instruction, product)
    return _read_once(written, product)


def _undated(instruction: dict[str, Any]) -> dict[str, Any]:
    timing = instruction.get("timing")
    repeat = timing.get("repeat") if isinstance(timing, dict) else None
    if not isinstance(timing, dict) or not isinstance(repeat, dict):
        return instruction
    if "boundsPeriod" not in repeat:
        return instruction
    without = {name: value for name, value in repeat.items() if name != "boundsPeriod"}
    return {**instruction, "timing": {**timing, "repeat": without}}


@lru_cache(maxsize=4096)
def _read_once(written: bytes, product: Product) -> _Reading:
    return _read_anew(orjson.loads(written), product)


def _read_anew(instruction: dict[str, Any], product: Product) -> _Reading:
    log = IssueLog()
    node = Node(instruction, "", "", log)
    often = timing.frequency(node["timing"])
    amount = amounts.amount_of(node, product)
    text = node.text_at("text")
    worded = text_dosage.read(text, product) if text and product.tracked else None
    if often.once:
        node.warning("one single dose: it gives no daily dose")
        worded = None
    if worded is not None and amount is None and often.per_day is None:
        said = (_within_maximum(node, step, product) for step in _from_words(node, worded, product))
        return _Reading(tuple(said), log.found(), None)
    first = worded.steps[0] if worded is not None else None
    step = _from_structure(node, amount, often, first, product)
    if worded is not None:
        step = _compared(node, step, worded, product)
    step = _within_maximum(node, step, product)
    return _Reading((step,), log.found(), _worded_days(worded))


def _from_words(node: Node, worded: TextDosage, product: Product) -> tuple[Step, ...]:
    """The steps where only the words say something."""
    text = node["text"]
    if not worded.whole:
        text.warning("a part of the words was not understood")
    base = _frame(node)
    found = []
    for said in worded.steps:
        step = replace(
            base,
            dose=_daily(text, said.mg, said.per_day, product),
            as_needed=base.as_needed or said.as_needed,
            days=said.days or base.days,
            units_a_day=_times(said.units, said.per_day),
            route=base.route or said.route,
            evidence=(text.evidence("dose"),),
        )
        if len(worded.steps) > 1:
            step = replace(step, days=said.days)
        found.append(step)
    return tuple(found)


def _from_structure(
    node: Node, amount: Amount | None, often: Frequency, said: TextStep | None, product: Product
) -> Step:
    """The step the structure gives; dose or frequency from the words where it has none."""
    base = _frame(node)
    mg, units = (amount.mg, amount.units) if amount else (None, None)
    per_day = often.per_day
    evidence = [item.evidence("dose") for item in (amount and amount.node, often.node) if item]
    if said is not None:
        if per_day is None and said.per_day is not None and not often.once:
            per_day = said.per_day
            evidence.append(node["text"].evidence("dose"))
        if amount is None and not said.strength_named and said.mg is not None:
            mg, units = said.mg, said.units
            evidence.append(node["text"].evidence("dose"))
    return replace(
        base,
        dose=_daily(node, mg, per_day, product),
        as_needed=base.as_needed or often.as_needed or (said is not None and said.as_needed),
        units_a_day=_times(units, per_day),
        route=base.route or (said.route if said else None),
        evidence=tuple(evidence),
    )


def _frame(node: Node) -> Step:
    """What a Dosage says besides dose, frequency and dates."""
    return Step(
        as_needed=_as_needed(node),
        days=_length(node["timing"]["repeat"]),
        route=route_of(node),
    )


def _compared(node: Node, step: Step, worded: TextDosage, product: Product) -> Step:
    """The step, or the range of structure and words where they disagree."""
    text = node["text"]
    said = [
        dose
        for item in worded.steps
        for dose in [_daily(text, item.mg, item.per_day, product)]
        if dose is not None
    ]
    length = _worded_days(worded)
    if length and step.days:
        _compare_lengths(node, length, step.days)
    if step.dose is None or not said:
        return step
    low = min(dose.low for dose in (step.dose, *said))
    high = max(dose.high for dose in (step.dose, *said))
    if low >= step.dose.low and high <= step.dose.high:
        return step
    text.warning("words and structure give different doses: the dose is the range of both")
    union = Dose(
        low=low,
        high=high,
        labelled_low=min(dose.labelled_low for dose in (step.dose, *said)),
        labelled_high=max(dose.labelled_high for dose in (step.dose, *said)),
    )
    return replace(step, dose=union, evidence=(*step.evidence, text.evidence("dose")))


def _within_maximum(node: Node, step: Step, product: Product) -> Step:
    """The step with its upper end cut to ``maxDosePerPeriod``; a contradiction is a range."""
    limit = amounts.most_a_day(node, product) if node.has("maxDosePerPeriod") else None
    if limit is None or step.dose is None or step.dose.labelled_high <= limit[0]:
        return step
    most, place = limit
    low, high = step.dose.labelled_low, most
    if low > most:
        place.warning("the dose is above the stated maximum: it is the range of both")
        low, high = most, step.dose.labelled_high
    dose = _comparable(Rate(low, high), product)
    return replace(step, dose=dose, evidence=(*step.evidence, place.evidence("dose")))


def _worded_days(worded: TextDosage | None) -> Decimal | None:
    return worded.steps[0].days if worded is not None and len(worded.steps) == 1 else None


def _compare_lengths(node: Node, worded: Decimal, stated: Decimal) -> None:
    if abs(worded - stated) > 1:
        node["text"].warning(
            "words and structure give different lengths: the structure's dates are read"
        )


def _days_between(start: PartialDate | None, end: PartialDate | None) -> Decimal | None:
    if start is None or end is None or not (start.is_exact and end.is_exact):
        return None
    return Decimal((end.earliest - start.earliest).days + 1)


def _times(amount: Rate | None, per_day: Rate | None) -> Rate | None:
    return None if amount is None or per_day is None else amount.times(per_day)


def _daily(node: Node, mg: Rate | None, per_day: Rate | None, product: Product) -> Dose | None:
    """Mg a day, as labelled and as compared with the floor; None where it is no daily dose."""
    labelled = _times(mg, per_day)
    if labelled is None:
        return None
    if product.weekly or _is_weekly_capsule(product.drug, mg, per_day):
        node.warning("a capsule for one week: its strength is no daily dose, which stays unknown")
        return None
    limit = implausible_above(product.drug)
    if limit is not None and labelled.high > limit:
        node.error("the dose is beyond anything given of this drug: it is not read")
        return None
    return _comparable(labelled, product)


def _is_weekly_capsule(drug: str, mg: Rate | None, per_day: Rate | None) -> bool:
    """Whether the amount is that of a capsule for one week, taken no more often."""
    if mg is None or per_day is None or mg.low != mg.high:
        return False
    return mg.low in weekly_strengths(drug) and per_day.high <= Decimal(1) / 7


def _comparable(labelled: Rate, product: Product) -> Dose:
    """The daily dose as labelled and as compared with the floor."""
    return Dose(
        low=product.comparable(labelled.low),
        high=product.comparable(labelled.high),
        labelled_low=labelled.low,
        labelled_high=labelled.high,
    )


def _as_needed(node: Node) -> bool:
    if node.first("asNeededCodeableConcept", "asNeededFor"):
        return True
    return bool(node.first("asNeededBoolean", "asNeeded").flag())


def _length(repeat: Node) -> Decimal | None:
    bound = repeat.first("boundsDuration", "boundsQuantity")
    if not bound:
        ranged = repeat["boundsRange"]
        bound = ranged["high"] or ranged["low"]
    return durations.days_of(bound) if bound else None


def days_of_quantity(
    quantity: Node, instructions: Sequence[Node], products: Sequence[Product]
) -> Decimal | None:
    """How long a quantity lasts at the instructed units a day, by the upper end of a range."""
    value = quantity.decimal_at("value") if quantity else None
    if value is None or value <= 0 or len(instructions) != 1 or not products:
        return None
    found = steps(instructions, products[0])
    if len(found) != 1 or found[0].units_a_day is None or found[0].as_needed:
        return None
    most = found[0].units_a_day.high
    return value / most if most > 0 else None


def supplied(quantity: Node, supply: Node, product: Product) -> Dose | None:
    """Strength x quantity over the days it is to last, for a fill without an instruction."""
    days = durations.days_of(supply)
    if days is None or product.strength is None or product.per_ml:
        return None
    value = quantity.decimal_at("value")
    if value is None or value <= 0 or not amounts.counts_forms(quantity):
        return None
    mg = value * product.strength / days
    return _daily(quantity, Rate(mg, mg), Rate(Decimal(1), Decimal(1)), product)


def given(holder: Node, product: Product) -> tuple[Dose, tuple[Evidence, ...]] | None:
    """The dose of one administration, as mg on its day."""
    quantity = holder.first("dose", "quantity")
    amount = amounts.measured(quantity, quantity, quantity, product) if quantity else None
    if amount is None:
        return None
    dose = _daily(quantity, amount.mg, Rate(Decimal(1), Decimal(1)), product)
    return None if dose is None else (dose, (quantity.evidence("dose"),))


def route_of(node: Node) -> str | None:
    """The route in words, as a coded or plain route element gives it."""
    text = next((text for text, _ in words(node["route"])), "").lower()
    return next((name for name in _ROUTES if name in text), None)
