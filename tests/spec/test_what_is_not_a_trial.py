"""Some recorded antidepressants are no trial; each is listed with the reason."""

import pytest

from assistant.staging.record import ExposureStatus
from tests.lib.expectations import expect
from tests.lib.histories import Line, score, session, took

TITLE = "What is not a trial"


def _no_response() -> list[Line]:
    return [score("HAM-D-17", 24, "2023-01-02"), score("HAM-D-17", 22, "2023-02-26")]


def test_a_hypnotic_dose_of_trazodone_is_no_trial() -> None:
    """Trazodone up to 100 mg at night is sleep medication."""
    expect(
        took("trazodone", 100, "2023-01-02", days=56),
        gives={"trials": "none", "excluded": "trazodone: hypnotic dose"},
    )


def test_trazodone_above_the_hypnotic_dose_is_a_trial() -> None:
    """Above it trazodone is an antidepressant trial, at whatever dose."""
    expect(
        took("trazodone", 150, "2023-01-02", days=56),
        gives={"drugs": "trazodone", "excluded": "none"},
    )


def test_a_use_that_was_only_at_first_hypnotic_is_a_trial() -> None:
    """If any part of the use lies above the hypnotic dose, the whole use is a trial."""
    expect(
        took("mirtazapine", 7.5, "2023-01-02", days=14),
        took("mirtazapine", 15, "2023-01-16", days=42),
        gives={"drugs": "mirtazapine", "t1 days at adequate dose": 42, "excluded": "none"},
    )


def test_mirtazapine_7_5_mg_beside_another_drug_is_hypnotic_not_an_addition() -> None:
    """A hypnotic dose wins over the rule for low doses beside another antidepressant."""
    expect(
        took("sertraline", 100, "2023-01-02", days=84),
        took("mirtazapine", 7.5, "2023-01-16", days=56),
        gives={
            "drugs": "sertraline",
            "augmentations": "none",
            "excluded": "mirtazapine: hypnotic dose",
        },
    )


def test_a_sedative_dose_of_quetiapine_is_no_augmentation() -> None:
    """Quetiapine up to 100 mg is sleep medication, not an augmentation."""
    expect(
        took("sertraline", 100, "2023-01-02", days=84),
        took("quetiapine", 50, "2023-01-16", days=56),
        gives={"augmentations": "none", "excluded": "quetiapine: hypnotic dose"},
    )


def test_a_low_dose_for_another_indication_is_no_trial() -> None:
    """Below its floor and given for something else, an antidepressant is no trial."""
    expect(
        took("amitriptyline", 25, "2023-01-02", days=56, given_for="neuropathic pain"),
        gives={
            "trials": "none",
            "excluded": "amitriptyline: other indication below the floor: neuropathic pain",
        },
    )


def test_a_full_trial_for_another_indication_is_undecided() -> None:
    """At full dose and duration, given for something else, it may still have treated it."""
    expect(
        took("duloxetine", 60, "2023-01-02", days=56, given_for="neuropathic pain", taken="met"),
        _no_response(),
        gives={
            "t1 adequate": "met",
            "t1 failed": "unknown",
            "stage": "0 / 0 / I",
            "missing facts": "indication of t1",
        },
    )


def test_any_entry_that_names_depression_makes_it_the_indication() -> None:
    """If one entry of the trial says depression, the trial was for depression."""
    expect(
        took("duloxetine", 60, "2023-01-02", days=56, given_for="neuropathic pain", taken="met"),
        took(
            "duloxetine",
            60,
            "2023-01-02",
            days=56,
            source="order",
            given_for="depression",
        ),
        _no_response(),
        gives={"t1 failed": "yes"},
    )


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (ExposureStatus.NOT_TAKEN, "not taken"),
        (ExposureStatus.DECLINED, "declined"),
        (ExposureStatus.DO_NOT_PERFORM, "do not perform"),
        (ExposureStatus.ENTERED_IN_ERROR, "entered in error"),
        (ExposureStatus.DRAFT, "draft, not started"),
        (ExposureStatus.CANCELLED, "cancelled, not started"),
    ],
)
def test_an_entry_that_records_no_use_is_no_trial(status: ExposureStatus, reason: str) -> None:
    """Refused, planned, withdrawn or mistaken entries are listed apart and never counted."""
    expect(
        took("sertraline", 100, "2023-01-02", days=56, status=status),
        gives={"trials": "none", "excluded": f"sertraline: {reason}"},
    )


