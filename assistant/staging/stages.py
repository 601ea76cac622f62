"""Every staging method three ways: proven, under the assumptions, not excluded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple, TypeVar

from assistant.staging.dates import add_months
from assistant.staging.episode import (
    FIRST_EVIDENCE,
    EpisodeBounds,
    depression_diagnoses,
    earliest_start,
)
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

T = TypeVar("T")

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
class CountedTrial:
    """A trial as the methods count it, at its proven and its possible extent."""

    id: str
    failed: Answer
    failed_working: Answer
    proven: FailedTrial
    possible: FailedTrial


@dataclass(frozen=True, slots=True, kw_only=True)
class StagingBasis:
    """All that the methods read; a changed copy answers a what-if."""

    trials: tuple[CountedTrial, ...]
    ect: tuple[Procedure, ...]
    duration: PointRange
    severity: Severity
    augmented: Verdict
    combined: bool
    gates: Gates
    ruleset: Ruleset


def counted_trials(
    judgements: Sequence[Judgement], augmentations: Sequence[Augmentation], ruleset: Ruleset
) -> tuple[CountedTrial, ...]:
    """The trials of an episode as the methods count them."""
    return tuple(
        CountedTrial(
            id=judgement.course.id,
            failed=judgement.failed(),
            failed_working=judgement.failed(assume_adherence=ruleset.assume_adherence),
            proven=_failed_trial(judgement, judgements, augmentations, possible=False),
            possible=_failed_trial(judgement, judgements, augmentations, possible=True),
        )
        for judgement in judgements
    )


def augmented(augmentations: Sequence[Augmentation]) -> Verdict:
    """Whether any augmentation earns the Maudsley point; one is enough."""
    counts = {a.counts for a in augmentations}
    return next((v for v in (Verdict.MET, Verdict.UNKNOWN) if v in counts), Verdict.NOT_MET)


def stage_all(basis: StagingBasis) -> Staging:
    """Every method with its bounds, gates applied."""
    if basis.gates.blocked_by:
        return _blocked()
    under = Readings(*(failures(basis, reading) for reading in Reading))
    rules = basis.ruleset.class_rule, basis.ruleset.european_crd_days
    told = _ToldBy(*(_tell(failed, *rules) for failed in under))
    return Staging(
        trd=_label(basis.gates, told, "trd"),
        trd_without_class_rule=_label(basis.gates, told, "trd_without_class_rule"),
        source_stage=_stage(basis.gates, told, "source_stage", source_stage.ORDER),
        thase_rush=_stage(basis.gates, told, "thase_rush", thase_rush.ORDER),
        maudsley=_maudsley(basis, under),
        gsrd=_stage(basis.gates, told, "gsrd", gsrd.ORDER),
        european=_stage(basis.gates, told, "european", european.ORDER),
        mgh_s=_bounds(basis.gates, told, "mgh_s", lowest=Decimal(0), top=None),
    )


class _Told(NamedTuple):
    """What each method says of one set of failures."""

    trd: Answer
    trd_without_class_rule: Answer
    source_stage: str
    thase_rush: str
    gsrd: str
    european: str
    mgh_s: Decimal


class _ToldBy(NamedTuple):
    """What the methods say under each reading."""

    at_least: _Told
    working: _Told
    at_most: _Told


@lru_cache(maxsize=1024)
def _tell(failed: Failures, class_rule: bool, crd_after_days: int) -> _Told:
    return _Told(
        trd=trd.trd(failed, class_rule=class_rule),
        trd_without_class_rule=trd.trd(failed, class_rule=False),
        source_stage=source_stage.source_stage(failed),
        thase_rush=thase_rush.thase_rush(failed),
        gsrd=gsrd.gsrd(failed),
        european=european.european(failed, crd_after_days=crd_after_days),
        mgh_s=mgh_s.mgh_s(failed),
    )


class Readings(NamedTuple):
    """The failures of the episode under each reading."""

    at_least: Failures
    working: Failures
    at_most: Failures


def failures(basis: StagingBasis, reading: Reading) -> Failures:
    """The failed trials and ECT courses under one reading."""
    at_most = reading is Reading.AT_MOST
    trials = []
    for trial in basis.trials:
        failed = trial.failed_working if reading is Reading.WORKING else trial.failed
        if failed is Answer.YES or (at_most and failed is Answer.UNKNOWN):
            trials.append(trial.possible if at_most else trial.proven)
    failed_ect = [
        p for p in basis.ect if p.failed is Answer.YES or (at_most and p.failed is Answer.UNKNOWN)
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


def duration_points(
    episode: Episode, limits: EpisodeBounds, as_of: date, ruleset: Ruleset
) -> PointRange:
    """Maudsley points of the episode's duration; exactly 12 or 24 months stay below."""
    points = methods()["maudsley"]["duration_points"]
    if episode.start is None:
        return PointRange(points["acute"], None, points["chronic"])

    def lasted(since: date) -> int:
        if as_of > add_months(since, ruleset.maudsley_subacute_months):
            return int(points["chronic"])
        longer = as_of > add_months(since, ruleset.maudsley_acute_months)
        return int(points["subacute" if longer else "acute"])

    earliest = earliest_start(episode.start, episode.basis, limits)
    low = lasted(episode.start.latest)
    high = int(points["chronic"]) if earliest is None else lasted(earliest)
    assumed = low if low == high or episode.basis == FIRST_EVIDENCE else None
    return PointRange(low, assumed, high)


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


