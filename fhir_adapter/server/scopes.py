"""Which resource types the granted scopes cover (SMART v1 and v2 forms)."""

import re
from dataclasses import dataclass

_SCOPE = re.compile(
    r"(?:patient|user|system)/(?P<type>\*|[A-Za-z]+)\.(?P<access>\*|read|write|[cruds]+)"
    r"(?P<part>\?\S+)?"
)
_WHOLE, _PART = "whole", "part"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token may read; ``scope`` None is a server that wants no token, or did not say."""

    scope: str | None = None

    def covers(self, kind: str) -> str | None:
        """``whole``, ``part`` (only some categories), or None where nothing of it is granted.

        Servers shrink scopes silently and some know no wildcards, so what is granted
        is compared, never what was asked.
        """
        if self.scope is None:
            return _WHOLE
        found: str | None = None
        for text in self.scope.split():
            match = _SCOPE.fullmatch(text)
            if match is None or match["type"] not in ("*", kind) or not _reads(match["access"]):
                continue
            if not match["part"]:
                return _WHOLE
            found = _PART
        return found

    def is_partial(self, kind: str) -> bool:
        """Whether only a part of the type is granted."""
        return self.covers(kind) == _PART


def _reads(access: str) -> bool:
    if access in ("*", "read"):
        return True
    return access != "write" and "s" in access
