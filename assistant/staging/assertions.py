"""Facts the clinician vouches for, laid over the courses they are about.

They are kept apart from the record: everything that rests on one says so.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from assistant.staging.adherence import Adherence
from assistant.staging.courses import Course, assemble, assign_roles
from assistant.staging.dates import PartialDate
from assistant.staging.doses import Dose
from assistant.staging.judgement import Judgement
from assistant.staging.methods.maudsley import severity_points
from assistant.staging.outcome import Measured
from assistant.staging.record import (
    Assertion,
    Diagnosis,
    EndBasis,
    Evidence,
    Exposure,
    ExposureSource,
    Indication,
    Issue,
    Score,
    StopReason,
    TreatmentRecord,
)
from assistant.staging.report import AdherenceFinding, Outcome, Procedure
from assistant.staging.ruleset import Ruleset
from assistant.staging.stages import PointRange, Severity
from assistant.staging.tables import scales
from assistant.staging.verdicts import Answer, Verdict

FACTS = (
    "adherence",
    "dose",
    "start",
    "end",
    "outcome",
    "score",
    "stop_reason",
    "indication",
    "diagnosis",
    "onset",
    "severity",
    "laterality",
)
_CATEGORIES = ("remission", "response", "partial_response", "non_response")
_ABOUT_THE_RECORD = frozenset({"diagnosis", "onset", "severity"})
_DIAGNOSES = {"unipolar": "depression", "bipolar": "bipolar", "psychotic": "psychotic_disorder"}
_LEVELS = ("subsyndromal", "mild", "moderate", "severe", "severe_with_psychosis")


class UnusableAssertionError(ValueError):
    """An asserted fact cannot be used; says what came, what was expected and where."""


def check(assertions: Sequence[Assertion]) -> None:
    """Refuse assertions that name an unknown fact or an impossible value.

    Raises:
        UnusableAssertionError: the first one that cannot be used.
    """
    for position, assertion in enumerate(assertions):
        if assertion.fact not in FACTS:
            raise UnusableAssertionError(
                f"asserted fact {position + 1}: unknown fact; use one of {', '.join(FACTS)}"
            )
        try:
            _VALUES[assertion.fact](assertion.value)
        except (ValueError, TypeError, KeyError, InvalidOperation) as error:
            raise UnusableAssertionError(
                f"asserted fact {position + 1} ({assertion.fact}): {error}"
            ) from error


def evidence_of(assertion: Assertion) -> tuple[Evidence, ...]:
    """The evidence entry that stands for an assertion."""
    subject = assertion.trial or assertion.drug or assertion.procedure or "record"
    return (Evidence(reference=f"asserted/{subject}", element=assertion.fact),)


def over_record(record: TreatmentRecord, assertions: Sequence[Assertion]) -> TreatmentRecord:
    """The record with asserted scores, diagnoses and onset added."""
    if not assertions:
        return record
    scores, diagnoses = list(record.scores), list(record.diagnoses)
    for assertion in assertions:
        evidence = evidence_of(assertion)
        if assertion.fact == "score" or (
            assertion.fact == "outcome" and isinstance(assertion.value, dict)
        ):
            value = _score(assertion.value)
            scores.append(replace(value, evidence=evidence))
        elif assertion.fact == "diagnosis":
            name = _DIAGNOSES[str(assertion.value)]
            diagnoses.append(
                Diagnosis(
                    category=name,
                    label=f"asserted: {assertion.value}",
                    active=True,
                    evidence=evidence,
                )
            )
        elif assertion.fact == "onset":
            onset = PartialDate.parse(str(assertion.value))
            diagnoses = [
                replace(d, onset=None) if d.category == "depression" else d for d in diagnoses
            ]
            diagnoses.append(
                Diagnosis(
                    category="depression",
                    label="asserted onset",
                    active=True,
                    onset=onset,
                    evidence=evidence,
                )
            )
    return replace(record, scores=tuple(scores), diagnoses=tuple(diagnoses))


def over_courses(
    courses: Sequence[Course], assertions: Sequence[Assertion], as_of: date, ruleset: Ruleset
) -> tuple[Course, ...]:
    """The courses with asserted doses, dates, indications and stop reasons.

    What overlaps may change with them, so the roles are told again.
    """
    if not any(a.fact in _CHANGES for a in assertions):
        return tuple(courses)
    changed = []
    for course in courses:
        about = [a for a in assertions if _is_about(a, course)]
        changed.append(_changed(course, about, as_of, ruleset))
    return assign_roles(changed, ruleset)


def over_judgements(
    judgements: Sequence[Judgement], assertions: Sequence[Assertion], ruleset: Ruleset
) -> tuple[Judgement, ...]:
    """The judgements with asserted adherence and outcome categories."""
    if not assertions:
        return tuple(judgements)
    return tuple(
        _rejudged(j, [a for a in assertions if _is_about(a, j.course)], ruleset) for j in judgements
    )


def over_severity(severity: Severity, assertions: Sequence[Assertion]) -> Severity:
    """The severity the clinician vouches for, in place of the last score's."""
    for assertion in assertions:
        if assertion.fact == "severity":
            points = severity_points(str(assertion.value))
            severity = replace(
                severity,
                points=PointRange(points, points, points),
                basis="assertion of the clinician",
                evidence=evidence_of(assertion),
            )
    return severity


