"""What people call an entry of the chart, and the names under which the chart carries it.

``tables/called.toml`` says how a test, a diagnosis, a drug group or a visit is spoken of and how
charts write it. A name the table does not know is looked for by the stems of its words.
"""

import re
import tomllib
from collections.abc import Iterable
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

from assistant.answering.chart.index import ChartIndex
from assistant.answering.vocabulary import stop_words

_TABLE = resources.files("assistant.answering.tables") / "called.toml"
_KINDS = {
    "measurements": "measurement", "diagnoses": "diagnosis", "drugs": "medication",
    "procedures": "procedure", "encounters": "encounter",
}  # fmt: skip


class Called(NamedTuple):
    """An entry asked for in other words than the chart's."""

    kind: str
    names: tuple[str, ...]
    """The chart's names for it; none where the chart does not hold it."""
    said: str
    """The words of the question."""
    panel: bool
    """Several tests go by this word."""


class _Row(NamedTuple):
    kind: str
    said: re.Pattern[str]
    written: re.Pattern[str]
    panel: bool


@lru_cache(maxsize=1)
def _rows() -> tuple[_Row, ...]:
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    return tuple(
        _Row(
            kind, re.compile(row["said"]), re.compile("|".join(row["written"])),
            row.get("panel", False),
        )
        for group, kind in _KINDS.items()
        for row in table[group]
    )  # fmt: skip


def called_in(text: str, index: ChartIndex, kinds: Iterable[str] = ()) -> Called | None:
    """What ``text`` (lower case) calls by a word of the table: the longest such word."""
    wanted = frozenset(kinds)
    found = [
        (match, row)
        for row in _rows()
        if (not wanted or row.kind in wanted) and (match := row.said.search(text)) is not None
    ]
    if not found:
        return None
    match, row = max(found, key=lambda pair: len(pair[0].group()))
    names = tuple(name for name in index.names(row.kind) if row.written.search(name))
    return Called(row.kind, names, match.group().strip(), row.panel)


def reasons_called(text: str, index: ChartIndex) -> tuple[str, ...]:
    """The reasons that the chart gives for medicines, of the illness that ``text`` names."""
    given = dict.fromkeys(
        named.key for entry in index.of_kind("medication") for named in entry.reasons
    )
    rows = [row for row in _rows() if row.kind == "diagnosis" and row.said.search(text)]
    if rows:
        return tuple(name for name in given if any(row.written.search(name) for row in rows))
    return _with_stems(text, given)


_WORD = re.compile(r"[a-z0-9][a-z0-9'-]*")
_SHORTEST = 4
"""Letters of a word that is compared by its stem."""
_ENDINGS = re.compile(r"(?:ies|es|s|y|ing|ed)$")


def alike(phrase: str, kind: str, index: ChartIndex) -> tuple[str, ...]:
    """The names of ``kind`` that hold the stem of every word of ``phrase``."""
    return _with_stems(phrase, index.names(kind))


def _with_stems(phrase: str, names: Iterable[str]) -> tuple[str, ...]:
    stems = [_stem(word) for word in _WORD.findall(phrase.lower()) if word not in stop_words()]
    if not stems or all(len(stem) < _SHORTEST for stem in stems):
        return ()
    return tuple(
        name
        for name in names
        if all(any(own.startswith(stem) for own in _WORD.findall(name)) for stem in stems)
    )


def _stem(word: str) -> str:
    cut = _ENDINGS.sub("", word)
    return cut if len(cut) >= _SHORTEST else word
