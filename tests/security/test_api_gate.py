"""The gate in front of the page lets nothing through but the page of an open record."""

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from assistant.api.gate import PageGate, security_headers

OPEN = "opened-record"


async def _show(request: Request) -> JSONResponse:
    named = {key: value for key, value in request.headers.items() if key.startswith("x-app-")}
    return JSONResponse(named, headers={"cache-control": "public, max-age=99"})


async def _socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_json({k: v for k, v in socket.headers.items() if k.startswith("x-app-")})
    await socket.close()


@pytest.fixture
def client() -> TestClient:
    page = Starlette(
        routes=[
            WebSocketRoute("/_stcore/stream", _socket),
            Route("/{rest:path}", _show, methods=["GET", "POST"]),
        ]
    )
    gate = PageGate(page, {OPEN}, security=security_headers(("https://ehr.example",)))
    return TestClient(Starlette(routes=[Mount("/c/{ctx}", app=gate)]), base_url="http://app.test")


@pytest.mark.parametrize(
    "below", ["", "overview", "media/x.png", "_stcore/metrics", "_stcore/agent"]
)
def test_nothing_of_an_unopened_record_answers(client: TestClient, below: str) -> None:
    answer = client.get(f"/c/other/{below}")
    assert answer.status_code == 401
    assert "No record is open here" in answer.text
    assert "other" not in answer.text


def test_the_page_is_told_its_record_and_no_client_can_name_another(client: TestClient) -> None:
    answer = client.get(
        f"/c/{OPEN}/", headers={"X-App-Context": "forged", "x-app-session": "forged"}
    )
    assert answer.json()["x-app-context"] == OPEN
    assert "forged" not in answer.text


def test_every_page_says_who_may_frame_it_and_is_not_stored(client: TestClient) -> None:
    for path in (f"/c/{OPEN}/", "/c/other/"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "frame-ancestors 'self' https://ehr.example" in policy
        assert "default-src 'self'" in policy
        assert (headers["cache-control"], headers["referrer-policy"]) == ("no-store", "no-referrer")


def test_scripts_and_styles_may_be_stored(client: TestClient) -> None:
    assert client.get(f"/c/{OPEN}/static/x.js").headers["cache-control"] == "public, max-age=99"


@pytest.mark.parametrize("origin", [None, "http://evil.test", "null", "https://app.test.evil"])
def test_a_change_from_a_foreign_page_is_refused(client: TestClient, origin: Any) -> None:
    headers = {} if origin is None else {"origin": origin}
    assert client.post(f"/c/{OPEN}/upload", headers=headers).status_code == 403
    assert client.post(f"/c/{OPEN}/x", headers={"origin": "http://app.test"}).status_code == 200


def test_a_form_whose_origin_is_hidden_is_judged_by_where_it_comes_from(
    client: TestClient,
) -> None:
    for site, status in [("same-origin", 200), ("cross-site", 403), ("same-site", 403)]:
        headers = {"origin": "null", "sec-fetch-site": site}
        assert client.post(f"/c/{OPEN}/x", headers=headers).status_code == status


@pytest.mark.parametrize(
    ("ctx", "origin"),
    [("other", "http://testserver"), (OPEN, "http://evil.test"), (OPEN, None)],
)
def test_a_socket_without_an_open_record_or_from_a_foreign_page_is_closed(
    client: TestClient, ctx: str, origin: Any
) -> None:
    headers = {} if origin is None else {"origin": origin}
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect(f"/c/{ctx}/_stcore/stream", headers=headers),
    ):
        pass  # pragma: no cover


def test_a_socket_of_the_open_record_is_told_its_record(client: TestClient) -> None:
    headers = {"origin": "http://testserver", "x-app-context": "forged"}
    with client.websocket_connect(f"/c/{OPEN}/_stcore/stream", headers=headers) as socket:
        assert socket.receive_json()["x-app-context"] == OPEN
