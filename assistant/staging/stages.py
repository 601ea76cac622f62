"""Every staging method three ways: proven, under the assumptions, not excluded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from assistant.staging.episode import depression_diagnoses, lasted_longer_than
from assistant.staging.judgement import Judgement
from assistant.staging.methods import (
    european,
    gsrd,
    maudsley,
    mgh_s,
    source_stage,
    thase_rush,
    trd,
)
from assistant.staging.methods.failures import FailedTrial, Failures, Reading
from assistant.staging.procedures import ECT
from assistant.staging.record import Evidence, IncompleteRead, Score, TreatmentRecord
from assistant.staging.report import (
    Alternative,
    Augmentation,
    Bounds,
    Episode,
    Maudsley,
    Procedure,
    Staging,
)
from assistant.staging.ruleset import Ruleset
from assistant.staging.tables import methods, scales
from assistant.staging.verdicts import Answer, Verdict

SEVERE_WITH_PSYCHOSIS = "severe_with_psychosis"


class PointRange(NamedTuple):
    """Points of one Maudsley item: proven, working (None: unknown), possible."""

    low: int
    working: int | None
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Severity:
    """Symptom severity at the staging date, and where it comes from."""

    points: PointRange
    basis: str
    evidence: tuple[Evidence, ...] = ()
    baseline: str | None = None
    """Severity of the episode's first score, for the alternative total."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """What keeps a stage from being told, beside the trials."""

    blocked_by: tuple[str, ...]
    """Rule ids of diagnoses that rule out unipolar depression."""
    documented: Verdict
    medication_read_whole: bool
    conditions_read_whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StagingBasis:
    """All that the methods read; replacing a judgement in it answers a what-if."""

    judgements: tuple[Judgement, ...]
    augmentations: tuple[Augmentation, ...]
    procedures: tuple[Procedure, ...]
    episode: Episode | None
    severity: Severity
    gates: Gates
    as_of: date
    ruleset: Ruleset


def stage_all(basis: StagingBasis) -> Staging:
    """Every method with its bounds, gates applied."""
    under = {reading: failures(basis, reading) for reading in Reading}
    ruleset = basis.ruleset
    if basis.gates.blocked_by:
        return _blocked()
    return Staging(
        trd=_label(basis, under, class_rule=ruleset.class_rule),
        trd_without_class_rule=_label(basis, under, class_rule=False),
        source_stage=_bounds(
            basis, under, source_stage.source_stage, source_stage.ORDER[0], source_stage.ORDER[-1]
        ),
        thase_rush=_bounds(
            basis, under, thase_rush.thase_rush, thase_rush.ORDER[0], thase_rush.ORDER[-1]
        ),
        maudsley=_maudsley(basis, under),
        gsrd=_bounds(basis, under, gsrd.gsrd, gsrd.ORDER[0], gsrd.ORDER[-1]),
        european=_bounds(
            basis,
            under,
            lambda f: european.european(f, crd_after_days=ruleset.european_crd_days),
            european.ORDER[0],
            european.ORDER[-1],
        ),
        mgh_s=_bounds(basis, under, mgh_s.mgh_s, Decimal(0), None),
    )


def failures(basis: StagingBasis, reading: Reading) -> Failures:
    """The failed trials and ECT courses under one reading."""
    at_most = reading is Reading.AT_MOST
    assume = reading is Reading.WORKING and basis.ruleset.assume_adherence
    trials = []
    for judgement in basis.judgements:
        failed = judgement.failed(assume_adherence=assume)
        if failed is Answer.YES or (at_most and failed is Answer.UNKNOWN):
            trials.append(_failed_trial(basis, judgement, reading))
    ect = [p for p in basis.procedures if p.modality == ECT]
    failed_ect = [
        p for p in ect if p.failed is Answer.YES or (at_most and p.failed is Answer.UNKNOWN)
    ]
    return Failures(
        trials=tuple(trials),
        bilateral_ect_failed=any(
            p.laterality == "bilateral" or (at_most and p.laterality == "unknown")
            for p in failed_ect
        ),
        ect_courses_failed=len(failed_ect),
    )


