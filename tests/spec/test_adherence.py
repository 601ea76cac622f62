"""At least 80 % of the prescribed doses taken; what is not recorded stays unknown."""

from datetime import date
from pathlib import Path

from assistant.staging.adherence import days_covered
from tests.lib.expectations import expect, expect_value
from tests.lib.histories import Line, diagnosis, lab, score, took

TITLE = "Adherence"


def _fills(*starts_and_days: tuple[str, int], mg: float = 100) -> list[Line]:
    return [
        took("sertraline", mg, start, days=days, source="dispense")
        for start, days in starts_and_days
    ]


def _non_response() -> list[Line]:
    return [score("HAM-D-17", 24, "2023-01-02"), score("HAM-D-17", 22, "2023-04-11")]


def test_undocumented_adherence_is_unknown_and_assumed_only_in_the_working_value() -> None:
    """Undocumented adherence is unknown; only the working value takes it as met, and says so."""
    expect(
        took("sertraline", 100, "2023-01-02", days=100),
        _non_response(),
        gives={
            "t1 adherence": "unknown",
            "t1 adequate": "unknown",
            "t1 failed": "unknown",
            "t1 failed (working)": "yes",
            "stage": "0 / I / I",
            "assumptions": "undocumented adherence taken as adequate: t1",
        },
    )


def test_w08_79_days_of_100_are_not_enough() -> None:
    """A share of 0.79 of the days covered is below the required 0.80."""
    expect(
        took("sertraline", 100, "2023-01-02", days=100),
        _fills(("2023-01-02", 30), ("2023-02-01", 30), ("2023-03-03", 19)),
        _non_response(),
        gives={
            "t1 days covered": "79.0 %",
            "t1 adherence": "not_met",
            "t1 adequate": "not_met",
            "t1 failed": "no",
            "stage": "0",
        },
        because="30 + 30 + 19 = 79 of 100 days",
    )


def test_w43_80_days_of_100_are_enough() -> None:
    """The boundary of 0.80 belongs to the adequate side, as do 50 mg and 42 days."""
    expect(
        took("sertraline", 50, "2023-01-02", days=100),
        _fills(("2023-01-02", 30), ("2023-02-01", 30), ("2023-03-03", 20), mg=50),
        _non_response(),
        gives={"t1 days covered": "80.0 %", "t1 adherence": "met", "t1 failed": "yes"},
        because="30 + 30 + 20 = 80 of 100 days",
    )
    expect(
        took("sertraline", 50, "2023-01-02", days=42),
        _fills(("2023-01-02", 20), ("2023-01-25", 14), mg=50),
        gives={
            "t1 days covered": "81.0 %",
            "t1 adequate": "met",
            "t1 remarks": "adequate_at_6_not_8",
        },
        because="20 + 14 = 34 of 42 days = 81.0 %; 42 days at 50 mg",
    )


def test_days_covered_by_either_policy() -> None:
    """Overlaps are carried forward or lost; a supply of one day covers one day."""
    first = date(2023, 1, 1)
    ten, next_five = (first, date(2023, 1, 10)), (date(2023, 1, 6), date(2023, 1, 10))
    one_day = (date(2023, 1, 20), date(2023, 1, 20))
    month = (first, date(2023, 1, 31))
    supplies = [one_day, next_five, ten]
    expect_value(
        "10 days, 5 days from day 6, 1 day; carried forward",
        days_covered(supplies, month, carry_forward=True),
        16,
        because="10 + 5 + 1",
    )
    expect_value(
        "the same, merged", days_covered(supplies, month, carry_forward=False), 11, because="10 + 1"
    )
    expect_value(
        "from 6 to 8 January only, merged",
        days_covered([ten], (date(2023, 1, 6), date(2023, 1, 8)), carry_forward=False),
        3,
    )


def test_one_fill_does_not_show_adherence() -> None:
    """At least two fills inside the trial are needed before dispenses show adherence."""
    expect(
        took("sertraline", 100, "2023-01-02", days=56),
        _fills(("2023-01-02", 56)),
        gives={"t1 adherence": "unknown", "t1 days covered": "none"},
    )


def test_stock_of_the_same_drug_is_carried_forward() -> None:
    """An early refill is used after the earlier supply has run out."""
    expect(
        took("sertraline", 100, "2023-01-02", days=60),
        _fills(("2023-01-02", 30), ("2023-01-22", 30)),
        gives={"t1 days covered": "100.0 %"},
        because="2 January to 2 March: 30 + 30 = 60 of 60 days, the overlap moved to the end",
    )


