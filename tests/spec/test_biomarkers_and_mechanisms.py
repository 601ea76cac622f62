"""Markers and models of mechanism are shown; they never change a stage."""

from decimal import Decimal

import pytest

from assistant.staging.mechanisms import occupancy_after
from tests.lib.expectations import expect, expect_value
from tests.lib.histories import failed, lab

TITLE = "Biomarkers and mechanisms"


@pytest.mark.parametrize(
    ("value", "comparator", "reading"),
    [
        (4.9, "", "below the inflammatory stratum, exploratory"),
        (5, "<", "below the inflammatory stratum, exploratory"),
        (5, "", "inflammatory stratum, exploratory"),
        (10, "", "inflammatory stratum, exploratory"),
        (10, ">", "not interpretable: acute inflammation is likely"),
        (10.1, "", "not interpretable: acute inflammation is likely"),
        (8, "<", "not exact enough for the inflammatory stratum"),
    ],
)
def test_hs_crp_marks_an_exploratory_stratum(value: float, comparator: str, reading: str) -> None:
    """hs-CRP of 5 mg/L or more marks the stratum; above 10 it is not interpretable."""
    report = expect(lab("hs-CRP", value, "mg/L", "2024-05-01", comparator=comparator), gives={})
    expect_value(
        f"hs-CRP {comparator}{value} mg/L", [b.reading for b in report.biomarkers], [reading]
    )


def test_ordinary_crp_is_not_read_as_hs_crp() -> None:
    """An ordinary CRP is no high-sensitivity assay near the cut."""
    expect(
        lab("CRP", 6, "mg/L", "2024-05-01"),
        gives={"biomarkers": "none", "check inflammation": "not_assessed"},
    )


@pytest.mark.parametrize(("value", "word"), [(1.8, "not suppressed"), (1.7, "suppressed")])
def test_cortisol_after_dexamethasone_is_informational(value: float, word: str) -> None:
    """Cortisol of 1.8 ug/dL or more after dexamethasone is not suppressed; informational."""
    expect(
        lab("DST", value, "ug/dL", "2024-05-01"),
        gives={
            "biomarkers": f"DST {value} ug/dL: cortisol {word} after dexamethasone, informational"
        },
    )


def test_a_plasma_level_without_a_range_is_not_read() -> None:
    """A level of a drug without a reference range, and a value that is missing, give no reading."""
    expect(
        lab("plasma_level:phenelzine", 10, "ng/mL", "2024-05-01"),
        lab("hs-CRP", None, "mg/L", "2024-05-01"),
        gives={"biomarkers": "none"},
    )


def test_a_plasma_level_is_read_against_its_range() -> None:
    """Below range exposure is doubtful; within or above, it is supported."""
    expect(
        lab("plasma_level:sertraline", 9, "ng/mL", "2024-05-01"),
        lab("plasma_level:sertraline", 200, "ng/mL", "2024-04-01"),
        gives={
            "biomarkers": "plasma level of sertraline 9 ng/mL: below range: exposure is doubtful; "
            "plasma level of sertraline 200 ng/mL: within or above range: supports exposure"
        },
    )


def test_markers_never_change_a_stage() -> None:
    """The stage with markers is the stage without them."""
    markers = [
        lab("hs-CRP", 7, "mg/L", "2024-05-01"),
        lab("DST", 4, "ug/dL", "2024-05-01"),
        lab("plasma_level:sertraline", 5, "ng/mL", "2023-02-01"),
    ]
    stages = {"stage": "II", "TRD": "yes", "Maudsley": 6, "MGH-S": 2}
    expect(failed("sertraline", "venlafaxine"), gives=stages)
    expect(failed("sertraline", "venlafaxine"), markers, gives=stages)


def test_w13_occupancy_rises_from_71_to_83_percent_when_the_concentration_doubles() -> None:
    """Occupancy is C / (C + K): doubling the brain concentration lifts 71 % to 83 %."""
    expect_value(
        "71 %, concentration doubled",
        round(occupancy_after(Decimal(71), Decimal(2)), 1),
        "83",
        because="C/K = 0.71 / 0.29 = 2.448; doubled 4.897; 4.897 / 5.897 = 83.0 %",
    )
    expect_value("50 %, unchanged", occupancy_after(Decimal(50), Decimal(1)), 50)
    expect_value(
        "0.5 %, doubled", round(occupancy_after(Decimal("0.5"), Decimal(2)), 2), Decimal("1.00")
    )


@pytest.mark.parametrize(("occupancy", "factor"), [(0, 2), (100, 2), (71, 0), (71, -1)])
def test_an_impossible_occupancy_is_refused(occupancy: int, factor: int) -> None:
    """The calculator takes an occupancy between 0 and 100 % and a factor above 0."""
    with pytest.raises(
        ValueError, match=r"^occupancy must lie between 0 and 100 %, the factor above 0$"
    ):
        occupancy_after(Decimal(occupancy), Decimal(factor))
