"""What the clinician vouches for is laid over the record, shown as asserted, and recomputed."""

import pytest

from assistant.staging.assertions import UnusableAssertionError
from assistant.staging.record import Assertion
from tests.lib.expectations import expect
from tests.lib.histories import (
    Line,
    asserted,
    depression,
    diagnosis,
    failed,
    score,
    session,
    took,
)

TITLE = "Asserted facts and what-if"


def _open_trial() -> list[Line]:
    return [
        score("HAM-D-17", 24, "2023-01-02"),
        took("sertraline", 50, "2023-01-02", days=56),
        score("HAM-D-17", 20, "2023-02-26"),
    ]


def test_an_asserted_adherence_settles_the_failure() -> None:
    """A share of at least 0.80, or met, proves the failure; less, or not met, undoes it."""
    for value, failed_ in ((0.8, "yes"), ("met", "yes"), (0.79, "no"), ("not_met", "no")):
        expect(
            _open_trial(),
            asserted("adherence", value, of="t1"),
            gives={"t1 failed": failed_, "t1 asserted": "adherence"},
        )


def test_several_asserted_facts_of_one_trial_hold_together() -> None:
    """Facts about the same trial are all laid over it."""
    expect(
        _open_trial(),
        asserted("adherence", "met", of="t1"),
        asserted("dose", 100, of="t1"),
        gives={"t1 failed": "yes", "t1 highest dose": 100, "t1 asserted": "dose; adherence"},
    )


def test_an_assertion_may_name_the_drug() -> None:
    """A fact about a drug holds for its trials."""
    expect(_open_trial(), asserted("adherence", "met", of="Sertraline"), gives={"t1 failed": "yes"})


def test_an_assertion_about_another_trial_changes_nothing_here() -> None:
    """A fact about t2 leaves t1 as it was."""
    expect(
        _open_trial(),
        asserted("adherence", "met", of="venlafaxine"),
        gives={
            "t1 failed": "unknown",
            "t1 asserted": "none",
            "issues": "an asserted fact (adherence) is about no trial of this record: not used",
        },
    )


def test_an_asserted_dose_replaces_the_recorded_one() -> None:
    """The dose the clinician vouches for is judged in place of the recorded one."""
    expect(
        failed("sertraline"),
        asserted("dose", 25, of="t1"),
        gives={"t1 highest dose": 25, "t1 dose": "not_met", "t1 failed": "no", "stage": "0"},
    )


def test_an_asserted_end_ends_the_trial_and_leaves_its_steps() -> None:
    """An asserted end moves the end of the last step; earlier steps keep theirs."""
    expect(
        took("sertraline", 25, "2023-01-02", days=14),
        took("sertraline", 50, "2023-01-16", ongoing=True),
        asserted("end", "2023-03-05", of="t1"),
        gives={
            "t1 dose steps": "25 mg 2023-01-02 to 2023-01-15; 50 mg 2023-01-16 to 2023-03-05",
            "t1 ongoing": "no",
            "t1 days at adequate dose": 49,
        },
        because="16 January to 5 March: 16 + 28 + 5 = 49 days",
    )


def test_an_asserted_end_before_a_recorded_step_drops_the_step() -> None:
    """What was recorded after the asserted end is no longer part of the trial."""
    expect(
        took("sertraline", 25, "2023-01-02", days=14),
        took("sertraline", 50, "2023-01-16", days=56),
        asserted("end", "2023-01-10", of="t1"),
        gives={"t1 dose steps": "25 mg 2023-01-02 to 2023-01-10", "t1 dose": "not_met"},
    )


def test_an_asserted_start_begins_the_trial_and_leaves_its_steps() -> None:
    """An asserted start moves the start of the first step; later steps keep theirs."""
    expect(
        took("sertraline", 25, "2023-01-02", days=14),
        took("sertraline", 50, "2023-01-16", days=42),
        asserted("start", "2022-12-20", of="t1"),
        gives={
            "t1 dose steps": "25 mg 2022-12-20 to 2023-01-15; 50 mg 2023-01-16 to 2023-02-26",
            "t1 days at adequate dose": 42,
        },
    )


def test_an_asserted_start_after_a_recorded_step_drops_the_step() -> None:
    """What was recorded before the asserted start is no longer part of the trial."""
    expect(
        took("sertraline", 25, "2023-01-02", days=14),
        took("sertraline", 50, "2023-01-16", days=42),
        asserted("start", "2023-01-20", of="t1"),
        gives={"t1 dose steps": "50 mg 2023-01-20 to 2023-02-26"},
    )


