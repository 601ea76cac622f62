"""The published Maudsley score: duration, symptom severity, failures, augmentation, ECT."""

import pytest

from assistant.staging.methods import maudsley
from assistant.staging.methods.failures import FailedTrial, Failures
from tests.lib.expectations import expect, expect_value
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

TITLE = "Maudsley Staging Method"

ELEVEN = (
    "sertraline",
    "citalopram",
    "fluoxetine",
    "paroxetine",
    "venlafaxine",
    "duloxetine",
    "bupropion",
    "mirtazapine",
    "vortioxetine",
    "agomelatine",
    "reboxetine",
)


def _of(drugs: int, *, duration: int, severity: int) -> str:
    """Total and band for so many failed drugs, by the method alone."""
    trials = tuple(
        FailedTrial(
            id=f"t{n}",
            drug=f"drug {n}",
            drug_class="SSRI",
            thase_rush="",
            days=56,
            optimised=False,
            additions=0,
        )
        for n in range(drugs)
    )
    failures = Failures.of(trials)
    total = maudsley.total(
        maudsley.items(
            failures,
            maudsley.beside(duration=duration, severity=severity, augmentation=False, ect=False),
        )
    )
    return "undefined" if total is None else f"{total} ({maudsley.band(total)})"


def test_w14_the_minimum_is_3() -> None:
    """One failed drug, six months, subsyndromal: 3, mild."""
    expect(
        depression("2023-01-02"),
        failed("sertraline", last=14),
        score("HAM-D-17", 6, "2023-06-20"),
        as_of="2023-07-02",
        gives={
            "Maudsley": 3,
            "Maudsley band": "mild",
            "Maudsley items": "duration 1; severity 1; failures 1; augmentation 0; ect 0",
            "stage": "I",
            "Thase-Rush": "I",
            "MGH-S": 1,
        },
        because="1 + 1 + 1 = 3; the later 6 is subsyndromal but taken after the trial's window",
    )


def test_w15_the_maximum_is_15() -> None:
    """More than ten drugs, over two years, severe with psychosis, augmentation and ECT: 15."""
    expect(
        depression("2020-01-01", severity="severe", psychotic_features=True),
        failed(*ELEVEN, after="2021-01-04"),
        took("lithium", 900, "2021-01-10", days=40),
        session("ECT", "2023-01-10", sessions=8),
        gives={
            "Maudsley": 15,
            "Maudsley band": "severe",
            "Maudsley items": "duration 3; severity 5; failures 5; augmentation 1; ect 1",
            "TRD": "yes",
        },
        because="3 + 5 + 5 + 1 + 1 = 15",
    )


@pytest.mark.parametrize(
    ("row", "drugs", "expected"),
    [
        ("W20", 1, "5 (mild)"),
        ("W21", 2, "5 (mild)"),
        ("W22", 3, "6 (mild)"),
        ("W23", 4, "6 (mild)"),
        ("W24", 5, "7 (moderate)"),
        ("W25", 6, "7 (moderate)"),
        ("W26", 7, "8 (moderate)"),
        ("W27", 10, "8 (moderate)"),
        ("W28", 11, "9 (moderate)"),
        ("W29", 0, "undefined"),
    ],
)
def test_w20_to_w29_the_failure_points_of_each_number_of_drugs(
    row: str, drugs: int, expected: str
) -> None:
    """1-2 drugs 1 point, 3-4 two, 5-6 three, 7-10 four, more five; none: undefined."""
    expect_value(
        f"{row}: {drugs} failed drugs, 6 months, moderate",
        _of(drugs, duration=1, severity=3),
        expected,
        because="duration 1 + severity 3 + failures",
    )


def test_w20_to_w23_in_whole_histories() -> None:
    """The same totals from whole histories of six months."""
    for number, total in ((1, 5), (2, 5), (3, 6)):
        expect(
            depression("2023-01-02"),
            failed(*ELEVEN[:number]),
            as_of="2023-07-02",
            gives={"Maudsley": total, "Maudsley band": "mild"},
        )


