"""The gate in front of the page: nothing under ``/c/{ctx}`` answers without its session's cookie.

Streamlit itself serves media, metrics and session sockets to whoever asks; the
gate decides first. It also tells the page, by headers that a client cannot set,
which record it shows and with which token it may ask the API for it.
"""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from assistant.api.static_pages import html_page

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

CONTEXT_HEADER = b"x-app-context"
SESSION_HEADER = b"x-app-session"
_OPEN_TO_ALL = ("/static/", "/_stcore/health")
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_POLICY_VIOLATION = 1008
_CLOSED_PAGE = html_page("closed").encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the page is told of the session that was let in."""

    page_token: str
    frame_ancestors: tuple[str, ...] = ()


class Doorkeeper(Protocol):
    """Knows the sessions."""

    async def admit(self, ctx: str, cookie: str) -> Entry | None:
        """Who may see the page at ``ctx`` with this ``Cookie`` header; None is nobody."""

    async def turned_away(self, ctx: str) -> None:
        """The page at ``ctx`` was asked for by somebody who may not see it."""

    def forget(self, ctx: str) -> str:
        """The ``Set-Cookie`` value that clears the session's cookie."""


class PageGate:
    """Lets the browser of a session through to its page, and nobody else."""

    def __init__(
        self,
        page: Asgi,
        doorkeeper: Doorkeeper,
        *,
        origin: str,
        ancestors: tuple[str, ...],
        scripts: tuple[str, ...] = (),
    ) -> None:
        self._page = page
        self._scripts = scripts
        self._doorkeeper = doorkeeper
        self._origin = origin
        self._ancestors = ancestors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or socket."""
        ctx = scope.get("path_params", {}).get("ctx", "")
        headers = dict(scope["headers"])
        entry = None
        if not self._is_open_to_all(scope):
            cookie = headers.get(b"cookie", b"").decode("latin-1")
            entry = await self._doorkeeper.admit(ctx, cookie)
        if scope["type"] == "websocket":
            if entry is None or not same_origin(headers, self._origin):
                await self._doorkeeper.turned_away(ctx)
                await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
                return
            await self._page(_with_identity(scope, ctx, entry), receive, send)
            return
        await self._http(scope, receive, send, entry)

    async def _http(self, scope: Scope, receive: Receive, send: Send, entry: Entry | None) -> None:
        ctx = scope.get("path_params", {}).get("ctx", "")
        is_open = self._is_open_to_all(scope)
        if entry is None and not is_open:
            await self._doorkeeper.turned_away(ctx)
            await self._refuse(send, 401, forget=self._doorkeeper.forget(ctx))
            return
        headers = dict(scope["headers"])
        if scope["method"] not in _SAFE_METHODS and not same_origin(headers, self._origin):
            await self._refuse(send, 403)
            return
        identified = _with_identity(scope, ctx, entry)
        await self._page(identified, receive, self._guarded(send, entry, is_static=is_open))

    def _is_open_to_all(self, scope: Scope) -> bool:
        below = str(scope["path"]).removeprefix(str(scope.get("root_path", "")))
        return below.startswith(_OPEN_TO_ALL)

    def _security(self, entry: Entry | None) -> Headers:
        ancestors = self._ancestors if entry is None else entry.frame_ancestors
        headers = security_headers(ancestors, self._scripts)
        return [(key.encode(), value.encode()) for key, value in headers.items()]

    def _guarded(self, send: Send, entry: Entry | None, *, is_static: bool) -> Send:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message.get("headers", ()), *self._security(entry)]
                if not is_static:
                    headers = [item for item in headers if item[0].lower() != b"cache-control"]
                    headers.append((b"cache-control", b"no-store"))
                message = {**message, "headers": headers}
            await send(message)

        return guarded

    async def _refuse(self, send: Send, status: int, *, forget: str | None = None) -> None:
        headers = [(b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-store")]
        if forget is not None:
            headers.append((b"set-cookie", forget.encode()))
        headers += self._security(None)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": _CLOSED_PAGE})


def _with_identity(scope: Scope, ctx: str, entry: Entry | None) -> Scope:
    ours = {CONTEXT_HEADER, SESSION_HEADER}
    headers = [item for item in scope["headers"] if item[0].lower() not in ours]
    token = "" if entry is None else entry.page_token
    headers += [(CONTEXT_HEADER, ctx.encode()), (SESSION_HEADER, token.encode())]
    return {**scope, "headers": headers}


def same_origin(headers: Mapping[bytes, bytes], own: str = "") -> bool:
    """Whether the request comes from a page of this service, as the browser says it.

    ``own`` is the origin it is reached under; without one, the host that was
    asked. A form sent under ``no-referrer`` has the origin "null"; its
    Sec-Fetch-Site, which no page can set, says where it comes from.
    """
    origin = headers.get(b"origin", b"").decode("latin-1")
    host = headers.get(b"host", b"").decode("latin-1")
    if origin and origin != "null":
        if own:
            return origin == own
        return bool(urlsplit(origin).netloc == host)
    return headers.get(b"sec-fetch-site") == b"same-origin"


def security_headers(
    frame_ancestors: tuple[str, ...], scripts: tuple[str, ...] = ()
) -> dict[str, str]:
    """Headers of every page: own scripts only, framed by the configured EHRs only.

    ``scripts`` are the digests of the scripts that may stand in the page itself.
    """
    ancestors = " ".join(("'self'", *frame_ancestors))
    own_scripts = " ".join(("'self'", *(f"'{digest}'" for digest in scripts)))
    policy = (
        "default-src 'self'; "
        # Vega, which draws the timeline, compiles its expressions
        f"script-src {own_scripts} 'unsafe-eval' 'wasm-unsafe-eval'; "
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
