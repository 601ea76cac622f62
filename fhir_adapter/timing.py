"""How often a day, from a FHIR Timing: repeat, when, timeOfDay, dayOfWeek or a code."""

from decimal import Decimal
from functools import cache
from typing import NamedTuple

from fhir_adapter.concepts import codes
from fhir_adapter.node import Node
from fhir_adapter.table_files import rows

# FHIR unitsOfTime in days; month and year as in CumulativeMedicationDuration (data/README.md).
_DAYS = {
    "s": Decimal(1) / 86400,
    "min": Decimal(1) / 1440,
    "h": Decimal(1) / 24,
    "d": Decimal(1),
    "wk": Decimal(7),
    "mo": Decimal(30),
    "a": Decimal(365),
}
_SPELLED = {
    "day": "d", "days": "d", "week": "wk", "weeks": "wk", "month": "mo", "months": "mo",
    "year": "a", "years": "a", "hour": "h", "hours": "h",
}  # fmt: skip
_WEEK = Decimal(7)


class Rate(NamedTuple):
    """How often: at least ``low``, at most ``high``."""

    low: Decimal
    high: Decimal

    def times(self, other: "Rate") -> "Rate":
        """The product of two ranges of positive numbers."""
        return Rate(self.low * other.low, self.high * other.high)


class Frequency(NamedTuple):
    """Times a day where it can be told, and whether only as needed."""

    per_day: Rate | None
    as_needed: bool
    node: Node | None
    """The element it was read from."""
    once: bool = False
    """One single dose, no course."""


@cache
def _by_code() -> dict[str, Rate]:
    found = {}
    for row in rows("timings"):
        rate = Decimal(row["times"]) / Decimal(row["days"])
        found[row["code"]] = Rate(rate, rate)
    return found


def days(value: Decimal, unit: str | None) -> Decimal | None:
    """``value`` of a FHIR unit of time in days; None for a unit that is none."""
    plain = (unit or "").strip().lower()
    per = _DAYS.get(_SPELLED.get(plain, plain))
    return None if per is None else value * per


def frequency(timing: Node) -> Frequency:
    """Times a day the dose is taken, as far as the Timing says."""
    repeat = timing["repeat"]
    structured = _from_repeat(repeat) if repeat else None
    coded, as_needed, once = _from_code(timing)
    if structured and coded and not _agree(structured, coded):
        timing.warning("code and repeat give different frequencies: the dose is a range")
        both = Rate(min(structured.low, coded.low), max(structured.high, coded.high))
        return Frequency(both, as_needed, timing)
    if structured:
        return Frequency(structured, as_needed, repeat)
    if coded:
        return Frequency(coded, as_needed, timing["code"])
    once = once or (repeat["count"].value == 1)
    return Frequency(None, as_needed, timing or None, once)


def _agree(one: Rate, other: Rate) -> bool:
    return one.low <= other.high and other.low <= one.high


def _from_repeat(repeat: Node) -> Rate | None:
    counted = _counted(repeat)
    whens = [node for node in repeat.each("when") if node.text()]
    times = [node for node in repeat.each("timeOfDay") if node.text()]
    listed = max(len(whens), len(times))
    day_count = len({node.text() for node in repeat.each("dayOfWeek")} - {None})
    share = Decimal(day_count) / _WEEK if day_count else Decimal(1)
    if counted is None:
        if not listed and not day_count:
            return None
        rate = Decimal(listed or 1) * share
        return Rate(rate, rate)
    if listed > 1 and counted.high < listed and not day_count:
        repeat.warning("frequency and the listed times of day differ: the dose is a range")
        return Rate(counted.low, Decimal(listed))
    if not day_count:
        return counted
    if counted.low >= 1:
        return Rate(counted.low * share, counted.high * share)
    weekly = Decimal(day_count) / _WEEK
    return Rate(min(counted.low, weekly), max(counted.high, weekly))


def _counted(repeat: Node) -> Rate | None:
    """Frequency / period, with their upper ends."""
    low = _positive(repeat["frequency"])
    high = _positive(repeat["frequencyMax"]) or low
    period = _positive(repeat["period"])
    unit = repeat.text_at("periodUnit") or repeat.text_at("periodUnits")
    if period is None or unit is None:
        if low is not None:
            repeat.warning("frequency without period and periodUnit: times a day are unknown")
        return None
    if low is None and repeat["frequency"]:
        return None
    low, high = low or Decimal(1), high or Decimal(1)
    longest = _positive(repeat["periodMax"]) or period
    shortest_days, longest_days = days(period, unit), days(longest, unit)
    if shortest_days is None or longest_days is None:
        repeat["periodUnit"].error("not a FHIR unit of time: times a day are unknown")
        return None
    return Rate(low / longest_days, high / shortest_days)


def _positive(node: Node) -> Decimal | None:
    value = node.decimal()
    if value is not None and value <= 0:
        node.error("expected a number above 0: the element is not read")
        return None
    return value


def _from_code(timing: Node) -> tuple[Rate | None, bool, bool]:
    concept = timing["code"]
    names = [code.code for code in codes(concept)] if concept else []
    text = concept.text_at("text") if concept else None
    as_needed = False
    for name in [*names, *([text] if text else [])]:
        plain = " ".join(name.upper().replace(":", " ").split())
        as_needed = as_needed or plain.endswith("PRN")
        plain = plain.removesuffix("PRN").strip()
        rate = _by_code().get(plain) or _by_code().get(plain.replace("Q ", "Q"))
        if rate:
            return rate, as_needed, False
        if plain in ("ONCE", "1X", "X1", "STAT", "NOW X1"):
            return None, as_needed, True
    return None, as_needed, False
