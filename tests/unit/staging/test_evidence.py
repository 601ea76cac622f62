"""Every conclusion of the core names the elements of the record it rests on."""

from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest

from assistant.staging.engine import stage
from assistant.staging.findings import percent
from assistant.staging.report import Finding, StagingReport
from assistant.staging.tables import rules
from fhir_adapter.read import read_bundle
from tests.lib.histories import (
    Line,
    depression,
    diagnosis,
    lab,
    reaction,
    record,
    score,
    session,
    suicidality,
    took,
)


def _reported(*lines: Line) -> StagingReport:
    return stage(record(lines), as_of=date(2024, 6, 1))


@pytest.fixture(scope="module")
def report() -> StagingReport:
    return _reported(
        depression("2022-12-01", recorded="2022-12-05"),
        score("HAM-D-17", 24, "2023-01-02"),
        took("sertraline", 50, "2023-01-02", days=56, taken="met", given_for="depression"),
        score("HAM-D-17", 20, "2023-02-26"),
        took("venlafaxine", 150, "2023-03-01", days=60),
        took("venlafaxine", 150, "2023-03-01", days=30, source="dispense"),
        took("venlafaxine", 150, "2023-03-31", days=30, source="dispense"),
        took("trazodone", 50, "2023-03-01", days=60),
        took("lithium", 900, "2023-03-05", days=40),
        session("ECT", "2024-01-10", sessions=8, side="bilateral"),
        reaction("venlafaxine", "2023-04-20"),
        lab("plasma_level:sertraline", 5, "ng/mL", "2023-02-01"),
        suicidality("phq9_item_9", "2024-05-01"),
        diagnosis("anxiety", "anxiety disorder"),
        lab("hs-CRP", 6, "mg/L", "2024-05-01"),
    )


def _finding(report: StagingReport, rule: str, subject: str | None = None) -> Finding:
    (found,) = [f for f in report.findings if (f.rule, f.subject) == (rule, subject)]
    return found


def _facts(report: StagingReport, rule: str, subject: str | None = None) -> list[str]:
    return [str(fact) for fact in _finding(report, rule, subject).facts]


def test_the_dose_rests_on_drug_and_dose(report: StagingReport) -> None:
    assert _facts(report, "adequacy.dose", "t1") == [
        "MedicationStatement/3#drug",
        "MedicationStatement/3#dose",
    ]


def test_the_duration_rests_on_start_end_and_status(report: StagingReport) -> None:
    assert _facts(report, "adequacy.duration", "t1")[:3] == [
        "MedicationStatement/3#start",
        "MedicationStatement/3#end",
        "MedicationStatement/3#status",
    ]


def test_stated_adherence_rests_on_the_statement(report: StagingReport) -> None:
    assert _facts(report, "adequacy.adherence", "t1") == ["MedicationStatement/3#adherence"]


def test_adherence_by_dispenses_rests_on_the_fills(report: StagingReport) -> None:
    assert _facts(report, "adequacy.adherence", "t2") == [
        "MedicationDispense/6#start",
        "MedicationDispense/6#end",
        "MedicationDispense/7#start",
        "MedicationDispense/7#end",
    ]


def test_the_outcome_rests_on_baseline_and_endpoint(report: StagingReport) -> None:
    assert _facts(report, "outcome.non_response", "t1") == [
        "Observation/2#value",
        "Observation/2#date",
        "Observation/4#value",
        "Observation/4#date",
    ]


def test_an_excluded_use_rests_on_what_excludes_it(report: StagingReport) -> None:
    (excluded,) = report.excluded_exposures
    assert [str(e) for e in excluded.evidence] == [
        f"MedicationStatement/8#{name}" for name in ("drug", "dose", "status")
    ]


def test_an_augmentation_rests_on_its_entries(report: StagingReport) -> None:
    (augmentation,) = report.augmentations
    assert {e.reference for e in augmentation.evidence} == {"MedicationStatement/9"}


def test_a_low_dose_addition_rests_on_its_entries() -> None:
    report = _reported(
        took("sertraline", 50, "2023-01-02", days=56),
        took("amitriptyline", 25, "2023-01-02", days=56),
    )
    (augmentation,) = report.augmentations
    assert {e.reference for e in augmentation.evidence} == {"MedicationStatement/2"}