def over_procedures(
    procedures: Sequence[Procedure], assertions: Sequence[Assertion], ruleset: Ruleset
) -> tuple[Procedure, ...]:
    """The procedures with asserted laterality and outcome."""
    changed = list(procedures)
    for assertion in assertions:
        for index, procedure in enumerate(changed):
            if assertion.procedure is not None and assertion.procedure != procedure.id:
                continue
            if assertion.fact == "laterality" and procedure.modality == "ECT":
                changed[index] = replace(procedure, laterality=str(assertion.value))
            elif assertion.fact == "outcome" and assertion.procedure == procedure.id:
                short = _is_short_of_response(str(assertion.value), ruleset)
                changed[index] = replace(
                    procedure,
                    outcome=Outcome(category=str(assertion.value), asserted=True),
                    failed=Answer.YES if short else Answer.NO,
                )
    return tuple(changed)


def unused(
    courses: Sequence[Course], procedures: Sequence[Procedure], assertions: Sequence[Assertion]
) -> list[Issue]:
    """Assertions about a trial or a procedure that the current episode does not have."""
    found = []
    for assertion in assertions:
        kind = "procedure" if assertion.procedure or assertion.fact == "laterality" else "trial"
        if assertion.fact in _ABOUT_THE_RECORD or isinstance(assertion.value, dict):
            continue
        if kind == "trial" and any(_is_about(assertion, c) for c in courses):
            continue
        if kind == "procedure" and any(assertion.procedure in (None, p.id) for p in procedures):
            continue
        found.append(
            Issue(
                severity="warning",
                resource="asserted",
                path=assertion.fact,
                problem=f"an asserted fact ({assertion.fact}) is about no {kind} of this "
                "record: not used",
            )
        )
    return found


def _is_about(assertion: Assertion, course: Course) -> bool:
    if assertion.trial is not None:
        return assertion.trial == course.id
    return assertion.drug is not None and assertion.drug.lower() == course.drug.name.lower()


def _changed(course: Course, about: Sequence[Assertion], as_of: date, ruleset: Ruleset) -> Course:
    exposures = list(course.exposures)
    facts: list[str] = []
    for assertion in about:
        change = _CHANGES.get(assertion.fact)
        if change is None:
            continue
        facts.append(assertion.fact)
        exposures = change(exposures, assertion)
    if not facts:
        return course
    rebuilt = assemble(course.drug, exposures, as_of, ruleset)
    return rebuilt._replace(id=course.id, asserted=tuple(dict.fromkeys(facts)))


def _with_dose(exposures: list[Exposure], assertion: Assertion) -> list[Exposure]:
    dose, evidence = Dose.exactly(_number(assertion.value)), evidence_of(assertion)
    return [replace(x, dose=dose, evidence=x.evidence + evidence) for x in exposures]


def _with_start(exposures: list[Exposure], assertion: Assertion) -> list[Exposure]:
    """Move the start of the first step; steps that ended before it are left out."""
    start, evidence = PartialDate.parse(str(assertion.value)), evidence_of(assertion)
    kept = [x for x in exposures if x.end is None or x.end.latest >= start.earliest]
    kept = kept or exposures[-1:]

    def begins(exposure: Exposure) -> date:
        return exposure.start.earliest if exposure.start is not None else date.min

    return [
        replace(x, start=start, evidence=x.evidence + evidence)
        if begins(x) <= max(start.earliest, min(begins(y) for y in kept if y.source is x.source))
        and _tells_dates(x, kept)
        else x
        for x in kept
    ]


def _with_end(exposures: list[Exposure], assertion: Assertion) -> list[Exposure]:
    """Move the end of the last step; steps that began after it are left out."""
    end, evidence = PartialDate.parse(str(assertion.value)), evidence_of(assertion)
    kept = [x for x in exposures if x.start is None or x.start.earliest <= end.latest]
    kept = kept or exposures[:1]

    def ends(exposure: Exposure) -> date:
        return exposure.end.latest if exposure.end is not None else date.max

    return [
        replace(x, end=end, end_basis=EndBasis.STATED, evidence=x.evidence + evidence)
        if ends(x) >= min(end.latest, max(ends(y) for y in kept if y.source is x.source))
        and _tells_dates(x, kept)
        else x
        for x in kept
    ]


