"""Fixtures: the API with one configured CDS client; a conftest imports them."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from assistant.api.app import create_app
from assistant.bootstrap import build_cds_hooks, build_service
from assistant.cds_hooks.client import CdsClient
from assistant.config import Settings
from tests.lib.cds_client import FHIR_SERVER, ISSUER, PUBLIC_URL, write_keys


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("cds")
    return Settings(
        public_url=PUBLIC_URL,
        audit_file=str(folder / "audit.jsonl"),
        cds_clients=(
            CdsClient(
                issuer=ISSUER,
                jwks_file=write_keys(folder),
                fhir_servers=(FHIR_SERVER,),
                origins=("https://ehr.example",),
            ),
        ),
    )


@pytest.fixture(scope="module")
def client(settings: Settings) -> TestClient:
    service = build_service(settings)
    app = create_app(service, cds_hooks=build_cds_hooks(service))
    return TestClient(app, raise_server_exceptions=False, base_url=PUBLIC_URL)


@pytest.fixture(scope="module")
def audit_file(settings: Settings) -> Path:
    return settings.audit_path
