"""Response, partial response, non-response and remission, from one scale's own scores."""

import pytest

from tests.lib.expectations import expect
from tests.lib.histories import Line, score, took

TITLE = "Outcome of a trial"

START = "2023-01-02"


def _trial(days: int = 56) -> Line:
    return took("sertraline", 100, START, days=days, taken="met")


def _measured(baseline: float, endpoint: float, scale: str = "HAM-D-17") -> list[Line]:
    return [_trial(), score(scale, baseline, START), score(scale, endpoint, "2023-02-26")]


def test_w02_a_fall_by_exactly_half_is_response_without_remission() -> None:
    """From 24 to 12 is a response, not a remission: optimise or augment, do not switch."""
    expect(
        _measured(24, 12),
        gives={
            "t1 outcome": "response",
            "t1 reduction": "50.00 %",
            "t1 failed": "no",
            "stage": "0",
            "Thase-Rush": "0",
            "MGH-S": "0",
            "TRD": "no",
            "next steps": "optimise; augment",
        },
        because="(24 - 12) / 24 = 50 %; 12 > 7",
    )


def test_w36_half_is_response() -> None:
    """The boundary of 50 % belongs to response."""
    expect(_measured(24, 12), gives={"t1 outcome": "response"}, because="12 / 24 = 50 %")


def test_w10_seven_is_remission() -> None:
    """A HAM-D-17 of 7 or less is remission."""
    expect(
        _measured(24, 7),
        gives={
            "t1 outcome": "remission",
            "t1 reduction": "70.83 %",
            "t1 failed": "no",
            "next steps": "continue",
        },
        because="(24 - 7) / 24 = 70.83 %",
    )


def test_w38_eight_is_not_remission() -> None:
    """A HAM-D-17 of 8 is a response without remission, however large the fall."""
    expect(
        _measured(24, 8),
        gives={"t1 outcome": "response", "t1 reduction": "66.67 %"},
        because="(24 - 8) / 24 = 66.67 %; 8 > 7",
    )


def test_w11_a_fall_by_exactly_a_quarter_is_partial_response() -> None:
    """25 % is a partial response: short of response, so failed by the source text, and visible."""
    expect(
        _measured(24, 18),
        gives={
            "t1 outcome": "partial_response",
            "t1 reduction": "25.00 %",
            "t1 failed": "yes",
            "t1 remarks": "partial_response",
            "stage": "I",
        },
        because="(24 - 18) / 24 = 25 %",
    )
    expect(
        _measured(24, 18),
        ruleset="sforzini_2022",
        gives={"t1 outcome": "partial_response", "t1 failed": "no", "stage": "0"},
        because="the Sforzini consensus counts only falls below 25 % as failure",
    )


def test_w35_49_and_a_half_percent_stays_partial() -> None:
    """Nothing is rounded before a threshold: just short of half is partial response."""
    expect(
        _measured(28, 14.14, "MADRS"),
        gives={"t1 outcome": "partial_response", "t1 reduction": "49.50 %"},
        because="(28 - 14.14) / 28 = 49.5 %, as from 200 to 101",
    )


def test_a_fall_that_rounds_to_a_half_is_still_partial() -> None:
    """49.999 % prints as 50.00 % and is a partial response all the same."""
    expect(
        _measured(60, 30.0006, "MADRS"),
        gives={"t1 outcome": "partial_response", "t1 reduction": "50.00 %"},
        because="(60 - 30.0006) / 60 = 49.999 %",
    )


def test_w37_less_than_a_quarter_is_non_response() -> None:
    """Below 25 % the trial ended in non-response."""
    expect(
        _measured(30, 23),
        gives={"t1 outcome": "non_response", "t1 reduction": "23.33 %", "t1 failed": "yes"},
        because="(30 - 23) / 30 = 23.33 %",
    )


def test_w39_worsening_is_non_response() -> None:
    """A rise of the score is a negative reduction, and non-response."""
    expect(
        _measured(20, 22),
        gives={"t1 outcome": "non_response", "t1 reduction": "-10.00 %", "t1 failed": "yes"},
        because="(20 - 22) / 20 = -10 %",
    )


