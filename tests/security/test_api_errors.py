"""Bad requests: problem details, never an echo, never a 500 (promises P8, P15)."""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assistant.bootstrap import build_service
from assistant.config import Settings
from tests.lib import demo
from tests.lib.service import api, opened, shared_service

CANARY = "Zaphod-Canary-4711"
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def client() -> Any:
    with api() as found:
        yield found


@pytest.fixture(scope="module")
def path(client: TestClient) -> str:
    return opened(client)


BODIES = {
    "not JSON": f"{{{CANARY}",
    "empty": "",
    "NaN": '{"question": NaN}',
    "infinite": '{"question": "x", "remember": 1e400}',
    "minus infinity": '{"question": -Infinity}',
    "duplicate member": f'{{"question": "x", "question": "{CANARY}"}}',
    "unknown member": f'{{"question": "x", "{CANARY}": 1}}',
    "member of another type": f'{{"question": {{"{CANARY}": 1}}}}',
    "number for text": '{"question": 1}',
    "number for truth": '{"question": "x", "remember": 1}',
    "text for truth": '{"question": "x", "remember": "true"}',
    "number for date": '{"question": "x", "as_of": 0}',
    "no date": f'{{"question": "x", "as_of": "{CANARY}"}}',
    "date outside the calendar": '{"question": "x", "as_of": "2024-02-30"}',
    "null question": '{"question": null}',
    "empty question": '{"question": ""}',
    "list": f'["{CANARY}"]',
    "history of numbers": '{"question": "x", "history": [1]}',
    "history with unknown member": f'{{"question": "x", "history": [{{"{CANARY}": 1}}]}}',
    "too long": json.dumps({"question": CANARY * 400}),
    "unknown ruleset": f'{{"question": "x", "ruleset": "{CANARY}"}}',
    "ruleset as a path": '{"question": "x", "ruleset": "/etc/passwd"}',
    "deep": "[" * 100_000,
    "two values": '{"question": "x"} {"question": "y"}',
    "byte order mark in the middle": '{"question": "x"}\ufeff1',
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("operation", ["ask", "assertions"])
def test_a_bad_body_is_refused_without_an_echo(
    client: TestClient, path: str, operation: str, name: str
) -> None:
    answer = client.post(f"{path}/{operation}", content=BODIES[name].encode(), headers=JSON)
    assert answer.status_code in (400, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "detail"} <= set(answer.json())
    assert CANARY not in answer.text
    assert "passwd" not in answer.text


def test_bytes_that_are_no_text_are_refused(client: TestClient, path: str) -> None:
    for content in (b"\xff\xfe\x00", b'{"question": "\xed\xa0\x80"}', b'\xef\xbb\xbf{"question"'):
        assert client.post(f"{path}/ask", content=content, headers=JSON).status_code in (400, 422)


def test_an_unknown_or_repeated_query_parameter_is_refused_not_ignored(
    client: TestClient, path: str
) -> None:
    assert client.get(f"{path}/stage", params={"as_of": "2024-02-01"}).status_code == 200
    for query in (f"asof=2024-02-01&{CANARY}=1", "as_of=2024-02-01&as_of=2024-03-01", "h="):
        answer = client.get(f"{path}/stage?{query}")
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert CANARY not in answer.text
    assert client.get("/version?x=1").status_code == 422


@pytest.mark.parametrize(
    "query",
    [{"as_of": CANARY}, {"as_of": "2024-13-01"}, {"as_of": "0"}, {"ruleset": CANARY},
     {"ruleset": "../../secrets.toml"}, {"as_of": "2024-06-01" * 10}],
)  # fmt: skip
def test_a_bad_query_is_refused_without_an_echo(
    client: TestClient, path: str, query: dict[str, str]
) -> None:
    answer = client.get(f"{path}/stage", params=query)
    assert answer.status_code == 422
    assert CANARY not in answer.text
    assert "secrets" not in answer.text


@pytest.mark.parametrize("ctx", ["none", CANARY, "x" * 65, "%2e%2e", "a%20b"])
def test_an_unknown_record_is_refused_without_an_echo(client: TestClient, ctx: str) -> None:
    for method, below in [("GET", ""), ("GET", "/stage"), ("GET", "/record"), ("DELETE", ""),
                          ("GET", "/assertions"), ("GET", "/turns")]:  # fmt: skip
        answer = client.request(method, f"/api/patients/{ctx}{below}")
        assert answer.status_code in (404, 422)
        assert CANARY not in answer.text


UPLOADS = {
    "not JSON": (f"{{{CANARY}", 400),
    "NaN": ('{"resourceType": "Bundle", "x": NaN}', 400),
    "duplicate member": ('{"resourceType": "Bundle", "resourceType": "Bundle"}', 400),
    "not FHIR": (f'{{"name": "{CANARY}"}}', 422),
    "list": ("[]", 422),
    "empty Bundle": ('{"resourceType": "Bundle", "type": "collection"}', 422),
    "deep": ("[" * 100_000, 400),
}


@pytest.mark.parametrize("name", UPLOADS)
def test_an_unreadable_upload_is_refused_without_an_echo(client: TestClient, name: str) -> None:
    content, status = UPLOADS[name]
    answer = client.post("/api/records", content=content.encode(), headers=JSON)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert CANARY not in answer.text


def test_several_patients_and_none_chosen_is_a_conflict(client: TestClient) -> None:
    bundle = demo.bundle("worked-case")
    bundle["entry"] += demo.bundle("bipolar")["entry"]
    assert client.post("/api/records", json=bundle).status_code == 409
    chosen = client.post("/api/records", json=bundle, params={"patient": "bipolar"})
    assert chosen.json()["patient"] == "Patient/bipolar"


def test_a_body_over_the_limit_is_refused_before_it_is_read() -> None:
    small = build_service(Settings(demo=True, uploads=True, max_body_mb=1))
    with api(small) as client:
        answer = client.post("/api/records", content=b" " * (1024 * 1024 + 1), headers=JSON)
        pieces = (b" " * 65_536 for _ in range(17))
        streamed = client.post("/api/records", content=pieces, headers=JSON)
    assert (answer.status_code, streamed.status_code) == (413, 413)


def test_an_unexpected_error_answers_500_without_its_text(monkeypatch: Any) -> None:
    service = build_service(Settings(demo=True))

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(CANARY)

    with api(service) as client:
        path = opened(client)
        monkeypatch.setattr(service, "assess", broken)
        answer = client.get(f"{path}/stage")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert CANARY not in answer.text


def test_the_openapi_describes_problems_and_units() -> None:
    with api() as client:
        schema = client.get("/openapi.json").json()
    assert "Problem" in schema["components"]["schemas"]
    assert "HTTPValidationError" not in json.dumps(schema)
    assert "mg/day" in json.dumps(schema["components"]["schemas"]["AssertedFact"])
    for operations in schema["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                if status in ("404", "422"):
                    assert list(response["content"]) == ["application/problem+json"]


def test_the_settings_of_the_shared_service_are_those_of_the_demo() -> None:
    assert shared_service().settings.host == "127.0.0.1"
