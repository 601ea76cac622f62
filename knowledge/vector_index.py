"""The vectors of all passages, in an embedded Chroma collection that is rebuilt as a whole.

A build goes to a folder of its own and becomes the current one by one atomic rename of the
pointer file, so a reader finds the old index or the new one, never half of either. The
manifest of a build carries checksums; an index that does not match is built again.
"""

import contextlib
import fcntl
import hashlib
import itertools
import json
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from knowledge.files import write_durably
from knowledge.passage_parts import Near, Parts
from knowledge.passage_vectors import (
    digest_of,
    indexed_text,
    searched_text,
    unanswered_digest,
    unanswered_vectors,
    vectors_of,
)
from knowledge.passages import KnowledgeError, Passage

if TYPE_CHECKING:
    import numpy as np
    from langchain_chroma import Chroma
    from langchain_core.embeddings import Embeddings
    from numpy.typing import NDArray

SCHEMA = "knowledge-index/7"
COLLECTION = "passages"
SINGLE = "texts-and-ways-of-asking"
UNANSWERED = "unanswered-questions"
COLLECTIONS = (COLLECTION, SINGLE, UNANSWERED)
POINTER = "CURRENT"
MANIFEST = "manifest.json"
_BATCH = 64
_KEPT_GENERATIONS = 2

Progress = Callable[[int, int], None]
"""Called with how many passages are embedded, and of how many."""


def fingerprint(passages: Sequence[Passage], embedder_identity: str) -> str:
    """Changes exactly when the index has to be built again."""
    digest = hashlib.sha256(f"{SCHEMA}\n{embedder_identity}\n{unanswered_digest()}\n".encode())
    for passage in passages:
        row = (passage.passage_id, passage.source_id, passage.topic, searched_text(passage))
        digest.update(json.dumps(row, ensure_ascii=False).encode())
    return digest.hexdigest()


class VectorIndex:
    """One finished build, open for searching."""

    def __init__(self, folder: Path, embedder: "Embeddings") -> None:
        self.folder = folder
        self._client = _client(folder / "chroma")
        self._collection = self._client.get_collection(COLLECTION, embedding_function=None)
        stored = _stored(self._client)
        self.checksum = _checksum(stored)
        """A digest of every id and vector of the build, as they were read."""
        self._ids, self._vectors = stored[COLLECTION]
        self._row = {passage_id: row for row, passage_id in enumerate(self._ids)}
        self._parts = Parts(self._vectors, _grouped(self._ids, *stored[SINGLE]))
        self._unanswered = self._parts.seen(stored[UNANSWERED][1])
        self._embedder = embedder

    def nearest(
        self, vector: Sequence[float], k: int, where: Mapping[str, Any] | None = None
    ) -> dict[str, Near]:
        """The ``k`` passages nearest in meaning, by id.

        Every passage is compared under the metric of the ways of asking; the collection is
        asked where a filter holds, or where there are no ways of asking.
        """
        near = self._parts.near(vector)
        if near and not where:
            closest = sorted(range(len(near)), key=lambda row: -sum(near[row]))[:k]
            return {self._ids[row]: near[row] for row in closest}
        found = self._collection.query(
            query_embeddings=[list(vector)],
            n_results=k,
            where=dict(where) if where else None,
            include=["distances"],
        )
        distances = (found["distances"] or [[]])[0]
        return {
            passage_id: near[self._row[passage_id]]
            if near
            else Near(1.0 - distance, 1.0 - distance)
            for passage_id, distance in zip(found["ids"][0], distances, strict=True)
        }

    def related(self, passage_id: str, others: Sequence[str]) -> list[float]:
        """The cosine similarity of each of ``others`` to a passage."""
        import numpy as np  # noqa: PLC0415

        rows = [self._row[other] for other in others]
        similar: list[float] = np.vecdot(
            self._vectors[rows], self._vectors[self._row[passage_id]]
        ).tolist()
        return similar

    def stray(self, vector: Sequence[float]) -> float:
        """The similarity of the nearest question that nothing here answers."""
        return self._parts.nearest_of(self._unanswered, vector)

    def vector_store(self) -> "Chroma":
        """The same collection as a LangChain vector store."""
        from langchain_chroma import Chroma  # noqa: PLC0415

        return Chroma(
            collection_name=COLLECTION,
            embedding_function=self._embedder,
            client=self._client,
            create_collection_if_not_exists=False,
        )

    def close(self) -> None:
        """Release the files."""
        self._client.close()


