"""Bipolar and psychotic disorders rule out unipolar resistance; hypomania asks to look again."""

import pytest

from assistant.staging.record import Verification
from tests.lib.expectations import expect
from tests.lib.histories import born, depression, diagnosis, failed, score, unread

TITLE = "Diagnoses that block staging"

BLOCKED = {
    "TRD": "no",
    "TRD without class rule": "no",
    "stage": "none",
    "Thase-Rush": "none",
    "Maudsley": "none",
    "GSRD": "none",
    "European": "none",
    "MGH-S": "none",
}


def test_w06_bipolar_disorder_blocks_every_stage() -> None:
    """With a bipolar disorder recorded, TRD is no and no method gives a stage, in no bound."""
    expect(
        failed("sertraline", "venlafaxine"),
        diagnosis("bipolar", "bipolar II disorder", onset="2015-01-01", active=True),
        gives={
            **BLOCKED,
            "blocked by": "diagnosis.bipolar",
            "missing facts": "none",
            "check bipolarity": "present",
        },
    )


@pytest.mark.parametrize(
    ("category", "label", "rule"),
    [
        ("bipolar", "bipolar disorder, in full remission", "diagnosis.bipolar"),
        ("mania", "manic episode", "diagnosis.bipolar"),
        ("psychotic_disorder", "schizophrenia", "diagnosis.psychotic"),
        ("psychotic_disorder", "schizophrenia, in remission", "diagnosis.psychotic"),
    ],
)
def test_a_blocking_diagnosis_blocks_in_remission_and_resolved(
    category: str, label: str, rule: str
) -> None:
    """A bipolar or psychotic disorder blocks whether active, resolved or in remission."""
    remission = "full" if "remission" in label else None
    expect(
        failed("sertraline", "venlafaxine"),
        diagnosis(category, label, onset="2015-01-01", active=False, remission=remission),
        gives={**BLOCKED, "blocked by": rule},
    )


def test_an_unconfirmed_bipolar_diagnosis_blocks() -> None:
    """Anything short of refuted blocks: a provisional bipolar diagnosis as well."""
    expect(
        failed("sertraline", "venlafaxine"),
        diagnosis("bipolar", "bipolar disorder", verification="unconfirmed"),
        gives=BLOCKED,
    )


@pytest.mark.parametrize("verification", ["refuted", "entered_in_error"])
def test_a_refuted_or_mistaken_diagnosis_does_not_block(verification: str) -> None:
    """A diagnosis refuted or entered in error counts as none."""
    expect(
        failed("sertraline", "venlafaxine"),
        diagnosis("bipolar", "bipolar disorder", verification=verification),
        gives={"TRD": "yes", "stage": "II", "blocked by": "none", "check bipolarity": "none_found"},
    )


def test_hypomania_alone_is_possible_and_blocks_nothing() -> None:
    """A hypomania code asks for a reassessment; it does not block."""
    expect(
        failed("sertraline", "venlafaxine"),
        diagnosis("hypomania", "hypomania", onset="2023-03-01"),
        gives={
            "TRD": "yes",
            "stage": "II",
            "blocked by": "none",
            "check bipolarity": "possible",
        },
    )


def test_a_positive_bipolar_screen_is_possible_and_blocks_nothing() -> None:
    """Seven positive items of the MDQ are a positive screen; six are not."""
    expect(
        failed("sertraline", "venlafaxine"),
        score("MDQ", 7, "2023-03-01"),
        gives={"TRD": "yes", "check bipolarity": "possible"},
    )
    expect(
        failed("sertraline", "venlafaxine"),
        score("MDQ", 6, "2023-03-01"),
        gives={"check bipolarity": "none_found"},
    )


def test_psychotic_depression_does_not_block() -> None:
    """Depression with psychotic features is unipolar depression."""
    expect(
        failed("sertraline", "venlafaxine"),
        depression("2022-12-01", severity="severe", psychotic_features=True),
        gives={"TRD": "yes", "blocked by": "none", "check psychosis": "none_found"},
    )


def test_the_earlier_block_is_kept_in_an_incomplete_read() -> None:
    """A block stands though other parts of the record were not read whole."""
    expect(
        failed("sertraline", "venlafaxine"),
        diagnosis("bipolar", "bipolar disorder"),
        unread("MedicationRequest"),
        gives=BLOCKED,
    )


def test_a_patient_under_18_is_pointed_out_for_review() -> None:
    """The source text is about adults; the stage is given and its limits are named."""
    trials = failed("sertraline", "venlafaxine")
    expect(trials, born("2006-06-02"), gives={"population": "age met", "TRD": "yes"})
    expect(trials, born("2006-06-01"), gives={"population": "none"}, because="18 today")
    expect(trials, born("2006"), gives={"population": "age unknown"})
    expect(trials, born("2005"), gives={"population": "none"})


def test_a_pregnancy_is_pointed_out_for_review() -> None:
    """Pregnancy and the time after birth lie outside the source text's population."""
    trials = failed("sertraline", "venlafaxine")
    pregnant = diagnosis("pregnancy", "pregnant state", onset="2024-01-01")
    expect(trials, pregnant, gives={"population": "pregnancy met", "TRD": "yes"})
    refuted = diagnosis(
        "pregnancy", "pregnant state", onset="2024-01-01", verification=Verification.REFUTED
    )
    expect(trials, refuted, gives={"population": "none"})
