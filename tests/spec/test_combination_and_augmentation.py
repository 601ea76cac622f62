"""Two antidepressants at once are a switch, a combination or an addition; other agents augment."""

from assistant.staging.record import ExposureStatus
from tests.lib.expectations import expect
from tests.lib.histories import Line, diagnosis, failed, lab, score, took

TITLE = "Switch, combination and augmentation"


def test_an_overlap_of_28_days_while_one_ends_is_a_switch() -> None:
    """Two antidepressants that overlap up to 28 days are two trials in sequence."""
    expect(
        took("sertraline", 100, "2023-01-02", to="2023-03-28"),
        took("venlafaxine", 150, "2023-03-01", to="2023-05-31"),
        gives={
            "t1 role": "monotherapy",
            "t2 role": "monotherapy",
            "drugs": "sertraline; venlafaxine",
        },
        because="1 to 28 March: 28 days",
    )


def test_an_overlap_of_29_days_at_full_doses_is_a_combination() -> None:
    """A longer overlap with both at or above their floors is a combination, the later's role."""
    expect(
        took("sertraline", 100, "2023-01-02", to="2023-03-29"),
        took("venlafaxine", 150, "2023-03-01", to="2023-05-31"),
        gives={"t1 role": "monotherapy", "t2 role": "combination"},
        because="1 to 29 March: 29 days",
    )


def test_a_combination_is_one_failure() -> None:
    """Both drugs of a combination count together as one failed trial."""
    expect(
        score("HAM-D-17", 24, "2023-01-02"),
        took("sertraline", 100, "2023-01-02", days=84, taken="met"),
        took("venlafaxine", 150, "2023-01-09", days=77, taken="met"),
        score("HAM-D-17", 22, "2023-03-26"),
        gives={
            "t2 role": "combination",
            "t1 failed": "yes",
            "t2 failed": "no",
            "t2 reasons": "counted together with t1, as one combination",
            "stage": "I",
            "TRD": "no",
        },
        because="the window of sertraline stays open beside venlafaxine: 24 to 22, 8.33 %",
    )


def test_a_combination_added_to_a_drug_that_had_already_failed_is_a_second_failure() -> None:
    """If the first drug was adequate and had failed before, the combination is a second failure."""
    expect(
        score("HAM-D-17", 24, "2023-01-02"),
        took("sertraline", 100, "2023-01-02", days=112, taken="met"),
        score("HAM-D-17", 22, "2023-02-27"),
        took("venlafaxine", 150, "2023-02-27", days=56, taken="met"),
        score("HAM-D-17", 21, "2023-04-23"),
        gives={
            "t2 role": "combination",
            "t1 failed": "yes",
            "t2 failed": "yes",
            "stage": "II",
            "TRD": "yes",
        },
        because="sertraline had 57 days and 24 to 22 when venlafaxine joined it",
    )


def test_a_combination_added_to_a_drug_that_never_failed_is_judged_by_itself() -> None:
    """Where the first drug cannot have failed, nothing is shared: each stands for itself."""
    expect(
        score("HAM-D-17", 24, "2023-01-02"),
        took("sertraline", 100, "2023-01-02", days=84, taken="not_met"),
        took("venlafaxine", 150, "2023-01-09", days=77, taken="met"),
        score("HAM-D-17", 22, "2023-03-26"),
        gives={"t1 failed": "no", "t2 failed": "yes", "stage": "I"},
    )


def test_a_combination_with_a_drug_that_may_have_failed_before_may_be_a_second_failure() -> None:
    """Nothing tells how the first drug did alone: a second failure is possible, not proven."""
    expect(
        took("sertraline", 100, "2023-01-02", days=140, taken="met"),
        score("HAM-D-17", 24, "2023-01-02"),
        took("venlafaxine", 150, "2023-03-06", days=77, taken="met"),
        score("HAM-D-17", 22, "2023-05-21"),
        gives={
            "t1 failed": "yes",
            "t2 failed": "unknown",
            "t2 reasons": "whether t1 had failed before is not known",
            "stage": "I / I / II",
        },
        because="63 days of sertraline alone, then 24 to 22 on both, and no score between",
    )
    expect(
        took("sertraline", 100, "2023-01-02", days=140, taken="met"),
        took("venlafaxine", 150, "2023-03-06", days=77, taken="met"),
        gives={"t1 failed": "unknown", "t2 failed": "unknown", "stage": "0 / 0 / II"},
    )


