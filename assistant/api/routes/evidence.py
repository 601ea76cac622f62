"""The record read back: every resource, and the element a citation names."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from assistant.api.problems import problem_responses
from assistant.api.schemas import ElementView
from assistant.api.service_of import Ctx, Service

router = APIRouter(
    prefix="/api/patients/{ctx}/record",
    tags=["record"],
    responses=problem_responses(
        HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE
    ),
)
_ID = r"^[A-Za-z0-9\-._:|%]+$"

ResourceType = Annotated[
    str, Path(pattern=r"^[A-Za-z]+$", max_length=64, description="FHIR resource type")
]
ResourceId = Annotated[str, Path(pattern=_ID, max_length=128, description="id of the resource")]


@router.get("")
def list_resources(ctx: Ctx, service: Service) -> dict[str, Any]:
    """Every resource read of this patient, by ``Type/id``, with what could not be read."""
    record = service.record(ctx).record
    return {
        "resources": [
            {"reference": reference, "type": reference.partition("/")[0]}
            for reference in sorted(record.resources)
        ],
        "issues": [
            {
                "severity": issue.severity,
                "resource": issue.resource,
                "path": issue.path,
                "problem": issue.problem,
            }
            for issue in record.treatment.issues
        ],
        "read": record.treatment.completeness.resources_read,
        "total": record.treatment.completeness.resources_total,
    }


@router.get("/{resource_type}/{resource_id}")
def read_element(
    ctx: Ctx,
    resource_type: Annotated[
        str, Path(pattern=r"^[A-Za-z]+$", max_length=64, description="FHIR resource type")
    ],
    resource_id: Annotated[
        str, Path(pattern=_ID, max_length=128, description="id of the resource")
    ],
    service: Service,
    element: Annotated[
        str,
        Query(max_length=300, description="FHIR path in the resource: dosage[0].doseAndRate[0]"),
    ] = "",
) -> ElementView:
    """The element a citation names, with the resource it stands in."""
    reference = f"{resource_type}/{resource_id}"
    resource, value = service.evidence(ctx, reference, element)
    return ElementView(reference=reference, element=element, value=value, resource=resource)
