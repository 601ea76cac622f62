"""Every read of a patient is audited, and none happens that cannot be (promise P21)."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assistant.audit import AuditedEvent, AuditUnavailableError
from assistant.audit.chain import verify
from assistant.bootstrap import build_service
from assistant.config import Settings
from assistant.service.service import AssistantService
from tests.lib.commands import trd_assistant
from tests.lib.service import api, opened, upload, worked_case

QUESTION = "Is this depression treatment-resistant?"
FACT = {"fact": "adherence", "trial": "t1", "value": "met", "author": "Dr. Example"}


@pytest.fixture
def service(tmp_path: Path) -> AssistantService:
    return build_service(
        Settings(
            demo=True,
            uploads=True,
            audit_file=str(tmp_path / "audit.jsonl"),
            public_url="https://trd.example",
        )
    )


@pytest.fixture
def client(service: AssistantService) -> Iterator[TestClient]:
    with api(service) as found:
        yield found


def events(service: AssistantService) -> list[dict[str, Any]]:
    path = service.settings.audit_path
    if not path.exists():
        return []
    return [json.loads(line)["event"] for line in path.read_text("utf-8").splitlines()]


READS: dict[str, tuple[str, str, Any]] = {
    "banner": ("GET", "", None),
    "stage": ("GET", "/stage", None),
    "ask": ("POST", "/ask", {"question": QUESTION}),
    "turns": ("GET", "/turns", None),
    "assert": ("POST", "/assertions", FACT),
    "assertions": ("GET", "/assertions", None),
    "what-if": ("POST", "/what-if", {"facts": [FACT]}),
    "FHIR": ("GET", "/report.fhir.json", None),
    "record": ("GET", "/record", None),
    "resource": ("GET", "/record/Patient/worked-case", None),
    "element": ("GET", "/record/Patient/worked-case?element=birthDate", None),
}


@pytest.mark.parametrize("name", READS)
def test_one_read_is_one_event(client: TestClient, service: AssistantService, name: str) -> None:
    path = opened(client)
    before = len(events(service))
    method, below, body = READS[name]
    assert client.request(method, path + below, json=body).is_success
    new = events(service)[before:]
    assert len(new) == 1
    (event,) = new
    assert event["entity"][0]["what"] == {"reference": "Patient/worked-case"}
    (user,) = [agent for agent in event["agent"] if agent["requestor"]]
    assert user["policy"] == ["urn:trd-assistant:demo"]
    client_agent = event["agent"][0]
    assert client_agent["network"]["address"] == "testclient"
    assert event["source"]["observer"]["identifier"]["value"] == "https://trd.example"


def test_every_operation_on_a_patient_is_among_the_reads_or_shows_nothing(
    client: TestClient,
) -> None:
    """A new route must be added here, so that nobody forgets its event."""
    without_data = {
        ("delete", ""), ("delete", "/turns"), ("delete", "/assertions/{assertion_id}"),
        ("get", "/session"),
        ("post", "/turns/{place}/feedback"),
        ("get", "/review"), ("post", "/review"),  # answers of an evaluation, not of this record
        ("post", "/write-back"),  # needs a launch: tests/integration/report/test_write_back.py
        ("post", "/session/read-again"),  # shows nothing; its read of the EHR is a query of its own
    }  # fmt: skip
    covered = {(method.lower(), below.split("?")[0]) for method, below, _ in READS.values()}
    covered.discard(("get", "/record/Patient/worked-case"))
    covered.add(("get", "/record/{resource_type}/{resource_id}"))
    prefix = "/api/patients/{ctx}"
    described = {
        (method, path.removeprefix(prefix))
        for path, methods in client.get("/openapi.json").json()["paths"].items()
        if path.startswith(prefix)
        for method in methods
    }
    assert described == covered | without_data


def test_an_answer_is_told_from_a_plain_read_and_the_question_is_not_kept(
    client: TestClient, service: AssistantService
) -> None:
    path = opened(client)
    client.post(f"{path}/ask", json={"question": QUESTION})
    event = events(service)[-1]
    assert [subtype["code"] for subtype in event["subtype"]] == ["read", "answer"]
    assert QUESTION not in service.settings.audit_path.read_text("utf-8")


def test_opening_a_record_is_a_query(client: TestClient, service: AssistantService) -> None:
    upload(client, worked_case())
    (event,) = events(service)
    assert (event["action"], event["subtype"][0]["code"]) == ("E", "search")
    (query,) = [entity for entity in event["entity"] if "query" in entity]
    assert base64.b64decode(query["query"]) == b"upload"


def test_the_address_of_a_record_is_not_in_the_trail(
    client: TestClient, service: AssistantService
) -> None:
    path = opened(client)
    client.get(f"{path}/stage")
    assert path.rsplit("/", maxsplit=1)[1] not in service.settings.audit_path.read_text("utf-8")


def test_no_name_birth_date_or_value_of_the_record_is_in_the_trail(
    client: TestClient, service: AssistantService
) -> None:
    path = opened(client)
    banner = client.get(path).json()["patient"]
    for method, below, body in READS.values():
        client.request(method, path + below, json=body)
    written = service.settings.audit_path.read_text("utf-8")
    for private in (banner["name"], banner["birth_date"], "sertraline", "Dr. Example"):
        assert private
        assert private not in written


class _BrokenTrail:
    def record(self, event: AuditedEvent) -> None:
        raise AuditUnavailableError


@pytest.mark.parametrize("name", READS)
def test_without_audit_nothing_is_read(
    client: TestClient, service: AssistantService, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = opened(client)
    monkeypatch.setattr(service, "audit", _BrokenTrail())
    method, below, body = READS[name]
    answer = client.request(method, path + below, json=body)
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert "audit" in answer.json()["detail"]
    assert set(answer.json()) == {"type", "title", "status", "detail"}


def test_without_audit_no_record_is_opened(
    client: TestClient, service: AssistantService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "audit", _BrokenTrail())
    assert client.post("/api/demo/worked-case").status_code == 503
    assert client.post("/api/records", json=worked_case()).status_code == 503
    assert len(service.contexts) == 0


def test_without_audit_no_fact_is_kept(
    client: TestClient, service: AssistantService, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = opened(client)
    with monkeypatch.context() as broken:
        broken.setattr(service, "audit", _BrokenTrail())
        assert client.post(f"{path}/assertions", json=FACT).status_code == 503
    assert client.get(f"{path}/assertions").json() == {"assertions": []}


def test_the_command_verifies_the_trail_and_finds_an_edit(
    client: TestClient, service: AssistantService
) -> None:
    client.get(opened(client))
    path = service.settings.audit_path
    done = trd_assistant("audit", "verify", path)
    assert (done.exit, done.out) == (0, f"2 events, none changed; head {verify(path)}\n")
    head = done.out.split()[-1]
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0])
    assert trd_assistant("audit", "verify", path).exit == 0
    cut = trd_assistant("audit", "verify", path, "--head", head)
    assert (cut.exit, "noted head" in cut.err) == (1, True)
    path.write_bytes(b"".join(lines).replace(b"worked-case", b"worked-cast", 1))
    edited = trd_assistant("audit", "verify", path)
    assert (edited.exit, "line 1" in edited.err) == (1, True)
    assert trd_assistant("audit", "verify", path.with_name("none")).exit == 3
    assert trd_assistant("audit", "verify", path, "--head", "x").exit == 2
