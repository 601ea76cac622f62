"""Files, folders, Bundles of every type; whose resources they hold; how references resolve."""

import gzip
import io
import json

import pytest

from fhir_adapter.errors import PatientNotFound, SeveralPatients, UnreadableInput
from fhir_adapter.read import read_bundle, read_files
from tests.lib import fhir
from tests.lib.fhir import bundle, patient, phq9, statement

OTHER = {"resourceType": "Patient", "id": "p2"}


def written(folder, name, *resources):
    lines = "\n".join(json.dumps(resource) for resource in resources)
    data = lines.encode()
    (folder / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return folder / name


@pytest.mark.parametrize(
    "name", ["a.ndjson", "a.ndjson.gz", "a.jsonl", "without-extension", "a.json", "a.gz"]
)
def test_ndjson_is_read_plain_or_packed_under_any_name(tmp_path, name):
    path = written(tmp_path, name, patient(), statement(), phq9(14))
    facts = read_files([path]).treatment
    assert (len(facts.exposures), len(facts.scores)) == (1, 1)


def test_a_bad_line_costs_the_line(tmp_path):
    path = written(tmp_path, "a.ndjson", patient(), statement())
    path.write_bytes(
        path.read_bytes() + b'\n{"resourceType": "Observation", "value": NaN}\n{"a":1}\n'
    )
    facts = read_files([path]).treatment
    assert len(facts.exposures) == 1
    assert [issue.resource for issue in facts.issues if issue.severity == "error"] == [
        "line 3",
        "line 4",
    ]
    assert (facts.completeness.resources_read, facts.completeness.resources_total) == (2, 4)


def test_ndjson_without_a_good_line_is_refused(tmp_path):
    path = tmp_path / "a.ndjson"
    path.write_text("nonsense\n{}\n")
    with pytest.raises(UnreadableInput, match="no line of it is a FHIR resource"):
        read_files([path])


def test_a_folder_is_one_record_and_a_foreign_file_in_it_an_issue(tmp_path):
    (tmp_path / "deeper").mkdir()
    written(tmp_path, "a.json", patient())
    written(tmp_path / "deeper", "b.ndjson.gz", statement(), phq9(14))
    (tmp_path / "expected.json").write_text("[1]")
    (tmp_path / "notes.txt").write_text("not looked at")
    facts = read_files([tmp_path]).treatment
    assert (len(facts.exposures), len(facts.scores)) == (1, 1)
    assert [issue.resource for issue in facts.issues if issue.severity == "error"] == [
        "expected.json"
    ]


def test_several_inputs_are_one_record(tmp_path):
    first = written(tmp_path, "a.json", bundle(patient(), statement()))
    second = written(tmp_path, "b.json", bundle(patient(), phq9(14)))
    facts = read_files([first, second]).treatment
    assert (len(facts.exposures), len(facts.scores)) == (1, 1)
    assert facts.completeness.resources_total == 4


def test_standard_input_is_read(monkeypatch):
    data = json.dumps(bundle(patient(), statement())).encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert len(read_files(["-"]).treatment.exposures) == 1


@pytest.mark.parametrize(
    "kind",
    ["collection", "searchset", "transaction", "batch", "document", "message", "history",
     "transaction-response", "batch-response", "nonsense"],
)  # fmt: skip
def test_a_bundle_of_any_type_is_read(kind):
    facts = read_bundle(bundle(patient(), statement(), kind=kind)).treatment
    assert len(facts.exposures) == 1
    assert facts.completeness.incomplete == ()


def test_a_bundle_in_a_bundle_is_read():
    inner = bundle(statement(), phq9(14), kind="searchset")
    facts = read_bundle(bundle(patient(), inner, kind="batch-response")).treatment
    assert (len(facts.exposures), len(facts.scores)) == (1, 1)
    assert facts.completeness.resources_total == 3


def test_entries_without_a_resource_count_only_where_one_was_due():
    content = bundle(patient(), statement(), kind="history")
    content["entry"] += [
        {"request": {"method": "DELETE", "url": "Observation/1"}},
        {"response": {"status": "201"}},
        {"fullUrl": "urn:uuid:1"},
    ]
    facts = read_bundle(content).treatment
    assert facts.completeness.resources_total == 3
    assert [issue.resource for issue in facts.issues if issue.severity == "error"] == ["entry[4]"]


def test_the_newest_version_of_a_resource_is_read():
    old = statement(status="active", meta={"lastUpdated": "2023-01-01T00:00:00Z"})
    new = statement(status="stopped", meta={"lastUpdated": "2023-03-01T00:00:00Z"})
    for order in ([old, new], [new, old]):
        record = read_bundle(bundle(patient(), *order))
        assert [exposure.status for exposure in record.treatment.exposures] == ["stopped"]
        assert "different versions" in record.treatment.issues[0].problem
    assert len(read_bundle(bundle(patient(), old, old)).treatment.exposures) == 1


@pytest.mark.parametrize(
    ("elements", "read", "total"),
    [
        ({"total": 2}, 2, None),
        ({"total": 9}, 2, 9),
        ({"link": [{"relation": "next", "url": "http://x/next"}]}, 2, None),
        ({"total": True}, 2, None),
    ],
)
def test_a_searchset_that_promises_more_is_incomplete(elements, read, total):
    facts = read_bundle(bundle(patient(), statement(), kind="searchset", **elements)).treatment
    found = facts.completeness.incomplete
    if total is None and "link" not in elements:
        assert found == ()
    else:
        assert [(item.read, item.total) for item in found] == [(read, total)]
    assert facts.completeness.resources_total == (total or 2)


def test_a_page_of_several_types_leaves_every_type_incomplete():
    """The first page of `$everything` does not say what the others hold."""
    more = {"link": [{"relation": "next", "url": "http://x/next"}]}
    mixed = bundle(patient(), statement(), kind="searchset", **more)
    (part,) = read_bundle(mixed).treatment.completeness.incomplete
    assert part.type == "Bundle"
    searched = bundle(statement(), patient(), kind="searchset", **more)
    searched["entry"][0]["search"] = {"mode": "match"}
    searched["entry"][1]["search"] = {"mode": "include"}
    (part,) = read_bundle(searched).treatment.completeness.incomplete
    assert part.type == "MedicationStatement"


def test_an_operation_outcome_among_results_is_shown_and_never_read_as_data():
    content = bundle(patient(), statement(), kind="searchset")
    content["entry"].append(
        {
            "search": {"mode": "outcome"},
            "resource": {
                "resourceType": "OperationOutcome",
                "issue": [
                    {"severity": "warning", "code": "incomplete", "diagnostics": "secret words"},
                    {"severity": "information", "code": "informational"},
                ],
            },
        }
    )
    facts = read_bundle(content).treatment
    assert facts.completeness.resources_total == 2
    (issue,) = (i for i in facts.issues if i.resource == "entry[2]")
    assert "incomplete" in issue.problem
    assert "secret" not in issue.problem


def test_the_patient_is_chosen_by_id_reference_or_identifier():
    other = {**OTHER, "identifier": [{"system": "urn:mrn", "value": "MRN-7"}]}
    theirs = statement(subject={"reference": "Patient/p2"}, id="m2", status="stopped")
    content = bundle(patient(), other, statement(), theirs)
    for name in ("p2", "Patient/p2", "MRN-7"):
        record = read_bundle(content, patient=name)
        assert record.treatment.patient.reference == "Patient/p2"
        assert [exposure.status for exposure in record.treatment.exposures] == ["stopped"]
        assert set(record.resources) == {"Patient/p2", "MedicationStatement/m2"}
    with pytest.raises(SeveralPatients, match="2 patients"):
        read_bundle(content)
    with pytest.raises(PatientNotFound):
        read_bundle(content, patient="p3")


def test_without_a_patient_resource_the_shared_subject_is_the_patient():
    record = read_bundle(bundle(statement(), phq9(14)))
    assert record.treatment.patient.reference == "Patient/p1"
    assert len(record.treatment.exposures) == 1
    theirs = phq9(14, subject={"reference": "Patient/p2"}, id="o2")
    with pytest.raises(SeveralPatients):
        read_bundle(bundle(statement(), theirs))
    assert read_bundle(bundle(statement(), theirs), patient="p2").treatment.exposures == ()


@pytest.mark.parametrize(
    "subject",
    [
        {"reference": "Patient/p2"},
        {"reference": "Patient/REPLACE_PATIENT_ID"},
        {"reference": "https://elsewhere.example/fhir/Patient/p9"},
        {"reference": "urn:uuid:2"},
        {"reference": "Group/g1"},
        {"display": "somebody"},
        {"identifier": {"value": "another"}},
        "Patient/p1",
    ],
)
def test_a_resource_of_another_patient_is_an_issue_and_ignored(subject):
    facts = read_bundle(bundle(patient(), statement(subject=subject), phq9(14))).treatment
    assert facts.exposures == ()
    assert len(facts.scores) == 1
    (issue,) = facts.issues
    assert (issue.resource, issue.path) == ("MedicationStatement/m1", "subject")
    assert (facts.completeness.resources_read, facts.completeness.resources_total) == (2, 3)


@pytest.mark.parametrize(
    ("full_url", "reference"),
    [
        (None, "Patient/p1"),
        (None, "https://ehr.example/fhir/Patient/p1"),
        ("https://ehr.example/fhir/Patient/p1", "https://ehr.example/fhir/Patient/p1/_history/2"),
        ("urn:uuid:61ebe359", "urn:uuid:61ebe359"),
        ("urn:uuid:Patient/TEST-12", "urn:uuid:Patient/TEST-12"),
        ("https://ehr.example/fhir/Patient/p1", "Patient/p1"),
    ],
)
def test_a_reference_to_the_patient_is_known_in_every_form(full_url, reference):
    content = bundle(patient(), statement(subject={"reference": reference}))
    if full_url:
        content["entry"][0]["fullUrl"] = full_url
    assert len(read_bundle(content).treatment.exposures) == 1


def test_the_same_id_on_another_server_is_another_patient():
    content = bundle(patient(), statement(subject={"reference": "https://b.example/Patient/p1"}))
    content["entry"][0]["fullUrl"] = "https://a.example/Patient/p1"
    assert read_bundle(content).treatment.exposures == ()


def test_a_logical_reference_by_the_patients_identifier_is_theirs():
    known = patient(identifier=[{"value": "MRN-1"}])
    subject = {"identifier": {"value": "MRN-1"}}
    assert len(read_bundle(bundle(known, statement(subject=subject))).treatment.exposures) == 1


@pytest.mark.parametrize(
    ("full_url", "reference"),
    [
        (None, "Medication/med1"),
        ("urn:uuid:77", "urn:uuid:77"),
        ("https://ehr.example/Medication/med1", "https://ehr.example/Medication/med1"),
        ("https://ehr.example/Medication/med1", "Medication/med1"),
        (None, "https://ehr.example/Medication/med1/_history/3"),
    ],
)
def test_a_medication_is_found_by_every_kind_of_reference(full_url, reference):
    entry = statement()
    del entry["medicationCodeableConcept"]
    entry["medicationReference"] = {"reference": reference}
    medication = {"resourceType": "Medication", "id": "med1", "code": fhir.SERTRALINE_50}
    content = bundle(patient(), entry, medication)
    if full_url:
        content["entry"][2]["fullUrl"] = full_url
    (exposure,) = read_bundle(content).treatment.exposures
    assert exposure.drug == "sertraline"
    assert exposure.evidence[0].reference == "Medication/med1"


@pytest.mark.parametrize("reference", ["#med", "#gone", "#", "#m1"])
def test_a_contained_reference_resolves_inside_its_resource_only(reference):
    entry = statement()
    del entry["medicationCodeableConcept"]
    entry["contained"] = [{"resourceType": "Medication", "id": "med", "code": fhir.SERTRALINE_50}]
    entry["medicationReference"] = {"reference": reference}
    found = read_bundle(bundle(patient(), entry)).treatment.exposures
    assert [exposure.drug for exposure in found] == (["sertraline"] if reference == "#med" else [])


def test_the_banner_names_the_patient():
    named = patient(
        name=[
            {"use": "old", "text": "Old"},
            {"use": "official", "family": "Doe", "given": ["Ann"]},
        ],
        birthDate="1961-11-05",
        gender="female",
        identifier=[{"value": "MRN-1"}],
    )
    shown = read_bundle(bundle(named, statement())).banner
    assert (shown.name, shown.birth_date, shown.gender, shown.identifiers) == (
        "Ann Doe",
        "1961-11-05",
        "female",
        ("MRN-1",),
    )


def test_entries_without_an_id_are_named_by_their_place_and_kept_apart(tmp_path):
    nameless = {key: value for key, value in statement().items() if key != "id"}
    other = nameless | {"status": "stopped"}
    first = written(tmp_path, "a.json", bundle(patient(), nameless))
    second = written(tmp_path, "b.json", bundle(other))
    third = written(tmp_path, "c.json", nameless | {"status": "on-hold"})
    lines = written(tmp_path, "d.ndjson", patient(), nameless | {"status": "active"})
    record = read_files([first, second, third, lines])
    assert {exposure.group for exposure in record.treatment.exposures} == {
        "entry[1]",
        "input[1].entry[0]",
        "input[2].entry[0]",
        "input[3].line 2",
    }
    assert len(record.treatment.exposures) == 4
    assert "input[3].line 2" in record.resources


def with_patient_inside(name, born, inside="p"):
    held = [{"resourceType": "Patient", "id": inside, "birthDate": born}]
    return statement(id=name, subject={"reference": f"#{inside}"}, contained=held)


def test_a_patient_inside_a_resource_is_the_one_they_all_describe_alike():
    facts = read_bundle(bundle(with_patient_inside("a", "1990"), with_patient_inside("b", "1990")))
    assert len(facts.treatment.exposures) == 2


@pytest.mark.parametrize(
    "other",
    [
        with_patient_inside("b", "1991"),
        statement(id="b"),
        statement(id="b", subject={"reference": "#p"}),  # leads nowhere
    ],
)
def test_patients_inside_resources_that_differ_are_never_read_as_one(other):
    with pytest.raises(SeveralPatients, match="2 patients"):
        read_bundle(bundle(with_patient_inside("a", "1990"), other))


def test_a_patient_inside_a_resource_is_not_the_patient_beside_it():
    facts = read_bundle(bundle(patient(), with_patient_inside("a", "1990", "p1"))).treatment
    assert facts.exposures == ()
    assert [issue.problem for issue in facts.issues] == [
        "names another patient: the resource is ignored"
    ]


def test_the_same_id_on_two_servers_is_two_patients_without_a_patient_resource_too():
    here, there = (
        statement(id=host, subject={"reference": f"https://{host}.example.org/fhir/Patient/p1"})
        for host in ("here", "there")
    )
    with pytest.raises(SeveralPatients):
        read_bundle(bundle(here, there))
    assert len(read_bundle(bundle(here, statement(id="m2"))).treatment.exposures) == 2
