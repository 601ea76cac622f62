"""The documents a site has added, one JSON file each, written whole or not at all."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from knowledge.files import write_durably
from knowledge.ingest.cutting import cut
from knowledge.ingest.formats import RefusedDocumentError, read_blocks
from knowledge.ingest.screening import screen
from knowledge.passages import KnowledgeError, Passage

SCHEMA = "knowledge-document/1"
PREFIX = "added-"


class UnknownDocumentError(KnowledgeError):
    """No added document has this id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedDocument:
    """What is known of one added document."""

    source_id: str
    title: str
    sha256: str
    added_at: str
    passages: int
    changed: bool = False
    """Whether adding it just now changed anything; adding the same again does not."""


class Shelf:
    """The added documents under one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def documents(self) -> list[AddedDocument]:
        """What has been added, by id."""
        return [
            AddedDocument(
                source_id=row["source_id"],
                title=row["title"],
                sha256=row["sha256"],
                added_at=row["added_at"],
                passages=len(row["passages"]),
            )
            for row in self._rows()
        ]

    def passages(self) -> list[Passage]:
        """The passages of every added document."""
        return [_passage(item) for row in self._rows() for item in row["passages"]]

    def add(self, path: Path) -> AddedDocument:
        """Add or replace the document of this file name.

        Raises:
            RefusedDocumentError: it is poisoned or unreadable, or cannot be kept; nothing was
                changed.
        """
        if (known := self._same_content(path)) is not None:
            return known
        try:
            blocks = read_blocks(path)
            screen(blocks)
        except RefusedDocumentError as error:
            named = str(error) if path.name in str(error) else f"{path.name}: {error}"
            raise RefusedDocumentError(named) from None
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        source_id = self._id_for(path)
        passages = cut(blocks, source_id, path.name)
        row = {
            "schema": SCHEMA,
            "source_id": source_id,
            "title": path.name,
            "sha256": sha256,
            "added_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "passages": [asdict(passage) for passage in passages],
        }
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_durably(self._folder / f"{source_id}.json", json.dumps(row, ensure_ascii=False))
        except OSError as error:
            raise RefusedDocumentError(
                f"{path.name}: the data folder cannot be written ({error.strerror})"
            ) from None
        return AddedDocument(
            source_id=source_id,
            title=path.name,
            sha256=sha256,
            added_at=str(row["added_at"]),
            passages=len(passages),
            changed=True,
        )

    def _same_content(self, path: Path) -> AddedDocument | None:
        """The document that was made of the same bytes."""
        known = {document.sha256: document for document in self.documents()}
        if not known or not path.is_file():
            return None
        with path.open("rb") as stream:
            return known.get(hashlib.file_digest(stream, "sha256").hexdigest())

    def _id_for(self, path: Path) -> str:
        """The id of a file name; another file name never takes the place of a document."""
        plain = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")
        of_name = hashlib.sha256(path.name.encode("utf-8", "surrogateescape")).hexdigest()[:8]
        taken = {document.source_id: document.title for document in self.documents()}
        wanted = PREFIX + (plain or of_name)
        return wanted if taken.get(wanted, path.name) == path.name else f"{wanted}-{of_name}"

    def remove(self, source_id: str) -> None:
        """Take a document away.

        Raises:
            UnknownDocumentError: none has this id.
        """
        known = {document.source_id for document in self.documents()}
        if source_id not in known:
            shown = ", ".join(sorted(known)) or "none"
            raise UnknownDocumentError(
                f"no added document has the id {source_id!r}; added documents: {shown}"
            )
        (self._folder / f"{source_id}.json").unlink()

    def unreadable(self) -> list[str]:
        """Files on the shelf that cannot be read any more; their passages are missing."""
        return [path.name for path in self._files() if _row(path) is None]

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob(f"{PREFIX}*.json"))

    def _rows(self) -> Iterator[dict[str, Any]]:
        for path in self._files():
            if (row := _row(path)) is not None:
                yield row


def _row(path: Path) -> dict[str, Any] | None:
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return row if isinstance(row, dict) and row.get("schema") == SCHEMA else None


def _passage(item: dict[str, Any]) -> Passage:
    fields: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in item.items()
    }
    return Passage(**fields)
