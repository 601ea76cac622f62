"""The demo patients are valid R4, synthetic, and each one is in the index."""

import re
from datetime import date

import pytest
from fhir.resources.R4B import get_fhir_model_class

from tests.lib import demo


def test_there_are_at_least_eight_demo_patients_and_the_worked_case_comes_first() -> None:
    assert len(demo.IDS) >= 8
    assert demo.IDS[0] == "worked-case"


def test_the_index_and_the_files_name_the_same_patients() -> None:
    assert sorted(demo.IDS) == sorted(file.stem for file in demo.FOLDER.glob("*.json"))


@pytest.mark.parametrize("patient_id", demo.IDS)
def test_the_index_tells_title_story_and_date(patient_id: str) -> None:
    entry = demo.index()[patient_id]
    assert entry["title"]
    assert entry["story"].endswith(".")
    assert type(entry["as_of"]) is date


@pytest.mark.parametrize("patient_id", demo.IDS)
def test_every_entry_is_valid_r4(patient_id: str) -> None:
    for entry in demo.bundle(patient_id)["entry"]:
        resource = entry["resource"]
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)


@pytest.mark.parametrize("patient_id", demo.IDS)
def test_every_reference_leads_to_an_entry_of_the_same_bundle(patient_id: str) -> None:
    text = demo.path(patient_id).read_text(encoding="utf-8")
    present = {
        f"{entry['resource']['resourceType']}/{entry['resource']['id']}"
        for entry in demo.bundle(patient_id)["entry"]
    }
    for reference in re.findall(r'"reference": "([^"]+)"', text):
        assert reference in present


@pytest.mark.parametrize("patient_id", demo.IDS)
def test_the_record_is_marked_as_test_data_of_one_patient(patient_id: str) -> None:
    patients = [
        entry["resource"]
        for entry in demo.bundle(patient_id)["entry"]
        if entry["resource"]["resourceType"] == "Patient"
    ]
    assert [patient["id"] for patient in patients] == [patient_id]
    assert patients[0]["meta"]["tag"][0]["code"] == "HTEST"


@pytest.mark.parametrize("patient_id", demo.IDS)
def test_nothing_in_the_record_is_dated_after_the_story(patient_id: str) -> None:
    text = demo.path(patient_id).read_text(encoding="utf-8")
    recorded = re.sub(r'"timestamp": "[^"]+"', "", text)
    dates = re.findall(r'"(\d{4}-\d{2}-\d{2})(?:T[^"]*)?"', recorded)
    assert max(dates) <= demo.as_of(patient_id).isoformat()
