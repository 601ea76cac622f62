"""What the stage would be if facts were known: computed, not kept."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.concurrency import run_in_threadpool
from pydantic import Field

from assistant.api.problems import problem_responses
from assistant.api.schemas import AsOfText, AssertedFact, Strict, read_as_of
from assistant.api.service_of import Ctx, Service
from assistant.api.strict_json import body_schema, strict_body
from assistant.staging.record import Assertion

_MOST_FACTS = 40

router = APIRouter(
    prefix="/api/patients/{ctx}",
    tags=["patient"],
    responses=problem_responses(
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        HTTPStatus.SERVICE_UNAVAILABLE,
    ),
)


class Supposed(Strict):
    """Facts supposed for one report."""

    facts: list[AssertedFact] = Field(
        min_length=1, max_length=_MOST_FACTS, description="facts as POST assertions takes them"
    )
    as_of: AsOfText = None
    ruleset: str | None = Field(
        default=None, max_length=60, description="ruleset; the service's own when absent"
    )


@router.post("/what-if", openapi_extra=body_schema(Supposed))
async def what_if(
    ctx: Ctx, service: Service, body: Annotated[Supposed, Depends(strict_body(Supposed))]
) -> dict[str, Any]:
    """The report as it would be; `what_if` is true, and nothing of it is kept."""
    moment = read_as_of(body.as_of, "body")
    day = moment.day if moment else None
    facts = [
        Assertion.from_json(fact.model_dump(exclude_none=True, exclude_defaults=True))
        for fact in body.facts
    ]
    report = await run_in_threadpool(
        service.assess, ctx, as_of=day, ruleset=body.ruleset, supposed=facts
    )
    return {**report.to_json(), "what_if": True}
