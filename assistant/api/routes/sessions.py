"""The session behind an open record: whether it lives, and reading the record again."""

from http import HTTPStatus

from fastapi import APIRouter, Response

from assistant.api.problems import problem_responses
from assistant.api.schemas import SessionState
from assistant.api.service_of import Ctx, OwnSession, PageToken, SessionAccess

router = APIRouter(
    prefix="/api/patients/{ctx}/session",
    tags=["session"],
    responses=problem_responses(HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
)


@router.get("")
def session_state(session: OwnSession) -> SessionState:
    """Whether the session lives; asking does not keep it alive."""
    return SessionState(kind=session.origin if session else "api")


@router.post(
    "/read-again",
    status_code=HTTPStatus.NO_CONTENT,
    responses=problem_responses(HTTPStatus.UNAUTHORIZED),
)
async def read_again(ctx: Ctx, access: SessionAccess, page_token: PageToken = "") -> Response:
    """Read the record anew off the EHR; what was said and vouched for stays."""
    await access.read_again(ctx, page_token)
    return Response(status_code=HTTPStatus.NO_CONTENT)
