"""Adding, removing and listing what the knowledge holds; the index follows at once."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from knowledge.base import default_folder, open_knowledge
from knowledge.corpus_reader import authored_passages, source_titles
from knowledge.ingest.formats import RefusedDocumentError
from knowledge.ingest.shelf import AddedDocument, Shelf
from knowledge.vector_index import Progress


def add(
    paths: Sequence[Path], *, folder: Path | None = None, progress: Progress | None = None
) -> tuple[list[AddedDocument], list[str]]:
    """The documents added, and why the others were refused."""
    root = folder or default_folder()
    shelf = Shelf(root / "documents")
    added: list[AddedDocument] = []
    refused: list[str] = []
    for path in paths:
        try:
            added.append(shelf.add(path))
        except RefusedDocumentError as error:
            refused.append(str(error))
    if any(document.changed for document in added):
        open_knowledge(root, progress=progress).close()
    return added, refused


def remove(source_id: str, *, folder: Path | None = None, progress: Progress | None = None) -> None:
    """Take an added document away.

    Raises:
        KnowledgeError: no added document has this id.
    """
    root = folder or default_folder()
    Shelf(root / "documents").remove(source_id)
    open_knowledge(root, progress=progress).close()


def sources(folder: Path | None = None) -> list[dict[str, Any]]:
    """Every source with its number of passages; ``kind`` is shipped or added."""
    root = folder or default_folder()
    return [*_shipped(), *_added(Shelf(root / "documents"))]


def _shipped() -> Iterable[dict[str, Any]]:
    titles = source_titles()
    counted = Counter(passage.source_id for passage in authored_passages())
    for source_id, passages in counted.items():
        yield {
            "source_id": source_id,
            "title": titles[source_id],
            "passages": passages,
            "kind": "shipped",
        }


def _added(shelf: Shelf) -> Iterable[dict[str, Any]]:
    for document in shelf.documents():
        yield {
            "source_id": document.source_id,
            "title": document.title,
            "passages": document.passages,
            "kind": "added",
            "added_at": document.added_at,
            "sha256": document.sha256,
        }
