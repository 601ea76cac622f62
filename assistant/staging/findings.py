"""Every rule applied, in one sentence each: the proof behind the report."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from assistant.staging.judgement import Judgement
from assistant.staging.record import Diagnosis, Evidence, evidence_for
from assistant.staging.report import (
    Biomarker,
    Bounds,
    Episode,
    Finding,
    SafetyFlag,
    Staging,
)
from assistant.staging.ruleset import Ruleset
from assistant.staging.stages import Severity
from assistant.staging.tables import rules
from assistant.staging.verdicts import Answer, Verdict

_VERDICTS = {
    Answer.YES: Verdict.MET,
    Answer.NO: Verdict.NOT_MET,
    Answer.UNKNOWN: Verdict.UNKNOWN,
}
_OUTCOMES = ("remission", "response", "partial_response", "non_response")


def finding(
    rule: str,
    verdict: Verdict,
    statement: str,
    facts: Sequence[Evidence] = (),
    subject: str | None = None,
) -> Finding:
    """One finding with the sources of its rule."""
    return Finding(
        rule=rule,
        verdict=verdict,
        statement=statement,
        subject=subject,
        facts=tuple(dict.fromkeys(facts)),
        sources=rules()[rule].sources,
    )


def about_trial(judgement: Judgement, ruleset: Ruleset) -> list[Finding]:
    """Dose, duration, adherence, outcome and failure of one trial.

    A ruleset that takes a switch for a failure says nothing of adequacy.
    """
    course = judgement.course
    drug, subject, exposures = course.drug.name, course.id, course.exposures
    dosing = [e for x in exposures for e in evidence_for(x.evidence, "dose", "drug")]
    timing = [e for x in exposures for e in evidence_for(x.evidence, "start", "end", "status")]
    found = [] if ruleset.proxy else _about_adequacy(judgement, ruleset, dosing, timing)
    outcome = judgement.outcome
    if outcome.category in _OUTCOMES:
        found.append(
            finding(
                f"outcome.{outcome.category}",
                Verdict.MET,
                _outcome(judgement),
                outcome.evidence,
                subject,
            )
        )
    failed = judgement.failed()
    reasons = "; ".join(reasons_of(judgement, ruleset))
    found.append(
        finding(
            "trial.failed",
            _VERDICTS[failed],
            f"{drug}: {reasons}.",
            (*timing, *dosing, *outcome.evidence),
            subject,
        )
    )
    if judgement.discontinuation == "intolerance":
        stop = [e for x in exposures for e in evidence_for(x.evidence, "stop_reason")]
        found.append(
            finding(
                "trial.intolerance",
                Verdict.MET,
                f"{drug} was stopped for adverse effects.",
                stop,
                subject,
            )
        )
    return found


def _about_adequacy(
    judgement: Judgement,
    ruleset: Ruleset,
    dosing: Sequence[Evidence],
    timing: Sequence[Evidence],
) -> list[Finding]:
    drug, subject = judgement.course.drug.name, judgement.course.id
    taken = judgement.adherence
    adherence = f"{drug}: {_adherence(judgement, ruleset)}."
    taking = taken.finding.evidence if taken.finding else ()
    overall = f"{drug}: {_OVERALL[judgement.adequate]}."
    period = (*timing, *dosing)
    criteria: list[tuple[str, Verdict, str, Sequence[Evidence]]] = [
        ("adequacy.dose", judgement.dose, _dose(judgement, ruleset), dosing),
        ("adequacy.duration", judgement.duration, _duration(judgement, ruleset), period),
        ("adequacy.adherence", taken.verdict, adherence, taking),
        ("adequacy.overall", judgement.adequate, overall, period),
    ]
    return [finding(rule, verdict, text, facts, subject) for rule, verdict, text, facts in criteria]


def about_episode(episode: Episode | None, ruleset: Ruleset) -> list[Finding]:
    """Whether depression is documented, and whether the episode is persistent."""
    if episode is None:
        statement = "No code, indication or score of the record documents depression."
        return [finding("diagnosis.depression", Verdict.UNKNOWN, statement)]
    months = episode.duration_months
    lasted = f"{months.low}" if months.low == months.high else f"{months.low} or more"
    if months.high is not None and months.high != months.low:
        lasted = f"{months.low} to {months.high}"
    return [
        finding(
            "diagnosis.depression",
            Verdict.MET,
            "Depression is documented.",
            episode.evidence,
        ),
        finding(
            "chronicity.persistent",
            episode.persistent,
            f"The episode has lasted {lasted} months; persistent depressive disorder "
            f"needs {ruleset.persistent_months}.",
            episode.evidence,
        ),
    ]


def about_blocks(blocks: Mapping[str, Sequence[Diagnosis]]) -> list[Finding]:
    """The diagnoses that rule out unipolar resistance."""
    return [
        finding(
            rule,
            Verdict.MET,
            f"{hits[0].label} is recorded: no stage of unipolar resistance is given.",
            [e for d in hits for e in d.evidence],
        )
        for rule, hits in blocks.items()
    ]


def about_stages(
    staging: Staging, judgements: Sequence[Judgement], severity: Severity
) -> list[Finding]:
    """One finding a method, resting on the trials that failed or may have."""
    facts = [
        e
        for j in judgements
        if j.failed(assume_adherence=True) is not Answer.NO
        for x in j.course.exposures
        for e in evidence_for(x.evidence, "drug", "dose")
    ]
    listed: list[tuple[str, Verdict, str, Sequence[Evidence]]] = [
        (
            "trd.definition",
            _trd(staging.trd),
            f"TRD: {_words(staging.trd)}.",
            facts,
        ),
        (
            "trd.without_class_rule",
            _trd(staging.trd_without_class_rule),
            f"TRD without the class rule: {_words(staging.trd_without_class_rule)}.",
            facts,
        ),
        (
            "source_stage.I",
            _reached(staging.source_stage, ("I", "II")),
            f"Stage by the source text: {_words(staging.source_stage)}.",
            facts,
        ),
        (
            "source_stage.II",
            _reached(staging.source_stage, ("II",)),
            f"Stage by the source text: {_words(staging.source_stage)}.",
            facts,
        ),
        (
            "thase_rush.stage",
            _known(staging.thase_rush),
            f"Thase-Rush: {_words(staging.thase_rush)}.",
            facts,
        ),
        (
            "maudsley.total",
            _known(staging.maudsley),
            f"Maudsley: {_words(staging.maudsley)}"
            + (f", {staging.maudsley.band}" if staging.maudsley.band else "")
            + f"; severity by {severity.basis}.",
            (*facts, *severity.evidence),
        ),
        ("gsrd.category", _known(staging.gsrd), f"GSRD: {_words(staging.gsrd)}.", facts),
        (
            "european.stage",
            _known(staging.european),
            f"European staging: {_words(staging.european)}.",
            facts,
        ),
        ("mgh_s.points", _known(staging.mgh_s), f"MGH-S: {_words(staging.mgh_s)}.", facts),
    ]
    return [finding(rule, verdict, text, evidence) for rule, verdict, text, evidence in listed]


def about_signs(safety: Sequence[SafetyFlag], biomarkers: Sequence[Biomarker]) -> list[Finding]:
    """Suicidality and the markers of mechanism."""
    found = [
        finding("safety.suicidality", Verdict.MET, f"{flag.detail}.", flag.evidence)
        for flag in safety
    ]
    for marker in biomarkers:
        rule = {"hs-CRP": "biomarker.hs_crp", "DST": "biomarker.dst"}.get(
            marker.marker, "pseudo.drug_exposure"
        )
        statement = f"{marker.marker} {marker.value} {marker.unit}: {marker.reading}."
        found.append(finding(rule, Verdict.MET, statement, marker.evidence))
    return found


def reasons_of(judgement: Judgement, ruleset: Ruleset) -> tuple[str, ...]:
    """Why a trial counts, does not count, or cannot be judged; plain words."""
    if judgement.course.drug.is_course:
        return ("a course treatment, recorded but not counted in any stage",)
    if not judgement.counts:
        return (f"counted together with {judgement.course.partner}, as one combination",)
    word = "" if ruleset.proxy else "adequate "
    no: list[str] = []
    unknown: list[str] = []
    for verdict, missed, missing in (
        (judgement.dose, "the dose stayed below the minimum", "the dose is not known"),
        (judgement.duration, _too_short(ruleset), "the duration is not known"),
        (
            judgement.adherence.verdict,
            "it was not taken as prescribed",
            "adherence is not recorded",
        ),
        (
            judgement.short_of_response,
            f"it ended in {judgement.outcome.category.replace('_', ' ')}",
            _no_outcome(judgement),
        ),
        (judgement.for_depression, "it was not given for depression", "the indication is another"),
        (judgement.apart, "", f"whether {judgement.course.partner} had failed before is not known"),
    ):
        if verdict is Verdict.NOT_MET:
            no.append(missed)
        elif verdict is Verdict.UNKNOWN:
            unknown.append(missing)
    if judgement.dose is Verdict.NOT_MET and len(no) > 1:
        no = [reason for reason in no if reason != _too_short(ruleset)]
    if judgement.discontinuation == "intolerance" and no:
        no.append("it was stopped for adverse effects: intolerance, not failure")
    if no:
        return tuple(no)
    if unknown:
        return tuple(unknown)
    return (
        f"an {word}trial that ended in {judgement.outcome.category.replace('_', ' ')}"
        if word
        else "followed by another antidepressant: a failure by proxy",
    )


def _no_outcome(judgement: Judgement) -> str:
    if judgement.outcome.category == "unknown":
        return "no score shows the outcome"
    return "the last score was taken before the minimum duration was reached"


def _too_short(ruleset: Ruleset) -> str:
    return f"it did not reach {ruleset.min_days} days" + (
        "" if ruleset.proxy else " at an adequate dose"
    )


_OVERALL = {
    Verdict.MET: "dose, duration and adherence are adequate",
    Verdict.NOT_MET: "not an adequate trial",
    Verdict.UNKNOWN: "adequacy cannot be told from the record",
}


def _dose(judgement: Judgement, ruleset: Ruleset) -> str:
    course = judgement.course
    floor, highest = course.floor(ruleset), course.highest_dose
    if floor is None:
        return f"{course.drug.name}: the table has no minimum dose."
    reached = f"up to {_mg(highest)}" if highest is not None else "no readable dose"
    return f"{course.drug.name}: {reached}; the minimum adequate dose is {_mg(floor)}."


def _duration(judgement: Judgement, ruleset: Ruleset) -> str:
    low, high = judgement.adequate_days
    days = f"{low}" if low == high else f"{low} or more" if high is None else f"{low} to {high}"
    return (
        f"{judgement.course.drug.name}: {days} days at or above the minimum dose; "
        f"{ruleset.min_days} are needed."
    )


def _adherence(judgement: Judgement, ruleset: Ruleset) -> str:
    taken = judgement.adherence
    if taken.finding is None or taken.finding.value is None:
        return taken.reason
    return (
        f"{_percent(taken.finding.value)} of days covered ({taken.finding.basis}); "
        f"{_percent(ruleset.min_adherence)} are needed"
    )


def _outcome(judgement: Judgement) -> str:
    outcome = judgement.outcome
    drug, words = judgement.course.drug.name, outcome.category.replace("_", " ")
    if outcome.asserted or outcome.endpoint is None:
        return f"{drug}: {words}, as asserted."
    scores = f"{outcome.scale} {outcome.endpoint}"
    if outcome.baseline is not None:
        scores = f"{outcome.scale} {outcome.baseline} to {outcome.endpoint}"
    if outcome.percent_reduction is None:
        return f"{drug}: {scores}, {words}."
    return f"{drug}: {scores}, a reduction of {outcome.percent_reduction:.1f} %: {words}."


def _mg(value: Decimal) -> str:
    return f"{value.normalize():f} mg/day"


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():.4g} %"


def _known(bounds: object) -> Verdict:
    low, high = getattr(bounds, "at_least", None), getattr(bounds, "at_most", None)
    return Verdict.MET if low is not None and low == high else Verdict.UNKNOWN


def _trd(bounds: Bounds[Answer | None]) -> Verdict:
    if bounds.at_least is Answer.YES:
        return Verdict.MET
    return Verdict.NOT_MET if bounds.at_most is Answer.NO else Verdict.UNKNOWN


def _reached(bounds: Bounds[str | None], stages: tuple[str, ...]) -> Verdict:
    if bounds.at_least in stages:
        return Verdict.MET
    if bounds.at_most is not None and bounds.at_most not in stages:
        return Verdict.NOT_MET
    return Verdict.UNKNOWN


def _words(bounds: object) -> str:
    values = [getattr(bounds, name) for name in ("at_least", "working", "at_most")]
    shown = ["not given" if v is None else str(v) for v in values]
    if len(set(shown)) == 1:
        return shown[0]
    return f"at least {shown[0]}, working {shown[1]}, at most {shown[2]}"
