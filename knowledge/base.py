"""The knowledge base: search by meaning and words, passages by id and by rule."""

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from knowledge import abstention, fusion
from knowledge.corpus_reader import authored_passages
from knowledge.ingest.shelf import Shelf
from knowledge.lexical import LexicalIndex, Term, fold, located_terms, terms
from knowledge.notions import Notions
from knowledge.passage_parts import Near
from knowledge.passage_vectors import searched_text
from knowledge.passages import Findings, Hit, KnowledgeError, Passage, Signs
from knowledge.vector_index import Progress, VectorIndex, open_index
from knowledge.wording import Reading, readings

if TYPE_CHECKING:
    import numpy as np
    from langchain_chroma import Chroma
    from langchain_core.embeddings import Embeddings
    from numpy.typing import NDArray

DATA_VARIABLE = "TRD_ASSISTANT_DATA"
EMBEDDER_VARIABLE = "TRD_ASSISTANT_EMBEDDER"

COVERING = 3
"""How many of the best passages may hold what the question says."""

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
        notes: Sequence[str] = (),
    ) -> None:
        self._passages = tuple(passages)
        self._position = {item.passage_id: at for at, item in enumerate(self._passages)}
        self._beside = {
            at: [self._position[stated] for stated in item.beside]
            for at, item in enumerate(self._passages)
            if item.beside
        }
        self._sections = [item.section for item in self._passages]
        self._notions = Notions(self._passages)
        self._lexical = LexicalIndex([searched_text(item) for item in self._passages])
        self._embedder = embedder
        self._vectors = vectors
        self._without_vectors_because = without_vectors_because
        self._notes = tuple(notes)

    @property
    def embedder(self) -> "Embeddings | None":
        """What the questions are embedded with; None where only words are searched."""
        return self._embedder

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
        return list(self.find(query, k, topic=topic, source_id=source_id).hits)

    def answers(self, query: str) -> bool:
        """Whether anything here answers the question; calibrated, see ``abstention``."""
        return self.find(query).answered

    def find(
        self,
        query: str,
        k: int = 5,
        *,
        topic: str | None = None,
        source_id: str | None = None,
        by: Ranking = "fused",
    ) -> Findings:
        """The hits of a search, and whether they answer the question.

        Args:
            query: The question, in any wording.
            k: How many passages to return.
            topic: Keep to passages on one topic.
            source_id: Keep to one source or added document.
            by: One half of the search alone, so that an evaluation can compare them.
        """
        asked = fold(query)
        read = readings(asked)
        vector, nearest = (
            (None, {}) if by == "lexical" else self._by_meaning(query, topic, source_id)
        )
        lexical_only = vector is None
        allowed = self._allowed(topic, source_id)
        ranked = fusion.fuse(
            self._by_words(asked, read),
            {position: fusion.nearness(*near) for position, near in nearest.items()},
            allowed=allowed,
            dense_weight=1.0 if by == "dense" else fusion.DENSE_WEIGHT,
        )
        if by == "fused":
            ranked = fusion.settle(ranked, self._related(ranked), self._sections, self._beside)
        defining = [at for at in self._notions.asked_for(asked) if allowed is None or at in allowed]
        if by == "fused":
            ranked = fusion.put_first(ranked, defining)
        spoken = located_terms(asked)
        signs = Signs(
            coverage=self._coverage(spoken, read, ranked),
            similarity=max((near.likest for near in nearest.values()), default=0.0),
            length=math.log1p(len(spoken)),
            stray=self._stray(vector),
        )
        return Findings(
            hits=tuple(self._hits(ranked, k, lexical_only=lexical_only)),
            answered=bool(defining) or abstention.answers(signs, lexical_only=lexical_only),
            confidence=1.0 if defining else abstention.confidence(signs, lexical_only=lexical_only),
            signs=signs,
        )

    def unknown_filters(self, *, topic: str | None, source_id: str | None) -> list[str]:
        """What to tell someone whose filter no passage can pass."""
        asked = {
            "topic": (topic, {item.topic for item in self._passages}),
            "source": (source_id, {item.source_id for item in self._passages}),
        }
        return [
            f"no passage has the {kind} {wanted!r}; there are: {', '.join(sorted(known))}"
            for kind, (wanted, known) in asked.items()
            if wanted is not None and wanted not in known
        ]

    def vector_store(self) -> "Chroma | None":
        """The index as a LangChain vector store; ``None`` where there is no embedder."""
        return None if self._vectors is None else self._vectors.vector_store()

    def close(self) -> None:
        """Release the files of the index."""
        if self._vectors is not None:
            self._vectors.close()

    def health(self) -> dict[str, Any]:
        """What it holds and whether it searches by meaning; ``reason`` when it cannot."""
        return {
            "passages": len(self._passages),
            "sources": len({item.source_id for item in self._passages}),
            "search": "lexical only" if self._vectors is None else "dense and lexical",
            "reason": self._without_vectors_because,
            "notes": list(self._notes),
        }

    def _hits(
        self, ranked: Sequence[tuple[int, float]], k: int, *, lexical_only: bool
    ) -> Iterator[Hit]:
        seen: set[str] = set()
        for position, score in ranked:
            passage = self._passages[position]
            if len(seen) == k:
                return
            if passage.text not in seen:
                seen.add(passage.text)
                yield Hit(
                    passage=passage, score=min(1.0, round(score, 4)), lexical_only=lexical_only
                )

    def _coverage(
        self, spoken: Sequence[Term], read: Sequence[Reading], ranked: Sequence[tuple[int, float]]
    ) -> float:
        best = (self._lexical.documents[position] for position, _ in ranked[:COVERING])
        return max(
            (abstention.coverage(spoken, read, held, self._lexical) for held in best), default=0.0
        )

    def _related(self, ranked: Sequence[tuple[int, float]]) -> dict[int, float]:
        """How near each position lies to the best one."""
        if self._vectors is None or not ranked:
            return {}
        positions = [position for position, _ in ranked]
        ids = [self._passages[position].passage_id for position in positions]
        return dict(zip(positions, self._vectors.related(ids[0], ids), strict=True))

    def _stray(self, vector: Sequence[float] | None) -> float:
        if self._vectors is None or vector is None:
            return 0.0
        return self._vectors.stray(vector)

    def _by_words(self, asked: str, read: Sequence[Reading]) -> "NDArray[np.float32]":
        added = " ".join(dict.fromkeys(reading.means for reading in read))
        own = self._lexical.scores(terms(asked))
        return own + fusion.EXPANSION_WEIGHT * self._lexical.scores(terms(added))

    def _by_meaning(
        self, query: str, topic: str | None, source_id: str | None
    ) -> tuple[list[float] | None, dict[int, Near]]:
        """The question's vector and the passages near it; nothing without embedder or index."""
        if self._vectors is None or self._embedder is None:
            return None, {}
        try:
            vector = self._embedder.embed_query(query)
            nearest = self._vectors.nearest(
                vector, min(fusion.POOL, len(self._passages)), _where(topic, source_id)
            )
        except Exception as error:  # noqa: BLE001  a store or embedder that fails must not stop answers
            self._vectors = None
            self._without_vectors_because = f"the index failed in use ({type(error).__name__})"
            return None, {}
        return vector, {self._position[found]: near for found, near in nearest.items()}

    def _allowed(self, topic: str | None, source_id: str | None) -> list[int] | None:
        if topic is None and source_id is None:
            return None
        return [
            at
            for at, item in enumerate(self._passages)
            if topic in (None, item.topic) and source_id in (None, item.source_id)
        ]


