"""The open record: who it is, its stage, what the clinician adds, and questions about it."""

import json
import threading
from collections.abc import Iterator
from http import HTTPStatus
from itertools import chain
from queue import SimpleQueue
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, StreamingResponse
from fastapi.sse import format_sse_event

from assistant.answering.conversation import turns_from_json
from assistant.api.problems import problem_responses
from assistant.api.schemas import (
    Ask,
    AsOfQuery,
    AssertedFact,
    HeldFact,
    HeldFacts,
    Rating,
    RulesetQuery,
    read_as_of,
)
from assistant.api.service_of import Ctx, OwnSession, Service, SessionAccess
from assistant.api.strict_json import body_schema, strict_body
from assistant.service.contexts import HeldAssertion
from assistant.service.service import AssistantService, Question

router = APIRouter(
    prefix="/api/patients/{ctx}",
    tags=["patient"],
    responses=problem_responses(
        HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE
    ),
)
_BODY_PROBLEMS = problem_responses(HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
_EVENT_STREAM = "text/event-stream"


@router.get("")
def patient(ctx: Ctx, service: Service) -> dict[str, Any]:
    """Who the patient is, how the record was opened, and the date of its first view."""
    context = service.record(ctx)
    banner = context.record.banner
    return {
        "ctx": ctx,
        "origin": context.origin,
        "title": context.title,
        "story": context.story,
        "as_of": service.as_of(context, None).isoformat(),
        "ruleset": service.settings.ruleset,
        "encounter": context.encounter,
        "need_patient_banner": context.need_patient_banner,
        "may_write_back": context.may_write_back,
        "patient": {
            "reference": context.record.treatment.patient.reference,
            "name": banner.name,
            "birth_date": str(banner.birth_date) if banner.birth_date else None,
            "gender": banner.gender,
            "identifiers": [str(identifier) for identifier in banner.identifiers],
        },
    }


@router.delete("", status_code=HTTPStatus.NO_CONTENT)
async def close_record(
    ctx: Ctx, service: Service, session: OwnSession, access: SessionAccess
) -> Response:
    """Close the record and sign out: everything known of it is forgotten."""
    service.contexts.get(ctx)
    if session is not None:
        await access.leave(session)
    service.contexts.close(ctx)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.get("/stage")
def stage_record(
    ctx: Ctx, service: Service, as_of: AsOfQuery = None, ruleset: RulesetQuery = None
) -> dict[str, Any]:
    """The staging report, `staging-report/1` of the contract; doses in mg/day, times in days."""
    day = as_of.day if as_of else None
    return service.assess(ctx, as_of=day, ruleset=ruleset).to_json()


@router.post("/ask", openapi_extra=body_schema(Ask), responses=_BODY_PROBLEMS)
async def ask_question(
    ctx: Ctx, request: Request, service: Service, body: Annotated[Ask, Depends(strict_body(Ask))]
) -> Response:
    """The answer, `answer/1` of the contract; an event stream where that is asked for."""
    history = None
    if body.history is not None:
        history = turns_from_json(
            [turn if isinstance(turn, str) else turn.model_dump() for turn in body.history]
        )
    question = Question(
        text=body.question,
        as_of=read_as_of(body.as_of, "body"),
        ruleset=body.ruleset,
        history=history,
        remember=body.remember,
        conversation=body.conversation,
    )
    if _EVENT_STREAM in request.headers.get("accept", ""):
        events = _events(_streamed(service, ctx, question))
        first = await run_in_threadpool(
            next, events
        )  # what is refused is refused before the stream
        return StreamingResponse(chain((first,), events), media_type=_EVENT_STREAM)
    return JSONResponse(await run_in_threadpool(service.ask, ctx, question))


def _streamed(
    service: AssistantService, ctx: str, question: Question
) -> Iterator[str | dict[str, Any]]:
    """The pieces of the answer as each has passed the grounding check, then the whole answer."""
    arrived: SimpleQueue[str | dict[str, Any] | Exception] = SimpleQueue()

    def ask() -> None:
        try:
            arrived.put(service.ask(ctx, question, arrived.put))
        except Exception as error:  # noqa: BLE001 - raised where it is waited for
            arrived.put(error)

    threading.Thread(target=ask, name="ask", daemon=True).start()
    while isinstance(piece := arrived.get(), str):
        yield piece
    if isinstance(piece, Exception):
        raise piece
    yield piece


def _events(pieces: Iterator[str | dict[str, Any]]) -> Iterator[bytes]:
    """``text`` events with checked pieces of the answer, then one ``answer`` event with all."""
    for piece in pieces:
        name = "text" if isinstance(piece, str) else "answer"
        yield format_sse_event(event=name, data_str=json.dumps(piece, ensure_ascii=False))


@router.get("/turns")
def turns(ctx: Ctx, service: Service) -> dict[str, Any]:
    """What was said about this record, oldest turn first, each with its conversation's number."""
    return {"turns": list(service.record(ctx).turns)}


@router.delete("/turns", status_code=HTTPStatus.NO_CONTENT)
def forget_turns(ctx: Ctx, service: Service) -> Response:
    """Forget every conversation."""
    service.contexts.get(ctx).forget_turns()
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.post(
    "/turns/{place}/feedback",
    status_code=HTTPStatus.NO_CONTENT,
    openapi_extra=body_schema(Rating),
    responses=_BODY_PROBLEMS | problem_responses(HTTPStatus.CONFLICT),
)
async def rate_answer(
    ctx: Ctx,
    place: Annotated[
        int, Path(ge=0, le=10_000, description="number of the turn; 0 is the oldest kept")
    ],
    service: Service,
    body: Annotated[Rating, Depends(strict_body(Rating))],
) -> Response:
    """Keep a rating with its question and answer, sealed, for those who evaluate."""
    await run_in_threadpool(service.rate_answer, ctx, place, body.model_dump())
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.post(
    "/assertions",
    status_code=HTTPStatus.CREATED,
    openapi_extra=body_schema(AssertedFact),
    responses=_BODY_PROBLEMS,
)
async def assert_fact(
    ctx: Ctx, service: Service, body: Annotated[AssertedFact, Depends(strict_body(AssertedFact))]
) -> HeldFact:
    """Keep a fact the clinician vouches for; the next report counts it, marked as asserted."""
    held = await run_in_threadpool(
        service.assert_fact, ctx, body.model_dump(exclude_none=True, exclude_defaults=True)
    )
    return _held(held)


@router.get("/assertions")
def list_assertions(ctx: Ctx, service: Service) -> HeldFacts:
    """What the clinician vouched for."""
    return HeldFacts(assertions=[_held(held) for held in service.assertions(ctx)])


@router.delete("/assertions/{assertion_id}", status_code=HTTPStatus.NO_CONTENT)
def withdraw_assertion(
    ctx: Ctx,
    assertion_id: Annotated[str, Path(max_length=64, description="id of the asserted fact")],
    service: Service,
) -> Response:
    """Drop an asserted fact."""
    service.withdraw_assertion(ctx, assertion_id)
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _held(held: HeldAssertion) -> HeldFact:
    assertion = held.assertion
    return HeldFact(
        id=held.id,
        fact=assertion.fact,
        value=assertion.value,
        trial=assertion.trial,
        drug=assertion.drug,
        procedure=assertion.procedure,
        author=assertion.author,
        at=assertion.at,
    )
