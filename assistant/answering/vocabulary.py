"""The words of a question that the tables know: drugs, classes, scales, methods, checks.

Drug names are matched whole; a name of seven letters or more also with one slip
of the pen, so that "sertralin" is understood and nothing shorter is guessed.
"""

import csv
import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Any, NamedTuple

_TABLES = resources.files("assistant.answering.tables")
_TOKEN = re.compile(r"[a-z][a-z0-9'-]{2,}")
_SHORTEST_FUZZY = 7
_CLASS_MARK = re.compile(
    r"\b(SSRI|SNRI|NDRI|NaSSA|SARI|NRI|TCA|MAOI|TETRACYCLIC|MULTIMODAL|NMDA_ANTAGONIST)s?\b"
)


class DrugWord(NamedTuple):
    """A name of a drug, and the drug it names."""

    word: str
    drug: str
    kind: str
    """``antidepressant``, ``augmenting`` or ``other``."""


@lru_cache(maxsize=1)
def drug_words() -> Mapping[str, DrugWord]:
    """Every drug name the tables know, by its lower-case spelling."""
    with (_TABLES / "drug_words.csv").open(encoding="utf-8") as lines:
        return {
            row["word"]: DrugWord(row["word"], row["drug"], row["kind"])
            for row in csv.DictReader(lines)
        }


@lru_cache(maxsize=1)
def _drug_pattern() -> re.Pattern[str]:
    longest_first = sorted(drug_words(), key=len, reverse=True)
    names = "|".join(re.escape(word) for word in longest_first)
    return re.compile(rf"(?<![\w-])(?:{names})(?![\w-])", re.IGNORECASE)


@lru_cache(maxsize=1)
def _words() -> dict[str, dict[str, re.Pattern[str]]]:
    raw = tomllib.loads((_TABLES / "words.toml").read_text(encoding="utf-8"))
    return {
        group: {
            name: re.compile(rf"(?<![\w-])(?:{'|'.join(patterns)})(?![\w-])", re.IGNORECASE)
            for name, patterns in entries.items()
        }
        for group, entries in raw.items()
    }


@lru_cache(maxsize=1)
def table_words() -> frozenset[str]:
    """The names our tables give to methods, scales, checks, classes and procedures."""
    raw = tomllib.loads((_TABLES / "words.toml").read_text(encoding="utf-8"))
    return frozenset(name for entries in raw.values() for name in entries)


def drugs_named(text: str) -> tuple[str, ...]:
    """The drugs named in ``text`` exactly, in order, each once."""
    words = drug_words()
    found = (words[match.group().lower()].drug for match in _drug_pattern().finditer(text))
    return tuple(dict.fromkeys(found))


def without_drugs(text: str) -> str:
    """``text`` with "the drug" for each drug it names, so that what is asked of it stands out."""
    return _drug_pattern().sub("the drug", text)


def drugs_meant(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The drugs a question means, and those of them that were misspelt."""
    named = drugs_named(text)
    rest = _drug_pattern().sub(" ", text.lower())
    guessed = [drug for token in _TOKEN.findall(rest) if (drug := _near(token)) is not None]
    extra = tuple(drug for drug in dict.fromkeys(guessed) if drug not in named)
    return named + extra, extra


@lru_cache(maxsize=1024)
def _near(token: str) -> str | None:
    if len(token) < _SHORTEST_FUZZY:
        return None
    near = {
        entry.drug
        for word, entry in drug_words().items()
        if len(word) >= _SHORTEST_FUZZY and _one_slip(token, word)
    }
    return near.pop() if len(near) == 1 else None


def _one_slip(given: str, word: str) -> bool:
    """Whether one letter added, lost, changed or swapped makes ``given`` into ``word``."""
    if abs(len(given) - len(word)) > 1 or given[0] != word[0]:
        return False
    start = 0
    while start < min(len(given), len(word)) and given[start] == word[start]:
        start += 1
    left, right = given[start:], word[start:]
    swapped = left[:2] == right[:2][::-1] and left[2:] == right[2:] and len(left) == len(right)
    return left[1:] == right[1:] or left[1:] == right or left == right[1:] or swapped


@lru_cache(maxsize=1)
def _entry_words() -> dict[str, Any]:
    return tomllib.loads((_TABLES / "entry_words.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def entry_kinds() -> Mapping[str, re.Pattern[str]]:
    """The words that name each kind of entry of the chart, in the order they are tried."""
    return {kind["name"]: re.compile("|".join(kind["words"])) for kind in _entry_words()["kinds"]}


@lru_cache(maxsize=1)
def stop_words() -> frozenset[str]:
    """Words that name no entry of a chart."""
    return frozenset(_entry_words()["stop"]["words"].split())


@lru_cache(maxsize=1)
def short_forms() -> Mapping[str, str]:
    """What clinicians write short, and the word that charts write."""
    return dict(_entry_words()["short"])


@lru_cache(maxsize=1)
def joining_words() -> frozenset[str]:
    """Words that a sentence may add without saying anything more."""
    return frozenset(_entry_words()["joining"]["words"].split())


def _named(group: str, text: str) -> tuple[str, ...]:
    found = ((m.start(), name) for name, p in _words()[group].items() if (m := p.search(text)))
    return tuple(name for _, name in sorted(found))


def kind_of(drug: str) -> str:
    """Whether a drug of the tables is an antidepressant, augmenting or other."""
    for entry in drug_words().values():
        if entry.drug == drug:
            return entry.kind
    return "other"


def methods_named(text: str) -> tuple[str, ...]:
    """The staging methods named in ``text``, in order."""
    return _named("methods", text)


def scales_named(text: str) -> tuple[str, ...]:
    """The rating scales named in ``text``; the version stated wins over the family."""
    found = _named("scales", text)
    if "HAM-D-17" in found and not re.search(r"-?\s?17", text):
        versions = [scale for scale in found if scale in ("HAM-D-21", "HAM-D-24")]
        if versions:
            return tuple(scale for scale in found if scale != "HAM-D-17")
    if "PHQ-2" in found and not re.search(r"phq[- ]?9", text, re.IGNORECASE):
        return tuple(scale for scale in found if scale != "PHQ-9")
    return found


def checks_named(text: str) -> tuple[str, ...]:
    """The pseudo-resistance checks named in ``text``, in order."""
    return _named("checks", text)


def classes_meant(text: str) -> tuple[str, ...]:
    """The drug classes a question names, in order."""
    return _named("classes", text)


def classes_named(text: str) -> tuple[str, ...]:
    """The drug classes written in ``text`` as our tables write them."""
    return tuple(dict.fromkeys(_CLASS_MARK.findall(text)))


def modalities_named(text: str) -> tuple[str, ...]:
    """The procedures named in ``text``, in order."""
    return _named("modalities", text)
