"""Every rule applied, in one sentence each: the proof behind the report."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import ROUND_DOWN, Decimal

from assistant.staging.courses import Course
from assistant.staging.dates import add_months
from assistant.staging.diagnosis import standing
from assistant.staging.judgement import Judgement
from assistant.staging.record import (
    Diagnosis,
    Evidence,
    Exposure,
    TreatmentRecord,
    each_once,
    evidence_for,
)
from assistant.staging.report import Biomarker, Episode, Finding, SafetyFlag
from assistant.staging.ruleset import Ruleset
from assistant.staging.tables import rules, scales, thresholds
from assistant.staging.timeline import Segment
from assistant.staging.verdicts import MET, NO, NOT_KNOWN, NOT_MET, Answer, Verdict

_VERDICTS = {
    Answer.YES: Verdict.MET,
    Answer.NO: Verdict.NOT_MET,
    Answer.UNKNOWN: Verdict.UNKNOWN,
}
_IN_WORDS = {
    Verdict.MET: "met",
    Verdict.NOT_MET: "not met",
    Verdict.UNKNOWN: "the record does not tell",
}
_HUNDREDTH = Decimal("0.01")
_FEW = 3
"""Entries of each criterion that a conclusion from several names; the criterion names all."""
_OUTCOME_WORDS = {
    "remission": "remission",
    "response": "response",
    "partial_response": "partial response",
    "non_response": "non-response",
    "unknown": "an unknown outcome",
}


def finding(
    rule: str,
    verdict: Verdict,
    statement: str,
    facts: Sequence[Evidence] = (),
    subject: str | None = None,
) -> Finding:
    """One finding with the sources of its rule."""
    sources = rules()[rule].sources
    return Finding._make((rule, verdict, statement, subject, each_once(facts), sources))


def about_trial(judgement: Judgement, reasons: Sequence[str], ruleset: Ruleset) -> list[Finding]:
    """Dose, duration, adherence, outcome and failure of one trial.

    Each rests on the entries that decide it; all that is known of a trial stands in
    the trial. A ruleset that takes a switch for a failure says nothing of adequacy.
    """
    subject, outcome = judgement.course.id, judgement.outcome
    criteria = _criteria(judgement, ruleset)
    found = [] if ruleset.proxy else _about_adequacy(judgement, criteria)
    if outcome.category != "unknown":
        found.append(
            finding(
                f"outcome.{outcome.category}",
                Verdict.MET,
                _outcome(judgement, ruleset),
                outcome.evidence,
                subject,
            )
        )
    failed = judgement.failed()
    deciding = [
        e for _, verdict, _, facts in criteria if _decides(verdict, failed) for e in facts[:_FEW]
    ]
    found.append(
        finding(
            "trial.failed",
            _VERDICTS[failed],
            _FAILED[failed].format(drug=judgement.course.drug.name, reasons="; ".join(reasons)),
            (*deciding, *one_a_resource(outcome.evidence)),
            subject,
        )
    )
    if judgement.discontinuation == "intolerance":
        stop = [
            e for x in judgement.course.exposures for e in evidence_for(x.evidence, "stop_reason")
        ]
        found.append(
            finding(
                "trial.intolerance",
                Verdict.MET,
                f"{judgement.course.drug.name} was stopped for adverse effects: "
                "intolerance is not failure.",
                stop,
                subject,
            )
        )
    return found


_FAILED = {
    Answer.YES: "{drug} counts as failed: {reasons}.",
    Answer.NO: "{drug} does not count as failed: {reasons}.",
    Answer.UNKNOWN: "Whether {drug} failed is open: {reasons}.",
}
_Criterion = tuple[str, Verdict, str, Sequence[Evidence]]


def _criteria(judgement: Judgement, ruleset: Ruleset) -> list[_Criterion]:
    """Dose, duration and adherence: rule, verdict, sentence and deciding entries."""
    taken = judgement.adherence
    return [
        ("adequacy.dose", judgement.dose, _dose(judgement), dosing(judgement.course)),
        (
            "adequacy.duration",
            judgement.duration,
            _duration(judgement, ruleset),
            _timing(judgement),
        ),
        (
            "adequacy.adherence",
            taken.verdict,
            _adherence(judgement, ruleset),
            taken.finding.evidence if taken.finding else (),
        ),
    ]


def _decides(verdict: Verdict, failed: Answer) -> bool:
    """Whether a criterion with this verdict decided the failure of its trial."""
    return failed is not NO or verdict is NOT_MET


def _about_adequacy(judgement: Judgement, criteria: Sequence[_Criterion]) -> list[Finding]:
    subject, overall = judgement.course.id, judgement.adequate
    found = [
        finding(rule, verdict, text, facts, subject) for rule, verdict, text, facts in criteria
    ]
    deciding = [c for c in criteria if c[1] is overall]
    names = _listed([rule.partition(".")[2] for rule, _, _, _ in deciding])
    statement = _OVERALL[overall].format(drug=judgement.course.drug.name, criteria=names)
    facts = [e for _, _, _, evidence in deciding for e in evidence[:_FEW]]
    found.append(finding("adequacy.overall", overall, statement, facts, subject))
    return found


_OVERALL = {
    Verdict.MET: "{drug} was an adequate trial: {criteria} are met.",
    Verdict.NOT_MET: "{drug} was no adequate trial: not met: {criteria}.",
    Verdict.UNKNOWN: "Whether {drug} was an adequate trial is open: not known: {criteria}.",
}


def dosing(course: Course) -> list[Evidence]:
    """The entries that give a course's drug and its highest dose."""
    highest = course.highest_dose
    for part in course.longest:
        if part.dose is not None and part.dose.high == highest:
            return _of(_strengths(part), "drug", "dose")
    return _of(course.exposures[:1], "drug", "dose")