def test_asserted_dates_give_an_undated_trial_its_days() -> None:
    """Start and end together settle an undated trial."""
    expect(
        took("sertraline", 50, None),
        asserted("start", "2023-01-02", of="t1"),
        asserted("end", "2023-02-26", of="t1"),
        gives={"t1 days at adequate dose": 56, "t1 duration": "met", "t1 asserted": "start; end"},
    )


def test_asserted_dates_change_what_overlaps() -> None:
    """An asserted end that shortens an overlap turns a combination into a switch."""
    lines = [
        took("sertraline", 100, "2023-01-02", to="2023-04-30"),
        took("venlafaxine", 150, "2023-03-01", to="2023-05-31"),
    ]
    expect(lines, gives={"t2 role": "combination"})
    expect(lines, asserted("end", "2023-03-10", of="t1"), gives={"t2 role": "monotherapy"})


def test_an_asserted_indication_settles_what_the_drug_was_for() -> None:
    """Given for depression after all: the trial counts; for something else: it stays open."""
    lines = [
        score("HAM-D-17", 24, "2023-01-02"),
        took("duloxetine", 60, "2023-01-02", days=56, taken="met", given_for="neuropathic pain"),
        score("HAM-D-17", 22, "2023-02-26"),
    ]
    expect(lines, asserted("indication", "depression", of="t1"), gives={"t1 failed": "yes"})
    expect(lines, asserted("indication", "migraine", of="t1"), gives={"t1 failed": "unknown"})


def test_an_asserted_stop_reason_is_the_trials() -> None:
    """A stop reason the clinician knows stands in place of an unknown one."""
    expect(
        took("sertraline", 50, "2023-01-02", days=20),
        asserted("stop_reason", "intolerance", of="t1"),
        gives={"t1 stopped": "intolerance", "check intolerance": "present"},
    )


def test_an_asserted_category_is_the_outcome() -> None:
    """An outcome the clinician vouches for replaces the measured one."""
    for category, verdict in (
        ("remission", "no"),
        ("response", "no"),
        ("partial_response", "yes"),
        ("non_response", "yes"),
    ):
        expect(
            took("sertraline", 50, "2023-01-02", days=56, taken="met"),
            asserted("outcome", category, of="t1"),
            gives={"t1 outcome": category, "t1 failed": verdict},
        )
    expect(
        took("sertraline", 50, "2023-01-02", days=56, taken="met"),
        asserted("outcome", "partial_response", of="t1"),
        ruleset="sforzini_2022",
        gives={"t1 failed": "no"},
    )


def test_an_asserted_score_is_one_more_score() -> None:
    """A score the clinician adds is used like one of the record, as score or as outcome."""
    for fact in ("score", "outcome"):
        expect(
            took("sertraline", 50, "2023-01-02", days=56, taken="met"),
            score("HAM-D-17", 24, "2023-01-02"),
            asserted(fact, {"scale": "HAM-D-17", "score": 20, "date": "2023-02-26"}, of="t1"),
            gives={"t1 outcome": "non_response", "t1 failed": "yes"},
            because="(24 - 20) / 24 = 16.67 %",
        )


def test_an_asserted_unipolar_diagnosis_documents_depression() -> None:
    """The clinician's diagnosis opens the stages."""
    lines = [
        score("HAM-D-17", 14, "2023-01-02"),
        took("sertraline", 50, "2023-01-02", days=56, taken="met"),
        score("HAM-D-17", 14, "2023-02-26"),
    ]
    expect(lines, documented=False, gives={"stage": "none / none / I"})
    expect(lines, asserted("diagnosis", "unipolar"), documented=False, gives={"stage": "I"})


def test_an_asserted_bipolar_or_psychotic_diagnosis_blocks() -> None:
    """The clinician's diagnosis blocks as a recorded one does."""
    for name, rule in (("bipolar", "diagnosis.bipolar"), ("psychotic", "diagnosis.psychotic")):
        expect(
            failed("sertraline"),
            asserted("diagnosis", name),
            gives={"stage": "none", "TRD": "no", "blocked by": rule},
        )


