"""Patterns over kinds: stretches of items become doses, frequencies and durations.

An instruction is a row of items; its kinds, one letter each, make a string. Each
rule is a regular expression over that string and says what the stretch becomes.
The rules run in order, so a later one sees what an earlier one has made.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from fhir_adapter.sig.structure import SigFrequency, Span
from fhir_adapter.sig.tokens import Item

DOSE, BARE_NUMBER, PRODUCT, DURATION, LABEL, WITHIN = "A", "B", "P", "Y", "L", "H"
MAXIMUM, UNREADABLE, DAYS, CLAUSE, REASON, AFTER = "M", "!", "g", "n", "j", "Z"
FREQUENCY, COUNT_OF_DOSES, STRENGTH, TOTAL = "F", "O", "S", "Q"

MASS_OR_VOLUME = frozenset({"mg", "mcg", "g", "mL", "unit"})
_LONG_PERIODS = frozenset({"day", "week", "fortnight", "month", "year"})
_FORTNIGHT_WEEKS = 2
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Build = Callable[[Sequence[Item]], "Item | list[Item] | None"]


def kinds_of(items: Sequence[Item]) -> str:
    """The string of kinds that the patterns run over."""
    return "".join(item.kind for item in items)


def reduce_items(items: Sequence[Item]) -> list[Item]:
    """``items`` with every stretch that a rule reads replaced by what it says."""
    row = list(items)
    kinds = kinds_of(row)
    for pattern, build in RULES:
        if pattern.search(kinds):
            row = _rewrite(row, pattern.finditer(kinds), build)
            kinds = kinds_of(row)
    return row


def _rewrite(row: list[Item], matches: Iterator[re.Match[str]], build: Build) -> list[Item]:
    at = 0
    written: list[Item] = []
    for match in matches:
        start, end = match.span()
        built = build(row[start:end])
        if built is None:
            continue
        written += row[at:start]
        written += built if isinstance(built, list) else [built]
        at = end
    return written + row[at:]


def _joined(items: Sequence[Item], kind: str, value: object) -> Item:
    return Item(kind, value, " ".join(item.text for item in items), items[0].at)


def _all(items: Sequence[Item], kind: str) -> list[Item]:
    return [item for item in items if item.kind == kind]


def _unreadable(items: Sequence[Item], *fields: str) -> Item:
    return _joined(items, UNREADABLE, fields)


# numbers


def _repeated_number(items: Sequence[Item]) -> Item:
    first, second = _all(items, "N")
    if first.value == second.value:
        return first
    return _unreadable(items, "dose")


def _number_and_part(items: Sequence[Item]) -> Item:
    number, part = items[0], items[-1]
    return _joined(items, "N", Span.exactly(number.value.low + part.value))


def _part(items: Sequence[Item]) -> Item:
    return replace(items[0], kind="N", value=Span.exactly(items[0].value))


def _range(items: Sequence[Item]) -> Item:
    low, high = items[0].value, items[-1].value
    if high.high is None or low.high is None or high.high < low.low:
        return _unreadable(items, "dose", "frequency", "duration")
    return _joined(items, "N", Span(low=low.low, high=high.high))


def _up_to(items: Sequence[Item]) -> Item | None:
    limit = items[0]
    number = items[-1] if items[-1].kind == "N" else _one(items[1:])[0]
    if limit.value == "up_to":
        return _joined(items, "N", Span(low=Decimal(0), high=number.value.high))
    if limit.value == "at_least":
        return _joined(items, "N", Span(low=number.value.low, high=None))
    return None


def _maximum(items: Sequence[Item]) -> Item:
    return _joined(items, MAXIMUM, " ".join(item.text for item in items[1:]))


def _maximum_unless_range(items: Sequence[Item]) -> Item | None:
    return _maximum(items) if items[0].value == "words" else None


def _one(items: Sequence[Item]) -> list[Item]:
    return [replace(items[0], kind="N", value=Span.exactly(1)), *items[1:]]


def _roman(items: Sequence[Item]) -> Item:
    return replace(items[0], kind="N", value=Span.exactly(items[0].value))


# frequencies


def _period(item: Item, count: Span) -> tuple[Span, str]:
    if item.value == "fortnight":
        return count.times(Decimal(_FORTNIGHT_WEEKS)), "week"
    return count, str(item.value)


def _frequency(items: Sequence[Item], times: Span, count: Span, period: Item) -> Item:
    per, unit = _period(period, count)
    if per.low <= 0 or (times.high is not None and times.high <= 0):
        return _unreadable(items, "frequency")
    return _joined(items, FREQUENCY, SigFrequency(times=times, per=per, unit=unit))


def _times_per(items: Sequence[Item]) -> Item:
    """``3 times a day``, ``twice weekly``, ``once every 3 days``."""
    first, rest = items[0], items[1:]
    times = Span.exactly(first.value) if first.kind == "c" else first.value
    numbers, ordinals = _all(rest, "N"), _all(rest, "o")
    count = Span.exactly(1)
    if numbers:
        count = numbers[0].value
    elif ordinals:
        count = Span.exactly(ordinals[0].value)
    return _frequency(items, times, count, items[-1])


def _every(items: Sequence[Item]) -> Item:
    """``every 6 hours``, ``q4-6h``, ``every other day``, ``daily``, ``a day``."""
    numbers, ordinals = _all(items, "N"), _all(items, "o")
    count = Span.exactly(1)
    if numbers:
        count = numbers[0].value
    elif ordinals:
        count = Span.exactly(ordinals[0].value)
    return _frequency(items, Span.exactly(1), count, items[-1])


def _alternate(items: Sequence[Item]) -> Item | None:
    return _every(items) if items[0].text in {"other", "alternate"} else None


def _hourly(items: Sequence[Item]) -> Item | None:
    return _every(items) if items[-1].value == "hour" else None


def _frequency_range(items: Sequence[Item]) -> Item | None:
    """``4 hourly or 5 hourly``, ``qd-bid``."""
    first, second = items[0].value, items[-1].value
    if first.per is None or second.per is None or first.unit != second.unit:
        return None
    if first.times == second.times and first.per.low <= second.per.low:
        per = Span(low=first.per.low, high=second.per.high)
        return _joined(items, FREQUENCY, replace(first, per=per))
    if first.per == second.per and first.times.low <= second.times.low:
        times = Span(low=first.times.low, high=second.times.high)
        return _joined(items, FREQUENCY, replace(first, times=times))
    return None


def _weekdays(items: Sequence[Item]) -> Item:
    """``Monday, Wednesday and Friday``, ``Mon Wed Fri``, ``Monday to Wednesday and Friday``."""
    named: list[str] = []
    reaching = False
    for item in items:
        if item.kind == "r":
            reaching = True
        elif item.kind in "gG":
            if reaching and named:
                named += _between(named[-1], item.value[0])
            named += item.value
            reaching = False
    return _joined(items, DAYS, tuple(dict.fromkeys(named)))


def _between(first: str, last: str) -> list[str]:
    start, end = _WEEK.index(first), _WEEK.index(last)
    return [_WEEK[at % 7] for at in range(start + 1, end if end > start else end + 7)]


def _weekdays_of_a_week(items: Sequence[Item]) -> Item | None:
    """``on Monday of each week``."""
    return replace(items[0], text=items[0].text) if items[-1].value == "week" else None


def _days_a_week(items: Sequence[Item]) -> Item:
    """``3 days a week``."""
    days, week = (item for item in items if item.kind == "p")
    if (days.value, week.value) != ("day", "week"):
        return _unreadable(items, "frequency", "duration")
    return _frequency(items, items[0].value, Span.exactly(1), week)


def _every_so_many(items: Sequence[Item]) -> Item:
    """``q12`` without a unit, ``every other Monday``."""
    return _unreadable(items, "frequency")


def _once(items: Sequence[Item]) -> Item:
    return _joined(items, FREQUENCY, SigFrequency(times=Span.exactly(1), per=None, unit=None))


def _so_many_times(items: Sequence[Item]) -> Item:
    return _joined(items, FREQUENCY, SigFrequency(times=items[0].value, per=None, unit=None))


def _count_of_doses(items: Sequence[Item]) -> Item:
    number: Span = _all(items, "N")[0].value
    if number == Span.exactly(1):
        return _once(items)
    return _joined(items, COUNT_OF_DOSES, number)


def _offset(items: Sequence[Item]) -> list[Item] | None:
    """``30 minutes`` of ``30 minutes before meals``: the event alone is kept."""
    return None if items[1].value in _LONG_PERIODS else []


def _unknown(items: Sequence[Item]) -> Item:
    """``before noon``: at some time that has no name here."""
    return _joined(items, "?", None)


def _part_of_a_cycle(items: Sequence[Item]) -> Item | None:
    """``for 3 days every month``: neither a course nor a plain frequency."""
    outer = items[-1].value
    if outer in _LONG_PERIODS - {"day"}:
        return _unreadable(items, "duration", "frequency")
    return None


# durations


def _duration(items: Sequence[Item]) -> Item:
    numbers = _all(items, "N")
    period = _all(items, "p")[-1]
    length = numbers[0].value if numbers else Span.exactly(1)
    if length.high is not None and length.high <= 0:
        return _unreadable(items, "duration")
    if period.value not in _LONG_PERIODS:
        return _joined(items, WITHIN, (length, period.value))
    return _joined(items, DURATION, _period(period, length))


def _course(items: Sequence[Item]) -> Item | None:
    """A bare ``7 days`` behind a frequency."""
    return None if items[-1].value not in _LONG_PERIODS else _duration(items)


def _label(items: Sequence[Item]) -> Item | None:
    """``day 1``, ``days 2-5``, ``week 1``: which part of the course a step is."""
    period, number = items[-2], items[-1].value
    if period.value not in {"day", "week"} or len(period.text) < len("day"):
        return None
    if number.high is None or number.low < 1:
        return None
    length = Span.exactly(number.high - number.low + 1)
    return _joined(items, LABEL, _period(period, length))


def _after(items: Sequence[Item]) -> list[Item] | None:
    """``after 1 week, increase to``: the step before lasted so long."""
    if items[0].text != "after":
        return None
    numbered = [item for item in items if item.kind in "Np"]
    made = _course(numbered)
    if made is None:
        return None
    return [replace(made, kind=AFTER), *[item for item in items if item.kind == "T"]]


# amounts


def _unit(item: Item) -> tuple[str | None, Decimal]:
    if item.kind == "e":
        return "each", Decimal(1)
    unit: tuple[str | None, Decimal] = item.value
    return unit


def _amount(items: Sequence[Item]) -> Item:
    unit, factor = _unit(items[1])
    number: Span = items[0].value
    return _joined(items, DOSE, (number.times(factor), unit))


def _amount_range(items: Sequence[Item]) -> Item | None:
    """``1 tablet to 2 tablets``."""
    low, high = items[0].value, items[-1].value
    if low[1] != high[1] or high[0].high is None or high[0].high < low[0].low:
        return _unreadable(items, "dose")
    return _joined(items, DOSE, (Span(low=low[0].low, high=high[0].high), low[1]))


def _measured(items: Sequence[Item]) -> Item | None:
    """``2 x 10 mL``, ``two 5 mL spoonfuls``: so many times a mass or volume."""
    count, size = _all(items, "N")
    unit, factor = _unit(_all(items, "u")[0])
    if unit not in MASS_OR_VOLUME or not size.value.is_exact:
        return None
    if unit != "mL" and not any(item.kind in "xK" for item in items):
        return None
    return _joined(items, DOSE, (count.value.times(size.value.low * factor), unit))


def _of_strength(items: Sequence[Item]) -> list[Item] | None:
    """``one 50 mg tablet``: a count of a product, and the product's strength."""
    count, size = _all(items, "N")
    mass, form = _all(items, "u")
    if mass.value[0] not in MASS_OR_VOLUME or form.value[0] in MASS_OR_VOLUME:
        return None
    return [
        _joined([count, form], DOSE, (count.value, form.value[0])),
        _joined([size, mass], STRENGTH, (size.value, mass.value[0])),
    ]