def open_index(
    root: Path,
    passages: Sequence[Passage],
    embedder: "Embeddings",
    identity: str,
    progress: Progress | None = None,
) -> VectorIndex:
    """The index of exactly these passages under this embedder, built now if there is none."""
    wanted = fingerprint(passages, identity)
    if (index := _current(root, wanted, embedder)) is not None:
        return index
    with _locked(root):
        if (index := _current(root, wanted, embedder)) is not None:
            return index
        manifest = {"fingerprint": wanted, "embedder": identity}
        try:
            _build(root, passages, embedder, manifest, progress)
        except OSError:
            raise
        except Exception as error:  # whatever the store or a site's embedder raises
            raise KnowledgeError(f"the index cannot be built ({type(error).__name__})") from error
        index = _current(root, wanted, embedder)
    if index is None:
        raise OSError(f"the index just built under {root.name}/ cannot be read back")
    return index


def _current(root: Path, wanted: str, embedder: "Embeddings") -> VectorIndex | None:
    """The current build, if it is whole and the one that is wanted."""
    try:
        name = (root / POINTER).read_text(encoding="ascii").strip()
        manifest = json.loads((root / name / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(manifest, dict) or manifest.get("fingerprint") != wanted:
        return None
    try:
        index = VectorIndex(root / name, embedder)
    except Exception:  # noqa: BLE001  whatever Chroma finds wrong with its files, we rebuild
        return None
    if index.checksum == manifest.get("checksum"):
        return index
    index.close()
    return None


def _build(
    root: Path,
    passages: Sequence[Passage],
    embedder: "Embeddings",
    manifest: Mapping[str, Any],
    progress: Progress | None,
) -> None:
    _sweep(root, keep=_KEPT_GENERATIONS)
    identity = str(manifest["embedder"])
    known = _known_vectors(root, identity)
    name = f"build-{manifest['fingerprint'][:12]}-{uuid.uuid4().hex[:8]}"
    folder = root / name
    folder.mkdir()
    client = _client(folder / "chroma")
    try:
        checksum = _fill(client, passages, embedder, known, progress)
    finally:
        client.close()
    written = {**manifest, "schema": SCHEMA, "checksum": checksum, "passages": len(passages)}
    write_durably(folder / MANIFEST, json.dumps(written, indent=1))
    write_durably(root / POINTER, name)


def _known_vectors(root: Path, identity: str) -> dict[str, list[Any]]:
    """What the present index already computed with this embedder, by digest of a passage.

    The first vector is the passage's own, the others its text's and those of the ways of asking.
    """
    try:
        name = (root / POINTER).read_text(encoding="ascii").strip()
        manifest = json.loads((root / name / MANIFEST).read_text(encoding="utf-8"))
        if manifest["embedder"] != identity or manifest["schema"] != SCHEMA:
            return {}
        with contextlib.closing(_client(root / name / "chroma")) as client:
            return (
                _vectors_by_digest(client)
                if _checksum(_stored(client)) == manifest["checksum"]
                else {}
            )
    except Exception:  # noqa: BLE001  the old index only saves time; a damaged one saves none
        return {}


def _vectors_by_digest(client: Any) -> dict[str, list[Any]]:
    stored = client.get_collection(COLLECTION, embedding_function=None).get(
        include=["embeddings", "metadatas"]
    )
    single = _by_id(client.get_collection(SINGLE, embedding_function=None))
    known: dict[str, list[Any]] = {}
    for passage_id, vector, metadata in zip(
        stored["ids"], stored["embeddings"], stored["metadatas"], strict=True
    ):
        known[metadata["digest"]] = [vector, *_numbered(passage_id, single)]
    unanswered = _by_id(client.get_collection(UNANSWERED, embedding_function=None))
    known[unanswered_digest()] = _numbered(unanswered_digest(), unanswered)
    return known


def _by_id(collection: Any) -> dict[str, Any]:
    stored = collection.get(include=["embeddings"])
    return dict(zip(stored["ids"], stored["embeddings"], strict=True))


def _numbered(name: str, vectors: Mapping[str, Any]) -> list[Any]:
    """What ``name?0``, ``name?1`` and so on stand for."""
    names = (f"{name}?{at}" for at in itertools.count())
    return [vectors[key] for key in itertools.takewhile(vectors.__contains__, names)]


def _fill(
    client: Any,
    passages: Sequence[Passage],
    embedder: "Embeddings",
    known: Mapping[str, list[Any]],
    progress: Progress | None,
) -> str:
    configuration = {"hnsw": {"space": "cosine", "ef_search": 200}}
    collection, single, unanswered = (
        client.create_collection(name, embedding_function=None, configuration=configuration)
        for name in COLLECTIONS
    )
    _add(unanswered, {unanswered_digest(): unanswered_vectors(known, embedder)})
    for start in range(0, len(passages), _BATCH):
        batch = passages[start : start + _BATCH]
        vectors = vectors_of(batch, known, embedder)
        collection.add(
            ids=[passage.passage_id for passage in batch],
            embeddings=[own for own, *_ in vectors],
            documents=[indexed_text(passage) for passage in batch],
            metadatas=[_metadata(passage) for passage in batch],
        )
        _add(
            single,
            {item.passage_id: rest for item, (_, *rest) in zip(batch, vectors, strict=True)},
        )
        if progress is not None:
            progress(min(start + _BATCH, len(passages)), len(passages))
    return _checksum(_stored(client))


def _add(collection: Any, vectors: Mapping[str, Sequence[Any]]) -> None:
    """Add vectors under numbered names."""
    rows = {f"{name}?{at}": row for name, many in vectors.items() for at, row in enumerate(many)}
    if rows:
        collection.add(ids=list(rows), embeddings=list(rows.values()))


def _metadata(passage: Passage) -> dict[str, str]:
    return {
        "source_id": passage.source_id,
        "topic": passage.topic,
        "section": passage.section,
        "digest": digest_of(passage),
    }


def _checksum(stored: "Mapping[str, tuple[list[str], NDArray[np.float32]]]") -> str:
    digest = hashlib.sha256()
    for ids, rows in stored.values():
        for at in sorted(range(len(ids)), key=ids.__getitem__):
            digest.update(ids[at].encode())
            digest.update(rows[at].astype("<f4").tobytes())
    return digest.hexdigest()


def _stored(client: Any) -> "dict[str, tuple[list[str], NDArray[np.float32]]]":
    """The ids and vectors of every collection of a build."""
    return {
        name: _rows(client.get_collection(name, embedding_function=None)) for name in COLLECTIONS
    }


def _rows(collection: Any) -> "tuple[list[str], NDArray[np.float32]]":
    """The ids of a collection, and their vectors as rows."""
    import numpy as np  # noqa: PLC0415

    stored = collection.get(include=["embeddings"])
    return stored["ids"], np.asarray(stored["embeddings"], dtype=np.float32)


def _grouped(
    ids: Sequence[str], single: Sequence[str], rows: "NDArray[np.float32]"
) -> "list[NDArray[np.float32]]":
    """Of each passage the vectors of its text and of the ways of asking for it, in order."""
    at = {name: row for row, name in enumerate(single)}
    return [rows[_numbered(passage_id, at)] for passage_id in ids]


def _client(folder: Path) -> Any:
    import chromadb  # noqa: PLC0415  slow to import, and only the index needs it
    from chromadb.config import Settings  # noqa: PLC0415

    return chromadb.PersistentClient(str(folder), Settings(anonymized_telemetry=False))


def _sweep(root: Path, keep: int) -> None:
    """Remove builds that no pointer names: crashed ones, and all but the latest few."""
    try:
        current = (root / POINTER).read_text(encoding="ascii").strip()
    except OSError:
        current = ""
    builds = [path for path in root.glob("build-*") if path.name != current]
    finished = sorted(
        (path for path in builds if (path / MANIFEST).is_file()),
        key=lambda path: (path / MANIFEST).stat().st_mtime,
    )
    spared = set(finished[len(finished) - (keep - 1) :])
    for path in builds:
        if path not in spared:
            shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def _locked(root: Path) -> Iterator[None]:
    """One build at a time; a process that dies releases the lock."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / "LOCK").open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
