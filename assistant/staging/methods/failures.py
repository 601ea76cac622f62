"""What the staging methods read: the failed trials and what stood beside them."""

from dataclasses import dataclass, field
from enum import Enum


class Reading(Enum):
    """Which of the record's open questions count as failures."""

    AT_LEAST = "at_least"
    WORKING = "working"
    AT_MOST = "at_most"


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedTrial:
    """One failed adequate trial, as far as a staging method looks at it."""

    id: str
    drug: str
    drug_class: str
    thase_rush: str
    days: int
    """Days within the trial, from its start to its end."""
    optimised: bool
    additions: int
    """Augmentations and combinations added to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """The failures of the current episode under one reading."""

    trials: tuple[FailedTrial, ...]
    bilateral_ect_failed: bool
    ect_courses_failed: int
    classes: frozenset[str] = field(init=False)
    """The distinct pharmacological classes that failed."""
    drugs: frozenset[str] = field(init=False)
    """The distinct drugs that failed."""

    def __post_init__(self) -> None:
        """Tell the classes and the drugs once; every method asks for them."""
        object.__setattr__(self, "classes", frozenset([t.drug_class for t in self.trials]))
        object.__setattr__(self, "drugs", frozenset([t.drug for t in self.trials]))
