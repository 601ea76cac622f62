"""CDS Hooks 2.0: what a call answers, from a real record to a card."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assistant.cds_hooks.catalogue import PREFETCH, SERVICES
from tests.lib import demo
from tests.lib.cds_client import PUBLIC_URL, call, draft, hook_request, searchset, token

ORDER_SELECT = "trd-order-select"


def cards(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return list(answer.json()["cards"])


def nothing_is_null(value: Any) -> bool:
    if isinstance(value, dict):
        return all(nothing_is_null(item) for item in value.values())
    if isinstance(value, list):
        return all(nothing_is_null(item) for item in value)
    return value is not None and value != ""


def test_the_services_are_listed_with_plain_prefetch_queries(client: TestClient) -> None:
    listed = client.get("/cds-services").json()["services"]
    assert [service["id"] for service in listed] == list(SERVICES)
    assert {service["hook"] for service in listed} == {"patient-view", "order-select"}
    for service in listed:
        assert service["prefetch"] == dict(PREFETCH)
        assert set(service) == {"hook", "id", "title", "description", "prefetch"}
    for query in PREFETCH.values():
        assert "{{context.patientId}}" in query


@pytest.mark.parametrize("patient", demo.IDS)
def test_every_demo_patient_gets_at_most_one_short_card_without_null(
    client: TestClient, patient: str
) -> None:
    found = cards(call(client, hook_request(demo.bundle(patient))))
    assert len(found) <= 1
    for card in found:
        assert 0 < len(card["summary"]) < 140
        assert nothing_is_null(card)
        assert card["indicator"] in ("info", "warning")
        uuid.UUID(card["uuid"])


def test_the_card_of_the_worked_case_states_the_stage(client: TestClient) -> None:
    (card,) = cards(call(client, hook_request(demo.bundle("worked-case"))))
    assert card["summary"] == "Treatment-resistant depression: yes; stage II."
    assert "- Stage after the source text: II\n" in card["detail"]
    assert card["source"] == {"label": "TRD Assistant", "url": PUBLIC_URL}
    (link,) = card["links"]
    assert (link["type"], link["url"]) == ("smart", f"{PUBLIC_URL}/launch")
    assert json.loads(link["appContext"]) == {"view": "overview"}


def test_the_card_of_an_incomplete_record_gives_bounds_and_what_is_missing_most(
    client: TestClient,
) -> None:
    (card,) = cards(call(client, hook_request(demo.bundle("incomplete-record"))))
    assert "at least" in card["summary"]
    assert "at most" in card["summary"]
    assert "Missing most: " in card["summary"]
    assert "\n- Missing: " in card["detail"]


def test_a_diagnosis_that_blocks_staging_is_said_in_place_of_a_stage(client: TestClient) -> None:
    (card,) = cards(call(client, hook_request(demo.bundle("bipolar"))))
    assert card["summary"].startswith("Depression is not staged: a diagnosis")
    assert "Maudsley" not in card["detail"]


def test_the_same_call_gets_the_same_card(client: TestClient) -> None:
    body = hook_request(demo.bundle("worked-case"))
    assert cards(call(client, body)) == cards(call(client, body))


def test_a_record_without_antidepressants_gets_no_card(client: TestClient) -> None:
    body = hook_request(demo.bundle("worked-case"))
    for key in ("requests", "statements", "dispenses"):
        body["prefetch"][key] = None
    assert call(client, body).json() == {"cards": []}


def _ordering(drug: str, code: str, **members: Any) -> dict[str, Any]:
    body = hook_request(demo.bundle("worked-case"), "order-select")
    order = draft(drug, code, "worked-case")
    body["context"] |= {
        "selections": ["MedicationRequest/d1"],
        "draftOrders": {"resourceType": "Bundle", "type": "collection",
                        "entry": [{"resource": order}]},
        **members,
    }  # fmt: skip
    return body


def test_ordering_a_drug_that_failed_says_so(client: TestClient) -> None:
    (card,) = cards(call(client, _ordering("sertraline 50 MG", "312941"), service=ORDER_SELECT))
    assert card["summary"].startswith("sertraline failed before. Treatment-resistant depression")
    assert "sertraline: 2024-01-08 to 2024-03-03" in card["detail"]


def test_ordering_another_drug_of_a_class_names_what_was_tried_of_it(client: TestClient) -> None:
    (card,) = cards(call(client, _ordering("fluoxetine 20 MG", "310385"), service=ORDER_SELECT))
    assert "fluoxetine: no trial recorded; of its class SSRI: sertraline" in card["detail"]


@pytest.mark.parametrize(
    "change",
    [{"selections": []}, {"selections": ["MedicationRequest/other"]}, {"draftOrders": None}],
)
def test_an_order_that_is_not_selected_gets_no_card(
    client: TestClient, change: dict[str, Any]
) -> None:
    body = _ordering("sertraline 50 MG", "312941", **change)
    assert call(client, body, service=ORDER_SELECT).json() == {"cards": []}


def test_an_order_of_another_kind_of_drug_gets_no_card(client: TestClient) -> None:
    body = _ordering("lisinopril 10 MG", "314076")
    assert call(client, body, service=ORDER_SELECT).json() == {"cards": []}


def test_a_chart_string_is_shown_as_text_not_as_markdown(client: TestClient) -> None:
    bundle = demo.bundle("worked-case")
    for entry in bundle["entry"]:
        resource = entry["resource"]
        if resource["resourceType"] == "MedicationStatement":
            concept = resource["medicationCodeableConcept"]
            concept["text"] = "![x](https://evil.test/?p=1) <b>**urgent**</b> [click](javascript:1)"
            for coding in concept.get("coding", []):
                coding["display"] = concept["text"]
    (card,) = cards(call(client, hook_request(bundle)))
    for markup in ("evil.test", "<b>", "](", "javascript:", "!["):
        assert markup not in json.dumps(card["detail"])


def test_no_identifier_of_the_patient_is_in_a_card(client: TestClient) -> None:
    bundle = demo.bundle("worked-case")
    (card,) = cards(call(client, hook_request(bundle)))
    person = next(
        e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Patient"
    )
    text = json.dumps(card)
    for private in (person["id"], person["birthDate"], person["name"][0]["family"]):
        assert private not in text


# The prefetch


def _not_whole(change: str) -> dict[str, Any]:
    body = hook_request(demo.bundle("worked-case"))
    prefetch = body["prefetch"]
    if change == "absent":
        del body["prefetch"]
    elif change == "partial":
        del prefetch["conditions"]
    elif change == "first page":
        prefetch["statements"]["link"] = [{"relation": "next", "url": "https://ehr.example/p2"}]
    elif change == "fewer than its total":
        prefetch["statements"]["total"] = 66
    elif change == "no Bundle":
        prefetch["statements"] = {"resourceType": "OperationOutcome", "issue": []}
    elif change == "another patient":
        prefetch["patient"] = {"resourceType": "Patient", "id": "other"}
    elif change == "no patient":
        prefetch["patient"] = None
    return body


@pytest.mark.parametrize(
    ("change", "named"),
    [("absent", "patient, conditions"), ("partial", "conditions"), ("first page", "statements"),
     ("fewer than its total", "statements"), ("no Bundle", "statements"),
     ("another patient", "patient"), ("no patient", "patient")],
)  # fmt: skip
def test_a_prefetch_that_is_not_whole_fails_the_precondition(
    client: TestClient, change: str, named: str
) -> None:
    answer = call(client, _not_whole(change))
    assert answer.status_code == 412
    assert answer.headers["content-type"] == "application/fhir+json"
    outcome = answer.json()
    assert outcome["resourceType"] == "OperationOutcome"
    assert named in outcome["issue"][0]["diagnostics"]


def test_a_null_says_that_nothing_was_found(client: TestClient) -> None:
    body = hook_request(demo.bundle("worked-case"))
    assert None in body["prefetch"].values()
    assert len(cards(call(client, body))) == 1


def test_included_resources_are_no_matches(client: TestClient) -> None:
    body = hook_request(demo.bundle("worked-case"))
    medication = {"resourceType": "Medication", "id": "m"}
    body["prefetch"]["statements"]["entry"].append(
        {"resource": medication, "search": {"mode": "include"}}
    )
    assert len(cards(call(client, body))) == 1
    body["prefetch"]["requests"] = searchset([])
    assert len(cards(call(client, body))) == 1


# Calls that do not fit


@pytest.mark.parametrize(
    "change",
    [{"hook": None}, {"hookInstance": None}, {"hookInstance": "x"}, {"context": None},
     {"context": {"userId": "Practitioner/1"}}, {"prefetch": []},
     {"context": {"userId": "Practitioner/1", "patientId": "../etc"}}],
)  # fmt: skip
def test_a_call_that_lacks_what_the_specification_requires_is_refused(
    client: TestClient, change: dict[str, Any]
) -> None:
    body = {**hook_request(demo.bundle("worked-case")), **change}
    body = {key: value for key, value in body.items() if value is not None}
    answer = call(client, body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_members_of_a_vendor_are_let_be(client: TestClient) -> None:
    body = hook_request(demo.bundle("worked-case"), extension={"vendor": 1})
    body["context"]["encounterId"] = "e1"
    assert len(cards(call(client, body))) == 1


def test_a_service_answers_its_own_hook_only(client: TestClient) -> None:
    body = hook_request(demo.bundle("worked-case"))
    assert call(client, body, service=ORDER_SELECT).status_code == 422


def test_an_unknown_service_is_not_found(client: TestClient) -> None:
    assert call(client, {}, service="none").status_code == 404


# Feedback and CORS


def test_feedback_is_kept_without_its_free_text(client: TestClient, audit_file: Path) -> None:
    path = "/cds-services/trd-patient-view/feedback"
    one = {
        "card": "9d1b8f5e-5a1c-4a43-8d2f-7e4b6b1f0c11",
        "outcome": "overridden",
        "outcomeTimestamp": "2026-11-22T10:05:31Z",
        "overrideReason": {
            "reason": {"code": "known", "system": "https://ehr.example/reasons"},
            "userComment": "Zaphod is known to me",
        },
    }
    answer = client.post(
        path,
        json={"feedback": [one]},
        headers={"Authorization": f"Bearer {token(path)}"},
    )
    assert answer.status_code == 200, answer.text
    kept = audit_file.with_name("cds_feedback.jsonl").read_text("utf-8")
    event = json.loads(kept)["event"]
    assert (event["outcome"], event["reason_code"], event["commented"]) == (
        "overridden", "known", True,
    )  # fmt: skip
    assert "Zaphod" not in kept


def test_feedback_needs_a_token_for_its_own_address(client: TestClient) -> None:
    path = "/cds-services/trd-patient-view/feedback"
    other = token("/cds-services/trd-patient-view")
    answer = client.post(path, json={}, headers={"Authorization": f"Bearer {other}"})
    assert answer.status_code == 401


def test_a_page_of_a_configured_client_may_call_and_no_other(client: TestClient) -> None:
    asked = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
    }
    for origin, allowed in (("https://ehr.example", True), ("https://evil.test", False)):
        answer = client.options(
            "/cds-services/trd-patient-view", headers={"origin": origin, **asked}
        )
        assert (answer.headers.get("access-control-allow-origin") == origin) is allowed
    there = client.get("/version", headers={"origin": "https://ehr.example"})
    assert "access-control-allow-origin" not in there.headers


def test_without_a_configured_client_no_service_is_offered() -> None:
    from assistant.api.app import create_app  # noqa: PLC0415
    from tests.lib.service import shared_service  # noqa: PLC0415

    closed = TestClient(create_app(shared_service()))
    assert closed.get("/cds-services").json() == {"services": []}
    assert closed.post("/cds-services/trd-patient-view", json={}).status_code == 404