def _tells_dates(exposure: Exposure, beside: Sequence[Exposure]) -> bool:
    """Whether an entry gives the course its dates: a supply does where nothing else does."""
    return exposure.source is not ExposureSource.DISPENSE or all(
        x.source is ExposureSource.DISPENSE for x in beside
    )


def _with_indication(exposures: list[Exposure], assertion: Assertion) -> list[Exposure]:
    label = str(assertion.value)
    given = Indication(depression=label == "depression", label=label)
    return [replace(x, indication=given) for x in exposures]


def _with_stop_reason(exposures: list[Exposure], assertion: Assertion) -> list[Exposure]:
    return [replace(x, stop_reason=StopReason(str(assertion.value))) for x in exposures]


_CHANGES = {
    "dose": _with_dose,
    "start": _with_start,
    "end": _with_end,
    "indication": _with_indication,
    "stop_reason": _with_stop_reason,
}


def _rejudged(judgement: Judgement, about: Sequence[Assertion], ruleset: Ruleset) -> Judgement:
    asserted = list(judgement.asserted)
    for assertion in about:
        if assertion.fact == "adherence":
            judgement = replace(judgement, adherence=_adherence(assertion, ruleset))
        elif assertion.fact == "outcome" and assertion.value in _CATEGORIES:
            judgement = _with_outcome(judgement, str(assertion.value), ruleset)
        elif assertion.fact != "outcome":
            continue
        asserted.append(assertion.fact)
    return replace(judgement, asserted=tuple(dict.fromkeys(asserted)))


def _adherence(assertion: Assertion, ruleset: Ruleset) -> Adherence:
    value = assertion.value
    if value in ("met", "not_met"):
        verdict, share = Verdict(str(value)), None
    else:
        share = _number(value)
        verdict = Verdict.of(share >= ruleset.min_adherence)
    basis = f"asserted by {assertion.author or 'the clinician'}"
    finding = AdherenceFinding(
        value=share, basis=basis, evidence=evidence_of(assertion), asserted=True
    )
    return Adherence(verdict=verdict, finding=finding, proportion=None, reason=basis)


def _with_outcome(judgement: Judgement, name: str, ruleset: Ruleset) -> Judgement:
    outcome = Outcome(
        category=name,
        scale=judgement.outcome.scale,
        baseline=judgement.outcome.baseline,
        baseline_date=judgement.outcome.baseline_date,
        evidence=judgement.outcome.evidence,
        asserted=True,
    )
    return replace(
        judgement,
        measured=Measured(outcome=outcome, remarks=(), endpoint_day=None),
        short_of_response=Verdict.of(_is_short_of_response(name, ruleset)),
        may_share=(),
    )


def _is_short_of_response(category: str, ruleset: Ruleset) -> bool:
    if category == "partial_response":
        return ruleset.failure_below_percent > ruleset.partial_percent
    return category == "non_response"


def _score(value: Any) -> Score:
    if not isinstance(value, dict):
        raise TypeError('expected {"scale", "score", "date"}')
    scale = scales().get(str(value.get("scale")))
    if scale is None:
        raise ValueError(f"unknown scale; use one of {', '.join(scales())}")
    total = _number(value.get("score"))
    if not scale.minimum <= total <= scale.maximum:
        raise ValueError(f"{scale.name} lies between {scale.minimum} and {scale.maximum}")
    return Score(scale=scale.name, value=total, date=PartialDate.parse(str(value.get("date"))))


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise TypeError("expected a number")
    number = Decimal(str(value))
    if not number.is_finite() or number < 0:
        raise ValueError("expected a number of 0 or more")
    return number


def _share(value: Any) -> object:
    if value in ("met", "not_met"):
        return value
    number = _number(value)
    if number > 1:
        raise ValueError("adherence is a share from 0 to 1, or met or not_met")
    return number


def _outcome(value: Any) -> object:
    return value if value in _CATEGORIES else _score(value)


def _one_of(*allowed: str) -> Any:
    def accept(value: Any) -> str:
        if value not in allowed:
            raise ValueError(f"use one of {', '.join(allowed)}")
        return str(value)

    return accept


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise TypeError("expected text")
    return value


_VALUES: dict[str, Any] = {
    "adherence": _share,
    "dose": _number,
    "start": lambda value: PartialDate.parse(_text(value)),
    "end": lambda value: PartialDate.parse(_text(value)),
    "onset": lambda value: PartialDate.parse(_text(value)),
    "outcome": _outcome,
    "score": _score,
    "stop_reason": _one_of(*(r.value for r in StopReason)),
    "indication": _text,
    "diagnosis": _one_of(*_DIAGNOSES),
    "severity": _one_of(*_LEVELS),
    "laterality": _one_of("bilateral", "unilateral"),
}
