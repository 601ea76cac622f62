"""What a launch needs from the FHIR adapter, as a protocol; ``bootstrap`` supplies the real one."""

from collections.abc import Sequence
from typing import Any, Protocol

from assistant.launch.ehr import Ehr
from assistant.service.ports import ReadRecord


class TokenSource(Protocol):
    """Gives the token of the next request."""

    async def token(self) -> str | None:
        """The token to send."""

    async def renew(self, used: str | None) -> bool:
        """Get a new one because ``used`` was refused; whether there is one."""


class ServerReader(Protocol):
    """Reads one patient off an EHR's FHIR server."""

    @property
    def types(self) -> Sequence[str]:
        """The resource types it reads."""

    async def read(
        self, ehr: Ehr, patient: str, *, tokens: TokenSource, scope: str | None
    ) -> ReadRecord:
        """The record of ``patient``; ``scope`` is what was granted.

        Raises:
            UnreadableRecordError: the patient cannot be read at all.
        """


class ServerWriter(Protocol):
    """Writes a Bundle to an EHR's FHIR server."""

    async def write(
        self, ehr: Ehr, bundle: dict[str, Any], *, tokens: TokenSource
    ) -> tuple[str, ...]:
        """Post a transaction; ``Type/id`` of what is kept now.

        Raises:
            WriteBackFailedError: the server did not take it.
        """


class EhrServer(ServerReader, ServerWriter, Protocol):
    """Both."""
