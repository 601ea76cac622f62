"""A CDS client of ours: its keys, its tokens, its calls, its prefetch."""

import json
import time
import uuid
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from assistant.cds_hooks.catalogue import PREFETCH

ISSUER = "https://ehr.example/cds"
PUBLIC_URL = "https://trd.example"
FHIR_SERVER = "https://ehr.example/fhir"
KEY = ECKey.generate_key("P-384", {"kid": "k1"})
RSA = RSAKey.generate_key(2048, {"kid": "k2"})
FOREIGN_KEY = ECKey.generate_key("P-384", {"kid": "k1"})

_OF_KEY = {
    "conditions": ("Condition", None),
    "requests": ("MedicationRequest", None),
    "statements": ("MedicationStatement", None),
    "dispenses": ("MedicationDispense", None),
    "surveys": ("Observation", "survey"),
    "laboratory": ("Observation", "laboratory"),
    "questionnaires": ("QuestionnaireResponse", None),
    "procedures": ("Procedure", None),
    "allergies": ("AllergyIntolerance", None),
}


def write_keys(folder: Path) -> Path:
    """The client's public keys, in a file."""
    path = folder / "jwks.json"
    path.write_text(json.dumps(KeySet([KEY, RSA]).as_dict(private=False)), encoding="utf-8")
    return path


def claims(path: str, **changed: Any) -> dict[str, Any]:
    """The claims of a token for the endpoint ``path``; None takes one out.

    A ``timedelta`` is a moment that far from now, in seconds of the epoch.
    """
    now = int(time.time())
    made = {
        "iss": ISSUER,
        "aud": f"{PUBLIC_URL}{path}",
        "iat": now,
        "exp": now + 300,
        "jti": str(uuid.uuid4()),
        **changed,
    }
    return {
        key: now + int(value.total_seconds()) if isinstance(value, timedelta) else value
        for key, value in made.items()
        if value is not None
    }


def token(
    path: str, *, key: Any = KEY, header: dict[str, Any] | None = None, **changed: Any
) -> str:
    """A token for the endpoint ``path``."""
    head = {"alg": "ES384", "kid": "k1", "typ": "JWT"} | (header or {})
    head = {name: value for name, value in head.items() if value is not None}
    return jwt.encode(head, claims(path, **changed), key, algorithms=[head["alg"]])


def searchset(resources: Sequence[dict[str, Any]], **members: Any) -> dict[str, Any]:
    """A search answer."""
    entries = [{"resource": one, "search": {"mode": "match"}} for one in resources]
    return {
        "resourceType": "Bundle", "type": "searchset", "total": len(entries), "entry": entries,
        **members,
    }  # fmt: skip


def prefetch_of(bundle: dict[str, Any]) -> dict[str, Any]:
    """What an EHR would prefetch of this record."""
    resources = [entry["resource"] for entry in bundle["entry"]]
    found: dict[str, Any] = {
        "patient": next(one for one in resources if one["resourceType"] == "Patient")
    }
    for key in PREFETCH:
        if key == "patient":
            continue
        kind, category = _OF_KEY[key]
        fitting = [
            one
            for one in resources
            if one["resourceType"] == kind and (category is None or _category(one) == category)
        ]
        found[key] = searchset(fitting) if fitting else None
    return found


def _category(observation: dict[str, Any]) -> str:
    codes = [
        coding.get("code")
        for concept in observation.get("category", [])
        for coding in concept.get("coding", [])
    ]
    return "laboratory" if "laboratory" in codes else "survey"


def hook_request(
    bundle: dict[str, Any], hook: str = "patient-view", **members: Any
) -> dict[str, Any]:
    """A call about the patient of ``bundle``, its prefetch whole."""
    prefetch = prefetch_of(bundle)
    return {
        "hook": hook,
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"userId": "Practitioner/42", "patientId": prefetch["patient"]["id"]},
        "prefetch": prefetch,
        **members,
    }


def call(
    client: TestClient, body: Any, *, service: str = "trd-patient-view", **of_token: Any
) -> Any:
    """The answer to one call with a token made for it."""
    path = f"/cds-services/{service}"
    return client.post(
        path, json=body, headers={"Authorization": f"Bearer {token(path, **of_token)}"}
    )


def draft(drug: str, code: str, patient: str, order: str = "d1") -> dict[str, Any]:
    """An unsigned order of a drug by its RxNorm code."""
    return {
        "resourceType": "MedicationRequest",
        "id": order,
        "status": "draft",
        "intent": "order",
        "subject": {"reference": f"Patient/{patient}"},
        "medicationCodeableConcept": {
            "coding": [
                {
                    "system": "http://www.nlm.nih.gov/research/umls/rxnorm",
                    "code": code,
                    "display": drug,
                }
            ]
        },
    }
