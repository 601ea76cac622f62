"""The report as FHIR: to download, and to write to the EHR when the clinician confirms it."""

from datetime import date
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel, Field

from assistant.api.problems import problem_responses
from assistant.api.schemas import AsOfQuery, AsOfText, RulesetQuery, Strict, read_as_of
from assistant.api.service_of import Ctx, PageToken, Service, SessionAccess
from assistant.api.strict_json import body_schema, strict_body

_FHIR = "application/fhir+json"

router = APIRouter(
    prefix="/api/patients/{ctx}",
    tags=["report"],
    responses=problem_responses(
        HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE
    ),
)


def _is_true(value: bool) -> bool:
    if not value:
        raise ValueError("only true is a confirmation")
    return value


class WriteBack(Strict):
    """The clinician's word that the report shall be written to the EHR."""

    confirmed: Annotated[bool, AfterValidator(_is_true)] = Field(
        description="true: the clinician has seen it and wants it",
        json_schema_extra={"const": True},
    )
    as_of: AsOfText = None
    ruleset: str | None = Field(
        default=None, max_length=60, description="name of a ruleset; the service's own when absent"
    )


class Written(BaseModel):
    """What the EHR's server keeps now."""

    written: list[str] = Field(description="Type/id of each resource, as the server named it")


class FhirResponse(JSONResponse):
    """A FHIR resource."""

    media_type = _FHIR


@router.get(
    "/report.fhir.json",
    response_class=FhirResponse,
    responses={200: {"description": "FHIR R4 Bundle (collection) with one ClinicalImpression, "
                     "one Observation a method (points without unit beyond that) and Provenance"}},
)  # fmt: skip
def report_as_fhir(
    ctx: Ctx, service: Service, as_of: AsOfQuery = None, ruleset: RulesetQuery = None
) -> FhirResponse:
    """The report as a FHIR R4 Bundle, to keep or to hand on."""
    bundle = service.report_bundle(ctx, as_of=_day(as_of), ruleset=ruleset)
    return FhirResponse(bundle)


@router.post(
    "/write-back",
    status_code=HTTPStatus.CREATED,
    openapi_extra=body_schema(WriteBack),
    responses=problem_responses(
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.BAD_GATEWAY,
    ),
)
async def write_back(
    ctx: Ctx,
    service: Service,
    access: SessionAccess,
    body: Annotated[WriteBack, Depends(strict_body(WriteBack))],
    page_token: PageToken = "",
) -> Written:
    """Write the report to the EHR: only where the site allows it, and the clinician confirms."""
    writer = await access.writer(ctx, page_token)
    bundle = await run_in_threadpool(
        service.report_bundle,
        ctx,
        as_of=_day(read_as_of(body.as_of, "body")),
        ruleset=body.ruleset,
        transaction=True,
        confirmed_by=writer.user,
    )
    return Written(written=await writer.write(bundle))


def _day(moment: Any) -> date | None:
    return moment.day if moment else None
