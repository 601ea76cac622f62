"""From reduced items to the steps of an instruction, each with its fields."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from fhir_adapter.sig import grammar as g
from fhir_adapter.sig.frequency import HOURS, Reading, frequency_of, on_labelled_days
from fhir_adapter.sig.structure import SigDose, SigDuration, SigFrequency, SigStep, Span
from fhir_adapter.sig.tokens import Item

_AMOUNTS = frozenset({g.DOSE, g.BARE_NUMBER, g.PRODUCT})
_TIMINGS = frozenset({g.FREQUENCY, "w", g.DAYS, "C", g.DURATION, g.LABEL, "E"})
_LENGTHS = frozenset({g.DURATION, g.LABEL})
_SAID = frozenset(",&@iaeUX/=tTd()m" + g.MAXIMUM + g.REASON)
"""Kinds that leave nothing unread behind."""
_EYE_UNIT = "drop"
NO_UNIT = "dose: no unit is stated"
NONE_READ = "{}: none that we can read"


@dataclass(slots=True)
class Draft:
    """Items of one step before its fields are read."""

    relation: str
    items: list[Item] = field(default_factory=list)

    def has(self, kinds: frozenset[str]) -> bool:
        """Whether any item is of one of ``kinds``."""
        return any(item.kind in kinds for item in self.items)


def without_asides(items: Sequence[Item]) -> tuple[list[Item], list[Item]]:
    """``items`` outside parentheses, and those inside."""
    outside: list[Item] = []
    inside: list[Item] = []
    depth = 0
    for item in items:
        if item.kind == "(":
            depth += 1
        elif item.kind == ")":
            depth = max(0, depth - 1)
        else:
            (inside if depth else outside).append(item)
    return outside, inside


def split(items: Sequence[Item]) -> list[Draft]:
    """``items`` cut where a new step begins."""
    drafts = [Draft("first")]
    for at, item in enumerate(items):
        current = drafts[-1]
        if item.kind == "T" and current.items:
            drafts.append(Draft("then"))
            continue
        if item.kind == g.AFTER:
            _close(drafts, item)
            continue
        if _begins(current, item, items[at:]):
            relation = "then" if current.has(_LENGTHS) else "and"
            drafts.append(Draft(relation))
        drafts[-1].items.append(item)
    return [draft for draft in drafts if draft.has(_AMOUNTS | _TIMINGS)] or drafts[:1]


def _close(drafts: list[Draft], after: Item) -> None:
    """``increase to 2 after 1 week``: the step before that one lasted a week."""
    current = drafts[-1]
    at_end = current.relation == "then" and current.has(_AMOUNTS) and len(drafts) > 1
    target = drafts[-2] if at_end else current
    target.items.append(replace(after, kind=g.DURATION))


def _begins(current: Draft, item: Item, rest: Sequence[Item]) -> bool:
    if item.kind in _AMOUNTS:
        return current.has(_AMOUNTS) and current.has(_TIMINGS) and _timed(rest)
    return item.kind == g.LABEL and current.has(_LENGTHS) and current.has(_AMOUNTS)


def _timed(rest: Sequence[Item]) -> bool:
    """Whether the amount that begins ``rest`` is followed by its own timing."""
    for item in rest[1:]:
        if item.kind in _AMOUNTS or item.kind == "T":
            return False
        if item.kind in _TIMINGS or item.kind == "k":
            return True
    return False


def read_step(draft: Draft, aside: Sequence[Item] = ()) -> tuple[SigStep, list[str]]:
    """The fields of one step, and the words that none of them took."""
    reading = Reading()
    items = list(draft.items)
    dose = _dose(items, reading)
    items = _eye_or_daily(items, dose)
    frequency = _frequency(items, aside, reading)
    duration = _duration(items, frequency, reading)
    route = _route(items, dose, reading)
    step = SigStep(
        relation=draft.relation,
        method=next((item.value for item in items if item.kind == "v"), None),
        dose=dose,
        frequency=on_labelled_days(items, frequency),
        route=route,
        as_needed=any(item.kind == "k" for item in items) or any(i.kind == "k" for i in aside),
        duration=duration,
        strength=_strength(items),
        total=_total(items, aside, dose),
        maximum=next((item.value for item in items if item.kind == g.MAXIMUM), None),
        drug=_drug(items),
    )
    step = _withhold(step, items, reading)
    if any(item.kind == g.UNREADABLE for item in aside):
        reading.problems.append("a remark in parentheses is not read")
    _name_missing(step, reading)
    unread = _unread(items)
    return replace(step, problems=tuple(dict.fromkeys(reading.problems))), unread


def _frequency(
    items: Sequence[Item], aside: Sequence[Item], reading: Reading
) -> SigFrequency | None:
    """How often; times of day in parentheses add to it where they agree."""
    events = [item for item in aside if item.kind in {"w", "C", g.DAYS}]
    if events and (both := frequency_of([*items, *events], Reading())) is not None:
        return both
    return frequency_of(items, reading) or frequency_of(aside, Reading())


# dose


def _dose(items: Sequence[Item], reading: Reading) -> SigDose | None:
    amounts = list(dict.fromkeys(item.value for item in items if item.kind == g.DOSE))
    products = [item.value for item in items if item.kind == g.PRODUCT]
    bare = [item.value for item in items if item.kind == g.BARE_NUMBER]
    if len(amounts) > 1:
        reading.problems.append("dose: several amounts that do not say which is taken")
        return None
    if amounts:
        if bare:
            reading.problems.append("a further number is not understood")
        amount, unit = amounts[0]
        if unit is None:
            reading.problems.append("dose: the unit is not one we can name")
        return _positive(amount, unit, reading)
    if len(bare) == 1:
        reading.problems.append(NO_UNIT)
        return _positive(bare[0], None, reading)
    if bare:
        reading.problems.append("dose: several numbers that do not say which is taken")
        return None
    instructed = any(item.kind in _TIMINGS | {"v", "k"} for item in items)
    if len(products) != 1 or not instructed:
        return None  # "50 mg tablet" alone names a product and tells nobody to take it
    return SigDose(amount=products[0][0], unit=products[0][1])


def _positive(amount: Span, unit: str | None, reading: Reading) -> SigDose | None:
    if amount.high is not None and amount.high <= 0:
        reading.problems.append("dose: an amount of zero")
        return None
    return SigDose(amount=amount, unit=unit)


def _strength(items: Sequence[Item]) -> SigDose | None:
    return _the_one([i.value for i in items if i.kind in {g.STRENGTH, g.PRODUCT}])


def _total(items: Sequence[Item], aside: Sequence[Item], dose: SigDose | None) -> SigDose | None:
    """The mass beside a count, where it can only be that of the whole dose."""
    said = any(item.text == "total" for item in aside)
    of_one = dose is not None and dose.amount == Span.exactly(1)
    beside = [item.value for item in items if item.kind == g.TOTAL]
    if said or of_one:
        beside += [item.value for item in aside if item.kind == g.DOSE]
    return _the_one(beside)


def _the_one(amounts: Sequence[tuple[Span, str | None]]) -> SigDose | None:
    measured = [entry for entry in dict.fromkeys(amounts) if entry[1] in g.MASS_OR_VOLUME]
    return SigDose(amount=measured[0][0], unit=measured[0][1]) if len(measured) == 1 else None


def _eye_or_daily(items: list[Item], dose: SigDose | None) -> list[Item]:
    """``od``: once daily, unless something else says how often or the dose is in drops."""
    told = any(item.kind in {g.FREQUENCY, "w", g.DAYS, "C"} for item in items)
    drops = dose is not None and dose.unit == _EYE_UNIT
    settled: list[Item] = []
    for item in items:
        if item.kind != "E":
            settled.append(item)
        elif drops or told:
            organ = "otic" if item.value == "ear" else "ophthalmic"
            settled.append(replace(item, kind="R" if drops else "?", value=organ))
        elif item.value == "right":
            once = SigFrequency(times=Span.exactly(1), per=Span.exactly(1), unit="day")
            settled.append(replace(item, kind=g.FREQUENCY, value=once))
        else:
            settled.append(replace(item, kind="?"))
    return settled


# duration, route, the rest


def _duration(
    items: Sequence[Item], frequency: SigFrequency | None, reading: Reading
) -> SigDuration | None:
    lengths = list(dict.fromkeys(item.value for item in items if item.kind in _LENGTHS))
    if not lengths:
        lengths = _course_in_hours(items, frequency, reading)
    if len(lengths) > 1:
        reading.problems.append("duration: two statements that do not agree")
        return None
    return SigDuration(length=lengths[0][0], unit=lengths[0][1]) if lengths else None


def _course_in_hours(
    items: Sequence[Item], frequency: SigFrequency | None, reading: Reading
) -> list[tuple[Span, str]]:
    """``for 48 hours``: a course if doses fall within it, else how long one dose runs."""
    within = next((item.value for item in items if item.kind == g.WITHIN), None)
    if within is None:
        return []
    length, unit = within
    if frequency is None or frequency.per is None or frequency.unit not in HOURS:
        reading.problems.append("duration: hours that may be of one dose or of the course")
        return []
    apart = frequency.per.low * HOURS[frequency.unit] / max(frequency.times.low, Decimal(1))
    hours = length.low * HOURS[unit]
    if hours > apart:
        return [within]
    if hours == apart:
        reading.problems.append("duration: hours that may be of one dose or of the course")
    return []


def _route(items: Sequence[Item], dose: SigDose | None, reading: Reading) -> str | None:
    routes = list(dict.fromkeys(item.value for item in items if item.kind == "R"))
    if any(item.value == "inhale" for item in items if item.kind == "v"):
        routes = ["inhaled"]
    if len(routes) > 1:
        reading.problems.append("route: two routes are named")
        return None
    if routes == ["topical"] and dose is not None and dose.unit == "patch":
        return "transdermal"
    return routes[0] if routes else None


def _drug(items: Sequence[Item]) -> str | None:
    """Unknown words right behind an amount: the name of the drug, as written."""
    for at, item in enumerate(items[:-1]):
        if item.kind in _AMOUNTS and items[at + 1].kind == "?":
            named = []
            for word in items[at + 1 :]:
                if word.kind != "?":
                    break
                named.append(word.text)
            return " ".join(named)
    return None


def _withhold(step: SigStep, items: Sequence[Item], reading: Reading) -> SigStep:
    """``step`` without the fields that a word in it makes unreadable."""
    for item in items:
        if item.kind != g.UNREADABLE:
            continue
        for name in item.value:
            reading.problems.append(f"{name}: stated in a way that gives no fixed value")
        if "dose" in item.value:
            step = replace(step, dose=None)
        if "frequency" in item.value:
            step = replace(step, frequency=None)
        if "duration" in item.value:
            step = replace(step, duration=None)
    return step


def _name_missing(step: SigStep, reading: Reading) -> None:
    for name in ("dose", "frequency"):
        if getattr(step, name) is None and not _named(reading, name):
            reading.problems.append(NONE_READ.format(name))


def _named(reading: Reading, name: str) -> bool:
    return any(problem.startswith(f"{name}:") for problem in reading.problems)


def _unread(items: Sequence[Item]) -> list[str]:
    drug = _drug(items)
    read = set("ABPSQFwgCYLHvRks!E" + g.COUNT_OF_DOSES) | _SAID
    left = [item.text for item in items if item.kind not in read]
    named = drug.split() if drug else []
    return [text for text in left if text not in named]
