"""A FHIR server on loopback that behaves as badly as real ones do, rule by rule.

By itself it is a plain R4 server with search by patient. A test adds a rule for a
resource type (or ``metadata``, ``token``, ``.well-known``): it sees the request and
answers, or leaves it to the plain server by returning None.
"""

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import uvicorn

from tests.lib.fhir_server import free_port

JSON = "application/fhir+json"
_START_S = 20.0


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    raw_query: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def kind(self) -> str:
        """First part of the path."""
        return self.path.split("/")[0]


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One answer; ``stall`` waits first, ``cut`` breaks off in the middle of the body."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)
    stall: float = 0.0
    drip: float = 0.0
    cut: bool = False

    def bytes(self) -> bytes:
        """The body as sent."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


Rule = Callable[[Seen], Reply | None]


def searchset(
    resources: Sequence[Any] = (), *, total: int | None = None, following: str | None = None
) -> dict[str, Any]:
    """A page of search results."""
    page: dict[str, Any] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [
            {
                "resource": one,
                "search": {
                    "mode": "outcome" if one["resourceType"] == "OperationOutcome" else "match"
                },
            }
            for one in resources
        ],
    }
    if total is not None:
        page["total"] = total
    if following is not None:
        page["link"] = [{"relation": "next", "url": following}]
    return page


def outcome(code: str, *, severity: str = "error", issue: str = "processing") -> dict[str, Any]:
    """An OperationOutcome with a vendor's code."""
    return {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": severity,
                "code": issue,
                "details": {"coding": [{"system": "urn:vendor", "code": code}]},
            }
        ],
    }


class HostileEhr:
    """The server: its resources, its rules, and what it has seen."""

    def __init__(self, *resources: dict[str, Any]) -> None:
        self.resources = list(resources)
        self.rules: dict[str, list[Rule]] = {}
        self.seen: list[Seen] = []
        self.base = ""

    def on(self, kind: str, rule: Rule) -> None:
        """Ask ``rule`` about every request for ``kind``."""
        self.rules.setdefault(kind, []).append(rule)

    def asked(self, kind: str) -> list[Seen]:
        """The requests for ``kind``."""
        return [one for one in self.seen if one.kind == kind]

    def answer(self, request: Seen) -> Reply:
        """The first rule that answers, else the plain server."""
        for rule in self.rules.get(request.kind, []):
            reply = rule(request)
            if reply is not None:
                return reply
        return self._plain(request)

    def _plain(self, request: Seen) -> Reply:
        if request.kind in ("metadata", ".well-known", "token"):
            return Reply(status=404, body=outcome("none", issue="not-found"))
        parts = request.path.split("/")
        if len(parts) == 2:
            found = [one for one in self.resources
                     if (one["resourceType"], one.get("id")) == (parts[0], parts[1])]  # fmt: skip
            return Reply(body=found[0]) if found else Reply(status=404, body=outcome("none"))
        patient = request.query.get("patient") or request.query.get("subject", "")
        wanted = f"Patient/{patient.removeprefix('Patient/')}"
        found = [
            one for one in self.resources
            if one["resourceType"] == request.kind
            and (one.get("subject") or one.get("patient") or {}).get("reference") == wanted
        ]  # fmt: skip
        if request.kind == "Patient":
            value = request.query.get("identifier")
            found = [
                one for one in self.resources
                if one["resourceType"] == "Patient"
                and value in [name["value"] for name in one.get("identifier", [])]
            ]  # fmt: skip
        return Reply(body=searchset(found, total=len(found)))

    # the ASGI application

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        request = await _seen(scope, receive)
        self.seen.append(request)
        await _send(self.answer(request), send)

    @contextlib.contextmanager
    def running(self, *, certificate: tuple[str, str] | None = None) -> Iterator[str]:
        """Serve on a free port, over TLS with ``certificate`` and its key; gives the base."""
        port = free_port()
        config = uvicorn.Config(
            self, host="127.0.0.1", port=port, lifespan="off", log_level="critical",
            timeout_graceful_shutdown=1, timeout_keep_alive=1,
            ssl_certfile=certificate and certificate[0], ssl_keyfile=certificate and certificate[1],
        )  # fmt: skip
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        until = time.monotonic() + _START_S
        while not server.started:
            assert time.monotonic() < until, "the hostile EHR does not start"
            time.sleep(0.01)
        self.base = f"{'https' if certificate else 'http'}://127.0.0.1:{port}/r4"
        try:
            yield self.base
        finally:
            server.should_exit = True
            server.force_exit = True
            thread.join(_START_S)


async def _seen(scope: dict[str, Any], receive: Callable[[], Awaitable[dict[str, Any]]]) -> Seen:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    raw = scope["query_string"].decode()
    return Seen(
        method=scope["method"],
        path=scope["path"].removeprefix("/r4").strip("/"),
        raw_query=raw,
        query=dict(parse_qsl(raw)),
        headers={key.decode(): value.decode() for key, value in scope["headers"]},
        body=body,
    )


async def _send(reply: Reply, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
    await asyncio.sleep(reply.stall)
    body = reply.bytes()
    headers = {"content-type": JSON, "content-length": str(len(body)), **reply.headers}
    await send(
        {
            "type": "http.response.start",
            "status": reply.status,
            "headers": [(key.encode(), value.encode()) for key, value in headers.items()],
        }
    )
    if reply.cut:
        await send({"type": "http.response.body", "body": body[: len(body) // 2],
                    "more_body": True})  # fmt: skip
        raise ConnectionResetError
    if reply.drip:
        for at in range(len(body)):
            await send({"type": "http.response.body", "body": body[at : at + 1],
                        "more_body": True})  # fmt: skip
            await asyncio.sleep(reply.drip)
        body = b""
    await send({"type": "http.response.body", "body": body})
