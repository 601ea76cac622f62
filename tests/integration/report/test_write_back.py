"""The report to download, and to the EHR where the site and the clinician want it."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fhirkit
import httpx2
import pytest

from fhir_adapter.server import AccessRefused, FixedToken, ServerUnavailable
from fhir_adapter.server.write import post_transaction
from tests.lib import demo, launching
from tests.lib.commands import trd_assistant
from tests.lib.fhir_server import TOKEN, FhirServer, free_port, resources_of, serving
from tests.lib.hostile_ehr import Reply, Seen
from tests.lib.launching import Site
from tests.lib.service import api, opened
from tests.lib.smart_ehr import USER, SmartEhr

CONFIRMED = {"confirmed": True}


def kinds(bundle: dict[str, Any]) -> list[str]:
    return [entry["resource"]["resourceType"] for entry in bundle["entry"]]


def test_the_report_is_downloaded_as_valid_fhir() -> None:
    with api() as client:
        answer = client.get(f"{opened(client)}/report.fhir.json", params={"as_of": "2024-06-03"})
    assert answer.headers["content-type"] == "application/fhir+json"
    assert fhirkit.validate(answer.text) == []
    assert kinds(answer.json()) == ["ClinicalImpression", *["Observation"] * 7, "Provenance"]


def test_the_command_prints_the_same_report() -> None:
    file = demo.path("worked-case")
    done = trd_assistant("stage", file, "--as-of", "2024-06-03", "--format", "fhir")
    assert done.exit == 0, done.err
    assert fhirkit.validate(done.out) == []
    with api() as client:
        served = client.get(f"{opened(client)}/report.fhir.json", params={"as_of": "2024-06-03"})
    first = [entry["resource"]["code"] for entry in json.loads(done.out)["entry"][:-1]]
    assert first == [entry["resource"]["code"] for entry in served.json()["entry"][:-1]]


# From a launch


class _Writing:
    """What the EHR was sent, and what it answers."""

    def __init__(self, ehr: SmartEhr) -> None:
        self.bundles: list[dict[str, Any]] = []
        self.status = 200
        ehr.on("", self.take)

    def take(self, request: Seen) -> Reply:
        bundle = json.loads(request.body)
        self.bundles.append(bundle)
        entries = [
            {"response": {"status": "201", "location": f"{kind}/{number}/_history/1"}}
            for number, kind in enumerate(kinds(bundle))
        ]
        body = {"resourceType": "Bundle", "type": "transaction-response", "entry": entries}
        return Reply(status=self.status, body=body)


@pytest.fixture
def ehr() -> Iterator[SmartEhr]:
    found = launching.smart_ehr()
    with found.running():
        yield found


@pytest.fixture
def writing(ehr: SmartEhr) -> _Writing:
    return _Writing(ehr)


@pytest.fixture
def site(tmp_path: Path, ehr: SmartEhr, writing: _Writing) -> Iterator[Site]:
    further = ("patient/ClinicalImpression.c", "patient/Observation.c", "patient/Provenance.c")
    with launching.site(tmp_path, ehr, write_back=True, further_scopes=further) as found:
        yield found


def post(site: Site, ctx: str, body: Any) -> Any:
    return site.client.post(f"/api/patients/{ctx}/write-back", json=body, headers=site.page(ctx))


def test_a_confirmed_report_is_written_once_in_the_clinicians_name(
    site: Site, writing: _Writing
) -> None:
    ctx = site.launched()
    answer = post(site, ctx, CONFIRMED)
    assert answer.status_code == 201, answer.text
    assert answer.json()["written"][0] == "ClinicalImpression/0"
    (bundle,) = writing.bundles
    assert bundle["type"] == "transaction"
    assert fhirkit.validate(json.dumps(bundle)) == []
    assert bundle["entry"][0]["resource"]["assessor"] == {"reference": USER}
    events = [json.loads(line)["event"] for line in site.audit_file.read_text().splitlines()]
    (created,) = [event for event in events if event["action"] == "C"]
    assert created["meta"]["profile"][0].endswith("PatientCreate")


@pytest.mark.parametrize(
    "body", [{}, {"confirmed": False}, {"confirmed": "true"}, {"confirmed": 1}]
)
def test_without_the_clinicians_word_nothing_is_written(
    site: Site, writing: _Writing, body: dict[str, Any]
) -> None:
    assert post(site, site.launched(), body).status_code == 422
    assert writing.bundles == []


def test_without_the_page_of_the_session_nothing_is_written(site: Site, writing: _Writing) -> None:
    ctx = site.launched()
    answer = site.client.post(f"/api/patients/{ctx}/write-back", json=CONFIRMED)
    assert answer.status_code == 404
    assert writing.bundles == []


def test_where_the_site_does_not_allow_it_nothing_is_written(
    tmp_path: Path, ehr: SmartEhr, writing: _Writing
) -> None:
    with launching.site(tmp_path, ehr) as site:
        answer = post(site, site.launched(), CONFIRMED)
    assert answer.status_code == 403
    assert writing.bundles == []


def test_a_demo_record_is_written_nowhere() -> None:
    with api() as client:
        answer = client.post(f"{opened(client)}/write-back", json=CONFIRMED)
    assert answer.status_code == 403


def test_an_ehr_that_does_not_take_it_is_said_so(site: Site, writing: _Writing) -> None:
    writing.status = 422
    answer = post(site, site.launched(), CONFIRMED)
    assert answer.status_code == 502
    assert "422" in answer.json()["detail"]


# A real server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FhirServer]:
    with serving(tmp_path_factory.mktemp("sekmet"), bearer=True) as running:
        running.load(*resources_of(demo.bundle("worked-case")))
        yield running


def _bundle() -> dict[str, Any]:
    from datetime import UTC, datetime  # noqa: PLC0415

    from assistant.staging.engine import stage  # noqa: PLC0415
    from fhir_adapter.read import read_bundle  # noqa: PLC0415
    from fhir_adapter.report_bundle import report_bundle  # noqa: PLC0415

    record = read_bundle(demo.bundle("worked-case")).treatment
    report = stage(record, as_of=demo.as_of("worked-case"))
    return report_bundle(report, recorded=datetime.now(UTC), version="1", transaction=True)


def test_a_real_server_keeps_the_report(server: FhirServer) -> None:
    first = asyncio.run(post_transaction(server.base, _bundle(), tokens=FixedToken(TOKEN)))
    assert first[0].startswith("ClinicalImpression/")
    assert len(first) == 9
    headers = {"Authorization": f"Bearer {TOKEN}"}
    kept = httpx2.get(f"{server.base}/{first[0]}", headers=headers).json()
    observation = kept["finding"][0]["itemReference"]["reference"]
    assert observation in first, "names inside the Bundle became the server's"
    found = httpx2.get(
        f"{server.base}/ClinicalImpression", params={"subject": "Patient/worked-case"},
        headers=headers,
    ).json()  # fmt: skip
    assert found["total"] == 1


def test_a_server_that_refuses_the_token_is_told_from_one_that_is_down(server: FhirServer) -> None:
    with pytest.raises(AccessRefused):
        asyncio.run(post_transaction(server.base, _bundle(), tokens=FixedToken("wrong")))
    with pytest.raises(ServerUnavailable, match="not known"):
        asyncio.run(
            post_transaction(f"http://127.0.0.1:{free_port()}/fhir", _bundle(), tokens=FixedToken())
        )
