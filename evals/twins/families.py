"""The families of twins: each changes one fact of a record, and says what must follow."""

import copy
import random
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from assistant.answering.case import AsOf
from assistant.staging.tables import thresholds
from evals.twins import Change, Pair
from evals.twins.edits import (
    condition,
    having,
    medicine,
    observation,
    reference,
    resources,
    statement,
    without,
)
from evals.twins.fields import ABSENT, PRESENT
from evals.twins.ground import Ground, report_of

_LOINC = "http://loinc.org"
_UCUM = "http://unitsofmeasure.org"
_STEP_MG = 1
_ROUNDS = 10
_BIPOLAR = ("bipolar", "mania", "hypomania", "psychotic_disorder")
Family = Callable[[Ground, random.Random], Iterator[Pair]]


def _changing(
    ground: Ground, family: str, what: str, a: Any, b: Any, *changes: Change, steady: bool = False
) -> Pair:
    return Pair(
        family=family, what=what, a=a, b=b, as_of=ground.as_of, changes=changes, steady=steady
    )


def _adequacy(ground: Ground, part: str, b: str, because: str) -> tuple[Change, ...]:
    field = f"trials[{ground.drug}].adequacy"
    return (
        Change(field=f"{field}.{part}", a="met", b=b, because=because),
        Change(field=f"{field}.overall", a="met", b=b, because="an adequate trial needs all three"),
    )


def _without_evidence(ground: Ground, rows: Callable[[Any], list[Any]]) -> Any:
    """The record without what these rows of its report rest on."""
    record = dict(ground.record)
    for _ in range(_ROUNDS):
        report = report_of(record, ground.as_of)
        places = [place for row in rows(report) for place in row["evidence"]]
        gone = {str(place).partition("#")[0] for place in places}
        if not gone:
            break
        record = without(record, lambda one, gone=gone: reference(one) in gone)  # type: ignore[misc]
    return record


def dropped_start(ground: Ground, _: random.Random) -> Iterator[Pair]:
    """The start of a trial is not recorded: its duration is unknown."""
    day = ground.start
    a = ground.holding(ground.trial(covered=None))
    b = ground.holding(ground.trial(covered=None, start=None, end=ground.trial().end, on=day))
    unknown = Change(
        field=f"trials[{ground.drug}].adequacy.duration",
        a="met",
        b="unknown",
        because="without a start no number of days can be counted, and none may be guessed",
    )
    yield _changing(ground, "dropped start", f"the start of {ground.drug} is gone", a, b, unknown)


def dropped_dose(ground: Ground, _: random.Random) -> Iterator[Pair]:
    """The dose of a trial is not recorded: its adequacy is unknown."""
    a = ground.holding(ground.trial())
    b = ground.holding(ground.trial(mg=None))
    because = f"no dose is recorded; the minimum is {ground.floor:g} mg/day"
    yield _changing(
        ground,
        "dropped dose",
        f"the dose of {ground.drug} is gone",
        a,
        b,
        *_adequacy(ground, "dose", "unknown", because),
    )


def dose_across_floor(ground: Ground, _: random.Random) -> Iterator[Pair]:
    """A milligram below the floor is not adequate."""
    below = ground.floor - _STEP_MG if ground.floor > _STEP_MG else ground.floor / 2
    because = f"the minimum is {ground.floor:g} mg/day; {below:g} is below it"
    yield _changing(
        ground,
        "dose across the floor",
        f"{ground.drug} at {below:g} instead of {ground.floor:g} mg/day",
        ground.holding(ground.trial()),
        ground.holding(ground.trial(mg=below)),
        *_adequacy(ground, "dose", "not_met", because),
    )


def days_across_minimum(ground: Ground, _: random.Random) -> Iterator[Pair]:
    """A day less than the minimum is not adequate."""
    least = int(ground.ruleset.min_days)
    yield _changing(
        ground,
        "days across the minimum",
        f"{ground.drug} for {least - 1} instead of {least} days",
        ground.holding(ground.trial(days=least)),
        ground.holding(ground.trial(days=least - 1)),
        *_adequacy(ground, "duration", "not_met", f"{least} days are needed"),
    )


def adherence_across_threshold(ground: Ground, _: random.Random) -> Iterator[Pair]:
    """A hundredth below the share asked for is not adherence."""
    least = round(float(ground.ruleset.min_adherence) * 100)
    yield _changing(
        ground,
        "adherence across the threshold",
        f"dispenses of {ground.drug} cover {least - 1} instead of {least} of 100 days",
        ground.holding(ground.trial(days=100, covered=least)),
        ground.holding(ground.trial(days=100, covered=least - 1)),
        *_adequacy(ground, "adherence", "not_met", f"{least} % of the days must be covered"),
    )


