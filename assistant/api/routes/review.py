"""Clinicians' blind review of two runs: the pairs, and what reviewers say of them."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from assistant.api.problems import problem_responses
from assistant.api.schemas import Strict
from assistant.api.service_of import Ctx, Service
from assistant.api.strict_json import body_schema, strict_body
from assistant.config import review_files
from assistant.service.errors import ReviewUnavailableError
from assistant.service.review import Judgment, Review, open_review
from assistant.service.service import AssistantService

router = APIRouter(
    prefix="/api/patients/{ctx}/review",
    tags=["review"],
    responses=problem_responses(HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
)


class PairView(BaseModel):
    """Two answers to one question; nothing says which run either came from."""

    id: str = Field(description="id of the pair")
    question: str = Field(description="what was asked")
    left: str = Field(description="one answer, Markdown")
    right: str = Field(description="the other answer, Markdown")


class ReviewView(BaseModel):
    """The pairs, and the last judgment of each reviewer on each."""

    pairs: list[PairView] = Field(description="in the order to be read")
    judgments: list[dict[str, Any]] = Field(description="the export: one row a reviewer and pair")


class Judged(Strict):
    """What a reviewer says of a pair."""

    pair: str = Field(min_length=1, max_length=200, description="id of the pair")
    reviewer: str = Field(min_length=1, max_length=120, description="name of the reviewer")
    preference: Literal["left", "equal", "right"] = Field(description="the better answer")
    wrong_left: bool = Field(description="the left one says something clinically wrong")
    wrong_right: bool = Field(description="the right one says something clinically wrong")


def _review(service: AssistantService) -> Review:
    files = review_files(service.settings)
    if files is None:
        raise ReviewUnavailableError
    return open_review(*files)


@router.get("")
def review(ctx: Ctx, service: Service) -> ReviewView:  # noqa: ARG001 - who may see the record may
    """The pairs to be judged, and what was said of them so far."""
    found = _review(service)
    pairs = [
        PairView(id=one.id, question=one.question, left=one.left, right=one.right)
        for one in found.pairs()
    ]
    return ReviewView(pairs=pairs, judgments=[dict(row) for row in found.judgments()])


@router.post(
    "",
    status_code=HTTPStatus.NO_CONTENT,
    openapi_extra=body_schema(Judged),
    responses=problem_responses(HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
)
async def judge(
    ctx: Ctx,  # noqa: ARG001 - who may see the record may
    service: Service,
    body: Annotated[Judged, Depends(strict_body(Judged))],
) -> Response:
    """Keep a judgment; a later one by the same reviewer on the same pair replaces it."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    judgment = Judgment(**body.model_dump(), at=now)
    await run_in_threadpool(_review(service).judge, judgment)
    return Response(status_code=HTTPStatus.NO_CONTENT)
