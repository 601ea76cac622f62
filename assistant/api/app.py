"""The application: public API, start page, and the clinician's page behind its gate."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response

from assistant import __version__
from assistant.api import landing
from assistant.api.gate import PageGate, security_headers
from assistant.api.problems import (
    Problem,
    install_problem_handlers,
    problem_responses,
    route_template,
)
from assistant.api.routes import (
    evidence,
    knowledge,
    operations,
    patients,
    records,
    reference,
)
from assistant.audit.request import request_address
from assistant.logs import log
from assistant.service.service import AssistantService

_MILLISECONDS = 1000


def create_app(
    service: AssistantService, *, page: Path | None = None, base_url: str = ""
) -> FastAPI:
    """The ASGI app of ``service``; with ``page``, a Streamlit script, also the page at /c/{ctx}.

    ``base_url`` is where the page, which runs in this process, reaches the API.
    """
    ui = _page(page, base_url) if page else None
    app = FastAPI(
        title="TRD Assistant",
        version=__version__,
        description="Treatment-resistant depression, staged from a FHIR record, with citations. "
        "Doses are in mg/day, durations in days, scores in points of their scale.",
        lifespan=_lifespan(service, ui.lifespan() if ui else None),
        docs_url=None,  # the interactive page loads scripts from another host
        redoc_url=None,
    )
    app.state.service = service
    install_problem_handlers(app)
    app.middleware("http")(_logged)
    for routes in (records, patients, evidence, knowledge, reference, operations, landing):
        app.include_router(routes.router)
    _describe_problems(app)
    if ui is not None:
        security = security_headers(service.settings.frame_ancestors)
        app.mount("/c/{ctx}", PageGate(ui, service.contexts, security=security))
    return app


def _page(script: Path, base_url: str) -> Any:
    from assistant.api.page import streamlit_page  # noqa: PLC0415  Streamlit takes a second

    return streamlit_page(script, base_url=base_url)


def _lifespan(service: AssistantService, ui_lifespan: Any) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with ui_lifespan(app) if ui_lifespan else nullcontext():
            # only now: opening the knowledge base takes seconds that the page need not wait for
            service.knowledge.start()
            yield

    return lifespan


async def _logged(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    began = time.perf_counter()
    request_address.set(request.client.host if request.client else "")
    status = HTTPStatus.INTERNAL_SERVER_ERROR.value
    try:
        response = await call_next(request)
        status = response.status_code
    finally:
        if request.url.path.startswith("/api/"):
            log(
                "request",
                method=request.method,
                route=route_template(request),
                status=status,
                ms=round((time.perf_counter() - began) * _MILLISECONDS, 1),
            )
    response.headers.setdefault("x-content-type-options", "nosniff")
    if request.url.path.startswith("/api/"):
        response.headers["cache-control"] = "no-store"
    return response


def _describe_problems(app: FastAPI) -> None:
    """Put the problem schema into the OpenAPI, and take FastAPI's own error schemas out."""
    generate = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema:
            return app.openapi_schema
        schema = generate()
        schemas = schema.setdefault("components", {}).setdefault("schemas", {})
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(problem.pop("$defs", {}))
        schemas["Problem"] = problem
        _replace_validation_errors(schema)
        return schema

    app.openapi = described  # type: ignore[method-assign]


def _replace_validation_errors(schema: dict[str, Any]) -> None:
    unprocessable = str(HTTPStatus.UNPROCESSABLE_ENTITY.value)
    described = problem_responses(HTTPStatus.UNPROCESSABLE_ENTITY)
    for methods in schema["paths"].values():
        for operation in methods.values():
            if unprocessable in operation.get("responses", {}):
                operation["responses"][unprocessable] = described[
                    HTTPStatus.UNPROCESSABLE_ENTITY.value
                ]
