"""Thase and Rush, read cumulatively: each stage needs the one before it."""

import pytest

from tests.lib.expectations import expect
from tests.lib.histories import Line, failed, score, session, took

TITLE = "Thase-Rush stages"


def _ect(side: str, after: str) -> list[Line]:
    return [
        score("HAM-D-17", 22, after),
        session("ECT", after, sessions=8, side=side),
        score("HAM-D-17", 20, f"{after[:8]}{int(after[8:]) + 10}"),
    ]


def test_w46_a_failed_tca_alone_is_stage_i() -> None:
    """A tricyclic alone does not reach Stage III: stages are cumulative."""
    expect(
        failed("nortriptyline"), gives={"Thase-Rush": "I", "stage": "I", "MGH-S": 1, "TRD": "no"}
    )


def test_w45_ssri_snri_and_tca_are_stage_iii() -> None:
    """Two classes and a tricyclic failed: Stage III."""
    expect(
        failed("sertraline", "venlafaxine", "nortriptyline"),
        gives={"Thase-Rush": "III", "stage": "II", "MGH-S": 3, "TRD": "yes"},
    )


def test_an_maoi_on_top_is_stage_iv() -> None:
    """With a failed monoamine oxidase inhibitor besides: Stage IV."""
    expect(
        failed("sertraline", "venlafaxine", "nortriptyline", "phenelzine"),
        gives={"Thase-Rush": "IV"},
    )


def test_an_maoi_without_a_tca_stays_stage_ii() -> None:
    """An MAOI cannot stand in for the missing tricyclic."""
    expect(failed("sertraline", "phenelzine"), gives={"Thase-Rush": "II"})


def test_w16_bilateral_ect_on_top_is_stage_v() -> None:
    """After all of these a failed course of bilateral ECT: Stage V."""
    expect(
        failed("sertraline", "venlafaxine", "nortriptyline", "phenelzine"),
        _ect("bilateral", "2024-02-01"),
        gives={"p1 failed": "yes", "Thase-Rush": "V", "MGH-S": 7, "TRD": "yes"},
        because="MGH-S: 4 trials x 1 + 3 for ECT = 7",
    )


def test_w17_unilateral_ect_without_the_stages_before_stays_stage_ii() -> None:
    """SSRI, SNRI and unilateral ECT failed: Stage II; the points of ECT count in the MGH-S."""
    expect(
        failed("sertraline", "venlafaxine"),
        _ect("unilateral", "2024-02-01"),
        gives={"Thase-Rush": "II", "stage": "II", "MGH-S": 5, "TRD": "yes"},
        because="MGH-S: 2 trials x 1 + 3 for ECT = 5",
    )


def test_unilateral_ect_does_not_reach_stage_v() -> None:
    """By the letter Stage V asks for bilateral ECT."""
    expect(
        failed("sertraline", "venlafaxine", "nortriptyline", "phenelzine"),
        _ect("unilateral", "2024-02-01"),
        gives={"Thase-Rush": "IV"},
    )


def test_ect_of_unknown_laterality_does_not_establish_stage_v() -> None:
    """Laterality not recorded: Stage V is possible, not established, and asked for."""
    expect(
        failed("sertraline", "venlafaxine", "nortriptyline", "phenelzine"),
        _ect("unknown", "2024-02-01"),
        gives={
            "p1 laterality": "unknown",
            "Thase-Rush": "IV / IV / V",
            "missing facts": "laterality of p1",
        },
    )


@pytest.mark.parametrize("drug", ["maprotiline", "nortriptyline", "imipramine"])
def test_tricyclics_and_maprotiline_satisfy_stage_iii(drug: str) -> None:
    """Maprotiline, filed beside the tricyclics, satisfies the tricyclic stage."""
    expect(failed("sertraline", "venlafaxine", drug), gives={"Thase-Rush": "III"})


@pytest.mark.parametrize(
    ("drug", "remark"), [("phenelzine", ""), ("selegiline", ""), ("moclobemide", "class_contested")]
)
def test_maois_satisfy_stage_iv_and_a_reversible_one_is_flagged(drug: str, remark: str) -> None:
    """Irreversible MAOIs and transdermal selegiline satisfy Stage IV; moclobemide with a remark."""
    report = expect(
        failed("sertraline", "venlafaxine", "nortriptyline", drug), gives={"Thase-Rush": "IV"}
    )
    assert ("class_contested" in report.trials[3].remarks) == bool(remark)


def test_an_adequate_trial_that_responded_is_stage_zero() -> None:
    """A trial that responded is no failure."""
    expect(
        took("sertraline", 100, "2023-01-02", days=56, taken="met"),
        score("HAM-D-17", 24, "2023-01-02"),
        score("HAM-D-17", 10, "2023-02-26"),
        gives={"Thase-Rush": "0"},
    )


def test_ect_of_fewer_than_six_sessions_is_no_failed_course() -> None:
    """An ECT course needs at least six sessions to have failed."""
    expect(
        failed("sertraline", "venlafaxine", "nortriptyline", "phenelzine"),
        score("HAM-D-17", 22, "2024-02-01"),
        session("ECT", "2024-02-01", sessions=5, side="bilateral"),
        score("HAM-D-17", 20, "2024-02-15"),
        gives={"p1 sessions": 5, "p1 failed": "no", "Thase-Rush": "IV"},
    )


