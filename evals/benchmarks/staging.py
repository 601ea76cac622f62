"""Staging one record against parsing its JSON, as a ratio within one run.

The record: six antidepressant trials and forty scores of one patient, as the Bundle
an EHR sends. A resource is no larger than the median of real ones in the shared data
(compact JSON): 1,011 bytes of 21,491 MedicationRequests and 713 of 803 survey
Observations, mostly MIMIC-IV and Synthea; such resources carry a profile, an
identifier or encounter, a category and coded displays, and no narrative.
Run: ``python -m evals.benchmarks.staging [--profile]``. Target: at most 5.

Counted in processor instructions, which other processes do not disturb, the ratio is
3.7 (CPython 3.11 without profile-guided optimization); in time it is 6.4 to 7.1, since
the interpreter does half as many instructions a cycle as the parser in C. No function
dominates: missing facts take a quarter of the time, judging the trials a fifth, the
findings' sentences a sixth, joining exposures to courses a twelfth; within them it is
making the report's some four hundred small immutable objects and calling short functions.
"""

import argparse
import cProfile
import json
import pstats
import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from assistant.staging.engine import stage
from fhir_adapter.read import read_bundle

TARGET = 5.0
REAL_MEDIAN_BYTES = {"MedicationRequest": 1011, "Observation": 713}
"""Of the shared data, each resource written without spaces."""
_AS_OF = date(2024, 6, 1)
_FIRST_DAY = date(2022, 1, 10)
_TRIAL_DAYS = 70
_DRUGS = (
    ("312938", "sertraline 100 MG Oral Tablet", 100, "36437", "sertraline"),
    ("313583", "venlafaxine 75 MG Oral Tablet", 225, "39786", "venlafaxine"),
    ("993518", "bupropion hydrochloride 150 MG Oral Tablet", 300, "42347", "bupropion"),
    ("311725", "mirtazapine 15 MG Oral Tablet", 30, "15996", "mirtazapine"),
    ("198045", "nortriptyline 10 MG Oral Capsule", 100, "7531", "nortriptyline"),
    ("309325", "phenelzine 15 MG Oral Tablet", 60, "8123", "phenelzine"),
)
_SCORES = 40
_ROUNDS = 200
_SUBJECT = {"reference": "Patient/0a8eebfd-a352-522e-89f0-1d4a13abdebc"}
_LOINC, _RXNORM = "http://loinc.org", "http://www.nlm.nih.gov/research/umls/rxnorm"
_UCUM, _ICD10 = "http://unitsofmeasure.org", "http://hl7.org/fhir/sid/icd-10-cm"
_US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
_BASE = "https://ehr.example.org/fhir/r4/"


def bundle() -> dict[str, Any]:
    """The Bundle measured."""
    resources = [_patient(), _condition()]
    for number, given in enumerate(_DRUGS):
        start = _FIRST_DAY + timedelta(days=number * (_TRIAL_DAYS + 1))
        resources.append(_request(_identifier(f"request {number}"), given, start))
    for number in range(_SCORES):
        day = _FIRST_DAY + timedelta(days=number * 11)
        resources.append(_score(_identifier(f"score {number}"), 20 - number % 3, day))
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"fullUrl": f"{_BASE}{r['resourceType']}/{r['id']}", "resource": r} for r in resources
        ],
    }


def _identifier(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, name))


def _patient() -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": _SUBJECT["reference"].partition("/")[2],
        "name": [{"use": "official", "family": "Benchmark", "given": ["Small"]}],
        "gender": "female",
        "birthDate": "1985-05-05",
    }


def _condition() -> dict[str, Any]:
    status = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    label = "Major depressive disorder, single episode, moderate"
    return {
        "resourceType": "Condition",
        "id": "c",
        "clinicalStatus": {"coding": [{"system": status, "code": "active"}]},
        "code": {"coding": [{"system": _ICD10, "code": "F32.1", "display": label}]},
        "subject": _SUBJECT,
        "onsetDateTime": "2021-12-01",
    }