def _strengths(part: Segment) -> list[Exposure]:
    """The entry that states the dose of a segment, else one for each strength that makes it up."""
    alone = [x for x in part.exposures if x.dose == part.dose]
    if alone:
        return alone[:1]
    return list({x.dose: x for x in reversed(part.exposures) if x.dose is not None}.values())[::-1]


def _timing(judgement: Judgement) -> list[Evidence]:
    """The entries that begin and end the adequate run, else the course."""
    course = judgement.course
    exposures = course.exposures
    first, last = exposures[:1], exposures[-1:]
    if course.longest:
        begins, ends = course.longest[0], course.longest[-1]
        first, last = begins.exposures[:1], (ends.latest,)
    return [*_of(first, "start"), *_of(last, "end", "status")]


def one_a_resource(facts: Iterable[Evidence]) -> list[Evidence]:
    """The first element named of each resource: the total of a form, not its items."""
    first: dict[str, Evidence] = {}
    for fact in facts:
        first.setdefault(fact.reference, fact)
    return list(first.values())


def _of(exposures: Iterable[Exposure], *attributes: str) -> list[Evidence]:
    return [e for x in exposures for e in x.evidence if e.attribute in attributes]


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


def about_population(record: TreatmentRecord, as_of: date) -> list[Finding]:
    """Signs that the patient is outside the population the source text is about."""
    found = []
    born, adult = record.patient.birth_date, int(thresholds()["adult_age"].value)
    if born is not None and as_of < add_months(born.latest, 12 * adult):
        certain = as_of < add_months(born.earliest, 12 * adult)
        found.append(
            finding(
                "population.age",
                Verdict.MET if certain else Verdict.UNKNOWN,
                f"The patient is younger than {adult} years on the staging date, or may be; the "
                "source text is about adults: have the stage reviewed.",
                record.patient.evidence,
            )
        )
    pregnant = [d for d in standing(record.diagnoses) if d.category == "pregnancy"]
    if pregnant:
        found.append(
            finding(
                "population.pregnancy",
                Verdict.MET,
                f"{pregnant[0].label} is recorded; pregnancy and the time after birth are outside "
                "the source text's population: have the stage reviewed.",
                [e for d in pregnant for e in d.evidence],
            )
        )
    return found


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
    too_short = _too_short(ruleset)
    no: list[str] = []
    unknown: list[str] = []
    for verdict, missed, missing in (
        (judgement.dose, "the dose stayed below the minimum", "the dose is not known"),
        (judgement.duration, too_short, "the duration is not known"),
        (
            judgement.adherence.verdict,
            "it was not taken as prescribed",
            "adherence is not recorded",
        ),
        (
            judgement.short_of_response if judgement.own_endpoint is MET else NOT_KNOWN,
            f"{_shows('it', judgement)} {_OUTCOME_WORDS[judgement.outcome.category]}",
            _no_outcome(judgement, ruleset),
        ),
        (judgement.for_depression, "it was not given for depression", "the indication is another"),
        (judgement.apart, "", f"whether {judgement.course.partner} had failed before is not known"),
    ):
        if verdict is NOT_MET:
            no.append(missed)
        elif verdict is NOT_KNOWN:
            unknown.append(missing)
    if judgement.dose is NOT_MET and len(no) > 1:
        no = [reason for reason in no if reason != too_short]
    if judgement.discontinuation == "intolerance" and no:
        no.append("it was stopped for adverse effects: intolerance, not failure")
    if no:
        return tuple(no)
    if unknown:
        return tuple(unknown)
    return (
        f"{_shows(f'an {word}trial that', judgement)} {_OUTCOME_WORDS[judgement.outcome.category]}"
        if word
        else "followed by another treatment: a failure by proxy",
    )


