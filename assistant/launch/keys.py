"""The keys with which the assistant proves itself at token endpoints, and their public half."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

_RSA_BITS = 3072
_KINDS = {"ES384": "EC", "RS384": "RSA"}

SigningKey = ECKey | RSAKey


class UnusableClientKeyError(Exception):
    """The keys cannot be used; the message tells nothing of them."""


class ClientKeys:
    """Private keys of this application; the first of an algorithm signs, all are published."""

    def __init__(self, keys: Sequence[SigningKey] = ()) -> None:
        self._keys = tuple(keys)

    @classmethod
    def read(cls, text: str) -> "ClientKeys":
        """The keys of a JWK Set, given as JSON or as the path of a file with it.

        Raises:
            UnusableClientKeyError: it is none, or holds no private key for ES384 or RS384.
        """
        try:
            if not text.lstrip().startswith("{"):
                text = Path(text).read_text(encoding="utf-8")
            found = json.loads(text)
            keys = [_private_key(item) for item in found["keys"]]
        except (OSError, ValueError, KeyError, TypeError, JoseError):
            raise UnusableClientKeyError(
                "the client keys are not a JWK Set of private keys: expected what "
                "`trd-assistant keys client` prints, or the path of a file with it"
            ) from None
        return cls(keys)

    def signing(self, algorithm: str) -> SigningKey | None:
        """The key that signs with ``algorithm``; None where there is none."""
        kind = _KINDS[algorithm]
        return next((key for key in self._keys if key.key_type == kind), None)

    def public(self) -> dict[str, Any]:
        """The JWK Set to publish."""
        return {"keys": [key.as_dict(private=False) for key in self._keys]}


def _private_key(item: dict[str, Any]) -> SigningKey:
    key: SigningKey = ECKey.import_key(item) if item.get("kty") == "EC" else RSAKey.import_key(item)
    if not key.is_private or not key.kid:
        raise ValueError("not a private key with a kid")
    if isinstance(key, ECKey) and key.curve_name != "P-384":
        raise ValueError("not a key for ES384")
    return key


def new_client_key(algorithm: str) -> dict[str, Any]:
    """A fresh private key for ``algorithm``, as a JWK."""
    parameters: Any = {"use": "sig", "alg": algorithm}
    key: SigningKey = (
        ECKey.generate_key("P-384", parameters, auto_kid=True)
        if algorithm == "ES384"
        else RSAKey.generate_key(_RSA_BITS, parameters, auto_kid=True)
    )
    return dict(key.as_dict(private=True))
