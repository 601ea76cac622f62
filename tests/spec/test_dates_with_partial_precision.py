"""A date known to the month or the year is a range; only what all of it agrees on is told."""

from datetime import date

import pytest

from assistant.staging.dates import (
    PartialDate,
    add_days,
    add_months,
    days_inclusive,
    days_spanned,
    months_between,
)
from tests.lib.expectations import expect, expect_value
from tests.lib.histories import depression, failed, score, took

TITLE = "Dates of partial precision"


def test_a_month_is_a_range_of_its_days() -> None:
    """2024-02 is 29 possible days, 2023 is 365; neither is its first day."""
    for text, first, last in (
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2023", "2023-01-01", "2023-12-31"),
        ("2023-05-06", "2023-05-06", "2023-05-06"),
    ):
        when = PartialDate.parse(text)
        expect_value(f"{text} means", f"{when.earliest} to {when.latest}", f"{first} to {last}")


def test_the_calendar_date_is_the_date_as_written() -> None:
    """A date-time means the calendar date of its own offset."""
    when = PartialDate.parse("2023-05-06T23:30:00-05:00")
    expect_value("2023-05-06T23:30:00-05:00", when.earliest, date(2023, 5, 6))
    expect_value("shown as", when, "2023-05-06")


@pytest.mark.parametrize(
    "text", ["", "soon", "2023-13", "2023-02-30", "2023-05T10:00", "06/05/2023", "2023-5-6"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    """Anything but YYYY, YYYY-MM or YYYY-MM-DD is refused, the text not repeated."""
    with pytest.raises(ValueError, match="expected a") as refusal:
        PartialDate.parse(text)
    assert not text or text not in str(refusal.value)


def test_days_between_partial_dates_are_a_range() -> None:
    """From some day of February to 14 March 2014: 14 to 42 days, both counted."""
    spanned = days_spanned(PartialDate.parse("2014-02"), PartialDate.parse("2014-03-14"))
    expect_value(
        "days from 2014-02 to 2014-03-14", spanned, "15 to 42", because="1 + 14 and 28 + 14 days"
    )
    expect_value("with no end", days_spanned(PartialDate.parse("2014-02"), None), "0 or more")


def test_calendar_arithmetic_stays_inside_the_calendar() -> None:
    """Months end on their last day; nothing runs off the calendar."""
    expect_value("31 January + 1 month", add_months(date(2023, 1, 31), 1), date(2023, 2, 28))
    expect_value("9999-12-31 + 1 month", add_months(date.max, 1), date.max)
    expect_value("9999-12-31 + 1 day", add_days(date.max, 1), date.max)
    expect_value("0001-01-01 - 1 day", add_days(date.min, -1), date.min)
    expect_value("months backwards", months_between(date(2023, 2, 1), date(2023, 1, 1)), (0, 0))
    expect_value(
        "31 January to 1 March", months_between(date(2023, 1, 31), date(2023, 3, 1)), (1, 1)
    )
    expect_value("days backwards", days_inclusive(date(2023, 2, 1), date(2023, 1, 1)), 0)


def test_a_start_known_to_the_month_gives_a_range_of_days() -> None:
    """Begun some day in January, ended 26 February: 27 to 57 days."""
    expect(
        took("sertraline", 50, "2023-01", to="2023-02-26", taken="met"),
        gives={
            "t1 period": "2023-01 to 2023-02-26",
            "t1 days": "27 to 57",
            "t1 days at adequate dose": "27 to 57",
            "t1 duration": "unknown",
        },
        because="31 January to 26 February: 27; 1 January to 26 February: 57 days",
    )


def test_a_range_wholly_on_one_side_is_settled() -> None:
    """Where every day the dates can mean agrees, the verdict is told."""
    expect(
        took("sertraline", 50, "2023-01", to="2023-03-31", taken="met"),
        gives={"t1 days at adequate dose": "60 to 90", "t1 duration": "met"},
        because="31 January to 31 March: 1 + 28 + 31 = 60",
    )
    expect(
        took("sertraline", 50, "2023-01", to="2023-02-10", taken="met"),
        gives={"t1 days at adequate dose": "11 to 41", "t1 duration": "not_met"},
        because="1 January to 10 February: 41 < 42",
    )


def test_an_end_known_to_the_year_is_a_range() -> None:
    """Ended some day in 2023: the shortest and the longest course are far apart."""
    expect(
        took("sertraline", 50, "2022-12-20", to="2023", taken="met"),
        gives={"t1 days at adequate dose": "13 to 377", "t1 duration": "unknown"},
        because="20 December to 1 January: 13; to 31 December: 12 + 365 = 377",
    )


def test_an_unknown_start_leaves_the_days_unbounded() -> None:
    """Ended on a known day, begun no one knows when: at least that day."""
    expect(
        took("sertraline", 50, None, to="2023-02-26", taken="met"),
        gives={"t1 period": "? to 2023-02-26", "t1 days": "1 or more", "t1 duration": "unknown"},
    )


def test_an_unknown_end_reaches_from_one_day_to_the_staging_date() -> None:
    """Begun on a known day, ended no one knows when: up to the staging date."""
    expect(
        took("sertraline", 50, "2024-03-01", taken="met"),
        gives={"t1 period": "2024-03-01 to ?", "t1 days": "1 to 93", "t1 duration": "unknown"},
        because="1 March to 1 June 2024: 31 + 30 + 31 + 1 = 93",
    )


def test_a_score_known_to_the_month_tells_an_outcome_only_where_all_its_days_agree() -> None:
    """A score of some day in February ends a trial that runs all of February."""
    lines = [
        score("HAM-D-17", 24, "2022-12-30"),
        score("HAM-D-17", 20, "2023-02"),
    ]
    expect(
        took("sertraline", 50, "2022-12-30", to="2023-02-28", taken="met"),
        lines,
        gives={"t1 outcome": "non_response"},
    )
    expect(
        took("sertraline", 50, "2022-12-30", to="2023-02-28", taken="met"),
        lines,
        score("HAM-D-17", 10, "2023-02-15"),
        gives={"t1 outcome": "unknown"},
        because="the 20 of February may lie before or after the 10 of the 15th",
    )


def test_a_trial_of_partial_dates_has_no_outcome_where_its_windows_disagree() -> None:
    """If the baseline depends on the day the drug began, the outcome is unknown."""
    expect(
        took("sertraline", 50, "2023-01", to="2023-04-30", taken="met"),
        score("HAM-D-17", 24, "2023-01-02"),
        score("HAM-D-17", 12, "2023-01-20"),
        score("HAM-D-17", 11, "2023-04-28"),
        gives={"t1 outcome": "unknown"},
        because="24 to 11 is 54.17 %, 12 to 11 is 8.33 %",
    )


def test_an_onset_known_to_the_month_gives_a_range_of_months() -> None:
    """Onset in December 2022, staged on 15 June 2024: 17 to 18 months."""
    expect(
        depression("2022-12"),
        failed("sertraline"),
        as_of="2024-06-15",
        gives={"episode start": "2022-12", "episode months": "17 to 18", "Maudsley": 6},
        because="both are sub-acute: 2 + 3 + 1 = 6",
    )


def test_nothing_dated_after_the_staging_date_is_used() -> None:
    """Scores, uses and diagnoses after the staging date are counted and left out."""
    expect(
        failed("sertraline"),
        took("venlafaxine", 150, "2024-06-02", ongoing=True),
        score("HAM-D-17", 5, "2024-06-02"),
        gives={"drugs": "sertraline", "after the staging date": 2},
    )


def test_a_date_that_may_lie_before_the_staging_date_is_used() -> None:
    """A score of the staging month may already be taken."""
    expect(
        took("sertraline", 50, "2024-04-01", ongoing=True, taken="met"),
        score("HAM-D-17", 24, "2024-04-01"),
        score("HAM-D-17", 10, "2024-06"),
        gives={"after the staging date": 0},
    )


def test_a_planned_end_after_the_staging_date_leaves_the_trial_ongoing() -> None:
    """A use that was to end later was still running on the staging date."""
    expect(
        took("sertraline", 50, "2024-04-01", to="2024-08-01", stopped_for="inefficacy"),
        gives={
            "t1 ongoing": "yes",
            "t1 stopped": "ongoing",
            "t1 days at adequate dose": 62,
        },
        because="1 April to 1 June: 30 + 31 + 1 = 62 days",
    )


def test_a_diagnosis_that_ended_after_the_staging_date_was_still_standing() -> None:
    """What was resolved later was active on the staging date."""
    expect(
        depression(
            "2023-12-01",
            abatement="2024-09-01",
            active=False,
            severity="severe",
            psychotic_features=True,
        ),
        failed("sertraline", after="2024-01-02"),
        gives={"Maudsley items": "duration 1; severity 5; failures 1; augmentation 0; ect 0"},
    )


def test_a_trial_of_partial_dates_has_an_outcome_where_its_windows_agree() -> None:
    """If every day the drug can have begun gives the same category, that is the outcome."""
    expect(
        took("sertraline", 50, "2023-01", to="2023-04-30", taken="met"),
        score("HAM-D-17", 24, "2022-12-30"),
        score("HAM-D-17", 23, "2023-04-28"),
        gives={"t1 outcome": "non_response", "t1 failed": "yes"},
        because="24 to 23 is 4.17 %, and 89 to 120 days are at least 42",
    )


def test_a_combination_whose_first_drug_may_have_failed_before_is_measured_both_ways() -> None:
    """Begun some day in January, poor in February, well in May beside a second drug: unknown."""
    expect(
        took("sertraline", 50, "2023-01", to="2023-05-31", taken="met"),
        took("venlafaxine", 150, "2023-02-25", to="2023-05-31", taken="met"),
        score("HAM-D-17", 24, "2022-12-30"),
        score("HAM-D-17", 22, "2023-02-25"),
        score("HAM-D-17", 10, "2023-05-30"),
        gives={"t2 role": "combination", "t1 outcome": "unknown", "t1 failed": "unknown"},
        because="26 to 56 days when the second drug joined; 24 to 22 is 8.33 %, "
        "24 to 10 is 58.33 %",
    )


def test_a_next_drug_known_to_the_month_leaves_open_which_score_was_last() -> None:
    """A response in the month the next drug began is its own or the next drug's."""
    expect(
        score("HAM-D-17", 24, "2023-01-02"),
        took("sertraline", 50, "2023-01-02", to="2023-03-31", taken="met"),
        score("HAM-D-17", 20, "2023-02-26"),
        score("HAM-D-17", 8, "2023-03-20"),
        took("venlafaxine", 150, "2023-03", to="2023-06-30", taken="met"),
        gives={"t1 outcome": "unknown", "t1 failed": "unknown"},
        because="begun on 1 March the window closes on the 4th at 20, on the 31st at 8",
    )


def test_scores_known_to_the_month_are_tried_at_both_ends_of_it() -> None:
    """A score of March may lie inside the fourteen days after the end, or past them."""
    expect(
        score("HAM-D-17", 24, "2023-01"),
        took("sertraline", 50, "2023-01-31", to="2023-03-26", taken="met"),
        score("HAM-D-17", 10, "2023-04"),
        gives={"t1 outcome": "unknown"},
        because="the window closes on 9 April",
    )
