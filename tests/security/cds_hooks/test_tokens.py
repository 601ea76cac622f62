"""Who may call: every token that is not wholly right is refused, and audited."""

import base64
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import OctKey

from tests.lib import demo
from tests.lib.cds_client import (
    FOREIGN_KEY,
    ISSUER,
    KEY,
    RSA,
    call,
    claims,
    hook_request,
    token,
)

PATH = "/cds-services/trd-patient-view"
NOW = timedelta()
SECOND = timedelta(seconds=1)
BODY = hook_request(demo.bundle("worked-case"))


def post(client: TestClient, authorization: str | None) -> Any:
    headers = {} if authorization is None else {"Authorization": authorization}
    return client.post(PATH, json=BODY, headers=headers)


def events(audit_file: Path) -> list[dict[str, Any]]:
    return [json.loads(line)["event"] for line in audit_file.read_text("utf-8").splitlines()]


REFUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "foreign issuer": ("issuer", {"iss": "https://evil.test"}),
    "no issuer": ("issuer", {"iss": None}),
    "issuer of a list": ("issuer", {"iss": [ISSUER]}),
    "another endpoint": ("audience", {"aud": "https://trd.example/cds-services/trd-order-select"}),
    "our origin only": ("audience", {"aud": "https://trd.example"}),
    "audience of another host": ("audience", {"aud": f"https://evil.test{PATH}"}),
    "audience with a slash": ("audience", {"aud": f"https://trd.example{PATH}/"}),
    "no audience": ("audience", {"aud": None}),
    "expired": ("expired", {"iat": NOW - 600 * SECOND, "exp": NOW - 120 * SECOND}),
    "no expiry": ("times", {"exp": None}),
    "no time of issue": ("times", {"iat": None}),
    "times as text": ("times", {"iat": "1767225600"}),
    "issued in the future": (
        "not_yet_valid",
        {"iat": NOW + 600 * SECOND, "exp": NOW + 900 * SECOND},
    ),
    "not valid yet": ("not_yet_valid", {"nbf": NOW + 600 * SECOND}),
    "of a day": ("lifetime", {"exp": NOW + 86_400 * SECOND}),
    "expires before it was issued": (
        "lifetime",
        {"iat": NOW + 30 * SECOND, "exp": NOW + 20 * SECOND},
    ),
    "no id": ("token_id", {"jti": None}),
    "empty id": ("token_id", {"jti": ""}),
    "signed by another key": ("signature", {"key": FOREIGN_KEY}),
    "unknown key id": ("key", {"header": {"kid": "other"}}),
    "key of another type": ("key", {"header": {"kid": "k2"}}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_token_that_does_not_hold_is_refused_and_audited(
    client: TestClient, audit_file: Path, name: str
) -> None:
    reason, changed = REFUSED[name]
    made = token(PATH, **changed)
    answer = post(client, f"Bearer {made}")
    assert answer.status_code == 401, answer.text
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["content-type"] == "application/problem+json"
    assert reason not in answer.text, "the caller is not told which check failed"
    last = events(audit_file)[-1]
    assert (last["outcome"], last["outcomeDesc"]) == ("4", f"cds_token_{reason}")
    assert made not in audit_file.read_text("utf-8")


def _unsigned(header: dict[str, Any]) -> str:
    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part(header)}.{part(claims(PATH))}."


def _symmetric() -> str:
    """Signed with the public key as if it were a secret (algorithm confusion)."""
    secret = OctKey.import_key(json.dumps(KEY.as_dict(private=False)).encode())
    return jwt.encode({"alg": "HS256", "kid": "k1"}, claims(PATH), secret, algorithms=["HS256"])


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (None, "missing"),
        ("", "missing"),
        ("Basic dXNlcjpwYXNz", "missing"),
        ("Bearer ", "missing"),
        ("Bearer not-a-token", "form"),
        ("Bearer a.b.c", "form"),
        (f"Bearer {'x' * 9000}", "size"),
        (f"Bearer {_unsigned({'alg': 'none'})}", "algorithm"),
        (f"Bearer {_unsigned({'alg': 'ES384', 'kid': 'k1'})}", "signature"),
        (f"Bearer {_unsigned({'alg': 'ES384', 'kid': 1})}", "key"),
        (f"Bearer {_symmetric()}", "algorithm"),
    ],
)
def test_what_is_no_signed_token_is_refused(
    client: TestClient, audit_file: Path, made: str | None, reason: str
) -> None:
    assert post(client, made).status_code == 401
    assert events(audit_file)[-1]["outcomeDesc"] == f"cds_token_{reason}"


