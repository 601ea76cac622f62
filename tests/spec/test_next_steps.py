"""The steps the source text names for each situation, in the order they are looked at."""

import pytest

from assistant.staging.tables import rules, sources
from tests.lib.expectations import expect
from tests.lib.histories import (
    Line,
    diagnosis,
    failed,
    lab,
    score,
    suicidality,
    took,
)

TITLE = "Next steps"


def _ended(endpoint: float, **facts: object) -> list[Line]:
    return [
        score("HAM-D-17", 24, "2023-01-02"),
        took("sertraline", 50, "2023-01-02", **{"days": 56, "taken": "met", **facts}),
        score("HAM-D-17", endpoint, "2023-02-26"),
    ]


def test_response_without_remission_optimise_or_augment() -> None:
    """A responder short of remission: optimise or augment, not switch."""
    expect(_ended(12), gives={"next steps": "optimise; augment"})


def test_remission_continue() -> None:
    """In remission: continue."""
    expect(_ended(5), gives={"next steps": "continue"})


def test_non_response_switch() -> None:
    """Non-response to an adequate trial: a switch."""
    expect(_ended(22), gives={"next steps": "switch"})


def test_partial_response_leaves_all_three() -> None:
    """The source text settles response and non-response; for partial response all stay open."""
    expect(_ended(16), gives={"next steps": "optimise; augment; switch"})


def test_intolerance_switch() -> None:
    """Not tolerated: a switch."""
    expect(_ended(22, days=10, stopped_for="intolerance"), gives={"next steps": "switch"})


@pytest.mark.parametrize("facts", [{"days": 20}, {"taken": "not_met"}])
def test_an_inadequate_trial_is_repaired_first(facts: dict[str, object]) -> None:
    """An inadequate trial is repaired before it is replaced."""
    expect(_ended(22, **facts), gives={"next steps": "repair_trial"})
    expect(
        took("sertraline", 25, "2024-05-01", ongoing=True),
        gives={"next steps": "repair_trial"},
    )


def test_a_step_to_continue_names_the_rule_that_asks_for_it() -> None:
    """A trial still too short is continued because of the duration, a remission by its outcome."""
    short = expect(
        took("sertraline", 100, "2024-05-15", ongoing=True, taken="met"),
        gives={"next steps": "continue"},
    )
    assert short.next_steps[0].because == ("adequacy.duration",)
    remitted = expect(_ended(5), gives={"next steps": "continue"})
    assert remitted.next_steps[0].because == ("outcome.remission",)


def test_a_trial_still_too_short_is_continued() -> None:
    """A running trial at an adequate dose is given its weeks."""
    expect(
        took("sertraline", 50, "2024-05-20", ongoing=True, taken="met"),
        gives={"next steps": "continue"},
    )


def test_without_an_outcome_measure() -> None:
    """An adequate trial without a score asks for one."""
    expect(
        took("sertraline", 50, "2023-01-02", days=56, taken="met"), gives={"next steps": "measure"}
    )


def test_unknown_adherence_is_confirmed_first() -> None:
    """Adherence that is not recorded is confirmed before anything is changed."""
    expect(_ended(22, taken=None), gives={"next steps": "confirm_adherence; switch"})


def test_established_resistance_opens_the_treatments_the_source_names() -> None:
    """TRD: augmentation, psychotherapy, neuromodulation and ketamine come into view."""
    report = expect(
        failed("sertraline", "venlafaxine"),
        gives={
            "next steps": "switch; augment; consider_psychotherapy; consider_neuromodulation; "
            "consider_ketamine"
        },
    )
    assert report.next_steps[1].detail == (
        "Resistance is established; the source text names augmentation."
    )


def test_resistance_not_yet_proven_says_so() -> None:
    """Where TRD rests on the working assumption the step says that it is not yet proven."""
    lines = [
        score("HAM-D-17", 24, "2023-01-02"),
        took("sertraline", 50, "2023-01-02", days=56),
        score("HAM-D-17", 22, "2023-02-26"),
        took("venlafaxine", 150, "2023-02-27", days=56),
        score("HAM-D-17", 22, "2023-04-23"),
    ]
    report = expect(lines, gives={"TRD": "no / yes / yes"})
    assert report.next_steps[-1].detail == (
        "Resistance is not yet proven; the source text names ketamine."
    )


def test_safety_comes_first() -> None:
    """A sign of suicidality goes before every other step."""
    expect(
        _ended(22),
        suicidality("phq9_item_9", "2024-05-01"),
        gives={"next steps": "address_safety; switch"},
    )


def test_a_bipolar_diagnosis_asks_to_reassess() -> None:
    """A bipolar disorder, or hypomania, asks for a reassessment of the diagnosis."""
    expect(
        diagnosis("bipolar", "bipolar disorder"),
        gives={"next steps": "reassess_diagnosis", "TRD": "no"},
    )
    report = expect(diagnosis("hypomania", "hypomania"), gives={"next steps": "reassess_diagnosis"})
    assert report.next_steps[0].because == ("diagnosis.hypomania",)


def test_a_present_comorbidity_is_treated_and_a_possible_one_measured() -> None:
    """A coded comorbidity is treated; a laboratory value alone asks for confirmation."""
    expect(diagnosis("anxiety", "anxiety disorder"), gives={"next steps": "treat_comorbidity"})
    expect(lab("TSH", 6, "mIU/L", "2024-05-01"), gives={"next steps": "measure"})


def test_doubtful_exposure_asks_for_a_level() -> None:
    """An inducer beside the drug asks for a plasma level."""
    report = expect(
        _ended(22),
        took("rifampin", 600, "2023-01-10", days=20),
        gives={"next steps": "measure; switch"},
    )
    assert report.next_steps[0].detail == "Exposure to sertraline is doubtful: measure its level."


def test_no_trial_no_step() -> None:
    """A record without trials and signs names no step."""
    expect(gives={"next steps": "none"})


def test_a_course_treatment_leads_to_no_step() -> None:
    """The last counted trial leads; a course treatment is judged by no rule of the trials."""
    expect(
        _ended(22),
        took("esketamine", 84, "2023-06-01", days=28),
        gives={"next steps": "switch"},
    )
    expect(
        took("esketamine", 84, "2023-06-01", days=28, taken="met"),
        gives={
            "t1 duration": "met",
            "next steps": "none",
            "check inadequate_exposure": "none_found",
        },
    )


def test_every_step_names_its_rule_and_its_sources() -> None:
    """No step stands without a rule and a source."""
    report = expect(
        failed("sertraline", "venlafaxine"),
        suicidality("coded_ideation", "2024-05-01"),
        diagnosis("anxiety", "anxiety disorder"),
        gives={},
    )
    for step in report.next_steps:
        assert step.because
        assert set(step.because) <= set(rules())
        assert set(step.sources) <= set(sources())


def test_no_step_names_a_dose() -> None:
    """Steps describe options; none prescribes."""
    report = expect(_ended(12), gives={"next steps": "optimise; augment"})
    assert not any(" mg" in step.detail for step in report.next_steps)