def severity(record: TreatmentRecord, first_baseline: Score | None, after: date | None) -> Severity:
    """Severity at the staging date: the episode's last score, else the coded severity."""
    banded = sorted(
        (s for s in record.scores if _in_episode(s, after) and _band(s) is not None),
        key=lambda s: (s.date.latest, s.date.time, -scales()[s.scale].rank),
    )
    standing = [d for d in depression_diagnoses(record) if d.active is not False]
    psychotic = [d for d in standing if d.psychotic_features]
    first = first_baseline or (banded[0] if banded else None)
    baseline = _band(first) if first is not None else None
    if psychotic:
        points = maudsley.severity_points(SEVERE_WITH_PSYCHOSIS)
        return Severity(
            points=PointRange(points, points, points),
            basis="coded psychotic features",
            evidence=psychotic[-1].evidence,
        )
    if banded:
        last = banded[-1]
        points = maudsley.severity_points(_band(last) or "")
        return Severity(
            points=PointRange(points, points, points),
            basis=f"{last.scale} {last.value} on {last.date}",
            evidence=last.evidence,
            baseline=baseline,
        )
    coded = [d for d in standing if d.severity is not None]
    if coded:
        latest = max(coded, key=lambda d: _recorded(d.onset or d.recorded))
        points = maudsley.severity_points(latest.severity or "")
        return Severity(
            points=PointRange(points, points, points),
            basis="coded severity",
            evidence=latest.evidence,
        )
    every = methods()["maudsley"]["severity_points"].values()
    return Severity(points=PointRange(min(every), None, max(every)), basis="not recorded")


def duration_points(episode: Episode | None, as_of: date, ruleset: Ruleset) -> PointRange:
    """Maudsley points of the episode's duration; exactly 12 or 24 months stay below."""
    points = methods()["maudsley"]["duration_points"]
    acute, subacute, chronic = points["acute"], points["subacute"], points["chronic"]
    if episode is None or episode.start is None:
        return PointRange(acute, None, chronic)
    beyond_first = lasted_longer_than(episode.start, ruleset.maudsley_acute_months, as_of)
    beyond_second = lasted_longer_than(episode.start, ruleset.maudsley_subacute_months, as_of)
    low, high = (
        chronic if beyond_second[i] else subacute if beyond_first[i] else acute for i in (0, 1)
    )
    # Only the first evidence is known: the episode may have begun any time before.
    possible = chronic if episode.duration_months.high is None else high
    return PointRange(low, low, possible)


def gates(
    blocked_by: Sequence[str], documented: Verdict, incomplete: Sequence[IncompleteRead]
) -> Gates:
    """The gates of a record; an unnamed or pooled type counts as every type."""
    types = [i.type for i in incomplete]
    pooled = any(t in ("", "*", "Bundle", "Resource") for t in types)
    return Gates(
        blocked_by=tuple(blocked_by),
        documented=documented,
        medication_read_whole=not pooled
        and not any(t.startswith("Medication") or t == "Procedure" for t in types),
        conditions_read_whole=not pooled and "Condition" not in types,
    )


def _failed_trial(basis: StagingBasis, judgement: Judgement, reading: Reading) -> FailedTrial:
    course = judgement.course
    at_most = reading is Reading.AT_MOST
    possible = (Verdict.MET, Verdict.UNKNOWN) if at_most else (Verdict.MET,)
    added = {a.drug for a in basis.augmentations if a.with_ == course.id and a.counts in possible}
    combined = {
        j.course.id
        for j in basis.judgements
        if j.course.role == "combination" and j.course.partner == course.id
    }
    days = judgement.days.low
    if at_most:
        days = judgement.days.high if judgement.days.high is not None else _UNBOUNDED_DAYS
    return FailedTrial(
        id=course.id,
        drug=course.drug.name,
        drug_class=course.drug.drug_class,
        thase_rush=course.drug.thase_rush,
        days=days,
        optimised=judgement.optimised in possible,
        additions=len(added) + len(combined),
    )


_UNBOUNDED_DAYS = date.max.toordinal()


