"""An audited event as a FHIR R4 AuditEvent after the IHE Basic Audit Log Patterns (BALP).

PatientRead, PatientQuery and PatientCreate of BALP 1.1 name type, subtype, action,
the two systems as agents, the user with the authority, and patient and data as
entities. Launch and logout use the DICOM codes of user authentication.
"""

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from assistant.audit.events import AuditedAction, AuditedEvent, Outcome

_PROFILE = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit."
_EVENT_TYPE = "http://terminology.hl7.org/CodeSystem/audit-event-type"
_INTERACTION = "http://hl7.org/fhir/restful-interaction"
_DICOM = "http://dicom.nema.org/resources/ontology/DCM"
_ENTITY_TYPE = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
_ENTITY_ROLE = "http://terminology.hl7.org/CodeSystem/object-role"
_PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
_SOURCE_TYPE = "http://terminology.hl7.org/CodeSystem/security-source-type"
_REQUEST_ID = "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType"
_OURS = "urn:trd-assistant:audit"
_IP_ADDRESS, _URI = "2", "5"
_SESSION_CHARACTERS = 32
_USER = re.compile(r"(https?://\S+/)?(Practitioner|PractitionerRole|Patient|RelatedPerson|Person)/"
                   r"[A-Za-z0-9\-.]{1,64}")  # fmt: skip
_ADDRESS = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    """What differs between the kinds of event."""

    type: tuple[str, str, str]
    subtype: tuple[str, str, str]
    action: str
    profile: str = ""


_REST = (_EVENT_TYPE, "rest", "Restful Operation")
_AUTHENTICATION = (_DICOM, "110114", "User Authentication")
_SHAPES = {
    AuditedAction.READ: _Shape(
        type=_REST, subtype=(_INTERACTION, "read", "read"), action="R", profile="PatientRead"
    ),
    AuditedAction.ANSWER: _Shape(
        type=_REST, subtype=(_INTERACTION, "read", "read"), action="R", profile="PatientRead"
    ),
    AuditedAction.QUERY: _Shape(
        type=_REST, subtype=(_INTERACTION, "search", "search"), action="E", profile="PatientQuery"
    ),
    AuditedAction.CREATE: _Shape(
        type=_REST, subtype=(_INTERACTION, "create", "create"), action="C", profile="PatientCreate"
    ),
    AuditedAction.LAUNCH: _Shape(
        type=_AUTHENTICATION, subtype=(_DICOM, "110122", "Login"), action="E"
    ),
    AuditedAction.LOGOUT: _Shape(
        type=_AUTHENTICATION, subtype=(_DICOM, "110123", "Logout"), action="E"
    ),
    AuditedAction.REFUSED: _Shape(type=_REST, subtype=(_INTERACTION, "read", "read"), action="R"),
}
_CLIENT_SENDS = frozenset({AuditedAction.QUERY, AuditedAction.CREATE})
"""Actions in which, after DICOM, the client is the source and the server the destination."""


def audit_event(
    event: AuditedEvent, *, event_id: str, recorded: datetime, observer: str
) -> dict[str, Any]:
    """The AuditEvent of ``event``; ``observer`` is the address of this service."""
    shape = _SHAPES[event.action]
    resource: dict[str, Any] = {"resourceType": "AuditEvent", "id": event_id}
    if shape.profile and event.outcome is Outcome.SUCCESS:
        resource["meta"] = {"profile": [_PROFILE + shape.profile]}
    subtypes = [_coding(*shape.subtype)]
    if event.action is AuditedAction.ANSWER:
        subtypes.append(_coding(_OURS, "answer", "Question answered"))
    resource |= {
        "type": _coding(*shape.type),
        "subtype": subtypes,
        "action": shape.action,
        "recorded": recorded.astimezone(UTC).isoformat(timespec="milliseconds"),
        "outcome": event.outcome.value,
        "agent": _agents(event, observer),
        "source": {
            "observer": {"identifier": {"value": observer}},
            "type": [_coding(_SOURCE_TYPE, "4", "Application Server")],
        },
        "entity": _entities(event),
    }
    if event.reason:
        resource["outcomeDesc"] = event.reason
    if not resource["entity"]:
        del resource["entity"]
    return resource


def _coding(system: str, code: str, display: str) -> dict[str, str]:
    return {"system": system, "code": code, "display": display}


def _concept(system: str, code: str, display: str) -> dict[str, Any]:
    return {"coding": [_coding(system, code, display)]}


# Agents


def _agents(event: AuditedEvent, observer: str) -> list[dict[str, Any]]:
    source = _concept(_DICOM, "110153", "Source Role ID")
    destination = _concept(_DICOM, "110152", "Destination Role ID")
    client, server = (
        (source, destination) if event.action in _CLIENT_SENDS else (destination, source)
    )
    asks_a_server = bool(_ADDRESS.fullmatch(event.query))
    return [
        {
            "type": client,
            "who": {"identifier": {"value": observer if asks_a_server else _client(event)}},
            "requestor": False,
            "network": _network(observer if asks_a_server else event.agent.address),
        },
        {
            "type": server,
            "who": {"identifier": {"value": event.query if asks_a_server else observer}},
            "requestor": False,
            "network": _network(event.query if asks_a_server else observer),
        },
        _user(event),
    ]


def _client(event: AuditedEvent) -> str:
    return event.agent.client or "page of this service"


def _network(address: str) -> dict[str, str]:
    kind = _URI if "://" in address else _IP_ADDRESS
    return {"address": address or "unknown", "type": kind}


def _user(event: AuditedEvent) -> dict[str, Any]:
    named = event.agent.user
    who: dict[str, Any] = {"identifier": {"value": named or "unknown"}}
    if _USER.fullmatch(named):
        who = {"reference": named}
    user: dict[str, Any] = {
        "type": _concept(_PARTICIPATION, "IRCP", "information recipient"),
        "who": who,
        "requestor": True,
        "purposeOfUse": [_concept(_REASON, "TREAT", "treatment")],
    }
    if event.agent.authority:
        user["policy"] = list(event.agent.authority)
    return user


# Entities


def _entities(event: AuditedEvent) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if event.patient:
        found.append(
            {
                "what": {"reference": event.patient},
                "type": _coding(_ENTITY_TYPE, "1", "Person"),
                "role": _coding(_ENTITY_ROLE, "1", "Patient"),
            }
        )
    data = _data(event)
    if data is not None:
        found.append(data)
    if event.session:
        hashed = hashlib.sha256(event.session.encode()).hexdigest()[:_SESSION_CHARACTERS]
        found.append(
            {
                "what": {"identifier": {"value": hashed}},
                "type": _coding(_REQUEST_ID, "XrequestId", "Transaction"),
            }
        )
    return found


def _data(event: AuditedEvent) -> dict[str, Any] | None:
    if event.action is AuditedAction.QUERY:
        raw = base64.b64encode(event.query.encode()).decode()
        return {
            "type": _coding(_ENTITY_TYPE, "2", "System Object"),
            "role": _coding(_ENTITY_ROLE, "24", "Query"),
            "query": raw,
        }
    reference = event.what or event.patient
    if reference is None:
        return None
    return {
        "what": {"reference": reference},
        "type": _coding(_ENTITY_TYPE, "2", "System Object"),
        "role": _coding(_ENTITY_ROLE, "4", "Domain Resource"),
    }
