"""What a course did to the score: baseline, endpoint, category.

Scales are never mixed. The scale of lowest rank with an outcome decides; a
disagreement with another is remarked. Nothing is rounded before a threshold.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import NamedTuple

from assistant.staging.record import Evidence, Score
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


class Measured(NamedTuple):
    """An outcome with the remarks on how it was measured."""

    outcome: Outcome
    remarks: tuple[str, ...]
    endpoint_day: date | None


_NOT_MEASURED = Measured(outcome=UNKNOWN, remarks=(), endpoint_day=None)


class _Placed(NamedTuple):
    """The scores of one scale in order of the days they are taken to be of."""

    scale: Scale
    days: list[date]
    scores: list[Score]


class ScoreHistory:
    """The scores of a record in order of time, read once for all its courses."""

    def __init__(self, scores: Iterable[Score]) -> None:
        self.ordered = _in_order(tuple(scores))
        self.by_scale: dict[str, list[Score]] = {}
        """Every scale's scores in order of time."""
        for score in self.ordered:
            self.by_scale.setdefault(score.scale, []).append(score)
        self._days = {
            scale: [s.date.earliest for s in listed] for scale, listed in self.by_scale.items()
        }
        telling = [
            (scale, self.by_scale[name])
            for name, scale in scales().items()
            if name in self.by_scale and scale.establishes_outcome
        ]
        self._exact = all([s.date.earliest == s.date.latest for s in self.ordered])
        self._placements = [
            [_place(scale, listed, latest=latest) for scale, listed in telling]
            for latest in ((False,) if self._exact else (True, False))
        ]
        self.remitted: list[Score] = []
        """The scores in the remission range of a scale that establishes an outcome."""
        self.depressed: list[Score] = []
        """The scores outside it."""
        for limit, listed in [(scale.remission_max, listed) for scale, listed in telling]:
            self.remitted += [s for s in listed if limit is not None and s.value <= limit]
            self.depressed += [s for s in listed if limit is not None and s.value > limit]

    def between(self, scale: str, first: date, last: date) -> list[Score]:
        """The scores of a scale known to be of a day from ``first`` to ``last``."""
        days = self._days.get(scale, [])
        within = self.by_scale.get(scale, [])[bisect_left(days, first) : bisect_right(days, last)]
        return within if self._exact else [s for s in within if s.date.is_exact]

    def readings(self, windows: Sequence[Window], ruleset: Ruleset) -> list[Measured]:
        """The outcome in each window, under each reading of the scores' dates."""
        distinct = windows if len(windows) == 1 else dict.fromkeys(windows)
        return [
            _by_rank(placed, window, ruleset) for window in distinct for placed in self._placements
        ]


def _in_order(scores: Sequence[Score]) -> list[Score]:
    """By day and time; the evidence orders only what they leave open."""
    days = {s.date.earliest for s in scores}
    if len(days) == len(scores):
        return sorted(scores, key=attrgetter("date.earliest"))
    scores = sorted(scores, key=lambda s: [str(e) for e in s.evidence])
    return sorted(scores, key=lambda s: (s.date.earliest, s.date.time))


def _place(scale: Scale, scores: Sequence[Score], *, latest: bool) -> _Placed:
    if latest:
        scores = sorted(scores, key=lambda s: (s.date.latest, s.date.time))
    days = [s.date.latest if latest else s.date.earliest for s in scores]
    return _Placed(scale, days, list(scores))


def measure(scores: ScoreHistory, windows: Sequence[Window], ruleset: Ruleset) -> Measured:
    """The outcome of a course under every reading of its dates.

    ``windows`` holds one window a reading; where the readings disagree on the
    category, the category is unknown.
    """
    if not windows or not scores.ordered:
        return _NOT_MEASURED
    readings = scores.readings(windows, ruleset)
    first = readings[0]
    if len(readings) == 1:
        return first
    if len({r.outcome.category for r in readings}) > 1:
        outcome = Outcome(category="unknown", scale=first.outcome.scale)
        return Measured(outcome=outcome, remarks=(), endpoint_day=first.endpoint_day)
    days = [r.endpoint_day for r in readings if r.endpoint_day is not None]
    return first._replace(endpoint_day=min(days, default=None))


def _by_rank(by_scale: Iterable[_Placed], window: Window, ruleset: Ruleset) -> Measured:
    """The outcome on the first scale by rank that has one."""
    found = [
        measured for placed in by_scale if (measured := _read(placed, window, ruleset)) is not None
    ]
    known = [m for m in found if m.outcome.category != "unknown"]
    if not known:
        return found[0] if found else _NOT_MEASURED
    chosen = known[0]
    if len(known) > 1 and len({m.outcome.category for m in known}) > 1:
        return chosen._replace(remarks=(*chosen.remarks, "scales_disagree"))
    return chosen


def category(
    baseline: Decimal | None, endpoint: Decimal, scale: Scale, ruleset: Ruleset
) -> tuple[str, Decimal | None]:
    """Category and exact percent reduction of one baseline and endpoint.

    Remission is absolute. A baseline of 0 or in the remission range gives no percentage.
    """
    percent, limit = None, scale.remission_max
    if baseline is not None and baseline > 0 and (limit is None or baseline > limit):
        percent = (baseline - endpoint) / baseline * 100
    if limit is not None and endpoint <= limit:
        return "remission", percent
    if percent is None:
        return "unknown", None
    if percent >= ruleset.response_percent:
        return "response", percent
    if percent >= ruleset.partial_percent:
        return "partial_response", percent
    return "non_response", percent


def _read(placed: _Placed, window: Window, ruleset: Ruleset) -> Measured | None:
    scale, days, scores = placed
    last = bisect_right(days, window.closes) - 1
    measured = last >= bisect_left(days, window.opens)
    baseline, remark = _baseline(days, scores, window, ruleset)
    began = begun = None
    evidence: tuple[Evidence, ...] = ()
    if baseline is not None:
        began, begun, evidence = baseline.value, baseline.date, baseline.evidence
    if not measured:
        unknown = Outcome("unknown", scale.name, began, begun, evidence=evidence)
        return None if baseline is None else Measured(unknown, (), None)
    endpoint = scores[last]
    name, percent = category(began, endpoint.value, scale, ruleset)
    remarks = [remark] if remark else []
    if endpoint.preliminary or (baseline is not None and baseline.preliminary):
        remarks.append("preliminary_score")
    if name == "partial_response":
        remarks.append("partial_response")
    evidence = (*evidence, *endpoint.evidence)
    outcome = Outcome(
        name, scale.name, began, begun, endpoint.value, endpoint.date, percent, evidence
    )
    return Measured(outcome, tuple(remarks), days[last])


def _baseline(
    days: Sequence[date], scores: Sequence[Score], window: Window, ruleset: Ruleset
) -> tuple[Score | None, str]:
    after = bisect_right(days, window.start)
    if after and (window.baseline_from is None or days[after - 1] > window.baseline_from):
        recent = (window.start - days[after - 1]).days <= ruleset.baseline_before_days
        return scores[after - 1], "" if recent else "older_baseline"
    if after < len(days) and days[after] <= window.baseline_until:
        return scores[after], "late_baseline"
    return None, ""
