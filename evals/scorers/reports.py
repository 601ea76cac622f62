"""Whether a staging report says what it must: stages by every bound, and the trial table."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from evals.cases import Expected
from evals.scorers import Score, told

BOUNDS = ("at_least", "working", "at_most")


def stages(expected: Expected, report: Mapping[str, Any]) -> Iterator[Score]:
    """One measure a method and bound that the case names."""
    staging = report.get("staging") or {}
    for method, wanted in expected.staging.items():
        found = staging.get(method) or {}
        bounds = wanted if isinstance(wanted, dict) else dict.fromkeys(BOUNDS, wanted)
        for bound, value in bounds.items():
            got = found.get(bound)
            yield told(f"{method} {bound}", same(value, got), f"expected {value}, got {got}")


def trial_table(expected: Expected, report: Mapping[str, Any]) -> Iterator[Score]:
    """The trials in order, then each column of the table."""
    if expected.trials is None:
        return
    rows, found = expected.trials, list(report.get("trials") or ())
    names = [row["drug"] for row in rows], [row.get("drug") for row in found]
    yield told("trials found", names[0] == names[1], f"expected {names[0]}, got {names[1]}")
    if names[0] != names[1]:
        return
    columns: dict[str, list[str]] = {}
    for row, trial in zip(rows, found, strict=True):
        for column, wrong in _row(row, trial):
            columns.setdefault(column, []).extend([wrong] if wrong else [])
    for column, faults in columns.items():
        yield told(f"trial {column}", not faults, "; ".join(faults))


def _row(row: Mapping[str, Any], trial: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in row.items():
        got: Any = trial.get(name)
        if name == "outcome":
            got = (trial.get("outcome") or {}).get("category")
        elif name == "percent_reduction":
            got = (trial.get("outcome") or {}).get("percent_reduction")
        elif name == "days_at_adequate_dose" and not isinstance(value, dict):
            value = {"low": value, "high": value}  # noqa: PLW2901 - one figure is both ends
        elif name == "reasons":
            missing = [part for part in value if part not in "; ".join(got or ())]
            yield name, f"{row['drug']}: lacks {missing}" if missing else ""
            continue
        wrong = "" if same(value, got) else f"{row['drug']} {name}: expected {value}, got {got}"
        yield name, wrong


def completeness(expected: Expected, report: Mapping[str, Any]) -> Iterator[Score]:
    """What else the report must hold: exclusions, checks, safety flags."""
    if expected.excluded is not None:
        got = [row.get("drug") for row in report.get("excluded_exposures") or ()]
        wanted = expected.excluded
        yield told("excluded", sorted(got) == sorted(wanted), f"expected {wanted}, got {got}")
    found = {row.get("check"): row.get("status") for row in report.get("pseudo_resistance") or ()}
    if expected.checks:
        wrong = [
            f"{name}: expected {status}, got {found.get(name)}"
            for name, status in expected.checks.items()
            if found.get(name) != status
        ]
        yield told("checks", not wrong, "; ".join(wrong))
    if expected.safety is not None:
        flags = [row.get("flag") for row in report.get("safety") or ()]
        yield told("safety flags", sorted(flags) == sorted(expected.safety), f"got {flags}")


def same(wanted: Any, got: Any) -> bool:
    """Whether two values of a report are the same; 3 and 3.0 are, "3" and 3 are not."""
    if isinstance(wanted, Mapping) and isinstance(got, Mapping):
        return all(same(value, got.get(name)) for name, value in wanted.items())
    if isinstance(wanted, Sequence) and not isinstance(wanted, str):
        return list(wanted) == list(got or ())
    return bool(wanted == got)