def test_a_site_may_merge_overlapping_supplies_instead(tmp_path: Path) -> None:
    """Where a site's ruleset merges supplies, the overlap of an early refill is lost."""
    site = tmp_path / "clinic.toml"
    site.write_text(
        """
        name = "merging_clinic"
        extends = "source_text"
        version = "1"
        title = "A clinic that merges supplies"
        [adequacy]
        coverage_policy = { value = "merge", source = "decisions" }
        """,
        encoding="utf-8",
    )
    expect(
        took("sertraline", 100, "2023-01-02", days=60),
        _fills(("2023-01-02", 30), ("2023-01-22", 30), ("2023-01-25", 10)),
        ruleset=str(site),
        gives={"t1 days covered": "83.3 %"},
        because="2 January to 20 February: 50 of 60 days",
    )
    expect(
        _fills(("2023-01-02", 30), ("2023-01-22", 30)),
        ruleset=str(site),
        gives={"t1 period": "2023-01-02 to 2023-02-20", "t1 days at adequate dose": 50},
    )


def test_an_undated_supply_covers_nothing() -> None:
    """A dispense without a date cannot be laid into the calendar."""
    expect(
        took("sertraline", 100, None, source="dispense", ongoing=True),
        gives={"t1 adherence": "unknown", "t1 days covered": "none"},
    )


def test_days_covered_without_a_statement_run_to_the_end_of_the_last_supply() -> None:
    """Without a statement or an order, the period is first fill to end of the last supply."""
    expect(
        _fills(("2023-01-02", 30), ("2023-02-11", 30)),
        gives={"t1 days covered": "85.7 %", "t1 adherence": "met"},
        because="30 + 30 = 60 of the 70 days from 2 January to 12 March",
    )


def test_the_period_of_a_statement_begun_some_day_of_a_month_is_its_proven_part() -> None:
    """Days covered are told over the days on which the drug was surely taken."""
    expect(
        took("sertraline", 100, "2023-01", to="2023-03-31"),
        _fills(("2023-01-31", 30), ("2023-03-02", 30)),
        gives={"t1 days covered": "100.0 %"},
        because="31 January to 31 March: 1 + 28 + 31 = 60 days, 30 + 30 covered",
    )


def test_the_same_fill_recorded_twice_is_one_fill() -> None:
    """Duplicate dispenses neither add stock nor make up the second fill."""
    expect(
        took("sertraline", 100, "2023-01-02", days=60),
        _fills(("2023-01-02", 30), ("2023-01-02", 30)),
        gives={"t1 adherence": "unknown"},
    )


def test_a_dispense_without_a_length_of_supply_covers_nothing() -> None:
    """A fill whose supply is not recorded does not count as a fill."""
    expect(
        took("sertraline", 100, "2023-01-02", days=60),
        took("sertraline", 100, "2023-01-02", source="dispense"),
        took("sertraline", 100, "2023-02-01", source="dispense"),
        gives={"t1 adherence": "unknown", "t1 days covered": "none"},
    )


def test_an_adherence_statement_settles_it() -> None:
    """Taken as directed is met, not as directed is not met, taken with no more said is unknown."""
    for stated, failed in (("met", "yes"), ("not_met", "no"), ("unknown", "unknown")):
        expect(
            took("sertraline", 100, "2023-01-02", days=100, taken=stated),
            _non_response(),
            gives={"t1 adherence": stated, "t1 failed": failed},
        )


def test_a_statement_against_the_dispenses_leaves_it_unknown() -> None:
    """Where the statement and the dispenses disagree, adherence is unknown."""
    expect(
        took("sertraline", 100, "2023-01-02", days=60, taken="not_met"),
        _fills(("2023-01-02", 30), ("2023-02-01", 30)),
        gives={"t1 adherence": "unknown", "t1 days covered": "100.0 %"},
    )


def test_a_code_of_nonadherence_inside_the_trial_is_not_met() -> None:
    """A code of noncompliance or underdosing dated inside the trial overrules the dispenses."""
    expect(
        took("sertraline", 100, "2023-01-02", days=60),
        _fills(("2023-01-02", 30), ("2023-02-01", 30)),
        diagnosis("nonadherence", "noncompliance with medication", recorded="2023-02-01"),
        gives={"t1 adherence": "not_met", "check adherence": "present"},
    )
    expect(
        took("sertraline", 100, "2023-01-02", days=60),
        diagnosis("underdosing_antidepressant", "underdosing of SSRI", onset="2023-02-01"),
        gives={"t1 adherence": "not_met"},
    )


def test_a_code_of_nonadherence_outside_the_trial_says_nothing_of_it() -> None:
    """A code dated before or after the trial, refuted, or undated does not settle its adherence."""
    for facts in (
        {"recorded": "2022-12-01"},
        {"recorded": "2023-06-01"},
        {"recorded": "2023-02-01", "verification": "refuted"},
        {},
    ):
        expect(
            took("sertraline", 100, "2023-01-02", days=60),
            diagnosis("nonadherence", "noncompliance with medication", **facts),
            gives={"t1 adherence": "unknown"},
        )


