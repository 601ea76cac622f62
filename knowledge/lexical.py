"""The lexical half of the search: BM25 over stemmed words."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WORD = re.compile(r"[a-z]+|\d+(?:\.\d+)?")
_STOPWORDS_FILE = Path(__file__).parent / "tables" / "stopwords.txt"


@cache
def _stopwords() -> frozenset[str]:
    return frozenset(_STOPWORDS_FILE.read_text(encoding="utf-8").split())


@cache
def _stemmer() -> Any:
    import Stemmer  # noqa: PLC0415  the compiled stemmer is not needed to import knowledge

    return Stemmer.Stemmer("english")


class Term(NamedTuple):
    """One content word or figure, stemmed, and where it stands in the folded text."""

    stem: str
    start: int


def fold(text: str) -> str:
    """The text without accents and compatibility forms, in plain letters."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def located_terms(folded: str) -> list[Term]:
    """The content words and figures of a folded text, in order."""
    found = [match for match in _WORD.finditer(folded.lower()) if match[0] not in _stopwords()]
    stems = _stemmer().stemWords([match[0] for match in found])
    return [Term(stem, match.start()) for stem, match in zip(stems, found, strict=True)]


def terms(text: str) -> list[str]:
    """The stemmed content words and figures of ``text``, in order."""
    return [term.stem for term in located_terms(fold(text))]


def stemmed_words(folded: str, *, without: Collection[str] = ()) -> list[str]:
    """Every word and figure of a folded text, stemmed, in order; not those left out."""
    found: list[str] = _stemmer().stemWords(
        [word for word in _WORD.findall(folded.lower()) if word not in without]
    )
    return found


class LexicalIndex:
    """BM25 scores of every text for a query."""

    def __init__(self, texts: Sequence[str]) -> None:
        import bm25s  # noqa: PLC0415  heavy, and only a search needs it

        self._size = len(texts)
        tokens = [terms(text) for text in texts]
        self.documents = tuple(frozenset(row) for row in tokens)
        """The terms of each text."""
        self._frequency = Counter(term for row in self.documents for term in row)
        self.vocabulary = frozenset(self._frequency)
        self._bm25 = bm25s.BM25()
        if self.vocabulary:
            self._bm25.index(tokens, show_progress=False)

    def weight(self, term: str) -> float:
        """How much a term tells: the inverse document frequency of BM25, highest if unknown."""
        frequency = self._frequency[term]
        return math.log(1 + (self._size - frequency + 0.5) / (frequency + 0.5))

    def scores(self, query_terms: Sequence[str]) -> "NDArray[np.float32]":
        """One score a text, 0 where no word of the query occurs in it."""
        import numpy as np  # noqa: PLC0415

        known = [term for term in query_terms if term in self.vocabulary]
        if not known:
            return np.zeros(self._size, dtype=np.float32)
        scores: NDArray[np.float32] = self._bm25.get_scores(known)
        return scores
