"""The knowledge base opens beside the service; without it, staging and answers remain."""

from typing import Any

import pytest

from assistant.answering.ports import NoKnowledge
from assistant.bootstrap import build_service
from assistant.config import Settings
from assistant.service.errors import KnowledgeUnavailableError
from assistant.service.knowledge_access import KnowledgeAccess
from assistant.service.service import Question
from tests.lib.service import api, opened


def _fails() -> Any:
    raise OSError("disk")


def test_a_knowledge_base_that_cannot_open_is_unavailable_not_fatal() -> None:
    access = KnowledgeAccess(_fails)
    with pytest.raises(KnowledgeUnavailableError):
        access.opened()
    assert access.state() == {"state": "failed", "error": "OSError"}
    assert isinstance(access.opened_or_none(), NoKnowledge)


def test_staging_and_answers_from_the_record_work_without_the_knowledge_base() -> None:
    service = build_service(Settings(demo=True))
    service.knowledge = KnowledgeAccess(_fails)
    with api(service) as client:
        path = opened(client)
        assert client.get(f"{path}/stage").json()["staging"]["source_stage"]["working"] == "II"
        assert client.get("/api/knowledge/search", params={"q": "x"}).status_code == 503
        ready = client.get("/ready")
        assert (ready.status_code, ready.json()["status"]) == (503, "failed")
    answer = service.ask(path.rsplit("/", maxsplit=1)[-1], Question(text="Is this TRD?"))
    assert answer["values"][0] == "yes"
