"""Nothing of a patient or a question reaches a log line (promise P15)."""

import io
import json
import logging
from typing import Any

import pytest
import structlog

from assistant.logs import ALLOWED_KEYS, configure_logging, log
from tests.lib.service import api, opened, shared_service, upload, worked_case

CANARY = "Trillian-Canary-0815"


@pytest.fixture
def written() -> Any:
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level, configured = root.handlers, root.level, structlog.get_config()
    configure_logging(stream)
    yield stream
    structlog.configure(**configured)
    root.handlers, root.level = handlers, level


def test_names_questions_and_bodies_stay_out_of_the_logs(written: io.StringIO) -> None:
    bundle = worked_case()
    for entry in bundle["entry"]:
        resource = entry["resource"]
        if resource["resourceType"] == "Patient":
            resource["name"][0]["family"] = CANARY
        resource["note"] = [{"text": CANARY}]
    with api(shared_service()) as client:
        path = upload(client, bundle)
        assert client.get(path).json()["patient"]["name"].count(CANARY) == 1
        client.get(f"{path}/stage", params={"as_of": CANARY})
        client.post(f"{path}/ask", json={"question": f"Does {CANARY} have TRD?"})
        client.post(f"{path}/ask", content=f'{{"{CANARY}": NaN}}')
        client.post(f"{path}/assertions", json={"fact": CANARY, "value": CANARY})
        client.get(f"/api/knowledge/passages/{CANARY}")
    lines = written.getvalue().splitlines()
    assert len(lines) >= 6
    assert CANARY not in written.getvalue()
    assert path.rsplit("/", maxsplit=1)[-1] not in written.getvalue()
    for line in lines:
        assert set(json.loads(line)) <= ALLOWED_KEYS


def test_a_key_that_is_not_allowed_is_dropped(written: io.StringIO) -> None:
    log("request", question=CANARY, patient=CANARY, status=200)
    log(f"free text {CANARY}")
    first, second = map(json.loads, written.getvalue().splitlines())
    assert (first["status"], first["event"]) == (200, "request")
    assert second["event"] == "unnamed_event"
    assert CANARY not in written.getvalue()


def test_a_library_message_and_its_traceback_are_reduced_to_their_origin(
    written: io.StringIO,
) -> None:
    try:
        int(CANARY)
    except ValueError:
        logging.getLogger("some.library").exception("while reading %s", CANARY)
    line = json.loads(written.getvalue())
    assert (line["event"], line["logger"], line["error"]) == (
        "library_message", "some.library", "ValueError",
    )  # fmt: skip
    assert CANARY not in written.getvalue()


def test_an_opened_record_is_logged_by_its_size_alone(written: io.StringIO) -> None:
    with api(shared_service()) as client:
        opened(client)
    line = next(
        json.loads(text)
        for text in written.getvalue().splitlines()
        if json.loads(text)["event"] == "record_opened"
    )
    assert set(line) == {"event", "level", "timestamp", "resources", "issues", "open_records"}
