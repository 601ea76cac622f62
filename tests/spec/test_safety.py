"""Signs of suicidal thoughts come before every other question."""

import pytest

from tests.lib.expectations import expect
from tests.lib.histories import failed, suicidality

TITLE = "Safety"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("phq9_item_9", "PHQ-9 item 9 above 0"),
        ("coded_ideation", "suicidal ideation is coded"),
        ("coded_attempt", "a suicide attempt is coded"),
        ("c_ssrs", "a positive answer of the C-SSRS"),
    ],
)
def test_each_sign_is_a_flag(kind: str, words: str) -> None:
    """PHQ-9 item 9 above 0, coded ideation or attempt, and a positive C-SSRS each raise a flag."""
    expect(
        suicidality(kind, "2024-05-01"),
        gives={"safety": f"suicidality: {words}", "next steps": "address_safety"},
    )


def test_a_sign_keeps_its_detail() -> None:
    """The detail of the sign stands beside it."""
    expect(
        suicidality("phq9_item_9", "2024-05-01", "item 9 answered 2"),
        gives={"safety": "suicidality: PHQ-9 item 9 above 0; item 9 answered 2"},
    )


def test_the_newest_sign_comes_first_and_undated_ones_last() -> None:
    """Signs are listed from the newest."""
    expect(
        suicidality("coded_ideation", None),
        suicidality("c_ssrs", "2024-03-01"),
        suicidality("phq9_item_9", "2024-05-01"),
        gives={
            "safety": "suicidality: PHQ-9 item 9 above 0; suicidality: a positive answer of the "
            "C-SSRS; suicidality: suicidal ideation is coded"
        },
    )


def test_a_sign_after_the_staging_date_is_not_used() -> None:
    """Nothing dated later is used, a sign of suicidality neither."""
    expect(
        suicidality("phq9_item_9", "2024-06-02"),
        gives={"safety": "none", "after the staging date": 1},
    )


def test_safety_never_changes_a_stage() -> None:
    """A flag stands beside the stage and leaves it as it is."""
    expect(
        failed("sertraline", "venlafaxine"),
        suicidality("coded_attempt", "2023-03-01"),
        gives={"stage": "II", "TRD": "yes"},
    )
