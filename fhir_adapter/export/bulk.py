"""A Bulk Data export fetched to a folder (FHIR Bulk Data Access 2, SMART Backend Services).

Kick-off, polling as the server asks (``Retry-After``), download of every file, and DELETE when
all is here. What is reached is noted beside the files, so that a fetch that was killed goes on:
the export under way is polled again, a file that is whole is not loaded twice. The token comes
from the server's token endpoint for an assertion signed with the client's private key; it is
asked for again when the server stops taking it.
"""

import hashlib
import json
import os
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2

from fhir_adapter.errors import UnreadableInput

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, RSAKey

CLIENT_VARIABLE = "TRD_BULK_CLIENT_ID"
KEY_VARIABLE = "TRD_BULK_PRIVATE_KEY"
"""Environment variables: the client's id, and the PEM or JWK file of its private key."""
SCOPE_VARIABLE = "TRD_BULK_SCOPE"
_DEFAULT_SCOPE = "system/*.read"
TYPES = (
    "AdverseEvent",
    "AllergyIntolerance",
    "Condition",
    "Encounter",
    "Medication",
    "MedicationAdministration",
    "MedicationDispense",
    "MedicationRequest",
    "MedicationStatement",
    "Observation",
    "Patient",
    "Procedure",
    "QuestionnaireResponse",
)
"""What is asked for: nothing else is read."""
_OUTCOME = "OperationOutcome"
"""What the server has to say about the export."""
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_OK, _ACCEPTED, _UNAUTHORIZED, _NOT_FOUND, _GONE, _BUSY = 200, 202, 401, 404, 410, 429
_FIRST_ERROR, _FIRST_SERVER_ERROR = 400, 500
_CHUNK = 1 << 20
Step = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkSettings:
    """How a server is asked, and how patiently."""

    client_id: str | None = None
    key_file: Path | None = None
    scope: str = _DEFAULT_SCOPE
    request_seconds: float = 60.0
    first_wait_seconds: float = 2.0
    """Between polls where the server names no time."""
    longest_wait_seconds: float = 300.0
    total_seconds: float = 86_400.0
    attempts: int = 6
    """Of one request, where the server is busy or the connection breaks."""

    @classmethod
    def from_environment(cls) -> "BulkSettings":
        """The settings of the machine."""
        key = os.environ.get(KEY_VARIABLE)
        return cls(
            client_id=os.environ.get(CLIENT_VARIABLE) or None,
            key_file=Path(key) if key else None,
            scope=os.environ.get(SCOPE_VARIABLE) or _DEFAULT_SCOPE,
        )


class ExportUnavailable(UnreadableInput):
    """The server gives no export, and why."""


