"""One message may ask several things; each part is a question of its own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.planner import MAX_PARTS, parts_of


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        (
            "Is she treatment-resistant, and what is missing?",
            ["Is she treatment-resistant?", "what is missing?"],
        ),
        (
            "When did sertraline start and what was the dose of mirtazapine?",
            ["When did sertraline start?", "what was the dose of mirtazapine?"],
        ),
        (
            "Which MAOI was used and when did it start?",
            ["Which MAOI was used when did it start?"],
        ),
        (
            "Which antidepressants has she had, and is it treatment-resistant?",
            ["Which antidepressants has she had?", "is it treatment-resistant?"],
        ),
        ("Is it TRD?", ["Is it TRD?"]),
    ],
)
def test_a_question_cut_off_before_and_is_still_a_question(message: str, parts: list[str]) -> None:
    assert parts_of(message) == parts


@pytest.mark.parametrize("message", ["", "?", " ... ?!", "\u200b", "\uff0c\u3002"])
def test_a_message_without_a_word_is_one_part(message: str) -> None:
    assert parts_of(message) == [message]


@given(st.text(alphabet=st.sampled_from("?. ,;andist\n\u200b7"), max_size=40) | st.text())
def test_any_message_whatever_has_one_to_a_few_parts(message: str) -> None:
    assert 1 <= len(parts_of(message)) <= MAX_PARTS
