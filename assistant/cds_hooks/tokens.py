"""Who calls: the JWT of a CDS client, verified; kept nowhere.

CDS Hooks 2.0, "Trusting CDS Clients": signed by a key of the issuer's JWK Set, for
exactly this endpoint, not expired, never seen before. Keys come from what the site
configured for the issuer; an address inside the token (`jku`) is not looked at.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet

from assistant.cds_hooks.client import CdsClient

ALGORITHMS = ("ES384", "RS384", "ES256", "RS256")
_KEY_TYPES = {"ES384": "EC", "ES256": "EC", "RS384": "RSA", "RS256": "RSA"}
LEEWAY_SECONDS = 60
LONGEST_LIFE_SECONDS = 3600
"""Epic's tokens live 15 minutes; what a replay cache must remember has to be bounded."""
_MOST_CHARACTERS = 8192
_MOST_TOKENS = 100_000


class TokenRefusedError(Exception):
    """The call carries no token of a client we know; ``reason`` is a fixed word of ours."""

    def __init__(self, reason: str) -> None:
        super().__init__("This call needs a valid JWT of a configured CDS client.")
        self.reason = reason


class PublicKeys(Protocol):
    """The public keys of the configured issuers."""

    async def of(self, client: CdsClient, key_id: str | None) -> KeySet:
        """The keys of ``client``, read again where ``key_id`` is not among those known.

        Raises:
            OSError, ValueError: they cannot be had.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A client whose token was verified."""

    client: CdsClient
    subject: str
    token_id: str


class TokenVerifier:
    """Verifies tokens of the configured clients, each once."""

    def __init__(
        self,
        clients: Sequence[CdsClient],
        keys: PublicKeys,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._clients = {client.issuer: client for client in clients}
        self._keys = keys
        self._clock = clock
        self._seen = _SeenTokens()

    async def verify(self, authorization: str, *, audience: str) -> Caller:
        """The caller that an ``Authorization`` header names.

        Raises:
            TokenRefusedError: no token, or one that does not hold for ``audience``.
        """
        token = _bearer(authorization)
        header, claims = _unverified(token)
        if header.get("alg") not in ALGORITHMS:
            raise TokenRefusedError("algorithm")
        issuer = claims.get("iss")
        client = self._clients.get(issuer) if isinstance(issuer, str) else None
        if client is None:
            raise TokenRefusedError("issuer")
        key = await self._key(client, header)
        try:
            claims = jwt.decode(token, key, algorithms=list(ALGORITHMS)).claims
        except (JoseError, ValueError):
            raise TokenRefusedError("signature") from None
        self._check(claims, audience)
        token_id = str(claims["jti"])
        self._seen.add((client.issuer, token_id), claims["exp"] + LEEWAY_SECONDS, self._clock())
        return Caller(client=client, subject=str(claims.get("sub") or issuer), token_id=token_id)

    async def _key(self, client: CdsClient, header: Mapping[str, Any]) -> Key:
        """The one key the header means; without `kid`, the only one of its type."""
        key_id = header.get("kid")
        if key_id is not None and not isinstance(key_id, str):
            raise TokenRefusedError("key")
        try:
            keys = await self._keys.of(client, key_id)
        except (OSError, ValueError):
            raise TokenRefusedError("keys_unavailable") from None
        fitting = [
            key
            for key in keys.keys
            if key.key_type == _KEY_TYPES[header["alg"]] and key_id in (None, key.kid)
        ]
        if len(fitting) != 1:
            raise TokenRefusedError("key")
        return fitting[0]

    def _check(self, claims: Mapping[str, Any], audience: str) -> None:
        issued, expires = _time(claims.get("iat")), _time(claims.get("exp"))
        not_before = _time(claims.get("nbf", issued))
        now = self._clock()
        if expires <= now - LEEWAY_SECONDS:
            raise TokenRefusedError("expired")
        if max(issued, not_before) > now + LEEWAY_SECONDS:
            raise TokenRefusedError("not_yet_valid")
        if not 0 < expires - issued <= LONGEST_LIFE_SECONDS:
            raise TokenRefusedError("lifetime")
        audiences = claims.get("aud")
        if audience not in (audiences if isinstance(audiences, list) else [audiences]):
            raise TokenRefusedError("audience")
        token_id = claims.get("jti")
        if not isinstance(token_id, str) or not token_id:
            raise TokenRefusedError("token_id")


class _SeenTokens:
    """Ids of tokens until they expire, so that none is used twice."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()

    def add(self, token: tuple[str, str], until: float, now: float) -> None:
        """Remember ``token``.

        Raises:
            TokenRefusedError: it was seen before, or there is no room to remember it.
        """
        with self._lock:
            if len(self._until) >= _MOST_TOKENS:
                self._until = {key: end for key, end in self._until.items() if end > now}
            if self._until.get(token, 0) > now:
                raise TokenRefusedError("replayed")
            if len(self._until) >= _MOST_TOKENS:
                raise TokenRefusedError("too_many")
            self._until[token] = until


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise TokenRefusedError("missing")
    if len(token) > _MOST_CHARACTERS:
        raise TokenRefusedError("size")
    return token.strip()


def _unverified(token: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Header and claims before the signature is checked: to find issuer and key only."""
    try:
        parts = jws.extract_compact(token.encode("ascii"))
        claims = json.loads(parts.payload)
    except (JoseError, ValueError, RecursionError):
        raise TokenRefusedError("form") from None
    if not isinstance(claims, dict):
        raise TokenRefusedError("form")
    return parts.headers(), claims


def _time(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TokenRefusedError("times")
    return value
