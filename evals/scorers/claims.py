"""What a sentence claims that can be checked, read apart from the product's own check.

The product has its own grounding check (``assistant.answering.ground``). An
evaluation that called it would not see it fail; this one shares no code with it.
"""

import csv
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\b\d{4}-\d{2}\b")
_CLOCK = re.compile(r"T?\d{1,2}:\d{2}(?::\d{2})?(?:[+-]\d{2}:\d{2}|Z)?")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)?")
_ROMAN = re.compile(r"\b[Ss]tage\s+(0|I{1,3}|IV|V)\b")
_MARK = re.compile(r"\[([RS]\d+)\]")
_BREAK = re.compile(r"(?<=[.?!])\s+(?=[A-Z(*\d])|\n+")
_SCALE = re.compile(
    r"\b(?:HAM-?D|HDRS|PHQ|QIDS-?SR|IDS-?[CS]R?|GDS|BDI|PSD|IL|CRP|5-HT|CYP)-?\w*", re.IGNORECASE
)
_SHORTEST_NAME = 5


def sentences(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each sentence or table row without its marks, and the keys of its marks."""
    for piece in _BREAK.split(text):
        marks = tuple(dict.fromkeys(_MARK.findall(piece)))
        plain = " ".join(_MARK.sub(" ", piece).split())
        if plain.strip("|-:. "):
            yield plain, marks


def claims(text: str) -> frozenset[str]:
    """The dates, numbers, stages and drugs that ``text`` names."""
    found = {f"date {day}" for day in _DATE.findall(text)}
    rest = _SCALE.sub(" ", _CLOCK.sub(" ", _DATE.sub(" ", text)))
    found |= {f"number {_plain(number)}" for number in _NUMBER.findall(rest)}
    found |= {f"stage {stage}" for stage in _ROMAN.findall(text)}
    return frozenset(found | {f"drug {drug}" for drug in drugs(text)})


def borne(claim: str, evidence: str) -> bool:
    """Whether ``evidence`` (any text) holds the claim."""
    kind, _, value = claim.partition(" ")
    if kind == "drug":
        return value in drugs(evidence)
    if kind == "stage":
        return re.search(rf"(?<!\w){value}(?!\w)", evidence) is not None
    if kind == "date":
        return value in evidence
    return value in numbers(evidence)


@cache
def numbers(text: str) -> frozenset[str]:
    """Every number in a text, in words too, without trailing zeros."""
    found = {_plain(one) for one in re.findall(r"\d+(?:[.,]\d+)?", text)}
    words = {word: str(value) for value, word in enumerate(_WORDS)}
    found |= {words[word] for word in re.findall(r"[a-z]+", text.lower()) if word in words}
    return frozenset(found | ({"50"} if "half" in text.lower() else set()))


_WORDS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve",
)  # fmt: skip


def _plain(number: str) -> str:
    text = number.replace(",", ".") if "." not in number else number.replace(",", "")
    if re.fullmatch(r"\d{1,3},\d{3}", number):
        text = number.replace(",", "")
    return (text.rstrip("0").rstrip(".") if "." in text else text.lstrip("0")) or "0"


@cache
def drugs(text: str) -> frozenset[str]:
    """The drugs named in ``text``, by ingredient."""
    words = re.findall(r"[a-z][a-z-]+", text.lower())
    names = _names()
    return frozenset(names[word] for word in words if word in names)


@cache
def _names() -> dict[str, str]:
    table = files("fhir_adapter").joinpath("tables/drugs.csv").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for row in csv.DictReader(table.splitlines()):
        if " | " in row["name"]:
            continue
        given = " | ".join((row["name"], row["aliases"] or "", row["brands"] or ""))
        for name in given.lower().split(" | "):
            if len(name) >= _SHORTEST_NAME and " " not in name.strip():
                found.setdefault(name.strip(), row["name"])
    return found
