"""Settings of the service: defaults for the demo, a TOML file for a site."""

import json
import os
import re
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from assistant.cds_hooks.client import CdsClient
from assistant.launch.ehr import Ehr
from assistant.model_settings import ModelSettings
from assistant.read_limits import ReadLimits

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_MEGABYTE = 1024 * 1024
_ORIGIN = re.compile(r"(https?://[^\s/?#@]+)?")
_TRACING_PREFIXES = ("LANGSMITH_", "LANGCHAIN_TRACING")


class ConfigError(Exception):
    """The settings cannot be used; the message says which, and what to write instead."""


def _origin(value: str) -> str:
    if not _ORIGIN.fullmatch(value):
        raise ValueError(
            "expected an address without a path, for instance https://assistant.example.org"
        )
    return value


class Settings(BaseModel):
    """What a site can set; an unknown key is refused, not ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    host: str = "127.0.0.1"
    port: int = Field(default=8501, ge=0, le=65535, description="TCP port; 0 takes a free one")
    demo: bool = Field(default=False, description="offer the synthetic demo patients")
    uploads: bool = Field(default=False, description="accept POST /api/records")
    max_body_mb: int = Field(default=50, ge=1, description="largest request body, in megabytes")
    max_open_records: int = Field(default=64, ge=1, description="records kept in memory")
    idle_minutes: int = Field(default=60, ge=1, description="minutes until an unused one is closed")
    ruleset: str = Field(default="source_text", description="ruleset of the first view")
    frame_ancestors: tuple[str, ...] = Field(
        default=(), description="origins of the EHRs that may frame the page"
    )
    public_url: Annotated[str, AfterValidator(_origin)] = Field(
        default="",
        description="origin under which EHRs and browsers reach this service, without a path; "
        "empty where it is the address listened at",
    )
    ehrs: tuple[Ehr, ...] = Field(
        default=(), description="EHRs that may launch it (docs/deployment.md)"
    )
    read: ReadLimits = Field(
        default_factory=ReadLimits, description="limits of reading an EHR (docs/servers.md)"
    )
    database: str = Field(
        default="",
        description="URL of the database of sessions (sqlite:///… or postgresql://…); empty is "
        "sessions.db in the data folder, or memory where no EHR is configured",
    )
    session_hours: int = Field(
        default=12, ge=1, le=72, description="hours after which any session ends, used or not"
    )
    audit_file: str = Field(
        default="", description="file of the audit trail; empty is audit.jsonl in the data folder"
    )
    requests_per_minute_and_session: int = Field(
        default=600, ge=1, description="calls a minute about one open record"
    )
    questions_per_minute_and_session: int = Field(
        default=60, ge=1, description="questions a minute about one open record"
    )
    requests_per_minute_and_address: int = Field(
        default=1200, ge=1, description="calls a minute from one address other than this machine"
    )
    cds_clients: tuple[CdsClient, ...] = Field(
        default=(), description="CDS Hooks clients that may call (docs/cds-hooks.md)"
    )
    model: ModelSettings | None = Field(
        default=None, description="chat model that may plan and word; none is needed"
    )

    review_pairs: str = Field(
        default="",
        description="pairs of a blind review (docs/evaluation/review.md); empty is none",
    )
    review_judgments: str = Field(
        default="",
        description="file of the reviewers' judgments; empty is review.jsonl in the data folder",
    )

    @property
    def origin(self) -> str:
        """The address this service is known under."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def audit_path(self) -> Path:
        """The file of the audit trail."""
        return Path(self.audit_file) if self.audit_file else data_folder() / "audit.jsonl"

    @property
    def max_body_bytes(self) -> int:
        """The largest request body in bytes."""
        return self.max_body_mb * _MEGABYTE


def review_files(settings: Settings) -> tuple[Path, Path] | None:
    """The pairs and the judgments of the blind review; None where none is set up."""
    if not settings.review_pairs:
        return None
    kept = settings.review_judgments
    return Path(settings.review_pairs), Path(kept) if kept else data_folder() / "review.jsonl"


def data_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where this service keeps what must outlive it, unless told otherwise."""
    if configured := environment.get("TRD_ASSISTANT_DATA"):
        return Path(configured)
    base = environment.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "trd-assistant"


def load_settings(path: Path | None = None, **overrides: object) -> Settings:
    """The settings of ``path`` (TOML), with ``overrides`` from the command line on top.

    Raises:
        ConfigError: the file cannot be read, or a key or value is not one of ours.
    """
    values: dict[str, object] = {}
    if path is not None:
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ConfigError(f"cannot read the settings file {path}: {error.strerror}") from None
        except UnicodeDecodeError:
            raise ConfigError(f"cannot read the settings file {path}: it is not UTF-8") from None
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{path} is not TOML: {error}") from None
    values |= {key: value for key, value in overrides.items() if value is not None}
    try:
        return Settings.model_validate_json(json.dumps(values, default=str))  # arrays are tuples
    except ValidationError as error:
        found = "; ".join(
            _told(item) for item in error.errors(include_input=False, include_url=False)
        )
        where = f"settings of {path}" if path else "settings"
        raise ConfigError(f"{where} not understood: {found}") from None


def _told(fault: "ErrorDetails") -> str:
    """Which setting, and what was expected of it."""
    place = ".".join(str(part) for part in fault["loc"])
    if fault["type"] != "extra_forbidden":
        return f"{place}: {fault['msg'].removeprefix('Value error, ')}"
    name = str(fault["loc"][-1])
    near = get_close_matches(name, Settings.model_fields, n=1) if len(fault["loc"]) == 1 else []
    meant = f"; did you mean {near[0]}?" if near else ""
    return f"{place}: there is no such setting{meant}"


def refuse_tracing(environment: Mapping[str, str] = os.environ) -> None:
    """Stop when a variable is set that would send prompts to a tracing service.

    Raises:
        ConfigError: one is set; the message names it.
    """
    found = sorted(key for key in environment if key.startswith(_TRACING_PREFIXES))
    if found:
        raise ConfigError(
            f"{', '.join(found)} would send questions to an outside service; unset and start again"
        )
