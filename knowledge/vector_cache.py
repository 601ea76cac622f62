"""Vectors of the shipped corpus, computed in advance, so that a first start takes seconds.

A cache and no more: a passage is looked up by the digest of its text and used only under the
embedder that made it; whatever is missing is computed. After a change of the corpus run
``python -m knowledge.vector_cache`` to write it anew.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

CACHE = Path(__file__).parent / "corpus_vectors.npz"


def shipped_vectors(identity: str, path: Path = CACHE) -> dict[str, list[Any]]:
    """The vectors of each passage, and of the unanswered questions, by digest."""
    import numpy as np  # noqa: PLC0415

    try:
        with np.load(path, allow_pickle=False) as stored:
            if str(stored["identity"]) != identity:
                return {}
            rows = stored["vectors"].astype(np.float32)
            digests, counts = stored["digests"].tolist(), stored["counts"].tolist()
    except (OSError, ValueError, KeyError):
        return {}
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    found, start = {}, 0
    for digest, count in zip(digests, counts, strict=True):
        found[digest] = list(rows[start : start + count])
        start += count
    return found


def write_vectors(identity: str, vectors: Mapping[str, Sequence[Any]], path: Path = CACHE) -> None:
    """Write the cache; half precision is far finer than the embedder's own quantization."""
    import numpy as np  # noqa: PLC0415

    digests = sorted(vectors)
    np.savez_compressed(
        path,
        identity=np.array(identity),
        digests=np.array(digests),
        counts=np.array([len(vectors[digest]) for digest in digests]),
        vectors=np.array([row for digest in digests for row in vectors[digest]], dtype=np.float16),
    )


def main() -> None:
    """Write the vectors of the shipped corpus; what the present cache holds is kept."""
    from knowledge.corpus_reader import authored_passages  # noqa: PLC0415
    from knowledge.embedder import MiniLmEmbeddings  # noqa: PLC0415
    from knowledge.passage_vectors import (  # noqa: PLC0415
        digest_of,
        unanswered_digest,
        unanswered_vectors,
        vectors_of,
    )

    passages = authored_passages()
    embedder = MiniLmEmbeddings()
    known = shipped_vectors(embedder.identity)
    made = vectors_of(passages, known, embedder)
    digests = [digest_of(passage) for passage in passages]
    vectors = dict(zip(digests, made, strict=True))
    vectors[unanswered_digest()] = unanswered_vectors(known, embedder)
    write_vectors(embedder.identity, vectors)


if __name__ == "__main__":
    main()
