"""One drug's daily doses over time, read from all entries that record it.

Partial dates give two readings: the shortest course the record proves and the
longest it allows. Within one kind of entry, strengths begun together add up and
a later order replaces an earlier one; between kinds, a statement of use stands
over an order, an order over a dispense (CLARIFICATIONS.md, Trials).
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import Enum
from itertools import pairwise
from typing import NamedTuple

from assistant.staging.dates import PartialDate, add_days, days_inclusive
from assistant.staging.doses import Dose
from assistant.staging.record import (
    EndBasis,
    Evidence,
    Exposure,
    ExposureSource,
    ExposureStatus,
    evidence_for,
)
from assistant.staging.ruleset import Ruleset

_PRECEDENCE = tuple(ExposureSource)
_ONE_OF_EACH = 2


class Reading(Enum):
    """How partial and unknown dates are taken."""

    SHORTEST = "shortest"
    LONGEST = "longest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Days on one daily dose; ``dose`` None is a dose the record does not give."""

    start: date
    end: date
    dose: Dose | None
    latest: Exposure
    """The entry that governs these days: the one that began last."""
    exposures: tuple[Exposure, ...]


class AdequateRun(NamedTuple):
    """The longest run at or above the floor; its bridged days are not counted."""

    days: int
    start: date | None
    end: date | None


NO_RUN = AdequateRun(0, None, None)


def segments(
    exposures: Sequence[Exposure], reading: Reading, as_of: date, ruleset: Ruleset
) -> tuple[Segment, ...]:
    """The dose timeline of one drug under one reading of its dates, in order."""
    merged: list[Segment] = []
    by_source: dict[ExposureSource, list[Exposure]] = {}
    for exposure in exposures:
        by_source.setdefault(exposure.source, []).append(exposure)
    for source in _PRECEDENCE if len(by_source) > 1 else by_source:
        layer = _layer(by_source.get(source, []), reading, as_of, ruleset)
        merged = _beneath(merged, layer) if merged else layer
    conflict = conflicting_ends(exposures, as_of)
    if conflict is not None:
        merged = _disputed(merged, *conflict, reading, as_of)
    return tuple(merged)


def conflicting_ends(
    exposures: Sequence[Exposure], as_of: date
) -> tuple[Exposure, Exposure] | None:
    """A statement and an order of one drug of which one ended and the other runs on.

    Returns:
        ``(ended, active)``, or None where the entries do not contradict each other.
    """
    if len(exposures) < _ONE_OF_EACH:
        return None
    statements = [e for e in exposures if e.source is ExposureSource.STATEMENT]
    if not statements:
        return None
    requests = [e for e in exposures if e.source is ExposureSource.REQUEST]
    if not requests:
        return None
    for stopped, running in ((statements, requests), (requests, statements)):
        ended = _last_ended(stopped)
        if ended is None or ended.end is None:
            continue
        for active in running:
            if _runs_on_after(active, ended.end, as_of):
                return ended, active
    return None


def _last_ended(entries: list[Exposure]) -> Exposure | None:
    """The entry whose stop closes its kind; None while another one is still open."""
    if not entries or any(e.end is None for e in entries):
        return None
    last = max(entries, key=lambda e: e.end.latest if e.end else date.max)
    stopped = last.status is ExposureStatus.STOPPED or (
        last.source is ExposureSource.STATEMENT and last.status is ExposureStatus.COMPLETED
    )
    return last if stopped else None


def _runs_on_after(active: Exposure, stop: PartialDate, as_of: date) -> bool:
    if active.status is not ExposureStatus.ACTIVE or active.end_basis is EndBasis.SUPPLY:
        return False
    if active.start is None or active.start.earliest > stop.latest:
        return False
    runs_until = as_of if active.end is None else min(active.end.earliest, as_of)
    return stop.latest < runs_until


def span(exposure: Exposure, reading: Reading, as_of: date) -> tuple[date, date] | None:
    """First and last day of an exposure under a reading; None where nothing dates it."""
    start, end = exposure.start, exposure.end
    if start is None and end is None:
        return None
    shortest = reading is Reading.SHORTEST
    last = _last_day(exposure, reading, as_of)
    if start is not None:
        first = start.latest if shortest else start.earliest
        if end is not None:
            first = min(first, end.latest)  # it began before it ended
    else:
        first = last if shortest else date.min
    first = min(first, as_of)
    return first, max(first, last)


def _last_day(exposure: Exposure, reading: Reading, as_of: date) -> date:
    """The last day under a reading; the first of the calendar where it may be any."""
    shortest = reading is Reading.SHORTEST
    if exposure.end is not None:
        return min(exposure.end.earliest if shortest else exposure.end.latest, as_of)
    return as_of if exposure.end_basis is EndBasis.OPEN or not shortest else date.min


