"""What may leave for a model: words of our tables, coded facts, no identifier, no chart text.

A date leaves as ``DATE1``, ``DATE2`` …; what comes back is read with the dates put in again.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from assistant.answering.case import Case
from assistant.answering.intents import intents
from assistant.answering.vocabulary import drug_words, stop_words, table_words
from assistant.answering.words import Words

_DATE = re.compile(
    r"\b\d{4}-\d{2}(?:-\d{2})?(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2})?)?|\b(?:19|2\d)\d{2}\b"
)
_MASK = re.compile(r"DATE(\d+)")
_WORD = re.compile(r"[a-z][a-z'-]*|\d+(?:\.\d+)?|[?%]")
_LONGEST_NUMBER = 4
_TEXT_KEYS = frozenset({
    "text", "display", "div", "family", "given", "line", "city", "district", "postalCode", "value",
    "valueString", "comment", "name", "title", "description", "contentString", "id", "reference",
})  # fmt: skip
"""Elements of a chart in which somebody may have written anything."""
_SHORTEST_TEXT = 4


def told_question(words: Words, case: Case | None) -> str:
    """The question as a model may see it: unknown words, names and numbers are an ellipsis."""
    withheld = _names_of(case) if case is not None else frozenset()
    told: list[str] = []
    for word in _WORD.findall(words.lower):
        known = word in _known_words() and word not in withheld
        short_number = word[0].isdigit() and len(word) < _LONGEST_NUMBER
        piece = word if known or short_number or word in ("?", "%") else "…"
        if piece != "…" or told[-1:] != ["…"]:
            told.append(piece)
    return " ".join(told)


@lru_cache(maxsize=1)
def _known_words() -> frozenset[str]:
    """Words that our own tables hold; a person's name is none of them, but by chance."""
    examples = (word for intent in intents() for text in intent.ask for word in text.split())
    ours = " ".join((*examples, *drug_words(), *table_words())).lower()
    return frozenset(_WORD.findall(ours)) | stop_words()


def _names_of(case: Case) -> frozenset[str]:
    """The words of every name in the chart: withheld even where they are also words of ours."""
    found = " ".join(
        text
        for resource in case.chart.resources.values()
        for key, text in _texts(resource)
        if key in ("family", "given", "line", "city", "district")
    )
    return frozenset(re.findall(r"[a-z][a-z'-]*", found.lower()))


def _texts(node: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, Mapping):
        for name, child in node.items():
            yield from _texts(child, name)
    elif isinstance(node, list):
        for child in node:
            yield from _texts(child, key)
    elif isinstance(node, str) and key in _TEXT_KEYS:
        yield key, node


@dataclass(slots=True)
class Disclosure:
    """The one place through which evidence leaves for a model, and comes back."""

    case: Case | None
    _dates: list[str] = field(default_factory=list)
    _chart: frozenset[str] | None = None

    def allows(self, text: str) -> bool:
        """Whether ``text`` repeats nothing that somebody wrote into the chart."""
        if any(char.isalpha() and not char.isascii() for char in text):
            return False
        folded = f" {' '.join(re.findall(r'[a-z0-9]+', text.lower()))} "
        return not any(written in folded for written in self._written())

    def _written(self) -> frozenset[str]:
        if self._chart is None:
            self._chart = _written_in(self.case) if self.case is not None else frozenset()
        return self._chart

    def masked(self, text: str) -> str:
        """``text`` with each date under a name that says nothing."""
        return _DATE.sub(lambda match: f"DATE{self._place(match.group())}", text)

    def _place(self, date: str) -> int:
        if date not in self._dates:
            self._dates.append(date)
        return self._dates.index(date) + 1

    def unmasked(self, text: str) -> str:
        """``text`` with the dates again; a date that was never given stays a name."""
        return _MASK.sub(self._date, text)

    def _date(self, match: re.Match[str]) -> str:
        place = int(match[1])
        return self._dates[place - 1] if 0 < place <= len(self._dates) else match.group()


def _written_in(case: Case) -> frozenset[str]:
    """Every text of the chart but the names that our tables give to drugs and scales."""
    ours = _known_words()
    found = set()
    for resource in case.chart.resources.values():
        for _, text in _texts(resource):
            words = re.findall(r"[a-z0-9]+", text.lower())
            folded = " ".join(words)
            if len(folded) >= _SHORTEST_TEXT and not (len(words) == 1 and words[0] in ours):
                found.add(f" {folded} ")
    return frozenset(found - {f" {name.lower()} " for name in table_words()})
