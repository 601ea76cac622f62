"""Evidence twins: pairs of records that differ in one fact, with the change that must follow.

A pair says which fields of the report must change, from what to what, and why:
the figures come from the rules' tables, so that anyone can check them by hand.
The rules are then run on both records; a pair they do not confirm is not made.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SCHEMA = "evidence-twins/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field of the report, and what it must be on either side."""

    field: str
    a: Any
    b: Any
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two records that differ in one fact."""

    family: str
    what: str
    """The one difference, in words."""
    a: Mapping[str, Any]
    b: Mapping[str, Any]
    as_of: str
    changes: tuple[Change, ...]
    """What must change; empty where nothing may."""
    steady: bool = False
    """Whether every stage and every other trial must stay as it is."""

    def to_json(self) -> dict[str, Any]:
        """The pair without its records."""
        return {
            "family": self.family,
            "what": self.what,
            "as_of": self.as_of,
            "changes": [
                {"field": one.field, "a": one.a, "b": one.b, "because": one.because}
                for one in self.changes
            ],
            "steady": self.steady,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class NotMade:
    """A family this record gives no pair of, and why."""

    family: str
    why: str
