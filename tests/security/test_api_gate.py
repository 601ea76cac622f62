"""The gate in front of the page lets nothing through but the page of an open record."""

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from assistant.api.gate import Entry, PageGate, same_origin

OPEN = "opened-record"
COOKIE = {"cookie": "sid=its-own-secret"}


class _Door:
    """Lets one cookie in, and remembers who was turned away."""

    def __init__(self) -> None:
        self.turned: list[str] = []

    async def admit(self, ctx: str, cookie: str) -> Entry | None:
        if (ctx, cookie) != (OPEN, COOKIE["cookie"]):
            return None
        return Entry(page_token="token-of-the-page", frame_ancestors=("https://ehr.example",))

    async def turned_away(self, ctx: str) -> None:
        self.turned.append(ctx)

    def forget(self, ctx: str) -> str:
        return f"sid=; Path=/c/{ctx}/; Max-Age=0"


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
    gate = PageGate(page, _Door(), origin="", ancestors=("https://ehr.example",))
    return TestClient(Starlette(routes=[Mount("/c/{ctx}", app=gate)]), base_url="http://app.test")


@pytest.mark.parametrize(
    "below", ["", "overview", "media/x.png", "_stcore/metrics", "_stcore/agent"]
)
def test_nothing_of_an_unopened_record_answers(client: TestClient, below: str) -> None:
    for ctx, headers in (("other", COOKIE), (OPEN, {}), (OPEN, {"cookie": "sid=stolen"})):
        answer = client.get(f"/c/{ctx}/{below}", headers=headers)
        assert answer.status_code == 401
        assert "No record is open here" in answer.text
        assert ctx not in answer.text
        assert answer.headers["set-cookie"] == f"sid=; Path=/c/{ctx}/; Max-Age=0"


def test_the_page_is_told_its_record_and_no_client_can_name_another(client: TestClient) -> None:
    forged = {"X-App-Context": "forged", "x-app-session": "forged"}
    answer = client.get(f"/c/{OPEN}/", headers=forged | COOKIE)
    assert answer.json() == {"x-app-context": OPEN, "x-app-session": "token-of-the-page"}
    assert "forged" not in answer.text


def test_every_page_says_who_may_frame_it_and_is_not_stored(client: TestClient) -> None:
    for path in (f"/c/{OPEN}/", "/c/other/"):
        headers = client.get(path, headers=COOKIE).headers
        policy = headers["content-security-policy"]
        assert "frame-ancestors 'self' https://ehr.example" in policy
        assert "default-src 'self'" in policy
        assert (headers["cache-control"], headers["referrer-policy"]) == ("no-store", "no-referrer")


def test_scripts_and_styles_may_be_stored(client: TestClient) -> None:
    assert client.get(f"/c/{OPEN}/static/x.js").headers["cache-control"] == "public, max-age=99"


@pytest.mark.parametrize("origin", [None, "http://evil.test", "null", "https://app.test.evil"])
def test_a_change_from_a_foreign_page_is_refused(client: TestClient, origin: Any) -> None:
    headers = COOKIE if origin is None else {"origin": origin, **COOKIE}
    own = {"origin": "http://app.test", **COOKIE}
    assert client.post(f"/c/{OPEN}/upload", headers=headers).status_code == 403
    assert client.post(f"/c/{OPEN}/x", headers=own).status_code == 200


def test_a_form_whose_origin_is_hidden_is_judged_by_where_it_comes_from(
    client: TestClient,
) -> None:
    for site, status in [("same-origin", 200), ("cross-site", 403), ("same-site", 403)]:
        headers = {"origin": "null", "sec-fetch-site": site, **COOKIE}
        assert client.post(f"/c/{OPEN}/x", headers=headers).status_code == status


@pytest.mark.parametrize(
    ("ctx", "origin"),
    [("other", "http://testserver"), (OPEN, "http://evil.test"), (OPEN, None)],
)
def test_a_socket_without_an_open_record_or_from_a_foreign_page_is_closed(
    client: TestClient, ctx: str, origin: Any
) -> None:
    headers = COOKIE if origin is None else {"origin": origin, **COOKIE}
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect(f"/c/{ctx}/_stcore/stream", headers=headers),
    ):
        pass  # pragma: no cover


def test_a_socket_of_the_open_record_is_told_its_record(client: TestClient) -> None:
    headers = {"origin": "http://testserver", "x-app-context": "forged", **COOKIE}
    with client.websocket_connect(f"/c/{OPEN}/_stcore/stream", headers=headers) as socket:
        assert socket.receive_json()["x-app-context"] == OPEN


def test_a_socket_without_the_cookie_is_closed(client: TestClient) -> None:
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect(
            f"/c/{OPEN}/_stcore/stream", headers={"origin": "http://testserver"}
        ),
    ):
        pass  # pragma: no cover


def test_behind_a_proxy_the_public_origin_counts_and_not_the_host_header() -> None:
    own = "https://assistant.example"
    headers = {b"origin": own.encode(), b"host": b"127.0.0.1:8501"}
    assert same_origin(headers, own)
    rebound = {b"origin": b"http://rebound.test", b"host": b"rebound.test"}
    assert not same_origin(rebound, own)