def test_a_course_of_ect_rests_on_its_sessions(report: StagingReport) -> None:
    (course,) = report.procedures
    assert [str(e) for e in course.evidence] == ["Procedure/10#modality", "Procedure/10#date"]


def test_the_episode_rests_on_the_onset(report: StagingReport) -> None:
    assert report.episode is not None
    assert [str(e) for e in report.episode.evidence] == ["Condition/1#onset"]


def test_without_an_onset_the_episode_rests_on_the_recorded_date() -> None:
    report = _reported(depression(None, recorded="2022-12-05"))
    assert report.episode is not None
    assert [str(e) for e in report.episode.evidence] == ["Condition/1#recorded"]


def test_without_a_code_the_episode_rests_on_the_score_or_the_indication() -> None:
    by_score = _reported(score("HAM-D-17", 20, "2023-01-02")).episode
    assert by_score is not None
    assert {e.reference for e in by_score.evidence} == {"Observation/1"}
    given = _reported(took("sertraline", 50, "2023-01-02", days=9, given_for="depression")).episode
    assert given is not None
    assert [str(e) for e in given.evidence] == ["MedicationStatement/1#indication"]


def test_a_check_rests_on_the_entries_that_raise_it(report: StagingReport) -> None:
    raised = {
        c.check: {e.reference for e in c.evidence} for c in report.pseudo_resistance if c.evidence
    }
    assert raised["anxiety"] == {"Condition/14"}
    assert raised["plasma_level"] == {"Observation/12"}
    assert raised["intolerance"] == {"AllergyIntolerance/11"}
    assert raised["inflammation"] == {"Observation/15"}


def test_a_check_of_a_trial_names_the_trial(report: StagingReport) -> None:
    named = {c.check: c.trials for c in report.pseudo_resistance if c.trials}
    assert named == {"plasma_level": ("t1",), "intolerance": ("t2",)}


def test_safety_and_markers_rest_on_their_observations(report: StagingReport) -> None:
    assert [e.reference for flag in report.safety for e in flag.evidence] == ["Observation/13"]
    markers = {b.marker: {e.reference for e in b.evidence} for b in report.biomarkers}
    assert markers == {
        "hs-CRP": {"Observation/15"},
        "plasma level of sertraline": {"Observation/12"},
    }


def test_a_block_rests_on_the_diagnosis() -> None:
    report = _reported(depression(), diagnosis("bipolar", "bipolar disorder", onset="2015-01-01"))
    assert "Condition/2#code" in _facts(report, "diagnosis.bipolar")


def test_every_finding_names_its_sources(report: StagingReport) -> None:
    for found in report.findings:
        assert found.sources == rules()[found.rule].sources
        assert found.statement.endswith(".")


DEMO = Path(str(files("assistant") / "demo_patients"))
FEW_A_TRIAL = 12
MOST_FACTS = {"adequacy.adherence": 20}
"""Adherence rests on every fill; all other findings name a few deciding elements."""


@pytest.mark.parametrize("story", sorted(DEMO.glob("*.json")), ids=lambda path: path.stem)
def test_a_finding_names_few_elements(story: Path) -> None:
    found = stage(read_bundle(story.read_bytes()).treatment, as_of=date(2024, 6, 1))
    crowded = {
        f.rule: len(f.facts)
        for f in found.findings
        if len(f.facts) > MOST_FACTS.get(f.rule, FEW_A_TRIAL * max(1, len(found.trials)))
        and not f.rule.startswith("outcome.")
    }
    assert not crowded


def _statement(report: StagingReport, rule: str, subject: str | None = None) -> str:
    return _finding(report, rule, subject).statement


def test_a_finding_states_the_value_the_threshold_and_the_verdict(report: StagingReport) -> None:
    assert _statement(report, "adequacy.dose", "t1") == (
        "sertraline: up to 50 mg/day; an adequate trial needs at least 50 mg/day: met."
    )
    assert _statement(report, "adequacy.duration", "t1") == (
        "sertraline: 56 days in one run at or above the minimum dose; "
        "an adequate trial needs 42: met."
    )
    assert _statement(report, "adequacy.adherence", "t2") == (
        "venlafaxine: 100 % (dispenses: proportion of days covered); "
        "an adequate trial needs 80 % of the doses: met."
    )
    assert _statement(report, "outcome.non_response", "t1") == (
        "sertraline: HAM-D-17 24 to 20, a reduction of 16.7 %; "
        "a partial response begins at 25 %: non-response."
    )


