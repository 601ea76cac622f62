"""The service as a site with an EHR runs it, and a browser's way through a launch."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response

from assistant.api.app import create_app
from assistant.bootstrap import EhrRecords, build_service
from assistant.config import Settings
from assistant.launch.access import Access
from assistant.launch.ehr import Ehr
from assistant.launch.site import CLIENT_KEYS, SESSION_KEYS, SiteSettings, build_access
from assistant.sessions import Lifetimes, new_key
from tests.lib import demo
from tests.lib.service import shared_service
from tests.lib.smart_ehr import CLIENT_ID, LAUNCH, SmartEhr

PUBLIC = "https://app.test"
EHR_PAGE = "https://ehr.test"
KEY = new_key()


@dataclass(frozen=True, kw_only=True)
class Site:
    """A running service with one EHR."""

    client: TestClient
    access: Access
    ehr: SmartEhr
    audit_file: Path

    def audited(self, reason: str | None = None) -> list[dict[str, Any]]:
        """The AuditEvents so far; those with this reason, where one is given."""
        if not self.audit_file.exists():
            return []
        lines = self.audit_file.read_text("utf-8").splitlines()
        events = [json.loads(line)["event"] for line in lines]
        return [one for one in events if reason in (None, one.get("outcomeDesc"))]

    def browser(self) -> TestClient:
        """A browser of its own: same service, no cookies yet."""
        return TestClient(
            self.client.app, base_url=PUBLIC, follow_redirects=False, raise_server_exceptions=False
        )

    def begin(self, browser: TestClient | None = None, *, iss: str | None = None) -> Response:
        """The EHR sends the browser to the assistant."""
        sent = {"iss": iss or self.ehr.base, "launch": LAUNCH}
        return (browser or self.client).get("/launch", params=sent)

    def way_back(self, browser: TestClient | None = None) -> str:
        """Where the authorization server sends the browser after ``begin``."""
        begun = self.begin(browser)
        assert begun.status_code == 302, begun.text
        return self.ehr.authorize(begun.headers["location"]).removeprefix(PUBLIC)

    def launched(self, browser: TestClient | None = None) -> str:
        """The ``ctx`` of a whole launch."""
        back = (browser or self.client).get(self.way_back(browser))
        assert back.status_code == 303, back.text
        return back.headers["location"].split("/")[2]

    def page(self, ctx: str) -> Mapping[str, str]:
        """Headers with which the page of ``ctx`` asks the API."""
        session = self.access._store.live(ctx)
        assert session is not None
        return {"x-app-session": self.access.page_token(session)}


def smart_ehr(patient: str = "worked-case") -> SmartEhr:
    """An EHR with the record of a demo patient, and an encounter."""
    resources = [entry["resource"] for entry in demo.bundle(patient)["entry"]]
    name = next(one["id"] for one in resources if one["resourceType"] == "Patient")
    return SmartEhr(name, *resources)


@contextlib.contextmanager
def site(
    folder: Path,
    ehr: SmartEhr,
    *,
    lifetimes: Lifetimes | None = None,
    environment: Mapping[str, str] | None = None,
    **configured: Any,
) -> Iterator[Site]:
    """The service with ``ehr`` configured, its database and audit file in ``folder``."""
    settings = Settings(public_url=PUBLIC, audit_file=str(folder / "audit.jsonl"))
    service = build_service(settings)
    service.knowledge = shared_service().knowledge  # opened once for all tests
    chosen = SiteSettings(
        ehrs=[
            Ehr(
                name="Test EHR", fhir_base=ehr.base, client_id=CLIENT_ID,
                frame_ancestors=(EHR_PAGE,), standalone=True, **configured,
            )
        ],
        public_url=PUBLIC,
        database=f"sqlite:///{folder}/sessions.db",
        data_folder=str(folder),
        lifetimes=lifetimes or Lifetimes(),
    )  # fmt: skip
    access = build_access(
        service, chosen, EhrRecords(), {SESSION_KEYS: KEY, CLIENT_KEYS: "", **(environment or {})}
    )
    app = create_app(service, access=access)
    with TestClient(
        app, base_url=PUBLIC, follow_redirects=False, raise_server_exceptions=False
    ) as client:
        yield Site(client=client, access=access, ehr=ehr, audit_file=folder / "audit.jsonl")
    access._store._read.dispose()
