"""Request bodies read strictly: one JSON value, no duplicate member, no NaN, bounded size.

FastAPI's own parsing keeps the last of two equal members, lets NaN through to
the error handler and coerces types; so bodies are read here and validated from
their text.
"""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from math import isinf
from typing import Any, NoReturn, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from pydantic.json_schema import models_json_schema

Body = TypeVar("Body", bound=BaseModel)


class MalformedBodyError(Exception):
    """The body is not one strict JSON value; the message does not repeat it."""


class BodyTooLargeError(Exception):
    """The body is larger than this service accepts."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"The body is larger than the {limit} bytes accepted here.")


async def read_body(request: Request) -> bytes:
    """The whole body, as long as it is within the service's limit.

    Raises:
        BodyTooLargeError: it is not.
    """
    return b"".join([chunk async for chunk in bounded_body(request)])


async def bounded_body(request: Request) -> AsyncGenerator[bytes, None]:
    """The body as it comes, as long as it is within the service's limit.

    Raises:
        BodyTooLargeError: it is not.
    """
    limit: int = request.app.state.service.settings.max_body_bytes
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise BodyTooLargeError(limit)
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise BodyTooLargeError(limit)
        yield chunk


def check_strict(data: bytes) -> None:
    """Refuse what a lenient parser would repair.

    Raises:
        MalformedBodyError: not JSON, a duplicate member, NaN, an infinite number, too deep.
    """
    try:
        json.loads(
            data,
            object_pairs_hook=_without_duplicates,
            parse_constant=_no_constant,
            parse_float=_finite,
        )
    except MalformedBodyError:
        raise
    except json.JSONDecodeError as error:
        raise MalformedBodyError(
            f"The body is not JSON (line {error.lineno}, column {error.colno})."
        ) from None
    except (UnicodeDecodeError, ValueError):
        raise MalformedBodyError("The body is not JSON in UTF-8.") from None
    except RecursionError:
        raise MalformedBodyError("The body is nested too deeply.") from None


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MalformedBodyError("An object of the body has the same member twice.")
    return found


def _no_constant(_name: str) -> NoReturn:
    raise MalformedBodyError("NaN and Infinity are not JSON.")


def _finite(text: str) -> float:
    value = float(text)
    if isinf(value):
        raise MalformedBodyError("A number of the body is too large.")
    return value


def strict_body(model: type[Body]) -> Callable[[Request], Awaitable[Body]]:
    """A dependency that reads the body as ``model``, strictly."""

    async def read(request: Request) -> Body:
        data = await read_body(request)
        check_strict(data)
        try:
            return model.model_validate_json(data, strict=True)
        except ValidationError as error:
            raise RequestValidationError(
                [{**item, "loc": ("body", *item["loc"])} for item in error.errors()]
            ) from None

    return read


COMPONENTS = "#/components/schemas/{model}"
_BODIES: set[type[BaseModel]] = set()


def body_schema(model: type[BaseModel], media_type: str = "application/json") -> dict[str, Any]:
    """The OpenAPI of a body read by :func:`strict_body`."""
    _BODIES.add(model)
    schema = {"$ref": COMPONENTS.format(model=model.__name__)}
    return {"requestBody": {"required": True, "content": {media_type: {"schema": schema}}}}


def body_components() -> dict[str, Any]:
    """The schemas that :func:`body_schema` points to, for the components of the OpenAPI."""
    bodies = sorted(_BODIES, key=lambda model: model.__name__)
    _, described = models_json_schema(
        [(model, "validation") for model in bodies], ref_template=COMPONENTS
    )
    return dict(described["$defs"])
