"""The SMART launch over HTTP: from the EHR, back from its authorization server, and signing out.

Answers are redirects and small pages; nothing that came with a request is repeated.
"""

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from assistant.api.cookies import Cookies
from assistant.api.gate import same_origin, security_headers
from assistant.api.service_of import CtxPath, SessionAccess
from assistant.api.static_pages import html_page
from assistant.audit import AuditUnavailableError
from assistant.launch.access import Access
from assistant.launch.ehr import Ehr
from assistant.launch.faults import LaunchRefusedError
from assistant.launch.flow import CALLBACK, LaunchFlow
from assistant.service.errors import ServiceError

if TYPE_CHECKING:
    from assistant.api.doors import SessionDoor

router = APIRouter(include_in_schema=False)
_MOST = 4096


@router.get("/launch")
async def launch(
    request: Request,
    access: SessionAccess,
    iss: Annotated[str, Query()] = "",
    launch: Annotated[str, Query()] = "",
) -> Response:
    """Begin an EHR launch: the EHR sends its FHIR base as ``iss``, and an opaque ``launch``."""
    try:
        flow = _flow(access)
        return await _begin(request, flow, flow.ehr(iss), launch)
    except LaunchRefusedError as fault:
        return _refused(request, access, fault)


@router.post("/launch/standalone/{number}")
async def standalone(
    request: Request, access: SessionAccess, number: Annotated[int, Path(ge=0, le=999)]
) -> Response:
    """Begin a standalone launch at a configured EHR, where the patient is chosen."""
    try:
        flow = _flow(access)
        _check_own_page(request)
        return await _begin(request, flow, flow.standalone_ehr(number), None)
    except LaunchRefusedError as fault:
        return _refused(request, access, fault)


async def _begin(request: Request, flow: LaunchFlow, ehr: Ehr, launch: str | None) -> Response:
    begun = await flow.begin(ehr, launch)
    response = RedirectResponse(begun.url, HTTPStatus.FOUND, _headers(request, ehr))
    _cookies(request).set_launch(response, begun.state, begun.secret)
    return response


@router.get(CALLBACK)
async def callback(request: Request, access: SessionAccess) -> Response:
    """Take the launch back, open the record, and go to its page."""
    answer = dict(request.query_params)
    state = answer.get("state", "")[:_MOST]
    cookies = _cookies(request)
    try:
        secret = cookies.launch(request.headers.get("cookie", ""), state)
        granted = await _flow(access).complete(answer, secret)
        session, sid = await access.start_launch(granted)
    except LaunchRefusedError as fault:
        return _refused(request, access, fault)
    except (ServiceError, AuditUnavailableError) as error:
        unread = LaunchRefusedError("unread_record", str(error), status=HTTPStatus.BAD_GATEWAY)
        return _refused(request, access, unread)
    response = RedirectResponse(
        f"/c/{session.ctx}/{granted.view}", HTTPStatus.SEE_OTHER, _headers(request, granted.ehr)
    )
    cookies.forget_launch(response, state)
    cookies.set_session(response, session.ctx, sid)
    return response


@router.post("/c/{ctx}/logout")
async def logout(request: Request, ctx: CtxPath, access: SessionAccess) -> Response:
    """Sign out: the session, its tokens and its conversation are forgotten."""
    cookies = _cookies(request)
    session = await access.enter(ctx, cookies.session(request.headers.get("cookie", "")))
    if session is None:
        return _page(request, "No record is open here", "It was closed already.", 401)
    if not same_origin(dict(request.headers.raw), request.app.state.origin):
        await asyncio.to_thread(access.refuse, session, "foreign_page")
        return _page(request, "Not signed out", "Sign out on the page of the record.", 403)
    await access.leave(session)
    response = _page(request, "You are signed out", "The record is closed on this page.", 200)
    response.headers.append("set-cookie", cookies.expired_session(ctx))
    return response


@router.get("/.well-known/jwks.json")
async def jwks(access: SessionAccess) -> JSONResponse:
    """The public keys with which EHRs verify this assistant; register this address there."""
    keys = access.flow.credentials.keys.public() if access.flow else {"keys": []}
    return JSONResponse(keys, headers={"cache-control": "public, max-age=300"})


def _flow(access: Access) -> LaunchFlow:
    if access.flow is None:
        raise LaunchRefusedError(
            "no_ehr",
            "No EHR is configured here. The operator names them in the settings file.",
            status=HTTPStatus.NOT_FOUND,
        )
    return access.flow


def _check_own_page(request: Request) -> None:
    if not same_origin(dict(request.headers.raw), request.app.state.origin):
        raise LaunchRefusedError("foreign_page", "Sign in from the start page.")


def _refused(request: Request, access: Access, fault: LaunchRefusedError) -> Response:
    access.refuse_launch(fault)
    return _page(request, "The launch was refused", str(fault), fault.status)


def _page(request: Request, title: str, message: str, status: int) -> Response:
    text = html_page("message", title=title, message=message)
    return HTMLResponse(text, status, _headers(request, None))


def _headers(request: Request, ehr: Ehr | None) -> dict[str, str]:
    door: SessionDoor = request.app.state.door
    ancestors = door.all_ancestors() if ehr is None else door.ancestors(ehr)
    return security_headers(ancestors) | {"cache-control": "no-store"}


def _cookies(request: Request) -> Cookies:
    cookies: Cookies = request.app.state.cookies
    return cookies