def test_a_drug_of_unknown_end_may_have_been_one_half_of_a_combination() -> None:
    """Nobody knows when the first drug ended: the second failure may be shared, none is proven."""
    for end, role, second in (
        ("2023-02-20", "monotherapy", "yes"),
        ("2023-03-26", "combination", "no"),
        (None, "monotherapy", "unknown"),
    ):
        expect(
            score("HAM-D-17", 24, "2023-01-02"),
            took("sertraline", 100, "2023-01-02", to=end, taken="met"),
            took("venlafaxine", 150, "2023-01-30", days=56, taken="met"),
            score("HAM-D-17", 22, "2023-03-26"),
            gives={"t2 role": role, "t2 failed": second},
            because="from 30 January the two may have overlapped for more than 28 days",
        )


def test_an_overlap_that_cannot_have_been_longer_than_a_cross_taper_shares_nothing() -> None:
    """A last day known to the month, at most 28 days into the next drug, leaves a switch."""
    for begun, verdict in (("2023-03-04", "yes"), ("2023-03-03", "unknown")):
        expect(
            score("HAM-D-17", 24, "2023-01-30"),
            took("sertraline", 100, "2023-01-30", to="2023-03", taken="met"),
            took("venlafaxine", 150, begun, days=56, taken="met"),
            score("HAM-D-17", 22, "2023-04-27"),
            gives={"t2 failed": verdict},
            because="4 to 31 March are 28 days, 3 to 31 March 29",
        )


def test_a_drug_of_unknown_end_that_had_failed_before_shares_nothing() -> None:
    """Adequate and failed before the next began, it is a failure of its own, as is the next."""
    expect(
        score("HAM-D-17", 24, "2023-01-02"),
        took("sertraline", 100, "2023-01-02", days=84, taken="met"),
        took("sertraline", 100, "2023-03-27", taken="met"),
        score("HAM-D-17", 22, "2023-03-27"),
        took("venlafaxine", 150, "2023-03-28", days=56, taken="met"),
        score("HAM-D-17", 21, "2023-05-22"),
        gives={"t1 failed": "yes", "t2 failed": "yes", "stage": "II"},
    )


def test_a_drug_without_any_date_may_have_run_beside_every_other() -> None:
    """Nobody knows when it was taken: what a register counts may be one treatment, not two."""
    for begun, to, stage in ((None, None, "0 / I / II"), ("2022-12-05", "2022-12-24", "I")):
        expect(
            took("bupropion", 300, begun, to=to),
            took("sertraline", 100, "2023-01-02", days=56),
            took("venlafaxine", 150, "2023-02-27", days=20),
            ruleset="register",
            gives={"stage": stage},
            because="three weeks before sertraline it shared nothing; undated, it may have",
        )


def test_a_second_failure_is_no_more_certain_than_the_first_one_it_builds_on() -> None:
    """Whether the first drug failed alone hangs on its last score, which may be another drug's."""
    expect(
        score("HAM-D-17", 24, "2023-01-02"),
        took("sertraline", 100, "2023-01-02", days=140, taken="met"),
        score("HAM-D-17", 22, "2023-03-06"),
        took("venlafaxine", 150, "2023-03-06", days=77, taken="met"),
        score("HAM-D-17", 21, "2023-05-21"),
        took("bupropion", 300, None, to="2023-02-20", taken="met"),
        gives={"t1 failed": "unknown", "t2 failed": "unknown", "stage": "0 / II / II"},
    )


def test_a_combination_with_a_drug_of_no_known_floor_may_be_a_second_failure() -> None:
    """Where the first drug has no minimum dose in the table, nothing is proven of it."""
    expect(
        score("HAM-D-17", 24, "2023-01-02"),
        took("nomifensine", 100, "2023-01-02", days=140, taken="met"),
        score("HAM-D-17", 23, "2023-03-06"),
        took("venlafaxine", 150, "2023-03-06", days=77, taken="met"),
        score("HAM-D-17", 22, "2023-05-21"),
        gives={"t2 role": "combination", "t2 failed": "unknown", "stage": "0 / 0 / II"},
    )


