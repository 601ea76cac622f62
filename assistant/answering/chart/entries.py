"""One entry of the chart: what it is called, when it was, what it says, and where each stands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from assistant.staging.dates import PartialDate


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A name or code of an entry, with the element it was read from."""

    text: str
    element: str
    is_code: bool = False

    @property
    def key(self) -> str:
        """The name as it is compared: lower case, single spaces."""
        return fold(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A recorded date or date-time, with the element it was read from."""

    text: str
    first: datetime
    last: datetime
    element: str
    reference: str = ""
    """Another resource than the entry's own, where the time was read there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A value with its unit, as recorded."""

    text: str
    unit: str
    number: float | None
    element: str
    abnormal: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of the chart."""

    kind: str
    reference: str
    element: str
    """The element that stands for the entry as a whole."""
    names: tuple[Named, ...] = ()
    kinds: frozenset[str] = frozenset()
    """Every kind it answers to, its own included."""
    start: Moment | None = None
    end: Moment | None = None
    value: Measured | None = None
    dose: Measured | None = None
    doses_a_day: float | None = None
    """How often the dose is taken in a day, where the timing says so."""
    route: Named | None = None
    type: Named | None = None
    source: Named | None = None
    """How a patient came in."""
    reasons: tuple[Named, ...] = ()
    """What it was ordered or given for."""
    status: str = ""
    links: tuple[str, ...] = field(default=())
    """``Type/id`` of the resources it points to."""

    @property
    def name(self) -> Named | None:
        """The name to show: words before codes."""
        for named in self.names:
            if not named.is_code:
                return named
        return self.names[0] if self.names else None


def fold(text: str) -> str:
    """``text`` as names are compared."""
    return " ".join(text.lower().replace("\u2019", "'").split())


_PRECISION = re.compile(r"\d{4}(?:-\d{2}){0,2}$")


def moment(text: object, element: str, reference: str = "") -> Moment | None:
    """A recorded time, or None where ``text`` is none. Wall clock as written."""
    if not isinstance(text, str):
        return None
    try:
        if _PRECISION.match(text):
            day = PartialDate.parse(text)
            return Moment(
                text=text,
                first=datetime.combine(day.earliest, time.min),
                last=datetime.combine(day.latest, time.max),
                element=element,
                reference=reference,
            )
        exact = datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None
    return Moment(text=text, first=exact, last=exact, element=element, reference=reference)


def named_in(concept: object, element: str) -> Iterator[Named]:
    """The names of a CodeableConcept or Coding: its text, the displays, then the codes."""
    if not isinstance(concept, dict):
        return
    if isinstance(concept.get("concept"), dict):  # R5 CodeableReference
        yield from named_in(concept["concept"], f"{element}.concept")
        return
    text = concept.get("text")
    if isinstance(text, str) and text.strip():
        yield Named(text=text, element=f"{element}.text")
    yield from _codings(concept.get("coding"), f"{element}.coding")
    for key in ("display", "code"):  # a bare Coding
        if isinstance(concept.get(key), str):
            yield Named(text=concept[key], element=f"{element}.{key}", is_code=key == "code")


def _codings(codings: object, element: str) -> Iterator[Named]:
    listed = codings if isinstance(codings, list) else []
    whole = [(place, coding) for place, coding in enumerate(listed) if isinstance(coding, dict)]
    for place, coding in whole:
        if isinstance(coding.get("display"), str):
            yield Named(text=coding["display"], element=f"{element}[{place}].display")
    for place, coding in whole:
        if isinstance(coding.get("code"), str):
            is_name = "display" not in coding and " " in coding["code"]
            yield Named(
                text=coding["code"], element=f"{element}[{place}].code", is_code=not is_name
            )


def first_named(value: object, element: str) -> Named | None:
    """The first name of a concept, or of the first concept of a list."""
    if isinstance(value, list):
        found = (first_named(item, f"{element}[{n}]") for n, item in enumerate(value))
        return next((named for named in found if named is not None), None)
    return next(named_in(value, element), None)


def quantity(value: object, element: str) -> Measured | None:
    """A Quantity as recorded."""
    if not isinstance(value, dict) or not isinstance(value.get("value"), int | float):
        return None
    number = value["value"]
    if isinstance(number, bool):
        return None
    unit = value.get("unit") or value.get("code") or ""
    comparator = value.get("comparator") or ""
    shown = (
        repr(number) if isinstance(number, float) and not number.is_integer() else str(int(number))
    )
    return Measured(
        text=f"{comparator}{shown}",
        unit=unit if isinstance(unit, str) else "",
        number=float(number),
        element=f"{element}.value",
    )


def dig(resource: Any, *path: str | int) -> Any:
    """What stands at ``path``, or None."""
    value = resource
    for step in path:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and step < len(value) else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value
