"""What a free-text dose instruction says, in the shape of contract.md (``sig``)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A number known to lie in ``[low, high]``; ``high`` None is unbounded."""

    low: Decimal
    high: Decimal | None

    @classmethod
    def exactly(cls, value: Decimal | int) -> "Span":
        """One number."""
        return cls(low=Decimal(value), high=Decimal(value))

    @property
    def is_exact(self) -> bool:
        """Whether one figure is known."""
        return self.low == self.high

    def times(self, factor: Decimal) -> "Span":
        """Both ends multiplied."""
        return Span(low=self.low * factor, high=None if self.high is None else self.high * factor)

    def to_json(self) -> Any:
        """The number itself, or ``{"low", "high"}`` for a range."""
        if self.is_exact:
            return _number(self.low)
        return {"low": _number(self.low), "high": _number(self.high)}


@dataclass(frozen=True, slots=True, kw_only=True)
class SigDose:
    """How much is taken at one time."""

    amount: Span
    unit: str | None
    """One of the closed vocabulary of contract.md; None where the text names none."""

    def to_json(self) -> dict[str, Any]:
        """``{"low", "high", "unit"}``."""
        return {**_ends(self.amount), "unit": self.unit}


@dataclass(frozen=True, slots=True, kw_only=True)
class SigFrequency:
    """How often: ``times`` every ``per`` ``unit``; ``per`` None is so many times in all."""

    times: Span
    per: Span | None
    unit: str | None
    when: tuple[str, ...] = ()
    """FHIR EventTiming codes, in the order of the text."""
    days: tuple[str, ...] = ()
    """Days of the week, ``mon`` … ``sun``."""
    time_of_day: tuple[str, ...] = ()
    """``HH:MM``."""

    def to_json(self) -> dict[str, Any]:
        """``{"times", "per", "unit", "when"}``; days and clock times where the text has any."""
        shown: dict[str, Any] = {
            "times": self.times.to_json(),
            "per": None if self.per is None else self.per.to_json(),
            "unit": self.unit,
            "when": list(self.when),
        }
        if self.days:
            shown["days"] = list(self.days)
        if self.time_of_day:
            shown["time_of_day"] = list(self.time_of_day)
        return shown


@dataclass(frozen=True, slots=True, kw_only=True)
class SigDuration:
    """How long the step goes on."""

    length: Span
    unit: str

    def to_json(self) -> dict[str, Any]:
        """``{"low", "high", "unit"}``."""
        return {**_ends(self.length), "unit": self.unit}


@dataclass(frozen=True, slots=True, kw_only=True)
class SigStep:
    """One step of an instruction: a dose, a frequency, a duration."""

    relation: str
    """``then``: after the step before it; ``and``: on the same days; ``first``."""
    method: str | None
    dose: SigDose | None
    frequency: SigFrequency | None
    route: str | None
    as_needed: bool
    duration: SigDuration | None
    strength: SigDose | None = None
    """Mass or volume of one unit: ``50 mg`` of ``one 50 mg tablet``."""
    total: SigDose | None = None
    """Mass or volume of the whole dose: ``100 mg`` of ``2 tablets (100 mg total)``."""
    maximum: str | None = None
    """The stated upper limit, as written."""
    drug: str | None = None
    """The drug the text names, as written."""
    problems: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The step as plain JSON values."""
        return {
            "relation": self.relation,
            "method": self.method,
            "dose": None if self.dose is None else self.dose.to_json(),
            "frequency": None if self.frequency is None else self.frequency.to_json(),
            "route": self.route,
            "as_needed": self.as_needed,
            "duration": None if self.duration is None else self.duration.to_json(),
            "strength": None if self.strength is None else self.strength.to_json(),
            "total": None if self.total is None else self.total.to_json(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Sig:
    """A dose instruction, read as far as it can be read.

    Of an instruction in sequence the first step stands at the top, as it does in
    the text; of doses taken side by side none does, and ``dose`` and
    ``frequency`` are None.
    """

    text: str
    method: str | None = None
    dose: SigDose | None = None
    frequency: SigFrequency | None = None
    route: str | None = None
    as_needed: bool = False
    as_directed: bool = False
    duration: SigDuration | None = None
    strength: SigDose | None = None
    total: SigDose | None = None
    maximum: str | None = None
    drug: str | None = None
    segments: tuple[SigStep, ...] = ()
    """Every step where there is more than one."""
    problems: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The instruction in the shape of contract.md, with keys of ours beside it."""
        return {
            "text": self.text,
            "method": self.method,
            "dose": None if self.dose is None else self.dose.to_json(),
            "frequency": None if self.frequency is None else self.frequency.to_json(),
            "route": self.route,
            "as_needed": self.as_needed,
            "as_directed": self.as_directed,
            "duration": None if self.duration is None else self.duration.to_json(),
            "strength": None if self.strength is None else self.strength.to_json(),
            "total": None if self.total is None else self.total.to_json(),
            "maximum": self.maximum,
            "drug": self.drug,
            "segments": [step.to_json() for step in self.segments],
            "problems": list(self.problems),
        }


def _ends(span: Span) -> dict[str, Any]:
    return {"low": _number(span.low), "high": _number(span.high)}


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