def test_a_combination_begun_before_the_first_drug_was_adequate_is_one_failure() -> None:
    """Six weeks at the floor must have passed before the second drug was added."""
    for first, verdict in (("2023-02-08", "no"), ("2023-02-09", "unknown")):
        expect(
            score("HAM-D-17", 24, "2023-01-02"),
            took("sertraline", 100, "2023-01-02", days=140, taken="met"),
            took("venlafaxine", 150, first, days=77, taken="met"),
            score("HAM-D-17", 22, "2023-04-20"),
            gives={"t2 failed": verdict},
            because="an endpoint may lie 3 days into the next trial: 2 January to 11 February "
            "are 41 days, to 12 February 42",
        )


def test_a_second_antidepressant_below_its_floor_is_an_addition_without_a_point() -> None:
    """Below its floor beside another, an antidepressant is listed as an inadequate addition."""
    expect(
        failed("sertraline"),
        took("amitriptyline", 25, "2023-01-02", days=56),
        gives={
            "drugs": "sertraline",
            "augmentations": "amitriptyline with t1",
            "augmentation periods": "2023-01-02 to 2023-02-26",
            "augmentation reasons": "an antidepressant below its minimum adequate dose beside "
            "another",
            "augmentations adequate": "not_met",
            "augmentations counted": "not_met",
            "Maudsley items": "duration 2; severity 3; failures 1; augmentation 0; ect 0",
        },
    )


def test_a_short_low_dose_wholly_beside_another_is_an_addition_too() -> None:
    """A low dose that begins and ends beside another drug is no switch, however short."""
    expect(
        took("sertraline", 100, "2023-01-02", days=84),
        took("amitriptyline", 25, "2023-02-01", days=14),
        gives={"drugs": "sertraline", "augmentations": "amitriptyline with t1"},
    )


def test_a_low_dose_that_outlasts_a_short_overlap_is_a_trial() -> None:
    """A new drug started low while the old one ends is a switch that never reached its dose."""
    expect(
        took("sertraline", 100, "2023-01-02", to="2023-03-14"),
        took("venlafaxine", 75, "2023-03-01", to="2023-05-31"),
        gives={"drugs": "sertraline; venlafaxine", "augmentations": "none", "t2 dose": "not_met"},
    )


def test_lithium_counts_as_an_augmentation_and_needs_a_level_to_be_adequate() -> None:
    """Lithium earns the Maudsley point; whether it was adequate takes a level of 0.5 mmol/L."""
    expect(
        failed("sertraline"),
        took("lithium", 900, "2023-01-16", days=42),
        lab("lithium", 0.5, "mmol/L", "2023-02-10"),
        gives={
            "augmentations": "lithium with t1",
            "augmentations adequate": "met",
            "augmentations counted": "met",
            "Maudsley items": "duration 2; severity 3; failures 1; augmentation 1; ect 0",
        },
        because="0.5 is the boundary and belongs to the adequate side",
    )


def test_lithium_without_a_level_is_undecided() -> None:
    """No level, no verdict on the lithium; it counts as used all the same."""
    expect(
        failed("sertraline"),
        took("lithium", 900, "2023-01-16", days=42),
        gives={"augmentations adequate": "unknown", "augmentations counted": "met"},
    )


def test_lithium_below_its_level_is_inadequate() -> None:
    """The highest level during the augmentation decides."""
    expect(
        failed("sertraline"),
        took("lithium", 900, "2023-01-16", days=42),
        lab("lithium", 0.49, "mmol/L", "2023-02-10"),
        lab("lithium", 0.7, "mmol/L", "2023-06-10"),
        gives={"augmentations adequate": "not_met"},
        because="0.49 < 0.5; the level of June was drawn after the lithium ended",
    )


def test_an_augmentation_shorter_than_four_weeks_is_inadequate() -> None:
    """Four weeks are the minimum of an augmentation, lithium included."""
    expect(
        failed("sertraline"),
        took("lithium", 900, "2023-01-16", days=20),
        lab("lithium", 0.7, "mmol/L", "2023-01-30"),
        took("aripiprazole", 5, "2023-01-16", days=27),
        gives={
            "augmentations": "aripiprazole with t1; lithium with t1",
            "augmentations adequate": "not_met; not_met",
        },
        because="27 < 28 and 20 < 28 days",
    )


def test_an_augmentation_at_its_minimum_dose_for_four_weeks_is_adequate() -> None:
    """Aripiprazole 2 mg for 28 days is an adequate augmentation."""
    expect(
        failed("sertraline"),
        took("aripiprazole", 2, "2023-01-16", days=28),
        gives={"augmentations adequate": "met"},
    )


