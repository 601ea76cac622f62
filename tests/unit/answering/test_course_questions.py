"""The course of treatment in a clinician's words: gaps, better or worse, what runs now."""

import pytest

from tests.lib.asking import ask as ask_case
from tests.lib.asking import ask_demo, case_of


@pytest.mark.parametrize(
    ("patient", "question", "values"),
    [
        # sertraline 2024-01-08 to 2024-03-03, venlafaxine 2024-03-04 to 2024-05-12
        ("worked-case", "How many days lay between sertraline and venlafaxine?", ("0 days",)),
        ("worked-case", "Did the two drugs overlap?", ("no",)),
        ("worked-case", "What did she get after sertraline?", ("venlafaxine",)),
        ("worked-case", "What had been tried before venlafaxine?", ("sertraline",)),
        ("worked-case", "How many SNRIs were tried?", ("1",)),
        ("worked-case", "how many drug classes has she had", ("2",)),
        ("worked-case", "Is she still taking venlafaxine?", ("no",)),
        ("worked-case", "Did she tolerate sertraline?", ("yes",)),
        ("worked-case", "Has she reached remission?", ("no",)),
        ("worked-case", "How severe is it right now?", ("19",)),
        ("worked-case", "HAM-D in February?", ("21",)),  # 21 on 2024-02-19
        ("worked-case", "What is she taking at present?", ("lisinopril 10 MG Oral Tablet",)),
        ("worked-case", "When was the last HAM-D?", ("2024-05-13",)),
        ("worked-case", "Why is Maudsley 6?", ("6", "mild")),
        ("worked-case", "venlafaxine?", ("yes",)),  # the trial: it counts as failed
        ("worked-case", "Has her thyroid been checked?", ("yes",)),
        ("response-without-remission", "is sertraline still going?", ("yes",)),
        ("response-without-remission", "By what percentage is she better?", ("50 %",)),
        ("intolerance", "was sertraline tolerated", ("no",)),
        ("intolerance", "side effects?", ("yes",)),
        ("advanced", "Did the ECT work?", ("no",)),  # ten bilateral sessions, failed
        ("advanced", "When was ECT given?", ("2023-08-07",)),
        ("advanced", "Was the ECT bilateral?", ("bilateral",)),
        ("advanced", "Which drugs have failed?",
         ("escitalopram", "venlafaxine", "nortriptyline", "phenelzine")),
        ("look-alikes", "Does imipramine count as a trial?", ("no",)),
        ("bipolar", "When was the bipolar II disorder diagnosed?", ("2024-02-10",)),
    ],
)  # fmt: skip
def test_the_course_of_treatment_is_answered_from_the_report(
    patient: str, question: str, values: tuple[str, ...]
) -> None:
    assert ask_demo(question, patient).values == values


@pytest.mark.parametrize(
    ("turns", "question", "values"),
    [
        (["How long did she take sertraline?"], "no, I meant venlafaxine", ("70 days",)),
        (["How long did she take sertraline?"], "was that long enough?", ("yes",)),
        (["What dose of sertraline did she reach?"], "and the second?", ("225 mg/day",)),
        (["Is this TRD?"], "on what grounds?", ("yes",)),
        (["Is this TRD?"], "without the class rule?", ("yes",)),
    ],
)
def test_a_turn_is_read_with_the_one_before(
    turns: list[str], question: str, values: tuple[str, ...]
) -> None:
    assert ask_demo(question, history=turns).values == values


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("She took sertraline only every other day.", "adherence to sertraline was not adequate"),
        ("Her mother says she stopped the venlafaxine after two weeks.", "until 2024-03-17"),
        ("I forgot: she is bipolar.", "the diagnosis is bipolar"),
    ],
)
def test_a_fact_stated_is_confirmed_before_it_is_used(said: str, words: str) -> None:
    asked = ask_demo(said)
    assert asked.status == "partly"
    assert words in asked.text
    assert ask_demo("yes", history=[said]).staging is not None


@pytest.mark.parametrize(
    "question", ["is she married", "does she smoke", "family history of bipolar disorder"]
)
def test_no_general_passage_answers_for_one_person(question: str) -> None:
    reply = ask_demo(question)
    assert reply.status == "abstained"
    assert reply.values == ()


def test_who_did_it_is_not_answered_by_what_was_done() -> None:
    assert ask_demo("Who prescribed the sertraline?").status == "abstained"


def test_an_order_that_ended_is_not_what_runs_now() -> None:
    order = {
        "resourceType": "MedicationRequest",
        "status": "stopped",
        "intent": "order",
        "authoredOn": "2024-01-01",
        "medicationCodeableConcept": {"text": "metformin 500 MG Oral Tablet"},
    }
    reply = ask_case("Is she still on metformin?", case=case_of(order))
    assert reply.values == ("no",)
    assert "stopped" in reply.text


def test_a_blood_pressure_is_told_as_a_pair() -> None:
    parts = [
        {"code": {"text": name}, "valueQuantity": {"value": value, "unit": "mmHg"}}
        for name, value in (("Systolic", 132), ("Diastolic", 84))
    ]
    panel = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "Blood pressure"},
        "category": [{"coding": [{"code": "vital-signs"}]}],
        "effectiveDateTime": "2024-05-01",
        "component": parts,
    }
    assert ask_case("last BP?", case=case_of(panel)).values == ("132/84 mmHg",)


def test_orders_are_counted_and_the_products_are_told() -> None:
    orders = [
        {"resourceType": "MedicationRequest", "status": "active", "intent": "order",
         "authoredOn": day, "medicationCodeableConcept": {"text": "metformin 500 MG"}}
        for day in ("2024-01-01", "2024-02-01")
    ]  # fmt: skip
    case = case_of(*orders)
    reply = ask_case("How many prescriptions did she get?", case=case)
    assert reply.values == ("2",)
    assert "of 1 different products" in reply.text
    assert ask_case("How many drugs was she prescribed?", case=case).values == ("1",)
