"""Writing to the EHR: only where the site allows it, and audited before it is done."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from assistant.launch.ehr import Ehr
from assistant.launch.ports import ServerWriter, TokenSource

_CLINICIAN = re.compile(r"(https?://\S+/)?(Practitioner|PractitionerRole)/[A-Za-z0-9\-.]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class EhrWriter:
    """Writes for one session."""

    ehr: Ehr
    tokens: TokenSource
    server: ServerWriter
    audit: Callable[[], Awaitable[None]]
    signed_in: str

    @property
    def user(self) -> str | None:
        """The clinician as the EHR names them; None where it named nobody as one."""
        return self.signed_in if _CLINICIAN.fullmatch(self.signed_in) else None

    async def write(self, bundle: dict[str, Any]) -> list[str]:
        """Record the writing, then write; ``Type/id`` of what the server keeps now.

        Raises:
            AuditUnavailableError: it cannot be recorded, so nothing is written.
            WriteBackFailedError: the server did not take it.
        """
        await self.audit()
        return list(await self.server.write(self.ehr, bundle, tokens=self.tokens))
