"""Launched from a chart: a cross-site frame over TLS, a strict authorization server, real FHIR."""

import contextlib
import http.server
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from joserfc.jwk import ECKey
from playwright.sync_api import Browser, FrameLocator, Page, expect

from assistant.bootstrap import EhrRecords
from assistant.launch.keys import new_client_key
from assistant.sessions import new_key
from tests.e2e.conftest import CHROMIUM, FLAGS, SCREENSHOTS
from tests.lib import authorization_server, demo, fhir_server
from tests.lib.authorization_server import AuthorizationServer
from tests.lib.fhir_server import FhirServer, free_port
from tests.lib.tls import Certificate, ended_before

pytestmark = pytest.mark.browser
CLIENT = "trd-assistant-e2e"
LIFETIME = 20  # seconds: a token expires in the middle of a test
LAUNCHES = {"launch-nora": "worked-case", "launch-petra": "bipolar"}
NAMES = {"launch-nora": "Nora Fictional", "launch-petra": "Petra Madeup"}
EHR = "ehr.test"
APP = "app.test"


_WHAT_SCRIPTS_CAN_READ = """() => {
  const read = (get) => { try { return JSON.stringify(get()); } catch { return 'denied'; } };
  return [read(() => ({...localStorage})), read(() => ({...sessionStorage})),
          read(() => document.cookie), read(() => location.search + location.hash)].join(' | ');
}"""


@dataclass(frozen=True, kw_only=True)
class Hospital:
    """Everything of the scene."""

    ehr_page: str
    app: str
    authority: AuthorizationServer
    fhir: FhirServer
    audit: Path

    def chart(self, launch: str) -> str:
        """The address of a chart whose frame launches the assistant."""
        return f"{self.ehr_page}/?launch={launch}"


