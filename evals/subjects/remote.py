"""A deployment reached through its public API: POST /api/records, GET stage, POST ask."""

import time
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx2

from evals.subjects import OpenedRecord, SubjectError

_TIMEOUT_SECONDS = 120.0
_KEPT = 32
_ATTEMPTS = 6
_LONGEST_WAIT = 60.0
_PAUSE_SECONDS = 0.2


class Remote:
    """An assistant at an address; ``headers`` carry what its gate asks for."""

    is_here = False

    def __init__(
        self, url: str, *, headers: dict[str, str] | None = None, client: Any = None
    ) -> None:
        self._url = url.rstrip("/")
        self._client = client or httpx2.Client(
            base_url=self._url, timeout=_TIMEOUT_SECONDS, headers=headers
        )
        self._opened: dict[bytes, OpenedRemote] = {}
        self._ready = False

    @property
    def name(self) -> str:
        """What the scoreboard calls it."""
        return self._url

    def describe(self) -> dict[str, Any]:
        """What the deployment says of itself."""
        return {"subject": self.name, "model": None, **self.get("/version")}

    def open(self, bundle: bytes | None) -> OpenedRecord:
        """Upload the record."""
        self._await_knowledge()
        if bundle is None:
            raise SubjectError("the public API asks about an open record only")
        data = bundle
        if data not in self._opened:
            while len(self._opened) >= _KEPT:
                oldest = next(iter(self._opened))
                self._opened.pop(oldest).close()
            reply = self._json("POST", "/api/records", content=data)
            self._opened[data] = OpenedRemote(self, str(reply["ctx"]))
        return self._opened[data]

    def search(self, query: str, k: int) -> list[str]:
        """Ids of the passages found."""
        self._await_knowledge()
        found = self.get("/api/knowledge/search", q=query, k=k)
        return [str(row["passage_id"]) for row in found["passages"]]

    def passage(self, passage_id: str) -> str | None:
        """A passage with its section."""
        try:
            found = self.get(f"/api/knowledge/passages/{quote(passage_id)}")
        except SubjectError:
            return None
        return f"{found['section']}\n{found['text']}"

    def _await_knowledge(self) -> None:
        """Wait until a deployment that has just started has opened its knowledge."""
        until = time.monotonic() + _TIMEOUT_SECONDS
        while not self._ready and time.monotonic() < until:
            reply = self._sent("GET", "/ready", {})
            # one that will never have it is evaluated as it is
            opening = (
                reply.status_code == HTTPStatus.SERVICE_UNAVAILABLE and "opening" in reply.text
            )
            self._ready = not opening
            time.sleep(0 if self._ready else _PAUSE_SECONDS)

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """A JSON object of the API."""
        return self._json("GET", path, params=query)

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """A JSON object of the API."""
        return self._json("POST", path, json=body)

    def close(self) -> None:
        """Close every record, and the connections."""
        for opened in self._opened.values():
            opened.close()
        self._client.close()

    def drop(self, path: str) -> None:
        """Delete, whatever comes of it."""
        try:
            self._client.delete(path)
        except httpx2.HTTPError:
            return

    def _json(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        if "content" in options:
            options["headers"] = {"content-type": "application/fhir+json"}
        reply = self._sent(method, path, options)
        if reply.is_error:
            raise SubjectError(f"{method} {path}: the deployment replied {reply.status_code}")
        try:
            value = reply.json()
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise SubjectError(f"{method} {path}: expected a JSON object")
        return value

    def _sent(self, method: str, path: str, options: dict[str, Any]) -> Any:
        """The reply; a deployment that asks for patience (429) is given it."""
        for attempt in range(_ATTEMPTS):
            try:
                reply = self._client.request(method, path, **options)
            except httpx2.HTTPError as error:
                raise SubjectError(f"{method} {path}: {type(error).__name__}") from error
            if reply.status_code != HTTPStatus.TOO_MANY_REQUESTS or attempt == _ATTEMPTS - 1:
                break
            asked = reply.headers.get("retry-after", "")
            time.sleep(min(_LONGEST_WAIT, float(asked) if asked.isdigit() else 1.0))
        return reply


class OpenedRemote:
    """A record opened at a deployment."""

    def __init__(self, subject: Remote, context: str) -> None:
        self._subject = subject
        self._path = f"/api/patients/{quote(context)}"

    def stage(self, as_of: str, ruleset: str) -> dict[str, Any]:
        """The report."""
        return self._subject.get(f"{self._path}/stage", as_of=as_of, ruleset=ruleset)

    def ask(self, question: str, as_of: str, history: Sequence[str] = ()) -> dict[str, Any]:
        """One answer."""
        body = {"question": question, "as_of": as_of, "history": list(history)}
        return self._subject.post(f"{self._path}/ask", body)

    def close(self) -> None:
        """Close the record."""
        self._subject.drop(self._path)
