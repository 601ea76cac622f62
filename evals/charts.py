"""Writes a chart given in a few words as a FHIR R4 Bundle of one patient."""

import csv
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from evals.cases import Chart, Course, Drug

PATIENT = "case"
_RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
_UCUM = "http://unitsofmeasure.org"
_SUBJECT = {"reference": f"Patient/{PATIENT}"}


def bundle_of(chart: Chart) -> dict[str, Any]:
    """The record of ``chart``: a collection Bundle, each entry with a telling id."""
    entries = [_patient(chart), *_conditions(chart)]
    for number, drug in enumerate(chart.drugs, start=1):
        entries += _drug(number, drug)
    for number, score in enumerate(chart.scores, start=1):
        entries.append(_observation(f"score-{number}", {"text": score.scale}, score.value, score))
    for number, lab in enumerate(chart.labs, start=1):
        code = {"coding": [{"system": "http://loinc.org", "code": lab.loinc}]}
        entries.append(_observation(f"lab-{number}", code, lab.value, lab, lab.unit))
    for number, course in enumerate(chart.courses, start=1):
        entries += _course(number, course)
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": resource} for resource in entries],
    }


def _patient(chart: Chart) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": PATIENT,
        "gender": chart.gender,
        "birthDate": chart.born,
    }


def _conditions(chart: Chart) -> Iterator[dict[str, Any]]:
    for number, condition in enumerate(chart.conditions, start=1):
        dates = {"onsetDateTime": condition.onset, "recordedDate": condition.recorded}
        yield {
            "resourceType": "Condition",
            "id": f"condition-{number}",
            "subject": _SUBJECT,
            "clinicalStatus": _coded("condition-clinical", "active"),
            "verificationStatus": _coded("condition-ver-status", "confirmed"),
            "code": {
                "coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": condition.code}]
            },
            **{name: value for name, value in dates.items() if value is not None},
        }


def _coded(system: str, code: str) -> dict[str, Any]:
    url = f"http://terminology.hl7.org/CodeSystem/{system}"
    return {"coding": [{"system": url, "code": code}]}


def _drug(number: int, drug: Drug) -> Iterator[dict[str, Any]]:
    medicine: dict[str, Any] = {"text": drug.drug}
    code = _ingredients().get(drug.drug)
    if code:
        medicine["coding"] = [{"system": _RXNORM, "code": code, "display": drug.drug}]
    period = {name: value for name, value in (("start", drug.start), ("end", drug.end)) if value}
    status = drug.status or ("completed" if drug.end else "active")
    entry: dict[str, Any] = {
        "resourceType": "MedicationRequest" if drug.order else "MedicationStatement",
        "id": f"drug-{number}",
        "status": status,
        "subject": _SUBJECT,
        "medicationCodeableConcept": medicine,
    }
    if drug.order:
        entry |= {"intent": "order", **({"authoredOn": drug.start} if drug.start else {})}
    elif period:
        entry["effectivePeriod"] = period
    if drug.mg is not None:
        entry["dosageInstruction" if drug.order else "dosage"] = [_dosage(drug, period)]
    if drug.given_for:
        entry["reasonCode"] = [{"text": drug.given_for}]
    if drug.stopped_for:
        stopped = {"text": drug.stopped_for}
        entry["statusReason"] = stopped if drug.order else [stopped]
    yield entry
    yield from _fills(number, drug, medicine)


def _dosage(drug: Drug, period: Mapping[str, str]) -> dict[str, Any]:
    repeat: dict[str, Any] = {"frequency": 1, "period": 1, "periodUnit": "d"}
    if drug.order and period:
        repeat["boundsPeriod"] = dict(period)
    dose = {"value": drug.mg, "unit": "mg", "system": _UCUM, "code": "mg"}
    return {"timing": {"repeat": repeat}, "doseAndRate": [{"doseQuantity": dose}]}


def _fills(number: int, drug: Drug, medicine: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Two fills, the second when the first has run out, that cover the share taken."""
    if drug.taken is None or drug.start is None or drug.end is None:
        return
    start, end = date.fromisoformat(drug.start), date.fromisoformat(drug.end)
    covered = round(drug.taken * ((end - start).days + 1))
    first = covered // 2
    for place, (day, days) in enumerate(
        ((start, first), (start + timedelta(days=first), covered - first)), start=1
    ):
        yield {
            "resourceType": "MedicationDispense",
            "id": f"drug-{number}-fill-{place}",
            "status": "completed",
            "subject": _SUBJECT,
            "medicationCodeableConcept": medicine,
            "whenHandedOver": day.isoformat(),
            "daysSupply": {"value": days, "unit": "day", "system": _UCUM, "code": "d"},
        }


def _observation(
    name: str, code: dict[str, Any], value: float, dated: Any, unit: str = "{score}"
) -> dict[str, Any]:
    number = int(value) if float(value).is_integer() else value
    return {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "subject": _SUBJECT,
        "code": code,
        "effectiveDateTime": dated.date,
        "valueQuantity": {"value": number, "unit": unit, "system": _UCUM, "code": unit},
    }


def _course(number: int, course: Course) -> Iterator[dict[str, Any]]:
    code: dict[str, Any] = {
        "coding": [{"system": "http://snomed.info/sct", "code": course.code}],
    }
    if course.laterality:
        code["text"] = f"{course.laterality} electroconvulsive therapy"
    for place, day in enumerate(course.dates, start=1):
        yield {
            "resourceType": "Procedure",
            "id": f"course-{number}-{place}",
            "status": "completed",
            "subject": _SUBJECT,
            "code": code,
            "performedDateTime": day,
        }


@cache
def _ingredients() -> Mapping[str, str]:
    table = files("fhir_adapter").joinpath("tables/drugs.csv").read_text(encoding="utf-8")
    return {row["name"]: row["rxcui"] for row in csv.DictReader(table.splitlines())}
