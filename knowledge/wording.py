"""Adds to a question the words its abbreviations, brand names and lay terms stand for."""

import csv
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

TABLES = Path(__file__).parent / "tables"


class _Entry(NamedTuple):
    forms: tuple[str, ...]
    """In small letters; looking for these first spares most of the patterns."""
    said: re.Pattern[str]
    means: str


class Reading(NamedTuple):
    """A stretch of a question, and the words it stands for."""

    start: int
    end: int
    means: str


def readings(question: str) -> list[Reading]:
    """Every abbreviation, brand name or lay term in a (folded) question, with its meaning."""
    small = question.lower()
    return [
        Reading(*match.span(), entry.means)
        for entry in _entries()
        if any(form in small for form in entry.forms)
        for match in entry.said.finditer(question)
    ]


@cache
def _entries() -> tuple[_Entry, ...]:
    return (*_vocabulary(), *_brands())


def _vocabulary() -> Iterator[_Entry]:
    table = tomllib.loads((TABLES / "vocabulary.toml").read_text(encoding="utf-8"))
    for entry in table["entry"]:
        yield _entry(entry["said"], entry["means"])


def _brands() -> Iterator[_Entry]:
    with (TABLES / "drug_names.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            yield _entry([row["brand"]], row["ingredient"])


def _entry(forms: list[str], means: str) -> _Entry:
    return _Entry(tuple(form.lower() for form in forms), _pattern(forms), means)


def _pattern(forms: list[str]) -> re.Pattern[str]:
    """Whole words; a form in capitals or digits only is matched as written, others in any case."""
    spelled = [
        re.escape(form) if form.upper() == form else f"(?i:{re.escape(form)})" for form in forms
    ]
    return re.compile(rf"(?<!\w)(?:{'|'.join(spelled)})(?!\w)")
