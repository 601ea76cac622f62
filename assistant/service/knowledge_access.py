"""The knowledge base, opened in the background so that the page does not wait for it."""

import threading
import time
from collections.abc import Callable
from typing import Any

from assistant.answering.ports import NoKnowledge
from assistant.logs import log
from assistant.service.errors import KnowledgeUnavailableError, UnknownPassageError

_MILLISECONDS = 1000


class KnowledgeAccess:
    """Opens the knowledge on a thread of its own, hands it out, and answers for its state."""

    def __init__(self, open_knowledge: Callable[[], Any], *, wait_seconds: float = 120) -> None:
        self._open_knowledge = open_knowledge
        self._wait_seconds = wait_seconds
        self._opened: Any = None
        self._failed = ""
        self._done = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to open it, if nobody has."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="knowledge", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        began = time.perf_counter()
        try:
            self._opened = self._open_knowledge()
        except Exception as error:  # noqa: BLE001  staging must work without the knowledge base
            self._failed = type(error).__name__
            log("knowledge_failed", error=self._failed)
        else:
            log("knowledge_opened", ms=round((time.perf_counter() - began) * _MILLISECONDS))
        self._done.set()

    def opened(self) -> Any:
        """The knowledge base as it stands now, waiting while it opens.

        Keep it for one answer, so that the answer rests on one state of the documents.

        Raises:
            KnowledgeUnavailableError: it could not be opened, or not in time.
        """
        self.start()
        self._done.wait(self._wait_seconds)
        if self._opened is None:
            raise KnowledgeUnavailableError
        return self._opened.current()

    def opened_or_none(self) -> Any:
        """The knowledge base, or one that knows nothing where it could not be opened."""
        try:
            return self.opened()
        except KnowledgeUnavailableError:
            return NoKnowledge()

    def state(self) -> dict[str, Any]:
        """``ready``, ``opening`` or ``failed``, with what the knowledge base says of itself."""
        if not self._done.is_set():
            return {"state": "opening"}
        if self._opened is None:
            return {"state": "failed", "error": self._failed}
        return {"state": "ready", **self._opened.health()}

    def passage(self, passage_id: str) -> Any:
        """One passage.

        Raises:
            UnknownPassageError: there is none of this id.
        """
        try:
            found = self.opened().passage(passage_id)
        except LookupError:
            raise UnknownPassageError from None
        if found is None:
            raise UnknownPassageError
        return found