def test_an_asserted_onset_is_the_start_of_the_episode() -> None:
    """The asserted onset replaces the recorded one; severity and the rest stay."""
    expect(
        depression("2023-06-01", severity="severe", psychotic_features=True),
        failed("sertraline"),
        asserted("onset", "2021-01-01"),
        gives={
            "episode start": "2021-01-01",
            "Maudsley items": "duration 3; severity 5; failures 1; augmentation 0; ect 0",
        },
    )


def test_an_asserted_severity_replaces_only_the_severity() -> None:
    """The asserted severity stands over the last score; the outcomes keep their scores."""
    expect(
        failed("sertraline"),
        asserted("severity", "severe"),
        gives={
            "t1 outcome": "non_response",
            "stage": "I",
            "Maudsley items": "duration 2; severity 4; failures 1; augmentation 0; ect 0",
        },
    )
    expect(
        failed("sertraline"),
        asserted("severity", "severe_with_psychosis"),
        gives={"Maudsley items": "duration 2; severity 5; failures 1; augmentation 0; ect 0"},
    )
    expect(
        failed("sertraline"),
        asserted("severity", "subsyndromal"),
        gives={"Maudsley items": "duration 2; severity 1; failures 1; augmentation 0; ect 0"},
    )


def _ect(*more: Line) -> list[Line]:
    return [
        *failed("sertraline", "venlafaxine", "nortriptyline", "phenelzine"),
        score("HAM-D-17", 22, "2024-02-01"),
        session("ECT", "2024-02-01", sessions=8),
        score("HAM-D-17", 20, "2024-02-20"),
        *more,
    ]


def test_an_asserted_laterality_settles_stage_v() -> None:
    """Bilateral: Stage V; unilateral: Stage IV. Without a course named it holds for all ECT."""
    expect(_ect(asserted("laterality", "bilateral", of="p1")), gives={"Thase-Rush": "V"})
    expect(_ect(asserted("laterality", "unilateral", of="p1")), gives={"Thase-Rush": "IV"})
    expect(_ect(asserted("laterality", "bilateral")), gives={"Thase-Rush": "V"})


def test_a_laterality_asserted_of_another_course_changes_nothing() -> None:
    """A fact about p2 leaves p1 as it was, and psychotherapy has no laterality."""
    expect(
        _ect(asserted("laterality", "bilateral", of="p2")),
        gives={
            "p1 laterality": "unknown",
            "issues": "an asserted fact (laterality) is about no procedure of this record: "
            "not used",
        },
    )
    expect(
        session("psychotherapy", "2024-02-01"),
        asserted("laterality", "bilateral"),
        gives={"p1 laterality": "unknown"},
    )


def test_an_asserted_outcome_of_ect_settles_whether_it_failed() -> None:
    """What ECT did, as the clinician vouches for it."""
    course = session("ECT", "2024-02-01", sessions=8, side="bilateral")
    for category, verdict in (
        ("non_response", "yes"),
        ("partial_response", "yes"),
        ("response", "no"),
        ("remission", "no"),
    ):
        expect(course, asserted("outcome", category, of="p1"), gives={"p1 failed": verdict})
    expect(
        course,
        asserted("outcome", "partial_response", of="p1"),
        ruleset="sforzini_2022",
        gives={"p1 failed": "no"},
    )


def test_an_asserted_fact_is_shown_and_never_mixed_with_the_record() -> None:
    """The report lists what was asserted, by whom and when; its evidence says so."""
    report = expect(
        failed("sertraline"), asserted("dose", 25, of="t1"), gives={"t1 asserted": "dose"}
    )
    assert [(a.fact, a.author, a.at) for a in report.asserted] == [
        ("dose", "Dr. Example", "2024-06-01T09:00:00Z")
    ]
    assert "asserted/t1#dose" in [str(e) for e in report.trials[0].evidence]


def test_what_rests_on_an_assertion_says_so() -> None:
    """Adherence and outcome name the clinician's word as their basis."""
    report = expect(
        took("sertraline", 50, "2023-01-02", days=56),
        asserted("adherence", 0.5, of="t1"),
        asserted("outcome", "non_response", of="t1"),
        gives={"check adherence": "present"},
    )
    (trial,) = report.trials
    assert trial.adherence is not None
    assert (trial.adherence.basis, trial.adherence.asserted) == ("asserted by Dr. Example", True)
    assert trial.outcome.asserted
    (check,) = [c for c in report.pseudo_resistance if c.check == "adherence"]
    assert check.detail == "sertraline: asserted by Dr. Example"


