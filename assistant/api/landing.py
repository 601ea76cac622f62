"""The start page: the demo patients, or a word on launching from the EHR."""

from http import HTTPStatus
from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, Template

from assistant.api.gate import same_origin, security_headers
from assistant.api.service_of import Service, SessionAccess

router = APIRouter(include_in_schema=False)


def _template() -> Template:
    text = files("assistant.api").joinpath("templates/landing.html").read_text(encoding="utf-8")
    return Environment(autoescape=True).from_string(text)


@router.get("/")
def start_page(service: Service, access: SessionAccess) -> HTMLResponse:
    """The demo patients to choose from, and the EHRs to sign in at."""
    ehrs = access.flow.ehrs if access.flow else ()
    page = _template().render(
        patients=service.demo_patients(),
        ehrs=[(number, ehr.name) for number, ehr in enumerate(ehrs) if ehr.standalone],
    )
    return HTMLResponse(page, headers=security_headers(service.settings.frame_ancestors))


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
