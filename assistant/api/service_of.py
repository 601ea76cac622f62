"""The service an app was created with, as a dependency of its routes."""

from typing import Annotated

from fastapi import Depends, Path, Request

from assistant.service.service import AssistantService


def _service(request: Request) -> AssistantService:
    service: AssistantService = request.app.state.service
    return service


Service = Annotated[AssistantService, Depends(_service)]
Ctx = Annotated[
    str, Path(max_length=64, pattern=r"^[A-Za-z0-9_-]+$", description="id of the open record")
]
