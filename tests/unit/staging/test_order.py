"""The order in which a chart lists its entries decides nothing, not even among equals."""

from dataclasses import replace
from datetime import date

from assistant.staging.engine import stage
from tests.lib.histories import depression, lab, record, score, session, suicidality, took

AS_OF = date(2024, 6, 1)


def test_scores_of_one_day_and_scale_are_taken_in_the_order_of_their_entries() -> None:
    chart = record(
        [
            depression(),
            score("PHQ-9", 22, "2023-01-02"),
            score("PHQ-9", 12, "2023-01-02"),
            took("sertraline", 100, "2023-01-02", days=56, taken="met"),
            score("PHQ-9", 21, "2023-02-26"),
            score("PHQ-9", 11, "2023-02-26"),
        ]
    )
    backwards = replace(chart, scores=chart.scores[::-1])
    assert stage(backwards, as_of=AS_OF).to_json() == stage(chart, as_of=AS_OF).to_json()


def test_labs_signs_and_sessions_of_one_day_give_one_report_in_any_order() -> None:
    chart = record(
        [
            depression(),
            took("sertraline", 100, "2023-01-02", days=56),
            lab("hs-CRP", 6, "mg/L", "2023-02-01"),
            lab("hs-CRP", 2, "mg/L", "2023-02-01"),
            lab("TSH", 2, "mIU/L", "2023-02-01"),
            lab("TSH", 12, "mIU/L", "2023-02-01"),
            suicidality("phq9_item_9", "2023-02-01", "scored 1"),
            suicidality("phq9_item_9", "2023-02-01", "scored 2"),
            session("ECT", "2023-03-01", sessions=6, side="bilateral"),
            session("ECT", "2023-03-01", sessions=2, side="unilateral"),
        ]
    )
    backwards = replace(
        chart,
        labs=chart.labs[::-1],
        suicidality=chart.suicidality[::-1],
        sessions=chart.sessions[::-1],
    )
    assert stage(backwards, as_of=AS_OF).to_json() == stage(chart, as_of=AS_OF).to_json()


def test_diagnoses_of_one_day_give_one_report_in_any_order() -> None:
    chart = record(
        [
            depression("2022-12-01", severity="mild"),
            depression("2022-12-01", severity="severe"),
            took("sertraline", 100, "2023-01-02", days=56, taken="met"),
        ]
    )
    backwards = replace(chart, diagnoses=chart.diagnoses[::-1])
    assert stage(backwards, as_of=AS_OF).to_json() == stage(chart, as_of=AS_OF).to_json()


def test_an_entry_listed_twice_counts_once_wherever_it_stands() -> None:
    chart = record(
        [
            depression(),
            score("PHQ-9", 22, "2023-01-02"),
            took("sertraline", 50, "2023-01-02", days=28),
            took("sertraline", 100, "2023-01-30", days=28),
            score("PHQ-9", 21, "2023-02-26"),
        ]
    )
    twice = replace(
        chart,
        exposures=(*chart.exposures[::-1], *chart.exposures),
        scores=(*chart.scores[::-1], *chart.scores),
    )
    assert stage(twice, as_of=AS_OF).to_json() == stage(chart, as_of=AS_OF).to_json()
