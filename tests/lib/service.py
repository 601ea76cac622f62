"""The real service, as the API and page tests run it."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from fastapi.testclient import TestClient

from assistant.api.app import create_app
from assistant.bootstrap import build_service
from assistant.config import Settings
from assistant.service.service import AssistantService
from tests.lib import demo


@cache
def shared_service() -> AssistantService:
    """One service with demo patients and uploads, its knowledge base opened once."""
    return build_service(Settings(demo=True, uploads=True))


@contextmanager
def api(service: AssistantService | None = None) -> Iterator[TestClient]:
    """A client of the API of ``service``."""
    app = create_app(service or shared_service())
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def opened(client: TestClient, patient: str = "worked-case") -> str:
    """The path of a demo patient's open record."""
    response = client.post(f"/api/demo/{patient}")
    assert response.status_code == 201, response.text
    return f"/api/patients/{response.json()['ctx']}"


def upload(client: TestClient, bundle: Any) -> str:
    """The path of the open record of an uploaded Bundle."""
    response = client.post("/api/records", json=bundle)
    assert response.status_code == 201, response.text
    return f"/api/patients/{response.json()['ctx']}"


def worked_case() -> dict[str, Any]:
    """The Bundle of the worked case, a fresh copy."""
    return demo.bundle("worked-case")
