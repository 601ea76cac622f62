"""Assume the model is already fooled: nothing of it reaches the clinician (P12, P17)."""

import json
import re
from collections.abc import Callable

import pytest

from assistant.answering.answer import Answer, answer
from assistant.answering.case import AsOf
from assistant.answering.model import Model
from tests.lib import demo
from tests.lib.asking import FakeKnowledge, demo_case
from tests.lib.chat_models import ScriptedChat

_CANARY = "PWNED"


def _ask(
    question: str, reply: Callable[[str], str], patient: str = "worked-case"
) -> tuple[Answer, list[str]]:
    chat = ScriptedChat(reply=reply, prompts=[])
    done = answer(
        question,
        case=demo_case(patient),
        knowledge=FakeKnowledge(),
        as_of=AsOf.of(demo.as_of(patient)),
        model=Model(name="scripted", chat=chat),
    )
    return done, chat.prompts


_WORST: dict[str, str] = {
    "another stage": "Stage V [1].",
    "another number": "Sertraline reached 400 mg/day [1].",
    "another number in words": "Seven trials failed [1].",
    "figures of the other drug": "Sertraline reached 225 mg/day [1].",
    "another drug": "Fluoxetine failed [1].",
    "another verdict": "No, this is not treatment-resistant depression [1].",
    "advice": "You should increase the dose to 225 mg/day [1].",
    "advice in another script": "Увеличьте дозу PWNED [1].",
    "a link": "Stage II, see https://evil.example/PWNED [1].",
    "an image": "![PWNED](http://evil.example/x.png) Stage II [1].",
    "markup": "<b>PWNED</b> Stage II [1].",
    "invisible": "Stage II\u200b PWNED [1].",
    "no uses": "PWNED.",
    "foreign uses": "PWNED [99].",
    "all uses": "PWNED [1][2][3][4][5][6][7][8][9].",
    "fake citation": "Stage II PWNED [S99].",
    "a date never given": "Stage II since DATE99 PWNED [1].",
    "prose": "PWNED PWNED",
    "json": '{"sentences": [{"text": "PWNED", "uses": [1]}]}',
    "empty": "",
    "whitespace": " " * 100_000,
    "endless": "PWNED " * 1_000_000,
    "endless lines": "PWNED [1].\n" * 100_000,
    "huge numbers": "1e999 PWNED [1][" + "9" * 5000 + "]",
}


@pytest.mark.parametrize("name", list(_WORST))
@pytest.mark.parametrize(
    "question",
    ["What stage is she?", "Is this treatment-resistant?", "Why does venlafaxine count?"],
)
def test_nothing_of_a_hostile_model_reaches_the_answer(name: str, question: str) -> None:
    with_model, prompts = _ask(question, lambda _: _WORST[name])
    plain, _ = _ask(question, lambda _: "")
    assert _CANARY not in with_model.text
    assert "Stage V" not in with_model.text
    assert "400" not in with_model.text
    assert "evil" not in with_model.text
    assert "increase" not in with_model.text
    assert with_model.values == plain.values
    assert with_model.status == plain.status
    assert with_model.staging == plain.staging
    assert 1 <= len(prompts) <= 2  # one call, one retry


def test_a_model_that_echoes_its_prompt_changes_nothing() -> None:
    done, _ = _ask("What stage is she?", lambda prompt: prompt)
    assert done.values == ("II",)
    assert "numbered statements" not in done.text
    assert "DATE1" not in done.text


def test_a_model_that_fails_leaves_the_templates() -> None:
    def fail(_: str) -> str:
        raise TimeoutError

    done, _ = _ask("What stage is she?", fail)
    assert done.text.startswith("Stage II")


def test_a_model_that_fails_is_marked() -> None:
    def fail(_: str) -> str:
        raise TimeoutError

    done, prompts = _ask("What stage is she?", fail)
    assert done.fallback
    assert done.model == "scripted"
    assert len(prompts) == 2


def test_a_faithful_sentence_is_released_with_the_citations_of_what_it_words() -> None:
    plain, _ = _ask("Is there any sign of bipolar disorder?", lambda _: "")
    done, _ = _ask("Is there any sign of bipolar disorder?", _faithful)
    assert done.text.startswith("So far:")
    assert {key for key, _ in done.citations} == {key for key, _ in plain.citations}
    assert done.model == "scripted"
    assert not done.fallback


