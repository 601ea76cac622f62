"""Every staging method three ways: proven, under the assumptions, not excluded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from assistant.staging.cut_offs import cut_offs
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
from assistant.staging.record import Diagnosis, Evidence, IncompleteRead, Score, TreatmentRecord
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
from assistant.staging.verdicts import MET, NO, NOT_KNOWN, YES, Answer, Verdict

SEVERE_WITH_PSYCHOSIS = "severe_with_psychosis"
READINGS = _AT_LEAST, _WORKING, _AT_MOST = tuple(Reading)


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


class CountedTrial(NamedTuple):
    """A trial as the methods count it, at its proven and its possible extent."""

    failed: Answer
    failed_working: Answer
    proven: FailedTrial
    possible: FailedTrial

    def under(self, failed: Answer, working: Answer) -> tuple[FailedTrial | None, ...]:
        """How it counts under each reading with this failure; None where it does not."""
        return (
            self.proven if failed is YES else None,
            self.proven if working is YES else None,
            None if failed is NO else self.possible,
        )


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
    combined = [j.course.partner for j in judgements if j.course.role == "combination"]
    counted = []
    for judgement in judgements:
        added = [a for a in augmentations if a.with_ == judgement.course.id]
        proven = _failed_trial(judgement, added, combined, possible=False)
        possible = _failed_trial(judgement, added, combined, possible=True)
        counted.append(
            CountedTrial(
                judgement.failed(),
                judgement.failed(assume_adherence=ruleset.assume_adherence),
                proven,
                proven if possible == proven else possible,
            )
        )
    return tuple(counted)


def augmented(augmentations: Sequence[Augmentation]) -> Verdict:
    """Whether any augmentation earns the Maudsley point; one is enough."""
    counts = {a.counts for a in augmentations}
    return next((v for v in (Verdict.MET, Verdict.UNKNOWN) if v in counts), Verdict.NOT_MET)


def levels(basis: StagingBasis, counted: "Counted") -> "Levels":
    """What the methods say under each reading, of which ``counted`` are the failures."""
    return tuple([level(basis, reading, failed) for reading, failed in counted.items()])


def combined(basis: StagingBasis, told: "Levels") -> Staging:
    """The readings as the bounds of each method."""
    at_least, working, at_most = told

    def bounds(method: str) -> Bounds[Any]:
        return Bounds(
            at_least=getattr(at_least, method),
            working=getattr(working, method),
            at_most=getattr(at_most, method),
        )

    return Staging(
        trd=bounds("trd"),
        trd_without_class_rule=bounds("trd_without_class_rule"),
        source_stage=bounds("source_stage"),
        thase_rush=bounds("thase_rush"),
        maudsley=Maudsley(
            at_least=at_least.maudsley,
            working=working.maudsley,
            at_most=at_most.maudsley,
            band=maudsley.band(working.maudsley),
            items=working.items,
            alternatives=_alternatives(basis, working.items),
        ),
        gsrd=bounds("gsrd"),
        european=bounds("european"),
        mgh_s=bounds("mgh_s"),
        cut_offs=cut_offs(
            {"maudsley": [x.maudsley for x in told], "mgh_s": [x.mgh_s for x in told]},
            [x.source_stage for x in told],
            basis.ruleset,
        ),
    )


class Level(NamedTuple):
    """What every method says under one reading, gates applied."""

    trd: Answer | None
    trd_without_class_rule: Answer | None
    source_stage: str | None
    thase_rush: str | None
    gsrd: str | None
    european: str | None
    mgh_s: Decimal | None
    maudsley: int | None
    items: dict[str, int] | None = None
    """Items of the Maudsley total."""


Levels = tuple[Level, ...]
"""A level for each reading, in the order of :class:`Reading`."""
Counted = dict[Reading, Failures]
"""The failures under each reading, in the order of :class:`Reading`."""

_NOT_TOLD = Level(None, None, None, None, None, None, None, None)
_BLOCKED = _NOT_TOLD._replace(trd=Answer.NO, trd_without_class_rule=Answer.NO)
_NOTHING_PROVEN = Level(
    trd=Answer.NO,
    trd_without_class_rule=Answer.NO,
    source_stage=source_stage.ORDER[0],
    thase_rush=thase_rush.ORDER[0],
    gsrd=gsrd.ORDER[0],
    european=european.ORDER[0],
    mgh_s=Decimal(0),
    maudsley=None,
)
_NOTHING_EXCLUDED = Level(
    trd=Answer.YES,
    trd_without_class_rule=Answer.YES,
    source_stage=source_stage.ORDER[-1],
    thase_rush=thase_rush.ORDER[-1],
    gsrd=gsrd.ORDER[-1],
    european=european.ORDER[-1],
    mgh_s=None,
    maudsley=None,
)


Told = tuple[Answer, Answer, str, str, str, str, Decimal]
"""What the methods that only count failures say of them, in the order of :class:`Level`."""


def told(failed: Failures, ruleset: Ruleset) -> Told:
    """What the methods say of ``failed``."""
    return (
        trd.trd(failed, class_rule=ruleset.class_rule),
        trd.trd(failed, class_rule=False),
        source_stage.source_stage(failed),
        thase_rush.thase_rush(failed),
        gsrd.gsrd(failed),
        european.european(failed, crd_after_days=ruleset.european_crd_days),
        mgh_s.mgh_s(failed),
    )


def level(basis: StagingBasis, reading: Reading, failed: Failures) -> Level:
    """What the methods say under ``reading``, of which ``failed`` are the failures."""
    overruled = overruling(basis.gates, reading)
    if overruled is not None:
        return overruled
    return level_of(failed, told(failed, basis.ruleset), maudsley_beside(basis, reading))


def level_of(failed: Failures, known: Told, beside: maudsley.Beside | None) -> Level:
    """The level of these failures; ``beside`` are the other Maudsley items, where known."""
    items = maudsley.items(failed, beside) if beside is not None else None
    return Level._make((*known, maudsley.total(items), items))


def with_maudsley(stands: Level, failed: Failures, beside: maudsley.Beside | None) -> Level:
    """A level with the Maudsley total of other points beside the failures."""
    items = maudsley.items(failed, beside) if beside is not None else None
    return stands._replace(maudsley=maudsley.total(items), items=items)


def overruling(gates: Gates, reading: Reading) -> Level | None:
    """What is said whatever the failures; None where no gate overrules their count."""
    if gates.blocked_by:
        return _BLOCKED
    if not gates.medication_read_whole and reading is not _AT_LEAST:
        if reading is _WORKING:
            return _NOT_TOLD
        return _NOTHING_EXCLUDED._replace(maudsley=int(methods()["maudsley"]["maximum"]))
    if reading is _AT_LEAST and not gates.conditions_read_whole:
        return _NOTHING_PROVEN
    if reading is not _AT_MOST and gates.documented is not Verdict.MET:
        return _BLOCKED
    return None


def failures(basis: StagingBasis) -> Counted:
    """The failed trials and ECT courses under each reading."""
    counted = [trial.under(trial.failed, trial.failed_working) for trial in basis.trials]
    return {
        reading: failures_of(
            [one for trial in counted if (one := trial[place]) is not None], basis.ect, reading
        )
        for place, reading in enumerate(READINGS)
    }


def failures_of(
    trials: Sequence[FailedTrial], ect: Sequence[Procedure], reading: Reading
) -> Failures:
    """These failed trials with the ECT courses that failed under a reading."""
    if not ect:
        return Failures.of(trials)
    at_most = reading is _AT_MOST
    failed_ect = [
        p for p in ect if p.failed is Answer.YES or (at_most and p.failed is Answer.UNKNOWN)
    ]
    return Failures.of(
        trials,
        bilateral_ect_failed=any(
            p.laterality == "bilateral" or (at_most and p.laterality == "unknown")
            for p in failed_ect
        ),
        ect_courses_failed=len(failed_ect),
    )


@cache
def _lowest_banded() -> dict[str, Decimal]:
    """The lowest total that each scale's bands place."""
    return {name: scale.bands[0][1] for name, scale in scales().items() if scale.bands}