class _Chart(http.server.BaseHTTPRequestHandler):
    """The EHR's page: a chart with the assistant in a frame."""

    launch_url = ""

    def do_GET(self) -> None:
        launch = self.path.partition("launch=")[2]
        self.send_response(200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.end_headers()
        frame = f"{self.launch_url}&launch={quote(launch)}" if launch else "about:blank"
        self.wfile.write(
            f"<!doctype html><title>Chart</title><h1>Chart of the EHR</h1>"
            f"<iframe src='{frame}' style='width:1300px;height:800px'></iframe>".encode()
        )

    def log_message(self, *_arguments: object) -> None:
        pass


@contextlib.contextmanager
def _plain_http(server: http.server.ThreadingHTTPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def _service(folder: Path, settings: str, keys: dict[str, str]) -> Iterator[int]:
    """``trd-assistant serve`` with these settings; the port it listens at."""
    config = folder / "site.toml"
    config.write_text(settings, encoding="utf-8")
    with (
        (folder / "service.err").open("wb") as errors,
        subprocess.Popen(
            (sys.executable, "-c", "from assistant.cli import main; main()",
             "serve", "--port", "0", "--config", str(config)),
            cwd=demo.REPOSITORY, env={**os.environ, **keys},
            stdout=subprocess.PIPE, stderr=errors, text=True,
        ) as process,
    ):  # fmt: skip
        assert process.stdout is not None
        found = re.search(r":(\d+)/", process.stdout.readline())
        assert found, (folder / "service.err").read_text("utf-8")[-2000:]
        try:
            yield int(found[1])
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    if why := authorization_server.missing():
        pytest.skip(why)
    folder = tmp_path_factory.mktemp("hospital")
    certificate = Certificate.made(folder, "127.0.0.1", EHR, APP)
    app_port, ehr_port = free_port(), free_port()
    app = f"https://{APP}:{app_port}"
    client_key = new_client_key("ES384")
    public = ECKey.import_key(client_key).as_dict(private=False)
    with contextlib.ExitStack() as stack:
        (folder / "fhir").mkdir()
        fhir = stack.enter_context(fhir_server.serving(folder / "fhir"))
        for patient in LAUNCHES.values():
            fhir.load(*fhir_server.resources_of(demo.bundle(patient)))
        authority = stack.enter_context(
            authorization_server.running(
                folder, fhir, certificate,
                client_id=CLIENT,
                redirect_uri=f"{app}/auth/callback",
                jwks={"keys": [public]},
                launches=LAUNCHES,
                scopes=[f"patient/{kind}.rs" for kind in EhrRecords().types],
                lifetime=LIFETIME,
            )
        )  # fmt: skip
        settings = f"""
            public_url = "{app}"
            audit_file = "{folder}/audit.jsonl"
            database = "sqlite:///{folder}/sessions.db"
            [[ehrs]]
            name = "Test Hospital"
            fhir_base = "{authority.fhir_base}"
            client_id = "{CLIENT}"
            authentication = "private_key_jwt"
            algorithm = "ES384"
            frame_ancestors = ["https://{EHR}:{ehr_port}"]
            certificates = "{certificate.authority}"
        """
        keys = {
            "TRD_ASSISTANT_SESSION_KEYS": new_key(),
            "TRD_ASSISTANT_CLIENT_KEYS": json.dumps({"keys": [client_key]}),
        }
        service_port = stack.enter_context(_service(folder, settings, keys))
        stack.enter_context(ended_before(app_port, service_port, certificate))
        chart = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Chart)
        _Chart.launch_url = f"{app}/launch?iss={quote(authority.fhir_base, safe='')}"
        stack.enter_context(ended_before(ehr_port, stack.enter_context(_plain_http(chart)),
                                         certificate))  # fmt: skip
        yield Hospital(
            ehr_page=f"https://{EHR}:{ehr_port}", app=app, authority=authority, fhir=fhir,
            audit=folder / "audit.jsonl",
        )  # fmt: skip


@pytest.fixture(scope="module")
def clinic_browser(browser: Browser) -> Iterator[Browser]:
    """A Chromium in which the hospital's names lead to this machine."""
    rules = f"--host-resolver-rules=MAP {EHR} 127.0.0.1, MAP {APP} 127.0.0.1"
    found = browser.browser_type.launch(executable_path=CHROMIUM, args=[*FLAGS, rules])
    yield found
    found.close()


@pytest.fixture
def chart(clinic_browser: Browser) -> Iterator[Page]:
    context = clinic_browser.new_context(
        ignore_https_errors=True, viewport={"width": 1360, "height": 900}
    )
    yield context.new_page()
    context.close()


def _launched(page: Page, hospital: Hospital, launch: str) -> FrameLocator:
    """The assistant's frame in the chart, once it shows the patient."""
    page.goto(hospital.chart(launch))
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name=NAMES[launch])).to_be_visible(timeout=60_000)
    return frame


def _ask(frame: FrameLocator, question: str) -> None:
    frame.get_by_test_id("stChatInputTextArea").fill(question)
    frame.get_by_test_id("stChatInputTextArea").press("Enter")
    chips = frame.get_by_test_id("stChatMessage").last.get_by_role("button")
    expect(chips.first).to_be_visible(timeout=60_000)


