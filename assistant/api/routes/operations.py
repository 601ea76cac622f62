"""Health, readiness and version, for whoever runs the service."""

from dataclasses import asdict
from http import HTTPStatus

from fastapi import APIRouter, Response

from assistant import __version__
from assistant.api.schemas import State
from assistant.api.service_of import Service
from assistant.model_settings import model_settings
from assistant.transparency import predictive_attributes, source_attributes

router = APIRouter(tags=["operations"])


@router.get("/health")
def health() -> State:
    """Whether the process answers."""
    return State(status="ok")


@router.get("/ready", responses={HTTPStatus.SERVICE_UNAVAILABLE.value: {"model": State}})
def ready(service: Service, response: Response) -> State:
    """Whether every part is ready; staging works as soon as this answers at all."""
    knowledge = service.knowledge.state()
    if knowledge["state"] != "ready":
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return State(
        status=str(knowledge["state"]),
        parts={"staging": {"state": "ready"}, "knowledge": knowledge},
    )


@router.get("/version")
def version(service: Service) -> dict[str, str]:
    """The version of the product and of the ruleset of the first view."""
    ruleset = service.ruleset(None)
    return {"version": __version__, "ruleset": ruleset.name, "ruleset_version": ruleset.version}


@router.get("/api/transparency")
def transparency(service: Service) -> dict[str, list[dict[str, str]]]:
    """The source attributes of this decision support: of its rules, and of its learned parts."""
    ruleset = service.ruleset(None)
    model = model_settings(service.settings.model)
    predictive = predictive_attributes(ruleset, model=model.name if model else None)
    return {
        "attributes": [asdict(item) for item in source_attributes(ruleset)],
        "predictive": [asdict(item) for item in predictive],
    }
