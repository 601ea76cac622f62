"""Small FHIR resources for the adapter's tests: R4 JSON as a server sends it."""

from typing import Any

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
LOINC = "http://loinc.org"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
SUBJECT = {"reference": "Patient/p1"}
SERTRALINE_50 = {"coding": [{"system": RXNORM, "code": "312941"}]}


def patient(**elements: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": "p1", **elements}


def bundle(*resources: Any, kind: str = "collection", **elements: Any) -> dict[str, Any]:
    return {
        "resourceType": "Bundle",
        "type": kind,
        "entry": [{"resource": resource} for resource in resources],
        **elements,
    }


def dosage(mg: object = 100, **elements: Any) -> dict[str, Any]:
    return {
        "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
        "doseAndRate": [{"doseQuantity": {"value": mg, "unit": "mg", "code": "mg"}}],
        **elements,
    }


def statement(medication: Any = None, **elements: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationStatement",
        "id": "m1",
        "status": "completed",
        "subject": SUBJECT,
        "medicationCodeableConcept": medication or {"text": "sertraline"},
        "effectivePeriod": {"start": "2023-01-02", "end": "2023-02-26"},
        "dosage": [dosage()],
        **elements,
    }


def request(medication: Any = None, **elements: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": "r1",
        "status": "active",
        "intent": "order",
        "subject": SUBJECT,
        "authoredOn": "2023-01-02",
        "medicationCodeableConcept": medication or {"text": "sertraline"},
        "dosageInstruction": [dosage()],
        **elements,
    }


def phq9(total: object, on: str = "2023-01-02", **elements: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": "o1",
        "status": "final",
        "subject": SUBJECT,
        "code": {"coding": [{"system": LOINC, "code": "44261-6"}]},
        "effectiveDateTime": on,
        "valueInteger": total,
        **elements,
    }


def condition(code: str, system: str = ICD10, **elements: Any) -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "id": "c1",
        "subject": SUBJECT,
        "code": {"coding": [{"system": system, "code": code}]},
        **elements,
    }


def dispense(medication: Any = None, **elements: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationDispense",
        "id": "d1",
        "status": "completed",
        "subject": SUBJECT,
        "medicationCodeableConcept": medication or SERTRALINE_50,
        "whenHandedOver": "2023-01-02",
        "daysSupply": {"value": 30, "unit": "days", "code": "d"},
        **elements,
    }


def coded(system: str, code: str, display: str | None = None, **more: Any) -> dict[str, Any]:
    coding = {"system": system, "code": code, **({"display": display} if display else {})}
    return {"coding": [coding], **more}