def test_from_a_click_in_the_chart_to_a_cited_answer_and_out_again(
    hospital: Hospital, chart: Page
) -> None:
    began = time.monotonic()
    frame = _launched(chart, hospital, "launch-nora")
    sys.stdout.write(f"from the chart to the patient: {time.monotonic() - began:.1f} s\n")
    _ask(frame, "Is this depression treatment-resistant?")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    chart.screenshot(path=SCREENSHOTS / "launch-in-the-chart.png")
    kept = chart.frames[1].evaluate(_WHAT_SCRIPTS_CAN_READ)
    assert chart.frames[1].url.startswith(f"{hospital.app}/c/")
    for secret in ("sid", "eyJ", "code=", "state=", "token"):
        assert secret not in kept, kept
    cookies = [one for one in chart.context.cookies() if one["name"] == "__Secure-sid"]
    assert [one["path"][:3] for one in cookies] == ["/c/"]
    assert cookies[0]["httpOnly"]
    frame.get_by_role("button", name="Sign out").click()
    expect(frame.get_by_text("You are signed out")).to_be_visible()
    expect(frame.get_by_role("heading", name="Nora Fictional")).to_be_hidden()
    chart.screenshot(path=SCREENSHOTS / "launch-signed-out.png")
    assert {"revoked": "grant"} in hospital.authority.noted()
    events = [json.loads(line)["event"] for line in hospital.audit.read_text("utf-8").splitlines()]
    assert [one["subtype"][0]["display"] for one in (events[0], events[-1])] == ["Login", "Logout"]
    assert events[0]["agent"][-1]["who"] == {"reference": "Practitioner/dr-strict"}


def test_a_token_that_expires_in_mid_conversation_is_renewed_and_nothing_is_lost(
    hospital: Hospital, chart: Page
) -> None:
    frame = _launched(chart, hospital, "launch-nora")
    _ask(frame, "Which stage is it?")
    read = frame.get_by_text(re.compile(r"^Read \d+ of \d+ entries"))
    before = int(re.findall(r"\d+", read.inner_text())[0])
    hospital.fhir.load({
        "resourceType": "Condition", "id": "added-meanwhile",
        "code": {"text": "Added meanwhile"}, "subject": {"reference": "Patient/worked-case"},
    })  # fmt: skip
    chart.wait_for_timeout(LIFETIME * 1000)
    frame.get_by_role("button", name="Read again").click()
    expect(frame.get_by_text(f"Read {before + 1} of {before + 1} entries")).to_be_visible()
    renewed = [one for one in hospital.authority.noted() if one.get("token") == "refresh_token"]
    assert len(renewed) == 1
    expect(frame.get_by_text("Which stage is it?").first).to_be_visible()
    _ask(frame, "Is this depression treatment-resistant?")


def test_two_tabs_with_two_patients_never_mix(hospital: Hospital, chart: Page) -> None:
    first = _launched(chart, hospital, "launch-nora")
    other_tab = chart.context.new_page()
    second = _launched(other_tab, hospital, "launch-petra")
    for page, own, foreign in (
        (first, "launch-nora", "launch-petra"),
        (second, "launch-petra", "launch-nora"),
        (first, "launch-nora", "launch-petra"),
    ):
        _ask(page, "Is this depression treatment-resistant?")
        expect(page.get_by_role("heading", name=NAMES[own])).to_be_visible()
        expect(page.get_by_text(NAMES[foreign])).to_have_count(0)
    second.get_by_role("button", name="Sign out").click()
    expect(second.get_by_text("You are signed out")).to_be_visible()
    expect(first.get_by_role("heading", name=NAMES["launch-nora"])).to_be_visible()


def test_a_stolen_address_and_a_foreign_frame_show_nothing(
    hospital: Hospital, chart: Page, clinic_browser: Browser
) -> None:
    _launched(chart, hospital, "launch-nora")
    stolen = chart.frames[1].url
    assert stolen.startswith(f"{hospital.app}/c/")
    elsewhere = clinic_browser.new_context(ignore_https_errors=True)
    thief = elsewhere.new_page()
    answer = thief.goto(stolen)
    assert answer is not None
    assert answer.status == 401
    expect(thief.get_by_role("heading", name="No record is open here")).to_be_visible()
    elsewhere.close()
    foreign = chart.context.new_page()  # the same browser, framed by another site
    foreign.route("**/evil", lambda route: route.fulfill(
        content_type="text/html", body=f"<iframe src='{stolen}'></iframe>"))  # fmt: skip
    foreign.goto(f"{hospital.authority.base}/evil")
    foreign.wait_for_timeout(1500)
    assert "Nora" not in (foreign.frames[1].evaluate("document.body?.innerText ?? ''") or "")
