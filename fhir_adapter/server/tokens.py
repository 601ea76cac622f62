"""Where the bearer token of a request comes from, and how it is renewed."""

import asyncio
import os
from typing import Protocol

import httpx2

TOKEN_VARIABLE = "TRD_FHIR_TOKEN"  # noqa: S105 - the name of a variable, not its value
"""Environment variable with the token for a read from the command line."""


class TokenSource(Protocol):
    """Gives the token of the next request."""

    async def token(self) -> str | None:
        """The token to send; None where the server wants none."""

    async def renew(self, used: str | None) -> bool:
        """Get a new one because ``used`` was refused; whether there is one."""


class FixedToken:
    """A token that cannot be renewed, or none."""

    def __init__(self, value: str | None = None) -> None:
        self._value = value

    @classmethod
    def from_environment(cls) -> "FixedToken":
        """The token of :data:`TOKEN_VARIABLE`, if it is set."""
        return cls(os.environ.get(TOKEN_VARIABLE) or None)

    async def token(self) -> str | None:
        """The token."""
        return self._value

    async def renew(self, used: str | None) -> bool:
        """Never."""
        del used
        return False


class RefreshingToken:
    """An access token renewed with a refresh token at the token endpoint.

    Servers that rotate refresh tokens send a new one; those that do not (Oracle)
    send none, and the old one stays.
    """

    def __init__(
        self,
        *,
        access: str,
        refresh: str,
        endpoint: str,
        client_id: str,
        client: httpx2.AsyncClient,
    ) -> None:
        self._access = access
        self._refresh = refresh
        self._endpoint = endpoint
        self._client_id = client_id
        self._client = client
        self._lock = asyncio.Lock()

    async def token(self) -> str | None:
        """The newest access token."""
        return self._access

    async def renew(self, used: str | None) -> bool:
        """Refresh once for all requests that were refused with ``used``."""
        async with self._lock:
            if used != self._access:
                return True
            return await self._ask()

    async def _ask(self) -> bool:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": self._refresh,
            "client_id": self._client_id,
        }
        try:
            response = await self._client.post(
                self._endpoint, data=form, headers={"Accept": "application/json"}
            )
            granted = response.json() if response.is_success else {}
        except (httpx2.HTTPError, ValueError):
            return False
        access = granted.get("access_token") if isinstance(granted, dict) else None
        if not isinstance(access, str) or not access:
            return False
        self._access = access
        renewed = granted.get("refresh_token")
        if isinstance(renewed, str) and renewed:
            self._refresh = renewed
        return True
