"""Observation to LabResult: the tests of ``tables/labs.csv``, in the unit given there."""

import re
from decimal import Decimal
from functools import cache, lru_cache
from typing import NamedTuple

from assistant.staging.record import LabResult
from fhir_adapter import terminology, units
from fhir_adapter.concepts import Concept, concept_at, first_code, words
from fhir_adapter.node import Node
from fhir_adapter.observed import COUNTED, effective
from fhir_adapter.table_files import rows

_LEVEL = re.compile(r"in (serum|plasma|blood)|\b(serum|plasma|drug|blood) (level|concentration)|"
                    r"\blevel\b")  # fmt: skip
_INTERPRETATION = {
    "L": "low", "LL": "low", "LU": "low", "<": "low",
    "N": "normal",
    "H": "high", "HH": "high", "HU": "high", ">": "high",
    "POS": "positive", "DET": "positive", "R": "positive",
    "NEG": "negative", "ND": "negative", "NR": "negative",
}  # fmt: skip
_PRESENCE = {"positive": "positive", "detected": "positive", "present": "positive",
             "negative": "negative", "not detected": "negative", "absent": "negative",
             "none detected": "negative"}  # fmt: skip


class _Test(NamedTuple):
    name: str
    unit: str
    molar_mass: Decimal | None


@cache
def _by_loinc() -> dict[str, _Test]:
    return {
        row["loinc"]: _Test(
            row["test"], row["unit"], Decimal(row["molar_mass"]) if row["molar_mass"] else None
        )
        for row in rows("labs")
    }


class _Conversion(NamedTuple):
    """From the recorded unit to ours."""

    factor: Decimal
    plus: Decimal = Decimal(0)

    def of(self, value: Decimal) -> Decimal:
        """``value`` in our unit, without the trailing zeros a conversion leaves."""
        plain = (value * self.factor + self.plus).normalize()
        return plain.quantize(Decimal(1)) if plain == plain.to_integral_value() else plain


@cache
def _equations() -> dict[tuple[str, str], _Conversion]:
    return {
        (row["test"], row["unit"]): _Conversion(Decimal(row["factor"]), Decimal(row["plus"]))
        for row in rows("unit_equations")
    }


def results(observation: Node, about: Concept) -> list[LabResult]:
    """The laboratory values of an Observation of this code, and of its components."""
    parts = observation.each("component")
    whole = _test(about)
    if whole is None and not parts:
        return []
    asked = [(observation, whole), *((part, _test(concept_at(part, "code"))) for part in parts)]
    held = [(holder, test) for holder, test in asked if test is not None]
    if held and observation.text_at("status") not in COUNTED:
        observation["status"].warning("a result with this status does not count: it is not read")
        return []
    return [_result(holder, observation, test) for holder, test in held]


def is_read(about: Concept) -> bool:
    """Whether a code means a laboratory value that is read."""
    return _test(about) is not None


@lru_cache(maxsize=4096)
def _test(about: Concept) -> _Test | None:
    for code in about.codes:
        if code.system == "loinc" and code.code in _by_loinc():
            return _by_loinc()[code.code]
    for text, _ in about.words():
        test = _level(text)
        if test is not None:
            return test
    return None


def _level(text: str) -> _Test | None:
    """The drug whose level a test's name says it measures."""
    if not _LEVEL.search(text.lower()) or "urine" in text.lower():
        return None
    named = terminology.by_name(text)
    if len(named) != 1 or not named[0].tracked:
        return None
    drug = named[0].drug
    if drug == "lithium":
        return next(test for test in _by_loinc().values() if test.name == "lithium")
    if named[0].role != "antidepressant":
        return None
    return _Test(f"plasma_level:{drug}", "ng/mL", None)


def _result(holder: Node, observation: Node, test: _Test) -> LabResult:
    quantity = holder["valueQuantity"]
    conversion = _conversion(quantity, test) if quantity else None
    value = quantity.decimal_at("value") if quantity else None
    low, high = _range(holder, test, quantity)
    interpretation = _interpretation(holder)
    if value is None and interpretation is None:
        _note_absence(holder)
    shown = quantity["value"] or holder["code"]
    return LabResult(
        test=test.name,
        value=None if value is None or conversion is None else conversion.of(value),
        unit=test.unit,
        date=effective(observation),
        comparator=quantity.text_at("comparator") or "",
        reference_low=low,
        reference_high=high,
        interpretation=interpretation,
        evidence=(shown.evidence("value"),),
    )


def _note_absence(holder: Node) -> None:
    if holder["dataAbsentReason"]:
        holder["dataAbsentReason"].warning("a result without a value")
    else:
        holder.warning("a result whose value is not a quantity: it is not read")


def _conversion(quantity: Node, test: _Test) -> _Conversion | None:
    """What converts the recorded unit to ours; an issue where nothing does."""
    names = quantity.units()
    found = _from_units(tuple(names), test)
    if found is None:
        what = "is not convertible to" if names else "is missing, expected"
        quantity.warning(f"the unit {what} {test.unit}: the value is unknown")
    return found


@lru_cache(maxsize=1024)
def _from_units(names: tuple[str, ...], test: _Test) -> _Conversion | None:
    for name in names:
        factor = units.factor(name, test.unit, test.molar_mass)
        if factor is not None:
            return _Conversion(factor)
        equation = _equations().get((test.name, name.strip().lower()))
        if equation is not None:
            return equation
    return None


def _range(holder: Node, test: _Test, quantity: Node) -> tuple[Decimal | None, Decimal | None]:
    for given in holder.each("referenceRange"):
        kind = first_code(given["type"])
        if kind not in ("", "normal"):
            continue
        return _bound(given["low"], test, quantity), _bound(given["high"], test, quantity)
    return None, None


def _bound(bound: Node, test: _Test, quantity: Node) -> Decimal | None:
    value = bound.decimal_at("value") if bound else None
    if value is None:
        return None
    named = bound if bound["unit"] or bound["code"] else quantity
    conversion = _from_units(tuple(named.units()), test)
    return None if conversion is None else conversion.of(value)


def _interpretation(holder: Node) -> str | None:
    for concept in holder.each("interpretation"):
        found = _INTERPRETATION.get(first_code(concept).upper())
        if found:
            return found
    if not holder.has("valueCodeableConcept", "valueString"):
        return None
    for text, _ in words(holder["valueCodeableConcept"]):
        found = _PRESENCE.get(text.lower().split(" (")[0])
        if found:
            return found
    return _PRESENCE.get((holder.text_at("valueString") or "").lower())
