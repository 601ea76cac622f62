"""Nothing that identifies a patient leaves its place, whatever is asked and goes wrong (P15)."""

import io
import json
import logging
import tempfile
from pathlib import Path
from typing import Any

import httpx2
import pytest
import structlog
from fastapi.testclient import TestClient

from assistant.api.app import create_app
from assistant.bootstrap import build_access, build_cds_hooks, build_service
from assistant.cds_hooks.client import CdsClient
from assistant.config import Settings, data_folder
from assistant.logs import ALLOWED_KEYS, configure_logging
from tests.lib.canaries import (
    LOG_LINES,
    PLANTED,
    found_in,
    of_the_demo_patients,
    planted_record,
)
from tests.lib.cds_client import ISSUER, PUBLIC_URL, call, hook_request, token, write_keys
from tests.lib.knowledge_index import copy_built_index

FEEDBACK = "/cds-services/trd-patient-view/feedback"


class Seen:
    """What a run left behind outside the answers meant for the clinician."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.logs = io.StringIO()
        self.errors: list[str] = []
        self.addresses: list[str] = []

    def take(self, response: httpx2.Response) -> None:
        """Keep the addresses of a call, and its body where it is an error."""
        self.addresses += [str(response.url), response.headers.get("location", "")]
        if response.is_error:
            response.read()
            self.errors.append(response.text)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """A service with everything switched on, used well and badly with a planted record."""
    folder = tmp_path_factory.mktemp("canaries")
    (folder / "scratch").mkdir()
    (folder / "keys").mkdir()
    copy_built_index(folder / "data" / "knowledge")
    found = Seen(folder)
    root = logging.getLogger()
    handlers, level, configured = root.handlers, root.level, structlog.get_config()
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TRD_ASSISTANT_DATA", str(folder / "data"))
        patched.setenv("TMPDIR", str(folder / "scratch"))
        patched.setattr(tempfile, "tempdir", None)
        configure_logging(found.logs)
        _use(found)
    structlog.configure(**configured)
    root.handlers, root.level = handlers, level
    return found


def _use(found: Seen) -> None:
    keys = write_keys(found.folder / "keys")
    service = build_service(
        Settings(
            demo=True,
            uploads=True,
            public_url=PUBLIC_URL,
            cds_clients=(CdsClient(issuer=ISSUER, jwks_file=keys),),
        )
    )
    app = create_app(service, access=build_access(service), cds_hooks=build_cds_hooks(service))
    with TestClient(app, base_url=PUBLIC_URL, raise_server_exceptions=False) as client:
        client.event_hooks["response"].append(found.take)
        _use_record(client)
        _use_cds_hooks(client)
        for path in ("/", "/health", "/ready", "/version", f"/api/{PLANTED['family']}"):
            client.get(path)
        service.knowledge.opened()
        patch = pytest.MonkeyPatch()
        patch.setattr(service, "assess", _broken)
        client.post("/api/records", json=planted_record())
        patch.undo()


def _broken(*_: object, **__: object) -> None:
    raise RuntimeError(PLANTED["note"])


def _use_record(client: TestClient) -> None:
    bundle = planted_record()
    opened = client.post("/api/records", json=bundle)
    path = f"/api/patients/{opened.json()['ctx']}"
    assert PLANTED["family"] in client.get(path).json()["patient"]["name"]
    asked = f"Does {PLANTED['question']} have TRD? {PLANTED['family']}, born 1961-02-13"
    fact = {"fact": "adherence", "trial": "t1", "value": "met", "author": PLANTED["author"]}
    bodies: list[tuple[str, Any]] = [
        ("ask", {"question": asked, "remember": True}),
        ("ask", {"question": asked, "as_of": PLANTED["family"]}),
        ("ask", {PLANTED["unknown member"]: PLANTED["note"]}),
        ("assertions", fact),
        ("assertions", {**fact, "value": PLANTED["note"]}),
        ("what-if", {"facts": [{**fact, "fact": PLANTED["note"]}]}),
        ("write-back", {"confirmed": PLANTED["note"]}),
    ]
    for below, body in bodies:
        client.post(f"{path}/{below}", json=body)
    client.post(f"{path}/ask", content=f'{{"question": "{PLANTED["note"]}", "x": NaN}}')
    for below in ("/stage", "/record", "/turns", "/assertions", "/report.fhir.json"):
        assert client.get(f"{path}{below}").status_code == 200
    client.get(f"{path}/record/Patient/worked-case", params={"element": "name[0]"})
    damaged = json.dumps(bundle).replace('"resourceType": "Observation"', '"resourceType": 5')
    client.post("/api/records", content=damaged)
    client.post("/api/records", content=json.dumps(bundle)[:-40])


def _use_cds_hooks(client: TestClient) -> None:
    body = hook_request(planted_record())
    assert call(client, body).json()["cards"]
    del body["prefetch"]["conditions"]
    call(client, body)
    call(client, {**body, PLANTED["unknown member"]: 1, "hook": PLANTED["note"]})
    call(client, body, iss=PLANTED["family"])
    one = {
        "card": "9d1b8f5e-5a1c-4a43-8d2f-7e4b6b1f0c11",
        "outcome": "overridden",
        "outcomeTimestamp": "2026-11-22T10:05:31Z",
        "overrideReason": {"userComment": PLANTED["comment"]},
    }
    bearer = {"Authorization": f"Bearer {token(FEEDBACK)}"}
    assert client.post(FEEDBACK, json={"feedback": [one]}, headers=bearer).status_code == 200


def _canaries_in(text: str) -> list[str]:
    return [name for name, canary in PLANTED.items() if canary in text]


def test_no_canary_is_in_the_logs_and_every_key_is_on_the_allow_list(seen: Seen) -> None:
    lines = seen.logs.getvalue().splitlines()
    assert len(lines) > 20
    assert _canaries_in(seen.logs.getvalue()) == []
    for line in lines:
        assert set(json.loads(line)) <= ALLOWED_KEYS


def test_no_canary_is_in_an_error_body(seen: Seen) -> None:
    assert len(seen.errors) >= 8
    assert [_canaries_in(body) for body in seen.errors if _canaries_in(body)] == []


def test_no_canary_is_in_an_address_that_the_service_made(seen: Seen) -> None:
    own = [one for one in seen.addresses if not one.endswith(f"/api/{PLANTED['family']}")]
    assert len(own) > 40
    assert _canaries_in(" ".join(own)) == []


def test_no_canary_is_in_the_index_the_audit_trail_or_a_temporary_file(seen: Seen) -> None:
    data = seen.folder / "data"
    written = b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file())
    assert b"serotonin transporter" in written, "the index is built here and can be searched"
    assert (data / "audit.jsonl").stat().st_size > 0
    assert (data / "cds_feedback.jsonl").stat().st_size > 0
    assert found_in(seen.folder, PLANTED.values()) == []


def test_the_search_for_canaries_finds_one(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"\x00" + PLANTED["note"].encode() + b"\xff")
    assert found_in(tmp_path, PLANTED.values()) == [f"x.bin: {PLANTED['note']}"]


@pytest.mark.after_all
def test_after_all_tests_nothing_of_a_patient_is_in_the_data_folder_or_a_log_line() -> None:
    """The data folder of the tests holds the index, the audit trail and every logged line."""
    canaries = {*PLANTED.values(), *of_the_demo_patients()}
    assert len(canaries) > 20
    assert found_in(data_folder(), canaries) == []


def test_what_the_last_test_reads_is_written() -> None:
    structlog.get_logger().info("canary_test")
    assert "canary_test" in (data_folder() / LOG_LINES).read_text("utf-8")
