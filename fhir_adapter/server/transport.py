"""One GET of a FHIR server: token, retries, limits, and an answer instead of an exception."""

import asyncio
import random
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2

from fhir_adapter import jsontext
from fhir_adapter.server.outcomes import Remark, remarks
from fhir_adapter.server.settings import ReadSettings
from fhir_adapter.server.tokens import TokenSource

_HEADERS = {"Accept": "application/fhir+json"}
_PASSING = frozenset({408, 429, 500, 502, 503, 504})
"""Statuses that may be gone at the next attempt."""
UNAUTHORIZED, FORBIDDEN = 401, 403
_FIRST_ERROR, _FIRST_SERVER_ERROR = 300, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: a resource, or why none did."""

    status: int | None = None
    """None where no answer came, 0 where asking again would bring the same."""
    resource: dict[str, Any] | None = None
    why: str = ""
    """In our words; empty where a resource came."""
    remarks: tuple[Remark, ...] = ()
    insufficient_scope: bool = False

    @property
    def ok(self) -> bool:
        """Whether a resource came, and no error."""
        return not self.why and self.resource is not None

    @property
    def reason(self) -> str:
        """``why``, fit for a reader who cannot see the server."""
        if self.status == FORBIDDEN:
            if self.insufficient_scope:
                return "restricted: the granted scopes do not cover it"
            return "restricted: the server does not let this reader see it"
        if self.status == UNAUTHORIZED:
            return "the sign-in has expired or does not cover it"
        return self.why


class _TooLargeError(Exception):
    """An answer beyond the limit."""


class Transport:
    """GET requests of one read, under one deadline and one limit of requests at a time."""

    def __init__(
        self, client: httpx2.AsyncClient, tokens: TokenSource, settings: ReadSettings
    ) -> None:
        self._client = client
        self._tokens = tokens
        self._settings = settings
        self._free = asyncio.Semaphore(settings.at_once)
        self._ends = time.monotonic() + settings.total_seconds
        self._chance = random.Random()  # noqa: S311 - spreads retries, guards nothing

    async def get(self, url: httpx2.URL) -> Answer:
        """The answer to GET ``url``, after as many attempts as the settings allow."""
        async with self._free:
            return await self._attempts(url)

    async def _attempts(self, url: httpx2.URL) -> Answer:
        answer = Answer(why="the time for the read ran out")
        renewed = False
        attempt = 0
        while attempt < self._settings.attempts and self._remaining() > 0:
            token = await self._tokens.token()
            answer, retry_after = await self._once(url, token)
            if answer.status == UNAUTHORIZED and not renewed:
                renewed = True
                if await self._tokens.renew(token):
                    continue
            if answer.status is not None and answer.status not in _PASSING:
                return answer
            attempt += 1
            if attempt == self._settings.attempts or not await self._wait(attempt, retry_after):
                return answer
        return answer

    async def _wait(self, attempt: int, retry_after: float | None) -> bool:
        """Wait before the next attempt; False where that is not worth it."""
        settings = self._settings
        if retry_after is not None:
            if retry_after > settings.longest_retry_after_seconds:
                return False
            pause = retry_after
        else:
            longest = settings.first_wait_seconds * 2 ** (attempt - 1)
            pause = self._chance.uniform(0, min(longest, settings.longest_wait_seconds))
        if pause >= self._remaining():
            return False
        await asyncio.sleep(pause)
        return True

    def _remaining(self) -> float:
        return self._ends - time.monotonic()

    async def _once(self, url: httpx2.URL, token: str | None) -> tuple[Answer, float | None]:
        headers = dict(_HEADERS)
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            async with asyncio.timeout(min(self._settings.request_seconds, self._remaining())):
                return await self._send(url, headers)
        except (TimeoutError, httpx2.TimeoutException):
            return Answer(why="the server did not answer in time"), None
        except _TooLargeError:
            return Answer(status=0, why="an answer of the server is too large"), None
        except (httpx2.HTTPError, httpx2.StreamError) as fault:
            return _broken(fault), None

    async def _send(self, url: httpx2.URL, headers: dict[str, str]) -> tuple[Answer, float | None]:
        async with self._client.stream("GET", url, headers=headers) as response:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > self._settings.answer_bytes:
                    raise _TooLargeError
            return _answer(response, bytes(body)), _retry_after(response.headers)


def _broken(fault: BaseException) -> Answer:
    """No answer came; a certificate that is not trusted is no matter of asking again."""
    cause: BaseException | None = fault
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Answer(status=0, why="the server's certificate is not trusted")
        cause = cause.__cause__ or cause.__context__
    return Answer(why="the connection to the server broke off")


def _answer(response: httpx2.Response, body: bytes) -> Answer:
    status = response.status_code
    resource = _resource(body)
    found = remarks(resource)
    scope = "insufficient_scope" in response.headers.get("www-authenticate", "")
    if status >= _FIRST_ERROR:
        return Answer(
            status=status,
            resource=resource,
            why=f"the server answered {status}",
            remarks=found,
            insufficient_scope=scope,
        )
    if resource is None:
        return Answer(status=status, why="the server's answer is not FHIR JSON")
    return Answer(status=status, resource=resource, remarks=found)


def _resource(body: bytes) -> dict[str, Any] | None:
    try:
        value = jsontext.parse(body)
    except jsontext.NotJsonError:
        return None
    if isinstance(value, dict) and isinstance(value.get("resourceType"), str):
        return value
    return None


def _retry_after(headers: httpx2.Headers) -> float | None:
    """Seconds to wait, from a number or an HTTP date."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
