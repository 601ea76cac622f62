"""Who asks too often is told when to come again; nobody else notices."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from assistant.api.app import create_app
from assistant.api.rate_limits import Buckets
from assistant.bootstrap import build_service
from assistant.config import Settings
from tests.lib.service import opened

PER_ADDRESS, PER_SESSION, QUESTIONS = 12, 6, 2


def _app() -> Any:
    return create_app(
        build_service(
            Settings(
                demo=True,
                requests_per_minute_and_address=PER_ADDRESS,
                requests_per_minute_and_session=PER_SESSION,
                questions_per_minute_and_session=QUESTIONS,
            )
        )
    )


def test_an_address_beyond_its_limit_is_told_when_to_come_again() -> None:
    client = TestClient(_app())
    statuses = [client.get("/api/patients").status_code for _ in range(PER_ADDRESS + 1)]
    assert statuses == [200] * PER_ADDRESS + [429]
    refused = client.get("/api/reference")
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["status"] == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 60 / PER_ADDRESS + 1
    assert refused.headers["cache-control"] == "no-store"


def test_another_address_is_not_concerned() -> None:
    app = _app()
    first, second = (TestClient(app, client=(host, 1)) for host in ("192.0.2.1", "192.0.2.2"))
    while first.get("/api/patients").status_code != 429:
        pass
    assert second.get("/api/patients").status_code == 200


def test_a_session_is_limited_from_whatever_address_and_another_is_not() -> None:
    app = _app()
    page = TestClient(app, client=("127.0.0.1", 1))
    mine, other = opened(page), opened(page)
    statuses = [page.get(mine).status_code for _ in range(PER_SESSION + 1)]
    assert statuses == [200] * PER_SESSION + [429]
    assert page.get(other).status_code == 200


def test_the_page_which_calls_for_all_its_users_has_no_limit_of_its_address() -> None:
    page = TestClient(_app(), client=("127.0.0.1", 1))
    statuses = {page.get("/api/patients").status_code for _ in range(PER_ADDRESS * 2)}
    assert statuses == {200}


def test_questions_have_a_limit_of_their_own() -> None:
    page = TestClient(_app(), client=("127.0.0.1", 1))
    path = opened(page)
    statuses = [page.post(f"{path}/ask", json={}).status_code for _ in range(QUESTIONS + 1)]
    assert statuses == [422] * QUESTIONS + [429]
    assert page.get(path).status_code == 200


def test_cds_hooks_calls_are_limited_before_anything_is_verified() -> None:
    client = TestClient(_app())
    statuses = [client.post("/cds-services/none").status_code for _ in range(PER_ADDRESS + 1)]
    assert statuses[-1] == 429


def test_health_is_never_limited() -> None:
    client = TestClient(_app())
    assert {client.get("/health").status_code for _ in range(PER_ADDRESS * 2)} == {200}


# The buckets


def test_tokens_come_back_evenly_and_never_beyond_the_limit() -> None:
    now = [0.0]
    buckets = Buckets(60, clock=lambda: now[0])
    assert [buckets.take("a") for _ in range(60)] == [0.0] * 60
    assert buckets.take("a") == pytest.approx(1.0)  # one a second
    now[0] = 0.25
    assert buckets.take("a") == pytest.approx(0.75)
    now[0] = 1.0
    assert buckets.take("a") == 0.0
    now[0] = 10_000
    assert [buckets.take("a") for _ in range(61)].count(0.0) == 60


def test_keys_without_end_do_not_fill_the_memory() -> None:
    buckets = Buckets(60, clock=lambda: 0.0, most_keys=100)
    for number in range(5000):
        buckets.take(str(number))
    assert len(buckets) == 100
