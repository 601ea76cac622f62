"""Scores: which counts, which is refused, and one administration counted once."""

from typing import Any

import pytest

from fhir_adapter.read import read_bundle
from tests.lib import fhir
from tests.lib.fhir import LOINC, coded

ITEMS = ("44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2", "44252-5", "44253-3",
         "44260-8")  # fmt: skip
ANSWERS = ("LA6568-5", "LA6569-3", "LA6570-1", "LA6571-9")
AT = "2023-01-02T09:00:00Z"


def facts(*resources: Any):
    return read_bundle(fhir.bundle(fhir.patient(), *resources)).treatment


def scores(*resources: Any) -> list[tuple[str, int]]:
    return [(score.scale, int(score.value)) for score in facts(*resources).scores]


def problems(*resources: Any) -> str:
    return " | ".join(f"{i.path}: {i.problem}" for i in facts(*resources).issues)


def item(number: int, score: int, **elements: Any) -> dict[str, Any]:
    return fhir.phq9(
        0,
        AT,
        id=f"i{number}",
        code=coded(LOINC, ITEMS[number - 1]),
        valueCodeableConcept=coded(LOINC, ANSWERS[score]),
        **elements,
    ) | {"valueInteger": None}


def form(values: list[int], total: int | None = None, **elements: Any) -> dict[str, Any]:
    listed: list[dict[str, Any]] = [
        {
            "linkId": f"/{ITEMS[index]}",
            "answer": [{"valueCoding": {"system": LOINC, "code": ANSWERS[value]}}],
        }
        for index, value in enumerate(values)
    ]
    if total is not None:
        listed.append({"linkId": "/44261-6", "answer": [{"valueInteger": total}]})
    return {
        "resourceType": "QuestionnaireResponse",
        "id": "q1",
        "status": "completed",
        "subject": fhir.SUBJECT,
        "authored": AT,
        "item": listed,
        **elements,
    }


def valued(**value: Any) -> dict[str, Any]:
    return {k: v for k, v in fhir.phq9(0).items() if k != "valueInteger"} | value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"valueInteger": 14}, 14),
        ({"valueInteger": 0}, 0),
        ({"valueInteger": 27}, 27),
        ({"valueDecimal": 14.0}, 14),
        ({"valueQuantity": {"value": 14, "unit": "{score}"}}, 14),
        ({"valueQuantity": {"value": 14, "unit": "pts."}}, 14),
        ({"valueString": "14"}, 14),
        ({"valueInteger": 28}, None),
        ({"valueInteger": 300}, None),
        ({"valueInteger": -1}, None),
        ({"valueDecimal": 23.005073501253793}, None),
        ({"valueQuantity": {"value": 14, "comparator": ">"}}, None),
        ({"valueQuantity": {"unit": "{score}"}}, None),
        ({"valueString": "moderate"}, None),
        ({"valueString": "14.5"}, None),
        ({"valueString": "-14"}, None),
        ({"valueBoolean": True}, None),
        ({"valueInteger": True}, None),
        ({"valueInteger": "14"}, None),
        ({"dataAbsentReason": {"text": "refused"}}, None),
        ({}, None),
    ],
)
def test_a_total_is_a_possible_whole_number_or_refused(value, expected):
    assert scores(valued(**value)) == ([] if expected is None else [("PHQ-9", expected)])
    if expected is None:
        assert problems(valued(**value))


@pytest.mark.parametrize(
    ("status", "counts"),
    [
        ("final", True), ("amended", True), ("corrected", True), ("preliminary", True),
        ("registered", False), ("cancelled", False), ("unknown", False),
        ("entered-in-error", False), ("", False),
    ],
)  # fmt: skip
def test_only_a_result_of_a_counted_status_is_a_score(status, counts):
    found = facts(fhir.phq9(14, status=status))
    assert bool(found.scores) == counts
    assert bool(found.issues) == (status not in ("final", "amended", "corrected"))
    assert [score.preliminary for score in found.scores] == [status == "preliminary"] * counts


