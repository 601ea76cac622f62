"""The words of ``tables/sig_words.toml`` as a lexicon: phrase to kind and value.

A kind is one letter, so that a reading of an instruction is a string of kinds and
the grammar can be written as patterns over it.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import Any

from fhir_adapter.sig.structure import SigFrequency, Span

TOKEN = re.compile(r"\d+(?:\.\d+)?|\.\d+|[a-zµ%°_]+(?:'[a-z]+)?|\S")

NUMBER, DOSE_UNIT, PERIOD, ADVERB, FREQUENCY, COUNT = "N", "u", "p", "D", "F", "c"
EVENT, CLOCK, WEEKDAY, ONCE, PRN, DIRECTED = "w", "C", "g", "s", "k", "d"
METHOD, ROUTE, THEN, AT_MOST, UNREADABLE, NEGATION = "v", "R", "T", "m", "!", "n"
HALF, ORDINAL, CONTAINER, NOISE, UNKNOWN = "h", "o", "K", "z", "?"
EYE_OR_DAILY = "E"
ROLES: Mapping[str, str] = {
    "every": "e",
    "per": "/",
    "article": "a",
    "times": "t",
    "cross": "x",
    "for": "f",
    "next": "X",
    "range": "r",
    "and": "&",
    "at": "@",
    "equals": "=",
    "percent": "%",
    "quantity": "#",
    "refill": "l",
    "course": "U",
    "before": "b",
    "in": "i",
    "reason": "q",
}
_AMBIGUOUS_WEEKDAY = "G"
_NEVER_CORRECTED_TO = frozenset({"z", "!", "n", "R", "q", "m"})
"""Kinds whose words a misspelling is not read as: noise, and words that change the sense."""


@dataclass(frozen=True, slots=True)
class Word:
    """What a phrase stands for."""

    kind: str
    value: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """Every phrase we know, by its tokens."""

    phrases: Mapping[tuple[str, ...], Word]
    longest: int
    """Tokens of the longest phrase."""
    vocabulary: frozenset[str]
    """Every word of every phrase."""
    spelling: frozenset[str]
    """Words that a misspelt word may be corrected to."""

    def match(self, tokens: list[str], at: int) -> tuple[int, Word] | None:
        """The longest phrase that starts at ``tokens[at]``, with its length."""
        for length in range(min(self.longest, len(tokens) - at), 0, -1):
            word = self.phrases.get(tuple(tokens[at : at + length]))
            if word is not None:
                return length, word
        return None


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The lexicon of the shipped table."""
    table = tomllib.loads(
        files("fhir_adapter").joinpath("tables/sig_words.toml").read_text(encoding="utf-8")
    )
    phrases: dict[tuple[str, ...], Word] = {}
    for phrase, word in _entries(table):
        phrases.setdefault(tuple(TOKEN.findall(phrase)), word)
    spelling = {
        token
        for tokens, word in phrases.items()
        for token in tokens
        if word.kind not in _NEVER_CORRECTED_TO and token.isalpha()
    }
    return Lexicon(
        phrases=phrases,
        longest=max(len(tokens) for tokens in phrases),
        vocabulary=frozenset(token for tokens in phrases for token in tokens),
        spelling=frozenset(spelling),
    )


def _entries(table: Mapping[str, Any]) -> Iterator[tuple[str, Word]]:
    yield from _frequencies(table)
    yield from _measures(table)
    yield from _by_section(table)
    for role, words in table["roles"].items():
        for phrase in words:
            yield phrase, Word(ROLES[role])
    for kind in ("up_to", "words", "at_least"):
        for phrase in table["at_most"][kind]:
            yield phrase, Word(AT_MOST, kind)
    unreadable: dict[str, tuple[str, ...]] = {}
    for field, words in table["unreadable"].items():
        for phrase in words:
            unreadable[phrase] = (*unreadable.get(phrase, ()), field)
    for phrase, fields in unreadable.items():
        yield phrase, Word(UNREADABLE, fields)
    for phrase in table["noise"]["words"]:
        yield phrase, Word(NOISE)


def _frequencies(table: Mapping[str, Any]) -> Iterator[tuple[str, Word]]:
    for section in ("frequencies", "timed_frequencies"):
        for pattern, phrases in table[section].items():
            times, per, unit, *when = pattern.split()
            frequency = SigFrequency(
                times=Span.exactly(Decimal(times)),
                per=Span.exactly(Decimal(per)),
                unit=unit,
                when=tuple(when),
            )
            for phrase in phrases:
                yield phrase, Word(FREQUENCY, frequency)


def _measures(table: Mapping[str, Any]) -> Iterator[tuple[str, Word]]:
    for unit, phrases in table["units"].items():
        for phrase in phrases:
            if phrase != "each":  # "each" is "every" before anything but an amount's end
                yield phrase, Word(DOSE_UNIT, (unit, Decimal(1)))
    for millilitres, phrases in table["spoons"].items():
        for phrase in phrases:
            yield phrase, Word(DOSE_UNIT, ("mL", Decimal(millilitres)))
    containers = set(table["containers"]["words"])
    for phrase in table["other_units"]["words"]:
        yield phrase, Word(CONTAINER if phrase in containers else DOSE_UNIT, (None, Decimal(1)))
    for phrase, number in table["number_words"]["words"].items():
        yield phrase, Word(NUMBER, Decimal(number))
    for part, phrases in table["fractions"].items():
        for phrase in phrases:
            yield phrase, Word(HALF, Decimal(part))


_SECTIONS: Mapping[str, str] = {
    "methods": METHOD,
    "routes": ROUTE,
    "periods": PERIOD,
    "adverbs": ADVERB,
    "events": EVENT,
    "weekdays": WEEKDAY,
    "short_weekdays": _AMBIGUOUS_WEEKDAY,
    "weekday_groups": WEEKDAY,
    "eye_or_daily": EYE_OR_DAILY,
    "roman": "I",
    "counts": COUNT,
    "ordinals": ORDINAL,
    "once": ONCE,
    "as_needed": PRN,
    "as_directed": DIRECTED,
    "then": THEN,
    "negations": NEGATION,
}


def _by_section(table: Mapping[str, Any]) -> Iterator[tuple[str, Word]]:
    for section, kind in _SECTIONS.items():
        for value, phrases in table[section].items():
            for phrase in phrases:
                yield phrase, Word(kind, _value(section, value))


def _value(section: str, text: str) -> Any:
    if section in {"counts", "ordinals", "roman"}:
        return Decimal(text)
    if section.endswith(("weekdays", "weekday_groups")):
        return tuple(text.split())
    return text
