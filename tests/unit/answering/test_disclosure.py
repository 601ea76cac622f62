"""What leaves for a model: no name, no number, no date, nothing that was written into the chart."""

import pytest

from assistant.answering.case import AsOf
from assistant.answering.disclosure import Disclosure, told_question
from assistant.answering.words import read_words
from assistant.answering.write.context import Context
from tests.lib import demo
from tests.lib.asking import FakeKnowledge, demo_case


def _told(question: str) -> str:
    case = demo_case("worked-case")
    context = Context(
        case=case, knowledge=FakeKnowledge(), as_of=AsOf.of(demo.as_of("worked-case"))
    )
    return told_question(read_words(question, context), case)


@pytest.mark.parametrize(
    "secret", ["nora", "Fictional", "4711-22", "1988-02-17", "nora@mail.example", "Kowalczyk"]
)
def test_a_name_or_number_of_the_question_is_an_ellipsis(secret: str) -> None:
    told = _told(f"How severe is the resistance of {secret} now?")
    assert secret.lower() not in told.lower()
    assert told.startswith("how severe is the resistance of")


def test_dates_leave_under_a_name_and_come_back() -> None:
    disclosure = Disclosure(demo_case("worked-case"))
    text = "Sertraline, 2024-01-08 to 2024-03-03, again 2024-01-08."
    masked = disclosure.masked(text)
    assert masked == "Sertraline, DATE1 to DATE2, again DATE1."
    assert disclosure.unmasked(masked) == text
    assert disclosure.unmasked("DATE9") == "DATE9"


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("Sertraline (SSRI), up to 200 mg/day, no response (HAM-D-17 24 to 20).", True),
        ("Essential (primary) hypertension is recorded.", False),
        ("Nora has failed two trials.", False),
        ("Страница", False),
    ],
)
def test_what_was_written_into_the_chart_stays_here(text: str, allowed: bool) -> None:
    assert Disclosure(demo_case("worked-case")).allows(text) is allowed
