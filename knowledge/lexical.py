"""The lexical half of the search: BM25 over stemmed words."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

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


def terms(text: str) -> list[str]:
    """The stemmed content words and figures of ``text``, in order, accents folded."""
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = [word for word in _WORD.findall(folded) if word not in _stopwords()]
    stems: list[str] = _stemmer().stemWords(words)
    return stems


class LexicalIndex:
    """BM25 scores of every text for a query."""

    def __init__(self, texts: Sequence[str]) -> None:
        import bm25s  # noqa: PLC0415  heavy, and only a search needs it

        self._size = len(texts)
        tokens = [terms(text) for text in texts]
        self.vocabulary = frozenset(term for row in tokens for term in row)
        self._bm25 = bm25s.BM25()
        if self.vocabulary:
            self._bm25.index(tokens, show_progress=False)

    def scores(self, query_terms: Sequence[str]) -> "NDArray[np.float32]":
        """One score a text, 0 where no word of the query occurs in it."""
        import numpy as np  # noqa: PLC0415

        known = [term for term in query_terms if term in self.vocabulary]
        if not known:
            return np.zeros(self._size, dtype=np.float32)
        scores: NDArray[np.float32] = self._bm25.get_scores(known)
        return scores
