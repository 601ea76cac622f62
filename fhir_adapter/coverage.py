"""Days of medication covered: supplies of a drug as intervals, merged or carried forward.

``merge`` unites overlaps (the overlap is lost); ``carry_forward`` starts a later
supply of the same drug the day after the earlier one runs out. CMS128 uses the
first, CMS136 the second (data/README.md).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from assistant.staging.dates import add_days, days_inclusive
from assistant.staging.record import Evidence, Issue
from fhir_adapter import terminology
from fhir_adapter.chart import Chart
from fhir_adapter.supplies import SOURCES, EntryRead, Supply, entries_read
from fhir_adapter.supply_names import substance

MERGE, CARRY_FORWARD = "merge", "carry_forward"
POLICIES = (MERGE, CARRY_FORWARD)
AUTO, MIXED = "auto", "mixed"
ANTIDEPRESSANTS = "antidepressants"
CLASSES = (ANTIDEPRESSANTS,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Days covered without a gap, both ends counted."""

    start: date
    end: date
    evidence: tuple[Evidence, ...]

    @property
    def days(self) -> int:
        """Days from start to end, both counted."""
        return days_inclusive(self.start, self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """The days that the supplies of one drug (or of a class, pooled) cover."""

    drug: str
    policy: str
    source: str | None
    """``dispense``, ``request``, ``statement``, ``mixed``; None where there is no supply."""
    intervals: tuple[Interval, ...]
    issues: tuple[Issue, ...] = ()
    """What of the drug's entries could not be read, or was read with care."""

    @property
    def days(self) -> int:
        """Days covered."""
        return sum(interval.days for interval in self.intervals)

    def to_json(self) -> dict[str, Any]:
        """The object of contract.md."""
        return {
            "drug": self.drug,
            "policy": self.policy,
            "source": self.source,
            "intervals": [
                {
                    "start": interval.start.isoformat(),
                    "end": interval.end.isoformat(),
                    "days": interval.days,
                    "evidence": [str(item) for item in interval.evidence],
                }
                for interval in self.intervals
            ],
            "days": self.days,
            "issues": [
                {
                    "severity": issue.severity,
                    "resource": issue.resource,
                    "path": issue.path,
                    "problem": issue.problem,
                }
                for issue in self.issues
            ],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The days that are looked at; nothing after ``as_of`` counts."""

    as_of: date
    start: date | None = None
    end: date | None = None

    @property
    def last(self) -> date:
        """The last day that can count."""
        return self.as_of if self.end is None else min(self.end, self.as_of)


def days_covered(
    chart: Chart,
    window: Window,
    *,
    drug: str | None = None,
    drug_class: str | None = None,
    policy: str = MERGE,
    source: str = AUTO,
) -> tuple[Coverage, ...]:
    """One coverage a drug of the chart, by name; of one drug; or of a class, pooled.

    A drug that was never supplied has no intervals.
    """
    read = list(entries_read(chart))
    if drug_class is not None:
        of_class = [entry for entry in read if any(d.antidepressant for d in entry.drugs)]
        return (_pooled(of_class, window, policy, source),)
    if drug is not None:
        wanted = _names(drug)
        named = sorted({d.name for entry in read for d in entry.drugs if d.name in wanted})
        return (_covered(named[0] if named else min(wanted), wanted, read, window, policy, source),)
    names = sorted({d.name for entry in read for d in entry.drugs})
    return tuple(_covered(name, frozenset({name}), read, window, policy, source) for name in names)


def _names(drug: str) -> frozenset[str]:
    """What ``drug`` may be called here: the ingredients of a brand, else the plain name."""
    products = terminology.by_name(drug)
    if products:
        return frozenset(product.drug for product in products)
    return frozenset({substance(drug) or drug.strip().lower()})


def _covered(
    shown: str,
    names: frozenset[str],
    read: Sequence[EntryRead],
    window: Window,
    policy: str,
    source: str,
) -> Coverage:
    of_drug = [
        supply
        for entry in read
        for supply in entry.supplies
        if supply.drug.name in names and supply.start <= window.as_of
    ]
    used, chosen = _of_source(of_drug, source)
    spans = [_closed(supply, window.as_of) for supply in chosen]
    if policy == CARRY_FORWARD:
        spans = _rolled_out(spans)
    issues = (i for entry in read if _about(entry, names) for i in entry.issues)
    return Coverage(
        drug=shown,
        policy=policy,
        source=used,
        intervals=_clipped(_united(spans), window),
        issues=tuple(dict.fromkeys(issues)),
    )


def _about(entry: EntryRead, names: frozenset[str]) -> bool:
    return any(drug.name in names for drug in entry.drugs)


def _pooled(read: Sequence[EntryRead], window: Window, policy: str, source: str) -> Coverage:
    """A class: each drug by itself, then their days united."""
    whole = Window(as_of=window.as_of)
    names = sorted({d.name for entry in read for d in entry.drugs if d.antidepressant})
    every = [_covered(name, frozenset({name}), read, whole, policy, source) for name in names]
    by_drug = [coverage for coverage in every if coverage.intervals]
    sources = {coverage.source for coverage in by_drug}
    return Coverage(
        drug=ANTIDEPRESSANTS,
        policy=policy,
        source=sources.pop() if len(sources) == 1 else (MIXED if sources else None),
        intervals=_clipped(
            _united([span for coverage in by_drug for span in coverage.intervals]), window
        ),
        issues=tuple(dict.fromkeys(issue for coverage in every for issue in coverage.issues)),
    )


def _of_source(of_drug: Sequence[Supply], source: str) -> tuple[str | None, list[Supply]]:
    """The supplies of the source asked for; ``auto``: the first kind there is any of."""
    for kind in SOURCES if source == AUTO else (source,):
        found = [supply for supply in of_drug if supply.source == kind]
        if found:
            return kind, found
    return (None if source == AUTO else source), []


def _closed(supply: Supply, as_of: date) -> Interval:
    """``supply`` as an interval; what goes on is known up to ``as_of`` only."""
    end = as_of if supply.end is None else supply.end
    return Interval(start=supply.start, end=end, evidence=supply.evidence)


def _rolled_out(spans: Iterable[Interval]) -> list[Interval]:
    """Each later supply begins the day after the earlier one runs out."""
    rolled: list[Interval] = []
    for span in sorted(spans, key=lambda one: (one.start, one.end)):
        start = span.start
        if rolled and rolled[-1].end >= start:
            start = add_days(rolled[-1].end, 1)
        end = add_days(start, span.days - 1)
        rolled.append(Interval(start=start, end=end, evidence=span.evidence))
    return rolled


def _united(spans: Iterable[Interval]) -> list[Interval]:
    """Overlapping and adjoining spans as one interval each."""
    united: list[Interval] = []
    for span in sorted(spans, key=lambda one: (one.start, one.end)):
        if united and span.start <= add_days(united[-1].end, 1):
            last = united[-1]
            united[-1] = Interval(
                start=last.start,
                end=max(last.end, span.end),
                evidence=tuple(dict.fromkeys((*last.evidence, *span.evidence))),
            )
        else:
            united.append(span)
    return united


def _clipped(spans: Iterable[Interval], window: Window) -> tuple[Interval, ...]:
    """The part of each span inside the window."""
    clipped: list[Interval] = []
    for span in spans:
        start = span.start if window.start is None else max(span.start, window.start)
        end = min(span.end, window.last)
        if start <= end:
            clipped.append(Interval(start=start, end=end, evidence=span.evidence))
    return tuple(clipped)
