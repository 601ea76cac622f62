"""The API obeys its own description: schemathesis over every operation (promise P8).

`SCHEMATHESIS_EXAMPLES=500` asks more of each operation than continuous integration does.
"""

import os
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi import checks

from assistant.api.app import create_app
from assistant.bootstrap import build_cds_hooks, build_service
from assistant.cds_hooks.client import CdsClient
from assistant.config import Settings, data_folder
from tests.lib.cds_client import ISSUER, PUBLIC_URL, token, write_keys

_EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "8"))
_NO_LIMIT = 10**9
_MEANING_BEYOND_THE_SCHEMA = [
    # a date must be of the calendar, a ruleset or a drug one of ours: schemas cannot say so
    checks.positive_data_acceptance,
    # sent by httpx itself, never by this API's description
    checks.missing_required_header,
]


def _app(folder: Path) -> FastAPI:
    folder.mkdir(parents=True, exist_ok=True)
    service = build_service(
        Settings(
            demo=True,
            uploads=True,
            public_url=PUBLIC_URL,
            requests_per_minute_and_address=_NO_LIMIT,
            requests_per_minute_and_session=_NO_LIMIT,
            questions_per_minute_and_session=_NO_LIMIT,
            cds_clients=(CdsClient(issuer=ISSUER, jwks_file=write_keys(folder)),),
        )
    )
    return create_app(service, cds_hooks=build_cds_hooks(service))


APP = _app(data_folder())
schema = schemathesis.openapi.from_asgi("/openapi.json", APP)


@pytest.fixture(scope="module", autouse=True)
def _knowledge() -> None:
    """The first build of the index takes longer than schemathesis waits for an answer."""
    APP.state.service.knowledge.opened()


class _OpenRecord:
    """A record that is open now; one that a call closed is opened anew."""

    ctx = ""

    def id(self) -> str:
        if self.ctx not in APP.state.service.contexts:
            self.ctx = TestClient(APP).post("/api/demo/incomplete-record").json()["ctx"]
        return self.ctx


_record = _OpenRecord()


@schema.parametrize()
@settings(
    max_examples=_EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_every_operation_obeys_its_description(case: Any) -> None:
    given = case.path_parameters or {}
    if isinstance(given.get("ctx"), str) and len(given["ctx"]) % 2:  # the others stay unknown
        given["ctx"] = _record.id()
    headers = {}
    if case.path.startswith("/cds-services/"):
        headers["Authorization"] = f"Bearer {token(case.formatted_path)}"
    case.call_and_validate(headers=headers, excluded_checks=_MEANING_BEYOND_THE_SCHEMA)
