"""What a sentence may say beyond what it cites, because it follows from it and from nothing else.

Each rule asks for its whole basis: the very element, of the very drug, that the figure is
reckoned from. A figure that merely happens to fit other dates of the answer follows from nothing.
"""

import csv
import json
import re
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from evals.scorers.claims import borne, drugs

_DAYS_A_WEEK = 7
_MONTHS = 12
_DATED = re.compile(r'"(\d{4}(?:-\d{2}){0,2})(?:T[^"]*)?"')
_DATE = re.compile(r"\b\d{4}-\d{2}(?:-\d{2})?\b")
_AGE = re.compile(r"\b(\d{1,3})(?: or (\d{1,3}))? years old\b")
_COURSE = re.compile(r"\b(\d{4}-\d{2}-\d{2}) to (\d{4}-\d{2}-\d{2})\b")
_NEEDED = re.compile(r"\bneeds (\d{1,3})\b.*\buntil (\d{4}-\d{2}-\d{2})\b")
_NOT_RECORDED = re.compile(r"Not recorded: ([\w, -]+?) ?\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """One citation with what stands where it points."""

    element: str
    """The path in its resource; nothing for a passage."""
    text: str
    whole: str = ""
    """The resource or passage around it."""

    @property
    def day(self) -> str:
        """The date that the element is, as precise as it was written; else nothing."""
        found = _DATED.fullmatch(self.text)
        return found[1] if found else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked, and of which record."""

    question: str
    bundle: Mapping[str, Any] | None = None
    supposes: bool = False
    """Whether the answer is told of a supposed course, as the question has it."""


def follows(claim: str, text: str, cited: Sequence[Cited], asked: Asked) -> bool:
    """Whether a claim of the sentence ``text`` follows from what the sentence cites."""
    kind, _, value = claim.partition(" ")
    if kind == "number":
        return value in _ages(text, cited, asked) or value in _supposed_days(text, asked)
    if kind == "date":
        return value in {*_days_reached(text, cited), *_supposed_ends(text, cited, asked)}
    return kind == "drug" and _rightly_absent(value, text, asked.bundle)


def _ages(text: str, cited: Sequence[Cited], asked: Asked) -> Iterator[str]:
    """The ages of the patient at the one date that the sentence tells and cites, or is asked."""
    told = _AGE.search(text)
    births = {one.day for one in cited if one.element == "birthDate" and one.day}
    known = {one.day for one in cited} | set(_DATE.findall(asked.question))
    days = set(_DATE.findall(text)) - births
    if told is None or len(births) != 1 or len(days) != 1 or not days <= known:
        return
    (first_born, last_born), (earliest, latest) = _bounds(births.pop()), _bounds(days.pop())
    ages = range(_years(last_born, earliest), _years(first_born, latest) + 1)
    yield from (age for age in told.groups() if age and int(age) in ages)


def _bounds(day: str) -> tuple[date, date]:
    """The first and the last day of a date, a month or a year."""
    year, month, number = (*(int(part) for part in day.split("-")), 0, 0)[:3]
    last_month = month or _MONTHS
    last = number or monthrange(year, last_month)[1]
    return date(year, month or 1, number or 1), date(year, last_month, last)


def _years(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _days_reached(text: str, cited: Sequence[Cited]) -> Iterator[str]:
    """The day on which a trial has the days it needs, if the drug goes on."""
    found = _NEEDED.search(text)
    if found and borne(f"number {found[1]}", " ".join(one.text for one in cited)):
        days = timedelta(days=int(found[1]) - 1)
        yield from ((start + days).isoformat() for start in _starts(text, cited))


def _starts(text: str, cited: Sequence[Cited]) -> Iterator[date]:
    """The first days cited of the one drug that the sentence is about."""
    named = drugs(text)
    for one in cited:
        if len(named) == 1 and _is_start(one) and named <= drugs(one.whole):
            yield date.fromisoformat(one.day)


def _is_start(one: Cited) -> bool:
    attribute = one.element.rpartition(".")[2]
    begins = attribute in ("start", "authoredOn", "whenHandedOver", "effectiveDateTime")
    return begins and len(one.day) == len("2024-05-08")


def _supposed_weeks(asked: Asked) -> Iterator[timedelta]:
    """The one length that the question supposes."""
    weeks = re.findall(r"\b(\d{1,2}) weeks?\b", asked.question)
    if asked.supposes and len(weeks) == 1:
        yield timedelta(days=_DAYS_A_WEEK * int(weeks[0]))


def _supposed_days(text: str, asked: Asked) -> Iterator[str]:
    """The weeks that the question supposes, in days at an adequate dose."""
    for span in _supposed_weeks(asked):
        if re.search(rf"\b{span.days} days at an adequate dose\b", text):
            yield str(span.days)


def _supposed_ends(text: str, cited: Sequence[Cited], asked: Asked) -> Iterator[str]:
    """The last day of a course that begins as cited and lasts the weeks that are supposed."""
    for first, last in _COURSE.findall(text):
        starts = {start.isoformat() for start in _starts(text, cited)}
        supposed = drugs(text) <= drugs(asked.question)
        for span in _supposed_weeks(asked):
            end = date.fromisoformat(first) + span - timedelta(days=1)
            if supposed and first in starts and end.isoformat() == last:
                yield last


def _rightly_absent(drug: str, text: str, bundle: Mapping[str, Any] | None) -> bool:
    """Whether a drug is said not to be recorded, and neither a name nor a code of it is."""
    said = _NOT_RECORDED.fullmatch(text)
    listed = re.split(r", | and ", said[1]) if said else ()
    if bundle is None or not any(" " not in name and drug in drugs(name) for name in listed):
        return False
    return drug not in drugs(json.dumps(bundle)) and not _codes_of(drug) & set(_codes_in(bundle))


def _codes_in(value: Any) -> Iterator[str]:
    """Every code of a record, of whatever system."""
    if isinstance(value, Mapping):
        if isinstance(value.get("code"), str):
            yield value["code"]
        for part in value.values():
            yield from _codes_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from _codes_in(part)


@cache
def _codes_of(drug: str) -> frozenset[str]:
    """Codes of a drug, its products and the procedures that give it."""
    rows = [row for name in ("drugs", "products", "procedures") for row in _table(name)]
    return frozenset(
        row[column]
        for row in rows
        if drug in _substances(row)
        for column in ("rxcui", "atc", "code")
        if row.get(column)
    )


def _substances(row: Mapping[str, str]) -> list[str]:
    held = row.get("ingredients") or row.get("modality") or row.get("name") or ""
    return held.split(" | ")


@cache
def _table(name: str) -> tuple[dict[str, str], ...]:
    table = files("fhir_adapter").joinpath(f"tables/{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(table.splitlines()))
