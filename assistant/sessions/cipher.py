"""What the database keeps sealed: tokens, who the patient is, what was said.

The keys come from the environment. The first seals, all open: a site rotates by
putting a new key first, and takes the old one out once every row is resealed.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

_KEY_ID_CHARACTERS = 12


class UnusableKeyError(Exception):
    """The keys cannot be used, or none of them opens what is stored; nothing of either is told."""


class Cipher:
    """Seals JSON values for one row; a value moved to another row does not open."""

    def __init__(self, keys: Sequence[str]) -> None:
        try:
            fernets = [Fernet(key) for key in keys]
        except (ValueError, TypeError):
            raise UnusableKeyError(
                "a session key is not one of ours: expected 32 random bytes in URL-safe base64, "
                "as `trd-assistant keys session` prints"
            ) from None
        if not fernets:
            raise UnusableKeyError("no session key: expected at least one")
        self._fernet = MultiFernet(fernets)
        digest = hashlib.sha256(keys[0].encode()).hexdigest()
        self.key_id = digest[:_KEY_ID_CHARACTERS]
        """Names the sealing key without telling it."""

    def seal(self, value: Any, *, row: str) -> bytes:
        """``value`` as sealed bytes that open for ``row`` only."""
        return self._fernet.encrypt(json.dumps([row, value], ensure_ascii=False).encode())

    def open(self, sealed: bytes, *, row: str) -> Any:
        """The value sealed for ``row``.

        Raises:
            UnusableKeyError: no key opens it, or it was sealed for another row.
        """
        try:
            sealed_for, value = json.loads(self._fernet.decrypt(sealed))
        except InvalidToken:
            raise UnusableKeyError(
                "no configured session key opens what the database holds: put the key that "
                "sealed it back beside the new one"
            ) from None
        if sealed_for != row:
            raise UnusableKeyError("a sealed value of the database stands in another row's place")
        return value

    def reseal(self, sealed: bytes) -> bytes:
        """The same under the first key.

        Raises:
            UnusableKeyError: no key opens it.
        """
        try:
            return self._fernet.rotate(sealed)
        except InvalidToken:
            raise UnusableKeyError(
                "no configured session key opens what the database holds: put the key that "
                "sealed it back beside the new one"
            ) from None


def new_key() -> str:
    """A fresh sealing key."""
    return Fernet.generate_key().decode()