def test_without_assertions_the_record_stands_alone() -> None:
    """The same record without the assertion gives the same as before."""
    expect(failed("sertraline"), gives={"t1 asserted": "none", "t1 failed": "yes"})


@pytest.mark.parametrize(
    ("fact", "value", "message"),
    [
        ("mood", "low", "unknown fact; use one of adherence"),
        ("adherence", 1.2, "share from 0 to 1"),
        ("adherence", -0.1, "0 or more"),
        ("adherence", "often", "adherence"),
        ("adherence", True, "expected a number"),
        ("dose", [50], "expected a number"),
        ("dose", "NaN", "0 or more"),
        ("start", "last spring", "expected a date"),
        ("end", 2023, "expected text"),
        ("onset", "  ", "expected text"),
        ("outcome", "better", "expected"),
        ("score", {"scale": "HAMD", "score": 20, "date": "2023-01-01"}, "unknown scale"),
        ("score", {"scale": "HAM-D-17", "score": 53, "date": "2023-01-01"}, "between 0 and 52"),
        ("score", {"scale": "HAM-D-17", "score": 20, "date": "soon"}, "expected a date"),
        ("stop_reason", "tired of it", "inefficacy, intolerance, other"),
        ("diagnosis", "depression", "unipolar, bipolar, psychotic"),
        ("severity", "extreme", "subsyndromal"),
        ("laterality", "left", "bilateral, unilateral"),
        ("indication", "", "expected text"),
    ],
)
def test_an_unusable_assertion_says_what_was_expected(
    fact: str, value: object, message: str
) -> None:
    """A wrong fact or value is refused by its position and what was expected."""
    with pytest.raises(UnusableAssertionError, match=f"asserted fact 1.*{message}"):
        expect(asserted(fact, value, of="t1"), gives={})


@pytest.mark.parametrize(
    "item",
    [
        "adherence",
        {"fact": "adherence"},
        {"fact": 7, "value": 1},
        {"fact": "adherence", "value": 1, "trial": 1},
    ],
)
def test_an_assertion_that_is_no_such_object_is_refused(item: object) -> None:
    """Every entry of an assertion file is an object with fact, value and text keys."""
    with pytest.raises(ValueError, match="asserted fact"):
        Assertion.from_json(item)  # type: ignore[arg-type]


def test_an_assertion_is_read_from_json() -> None:
    """The keys of the contract make an assertion."""
    entry = {"fact": "dose", "value": 100, "trial": "t1", "author": "A", "at": "2024-06-01"}
    assert Assertion.from_json(entry) == Assertion(
        fact="dose", value=100, trial="t1", author="A", at="2024-06-01"
    )


def test_a_diagnosis_the_record_refutes_may_still_be_asserted() -> None:
    """The clinician's word stands beside a refuted entry."""
    expect(
        failed("sertraline"),
        diagnosis("bipolar", "bipolar disorder", verification="refuted"),
        asserted("diagnosis", "bipolar"),
        gives={"TRD": "no", "blocked by": "diagnosis.bipolar"},
    )


def test_an_asserted_outcome_keeps_the_baseline_of_the_record() -> None:
    """The category is asserted; the baseline and its day stay what the chart says."""
    expect(
        score("HAM-D-17", 24, "2023-01-02"),
        took("sertraline", 50, "2023-01-02", days=56, taken="met"),
        asserted("outcome", "non_response", of="t1"),
        gives={
            "t1 outcome": "non_response",
            "t1 baseline": 24,
            "t1 measured": "2023-01-02 to ?",
            "t1 failed": "yes",
        },
    )


def test_a_score_that_cannot_be_read_says_what_is_expected() -> None:
    """The form of an asserted score stands in the message."""
    with pytest.raises(UnusableAssertionError) as refused:
        expect(_open_trial(), asserted("score", 12), gives={})
    assert str(refused.value) == ('asserted fact 1 (score): expected {"scale", "score", "date"}')


def test_an_outcome_asserted_by_its_score_is_marked_as_asserted() -> None:
    """A score the clinician gives as the outcome of a trial marks that trial."""
    expect(
        score("HAM-D-17", 24, "2023-01-02"),
        took("sertraline", 50, "2023-01-02", days=56, taken="met"),
        asserted("outcome", {"scale": "HAM-D-17", "score": 20, "date": "2023-02-26"}, of="t1"),
        gives={"t1 outcome": "non_response", "t1 failed": "yes", "t1 asserted": "outcome"},
    )
