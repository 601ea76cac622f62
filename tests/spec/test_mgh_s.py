"""MGH-S: a point a failed adequate trial, halves for what was added, three for ECT."""

from datetime import date, timedelta

from tests.lib.expectations import expect
from tests.lib.histories import failed, score, session, took

TITLE = "MGH-S"


def test_a_failed_adequate_trial_is_one_point() -> None:
    """Each failed adequate trial is one point, whatever its class."""
    expect(failed("sertraline", "fluoxetine", "venlafaxine"), gives={"MGH-S": 3})


def _optimised(mg: float, days: int, drug: str = "sertraline", start_mg: float = 50, **facts):
    later = (date(2023, 1, 2) + timedelta(days=70 - days)).isoformat()
    return [
        score("HAM-D-17", 24, "2023-01-02"),
        took(drug, start_mg, "2023-01-02", days=70 - days, taken="met", **facts),
        took(drug, mg, later, days=days, taken="met", **facts),
        score("HAM-D-17", 20, "2023-03-12"),
    ]


def test_twice_the_floor_for_14_days_is_half_a_point() -> None:
    """A dose of at least twice the floor, held 14 days, is an optimised trial."""
    expect(_optimised(100, 14), gives={"MGH-S": "1.5"}, because="100 = 2 x 50 mg, 14 days")


def test_13_days_are_not_held_long_enough() -> None:
    """Held for less than 14 days, the dose earns nothing."""
    expect(_optimised(100, 13), gives={"MGH-S": "1"})


def test_less_than_twice_the_floor_is_not_optimised() -> None:
    """A small rise above the floor earns nothing."""
    expect(_optimised(75, 28), gives={"MGH-S": "1"}, because="75 < 100 mg, and below 200 mg")


def test_the_label_maximum_is_enough_where_it_is_less_than_twice_the_floor() -> None:
    """At the label maximum no more can be done: half a point."""
    expect(
        _optimised(450, 28, drug="bupropion", start_mg=300),
        gives={"MGH-S": "1.5"},
        because="twice 300 is 600 mg, the label maximum is 450 mg",
    )


def test_the_label_maximum_is_that_of_the_release_form() -> None:
    """Venlafaxine 225 mg is the maximum of the extended release, not of the plain tablet."""
    expect(
        _optimised(225, 28, drug="venlafaxine", start_mg=150, release="ER"),
        gives={"MGH-S": "1.5"},
        because="extended release: label maximum 225 mg",
    )
    expect(
        _optimised(225, 28, drug="venlafaxine", start_mg=150),
        gives={"MGH-S": "1"},
        because="release unknown: the higher maximum, 375 mg, and twice 150 mg is 300 mg",
    )


def test_where_the_floor_is_the_label_maximum_nothing_can_be_optimised() -> None:
    """A dose at a floor that is also the maximum is not above the floor."""
    expect(failed("agomelatine"), gives={"MGH-S": "1"}, because="25 mg; twice is 50 mg")
    expect(
        _optimised(37.5, 28, drug="tianeptine", start_mg=37.5),
        gives={"MGH-S": "1"},
        because="37.5 mg is floor and label maximum",
    )


def test_an_augmentation_of_a_failed_trial_is_half_a_point() -> None:
    """Each agent added to a failed trial is half a point, once a trial."""
    expect(
        failed("sertraline"),
        took("lithium", 900, "2023-01-10", days=40),
        took("aripiprazole", 5, "2023-01-10", days=40),
        gives={"MGH-S": "2"},
        because="1 + 0.5 + 0.5",
    )


def test_a_combination_of_a_failed_trial_is_half_a_point() -> None:
    """The second drug of a combination adds half a point to the one failure."""
    expect(
        score("HAM-D-17", 24, "2023-01-02"),
        took("sertraline", 50, "2023-01-02", days=84, taken="met"),
        took("venlafaxine", 150, "2023-01-09", days=77, taken="met"),
        score("HAM-D-17", 22, "2023-03-26"),
        gives={"MGH-S": "1.5"},
    )


def test_halves_go_to_failed_trials_only() -> None:
    """An augmentation of a trial that responded earns nothing."""
    expect(
        score("HAM-D-17", 24, "2023-01-02"),
        took("sertraline", 100, "2023-01-02", days=84, taken="met"),
        took("lithium", 900, "2023-01-10", days=40),
        score("HAM-D-17", 10, "2023-03-26"),
        gives={"MGH-S": "0"},
    )


def test_a_failed_ect_course_is_three_points() -> None:
    """A failed course of ECT is three points; one that responded is none."""
    course = session("ECT", "2024-02-01", end="2024-02-28", sessions=8)
    expect(
        score("HAM-D-17", 24, "2024-02-01"),
        course,
        score("HAM-D-17", 20, "2024-03-10"),
        gives={"MGH-S": "3"},
    )
    expect(
        score("HAM-D-17", 24, "2024-02-01"),
        course,
        score("HAM-D-17", 10, "2024-03-10"),
        gives={"MGH-S": "0"},
    )
