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
    said: re.Pattern[str]
    means: str


def expansion(question: str) -> str:
    """The words to search for beside the question's own; empty when none are known."""
    found = [entry.means for entry in _entries() if entry.said.search(question)]
    return " ".join(dict.fromkeys(found))


@cache
def _entries() -> tuple[_Entry, ...]:
    return (*_vocabulary(), *_brands())


def _vocabulary() -> Iterator[_Entry]:
    table = tomllib.loads((TABLES / "vocabulary.toml").read_text(encoding="utf-8"))
    for entry in table["entry"]:
        yield _Entry(_pattern(entry["said"]), entry["means"])


def _brands() -> Iterator[_Entry]:
    with (TABLES / "drug_names.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            yield _Entry(_pattern([row["brand"]]), row["ingredient"])


def _pattern(forms: list[str]) -> re.Pattern[str]:
    """Whole words; a form in capitals or digits only is matched as written, others in any case."""
    spelled = [
        re.escape(form) if form.upper() == form else f"(?i:{re.escape(form)})" for form in forms
    ]
    return re.compile(rf"(?<!\w)(?:{'|'.join(spelled)})(?!\w)")