def test_a_changed_claim_breaks_the_signature(client: TestClient, audit_file: Path) -> None:
    head, body, signature = token(PATH).split(".")
    text = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()
    forged = text.replace('"exp": ', '"exp":').replace(ISSUER, ISSUER) + " "
    body = base64.urlsafe_b64encode(forged.encode()).decode().rstrip("=")
    assert post(client, f"Bearer {head}.{body}.{signature}").status_code == 401
    assert events(audit_file)[-1]["outcomeDesc"] == "cds_token_signature"


def test_a_token_is_good_for_one_call(client: TestClient, audit_file: Path) -> None:
    once = f"Bearer {token(PATH)}"
    assert [post(client, once).status_code for _ in range(2)] == [200, 401]
    assert events(audit_file)[-1]["outcomeDesc"] == "cds_token_replayed"


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": NOW + 900 * SECOND, "nbf": NOW, "sub": "client-1"},
        {"key": RSA, "header": {"alg": "RS384", "kid": "k2"}},
        {"key": RSA, "header": {"alg": "RS256", "kid": "k2"}},
        {"header": {"kid": None}},
        {"aud": ["https://other.example", f"https://trd.example{PATH}"]},
        {"header": {"jku": "https://evil.test/keys"}},
        {"iat": NOW - 30 * SECOND, "exp": NOW + 200 * SECOND},
    ],
    ids=["15 minutes as Epic's", "RS384", "RS256", "no kid", "list of audiences",
         "jku is not looked at", "clocks apart"],
)  # fmt: skip
def test_a_token_in_order_is_taken(client: TestClient, changed: dict[str, Any]) -> None:
    assert call(client, BODY, **changed).status_code == 200


def test_a_call_is_audited_with_user_client_and_authority_before_it_is_answered(
    client: TestClient, audit_file: Path
) -> None:
    assert call(client, BODY, sub="cds-client-7", jti="jti-7").status_code == 200
    event = events(audit_file)[-1]
    assert event["meta"]["profile"][0].endswith("PatientQuery")
    (user,) = [agent for agent in event["agent"] if agent["requestor"]]
    assert user["who"] == {"reference": "Practitioner/42"}
    assert user["policy"] == [ISSUER, "urn:jti:jti-7"]
    assert event["agent"][0]["who"] == {"identifier": {"value": "cds-client-7"}}
    assert event["entity"][0]["what"] == {"reference": "Patient/worked-case"}


def test_a_refused_call_does_not_read_the_body(client: TestClient) -> None:
    answer = client.post(PATH, content=b"{", headers={"content-type": "application/json"})
    assert answer.status_code == 401


# The FHIR server


@pytest.mark.parametrize(
    "server",
    ["https://evil.test/fhir", "http://169.254.169.254/latest", "https://ehr.example/fhir/other",
     "https://ehr.example.evil.test/fhir", "https://user@ehr.example/fhir", "file:///etc/passwd"],
)  # fmt: skip
def test_a_server_that_is_not_configured_is_never_asked(client: TestClient, server: str) -> None:
    body = {**BODY, "fhirServer": server, "fhirAuthorization": _granted()}
    del body["prefetch"]
    answer = call(client, body)
    assert answer.status_code == 412
    assert server not in answer.text
    assert "secret-access-token" not in answer.text


def test_a_token_bound_to_another_patient_is_not_used(client: TestClient) -> None:
    body = {**BODY, "fhirServer": "https://ehr.example/fhir"}
    body["fhirAuthorization"] = {**_granted(), "patient": "other"}
    del body["prefetch"]
    answer = call(client, body)
    assert answer.status_code == 412
    assert "another patient" in answer.text


def _granted() -> dict[str, Any]:
    return {
        "access_token": "secret-access-token", "token_type": "Bearer", "expires_in": 300,
        "scope": "patient/*.read", "subject": "cds-client-7",
    }  # fmt: skip
