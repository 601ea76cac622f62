"""What the evaluation reads as a claim, apart from the product's own check."""

import json

import pytest

from evals.records import demo_record
from evals.scorers.answers import no_foreign_patient
from evals.scorers.citations import Evidence, cited
from evals.scorers.claims import borne, claims, sentences
from evals.suites.files import marks_of_others

PATIENT = {"resourceType": "Patient", "id": "p1"}
SCORE = {"resourceType": "Observation", "id": "o1", "valueQuantity": {"value": 24}}
BUNDLE = {"entry": [{"resource": PATIENT}, {"resource": SCORE}]}


def scores(answer, *keys, status="answered"):
    citations = [
        {"key": key, "kind": "record", "reference": "Observation/o1", "element": element}
        for key, element in keys
    ]
    evidence = Evidence(bundle=BUNDLE, report=None, passage=lambda _: None, asked="")
    reply = {"status": status, "answer": answer, "citations": citations}
    return {one.measure: one.value for one in cited(reply, evidence)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sertraline 200 mg/day for 8 weeks", {"drug sertraline", "number 200", "number 8"}),
        ("HAM-D-17 24 to 20, 16.67 % lower", {"number 24", "number 20", "number 16.67"}),
        ("from 2024-01-08 to 2024-03", {"date 2024-01-08", "date 2024-03"}),
        ("Stage II, not Stage V", {"stage II", "stage V"}),
        ("PHQ-9 item", set()),
        ("1,200 mg", {"number 1200"}),
        ("Zoloft", {"drug sertraline"}),
    ],
)
def test_the_claims_of_a_sentence(text, expected):
    assert claims(text) == expected


def test_a_number_in_words_bears_out_a_figure():
    assert borne("number 6", "at least six weeks")
    assert not borne("number 7", "at least six weeks")


def test_a_decimal_does_not_bear_out_its_parts_by_chance():
    assert borne("number 0.8", "0.80")
    assert not borne("number 0.8", "0.85")


def test_sentences_carry_their_own_marks():
    assert list(sentences("It was 24 [R1]. It fell [R2][S1].")) == [
        ("It was 24 .", ("R1",)),
        ("It fell .", ("R2", "S1")),
    ]


def test_a_citation_that_points_nowhere_does_not_resolve():
    assert scores("It was 24 [R1].", ("R1", "valueQuantity.value"))["citation resolves"] == 1
    assert scores("It was 24 [R1].", ("R1", "valueString"))["citation resolves"] == 0
    assert scores("It was 24 [R2].", ("R1", "valueQuantity.value"))["citation resolves"] == 0
    assert scores("It was 24.")["citation resolves"] == 0


def test_a_number_the_evidence_does_not_hold_is_not_supported():
    assert scores("It was 24 [R1].", ("R1", "valueQuantity.value"))["claims supported"] == 1
    assert scores("It was 25 [R1].", ("R1", "valueQuantity.value"))["claims supported"] == 0


def test_an_answer_that_abstains_has_no_citation_to_score():
    assert set(scores("I do not find it.", status="abstained").values()) == {None}


def test_the_evidence_is_read_from_the_record_not_from_the_subject():
    reply = {
        "status": "answered",
        "answer": "It was 99 [R1].",
        "citations": [
            {"key": "R1", "kind": "record", "reference": "Observation/o1",
             "element": "valueQuantity.value", "excerpt": "99"}
        ],
    }  # fmt: skip
    evidence = Evidence(
        bundle=json.loads(json.dumps(BUNDLE)), report=None, passage=lambda _: None, asked=""
    )
    found = {one.measure: one.value for one in cited(reply, evidence)}
    assert found["claims supported"] == 0


def test_the_name_of_another_demo_patient_is_a_leak_and_ones_own_is_not():
    own = demo_record("worked-case")
    marks = marks_of_others(own)
    assert no_foreign_patient(marks, "Tilda Sample took fluoxetine.").value == 0
    assert no_foreign_patient(marks, "See Patient/two-ssris.").value == 0
    assert no_foreign_patient(marks, "Nora Fictional, for example: a sample of words.").value == 1
    assert no_foreign_patient(marks_of_others(None), "An example.").value == 1
