"""Errors as problem details (RFC 9457) that repeat nothing of the request."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from assistant.api.strict_json import BodyTooLargeError, MalformedBodyError
from assistant.audit import AuditUnavailableError
from assistant.cds_hooks.hooks import (
    RecordUnavailableError,
    UnknownCdsServiceError,
    WrongHookError,
)
from assistant.cds_hooks.tokens import TokenRefusedError
from assistant.logs import log
from assistant.service import errors

MEDIA_TYPE = "application/problem+json"

_STATUS: Mapping[type[Exception], HTTPStatus] = {
    MalformedBodyError: HTTPStatus.BAD_REQUEST,
    BodyTooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    AuditUnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
    TokenRefusedError: HTTPStatus.UNAUTHORIZED,
    UnknownCdsServiceError: HTTPStatus.NOT_FOUND,
    WrongHookError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.UnknownContextError: HTTPStatus.NOT_FOUND,
    errors.SignInEndedError: HTTPStatus.UNAUTHORIZED,
    errors.UnknownDemoPatientError: HTTPStatus.NOT_FOUND,
    errors.UploadsDisabledError: HTTPStatus.FORBIDDEN,
    errors.UnreadableRecordError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.AmbiguousPatientError: HTTPStatus.CONFLICT,
    errors.UnknownRulesetNameError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.UnusableAssertionError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.UnknownAssertionError: HTTPStatus.NOT_FOUND,
    errors.UnknownTurnError: HTTPStatus.NOT_FOUND,
    errors.NoFeedbackError: HTTPStatus.CONFLICT,
    errors.UnknownEvidenceError: HTTPStatus.NOT_FOUND,
    errors.ReviewUnavailableError: HTTPStatus.NOT_FOUND,
    errors.UnknownPairError: HTTPStatus.NOT_FOUND,
    errors.UnknownPassageError: HTTPStatus.NOT_FOUND,
    errors.WriteBackDisabledError: HTTPStatus.FORBIDDEN,
    errors.WriteBackFailedError: HTTPStatus.BAD_GATEWAY,
    errors.KnowledgeUnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
}

_MESSAGES: Mapping[str, str] = {
    "missing": "This member is required.",
    "extra_forbidden": "This member is not one of ours.",
    "string_type": "Text is expected.",
    "string_too_short": "The text is empty or too short.",
    "string_too_long": "The text is too long.",
    "string_pattern_mismatch": "The text has not the expected form.",
    "list_type": "A list is expected.",
    "too_long": "The list is too long.",
    "model_type": "An object is expected.",
    "model_attributes_type": "An object is expected.",
    "bool_type": "true or false is expected.",
    "int_type": "A whole number is expected.",
    "int_parsing": "A whole number is expected.",
    "greater_than_equal": "The number is too small.",
    "less_than_equal": "The number is too large.",
    "given_twice": "The same parameter is given twice.",
    "as_of": "A calendar date (2024-06-01) or date-time (2024-06-01T12:00:00) is expected.",
}


class InvalidMember(BaseModel):
    """One part of the request that does not fit."""

    where: str = Field(description="path of the member, in our own names only")
    message: str = Field(description="what was expected")


class Problem(BaseModel):
    """Problem details (RFC 9457); nothing of the request is repeated."""

    type: str = Field(default="about:blank", description="kind of problem")
    title: str = Field(description="the HTTP status in words")
    status: int = Field(description="HTTP status code")
    detail: str = Field(default="", description="what happened and what to do")
    errors: list[InvalidMember] = Field(
        default_factory=list, description="members that do not fit, where there are any"
    )


def problem(
    status: HTTPStatus, detail: str = "", invalid: Sequence[InvalidMember] = ()
) -> JSONResponse:
    """A response with problem details."""
    body = Problem(
        title=status.phrase, status=status.value, detail=detail, errors=list(invalid)
    ).model_dump()
    if not invalid:
        del body["errors"]
    return JSONResponse(body, status_code=status.value, media_type=MEDIA_TYPE)


def problem_responses(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI of the problems an operation can answer with."""
    return {
        status.value: {
            "description": status.phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }


def install_problem_handlers(app: FastAPI) -> None:
    """Answer every error of ``app`` with problem details."""
    for kind in _STATUS:
        app.add_exception_handler(kind, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(RecordUnavailableError, _no_record)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    status = _STATUS[type(error)]
    response = problem(status, str(error))
    if status is HTTPStatus.UNAUTHORIZED:
        response.headers["www-authenticate"] = 'Bearer error="invalid_token"'
    return response


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    items = error.errors() if isinstance(error, RequestValidationError) else ()
    return problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "The request does not fit the description of this operation in /openapi.json.",
        [_invalid_member(item) for item in items],
    )


async def _no_record(_request: Request, error: Exception) -> JSONResponse:
    """Why a CDS Hooks call has no card, as the FHIR resource its clients read."""
    issue = {"severity": "error", "code": "incomplete", "diagnostics": str(error)}
    return JSONResponse(
        {"resourceType": "OperationOutcome", "issue": [issue]},
        status_code=HTTPStatus.PRECONDITION_FAILED,
        media_type="application/fhir+json",
    )


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101  what it is registered for
    response = problem(HTTPStatus(error.status_code))
    response.headers.update(error.headers or {})
    methods = request.app.openapi()["paths"].get(route_template(request))
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED and methods:
        # the router names the methods of one route only, where several share the path
        response.headers["allow"] = ", ".join(sorted(method.upper() for method in methods))
    return response


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log("unexpected_error", error=type(error).__name__, route=route_template(request))
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "Something went wrong on our side; nothing was stored. Try again.",
    )


def _invalid_member(item: Mapping[str, Any]) -> InvalidMember:
    kind = str(item.get("type", ""))
    place = [str(part) for part in item.get("loc", ())]
    if kind == "extra_forbidden":
        place = [*place[:-1], "(unknown member)"]
    return InvalidMember(
        where=".".join(place), message=_MESSAGES.get(kind, "The value has not the expected form.")
    )


def route_template(request: Request) -> str:
    """The path with its parameters unnamed: ``/api/patients/{ctx}/ask``."""
    route = request.scope.get("route")
    return str(getattr(route, "path", "(no route)"))
