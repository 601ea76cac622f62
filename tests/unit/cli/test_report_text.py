"""The report as text: what a reader needs beside the tables, in words."""

from datetime import date

import pytest

from assistant.cli.report_text import print_report
from assistant.staging.engine import stage
from assistant.staging.report import StagingReport
from assistant.staging.ruleset import load_ruleset
from fhir_adapter.read import read_bundle
from tests.lib import demo, histories
from tests.lib.histories import Line


def _text(capsys: pytest.CaptureFixture[str], patient: str, as_of: date | None = None) -> str:
    record = read_bundle(demo.bundle(patient)).treatment
    print_report(stage(record, as_of=as_of or demo.as_of(patient)))
    return capsys.readouterr().out


def test_what_lies_after_the_date_is_counted_and_said(capsys: pytest.CaptureFixture[str]) -> None:
    said = _text(capsys, "advanced", date(2023, 1, 22))
    assert "67 of 67 entries read, 23 dated after 2023-01-22 not used" in said
    assert "not used" not in _text(capsys, "advanced")


def test_added_agents_and_procedures_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    said = _text(capsys, "advanced")
    assert "lithium added to t3, 2022-08-01 to 2022-11-06, adequate: met" in said
    assert "p2 ECT (bilateral), 10 sessions, 2023-08-07 to 2023-09-07, failed: yes" in said
    assert "p1 psychotherapy, 1 session, 2022-03-14 to 2022-03-14, failed: unknown" in said


def test_a_step_is_named_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    said = _text(capsys, "worked-case")
    assert "Switch. Venlafaxine: non-response." in said
    assert "consider_" not in said


def _of(*lines: Line, ruleset: str = "source_text") -> StagingReport:
    return stage(
        histories.record([histories.depression(), *lines]),
        as_of=date(2024, 6, 1),
        ruleset=load_ruleset(ruleset),
    )


def _printed(report: StagingReport, capsys: pytest.CaptureFixture[str]) -> str:
    print_report(report)
    return capsys.readouterr().out


def test_another_total_by_the_baseline_severity_is_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = _text(capsys, "worked-case")
    assert "6, mild" in said
    assert "Maudsley by baseline severity: 7, moderate" in said


def test_a_cut_off_of_the_ruleset_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    said = _printed(_of(*histories.failed("sertraline", "venlafaxine"), ruleset="register"), capsys)
    assert "Maudsley of 5 or more stands for resistance in this ruleset: at least yes" in said
    assert "MGH-S of 4 or more stands for resistance in this ruleset: at least no" in said


def test_what_a_register_does_not_check_is_not_shown_as_met(
    capsys: pytest.CaptureFixture[str],
) -> None:
    taken = histories.took("sertraline", None, "2023-01-02", days=56)
    said = _printed(_of(taken, ruleset="register"), capsys)
    row = next(line for line in said.splitlines() if "sertraline (SSRI)" in line)
    assert row.count("not checked") == 2


def test_asserted_facts_are_listed_apart_from_the_record(
    capsys: pytest.CaptureFixture[str],
) -> None:
    record = histories.record([histories.depression(), *histories.failed("sertraline")])
    facts = histories.assertions(
        [
            histories.asserted("adherence", 0.85, of="t1"),
            histories.asserted("severity", "severe"),
            histories.asserted("score", {"scale": "PHQ-9", "score": 12, "date": "2024-05-01"}),
        ]
    )
    said = _printed(stage(record, as_of=date(2024, 6, 1), assertions=facts), capsys)
    assert "Asserted by the clinician, not in the record" in said
    assert "adherence of t1: 0.85 (Dr. Example, 2024-06-01T09:00:00Z)" in said
    assert "severity: severe (Dr. Example" in said
    assert "score: PHQ-9, 12, 2024-05-01 (Dr. Example" in said
    assert "Asserted" not in _printed(_of(*histories.failed("sertraline")), capsys)


def test_what_keeps_a_stage_from_being_told_stands_below_the_stages(
    capsys: pytest.CaptureFixture[str],
) -> None:
    bipolar = histories.diagnosis("bipolar", "bipolar disorder")
    pregnant = histories.diagnosis("pregnancy", "pregnancy")
    said = _printed(_of(*histories.failed("sertraline"), bipolar, pregnant), capsys)
    assert "bipolar disorder is recorded: no stage of unipolar resistance is given." in said
    assert "have the stage reviewed" in said.replace("\n", " ")
    undocumented = stage(histories.record([]), as_of=date(2024, 6, 1))
    said = _printed(undocumented, capsys)
    assert "No code, indication or score of the record documents depression." in said


def test_an_end_that_is_not_known_is_called_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    said = _printed(_of(histories.took("sertraline", 50, "2023-01-02")), capsys)
    assert "2023-01-02 to unknown" in said


def test_why_an_addition_is_not_adequate_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    added = [
        histories.took("lithium", 900, "2023-01-16", days=35),
        histories.lab("lithium", 0.45, "mmol/L", "2023-02-10"),
    ]
    said = _printed(_of(*histories.failed("sertraline"), *added), capsys)
    assert "adequate: not met (highest serum level 0.45 mmol/L, borderline)" in said


def test_a_mimic_that_was_not_assessed_is_not_passed_over(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = " ".join(_printed(_of(*histories.failed("sertraline")), capsys).split())
    assert (
        "Not assessed: hypothyroidism (no TSH is recorded); inflammation (no hs-CRP is recorded)"
        in said
    )


def test_markers_are_shown_as_what_changes_no_stage(capsys: pytest.CaptureFixture[str]) -> None:
    said = _printed(_of(histories.lab("hs-CRP", 5, "mg/L", "2023-02-01")), capsys)
    assert "Mechanism notes (they change no stage)" in said
    assert "hs-CRP 5 mg/L (2023-02-01): inflammatory stratum, exploratory" in said


def test_remarks_stand_beside_the_reasons(capsys: pytest.CaptureFixture[str]) -> None:
    said = _printed(
        _of(
            histories.took("sertraline", 50, "2023-01-02", days=49, taken="met"),
            histories.score("HAM-D-17", 24, "2022-12-05"),
            histories.score("HAM-D-17", 22, "2023-02-19"),
        ),
        capsys,
    )
    assert "t1 sertraline: remarked: older baseline, adequate at 6 not 8" in said


def test_an_outcome_without_a_score_shows_no_empty_scores(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = _printed(
        _of(
            histories.took("sertraline", "12.8571428571", "2023-01", to="2023-03"),
            histories.score("HAM-D-17", 24, "2023-01-02"),
            histories.score("HAM-D-17", 20, "2023-03-31"),
        ),
        capsys,
    )
    assert "-→-" not in said
    assert "12.85 " in said
    assert "12.857" not in said


def test_the_side_of_ect_is_told_and_its_absence_too(capsys: pytest.CaptureFixture[str]) -> None:
    sessions = [
        histories.session("ECT", "2023-09-01", sessions=8),
        histories.session("ECT", "2024-02-01", sessions=8, side="bilateral"),
    ]
    said = _printed(_of(*sessions), capsys)
    assert "p1 ECT (laterality unknown), 8 sessions" in said
    assert "p2 ECT (bilateral), 8 sessions" in said
