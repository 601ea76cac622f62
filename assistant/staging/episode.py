"""The current depressive episode: what documents it, when it began, what came before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from assistant.staging.dates import (
    DayRange,
    PartialDate,
    add_days,
    months_between,
)
from assistant.staging.outcome import ScoreHistory
from assistant.staging.record import (
    Diagnosis,
    Evidence,
    Exposure,
    Score,
    TreatmentRecord,
    Verification,
    evidence_for,
)
from assistant.staging.report import Episode
from assistant.staging.ruleset import Ruleset
from assistant.staging.tables import scales
from assistant.staging.verdicts import Verdict, at_or_above

_DOCUMENTING_BANDS = frozenset({"moderate", "severe"})
FIRST_EVIDENCE = "first evidence of depression in the record"
"""Basis of an episode's start that is only the latest it can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeBounds:
    """Where the current episode lies between remissions."""

    after: date | None
    """The last day that belongs to the remission before it; None without one."""
    baseline_from: date | None
    """The day that remission began: earlier scores belong to an earlier episode."""


NO_REMISSION = EpisodeBounds(after=None, baseline_from=None)


def depression_diagnoses(record: TreatmentRecord) -> list[Diagnosis]:
    """Codes of a depressive disorder that stand (neither refuted nor in error)."""
    return [
        d
        for d in record.diagnoses
        if d.category == "depression"
        and d.verification not in (Verification.REFUTED, Verification.ENTERED_IN_ERROR)
    ]


def documented(record: TreatmentRecord) -> tuple[Verdict, tuple[Evidence, ...]]:
    """Whether the record documents depression: a code, an indication or a score."""
    codes = depression_diagnoses(record)
    if codes:
        return Verdict.MET, _naming(codes, "code")
    treated = [x for x in record.exposures if x.indication is not None and x.indication.depression]
    if treated:
        return Verdict.MET, _naming(treated, "indication")
    for score in sorted(record.scores, key=lambda s: s.date.earliest):
        scale = scales().get(score.scale)
        if scale is not None and scale.band(score.value) in _DOCUMENTING_BANDS:
            return Verdict.MET, score.evidence
    return Verdict.UNKNOWN, ()


def _naming(facts: Sequence[Diagnosis | Exposure], attribute: str) -> tuple[Evidence, ...]:
    """The elements that support ``attribute``, else all there are (an asserted fact has one)."""
    named = tuple(e for f in facts for e in evidence_for(f.evidence, attribute))
    return named or tuple(e for f in facts for e in f.evidence)


def bounds(
    record: TreatmentRecord,
    scores: ScoreHistory,
    trial_starts: Iterable[date],
    as_of: date,
    ruleset: Ruleset,
) -> EpisodeBounds:
    """The last proven remission that was followed by depression or by treatment.

    Two months of remission are proven by a score in the remission range with none
    outside it for that time, or by a full-remission code (or a recorded end of the
    diagnosis) that stands for that time: no such score and no code of depression.
    """
    diagnoses = depression_diagnoses(record)
    by_score = {s.date.latest for s in scores.remitted}
    by_code = _remissions_by_code(diagnoses)
    if not by_score and not by_code:
        return NO_REMISSION
    outside = scores.depressed
    depressed = [d for d in diagnoses if d.remission != "full"]
    later_evidence = [s.date.earliest for s in outside] + list(trial_starts)
    later_evidence += [
        found.earliest
        for d in diagnoses
        if d.remission is None and (found := d.onset or d.recorded) is not None
    ]
    boundary = None
    for began in sorted(by_score | by_code):
        until = add_days(began, ruleset.remission_days)
        contrary = [s.date for s in outside]
        if began not in by_score:
            contrary += [when for d in depressed if (when := d.onset or d.recorded) is not None]
        if until > as_of or any(w.latest > began and w.earliest <= until for w in contrary):
            continue
        if any(day > until for day in later_evidence):
            boundary = began
    if boundary is None:
        return NO_REMISSION
    return EpisodeBounds(after=add_days(boundary, ruleset.remission_days), baseline_from=boundary)