def test_w12_ten_on_the_madrs_is_remission() -> None:
    """A MADRS of 10 or less is remission."""
    expect(
        _measured(30, 10, "MADRS"),
        gives={"t1 outcome": "remission", "t1 reduction": "66.67 %", "t1 failed": "no"},
        because="(30 - 10) / 30 = 66.67 %",
    )


def test_w40_eleven_on_the_madrs_is_response() -> None:
    """A MADRS of 11 is not remission."""
    expect(
        _measured(30, 11, "MADRS"),
        gives={"t1 outcome": "response", "t1 reduction": "63.33 %"},
        because="(30 - 11) / 30 = 63.33 %; 11 > 10",
    )


def test_w41_a_baseline_of_zero_gives_no_percentage() -> None:
    """From 0 to 0 is remission by its absolute score; no percentage is made of a zero baseline."""
    expect(
        _measured(0, 0),
        gives={"t1 outcome": "remission", "t1 reduction": "none", "t1 failed": "no"},
    )
    expect(
        _measured(0, 12),
        gives={"t1 outcome": "unknown", "t1 reduction": "none", "t1 failed": "unknown"},
    )


def test_a_baseline_in_remission_gives_no_percentage() -> None:
    """A baseline already in the remission range cannot be halved meaningfully."""
    expect(
        _measured(6, 12),
        gives={"t1 outcome": "unknown", "t1 reduction": "none", "t1 failed": "unknown"},
    )


@pytest.mark.parametrize(
    ("scale", "limit"),
    [
        ("HAM-D-17", 7),
        ("HAM-D-21", 7),
        ("HAM-D-24", 9),
        ("MADRS", 10),
        ("QIDS-SR16", 5),
        ("IDS-SR30", 13),
        ("PHQ-9", 4),
        ("BDI-II", 12),
    ],
)
def test_remission_is_a_score_within_the_range_of_its_own_scale(scale: str, limit: int) -> None:
    """Each scale has its own remission range; one point above it is no remission."""
    expect(_measured(2 * limit + 2, limit, scale), gives={"t1 outcome": "remission"})
    expect(_measured(2 * limit + 2, limit + 1, scale), gives={"t1 outcome": "response"})


def test_remission_needs_no_baseline() -> None:
    """An endpoint in the remission range is remission though no baseline is known."""
    expect(
        _trial(),
        score("HAM-D-17", 6, "2023-02-26"),
        gives={"t1 outcome": "remission", "t1 baseline": "none", "t1 reduction": "none"},
    )


def test_without_a_baseline_no_response_can_be_told() -> None:
    """An endpoint outside remission and no baseline: the outcome is unknown."""
    expect(
        _trial(),
        score("HAM-D-17", 12, "2023-02-26"),
        gives={"t1 outcome": "unknown", "t1 endpoint": 12, "t1 failed": "unknown"},
    )


def test_without_an_endpoint_the_outcome_is_unknown() -> None:
    """A baseline alone tells no outcome."""
    expect(
        _trial(),
        score("HAM-D-17", 24, START),
        gives={
            "t1 outcome": "unknown",
            "t1 baseline": 24,
            "t1 endpoint": "none",
            "t1 measured": "2023-01-02 to ?",
        },
    )


def test_without_any_score_the_outcome_is_unknown() -> None:
    """No score, no outcome; it is never assumed."""
    expect(_trial(), gives={"t1 outcome": "unknown", "t1 scale": "none", "t1 failed": "unknown"})


def test_the_baseline_is_the_last_score_up_to_the_start() -> None:
    """Of several scores before the start, the last within 14 days is the baseline."""
    expect(
        _trial(),
        score("HAM-D-17", 28, "2022-12-20"),
        score("HAM-D-17", 24, "2022-12-30"),
        score("HAM-D-17", 20, "2023-02-26"),
        gives={
            "t1 baseline": 24,
            "t1 measured": "2022-12-30 to 2023-02-26",
            "t1 reduction": "16.67 %",
            "t1 remarks": "none",
        },
        because="(24 - 20) / 24 = 16.67 %",
    )


