"""Staging one record against parsing its JSON, as a ratio within one run.

The record: six antidepressant trials and forty scores, as one Bundle.
Run: ``python -m evals.benchmarks.staging``. Target: at most 5.
"""

import json
import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from assistant.staging.engine import stage
from fhir_adapter.read import read_bundle

_AS_OF = date(2024, 6, 1)
_FIRST_DAY = date(2022, 1, 10)
_TRIAL_DAYS = 70
_DRUGS = (
    ("36437", "sertraline", 100),
    ("39786", "venlafaxine", 225),
    ("42347", "bupropion", 300),
    ("15996", "mirtazapine", 30),
    ("7531", "nortriptyline", 100),
    ("8123", "phenelzine", 60),
)
_SCORES = 40
_ROUNDS = 50
_LOINC, _RXNORM = "http://loinc.org", "http://www.nlm.nih.gov/research/umls/rxnorm"


def bundle() -> dict[str, Any]:
    """The Bundle measured."""
    subject = {"reference": "Patient/p"}
    resources: list[dict[str, Any]] = [
        {"resourceType": "Patient", "id": "p", "birthDate": "1985-05-05"},
        {
            "resourceType": "Condition",
            "id": "c",
            "subject": subject,
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F32.1"}]},
            "onsetDateTime": "2021-12-01",
        },
    ]
    for number, (code, drug, dose) in enumerate(_DRUGS):
        start = _FIRST_DAY + timedelta(days=number * (_TRIAL_DAYS + 1))
        resources.append(_statement(f"m{number}", subject, (code, drug, dose), start))
    for number in range(_SCORES):
        day = _FIRST_DAY + timedelta(days=number * 11)
        resources.append(_score(f"o{number}", subject, 20 - number % 3, day))
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"fullUrl": f"urn:uuid:{r['id']}", "resource": r} for r in resources],
    }


def _statement(
    name: str, subject: dict[str, str], given: tuple[str, str, int], start: date
) -> dict[str, Any]:
    code, drug, dose = given
    end = start + timedelta(days=_TRIAL_DAYS - 1)
    return {
        "resourceType": "MedicationStatement",
        "id": name,
        "status": "completed",
        "subject": subject,
        "medicationCodeableConcept": {
            "coding": [{"system": _RXNORM, "code": code, "display": drug}],
            "text": drug,
        },
        "effectivePeriod": {"start": start.isoformat(), "end": end.isoformat()},
        "dosage": [
            {
                "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
                "doseAndRate": [
                    {
                        "doseQuantity": {
                            "value": dose,
                            "unit": "mg",
                            "system": "http://unitsofmeasure.org",
                            "code": "mg",
                        }
                    }
                ],
            }
        ],
    }


def _score(name: str, subject: dict[str, str], value: int, day: date) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "subject": subject,
        "code": {"coding": [{"system": _LOINC, "code": "44261-6"}]},
        "effectiveDateTime": day.isoformat(),
        "valueQuantity": {"value": value, "unit": "{score}"},
    }


def _median(work: Callable[[], object]) -> float:
    times = []
    for _ in range(_ROUNDS):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def main() -> None:
    """Print both times and their ratio."""
    text = json.dumps(bundle())
    record = read_bundle(text.encode()).treatment
    report = stage(record, as_of=_AS_OF)
    parsing = _median(lambda: json.loads(text))
    staging = _median(lambda: stage(record, as_of=_AS_OF))
    print(f"{len(report.trials)} trials, {len(report.scores)} scores, {len(text)} bytes")
    print(f"json.loads {parsing * 1e3:.3f} ms, stage {staging * 1e3:.3f} ms")
    print(f"ratio {staging / parsing:.1f} (target at most 5)")


if __name__ == "__main__":
    main()