def _bounds(
    basis: StagingBasis,
    under: dict[Reading, Failures],
    method: Callable[[Failures], object],
    lowest: object,
    top: object,
) -> Bounds:  # type: ignore[type-arg]
    documented = basis.gates.documented is Verdict.MET
    at_least = method(under[Reading.AT_LEAST]) if documented else None
    working = method(under[Reading.WORKING]) if documented else None
    at_most = method(under[Reading.AT_MOST])
    if not basis.gates.conditions_read_whole:
        at_least = lowest
    if not basis.gates.medication_read_whole:
        working, at_most = None, top
    return Bounds(at_least=at_least, working=working, at_most=at_most)


def _label(
    basis: StagingBasis, under: dict[Reading, Failures], *, class_rule: bool
) -> Bounds[Answer]:
    bounds = _bounds(
        basis, under, lambda f: trd.trd(f, class_rule=class_rule), Answer.NO, Answer.YES
    )
    if basis.gates.documented is Verdict.MET:
        return bounds
    working = None if not basis.gates.medication_read_whole else Answer.NO
    return Bounds(at_least=Answer.NO, working=working, at_most=bounds.at_most)


def _maudsley(basis: StagingBasis, under: dict[Reading, Failures]) -> Maudsley:
    documented = basis.gates.documented is Verdict.MET
    lasted = duration_points(basis.episode, basis.as_of, basis.ruleset)
    severe = basis.severity.points
    added = {a.counts for a in basis.augmentations}
    ect = any(p.modality == ECT for p in basis.procedures)

    def total(
        reading: Reading, duration: int | None, level: int | None, *, extra: bool
    ) -> dict[str, int] | None:
        if duration is None or level is None:
            return None
        return maudsley.items(
            under[reading], duration=duration, severity=level, augmentation=extra, ect=ect
        )

    used = Verdict.MET in added
    lowest = total(Reading.AT_LEAST, lasted.low, severe.low, extra=used)
    working = total(Reading.WORKING, lasted.working, severe.working, extra=used)
    highest = total(
        Reading.AT_MOST, lasted.high, severe.high, extra=used or Verdict.UNKNOWN in added
    )
    at_least, at_most = maudsley.total(lowest), maudsley.total(highest)
    if not documented:
        at_least, working = None, None
    if not basis.gates.conditions_read_whole:
        at_least = None
    if not basis.gates.medication_read_whole:
        working, at_most = None, int(methods()["maudsley"]["maximum"])
    return Maudsley(
        at_least=at_least,
        working=maudsley.total(working),
        at_most=at_most,
        band=maudsley.band(maudsley.total(working)),
        items=working,
        alternatives=_alternatives(basis, working),
    )


def _alternatives(basis: StagingBasis, working: dict[str, int] | None) -> tuple[Alternative, ...]:
    if working is None:
        return ()
    found = []
    baseline = basis.severity.baseline
    if baseline is not None and maudsley.severity_points(baseline) != working["severity"]:
        value = maudsley.total({**working, "severity": maudsley.severity_points(baseline)})
        found.append(("baseline severity", value))
    combined = any(j.course.role == "combination" for j in basis.judgements)
    if combined and not working["augmentation"]:
        points = int(methods()["maudsley"]["augmentation_points"])
        value = maudsley.total({**working, "augmentation": points})
        found.append(("combination counted as augmentation", value))
    return tuple(
        Alternative(basis=name, value=value, band=maudsley.band(value) or "")
        for name, value in found
        if value is not None
    )


def _blocked() -> Staging:
    no: Bounds[Answer] = Bounds(at_least=Answer.NO, working=Answer.NO, at_most=Answer.NO)
    null: Bounds[str | None] = Bounds(at_least=None, working=None, at_most=None)
    points: Bounds[Decimal | None] = Bounds(at_least=None, working=None, at_most=None)
    return Staging(
        trd=no,
        trd_without_class_rule=no,
        source_stage=null,
        thase_rush=null,
        maudsley=Maudsley(at_least=None, working=None, at_most=None, band=None, items=None),
        gsrd=null,
        european=null,
        mgh_s=points,
    )


def _in_episode(score: Score, after: date | None) -> bool:
    return after is None or score.date.latest > after


def _band(score: Score) -> str | None:
    scale = scales().get(score.scale)
    return scale.band(score.value) if scale is not None else None


def _recorded(when: object) -> date:
    found = getattr(when, "latest", None)
    return found if isinstance(found, date) else date.min
