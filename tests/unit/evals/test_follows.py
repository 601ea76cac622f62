"""What follows from what a sentence cites is let through; what merely fits it is not."""

import json

import pytest

from evals.scorers.citations import Evidence, cited
from evals.scorers.follows import Asked, Cited, follows

BORN, BEGAN = "1969", "2023-02"
PATIENT = {"resourceType": "Patient", "id": "p1", "birthDate": BORN}
EPISODE = {"resourceType": "Condition", "id": "c1", "recordedDate": BEGAN}
EARLIER = {"resourceType": "Condition", "id": "c2", "recordedDate": "2001-05-01"}
SCORE = {
    "resourceType": "Observation", "id": "o1", "effectiveDateTime": "2024-01-08",
    "valueQuantity": {"value": 24},
}  # fmt: skip


def taken(name, drug, start, text=None):
    """A statement of one drug, by its name or by a code alone."""
    concept = {"text": text or drug} if drug else {"coding": [{"code": text}]}
    return {
        "resourceType": "MedicationStatement", "id": name,
        "medicationCodeableConcept": concept,
        "effectivePeriod": {"start": start},
    }  # fmt: skip


MIRTAZAPINE = taken("m1", "mirtazapine", "2024-03-28")
SERTRALINE = taken("m2", "sertraline", "2024-01-01")
THRESHOLD = {"resourceType": "Observation", "id": "n", "valueString": "a trial needs 42 days"}
RECORD = (PATIENT, EPISODE, EARLIER, SCORE, MIRTAZAPINE, SERTRALINE, THRESHOLD)
EPISODE_AND_BIRTH = ("Condition/c1#recordedDate", "Patient/p1#birthDate")
START, DRUG = "effectivePeriod.start", "medicationCodeableConcept"
NEEDS = "Observation/n#valueString"


def supported(answer, *places, asked="", what_if=False, record=RECORD):
    """Whether every claim of ``answer`` is, where every sentence cites every place."""
    keys = [f"R{number}" for number, _ in enumerate(places, start=1)]
    marked = answer.replace(".", "".join(f"[{key}]" for key in keys) + ".")
    citations = [
        dict(zip(("reference", "element"), place.split("#"), strict=True), key=key, kind="record")
        for key, place in zip(keys, places, strict=True)
    ]
    evidence = Evidence(
        bundle={"entry": [{"resource": json.loads(json.dumps(one))} for one in record]},
        report=None,
        passage=lambda _: None,
        asked=asked,
    )
    reply = {"status": "answered", "answer": marked, "citations": citations}
    if what_if:
        reply["staging"] = {"what_if": True}
    found = {one.measure: one for one in cited(reply, evidence)}
    return found["claims supported"].value == 1


@pytest.mark.parametrize("told", ["53 or 54", "53", "54"])
def test_an_age_follows_from_the_birth_and_the_date_that_are_told_and_cited(told):
    # born 1969-01-01 … 12-31; February 2023: 2023 - 1969 = 54, or one less before the birthday
    answer = f"The patient was {told} years old when the episode began (2023-02)."
    assert supported(answer, *EPISODE_AND_BIRTH)


@pytest.mark.parametrize("told", ["52 or 53", "55", "54 or 55", "31 or 32"])
def test_a_wrong_age_does_not_follow(told):
    # 31 or 32 are the years from the birth to the other condition, which is not the date told
    answer = f"The patient was {told} years old when the episode began (2023-02)."
    assert not supported(answer, *EPISODE_AND_BIRTH, "Condition/c2#recordedDate")


def test_an_age_needs_a_birth_and_a_date_that_are_cited():
    answer = "The patient was 53 years old when the episode began (2023-02)."
    assert not supported(answer, "Condition/c1#recordedDate")
    assert not supported(answer, "Patient/p1#birthDate")
    assert not supported("The patient was 53 years old.", *EPISODE_AND_BIRTH)
    # 1969 and 2023 are years here too, but of nobody's birth
    other = {**EARLIER, "recordedDate": BORN}
    assert not supported(
        answer, EPISODE_AND_BIRTH[0], "Condition/c2#recordedDate", record=(EPISODE, other)
    )


def test_an_age_on_the_day_asked_about_follows():
    # 2024-06-03 - 1969: 54 or 55
    answer = "The patient was 55 years old on 2024-06-03."
    assert supported(answer, "Patient/p1#birthDate", asked="how old is she? 2024-06-03")
    assert not supported(answer, "Patient/p1#birthDate", asked="how old is she? 2024-06-04")


def needed(days, until, drug="Mirtazapine"):
    return f"{drug} has not run its course; a trial needs {days}, until {until} if it goes on."


def test_the_day_a_trial_has_what_it_needs_follows_from_its_start_and_the_threshold():
    # 2024-03-28 is day 1: 3 more in March, 30 in April, 8 in May make 42
    places = (f"MedicationStatement/m1#{START}", f"MedicationStatement/m1#{DRUG}", NEEDS)
    assert supported(needed(42, "2024-05-08"), *places)
    assert not supported(needed(42, "2024-05-09"), *places)
    assert not supported(needed(43, "2024-05-09"), *places)
    assert not supported(needed(42, "2024-05-08"), *places[:2])


