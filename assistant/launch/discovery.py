"""What an EHR says of its authorization server: read from the EHR itself, never redirected."""

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx2

from assistant.launch.ehr import Ehr
from assistant.launch.faults import LaunchRefusedError, ehr_failed

_SECONDS = 10.0
_MOST_BYTES = 1024 * 1024
_WELL_KNOWN = ".well-known/smart-configuration"
_OPENID = ".well-known/openid-configuration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Endpoints of an EHR, each on one of its configured hosts."""

    issuer: str
    """Who signs id tokens; often another address than the FHIR base."""
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    revocation_endpoint: str | None = None


def http_options(ehr: Ehr) -> dict[str, Any]:
    """How requests to ``ehr`` are sent: no redirect, no proxy of the environment, its own CA."""
    return {
        "follow_redirects": False,
        "trust_env": False,
        "timeout": httpx2.Timeout(_SECONDS),
        "verify": _trusted_authorities(ehr.certificates),
    }


@cache
def _trusted_authorities(certificates: str | None) -> ssl.SSLContext:
    """Read once: it takes longer than a request."""
    return ssl.create_default_context(cafile=certificates)


async def discover(ehr: Ehr) -> Site:
    """The endpoints of ``ehr``.

    Raises:
        LaunchRefusedError: it does not say, or names a host that is not configured.
    """
    async with httpx2.AsyncClient(**http_options(ehr)) as client:
        found = await _document(client, f"{ehr.fhir_base.rstrip('/')}/{_WELL_KNOWN}")
        issuer, jwks_uri = found.get("issuer"), found.get("jwks_uri")
        if isinstance(issuer, str) and not isinstance(jwks_uri, str):
            _trusted(ehr, issuer)
            openid = await _document(client, f"{issuer.rstrip('/')}/{_OPENID}")
            if openid.get("issuer") != issuer:
                raise ehr_failed("issuer_differs", "The EHR names two issuers of sign-ins.")
            jwks_uri = openid.get("jwks_uri")
    if "S256" not in (found.get("code_challenge_methods_supported") or ("S256",)):
        raise ehr_failed("no_pkce", "The EHR does not offer PKCE with S256.")
    revocation = found.get("revocation_endpoint")
    return Site(
        issuer=_trusted(ehr, issuer),
        authorization_endpoint=_trusted(ehr, found.get("authorization_endpoint")),
        token_endpoint=_trusted(ehr, found.get("token_endpoint")),
        jwks_uri=_trusted(ehr, jwks_uri),
        revocation_endpoint=None if revocation is None else _trusted(ehr, revocation),
    )


async def signing_keys(ehr: Ehr, site: Site) -> Mapping[str, Any]:
    """The JWK Set with which the EHR signs id tokens."""
    async with httpx2.AsyncClient(**http_options(ehr)) as client:
        return await _document(client, site.jwks_uri)


def _trusted(ehr: Ehr, url: object) -> str:
    if not isinstance(url, str) or not url:
        raise ehr_failed(
            "discovery_incomplete",
            "The EHR's SMART configuration lacks an endpoint that a launch needs.",
        )
    if not ehr.trusts(url):
        raise LaunchRefusedError(
            "foreign_endpoint",
            "The EHR's SMART configuration leads to a host that this site has not configured. "
            "The operator names its authorization server under `hosts`.",
        )
    return url


async def _document(client: httpx2.AsyncClient, url: str) -> dict[str, Any]:
    try:
        async with client.stream("GET", url, headers={"Accept": "application/json"}) as response:
            if response.is_redirect:
                raise LaunchRefusedError(
                    "discovery_redirected",
                    "The EHR's configuration was moved to another address: refused.",
                )
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > _MOST_BYTES:
                    raise ehr_failed("discovery_too_large", "The EHR's configuration is too large.")
            found = json.loads(bytes(body)) if response.is_success else None
    except (httpx2.HTTPError, httpx2.StreamError, ValueError):
        found = None
    if not isinstance(found, dict):
        raise ehr_failed("discovery_failed", "The EHR's configuration cannot be read.")
    return found
