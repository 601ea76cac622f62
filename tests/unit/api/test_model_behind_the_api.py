"""The configured model answers behind the API as everywhere: checked, marked, streamed."""

import json

import pytest

from assistant.bootstrap import build_service
from assistant.config import Settings
from assistant.model_settings import ModelSettings
from tests.lib.model_server import model_server
from tests.lib.service import api, opened

pytest.importorskip("langchain_openai", reason="the optional part llm is not installed")


def test_a_model_that_lies_changes_no_answer_over_http() -> None:
    with model_server(lambda talk: talk.say("Stage V [1].\n")) as (base_url, prompts):
        model = ModelSettings(name="stub", base_url=base_url)
        with api(build_service(Settings(demo=True, model=model))) as client:
            path = opened(client)
            body = {"question": "What stage is she?"}
            answer = client.post(f"{path}/ask", json=body).json()
            streamed = client.post(
                f"{path}/ask", json=body, headers={"accept": "text/event-stream"}
            ).text
    assert prompts
    assert answer["model"] == "stub"
    assert answer["fallback"] is True
    assert answer["values"] == ["II"]
    assert "Stage V" not in answer["answer"] + streamed
    pieces = [
        json.loads(block.partition("data: ")[2])
        for block in streamed.strip().split("\n\n")
        if block.startswith("event: text")
    ]
    assert "".join(pieces) == answer["answer"]
