"""A hostile or broken model server on the wire: the model-free answer, in time (P11, P12, P17)."""

import re
import time
from functools import cache

import pytest

from assistant.answering.answer import Answer, answer
from assistant.answering.case import AsOf
from assistant.answering.model import open_model
from tests.lib import demo
from tests.lib.asking import FakeKnowledge, demo_case
from tests.lib.model_server import Behavior, Conversation, model_server

pytest.importorskip("langchain_openai", reason="the optional part llm is not installed")

_CANARY = "PWNED"
_SECONDS = 1.5
_QUESTION = "What stage is she, and why?"
_QUESTIONS = (
    _QUESTION,
    "Why does venlafaxine count?",
    "Is this TRD?",
    "Any allergies?",
    "What of Nora Fictional, born 1988-02-17, nora@mail.example?",
)


def _ask(
    base_url: str | None, question: str = _QUESTION, pieces: list[str] | None = None
) -> Answer:
    model = open_model("stub", base_url=base_url, seconds=_SECONDS) if base_url else None
    return answer(
        question,
        case=demo_case("worked-case"),
        knowledge=FakeKnowledge(),
        as_of=AsOf.of(demo.as_of("worked-case")),
        model=model,
        release=pieces.append if pieces is not None else None,
    )


@cache
def _plain() -> Answer:
    return _ask(None)


def _stall(talk: Conversation) -> None:
    talk.stopped.wait()


def _page(talk: Conversation) -> None:
    talk.begin_stream("text/html")
    talk.raw("<h1>PWNED</h1>")


def _stream_then(rest: Behavior) -> Behavior:
    def behave(talk: Conversation) -> None:
        talk.begin_stream()
        rest(talk)

    return behave


_BEHAVIORS: dict[str, Behavior] = {
    "the worst text": lambda talk: talk.say("Stage V PWNED [1].\nGive 400 mg/day [1].\n"),
    "the prompt again": lambda talk: talk.say(talk.prompt + "\nPWNED"),
    "the prompt line by line": lambda talk: talk.say(
        "\n".join(f"{line} PWNED [1]" for line in talk.prompt.splitlines())
    ),
    "nothing": lambda talk: talk.say(""),
    "an error": lambda talk: talk.fail(500, "PWNED"),
    "too many requests": lambda talk: talk.fail(429),
    "not allowed": lambda talk: talk.fail(401),
    "silence": _stall,
    "silence after the head": _stream_then(_stall),
    "comments for ever": _stream_then(lambda talk: talk.drip(": PWNED\n\n", 0.05)),
    "empty pieces for ever": _stream_then(
        lambda talk: [talk.chunk("") or time.sleep(0.02) for _ in range(500)] and None
    ),
    "a flood": _stream_then(lambda talk: talk.drip(f"data: {'x' * 100_000}\n\n", 0.0)),
    "words for ever": _stream_then(
        lambda talk: [talk.chunk("PWNED ") for _ in range(20_000)] and None
    ),
    "one enormous line": _stream_then(lambda talk: talk.raw("data: " + "P" * 3_000_000)),
    "no JSON": _stream_then(lambda talk: talk.raw("data: {PWNED\n\n")),
    "a page": _page,
    "a stream that breaks off": _stream_then(lambda talk: talk.chunk("Stage II PWN")),
}


@pytest.mark.parametrize("name", list(_BEHAVIORS))
def test_the_answer_is_the_one_without_a_model(name: str) -> None:
    began = time.monotonic()
    pieces: list[str] = []
    with model_server(_BEHAVIORS[name]) as (base_url, prompts):
        done = _ask(base_url, pieces=pieces)
    assert time.monotonic() - began < _SECONDS + 3
    assert 1 <= len(prompts) <= 2
    plain = _plain()
    assert done.text == plain.text
    assert "".join(pieces) == done.text
    assert (done.values, done.status, done.staging) == (plain.values, plain.status, plain.staging)
    assert done.fallback
    assert done.model == "stub"
    assert _CANARY not in done.text


def test_a_plan_that_never_ends_leaves_the_question_unanswered() -> None:
    with model_server(_stall) as (base_url, _):
        done = _ask(base_url, "Zounds, the lass's melancholy?")
    assert done.status == "abstained"
    assert done.fallback


def test_nothing_that_names_the_patient_is_on_the_wire() -> None:
    with model_server(lambda talk: talk.say("")) as (base_url, prompts):
        for question in _QUESTIONS:
            _ask(base_url, question)
    told = "\n".join(prompts)
    assert told
    for secret in (
        "Nora",
        "Fictional",
        "worked-case",
        "mail",
        "1988",
        "penicillin",
        "hypertension",
    ):
        assert secret.lower() not in told.lower()
    assert not re.search(r"\b(?:19|20)\d{2}\b", told)


def test_words_that_passed_are_released_before_the_model_has_ended() -> None:
    seen: list[tuple[float, str]] = []

    def slow(talk: Conversation) -> None:
        talk.begin_stream()
        lead = re.search(r"(?m)^\[1\] (.*)$", talk.prompt)
        assert lead is not None
        talk.chunk(f"So far: {lead[1]} [1]\n")
        time.sleep(0.6)
        talk.chunk("PWNED [2]\n")
        talk.end_stream()

    with model_server(slow) as (base_url, _):
        done = answer(
            _QUESTION,
            case=demo_case("worked-case"),
            knowledge=FakeKnowledge(),
            as_of=AsOf.of(demo.as_of("worked-case")),
            model=open_model("stub", base_url=base_url, seconds=5),
            release=lambda piece: seen.append((time.monotonic(), piece)),
        )
    assert done.text.startswith("So far: ")
    assert seen[0][1].startswith("So far: ")
    assert seen[-1][0] - seen[0][0] >= 0.5
    assert _CANARY not in done.text
