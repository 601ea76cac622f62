"""How near a question lies to each passage: to the whole of it, and to its likest part."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from knowledge.metric import unit, whitening

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Near(NamedTuple):
    """How near a passage lies to a question, as cosine similarities."""

    whole: float
    """Of the passage as a whole, halfway between its text and the ways of asking for it."""
    likest: float
    """Of its text or one way of asking for it, whichever is nearest."""


class Parts:
    """The texts and ways of asking of all passages, under the metric their scatter gives."""

    def __init__(
        self, wholes: "NDArray[np.float32]", parts: "Sequence[NDArray[np.float32]]"
    ) -> None:
        """Take them in.

        Args:
            wholes: The vector of every passage, one a row.
            parts: In the same order, the vectors of its text and then of the ways of asking;
                none for a passage that only has its text.
        """
        import numpy as np  # noqa: PLC0415

        self._matrix = whitening([rows[1:] for rows in parts])
        if self._matrix is None:
            return
        seen = [self.seen(rows) for rows in parts]
        self._wholes = np.array(
            [
                unit(rows[0] + unit(rows[1:].sum(axis=0))) if len(rows) else self.seen(whole)
                for whole, rows in zip(wholes, seen, strict=True)
            ]
        )
        filled = [
            rows if len(rows) else row[None] for row, rows in zip(self._wholes, seen, strict=True)
        ]
        self._parts = np.concatenate(filled)
        self._starts = np.cumsum([0, *(len(rows) for rows in filled[:-1])])

    def near(self, vector: Sequence[float]) -> list[Near]:
        """One figure a passage; nothing where no passage has ways of asking."""
        import numpy as np  # noqa: PLC0415

        if self._matrix is None:
            return []
        asked = self.seen(np.asarray(vector, dtype=np.float32))
        whole = np.vecdot(self._wholes, asked)  # `@` would wake a pool of threads: slower here
        likest = np.maximum(np.maximum.reduceat(np.vecdot(self._parts, asked), self._starts), whole)
        return [Near(*pair) for pair in zip(whole.tolist(), likest.tolist(), strict=True)]

    def nearest_of(self, others: "NDArray[np.float32]", vector: Sequence[float]) -> float:
        """The similarity of the nearest of other vectors, which ``seen`` has prepared."""
        import numpy as np  # noqa: PLC0415

        return float(np.vecdot(others, self.seen(np.asarray(vector, dtype=np.float32))).max())

    def seen(self, vectors: "NDArray[np.float32]") -> "NDArray[np.float32]":
        """Vectors as the metric sees them."""
        return vectors if self._matrix is None else unit(vectors @ self._matrix)
