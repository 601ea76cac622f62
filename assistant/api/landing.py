"""The start page: demo patients, a record from a file, or a word on launching from the EHR."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from assistant.api.gate import same_origin, security_headers
from assistant.api.service_of import Service, SessionAccess
from assistant.api.static_pages import html_page
from assistant.api.strict_json import BodyTooLargeError, MalformedBodyError
from assistant.api.uploads import read_upload
from assistant.service.errors import (
    AmbiguousPatientError,
    UnreadableRecordError,
    UploadsDisabledError,
)

router = APIRouter(include_in_schema=False)
_REFUSALS = (
    UploadsDisabledError,
    BodyTooLargeError,
    MalformedBodyError,
    UnreadableRecordError,
    AmbiguousPatientError,
)
"""Of a file; each says what came, what was expected and what to do, and nothing of its content."""


@router.get("/")
def start_page(service: Service, access: SessionAccess) -> HTMLResponse:
    """The demo patients to choose from, and the EHRs to sign in at."""
    ehrs = access.flow.ehrs if access.flow else ()
    drawn = html_page(
        "landing",
        patients=service.demo_patients(),
        uploads=service.settings.uploads,
        megabytes=service.settings.max_body_mb,
        ehrs=[(number, ehr.name) for number, ehr in enumerate(ehrs) if ehr.standalone],
    )
    return HTMLResponse(drawn, headers=security_headers(service.settings.frame_ancestors))


@router.post("/open-record")
async def open_file(request: Request, service: Service, access: SessionAccess) -> Response:
    """Open the record of a file for this browser and go to its page."""
    if not same_origin(dict(request.headers.raw), request.app.state.origin):
        return HTMLResponse("Open the file from the start page.", HTTPStatus.FORBIDDEN)
    try:
        if not service.settings.uploads:
            raise UploadsDisabledError
        upload = await read_upload(request)
        context = await run_in_threadpool(
            service.open_record, upload.data, patient=upload.patient, for_one_browser=True
        )
    except _REFUSALS as error:
        status = HTTPStatus.FORBIDDEN if isinstance(error, UploadsDisabledError) else (
            HTTPStatus.UNPROCESSABLE_ENTITY
        )  # fmt: skip
        drawn = html_page(
            "message", title="The record was not opened", message=str(error), back=True
        )
        headers = security_headers(service.settings.frame_ancestors)
        return HTMLResponse(drawn, status, headers | {"cache-control": "no-store"})
    response = RedirectResponse(f"/c/{context.id}/", HTTPStatus.SEE_OTHER)
    request.app.state.cookies.set_session(response, context.id, access.opener_secret(context.id))
    return response


@router.post("/open/{patient_id}")
async def open_patient(
    patient_id: Annotated[str, Path(max_length=80)], request: Request, access: SessionAccess
) -> Response:
    """Open a demo patient for this browser and go to their page."""
    if not same_origin(dict(request.headers.raw), request.app.state.origin):
        return HTMLResponse("Open the patient from the start page.", HTTPStatus.FORBIDDEN)
    session, sid = await access.start_demo(patient_id)
    response = RedirectResponse(f"/c/{session.ctx}/", HTTPStatus.SEE_OTHER)
    request.app.state.cookies.set_session(response, session.ctx, sid)
    return response
