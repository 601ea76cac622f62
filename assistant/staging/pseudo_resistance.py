"""The pseudo-resistance checklist: what can mimic resistance, and what was looked at.

The source text's four groups: diagnostic accuracy, comorbidity, inadequate
exposure, intolerance. Only a blocking diagnosis changes a stage.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from assistant.staging import exposure_doubt
from assistant.staging.diagnosis import standing
from assistant.staging.judgement import Judgement, reactions_to
from assistant.staging.record import (
    Diagnosis,
    Evidence,
    Exposure,
    LabResult,
)
from assistant.staging.record_index import RecordIndex, is_taken
from assistant.staging.report import ExcludedExposure, PseudoResistanceCheck
from assistant.staging.ruleset import Ruleset
from assistant.staging.tables import (
    Check,
    Interaction,
    checks,
    interactions,
    plasma_ranges,
    thresholds,
)
from assistant.staging.verdicts import Verdict

PRESENT, POSSIBLE, NONE_FOUND, NOT_ASSESSED = "present", "possible", "none_found", "not_assessed"


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """What one check looks at."""

    index: RecordIndex
    diagnoses: Sequence[Diagnosis]
    """Those that stand."""
    judgements: Sequence[Judgement]
    excluded: Sequence[ExcludedExposure]
    conditions_read_whole: bool
    as_of: date
    ruleset: Ruleset


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sign:
    """One sign that a check is present or possible."""

    status: str
    detail: str
    evidence: tuple[Evidence, ...]
    trial: str | None = None


def checklist(
    index: RecordIndex,
    judgements: Sequence[Judgement],
    excluded: Sequence[ExcludedExposure],
    as_of: date,
    ruleset: Ruleset,
    *,
    conditions_read_whole: bool,
) -> tuple[PseudoResistanceCheck, ...]:
    """Every check of the table, with its status and evidence."""
    view = _View(
        index=index,
        diagnoses=standing(index.record.diagnoses),
        judgements=judgements,
        excluded=excluded,
        conditions_read_whole=conditions_read_whole,
        as_of=as_of,
        ruleset=ruleset,
    )
    return tuple([_checked(check, view) for check in checks().values()])


def _checked(check: Check, view: _View) -> PseudoResistanceCheck:
    signs = _coded(check, view)
    if check.name in _SIGNS:
        signs += _SIGNS[check.name](view)
    if not signs:
        status, detail = _ABSENCE.get(check.name, _absence_by_conditions)(view)
        return PseudoResistanceCheck(check.name, status, False, detail, ())
    status = PRESENT if any(sign.status == PRESENT for sign in signs) else POSSIBLE
    detail = "; ".join(dict.fromkeys(sign.detail for sign in signs if sign.detail))
    return PseudoResistanceCheck(
        check=check.name,
        status=status,
        blocks_staging=check.group == "diagnosis" and status == PRESENT,
        detail=detail,
        evidence=tuple(dict.fromkeys(e for sign in signs for e in sign.evidence)),
        trials=tuple(dict.fromkeys(sign.trial for sign in signs if sign.trial)),
    )


def _coded(check: Check, view: _View) -> list[_Sign]:
    found = []
    for diagnosis in view.diagnoses:
        if diagnosis.category in check.categories:
            past = diagnosis.active is False or diagnosis.remission == "full"
            if past and check.group != "diagnosis":
                continue
            found.append(
                _Sign(status=PRESENT, detail=_name(diagnosis), evidence=diagnosis.evidence)
            )
        elif diagnosis.category in check.possible_categories:
            found.append(
                _Sign(status=POSSIBLE, detail=_name(diagnosis), evidence=diagnosis.evidence)
            )
    return found


def _name(diagnosis: Diagnosis) -> str:
    return f"recorded: {diagnosis.label}" if diagnosis.label else "a code is recorded"


def _bipolar_screen(view: _View) -> list[_Sign]:
    limit = thresholds()["mdq_positive"].value
    return [
        _Sign(
            status=POSSIBLE, detail=f"MDQ {score.value}: a positive screen", evidence=score.evidence
        )
        for score in view.index.record.scores
        if score.scale == "MDQ" and score.value >= limit
    ]


def _thyroid(view: _View) -> list[_Sign]:
    """TSH out of range is possible; with a low free T4, or far above, present."""
    newest = _newest(view.index, "TSH")
    if newest is None or newest.value is None:
        return []
    limits = thresholds()
    low = newest.reference_low if newest.reference_low is not None else limits["tsh_low"].value
    high = newest.reference_high if newest.reference_high is not None else limits["tsh_high"].value
    detail = f"TSH {newest} on {newest.date}"
    if newest.is_above(limits["tsh_confirming"].value):
        return [_Sign(status=PRESENT, detail=detail, evidence=newest.evidence)]
    if newest.is_above(high):
        confirming = _newest(view.index, "free_T4")
        if confirming is not None and _below(confirming, limits["free_t4_low"].value):
            return [
                _Sign(
                    status=PRESENT,
                    detail=f"{detail}, free T4 {confirming}",
                    evidence=newest.evidence + confirming.evidence,
                )
            ]
        return [_Sign(status=POSSIBLE, detail=detail, evidence=newest.evidence)]
    if newest.is_below(low):
        detail += ", below range: too much thyroid hormone rather than too little"
        return [_Sign(status=POSSIBLE, detail=detail, evidence=newest.evidence)]
    return []


def _inflammation(view: _View) -> list[_Sign]:
    newest = _newest(view.index, "hs-CRP")
    limits = thresholds()
    if newest is None or newest.value is None:
        return []
    stratum, ceiling = limits["hs_crp_stratum"].value, limits["hs_crp_uninterpretable"].value
    if newest.is_below(stratum) or newest.is_above(ceiling) or newest.upper_limit_only:
        return []
    detail = f"hs-CRP {newest} on {newest.date}"
    return [_Sign(status=POSSIBLE, detail=detail, evidence=newest.evidence)]


_NUTRITION = {
    "vitamin_B12": "vitamin_b12_low",
    "folate": "folate_low",
    "ferritin": "ferritin_low",
    "vitamin_D": "vitamin_d_low",
}


def _nutrition(view: _View) -> list[_Sign]:
    found = []
    for test, limit in _NUTRITION.items():
        newest = _newest(view.index, test)
        if newest is not None and _below(newest, thresholds()[limit].value):
            detail = f"{test.replace('_', ' ')} {newest}"
            found.append(_Sign(status=POSSIBLE, detail=detail, evidence=newest.evidence))
    return found


def _drug_screen(view: _View) -> list[_Sign]:
    return [
        _Sign(
            status=POSSIBLE,
            detail=f"urine screen positive: {lab.test.partition(':')[2]}",
            evidence=lab.evidence,
        )
        for test, labs in sorted(view.index.labs.items())
        if test.startswith("urine_drug_screen:")
        for lab in labs
        if lab.interpretation == "positive"
    ]


def _depressogenic(view: _View) -> list[_Sign]:
    table = interactions()["depressogenic"]
    return [
        _Sign(
            status=POSSIBLE,
            detail=f"{exposure.drug}: an association only",
            evidence=exposure.evidence,
        )
        for exposure in _in_use(view.index, table)
    ]


def _inducers(view: _View) -> list[_Sign]:
    return [
        _Sign(
            status=PRESENT,
            detail=f"{exposure.drug} beside {judgement.course.drug.name}",
            evidence=exposure.evidence,
            trial=judgement.course.id,
        )
        for judgement in view.judgements
        for exposure in exposure_doubt.inducers(view.index, judgement.course)
    ]


def _low_levels(view: _View) -> list[_Sign]:
    return [
        _Sign(
            status=PRESENT,
            detail=f"{judgement.course.drug.name} {lab}, "
            f"range from {plasma_ranges()[judgement.course.drug.name].low}",
            evidence=lab.evidence,
            trial=judgement.course.id,
        )
        for judgement in view.judgements
        for lab in exposure_doubt.low_levels(view.index, judgement.course)
    ]


def _inadequate(view: _View) -> list[_Sign]:
    found = []
    for judgement in view.judgements:
        missed = [
            words
            for verdict, words in (
                (judgement.dose, "the dose was too low"),
                (judgement.duration, "it was too short"),
            )
            if verdict is Verdict.NOT_MET
        ]
        if missed and not judgement.course.ongoing:
            course = judgement.course
            found.append(
                _Sign(
                    status=PRESENT,
                    detail=f"{course.drug.name}: {missed[0]}",
                    evidence=tuple(e for x in course.exposures for e in x.evidence),
                    trial=course.id,
                )
            )
    return found


def _nonadherent(view: _View) -> list[_Sign]:
    return [
        _Sign(
            status=PRESENT,
            detail=f"{j.course.drug.name}: {j.adherence.reason}",
            evidence=j.adherence.finding.evidence if j.adherence.finding else (),
            trial=j.course.id,
        )
        for j in view.judgements
        if j.adherence.verdict is Verdict.NOT_MET
    ]


def _intolerant(view: _View) -> list[_Sign]:
    found = []
    for judgement in view.judgements:
        if judgement.discontinuation != "intolerance":
            continue
        course = judgement.course
        references = set(reactions_to(view.index, course, view.as_of, view.ruleset))
        evidence = [
            e
            for recorded in (
                *(r.evidence for r in view.index.record.reactions),
                *(x.evidence for x in view.index.record.labs),
            )
            for e in recorded
            if e.reference in references
        ]
        evidence += [
            e for x in course.exposures for e in x.evidence if e.attribute == "stop_reason"
        ]
        found.append(
            _Sign(
                status=PRESENT,
                detail=f"{course.drug.name} was stopped for adverse effects",
                evidence=tuple(evidence),
                trial=course.id,
            )
        )
    return found


def _absence_by_conditions(view: _View) -> tuple[str, str]:
    if not view.conditions_read_whole:
        return NOT_ASSESSED, "the conditions were not read whole"
    if not view.index.record.diagnoses:
        return NOT_ASSESSED, "no condition is recorded"
    return NONE_FOUND, "no code for it among the recorded conditions"


def _absence_by_lab(test: str) -> Callable[[_View], tuple[str, str]]:
    def absence(view: _View) -> tuple[str, str]:
        newest = _newest(view.index, test)
        if newest is None or newest.value is None:
            return NOT_ASSESSED, f"no {test.replace('_', ' ')} is recorded"
        if test == "hs-CRP" and newest.is_above(thresholds()["hs_crp_uninterpretable"].value):
            return NOT_ASSESSED, f"hs-CRP {newest} cannot be interpreted"
        return NONE_FOUND, f"{test} {newest} on {newest.date}"

    return absence


def _absence_by_trials(view: _View) -> tuple[str, str]:
    if not view.judgements:
        return NOT_ASSESSED, "no antidepressant trial is recorded"
    return NONE_FOUND, ""


def _absence_of_levels(view: _View) -> tuple[str, str]:
    drugs = {j.course.drug.name for j in view.judgements}
    measured = [test for test in view.index.labs if test.partition(":")[2] in drugs]
    if not measured:
        return NOT_ASSESSED, "no plasma level of a trial's drug is recorded"
    return NONE_FOUND, "the recorded levels are not below range"


def _absence_of_nonadherence(view: _View) -> tuple[str, str]:
    unknown = [
        j.course.drug.name for j in view.judgements if j.adherence.verdict is Verdict.UNKNOWN
    ]
    if unknown:
        return NOT_ASSESSED, f"adherence is not recorded for {', '.join(unknown)}"
    return _absence_by_trials(view)


_SIGNS: Mapping[str, Callable[[_View], list[_Sign]]] = {
    "bipolarity": _bipolar_screen,
    "hypothyroidism": _thyroid,
    "inflammation": _inflammation,
    "nutritional": _nutrition,
    "substance_use": _drug_screen,
    "depressogenic_drug": _depressogenic,
    "interaction": _inducers,
    "plasma_level": _low_levels,
    "inadequate_exposure": _inadequate,
    "adherence": _nonadherent,
    "intolerance": _intolerant,
}
_ABSENCE: Mapping[str, Callable[[_View], tuple[str, str]]] = {
    "hypothyroidism": _absence_by_lab("TSH"),
    "inflammation": _absence_by_lab("hs-CRP"),
    "depressogenic_drug": _absence_by_trials,
    "interaction": _absence_by_trials,
    "plasma_level": _absence_of_levels,
    "inadequate_exposure": _absence_by_trials,
    "adherence": _absence_of_nonadherence,
    "intolerance": _absence_by_trials,
}


def _newest(index: RecordIndex, test: str) -> LabResult | None:
    dated = [
        (x.date.latest, x.date.time, str(x.evidence[0]) if x.evidence else "", x)
        for x in index.labs.get(test, ())
        if x.date is not None and x.value is not None
    ]
    return max(dated, key=lambda drawn: drawn[:3])[3] if dated else None


def _below(lab: LabResult, limit: Decimal) -> bool:
    floor = lab.reference_low if lab.reference_low is not None else limit
    return lab.is_below(floor)


def _in_use(index: RecordIndex, names: Mapping[str, Interaction]) -> list[Exposure]:
    return sorted(
        (x for x in index.record.exposures if x.drug in names and is_taken(x)),
        key=lambda x: x.drug,
    )