def reduction_across_half(ground: Ground, _: random.Random) -> Iterator[Pair]:
    """A point short of half the baseline is no response, and the trial has failed."""
    field = f"trials[{ground.drug}]"
    a, b = ground.trial(baseline=40, endpoint=20), ground.trial(baseline=40, endpoint=21)
    yield _changing(
        ground,
        "reduction across half",
        f"HAM-D-17 falls from 40 to 21 instead of 20 under {ground.drug}",
        ground.holding(a),
        ground.holding(b),
        Change(
            field=f"{field}.outcome.category",
            a="response",
            b="partial_response",
            because="(40 - 20) / 40 = 50 %, a response; (40 - 21) / 40 = 47.5 % is not",
        ),
        Change(field=f"{field}.failed", a="no", b="yes", because="adequate and short of response"),
    )


def contradiction(ground: Ground, _: random.Random) -> Iterator[Pair]:
    """The statement says stopped, an order says active: the end is unknown and it is said."""
    trial = ground.trial()
    a = ground.holding(trial)
    order = {
        "resourceType": "MedicationRequest",
        "id": "twin-order",
        "status": "active",
        "intent": "order",
        "subject": {"reference": ground.patient},
        "medicationCodeableConcept": medicine(ground.drug),
        "authoredOn": ground.start.isoformat(),
        "dosageInstruction": statement("twin", ground.patient, medicine(ground.drug), ground.floor)[
            "dosage"
        ],
    }
    (order["dosageInstruction"][0]["timing"]["repeat"])["boundsPeriod"] = {
        "start": ground.start.isoformat()
    }
    yield _changing(
        ground,
        "contradiction",
        f"an active order of {ground.drug} beside the statement that it was stopped",
        a,
        having(a, [order]),
        Change(
            field=f"trials[{ground.drug}].end",
            a=trial.end.isoformat(),
            b=None,
            because="the end lies between the stop date and the end of the order: not known",
        ),
    )


def buried_item_nine(ground: Ground, _: random.Random) -> Iterator[Pair]:
    """A PHQ-9 item on thoughts of death is a safety flag, wherever it stands."""
    a = _without_evidence(
        ground, lambda report: [row for row in report["safety"] if row["flag"] == "suicidality"]
    )
    day = AsOf.parse(ground.as_of).day - timedelta(days=3)
    code = {"coding": [{"system": _LOINC, "code": "44260-8"}]}
    answer = {"coding": [{"system": _LOINC, "code": "LA6570-1"}]}
    item = observation(
        "twin-item-9", ground.patient, code, day.isoformat(), valueCodeableConcept=answer
    )
    flag = Change(
        field="safety[suicidality]",
        a=ABSENT,
        b=PRESENT,
        because="item 9 of the PHQ-9 above 0 is a sign of suicidality",
    )
    yield _changing(
        ground, "buried item 9", "PHQ-9 item 9: more than half the days", a, having(a, [item]),
        flag, steady=True,
    )  # fmt: skip


def buried_mania(ground: Ground, _: random.Random) -> Iterator[Pair]:
    """A bipolar diagnosis ends the staging of unipolar depression."""
    a = _without_evidence(
        ground, lambda report: [row for row in report["diagnoses"] if row["category"] in _BIPOLAR]
    )
    day = (AsOf.parse(ground.as_of).day - timedelta(days=30)).isoformat()
    b = having(a, [condition("twin-bipolar", ground.patient, "F31.81", day)])
    why = "a bipolar disorder blocks: TRD is “no” and no method has a stage"
    yield _changing(
        ground, "buried mania", "bipolar II disorder (F31.81) among the diagnoses", a, b,
        Change(field="checks[bipolarity].status", a="none_found", b="present", because=why),
        Change(field="staging.source_stage.working", a="*", b=None, because=why),
        Change(field="staging.gsrd.at_most", a="*", b=None, because=why),
    )  # fmt: skip


def buried_thyroid(ground: Ground, _: random.Random) -> Iterator[Pair]:
    """A TSH above the confirming value is hypothyroidism, named as pseudo-resistance."""
    base = _without_evidence(
        ground,
        lambda report: [
            row for row in report["pseudo_resistance"] if row["check"] == "hypothyroidism"
        ],
    )
    confirming = int(thresholds()["tsh_confirming"].value)
    day = (AsOf.parse(ground.as_of).day - timedelta(days=14)).isoformat()

    def holding(value: float) -> Any:
        code = {"coding": [{"system": _LOINC, "code": "3016-3"}]}
        quantity = {"value": value, "unit": "mIU/L", "system": _UCUM, "code": "m[IU]/L"}
        found = observation("twin-tsh", ground.patient, code, day, valueQuantity=quantity)
        return having(base, [found])

    why = f"TSH above {confirming} mIU/L: hypothyroidism is present"
    yield _changing(
        ground, "buried thyroid", f"TSH {confirming + 2} instead of 2 mIU/L",
        holding(2), holding(confirming + 2),
        Change(field="checks[hypothyroidism].status", a="none_found", b="present", because=why),
        steady=True,
    )  # fmt: skip