def test_a_stage_states_its_rule_and_the_trials_it_counts(report: StagingReport) -> None:
    assert _statement(report, "trd.definition") == (
        "TRD needs 2 failed adequate trials of 2 classes in the current episode: "
        "at least no, working no, at most yes; proven: sertraline (SSRI); "
        "with the assumptions: sertraline (SSRI); "
        "possible: sertraline (SSRI), venlafaxine (SNRI)."
    )
    assert _statement(report, "source_stage.II") == (
        "Stage II needs two failed adequate trials of different classes: "
        "at least I, working I, at most II; proven: sertraline (SSRI); "
        "with the assumptions: sertraline (SSRI); "
        "possible: sertraline (SSRI), venlafaxine (SNRI)."
    )


def test_a_share_just_below_the_threshold_is_not_shown_as_the_threshold() -> None:
    assert percent(Decimal("0.79999")) == "79.9 %"
    assert percent(Decimal(1)) == "100 %"
    assert percent(Decimal("0.80")) == "80 %"


def test_a_rise_of_the_score_is_called_a_rise() -> None:
    found = _reported(
        depression(),
        score("HAM-D-17", 20, "2023-01-02"),
        took("sertraline", 50, "2023-01-02", days=56),
        score("HAM-D-17", 25, "2023-02-26"),
    )
    assert "a rise of 25.0 %" in _statement(found, "outcome.non_response", "t1")


def test_a_blocked_stage_names_the_block_and_no_trial_entries() -> None:
    found = _reported(
        depression(),
        diagnosis("bipolar", "bipolar disorder"),
        score("HAM-D-17", 24, "2023-01-02"),
        took("sertraline", 50, "2023-01-02", days=56, taken="met"),
        score("HAM-D-17", 20, "2023-02-26"),
    )
    trd = _finding(found, "trd.definition")
    assert trd.statement.endswith("a recorded diagnosis rules out unipolar resistance.")
    assert trd.facts == ()


def test_the_severity_of_maudsley_rests_on_the_last_score(report: StagingReport) -> None:
    assert "Observation/4#value" in _facts(report, "maudsley.total")


def test_a_duplicate_entry_is_cited_once() -> None:
    line = took("sertraline", 50, "2023-01-02", days=56)
    report = _reported(depression(), line, line)
    cited = [str(e) for e in report.trials[0].evidence]
    assert len(cited) == len(set(cited))


def test_a_check_says_what_was_found_and_of_which_trial() -> None:
    report = _reported(
        depression(),
        took("sertraline", 50, "2023-01-02", days=20),
        lab("plasma_level:sertraline", 5, "ng/mL", "2023-01-15"),
    )
    found = {c.check: (c.detail, c.trials) for c in report.pseudo_resistance}
    assert found["plasma_level"] == ("sertraline 5 ng/mL, range from 10", ("t1",))
    assert found["inadequate_exposure"] == ("sertraline: it was too short", ("t1",))


def test_a_step_names_its_rules_and_its_trials() -> None:
    report = _reported(
        depression(),
        score("HAM-D-17", 24, "2023-01-02"),
        took("sertraline", 50, "2023-01-02", days=56, taken="met"),
        score("HAM-D-17", 16, "2023-02-26"),
        diagnosis("anxiety", "anxiety disorder"),
    )
    assert [(s.action, s.because, s.trials) for s in report.next_steps] == [
        ("treat_comorbidity", ("next.pseudo_resistance", "pseudo.comorbidity"), ()),
        ("optimise", ("outcome.partial_response",), ("t1",)),
        ("augment", ("outcome.partial_response",), ("t1",)),
        ("switch", ("outcome.partial_response",), ("t1",)),
    ]


def test_an_issue_names_its_resource_and_its_severity() -> None:
    report = _reported(
        depression(),
        took("sertraline", 100, "2023-01-01", to="2023-02-11"),
        took("sertraline", 200, None),
    )
    assert [(i.severity, i.resource) for i in report.issues] == [
        ("warning", "MedicationStatement/3")
    ]


def test_a_disputed_end_says_what_disagrees() -> None:
    report = _reported(
        depression(),
        took("sertraline", 100, "2023-01-02", to="2023-03-01"),
        took("sertraline", 100, "2023-01-02", ongoing=True, source="order"),
    )
    assert report.trials[0].end_basis == "statement and order disagree"
