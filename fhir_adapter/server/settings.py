"""How patiently, and how far, a server is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSettings:
    """Limits of one read; what does not fit is told as an incomplete read."""

    total_seconds: float = 90.0
    """The whole read ends after this, with what has come by then."""
    request_seconds: float = 30.0
    """One request, its body included."""
    attempts: int = 4
    """Of one request, where the answer is 408, 429 or 5xx, or none comes."""
    first_wait_seconds: float = 0.25
    """The longest wait before the second attempt; it doubles, and chance shortens it."""
    longest_wait_seconds: float = 8.0
    longest_retry_after_seconds: float = 20.0
    """A server that asks to wait longer is told as not read."""
    at_once: int = 6
    """Requests under way at the same time."""
    page_size: int = 100
    pages: int = 500
    """Of one search."""
    answer_bytes: int = 64 * 1024 * 1024
    resources: int = 100_000
    """Of one patient."""
    medications: int = 500
    """Medication resources read one by one."""
    certificates: str | None = None
    """PEM file of the authorities that sign the server's certificate, where they are own ones."""
    page_hosts: frozenset[str] = frozenset()
    """Hosts beside the base's own that next links may lead to."""
    site_parameters: Mapping[str, str] = field(default_factory=dict)
    """Parameters a site wants in every search (athenahealth: ``ah-practice``)."""
