"""Audited events are valid FHIR AuditEvents after the BALP profiles (promise P21)."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from fhir.resources.R4B.auditevent import AuditEvent

from assistant.audit import Agent, AuditedAction, AuditedEvent, Outcome
from assistant.audit.balp import audit_event

AGENT = Agent(
    user="https://ehr.example/fhir/Practitioner/42",
    authority=("https://ehr.example/oauth2", "urn:uuid:7d9f1f0c-0000-4000-8000-000000000001"),
    client="trd-assistant",
    address="192.0.2.7",
)
_DICOM = "http://dicom.nema.org/resources/ontology/DCM"


def shown(event: AuditedEvent) -> dict[str, Any]:
    return audit_event(
        event,
        event_id="e1",
        recorded=datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
        observer="https://trd.example",
    )


def slices(resource: dict[str, Any], code: str) -> list[dict[str, Any]]:
    """The agents whose type has this DICOM or HL7 code."""
    return [
        agent for agent in resource["agent"] if code in {c["code"] for c in agent["type"]["coding"]}
    ]


def entities(resource: dict[str, Any], type_code: str) -> list[dict[str, Any]]:
    return [entity for entity in resource["entity"] if entity["type"]["code"] == type_code]


@pytest.mark.parametrize("action", list(AuditedAction))
@pytest.mark.parametrize("patient", ["Patient/p1", None])
def test_every_event_is_a_valid_audit_event(action: AuditedAction, patient: str | None) -> None:
    event = AuditedEvent(action=action, agent=AGENT, patient=patient, session="ctx", query="upload")
    AuditEvent.model_validate_json(json.dumps(shown(event)))


def test_a_read_follows_the_patient_read_profile() -> None:
    resource = shown(
        AuditedEvent(
            action=AuditedAction.READ, agent=AGENT, patient="Patient/p1", what="Observation/o9"
        )
    )
    assert resource["meta"]["profile"] == [
        "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientRead"
    ]
    assert (resource["type"]["code"], resource["action"], resource["outcome"]) == ("rest", "R", "0")
    assert resource["subtype"][0]["code"] == "read"
    (client,), (server,) = slices(resource, "110152"), slices(resource, "110153")
    assert client["who"] == {"identifier": {"value": "trd-assistant"}}
    assert client["network"] == {"address": "192.0.2.7", "type": "2"}
    assert server["who"] == {"identifier": {"value": "https://trd.example"}}
    (user,) = slices(resource, "IRCP")
    assert user["requestor"] is True
    assert user["who"] == {"reference": AGENT.user}
    assert user["policy"] == list(AGENT.authority)
    assert "network" not in user
    (patient,), (data,) = entities(resource, "1"), entities(resource, "2")
    assert (patient["what"], patient["role"]["code"]) == ({"reference": "Patient/p1"}, "1")
    assert (data["what"], data["role"]["code"]) == ({"reference": "Observation/o9"}, "4")
    assert resource["recorded"] == "2026-11-22T09:30:00.000+00:00"


def test_a_query_follows_the_patient_query_profile_with_the_server_as_destination() -> None:
    resource = shown(
        AuditedEvent(
            action=AuditedAction.QUERY,
            agent=AGENT,
            patient="Patient/p1",
            query="https://ehr.example/fhir",
        )
    )
    assert resource["meta"]["profile"][0].endswith("IHE.BasicAudit.PatientQuery")
    assert (resource["action"], resource["subtype"][0]["code"]) == ("E", "search")
    (client,), (server,) = slices(resource, "110153"), slices(resource, "110152")
    assert client["who"] == {"identifier": {"value": "https://trd.example"}}
    assert server["network"] == {"address": "https://ehr.example/fhir", "type": "5"}
    (query,) = entities(resource, "2")
    assert (query["role"]["code"], query["query"]) == ("24", "aHR0cHM6Ly9laHIuZXhhbXBsZS9maGly")
    assert "what" not in query


def test_a_refusal_carries_its_outcome_and_claims_no_profile_of_success() -> None:
    resource = shown(
        AuditedEvent(action=AuditedAction.LAUNCH, outcome=Outcome.REFUSED, reason="foreign_state")
    )
    assert (resource["outcome"], resource["outcomeDesc"]) == ("4", "foreign_state")
    assert "meta" not in resource
    assert (resource["type"]["system"], resource["subtype"][0]["display"]) == (_DICOM, "Login")


def test_the_session_is_stored_as_a_hash() -> None:
    event = AuditedEvent(action=AuditedAction.READ, patient="Patient/p1", session="secret-ctx")
    assert "secret-ctx" not in json.dumps(shown(event))
    (session,) = entities(shown(event), "XrequestId")
    assert len(session["what"]["identifier"]["value"]) == 32
