"""One slip of the typist undone: swapped, doubled, dropped or neighboring letters.

Only words of our own table are corrected to, only where exactly one fits; every
correction is told to the reader of the sig as a problem.
"""

from collections.abc import Collection, Iterator
from functools import lru_cache

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_SHORTEST = 4
_SHORTEST_FOR_DROPPED = 5
_SWAPPED_SHORT = frozenset({"day", "two", "one", "tab", "cap"})
"""Words of three letters that a swap may be undone to."""


def _neighbors() -> dict[str, str]:
    near: dict[str, str] = {}
    for row_at, row in enumerate(_ROWS):
        for at, letter in enumerate(row):
            beside = row[max(0, at - 1) : at] + row[at + 1 : at + 2]
            for other in (row_at - 1, row_at + 1):
                if 0 <= other < len(_ROWS):
                    beside += _ROWS[other][max(0, at - 1) : at + 1]
            near[letter] = beside
    return near


_NEAR = _neighbors()


def _slips(word: str) -> Iterator[str]:
    """Every way to mistype ``word`` once."""
    for at in range(len(word)):
        if at + 1 < len(word) and word[at] != word[at + 1]:
            yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        if len(word) < _SHORTEST:
            continue
        yield word[:at] + word[at] + word[at:]
        if len(word) >= _SHORTEST_FOR_DROPPED:
            yield word[:at] + word[at + 1 :]
        for near in _NEAR.get(word[at], ""):
            yield word[:at] + near + word[at + 1 :]


@lru_cache(maxsize=1)
def _corrections(known: frozenset[str], targets: frozenset[str]) -> dict[str, str | None]:
    table: dict[str, str | None] = {}
    for target in targets:
        if len(target) < _SHORTEST and target not in _SWAPPED_SHORT:
            continue
        for slip in _slips(target):
            if slip not in known:
                table[slip] = target if table.get(slip, target) == target else None
    return table


def correct(word: str, known: Collection[str], targets: Collection[str]) -> str | None:
    """The one word of ``targets`` that ``word`` is a slip of; None if none or several are."""
    return _corrections(frozenset(known), frozenset(targets)).get(word)
