"""CDS Hooks 2.0: discovery, the calls, and the feedback on their cards."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import JSONResponse

from assistant.api.problems import problem_responses
from assistant.api.schemas import CdsServiceLine, CdsServiceList
from assistant.api.strict_json import body_schema, strict_body
from assistant.cds_hooks.catalogue import SERVICES, CdsService
from assistant.cds_hooks.hooks import CdsHooks, UnknownCdsServiceError, service_of
from assistant.cds_hooks.request import Feedback, HookRequest
from assistant.cds_hooks.tokens import Caller

PATH = "/cds-services"
_OUTCOME = {
    "description": "The record is not whole in the prefetch and cannot be read",
    "content": {"application/fhir+json": {"schema": {"type": "object"}}},
}
router = APIRouter(prefix=PATH, tags=["cds-hooks"])
_PROBLEMS = problem_responses(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
ServiceId = Annotated[
    str, Path(max_length=60, pattern=r"^[a-z-]+$", description="id of the CDS service")
]


def _hooks(request: Request) -> CdsHooks:
    hooks: CdsHooks | None = request.app.state.cds_hooks
    if hooks is None:
        raise UnknownCdsServiceError
    return hooks


Hooks = Annotated[CdsHooks, Depends(_hooks)]


async def _caller(request: Request, hooks: Hooks, service_id: ServiceId) -> Caller:
    service_of(service_id)
    token = request.headers.get("authorization", "")
    return await hooks.caller(token, request.url.path)


def _service(service_id: ServiceId) -> CdsService:
    return service_of(service_id)


Authorized = Annotated[Caller, Depends(_caller)]
Called = Annotated[CdsService, Depends(_service)]


@router.get("")
def discovery(request: Request) -> CdsServiceList:
    """The services on offer, with what each wants prefetched; none where no client is set up."""
    offered = SERVICES.values() if request.app.state.cds_hooks else ()
    return CdsServiceList(services=[CdsServiceLine(**service.described()) for service in offered])


@router.post(
    "/{service_id}",
    openapi_extra=body_schema(HookRequest),
    responses={**_PROBLEMS, HTTPStatus.PRECONDITION_FAILED.value: _OUTCOME},
)
async def call(
    caller: Authorized,
    service: Called,
    hooks: Hooks,
    body: Annotated[HookRequest, Depends(strict_body(HookRequest))],
) -> dict[str, Any]:
    """The cards of one call; deterministic, without a language model."""
    return await hooks.cards(service, caller, body)


@router.post("/{service_id}/feedback", openapi_extra=body_schema(Feedback), responses=_PROBLEMS)
async def feedback(
    _caller: Authorized,
    service: Called,
    hooks: Hooks,
    body: Annotated[Feedback, Depends(strict_body(Feedback))],
) -> Response:
    """Keep what became of the cards; free text is not kept."""
    hooks.take_feedback(service, body)
    return JSONResponse({})