def test_a_code_of_nonadherence_cannot_be_placed_in_an_undated_trial() -> None:
    """Without dates of the trial no code falls inside it."""
    expect(
        took("sertraline", 100, None),
        diagnosis("nonadherence", "noncompliance with medication", recorded="2023-02-01"),
        gives={"t1 adherence": "unknown"},
    )


def test_a_plasma_level_in_range_supports_but_does_not_decide() -> None:
    """A level within or above its range leaves undocumented adherence unknown."""
    expect(
        took("sertraline", 100, "2023-01-02", days=60),
        lab("plasma_level:sertraline", 30, "ng/mL", "2023-02-01"),
        gives={
            "t1 adherence": "unknown",
            "t1 remarks": "none",
            "check plasma_level": "none_found",
            "biomarkers": "plasma level of sertraline 30 ng/mL: "
            "within or above range: supports exposure",
        },
        because="range 10 to 150 ng/mL",
    )


def test_a_plasma_level_below_range_makes_exposure_doubtful() -> None:
    """A level below its range is remarked and checked; the trial stays adequate by dose."""
    expect(
        took("sertraline", 100, "2023-01-02", days=60, taken="met"),
        lab("plasma_level:sertraline", 9, "ng/mL", "2023-02-01"),
        gives={
            "t1 adherence": "met",
            "t1 adequate": "met",
            "t1 remarks": "exposure_doubtful",
            "check plasma_level": "present",
            "next steps": "measure; measure",
        },
        because="9 < 10 ng/mL",
    )


def test_a_level_below_the_limit_of_detection_is_below_range() -> None:
    """A level reported as less than a limit within reach of the range's start is below range."""
    expect(
        took("sertraline", 100, "2023-01-02", days=60, taken="met"),
        lab("plasma_level:sertraline", 10, "ng/mL", "2023-02-01", comparator="<"),
        gives={"t1 remarks": "exposure_doubtful", "check plasma_level": "present"},
        because="less than 10 is below the range that starts at 10",
    )


def test_a_level_drawn_outside_the_trial_says_nothing_of_it() -> None:
    """A level before or after the trial is not the trial's."""
    for day in ("2022-12-01", "2023-06-01", None):
        expect(
            took("sertraline", 100, "2023-01-02", days=60),
            lab("plasma_level:sertraline", 5, "ng/mL", day),
            gives={"t1 remarks": "none"},
        )


def test_an_enzyme_inducer_makes_exposure_doubtful() -> None:
    """A strong inducer beside the drug can make an adequate dose act as a low one."""
    expect(
        took("sertraline", 100, "2023-01-02", days=60, taken="met"),
        took("carbamazepine", 400, "2023-01-16", days=60),
        gives={
            "t1 adequate": "met",
            "t1 remarks": "exposure_doubtful",
            "check interaction": "present",
        },
    )


def test_an_inducer_before_the_trial_does_not_touch_it() -> None:
    """The inducer has to overlap the trial."""
    expect(
        took("sertraline", 100, "2023-01-02", days=60, taken="met"),
        took("carbamazepine", 400, "2022-01-16", days=60),
        gives={"t1 remarks": "none", "check interaction": "none_found"},
    )


def test_days_covered_are_asked_only_up_to_a_disputed_stop() -> None:
    """Where a stopped statement meets an order that runs on, nothing is asked after the stop."""
    expect(
        took("sertraline", 100, "2023-01-02", to="2023-03-01"),
        took("sertraline", 100, "2023-01-02", ongoing=True, source="order"),
        took("sertraline", 100, "2023-01-02", days=30, source="dispense"),
        took("sertraline", 100, "2023-02-01", days=29, source="dispense"),
        gives={"t1 days covered": "100.0 %", "t1 adherence": "met"},
        because="59 of the 59 days from 2 January to 1 March",
    )


def test_two_strengths_filled_on_one_day_are_one_supply() -> None:
    """50 mg and 25 mg filled together for 75 mg a day last 28 days, not 56."""
    together = [
        took("sertraline", mg, day, days=28, source="dispense")
        for day in ("2023-01-02", "2023-02-27")
        for mg in (50, 25)
    ]
    expect(
        took("sertraline", 75, "2023-01-02", days=84),
        together,
        gives={"t1 days covered": "66.7 %", "t1 adherence": "not_met"},
        because="2 to 29 January and 27 February to 26 March: 56 of 84 days",
    )
    expect(
        took("sertraline", 75, "2023-01-02", days=42),
        together[:2],
        gives={"t1 days covered": "none", "t1 adherence": "unknown"},
        because="one visit to the pharmacy is one fill, whatever it handed over",
    )
