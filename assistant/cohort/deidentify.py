"""De-identified output: what is taken out of a report after it was made.

The patient is staged on the record as it is, so no verdict changes. Then, in everything that is
written: identifiers of the patient and of every resource become keyed pseudonyms; every date
becomes a day number counted from a secret day of the patient's own; the staging date goes, since
it would give that day away; names of input files go; a drug that is in no table of ours is not
named. Stages, verdicts, intervals, doses, scores and codes stay. ``docs/cohort.md`` says what
that protects and what not.
"""

import hashlib
import hmac
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from assistant.staging.dates import PartialDate

_DATE = re.compile(r"(?<![\w.-])(\d{4}-\d\d(?:-\d\d)?)(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?(?![\w-])")
_YEAR_OR_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?")
_REFERENCE = re.compile(r"\b([A-Z][A-Za-z]+)/([A-Za-z0-9.\-]+)")
_OTHER_DRUG = "a drug of no table"
_NAMED = ("drug",)
_NEAREST_DAYS, _SPREAD_DAYS = 40_000, 10_000
"""The secret day lies this far before the staging date, and up to so much further."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Veil:
    """How a run takes identity out; ``key`` is thrown away with the run's work folder."""

    key: bytes
    day: date
    """The staging date."""
    drugs: frozenset[str]
    """Names that may be shown."""

    def reference(self, kind: str, identifier: str) -> str:
        """The pseudonym of a resource."""
        sign = hmac.new(self.key, f"{kind}/{identifier}".encode(), hashlib.sha256)
        return f"{kind}/{sign.hexdigest()[:16]}"

    def patient(self, patient: str) -> "PatientVeil":
        """The veil of one patient."""
        sign = hmac.new(self.key, f"day of {patient}".encode(), hashlib.sha256).digest()
        back = _NEAREST_DAYS + int.from_bytes(sign[:8], "big") % _SPREAD_DAYS
        return PatientVeil(veil=self, patient=patient, origin=self.day - timedelta(days=back))

    def references_in(self, text: str) -> str:
        """``text`` with every ``Type/id`` in it replaced."""
        return _REFERENCE.sub(lambda found: self.reference(found[1], found[2]), text)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientVeil:
    """Takes identity out of what is written about one patient."""

    veil: Veil
    patient: str
    origin: date
    """The patient's own day 0."""

    @property
    def name(self) -> str:
        """The patient's pseudonym."""
        kind, _, identifier = self.patient.rpartition("/")
        return self.veil.reference(kind or "Patient", identifier)

    def value(self, value: Any) -> Any:
        """A JSON value without identifiers and dates."""
        return self._value(value, "", frozenset(_years(value)))

    def _value(self, value: Any, name: str, years: Collection[str]) -> Any:
        if isinstance(value, dict):
            return {key: self._value(item, key, years) for key, item in value.items()}
        if isinstance(value, list):
            return [self._value(item, name, years) for item in value]
        if not isinstance(value, str) or name == "version":
            return value
        if name == "as_of":
            return None
        if name in _NAMED and value not in self.veil.drugs:
            return _OTHER_DRUG
        if _YEAR_OR_DATE.fullmatch(value):
            return self._day(value)
        return self._sentence(value, years)

    def _sentence(self, text: str, years: Collection[str]) -> str:
        text = text.replace(self.patient, self.name) if "/" not in self.patient else text
        text = self.veil.references_in(text)
        text = _DATE.sub(lambda found: self._day(found[1]), text)
        for year in years:
            text = re.sub(rf"\b{year}\b", self._day(year), text)
        return text

    def _day(self, text: str) -> str:
        try:
            when = PartialDate.parse(text)
        except ValueError:
            return "day unknown"
        first = (when.earliest - self.origin).days
        last = (when.latest - self.origin).days
        return f"day {first}" if first == last else f"days {first} to {last}"


def _years(value: Any) -> set[str]:
    """The dates known to the year only that stand alone somewhere in ``value``."""
    if isinstance(value, dict):
        return {year for key, item in value.items() if key != "version" for year in _years(item)}
    if isinstance(value, list):
        return {year for item in value for year in _years(item)}
    if isinstance(value, str) and re.fullmatch(r"(?:1[89]|20|21|22)\d\d", value):
        return {value}
    return set()
