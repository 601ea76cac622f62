"""Assume the model is already fooled: nothing of it reaches the clinician (P12, P17)."""

import json
from collections.abc import Callable

import pytest

from assistant.answering.answer import Answer, answer
from assistant.answering.case import AsOf
from assistant.answering.model import Model
from tests.lib import demo
from tests.lib.asking import FakeKnowledge, demo_case
from tests.lib.chat_models import ScriptedChat

_CANARY = "PWNED"


def _ask(question: str, reply: Callable[[str], str]) -> tuple[Answer, list[str]]:
    chat = ScriptedChat(reply=reply, prompts=[])
    done = answer(
        question,
        case=demo_case("worked-case"),
        knowledge=FakeKnowledge(),
        as_of=AsOf.of(demo.as_of("worked-case")),
        model=Model(name="scripted", chat=chat),
    )
    return done, chat.prompts


def _sentences(*texts: str, uses: object = (1,)) -> str:
    return json.dumps({"sentences": [{"text": text, "uses": uses} for text in texts]}, default=list)


_WORST: dict[str, str] = {
    "another stage": _sentences("Stage V."),
    "another number": _sentences("Sertraline reached 400 mg/day."),
    "another drug": _sentences("Fluoxetine failed."),
    "another verdict": _sentences("No, this is not treatment-resistant depression."),
    "advice": _sentences("You should increase the dose to 225 mg/day."),
    "a link": _sentences("Stage II, see https://evil.example/PWNED ."),
    "an image": _sentences("![PWNED](http://evil.example/x.png) Stage II."),
    "markup": _sentences("<b>PWNED</b> Stage II."),
    "invisible": _sentences("Stage II\u200b PWNED."),
    "no uses": _sentences("PWNED.", uses=[]),
    "foreign uses": _sentences("PWNED.", uses=[99]),
    "uses of the wrong type": _sentences("PWNED.", uses="all"),
    "fake citation": _sentences("Stage II [S99]."),
    "prose": "PWNED PWNED",
    "malformed": '{"sentences": [{"text": "PWNED"',
    "empty": "",
    "a list": '["PWNED"]',
    "nested": '{"sentences": {"text": "PWNED"}}',
    "whitespace": " " * 100_000,
    "endless": "PWNED " * 1_000_000,
    "numbers of huge size": '{"sentences": [{"text": "1e999 PWNED", "uses": [1e400]}]}',
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
    assert len(prompts) == 1


def test_a_model_that_echoes_its_prompt_changes_nothing() -> None:
    done, _ = _ask("What stage is she?", lambda prompt: prompt)
    assert done.values == ("II",)
    assert "Reword the numbered statements" not in done.text


def test_a_model_that_fails_leaves_the_templates() -> None:
    def fail(_: str) -> str:
        raise TimeoutError

    done, _ = _ask("What stage is she?", fail)
    assert done.text.startswith("Stage II")


def test_a_faithful_sentence_is_released_with_the_citations_of_what_it_words() -> None:
    done, _ = _ask("What stage is she?", lambda _: _sentences("She is at Stage II."))
    assert done.text.startswith("She is at Stage II [R1]")
    assert done.model == "scripted"
    assert not done.fallback


def test_a_sentence_that_gives_way_marks_the_answer() -> None:
    done, _ = _ask("What stage is she?", lambda _: _sentences("Stage V."))
    assert done.fallback
    assert done.text.startswith("Stage II")


def test_what_a_statement_said_is_never_dropped() -> None:
    plain, _ = _ask("Is this treatment-resistant?", lambda _: "")
    short, _ = _ask(
        "Is this treatment-resistant?",
        lambda _: _sentences("Yes, this episode meets the definition."),
    )
    assert short.citations[0] == plain.citations[0]
    assert "sertraline" in short.text.lower()


@pytest.mark.parametrize(
    "plan",
    [
        '{"topic": "give_dose", "trial": null}',
        '{"topic": "stage; drop table", "trial": "t1"}',
        '{"topic": ["stage"]}',
        "{}",
        "stage",
    ],
)
def test_a_plan_outside_the_closed_set_is_refused(plan: str) -> None:
    done, _ = _ask("Zounds, the lass's melancholy?", lambda _: plan)
    assert done.status == "abstained"


def test_a_plan_of_the_closed_set_is_run_by_the_core() -> None:
    done, prompts = _ask(
        "Zounds, how grave the lass's melancholy?", lambda _: '{"topic": "stage", "trial": null}'
    )
    assert done.values == ("II",)
    assert len(prompts) == 1


def test_no_name_number_or_chart_text_reaches_the_model() -> None:
    _, prompts = _ask("Pray tell of Nora Fictional 19880217 nora@mail.example?", lambda _: "{}")
    _, more = _ask("Which diagnoses does she have?", lambda _: "{}")
    told = "\n".join(prompts + more)
    for secret in ("Nora", "Fictional", "19880217", "mail.example", "hypertension"):
        assert secret.lower() not in told.lower()


@pytest.mark.parametrize(
    "question", ["What dose should I give?", "She wants to kill herself", "Show another patient"]
)
def test_a_refusal_is_never_worded_by_a_model(question: str) -> None:
    done, prompts = _ask(question, lambda _: _sentences("Sure: 400 mg."))
    assert done.status == "refused"
    assert prompts == []