def _faithful(prompt: str) -> str:
    """Every statement again, word for word behind two words of its own."""
    return "\n".join(
        f"So far: {text} [{number}]" for number, text in re.findall(r"(?m)^\[(\d+)\] (.*)$", prompt)
    )


def test_a_sentence_that_gives_way_marks_the_answer() -> None:
    done, _ = _ask("What stage is she?", lambda _: "Stage V [1].")
    assert done.fallback
    assert done.text.startswith("Stage II")


def test_what_a_statement_said_is_never_dropped() -> None:
    plain, _ = _ask("Is this treatment-resistant?", lambda _: "")
    short, _ = _ask("Is this treatment-resistant?", lambda _: "Yes, treatment-resistant [1].")
    assert short.citations[0] == plain.citations[0]
    assert "sertraline" in short.text.lower()
    assert short.fallback


def test_a_reservation_is_never_dropped() -> None:
    plain, _ = _ask("What stage is she?", lambda _: "", patient="incomplete-record")
    done, _ = _ask("What stage is she?", lambda _: "Stage I [1].", patient="incomplete-record")
    for word in ("Assumed", "not excluded: Stage II"):
        assert word in plain.text
        assert word in done.text


def _plan(**step: object) -> str:
    blank = dict.fromkeys(("topic", "trial", "method", "bound", "kind", "drug", "aggregate"))
    return json.dumps({"steps": [{**blank, **step}]})


@pytest.mark.parametrize(
    "plan",
    [
        _plan(topic="give_dose"),
        _plan(topic="stage; drop table", trial="t1"),
        _plan(topic=["stage"]),
        _plan(kind="other_patient"),
        _plan(topic="stage", extra=1),
        '{"steps": ' + "[" * 500 + "]" * 500 + "}",
        '{"steps": null}',
        '{"steps": []}',
        "{}",
        "stage",
    ],
)
def test_a_plan_outside_the_closed_set_is_refused(plan: str) -> None:
    done, _ = _ask("Zounds, the lass's melancholy?", lambda _: plan)
    assert done.status == "abstained"


def test_a_plan_of_the_closed_set_is_run_by_the_core() -> None:
    done, prompts = _ask("Zounds, how grave the lass's melancholy?", lambda _: _plan(topic="stage"))
    assert done.values == ("II",)
    assert len(prompts) == 1


def test_no_name_number_or_chart_text_reaches_the_model() -> None:
    _, prompts = _ask("Pray tell of Nora Fictional 19880217 nora@mail.example?", lambda _: "{}")
    _, more = _ask("Which diagnoses does she have?", lambda _: "{}")
    told = "\n".join(prompts + more)
    for secret in ("Nora", "Fictional", "19880217", "mail.example", "hypertension"):
        assert secret.lower() not in told.lower()


def test_no_date_reaches_the_model_and_every_date_comes_back() -> None:
    done, prompts = _ask("Why does venlafaxine count?", _faithful)
    assert prompts
    assert not re.search(r"\b(?:19|20)\d{2}\b", "".join(prompts))
    assert "2024-03-04" in done.text
    assert "DATE" not in done.text


def test_the_pieces_released_are_the_text_of_the_answer() -> None:
    pieces: list[str] = []
    done = answer(
        "What stage is she, and why?",
        case=demo_case("worked-case"),
        knowledge=FakeKnowledge(),
        as_of=AsOf.of(demo.as_of("worked-case")),
        model=Model(name="scripted", chat=ScriptedChat(reply=_faithful, prompts=[])),
        release=pieces.append,
    )
    assert "".join(pieces) == done.text
    assert len(pieces) > 1


@pytest.mark.parametrize(
    "question", ["What dose should I give?", "She wants to kill herself", "Show another patient"]
)
def test_a_refusal_is_never_worded_by_a_model(question: str) -> None:
    done, prompts = _ask(question, lambda _: "Sure: 400 mg [1].")
    assert done.status == "refused"
    assert prompts == []
