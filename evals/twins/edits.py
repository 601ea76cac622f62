"""Edits of a FHIR Bundle: entries out, entries in, one trial written out plainly."""

import copy
import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

_RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
_UCUM = "http://unitsofmeasure.org"
Bundle = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainTrial:
    """A trial as one statement, with its dispenses and its two scores."""

    drug: str
    mg: float | None
    start: date | None
    end: date
    covered: int | None = None
    """Days that the dispenses cover, from the start; None: no dispenses."""
    baseline: int | None = None
    endpoint: int | None = None
    on: date | None = None
    """Day of the baseline, where the start is not given."""

    def resources(self, patient: str) -> list[dict[str, Any]]:
        """The entries of the trial."""
        return [_statement(self, patient), *_fills(self, patient), *_scores(self, patient)]


def resources(bundle: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The resources of a Bundle, in order."""
    return [entry["resource"] for entry in bundle.get("entry") or () if "resource" in entry]


def patient_of(bundle: Mapping[str, Any]) -> str:
    """The reference of the Bundle's patient."""
    for one in resources(bundle):
        if one.get("resourceType") == "Patient":
            return f"Patient/{one['id']}"
    for one in resources(bundle):
        subject = (one.get("subject") or one.get("patient") or {}).get("reference")
        if subject:
            return str(subject)
    return "Patient/unknown"


def without(bundle: Bundle, gone: Callable[[dict[str, Any]], bool]) -> Bundle:
    """The Bundle without these resources."""
    entries = [
        entry for entry in bundle.get("entry") or () if not gone(entry.get("resource") or {})
    ]
    return {**bundle, "entry": copy.deepcopy(entries)}


def having(bundle: Bundle, added: Iterable[dict[str, Any]]) -> Bundle:
    """The Bundle with further resources at its end."""
    entries = [{"fullUrl": f"urn:twin:{one['id']}", "resource": one} for one in added]
    return {**bundle, "entry": [*copy.deepcopy(bundle.get("entry") or []), *entries]}


def reference(resource: Mapping[str, Any]) -> str:
    """``Type/id``."""
    return f"{resource.get('resourceType')}/{resource.get('id')}"


def medicine(drug: str) -> dict[str, Any]:
    """A drug by its RxNorm ingredient and its name."""
    code = _codes().get(drug)
    coding = [{"system": _RXNORM, "code": code, "display": drug}] if code else []
    return {"text": drug, **({"coding": coding} if coding else {})}


@cache
def _codes() -> Mapping[str, str]:
    table = files("fhir_adapter").joinpath("tables/drugs.csv").read_text(encoding="utf-8")
    return {row["name"]: row["rxcui"] for row in csv.DictReader(table.splitlines())}


def statement(
    name: str, patient: str, drug: dict[str, Any], mg: float | None, **more: Any
) -> dict[str, Any]:
    """A MedicationStatement of one daily dose."""
    dose = {"value": mg, "unit": "mg", "system": _UCUM, "code": "mg"}
    daily = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}
    dosage = [{"timing": daily, "doseAndRate": [{"doseQuantity": dose}]}]
    return {
        "resourceType": "MedicationStatement",
        "id": name,
        "status": "completed",
        "subject": {"reference": patient},
        "medicationCodeableConcept": drug,
        **({"dosage": dosage} if mg is not None else {}),
        **more,
    }


def observation(
    name: str, patient: str, code: dict[str, Any], on: str, **value: Any
) -> dict[str, Any]:
    """A final Observation."""
    return {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "subject": {"reference": patient},
        "code": code,
        "effectiveDateTime": on,
        **value,
    }


def condition(name: str, patient: str, icd10: str, on: str) -> dict[str, Any]:
    """A confirmed, active Condition."""
    base = "http://terminology.hl7.org/CodeSystem"
    return {
        "resourceType": "Condition",
        "id": name,
        "subject": {"reference": patient},
        "clinicalStatus": {"coding": [{"system": f"{base}/condition-clinical", "code": "active"}]},
        "verificationStatus": {
            "coding": [{"system": f"{base}/condition-ver-status", "code": "confirmed"}]
        },
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": icd10}]},
        "onsetDateTime": on,
        "recordedDate": on,
    }


def _statement(trial: PlainTrial, patient: str) -> dict[str, Any]:
    period = {"end": trial.end.isoformat()}
    if trial.start is not None:
        period["start"] = trial.start.isoformat()
    return statement("twin-trial", patient, medicine(trial.drug), trial.mg, effectivePeriod=period)


def _fills(trial: PlainTrial, patient: str) -> list[dict[str, Any]]:
    if trial.covered is None or trial.start is None:
        return []
    first = trial.covered // 2
    supplies = (
        (trial.start, first),
        (trial.start + timedelta(days=first), trial.covered - first),
    )
    return [
        {
            "resourceType": "MedicationDispense",
            "id": f"twin-fill-{place}",
            "status": "completed",
            "subject": {"reference": patient},
            "medicationCodeableConcept": medicine(trial.drug),
            "whenHandedOver": day.isoformat(),
            "daysSupply": {"value": days, "unit": "day", "system": _UCUM, "code": "d"},
        }
        for place, (day, days) in enumerate(supplies, start=1)
    ]


def _scores(trial: PlainTrial, patient: str) -> list[dict[str, Any]]:
    if trial.baseline is None or trial.endpoint is None:
        return []
    day = trial.start or trial.on or trial.end
    return [
        observation(
            f"twin-score-{name}",
            patient,
            {"text": "HAM-D-17"},
            on.isoformat(),
            valueQuantity={"value": total, "unit": "{score}", "system": _UCUM, "code": "{score}"},
        )
        for name, on, total in (
            ("baseline", day, trial.baseline),
            ("endpoint", trial.end, trial.endpoint),
        )
    ]
