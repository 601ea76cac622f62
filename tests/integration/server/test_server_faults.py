"""Faults of the line and of the caller: each is named, within the deadline, without the patient."""

import asyncio
import subprocess
import time

import pytest

from fhir_adapter.errors import PatientNotFound
from fhir_adapter.read_server import read_server
from fhir_adapter.server import AccessRefused, ReadSettings, ServerUnavailable
from tests.lib.fhir import condition, patient, statement
from tests.lib.hostile_ehr import HostileEhr, Reply, searchset
from tests.lib.server_reads import QUICK, incomplete, read


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=searchset([condition("F32.1")]), cut=True),
        Reply(body=b'{"resourceType": "Bundle", "entry": ['),
        Reply(body=b"\xff\xfe\x00"),
        Reply(body=b"[]"),
        Reply(body={"resourceType": "Patient"}),
        Reply(body=searchset([condition("F32.1")]), stall=3),
        Reply(body=searchset([condition("F32.1")] * 20), drip=0.05),
        Reply(status=302, headers={"location": "http://127.0.0.2:1/"}),
    ],
    ids=["reset", "truncated", "binary", "array", "no-bundle", "stall", "drip", "redirect"],
)
def test_a_broken_answer_costs_its_type_within_the_deadline(reply):
    ehr = HostileEhr(patient(), statement())
    ehr.on("Condition", lambda _: reply)
    impatient = ReadSettings(attempts=2, first_wait_seconds=0.01, request_seconds=0.6)
    started = time.monotonic()
    record = read(ehr, settings=impatient)
    assert time.monotonic() - started < 8
    assert "Condition" in incomplete(record)
    assert len(record.treatment.exposures) == 1


def test_the_whole_read_ends_at_its_deadline_with_what_came():
    ehr = HostileEhr(patient(), statement())
    for kind in ("Condition", "Observation", "Procedure"):
        ehr.on(kind, lambda _: Reply(body=searchset(), stall=30))
    started = time.monotonic()
    record = read(ehr, settings=ReadSettings(total_seconds=2.0))
    assert time.monotonic() - started < 6
    assert {"Condition", "Observation", "Procedure"} <= set(incomplete(record))
    assert len(record.treatment.exposures) == 1


def test_an_answer_beyond_the_size_limit_is_refused():
    ehr = HostileEhr(patient())
    ehr.on("Condition", lambda _: Reply(body=searchset([condition("F32.1")] * 100)))
    small = ReadSettings(answer_bytes=4096)
    assert "too large" in incomplete(read(ehr, settings=small))["Condition"].why


def test_a_total_above_what_was_sent_is_told_with_both_numbers():
    ehr = HostileEhr(patient())
    ehr.on("Condition", lambda _: Reply(body=searchset([condition("F32.1")], total=5)))
    record = read(ehr)
    found = incomplete(record)["Condition"]
    assert (found.read, found.total) == (1, 5)
    completeness = record.treatment.completeness
    assert completeness.resources_total - completeness.resources_read == 4


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that nobody has signed, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    names = (str(folder / "cert.pem"), str(folder / "key.pem"))
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
         "-out", names[0], "-keyout", names[1]],
        capture_output=True, check=False,
    )  # fmt: skip
    if made.returncode:
        pytest.skip("openssl is not here to make a certificate")
    return names


def test_a_certificate_that_is_not_trusted_is_named_and_not_asked_again(certificate):
    ehr = HostileEhr(patient(), statement())
    with ehr.running(certificate=certificate) as base:
        with pytest.raises(ServerUnavailable, match="certificate is not trusted"):
            asyncio.run(read_server(base, "p1", token="t", settings=QUICK))
        assert ehr.seen == []
        trusting = ReadSettings(certificates=certificate[0])
        record = asyncio.run(read_server(base, "p1", token="t", settings=trusting))
    assert len(record.treatment.exposures) == 1


def test_certificates_that_cannot_be_read_are_named(tmp_path):
    missing = ReadSettings(certificates=str(tmp_path / "none.pem"))
    with pytest.raises(ServerUnavailable, match="PEM"):
        asyncio.run(read_server("https://127.0.0.1:9/r4", "p1", settings=missing))


@pytest.mark.parametrize(
    "base", ["ftp://h/r4", "http://", "https://u:p@h/r4", "https://h/r4?x=1", "http://[::"]
)
def test_an_address_that_is_none_is_refused(base):
    with pytest.raises(ServerUnavailable, match="address"):
        asyncio.run(read_server(base, "p1"))


def test_a_token_never_leaves_over_plain_http():
    with pytest.raises(AccessRefused, match="https"):
        asyncio.run(read_server("http://ehr.example.org/r4", "p1", token="t"))


def test_no_message_and_no_issue_names_the_patient():
    ehr = HostileEhr(patient() | {"id": "canary-4711"})
    for kind in ("Condition", "Observation"):
        ehr.on(kind, lambda _: Reply(status=500))
    record = read(ehr, "canary-4711")
    told = repr(record.treatment.issues) + repr(record.treatment.completeness)
    assert "canary" not in told
    with pytest.raises(PatientNotFound) as caught:
        read(HostileEhr(patient()), "canary-4711")
    assert "canary" not in str(caught.value)
