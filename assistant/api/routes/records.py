"""Opening a record: a demo patient, or an uploaded Bundle where uploads are enabled."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from assistant.api.problems import problem_responses
from assistant.api.schemas import DemoPatientLine, DemoPatientList, Opened
from assistant.api.service_of import Service
from assistant.api.strict_json import check_strict, read_body
from assistant.service.contexts import OpenContext

router = APIRouter(tags=["records"])

_BUNDLE_SCHEMA = {
    "type": "object",
    "required": ["resourceType"],
    "properties": {"resourceType": {"type": "string", "description": "type of the FHIR resource"}},
}
_BUNDLE = {
    "requestBody": {
        "required": True,
        "description": "FHIR Bundle (R4) of one patient",
        "content": {
            media_type: {"schema": _BUNDLE_SCHEMA}
            for media_type in ("application/fhir+json", "application/json")
        },
    }
}
DemoId = Annotated[
    str,
    Path(max_length=80, pattern=r"^[A-Za-z0-9_.-]+$", description="id of the demo patient"),
]


@router.post(
    "/api/records",
    status_code=HTTPStatus.CREATED,
    openapi_extra=_BUNDLE,
    responses=problem_responses(
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.CONFLICT,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    ),
)
async def open_record(
    request: Request,
    response: Response,
    service: Service,
    patient: Annotated[
        str | None, Query(max_length=128, description="id or identifier, where there are several")
    ] = None,
) -> Opened:
    """Open the record of one patient from a FHIR Bundle."""
    data = await read_body(request)
    await run_in_threadpool(check_strict, data)
    context = await run_in_threadpool(service.open_record, data, patient=patient)
    return opened(context, request, response)


@router.get("/api/patients")
def list_demo_patients(service: Service) -> DemoPatientList:
    """The demo patients on offer."""
    return DemoPatientList(
        patients=[
            DemoPatientLine(
                id=patient.id,
                title=patient.title,
                story=patient.story,
                as_of=patient.as_of.isoformat() if patient.as_of else None,
            )
            for patient in service.demo_patients()
        ]
    )


@router.post(
    "/api/demo/{patient_id}",
    status_code=HTTPStatus.CREATED,
    responses=problem_responses(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND),
)
def open_demo_patient(
    patient_id: DemoId, request: Request, response: Response, service: Service
) -> Opened:
    """Open a demo patient's record."""
    return opened(service.open_demo_patient(patient_id), request, response)


def opened(context: OpenContext, request: Request, response: Response) -> Opened:
    """What the caller is told of an opened record; their cookie opens its page too."""
    secret = request.app.state.access.opener_secret(context.id)
    request.app.state.cookies.set_session(response, context.id, secret)
    return Opened(ctx=context.id, patient=context.record.treatment.patient.reference)
