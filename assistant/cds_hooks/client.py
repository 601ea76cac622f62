"""One CDS client that may call, as the site configures it."""

import json
import ssl
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from assistant.launch.ehr import is_safe


def _safe(value: str) -> str:
    if not is_safe(value):
        raise ValueError("expected an https address (http is for this machine only)")
    return value.rstrip("/")


def _key_file(value: Path) -> Path:
    from joserfc.errors import JoseError  # noqa: PLC0415  settings are read without it
    from joserfc.jwk import KeySet  # noqa: PLC0415

    try:
        KeySet.import_key_set(json.loads(value.read_bytes()))
    except OSError as error:
        raise ValueError(f"cannot read {value}: {error.strerror}") from None
    except (JoseError, ValueError, KeyError, TypeError):
        raise ValueError(f"{value} is no JWK Set of public keys") from None
    return value


def _authorities(value: str) -> str:
    try:
        ssl.create_default_context(cafile=value)
    except (OSError, ssl.SSLError):
        raise ValueError(f"cannot read {value}: expected PEM") from None
    return value


Address = Annotated[str, AfterValidator(_safe)]


class CdsClient(BaseModel):
    """What a site sets for one CDS client; an unknown key is refused, not ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    issuer: str = Field(
        min_length=1, max_length=300, description="`iss` of its tokens, compared as it stands"
    )
    jwks_url: Address | None = Field(default=None, description="where its public keys are")
    jwks_file: Annotated[Path, AfterValidator(_key_file)] | None = Field(
        default=None, strict=False, description="file of its public keys (JWK Set)"
    )
    fhir_servers: tuple[Address, ...] = Field(
        default=(), description="FHIR bases that may be read where the prefetch is not whole"
    )
    origins: tuple[str, ...] = Field(
        default=(), description="origins of its pages that call from a browser"
    )
    not_served: tuple[str, ...] = Field(
        default=(),
        description="keys of the prefetch for resource types that this EHR does not have",
    )
    certificates: Annotated[str, AfterValidator(_authorities)] | None = Field(
        default=None, description="PEM file of the authorities that sign its certificates"
    )

    @model_validator(mode="after")
    def _one_source_of_keys(self) -> Self:
        if (self.jwks_url is None) == (self.jwks_file is None):
            raise ValueError("give jwks_url or jwks_file, one of them")
        return self
