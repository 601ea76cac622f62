"""Public keys of CDS clients: from a file, or from the address the site configured."""

import asyncio
import json
import ssl
import time
from collections.abc import Callable

import httpx2
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from assistant.cds_hooks.client import CdsClient

_SECONDS = 5.0
_MOST_BYTES = 256 * 1024
_FRESH_SECONDS = 3600
_READ_AGAIN_SECONDS = 30
"""A token with an unknown key id makes us read the keys again, but not more often than this."""


class ConfiguredKeys:
    """Keeps the keys of each client for an hour, and reads them again for a new key id."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[str, tuple[float, KeySet]] = {}
        self._lock = asyncio.Lock()

    async def of(self, client: CdsClient, key_id: str | None) -> KeySet:
        """The keys of ``client``.

        Raises:
            OSError, ValueError: they cannot be had.
        """
        async with self._lock:
            read_at, keys = self._known.get(client.issuer, (None, None))
            if read_at is not None and keys is not None:
                age = self._clock() - read_at
                knows = key_id is None or any(key.kid == key_id for key in keys.keys)
                if age < (_FRESH_SECONDS if knows else _READ_AGAIN_SECONDS):
                    return keys
            keys = _key_set(await _read(client))
            self._known[client.issuer] = (self._clock(), keys)
            return keys


async def _read(client: CdsClient) -> bytes:
    if client.jwks_file is not None:
        return await asyncio.to_thread(client.jwks_file.read_bytes)
    trusted = ssl.create_default_context(cafile=client.certificates)
    try:
        async with (
            httpx2.AsyncClient(
                follow_redirects=False, trust_env=False, timeout=_SECONDS, verify=trusted
            ) as http,
            http.stream("GET", str(client.jwks_url)) as answer,
        ):
            answer.raise_for_status()
            data = b""
            async for chunk in answer.aiter_bytes():
                data += chunk
                if len(data) > _MOST_BYTES:
                    raise ValueError("the JWK Set is too large")
            return data
    except httpx2.HTTPError as error:
        raise OSError(type(error).__name__) from None


def _key_set(data: bytes) -> KeySet:
    try:
        return KeySet.import_key_set(json.loads(data))
    except (JoseError, KeyError, TypeError) as error:
        raise ValueError(type(error).__name__) from None
