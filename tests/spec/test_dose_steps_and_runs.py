"""Only days at or above the minimum adequate dose count, and only in one unbroken run."""

from tests.lib.expectations import expect
from tests.lib.histories import took

TITLE = "Dose, dose steps and the adequate run"


def test_w07_venlafaxine_75_mg_is_below_the_floor() -> None:
    """Venlafaxine below 150 mg/day is an inadequate dose, however long it is taken."""
    expect(
        took("venlafaxine", 75, "2023-01-02", days=56, taken="met"),
        gives={"t1 dose": "not_met", "t1 adequate": "not_met", "t1 failed": "no", "stage": "0"},
        because="75 < 150",
    )


def test_w42_only_the_days_at_the_floor_count() -> None:
    """Titration below the floor does not count: six weeks at 150 mg after four at 75 mg are six."""
    expect(
        took("venlafaxine", 75, "2023-01-02", days=28, taken="met"),
        took("venlafaxine", 150, "2023-01-30", days=42, taken="met"),
        gives={
            "drugs": "venlafaxine",
            "t1 days": 70,
            "t1 days at adequate dose": 42,
            "t1 duration": "met",
            "t1 adequate": "met",
        },
        because="28 + 42 = 70 days on the drug, 42 of them at 150 mg",
    )


def test_w09_41_days_are_too_short() -> None:
    """Six weeks are 42 days; 41 are not enough."""
    expect(
        took("sertraline", 100, "2023-01-02", days=41, taken="met"),
        gives={"t1 days at adequate dose": 41, "t1 duration": "not_met", "t1 failed": "no"},
        because="41 < 42",
    )


def test_w09_41_days_are_enough_where_four_weeks_are_asked() -> None:
    """The four weeks of the Sforzini consensus are met by 41 days."""
    expect(
        took("sertraline", 100, "2023-01-02", days=41, taken="met"),
        ruleset="sforzini_2022",
        gives={"t1 duration": "met", "t1 adequate": "met"},
        because="41 >= 28",
    )


def test_42_days_are_enough() -> None:
    """The boundary of six weeks belongs to the adequate side."""
    expect(
        took("sertraline", 50, "2023-01-02", days=42, taken="met"),
        gives={
            "t1 days at adequate dose": 42,
            "t1 duration": "met",
            "t1 adequate": "met",
            "t1 remarks": "adequate_at_6_not_8",
        },
        because="50 mg is the floor of sertraline; 42 >= 42",
    )


def test_55_days_are_remarked_as_adequate_at_six_not_eight_weeks() -> None:
    """Between 42 and 55 days the trial is remarked: eight weeks would not be met."""
    expect(
        took("sertraline", 50, "2023-01-02", days=55),
        gives={"t1 remarks": "adequate_at_6_not_8"},
        because="42 <= 55 < 56",
    )


def test_56_days_carry_no_remark() -> None:
    """Eight weeks satisfy either end of the source text's six to eight."""
    expect(took("sertraline", 50, "2023-01-02", days=56), gives={"t1 remarks": "none"})


def test_the_remark_means_six_weeks_under_every_ruleset() -> None:
    """Thirty days are adequate by the Sforzini rules, but not at six weeks: no such remark."""
    expect(
        took("sertraline", 50, "2023-01-02", days=30),
        ruleset="sforzini_2022",
        gives={"t1 duration": "met", "t1 remarks": "none"},
        because="30 < 42",
    )


def test_the_strict_reading_shows_what_six_weeks_would_say() -> None:
    """Where eight weeks are asked, 45 days are too short, and the remark tells six would do."""
    expect(
        took("sertraline", 50, "2023-01-02", days=45),
        ruleset="source_text_strict",
        gives={"t1 duration": "not_met", "t1 remarks": "adequate_at_6_not_8"},
        because="42 <= 45 < 56",
    )


def test_a_gap_of_14_days_is_bridged_but_not_counted() -> None:
    """A gap of up to 14 days keeps the run going; its days do not count."""
    expect(
        took("sertraline", 100, "2023-01-02", days=21),
        took("sertraline", 100, "2023-02-06", days=21),
        gives={"drugs": "sertraline", "t1 days": 56, "t1 days at adequate dose": 42},
        because="23 January to 5 February: 14 days; 21 + 21 = 42",
    )


