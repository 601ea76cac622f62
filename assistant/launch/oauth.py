"""The token endpoint of an EHR: exchange, renewal, revocation (Authlib does the protocol)."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT, private_key_jwt_sign

from assistant.launch.discovery import Site, http_options
from assistant.launch.ehr import Ehr
from assistant.launch.faults import ehr_failed
from assistant.launch.keys import ClientKeys
from assistant.sessions import Tokens

_MOST_TOKEN_CHARACTERS = 32_768
_ASSERTION_SECONDS = 240
"""SMART allows 300; Authlib's own choice is an hour."""
_METHODS = {"public": "none", "secret": "client_secret_basic", "private_key_jwt": "private_key_jwt"}


class InvalidGrantError(Exception):
    """The EHR no longer accepts this sign-in: only a new launch helps."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """With what the assistant proves itself to the EHRs."""

    keys: ClientKeys = field(default_factory=ClientKeys)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Client secrets by the name of their environment variable."""


class _BriefAssertion(PrivateKeyJWT):  # type: ignore[misc]  # Authlib has no types
    """A client assertion that lives no longer than SMART allows, new for every request."""

    def sign(self, auth: Any, token_endpoint: str) -> str:
        return str(
            private_key_jwt_sign(
                auth.client_secret,
                client_id=auth.client_id,
                token_endpoint=token_endpoint,
                header=dict(self.headers),
                alg=self.alg,
                expires_in=_ASSERTION_SECONDS,
            )
        )


def oauth_client(
    ehr: Ehr, site: Site, credentials: Credentials, *, redirect_uri: str, scope: str = ""
) -> AsyncOAuth2Client:
    """Authlib's client for ``ehr``; close it after use."""
    method = _METHODS[ehr.authentication]
    secret: Any = None
    key = None
    if ehr.authentication == "secret":
        secret = credentials.secrets[ehr.secret_variable]
    elif ehr.authentication == "private_key_jwt":
        secret = key = credentials.keys.signing(ehr.algorithm)
    client = AsyncOAuth2Client(
        client_id=ehr.client_id,
        client_secret=secret,
        token_endpoint_auth_method=method,
        revocation_endpoint_auth_method=method,
        redirect_uri=redirect_uri,
        scope=scope or None,
        code_challenge_method="S256",
        **http_options(ehr),
    )
    if key is not None:
        client.register_client_auth_method(
            _BriefAssertion(site.token_endpoint, headers={"kid": key.kid}, alg=ehr.algorithm)
        )
    return client


async def exchange(client: AsyncOAuth2Client, site: Site, code: str, verifier: str) -> Any:
    """The token endpoint's answer to ``code``.

    Raises:
        LaunchRefusedError: it refused, or did not answer as OAuth asks.
    """
    try:
        return await client.fetch_token(
            site.token_endpoint,
            grant_type="authorization_code",
            code=code,
            code_verifier=verifier,
        )
    except (AuthlibBaseError, httpx2.HTTPError, ValueError, TypeError, AttributeError):
        raise ehr_failed("code_refused", "The EHR did not accept this sign-in.") from None


async def renew(client: AsyncOAuth2Client, site: Site, tokens: Tokens) -> tuple[Tokens, Any]:
    """Renewed tokens with the answer they came in; the old refresh token stays if none came.

    Raises:
        InvalidGrantError: the EHR refuses to renew.
        LaunchRefusedError: it did not answer, or not as OAuth asks.
    """
    client.token = {"access_token": tokens.access, "token_type": "Bearer"}
    try:
        answer = await client.refresh_token(
            site.token_endpoint, refresh_token=tokens.refresh, scope=None
        )
    except AuthlibBaseError as error:
        if error.error in ("invalid_grant", "unauthorized_client", "access_denied"):
            raise InvalidGrantError from None
        raise ehr_failed("renewal_refused", "The EHR did not renew the sign-in.") from None
    except (httpx2.HTTPError, ValueError, TypeError, AttributeError):
        raise ehr_failed("renewal_failed", "The EHR did not renew the sign-in.") from None
    return granted(answer, asked=tokens.scope, before=tokens), answer


async def revoke(client: AsyncOAuth2Client, site: Site, tokens: Tokens) -> bool:
    """Tell the EHR that the tokens are not used any more; whether it took that in."""
    endpoint = site.revocation_endpoint
    if endpoint is None:
        return False
    kinds = [("refresh_token", tokens.refresh), ("access_token", tokens.access)]
    done = True
    for kind, value in kinds:
        if value is None:
            continue
        client.token = {"access_token": tokens.access, "token_type": "Bearer"}
        try:
            response = await client.revoke_token(endpoint, token=value, token_type_hint=kind)
        except (AuthlibBaseError, httpx2.HTTPError):
            return False
        done = done and bool(response.is_success)
    return done


def granted(answer: Any, *, asked: str | None, before: Tokens | None = None) -> Tokens:
    """The tokens of a token endpoint's answer.

    Raises:
        LaunchRefusedError: it holds no bearer token.
    """
    kind = answer.get("token_type")
    access = _token(answer.get("access_token"))
    if access is None or not isinstance(kind, str) or kind.lower() != "bearer":
        raise ehr_failed("no_bearer_token", "The EHR's answer holds no token we can use.")
    scope, lifetime = answer.get("scope"), answer.get("expires_in")
    refresh = _token(answer.get("refresh_token"))
    return Tokens(
        access=access,
        refresh=refresh or (before.refresh if before else None),
        expires=time.time() + lifetime if _seconds(lifetime) else None,
        scope=scope if isinstance(scope, str) else asked,
        version=before.version if before else 0,
    )


def _token(value: object) -> str | None:
    usable = isinstance(value, str) and 0 < len(value) <= _MOST_TOKEN_CHARACTERS
    return value if usable and isinstance(value, str) and value.isascii() else None


def _seconds(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0
