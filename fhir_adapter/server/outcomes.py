"""What a server's OperationOutcome means for the read; never data of the patient."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

NONE_FOUND, INCOMPLETE, RESTRICTED = "none_found", "incomplete", "restricted"
PAGE_EXPIRED, IGNORED, OTHER = "page_expired", "ignored", "other"
_SERIOUS = frozenset({"fatal", "error"})


@dataclass(frozen=True, slots=True)
class Remark:
    """One issue of an OperationOutcome."""

    meaning: str
    code: str
    """The server's code, letters and digits only."""
    serious: bool


@lru_cache(maxsize=1)
def search_table() -> dict[str, Any]:
    """``tables/searches.toml``."""
    text = files("fhir_adapter").joinpath("tables/searches.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@lru_cache(maxsize=1)
def _meanings() -> dict[str, str]:
    table = search_table()
    return {
        code: meaning
        for section in ("outcome_types", "outcome_codes")
        for meaning, codes in table[section].items()
        for code in codes
    }


def is_outcome(resource: object) -> bool:
    """Whether ``resource`` is an OperationOutcome."""
    return isinstance(resource, dict) and resource.get("resourceType") == "OperationOutcome"


def remarks(resource: object) -> tuple[Remark, ...]:
    """The issues of an OperationOutcome; none where it is something else."""
    if not isinstance(resource, dict) or not is_outcome(resource):
        return ()
    return tuple(_remark(issue) for issue in _objects(resource.get("issue")))


def _remark(issue: dict[str, Any]) -> Remark:
    codes = [*_detail_codes(issue), issue.get("code")]
    known = [code for code in codes if isinstance(code, str) and code.isascii()]
    meaning = next((_meanings()[code] for code in known if code in _meanings()), OTHER)
    shown = next((code for code in known if code.replace("-", "").isalnum()), "unknown")
    return Remark(meaning, shown, issue.get("severity") in _SERIOUS)


def _detail_codes(issue: dict[str, Any]) -> Iterator[Any]:
    details = issue.get("details")
    if isinstance(details, dict):
        for coding in _objects(details.get("coding")):
            yield coding.get("code")


def _objects(value: object) -> Iterator[dict[str, Any]]:
    for item in value if isinstance(value, list) else ():
        if isinstance(item, dict):
            yield item
