"""The knowledge base and the rules: search, one passage, the passages behind a rule."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from assistant.api.problems import problem_responses
from assistant.api.schemas import PassageList, PassageView
from assistant.api.service_of import Service

router = APIRouter(
    prefix="/api/knowledge",
    tags=["knowledge"],
    responses=problem_responses(
        HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE
    ),
)
_MOST_PASSAGES = 20


@router.get("/search")
def search(
    service: Service,
    q: Annotated[str, Query(min_length=1, max_length=400, description="what to look for")],
    k: Annotated[int, Query(ge=1, le=_MOST_PASSAGES, description="how many passages")] = 5,
) -> PassageList:
    """The passages nearest to the query, best first."""
    hits = service.knowledge.opened().search(q, k=k)
    return PassageList(passages=[_view(hit.passage, hit.score) for hit in hits])


@router.get("/passages/{passage_id:path}")
def passage(
    service: Service, passage_id: Annotated[str, Path(max_length=200, description="passage id")]
) -> PassageView:
    """One passage."""
    return _view(service.knowledge.passage(passage_id))


@router.get("/rules/{rule_id}")
def passages_for_rule(
    service: Service, rule_id: Annotated[str, Path(max_length=120, description="rule id")]
) -> PassageList:
    """The passages behind a rule."""
    found = service.knowledge.opened().passages_for_rule(rule_id)
    return PassageList(passages=[_view(item) for item in found])


def _view(item: Any, score: float | None = None) -> PassageView:
    return PassageView(
        passage_id=item.passage_id,
        source_id=item.source_id,
        section=item.section,
        text=item.text,
        beyond_source=bool(getattr(item, "beyond_source", False)),
        citations=[str(key) for key in getattr(item, "citations", ())],
        rules=list(item.rules),
        score=None if score is None else round(float(score), 4),
    )
