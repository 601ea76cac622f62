"""What an export leaves out of a chart is what no reader finds anything in."""

from typing import Any

import orjson
import pytest

from evals.careers import CHARTS, chart_lines
from fhir_adapter.export.needed import matters
from fhir_adapter.read import read_bundle
from tests.lib.shared_data import FHIR, need

_PATIENT = {"resourceType": "Patient", "id": "p"}
_SUBJECT = {"reference": "Patient/p"}
_RXNORM, _LOINC = "http://www.nlm.nih.gov/research/umls/rxnorm", "http://loinc.org"


def _concept(system: str, code: str, text: str = "") -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}], "text": text}


def _observation(test: str, **more: Any) -> dict[str, Any]:
    about = {"resourceType": "Observation", "id": "o", "status": "final", "subject": _SUBJECT}
    return {**about, "code": _concept(_LOINC, test), **more}


def _order(code: str, **more: Any) -> dict[str, Any]:
    about = {"resourceType": "MedicationRequest", "id": "m", "subject": _SUBJECT}
    return {**about, "medicationCodeableConcept": _concept(_RXNORM, code), **more}


def _reads_nothing(resource: dict[str, Any]) -> bool:
    subject = {"subject": _SUBJECT, "patient": _SUBJECT}
    entries = [{"resource": _PATIENT}, {"resource": {**resource, **subject}}]
    read = read_bundle({"resourceType": "Bundle", "type": "collection", "entry": entries})
    t = read.treatment
    found = (t.exposures, t.scores, t.diagnoses, t.sessions, t.labs, t.reactions, t.suicidality)
    return not any(found) and not t.issues and t.completeness.resources_read == len(entries)


@pytest.mark.parametrize("chart", CHARTS)
def test_nothing_is_read_of_what_a_made_up_chart_leaves_out(chart: str) -> None:
    lines = [line for number in range(3) for _, line in chart_lines(5, number, chart)]
    left = [one for one in map(orjson.loads, lines) if not matters(one)]
    assert len(left) > 20
    assert all(_reads_nothing(one) for one in left[:400])


def test_nothing_is_read_of_what_real_charts_leave_out() -> None:
    left = [
        entry["resource"]
        for folder in ("synthea/bundles", "mimic-iv-demo/patients", "hl7-r4-examples", "us-core")
        for path in sorted(need(FHIR / folder).glob("*.json"))
        for entry in orjson.loads(path.read_bytes()).get("entry", ())
        if "resource" in entry and not matters(entry["resource"])
    ]
    assert len(left) > 300
    for one in left[::7]:
        assert _reads_nothing(one), f"{one['resourceType']}/{one.get('id')}"


@pytest.mark.parametrize(
    "resource",
    [
        _observation("2093-3"),
        _observation("55284-4", component=[{"code": _concept(_LOINC, "8480-6")}]),
        _order("314076"),
        {"resourceType": "Condition", "subject": _SUBJECT, "code": _concept("", "x", "Whiplash")},
        {"resourceType": "CarePlan", "subject": _SUBJECT},
    ],
    ids=["cholesterol", "blood pressure", "lisinopril", "whiplash", "type not read"],
)
def test_a_resource_of_another_test_drug_or_problem_does_not_matter(
    resource: dict[str, Any],
) -> None:
    assert not matters(resource)


@pytest.mark.parametrize(
    "resource",
    [
        _observation("3016-3"),
        _observation("44261-6"),
        _observation("24357-6", component=[{"code": _concept(_LOINC, "3016-3")}]),
        _observation("2093-3", modifierExtension=[{"url": "urn:x"}]),
        _observation("2093-3", code=["no object"]),
        _observation("2093-3", code={"coding": [{"system": 4, "code": ["x"]}]}),
        _order("312941"),
        _order("314076", reasonReference=[{"reference": "Condition/c"}]),
        _order("314076", medicationReference={"reference": "Medication/x"}),
        _order("314076", dosageInstruction=[{"modifierExtension": [{"url": "urn:x"}]}]),
        {"resourceType": "MedicationRequest", "id": "m", "subject": _SUBJECT},
        _PATIENT,
        {"resourceType": "AdverseEvent", "subject": _SUBJECT},
    ],
    ids=[
        "TSH", "PHQ-9", "TSH in a panel", "modifier", "code of another kind", "odd coding",
        "sertraline", "order with a reason", "drug by reference", "modifier of a dosage",
        "no drug named", "patient", "type always read",
    ],
)  # fmt: skip
def test_what_is_read_or_noted_matters(resource: dict[str, Any]) -> None:
    assert matters(resource)
