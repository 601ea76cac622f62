"""The audit trail: a port for the use cases, and the file that keeps it."""

import json
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from assistant.audit.balp import audit_event
from assistant.audit.chain import BrokenChainError, Chain, Head
from assistant.audit.events import AuditedEvent


class AuditUnavailableError(Exception):
    """The event could not be recorded, so what it is about must not happen."""

    def __init__(self) -> None:
        super().__init__(
            "The audit trail cannot be written, so nothing of a patient is read or shown. "
            "The operator finds the cause in the log and with `trd-assistant audit verify`."
        )


class AuditTrail(Protocol):
    """Where audited events go. Call it before what it records is shown or done."""

    def record(self, event: AuditedEvent) -> None:
        """Keep ``event`` for good; it is on the disk when this returns.

        Raises:
            AuditUnavailableError: it cannot be kept.
        """


class FileAuditTrail:
    """Appends to a hash-chained file of AuditEvents, one JSON line each."""

    def __init__(
        self,
        path: Path,
        *,
        observer: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        on_failure: Callable[[Exception], None] = lambda _: None,
    ) -> None:
        self.path = path
        self._chain = Chain(path)
        self._observer = observer
        self._now = now
        self._on_failure = on_failure
        self._lock = threading.Lock()
        self.head = Head()

    def record(self, event: AuditedEvent) -> None:
        """Keep ``event`` for good.

        Raises:
            AuditUnavailableError: it cannot be kept.
        """
        resource = audit_event(
            event, event_id=str(uuid.uuid4()), recorded=self._now(), observer=self._observer
        )
        line = json.dumps(resource, ensure_ascii=True, separators=(",", ":")).encode()
        try:
            with self._lock:
                self.head = self._chain.append(line)
        except (OSError, BrokenChainError) as error:
            self._on_failure(error)
            raise AuditUnavailableError from None