def _failed_trial(
    judgement: Judgement,
    judgements: Sequence[Judgement],
    augmentations: Sequence[Augmentation],
    *,
    possible: bool,
) -> FailedTrial:
    course = judgement.course
    accepted = (Verdict.MET, Verdict.UNKNOWN) if possible else (Verdict.MET,)
    added = {a.drug for a in augmentations if a.with_ == course.id and a.counts in accepted}
    combined = {
        j.course.id
        for j in judgements
        if j.course.role == "combination" and j.course.partner == course.id
    }
    days = judgement.days.low
    if possible:
        days = judgement.days.high if judgement.days.high is not None else _UNBOUNDED_DAYS
    return FailedTrial(
        id=course.id,
        drug=course.drug.name,
        drug_class=course.drug.drug_class,
        thase_rush=course.drug.thase_rush,
        days=days,
        optimised=judgement.optimised in accepted,
        additions=len(added) + len(combined),
    )


_UNBOUNDED_DAYS = date.max.toordinal()


def _bounds(
    gates: Gates, told: _ToldBy, method: str, *, lowest: T, top: T | None
) -> Bounds[T | None]:
    documented = gates.documented is Verdict.MET
    at_least: T | None = getattr(told.at_least, method) if documented else None
    working: T | None = getattr(told.working, method) if documented else None
    at_most: T | None = getattr(told.at_most, method)
    if not gates.conditions_read_whole:
        at_least = lowest
    if not gates.medication_read_whole:
        working, at_most = None, top
    return Bounds(at_least=at_least, working=working, at_most=at_most)


def _stage(gates: Gates, told: _ToldBy, method: str, order: tuple[str, ...]) -> Bounds[str | None]:
    return _bounds(gates, told, method, lowest=order[0], top=order[-1])


def _label(gates: Gates, told: _ToldBy, method: str) -> Bounds[Answer | None]:
    bounds = _bounds(gates, told, method, lowest=Answer.NO, top=Answer.YES)
    if gates.documented is Verdict.MET:
        return bounds
    working = None if not gates.medication_read_whole else Answer.NO
    return Bounds(at_least=Answer.NO, working=working, at_most=bounds.at_most)


def _maudsley(basis: StagingBasis, under: Readings) -> Maudsley:
    gates, lasted, severe = basis.gates, basis.duration, basis.severity.points
    ect = bool(basis.ect)
    used = basis.augmented is Verdict.MET
    documented = gates.documented is Verdict.MET
    at_least = working = at_most = None
    if documented:
        at_least = maudsley.items(
            under.at_least, duration=lasted.low, severity=severe.low, augmentation=used, ect=ect
        )
    if documented and lasted.working is not None and severe.working is not None:
        working = maudsley.items(
            under.working,
            duration=lasted.working,
            severity=severe.working,
            augmentation=used,
            ect=ect,
        )
    at_most = maudsley.items(
        under.at_most,
        duration=lasted.high,
        severity=severe.high,
        augmentation=basis.augmented is not Verdict.NOT_MET,
        ect=ect,
    )
    if not gates.conditions_read_whole:
        at_least = None
    highest = maudsley.total(at_most)
    if not gates.medication_read_whole:
        working, highest = None, int(methods()["maudsley"]["maximum"])
    return Maudsley(
        at_least=maudsley.total(at_least),
        working=maudsley.total(working),
        at_most=highest,
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
    if basis.combined and not working["augmentation"]:
        points = int(methods()["maudsley"]["augmentation_points"])
        value = maudsley.total({**working, "augmentation": points})
        found.append(("combination counted as augmentation", value))
    return tuple(
        Alternative(basis=name, value=value, band=maudsley.band(value) or "")
        for name, value in found
        if value is not None
    )


def _blocked() -> Staging:
    no: Bounds[Answer | None] = Bounds(at_least=Answer.NO, working=Answer.NO, at_most=Answer.NO)
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
