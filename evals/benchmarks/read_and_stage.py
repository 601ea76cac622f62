"""Reading and staging a large record against parsing its bytes, as a ratio within one run.

The record: 2,000 resources of one patient in the proportions of an outpatient chart
(laboratory and vital signs first, then encounters, orders, dispenses, problems,
scores). Run: ``python -m evals.benchmarks.read_and_stage [--profile]``. Target: at
most 10.
"""

import argparse
import cProfile
import pstats
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import orjson

from assistant.staging.engine import stage
from assistant.staging.ruleset import load_ruleset
from fhir_adapter.read import read_bundle

TARGET = 10.0
_AS_OF = date(2024, 6, 1)
_FIRST_DAY = date(2014, 1, 6)
_DAYS = 3600
_ROUNDS = 7
_SUBJECT = {"reference": "Patient/p"}
_LOINC, _RXNORM = "http://loinc.org", "http://www.nlm.nih.gov/research/umls/rxnorm"
_UCUM, _SNOMED = "http://unitsofmeasure.org", "http://snomed.info/sct"
_ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
_CATEGORIES = "http://terminology.hl7.org/CodeSystem/observation-category"
_COUNTS = {
    "laboratory": 600,
    "vital": 500,
    "score": 60,
    "encounter": 250,
    "request": 200,
    "dispense": 240,
    "condition": 60,
    "procedure": 40,
    "statement": 49,
}
"""With the patient: 2,000."""
_LABORATORY = (
    ("3016-3", "Thyrotropin [Units/volume] in Serum or Plasma", "m[IU]/L", 2.1),
    ("2951-2", "Sodium [Moles/volume] in Serum or Plasma", "mmol/L", 139),
    ("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", "%", 5.6),
    ("2093-3", "Cholesterol [Mass/volume] in Serum or Plasma", "mg/dL", 182),
    ("718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL", 13.4),
    ("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "mg/dL", 0.9),
)
_VITAL = (
    ("29463-7", "Body weight", "kg", 71.5),
    ("8867-4", "Heart rate", "/min", 68),
    ("8302-2", "Body height", "cm", 171),
)
_DRUGS = (
    ("312941", "sertraline 50 MG Oral Tablet", 50, 100),
    ("314076", "lisinopril 10 MG Oral Tablet", 10, 10),
    ("310534", "glyburide 2.5 MG Oral Tablet", 2.5, 5),
    ("313582", "venlafaxine 75 MG Oral Tablet", 75, 150),
    ("198211", "simvastatin 40 MG Oral Tablet", 40, 40),
)
_CONDITIONS = (
    (_ICD10, "F32.1", "Major depressive disorder, single episode, moderate"),
    (_SNOMED, "59621000", "Essential hypertension"),
    (_SNOMED, "44054006", "Type 2 diabetes mellitus"),
)


def bundle() -> dict[str, Any]:
    """The Bundle measured."""
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"fullUrl": f"urn:uuid:{one['resourceType']}-{one['id']}", "resource": one}
            for one in _resources()
        ],
    }


def _resources() -> Iterator[dict[str, Any]]:
    yield {
        "resourceType": "Patient",
        "id": "p",
        "birthDate": "1985-05-05",
        "gender": "female",
        "name": [{"family": "Benchmark", "given": ["Large"]}],
    }
    for kind, count in _COUNTS.items():
        for number in range(count):
            day = _FIRST_DAY + timedelta(days=number * _DAYS // count)
            yield {
                "meta": {"versionId": "1", "lastUpdated": f"{day}T09:30:00.000Z"},
                **_MAKERS[kind](f"{kind}{number}", number, day.isoformat()),
            }


def _measured(
    name: str, on: str, category: str, row: tuple[str, str, str, float], change: int
) -> dict[str, Any]:
    code, display, unit, value = row
    return {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "category": [{"coding": [{"system": _CATEGORIES, "code": category}]}],
        "code": {
            "coding": [{"system": _LOINC, "code": code, "display": display}],
            "text": display,
        },
        "subject": _SUBJECT,
        "effectiveDateTime": f"{on}T08:15:00+00:00",
        "issued": f"{on}T11:00:00.000+00:00",
        "valueQuantity": {
            "value": round(value * (1 + change / 100), 2),
            "unit": unit,
            "system": _UCUM,
            "code": unit,
        },
    }


def _laboratory(name: str, number: int, on: str) -> dict[str, Any]:
    return _measured(name, on, "laboratory", _LABORATORY[number % len(_LABORATORY)], number % 9)


def _vital(name: str, number: int, on: str) -> dict[str, Any]:
    return _measured(name, on, "vital-signs", _VITAL[number % len(_VITAL)], number % 7)


def _score(name: str, number: int, on: str) -> dict[str, Any]:
    phq9 = (
        "44261-6",
        "Patient Health Questionnaire 9 item total score",
        "{score}",
        18 - number % 9,
    )
    return _measured(name, on, "survey", phq9, 0)


def _encounter(name: str, number: int, on: str) -> dict[str, Any]:
    del number
    return {
        "resourceType": "Encounter",
        "id": name,
        "status": "finished",
        "class": {"code": "AMB"},
        "type": [{"coding": [{"system": _SNOMED, "code": "185349003", "display": "Check-up"}]}],
        "subject": _SUBJECT,
        "period": {"start": f"{on}T08:00:00+00:00", "end": f"{on}T08:30:00+00:00"},
    }


def _medication(number: int) -> dict[str, Any]:
    code, display, _, _ = _DRUGS[number % len(_DRUGS)]
    return {"coding": [{"system": _RXNORM, "code": code, "display": display}], "text": display}


def _dosage(number: int) -> dict[str, Any]:
    _, _, _, dose = _DRUGS[number % len(_DRUGS)]
    return {
        "sequence": 1,
        "text": f"{dose} mg once daily",
        "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
        "doseAndRate": [
            {"doseQuantity": {"value": dose, "unit": "mg", "system": _UCUM, "code": "mg"}}
        ],
    }


def _request(name: str, number: int, on: str) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": name,
        "status": "completed",
        "intent": "order",
        "medicationCodeableConcept": _medication(number),
        "subject": _SUBJECT,
        "authoredOn": f"{on}T08:20:00+00:00",
        "dosageInstruction": [_dosage(number)],
        "dispenseRequest": {
            "numberOfRepeatsAllowed": 0,
            "expectedSupplyDuration": {"value": 30, "unit": "days", "code": "d", "system": _UCUM},
        },
    }


