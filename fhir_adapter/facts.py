"""What the readers of the resource types hand over, before it becomes a TreatmentRecord."""

from dataclasses import dataclass, field

from assistant.staging.record import (
    Diagnosis,
    DrugReaction,
    Exposure,
    LabResult,
    Score,
    SuicidalitySign,
    TreatmentSession,
)
from fhir_adapter.administrations import Administration


@dataclass(slots=True, kw_only=True)
class Facts:
    """The coded facts of one patient, in the order read."""

    exposures: list[Exposure] = field(default_factory=list)
    administrations: list[Administration] = field(default_factory=list)
    """Of rating scales, as met; they become scores when all are known."""
    scores: list[Score] = field(default_factory=list)
    diagnoses: list[Diagnosis] = field(default_factory=list)
    sessions: list[TreatmentSession] = field(default_factory=list)
    labs: list[LabResult] = field(default_factory=list)
    reactions: list[DrugReaction] = field(default_factory=list)
    suicidality: list[SuicidalitySign] = field(default_factory=list)
