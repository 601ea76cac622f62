"""Sessions, tokens and launches under way, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_SECONDS_PER_MINUTE = 60
_SECONDS_PER_HOUR = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetimes:
    """After how many seconds what ends."""

    idle: float = 60 * _SECONDS_PER_MINUTE
    """A session that nobody uses."""
    absolute: float = 12 * _SECONDS_PER_HOUR
    """Any session."""
    launch: float = 10 * _SECONDS_PER_MINUTE
    """A launch that does not come back from the authorization server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One launch, or one opened demo patient, in one browser."""

    ctx: str
    """Stands in the page's address; opens nothing by itself."""
    origin: str
    """``launch`` or ``demo``."""
    ehr: str | None
    """FHIR base of the EHR that launched it."""
    details: Mapping[str, Any]
    """What the launch said: ``patient``, ``encounter``, ``user``, ``scope`` …"""
    started: float
    used: float
    ends: float
    """Latest moment, in seconds of the epoch (UTC)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What the authorization server granted; ``repr`` tells neither token."""

    access: str = field(repr=False)
    refresh: str | None = field(default=None, repr=False)
    expires: float | None = None
    """Seconds of the epoch; None where the server did not say."""
    scope: str | None = None
    version: int = 0
    """Counts the renewals, so that two cannot overwrite each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingLaunch:
    """A launch sent to the authorization server and not yet back."""

    ehr: str
    """FHIR base."""
    binding: str = field(repr=False)
    """SHA-256 of the secret in the browser's cookie."""
    verifier: str = field(repr=False)
    """PKCE code verifier."""
    nonce: str = field(repr=False)
    scope: str
    """What was asked for."""
