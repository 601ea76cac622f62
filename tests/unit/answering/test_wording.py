"""A sentence of a model passes only where the statements it rests on say all that it says."""

import pytest

from assistant.answering.evidence import Citation, Statement
from assistant.answering.wording import checked, said_of

_SAID = Statement(
    text="Sertraline reached 200 mg/day; venlafaxine reached 225 mg/day. "
    "The first trial failed and the second is unknown, if the assumption holds.",
    citations=(Citation(kind="record", reference="Observation/1", element="value"),),
)


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("Sertraline reached 200 mg/day, and the second trial is unknown.", True),
        ("Sertraline reached 225 mg/day, and the second trial is unknown.", False),
        ("Venlafaxine reached 200 mg/day, and the second trial is unknown.", False),
        ("Sertraline reached 200 mg/day, and the third trial is unknown.", False),
        ("Sertraline reached 200 mg/day.", False),  # what is unknown is left out
        ("Sertraline reached 200 mg/day, not proven.", False),
        ("Mirtazapine is unknown.", False),
        ("Sertraline reached 200 mg/day; 未知 unknown.", False),
        ("Take sertraline 200 mg/day, unknown.", False),
    ],
)
def test_a_sentence_says_nothing_of_its_own(text: str, passes: bool) -> None:
    assert (checked(text, [_SAID], "") is not None) is passes


def test_a_sentence_that_rests_on_nothing_does_not_pass() -> None:
    assert checked("Sertraline reached 200 mg/day, unknown.", [], "") is None


def test_figures_and_reservations_are_what_must_not_get_lost() -> None:
    said = said_of(_SAID.text)
    assert {"number 200", "number 225", "drug sertraline", "hedge unkno", "hedge assum"} <= said
