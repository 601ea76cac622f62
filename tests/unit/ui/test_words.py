"""Text of the chart stays text; paths, dates and elements are readable."""

from datetime import date
from typing import Any

import pytest

from ui.partial_dates import days_of
from ui.parts.stages import headline
from ui.plain_text import plain
from ui.readable import Row, path_in_words, rows
from ui.views.ask import answer_markdown, suggested
from ui.wording import (
    amount_words,
    bound_words,
    citation_words,
    cut_off_words,
    range_words,
    stage_value,
)

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "![pixel](http://evil.test/p.png)",
    ":red-background[fake] :material/warning:",
    "$\\href{http://evil.test}{x}$",
    "# heading",
    "| a | b |",
    "`code` **bold** ~~gone~~",
    "www.evil.test and http://evil.test and a@evil.test",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_chart_text_holds_no_markdown(text: str) -> None:
    shown = plain(text)
    for sign in "<>[]()*_`#|$:!~":
        assert f"\\{sign}" in shown or sign not in text
    assert "http:" not in shown.replace("\\", "") or "\u2060" in shown
    assert "www." not in shown.replace("\\", "")


def test_invisible_and_directional_characters_are_dropped() -> None:
    assert plain("a\u202eb\u200bc\x1b\u00add") == "abcd"


def test_an_answer_keeps_its_words_and_marks_its_citations() -> None:
    shown = answer_markdown("Sertraline reached 200 mg/day [R1][S2]. <b>no</b>")
    assert ":blue-badge[R1]:gray-badge[S2]" in shown.replace(" ", "")
    assert "\\<b\\>" in shown


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({"at_least": "II", "working": "II", "at_most": "II"}, "Stage II :green-badge"),
        ({"at_least": "0", "working": "II", "at_most": "II"}, "Between no stage and II :gray"),
        ({"at_least": "I", "working": "II", "at_most": "II"}, "Between I and II :gray"),
        ({"at_least": None, "working": None, "at_most": "II"}, "Up to Stage II :gray"),
    ],
)
def test_the_headline_never_states_the_assumed_stage_alone(
    bounds: dict[str, str | None], expected: str
) -> None:
    assert headline("source_stage", bounds, asserted=False).startswith(expected)


def test_a_stage_settled_by_asserted_facts_is_not_called_settled_by_the_record() -> None:
    bounds = {"at_least": "II", "working": "II", "at_most": "II"}
    assert "violet-badge[settled with asserted facts]" in headline(
        "source_stage", bounds, asserted=True
    )


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2024-02-03", date(2024, 2, 3), date(2024, 2, 3)),
    ],
)
def test_a_partial_date_is_all_its_days(text: str, first: date, last: date) -> None:
    assert days_of(text) == (first, last)


def test_an_element_path_reads_as_words() -> None:
    assert path_in_words("dosage[0].doseAndRate[1].doseQuantity") == (
        "Dosage 1 → Dose and rate 2 → Dose quantity"
    )


def test_fhir_json_reads_as_rows() -> None:
    statement = {
        "resourceType": "MedicationStatement",
        "medicationCodeableConcept": {"coding": [{"code": "1", "display": "sertraline"}]},
        "effectivePeriod": {"start": "2024-01-01"},
        "dosage": [{"doseAndRate": [{"doseQuantity": {"value": 50, "unit": "mg"}}]}],
    }
    assert rows(statement) == [
        Row("Medication codeable concept", "sertraline (1)"),
        Row("Effective period", "2024-01-01 to not recorded"),
        Row("Dosage → Dose and rate → Dose quantity", "50 mg"),
    ]


def test_amounts_carry_their_units() -> None:
    assert amount_words({"value": 42, "unit": "day"}) == "42 days"
    assert amount_words({"value": 0.8, "unit": "proportion of prescribed doses"}) == (
        "80% of those prescribed"
    )
    assert amount_words({"value": True, "unit": ""}) == "yes"


@pytest.mark.parametrize(
    ("method", "value", "shown"),
    [("trd", "yes", "Yes"), ("source_stage", "0", "No stage"), ("maudsley", None, "does not apply"),
     ("maudsley", 6, "6 points"), ("mgh_s", 0.5, "0.5 points"), ("mgh_s", "1.0", "1 point")],
)  # fmt: skip
def test_a_stage_is_written_in_the_words_of_its_method(
    method: str, value: object, shown: str
) -> None:
    assert stage_value(method, value) == shown


