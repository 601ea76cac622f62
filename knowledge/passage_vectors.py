"""What is embedded: of a passage, and of the questions that nothing here answers."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from knowledge.passages import Passage

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

UNANSWERED_FILE = Path(__file__).parent / "tables" / "unanswered.txt"


def indexed_text(passage: Passage) -> str:
    """What is embedded: the heading gives a short passage its context."""
    return f"{passage.section}. {passage.text}" if passage.section else passage.text


def searched_text(passage: Passage) -> str:
    """What is searched by words: the ways of asking stand beside the passage."""
    return "\n".join((indexed_text(passage), *passage.asks))


@cache
def unanswered_questions() -> tuple[str, ...]:
    """Questions of many kinds that the knowledge does not answer."""
    lines = UNANSWERED_FILE.read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


def digest_of(passage: Passage) -> str:
    """What a passage's vectors are computed from, in short."""
    return _digest(searched_text(passage))


def unanswered_digest() -> str:
    """What the vectors of the unanswered questions are computed from, in short."""
    return _digest("\n".join(unanswered_questions()))


def vectors_of(
    passages: Sequence[Passage], known: Mapping[str, list[Any]], embedder: "Embeddings"
) -> list[list[Any]]:
    """Of each passage its own vector; where it has ways of asking, then its text's and theirs."""
    new = [passage for passage in passages if digest_of(passage) not in known]
    texts = [text for passage in new for text in (indexed_text(passage), *passage.asks)]
    embedded = iter(_embed(texts, embedder))
    made = dict(known)
    for passage in new:
        text, *ways = (next(embedded) for _ in range(1 + len(passage.asks)))
        made[digest_of(passage)] = [_halfway(text, ways), text, *ways] if ways else [text]
    return [made[digest_of(passage)] for passage in passages]


def unanswered_vectors(known: Mapping[str, list[Any]], embedder: "Embeddings") -> list[Any]:
    """One vector a question that nothing here answers."""
    return known.get(unanswered_digest()) or _embed(unanswered_questions(), embedder)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _embed(texts: Sequence[str], embedder: "Embeddings") -> list[Any]:
    import numpy as np  # noqa: PLC0415

    if not texts:
        return []
    return [_unit(row) for row in np.asarray(embedder.embed_documents(list(texts)), np.float32)]


def _halfway(text: Any, asks: Sequence[Any]) -> Any:
    """A passage lies halfway between its text and the ways of asking for it."""
    return _unit(text + _unit(sum(asks)))


def _unit(vector: Any) -> Any:
    import numpy as np  # noqa: PLC0415

    return vector / np.linalg.norm(vector)
