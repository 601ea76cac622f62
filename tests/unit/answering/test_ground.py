"""A sentence is shown only when what it cites bears it out (promise 19)."""

import pytest

from assistant.answering.case import AsOf
from assistant.answering.compose import UNCHECKED, compose
from assistant.answering.evidence import Citation, Draft, Statement
from assistant.answering.ground import unsupported
from assistant.answering.plan import Knowledge, QueryPlan

_RECORD = Citation(
    kind="record",
    reference="MedicationStatement/m1",
    element="dosage[0]",
    excerpt="sertraline 200 mg/day",
    support="sertraline SSRI 200 mg/day from 2024-01-08 to 2024-03-03 56 days Stage II",
)


@pytest.mark.parametrize(
    "text",
    [
        "Sertraline reached 200 mg/day.",
        "Sertraline (SSRI) began on 2024-01-08.",
        "It lasted 56 days.",
        "Stage II.",
        "It began in 2024-01.",
    ],
)
def test_a_claim_that_stands_in_the_evidence_passes(text: str) -> None:
    assert unsupported(text, [_RECORD]) == ()


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("Sertraline reached 250 mg/day.", "number 250"),
        ("Venlafaxine reached 200 mg/day.", "drug venlafaxine"),
        ("It began on 2024-01-09.", "date 2024-01-09"),
        ("Sertraline is an SNRI.", "class SNRI"),
        ("Stage V.", "stage V"),
        ("It lasted 5.6 days.", "number 5.6"),
    ],
)
def test_a_claim_that_does_not_stand_in_the_evidence_is_named(text: str, missing: str) -> None:
    assert unsupported(text, [_RECORD]) == (missing,)


def _composed(statement: Statement) -> tuple[str, bool]:
    plan = QueryPlan(steps=(Knowledge(query="q"),))
    done = compose([Draft(parts=(statement,))], plan, AsOf.parse("2024-06-03"))
    return done.text, done.replaced


def test_an_unsupported_sentence_never_reaches_the_answer() -> None:
    text, replaced = _composed(Statement(text="She took 999 mg/day.", citations=(_RECORD,)))
    assert "999" not in text
    assert text == UNCHECKED
    assert replaced


def test_an_unsupported_sentence_gives_way_to_its_plain_form() -> None:
    statement = Statement(
        text="She took 999 mg/day.", citations=(_RECORD,), fallback="The dose is recorded."
    )
    assert _composed(statement) == ("The dose is recorded [R1].", True)


def test_a_supported_sentence_carries_the_keys_of_what_it_cites() -> None:
    statement = Statement(text="She took 200 mg/day.", citations=(_RECORD, _RECORD))
    assert _composed(statement) == ("She took 200 mg/day [R1].", False)