def test_an_augmentation_below_its_minimum_dose_is_inadequate() -> None:
    """Below the minimum dose of the table an augmentation is inadequate, but it was used."""
    expect(
        failed("sertraline"),
        took("aripiprazole", 1, "2023-01-16", days=28),
        gives={"augmentations adequate": "not_met", "augmentations counted": "met"},
    )


def test_an_augmentation_of_unknown_dose_is_undecided() -> None:
    """No dose, no verdict."""
    expect(
        failed("sertraline"),
        took("aripiprazole", None, "2023-01-16", days=28),
        gives={"augmentations adequate": "unknown"},
    )


def test_an_agent_without_a_minimum_dose_in_the_table_is_undecided() -> None:
    """Where no minimum dose is sourced, adequacy stays open."""
    expect(
        failed("sertraline"),
        took("carbamazepine", 400, "2023-01-16", days=28),
        gives={"augmentations adequate": "unknown", "augmentations counted": "not_met"},
    )


def test_thyroid_hormone_counts_only_without_hypothyroidism() -> None:
    """Liothyronine beside a thyroid diagnosis treats the thyroid, not the depression."""
    expect(
        failed("sertraline"),
        took("liothyronine", 0.025, "2023-01-16", days=28),
        gives={"augmentations counted": "met"},
    )
    expect(
        failed("sertraline"),
        took("liothyronine", 0.025, "2023-01-16", days=28),
        diagnosis("hypothyroidism", "hypothyroidism", onset="2020-01-01"),
        gives={"augmentations counted": "not_met"},
    )


def test_a_stimulant_counts_when_it_is_given_for_depression() -> None:
    """A stimulant may treat attention deficit: without an indication that stays open."""
    expect(
        failed("sertraline"),
        took("methylphenidate", 20, "2023-01-16", days=28),
        gives={"augmentations counted": "unknown", "Maudsley": "6 / 6 / 7"},
        because="duration 2 + severity 3 + failures 1 = 6; with the augmentation 7",
    )
    expect(
        failed("sertraline"),
        took("methylphenidate", 20, "2023-01-16", days=28, given_for="depression"),
        gives={"augmentations counted": "met", "Maudsley": "7"},
    )
    expect(
        failed("sertraline"),
        took("methylphenidate", 20, "2023-01-16", days=28, given_for="attention deficit"),
        gives={"augmentations counted": "not_met", "Maudsley": "6"},
    )


def test_an_agent_that_is_seldom_given_for_depression_counts_only_when_it_says_so() -> None:
    """Valproate without a depression indication earns no point."""
    expect(
        failed("sertraline"),
        took("valproate", 1000, "2023-01-16", days=28),
        gives={"augmentations counted": "not_met"},
    )


def test_an_agent_with_no_other_usual_indication_counts() -> None:
    """Buspirone beside an antidepressant, nothing against it recorded, counts as augmentation."""
    expect(
        failed("sertraline"),
        took("buspirone", 30, "2023-01-16", days=28),
        gives={"augmentations counted": "met", "augmentations adequate": "met"},
    )


def test_an_agent_given_beside_no_antidepressant_augments_nothing() -> None:
    """Lithium before the first antidepressant is no augmentation."""
    expect(
        failed("sertraline", after="2023-06-01"),
        took("lithium", 900, "2023-01-16", days=42),
        gives={"augmentations": "none"},
    )


def test_an_agent_that_was_never_taken_augments_nothing() -> None:
    """A declined prescription is no augmentation."""
    expect(
        failed("sertraline"),
        took("lithium", 900, "2023-01-16", days=42, status=ExposureStatus.DECLINED),
        gives={"augmentations": "none"},
    )


def test_an_agent_begun_before_the_antidepressant_augments_the_one_it_then_meets() -> None:
    """An agent that was running when the antidepressant began stands beside that one."""
    expect(
        took("lithium", 900, "2023-01-02", days=112),
        failed("sertraline", after="2023-02-01"),
        gives={"augmentations": "lithium with t1"},
    )


def test_an_agent_stands_with_the_trial_that_ran_when_it_was_added() -> None:
    """An augmentation belongs to the antidepressant it was added to, though a switch follows."""
    expect(
        failed("sertraline", "venlafaxine"),
        took("lithium", 900, "2023-02-01", days=84),
        gives={"augmentations": "lithium with t1"},
    )