def test_a_gap_of_15_days_restarts_the_run() -> None:
    """A longer gap restarts the run; the longest run counts, never the sum."""
    expect(
        took("sertraline", 100, "2023-01-02", days=21),
        took("sertraline", 100, "2023-02-07", days=30),
        gives={"drugs": "sertraline", "t1 days at adequate dose": 30, "t1 duration": "not_met"},
        because="23 January to 6 February: 15 days; the longer run has 30 days, not 51",
    )


def test_the_longest_run_counts_though_it_comes_first() -> None:
    """A later, shorter run does not replace the longest one."""
    expect(
        took("sertraline", 100, "2023-01-02", days=45),
        took("sertraline", 100, "2023-03-20", days=20),
        gives={"drugs": "sertraline", "t1 days at adequate dose": 45, "t1 duration": "met"},
    )


def test_a_dip_below_the_floor_of_14_days_is_bridged_but_not_counted() -> None:
    """Up to 14 days below the floor are treated as a gap of that length."""
    expect(
        took("sertraline", 100, "2023-01-02", days=21),
        took("sertraline", 25, "2023-01-23", days=14),
        took("sertraline", 100, "2023-02-06", days=21),
        gives={"t1 days": 56, "t1 days at adequate dose": 42, "t1 duration": "met"},
        because="21 + 21 = 42; the 14 days at 25 mg bridge",
    )


def test_a_dip_of_15_days_restarts_the_run() -> None:
    """Fifteen days below the floor end the run."""
    expect(
        took("sertraline", 100, "2023-01-02", days=21),
        took("sertraline", 25, "2023-01-23", days=15),
        took("sertraline", 100, "2023-02-07", days=21),
        gives={"t1 days at adequate dose": 21, "t1 duration": "not_met"},
    )


def test_a_rise_above_the_floor_keeps_the_clock_running() -> None:
    """A dose increase within the therapeutic range does not restart the run."""
    expect(
        took("sertraline", 50, "2023-01-02", days=28),
        took("sertraline", 100, "2023-01-30", days=28),
        gives={"t1 days at adequate dose": 56, "t1 highest dose": 100},
        because="28 + 28 = 56",
    )


def test_strengths_begun_together_add_up() -> None:
    """Two strengths of one drug that begin together are one daily dose."""
    expect(
        took("venlafaxine", 112.5, "2023-01-02", days=56),
        took("venlafaxine", 37.5, "2023-01-02", days=56),
        gives={"drugs": "venlafaxine", "t1 highest dose": 150, "t1 dose": "met"},
        because="112.5 + 37.5 = 150",
    )


def test_the_same_entry_twice_is_one_use() -> None:
    """Two entries of the same dose and the same days repeat each other; they do not add up."""
    expect(
        took("venlafaxine", 75, "2023-01-02", days=56),
        took("venlafaxine", 75, "2023-01-02", days=56),
        gives={"drugs": "venlafaxine", "t1 highest dose": 75, "t1 dose": "not_met"},
    )


def test_strengths_ordered_together_add_up_though_one_begins_later() -> None:
    """Strengths of one order add up from the day both are taken."""
    expect(
        took("venlafaxine", 75, "2023-01-02", to="2023-02-26", order="A"),
        took("venlafaxine", 75, "2023-01-09", to="2023-02-26", order="A"),
        gives={
            "t1 dose steps": "75 mg 2023-01-02 to 2023-01-08; 150 mg 2023-01-09 to 2023-02-26",
            "t1 days at adequate dose": 49,
        },
        because="23 + 26 = 49 days from 9 January to 26 February",
    )


def test_a_new_strength_overlapping_by_14_days_replaces_the_old_one() -> None:
    """A new strength that overlaps the old by up to 14 days replaces it from its first day."""
    expect(
        took("venlafaxine", 75, "2023-01-02", to="2023-02-14"),
        took("venlafaxine", 150, "2023-02-01", to="2023-03-31"),
        gives={
            "t1 dose steps": "75 mg 2023-01-02 to 2023-01-31; 150 mg 2023-02-01 to 2023-03-31",
            "t1 highest dose": 150,
        },
        because="1 to 14 February: 14 days of overlap",
    )