def test_w29_without_a_failed_drug_it_is_undefined() -> None:
    """The method presumes a failure: none failed, no score."""
    expect(
        took("sertraline", 100, "2023-01-02", days=20, taken="met"),
        score("HAM-D-17", 20, "2023-01-02"),
        gives={"Maudsley": "none", "Maudsley band": "none", "Maudsley items": "none"},
    )


@pytest.mark.parametrize(
    ("row", "as_of", "total"),
    [
        ("W30", "2023-12-01", 4),
        ("W31", "2023-12-02", 5),
        ("W32", "2024-12-01", 5),
        ("W33", "2024-12-02", 6),
    ],
)
def test_w30_to_w33_the_boundaries_of_the_duration(row: str, as_of: str, total: int) -> None:
    """Exactly 12 months are acute, exactly 24 sub-acute; a day more is the next level."""
    expect(
        depression("2022-12-01"),
        failed("sertraline", "venlafaxine", last=14),
        as_of=as_of,
        gives={"Maudsley": total, "Maudsley band": "mild"},
        because=f"{row}: HAM-D-17 14, mild: 2; two drugs: 1; duration 1, 2 or 3",
    )


def test_w34_augmentation_and_ect_count_once_each() -> None:
    """Three agents and two ECT courses earn one point each."""
    expect(
        depression("2021-12-01", severity="severe"),
        failed(*ELEVEN[:4], last=24),
        took("lithium", 900, "2023-01-10", days=40),
        took("aripiprazole", 5, "2023-03-10", days=40),
        took("liothyronine", 0.05, "2023-05-10", days=40),
        session("ECT", "2024-01-10", sessions=8),
        session("ECT", "2024-03-10", sessions=8),
        as_of="2024-06-01",
        gives={
            "Maudsley": 11,
            "Maudsley band": "severe",
            "Maudsley items": "duration 3; severity 4; failures 2; augmentation 1; ect 1",
        },
        because="30 months: 3; severe: 4; four drugs: 2; 3 + 4 + 2 + 1 + 1 = 11",
    )


def test_the_bands_of_the_total() -> None:
    """3 to 6 is mild, 7 to 10 moderate, 11 to 15 severe."""
    for total, band in (
        (3, "mild"),
        (6, "mild"),
        (7, "moderate"),
        (10, "moderate"),
        (11, "severe"),
    ):
        expect_value(f"band of {total}", maudsley.band(total), band)
    expect_value("band of 15", maudsley.band(15), "severe")


@pytest.mark.parametrize(
    ("scale", "value", "severity"),
    [
        ("HAM-D-17", 7, 1),
        ("HAM-D-17", 8, 2),
        ("HAM-D-17", 16, 2),
        ("HAM-D-17", 17, 3),
        ("HAM-D-17", 23, 3),
        ("HAM-D-17", 24, 4),
        ("MADRS", 6, 1),
        ("MADRS", 7, 2),
        ("MADRS", 19, 2),
        ("MADRS", 20, 3),
        ("MADRS", 34, 3),
        ("MADRS", 35, 4),
        ("PHQ-9", 4, 1),
        ("PHQ-9", 5, 2),
        ("PHQ-9", 9, 2),
        ("PHQ-9", 10, 3),
        ("PHQ-9", 19, 3),
        ("PHQ-9", 20, 4),
        ("QIDS-SR16", 5, 1),
        ("QIDS-SR16", 6, 2),
        ("QIDS-SR16", 10, 2),
        ("QIDS-SR16", 11, 3),
        ("QIDS-SR16", 15, 3),
        ("QIDS-SR16", 16, 4),
        ("BDI-II", 13, 1),
        ("BDI-II", 14, 2),
        ("BDI-II", 19, 2),
        ("BDI-II", 20, 3),
        ("BDI-II", 28, 3),
        ("BDI-II", 29, 4),
    ],
)
def test_w18_w19_the_severity_bands_of_each_scale(scale: str, value: int, severity: int) -> None:
    """The last score gives the severity: subsyndromal 1, mild 2, moderate 3, severe 4."""
    expect(
        failed("sertraline"),
        score(scale, value, "2024-05-01"),
        gives={
            "Maudsley items": f"duration 2; severity {severity}; failures 1; augmentation 0; ect 0"
        },
    )