def _request(name: str, given: tuple[str, str, int, str, str], start: date) -> dict[str, Any]:
    code, product, dose, ingredient, drug = given
    end = start + timedelta(days=_TRIAL_DAYS - 1)
    return {
        "resourceType": "MedicationRequest",
        "id": name,
        "meta": {"profile": [f"{_US_CORE}medicationrequest"]},
        "status": "completed",
        "intent": "order",
        "priority": "routine",
        "medicationCodeableConcept": {
            "coding": [
                {"system": _RXNORM, "code": code, "display": product},
                {"system": _RXNORM, "code": ingredient, "display": drug},
            ],
            "text": drug,
        },
        "subject": _SUBJECT,
        "encounter": {"reference": f"Encounter/{_identifier(name)}"},
        "authoredOn": f"{start}T09:30:00-04:00",
        "dosageInstruction": [
            {
                "text": f"{dose} mg daily",
                "timing": {
                    "repeat": {
                        "boundsPeriod": {"start": start.isoformat(), "end": end.isoformat()},
                        "frequency": 1,
                        "period": 1,
                        "periodUnit": "d",
                    }
                },
                "doseAndRate": [
                    {"doseQuantity": {"value": dose, "unit": "mg", "system": _UCUM, "code": "mg"}}
                ],
            }
        ],
    }


def _score(name: str, value: int, day: date) -> dict[str, Any]:
    category = "http://terminology.hl7.org/CodeSystem/observation-category"
    label = "Patient Health Questionnaire 9 item (PHQ-9) total score"
    return {
        "resourceType": "Observation",
        "id": name,
        "meta": {"lastUpdated": f"{day}T14:20:05.000Z"},
        "status": "final",
        "category": [{"coding": [{"system": category, "code": "survey", "display": "Survey"}]}],
        "code": {"coding": [{"system": _LOINC, "code": "44261-6", "display": label}]},
        "subject": _SUBJECT,
        "encounter": {"reference": f"Encounter/{_identifier(name)}"},
        "effectiveDateTime": f"{day}T10:20:00-04:00",
        "valueQuantity": {
            "value": value,
            "unit": "{score}",
            "system": _UCUM,
            "code": "{score}",
        },
    }


def encoded() -> bytes:
    """The Bundle as it comes over the wire, without spaces."""
    return json.dumps(bundle(), separators=(",", ":")).encode()


def measured(data: bytes) -> tuple[float, float]:
    """Seconds of processor time to parse ``data`` and to stage it; medians of rounds in turn."""
    record = read_bundle(data).treatment

    def staging() -> object:
        return stage(record, as_of=_AS_OF)

    staging()  # tables are loaded once a process
    work: tuple[Callable[[], object], ...] = (lambda: json.loads(data), staging)
    rounds = [[_seconds(one) for one in work] for _ in range(_ROUNDS)]
    parsing, both = (statistics.median(times) for times in zip(*rounds, strict=True))
    return parsing, both


def _seconds(work: Callable[[], object]) -> float:
    """Processor time: another process on the machine does not count."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def _profile(data: bytes) -> None:
    record = read_bundle(data).treatment
    stage(record, as_of=_AS_OF)
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(_ROUNDS):
        stage(record, as_of=_AS_OF)
    profile.disable()
    pstats.Stats(profile).sort_stats("cumulative").print_stats(40)


def main() -> None:
    """Print both times and their ratio."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--profile", action="store_true", help="print where the time goes")
    data = encoded()
    if options.parse_args().profile:
        _profile(data)
        return
    report = stage(read_bundle(data).treatment, as_of=_AS_OF)
    parsing, staging = measured(data)
    print(f"{len(report.trials)} trials, {len(report.scores)} scores, {len(data)} bytes")
    print(f"json.loads {parsing * 1e3:.3f} ms, stage {staging * 1e3:.3f} ms")
    print(f"ratio {staging / parsing:.1f} (target at most {TARGET:g})")


if __name__ == "__main__":
    main()
