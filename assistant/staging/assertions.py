"""Facts the clinician vouches for, laid over the courses they are about.

They are kept apart from the record: everything that rests on one says so.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from assistant.staging.adherence import Adherence
from assistant.staging.courses import Course, assemble
from assistant.staging.dates import PartialDate
from assistant.staging.doses import Dose
from assistant.staging.judgement import Judgement
from assistant.staging.outcome import Measured
from assistant.staging.record import (
    Assertion,
    Diagnosis,
    EndBasis,
    Evidence,
    Exposure,
    Indication,
    Score,
    StopReason,
    TreatmentRecord,
)
from assistant.staging.report import AdherenceFinding, Outcome, Procedure
from assistant.staging.ruleset import Ruleset
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
    return (Evidence(reference="asserted", element=f"{assertion.fact}:{subject}"),)


def over_record(record: TreatmentRecord, assertions: Sequence[Assertion]) -> TreatmentRecord:
    """The record with asserted scores, diagnoses and onset added."""
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
            diagnoses = [d for d in diagnoses if d.category != "depression"]
            diagnoses.append(
                Diagnosis(
                    category="depression",
                    label="asserted onset",
                    active=True,
                    onset=onset,
                    evidence=evidence,
                )
            )
        elif assertion.fact == "severity":
            level = str(assertion.value)
            scores = []
            diagnoses.append(
                Diagnosis(
                    category="depression",
                    label="asserted severity",
                    active=True,
                    severity=level.partition("_")[0],
                    psychotic_features=level.endswith("psychosis") or None,
                    evidence=evidence,
                )
            )
    return replace(record, scores=tuple(scores), diagnoses=tuple(diagnoses))


def over_courses(
    courses: Sequence[Course], assertions: Sequence[Assertion], as_of: date, ruleset: Ruleset
) -> tuple[Course, ...]:
    """The courses with asserted doses, dates, indications and stop reasons."""
    changed = []
    for course in courses:
        about = [a for a in assertions if _is_about(a, course)]
        changed.append(_changed(course, about, as_of, ruleset) if about else course)
    return tuple(changed)


def over_judgements(
    judgements: Sequence[Judgement], assertions: Sequence[Assertion], ruleset: Ruleset
) -> tuple[Judgement, ...]:
    """The judgements with asserted adherence and outcome categories."""
    return tuple(
        _rejudged(j, [a for a in assertions if _is_about(a, j.course)], ruleset) for j in judgements
    )


def over_procedures(
    procedures: Sequence[Procedure], assertions: Sequence[Assertion]
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
                failed = assertion.value not in ("remission", "response")
                changed[index] = replace(procedure, failed=Answer.YES if failed else Answer.NO)
    return tuple(changed)


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
        exposures = [change(x, assertion) for x in exposures]
    if not facts:
        return course
    rebuilt = assemble(course.drug, exposures, as_of, ruleset)
    return replace(
        rebuilt,
        id=course.id,
        role=course.role,
        partner=course.partner,
        asserted=tuple(dict.fromkeys(facts)),
    )


def _with_dose(exposure: Exposure, assertion: Assertion) -> Exposure:
    dose = Dose.exactly(_number(assertion.value))
    return replace(exposure, dose=dose, evidence=exposure.evidence + evidence_of(assertion))


def _with_start(exposure: Exposure, assertion: Assertion) -> Exposure:
    start = PartialDate.parse(str(assertion.value))
    return replace(exposure, start=start, evidence=exposure.evidence + evidence_of(assertion))


def _with_end(exposure: Exposure, assertion: Assertion) -> Exposure:
    end = PartialDate.parse(str(assertion.value))
    return replace(
        exposure,
        end=end,
        end_basis=EndBasis.STATED,
        evidence=exposure.evidence + evidence_of(assertion),
    )


def _with_indication(exposure: Exposure, assertion: Assertion) -> Exposure:
    label = str(assertion.value)
    given = Indication(depression=label == "depression", label=label)
    return replace(exposure, indication=given)


def _with_stop_reason(exposure: Exposure, assertion: Assertion) -> Exposure:
    return replace(exposure, stop_reason=StopReason(str(assertion.value)))


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
    succeeded = name in ("remission", "response")
    counted = name == "non_response" or ruleset.failure_below_percent > ruleset.partial_percent
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
        short_of_response=Verdict.of(not succeeded and counted),
    )


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
