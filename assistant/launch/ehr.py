"""One EHR that may launch the assistant, as the site configures it."""

import ipaddress
import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

_VARIABLE = r"^[A-Z][A-Z0-9_]{2,80}$"
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-]+(:\d{1,5})?")
_HOST = re.compile(r"[A-Za-z0-9.\-]+")


def is_loopback(host: str | None) -> bool:
    """Whether ``host`` is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def is_safe(url: str) -> bool:
    """Whether ``url`` may carry codes and tokens: over TLS, or inside this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))


def _base(value: str) -> str:
    parts = urlsplit(value)
    if not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("expected the FHIR base as https://host/path, nothing after the path")
    if not is_safe(value):
        raise ValueError("expected an https address (http is for this machine only)")
    return value


def _origin(value: str) -> str:
    if not _ORIGIN.fullmatch(value):
        raise ValueError("expected an origin such as https://ehr.example.org, without a path")
    return value


def _host(value: str) -> str:
    if not _HOST.fullmatch(value):
        raise ValueError("expected a host name such as login.example.org")
    return value.lower()


class Ehr(BaseModel):
    """What a site sets for one EHR; an unknown key is refused, not ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: str = Field(min_length=1, max_length=80, description="as users know it")
    fhir_base: Annotated[str, AfterValidator(_base)] = Field(
        description="the `iss` it launches with, compared character by character"
    )
    client_id: str = Field(min_length=1, max_length=200, description="as registered at the EHR")
    authentication: Literal["public", "secret", "private_key_jwt"] = Field(
        default="public", description="how the assistant proves itself at the token endpoint"
    )
    secret_variable: str = Field(
        default="", description="environment variable with the client secret"
    )
    algorithm: Literal["ES384", "RS384"] = Field(
        default="ES384", description="of private_key_jwt; a key for it must be in the environment"
    )
    scopes: Literal["v1", "v2"] = Field(
        default="v2", description="patient/Condition.read (v1) or patient/Condition.rs (v2)"
    )
    further_scopes: tuple[str, ...] = Field(
        default=(), description="asked besides, for instance to write the report back"
    )
    access: Literal["none", "online", "offline"] = Field(
        default="online", description="whether and how a refresh token is asked for"
    )
    hosts: tuple[Annotated[str, AfterValidator(_host)], ...] = Field(
        default=(), description="hosts of its authorization server, beside that of fhir_base"
    )
    frame_ancestors: tuple[Annotated[str, AfterValidator(_origin)], ...] = Field(
        default=(), description="origins whose pages may frame the assistant"
    )
    write_back: bool = Field(
        default=False,
        description="whether a clinician may write the report to it; needs further_scopes",
    )
    standalone: bool = Field(default=False, description="offer its sign-in on the start page")
    certificates: str | None = Field(
        default=None, description="PEM file of the authorities of its certificate, if own ones"
    )
    page_hosts: tuple[Annotated[str, AfterValidator(_host)], ...] = Field(
        default=(), description="hosts beside its own that next links of a search may lead to"
    )
    site_parameters: dict[str, str] = Field(
        default_factory=dict, description="search parameters the site wants in every search"
    )

    @model_validator(mode="after")
    def _secret_is_named(self) -> "Ehr":
        if self.authentication == "secret" and not re.fullmatch(_VARIABLE, self.secret_variable):
            raise ValueError(
                "authentication 'secret' needs secret_variable, the name of the environment "
                "variable that holds the client secret"
            )
        return self

    def trusts(self, url: str) -> bool:
        """Whether ``url`` leads to this EHR: over TLS, to one of its configured hosts."""
        host = urlsplit(url).hostname
        own = urlsplit(self.fhir_base).hostname
        return is_safe(url) and host is not None and host in (own, *self.hosts)
