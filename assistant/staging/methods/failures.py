"""What the staging methods read: the failed trials and what stood beside them."""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple


class Reading(Enum):
    """Which of the record's open questions count as failures."""

    AT_LEAST = "at_least"
    WORKING = "working"
    AT_MOST = "at_most"


class FailedTrial(NamedTuple):
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


class Failures(NamedTuple):
    """The failures of the current episode under one reading, and what the methods count of them."""

    trials: tuple[FailedTrial, ...]
    bilateral_ect_failed: bool
    ect_courses_failed: int
    classes: frozenset[str]
    """The distinct pharmacological classes that failed."""
    drugs: frozenset[str]
    """The distinct drugs that failed."""
    thase_rush: frozenset[str]
    """The Thase-Rush groups among them."""
    days: int
    """Days within all of them."""
    optimised: int
    """How many of them were optimised."""
    additions: int
    """How much was added to all of them."""

    @classmethod
    def of(
        cls,
        trials: Sequence[FailedTrial],
        *,
        bilateral_ect_failed: bool = False,
        ect_courses_failed: int = 0,
    ) -> "Failures":
        """These failed trials and ECT courses, counted."""
        _, drugs, classes, groups, days, optimised, additions = (
            zip(*trials, strict=True) if trials else ((),) * len(FailedTrial._fields)
        )
        return cls._make(
            (
                tuple(trials),
                bilateral_ect_failed,
                ect_courses_failed,
                frozenset(classes),
                frozenset(drugs),
                frozenset(groups),
                sum(days),
                sum(optimised),
                sum(additions),
            )
        )