def supposed(
    record: TreatmentRecord,
    limits: EpisodeBounds,
    trial_starts: Sequence[PartialDate],
    evidence: tuple[Evidence, ...],
    as_of: date,
    ruleset: Ruleset,
) -> Episode:
    """The current episode, as it is if depression is the diagnosis.

    Its start is the onset of the diagnosis, else the date it was recorded, else
    the first evidence of depression; then the duration is a lower bound.
    ``evidence`` documents depression.
    """
    start, basis, evidence = _start(record, limits, trial_starts, evidence)
    if start is None:
        months = DayRange(0, None)
        persistent = Verdict.UNKNOWN
    else:
        low, _ = months_between(start.latest, as_of)
        earliest = earliest_start(start, basis, limits)
        high = None if earliest is None else months_between(earliest, as_of)[0]
        months = DayRange(low, high)
        persistent = at_or_above(months.low, months.high, ruleset.persistent_months)
    return Episode(
        start=start,
        basis=basis,
        duration_months=months,
        persistent=persistent,
        evidence=evidence,
    )


def earliest_start(start: PartialDate, basis: str, limits: EpisodeBounds) -> date | None:
    """The first day the episode can have begun on; None where nothing bounds it."""
    if basis != FIRST_EVIDENCE:
        return start.earliest
    return None if limits.after is None else add_days(limits.after, 1)


def _start(
    record: TreatmentRecord,
    limits: EpisodeBounds,
    trial_starts: Sequence[PartialDate],
    evidence: tuple[Evidence, ...],
) -> tuple[PartialDate | None, str, tuple[Evidence, ...]]:
    def current(when: PartialDate | None) -> bool:
        return when is not None and (limits.after is None or when.earliest > limits.after)

    diagnoses = [d for d in depression_diagnoses(record) if d.remission != "full"]
    standing = [d for d in diagnoses if d.active is not False] or diagnoses
    for attribute in ("onset", "recorded"):
        dated = [
            (when.earliest, when, d) for d in standing if current(when := getattr(d, attribute))
        ]
        if dated:
            _, when, diagnosis = min(dated, key=lambda item: item[0])
            found = evidence_for(diagnosis.evidence, attribute)
            reference = diagnosis.evidence[0].reference if diagnosis.evidence else "diagnosis"
            return when, f"{reference} {attribute}", found or evidence
    first: list[tuple[date, PartialDate, tuple[Evidence, ...]]] = [
        (s.date.earliest, s.date, s.evidence)
        for s in record.scores
        if _is_depressed(s) and current(s.date)
    ]
    first += [(when.earliest, when, ()) for when in trial_starts if current(when)]
    if not first:
        return None, "no dated evidence of its start", evidence
    _, when, found = min(first, key=lambda item: item[0])
    return when, FIRST_EVIDENCE, found or evidence


def _is_depressed(score: Score) -> bool:
    """Whether a score lies outside the remission range of a scale that establishes an outcome."""
    scale = scales().get(score.scale)
    return (
        scale is not None and scale.establishes_outcome and scale.in_remission(score.value) is False
    )


def _remissions_by_code(diagnoses: Sequence[Diagnosis]) -> set[date]:
    """The days on which a remission may have begun by a code of depression."""
    began: set[date] = set()
    for diagnosis in diagnoses:
        if diagnosis.remission == "full":
            # The onset of such an entry is often that of the depression itself.
            when = diagnosis.recorded or diagnosis.onset
            if when is not None:
                began.add(when.latest)
        elif diagnosis.abatement is not None and not any(
            _overlaps(diagnosis.abatement, other) for other in diagnoses if other is not diagnosis
        ):
            began.add(diagnosis.abatement.latest)
    return began


def _overlaps(abatement: PartialDate, other: Diagnosis) -> bool:
    if other.remission == "full":
        return False
    began = other.onset or other.recorded
    starts_before = began is None or began.earliest <= abatement.latest
    return starts_before and (other.abatement is None or other.abatement.latest > abatement.latest)