def test_suggestions_fit_the_report() -> None:
    report = {"staging_blocked_by": ["diagnosis.bipolar"], "trials": [], "scores": [],
              "missing_facts": []}  # fmt: skip
    assert "Why does unipolar staging not apply?" in suggested(report)
    assert not any("score" in question for question in suggested(report))


def test_a_stage_that_is_only_not_proven_is_not_called_inapplicable() -> None:
    bounds = {"at_least": None, "working": 5, "at_most": 6}
    assert bound_words("maudsley", bounds, "at_least") == "Not yet"
    assert bound_words("maudsley", bounds, "working") == "5 points"
    blocked = dict.fromkeys(bounds)
    assert bound_words("maudsley", blocked, "at_least") == "does not apply"


@pytest.mark.parametrize(
    ("method", "low", "high", "words"),
    [
        ("source_stage", "II", "II", "Stage II"),
        ("source_stage", "0", "II", "No stage to II"),
        ("maudsley", None, 6, "up to 6 points"),
        ("trd", "no", "yes", "Open"),
        ("trd", "no", "no", "No"),
    ],
)
def test_a_verdict_in_short_runs_from_proven_to_possible(
    method: str, low: Any, high: Any, words: str
) -> None:
    assert range_words(method, {"at_least": low, "at_most": high}) == words


STATEMENT = "MedicationStatement/m1"
REPORT: dict[str, Any] = {
    "scores": [
        {"scale": "HAM-D-17", "value": 24, "date": "2024-01-08",
         "evidence": ["Observation/o1#valueQuantity.value"]},
    ],
    "biomarkers": [
        {"marker": "plasma level of venlafaxine", "value": 284, "unit": "ng/mL",
         "date": "2024-04-15", "evidence": ["Observation/o2#valueQuantity.value"]},
    ],
    "trials": [{"drug": "sertraline", "evidence": [f"{STATEMENT}#status"]}],
    "earlier_trials": [], "augmentations": [], "excluded_exposures": [], "procedures": [],
}  # fmt: skip


@pytest.mark.parametrize(
    ("reference", "element", "excerpt", "words"),
    [
        ("Observation/o1", "valueQuantity.value", "24", "HAM-D-17 24, 2024-01-08"),
        ("Observation/o2", "valueQuantity.value", "284",
         "Plasma level of venlafaxine 284 ng/mL, 2024-04-15"),
        ("Observation/o3", "valueQuantity.value", "24", "Observation: 24"),
        (STATEMENT, "effectivePeriod.end", "2024-03-03", "sertraline, end: 2024-03-03"),
        (STATEMENT, "dosage[0].doseAndRate[0].doseQuantity", "200 mg", "sertraline: 200 mg"),
        (STATEMENT, "medicationCodeableConcept.coding[0].code", "312938 (sertraline 100 MG)",
         "Medication statement: sertraline 100 MG"),
        ("MedicationStatement/m2", "status", "active", "Medication statement: active"),
    ],
)  # fmt: skip
def test_a_chip_names_the_score_or_the_drug_that_it_leads_to(
    reference: str, element: str, excerpt: str, words: str
) -> None:
    citation = {"kind": "record", "reference": reference, "element": element, "excerpt": excerpt}
    assert citation_words(citation, {}, REPORT) == words


@pytest.mark.parametrize(
    ("reached", "words"),
    [
        (("yes", "yes", "yes"), "reached"),
        (("no", "no", "no"), "not reached"),
        (("no", "yes", "yes"), "open, assumed reached"),
        (("no", None, "yes"), "open"),
        ((None, None, None), "does not apply"),
    ],
)
def test_a_cut_off_is_open_where_the_bounds_part(reached: Any, words: str) -> None:
    bounds = dict(zip(("at_least", "working", "at_most"), reached, strict=True))
    cut_off = {"method": "maudsley", "points": 5, "reached": bounds, "source": "plosone2020"}
    assert cut_off_words(cut_off) == f"Maudsley 5 points or more: {words}"