def test_a_longer_overlap_leaves_open_whether_the_strengths_add_up() -> None:
    """Beyond 14 days nobody closed the older order: replaced, or taken as well."""
    expect(
        took("venlafaxine", 75, "2023-01-02", to="2023-02-15"),
        took("venlafaxine", 75, "2023-02-01", to="2023-03-31", release="ER"),
        gives={
            "t1 dose": "unknown",
            "t1 highest dose": 150,
            "t1 days at adequate dose": "0 to 15",
        },
        because="1 to 15 February, 15 days, at 75 mg or at 75 + 75 = 150 mg",
    )


def test_an_older_order_of_unknown_dose_leaves_the_sum_unknown() -> None:
    """Where the older order has no dose, the dose of the overlap is unknown."""
    expect(
        took("venlafaxine", None, "2023-01-02", to="2023-03-31"),
        took("venlafaxine", 75, "2023-02-01", to="2023-03-31", release="ER"),
        gives={"t1 dose": "unknown"},
    )


def test_a_new_strength_within_three_days_of_the_old_ones_end_replaces_it() -> None:
    """A new strength a day or three after the old one's end continues the same use."""
    expect(
        took("sertraline", 50, "2023-01-02", to="2023-01-29"),
        took("sertraline", 100, "2023-02-01", to="2023-02-28"),
        gives={
            "drugs": "sertraline",
            "t1 dose steps": "50 mg 2023-01-02 to 2023-01-29; 100 mg 2023-02-01 to 2023-02-28",
            "t1 days at adequate dose": 56,
        },
        because="28 + 28 = 56; the two days between are bridged and not counted",
    )


def test_an_unknown_dose_is_neither_adequate_nor_inadequate() -> None:
    """A trial with no recorded dose is undecided."""
    expect(
        took("sertraline", None, "2023-01-02", days=56, taken="met"),
        gives={
            "t1 dose": "unknown",
            "t1 days at adequate dose": "0 to 56",
            "t1 adequate": "unknown",
            "t1 failed": "unknown",
        },
    )


def test_a_dose_range_across_the_floor_is_unknown() -> None:
    """A dose known within limits on both sides of the floor does not settle it."""
    expect(
        took("sertraline", "25-100", "2023-01-02", days=56),
        gives={"t1 dose": "unknown", "t1 days at adequate dose": "0 to 56"},
    )


def test_a_short_trial_of_unknown_dose_is_too_short_at_any_dose() -> None:
    """Where all days together are too few, the unknown dose does not matter."""
    expect(
        took("sertraline", None, "2023-01-02", days=20),
        gives={"t1 dose": "unknown", "t1 duration": "not_met", "t1 failed": "no"},
        because="at most 20 days",
    )


def test_the_floor_of_the_other_dose_set_is_remarked_where_it_decides_otherwise() -> None:
    """Trazodone 200 mg is below 300 (ATRQ) and above 150 (CANMAT): the difference is shown."""
    expect(
        took("trazodone", 200, "2023-01-02", days=56),
        gives={"t1 dose": "not_met", "t1 minimum dose": 300, "t1 remarks": "dose_floor_differs"},
    )
    expect(
        took("trazodone", 200, "2023-01-02", days=56),
        ruleset="canada_2021",
        gives={"t1 dose": "met", "t1 minimum dose": 150, "t1 remarks": "dose_floor_differs"},
    )


def test_where_a_dose_set_has_no_floor_the_atrq_floor_stands() -> None:
    """CANMAT lists no fluvoxamine; its minimum stays that of the ATRQ set."""
    expect(
        took("fluvoxamine", 50, "2023-01-02", days=56),
        ruleset="canada_2021",
        gives={"t1 minimum dose": 50, "t1 dose": "met"},
    )


def test_a_drug_without_a_floor_in_the_table_is_undecided() -> None:
    """Without a sourced minimum dose no verdict is given on the dose."""
    expect(
        took("nomifensine", 100, "2023-01-02", days=56),
        gives={
            "t1 dose": "unknown",
            "t1 days at adequate dose": "0 to 56",
            "t1 minimum dose": "none",
            "t1 remarks": "no_floor_in_table",
            "t1 failed": "unknown",
        },
    )
    expect(
        took("nomifensine", 100, None),
        gives={"t1 days at adequate dose": "0 or more", "t1 dose": "unknown"},
    )