def _product(items: Sequence[Item]) -> Item | None:
    """``50 mg tablet`` without a count."""
    number, mass, form = items[0], items[1], items[-1]
    if mass.value[0] not in MASS_OR_VOLUME or form.value[0] in MASS_OR_VOLUME:
        return None
    return _joined(items, PRODUCT, (number.value, mass.value[0]))


def _beside(items: Sequence[Item]) -> list[Item] | None:
    """``1 tablet 50 mg``, ``50 mg 1 tablet``: the count is the dose, the mass beside it."""
    first, second = items[0].value, items[-1].value
    counts = [item for item in items if item.kind == DOSE and item.value[1] not in MASS_OR_VOLUME]
    if (first[1] in MASS_OR_VOLUME) == (second[1] in MASS_OR_VOLUME) or not counts:
        return None
    other = items[-1] if counts[0] is items[0] else items[0]
    named = [item for item in items if item.kind == "?"]
    return [counts[0], *named, replace(other, kind=STRENGTH)]


def _equal(items: Sequence[Item]) -> list[Item]:
    """``20 mg = 1 tablet``: the first is the dose, the second the same amount."""
    return [items[0], replace(items[-1], kind=TOTAL)]


def _rate(items: Sequence[Item]) -> Item | None:
    """``/hour`` behind a measure: how fast, not how often."""
    return None if items[-1].value in _LONG_PERIODS else _unreadable(items, "dose", "frequency")


