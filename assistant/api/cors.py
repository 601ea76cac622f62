"""Calls from a browser page of a configured CDS client; nothing else answers across origins."""

from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send


class CorsOfPath:
    """CORS for one path and below, for the origins named; other paths know none."""

    def __init__(self, app: ASGIApp, *, path: str, origins: Sequence[str]) -> None:
        self._app = app
        self._path = path
        self._open = CORSMiddleware(
            app,
            allow_origins=list(origins),
            allow_methods=["GET", "POST"],
            allow_headers=["authorization", "content-type"],
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        is_below = scope["type"] == "http" and str(scope["path"]).startswith(self._path)
        await (self._open if is_below else self._app)(scope, receive, send)