def _dispense(name: str, number: int, on: str) -> dict[str, Any]:
    return {
        "resourceType": "MedicationDispense",
        "id": name,
        "status": "completed",
        "medicationCodeableConcept": _medication(number),
        "subject": _SUBJECT,
        "daysSupply": {"value": 30, "unit": "days", "code": "d", "system": _UCUM},
        "whenHandedOver": f"{on}T10:00:00+00:00",
        "dosageInstruction": [_dosage(number)],
    }


def _statement(name: str, number: int, on: str) -> dict[str, Any]:
    end = date.fromisoformat(on) + timedelta(days=60)
    return {
        "resourceType": "MedicationStatement",
        "id": name,
        "status": "completed",
        "medicationCodeableConcept": _medication(number),
        "subject": _SUBJECT,
        "effectivePeriod": {"start": on, "end": end.isoformat()},
        "dosage": [_dosage(number)],
    }


def _condition(name: str, number: int, on: str) -> dict[str, Any]:
    system, code, display = _CONDITIONS[number % len(_CONDITIONS)]
    return {
        "resourceType": "Condition",
        "id": name,
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "verificationStatus": {"coding": [{"code": "confirmed"}]},
        "code": {"coding": [{"system": system, "code": code, "display": display}]},
        "subject": _SUBJECT,
        "onsetDateTime": on,
        "recordedDate": on,
    }


def _procedure(name: str, number: int, on: str) -> dict[str, Any]:
    del number
    return {
        "resourceType": "Procedure",
        "id": name,
        "status": "completed",
        "code": {"coding": [{"system": _SNOMED, "code": "430193006", "display": "Reconciliation"}]},
        "subject": _SUBJECT,
        "performedDateTime": on,
    }


_MAKERS: dict[str, Callable[[str, int, str], dict[str, Any]]] = {
    "laboratory": _laboratory,
    "vital": _vital,
    "score": _score,
    "encounter": _encounter,
    "request": _request,
    "dispense": _dispense,
    "condition": _condition,
    "procedure": _procedure,
    "statement": _statement,
}


def _seconds(work: Callable[[], object]) -> float:
    """Processor time: another process on the machine does not count."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def measured(data: bytes) -> tuple[float, float, float]:
    """Seconds to parse, to read, and to read and stage ``data``; medians of rounds in turn."""
    ruleset = load_ruleset("source_text")

    def whole() -> object:
        return stage(read_bundle(data).treatment, as_of=_AS_OF, ruleset=ruleset)

    work: tuple[Callable[[], object], ...] = (
        lambda: orjson.loads(data),
        lambda: read_bundle(data),
        whole,
    )
    whole()  # tables are loaded once a process
    rounds = [[_seconds(one) for one in work] for _ in range(_ROUNDS)]
    parsing, reading, both = (statistics.median(times) for times in zip(*rounds, strict=True))
    return parsing, reading, both


def _profile() -> None:
    data = orjson.dumps(bundle())
    stage(read_bundle(data).treatment, as_of=_AS_OF)
    profile = cProfile.Profile()
    profile.enable()
    stage(read_bundle(data).treatment, as_of=_AS_OF)
    profile.disable()
    pstats.Stats(profile).sort_stats("cumulative").print_stats(40)


def main() -> None:
    """Print the times and their ratio."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--profile", action="store_true", help="print where the time goes")
    if options.parse_args().profile:
        _profile()
        return
    data = orjson.dumps(bundle())
    parsing, reading, both = measured(data)
    print(f"{sum(_COUNTS.values()) + 1} resources, {len(data)} bytes")
    print(f"orjson.loads {parsing * 1e3:.1f} ms, read {reading * 1e3:.1f} ms, "
          f"read and stage {both * 1e3:.1f} ms")  # fmt: skip
    print(f"ratio {both / parsing:.1f} (target at most {TARGET:g})")


if __name__ == "__main__":
    main()
