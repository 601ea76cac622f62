"""The gate: which thresholds a suite must reach, and the exit code of a run."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from evals.results import EVERY, ItemResult, Measure, SuiteResult

TABLE = Path(__file__).parent / "gate.toml"
PASSED, MISSED, INCOMPLETE = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What one suite must reach."""

    clinical: bool
    thresholds: Mapping[tuple[str, str], float]
    patterns: Sequence[tuple[str, float]]
    """Thresholds for every measure that begins with a text."""
    each_family: Mapping[str, float]
    """Thresholds a measure must reach in every family by itself."""


@cache
def rules() -> Mapping[str, Rule]:
    """The rule of each suite, from ``gate.toml``."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return {name: _rule(entry) for name, entry in table.items()}


def _rule(entry: Mapping[str, object]) -> Rule:
    thresholds: dict[tuple[str, str], float] = {}
    patterns: list[tuple[str, float]] = []
    families: dict[str, float] = {}
    listed = entry.get("thresholds")
    for row in listed if isinstance(listed, list) else []:
        measure, least = str(row["measure"]), float(row["at_least"])
        if measure.endswith("*"):
            patterns.append((measure[:-1], least))
        elif row.get("each_family"):
            families[measure] = least
        else:
            thresholds[measure, str(row.get("part", EVERY))] = least
    return Rule(
        clinical=bool(entry.get("clinical")),
        thresholds=thresholds,
        patterns=patterns,
        each_family=families,
    )


def thresholds_of(
    suite: str, items: Sequence[ItemResult], *, whole: bool
) -> dict[tuple[str, str], float]:
    """The thresholds of a suite for the items it ran.

    Of a part of a suite (``--limit``, a site's own cases) only the measures and parts
    that occur are asked for; a whole run must also show those that do not.
    """
    rule = rules().get(suite)
    if rule is None:
        return {}
    present = {
        (name, part)
        for one in items
        if one.error is None
        for name, value in one.scores.items()
        if value is not None
        for part in (EVERY, f"half: {one.half}", f"family: {one.family}")
    }
    found = {key: least for key, least in rule.thresholds.items() if whole or key in present}
    for name, part in present:
        if part == EVERY:
            for start, at in rule.patterns:
                if name.startswith(start):
                    found[name, part] = at
        elif part.startswith("family: ") and name in rule.each_family:
            found[name, part] = rule.each_family[name]
    return found


def status_of(
    measures: Sequence[Measure], items: Sequence[ItemResult], expected: int
) -> tuple[str, str]:
    """How a suite ended, and why."""
    broken = [one for one in items if one.error is not None]
    if items and len(broken) == len(items):
        return "crashed", f"every item failed; the first: {broken[0].error}"
    if broken or len(items) < expected:
        left = expected - len(items)
        first = f"; the first: {broken[0].error}" if broken else ""
        return "incomplete", f"{len(broken)} items failed, {left} were not run{first}"
    missed = [one for one in measures if one.missed]
    if missed:
        return "missed", "; ".join(
            f"{one.measure} ({one.part}): {one.total:g} of {one.scored}, "
            f"at least {one.threshold:.3f} is asked"
            for one in missed[:5]
        )
    return "passed", ""


def exit_code(suites: Sequence[SuiteResult]) -> int:
    """0 passed, 1 a threshold missed, 2 incomplete, crashed, or nothing ran at all."""
    statuses = [suite.status for suite in suites]
    if any(status in ("crashed", "incomplete") for status in statuses):
        return INCOMPLETE
    if "missed" in statuses:
        return MISSED
    return PASSED if "passed" in statuses else INCOMPLETE
