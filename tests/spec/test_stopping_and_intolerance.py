"""Why a drug was stopped: intolerance is not failure."""

import pytest

from tests.lib.expectations import expect
from tests.lib.histories import Line, lab, reaction, score, took

TITLE = "Stopping and intolerance"

START = "2023-01-02"


def _trial(days: int = 56) -> Line:
    return took("sertraline", 100, START, days=days, taken="met")


def test_w03_stopped_for_hyponatremia_on_day_10_is_intolerance_not_failure() -> None:
    """Stopped for adverse effects before it was adequate, a drug has not failed."""
    expect(
        took("sertraline", 50, START, days=10, taken="met"),
        lab("sodium", 124, "mmol/L", "2023-01-11"),
        gives={
            "t1 adequate": "not_met",
            "t1 stopped": "intolerance",
            "t1 failed": "no",
            "t1 reasons": "it did not reach 42 days at an adequate dose; "
            "it was stopped for adverse effects: intolerance, not failure",
            "stage": "0",
            "check intolerance": "present",
            "next steps": "switch",
        },
        because="sodium 124 < 135 mmol/L in the exposure, stopped that day",
    )


def test_a_drug_left_early_is_inadequate_whatever_its_score() -> None:
    """Before its minimum duration a drug left is inadequate, not failed."""
    expect(
        _trial(days=30),
        score("HAM-D-17", 24, START),
        score("HAM-D-17", 24, "2023-01-31"),
        gives={"t1 adequate": "not_met", "t1 outcome": "non_response", "t1 failed": "no"},
        because="30 < 42 days",
    )


def test_an_adequate_trial_stopped_for_adverse_effects_is_judged_by_its_outcome() -> None:
    """Where dose and duration were already met, intolerance is only noted."""
    expect(
        took("sertraline", 100, START, days=56, taken="met", stopped_for="intolerance"),
        score("HAM-D-17", 24, START),
        score("HAM-D-17", 22, "2023-02-26"),
        gives={"t1 stopped": "intolerance", "t1 adequate": "met", "t1 failed": "yes"},
    )


@pytest.mark.parametrize(("reason", "shown"), [("inefficacy", "inefficacy"), ("other", "other")])
def test_the_recorded_stop_reason_is_shown(reason: str, shown: str) -> None:
    """A recorded reason for stopping is the trial's discontinuation."""
    expect(took("sertraline", 100, START, days=56, stopped_for=reason), gives={"t1 stopped": shown})


def test_without_a_reason_the_discontinuation_is_unknown() -> None:
    """A short trial without a reason is simply too short."""
    expect(
        took("sertraline", 100, START, days=10),
        gives={"t1 stopped": "unknown", "t1 failed": "no"},
        because="10 < 42 days",
    )


def test_a_reaction_within_14_days_after_the_end_is_intolerance() -> None:
    """An adverse event or allergy to the drug in or up to 14 days after the exposure."""
    for day, stopped in (
        ("2023-01-02", "intolerance"),
        ("2023-01-25", "intolerance"),
        ("2023-01-26", "unknown"),
        ("2023-01-01", "unknown"),
        (None, "unknown"),
    ):
        expect(
            took("sertraline", 100, START, days=10),
            reaction("sertraline", day),
            gives={"t1 stopped": stopped},
            because="the exposure ends on 11 January; 14 days later is 25 January",
        )


def test_a_reaction_to_another_drug_is_not_this_ones() -> None:
    """A reaction belongs to the drug it names."""
    expect(
        took("sertraline", 100, START, days=10),
        reaction("venlafaxine", "2023-01-05"),
        gives={"t1 stopped": "unknown"},
    )


def test_low_sodium_needs_a_stop_within_14_days() -> None:
    """Low sodium counts when drawn in the exposure and the drug is stopped within 14 days."""
    for value, day, stopped in (
        (134, "2023-02-12", "intolerance"),
        (134, "2023-02-11", "unknown"),
        (135, "2023-02-20", "unknown"),
        (120, "2023-01-01", "unknown"),
        (120, "2023-02-27", "unknown"),
    ):
        expect(
            _trial(),
            lab("sodium", value, "mmol/L", day),
            gives={"t1 stopped": stopped},
            because="2 January to 26 February; 12 February is 14 days before the end",
        )


def test_low_sodium_in_a_trial_that_goes_on_is_not_intolerance() -> None:
    """A drug that is still taken was not stopped for anything."""
    expect(
        took("sertraline", 100, "2024-05-01", ongoing=True),
        lab("sodium", 124, "mmol/L", "2024-05-25"),
        gives={"t1 stopped": "ongoing"},
    )


def test_an_undated_trial_has_no_outcome_and_no_reaction() -> None:
    """Without dates no score and no reaction can be placed."""
    expect(
        took("sertraline", 100, None),
        reaction("sertraline", "2023-01-05"),
        score("HAM-D-17", 24, START),
        score("HAM-D-17", 20, "2023-02-26"),
        gives={"t1 outcome": "unknown", "t1 stopped": "unknown"},
    )


def test_low_sodium_on_the_first_day_is_in_the_exposure() -> None:
    """Both ends of the exposure belong to it."""
    for day, stopped in (("2023-01-02", "intolerance"), ("2023-01-01", "unknown")):
        expect(
            took("sertraline", 50, "2023-01-02", days=10),
            lab("sodium", 124, "mmol/L", day),
            gives={"t1 stopped": stopped},
        )
