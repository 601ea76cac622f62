"""Whether the drug was taken: dispenses, statements of adherence, codes.

Adherence from dispenses is the proportion of days covered over the period of
the statement or order, else from the first fill to the end of the last supply.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from assistant.staging.courses import Course
from assistant.staging.dates import add_days, days_inclusive
from assistant.staging.record import (
    Diagnosis,
    EndBasis,
    Evidence,
    Exposure,
    ExposureSource,
    evidence_for,
)
from assistant.staging.record_index import RecordIndex
from assistant.staging.report import AdherenceFinding
from assistant.staging.ruleset import Ruleset
from assistant.staging.timeline import Reading, span
from assistant.staging.verdicts import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Adherence:
    """The adherence verdict on one course, and what it rests on."""

    verdict: Verdict
    finding: AdherenceFinding | None
    proportion: Decimal | None
    """Proportion of days covered, where dispenses allow it."""
    reason: str


_Fill = tuple[date, date, tuple[Exposure, ...]]
"""First and last day of a supply, and the entries that tell of it."""

NOT_RECORDED = Adherence(
    verdict=Verdict.UNKNOWN, finding=None, proportion=None, reason="adherence is not recorded"
)


def assess(index: RecordIndex, course: Course, as_of: date, ruleset: Ruleset) -> Adherence:
    """Whether the course was taken as the ruleset requires."""
    coded = _coded_nonadherence(index.nonadherence, course)
    covered = _proportion_covered(course, as_of, ruleset)
    stated = [x for x in course.exposures if x.adherence in (Verdict.MET, Verdict.NOT_MET)]
    proportion = covered[0] if covered else None
    if coded:
        return _found(Verdict.NOT_MET, None, "a code of nonadherence", coded, proportion)
    verdicts = {x.adherence for x in stated}
    by_fills = None
    if covered:
        by_fills = Verdict.of(covered[0] >= ruleset.min_adherence)
        verdicts.add(by_fills)
    if len(verdicts) > 1:
        evidence = [e for x in stated for e in evidence_for(x.evidence, "adherence")]
        return _found(Verdict.UNKNOWN, None, "the record contradicts itself", evidence, proportion)
    if covered and by_fills is not None:
        return _found(
            by_fills, covered[0], "dispenses: proportion of days covered", covered[1], proportion
        )
    if stated:
        evidence = [e for x in stated for e in evidence_for(x.evidence, "adherence")]
        verdict = Verdict.MET if Verdict.MET in verdicts else Verdict.NOT_MET
        return _found(verdict, None, "an adherence statement of the record", evidence, None)
    return NOT_RECORDED


def _found(
    verdict: Verdict,
    value: Decimal | None,
    basis: str,
    evidence: Iterable[Evidence],
    proportion: Decimal | None,
) -> Adherence:
    return Adherence(
        verdict=verdict,
        finding=AdherenceFinding(value=value, basis=basis, evidence=tuple(dict.fromkeys(evidence))),
        proportion=proportion,
        reason=basis,
    )


def _coded_nonadherence(diagnoses: Sequence[Diagnosis], course: Course) -> list[Evidence]:
    inside = course.shortest_span
    if inside is None:
        return []
    found: list[Evidence] = []
    for diagnosis in diagnoses:
        when = diagnosis.onset or diagnosis.recorded
        if when is not None and inside[0] <= when.earliest and when.latest <= inside[1]:
            found.extend(diagnosis.evidence)
    return found


def _proportion_covered(
    course: Course, as_of: date, ruleset: Ruleset
) -> tuple[Decimal, tuple[Evidence, ...]] | None:
    fills = _fills(course, as_of)
    if len(fills) < ruleset.min_fills:
        return None
    period = _period(course, fills, as_of)
    covered = days_covered(
        [(first, last) for first, last, _ in fills],
        period,
        carry_forward=ruleset.coverage_policy == "carry_forward",
    )
    evidence = tuple(
        e for _, _, told in fills for x in told for e in evidence_for(x.evidence, "start", "end")
    )
    return Decimal(covered) / days_inclusive(*period), evidence


def _fills(course: Course, as_of: date) -> list[_Fill]:
    """The supplies by the day they were handed out: strengths of one day are taken together."""
    fills: dict[date, _Fill] = {}
    for exposure in course.exposures:
        if exposure.source is not ExposureSource.DISPENSE:
            continue
        if exposure.end is None and exposure.end_basis is not EndBasis.OPEN:
            continue  # no supply stated; open is a supply that outlasts as_of
        found = span(exposure, Reading.SHORTEST, as_of)
        if found is not None:
            first, last = found
            _, until, told = fills.get(first, (first, last, ()))
            fills[first] = (first, max(last, until), (*told, exposure))
    return [fills[day] for day in sorted(fills)]


def _period(course: Course, fills: list[_Fill], as_of: date) -> tuple[date, date]:
    """The period of the statement or order, so far where it runs on; else of the supplies."""
    told = [
        found
        for x in course.exposures
        if x.source in (ExposureSource.STATEMENT, ExposureSource.REQUEST)
        and x.start is not None
        and (x.end is not None or x.end_basis is EndBasis.OPEN)
        and (found := span(x, Reading.SHORTEST, as_of)) is not None
    ]
    proven = course.shortest_span
    if told and proven is not None:
        return min(s[0] for s in told), min(max(s[1] for s in told), proven[1])
    return min(f[0] for f in fills), max(f[1] for f in fills)


def days_covered(
    supplies: Iterable[tuple[date, date]], period: tuple[date, date], *, carry_forward: bool
) -> int:
    """Days of ``period`` with the drug in hand, both ends counted.

    ``carry_forward`` starts a later supply the day after the earlier one runs out;
    otherwise overlapping supplies lose their overlap. Supply from before the period
    counts inside it.
    """
    total, runs_out = 0, None
    for begins, ends in sorted(supplies):
        late = days_inclusive(begins, runs_out) if runs_out is not None else 0
        first, last = add_days(begins, late), add_days(ends, late if carry_forward else 0)
        if first <= last:
            total += days_inclusive(max(first, period[0]), min(last, period[1]))
            runs_out = last
    return total
