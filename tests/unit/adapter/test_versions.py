"""R5, STU3 and DSTU2 read where we can, and refused by name where we cannot."""

from assistant.staging.record import EndBasis
from fhir_adapter.read import read_bundle
from tests.lib import fhir

R5_MEDICATION = {"concept": fhir.SERTRALINE_50}


def facts(*resources):
    return read_bundle(fhir.bundle(fhir.patient(), *resources)).treatment


def without(resource, *names):
    return {key: value for key, value in resource.items() if key not in names}


def test_an_r5_codeable_reference_is_read_by_concept_and_by_reference():
    by_concept = without(fhir.statement(), "medicationCodeableConcept")
    by_concept["medication"] = R5_MEDICATION
    by_reference = by_concept | {"medication": {"reference": {"reference": "Medication/med"}}}
    medication = {"resourceType": "Medication", "id": "med", "code": fhir.SERTRALINE_50}
    for entry in (by_concept, by_reference):
        (exposure,) = facts(medication, entry).exposures
        assert (exposure.drug, exposure.dose and exposure.dose.low) == ("sertraline", 100)


def test_an_r5_administration_and_dispense_are_read():
    given = {
        "resourceType": "MedicationAdministration",
        "id": "a",
        "status": "completed",
        "subject": fhir.SUBJECT,
        "medication": R5_MEDICATION,
        "occurenceDateTime": "2024-01-01",
        "dosage": {"dose": {"value": 100, "unit": "mg"}},
    }
    fill = without(fhir.dispense(), "medicationCodeableConcept") | {"medication": R5_MEDICATION}
    assert [str(e.start) for e in facts(given, fill).exposures] == ["2024-01-01", "2023-01-02"]


def test_an_stu3_order_is_read():
    order = {
        "resourceType": "MedicationRequest",
        "id": "r",
        "status": "active",
        "intent": "order",
        "subject": fhir.SUBJECT,
        "authoredOn": "2014-11-02",
        "medicationCodeableConcept": fhir.SERTRALINE_50,
        "dosageInstruction": [
            {
                "doseQuantity": {"value": 2, "unit": "{tablet}"},
                "timing": {
                    "repeat": {
                        "frequency": 1,
                        "period": 1,
                        "periodUnit": "d",
                        "boundsPeriod": {"start": "2014-11-02", "end": "2015-01-01"},
                    }
                },
            }
        ],
    }
    (exposure,) = facts(order).exposures
    assert (exposure.dose and exposure.dose.low, str(exposure.end)) == (100, "2015-01-01")


def test_a_dstu2_medication_order_is_read():
    order = {
        "resourceType": "MedicationOrder",
        "id": "r",
        "status": "stopped",
        "patient": fhir.SUBJECT,
        "dateWritten": "2014-11-02",
        "dateEnded": "2015-01-01",
        "reasonCodeableConcept": {"text": "Depression"},
        "reasonEnded": {"text": "side effects"},
        "medicationCodeableConcept": fhir.SERTRALINE_50,
        "dosageInstruction": [
            {
                "quantityQuantity": None,
                "doseQuantity": {"value": 100, "unit": "mg"},
                "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnits": "d"}},
            }
        ],
    }
    (exposure,) = facts(order).exposures
    assert exposure.drug == "sertraline"
    assert (str(exposure.start), str(exposure.end)) == ("2014-11-02", "2015-01-01")
    assert exposure.end_basis is EndBasis.STATED
    assert exposure.stop_reason == "intolerance"
    assert exposure.indication is not None


def test_a_dstu2_condition_is_read():
    condition = without(fhir.condition("F33.1"), "subject") | {
        "patient": fhir.SUBJECT,
        "dateRecorded": "2014-01-01",
        "clinicalStatus": "active",
        "verificationStatus": "confirmed",
    }
    (found,) = facts(condition).diagnoses
    assert (found.active, str(found.recorded)) == (True, "2014-01-01")


def test_a_dstu2_medication_statement_is_read():
    statement = without(fhir.statement(), "subject") | {
        "patient": fhir.SUBJECT,
        "wasNotTaken": False,
        "reasonForUseCodeableConcept": {"text": "Depression"},
        "dosage": [
            {
                "quantityQuantity": {"value": 100, "unit": "mg"},
                "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnits": "d"}},
            }
        ],
    }
    (exposure,) = facts(statement).exposures
    assert exposure.dose is not None
    assert exposure.indication is not None


def test_a_dstu2_allergy_is_read():
    allergy = {
        "resourceType": "AllergyIntolerance",
        "id": "a",
        "patient": fhir.SUBJECT,
        "substance": {"text": "escitalopram"},
        "status": "active",
        "recordedDate": "2014-01-01",
    }
    assert [reaction.drug for reaction in facts(allergy).reactions] == ["escitalopram"]
    assert facts(allergy | {"status": "entered-in-error"}).reactions == ()


def test_an_stu3_allergy_with_plain_status_codes_is_read():
    allergy = {
        "resourceType": "AllergyIntolerance",
        "id": "a",
        "patient": fhir.SUBJECT,
        "code": {"text": "escitalopram"},
        "clinicalStatus": "active",
        "verificationStatus": "refuted",
    }
    assert facts(allergy).reactions == ()
    assert len(facts(allergy | {"verificationStatus": "confirmed"}).reactions) == 1


def test_dstu1_is_refused_by_name():
    (issue,) = facts(
        {"resourceType": "MedicationPrescription", "id": "x", "patient": fhir.SUBJECT}
    ).issues
    assert "DSTU1" in issue.problem


def test_an_unknown_resource_type_is_counted_and_passed_over():
    found = facts({"resourceType": "BiologicallyDerivedProduct", "id": "x"})
    assert found.completeness.resources_read == 2
    assert found.issues == ()