def fetch(address: str, folder: Path, settings: BulkSettings, step: Step) -> list[Path]:
    """The files of the server's export, fetched into ``folder``.

    ``address`` is the FHIR base (then all patients are asked for) or a ``$export`` address.

    Raises:
        ExportUnavailable: the server refuses, fails or takes too long.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with httpx2.Client(timeout=settings.request_seconds) as client:
        return _Export(address, folder, settings, client, step).files()


class _Export:
    """One export of one server."""

    def __init__(
        self,
        address: str,
        folder: Path,
        settings: BulkSettings,
        client: httpx2.Client,
        step: Step,
    ) -> None:
        whole = address.rstrip("/")
        self._url = whole if "$export" in whole else f"{whole}/Patient/$export"
        self._base = self._url.partition("/$export")[0]
        for level in ("/Patient", "/Group/"):
            self._base = self._base.partition(level)[0]
        self._folder = folder
        self._settings = settings
        self._client = client
        self._step = step
        self._token: str | None = None
        self._ends = time.monotonic() + settings.total_seconds

    def files(self) -> list[Path]:
        """Everything, from what an earlier attempt reached."""
        state = self._state()
        if "manifest" not in state:
            state = self._completed(state)
        wanted = [
            item for item in state["manifest"]["output"] if item["type"] in (*TYPES, _OUTCOME)
        ]
        self._step("export", 0, len(wanted))
        found = []
        for done, item in enumerate(wanted, start=1):
            found.append(self._file(item, done, bool(state["manifest"]["requiresAccessToken"])))
            self._step("export", done, len(wanted))
        if not state.get("deleted"):
            self._send("DELETE", state["status"], accept="application/json")
            self._keep({**state, "deleted": True})
        return found

    def _completed(self, state: dict[str, Any]) -> dict[str, Any]:
        """Kick off, or go on with, an export, and wait until it is ready."""
        if "status" not in state:
            state = {"status": self._kick_off()}
            self._keep(state)
        wait = self._settings.first_wait_seconds
        while True:
            answer = self._send("GET", state["status"], accept="application/json")
            if answer.status_code == _OK:
                break
            if answer.status_code in (_NOT_FOUND, _GONE):
                self._keep({})
                raise ExportUnavailable(
                    "The server has forgotten the export under way: run the command again to "
                    "start a new one."
                )
            if answer.status_code != _ACCEPTED:
                raise self._refused("the export failed", answer)
            self._pause(_retry_after(answer), wait)
            wait = min(2 * wait, self._settings.longest_wait_seconds)
        state = {**state, "manifest": self._manifest(answer)}
        self._keep(state)
        return state

    def _manifest(self, answer: httpx2.Response) -> dict[str, Any]:
        try:
            said = answer.json()
            listed = [*said["output"], *(said.get("error") or ())]
            output = [{"type": str(one["type"]), "url": str(one["url"])} for one in listed]
        except (ValueError, KeyError, TypeError):
            raise ExportUnavailable(
                "The server's manifest of the export is not one: expected JSON with `output`."
            ) from None
        return {
            "output": output,
            "requiresAccessToken": said.get("requiresAccessToken", True),
            "transactionTime": said.get("transactionTime"),
        }

    def _kick_off(self) -> str:
        types = {"_type": ",".join(TYPES), "_outputFormat": "application/fhir+ndjson"}
        answer = self._send(
            "GET", self._url, accept="application/fhir+json", params=types, prefer="respond-async"
        )
        status = answer.headers.get("content-location")
        if answer.status_code != _ACCEPTED or not status:
            raise self._refused("the server does not start an export", answer)
        return str(answer.url.join(status))

    def _file(self, item: Mapping[str, str], number: int, guarded: bool) -> Path:
        """One file, whole or not at all."""
        path = self._folder / f"{item['type']}.{number:04}.ndjson"
        if path.exists():
            return path
        beside = path.with_suffix(".part")
        for attempt in range(self._settings.attempts):
            try:
                if self._loaded(item["url"], beside, guarded):
                    beside.replace(path)
                    return path
            except (httpx2.HTTPError, httpx2.StreamError):
                pass
            self._pause(None, min(2.0**attempt, self._settings.longest_wait_seconds))
        raise ExportUnavailable(
            f"A file of the export ({item['type']}) does not arrive whole: run the command again "
            "to go on."
        )

    def _loaded(self, url: str, target: Path, guarded: bool) -> bool:
        headers = {"Accept": "application/fhir+ndjson"}
        if guarded and (token := self._authorized()):
            headers["Authorization"] = f"Bearer {token}"
        with self._client.stream("GET", url, headers=headers) as answer:
            if answer.status_code == _UNAUTHORIZED:
                self._token = None
                return False
            if answer.status_code != _OK:
                if answer.status_code == _BUSY or answer.status_code >= _FIRST_SERVER_ERROR:
                    self._pause(_retry_after(answer), 0)
                    return False
                raise self._refused("a file of the export is refused", answer)
            with target.open("wb") as file:
                for chunk in answer.iter_bytes(_CHUNK):
                    file.write(chunk)
        return True

    def _send(
        self,
        method: str,
        url: str,
        *,
        accept: str,
        params: Mapping[str, str] | None = None,
        prefer: str = "",
    ) -> httpx2.Response:
        """A request, again where the server is busy or the token has run out."""
        answer: httpx2.Response | None = None
        for attempt in range(self._settings.attempts):
            headers = {"Accept": accept, **({"Prefer": prefer} if prefer else {})}
            if token := self._authorized():
                headers["Authorization"] = f"Bearer {token}"
            try:
                answer = self._client.request(method, url, headers=headers, params=params)
            except httpx2.HTTPError:
                self._pause(None, min(2.0**attempt, self._settings.longest_wait_seconds))
                continue
            if answer.status_code == _UNAUTHORIZED and token is not None and attempt == 0:
                self._token = None
                continue
            if answer.status_code != _BUSY and answer.status_code < _FIRST_SERVER_ERROR:
                return answer
            self._pause(_retry_after(answer), min(2.0**attempt, 30.0))
        if answer is not None:
            return answer
        raise ExportUnavailable(
            "The server of the export does not answer: check the address and the network."
        )

    def _authorized(self) -> str | None:
        """The access token; None where no client is configured."""
        if self._settings.client_id is None or self._settings.key_file is None:
            return None
        if self._token is None:
            self._token = self._new_token(self._settings.client_id, self._settings.key_file)
        return self._token

    def _new_token(self, client_id: str, key_file: Path) -> str:
        try:
            configuration = self._client.get(
                f"{self._base}/.well-known/smart-configuration",
                headers={"Accept": "application/json"},
            ).json()
            endpoint = configuration["token_endpoint"]
            answer = self._client.post(
                endpoint,
                data={
                    "grant_type": "client_credentials",
                    "scope": self._settings.scope,
                    "client_assertion_type": _ASSERTION,
                    "client_assertion": assertion(client_id, key_file, endpoint),
                },
                headers={"Accept": "application/json"},
            )
            granted = answer.json()
            if answer.status_code == _OK:
                return str(granted["access_token"])
            code = granted.get("error")
        except (httpx2.HTTPError, ValueError, KeyError, TypeError, AttributeError):
            raise ExportUnavailable(
                "The server's token endpoint gives no token: check that the address is a FHIR "
                "base with SMART Backend Services."
            ) from None
        shown = code if isinstance(code, str) and code.isascii() else "refused"
        raise ExportUnavailable(
            f"The server gives no token ({shown}): check the client id, the key and the scope "
            f"({CLIENT_VARIABLE}, {KEY_VARIABLE}, {SCOPE_VARIABLE})."
        )

    def _pause(self, asked: float | None, otherwise: float) -> None:
        pause = min(asked if asked is not None else otherwise, self._settings.longest_wait_seconds)
        if time.monotonic() + pause > self._ends:
            raise ExportUnavailable("The export took too long: run the command again to go on.")
        time.sleep(pause)

    def _refused(self, what: str, answer: httpx2.Response) -> ExportUnavailable:
        return ExportUnavailable(f"No export: {what} (status {answer.status_code}).")

    def _state(self) -> dict[str, Any]:
        path = self._folder / "export.json"
        if not path.exists():
            return {}
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found if found.get("url") == self._url else {}

    def _keep(self, state: Mapping[str, Any]) -> None:
        path = self._folder / "export.json"
        beside = path.with_suffix(".part")
        beside.write_text(json.dumps({**state, "url": self._url}), encoding="utf-8")
        beside.replace(path)


def assertion(client_id: str, key_file: Path, audience: str) -> str:
    """The signed statement with which a client shows who it is (private_key_jwt).

    Raises:
        ExportUnavailable: the key cannot be read, or is of a kind SMART does not take.
    """
    from joserfc import jwt  # noqa: PLC0415 - only where a client is configured

    algorithm, key = _signing(key_file)
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "jti": uuid.uuid4().hex,
        "exp": int(time.time()) + 240,
    }
    header = {"alg": algorithm, "typ": "JWT", "kid": key.kid or key.thumbprint()}
    return jwt.encode(header, claims, key, algorithms=[algorithm])


def _signing(key_file: Path) -> "tuple[str, ECKey | RSAKey]":
    """The algorithm and the key to sign with."""
    from joserfc.errors import JoseError  # noqa: PLC0415 - as above
    from joserfc.jwk import ECKey, RSAKey  # noqa: PLC0415

    try:
        text = key_file.read_text(encoding="utf-8")
        value = json.loads(text) if text.lstrip().startswith("{") else text
    except (OSError, ValueError):
        value = ""
    kinds: tuple[tuple[str, type[ECKey | RSAKey]], ...] = (("RS384", RSAKey), ("ES384", ECKey))
    for algorithm, kind in kinds:
        try:
            return algorithm, kind.import_key(value)
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    raise ExportUnavailable(
        f"The private key of {KEY_VARIABLE} cannot be read: expected an RSA or EC (P-384) "
        "key as PEM or JWK."
    )


def _retry_after(answer: httpx2.Response) -> float | None:
    """Seconds to wait, from a number or an HTTP date."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def folder_name(address: str) -> str:
    """A name for the folder of an export, without its address."""
    return hashlib.sha256(address.encode()).hexdigest()[:16]
