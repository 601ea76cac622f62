"""The report as FHIR R4: valid by two validators, complete, and tied to the record."""

import json
from datetime import UTC, datetime
from typing import Any

import fhirkit
import pytest
from fhir.resources.R4B.bundle import Bundle

from assistant.staging.engine import stage
from assistant.staging.record import Assertion
from assistant.staging.report import StagingReport
from fhir_adapter.read import read_bundle
from fhir_adapter.report_bundle import report_bundle
from tests.lib import demo

RECORDED = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def report_of(patient: str, *asserted: Assertion) -> StagingReport:
    record = read_bundle(demo.bundle(patient)).treatment
    return stage(record, as_of=demo.as_of(patient), assertions=asserted)


def written(patient: str, **how: Any) -> dict[str, Any]:
    return report_bundle(report_of(patient), recorded=RECORDED, version="1", **how)


def of_type(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [
        entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind
    ]


@pytest.mark.parametrize("patient", demo.IDS)
@pytest.mark.parametrize("transaction", [False, True])
def test_two_validators_find_nothing_wrong(patient: str, transaction: bool) -> None:
    bundle = written(patient, transaction=transaction, confirmed_by="Practitioner/42")
    text = json.dumps(bundle)
    Bundle.model_validate_json(text)
    assert [str(issue) for issue in fhirkit.validate(text)] == []


def test_the_validators_can_fail() -> None:
    bundle = written("worked-case")
    of_type(bundle, "Observation")[0]["status"] = ["final"]
    assert fhirkit.validate(json.dumps(bundle)) != []


def test_each_method_is_an_observation_with_its_bounds() -> None:
    observations = {
        one["code"]["coding"][0]["code"]: one
        for one in of_type(written("worked-case"), "Observation")
    }
    assert set(observations) == {
        "trd", "source-stage", "thase-rush", "maudsley", "gsrd", "european", "mgh-s",
    }  # fmt: skip
    assert observations["source-stage"]["valueString"] == "II"
    assert observations["maudsley"]["valueQuantity"] == {"value": 6, "unit": "points"}
    bounds = {
        part["code"]["coding"][0]["code"]: part["valueString"]
        for part in observations["trd"]["component"]
    }
    assert bounds == {"at-least": "yes", "working": "yes", "at-most": "yes"}
    assert observations["trd"]["subject"] == {"reference": "Patient/worked-case"}
    assert observations["trd"]["effectiveDateTime"] == "2024-06-03"


def test_what_is_not_staged_is_absent_with_a_reason_not_zero() -> None:
    for observation in of_type(written("bipolar"), "Observation"):
        if observation["code"]["coding"][0]["code"] == "trd":
            assert observation["valueString"] == "no"
            continue
        assert observation["dataAbsentReason"]["coding"][0]["code"] == "unknown"
        assert not any(key.startswith("value") for key in observation)


def test_observations_are_derived_from_the_scores_they_rest_on() -> None:
    (trd,) = [
        one for one in of_type(written("worked-case"), "Observation")
        if one["code"]["coding"][0]["code"] == "trd"
    ]  # fmt: skip
    derived = {reference["reference"] for reference in trd["derivedFrom"]}
    assert "Observation/worked-case-ham-d-17-2024-01-08" in derived
    assert all(reference.startswith("Observation/") for reference in derived)


@pytest.mark.parametrize("patient", demo.IDS)
def test_the_provenance_names_resources_of_the_record_only(patient: str) -> None:
    record = read_bundle(demo.bundle(patient))
    bundle = written(patient)
    (provenance,) = of_type(bundle, "Provenance")
    used = {entity["what"]["reference"] for entity in provenance.get("entity", ())}
    assert used <= set(record.resources)
    urls = [entry["fullUrl"] for entry in bundle["entry"]]
    assert [target["reference"] for target in provenance["target"]] == urls[:-1]
    assert len(set(urls)) == len(urls)


def test_an_asserted_fact_is_counted_and_is_no_resource_of_the_record() -> None:
    report = report_of(
        "incomplete-record", Assertion(fact="adherence", value="met", trial="t1", author="Dr. X")
    )
    bundle = report_bundle(report, recorded=RECORDED, version="1")
    assert "asserted/" not in json.dumps(bundle)
    assert "1 facts were asserted" in of_type(bundle, "ClinicalImpression")[0]["summary"]


def test_only_a_transaction_carries_requests() -> None:
    collection, transaction = written("worked-case"), written("worked-case", transaction=True)
    assert not any("request" in entry for entry in collection["entry"])
    for entry in transaction["entry"]:
        assert entry["request"] == {"method": "POST", "url": entry["resource"]["resourceType"]}


def test_the_same_report_has_the_same_identifiers_and_another_has_others() -> None:
    def names(bundle: dict[str, Any]) -> list[str]:
        return [
            one["value"] for entry in bundle["entry"]
            for one in entry["resource"].get("identifier", ())
        ]  # fmt: skip

    assert names(written("worked-case")) == names(written("worked-case", transaction=True))
    assert not set(names(written("worked-case"))) & set(names(written("two-ssris")))


def test_the_clinician_who_confirms_is_named_as_verifier() -> None:
    bundle = written("worked-case", confirmed_by="Practitioner/42")
    (provenance,) = of_type(bundle, "Provenance")
    assert provenance["agent"][1]["who"] == {"reference": "Practitioner/42"}
    (impression,) = of_type(bundle, "ClinicalImpression")
    assert impression["assessor"] == {"reference": "Practitioner/42"}
    assert len(of_type(written("worked-case"), "Provenance")[0]["agent"]) == 1


def test_no_name_or_birth_date_is_in_the_report() -> None:
    text = json.dumps(written("worked-case"))
    for private in ("Nora", "Fictional", "birthDate"):
        assert private not in text
