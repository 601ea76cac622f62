"""The text of an instruction as items: a kind, a value, and where it stood."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fhir_adapter.sig import words
from fhir_adapter.sig.spelling import correct
from fhir_adapter.sig.structure import Span
from fhir_adapter.sig.words import TOKEN, Lexicon, lexicon

_VULGAR = {
    "½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3", "⅛": "1/8",
}  # fmt: skip
_DENOMINATORS = frozenset({2, 3, 4, 5, 8, 10})
_UK_PERIODS = {"7": "days", "52": "weeks", "12": "months"}
"""Prescribing shorthand: 5/7 is five days, 2/52 two weeks, 3/12 three months."""
_FRACTION_DIGITS = Decimal("0.0001")
_LATEST_DOSE_BEFORE_AM = 4
"""``4 am`` after no "at" may be four tablets in the morning; ``8 am`` is a clock time."""
_HOURS_A_HALF_DAY = 12
_PUNCTUATION = ",;.:\n|"
_OPENING, _CLOSING = "([{", ")]}"
_CLOCK = re.compile(r"\d\d:\d\d")
_TENS = range(20, 100, 10)
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Item:
    """A stretch of the text with what it stands for."""

    kind: str
    value: Any
    text: str
    at: int
    """Position of its first word, from 1."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The items of a text, and the spellings that were corrected to get them."""

    items: tuple[Item, ...]
    corrected: tuple[str, ...]


def tokenize(text: str) -> Tokens:
    """The items of ``text``, noise words left out."""
    known = lexicon()
    tokens = TOKEN_OR_CLOCK.findall(_normalize(text))
    tokens, corrected = _spell(tokens, known)
    items: list[Item] = []
    at = 0
    while at < len(tokens):
        length, item = _item(tokens, at, known)
        if item.kind != words.NOISE:
            items.append(item)
        at += length
    return Tokens(tuple(_compose_numbers(items)), corrected)


TOKEN_OR_CLOCK = re.compile(_CLOCK.pattern + "|" + TOKEN.pattern)


def _item(tokens: list[str], at: int, known: Lexicon) -> tuple[int, Item]:
    token, position = tokens[at], at + 1
    found = known.match(tokens, at)
    if found is not None:
        length, word = found
        value = word.value
        if word.kind == words.NUMBER:
            value = Span.exactly(value)
        return length, Item(word.kind, value, " ".join(tokens[at : at + length]), position)
    if _CLOCK.fullmatch(token):
        return 1, Item(words.CLOCK, token, token, position)
    if token[-1].isdecimal():
        return 1, Item(words.NUMBER, Span.exactly(Decimal(token)), token, position)
    if token in _PUNCTUATION:
        return 1, Item(",", None, token, position)
    if token in _OPENING:
        return 1, Item("(", None, token, position)
    if token in _CLOSING:
        return 1, Item(")", None, token, position)
    return 1, Item(words.UNKNOWN, None, token, position)


def _spell(tokens: list[str], known: Lexicon) -> tuple[list[str], tuple[str, ...]]:
    vocabulary = known.vocabulary
    spelled: list[str] = []
    corrected: list[str] = []
    for token in tokens:
        better = None
        if token.isalpha() and token not in vocabulary:
            better = correct(token, vocabulary, known.spelling)
        if better is not None:
            corrected.append(better)
        spelled.append(better or token)
    return spelled, tuple(corrected)


def _normalize(text: str) -> str:
    for sign, plain in _VULGAR.items():
        text = text.replace(sign, f" {plain}")
    text = unicodedata.normalize("NFKC", text.replace("º", "°")).lower()
    text = text.replace("\u2019", "'").replace("µ", "u").replace("μ", "u")
    text = text.replace("\u2044", "/").replace("\u2215", "/")  # fraction and division slash
    for pattern, replacement in _REPLACEMENTS:
        text = pattern.sub(replacement, text)
    return text


def _fraction(match: re.Match[str]) -> str:
    whole, top, bottom = match["whole"], int(match["top"]), int(match["bottom"])
    if bottom not in _DENOMINATORS or top >= bottom:
        return match[0]
    part = (Decimal(top) / Decimal(bottom)).quantize(_FRACTION_DIGITS)
    return f" {(Decimal(whole or 0) + part).normalize():f} "


def _clock(match: re.Match[str]) -> str:
    hour, minute = int(match["hour"]), match["minute"] or "00"
    sure = match["at"] or match["minute"] or not match["gap"] or hour > _LATEST_DOSE_BEFORE_AM
    if not sure or not 1 <= hour <= _HOURS_A_HALF_DAY or int(minute) > 59:  # noqa: PLR2004
        return match[0]
    hour = hour % _HOURS_A_HALF_DAY + (_HOURS_A_HALF_DAY if match["half"] == "p" else 0)
    return f" {hour:02d}:{minute} "


