"""The gate in front of the page: nothing under ``/c/{ctx}`` answers without an open record.

Streamlit itself serves media, metrics and session sockets to whoever asks; the
gate decides first. It also tells the page, by headers that a client cannot set,
which record it shows.
"""

import hashlib
from collections.abc import Awaitable, Callable, Container, Mapping, MutableMapping
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

CONTEXT_HEADER = b"x-app-context"
SESSION_HEADER = b"x-app-session"
_OPEN_TO_ALL = ("/static/", "/_stcore/health")
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_POLICY_VIOLATION = 1008
_CLOSED_PAGE = files("assistant.api").joinpath("templates/closed.html").read_bytes()


class PageGate:
    """Lets requests through to the page of an open record, and only those."""

    def __init__(self, page: Asgi, contexts: Container[str], *, security: dict[str, str]) -> None:
        self._page = page
        self._contexts = contexts
        self._security = [(key.encode(), value.encode()) for key, value in security.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or socket."""
        ctx = scope.get("path_params", {}).get("ctx", "")
        if scope["type"] == "websocket":
            if ctx not in self._contexts or not same_origin(dict(scope["headers"])):
                await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
                return
            await self._page(_with_identity(scope, ctx), receive, send)
            return
        if ctx not in self._contexts and not self._is_open_to_all(scope):
            await self._refuse(send, 401)
            return
        if scope["method"] not in _SAFE_METHODS and not same_origin(dict(scope["headers"])):
            await self._refuse(send, 403)
            return
        await self._page(_with_identity(scope, ctx), receive, self._guarded(send, scope))

    def _is_open_to_all(self, scope: Scope) -> bool:
        below = str(scope["path"]).removeprefix(str(scope.get("root_path", "")))
        return below.startswith(_OPEN_TO_ALL)

    def _guarded(self, send: Send, scope: Scope) -> Send:
        static = self._is_open_to_all(scope)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message.get("headers", ()), *self._security]
                if not static:
                    headers = [item for item in headers if item[0].lower() != b"cache-control"]
                    headers.append((b"cache-control", b"no-store"))
                message = {**message, "headers": headers}
            await send(message)

        return guarded

    async def _refuse(self, send: Send, status: int) -> None:
        headers = [(b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-store")]
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [*headers, *self._security],
            }
        )
        await send({"type": "http.response.body", "body": _CLOSED_PAGE})


def _with_identity(scope: Scope, ctx: str) -> Scope:
    ours = {CONTEXT_HEADER, SESSION_HEADER}
    headers = [item for item in scope["headers"] if item[0].lower() not in ours]
    session = hashlib.sha256(ctx.encode()).hexdigest()
    headers += [(CONTEXT_HEADER, ctx.encode()), (SESSION_HEADER, session.encode())]
    return {**scope, "headers": headers}


def same_origin(headers: Mapping[bytes, bytes]) -> bool:
    """Whether the request comes from a page of this service, as the browser says it.

    A form sent under ``no-referrer`` has the origin "null"; its Sec-Fetch-Site,
    which no page can set, says where it comes from.
    """
    origin = headers.get(b"origin", b"").decode("latin-1")
    host = headers.get(b"host", b"").decode("latin-1")
    if origin and origin != "null":
        return bool(urlsplit(origin).netloc == host)
    return headers.get(b"sec-fetch-site") == b"same-origin"


def security_headers(frame_ancestors: tuple[str, ...]) -> dict[str, str]:
    """Headers of every page: own scripts only, framed by the configured EHRs only."""
    ancestors = " ".join(("'self'", *frame_ancestors))
    policy = (
        "default-src 'self'; "
        # Vega, which draws the timeline, compiles its expressions
        "script-src 'self' 'unsafe-eval' 'wasm-unsafe-eval'; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        "connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
        f"form-action 'self'; frame-ancestors {ancestors}"
    )
    return {
        "content-security-policy": policy,
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "permissions-policy": "camera=(), microphone=(), geolocation=()",
    }