def is_exact(exposure: Exposure) -> bool:
    """Whether both readings of an exposure's dates are the same."""
    start, end = exposure.start, exposure.end
    if start is None or not start.is_exact:
        return False
    return end.is_exact if end is not None else exposure.end_basis is EndBasis.OPEN


def adequate_run(
    parts: Iterable[Segment], floor: Decimal, bridge_days: int, *, proven: bool, until: date
) -> AdequateRun:
    """The longest run at or above ``floor`` mg/day up to ``until``.

    Gaps and dips of at most ``bridge_days`` are bridged, their days not counted.
    ``proven`` takes a dose that is not exact at its low end and an unknown dose as
    below the floor; otherwise the high end, and an unknown dose as reaching it.
    """
    best = NO_RUN
    days, began, ended = NO_RUN
    for part in parts:
        if part.start > until or not _reaches(part.dose, floor, proven=proven):
            continue
        if ended is None or days_inclusive(ended, part.start) - 2 > bridge_days:
            days, began = 0, part.start
        ended = min(until, part.end)
        days += days_inclusive(part.start, ended)
        if days > best.days:
            best = AdequateRun(days, began, ended)
    return best


def _reaches(dose: Dose | None, floor: Decimal, *, proven: bool) -> bool:
    if dose is None or not floor:
        return not proven or not floor
    return (dose.low if proven else dose.high) >= floor


class _Span(NamedTuple):
    start: date
    end: date
    exposure: Exposure


def _layer(
    exposures: list[Exposure], reading: Reading, as_of: date, ruleset: Ruleset
) -> list[Segment]:
    dated = [
        _Span(*found, exposure)
        for exposure in exposures
        if (found := span(exposure, reading, as_of)) is not None
    ]
    if not dated:
        return []
    if len(dated) == 1:
        first, last, only = dated[0]
        return [Segment(start=first, end=last, dose=only.dose, latest=only, exposures=(only,))]
    distinct = {(s.start, s.end, s.exposure.dose): s for s in dated}
    spans = sorted(distinct.values(), key=_order)
    if spans[0].exposure.source is ExposureSource.DISPENSE:
        spans = _carry_forward(spans, as_of, ruleset)
    return _without_overlap(spans, ruleset)


def _order(item: _Span) -> tuple[date, date, str]:
    evidence = item.exposure.evidence
    return item.start, item.end, str(evidence[0]) if evidence else ""


def _carry_forward(spans: list[_Span], as_of: date, ruleset: Ruleset) -> list[_Span]:
    """Start a fill of the same dose the day after the earlier one runs out."""
    if ruleset.coverage_policy != "carry_forward":
        return spans
    shifted: list[_Span] = []
    for item in spans:
        previous = shifted[-1] if shifted else None
        late = 0
        if (
            previous is not None
            and previous.exposure.dose == item.exposure.dose
            and item.start > previous.start
        ):
            late = days_inclusive(item.start, previous.end)
        start = add_days(item.start, late)
        if start <= as_of:
            shifted.append(_Span(start, min(add_days(item.end, late), as_of), item.exposure))
    return shifted


def _without_overlap(spans: list[_Span], ruleset: Ruleset) -> list[Segment]:
    """Cut at every start and end, and decide which entries govern each piece."""
    waiting = deque(sorted(_replaced(spans, ruleset), key=_order))
    cuts = sorted({s.start for s in waiting} | {add_days(s.end, 1) for s in waiting})
    pieces: list[Segment] = []
    here: list[_Span] = []
    for first, following in pairwise(cuts):
        here = [s for s in here if s.end >= first]
        while waiting and waiting[0].start == first:
            here.append(waiting.popleft())
        if here:
            pieces.append(_piece(first, add_days(following, -1), here))
    return _joined(pieces)


def _replaced(spans: list[_Span], ruleset: Ruleset) -> list[_Span]:
    """End an order where a new strength takes its place; ``spans`` are in order of start."""
    settled: list[_Span] = []
    running: list[_Span] = []
    for item in spans:
        settled += [s for s in running if s.end < item.start]
        running = [
            _ended_by(earlier, item, ruleset) for earlier in running if earlier.end >= item.start
        ]
        running.append(item)
    return [s for s in (*settled, *running) if s.start <= s.end]


