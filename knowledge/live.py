"""A knowledge base that follows its folder: what is added or removed shows without a restart."""

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from knowledge.base import KnowledgeBase, default_folder, open_knowledge

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

LOOK_EVERY_SECONDS = 2.0
"""How often the folder is looked at; a look reads one small file and the names of the documents."""

State = tuple[str, tuple[tuple[str, int, int], ...]]
"""Which build is current, and name, time and size of every added document."""


class LiveKnowledge:
    """Hands out the knowledge base of a folder, a new one once the folder has changed.

    A new state is opened beside the old one and takes its place in one step. Who keeps what
    :meth:`current` handed out has the old state or the new one for as long, never half of each.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        embedder: "str | Embeddings | None" = None,
        look_every: float = LOOK_EVERY_SECONDS,
    ) -> None:
        self._folder = folder or default_folder()
        self._embedder = embedder
        self._look_every = look_every
        self._looking = threading.Lock()
        self._looked = time.monotonic()
        self._state = state_of(self._folder)
        self._base = open_knowledge(self._folder, embedder=embedder)
        self._former: KnowledgeBase | None = None
        self._failed = ""

    def current(self) -> KnowledgeBase:
        """The knowledge base as it stands; a change is opened in the background meanwhile."""
        due = time.monotonic() - self._looked >= self._look_every
        if due and self._looking.acquire(blocking=False):
            threading.Thread(target=self._look, name="knowledge-look", daemon=True).start()
        return self._base

    def health(self) -> dict[str, Any]:
        """What the current knowledge base says of itself, and whether a change was not taken."""
        health = self.current().health()
        if self._failed:
            health["notes"].append(
                f"the changed documents could not be opened ({self._failed}); "
                "the earlier state goes on"
            )
        return health

    def _look(self) -> None:
        try:
            state = state_of(self._folder)
            if state != self._state or self._failed:
                self._reopen(state)
        finally:
            self._looked = time.monotonic()
            self._looking.release()

    def _reopen(self, state: State) -> None:
        try:
            opened = open_knowledge(self._folder, embedder=self._base.embedder or self._embedder)
        except Exception as error:  # noqa: BLE001  whatever a changed folder holds, the old state answers on
            self._failed = type(error).__name__
            return
        self._failed, self._state = "", state
        if self._former is not None:
            self._former.close()  # two states ago; an answer still at it goes on by words
        self._former, self._base = self._base, opened


def state_of(folder: Path) -> State:
    """What changes whenever documents were added or removed, or the index was built again."""
    try:
        pointer = (folder / "index" / "CURRENT").read_text(encoding="ascii")
    except (OSError, ValueError):
        pointer = ""
    documents = []
    for path in sorted((folder / "documents").glob("added-*.json")):
        try:
            stat = path.stat()
        except OSError:
            continue
        documents.append((path.name, stat.st_mtime_ns, stat.st_size))
    return pointer, tuple(documents)