def test_an_ongoing_trial_short_of_the_minimum_has_not_failed() -> None:
    """A trial still running and shorter than the minimum: duration not met, not failed, ongoing."""
    expect(
        took("sertraline", 100, "2024-05-01", ongoing=True),
        gives={
            "t1 days at adequate dose": 32,
            "t1 duration": "not_met",
            "t1 failed": "no",
            "t1 stopped": "ongoing",
            "t1 ongoing": "yes",
        },
        because="1 May to 1 June: 32 days so far",
    )


def test_dispenses_alone_give_the_dose_and_the_days() -> None:
    """Without a statement or an order, the supplies tell what was taken and for how long."""
    expect(
        took("sertraline", 100, "2023-01-02", days=30, source="dispense"),
        took("sertraline", 100, "2023-01-30", days=30, source="dispense"),
        gives={"t1 period": "2023-01-02 to 2023-03-02", "t1 days at adequate dose": 60},
        because="the second supply begins when the first runs out: 30 + 30 = 60 days",
    )


def test_a_dispense_of_a_new_strength_is_not_carried_forward() -> None:
    """Only stock of the same dose is carried forward; a new strength replaces the old."""
    expect(
        took("sertraline", 50, "2023-01-02", days=30, source="dispense"),
        took("sertraline", 100, "2023-01-30", days=30, source="dispense"),
        gives={"t1 dose steps": "50 mg 2023-01-02 to 2023-01-29; 100 mg 2023-01-30 to 2023-02-28"},
    )


def test_a_supply_that_begins_only_after_the_staging_date_counts_nothing() -> None:
    """Stock carried beyond the staging date adds no days before it."""
    expect(
        took("sertraline", 100, "2024-04-01", days=60, source="dispense"),
        took("sertraline", 100, "2024-05-20", days=60, source="dispense"),
        as_of="2024-05-25",
        gives={"t1 days": 55},
        because="1 April to 25 May: 30 + 25 = 55; the second supply would start on 31 May",
    )


def test_the_dose_is_compared_as_its_equivalent_and_shown_as_labelled() -> None:
    """Bupropion hydrobromide 348 mg is judged as 300 mg and shown as written, steps added up."""
    expect(
        took("bupropion", 300, "2023-01-02", days=56, labelled=348),
        gives={"t1 highest dose": 300, "t1 labelled dose": 348, "t1 dose": "met"},
    )
    expect(
        took("bupropion", 150, "2023-01-02", days=56, labelled=174),
        took("bupropion", 300, "2023-01-02", days=56, labelled=348),
        gives={"t1 highest dose": 450, "t1 labelled dose": 522},
        because="174 + 348 = 522 as labelled; 150 + 300 = 450 as equivalent",
    )
    expect(
        took("bupropion", 300, None, labelled=348),
        gives={"t1 highest dose": 300, "t1 labelled dose": 348},
    )


def test_a_longer_overlap_leaves_the_labelled_dose_open_as_well() -> None:
    """The label's figures add up like the equivalents, where both are taken."""
    expect(
        took("venlafaxine", 75, "2023-01-02", to="2023-03-31"),
        took("venlafaxine", 150, "2023-02-01", to="2023-03-31"),
        gives={"t1 highest dose": 225, "t1 labelled dose": 225, "t1 dose": "met"},
        because="150 mg at least, 75 + 150 = 225 mg at most",
    )


def test_a_dose_to_be_taken_as_needed_is_an_upper_limit() -> None:
    """An order "as needed" proves no dose; it can exclude one that it never reached."""
    expect(
        took("sertraline", 100, "2023-01-02", days=56, as_needed=True),
        gives={
            "t1 dose": "unknown",
            "t1 days at adequate dose": "0 to 56",
            "t1 highest dose": 100,
            "t1 failed": "unknown",
        },
    )
    expect(
        took("sertraline", 25, "2023-01-02", days=56, as_needed=True),
        gives={"t1 dose": "not_met"},
    )
    expect(
        took("sertraline", None, "2023-01-02", days=56, as_needed=True),
        gives={"t1 dose": "unknown", "t1 highest dose": "none"},
    )