def severity(record: TreatmentRecord, first_baseline: Score | None, after: date | None) -> Severity:
    """Severity at the staging date: the episode's last score, else the coded severity."""
    known = scales()
    current = record.scores
    if after is not None:
        current = tuple([s for s in current if s.date.latest > after])
    lowest = _lowest_banded()
    banded = [s for s in current if s.scale in lowest and s.value >= lowest[s.scale]]

    def when(score: Score) -> tuple[date, str, int]:
        return score.date.latest, score.date.time, -known[score.scale].rank

    standing = [
        d for d in depression_diagnoses(record) if d.active is not False and _of_episode(d, after)
    ]
    psychotic = [d for d in standing if d.psychotic_features]
    if psychotic:
        points = maudsley.severity_points(SEVERE_WITH_PSYCHOSIS)
        return Severity(
            points=PointRange(points, points, points),
            basis="coded psychotic features",
            evidence=psychotic[-1].evidence,
        )
    if banded:
        days = [s.date.latest for s in banded]
        newest, oldest = max(days), min(days)
        last = max([s for s in reversed(banded) if s.date.latest == newest], key=when)
        first = first_baseline
        if first is None:
            first = min([s for s in banded if s.date.latest == oldest], key=when)
        points = maudsley.severity_points(_band(last) or "")
        return Severity(
            points=PointRange(points, points, points),
            basis=f"{last.scale} {last.value} on {last.date}",
            evidence=last.evidence,
            baseline=_band(first),
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
    added: Sequence[Augmentation],
    combined: Sequence[str | None],
    *,
    possible: bool,
) -> FailedTrial:
    """The trial at its possible or its proven extent.

    ``added`` is what was added to it; ``combined`` names the trials that others were combined with.
    """
    course, drug = judgement.course, judgement.course.drug
    accepted = (MET, NOT_KNOWN) if possible else (MET,)
    low, high = judgement.days
    most = _UNBOUNDED_DAYS if high is None else high
    return FailedTrial(
        course.id,
        drug.name,
        drug.drug_class,
        drug.thase_rush,
        days=most if possible else low,
        optimised=judgement.optimised in accepted,
        additions=len({a.drug for a in added if a.counts in accepted}) + combined.count(course.id),
    )


