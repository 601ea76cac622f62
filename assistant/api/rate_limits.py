"""How often one may ask: per session and per address, as token buckets in memory.

A limit is a number of requests a minute; that many may come at once, and they
come back evenly. Keys are callers' own (an address, a session), so only the most
recently seen are kept: the memory stays bounded whoever asks. Each worker process
counts for itself.
"""

import ipaddress
import math
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.api.problems import problem
from assistant.config import Settings

_SECONDS_PER_MINUTE = 60
_MOST_KEYS = 20_000
_SESSION = re.compile(r"^/api/patients/([^/]+)(/ask)?")
_LIMITED = ("/api/", "/cds-services", "/launch", "/auth/", "/open")


class Buckets:
    """One token bucket a key."""

    def __init__(
        self, per_minute: int, *, clock: Callable[[], float], most_keys: int = _MOST_KEYS
    ) -> None:
        self._capacity = float(per_minute)
        self._per_second = per_minute / _SECONDS_PER_MINUTE
        self._clock = clock
        self._most_keys = most_keys
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> float:
        """Take one token of ``key``: 0 where there was one, else the seconds until there is."""
        now = self._clock()
        level, since = self._levels.pop(key, (self._capacity, now))
        level = min(self._capacity, level + (now - since) * self._per_second)
        wait = 0.0 if level >= 1 else (1 - level) / self._per_second
        self._levels[key] = (level if wait else level - 1, now)
        if len(self._levels) > self._most_keys:
            self._levels.popitem(last=False)
        return wait

    def __len__(self) -> int:
        return len(self._levels)


class RateLimits:
    """Answers 429 with Retry-After beyond the limits of the settings."""

    def __init__(
        self, app: ASGIApp, *, settings: Settings, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._app = app
        self._of_address = Buckets(settings.requests_per_minute_and_address, clock=clock)
        self._of_session = Buckets(settings.requests_per_minute_and_session, clock=clock)
        self._questions = Buckets(settings.questions_per_minute_and_session, clock=clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or say when to come again."""
        if scope["type"] == "http" and str(scope["path"]).startswith(_LIMITED):
            wait = max((buckets.take(key) for buckets, key in self._due(scope)), default=0.0)
            if wait:
                refusal = problem(
                    HTTPStatus.TOO_MANY_REQUESTS,
                    "Too many requests in a minute. Wait as long as Retry-After says.",
                )
                refusal.headers["retry-after"] = str(math.ceil(wait))
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _due(self, scope: Scope) -> Iterator[tuple[Buckets, str]]:
        address = scope["client"][0] if scope.get("client") else ""
        if not _is_loopback(address):  # the page, which calls for all its users, is limited below
            yield self._of_address, address
        found = _SESSION.match(str(scope["path"]))
        if found:
            yield self._of_session, found[1]
            if found[2] and scope["method"] == "POST":
                yield self._questions, found[1]


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