def test_a_baseline_of_14_days_before_carries_no_remark() -> None:
    """Fourteen days before the start still belong to the baseline window."""
    expect(
        _trial(),
        score("HAM-D-17", 24, "2022-12-19"),
        score("HAM-D-17", 20, "2023-02-26"),
        gives={"t1 baseline": 24, "t1 remarks": "none"},
        because="19 December to 2 January: 14 days",
    )


def test_an_older_score_of_the_episode_is_a_remarked_baseline() -> None:
    """More than 14 days before the start, the latest earlier score serves with a remark."""
    expect(
        _trial(),
        score("HAM-D-17", 24, "2022-12-18"),
        score("HAM-D-17", 20, "2023-02-26"),
        gives={"t1 baseline": 24, "t1 remarks": "older_baseline"},
        because="18 December to 2 January: 15 days",
    )


def test_a_score_within_seven_days_after_the_start_is_a_late_baseline() -> None:
    """With no earlier score, the first within 7 days after the start serves with a remark."""
    expect(
        _trial(),
        score("HAM-D-17", 24, "2023-01-09"),
        score("HAM-D-17", 20, "2023-02-26"),
        gives={"t1 baseline": 24, "t1 remarks": "late_baseline"},
        because="2 to 9 January: 7 days",
    )


def test_a_score_eight_days_after_the_start_is_no_baseline() -> None:
    """Later than 7 days after the start the drug has begun to act: no baseline."""
    expect(
        _trial(),
        score("HAM-D-17", 24, "2023-01-10"),
        score("HAM-D-17", 20, "2023-02-26"),
        gives={"t1 baseline": "none", "t1 outcome": "unknown"},
    )


def test_the_fall_of_an_earlier_trial_is_not_credited_to_the_next() -> None:
    """Each trial starts from the score it began with, not from the episode's first."""
    expect(
        took("sertraline", 100, START, days=56, taken="met"),
        took("venlafaxine", 150, "2023-02-27", days=70, taken="met"),
        score("HAM-D-17", 24, START),
        score("HAM-D-17", 20, "2023-02-26"),
        score("HAM-D-17", 19, "2023-05-07"),
        gives={"t1 reduction": "16.67 %", "t2 baseline": 20, "t2 reduction": "5.00 %"},
        because="(24 - 20) / 24 = 16.67 %; (20 - 19) / 20 = 5 %",
    )


def test_the_endpoint_is_the_last_score_up_to_14_days_after_the_end() -> None:
    """A score up to 14 days after the end still measures the trial; a later one does not."""
    expect(
        _trial(),
        score("HAM-D-17", 24, START),
        score("HAM-D-17", 20, "2023-02-20"),
        score("HAM-D-17", 11, "2023-03-12"),
        gives={"t1 endpoint": 11, "t1 outcome": "response"},
        because="26 February to 12 March: 14 days",
    )
    expect(
        _trial(),
        score("HAM-D-17", 24, START),
        score("HAM-D-17", 20, "2023-02-20"),
        score("HAM-D-17", 11, "2023-03-13"),
        gives={"t1 endpoint": 20, "t1 outcome": "non_response"},
        because="26 February to 13 March: 15 days",
    )


def test_the_endpoint_is_not_later_than_three_days_into_the_next_trial() -> None:
    """A score up to 3 days after another antidepressant began is still the earlier trial's."""
    later = took("venlafaxine", 150, "2023-02-27", days=56)
    expect(
        _trial(),
        later,
        score("HAM-D-17", 24, START),
        score("HAM-D-17", 20, "2023-02-20"),
        score("HAM-D-17", 11, "2023-03-02"),
        gives={"t1 endpoint": 11},
        because="27 February + 3 days = 2 March",
    )
    expect(
        _trial(),
        later,
        score("HAM-D-17", 24, START),
        score("HAM-D-17", 20, "2023-02-20"),
        score("HAM-D-17", 11, "2023-03-03"),
        gives={"t1 endpoint": 20},
    )


def test_an_addition_does_not_close_the_window() -> None:
    """A low-dose addition, an augmenting agent or esketamine leaves the window open."""
    for addition in (
        took("amitriptyline", 25, "2023-01-20", days=56),
        took("aripiprazole", 5, "2023-01-20", days=56),
        took("esketamine", 84, "2023-01-20", days=56),
    ):
        expect(
            took("sertraline", 100, START, days=84, taken="met"),
            addition,
            score("HAM-D-17", 24, START),
            score("HAM-D-17", 22, "2023-03-26"),
            gives={"t1 endpoint": 22, "t1 failed": "yes"},
        )