def open_knowledge(
    index_dir: Path | None = None,
    *,
    embedder: "str | Embeddings | None" = None,
    progress: Progress | None = None,
) -> KnowledgeBase:
    """The knowledge base of this machine; its index is built at the first use.

    Args:
        index_dir: Where index and added documents live; else ``$TRD_ASSISTANT_DATA/knowledge``,
            else the user's data folder.
        embedder: A LangChain ``Embeddings``, or ``package.module:name`` of one; else
            ``$TRD_ASSISTANT_EMBEDDER``, else the one shipped.
        progress: Called while an index is built.
    """
    root = index_dir or default_folder()
    shelf = Shelf(root / "documents")
    passages = (*authored_passages(), *shelf.passages())
    notes = tuple(f"the added document {name} cannot be read" for name in shelf.unreadable())
    try:
        from knowledge.embedder import identity_of, load_embedder  # noqa: PLC0415

        wanted = embedder or os.environ.get(EMBEDDER_VARIABLE)
        chosen = load_embedder(wanted) if wanted is None or isinstance(wanted, str) else wanted
        vectors = open_index(root / "index", passages, chosen, identity_of(chosen), progress)
    except (ImportError, KnowledgeError, OSError) as error:
        return KnowledgeBase(passages, without_vectors_because=_reason(error), notes=notes)
    return KnowledgeBase(passages, embedder=chosen, vectors=vectors, notes=notes)


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
