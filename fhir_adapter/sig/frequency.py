"""How often: rates, times of day, clock times and days of the week put together."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from fhir_adapter.sig import grammar as g
from fhir_adapter.sig.structure import SigFrequency, Span
from fhir_adapter.sig.tokens import Item

_SLOTS = {
    "MORN": "morning", "WAKE": "morning", "CM": "morning", "ACM": "morning", "PCM": "morning",
    "NOON": "noon", "CD": "noon", "ACD": "noon", "PCD": "noon",
    "AFT": "afternoon",
    "EVE": "evening", "CV": "evening", "ACV": "evening", "PCV": "evening",
    "NIGHT": "night", "HS": "night",
}  # fmt: skip
_MEALS = frozenset({"C", "AC", "PC"})
_MEAL_SLOTS = ("morning", "noon", "evening")
HOURS = {"hour": Decimal(1), "day": Decimal(24), "minute": Decimal(1) / 60, "week": Decimal(168)}
"""Hours of a period that has a fixed number of them."""


@dataclass(slots=True)
class Reading:
    """What of one step could not be read."""

    problems: list[str] = field(default_factory=list)


def frequency_of(items: Sequence[Item], reading: Reading) -> SigFrequency | None:
    """How often the items of one step say; None and a problem where they do not agree."""
    stated = [item.value for item in items if item.kind == g.FREQUENCY]
    events = tuple(dict.fromkeys(item.value for item in items if item.kind == "w"))
    clocks = tuple(dict.fromkeys(item.value for item in items if item.kind == "C"))
    days = next((item.value for item in items if item.kind == g.DAYS), ())
    base = _one_of(stated, reading)
    if stated and base is None:
        return None
    events = tuple(dict.fromkeys((*(base.when if base else ()), *events)))
    frequency = _with_events(base, events, clocks, reading)
    if days:
        frequency = _on_days(frequency, days, events, clocks, reading)
    return frequency


def _one_of(stated: Sequence[SigFrequency], reading: Reading) -> SigFrequency | None:
    """The one rate that all of ``stated`` agree on; "once" beside another says nothing."""
    rates = [entry for entry in stated if entry.unit is not None] or list(stated)
    if not rates:
        return None
    first = rates[0]
    if any(_per_day(entry) != _per_day(first) for entry in rates[1:]):
        reading.problems.append("frequency: two statements that do not agree")
        return None
    when = tuple(dict.fromkeys(code for entry in rates for code in entry.when))
    return replace(first, when=when)


def _per_day(frequency: SigFrequency) -> tuple[object, ...]:
    """A rate in a form in which ``every 12 hours`` equals ``twice daily``."""
    per, unit = frequency.per, frequency.unit
    if per is None or unit not in HOURS or not per.is_exact:
        return (frequency.times, per, unit)
    hours = per.low * HOURS[unit]
    times = frequency.times
    return (times.low / hours, None if times.high is None else times.high / hours)


def _slots(events: Sequence[str], *, stated: bool) -> int:
    """How many times of the day ``events`` name; meals count only where nothing else does."""
    slots = {_SLOTS[code] for code in events if code not in _MEALS}
    if not stated and any(code in _MEALS for code in events):
        slots.update(_MEAL_SLOTS)
    return len(slots)


def _with_events(
    base: SigFrequency | None,
    events: tuple[str, ...],
    clocks: tuple[str, ...],
    reading: Reading,
) -> SigFrequency | None:
    if not events and not clocks:
        return base
    if base is None or base.per is None:
        named = len(clocks) or _slots(events, stated=False)
        return SigFrequency(
            times=Span.exactly(max(named, 1)),
            per=Span.exactly(1),
            unit="day",
            when=events,
            time_of_day=clocks,
        )
    counts = {
        len(clocks) or _slots(events, stated=True),
        len(clocks) or _slots(events, stated=False),
    }
    if _agrees(base, counts):
        return replace(base, when=events, time_of_day=clocks)
    reading.problems.append("frequency: the times of day do not agree with how often")
    return None


def _agrees(base: SigFrequency, named: set[int]) -> bool:
    """Whether so many ``named`` times of the day fit a rate; meals may count or not."""
    if 0 in named:
        return True
    several_days = base.unit != "hour" and (base.unit != "day" or _more_than_one(base.per))
    if several_days:
        return 1 in named
    rates = {
        _per_day(SigFrequency(times=Span.exactly(count), per=Span.exactly(1), unit="day"))
        for count in named
    }
    return _per_day(base) in rates or any(_at_most(base, count) for count in named)


def _more_than_one(per: Span | None) -> bool:
    return per is not None and per.low > 1


def _at_most(base: SigFrequency, named: int) -> bool:
    """A range such as "up to 3 times a day" that ``named`` lies in."""
    low, high = base.times.low, base.times.high
    return not base.times.is_exact and low <= named and (high is None or named <= high)


def _on_days(
    frequency: SigFrequency | None,
    days: tuple[str, ...],
    events: tuple[str, ...],
    clocks: tuple[str, ...],
    reading: Reading,
) -> SigFrequency | None:
    """So many times on each of ``days`` of a week."""
    count = Decimal(len(days))
    if frequency is None or frequency.per is None:
        times = Span.exactly(count)
    elif (frequency.unit, frequency.per) == ("day", Span.exactly(1)):
        times = frequency.times.times(count)
    elif (frequency.unit, frequency.per) == ("week", Span.exactly(1)) and (
        frequency.times in (Span.exactly(count), Span.exactly(1))
    ):
        times = Span.exactly(count)
    else:
        reading.problems.append("frequency: the days of the week do not agree with how often")
        return None
    return SigFrequency(
        times=times, per=Span.exactly(1), unit="week", when=events, days=days, time_of_day=clocks
    )


def on_labelled_days(items: Sequence[Item], frequency: SigFrequency | None) -> SigFrequency | None:
    """``on days 2-5`` without a frequency is once on each of them."""
    labels = [item.value for item in items if item.kind == g.LABEL]
    if frequency is None and labels and labels[0][1] == "day":
        return SigFrequency(times=Span.exactly(1), per=Span.exactly(1), unit="day")
    return frequency
