"""What a course did to the score: baseline, endpoint, category.

Scales are never mixed. The scale of lowest rank with an outcome decides; a
disagreement with another is remarked. Nothing is rounded before a threshold.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import product
from typing import NamedTuple

from assistant.staging.dates import add_days
from assistant.staging.record import Score
from assistant.staging.report import Outcome
from assistant.staging.ruleset import Ruleset
from assistant.staging.tables import Scale, scales

UNKNOWN = Outcome(category="unknown")
SUCCESS = frozenset({"remission", "response"})


class Window(NamedTuple):
    """The days in which a course's baseline and endpoint are looked for."""

    start: date
    end: date
    closes: date
    """The last day an endpoint may have: the course's end plus the ruleset's window, not
    past the next trial's start plus its window, not past ``as_of``."""
    baseline_from: date | None
    """Scores before it belong to an earlier episode."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """An outcome with the remarks on how it was measured."""

    outcome: Outcome
    remarks: tuple[str, ...]
    endpoint_day: date | None


def measure(scores: Sequence[Score], windows: Sequence[Window], ruleset: Ruleset) -> Measured:
    """The outcome of a course under every reading of its dates.

    ``windows`` holds one window a reading; where the readings disagree on the
    category, the category is unknown.
    """
    by_scale: dict[str, list[Score]] = {}
    for score in scores:
        by_scale.setdefault(score.scale, []).append(score)
    found = [
        measured
        for name, scale in scales().items()
        if scale.establishes_outcome
        and name in by_scale
        and (measured := _on_scale(scale, by_scale[name], windows, ruleset)) is not None
    ]
    known = [m for m in found if m.outcome.category != "unknown"]
    if not known:
        return found[0] if found else Measured(outcome=UNKNOWN, remarks=(), endpoint_day=None)
    chosen = known[0]
    if len({m.outcome.category for m in known}) > 1:
        remarks = (*chosen.remarks, "scales_disagree")
        return Measured(outcome=chosen.outcome, remarks=remarks, endpoint_day=chosen.endpoint_day)
    return chosen


def category(
    baseline: Decimal | None, endpoint: Decimal, scale: Scale, ruleset: Ruleset
) -> tuple[str, Decimal | None]:
    """Category and exact percent reduction of one baseline and endpoint.

    Remission is absolute. A baseline of 0 or in the remission range gives no percentage.
    """
    percent = None
    if baseline is not None and baseline > 0 and not scale.in_remission(baseline):
        percent = (baseline - endpoint) / baseline * 100
    if scale.in_remission(endpoint):
        return "remission", percent
    if percent is None:
        return "unknown", None
    if percent >= ruleset.response_percent:
        return "response", percent
    if percent >= ruleset.partial_percent:
        return "partial_response", percent
    return "non_response", percent


def _on_scale(
    scale: Scale, scores: list[Score], windows: Sequence[Window], ruleset: Ruleset
) -> Measured | None:
    dated = sorted(scores, key=_when_measured)
    latest_first = (True, False) if any(not s.date.is_exact for s in dated) else (False,)
    readings = [
        _read(scale, dated, window, ruleset, latest=latest)
        for window, latest in product(dict.fromkeys(windows), latest_first)
    ]
    measured = [r for r in readings if r is not None]
    if not measured:
        return None
    if len(measured) == len(readings) and len({m.outcome.category for m in measured}) == 1:
        return measured[0]
    return Measured(
        outcome=Outcome(category="unknown", scale=scale.name),
        remarks=(),
        endpoint_day=measured[0].endpoint_day,
    )


def _read(
    scale: Scale, scores: Iterable[Score], window: Window, ruleset: Ruleset, *, latest: bool
) -> Measured | None:
    placed = [(s.date.latest if latest else s.date.earliest, s) for s in scores]
    first_endpoint = add_days(window.start, ruleset.endpoint_min_days)
    endpoints = [(day, s) for day, s in placed if first_endpoint <= day <= window.closes]
    baseline, remark = _baseline(placed, window, ruleset)
    if not endpoints and baseline is None:
        return None
    if not endpoints:
        return Measured(
            outcome=Outcome(
                category="unknown",
                scale=scale.name,
                baseline=baseline.value if baseline else None,
                baseline_date=baseline.date if baseline else None,
                evidence=baseline.evidence if baseline else (),
            ),
            remarks=(),
            endpoint_day=None,
        )
    day, endpoint = endpoints[-1]
    name, percent = category(baseline.value if baseline else None, endpoint.value, scale, ruleset)
    remarks = [remark] if remark else []
    if any(s is not None and s.preliminary for s in (baseline, endpoint)):
        remarks.append("preliminary_score")
    if name == "partial_response":
        remarks.append("partial_response")
    return Measured(
        outcome=Outcome(
            category=name,
            scale=scale.name,
            baseline=baseline.value if baseline else None,
            baseline_date=baseline.date if baseline else None,
            endpoint=endpoint.value,
            endpoint_date=endpoint.date,
            percent_reduction=percent,
            evidence=(*(baseline.evidence if baseline else ()), *endpoint.evidence),
        ),
        remarks=tuple(remarks),
        endpoint_day=day,
    )


def _baseline(
    placed: list[tuple[date, Score]], window: Window, ruleset: Ruleset
) -> tuple[Score | None, str]:
    before = [
        (day, s)
        for day, s in placed
        if day <= window.start and (window.baseline_from is None or day > window.baseline_from)
    ]
    if before:
        day, score = before[-1]
        recent = day >= add_days(window.start, -ruleset.baseline_before_days)
        return score, "" if recent else "older_baseline"
    latest = add_days(window.start, ruleset.baseline_after_days)
    for day, score in placed:
        if window.start < day <= latest:
            return score, "late_baseline"
    return None, ""


def _when_measured(score: Score) -> tuple[date, str, str]:
    first = str(score.evidence[0]) if score.evidence else ""
    return score.date.earliest, score.date.time, first