@pytest.mark.parametrize(
    ("code", "scale"),
    [
        (coded(LOINC, "44261-6"), "PHQ-9"),
        (coded("http://snomed.info/sct", "720433000"), "PHQ-9"),
        (coded(LOINC, "99046-5"), "EPDS"),
        (coded(LOINC, "71354-5"), "EPDS"),
        (coded(LOINC, "89209-1"), "BDI-II"),
        ({"text": "Hamilton Depression Rating Scale, 17 items (HAM-D-17), total score"},
         "HAM-D-17"),
        ({"text": "HAMD-17"}, "HAM-D-17"),
        ({"text": "HDRS17 total"}, "HAM-D-17"),
        ({"text": "HRSD 21"}, "HAM-D-21"),
        ({"text": "Montgomery-\u00c5sberg Depression Rating Scale"}, "MADRS"),
        ({"text": "MADRS total"}, "MADRS"),
        ({"text": "QIDS-SR16"}, "QIDS-SR16"),
        ({"text": "PHQ-9 total"}, "PHQ-9"),
    ],
)  # fmt: skip
def test_a_scale_is_known_by_code_or_name(code, scale):
    assert scores(fhir.phq9(14, code=code)) == [(scale, 14)]


@pytest.mark.parametrize(
    "code",
    [
        coded(LOINC, "89204-2"),  # PHQ-9 for teenagers
        coded(LOINC, "70274-6"),  # GAD-7
        coded(LOINC, "69737-5"),
        {"text": "HAM-D item 3 (suicide)"},
        {"text": "PHQ-9 modified for teens"},
        {"text": "Change from baseline in MADRS"},
        {"text": "Hamilton Anxiety Rating Scale"},
        {"text": "Body weight"},
    ],
)
def test_another_instrument_is_no_score_of_ours(code):
    assert scores(fhir.phq9(14, code=code)) == []


def test_a_name_that_leaves_the_version_open_is_noted_and_not_read():
    observation = fhir.phq9(20, code={"text": "HAM-D total score"})
    assert scores(observation) == []
    assert "which version" in problems(observation)


def named(words, code="99999-9", system=LOINC):
    return {"coding": [{"system": system, "code": code, "display": words}]}


def test_a_scale_without_a_published_code_is_read_by_its_name_under_any_code():
    observation = fhir.phq9(24, code=named("Total score [MADRS]"))
    assert scores(observation) == [("MADRS", 24)]
    assert "known by its name only" in problems(observation)


@pytest.mark.parametrize(
    "code",
    [
        named("Apparent sadness [MADRS]"),
        named("Patient Health Questionnaire 9, another form, total score"),
        named("Hamilton Depression Rating Scale 17 items, guilt", "1", "http://snomed.info/sct"),
    ],
)
def test_another_code_that_names_a_scale_is_noted_and_not_read(code):
    observation = fhir.phq9(3, code=code)
    assert scores(observation) == []
    assert "code that we do not know" in problems(observation)


def test_the_code_of_the_panel_with_a_quantity_is_read_with_an_issue():
    panel = valued(code=coded(LOINC, "44249-1"), valueQuantity={"value": 27})
    assert scores(panel) == [("PHQ-9", 27)]
    assert "code of the panel" in problems(panel)


def test_nine_items_are_summed():
    assert scores(*(item(number, 2) for number in range(1, 10))) == [("PHQ-9", 18)]


def test_fewer_than_nine_items_give_no_total():
    eight = [item(number, 2) for number in range(1, 9)]
    assert scores(*eight) == []
    assert "8 of 9 items" in problems(*eight)


def test_items_win_over_a_stated_total_with_an_issue():
    response = form([1, 1, 1, 1, 2, 2, 1, 1, 1], total=36)
    assert scores(response) == [("PHQ-9", 11)]
    assert "not the sum" in problems(response)


def test_the_score_in_an_extension_wins_over_an_answer_code_that_never_changes():
    response = form([0] * 9)
    for index, entry in enumerate(response["item"]):
        entry["answer"][0]["valueCoding"]["extension"] = [
            {
                "url": "http://hl7.org/fhir/StructureDefinition/iso21090-CO-value",
                "valueDecimal": index % 4,
            }
        ]
    assert scores(response) == [("PHQ-9", sum(index % 4 for index in range(9)))]


@pytest.mark.parametrize(
    "url",
    [
        "http://hl7.org/fhir/StructureDefinition/ordinalValue",
        "http://hl7.org/fhir/StructureDefinition/itemWeight",
        "http://hl7.org/fhir/StructureDefinition/questionnaire-ordinalValue",
    ],
)
def test_every_ordinal_extension_is_read(url):
    answer = {"valueCoding": {"extension": [{"url": url, "valueDecimal": 1}], "code": "x"}}
    items = [{"linkId": code, "answer": [answer]} for code in ITEMS]
    assert scores(form([], item=items)) == [("PHQ-9", 9)]


