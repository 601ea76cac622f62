"""The service an app was created with, and the right to a record, as dependencies of its routes."""

from typing import Annotated

from fastapi import Depends, Header, Path, Request

from assistant.launch.access import Access
from assistant.service.service import AssistantService
from assistant.sessions import Session


def _service(request: Request) -> AssistantService:
    service: AssistantService = request.app.state.service
    return service


def _access(request: Request) -> Access:
    access: Access = request.app.state.access
    return access


Service = Annotated[AssistantService, Depends(_service)]
SessionAccess = Annotated[Access, Depends(_access)]

CtxPath = Annotated[
    str, Path(max_length=64, pattern=r"^[A-Za-z0-9_-]+$", description="id of the open record")
]
PageToken = Annotated[
    str,
    Header(
        alias="x-app-session",
        max_length=128,
        description="of the page of a session; a record opened over the API needs none",
    ),
]


async def _allowed(ctx: CtxPath, access: SessionAccess, page_token: PageToken = "") -> str:
    await access.allow(ctx, page_token)
    return ctx


async def _session(
    ctx: CtxPath, access: SessionAccess, page_token: PageToken = ""
) -> Session | None:
    return await access.allow(ctx, page_token, is_use=False)


Ctx = Annotated[str, Depends(_allowed)]
"""The id of an open record that the caller may see."""
OwnSession = Annotated[Session | None, Depends(_session)]
"""The caller's session, asked for without using it; None for a record opened over the API."""