def _shows(subject: str, judgement: Judgement) -> str:
    if not judgement.course.ongoing:
        return f"{subject} ended in"
    return "so far it shows" if subject == "it" else f"{subject} so far shows"


def _no_outcome(judgement: Judgement, ruleset: Ruleset) -> str:
    if ruleset.proxy and judgement.short_of_response is NOT_KNOWN:
        return "no later treatment is recorded"
    if not ruleset.proxy and judgement.outcome.category == "unknown":
        return "no score shows the outcome"
    if judgement.own_endpoint is not MET:
        return "the outcome may be shared with a drug whose dates are not known"
    taken = "was taken" if "early_endpoint" in judgement.remarks else "may have been taken"
    return f"the last score {taken} before the minimum duration was reached"


def _too_short(ruleset: Ruleset) -> str:
    return f"it did not reach {ruleset.min_days} days" + (
        "" if ruleset.proxy else " at an adequate dose"
    )


def _dose(judgement: Judgement) -> str:
    drug, floor = judgement.course.drug.name, judgement.course.floor
    highest = judgement.course.highest_dose
    reached = "no dose can be read" if highest is None else f"up to {mg(highest)}"
    if judgement.course.drug.is_course:
        reached += "; a course treatment is judged by no daily dose"
        return f"{drug}: {reached}: {_IN_WORDS[judgement.dose]}."
    if floor is None:
        return f"{drug}: {reached}; no table gives its minimum adequate dose."
    return (
        f"{drug}: {reached}; an adequate trial needs at least {mg(floor)}: "
        f"{_IN_WORDS[judgement.dose]}."
    )


def _duration(judgement: Judgement, ruleset: Ruleset) -> str:
    course = judgement.course
    low, high = judgement.days if course.drug.is_course else judgement.adequate_days
    days = f"{low}" if low == high else f"{low} or more" if high is None else f"{low} to {high}"
    if course.drug.is_course:
        return (
            f"{course.drug.name}: {days} days of treatment; its course needs "
            f"{ruleset.course_min_days}: {_IN_WORDS[judgement.duration]}."
        )
    return (
        f"{course.drug.name}: {days} days in one run at or above the minimum dose; "
        f"an adequate trial needs {ruleset.min_days}: {_IN_WORDS[judgement.duration]}."
    )


def _adherence(judgement: Judgement, ruleset: Ruleset) -> str:
    taken = judgement.adherence
    found = taken.reason
    if taken.finding is not None and taken.finding.value is not None:
        found = f"{percent(taken.finding.value)} ({taken.finding.basis})"
    return (
        f"{judgement.course.drug.name}: {found}; an adequate trial needs "
        f"{percent(ruleset.min_adherence)} of the doses: {_IN_WORDS[taken.verdict]}."
    )


def _outcome(judgement: Judgement, ruleset: Ruleset) -> str:
    outcome = judgement.outcome
    drug, words = judgement.course.drug.name, _OUTCOME_WORDS[outcome.category]
    if outcome.asserted or outcome.endpoint is None:
        return f"{drug}: {words}, as asserted."
    scores = f"{outcome.scale} {outcome.endpoint}"
    if outcome.baseline is not None:
        scores = f"{outcome.scale} {outcome.baseline} to {outcome.endpoint}"
    if outcome.percent_reduction is not None:
        word = "a reduction" if outcome.percent_reduction >= 0 else "a rise"
        scores += f", {word} of {abs(outcome.percent_reduction):.1f} %"
    return f"{drug}: {scores}; {_cut(judgement, ruleset)}: {words}."


def _cut(judgement: Judgement, ruleset: Ruleset) -> str:
    """The threshold an outcome was compared with."""
    name, scale = judgement.outcome.category, judgement.outcome.scale
    if name == "remission" and scale is not None:
        return f"remission is {scale} {scales()[scale].remission_max} or less"
    if name == "response":
        return f"a response is {_number(ruleset.response_percent)} % or more"
    part = _number(ruleset.partial_percent)
    if name == "partial_response":
        half = _number(ruleset.response_percent)
        return f"a partial response is {part} % up to less than {half} %"
    return f"a partial response begins at {part} %"


def mg(value: Decimal) -> str:
    """A daily dose in words, cut to a hundredth so that it never looks like its floor."""
    return f"{_number(value.quantize(_HUNDREDTH, rounding=ROUND_DOWN))} mg/day"


def percent(share: Decimal) -> str:
    """A share in percent, cut to one decimal so that it never looks like the next threshold."""
    return f"{_number((share * 100).quantize(_TENTH, rounding=ROUND_DOWN))} %"


_TENTH = Decimal("0.1")


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