def test_severity_is_that_of_the_last_score_and_the_baseline_is_shown_beside_it() -> None:
    """The working total uses the last score; the total by the baseline is an alternative."""
    expect(
        failed("sertraline", last=19),
        gives={
            "Maudsley": 6,
            "Maudsley band": "mild",
            "Maudsley otherwise": "7 (moderate) by baseline severity",
        },
        because="19 is moderate: 2 + 3 + 1 = 6; 24 is severe: 2 + 4 + 1 = 7",
    )


def test_no_alternative_where_the_severity_is_the_same() -> None:
    """Where baseline and last score are in one band, there is one total."""
    expect(failed("sertraline", last=24), gives={"Maudsley": 7, "Maudsley otherwise": "none"})


def test_of_two_scales_on_one_day_the_clinician_rated_one_gives_the_severity() -> None:
    """On the last day the scale of higher rank decides."""
    expect(
        failed("sertraline"),
        score("HAM-D-17", 20, "2024-05-01"),
        score("PHQ-9", 24, "2024-05-01"),
        gives={"Maudsley items": "duration 2; severity 3; failures 1; augmentation 0; ect 0"},
    )


def test_without_a_score_the_coded_severity_stands() -> None:
    """A coded severity serves where the episode has no score with bands."""
    expect(
        depression("2022-12-01", severity="moderate"),
        _unscored(),
        gives={"Maudsley": "none / none / 6"},
        because="at most: duration 2 + severity 3 + failures 1; the outcome is not known",
    )
    expect(
        depression("2022-12-01", severity="mild"),
        depression("2023-12-01", severity="severe"),
        _unscored(),
        gives={"Maudsley": "none / none / 7"},
    )


def test_a_severity_coded_before_the_remission_is_not_that_of_this_episode() -> None:
    """A code older than the remission before the episode says nothing of its severity."""
    remitted = score("PHQ-9", 3, "2022-01-10")
    old = depression("2021-01-04", recorded="2021-01-04", severity="severe")
    psychotic = depression("2021-01-04", recorded="2021-01-04", psychotic_features=True)
    for coded in (old, psychotic):
        expect(
            coded,
            remitted,
            _unscored(),
            gives={"Maudsley": "none / none / 9"},
            because="at most: duration 3 + severity 5 + failures 1; onset and severity are open",
        )
    expect(
        depression("2021-01-04", recorded="2022-12-01", severity="severe"),
        remitted,
        _unscored(),
        gives={"Maudsley": "none / none / 7"},
        because="recorded in this episode: duration 2 + severity 4 + failures 1",
    )


def test_an_unknown_severity_keeps_its_whole_range() -> None:
    """No score and no code: 1 to 5 points stay possible, and the fact is asked for."""
    expect(
        _unscored(),
        gives={"Maudsley": "none / none / 8"},
        because="at most: duration 2 + severity 5 + failures 1",
    )


def test_psychosis_comes_from_codes_only() -> None:
    """Coded psychotic features are 5 points, whatever the score."""
    expect(
        depression("2022-12-01", severity="severe", psychotic_features=True),
        failed("sertraline", last=14),
        gives={"Maudsley items": "duration 2; severity 5; failures 1; augmentation 0; ect 0"},
    )


def test_psychotic_features_that_have_passed_do_not_count() -> None:
    """An ended psychotic episode does not set today's severity."""
    expect(
        depression("2022-12-01"),
        depression("2019-01-01", severity="severe", psychotic_features=True, active=False),
        failed("sertraline"),
        gives={"Maudsley items": "duration 2; severity 3; failures 1; augmentation 0; ect 0"},
    )


