"""Agents added to an antidepressant, and antidepressants added below their floor."""

from collections.abc import Sequence
from datetime import date

from assistant.staging.courses import Course
from assistant.staging.dates import days_inclusive
from assistant.staging.record import (
    Evidence,
    Exposure,
    TreatmentRecord,
    Verification,
)
from assistant.staging.record_index import is_taken
from assistant.staging.report import Augmentation, ExcludedExposure
from assistant.staging.ruleset import Ruleset
from assistant.staging.tables import Agent, agents, thresholds
from assistant.staging.timeline import Reading, Segment, first_date, last_date, segments
from assistant.staging.verdicts import Verdict

_CONDITION_OF_INDICATION = {
    "hypothyroidism": ("hypothyroidism",),
}


def find(
    record: TreatmentRecord, courses: Sequence[Course], as_of: date, ruleset: Ruleset
) -> tuple[tuple[Augmentation, ...], tuple[ExcludedExposure, ...]]:
    """The augmentations beside ``courses``, and the agents set apart with their reason."""
    additions = [_low_dose_antidepressant(c) for c in courses if c.role == "augmentation"]
    apart: list[ExcludedExposure] = []
    by_agent: dict[str, list[Exposure]] = {}
    for exposure in record.exposures:
        if exposure.drug in agents() and is_taken(exposure):
            by_agent.setdefault(exposure.drug, []).append(exposure)
    trials = [c for c in courses if c.role != "augmentation" and not c.drug.is_course]
    for name, exposures in sorted(by_agent.items()):
        agent = agents()[name]
        if _hypnotic(agent, exposures):
            apart.append(
                ExcludedExposure(drug=name, reason="hypnotic dose", evidence=_evidence(exposures))
            )
            continue
        for era in _eras(segments(exposures, Reading.SHORTEST, as_of, ruleset), ruleset):
            beside = _beside(trials, era)
            if beside is not None:
                additions.append(_augmentation(record, agent, era, beside, as_of))
    additions.sort(key=lambda a: (a.start.earliest if a.start else date.max, a.drug))
    return tuple(additions), tuple(apart)


def _low_dose_antidepressant(course: Course) -> Augmentation:
    return Augmentation(
        drug=course.drug.name,
        with_=course.partner or "",
        start=course.start,
        end=course.end,
        adequate=Verdict.NOT_MET,
        counts=Verdict.NOT_MET,
        reasons=("an antidepressant below its minimum adequate dose beside another",),
        evidence=_evidence(course.exposures),
    )


def _augmentation(
    record: TreatmentRecord, agent: Agent, era: list[Segment], beside: Course, as_of: date
) -> Augmentation:
    exposures = [x for part in era for x in part.exposures]
    counts, why_counts = _counts(record, agent, exposures)
    adequate, why_adequate = _adequate(record, agent, era)
    ongoing = era[-1].latest.end is None and era[-1].end == as_of
    return Augmentation(
        drug=agent.name,
        with_=beside.id,
        start=first_date(era[0]),
        end=None if ongoing else last_date(era[-1]),
        adequate=adequate,
        counts=counts,
        reasons=tuple(filter(None, (why_adequate, why_counts))),
        evidence=_evidence(exposures),
    )


def _adequate(record: TreatmentRecord, agent: Agent, era: list[Segment]) -> tuple[Verdict, str]:
    first, last = era[0].start, era[-1].end
    if agent.min_days is not None and days_inclusive(first, last) < agent.min_days:
        return Verdict.NOT_MET, f"shorter than {agent.min_days} days"
    if agent.min_level is not None:
        levels = [
            lab.value
            for lab in record.labs
            if lab.test == agent.name
            and lab.value is not None
            and lab.date is not None
            and first <= lab.date.earliest <= last
        ]
        if not levels:
            return Verdict.UNKNOWN, "no serum level during the augmentation"
        highest = max(levels)
        reached = highest >= agent.min_level
        close = not reached and highest >= thresholds()["lithium_borderline"].value
        told = f"highest serum level {highest} mmol/L"
        return Verdict.of(reached), f"{told}, borderline" if close else told
    if agent.min_dose is None:
        return Verdict.UNKNOWN, "no minimum dose in the table"
    doses = [part.dose for part in era]
    if any(d is not None and d.low >= agent.min_dose for d in doses):
        return Verdict.MET, ""
    if any(d is None or d.high >= agent.min_dose for d in doses):
        return Verdict.UNKNOWN, "the dose is not recorded"
    return Verdict.NOT_MET, f"below {agent.min_dose} mg/day"


def _counts(
    record: TreatmentRecord, agent: Agent, exposures: Sequence[Exposure]
) -> tuple[Verdict, str]:
    """Whether the agent was given for depression, as far as the record tells."""
    stated = [x.indication for x in exposures if x.indication is not None]
    if any(i.depression for i in stated):
        return Verdict.MET, "given for depression"
    if stated:
        return Verdict.NOT_MET, f"given for {stated[0].label}"
    if agent.counts == "yes":
        return Verdict.MET, ""
    if agent.counts == "no":
        return Verdict.NOT_MET, "not counted without a documented depression indication"
    for indication in agent.other_indications:
        categories = _CONDITION_OF_INDICATION.get(indication)
        if categories is None:
            return Verdict.UNKNOWN, "another indication cannot be excluded"
        if any(
            d.category in categories and d.verification is Verification.CONFIRMED
            for d in record.diagnoses
        ):
            return Verdict.NOT_MET, f"{indication} is recorded, the usual indication"
    return Verdict.MET, ""


def _eras(parts: Sequence[Segment], ruleset: Ruleset) -> list[list[Segment]]:
    eras: list[list[Segment]] = []
    for part in parts:
        gap = days_inclusive(eras[-1][-1].end, part.start) - 2 if eras else None
        if gap is not None and gap <= ruleset.join_gap_days:
            eras[-1].append(part)
        else:
            eras.append([part])
    return eras


def _beside(trials: Sequence[Course], era: list[Segment]) -> Course | None:
    """The trial that ran when the agent was added, else the first it overlaps."""
    first, last = era[0].start, era[-1].end
    overlapping = [
        (inside, trial)
        for trial in trials
        if (inside := trial.shortest_span) is not None and inside[0] <= last and inside[1] >= first
    ]
    running = [trial for inside, trial in overlapping if inside[0] <= first]
    if running:
        return running[-1]
    return overlapping[0][1] if overlapping else None


def _hypnotic(agent: Agent, exposures: Sequence[Exposure]) -> bool:
    limit = agent.hypnotic_max
    return limit is not None and all(x.dose is not None and x.dose.high <= limit for x in exposures)


def _evidence(exposures: Sequence[Exposure]) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys(e for x in exposures for e in x.evidence))