def test_the_start_of_another_drug_or_the_date_of_a_score_starts_no_trial():
    started, drug = f"MedicationStatement/m2#{START}", f"MedicationStatement/m2#{DRUG}"
    score = "Observation/o1#effectiveDateTime"
    # 2024-01-01 + 41 days = 2024-02-11; 2024-01-08 + 41 days = 2024-02-18
    assert supported(needed(42, "2024-02-11", "Sertraline"), started, drug, NEEDS)
    assert not supported(needed(42, "2024-02-18", "Sertraline"), score, drug, NEEDS)
    mirtazapine = f"MedicationStatement/m1#{DRUG}"
    assert not supported(needed(42, "2024-02-11"), started, mirtazapine, NEEDS)


def test_the_last_day_of_a_course_starts_no_trial():
    ended = {**SERTRALINE, "effectivePeriod": {"end": "2024-01-01"}}
    places = ("MedicationStatement/m2#effectivePeriod.end", f"MedicationStatement/m2#{DRUG}")
    answer = needed(42, "2024-02-11", "Sertraline")
    assert not supported(answer, *places, NEEDS, record=(ended, THRESHOLD))


def test_a_figure_does_not_follow_from_a_date_or_a_threshold_that_is_told_and_not_cited():
    birth = Cited(element="birthDate", text='"1969"')
    told = "The patient was 53 years old when the episode began (2023-02)."
    assert not follows("number 53", told, [birth], Asked(question=""))
    start = Cited(element=START, text='"2024-03-28"', whole='{"text": "mirtazapine"}')
    answer = needed(42, "2024-05-08")
    assert not follows("date 2024-05-08", answer, [start], Asked(question=""))
    threshold = Cited(element="valueString", text='"a trial needs 42 days"')
    assert follows("date 2024-05-08", answer, [start, threshold], Asked(question=""))


def test_a_number_of_the_sentence_spans_no_dates_by_chance():
    # 2024-01-08 + 23 days = 2024-01-31, but 24 is a score and no number of days
    answer = "The HAM-D-17 was 24, and sertraline ended on 2024-01-31."
    places = ("Observation/o1#valueQuantity.value", "Observation/o1#effectiveDateTime")
    assert not supported(answer, *places, f"MedicationStatement/m2#{DRUG}")
    right = answer.replace("2024-01-31", "2024-01-08")
    assert supported(right, *places, f"MedicationStatement/m2#{DRUG}")


COURSE = "Sertraline, 2024-01-01 to {}, outcome unknown."
SUPPOSING = "given that she had only 4 weeks of sertraline, is it a failure?"


def test_a_supposed_course_ends_after_the_weeks_supposed():
    places = (f"MedicationStatement/m2#{START}", f"MedicationStatement/m2#{DRUG}")
    assert supported(COURSE.format("2024-01-28"), *places, asked=SUPPOSING, what_if=True)
    assert not supported(COURSE.format("2024-01-29"), *places, asked=SUPPOSING, what_if=True)
    assert not supported(COURSE.format("2024-01-28"), *places, asked=SUPPOSING)
    other = "given that she had only 4 weeks of venlafaxine, is it a failure?"
    assert not supported(COURSE.format("2024-01-28"), *places, asked=other, what_if=True)
    two = f"{SUPPOSING} and of 8 weeks of venlafaxine?"
    assert not supported(COURSE.format("2024-01-28"), *places, asked=two, what_if=True)


def test_a_supposed_length_is_the_weeks_supposed_and_no_other():
    answer = "The duration is not adequate ({} days at an adequate dose)."
    place = f"MedicationStatement/m2#{START}"
    assert supported(answer.format(28), place, asked=SUPPOSING, what_if=True)
    assert not supported(answer.format(29), place, asked=SUPPOSING, what_if=True)


def test_the_weeks_asked_about_prove_no_length_of_the_record():
    answer = "Sertraline was taken for 42 days at an adequate dose."
    asked = "did she take sertraline for 6 weeks?"
    assert not supported(answer, f"MedicationStatement/m2#{DRUG}", asked=asked)


def test_a_drug_that_is_nowhere_in_the_record_is_rightly_said_not_to_be_recorded():
    place = f"MedicationStatement/m2#{DRUG}"
    assert supported("Not recorded: rTMS, ketamine and esketamine.", place)
    assert not supported("Esketamine was tried.", place)


@pytest.mark.parametrize(
    "held",
    [
        taken("m3", "esketamine", "2022-01-01"),
        taken("m3", "esketamine", "2022-01-01", text="Spravato 56 mg"),
        taken("m3", None, "2022-01-01", text="2119381"),
        taken("m3", None, "2022-01-01", text="N06AX27"),
        {"resourceType": "Procedure", "id": "x", "code": {"coding": [{"code": "G2082"}]}},
    ],
    ids=["name", "brand", "RxNorm product", "ATC", "procedure"],
)
def test_an_invented_absence_is_caught_by_name_and_by_code(held):
    place = f"MedicationStatement/m2#{DRUG}"
    answer = "Not recorded: rTMS, ketamine and esketamine."
    assert not supported(answer, place, record=(*RECORD, held))


@pytest.mark.parametrize(
    "answer",
    [
        "Not recorded: rTMS, then esketamine was given.",
        "Not recorded as stopped: esketamine.",
        "Not recorded: rTMS; esketamine helped.",
    ],
)
def test_a_course_told_behind_an_absence_is_no_absence(answer):
    assert not supported(answer, f"MedicationStatement/m2#{DRUG}")
