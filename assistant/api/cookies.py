"""The cookies: one a launch under way, one a session, each for one path or one launch only.

In a cross-site frame a browser keeps a cookie only with ``SameSite=None; Secure;
Partitioned``; Starlette sets the last from Python 3.14 on, so the header is
written here. Over plain HTTP, which is for the demo on this machine, none of
these is possible and ``SameSite=Lax`` takes their place.
"""

import re
from http.cookies import CookieError, SimpleCookie

from starlette.responses import Response

from assistant.sessions.store import hashed

_LAUNCH_SECONDS = 600
_NAMING_CHARACTERS = 16
_VALUE = re.compile(r"[A-Za-z0-9_-]{1,128}")


class Cookies:
    """Writes and reads the cookies of a service that is reached over TLS or not."""

    def __init__(self, *, over_tls: bool) -> None:
        self._over_tls = over_tls
        self.session_name = "__Secure-sid" if over_tls else "sid"

    def set_session(self, response: Response, ctx: str, sid: str) -> None:
        """Bind the browser to the session; it lives as long as the browser does."""
        _append(response, f"{self.session_name}={sid}; Path=/c/{ctx}/; {self._flags}")

    def expired_session(self, ctx: str) -> str:
        """The header value that makes the browser forget the session."""
        flags = self._flags
        return f"{self.session_name}=; Path=/c/{ctx}/; Max-Age=0; {flags}"

    def session(self, header: str) -> str:
        """The session's secret in a ``Cookie`` header; empty where there is none."""
        return _value(header, self.session_name)

    def set_launch(self, response: Response, state: str, secret: str) -> None:
        """Bind the browser to a launch; two at the same time have two cookies."""
        name, flags = self._launch_name(state), self._flags
        _append(response, f"{name}={secret}; Path=/; Max-Age={_LAUNCH_SECONDS}; {flags}")

    def forget_launch(self, response: Response, state: str) -> None:
        """The launch is over."""
        name, flags = self._launch_name(state), self._flags
        _append(response, f"{name}=; Path=/; Max-Age=0; {flags}")

    def launch(self, header: str, state: str) -> str | None:
        """The launch's secret in a ``Cookie`` header."""
        return _value(header, self._launch_name(state)) or None

    def _launch_name(self, state: str) -> str:
        prefix = "__Host-launch-" if self._over_tls else "launch-"
        return prefix + hashed(state)[:_NAMING_CHARACTERS]

    @property
    def _flags(self) -> str:
        if self._over_tls:
            return "HttpOnly; Secure; SameSite=None; Partitioned"
        return "HttpOnly; SameSite=Lax"


def _append(response: Response, value: str) -> None:
    response.headers.append("set-cookie", value)


def _value(header: str, name: str) -> str:
    cookies: SimpleCookie = SimpleCookie()
    try:
        cookies.load(header)
    except CookieError:
        return ""
    found = cookies.get(name)
    return found.value if found is not None and _VALUE.fullmatch(found.value) else ""
