"""Opening a record, reading it back, assessing it."""

import pytest
from fastapi.testclient import TestClient

from assistant.bootstrap import build_service
from assistant.config import Settings
from tests.lib import demo
from tests.lib.service import api, opened, upload, worked_case


def test_every_demo_patient_is_listed_and_opens(client: TestClient) -> None:
    listed = client.get("/api/patients").json()["patients"]
    assert [patient["id"] for patient in listed] == list(demo.IDS)
    for patient in listed:
        path = opened(client, patient["id"])
        shown = client.get(path).json()
        assert shown["as_of"] == str(demo.as_of(patient["id"]))
        assert client.get(f"{path}/stage").json()["as_of"] == shown["as_of"]


def test_an_uploaded_bundle_is_staged_like_the_same_file_of_the_demo(client: TestClient) -> None:
    path = upload(client, worked_case())
    asked = {"as_of": "2024-06-03"}
    uploaded = client.get(f"{path}/stage", params=asked).json()
    demonstrated = client.get(f"{opened(client)}/stage", params=asked).json()
    assert uploaded == demonstrated
    assert uploaded["schema"] == "staging-report/1"
    assert uploaded["staging"]["source_stage"]["working"] == "II"


def test_the_date_and_the_ruleset_of_a_view_are_echoed(client: TestClient) -> None:
    path = opened(client)
    report = client.get(
        f"{path}/stage", params={"as_of": "2024-02-01T10:30:00", "ruleset": "canada_2021"}
    ).json()
    assert (report["as_of"], report["ruleset"]["name"]) == ("2024-02-01", "canada_2021")
    assert report["completeness"]["after_as_of"] > 0


def test_every_evidence_element_of_every_report_can_be_read_back(client: TestClient) -> None:
    for patient in demo.IDS:
        path = opened(client, patient)
        report = client.get(f"{path}/stage").json()
        places = {place for finding in report["findings"] for place in finding["facts"]}
        places |= {place for trial in report["trials"] for place in trial["evidence"]}
        assert places
        for place in sorted(places):
            reference, _, element = place.partition("#")
            answer = client.get(f"{path}/record/{reference}", params={"element": element})
            assert answer.status_code == 200, place
            assert answer.json()["value"] not in (None, {}, [])


def test_a_resource_or_element_the_record_lacks_is_not_found(client: TestClient) -> None:
    path = opened(client)
    assert client.get(f"{path}/record/Observation/none").status_code == 404
    answer = client.get(f"{path}/record/Patient/worked-case", params={"element": "none[3]"})
    assert answer.status_code == 404


def test_a_closed_record_is_gone(client: TestClient) -> None:
    path = opened(client)
    assert client.delete(path).status_code == 204
    assert client.get(f"{path}/stage").status_code == 404
    assert client.delete(path).status_code == 404


def test_without_demo_and_uploads_no_record_can_be_opened() -> None:
    with api(build_service(Settings())) as closed:
        assert closed.get("/api/patients").json() == {"patients": []}
        assert closed.post("/api/records", json=worked_case()).status_code == 403
        assert closed.post("/api/demo/worked-case").status_code == 403
        assert "launch" in closed.get("/").text.lower()


def test_the_least_recently_used_record_is_closed_when_there_is_no_room() -> None:
    service = build_service(Settings(demo=True, max_open_records=2))
    with api(service) as small:
        first, second = opened(small), opened(small)
        small.get(first)
        third = opened(small)
        found = [small.get(path).status_code for path in (first, second, third)]
    assert found == [200, 404, 200]


@pytest.mark.parametrize("patient", demo.IDS)
def test_the_banner_names_the_patient_of_the_record(client: TestClient, patient: str) -> None:
    banner = client.get(opened(client, patient)).json()["patient"]
    person = next(
        entry["resource"]
        for entry in demo.bundle(patient)["entry"]
        if entry["resource"]["resourceType"] == "Patient"
    )
    assert banner["birth_date"] == person["birthDate"]
    assert person["name"][0]["family"] in banner["name"]
