"""The connection to an OpenAI-compatible server: one deadline and one size for every reply."""

import time
from collections.abc import Iterator

import httpx2

MAX_BYTES = 1_000_000
"""Of one reply on the wire, its framing included."""


class TooMuchError(httpx2.TransportError):
    """A reply was longer, or took longer, than is allowed."""


class _Bounded(httpx2.SyncByteStream):
    def __init__(self, inner: httpx2.SyncByteStream, deadline: float) -> None:
        self._inner = inner
        self._deadline = deadline

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for chunk in self._inner:
            size += len(chunk)
            if size > MAX_BYTES or time.monotonic() > self._deadline:
                raise TooMuchError("the model's reply was too long or too slow")
            yield chunk

    def close(self) -> None:
        self._inner.close()


class BoundedTransport(httpx2.BaseTransport):
    """Ends a reply that drips, or never ends, even where the client above only waits."""

    def __init__(self, inner: httpx2.BaseTransport, seconds: float) -> None:
        self._inner = inner
        self._seconds = seconds

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """The reply, its body bounded."""
        deadline = time.monotonic() + self._seconds
        response = self._inner.handle_request(request)
        stream = response.stream
        if isinstance(stream, httpx2.SyncByteStream):
            response.stream = _Bounded(stream, deadline)
        return response

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


def bounded_client(seconds: float) -> httpx2.Client:
    """A client whose replies end after ``seconds``; no proxy stands between."""
    one_call_each = httpx2.Limits(max_keepalive_connections=0)
    transport = BoundedTransport(httpx2.HTTPTransport(limits=one_call_each), seconds)
    return httpx2.Client(transport=transport, timeout=seconds, trust_env=False)
