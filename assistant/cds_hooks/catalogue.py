"""The services on offer, and what each wants prefetched: one plain search a resource type."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assistant.cds_hooks.request import ORDER_SELECT, PATIENT_VIEW

_PATIENT = "{{context.patientId}}"
_COUNT = "_count=200"  # the most that Oracle Health gives in a page

PREFETCH: Mapping[str, str] = {
    "patient": f"Patient/{_PATIENT}",
    "conditions": f"Condition?patient={_PATIENT}&{_COUNT}",
    "requests": f"MedicationRequest?patient={_PATIENT}&{_COUNT}",
    "statements": f"MedicationStatement?patient={_PATIENT}&{_COUNT}",
    "dispenses": f"MedicationDispense?patient={_PATIENT}&{_COUNT}",
    "surveys": f"Observation?patient={_PATIENT}&category=survey&{_COUNT}",
    "laboratory": f"Observation?patient={_PATIENT}&category=laboratory&{_COUNT}",
    "questionnaires": f"QuestionnaireResponse?patient={_PATIENT}&{_COUNT}",
    "procedures": f"Procedure?patient={_PATIENT}&{_COUNT}",
    "allergies": f"AllergyIntolerance?patient={_PATIENT}&{_COUNT}",
}
"""Reads and token searches only, as every client can fill them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CdsService:
    """One service."""

    id: str
    hook: str
    title: str
    description: str

    def described(self) -> dict[str, Any]:
        """The service as `GET /cds-services` lists it."""
        return {
            "hook": self.hook,
            "id": self.id,
            "title": self.title,
            "description": self.description,
            "prefetch": dict(PREFETCH),
        }


SERVICES = {
    service.id: service
    for service in (
        CdsService(
            id="trd-patient-view",
            hook=PATIENT_VIEW,
            title="Treatment-resistant depression: stage and what is missing",
            description="Where antidepressant trials are recorded: the stage with its bounds, and "
            "the fact that would move it most.",
        ),
        CdsService(
            id="trd-order-select",
            hook=ORDER_SELECT,
            title="Antidepressant order: what was tried before",
            description="When an antidepressant is selected: earlier trials of it or of its class, "
            "and the stage with its bounds.",
        ),
    )
}