def test_a_look_alike_is_no_trial() -> None:
    """An entry the adapter holds for another substance of a similar name is set aside."""
    expect(
        took("duloxetine", 60, "2023-01-02", days=56, set_aside="look-alike: dulaglutide"),
        gives={"trials": "none", "excluded": "duloxetine: look-alike: dulaglutide"},
    )
    expect(
        took("dulaglutide", 1, "2023-01-02", days=56, set_aside="look-alike: duloxetine"),
        gives={"excluded": "dulaglutide: look-alike: duloxetine"},
    )


def test_a_drug_that_is_no_antidepressant_is_not_listed() -> None:
    """Other drugs are neither trials nor excluded antidepressants."""
    expect(took("ramipril", 5, "2023-01-02", days=56), gives={"trials": "none", "excluded": "none"})


def test_a_product_for_another_use_is_no_trial() -> None:
    """Bupropion sold for smoking cessation is not an antidepressant product."""
    expect(
        took("bupropion", 300, "2023-01-02", days=56, sold_as_antidepressant=False),
        gives={"trials": "none", "excluded": "bupropion: not an antidepressant product"},
    )


def test_a_sleep_product_of_doxepin_is_a_hypnotic_dose() -> None:
    """Doxepin 3 to 6 mg is sold for sleep."""
    expect(
        took("doxepin", 6, "2023-01-02", days=56, sold_as_antidepressant=False),
        gives={"trials": "none", "excluded": "doxepin: hypnotic dose"},
    )


def test_what_is_no_antidepressant_treatment_by_the_table_is_listed_with_its_reason() -> None:
    """Herbal products, precursors and treatments of other conditions are named, not counted."""
    expect(
        took("hypericum (St John's wort)", 900, "2023-01-02", days=56),
        gives={"trials": "none", "excluded": "hypericum (St John's wort): herbal product"},
    )


def test_esketamine_stands_among_the_trials_and_counts_in_no_stage() -> None:
    """Esketamine is shown with its own class; it is never a failed trial."""
    expect(
        took("esketamine", 84, "2023-01-02", days=56, taken="met"),
        _no_response(),
        gives={
            "drugs": "esketamine",
            "t1 class": "NMDA_ANTAGONIST",
            "t1 failed": "no",
            "t1 reasons": "a course treatment, recorded but not counted in any stage",
            "stage": "0",
            "Maudsley": "none",
        },
    )


def test_a_course_of_esketamine_is_long_enough_after_four_weeks_of_induction() -> None:
    """Four weeks of induction make a course, whatever the daily dose; it still never counts."""
    expect(
        took("esketamine", 84, "2023-01-02", days=28),
        gives={"t1 duration": "met", "t1 dose": "unknown", "t1 failed": "no"},
    )
    expect(
        took("esketamine", 84, "2023-01-02", days=27),
        gives={"t1 duration": "not_met", "t1 failed": "no"},
    )
    expect(
        took("ketamine", 40, "2023-01", to="2023-02", given_for="depression"),
        gives={"t1 duration": "unknown"},
        because="31 January to 1 February are 2 days, 1 January to 28 February 59",
    )


def test_ketamine_without_a_depression_indication_is_no_trial() -> None:
    """Ketamine is an anesthetic unless the record says that it treated depression."""
    expect(
        took("ketamine", 40, "2023-01-02", days=14),
        gives={"trials": "none", "excluded": "ketamine: no depression course documented"},
    )
    expect(
        took("ketamine", 40, "2023-01-02", days=14, given_for="depression"),
        gives={"drugs": "ketamine", "t1 failed": "no"},
    )


def test_ect_and_psychotherapy_stand_among_the_procedures() -> None:
    """Procedures are listed apart from drug trials, one entry a course."""
    expect(
        session("psychotherapy", "2023-01-02"),
        session("psychotherapy", "2023-01-16"),
        session("psychotherapy", "2023-01-31"),
        session("ECT", "2023-03-01", sessions=8),
        gives={"trials": "none", "procedures": "psychotherapy; psychotherapy; ECT"},
        because="2 to 16 January: 14 days, one course; 16 to 31 January: 15 days, a new one",
    )


def test_a_session_that_was_not_done_is_left_out() -> None:
    """A procedure recorded as not done is no course; an unclear one is."""
    expect(session("ECT", "2023-03-01", done="not_met"), gives={"procedures": "none"})
    expect(session("ECT", "2023-03-01", done="unknown"), gives={"procedures": "ECT"})
