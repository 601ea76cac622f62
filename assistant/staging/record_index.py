"""A record's facts by what they are asked for, sorted out once for all its courses."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from assistant.staging.record import (
    Diagnosis,
    DrugReaction,
    Exposure,
    ExposureStatus,
    LabResult,
    TreatmentRecord,
    Verification,
)
from assistant.staging.tables import Interaction, interactions

_Fact = TypeVar("_Fact")

NEVER_TAKEN = {
    ExposureStatus.ENTERED_IN_ERROR: "entered in error",
    ExposureStatus.NOT_TAKEN: "not taken",
    ExposureStatus.DECLINED: "declined",
    ExposureStatus.DO_NOT_PERFORM: "do not perform",
    ExposureStatus.DRAFT: "draft, not started",
    ExposureStatus.CANCELLED: "cancelled, not started",
}
"""Statuses of entries that record no use at all (refused, planned, an error), in words."""
_NONADHERENCE = frozenset({"nonadherence", "underdosing_antidepressant"})


class RecordIndex:
    """The facts of a record that bear on its antidepressant courses, by kind."""

    def __init__(self, record: TreatmentRecord) -> None:
        inducers = interactions()["inducer"]
        self.record = record
        self.labs: dict[str, list[LabResult]] = _by(record.labs, lambda lab: lab.test)
        """Laboratory results by test."""
        self.reactions: dict[str, list[DrugReaction]] = _by(record.reactions, lambda r: r.drug)
        """Allergies and adverse events by drug."""
        self.inducers: list[tuple[Exposure, Interaction]] = [
            (x, inducers[x.drug]) for x in record.exposures if x.drug in inducers and is_taken(x)
        ]
        """Uses of enzyme inducers."""
        self.nonadherence: list[Diagnosis] = [
            d
            for d in record.diagnoses
            if d.category in _NONADHERENCE and d.verification is Verification.CONFIRMED
        ]
        """Confirmed codes that an antidepressant was not taken as prescribed."""


def is_taken(exposure: Exposure) -> bool:
    """Whether an entry records a use at all (not refused, not planned, not an error)."""
    return exposure.status not in NEVER_TAKEN


def _by(facts: Iterable[_Fact], kind: Callable[[_Fact], str]) -> dict[str, list[_Fact]]:
    found: dict[str, list[_Fact]] = {}
    for fact in facts:
        found.setdefault(kind(fact), []).append(fact)
    return found
