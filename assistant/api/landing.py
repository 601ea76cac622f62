"""The start page: the demo patients, or a word on launching from the EHR."""

from http import HTTPStatus
from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, Template

from assistant.api.gate import same_origin, security_headers
from assistant.api.service_of import Service

router = APIRouter(include_in_schema=False)


def _template() -> Template:
    text = files("assistant.api").joinpath("templates/landing.html").read_text(encoding="utf-8")
    return Environment(autoescape=True).from_string(text)


@router.get("/")
def start_page(service: Service) -> HTMLResponse:
    """The demo patients to choose from."""
    page = _template().render(patients=service.demo_patients())
    return HTMLResponse(page, headers=security_headers(service.settings.frame_ancestors))


@router.post("/open/{patient_id}")
def open_patient(
    patient_id: Annotated[str, Path(max_length=80)], request: Request, service: Service
) -> Response:
    """Open a demo patient and go to their page."""
    if not same_origin(dict(request.headers.raw)):
        return HTMLResponse("Open the patient from the start page.", HTTPStatus.FORBIDDEN)
    context = service.open_demo_patient(patient_id)
    return RedirectResponse(f"/c/{context.id}/", HTTPStatus.SEE_OTHER)
