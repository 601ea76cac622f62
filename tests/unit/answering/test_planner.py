"""One message may ask several things; each part is a question of its own."""

import pytest

from assistant.answering.planner import parts_of


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
