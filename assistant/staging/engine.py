"""The one entry point of the core: a record in, a staging report out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from assistant.staging import (
    assertions as asserted_facts,
)
from assistant.staging import (
    augmentation,
    courses,
    diagnosis,
    episode,
    findings,
    mechanisms,
    pseudo_resistance,
    safety,
    stage_findings,
    stages,
)
from assistant.staging.as_of import cut
from assistant.staging.courses import Course
from assistant.staging.dates import PartialDate
from assistant.staging.episode import EpisodeBounds
from assistant.staging.episode_view import EpisodeView
from assistant.staging.judgement import Judgement, judge_all
from assistant.staging.missing_facts import missing_facts
from assistant.staging.next_steps import next_steps
from assistant.staging.outcome import ScoreHistory
from assistant.staging.procedures import ECT, STIMULATION, courses_of_procedures
from assistant.staging.record import Assertion, Score, TreatmentRecord, each_once
from assistant.staging.record_index import RecordIndex
from assistant.staging.report import (
    SCHEMA,
    Adequacy,
    Augmentation,
    CompletenessReport,
    DiagnosisLine,
    DoseStep,
    Episode,
    PatientReference,
    Procedure,
    RulesetUsed,
    ScorePoint,
    StagingReport,
    Trial,
)
from assistant.staging.ruleset import Ruleset, load_ruleset
from assistant.staging.tables import scales
from assistant.staging.timeline import Segment, dose_evidence, first_date, last_date
from assistant.staging.verdicts import Answer, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class _Split:
    """The courses of the current episode, and those of earlier ones."""

    current: tuple[Course, ...]
    earlier: tuple[Course, ...]
    limits: EpisodeBounds


def stage(
    record: TreatmentRecord,
    *,
    as_of: date,
    ruleset: Ruleset | None = None,
    assertions: Sequence[Assertion] = (),
) -> StagingReport:
    """Everything the core says about ``record`` as it stood on ``as_of``.

    Args:
        record: coded facts in any order.
        as_of: the staging date; nothing dated later is used.
        ruleset: the default is the source text's.
        assertions: facts a clinician vouches for; they are shown as such.

    Raises:
        UnusableAssertionError: an assertion names an unknown fact or an impossible value.
    """
    ruleset = ruleset or load_ruleset()
    asserted_facts.check(assertions)
    whole = cut(record, as_of)
    known = asserted_facts.over_record(whole.record, assertions)
    built = courses.build(known, as_of, ruleset)
    index, scores = RecordIndex(known), ScoreHistory(known.scores)
    split = _split(known, scores, built.courses, as_of, ruleset)
    current = asserted_facts.over_courses(split.current, assertions, as_of, ruleset)
    additions, hypnotics = augmentation.find(known, current, as_of, ruleset)
    procedures = asserted_facts.over_procedures(
        courses_of_procedures(known, scores, split.limits.after, as_of, ruleset),
        assertions,
        ruleset,
    )
    view = EpisodeView(
        index=index,
        scores=scores,
        courses=current,
        also_begun=_also_begun(additions, procedures),
        baseline_from=split.limits.baseline_from,
        as_of=as_of,
        ruleset=ruleset,
    )
    judgements = asserted_facts.over_judgements(judge_all(view), assertions, ruleset)
    earlier: tuple[Judgement, ...] = ()
    if split.earlier:
        earlier = judge_all(replace(view, courses=split.earlier, also_begun={}, baseline_from=None))
    begun = [c.start for c in current if c.start is not None]
    documented, naming = episode.documented(known)
    supposed = episode.supposed(known, split.limits, begun, naming, as_of, ruleset)
    present = supposed if documented is Verdict.MET else None
    blocks = diagnosis.blocking(known.diagnoses)
    severity = asserted_facts.over_severity(
        stages.severity(known, _first_baseline(known, judgements), split.limits.after), assertions
    )
    gates = stages.gates(tuple(blocks), documented, record.completeness.incomplete)
    basis = stages.StagingBasis(
        trials=stages.counted_trials(judgements, additions, ruleset),
        ect=tuple(p for p in procedures if p.modality == ECT),
        duration=stages.duration_points(supposed, split.limits, as_of, ruleset),
        severity=severity,
        augmented=stages.augmented(additions),
        combined=any(j.course.role == "combination" for j in judgements),
        gates=gates,
        ruleset=ruleset,
    )
    counted = stages.failures(basis)
    levels = stages.levels(basis, counted)
    staged = stages.combined(basis, levels)
    excluded = (*built.excluded, *hypnotics)
    checklist = pseudo_resistance.checklist(
        index,
        judgements,
        excluded,
        as_of,
        ruleset,
        conditions_read_whole=gates.conditions_read_whole,
    )
    warnings = safety.flags(known)
    trials = tuple([_trial(j, ruleset) for j in judgements])
    markers = mechanisms.biomarkers(known)
    return StagingReport(
        schema=SCHEMA,
        as_of=as_of.isoformat(),
        ruleset=RulesetUsed(name=ruleset.name, version=ruleset.version),
        patient=PatientReference(reference=record.patient.reference),
        completeness=CompletenessReport(
            resources_read=record.completeness.resources_read,
            resources_total=record.completeness.resources_total,
            after_as_of=whole.after,
            incomplete=record.completeness.incomplete,
        ),
        episode=present,
        diagnoses=_diagnoses(known),
        trials=trials,
        excluded_exposures=excluded,
        augmentations=additions,
        earlier_trials=tuple(_trial(j, ruleset) for j in earlier),
        procedures=procedures,
        scores=_scores(scores),
        staging=staged,
        staging_blocked_by=tuple(blocks),
        assumptions=_assumptions(judgements, present, gates, ruleset),
        missing_facts=missing_facts(judgements, present, basis, counted, levels),
        pseudo_resistance=checklist,
        next_steps=next_steps(judgements, staged, checklist, warnings, ruleset),
        safety=warnings,
        biomarkers=markers,
        findings=(
            *findings.about_signs(warnings, ()),
            *findings.about_blocks(blocks),
            *findings.about_episode(present, ruleset),
            *findings.about_population(known, as_of),
            *[
                f
                for j, told in zip(judgements, trials, strict=True)
                for f in findings.about_trial(j, told.reasons, ruleset)
            ],
            *stage_findings.about_stages(staged, judgements, basis, counted),
            *findings.about_signs((), markers),
        ),
        asserted=tuple(assertions),
        issues=(
            *record.issues,
            *built.issues,
            *asserted_facts.unused(current, procedures, assertions),
        ),
    )


def _split(
    record: TreatmentRecord,
    scores: ScoreHistory,
    found: Sequence[Course],
    as_of: date,
    ruleset: Ruleset,
) -> _Split:
    starts = [c.start.earliest for c in found if c.start is not None]
    limits = episode.bounds(record, scores, starts, as_of, ruleset)
    current = [c for c in found if _is_current(c.start, limits)]
    earlier = [c for c in found if not _is_current(c.start, limits)]
    return _Split(
        current=courses.assign_roles(_renumbered(current, "t"), ruleset),
        earlier=courses.assign_roles(_renumbered(earlier, "e"), ruleset),
        limits=limits,
    )


def _renumbered(found: Sequence[Course], prefix: str) -> list[Course]:
    return [c._replace(id=f"{prefix}{n}") for n, c in enumerate(found, start=1)]


def _is_current(start: PartialDate | None, limits: EpisodeBounds) -> bool:
    return start is None or limits.after is None or start.earliest > limits.after


def _also_begun(
    additions: Sequence[Augmentation], procedures: Sequence[Procedure]
) -> dict[str, list[tuple[date, date]]]:
    """When additions and courses of brain stimulation began, by the trial they follow."""
    begun: dict[str, list[tuple[date, date]]] = {}
    for trial, start in (
        *((a.with_, a.start) for a in additions),
        *(("", p.start) for p in procedures if p.modality in STIMULATION),
    ):
        if start is not None:
            begun.setdefault(trial, []).append((start.earliest, start.latest))
    return begun


def _trial(judgement: Judgement, ruleset: Ruleset) -> Trial:
    course = judgement.course
    return Trial(
        id=course.id,
        drug=course.drug.name,
        drug_class=course.drug.drug_class,
        role=course.role,
        start=course.start,
        end=course.end,
        end_basis=course.end_basis,
        ongoing=course.ongoing,
        max_daily_dose_mg=course.highest_dose,
        labelled_daily_dose_mg=course.highest_labelled_dose,
        min_adequate_dose_mg=course.floor,
        min_adequate_dose_source=course.floor_source,
        remarks=judgement.remarks,
        days=judgement.days,
        days_at_adequate_dose=judgement.adequate_days,
        adequate_run=judgement.run,
        dose_steps=tuple([_dose_step(part) for part in course.longest]),
        adherence=judgement.adherence.finding,
        proportion_of_days_covered=judgement.adherence.proportion,
        adequacy=Adequacy(
            dose=judgement.dose,
            duration=judgement.duration,
            adherence=judgement.adherence.verdict,
            overall=judgement.adequate,
        ),
        outcome=judgement.outcome,
        discontinuation=judgement.discontinuation,
        failed=judgement.failed(),
        failed_working=judgement.failed(assume_adherence=ruleset.assume_adherence),
        reasons=findings.reasons_of(judgement, ruleset),
        evidence=each_once([e for x in course.exposures for e in x.evidence]),
        asserted=judgement.asserted,
    )


def _dose_step(part: Segment) -> DoseStep:
    return DoseStep(
        first_date(part) if part.start > date.min else None,
        last_date(part),
        part.dose.high if part.dose is not None else None,
        dose_evidence(part),
    )


def _first_baseline(record: TreatmentRecord, judgements: Sequence[Judgement]) -> Score | None:
    """The score the first measured trial started from."""
    for judgement in judgements:
        scale, when = judgement.outcome.scale, judgement.outcome.baseline_date
        if when is not None:
            day = when.earliest
            found = [s for s in record.scores if s.date.earliest == day and s.scale == scale]
            return next((s for s in found if s.date == when), None)
    return None


def _assumptions(
    judgements: Sequence[Judgement],
    present: Episode | None,
    gates: stages.Gates,
    ruleset: Ruleset,
) -> tuple[str, ...]:
    found = []
    taken = [
        j.course.id
        for j in judgements
        if ruleset.assume_adherence
        and j.counts
        and j.adherence.verdict is Verdict.UNKNOWN
        and j.failed() is Answer.UNKNOWN
    ]
    if taken:
        found.append(f"undocumented adherence taken as adequate: {', '.join(taken)}")
    owned = [
        j.course.id
        for j in judgements
        if ruleset.assume_adherence
        and j.counts
        and j.own_endpoint is Verdict.UNKNOWN
        and j.failed() is Answer.UNKNOWN
    ]
    if owned:
        found.append(f"the last score taken as the trial's own: {', '.join(owned)}")
    if not gates.conditions_read_whole and not gates.blocked_by:
        found.append("no blocking diagnosis among the conditions that were not read")
    if present is not None and present.basis == episode.FIRST_EVIDENCE:
        found.append(f"episode taken to begin at its first evidence: {present.start}")
    return tuple(found)


def _diagnoses(record: TreatmentRecord) -> tuple[DiagnosisLine, ...]:
    return tuple(
        DiagnosisLine(
            category=d.category,
            label=d.label,
            code=d.code,
            verification=d.verification,
            evidence=d.evidence,
        )
        for d in sorted(record.diagnoses, key=lambda d: [str(e) for e in d.evidence])
    )


def _scores(scores: ScoreHistory) -> tuple[ScorePoint, ...]:
    ordered = scores.ordered
    if len(scores.by_scale) > 1:
        ordered = sorted(ordered, key=lambda s: (s.date.earliest, s.date.time, s.scale))
    known = scales()
    bands = [known[s.scale].band(s.value) if s.scale in known else None for s in ordered]
    return tuple(
        [
            ScorePoint._make((s.scale, s.value, s.date, band, s.evidence))
            for s, band in zip(ordered, bands, strict=True)
        ]
    )