def test_a_score_less_than_14_days_after_the_start_is_no_endpoint() -> None:
    """The endpoint lies at least 14 days after the start."""
    expect(
        _trial(),
        score("HAM-D-17", 24, START),
        score("HAM-D-17", 10, "2023-01-15"),
        gives={"t1 endpoint": "none", "t1 outcome": "unknown"},
        because="2 to 15 January: 13 days",
    )
    expect(
        _trial(),
        score("HAM-D-17", 24, START),
        score("HAM-D-17", 10, "2023-01-16"),
        gives={"t1 endpoint": 10, "t1 outcome": "response"},
        because="2 to 16 January: 14 days",
    )


def test_a_score_before_the_minimum_duration_cannot_prove_failure() -> None:
    """A poor score before six weeks leaves the failure open; a good one proves response."""
    expect(
        _trial(),
        score("HAM-D-17", 24, START),
        score("HAM-D-17", 23, "2023-01-30"),
        gives={
            "t1 outcome": "non_response",
            "t1 adequate": "met",
            "t1 failed": "unknown",
            "t1 remarks": "early_endpoint; little_change_by_week_4",
        },
        because="29 days at 30 January; 42 are needed",
    )
    expect(
        _trial(),
        score("HAM-D-17", 24, START),
        score("HAM-D-17", 10, "2023-01-30"),
        gives={"t1 outcome": "response", "t1 failed": "no"},
    )


def test_scales_are_never_mixed() -> None:
    """A baseline on one scale and an endpoint on another give no outcome."""
    expect(
        _trial(),
        score("HAM-D-17", 24, START),
        score("PHQ-9", 14, "2023-02-26"),
        gives={"t1 outcome": "unknown", "t1 scale": "HAM-D-17"},
    )


def test_the_clinician_rated_scale_decides_and_a_disagreement_is_remarked() -> None:
    """Where two scales disagree, the one of higher rank decides and the remark says so."""
    expect(
        _measured(24, 20),
        score("PHQ-9", 20, START),
        score("PHQ-9", 8, "2023-02-26"),
        gives={
            "t1 scale": "HAM-D-17",
            "t1 outcome": "non_response",
            "t1 remarks": "scales_disagree",
        },
        because="HAM-D-17 falls by 16.67 %, PHQ-9 by 60 %",
    )


def test_two_scales_that_agree_carry_no_remark() -> None:
    """Agreement of two scales needs no remark."""
    expect(
        _measured(24, 20),
        score("PHQ-9", 20, START),
        score("PHQ-9", 18, "2023-02-26"),
        gives={"t1 scale": "HAM-D-17", "t1 remarks": "none"},
    )


def test_a_lower_ranked_scale_decides_where_the_higher_has_no_outcome() -> None:
    """A scale without an outcome does not keep another from telling one."""
    expect(
        _trial(),
        score("HAM-D-17", 24, START),
        score("PHQ-9", 20, START),
        score("PHQ-9", 8, "2023-02-26"),
        gives={"t1 scale": "PHQ-9", "t1 outcome": "response"},
        because="(20 - 8) / 20 = 60 %",
    )


def test_a_scale_that_cannot_establish_an_outcome_is_not_used() -> None:
    """PHQ-2, CGI-S and screens of special populations are shown, never used for a verdict."""
    expect(
        _trial(),
        score("PHQ-2", 6, START),
        score("PHQ-2", 1, "2023-02-26"),
        gives={"t1 outcome": "unknown", "t1 scale": "none"},
    )


def test_an_unknown_scale_is_shown_and_not_used() -> None:
    """A scale our table does not know decides nothing."""
    report = expect(
        _trial(),
        score("ZUNG", 60, START),
        score("ZUNG", 30, "2023-02-26"),
        gives={"t1 outcome": "unknown"},
    )
    assert [(s.scale, s.band) for s in report.scores] == [("ZUNG", None), ("ZUNG", None)]