def _ended_by(earlier: _Span, item: _Span, ruleset: Ruleset) -> _Span:
    group = earlier.exposure.group
    if earlier.start == item.start or (group and group == item.exposure.group):
        return earlier
    overlap = days_inclusive(item.start, earlier.end)
    if overlap > ruleset.replace_overlap_days or earlier.end >= item.end:
        return earlier
    return earlier._replace(end=add_days(item.start, -1))


def _piece(first: date, last: date, here: list[_Span]) -> Segment:
    newest_start = max(s.start for s in here)
    newest = [s for s in here if s.start == newest_start]
    group = newest[0].exposure.group
    added = [s for s in here if s in newest or (group and s.exposure.group == group)]
    older = [s for s in here if s not in added]
    dose = _sum(s.exposure.dose for s in added)
    if older and dose is not None:
        # Nobody closed the older order: it was replaced, or it is taken as well.
        with_older = _sum([dose, *(s.exposure.dose for s in older)])
        dose = (
            None
            if with_older is None
            else replace(dose, high=with_older.high, labelled_high=with_older.labelled_high)
        )
    return Segment(
        start=first,
        end=last,
        dose=dose,
        latest=newest[-1].exposure,
        exposures=tuple(s.exposure for s in here),
    )


def _sum(doses: Iterable[Dose | None]) -> Dose | None:
    total: Dose | None = None
    for dose in doses:
        if dose is None:
            return None
        total = dose if total is None else total + dose
    return total


def _joined(pieces: list[Segment]) -> list[Segment]:
    """Adjacent pieces of one dose become one segment."""
    joined: list[Segment] = []
    for piece in pieces:
        previous = joined[-1] if joined else None
        if (
            previous is not None
            and add_days(previous.end, 1) == piece.start
            and previous.dose == piece.dose
        ):
            added = tuple(e for e in piece.exposures if e not in previous.exposures)
            joined[-1] = replace(
                previous,
                end=piece.end,
                latest=piece.latest,
                exposures=previous.exposures + added,
            )
        else:
            joined.append(piece)
    return joined


def _beneath(upper: list[Segment], lower: list[Segment]) -> list[Segment]:
    """Lay a weaker kind of entry under a stronger one.

    The weaker kind fills in doses the stronger does not give and adds periods the
    stronger knows nothing of; it never prolongs one.
    """
    filled = [piece for part in upper for piece in _filled(part, lower)]
    filled.extend(
        part
        for part in lower
        if not any(u.start <= part.end and part.start <= u.end for u in upper)
    )
    return _joined(sorted(filled, key=lambda s: s.start))


def _disputed(
    parts: list[Segment], ended: Exposure, active: Exposure, reading: Reading, as_of: date
) -> list[Segment]:
    """Let the course end at the stop in the shortest reading, with the order in the longest."""
    if reading is Reading.SHORTEST:
        stop = _last_day(ended, reading, as_of)
        return [replace(p, end=min(p.end, stop)) for p in parts if p.start <= stop]
    until = _last_day(active, reading, as_of)
    last = max(parts, key=lambda p: p.end)
    if last.end >= until:
        return parts
    prolonged = Segment(
        start=add_days(last.end, 1),
        end=until,
        dose=active.dose if active.dose is not None else last.dose,
        latest=active,
        exposures=(active,),
    )
    return _joined([*parts, prolonged])


def _filled(part: Segment, lower: list[Segment]) -> list[Segment]:
    if part.dose is not None:
        return [part]
    known = [s for s in lower if s.dose is not None and s.start <= part.end and part.start <= s.end]
    pieces: list[Segment] = []
    day = part.start
    for source in known:
        first, last = max(source.start, day), min(source.end, part.end)
        if first > day:
            pieces.append(replace(part, start=day, end=add_days(first, -1)))
        pieces.append(
            replace(
                part,
                start=first,
                end=last,
                dose=source.dose,
                exposures=part.exposures + source.exposures,
            )
        )
        day = add_days(last, 1)
    if day <= part.end:
        pieces.append(replace(part, start=day))
    return pieces


def dose_evidence(part: Segment) -> tuple[Evidence, ...]:
    """The elements that give the dose of a segment."""
    return tuple([e for x in part.exposures for e in evidence_for(x.evidence, "dose", "drug")])


def first_date(part: Segment) -> PartialDate:
    """The start of a segment at the precision of the entry that begins it."""
    for exposure in part.exposures:
        start = exposure.start
        if start is not None and start.earliest <= part.start <= start.latest:
            return start
    return PartialDate.of(part.start)


def last_date(part: Segment) -> PartialDate:
    """The end of a segment at the precision of the entry that ends it."""
    for exposure in part.exposures:
        end = exposure.end
        if end is not None and end.earliest <= part.end <= end.latest:
            return end
    return PartialDate.of(part.end)
