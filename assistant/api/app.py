"""The application: public API, start page, and the clinician's page behind its gate."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI, Request, Response

from assistant import __version__
from assistant.api import landing
from assistant.api.cookies import Cookies
from assistant.api.cors import CorsOfPath
from assistant.api.doors import SessionDoor
from assistant.api.gate import PageGate
from assistant.api.known_query import only_known_query
from assistant.api.problems import (
    Problem,
    install_problem_handlers,
    problem_responses,
    route_template,
)
from assistant.api.rate_limits import RateLimits
from assistant.api.routes import cds_hooks as routes_of_cds_hooks
from assistant.api.routes import (
    evidence,
    knowledge,
    launch,
    operations,
    patients,
    records,
    reference,
    report,
    review,
    sessions,
    what_if,
)
from assistant.api.strict_json import body_components
from assistant.audit.request import request_address
from assistant.cds_hooks.hooks import CdsHooks
from assistant.launch.access import Access, in_memory_access
from assistant.logs import log
from assistant.service.service import AssistantService

_MILLISECONDS = 1000
_SWEEP_SECONDS = 60


def create_app(
    service: AssistantService,
    *,
    access: Access | None = None,
    page: Path | None = None,
    base_url: str = "",
    cds_hooks: CdsHooks | None = None,
) -> FastAPI:
    """The ASGI app of ``service``; with ``page``, a Streamlit script, also the page at /c/{ctx}.

    ``access`` are its sessions, in memory unless given. ``base_url`` is where the
    page, which runs in this process, reaches the API.
    """
    access = access or in_memory_access(service)
    ui = _page(page, base_url) if page else None
    app = FastAPI(
        title="TRD Assistant",
        version=__version__,
        description="Treatment-resistant depression, staged from a FHIR record, with citations. "
        "Doses are in mg/day, durations in days, scores in points of their scale.",
        lifespan=_lifespan(service, access, ui.lifespan() if ui else None),
        docs_url=None,  # the interactive page loads scripts from another host
        redoc_url=None,
    )
    app.state.service = service
    door = _bind_browsers(app, service, access)
    app.state.cds_hooks = cds_hooks
    install_problem_handlers(app)
    app.add_middleware(RateLimits, settings=service.settings)
    app.middleware("http")(_logged)
    app.add_middleware(
        CorsOfPath,
        path=routes_of_cds_hooks.PATH,
        origins=[origin for client in service.settings.cds_clients for origin in client.origins],
    )
    for routes in (
        records,
        patients,
        what_if,
        report,
        sessions,
        evidence,
        knowledge,
        reference,
        review,
        operations,
        routes_of_cds_hooks,
        landing,
        launch,
    ):
        app.include_router(
            routes.router,
            dependencies=[Depends(only_known_query)],
            responses=problem_responses(
                HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.TOO_MANY_REQUESTS
            ),
        )
    _describe_problems(app)
    if ui is not None:
        app.mount("/c/{ctx}", _gated(ui, door, app.state.origin))
    return app


def _bind_browsers(app: FastAPI, service: AssistantService, access: Access) -> SessionDoor:
    """Sessions, their cookies, and the origin that browsers see."""
    app.state.access = access
    app.state.origin = service.settings.public_url
    app.state.cookies = Cookies(over_tls=service.settings.public_url.startswith("https:"))
    app.state.door = door = SessionDoor(
        access, app.state.cookies, own_ancestors=service.settings.frame_ancestors
    )
    return door


def _page(script: Path, base_url: str) -> Any:
    from assistant.api.page import streamlit_page  # noqa: PLC0415  Streamlit takes a second

    return streamlit_page(script, base_url=base_url)


def _gated(ui: Any, door: SessionDoor, origin: str) -> PageGate:
    from assistant.api.page import inline_scripts  # noqa: PLC0415

    return PageGate(
        ui, door, origin=origin, ancestors=door.all_ancestors(), scripts=inline_scripts()
    )


def _lifespan(
    service: AssistantService, access: Access, ui_lifespan: Any
) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with ui_lifespan(app) if ui_lifespan else nullcontext():
            # only now: opening the knowledge base takes seconds that the page need not wait for
            service.knowledge.start()
            sweeping = asyncio.create_task(_end_expired(access))
            yield
            sweeping.cancel()

    return lifespan


async def _end_expired(access: Access) -> None:
    """Forget sessions whose time is over, for as long as the service runs."""
    while True:
        await asyncio.sleep(_SWEEP_SECONDS)
        try:
            await access.end_expired()
        except Exception as error:  # noqa: BLE001 - the next round may succeed
            log("sweep_failed", error=type(error).__name__)


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
        schemas.update(body_components())
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
