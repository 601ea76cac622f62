"""TRD, Stage I and Stage II as the source text defines them, with their bounds."""

from tests.lib.expectations import expect
from tests.lib.histories import depression, failed, score, took

TITLE = "TRD and the stages of the source text"


def _worked_case():
    return [
        depression("2022-12-03"),
        score("HAM-D-17", 24, "2023-01-02"),
        took("sertraline", 200, "2023-01-02", days=56, taken="met"),
        score("HAM-D-17", 20, "2023-02-26"),
        took("venlafaxine", 225, "2023-02-27", days=70, taken="met"),
        score("HAM-D-17", 19, "2023-05-07"),
    ]


def test_w01a_the_first_trial_of_the_worked_case_is_stage_i() -> None:
    """Sertraline 200 mg for 8 weeks, 24 to 20: adequate, failed, Stage I, not yet TRD."""
    expect(
        _worked_case()[:4],
        gives={
            "t1 adequate": "met",
            "t1 outcome": "non_response",
            "t1 reduction": "16.67 %",
            "t1 failed": "yes",
            "stage": "I",
            "Thase-Rush": "I",
            "TRD": "no",
        },
        because="(24 - 20) / 24 = 16.67 %",
    )


def test_w01b_the_worked_case_is_stage_ii() -> None:
    """With venlafaxine 225 mg for 10 weeks, 20 to 19: two classes failed, Stage II, TRD."""
    expect(
        _worked_case(),
        as_of="2024-06-03",
        gives={
            "t2 adequate": "met",
            "t2 outcome": "non_response",
            "t2 reduction": "5.00 %",
            "t2 days at adequate dose": 70,
            "stage": "II",
            "TRD": "yes",
            "Thase-Rush": "II",
            "GSRD": "trd",
            "European": "TRD1",
            "Maudsley": 6,
            "Maudsley band": "mild",
            "Maudsley items": "duration 2; severity 3; failures 1; augmentation 0; ect 0",
            "Maudsley otherwise": "7 (moderate) by baseline severity",
            "MGH-S": "2.5",
            "persistent": "not_met",
            "episode months": 18,
        },
        because="18 months: 2; HAM-D-17 19, moderate: 3; two drugs: 1; 2 + 3 + 1 = 6. "
        "By the 24 of the start, severe: 7. MGH-S: 2 trials and half a point for "
        "sertraline at its maximum of 200 mg; 225 mg is below twice venlafaxine's 150 mg",
    )


def test_w04_an_ssri_and_an_ndri_are_different_classes() -> None:
    """Bupropion after sertraline is a second class: Stage II, TRD."""
    expect(
        failed("sertraline", "bupropion"),
        gives={
            "t1 class": "SSRI",
            "t2 class": "NDRI",
            "stage": "II",
            "Thase-Rush": "II",
            "MGH-S": 2,
            "TRD": "yes",
        },
    )


def test_w05_two_ssris_stay_stage_i() -> None:
    """Two failures of one class stay Stage I and are TRD only without the class rule."""
    expect(
        failed("sertraline", "fluoxetine"),
        gives={
            "stage": "I",
            "Thase-Rush": "I",
            "MGH-S": 2,
            "TRD": "no",
            "TRD without class rule": "yes",
            "GSRD": "trd",
        },
    )
    expect(failed("sertraline", "fluoxetine"), ruleset="sforzini_2022", gives={"TRD": "yes"})


def test_three_failures_of_two_classes_are_stage_ii() -> None:
    """The source text names no higher stage, so none is given."""
    expect(failed("sertraline", "fluoxetine", "venlafaxine"), gives={"stage": "II", "TRD": "yes"})


def test_w44_bupropion_with_dextromethorphan_adds_no_class_to_bupropion() -> None:
    """Dextromethorphan-bupropion belongs to the class of bupropion."""
    expect(
        failed("sertraline", "bupropion", "bupropion | dextromethorphan"),
        gives={"t3 class": "NDRI", "stage": "II", "MGH-S": 3, "TRD": "yes"},
    )
    expect(
        failed("bupropion", "bupropion | dextromethorphan"),
        gives={"stage": "I", "TRD": "no", "TRD without class rule": "yes"},
    )


def test_related_molecules_are_one_class_and_remarked() -> None:
    """Citalopram and escitalopram, venlafaxine and desvenlafaxine: one class, remarked."""
    report = expect(
        failed("citalopram"),
        took("escitalopram", 10, "2023-03-01", days=56),
        gives={"t1 class": "SSRI", "t2 class": "SSRI"},
    )
    assert "related_molecule" in report.trials[1].remarks


def test_no_failed_trial_is_stage_zero() -> None:
    """Without a failed adequate trial the stage is 0, and TRD is no."""
    expect(gives={"stage": "0", "TRD": "no", "trials": "none"})


def test_stage_i_is_not_trd() -> None:
    """One failed trial is a stage, not yet TRD."""
    expect(failed("sertraline"), gives={"stage": "I", "TRD": "no", "TRD without class rule": "no"})


def test_at_least_proves_working_assumes_at_most_does_not_exclude() -> None:
    """Unknown adherence: nothing proven, one stage assumed; an unknown outcome only at most."""
    expect(
        score("HAM-D-17", 24, "2023-01-02"),
        took("sertraline", 100, "2023-01-02", days=56),
        score("HAM-D-17", 20, "2023-02-26"),
        took("venlafaxine", 150, "2023-02-27", days=56),
        gives={
            "t1 failed": "unknown",
            "t2 failed": "unknown",
            "stage": "0 / I / II",
            "TRD": "no / no / yes",
            "Thase-Rush": "0 / I / II",
            "GSRD": "none / non_responder / trd",
            "European": "0 / A / TRD1",
            "MGH-S": "0 / 1.5 / 2.5",
        },
        because="sertraline at 100 mg, twice its floor of 50 mg, is optimised: half a point",
    )


def test_only_the_current_episode_counts_whatever_the_order_of_the_record() -> None:
    """The order in which a chart lists its entries changes nothing."""
    lines = _worked_case()
    expect(list(reversed(lines)), as_of="2024-06-03", gives={"stage": "II", "TRD": "yes"})