@pytest.mark.parametrize(
    "answer",
    [
        {"valueCoding": {"code": "LA6569-3"}},  # no system
        {"valueInteger": 1},
        {"valueDecimal": 1.0},
        {"valueString": "1"},
        {"valueCoding": {"code": "1"}},
    ],
)
def test_an_answer_is_scored_by_number_or_answer_code(answer):
    items = [{"linkId": f"PHQ.{number}", "answer": [answer]} for number in range(1, 10)]
    items.append({"linkId": "PHQ.10", "answer": [{"valueInteger": 3}]})
    assert scores(form([], item=items)) == [("PHQ-9", 9)]


@pytest.mark.parametrize(
    "answer",
    [{"valueInteger": 4}, {"valueInteger": -1}, {"valueDecimal": 1.5}, {"valueCoding": {}}],
)
def test_an_impossible_item_score_spoils_the_sum(answer):
    items = [{"linkId": code, "answer": [{"valueInteger": 1}]} for code in ITEMS]
    items[4]["answer"] = [answer]
    assert scores(form([], item=items)) == []
    assert problems(form([], item=items))


def test_an_item_answered_twice_alike_is_one_and_differently_is_noted():
    response = form([1] * 9)
    response["item"].append(response["item"][0])
    assert scores(response) == [("PHQ-9", 9)]
    response["item"][-1] = {"linkId": ITEMS[0], "answer": [{"valueInteger": 3}]}
    assert "answered twice" in problems(response)


def test_nested_items_are_found():
    response = form([], item=[{"linkId": "group", "item": form([1] * 9)["item"]}])
    assert scores(response) == [("PHQ-9", 9)]


@pytest.mark.parametrize("status", ["in-progress", "entered-in-error", "stopped"])
def test_an_unfinished_response_is_no_score(status):
    assert scores(form([1] * 9, status=status)) == []
    assert "does not count" in problems(form([1] * 9, status=status))


def test_a_response_to_a_phq_2_is_a_phq_2():
    assert scores(form([1, 2])) == [("PHQ-2", 3)]
    unfinished = form([1, 2], questionnaire="http://example.org/phq-9")
    assert scores(unfinished) == []


def test_one_administration_in_four_shapes_counts_once():
    values = [2, 2, 2, 1, 1, 1, 1, 1, 1]
    items = [item(number, value) for number, value in enumerate(values, start=1)]
    total = fhir.phq9(12, AT)
    panel = {
        key: value
        for key, value in fhir.phq9(0, AT, id="p", code=coded(LOINC, "44249-1")).items()
        if key != "valueInteger"
    } | {"hasMember": [{"reference": "Observation/i1"}]}
    found = facts(form(values, total=12), panel, *items, total)
    assert [(score.scale, score.value) for score in found.scores] == [("PHQ-9", 12)]
    assert len(found.suicidality) == 1
    assert found.issues == ()


def test_two_administrations_of_one_day_stay_two():
    morning = fhir.phq9(14, "2023-01-02T09:00:00Z", id="o1")
    evening = fhir.phq9(10, "2023-01-02T18:00:00Z", id="o2")
    assert scores(morning, evening) == [("PHQ-9", 14), ("PHQ-9", 10)]


def test_components_carry_items():
    panel = valued(code=coded(LOINC, "44249-1")) | {
        "component": [
            {"code": coded(LOINC, code), "valueCodeableConcept": coded(LOINC, ANSWERS[3])}
            for code in ITEMS
        ]
    }
    assert scores(panel) == [("PHQ-9", 27)]


def test_an_item_9_above_zero_is_a_sign_of_suicidality():
    (sign,) = facts(form([0] * 8 + [1])).suicidality
    assert (sign.kind, str(sign.date)) == ("phq9_item_9", "2023-01-02")
    assert facts(form([3] * 8 + [0])).suicidality == ()


def test_the_code_of_the_total_on_a_coded_answer_is_no_total():
    answer = valued(valueCodeableConcept=coded(LOINC, "LA6570-1"))
    assert scores(answer) == []
    assert "an answer where a total was expected" in problems(answer)


def test_a_score_without_a_date_is_refused():
    undated = fhir.phq9(14)
    del undated["effectiveDateTime"]
    assert scores(undated) == []
    assert "without a date" in problems(undated)
    assert scores(undated | {"issued": "2023-01-02T09:00:00Z"}) == [("PHQ-9", 14)]