def _distractor(
    ground: Ground, family: str, what: str, drug: str, mg: float, why: str, **more: Any
) -> Iterator[Pair]:
    present = {row["drug"] for row in ground.report["excluded_exposures"]}
    if drug in present or any(row["drug"] == drug for row in ground.report["trials"]):
        return
    day = AsOf.parse(ground.as_of).day
    period = {
        "start": (day - timedelta(days=120)).isoformat(),
        "end": (day - timedelta(days=40)).isoformat(),
    }
    entry = statement(
        "twin-distractor", ground.patient, medicine(drug), mg, effectivePeriod=period, **more
    )
    yield _changing(
        ground, family, what, ground.record, having(ground.record, [entry]),
        Change(field=f"excluded[{drug}]", a=ABSENT, b=PRESENT, because=why), steady=True,
    )  # fmt: skip


def distractor_imipramine(ground: Ground, _: random.Random) -> Iterator[Pair]:
    """Imipramine for the bladder is no antidepressant trial."""
    return _distractor(
        ground, "distractor: imipramine", "imipramine 25 mg for enuresis", "imipramine", 25,
        "given for enuresis below the floor: no trial", reasonCode=[{"text": "enuresis"}],
    )  # fmt: skip


def distractor_trazodone(ground: Ground, _: random.Random) -> Iterator[Pair]:
    """Trazodone at night is no antidepressant trial."""
    return _distractor(
        ground, "distractor: trazodone", "trazodone 50 mg at night for insomnia", "trazodone", 50,
        "a hypnotic dose: no trial", reasonCode=[{"text": "insomnia"}],
    )  # fmt: skip


def distractor_cough_syrup(ground: Ground, _: random.Random) -> Iterator[Pair]:
    """A cough syrup with dextromethorphan changes nothing."""
    day = (AsOf.parse(ground.as_of).day - timedelta(days=60)).isoformat()
    syrup = statement(
        "twin-syrup", ground.patient, {"text": "dextromethorphan 2 MG/ML Oral Solution"}, None,
        effectiveDateTime=day,
    )  # fmt: skip
    yield _changing(
        ground, "distractor: cough syrup", "a dextromethorphan syrup among the medicines",
        ground.record, having(ground.record, [syrup]), steady=True,
    )  # fmt: skip


def other_wording(ground: Ground, _: random.Random) -> Iterator[Pair]:
    """Names beside codes in other words change nothing."""
    b = copy.deepcopy(dict(ground.record))
    count = sum(_reword(one) for one in resources(b))
    if count:
        yield _changing(
            ground, "wording only", f"{count} names beside a code in capitals", ground.record, b,
            steady=True,
        )  # fmt: skip


def _reword(value: Any) -> int:
    if isinstance(value, list):
        return sum(_reword(item) for item in value)
    if not isinstance(value, dict):
        return 0
    count = 0
    if "code" in value and "system" in value and isinstance(value.get("display"), str):
        value["display"] = value["display"].upper()
        count = 1
    return count + sum(_reword(item) for item in value.values())


def other_order(ground: Ground, draw: random.Random) -> Iterator[Pair]:
    """The same entries in another order change nothing."""
    entries = list(ground.record.get("entry") or ())
    draw.shuffle(entries)
    b = {**ground.record, "entry": entries}
    yield _changing(
        ground, "order only", "the entries in another order", ground.record, b, steady=True
    )


def after_the_date(ground: Ground, _: random.Random) -> Iterator[Pair]:
    """A score dated after the staging date is counted, and not used."""
    day = (AsOf.parse(ground.as_of).day + timedelta(days=7)).isoformat()
    score = observation(
        "twin-later", ground.patient, {"text": "HAM-D-17"}, day,
        valueQuantity={"value": 2, "unit": "{score}", "system": _UCUM, "code": "{score}"},
    )  # fmt: skip
    before = int(ground.report["completeness"]["after_as_of"])
    yield _changing(
        ground, "after the date", "a HAM-D-17 of 2 a week after the staging date",
        ground.record, having(ground.record, [score]),
        Change(
            field="completeness.after_as_of", a=before, b=before + 1,
            because="nothing dated after the staging date is used; it is counted",
        ),
        steady=True,
    )  # fmt: skip


FAMILIES: Mapping[str, Family] = {
    "dropped start": dropped_start,
    "dropped dose": dropped_dose,
    "dose across the floor": dose_across_floor,
    "days across the minimum": days_across_minimum,
    "adherence across the threshold": adherence_across_threshold,
    "reduction across half": reduction_across_half,
    "contradiction": contradiction,
    "buried item 9": buried_item_nine,
    "buried mania": buried_mania,
    "buried thyroid": buried_thyroid,
    "distractor: imipramine": distractor_imipramine,
    "distractor: trazodone": distractor_trazodone,
    "distractor: cough syrup": distractor_cough_syrup,
    "wording only": other_wording,
    "order only": other_order,
    "after the date": after_the_date,
}