_SPELLED_DIGITS = {ord(str(digit)): "_" for digit in range(10)}
"""``b12`` is a name, not twelve of anything: its digits are hidden."""
_REPLACEMENTS: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"[\x00-\x08\x0b-\x1f\x7f\"“”]"), " "),
    (re.compile(r"\b((?:[a-z]\.){2,})"), lambda m: m[1].replace(".", "") + " "),
    (re.compile(r"\bq\.\s*"), "q "),
    (
        re.compile(r"(?:\bon )?\b(?:\d{1,2}/\d{1,2}/\d{2,4}|\d{4}-\d\d-\d\d)\b"
                   r"(?: at \d{1,2}(?::\d\d)?\s?(?:[ap]m)?\b)?"),
        " _date_ ",
    ),
    (re.compile(r"(?<![\d.,])(\d{1,3}(?:,\d{3})+)(?![\d,])"), lambda m: m[1].replace(",", "")),
    (re.compile(r"(?<![\d.,])\d+,\d{1,2}(?![\d,])"), " ¿ "),
    (
        re.compile(r"\b(?:mixed |dissolved )?(?:in|into|with) (?:an? |\d+(?:\s?-\s?\d+)?\s?)?"
                   r"(?:full )?(?:oz|ounces?|ml|cups?|glass(?:es)?)\b(?: of)? "
                   r"(?:water|juice|liquid|milk|fluid)\b"),
        " ",
    ),
    (
        re.compile(r"(?P<by>\b(?:for|x|bd|tds|qds|od|bid|tid|qid|daily|nocte)\s*)(?P<n>\d+)/(?P<unit>7|52|12)\b"),
        lambda m: f"{m['by']} {m['n']} {_UK_PERIODS[m['unit']]}",
    ),
    (
        re.compile(r"(?<![\d./])(?:(?P<whole>\d+)(?:\s+|\s*-\s*|\s*&\s*|\s+and\s+))?"
                   r"(?P<top>\d+)/(?P<bottom>\d+)(?![\d./])"),
        _fraction,
    ),
    (re.compile(r"\bmidnight\b"), " 00:00 "),
    (re.compile(r"\b(?:at )?([01]\d|2[0-3]):?([0-5]\d)\s?(?:hours|hrs)\b"), r" \1:\2 "),
    (re.compile(r"\bat ([01]\d|2[0-3])([0-5]\d)\b"), r" \1:\2 "),
    (
        re.compile(r"(?P<at>\b(?:at|around)\s+|@\s*)?\b(?P<hour>\d{1,2})(?::(?P<minute>\d\d))?"
                   r"(?P<gap>\s?)(?P<half>[ap])m\b"),
        _clock,
    ),
    (re.compile(r"\b(\d):(\d\d)\b"), r"0\1:\2"),
    (re.compile(r"(\d\d:\d\d\s*(?:and|,|&)\s*)([01]\d|2[0-3])([0-5]\d)\b"), r"\1\2:\3"),
    (re.compile(r"\b(one|three)-(half|third|fourths?|quarters?)\b"), r"\1 \2"),
    (re.compile(r"(?<=\d)x(?=[a-z])|(?<=[a-z])x(?=\d)|(?<=\d)\s?x(?=\d)"), " x "),
    (re.compile(r"\bq(?=\d)"), "q "),
    (re.compile(r"\bw/(?=[a-z])"), "w/ "),
    (re.compile(r"\b([a-pr-wyz]\d+)\b"), lambda m: f" {m[1].translate(_SPELLED_DIGITS)} "),
)  # fmt: skip


def _compose_numbers(items: list[Item]) -> list[Item]:
    """``twenty five``, ``one hundred and fifty`` as one number."""
    composed: list[Item] = []
    at = 0
    while at < len(items):
        taken, value = _number_at(items, at)
        if taken > 1:
            text = " ".join(item.text for item in items[at : at + taken])
            composed.append(Item(words.NUMBER, Span.exactly(value), text, items[at].at))
        else:
            composed.append(items[at])
        at += max(1, taken)
    return composed


def _number_at(items: list[Item], at: int) -> tuple[int, Decimal]:
    """How many items from ``at`` make one number in words, and which."""
    first = _in_words(items, at)
    if first is None:
        return 0, Decimal(0)
    if first in _TENS:
        hyphen = 1 if at + 1 < len(items) and items[at + 1].text == "-" else 0
        ones = _in_words(items, at + 1 + hyphen)
        return (2 + hyphen, first + ones) if ones is not None and 0 < ones < 10 else (1, first)  # noqa: PLR2004
    if _in_words(items, at + 1) == _HUNDRED and first < 10:  # noqa: PLR2004
        joined = 1 if at + 2 < len(items) and items[at + 2].text == "and" else 0
        more, rest = _number_at(items, at + 2 + joined)
        if more and rest < _HUNDRED:
            return 2 + joined + more, first * _HUNDRED + rest
        return 2, first * _HUNDRED
    return 1, first


def _in_words(items: list[Item], at: int) -> Decimal | None:
    if at >= len(items) or items[at].kind != words.NUMBER or not items[at].text.isalpha():
        return None
    low: Decimal = items[at].value.low
    return low
