"""The same patient by file and off a real FHIR server."""

import asyncio
import json
from datetime import date
from importlib.resources import files

import httpx2
import pytest

from assistant.staging.engine import stage
from fhir_adapter.errors import PatientNotFound, SeveralPatients
from fhir_adapter.inputs import read_inputs
from fhir_adapter.read import read_bundle, read_gathered
from fhir_adapter.read_server import read_server
from fhir_adapter.server import AccessRefused, ReadSettings, ServerUnavailable, fetch_record
from tests.lib.commands import trd_assistant
from tests.lib.fhir import bundle, condition, patient, phq9, request, statement
from tests.lib.fhir_server import resources_of, serving

_PAGES_BEFORE_DEATH = 20
DEMO = sorted(
    entry.name
    for entry in files("assistant").joinpath("demo_patients").iterdir()
    if entry.name.endswith(".json")
)


def demo(name):
    text = files("assistant").joinpath(f"demo_patients/{name}").read_text("utf-8")
    return json.loads(text)


def facts(record):
    treatment = record.treatment
    return {
        name: sorted(map(repr, getattr(treatment, name)))
        for name in (
            "exposures", "scores", "diagnoses", "sessions", "labs", "reactions", "suicidality",
        )
    }  # fmt: skip


def report(record):
    shown = stage(record.treatment, as_of=date(2026, 11, 1)).to_json()
    return {key: value for key, value in shown.items() if key not in ("issues", "completeness")}


def read(server, who="p1", **options):
    return asyncio.run(read_server(server.base, who, token=server.token, **options))


@pytest.fixture(scope="module")
def open_server(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("open")) as server:
        server.load(
            patient(identifier=[{"system": "urn:mrn", "value": "MRN-7"}]),
            statement(),
            request(),
            condition("F32.1"),
            *(phq9(10 + place % 17, f"2023-{1 + place % 12:02d}-02") | {"id": f"score{place}"}
              for place in range(230)),
        )  # fmt: skip
        server.load({"resourceType": "Patient", "id": "other"})
        server.load(phq9(27) | {"id": "foreign", "subject": {"reference": "Patient/other"}})
        yield server


@pytest.mark.parametrize("name", DEMO)
@pytest.mark.parametrize("absolute", [False, True], ids=["relative", "absolute"])
def test_a_demo_patient_is_the_same_by_file_and_by_server(name, absolute, server_of):
    server = server_of(absolute=absolute)
    story = demo(name)
    resources = resources_of(story)
    server.load(*resources)
    who = next(one["id"] for one in resources if one["resourceType"] == "Patient")
    by_file, by_server = read_bundle(story), read(server, who)
    assert facts(by_server) == facts(by_file)
    assert report(by_server) == report(by_file)
    assert by_server.treatment.completeness.incomplete == ()


@pytest.fixture(scope="module")
def server_of(tmp_path_factory):
    with (
        serving(tmp_path_factory.mktemp("relative")) as relative,
        serving(tmp_path_factory.mktemp("absolute"), absolute=True) as absolute,
    ):
        yield lambda *, absolute=False, _servers=(relative, absolute): _servers[absolute]


def test_every_page_is_read(open_server):
    found = read(open_server, settings=ReadSettings(page_size=20))
    assert len([key for key in found.resources if key.startswith("Observation/")]) == 230
    completeness = found.treatment.completeness
    assert completeness.resources_read == completeness.resources_total
    assert completeness.incomplete == ()


def test_another_patient_of_the_server_is_not_read(open_server):
    assert not any("foreign" in key for key in read(open_server).resources)


def test_a_patient_is_found_by_an_identifier(open_server):
    found = read(open_server, "MRN-7")
    assert found.banner.identifiers
    assert facts(found) == facts(read(open_server))


def test_a_patient_the_server_does_not_know_is_not_found(open_server):
    with pytest.raises(PatientNotFound):
        read(open_server, "nobody")


def test_the_command_line_reads_a_server(open_server):
    found = read_inputs([open_server.base], "p1")
    assert facts(found) == facts(read(open_server))
    with pytest.raises(SeveralPatients):
        read_inputs([open_server.base])


def test_the_report_at_the_command_line_is_the_same_and_strict_holds(open_server, tmp_path):
    story = tmp_path / "story.json"
    found = read(open_server)
    story.write_text(json.dumps(bundle(*found.resources.values())), encoding="utf-8")
    shown = []
    for source in (story, open_server.base):
        done = trd_assistant(
            "stage", source, "--patient", "p1", "--as-of", "2024-06-01", "--strict",
            "--format", "json",
        )  # fmt: skip
        assert done.exit == 0, done.err
        shown.append(json.loads(done.out))
    by_file, by_server = shown
    for report_json in shown:
        del report_json["issues"]
        del report_json["completeness"]
    assert by_server == by_file


def test_medications_that_orders_point_to_are_read(open_server):
    named = {
        "resourceType": "Medication",
        "id": "med1",
        "code": {"text": "venlafaxine"},
    }
    pointing = request(medicationReference={"reference": "Medication/med1"}) | {"id": "pointing"}
    del pointing["medicationCodeableConcept"]
    open_server.load(named, pointing)
    assert "venlafaxine" in {one.drug for one in read(open_server).treatment.exposures}


def test_a_bearer_token_opens_the_server_and_its_absence_does_not(tmp_path):
    with serving(tmp_path, bearer=True) as server:
        server.load(patient(), statement())
        assert len(read(server).treatment.exposures) == 1
        for token in (None, "wrong"):
            with pytest.raises(AccessRefused, match="401"):
                asyncio.run(read_server(server.base, "p1", token=token))


def test_a_server_killed_mid_read_gives_what_came_and_says_what_did_not(tmp_path):
    answered = []

    async def kill_at_the_twentieth(answer):
        if "Observation" in str(answer.request.url):
            answered.append(answer)
        if len(answered) == _PAGES_BEFORE_DEATH:
            server.process.kill()
            server.process.wait()

    async def go():
        hooks = {"response": [kill_at_the_twentieth]}
        async with httpx2.AsyncClient(event_hooks=hooks, trust_env=False) as client:
            return await fetch_record(server.base, "p1", settings=settings, client=client)

    settings = ReadSettings(page_size=1, pages=1000, attempts=2, first_wait_seconds=0.01)
    with serving(tmp_path) as server:
        server.load(
            *resources_of(bundle(patient(), statement())),
            *(phq9(10, f"2023-{1 + place % 12:02d}-02") | {"id": f"s{place}"}
              for place in range(60)),
        )  # fmt: skip
        found = read_gathered(asyncio.run(go()), patient="p1")
    completeness = found.treatment.completeness
    (scores,) = [one for one in completeness.incomplete if one.type == "Observation"]
    assert _PAGES_BEFORE_DEATH - 1 <= scores.read < 60
    assert scores.total == 60
    assert "broke off" in scores.why
    assert len([key for key in found.resources if key.startswith("Observation/")]) == scores.read
    assert completeness.resources_total >= 60


def test_a_server_that_is_not_there_is_unavailable(tmp_path):
    with pytest.raises(ServerUnavailable, match="cannot be read"):
        asyncio.run(
            read_server(
                "http://127.0.0.1:9/fhir", "p1",
                settings=ReadSettings(attempts=2, first_wait_seconds=0.01),
            )
        )  # fmt: skip