def test_sessions_at_most_14_days_apart_are_one_ect_course() -> None:
    """Sessions recorded one by one are one course while at most 14 days lie between them."""
    days = ["2024-02-01", "2024-02-05", "2024-02-08", "2024-02-12", "2024-02-15", "2024-02-29"]
    expect(
        [session("ECT", day, side="bilateral") for day in days],
        gives={"procedures": "ECT", "p1 sessions": 6, "p1 period": "2024-02-01 to 2024-02-29"},
        because="15 to 29 February: 14 days",
    )
    expect(
        [session("ECT", day) for day in [*days[:5], "2024-03-01"]],
        gives={"procedures": "ECT; ECT", "p1 sessions": 5, "p2 sessions": 1},
        because="15 February to 1 March 2024: 15 days",
    )


def test_one_entry_for_a_whole_course_leaves_the_number_of_sessions_open() -> None:
    """One entry over several weeks does not tell how many sessions there were."""
    expect(
        score("HAM-D-17", 24, "2024-02-01"),
        session("ECT", "2024-02-01", end="2024-02-28", side="bilateral"),
        score("HAM-D-17", 20, "2024-03-10"),
        gives={"p1 outcome": "non_response", "p1 failed": "unknown"},
    )


def test_the_ect_baseline_lies_within_14_days_before_the_first_session() -> None:
    """A score up to 14 days before the first session is the baseline, and no other."""
    course = session("ECT", "2024-02-01", end="2024-02-28", sessions=8)
    after = score("HAM-D-17", 20, "2024-03-10")
    expect(
        score("HAM-D-17", 24, "2024-01-18"),
        course,
        after,
        gives={"p1 baseline": 24, "p1 outcome": "non_response", "p1 failed": "yes"},
        because="18 January to 1 February: 14 days; 24 to 20 is 16.67 %",
    )
    for day in ("2024-01-17", "2024-02-03"):
        expect(
            score("HAM-D-17", 24, day),
            course,
            after,
            gives={"p1 baseline": "none", "p1 outcome": "unknown", "p1 failed": "unknown"},
        )


def test_the_ect_endpoint_lies_within_28_days_after_the_last_session() -> None:
    """The endpoint of ECT is the last score from the last session up to 28 days after it."""
    course = session("ECT", "2024-02-01", end="2024-02-28", sessions=8)
    before = score("HAM-D-17", 24, "2024-02-01")
    for day, endpoint in (("2024-02-28", 11), ("2024-03-27", 11)):
        expect(
            before,
            course,
            score("HAM-D-17", 11, day),
            gives={"p1 endpoint": endpoint, "p1 outcome": "response", "p1 failed": "no"},
            because="28 February + 28 days = 27 March; 24 to 11 is 54.17 %",
        )
    for day in ("2024-02-20", "2024-03-28"):
        expect(
            before,
            course,
            score("HAM-D-17", 11, day),
            gives={"p1 endpoint": "none", "p1 failed": "unknown"},
        )


def test_a_short_ect_course_is_measured_soon_after_its_last_session() -> None:
    """Six sessions within twelve days are measured from the last of them on."""
    expect(
        score("HAM-D-17", 24, "2024-02-01"),
        [
            session("ECT", day)
            for day in (
                "2024-02-01",
                "2024-02-03",
                "2024-02-05",
                "2024-02-08",
                "2024-02-10",
                "2024-02-12",
            )
        ],
        score("HAM-D-17", 8, "2024-02-13"),
        gives={"p1 outcome": "response", "p1 failed": "no"},
    )


def test_a_partial_response_to_ect_is_judged_by_the_same_cut() -> None:
    """The cut between failed and not is that of the drugs."""
    lines = [
        score("HAM-D-17", 24, "2024-02-01"),
        session("ECT", "2024-02-01", end="2024-02-28", sessions=8),
        score("HAM-D-17", 17, "2024-03-10"),
    ]
    expect(lines, gives={"p1 outcome": "partial_response", "p1 failed": "yes"})
    expect(lines, ruleset="sforzini_2022", gives={"p1 failed": "no"})


def test_sides_that_disagree_leave_the_laterality_unknown() -> None:
    """A course with unilateral and bilateral sessions has no one laterality."""
    expect(
        session("ECT", "2024-02-01", side="unilateral"),
        session("ECT", "2024-02-05", side="bilateral"),
        gives={"p1 laterality": "unknown"},
    )
    expect(
        session("ECT", "2024-02-01"),
        session("ECT", "2024-02-05", side="bilateral"),
        gives={"p1 laterality": "bilateral"},
    )


def test_ect_of_which_only_the_end_is_dated_is_listed_without_an_outcome() -> None:
    """Without the first session there is no baseline to compare with."""
    expect(
        failed("sertraline"),
        session("ECT", None, end="2024-02-20", sessions=8, side="bilateral"),
        score("HAM-D-17", 20, "2024-03-01"),
        gives={"procedures": "ECT", "p1 outcome": "none", "p1 failed": "unknown"},
    )
