"""From a Bundle to coded facts: the path every other test widens."""

import json
from decimal import Decimal

import pytest

from fhir_adapter.errors import SeveralPatients, UnreadableInput
from fhir_adapter.paths import element_at
from fhir_adapter.read import read_bundle, read_files
from tests.lib import fhir


def test_a_statement_in_mg_gives_drug_dose_and_dates_with_their_elements():
    record = read_bundle(fhir.bundle(fhir.patient(), fhir.statement(fhir.SERTRALINE_50)))
    (exposure,) = record.treatment.exposures
    assert exposure.drug == "sertraline"
    assert exposure.dose is not None
    assert exposure.dose.low == Decimal(100)
    assert (str(exposure.start), str(exposure.end)) == ("2023-01-02", "2023-02-26")
    assert {(item.element, item.attribute) for item in exposure.evidence} >= {
        ("medicationCodeableConcept.coding[0].code", "drug"),
        ("dosage[0].doseAndRate[0].doseQuantity", "dose"),
        ("effectivePeriod.start", "start"),
    }


def test_every_cited_element_is_there_in_the_raw_resource():
    record = read_bundle(
        fhir.bundle(fhir.patient(), fhir.statement(), fhir.phq9(14), fhir.condition("F33.1"))
    )
    facts = record.treatment
    for fact in (*facts.exposures, *facts.scores, *facts.diagnoses):
        for item in fact.evidence:
            element_at(record.resources[item.reference], item.element)


def test_tablets_times_the_strength_of_the_product_is_the_dose():
    tablets = {
        "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
        "doseAndRate": [{"doseQuantity": {"value": 1.5, "unit": "tablet"}}],
    }
    record = read_bundle(
        fhir.bundle(fhir.patient(), fhir.statement(fhir.SERTRALINE_50, dosage=[tablets]))
    )
    (exposure,) = record.treatment.exposures
    assert exposure.dose is not None
    assert exposure.dose.low == 150  # 1.5 tablets of 50 mg, twice a day


def test_a_broken_entry_costs_itself_and_leaves_an_issue():
    record = read_bundle(
        fhir.bundle(fhir.patient(), 7, {"id": "x"}, fhir.statement(dosage="twice"))
    )
    assert len(record.treatment.exposures) == 1
    assert {(issue.resource, issue.severity) for issue in record.treatment.issues} >= {
        ("entry[1]", "error"),
        ("entry[2]", "error"),
    }
    assert record.treatment.completeness.resources_total == 4


def test_two_patients_and_none_chosen_is_refused():
    with pytest.raises(SeveralPatients):
        read_bundle(fhir.bundle(fhir.patient(), {"resourceType": "Patient", "id": "p2"}))


def test_an_empty_bundle_holds_no_patient():
    with pytest.raises(UnreadableInput, match="no resource of a patient"):
        read_bundle(fhir.bundle())


def test_ndjson_and_a_folder_read_as_the_bundle_does(tmp_path):
    resources = [fhir.patient(), fhir.statement(), fhir.phq9(14)]
    lines = tmp_path / "all.ndjson"
    lines.write_text("\n".join(json.dumps(resource) for resource in resources))
    expected = read_bundle(fhir.bundle(*resources)).treatment
    assert read_files([lines]).treatment == expected
    assert read_files([tmp_path]).treatment == expected