def _bare(items: Sequence[Item]) -> Item:
    return replace(items[0], kind=BARE_NUMBER)


# clauses


def _drop(_: Sequence[Item]) -> list[Item]:
    return []


def _advice(items: Sequence[Item]) -> Item:
    return _joined(items, CLAUSE, None)


def _reason(items: Sequence[Item]) -> Item:
    return _joined(items, REASON, None)


def _prn_with_reason(items: Sequence[Item]) -> list[Item]:
    return [items[0], _joined(items[1:], REASON, None)]


_ORDERED: tuple[tuple[str, Build], ...] = (
    # numbers
    (r"N\(N\)", _repeated_number),
    (r"N&a?h", _number_and_part),
    (r"h", _part),
    (r"N\(N\)", _repeated_number),
    (r"NrN", _range),
    (r"NrN", _range),
    (r"(?<=N)r(?=[pul])", _drop),  # "7-day", "5-mg"
    (r"N/N(?=[^u]|$)", _range),  # words: "one/two"
    (r"a(?=[uK])", _one),
    (r"I(?=u)", _roman),
    # clauses that are no instruction, limits, quantities
    (r"mN?[uK]?[ie/a]*N?(?:p|D)", _maximum_unless_range),
    (r"mN[uK]?(?:iN?p|[ie/a]+Np)|mNK", _maximum),
    (r"mN[uK]?", _maximum_unless_range),
    (r"mN|ma(?=p)", _up_to),
    (r"n[^,T!(]*", _advice),
    (r"#,?N[uKp]?|Nl|lN", _drop),
    # how often
    (r"(?<![eifx/])Np(?=w)", _offset),
    (r"bw", _unknown),
    (r"(?:f|x)X?Np[/ae]+[No]?p", _part_of_a_cycle),
    (r"(?:c|Nt|(?<=[uA])N(?=/))[/aei]*(?:[No]?p|D)", _times_per),
    (r"Nx[/ae]*(?:p|D)|Nx[e]N?p", _times_per),
    (r"[gG](?:[,&/r]*[gG])+|g|(?<=e)G", _weekdays),
    (r"e?og", _every_so_many),
    (r"g[/aei]*p", _weekdays_of_a_week),
    (r"Np[/ae]+p", _days_a_week),
    (r"e[No]?p", _every),
    (r"eN", _every_so_many),
    (r"op", _alternate),
    (r"ND", _hourly),
    (r"FrF", _frequency_range),
    (r"(?<!N)e(?=[gDw])", _drop),
    (r"Nu/N?p(?=u)", _drop),  # what a patch gives off
    (r"(?<=[u!])/N?p", _rate),
    (r"D|(?<![fxbX])[/a]p", _every),
    (r"s", _once),
    # how long
    (r"(?:(?<=[^eaN/o])|^)f?pN(?![uKt])", _label),
    (r"b(?:N|a)p,?T", _after),
    (r"b(?:N|a)p", _after),
    (r"(?:f|x)X?(?:N|a)?p", _duration),
    (r"X?NpU", _duration),
    (r"fN(?:K|t)|xN(?![uN])K?", _count_of_doses),
    (r"(?<=[FkwRYd])Np", _course),
    (r"Nt", _so_many_times),
    (r"c", _once),
    # how much
    (r"Nu/N?u|N%", _drop),  # a concentration
    (r"NNuu|NxNuu", _of_strength),
    (r"N[x]?NuK?", _measured),
    (r"Nu[?]{0,3}u", _product),
    (r"NuK?|NK|Ne(?![Npwog])", _amount),
    (r"A[r]A", _amount_range),
    (r"A=A", _equal),
    (r"A[?]{0,4}A", _beside),
    (r"N", _bare),
    # what it is for
    (r"k[fq]?(?:[w&r]*\?)+", _prn_with_reason),
    (r"[fq](?:[w&r]*\?)+", _reason),
)
RULES: tuple[tuple[re.Pattern[str], Build], ...] = tuple(
    (re.compile(pattern), build) for pattern, build in _ORDERED
)