def test_a_duration_known_as_a_lower_bound_may_be_longer() -> None:
    """Where only the first evidence dates the episode, it may be chronic."""
    expect(
        depression(None),
        failed("sertraline"),
        gives={"Maudsley": "6 / 6 / 7"},
        because="17 months at least: duration 2 or 3",
    )


def test_an_unknown_duration_keeps_its_whole_range() -> None:
    """No date at all: 1 to 3 points."""
    expect(
        depression(None),
        took("sertraline", 50, None, taken="met"),
        gives={"Maudsley": "none / none / 9"},
        because="at most: duration 3 + severity 5 + failures 1",
    )


def test_a_month_that_straddles_the_boundary_leaves_the_total_open() -> None:
    """An onset known to the month, twelve months ago: acute or sub-acute; the total is not told."""
    expect(
        depression("2022-12"),
        failed("sertraline"),
        as_of="2023-12-15",
        gives={"Maudsley": "5 / none / 6", "missing facts": "onset"},
        because="duration 1 (begun 31 December) or 2 (begun 1 December) + severity 3 + failures 1",
    )


def test_the_same_drug_failed_twice_is_one_drug() -> None:
    """The Maudsley score counts different drugs."""
    expect(
        failed("sertraline", "venlafaxine", "sertraline"),
        gives={"drugs": "sertraline; venlafaxine; sertraline"}
        | {"Maudsley items": "duration 2; severity 3; failures 1; augmentation 0; ect 0"},
    )


def test_a_combination_is_no_augmentation_but_its_total_is_shown() -> None:
    """Whether a combination earns the point is unsettled: no, and the other total is printed."""
    expect(
        score("HAM-D-17", 24, "2023-01-02"),
        took("sertraline", 100, "2023-01-02", days=84, taken="met"),
        took("venlafaxine", 150, "2023-01-09", days=77, taken="met"),
        score("HAM-D-17", 24, "2023-03-26"),
        gives={
            "Maudsley": 7,
            "Maudsley otherwise": "8 (moderate) by combination counted as augmentation",
        },
    )


def test_ect_counts_when_it_was_used_whatever_it_did() -> None:
    """The method asks whether ECT was used, not whether it failed."""
    expect(
        failed("sertraline"),
        session("ECT", "2024-01-10"),
        gives={"Maudsley items": "duration 2; severity 3; failures 1; augmentation 0; ect 1"},
    )


def test_a_diagnosis_of_another_kind_gives_no_severity() -> None:
    """Only depression codes carry the severity of depression."""
    expect(
        diagnosis("anxiety", "anxiety disorder", severity="severe"),
        _unscored(),
        gives={"Maudsley": "none / none / 8"},
    )


def _unscored() -> Line:
    return took("sertraline", 50, "2023-01-02", days=56, taken="met")


def test_an_undated_severity_yields_to_a_dated_one() -> None:
    """Of several coded severities the latest dated one stands."""
    expect(
        depression("2022-12-01", severity="mild"),
        depression(None, severity="severe"),
        _unscored(),
        gives={"Maudsley": "none / none / 5"},
        because="at most: duration 2 + severity 2 + failures 1",
    )


def test_baseline_severity_is_that_of_the_first_measured_trial() -> None:
    """The alternative rests on the score the first trial began with, not on an earlier one."""
    expect(
        score("HAM-D-17", 10, "2022-12-05"),
        score("HAM-D-17", 26, "2023-01-02"),
        took("sertraline", 50, "2023-01-02", days=56, taken="met"),
        score("HAM-D-17", 20, "2023-02-26"),
        gives={"Maudsley": 6, "Maudsley otherwise": "7 (moderate) by baseline severity"},
        because="26 is severe (4 points), 20 moderate (3); the 10 of December was mild",
    )
    expect(
        score("HAM-D-17", 26, "2022-12-05"),
        took("sertraline", 50, "2023-01-02", days=56, taken="met"),
        score("MADRS", 22, "2023-02-26"),
        asserted("outcome", "non_response", of="t1"),
        gives={"Maudsley": 6, "Maudsley otherwise": "7 (moderate) by baseline severity"},
    )
