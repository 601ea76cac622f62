"""Reads one field of a report by its name in a pair."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_NAMED = re.compile(
    r"(?P<list>trials|excluded|checks|safety)\[(?P<name>[^\]]+)\](?:\.(?P<rest>.+))?"
)
_KEYS = {"trials": ("trials", "drug"), "excluded": ("excluded_exposures", "drug"),
         "checks": ("pseudo_resistance", "check"), "safety": ("safety", "flag")}  # fmt: skip
ABSENT = "absent"
PRESENT = "present"
METHODS = (
    "trd", "trd_without_class_rule", "source_stage", "thase_rush", "maudsley", "gsrd",
    "european", "mgh_s",
)  # fmt: skip
BOUNDS = ("at_least", "working", "at_most")
_COLUMNS = ("drug", "drug_class", "role", "start", "end", "ongoing", "max_daily_dose_mg",
            "discontinuation", "failed", "adequacy")  # fmt: skip


def field_of(report: Mapping[str, Any], name: str) -> Any:
    """The value of a field; :data:`ABSENT` where the row it names is not there."""
    if name == "issues":
        return len(report.get("issues") or ())
    match = _NAMED.fullmatch(name)
    if match is None:
        return _down(report, name)
    rows, key = _KEYS[match["list"]]
    found = [one for one in report.get(rows) or () if one.get(key) == match["name"]]
    if not found:
        return ABSENT
    return _down(found[0], match["rest"]) if match["rest"] else PRESENT


def _down(value: Any, path: str) -> Any:
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def stages(report: Mapping[str, Any]) -> dict[str, Any]:
    """Every bound of every method."""
    staging = report.get("staging") or {}
    return {
        f"staging.{method}.{bound}": (staging.get(method) or {}).get(bound)
        for method in METHODS
        for bound in BOUNDS
    }


def table(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The trial table: what must stay where nothing that counts has changed."""
    return list(_rows(report))


def _rows(report: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for trial in report.get("trials") or ():
        outcome = trial.get("outcome") or {}
        yield {
            **{name: trial.get(name) for name in _COLUMNS},
            "outcome": outcome.get("category"),
            "percent_reduction": outcome.get("percent_reduction"),
        }
