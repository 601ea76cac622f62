"""Servers of Bulk Data exports: a real one behind private_key_jwt, and one that fails."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from tests.lib import fhir_server

CLIENT = "cohort-client"


def key_pair(path: Path, kind: str = "EC") -> dict[str, Any]:
    """Write a new private key as PEM; its public part as a JWK."""
    key = ECKey.generate_key("P-384") if kind == "EC" else RSAKey.generate_key(2048)
    path.write_bytes(key.as_pem(private=True))
    return {**key.as_dict(private=False), "kid": key.thumbprint()}


@contextmanager
def exporting(folder: Path, public_key: dict[str, Any]) -> Iterator[fhir_server.FhirServer]:
    """A real FHIR server with ``$export`` that knows one backend client."""
    client = {
        "client_id": CLIENT,
        "scopes": "system/*.read",
        "jwks": {"keys": [public_key]},
    }
    auth = {
        "types": ["smart", "bearer"],
        "tokens": [fhir_server.TOKEN],
        "smart_clients": [client],
    }
    with fhir_server.serving(folder, extra=(f"server_auth: {json.dumps(auth)}",)) as server:
        yield fhir_server.FhirServer(
            base=server.base, process=server.process, token=fhir_server.TOKEN
        )


@dataclass
class Unreliable:
    """An export server that speaks real HTTP and fails on demand."""

    files: dict[str, bytes]
    public_key: dict[str, Any]
    polls: int = 2
    """202 answers before the export is ready."""
    busy: int = 0
    """429 answers before the kick-off is taken."""
    broken: dict[str, int] = field(default_factory=dict)
    """How often a file breaks off in the middle before it comes whole."""
    expired: int = 0
    """401 answers to files before a token is taken."""
    asked: list[str] = field(default_factory=list)
    base: str = ""


class _Handler(BaseHTTPRequestHandler):
    server_version = "export"
    protocol_version = "HTTP/1.1"

    @property
    def state(self) -> Unreliable:
        return self.server.state  # type: ignore[attr-defined]

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.state.asked.append("token")
        key = ECKey.import_key(self.state.public_key)
        claims = jwt.decode(form["client_assertion"][0], key, algorithms=["ES384"]).claims
        known = claims["iss"] == claims["sub"] == CLIENT and claims["aud"] == self._url("token")
        if not known:
            self.answer(401, b'{"error":"invalid_client"}')
            return
        self.answer(200, b'{"access_token":"good","token_type":"bearer","expires_in":300}')

    def do_DELETE(self) -> None:
        self.state.asked.append("delete")
        self.answer(202)

    def do_GET(self) -> None:
        state, path = self.state, self.path.partition("?")[0]
        if path.endswith("smart-configuration"):
            self.answer(200, json.dumps({"token_endpoint": self._url("token")}).encode())
            return
        if self.headers.get("Authorization") != "Bearer good":
            self.answer(401)
        elif path == "/fhir/Patient/$export":
            self._kick_off()
        elif path == "/fhir/status/1":
            self._status()
        else:
            state.asked.append(path.rpartition("/")[2])
            self._file(path.rpartition("/")[2])

    def _kick_off(self) -> None:
        self.state.asked.append("kick-off")
        assert self.headers["Prefer"] == "respond-async"
        if self.state.busy:
            self.state.busy -= 1
            self.answer(429, Retry_After="1")
            return
        self.answer(202, Content_Location=self._url("fhir/status/1"))

    def _status(self) -> None:
        self.state.asked.append("poll")
        if self.state.polls:
            self.state.polls -= 1
            self.answer(202, Retry_After="0", X_Progress="working")
            return
        output = [
            {"type": name.partition(".")[0], "url": self._url(f"fhir/file/{name}")}
            for name in self.state.files
        ]
        manifest = {"transactionTime": "2026-01-01T00:00:00Z", "requiresAccessToken": True}
        self.answer(200, json.dumps({**manifest, "output": output, "error": []}).encode())

    def _file(self, name: str) -> None:
        if self.state.expired:
            self.state.expired -= 1
            self.answer(401)
            return
        body = self.state.files[name]
        if self.state.broken.get(name):
            self.state.broken[name] -= 1
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            self.connection.close()
            self.close_connection = True
            return
        self.answer(200, body)

    def _url(self, path: str) -> str:
        return f"{self.state.base}/{path}"


@contextmanager
def unreliable(state: Unreliable) -> Iterator[Unreliable]:
    """Serve ``state`` on a port of this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.state = state  # type: ignore[attr-defined]
    state.base = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