def test_a_preliminary_score_counts_with_a_remark() -> None:
    """A preliminary score is used, and remarked."""
    expect(
        _trial(),
        score("HAM-D-17", 24, START),
        score("HAM-D-17", 20, "2023-02-26", preliminary=True),
        gives={"t1 outcome": "non_response", "t1 remarks": "preliminary_score"},
    )


def test_two_scores_on_one_day_are_ordered_by_their_time() -> None:
    """Of two scores of one day, the later in the day is the endpoint."""
    expect(
        _trial(),
        score("HAM-D-17", 24, START),
        score("HAM-D-17", 10, "2023-02-26T17:00:00+01:00"),
        score("HAM-D-17", 20, "2023-02-26T08:00:00+01:00"),
        gives={"t1 endpoint": 10},
    )


def _by_week_four(value: float, on: str, *later: Line, start: str = "2024-05-01") -> list[Line]:
    return [
        took("sertraline", 100, start, ongoing=True, taken="met"),
        score("HAM-D-17", 20, "2024-05-01"),
        score("HAM-D-17", value, on),
        *later,
    ]


def test_little_change_by_week_four_is_a_flag_and_no_failure() -> None:
    """Less than 20 % improvement by week four is remarked for review, never counted as failed."""
    expect(
        _by_week_four(16.2, "2024-05-29"),
        gives={"t1 remarks": "early_endpoint; little_change_by_week_4", "t1 failed": "no"},
        because="(20 - 16.2) / 20 = 19 % on day 28 after the start",
    )
    expect(
        _by_week_four(16, "2024-05-29"),
        gives={"t1 remarks": "early_endpoint"},
        because="(20 - 16) / 20 = 20 %",
    )


def test_a_change_after_week_four_is_no_early_flag() -> None:
    """Only scores from two to four weeks after the start are looked at; the last one counts."""
    expect(_by_week_four(19, "2024-05-30"), gives={"t1 remarks": "early_endpoint"})
    expect(_by_week_four(19, "2024-05-14"), gives={"t1 remarks": "none"})
    expect(
        _by_week_four(19, "2024-05-20", score("HAM-D-17", 15, "2024-05-29")),
        gives={"t1 remarks": "early_endpoint; partial_response"},
        because="(20 - 15) / 20 = 25 %",
    )


def test_a_later_response_lifts_the_early_flag() -> None:
    """Who responded after a slow start has responded."""
    expect(
        _by_week_four(19, "2024-05-20", score("HAM-D-17", 9, "2024-05-31")),
        gives={"t1 outcome": "response", "t1 remarks": "early_endpoint"},
        because="(20 - 9) / 20 = 55 %",
    )


def test_a_start_known_to_the_month_raises_no_early_flag() -> None:
    """Without the day of the start, week four cannot be placed."""
    expect(_by_week_four(19, "2024-05-29", start="2024-05"), gives={"t1 remarks": "early_endpoint"})


def test_of_two_scores_of_one_early_day_the_later_hour_tells_the_change() -> None:
    """The score of the afternoon, not that of the morning, is the last by week four."""
    for morning, afternoon, remarked in ((23, 15, False), (15, 23, True)):
        report = expect(
            score("HAM-D-17", 24, "2023-01-02"),
            took("sertraline", 50, "2023-01-02", days=56, taken="met"),
            score("HAM-D-17", morning, "2023-01-30T09:00:00Z"),
            score("HAM-D-17", afternoon, "2023-01-30T16:00:00Z"),
            score("HAM-D-17", 22, "2023-02-26"),
            gives={},
        )
        assert ("little_change_by_week_4" in report.trials[0].remarks) is remarked


def test_an_undated_drug_may_have_begun_before_the_last_score_of_another() -> None:
    """Its start would close the other's window: the failure is assumed, not proven."""
    expect(
        _measured(24, 20),
        took("bupropion", 300, None, taken="met"),
        gives={
            "t1 outcome": "non_response",
            "t1 failed": "unknown",
            "stage": "0 / I / II",
            "assumptions": "the last score taken as the trial's own: t1",
        },
        because="the outcome may be shared with a drug whose dates are not known",
    )
