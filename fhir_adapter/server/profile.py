"""What one site can do: its CapabilityStatement, read once and kept for the read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2

from fhir_adapter.server.transport import Answer, Transport

R4 = "4.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeProfile:
    """What a site says of one resource type."""

    parameters: frozenset[str] = frozenset()
    includes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteProfile:
    """What a site says of itself; ``types`` None is a site that does not say."""

    version: str = R4
    """``major.minor`` of the FHIR version."""
    types: Mapping[str, TypeProfile] | None = None

    def serves(self, kind: str) -> bool:
        """Whether the type can be searched, as far as the site says."""
        return self.types is None or kind in self.types

    def parameter(self, kind: str, wanted: str) -> str:
        """The parameter that names the patient: ``wanted``, unless only another is listed."""
        listed = self._of(kind).parameters
        for name in (wanted, "patient", "subject"):
            if name in listed:
                return name
        return wanted

    def can_include(self, kind: str, include: str) -> bool:
        """Whether the site says that it can add the included resources."""
        listed = self._of(kind).includes
        return include in listed or "*" in listed

    def _of(self, kind: str) -> TypeProfile:
        return (self.types or {}).get(kind, TypeProfile())


@dataclass(frozen=True, slots=True, kw_only=True)
class SmartConfiguration:
    """A site's SMART discovery document.

    ``issuer`` is who signs id tokens: often another address than the FHIR base, so
    it is taken as told. ``scopes_supported`` is not kept: sites list a part of them.
    """

    issuer: str | None = None
    authorization_endpoint: str | None = None
    token_endpoint: str | None = None
    capabilities: frozenset[str] = field(default_factory=frozenset)


async def read_profile(transport: Transport, base: httpx2.URL) -> tuple[SiteProfile, Answer]:
    """The profile of a site, and the answer it was read from."""
    answer = await transport.get(httpx2.URL(f"{base}/metadata"))
    if not answer.ok or answer.resource is None:
        return SiteProfile(), answer
    return _profile(answer.resource), answer


def _profile(statement: dict[str, Any]) -> SiteProfile:
    version = statement.get("fhirVersion")
    rest = next((item for item in _objects(statement, "rest")
                 if item.get("mode", "server") == "server"), None)  # fmt: skip
    types = None
    if rest is not None and "resource" in rest:
        types = {kind: _type(item) for item in _objects(rest, "resource")
                 if isinstance(kind := item.get("type"), str)}  # fmt: skip
    return SiteProfile(
        version=".".join(version.split(".")[:2]) if isinstance(version, str) else R4,
        types=types or None,
    )


def _type(item: dict[str, Any]) -> TypeProfile:
    names = (entry.get("name") for entry in _objects(item, "searchParam"))
    includes = item.get("searchInclude")
    return TypeProfile(
        parameters=frozenset(name for name in names if isinstance(name, str)),
        includes=frozenset(
            name for name in (includes if isinstance(includes, list) else ())
            if isinstance(name, str)
        ),
    )  # fmt: skip


def _objects(holder: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    value = holder.get(name)
    for item in value if isinstance(value, list) else ():
        if isinstance(item, dict):
            yield item


async def discover(client: httpx2.AsyncClient, base: str) -> SmartConfiguration:
    """The SMART configuration of a FHIR base; empty where it has none."""
    try:
        response = await client.get(
            f"{base.rstrip('/')}/.well-known/smart-configuration",
            headers={"Accept": "application/json"},
        )
        found = response.json() if response.is_success else {}
    except (httpx2.HTTPError, ValueError):
        return SmartConfiguration()
    if not isinstance(found, dict):
        return SmartConfiguration()

    def text(name: str) -> str | None:
        value = found.get(name)
        return value if isinstance(value, str) and value else None

    capabilities = found.get("capabilities")
    return SmartConfiguration(
        issuer=text("issuer"),
        authorization_endpoint=text("authorization_endpoint"),
        token_endpoint=text("token_endpoint"),
        capabilities=frozenset(
            item for item in (capabilities if isinstance(capabilities, list) else ())
            if isinstance(item, str)
        ),
    )  # fmt: skip
