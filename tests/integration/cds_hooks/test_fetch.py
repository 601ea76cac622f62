"""Where the prefetch is not whole, the record is read from the client's own FHIR server."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from joserfc.jwk import ECKey, KeySet

from assistant.api.app import create_app
from assistant.bootstrap import build_cds_hooks, build_service
from assistant.cds_hooks.client import CdsClient
from assistant.config import Settings
from tests.lib import demo
from tests.lib.cds_client import ISSUER, KEY, PUBLIC_URL, call, hook_request, write_keys
from tests.lib.fhir_server import TOKEN, FhirServer, free_port, resources_of, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FhirServer]:
    with serving(tmp_path_factory.mktemp("sekmet"), bearer=True) as running:
        running.load(*resources_of(demo.bundle("worked-case")))
        yield running


def _client(folder: Path, **configured: Any) -> TestClient:
    settings = Settings(
        public_url=PUBLIC_URL,
        audit_file=str(folder / "audit.jsonl"),
        cds_clients=(CdsClient(issuer=ISSUER, **configured),),
    )
    service = build_service(settings)
    return TestClient(create_app(service, cds_hooks=build_cds_hooks(service)), base_url=PUBLIC_URL)


def _authorization(token: str = TOKEN) -> dict[str, Any]:
    return {
        "access_token": token, "token_type": "Bearer", "expires_in": 300,
        "scope": "patient/*.read", "subject": "cds-client",
    }  # fmt: skip


def test_a_first_page_is_completed_from_the_server_and_gives_the_same_card(
    server: FhirServer, tmp_path: Path
) -> None:
    client = _client(tmp_path, jwks_file=write_keys(tmp_path), fhir_servers=(server.base,))
    whole = hook_request(demo.bundle("worked-case"))
    expected = call(client, whole).json()["cards"]
    page = hook_request(
        demo.bundle("worked-case"), fhirServer=server.base, fhirAuthorization=_authorization()
    )
    del page["prefetch"]["statements"]["entry"][1:]
    page["prefetch"]["statements"]["link"] = [{"relation": "next", "url": f"{server.base}/p2"}]
    fetched = call(client, page)
    assert fetched.status_code == 200, fetched.text
    assert fetched.json()["cards"] == expected
    assert len(expected) == 1
    written = (tmp_path / "audit.jsonl").read_text("utf-8")
    event = json.loads(written.splitlines()[-1])["event"]
    assert event["agent"][1]["who"] == {"identifier": {"value": server.base}}
    assert TOKEN not in written


def test_a_token_that_the_server_refuses_fails_the_precondition(
    server: FhirServer, tmp_path: Path
) -> None:
    client = _client(tmp_path, jwks_file=write_keys(tmp_path), fhir_servers=(server.base,))
    body = hook_request(
        demo.bundle("worked-case"),
        fhirServer=server.base,
        fhirAuthorization=_authorization("wrong-access-token"),
    )
    del body["prefetch"]
    answer = call(client, body)
    assert answer.status_code == 412
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert "wrong-access-token" not in answer.text


def test_a_server_that_is_down_fails_the_precondition(tmp_path: Path) -> None:
    base = f"http://127.0.0.1:{free_port()}/fhir"
    client = _client(tmp_path, jwks_file=write_keys(tmp_path), fhir_servers=(base,))
    body = hook_request(demo.bundle("worked-case"), fhirServer=base)
    del body["prefetch"]
    assert call(client, body).status_code == 412


# Keys behind an address


class _Keys(BaseHTTPRequestHandler):
    keys: list[Any]
    asked = 0

    def do_GET(self) -> None:
        type(self).asked += 1
        body = json.dumps(KeySet(self.keys).as_dict(private=False)).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def key_server() -> Iterator[tuple[str, type[_Keys]]]:
    handler = type("Keys", (_Keys,), {"keys": [KEY], "asked": 0})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}/jwks", handler
        running.shutdown()
        thread.join()


def test_keys_are_read_once_and_again_for_an_unknown_key_but_not_at_will(
    key_server: tuple[str, type[_Keys]], tmp_path: Path
) -> None:
    url, handler = key_server
    client = _client(tmp_path, jwks_url=url)
    body = hook_request(demo.bundle("worked-case"))
    assert [call(client, body).status_code for _ in range(3)] == [200, 200, 200]
    assert handler.asked == 1
    new = ECKey.generate_key("P-384", {"kid": "k9"})
    for _ in range(3):
        refused = call(client, body, key=new, header={"kid": "k9"})
        assert refused.status_code == 401
    assert handler.asked == 1, "keys just read are not read again for whoever names a new one"


def test_keys_that_cannot_be_had_refuse_the_call(tmp_path: Path) -> None:
    client = _client(tmp_path, jwks_url=f"http://127.0.0.1:{free_port()}/jwks")
    assert call(client, hook_request(demo.bundle("worked-case"))).status_code == 401


def test_rotated_keys_are_taken_after_a_while(key_server: tuple[str, type[_Keys]]) -> None:
    import asyncio  # noqa: PLC0415

    from assistant.cds_hooks.keys import ConfiguredKeys  # noqa: PLC0415

    url, handler = key_server
    now = [0.0]
    keys = ConfiguredKeys(clock=lambda: now[0])
    client = CdsClient(issuer=ISSUER, jwks_url=url)

    async def known(key_id: str) -> list[str | None]:
        return [key.kid for key in (await keys.of(client, key_id)).keys]

    async def rotate() -> None:
        assert await known("k1") == ["k1"]
        handler.keys = [ECKey.generate_key("P-384", {"kid": "k2"})]
        assert await known("k2") == ["k1"]
        now[0] = 31
        assert await known("k2") == ["k2"]
        assert handler.asked == 2

    asyncio.run(rotate())