def test_two_uses_of_an_agent_far_apart_are_two_augmentations() -> None:
    """The joining rule of trials holds for agents as well."""
    expect(
        failed("sertraline", "venlafaxine", "mirtazapine", "vortioxetine"),
        took("lithium", 900, "2023-01-16", days=28),
        took("lithium", 900, "2023-02-20", days=20),
        took("lithium", 900, "2023-07-01", days=28),
        gives={"augmentations": "lithium with t1; lithium with t4"},
    )
    expect(
        failed("sertraline"),
        took("lithium", 900, "2024-05-20", ongoing=True),
        took("sertraline", 100, "2024-05-01", ongoing=True),
        gives={"augmentations": "lithium with t2"},
    )


def test_esketamine_is_never_the_partner_of_a_combination() -> None:
    """A course treatment beside an antidepressant is neither a combination nor an addition."""
    expect(
        failed("sertraline"),
        took("esketamine", 84, "2023-01-09", days=40),
        gives={"t1 role": "monotherapy", "t2 role": "monotherapy", "t1 failed": "yes"},
    )


def test_combined_courses_without_dates_are_not_called_combined() -> None:
    """Without dates nothing shows that two drugs overlapped."""
    expect(
        took("sertraline", 100, None),
        took("venlafaxine", 150, "2023-01-02", days=84),
        gives={"t1 role": "monotherapy", "t2 role": "monotherapy"},
    )


def _tapered(*, back_up_on: str | None = None) -> list[Line]:
    """Sertraline below its floor while venlafaxine runs at its own."""
    taper = took("sertraline", 25, "2023-03-02", to="2023-04-30")
    up = []
    if back_up_on:
        taper = took("sertraline", 25, "2023-03-02", to="2023-04-29")
        up = [took("sertraline", 50, back_up_on, to="2023-04-30")]
    return [
        took("sertraline", 100, "2023-01-02", to="2023-03-01"),
        taper,
        *up,
        took("venlafaxine", 150, "2023-03-02", to="2023-06-30"),
    ]


def test_a_long_taper_below_the_floor_is_a_switch() -> None:
    """A combination needs both at or above their floors; a slow taper is no combination."""
    expect(_tapered(), gives={"t1 role": "monotherapy", "t2 role": "monotherapy"})


def test_one_day_at_the_floor_beside_another_suffices_for_a_combination() -> None:
    """The overlap counts from its first to its last day, both included."""
    expect(_tapered(back_up_on="2023-04-30"), gives={"t2 role": "combination"})
    expect(
        took("sertraline", 100, "2023-01-02", to="2023-03-02"),
        took("sertraline", 25, "2023-03-03", to="2023-04-30"),
        took("venlafaxine", 150, "2023-03-02", to="2023-06-30"),
        gives={"t2 role": "combination"},
    )


def test_an_unknown_dose_may_be_one_of_a_combination() -> None:
    """Where a dose or a floor is not known, a long overlap is taken for a combination."""
    expect(
        took("sertraline", None, "2023-01-02", to="2023-04-30"),
        took("venlafaxine", 150, "2023-03-02", to="2023-06-30"),
        gives={"t2 role": "combination"},
    )
    expect(
        took("nomifensine", 100, "2023-01-02", to="2023-04-30"),
        took("venlafaxine", 150, "2023-03-02", to="2023-06-30"),
        gives={"t2 role": "combination"},
    )


def test_a_low_dose_of_unknown_end_is_not_shown_to_lie_beside_another() -> None:
    """Only a low dose whose every possible day lies beside the other drug is an addition."""
    expect(
        took("sertraline", 100, "2023-01-02", days=84),
        took("amitriptyline", 25, "2023-02-01"),
        gives={"drugs": "sertraline; amitriptyline", "augmentations": "none"},
    )


