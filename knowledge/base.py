"""The knowledge base: search by meaning and words, passages by id and by rule."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from knowledge import fusion
from knowledge.corpus_reader import authored_passages
from knowledge.lexical import LexicalIndex, terms
from knowledge.passages import Hit, KnowledgeError, Passage
from knowledge.vector_index import Progress, VectorIndex, open_index, searched_text
from knowledge.wording import expansion

if TYPE_CHECKING:
    import numpy as np
    from langchain_core.embeddings import Embeddings
    from numpy.typing import NDArray

DATA_VARIABLE = "TRD_ASSISTANT_DATA"
EMBEDDER_VARIABLE = "TRD_ASSISTANT_EMBEDDER"

Ranking = Literal["fused", "dense", "lexical"]


class KnowledgeBase:
    """Passages with their source, searchable; safe to share between threads."""

    def __init__(
        self,
        passages: Sequence[Passage],
        *,
        embedder: "Embeddings | None" = None,
        vectors: VectorIndex | None = None,
        without_vectors_because: str | None = None,
    ) -> None:
        self._passages = tuple(passages)
        self._position = {item.passage_id: at for at, item in enumerate(self._passages)}
        self._lexical = LexicalIndex([searched_text(item) for item in self._passages])
        self._embedder = embedder
        self._vectors = vectors
        self._without_vectors_because = without_vectors_because

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Everything it holds: the shipped corpus, then the documents a site added."""
        return self._passages

    def passage(self, passage_id: str) -> Passage:
        """The passage with this id; ``KeyError`` when there is none."""
        return self._passages[self._position[passage_id]]

    def passages_for_rule(self, rule_id: str) -> list[Passage]:
        """The passages that explain a rule of the core, the source text's own first."""
        found = [item for item in self._passages if rule_id in item.rules]
        return sorted(found, key=lambda item: item.beyond_source)

    def search(
        self, query: str, k: int = 5, *, topic: str | None = None, source_id: str | None = None
    ) -> list[Hit]:
        """The ``k`` passages that best match the question, best first."""
        return self.rank(query, k, topic=topic, source_id=source_id)

    def rank(
        self,
        query: str,
        k: int,
        *,
        topic: str | None = None,
        source_id: str | None = None,
        by: Ranking = "fused",
    ) -> list[Hit]:
        """As ``search``; ``by`` one half alone lets an evaluation compare them."""
        lexical_only = self._vectors is None or by == "lexical"
        allowed = self._allowed(topic, source_id)
        ranked = fusion.fuse(
            self._by_words(query),
            {} if lexical_only else self._by_meaning(query, topic, source_id),
            allowed=allowed,
            dense_weight=1.0 if by == "dense" else fusion.DENSE_WEIGHT,
        )
        return [
            Hit(
                passage=self._passages[position],
                score=min(1.0, round(score, 4)),
                lexical_only=lexical_only,
            )
            for position, score in ranked[:k]
        ]

    def health(self) -> dict[str, Any]:
        """What it holds and whether it searches by meaning; ``reason`` when it cannot."""
        return {
            "passages": len(self._passages),
            "sources": len({item.source_id for item in self._passages}),
            "search": "lexical only" if self._vectors is None else "dense and lexical",
            "reason": self._without_vectors_because,
        }

    def _by_words(self, query: str) -> "NDArray[np.float32]":
        asked = self._lexical.scores(terms(query))
        return asked + fusion.EXPANSION_WEIGHT * self._lexical.scores(terms(expansion(query)))

    def _by_meaning(self, query: str, topic: str | None, source_id: str | None) -> dict[int, float]:
        if self._vectors is None or self._embedder is None:
            return {}
        nearest = self._vectors.nearest(
            self._embedder.embed_query(query),
            min(fusion.POOL, len(self._passages)),
            _where(topic, source_id),
        )
        return {self._position[found]: similarity for found, similarity in nearest.items()}

    def _allowed(self, topic: str | None, source_id: str | None) -> list[int] | None:
        if topic is None and source_id is None:
            return None
        return [
            at
            for at, item in enumerate(self._passages)
            if topic in (None, item.topic) and source_id in (None, item.source_id)
        ]


def open_knowledge(
    index_dir: Path | None = None, *, progress: Progress | None = None
) -> KnowledgeBase:
    """The knowledge base of this machine; its index is built at the first use.

    Args:
        index_dir: Where the index lives; else ``$TRD_ASSISTANT_DATA/knowledge``, else the
            user's data folder.
        progress: Called while an index is built.
    """
    root = index_dir or default_folder()
    passages = authored_passages()
    try:
        from knowledge.embedder import identity_of, load_embedder  # noqa: PLC0415

        embedder = load_embedder(os.environ.get(EMBEDDER_VARIABLE))
        vectors = open_index(root / "index", passages, embedder, identity_of(embedder), progress)
    except (ImportError, KnowledgeError, OSError) as error:
        return KnowledgeBase(passages, without_vectors_because=_reason(error))
    return KnowledgeBase(passages, embedder=embedder, vectors=vectors)


def default_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the index and the added documents live unless told otherwise."""
    if configured := environment.get(DATA_VARIABLE):
        return Path(configured) / "knowledge"
    base = environment.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "trd-assistant" / "knowledge"


def _reason(error: Exception) -> str:
    if isinstance(error, KnowledgeError):
        return str(error)
    if isinstance(error, OSError):
        return f"the index folder cannot be used ({error.strerror or 'unreadable'})"
    return f"a library of the embedder is missing ({type(error).__name__})"


def _where(topic: str | None, source_id: str | None) -> dict[str, Any] | None:
    wanted = [{"topic": topic}] if topic else []
    wanted += [{"source_id": source_id}] if source_id else []
    if len(wanted) == 2:  # noqa: PLR2004
        return {"$and": wanted}
    return dict(wanted[0]) if wanted else None