_UNBOUNDED_DAYS = date.max.toordinal()


def maudsley_beside(
    basis: StagingBasis,
    reading: Reading,
    *,
    duration: PointRange | None = None,
    severity: PointRange | None = None,
) -> maudsley.Beside | None:
    """The Maudsley items that no trial changes; None where one of them is not known.

    ``duration`` and ``severity`` stand for those of the basis, where given.
    """
    lasted = _points(duration or basis.duration, reading)
    severe = _points(severity or basis.severity.points, reading)
    if lasted is None or severe is None:
        return None
    used = basis.augmented is not Verdict.NOT_MET
    if used and reading is not _AT_MOST:
        used = basis.augmented is Verdict.MET
    return maudsley.beside(duration=lasted, severity=severe, augmentation=used, ect=bool(basis.ect))


def _points(found: PointRange, reading: Reading) -> int | None:
    if reading is _WORKING:
        return found.working
    return found.low if reading is _AT_LEAST else found.high


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


def _of_episode(diagnosis: Diagnosis, after: date | None) -> bool:
    """Whether a code can be about the current episode, not one before a remission."""
    dates = [when for when in (diagnosis.onset, diagnosis.recorded) if when is not None]
    return after is None or not dates or any(when.latest > after for when in dates)


def _band(score: Score) -> str | None:
    scale = scales().get(score.scale)
    return scale.band(score.value) if scale is not None else None


def _recorded(when: object) -> date:
    found = getattr(when, "latest", None)
    return found if isinstance(found, date) else date.min
