"""Who signed in, from an id token that is verified before anything in it is believed."""

import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from assistant.launch.faults import LaunchRefusedError

ALGORITHMS = ("RS256", "RS384", "ES256", "ES384")
_LEEWAY_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the token must say."""

    issuer: str
    audience: str
    nonce: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Who signed in."""

    subject: str
    user: str
    """``fhirUser``, else the subject at its issuer."""


def verified(token: object, keys: Mapping[str, Any], expected: Expected) -> SignedIn:
    """Who signed in, where every claim holds.

    Raises:
        LaunchRefusedError: a claim or the signature does not hold; ``reason`` names which.
    """
    if not isinstance(token, str) or not token:
        raise _refused("no_id_token")
    try:
        decoded = jwt.decode(token, _key_set(keys), algorithms=list(ALGORITHMS))
    except (JoseError, ValueError, TypeError, KeyError):
        raise _refused("id_token_signature") from None
    claims = decoded.claims
    _check(claims, expected)
    user = claims.get("fhirUser") or claims.get("profile")
    return SignedIn(
        subject=str(claims["sub"]),
        user=user if isinstance(user, str) and user else f"{claims['iss']}#{claims['sub']}",
    )


def _key_set(keys: Mapping[str, Any]) -> Any:
    """The keys; a sole key serves tokens whose header names none."""
    found = KeySet.import_key_set({"keys": [k for k in keys["keys"] if k.get("use") != "enc"]})
    return found.keys[0] if len(found.keys) == 1 else found


def _check(claims: Mapping[str, Any], expected: Expected) -> None:
    now = time.time()
    if claims.get("iss") != expected.issuer:
        raise _refused("id_token_issuer")
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if expected.audience not in audiences:
        raise _refused("id_token_audience")
    if len(audiences) > 1 and claims.get("azp") != expected.audience:
        raise _refused("id_token_audience")
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), expected.nonce.encode()):
        raise _refused("id_token_nonce")
    if not _number(claims.get("exp")) or claims["exp"] <= now - _LEEWAY_SECONDS:
        raise _refused("id_token_expired")
    if not _number(claims.get("iat")) or claims["iat"] > now + _LEEWAY_SECONDS:
        raise _refused("id_token_not_yet")
    if not isinstance(claims.get("sub"), str) or not claims["sub"]:
        raise _refused("id_token_subject")


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _refused(reason: str) -> LaunchRefusedError:
    return LaunchRefusedError(
        reason,
        "The EHR's statement of who signed in cannot be trusted, so nothing was opened. "
        "Launch the assistant again; if it happens again, tell the operator.",
    )