def test_the_reasons_of_an_augmentation_are_told() -> None:
    """What decided about an augmentation stands beside it in words."""
    for agent, mg, more, words in (
        ("lithium", 900, [], "no serum level during the augmentation"),
        (
            "lithium",
            900,
            [lab("lithium", 0.6, "mmol/L", "2023-02-01")],
            "highest serum level 0.6 mmol/L",
        ),
        ("aripiprazole", 1, [], "below 2 mg/day"),
        ("aripiprazole", None, [], "the dose is not recorded"),
        (
            "carbamazepine",
            400,
            [],
            "no minimum dose in the table; not counted without a documented depression indication",
        ),
        ("methylphenidate", 20, [], "another indication cannot be excluded"),
    ):
        expect(
            failed("sertraline"),
            took(agent, mg, "2023-01-16", days=40),
            more,
            gives={
                "augmentation reasons": words,
                "augmentation periods": "2023-01-16 to 2023-02-24",
            },
        )
    expect(
        failed("sertraline"),
        took("aripiprazole", 2, "2023-01-16", days=10, given_for="depression"),
        gives={"augmentation reasons": "shorter than 28 days; given for depression"},
    )
    expect(
        failed("sertraline"),
        took("liothyronine", 0.05, "2023-01-16", days=40),
        diagnosis("hypothyroidism", "hypothyroidism"),
        gives={"augmentation reasons": "hypothyroidism is recorded, the usual indication"},
    )


def test_an_augmentation_still_running_has_no_end() -> None:
    """An agent that is still taken has no end yet."""
    expect(
        took("sertraline", 100, "2024-01-01", ongoing=True),
        took("aripiprazole", 5, "2024-02-01", ongoing=True),
        gives={"augmentation periods": "2024-02-01 to ?"},
    )


def test_one_common_day_is_enough_for_an_augmentation() -> None:
    """An agent that ends on the day the antidepressant begins was taken beside it."""
    expect(
        took("lithium", 900, "2022-12-01", to="2023-01-02"),
        took("sertraline", 100, "2023-01-02", days=56),
        gives={"augmentations": "lithium with t1"},
    )
    expect(
        took("lithium", 900, "2022-12-01", to="2023-01-01"),
        took("sertraline", 100, "2023-01-02", days=56),
        gives={"augmentations": "none"},
    )


def test_an_agent_belongs_to_the_trial_that_ran_when_it_was_added() -> None:
    """Lithium kept through a switch belongs to the first drug; added after it, to the second."""
    switch = [
        took("sertraline", 100, "2023-01-02", to="2023-03-26"),
        took("venlafaxine", 150, "2023-03-20", to="2023-06-30"),
    ]
    for added, trial in (("2023-02-13", "t1"), ("2023-03-22", "t2"), ("2023-04-03", "t2")):
        expect(
            switch,
            took("lithium", 900, added, to="2023-05-30"),
            gives={"augmentations": f"lithium with {trial}"},
        )
    expect(
        switch,
        took("lithium", 900, "2022-12-12", to="2023-05-30"),
        gives={"augmentations": "lithium with t1"},
        because="taken before either drug began: the first it overlaps",
    )


def test_a_lithium_level_just_below_the_limit_is_called_borderline() -> None:
    """From 0.4 up to 0.5 mmol/L one guideline is content: not adequate, and said to be close."""
    for level, says in (
        (0.39, "highest serum level 0.39 mmol/L"),
        (0.4, "highest serum level 0.4 mmol/L, borderline"),
        (0.49, "highest serum level 0.49 mmol/L, borderline"),
        (0.5, "highest serum level 0.5 mmol/L"),
    ):
        expect(
            failed("sertraline"),
            took("lithium", 900, "2023-01-16", days=42),
            lab("lithium", level, "mmol/L", "2023-02-10"),
            gives={
                "augmentations adequate": "met" if level >= 0.5 else "not_met",
                "augmentation reasons": says,
            },
        )


def test_a_lapse_of_the_first_drug_before_the_second_was_added_is_bridged() -> None:
    """Two weeks without the first drug do not restart its run; three do."""
    for resumed, verdict in (("2023-02-13", "yes"), ("2023-02-20", "no")):
        expect(
            score("HAM-D-17", 24, "2023-01-02"),
            took("sertraline", 100, "2023-01-02", to="2023-01-29", taken="met"),
            took("sertraline", 100, resumed, to="2023-07-02", taken="met"),
            score("HAM-D-17", 23, "2023-03-05"),
            took("venlafaxine", 150, "2023-03-06", days=84, taken="met"),
            score("HAM-D-17", 22, "2023-05-28"),
            gives={"t2 role": "combination", "t1 failed": "yes", "t2 failed": verdict},
            because="28 days, then 21 or 14 more before venlafaxine",
        )
