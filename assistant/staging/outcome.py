"""What a course did to the score: baseline, endpoint, category.

Scales are never mixed. The scale of lowest rank with an outcome decides; a
disagreement with another is remarked. Nothing is rounded before a threshold.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
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
    baseline_from: date | None
    """Scores up to this day belong to an earlier episode."""
    baseline_until: date
    """The last day a late baseline may have."""
    opens: date
    """The first day an endpoint may have."""
    closes: date
    """The last day an endpoint may have: the course's end plus the ruleset's window, not
    past the next trial's start plus its window, not past ``as_of``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """An outcome with the remarks on how it was measured."""

    outcome: Outcome
    remarks: tuple[str, ...]
    endpoint_day: date | None


_NOT_MEASURED = Measured(outcome=UNKNOWN, remarks=(), endpoint_day=None)


def measure(scores: Sequence[Score], windows: Sequence[Window], ruleset: Ruleset) -> Measured:
    """The outcome of a course under every reading of its dates.

    ``windows`` holds one window a reading; where the readings disagree on the
    category, the category is unknown.
    """
    by_scale: dict[str, list[Score]] = {}
    for score in sorted(scores, key=_when_measured):
        by_scale.setdefault(score.scale, []).append(score)
    placements = (True, False) if any(not s.date.is_exact for s in scores) else (False,)
    readings = [
        _by_rank(by_scale, window, ruleset, latest=latest)
        for window, latest in product(dict.fromkeys(windows), placements)
    ]
    if not readings:
        return _NOT_MEASURED
    first = readings[0]
    if len({r.outcome.category for r in readings}) > 1:
        outcome = Outcome(category="unknown", scale=first.outcome.scale)
        return Measured(outcome=outcome, remarks=(), endpoint_day=first.endpoint_day)
    days = [r.endpoint_day for r in readings if r.endpoint_day is not None]
    return replace(first, endpoint_day=min(days, default=None))


def _by_rank(
    by_scale: dict[str, list[Score]], window: Window, ruleset: Ruleset, *, latest: bool
) -> Measured:
    """The outcome on the first scale by rank that has one."""
    found = [
        measured
        for name, scale in scales().items()
        if scale.establishes_outcome
        and name in by_scale
        and (measured := _read(scale, by_scale[name], window, ruleset, latest=latest)) is not None
    ]
    known = [m for m in found if m.outcome.category != "unknown"]
    if not known:
        return found[0] if found else _NOT_MEASURED
    chosen = known[0]
    if len({m.outcome.category for m in known}) > 1:
        return replace(chosen, remarks=(*chosen.remarks, "scales_disagree"))
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


def _read(
    scale: Scale, scores: Iterable[Score], window: Window, ruleset: Ruleset, *, latest: bool
) -> Measured | None:
    placed = [(s.date.latest if latest else s.date.earliest, s) for s in scores]
    placed.sort(key=lambda item: (item[0], item[1].date.time))
    endpoints = [(day, s) for day, s in placed if window.opens <= day <= window.closes]
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
    for day, score in placed:
        if window.start < day <= window.baseline_until:
            return score, "late_baseline"
    return None, ""


def _when_measured(score: Score) -> tuple[date, str, str]:
    first = str(score.evidence[0]) if score.evidence else ""
    return score.date.earliest, score.date.time, first
