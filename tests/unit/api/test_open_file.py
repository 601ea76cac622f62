"""A record from a file, opened from the start page for one browser."""

import json
import logging
import tempfile
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from assistant.bootstrap import build_service
from assistant.config import Settings
from tests.lib import demo
from tests.lib.service import api, worked_case

HERE = {"sec-fetch-site": "same-origin"}
MEGABYTE = 1_000_000


def send(client: TestClient, data: bytes, *, patient: str = "", **headers: str) -> Response:
    return client.post(
        "/open-record",
        files={"record": ("chart.json", data, "application/json")},
        data={"patient": patient},
        headers={**HERE, **headers},
        follow_redirects=False,
    )


def lines(bundle: dict[str, Any]) -> bytes:
    return b"\n".join(json.dumps(entry["resource"]).encode() for entry in bundle["entry"])


@pytest.mark.parametrize("data", [json.dumps(worked_case()).encode(), lines(worked_case())])
def test_a_bundle_or_lines_of_resources_open_the_page_of_their_patient(
    client: TestClient, data: bytes
) -> None:
    answer = send(client, data)
    assert answer.status_code == 303
    place = answer.headers["location"]
    assert f"Path={place}" in answer.headers["set-cookie"]
    assert "worked-case" not in place
    secret = answer.headers["set-cookie"].split(";")[0].partition("=")[2]
    path = f"/api/patients{place.removeprefix('/c').rstrip('/')}"
    opened = client.get(path, headers={"x-app-session": secret}).json()
    assert opened["patient"]["name"] == "Nora Fictional"
    for headers in ({}, {"x-app-session": "guess"}):
        for part in ("", "/stage", "/record", "/turns"):
            refused = client.get(f"{path}{part}", headers=headers)
            assert refused.status_code == 404
            assert "Nora" not in refused.text


def test_the_patient_of_several_is_chosen_by_name(client: TestClient) -> None:
    both = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [*worked_case()["entry"], *demo.bundle("two-ssris")["entry"]],
    }
    data = json.dumps(both).encode()
    refused = send(client, data)
    assert refused.status_code == 422
    assert "Nora" not in refused.text
    assert send(client, data, patient="two-ssris").status_code == 303


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "No file was chosen"),
        (b"Nora-Canary", "is not JSON"),
        (b'["Nora-Canary"]', "expected an object with resourceType"),
        (b'{"resourceType": "Bundle", "type": "collection", "entry": [', "is not JSON"),
        (b"\x1f\x8bNora-Canary", "broken gzip file"),
    ],
)
def test_a_file_that_is_no_record_is_refused_in_words(
    client: TestClient, data: bytes, words: str
) -> None:
    answer = send(client, data)
    assert answer.status_code == 422
    assert words in answer.text
    assert "Canary" not in answer.text
    assert "Back to the start page" in answer.text
    assert "set-cookie" not in answer.headers


def test_what_is_no_form_with_a_file_is_refused_in_words(client: TestClient) -> None:
    for body, kind in (
        (b"{}", "application/json"),
        (b"--x", "multipart/form-data"),
        (b"garbage", "multipart/form-data; boundary=x"),
    ):
        answer = client.post("/open-record", content=body, headers={**HERE, "content-type": kind})
        assert answer.status_code == 422, kind
        assert "file" in answer.text


def test_a_file_above_the_limit_of_the_settings_is_refused() -> None:
    with api(build_service(Settings(uploads=True, max_body_mb=1))) as small:
        assert "at most 1 MB" in small.get("/").text
        answer = send(small, b" " * 2 * MEGABYTE)
        assert answer.status_code == 422
        assert "larger than" in answer.text


def test_a_large_file_is_never_written_to_disk(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise AssertionError("a temporary file was made")

    monkeypatch.setattr(tempfile, "TemporaryFile", refused)
    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", refused)
    data = json.dumps(worked_case()).encode() + b" " * 3 * MEGABYTE
    assert send(client, data).status_code == 303


def test_another_site_cannot_open_a_file_here(client: TestClient) -> None:
    data = json.dumps(worked_case()).encode()
    assert send(client, data, **{"sec-fetch-site": "cross-site"}).status_code == 403
    assert send(client, data, origin="https://evil.example").status_code == 403


def test_where_uploads_are_off_no_file_is_offered_or_opened() -> None:
    with api(build_service(Settings(demo=True))) as closed:
        assert 'type="file"' not in closed.get("/").text
        answer = send(closed, json.dumps(worked_case()).encode())
        assert answer.status_code == 403
        assert "takes no uploaded records" in answer.text


def test_nothing_of_the_file_reaches_a_log(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        send(client, b"Nora-Canary")
    assert "Canary" not in caplog.text
